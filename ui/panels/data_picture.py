"""A small picture of what comes in beside what is there: a wrong system or file shows at once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
import streamlit as st

__all__ = ["show"]

WIDTH, HEIGHT, MARGIN = 306, 170, 8
SHOWN = 1_500
SMALLEST_DEG = 1e-9
HERE, COMING = ("#dfe5ea", "#93a0ac"), ("#f4b26a", "#b3541e")


def show(here: gpd.GeoSeries, coming: gpd.GeoSeries) -> None:
    """Draw the boundaries that come in over those of the plan.

    Parameters
    ----------
    here, coming : GeoSeries
        EPSG:4490; missing ones are passed over.
    """
    drawn = _shapes(coming)
    if len(drawn):
        st.image(_svg(_shapes(here), drawn), width=WIDTH)
        st.caption("橙色：要导入的边界；灰色：计划里已有的。位置不对时，请返回检查坐标系。")


def _shapes(geoms: gpd.GeoSeries) -> np.ndarray:
    values: np.ndarray = geoms.to_numpy()
    values = values[~shapely.is_missing(values) & ~shapely.is_empty(values)]
    # Evenly out of all, so that the picture keeps its shape.
    return values[:: max(1, len(values) // SHOWN)]


def _svg(here: np.ndarray, coming: np.ndarray) -> str:
    west, south, east, north = shapely.total_bounds(np.concatenate([here, coming]))
    # Degrees of longitude are shorter than those of latitude.
    squeeze = np.cos(np.radians((south + north) / 2))
    wide, high = (east - west) * squeeze, north - south
    span = max(wide / (WIDTH - 2 * MARGIN), high / (HEIGHT - 2 * MARGIN), SMALLEST_DEG)
    middle = np.array([(west + east) / 2, (south + north) / 2])

    def to_picture(points: np.ndarray) -> np.ndarray:
        moved: np.ndarray = (points - middle) * [squeeze, -1] / span
        moved += np.array([WIDTH / 2, HEIGHT / 2])
        return moved

    paths = [
        _path(shapely.transform(shapes, to_picture), *colours)
        for shapes, colours in ((here, HERE), (coming, COMING))
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}"><rect width="100%" height="100%" fill="#f3f2ed"/>'
        f"{''.join(paths)}</svg>"
    )


def _path(shapes: np.ndarray, fill: str, line: str) -> str:
    rings = shapely.get_rings(shapely.get_parts(shapes))
    steps = [
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)) + "Z"
        for ring in rings
    ]
    return f'<path d="{"".join(steps)}" fill="{fill}" stroke="{line}" fill-rule="evenodd"/>'
