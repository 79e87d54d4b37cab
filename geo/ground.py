"""Open ground: what is left of a compound when buildings, lanes, green and the rest are taken off in order.

Each deduction takes what those before it have left, so that areas add up: a corner under a fire lane and within the
setback of a house is counted once, with the first of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from errors import GeometryError
from geo.crs import require_metric
from geo.repair import repair

__all__ = ["CLEAR_M", "Deduction", "Ground", "open_ground"]

# Cut-outs are grown by this: between edges that were drawn as one, slivers would be left.
CLEAR_M = 1e-5

# Compounds between two calls of the progress: about 0.2 s.
_AT_ONCE = 500

Shapes = NDArray[np.object_]
Positions = NDArray[np.intp]
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
    outlines = _areas_only(compounds)
    cuts = [_grown(one.shapes) for one in deductions]
    trees = [shapely.STRtree(cut) for cut in cuts]
    batches = [
        np.arange(start, min(start + _AT_ONCE, len(outlines)))
        for start in range(0, len(outlines), _AT_ONCE)
    ]
    left, columns, taken = outlines.copy(), [shapely.area(outlines)], []
    columns += [np.zeros(len(outlines)) for _ in kinds]
    for number, rows in enumerate(batches):
        for k, (cut, tree) in enumerate(zip(cuts, trees, strict=True)):
            hit, cover = _cover(outlines, rows, cut, tree)
            before = left[hit]
            left[hit] = shapely.difference(before, cover)
            columns[k + 1][hit] = shapely.area(before) - shapely.area(left[hit])
            if with_shapes and len(hit):
                taken.append((hit, k, shapely.intersection(before, cover)))
        if progress is not None:
            progress((number + 1) / len(batches))
    columns.append(shapely.area(left))
    areas = pd.DataFrame(
        dict(zip(["area_m2", *kinds, "open_m2"], columns, strict=True)), index=compounds.index
    )
    areas[shapely.is_empty(outlines)] = np.nan
    return Ground(
        open=gpd.GeoSeries(left, index=compounds.index, crs=compounds.crs),
        areas=areas,
        taken=_pieces(taken, kinds, compounds) if with_shapes else None,
    )


def _areas_only(shapes: gpd.GeoSeries) -> Shapes:
    """Give valid areas; an empty one where there is none."""
    mended, _ = repair(shapes)
    values: Shapes = mended.to_numpy().copy()
    values[shapely.is_missing(values)] = shapely.Polygon()
    return values


def _grown(shapes: gpd.GeoSeries) -> Shapes:
    whole = _areas_only(shapes)
    grown = shapely.buffer(whole[~shapely.is_empty(whole)], CLEAR_M, join_style="mitre")
    return np.asarray(grown, dtype=object)


def _cover(
    outlines: Shapes, rows: Positions, cut: Shapes, tree: shapely.STRtree
) -> tuple[Positions, Shapes]:
    """Compounds that a deduction meets, and all its shapes there as one."""
    row, shape = tree.query(outlines[rows], predicate="intersects")
    order = np.lexsort((shape, row))
    row, shape = row[order], shape[order]
    hit, start, count = np.unique(row, return_index=True, return_counts=True)
    table = np.full((len(hit), int(count.max(initial=1))), None, dtype=object)
    place = np.repeat(np.arange(len(hit)), count)
    table[place, np.arange(len(row)) - np.repeat(start, count)] = cut[shape]
    return rows[hit], shapely.union_all(table, axis=1)


def _pieces(
    taken: list[tuple[Positions, int, Shapes]], kinds: list[str], compounds: gpd.GeoSeries
) -> gpd.GeoDataFrame:
    rows = np.concatenate([hit for hit, _, _ in taken]) if taken else np.array([], dtype=np.intp)
    of = np.concatenate([np.full(len(hit), k) for hit, k, _ in taken]) if taken else rows
    shapes = np.concatenate([cut for _, _, cut in taken]) if taken else np.array([], dtype=object)
    order = np.lexsort((of, rows))
    order = order[shapely.area(shapes[order]) > 0]
    frame = {
        "compound": compounds.index.to_numpy()[rows[order]],
        "kind": np.array(kinds, dtype=object)[of[order]],
        "area_m2": shapely.area(shapes[order]),
    }
    return gpd.GeoDataFrame(frame, geometry=shapes[order], crs=compounds.crs)
