"""Overlays for the stand-in page: a row of stalls, their ground, a facility, and texts that attack."""

from functools import lru_cache

import geopandas as gpd
import numpy as np
import shapely
from shapely.affinity import rotate, translate

from layers.webmap_overlay import Overlay, OverlayClass, StallShape, StallTool
from tests.browser.map_alone.town import NAUGHTY

ORIGIN = (113.0, 23.0)
ZONE = 4547  # 3° zone of 114° E
WIDTH, LENGTH = 2.4, 5.3
CLASSES = (
    OverlayClass(name="open", title="空地", color="#8fbf7f", detail="1,200 ㎡", pattern="hatch"),
    OverlayClass(
        name="stall",
        title="停车位",
        color="#ffffff",
        edge="#0f5c7a",
        detail="12 个",
        text_from=20,
        clickable=True,
    ),
    OverlayClass(name="link", title="服务", color="#7a4fa3", edge="#7a4fa3", dashed=True),
    OverlayClass(
        name="facility", title=NAUGHTY, color="#b3541e", clickable=True, sign="老", detail="1 处"
    ),
)
TOOL = StallTool(
    shapes=(
        StallShape(id="p90", title="垂直式", width_m=WIDTH, length_m=LENGTH),
        StallShape(id="p0", title="平行式", width_m=WIDTH, length_m=6.0),
    ),
    classes=("stall",),
)


def row_of_stalls(count=12, bearing=20.0):
    """Stalls side by side in metres, the row running to the east and then turned."""
    stalls = [shapely.box(n * WIDTH, 0, (n + 1) * WIDTH, LENGTH) for n in range(count)]
    return [rotate(stall, -bearing, origin=(0, 0)) for stall in stalls]


def _frame(shapes, kind, labels, uids, texts=None):
    x, y = gpd.GeoSeries.from_xy(*([v] for v in ORIGIN), crs=4490).to_crs(ZONE).iloc[0].coords[0]
    there = gpd.GeoSeries([translate(s, x, y) for s in shapes], crs=ZONE).to_crs(4490)
    return {
        "class": [kind] * len(shapes),
        "label": labels,
        "uid": uids,
        "text": texts or [""] * len(shapes),
        "geometry": list(there),
    }


def _joined(parts):
    table = {key: [v for part in parts for v in part[key]] for key in parts[0]}
    return gpd.GeoDataFrame(table, crs=4490)


@lru_cache
def overlay(name):
    """The overlay of that name."""
    if name == "stalls":
        return _stalls(12)
    if name == "fewer":
        return _stalls(5)
    if name == "many":
        return _many(20_000)
    raise KeyError(name)


def _stalls(count):
    ground = shapely.box(-30, -20, 60, 30)
    facility, served = shapely.Point(-20, 20), shapely.LineString([(-20, 20), (50, 20)])
    numbers = [str(n + 1) for n in range(count)]
    parts = [
        _frame([ground], "open", ["空地 4,500 ㎡"], ["g1"]),
        _frame(
            row_of_stalls(count),
            "stall",
            [f"停车位 {n}" for n in numbers],
            [f"s{n}" for n in numbers],
            numbers,
        ),
        _frame([served], "link", ["服务 300 户"], ["l1"]),
        _frame([facility], "facility", [NAUGHTY], [NAUGHTY]),
    ]
    return Overlay(features=_joined(parts), classes=CLASSES, title="空地与车位", notes=(NAUGHTY,))


def _many(count):
    side = int(np.ceil(np.sqrt(count)))
    shapes = [
        shapely.box(x * 3.0, y * 6.0, x * 3.0 + 2.4, y * 6.0 + 5.3)
        for x in range(side)
        for y in range(side)
    ][:count]
    uids = [f"m{n}" for n in range(count)]
    return Overlay(
        features=_joined([_frame(shapes, "stall", uids, uids)]), classes=CLASSES, title="很多"
    )
