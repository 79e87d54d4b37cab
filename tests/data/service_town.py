"""A made-up town for facilities: compounds, houses, ways and green where a test puts them, in metres."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import shapely

PLANE = 4547  # 3° zone of 114°
EAST, NORTH = 450_000.0, 2_550_000.0


def box(x: float, y: float, width: float, depth: float) -> shapely.Polygon:
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + depth)


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(EAST + x, NORTH + y)


def layer(rows: Iterable[tuple[str, Mapping[str, Any], Any]]) -> gpd.GeoDataFrame:
    """Rows (uid, fields, shape in the plane) as a layer of a plan."""
    listed = list(rows)
    records = [{"name": None, "kind": None, "extra": {}, **values} for _, values, _ in listed]
    shapes = gpd.GeoSeries(
        [shape for *_, shape in listed], index=[uid for uid, *_ in listed], crs=PLANE
    )
    return gpd.GeoDataFrame(records, index=shapes.index, geometry=shapes.to_crs(4490))


def compound(uid: str, x: float, y: float, households: int | None = 100, **more: Any) -> Any:
    """One of 80 by 60 metres."""
    fields = {"name": uid, "households": households, "pianqu_uid": None, **more}
    return uid, fields, box(x, y, 80, 60)


def house(uid: str, x: float, y: float) -> Any:
    """A slab of 60 by 12 metres at the north end of the compound at the same corner."""
    return uid, {"storeys": 6}, box(x + 10, y + 46, 60, 12)


def row_of_compounds(
    number: int, *, apart_m: float = 200, households: Iterable[int | None] | None = None
) -> dict[str, gpd.GeoDataFrame]:
    """Compounds west to east, each with a house at its north end and a way along its south side."""
    counts = list(households) if households is not None else [100] * number
    return {
        "compounds": layer(compound(f"c{at}", at * apart_m, 0, counts[at]) for at in range(number)),
        "buildings": layer(house(f"h{at}", at * apart_m, 0) for at in range(number)),
        "roads": layer(
            [("r", {"kind": "支路", "width_m": 7.0}, box(-50, -12, number * apart_m + 100, 7))]
        ),
    }
