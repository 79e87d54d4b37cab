"""The made-up city of the measurements, with boundaries that have as many corners as real ones.

The blocks of the generator have four corners; the residential areas of an OpenStreetMap extract have 12 on
average. Corners are rounded here to three points each, so that a peer that sends geometry is asked to send as much.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import shapely

from data.samples import sample_plan
from data.store import create_plan

__all__ = ["rounded", "write_city"]

ROUNDING_DEG = 2e-5  # about 2 m
ARC_SEGMENTS = 2


def write_city(plan: Path, frozen: Path, *, compounds: int, seed: int) -> None:
    """Write a plan file, and a copy of it that nobody serves.

    Parameters
    ----------
    plan, frozen : Path
        New files.
    compounds, seed : int
        Of the generator ``city:N:SEED``.
    """
    made = sample_plan(f"city:{compounds}:{seed}")
    with create_plan(plan, name=made.name, actor="bench", settings=made.settings) as written:
        with written.edit("bench", "city") as tx:
            for layer, frame in made.layers.items():
                tx.insert(layer, rounded(frame) if layer == "compounds" else frame)
        written.snapshot(frozen)


def rounded(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Compounds with corners of three points each, as many as real boundaries have."""
    shapes = frame.geometry.to_numpy()
    inner = shapely.buffer(shapes, -ROUNDING_DEG, join_style="mitre")
    smooth = shapely.buffer(inner, ROUNDING_DEG, quad_segs=ARC_SEGMENTS)
    usable = ~shapely.is_empty(inner) & shapely.is_valid(smooth)
    shapes = shapes.copy()
    shapes[usable] = smooth[usable]
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
