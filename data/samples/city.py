"""A made-up city of any size: for tests, demonstrations and measurements.

Same number and seed, same city, to the last digit. It looks like a city of the south: main roads, a river,
superblocks cut into compounds of 0.2-10 ha, rows of slabs facing south, lanes, green. It is no real place.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from data.samples.city_blocks import CityPlan, draw_city_plan
from data.samples.city_records import ledger_columns
from data.samples.city_slabs import (
    Estates,
    greens_of,
    houses_of,
    lanes_of,
    lay_out_estates,
    walls_of,
)
from data.samples.drawing import from_local_metres
from data.samples.plan import SamplePlan, layer_frame
from errors import RecordError

__all__ = ["DETAIL_LIMIT", "city"]

# With more compounds than this the houses and lanes (ten times as many rows) are left out unless asked for.
DETAIL_LIMIT = 20_000

# A city's grid is seldom true to north; slabs within 15° of south are still called south-facing.
_TURN_DEG = 12.0


def city(
    n: int,
    seed: int,
    *,
    lon: float = 113.0,
    lat: float = 23.0,
    with_details: bool | None = None,
) -> SamplePlan:
    """Make up a city of `n` compounds.

    Parameters
    ----------
    n : int
        Number of compounds, 1 or more.
    seed : int
        0 or more; another seed, another city.
    lon, lat : float
        Middle of the city, degrees. 220,000 compounds reach about 35 km from it.
    with_details : bool, optional
        Whether to make houses, lanes and green inside the compounds too; by default up to
        ``DETAIL_LIMIT`` compounds.

    Returns
    -------
    SamplePlan
        Layers compounds, roads, green, water, and buildings with details. Rows are ordered by place;
        uids are ``C0000001`` and so on.

    Raises
    ------
    RecordError
        If `n` is below 1 or `seed` below 0.
    """
    _require_numbers(n, seed)
    details = n <= DETAIL_LIMIT if with_details is None else with_details
    plan = draw_city_plan(n, seed)
    rng = np.random.default_rng([seed, n, 1])
    estates = lay_out_estates(plan.plots, rng)
    turn = np.radians(rng.uniform(-_TURN_DEG, _TURN_DEG))
    columns = ledger_columns(plan, estates, rng)

    def placed(shapes: NDArray[Any]) -> gpd.GeoSeries:
        return from_local_metres(_turned(shapes, turn), lon=lon, lat=lat)

    layers = {
        "compounds": layer_frame("compounds", _uids("C", n), columns, placed(walls_of(estates))),
        "roads": _roads(plan, estates, placed, details=details),
        "green": _green(plan, estates, placed, details=details),
        "water": _water(plan, placed),
    }
    if details:
        layers["buildings"] = _buildings(plan, estates, placed)
    return SamplePlan(
        name=f"示例城市（{n} 个小区，种子 {seed}）",
        settings={
            "year": 2024,
            "rules": "yuncheng-2024",
            "maker": "示例数据",
            "boundary_note": "示例城市由程序生成，不是真实地点",
            "sample": f"city:{n}:{seed}",
        },
        layers=layers,
    )


def _require_numbers(n: int, seed: int) -> None:
    problems = []
    if n < 1:
        problems.append(f"小区个数是 {n}，应为 1 或更大的整数。")
    if seed < 0:
        problems.append(f"种子是 {seed}，应为 0 或更大的整数。")
    if problems:
        raise RecordError("示例城市", problems)


def _uids(prefix: str, count: int) -> NDArray[np.object_]:
    return np.array([f"{prefix}{i:07d}" for i in range(1, count + 1)], dtype=object)


def _turned(shapes: NDArray[Any], turn: float) -> NDArray[Any]:
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    turned: NDArray[Any] = shapely.transform(shapes, lambda xy: xy @ matrix.T)
    return turned


def _roads(plan: CityPlan, estates: Estates, placed: Any, *, details: bool) -> gpd.GeoDataFrame:
    lines = [_lines(plan.main_roads), _lines(plan.side_roads)]
    widths = [plan.main_roads[:, 4], plan.side_roads[:, 4] - 2.0]
    kinds = [
        np.full(len(lines[0]), "主干路", dtype=object),
        np.where(widths[1] > 9.0, "次干路", "支路").astype(object),
    ]
    if details:
        lanes = lanes_of(estates)
        lines.append(lanes)
        widths.append(np.where(np.arange(len(lanes)) % 3 == 0, 5.5, 4.0))
        kinds.append(np.full(len(lanes), "小区路", dtype=object))
    shapes = np.concatenate(lines)
    columns = {"kind": np.concatenate(kinds), "width_m": np.concatenate(widths)}
    return layer_frame("roads", _uids("R", len(shapes)), columns, placed(shapes))


def _lines(ends: NDArray[np.float64]) -> NDArray[Any]:
    lines: NDArray[Any] = shapely.linestrings(ends[:, :4].reshape(-1, 2, 2))
    return lines


def _water(plan: CityPlan, placed: Any) -> gpd.GeoDataFrame:
    shapes = _present(plan.river)
    columns = {"name": "大河", "kind": "河流"}
    return layer_frame("water", _uids("W", len(shapes)), columns, placed(shapes))


def _present(shape: shapely.Geometry) -> NDArray[np.object_]:
    """One shape, or none where a small city does not reach it."""
    return np.array([] if shape.is_empty else [shape], dtype=object)


def _green(plan: CityPlan, estates: Estates, placed: Any, *, details: bool) -> gpd.GeoDataFrame:
    banks = _present(plan.banks)
    shapes = [banks, shapely.box(*plan.parks.T)]
    kinds = [["滨河绿带"] * len(banks), ["公园绿地"] * len(plan.parks)]
    if details:
        inside, _ = greens_of(estates)
        shapes.append(inside)
        kinds.append(["小区绿地"] * len(inside))
    together = np.concatenate(shapes)
    columns = {"kind": [kind for group in kinds for kind in group]}
    return layer_frame("green", _uids("G", len(together)), columns, placed(together))


def _buildings(plan: CityPlan, estates: Estates, placed: Any) -> gpd.GeoDataFrame:
    houses, owner = houses_of(estates)
    # A public building takes the middle of its plot.
    west, south, east, north = plan.others.T
    public = shapely.box(
        west + 0.25 * (east - west),
        south + 0.3 * (north - south),
        east - 0.25 * (east - west),
        north - 0.3 * (north - south),
    )
    shapes = np.concatenate([houses, public])
    columns = {
        "kind": np.array(["住宅"] * len(houses) + ["公共建筑"] * len(public), dtype=object),
        "storeys": np.concatenate([estates.storeys[owner], np.full(len(public), 4)]),
    }
    return layer_frame("buildings", _uids("B", len(shapes)), columns, placed(shapes))
