"""Open ground: what is left of a compound when buildings, lanes, green and the rest are taken off in order.

Each deduction takes what those before it have left, so that areas add up: a corner under a fire lane and within the
setback of a house is counted once, with the first of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from errors import GeometryError
from geo.crs import require_metric
from geo.cutting import Cut, Cutter
from geo.flat_shapes import Areas, surely_valid
from geo.repair import repair

__all__ = ["Deduction", "Ground", "open_ground", "warm"]

# Compounds between two calls of the progress: about 0.2 s.
_AT_ONCE = 500

Shapes = NDArray[np.object_]
Progress = Callable[[float], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Deduction:
    """What is taken off the ground for one reason.

    Attributes
    ----------
    kind : str
        Column of the areas.
    shapes : GeoSeries
        Areas in metres as they are taken off, already grown by setbacks; anything but areas is passed over.
    """

    kind: str
    shapes: gpd.GeoSeries


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """Open ground, and where the rest has gone.

    Attributes
    ----------
    open : GeoSeries
        By compound: Polygon or MultiPolygon, may be empty.
    areas : DataFrame
        By compound: ``area_m2``, one column for each kind in order, ``open_m2``; the first is the sum of the others.
        NaN where there is no boundary.
    taken : GeoDataFrame or None
        The piece that each deduction alone took: ``compound``, ``kind``, ``area_m2``, geometry.
    """

    open: gpd.GeoSeries
    areas: pd.DataFrame
    taken: gpd.GeoDataFrame | None


def open_ground(
    compounds: gpd.GeoSeries,
    deductions: Sequence[Deduction],
    *,
    with_shapes: bool = False,
    progress: Progress | None = None,
) -> Ground:
    """Take deductions off compounds, one after the other.

    Parameters
    ----------
    compounds : GeoSeries
        Outlines, projected in metres. Broken ones are repaired; missing ones have no ground.
    deductions : sequence of Deduction
        In order, in the plane of `compounds`; kinds differ. Several shapes of a kind may overlap, and reach beyond
        the compounds; broken ones are repaired, lines and points passed over.
    with_shapes : bool
        Also give the pieces that were taken, for drawing.
    progress : callable, optional
        Called with the share done, 0 to 1; what it raises ends the work.

    Returns
    -------
    Ground

    Raises
    ------
    CrsError
        If something is not in metres, or not in the same plane.
    GeometryError
        If two deductions have the same kind.

    Examples
    --------
    >>> yard = gpd.GeoSeries([shapely.box(0, 0, 40, 30)], index=["甲"], crs="EPSG:4547")
    >>> house = gpd.GeoSeries([shapely.box(0, 0, 40, 12)], crs="EPSG:4547")
    >>> lane = gpd.GeoSeries([shapely.box(10, 0, 14, 30)], crs="EPSG:4547")
    >>> off = [Deduction(kind="buildings", shapes=house), Deduction(kind="carriageway", shapes=lane)]
    >>> open_ground(yard, off).areas.round(1).loc["甲"].tolist()
    [1200.0, 480.0, 72.0, 648.0]
    """
    require_metric(compounds=compounds, **{one.kind: one.shapes for one in deductions})
    kinds = [one.kind for one in deductions]
    if len(set(kinds)) < len(kinds):
        raise GeometryError("扣除项的类别重复，请合并后再计算空地。")
    drawn = _areas_only(compounds.to_numpy().copy(), compounds.crs)
    turn = np.repeat(np.arange(len(kinds)), [len(one.shapes) for one in deductions])
    shapes = [np.array([], dtype=object), *[one.shapes.to_numpy() for one in deductions]]
    cutter = Cutter(drawn, _areas_only(np.concatenate(shapes), compounds.crs), turn, len(kinds))
    outlines = drawn.shape
    done = []
    for start in range(0, len(outlines), _AT_ONCE):
        end = min(start + _AT_ONCE, len(outlines))
        done.append(cutter.cut(start, end, with_pieces=with_shapes))
        if progress is not None:
            progress(end / len(outlines))
    taken = np.concatenate([np.zeros((0, len(kinds))), *[one.taken_m2 for one in done]])
    areas = pd.DataFrame(taken, index=compounds.index, columns=kinds)
    areas.insert(0, "area_m2", shapely.area(outlines))
    # What is left is the difference: the shape, whose cut-outs were grown by a hair, is no place to measure.
    areas["open_m2"] = np.maximum(areas["area_m2"] - taken.sum(axis=1), 0.0)
    areas[shapely.is_empty(outlines)] = np.nan
    left = np.concatenate([np.array([], dtype=object), *[one.left for one in done]])
    return Ground(
        open=gpd.GeoSeries(left, index=compounds.index, crs=compounds.crs),
        areas=areas,
        taken=_pieces(done, kinds, compounds) if with_shapes else None,
    )


def warm() -> None:
    """Compile all kernels on a tiny yard, so that the first ground of a planner does not wait."""
    yard = gpd.GeoSeries([shapely.box(0, 0, 9, 9)], crs="EPSG:4547")
    open_ground(yard, [Deduction(kind="buildings", shapes=yard)])


def _areas_only(shapes: Shapes, crs: Any) -> Areas:
    """Give valid areas; an empty one where there is none."""
    areas = Areas(shapes)
    doubt = np.flatnonzero(~surely_valid(areas.flat))
    fine = np.isin(shapely.get_type_id(shapes[doubt]), (3, 6)) & shapely.is_valid(shapes[doubt])
    broken = doubt[~fine]
    if not len(broken):
        return areas
    mended, _ = repair(gpd.GeoSeries(shapes[broken], crs=crs))
    shapes[broken] = np.where(mended.isna(), shapely.Polygon(), mended.to_numpy())
    return Areas(shapes)


def _pieces(done: list[Cut], kinds: list[str], compounds: gpd.GeoSeries) -> gpd.GeoDataFrame:
    nothing = np.array([], dtype=np.intp)
    rows = np.concatenate([nothing, *[one.owner + k * _AT_ONCE for k, one in enumerate(done)]])
    turn = np.concatenate([nothing, *[one.kind for one in done]])
    shapes = np.concatenate([np.array([], dtype=object), *[one.pieces for one in done]])
    frame = {
        "compound": compounds.index.to_numpy()[rows],
        "kind": np.array(kinds, dtype=object)[turn],
        "area_m2": shapely.area(shapes),
    }
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=compounds.crs)
