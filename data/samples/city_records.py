"""Ledger attributes of a made-up city: years, households, works and money that could be a district's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.samples.city_blocks import CityPlan
from data.samples.city_names import community_names, compound_names, subdistrict_names
from data.samples.city_slabs import Estates

__all__ = ["ledger_columns"]

Floats = NDArray[np.float64]

# Superblocks on a side of a 街道; each superblock is one 社区.
_SUBDISTRICT_CELLS = 3

_BASIC = (
    "地面沥青", "新增雨水管", "污水管清理", "雨污分流", "外墙修缮", "围墙翻新", "三线落地", "路灯",
    "安防", "消防", "供水管网改造", "燃气管道改造", "楼道修缮", "楼顶防水",
)  # fmt: skip
_FURTHER = (
    "车位划线", "充电桩", "加装电梯", "健身设施一套", "绿化提升", "小区大门翻新", "无障碍坡道",
    "党建宣传栏", "智能门禁系统一套", "社区用房", "养老服务站", "快递柜",
)  # fmt: skip
_TEXTS = 600


def ledger_columns(plan: CityPlan, estates: Estates, rng: np.random.Generator) -> dict[str, Any]:
    """Columns of the compounds layer for every plot.

    Parameters
    ----------
    plan : CityPlan
        Where the plots are.
    estates : Estates
        What stands on them.
    rng : Generator
        Source of the luck.

    Returns
    -------
    dict
        By field name; unknown is NaN or None.
    """
    n = len(plan.plots)
    floor_area = np.round(estates.floor_area_m2, -1)
    households = np.maximum(np.round(floor_area / rng.uniform(55.0, 98.0, size=n)), 4.0)
    columns: dict[str, Any] = {
        **_places(plan, rng),
        **_years(plan, rng),
        "kind": np.full(n, "老旧小区", dtype=object),
        "building_count": estates.building_count,
        "floor_area_m2": floor_area,
        "works_text": _works(n, rng),
        **_money(floor_area, households, rng),
        "stalls_existing": _known(np.floor(households * rng.uniform(0.05, 0.45, size=n)), 0.8, rng),
        "stalls_new": _known(np.floor(households * rng.uniform(0.0, 0.15, size=n)), 0.5, rng),
        "boundary_state": np.where(rng.random(n) < 0.08, "示意", "导入").astype(object),
    }
    # Few, but some: an unknown must never be counted as 0 anywhere.
    columns["households"] = _known(households, 0.99, rng)
    return columns


def _places(plan: CityPlan, rng: np.random.Generator) -> dict[str, Any]:
    block = plan.cells // _SUBDISTRICT_CELLS
    key = block[:, 1] * (block[:, 0].max(initial=0) + 1) + block[:, 0]
    number = pd.factorize(key)[0].astype("int64")
    inside = plan.cells % _SUBDISTRICT_CELLS
    rank = inside[:, 1] * _SUBDISTRICT_CELLS + inside[:, 0]
    names = subdistrict_names(int(number.max(initial=-1)) + 1)
    return {
        "name": compound_names(number, rng),
        "subdistrict": names[number],
        "community": community_names(number, rank),
    }


def _years(plan: CityPlan, rng: np.random.Generator) -> dict[str, Any]:
    """Older in the middle; a bare year for most, a full date for some, unknown for one in eight."""
    middle = (plan.plots[:, :2] + plan.plots[:, 2:]) / 2
    distance = np.hypot(*middle.T)
    outward = distance / max(float(distance.max(initial=0.0)), 1.0)
    n = len(distance)
    year = np.clip(np.round(1979 + 24 * outward + rng.normal(0, 5, size=n)), 1975, 2010)
    luck = rng.random(n)
    bare, unknown = luck < 0.6, luck > 0.88
    month = np.where(bare, 12, rng.integers(1, 13, size=n))
    day = np.where(bare, 31, rng.integers(1, 29, size=n))
    dates = pd.Series(
        pd.to_datetime({"year": year.astype(int), "month": month, "day": day})
    ).dt.strftime("%Y-%m-%d")
    text = dates.to_numpy(dtype=object)
    text[unknown] = None
    return {"built_on": text, "built_on_is_year": bare & ~unknown}


def _works(n: int, rng: np.random.Generator) -> NDArray[np.object_]:
    texts = []
    for _ in range(_TEXTS):
        basic = np.flatnonzero(rng.random(len(_BASIC)) < 0.6)
        further = np.flatnonzero(rng.random(len(_FURTHER)) < 0.3)
        chosen = [_BASIC[i] for i in basic] + [_FURTHER[i] for i in further]
        texts.append("、".join(chosen or [_BASIC[0]]))
    return np.array(texts, dtype=object)[rng.integers(_TEXTS, size=n)]


def _money(floor_area: Floats, households: Floats, rng: np.random.Generator) -> dict[str, Any]:
    """About 75 元/㎡, seven tenths of it granted; whole thousands of yuan, as ledgers round."""
    n = len(floor_area)
    investment = _thousands(floor_area * rng.lognormal(np.log(75.0), 0.35, size=n))
    central = _thousands(investment * rng.uniform(0.2, 0.5, size=n) * (rng.random(n) < 0.85))
    provincial = _thousands(investment * rng.uniform(0.1, 0.3, size=n) * (rng.random(n) < 0.7))
    district = _thousands(investment * rng.uniform(0.0, 0.1, size=n) * (rng.random(n) < 0.4))
    residents = _thousands(
        np.minimum(households * rng.uniform(200.0, 900.0, size=n), investment * 0.1)
        * (rng.random(n) < 0.5)
    )
    known = rng.random(n) < 0.98
    money = {
        "investment_yuan": investment,
        "grant_central_yuan": central,
        "grant_provincial_yuan": provincial,
        "grant_district_yuan": district,
        "contribution_residents_yuan": residents,
    }
    return {name: np.where(known, value, np.nan) for name, value in money.items()}


def _thousands(value: Floats) -> Floats:
    return np.floor(value / 1_000.0) * 1_000.0


def _known(value: Floats, share: float, rng: np.random.Generator) -> Floats:
    """Leave a share of the values known and the others unknown."""
    return np.where(rng.random(len(value)) < share, value, np.nan)
