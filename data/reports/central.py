"""中央补助估算: what each compound might receive of a pool, as a table that says how each figure came about."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from data.reports.report import Cell, Column, Origin, Report
from policy.central_fund import DIFFICULTY, ESTIMATE, PERFORMANCE, CentralEstimate, factors
from policy.wording import format_share, format_wan, format_yuan

__all__ = ["central_report"]

_YUAN_PER_WAN = 10_000


def central_report(
    frame: pd.DataFrame, estimate: CentralEstimate, *, area: str, origin: Origin
) -> Report:
    """Lay out an estimate.

    Parameters
    ----------
    frame : DataFrame
        What `policy.central_fund.central_estimate` was given; same index.
    estimate : CentralEstimate
    area : str
        What the compounds are called together; goes into the title.
    origin : Origin
        What it was made from.

    Returns
    -------
    Report
        One row a compound and the sum; every sum is labelled 估算.
    """
    method = estimate.method
    asked = [name for name in (DIFFICULTY, PERFORMANCE) if name in frame]
    given = [*(name for name in factors() if name in frame), *asked]
    told = zip(
        (
            [row["name"], *(_number(row[key]) for key in given)]
            for row in frame[["name", *given]].to_dict("records")
        ),
        estimate.shares.to_numpy().tolist(),
        estimate.yuan.tolist(),
        estimate.explained.tolist(),
        strict=True,
    )
    rows = tuple(_row(number, *row) for number, row in enumerate(told, start=1))
    blank: list[Cell] = [None] * (len(given) + len(estimate.shares.columns))
    whole = format_share(1 if estimate.pool_yuan else None)
    foot = (None, "合计", *blank, whole, estimate.pool_yuan, _wan(estimate.pool_yuan), None)
    return Report(
        title=f"{area}中央补助资金{ESTIMATE}（{method.title}）",
        subtitles=(
            f"资金总额 {format_wan(estimate.pool_yuan, none='0.0')} 万元"
            f"（{format_yuan(estimate.pool_yuan, none='0')} 元）",
            f"办法：{method.text}{method.clause}，可信度：{method.confidence}",
        ),
        columns=_columns(given, estimate),
        rows=(*rows, foot),
        notes=(*estimate.notes, origin.note),
        made_on=origin.made_on,
    )


def _titles() -> dict[str, str]:
    return {**factors(), DIFFICULTY: "财政困难程度系数", PERFORMANCE: "绩效评价得分"}


def _columns(given: list[str], estimate: CentralEstimate) -> tuple[Column, ...]:
    units = {
        "floor_area_m2": "（㎡）",
        "households": "（户）",
        "building_count": "（栋）",
        "compounds": "（个）",
    }
    titles = _titles()
    return (
        Column(head="序号", width=6, middle=True),
        Column(head="小区名称", width=26),
        *(
            Column(head=f"{titles[name]}{units.get(name, '')}", width=12, middle=True)
            for name in given
        ),
        *(
            Column(
                head=f"{titles[str(name)].removesuffix('评价得分')}部分占总额",
                width=11,
                middle=True,
            )
            for name in estimate.shares.columns
        ),
        Column(head=f"占总额（{ESTIMATE}）", width=10, middle=True),
        Column(head=f"{ESTIMATE}（元）", width=14, middle=True),
        Column(head=f"{ESTIMATE}（万元）", width=12, middle=True),
        Column(head="说明", width=60),
    )


def _row(
    number: int, record: list[Any], parts: list[Fraction], yuan: int, explained: str
) -> tuple[Cell, ...]:
    name, *figures = record
    return (
        number,
        name if isinstance(name, str) and name else "（未命名）",
        *figures,
        *(format_share(part) for part in parts),
        format_share(sum(parts)),
        int(yuan),
        _wan(int(yuan)),
        explained,
    )


def _number(value: Any) -> Cell:
    return int(value) if float(value).is_integer() else float(value)


def _wan(yuan: int) -> Cell:
    """万元 as a number that a spreadsheet adds up."""
    whole, rest = divmod(yuan, _YUAN_PER_WAN)
    return float(Decimal(yuan) / _YUAN_PER_WAN) if rest else whole
