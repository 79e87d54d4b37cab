"""A yard with its layers, drawn in metres from its south-west corner, and its open ground."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString, box

from data.ground import GroundOf, ground_of
from data.ground_settings import GroundSettings
from data.samples.plan import layer_frame

EPSG = 4546  # zone 37, 111° E
EAST, NORTH = 500_000.0, 2_550_000.0
ORIGIN = np.array([EAST, NORTH])
YARD = box(0, 0, 100, 60)
HOUSE = box(20, 20, 60, 32)
LANE = LineString([(0, 10), (100, 10)])
LINE_IN = LineString([(10, 30), (90, 30)])
Row = tuple[shapely.Geometry | None, dict[str, Any]]


def plane(*shapes: shapely.Geometry | None) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes), crs=EPSG).translate(EAST, NORTH)


def layer(name: str, *rows: shapely.Geometry | Row | None) -> gpd.GeoDataFrame:
    full = [row if isinstance(row, tuple) else (row, {}) for row in rows]
    keys = {key for _, told in full for key in told} - {"extra"}
    columns = {key: [told.get(key) for _, told in full] for key in keys}
    return layer_frame(
        name,
        [f"{name[0]}{k}" for k in range(len(full))],
        columns,
        plane(*[shape for shape, _ in full]).to_crs(4490),
        extra=[told.get("extra", {}) for _, told in full],
    )


def found(
    *, purpose: str = "capacity", compounds: Any = (YARD,), asked: Any = None, **layers: Any
) -> GroundOf:
    ways = {
        key: layers.pop(key)
        for key in ("together", "bare_ground", "with_shapes", "uids")
        if key in layers
    }
    frames = {name: layer(name, *rows) for name, rows in {"compounds": compounds, **layers}.items()}
    return ground_of(
        frames,
        ways.pop("uids", None),
        asked or GroundSettings(),
        purpose=purpose,
        epsg=EPSG,
        **ways,
    )


def areas(ground: GroundOf, row: int = 0) -> dict[str, float]:
    told = ground.ground.areas.iloc[row]
    return {kind: round(value, 1) for kind, value in told.items() if value > 0.005}


def same(shape: shapely.Geometry, expected: shapely.Geometry) -> bool:
    placed = shapely.transform(expected, lambda xy: xy + ORIGIN)
    return bool(shape.symmetric_difference(placed).area < 0.01)
