"""Neighbours: which compounds lie within so many metres of each other, and what stands between them.

Digitised compounds rarely touch: lanes of 12 m, walls drawn twice and gaps of 2 cm lie between them, so
contiguity is a distance, not a shared edge. Half pairs: boxes grown by half of the distance that meet are
found once, and their edges are measured against each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from errors import GeometryError
from geo.barriers import OPENING_REACH_M, barrier_of_pairs
from geo.box_pairs import box_pairs
from geo.crs import require_metric
from geo.edges import NOISE_M, edges_of, gaps_m

__all__ = [
    "DEFAULT_MAX_GAP_M",
    "OPENING_REACH_M",
    "Neighbourhood",
    "neighbourhood",
    "neighbours",
    "sorted_positions",
    "warm",
]

# The planner's default, not law: one internal road with its verges, not a main road.
DEFAULT_MAX_GAP_M = 30.0

# From so many compounds on machine code is worth the second that the compiler takes to wake up.
MANY_SHAPES = 2_000
POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, kw_only=True, eq=False)
class Neighbourhood:
    """Neighbours, and the pairs that would be if nothing stood between them.

    Attributes
    ----------
    pairs : DataFrame
        One row a pair: ``i``, ``j``, ``gap_m`` as of :func:`neighbours`.
    blocked : DataFrame
        ``i``, ``j``, ``gap_m``, and of the barrier that cuts the pair ``kind``, ``name`` and its label
        ``barrier``.
    """

    pairs: pd.DataFrame
    blocked: pd.DataFrame


def neighbours(shapes: gpd.GeoSeries, *, max_gap_m: float = DEFAULT_MAX_GAP_M) -> pd.DataFrame:
    """Pairs of compounds whose boundaries lie within `max_gap_m` of each other, the limit included.

    Parameters
    ----------
    shapes : GeoSeries
        Compounds, projected in metres, unique labels. Rows without a boundary have no neighbours.
    max_gap_m : float
        Largest gap in metres. 0 gives those that touch or overlap.

    Returns
    -------
    DataFrame
        One row a pair, columns ``i`` and ``j`` (labels of `shapes`, ``i`` before ``j`` in the order of
        the labels) and ``gap_m`` (0 where they touch or overlap), sorted by ``i``, ``j``. The same pairs
        come out whatever the order of the rows.

    Raises
    ------
    CrsError
        If `shapes` has no CRS or is not in metres.
    GeometryError
        If `max_gap_m` is negative or not finite, or a label occurs twice.

    Examples
    --------
    >>> lane = [shapely.box(0, 0, 50, 50), shapely.box(62, 0, 100, 50), shapely.box(200, 0, 250, 50)]
    >>> neighbours(gpd.GeoSeries(lane, index=["甲", "乙", "丙"], crs="EPSG:4547"))
       i  j  gap_m
    0  乙  甲   12.0
    """
    require_metric(shapes=shapes)
    _check(shapes, max_gap_m, 0.0)
    order = sorted_positions(shapes.index)
    return _pairs(shapes.index[order], *_near_pairs(shapes.to_numpy()[order], max_gap_m))


def neighbourhood(
    shapes: gpd.GeoSeries,
    *,
    max_gap_m: float = DEFAULT_MAX_GAP_M,
    barriers: gpd.GeoDataFrame | None = None,
    openings: gpd.GeoSeries | None = None,
    opening_reach_m: float = OPENING_REACH_M,
) -> Neighbourhood:
    """Neighbours that no barrier cuts off from each other, and the pairs that one does.

    A pair is cut when every straight way of at most `max_gap_m` between the two boundaries meets a barrier. A way
    round the end of a barrier keeps the pair. Compounds that touch, or overlap by up to 5 m, along a line are cut
    by it; what runs deeper inside one of them than 5 m does not cut it off from the others, and compounds that
    overlap by more share ground.

    Parameters
    ----------
    shapes, max_gap_m : as for :func:`neighbours`
    barriers : GeoDataFrame, optional
        Lines and polygons in the CRS of `shapes`, columns ``kind`` and ``name``.
    openings : GeoSeries, optional
        Points or short lines (footbridge, underpass, gate): a pair passes the barriers beside an opening that lies
        within `opening_reach_m` of both compounds.
    opening_reach_m : float
        Metres; the planner's default, not law.

    Returns
    -------
    Neighbourhood
        The same whatever the order of the rows, as long as the barriers' labels differ.

    Raises
    ------
    CrsError
        If a layer has no CRS, is not in metres, or not in that of `shapes`.
    GeometryError
        As :func:`neighbours`, and if `opening_reach_m` is no distance.

    Examples
    --------
    >>> homes = gpd.GeoSeries([shapely.box(0, 0, 50, 50), shapely.box(70, 0, 120, 50)], crs="EPSG:4547")
    >>> road = gpd.GeoDataFrame({"kind": ["main_road"], "name": ["人民路"]}, crs="EPSG:4547",
    ...     geometry=[shapely.LineString([(60, -40), (60, 90)])])
    >>> neighbourhood(homes, barriers=road).blocked
       i  j  gap_m       kind name  barrier
    0  0  1   20.0  main_road  人民路        0
    """
    _check(shapes, max_gap_m, opening_reach_m)
    _require_one_plane(shapes, barriers, openings)
    order = sorted_positions(shapes.index)
    geometries = shapes.to_numpy()[order]
    first, second, gap = _near_pairs(geometries, max_gap_m)
    pairs = _pairs(shapes.index[order], first, second, gap)
    if barriers is None:
        barriers = gpd.GeoDataFrame({"kind": [], "name": []}, geometry=[], crs=shapes.crs)
    ordered = barriers.iloc[sorted_positions(barriers.index)]
    cut = barrier_of_pairs(
        geometries,
        first,
        second,
        barriers=ordered.geometry.to_numpy(),
        openings=np.array([], dtype=object) if openings is None else openings.to_numpy(),
        max_gap_m=max_gap_m,
        opening_reach_m=opening_reach_m,
    )
    return _parted(pairs, cut, ordered)


def warm() -> None:
    """Bring the machine code, so that the first neighbours do not wait for it."""
    boxes = [shapely.box(60 * k, 0, 60 * k + 50, 50) for k in range(MANY_SHAPES)]
    road, river = shapely.LineString([(55, -99), (55, 99)]), shapely.box(112, -99, 118, 99)
    barriers = gpd.GeoDataFrame(
        {"kind": ["road", "river"], "name": None}, geometry=[road, river], crs="EPSG:4547"
    )
    neighbourhood(gpd.GeoSeries(boxes, crs=barriers.crs), barriers=barriers)


def sorted_positions(labels: pd.Index[Any]) -> NDArray[np.intp]:
    """Positions of the labels in sorted order, the same for any row order.

    Parameters
    ----------
    labels : Index
        Unique labels; texts and numbers are compared as texts if they can not be compared as they are.

    Returns
    -------
    ndarray of int
    """
    try:
        return np.argsort(labels.to_numpy(), kind="stable")
    except TypeError:
        return np.argsort(labels.map(str).to_numpy(), kind="stable")


def _check(shapes: gpd.GeoSeries, max_gap_m: float, opening_reach_m: float) -> None:
    for title, metres in (("相邻间距", max_gap_m), ("通道可达距离", opening_reach_m)):
        if not (np.isfinite(metres) and metres >= 0):
            raise GeometryError(f"{title}是 {metres} 米，应为 0 或更大的数，请修改后重试。")
    if not shapes.index.is_unique:
        twice = shapes.index[shapes.index.duplicated()].unique()[:3]
        raise GeometryError(
            f"小区标识码重复：{'、'.join(map(str, twice))}。同一标识码只能有一个边界，请先处理重复的行。"
        )


def _require_one_plane(
    shapes: gpd.GeoSeries, barriers: gpd.GeoDataFrame | None, openings: gpd.GeoSeries | None
) -> None:
    given = {"shapes": shapes, "barriers": barriers, "openings": openings}
    require_metric(**{name: layer for name, layer in given.items() if layer is not None})


def _near_pairs(
    geometries: NDArray[np.object_], max_gap_m: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Pairs within the gap in sorted order, and their gaps."""
    drawn = np.flatnonzero(~(shapely.is_missing(geometries) | shapely.is_empty(geometries)))
    shapes = geometries[drawn]
    polygons = np.isin(shapely.get_type_id(shapes), POLYGONS).all()
    find = _by_machine_code if polygons and len(shapes) >= MANY_SHAPES else _by_tree
    first, second, gap = find(shapes, max_gap_m)
    near = np.flatnonzero(gap <= max_gap_m + NOISE_M)
    near = near[np.lexsort((second[near], first[near]))]
    return drawn[first[near]], drawn[second[near]], gap[near]


_Found = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]


def _by_tree(shapes: NDArray[np.object_], max_gap_m: float) -> _Found:
    """Few shapes: the geometry engine finds and measures the pairs that come within the gap."""
    first, second = shapely.STRtree(shapes).query(
        shapes, predicate="dwithin", distance=max_gap_m + NOISE_M
    )
    half = first < second
    first, second = first[half], second[half]
    return first, second, np.asarray(shapely.distance(shapes[first], shapes[second]))


def _by_machine_code(shapes: NDArray[np.object_], max_gap_m: float) -> _Found:
    """Many shapes: boxes that come within the gap, and gaps between edges."""
    edges = edges_of(shapes)
    half = max_gap_m / 2 + NOISE_M
    first, second = box_pairs(edges.box + np.array([-half, -half, half, half]))
    return first, second, gaps_m(first, second, edges, float(max_gap_m))


def _pairs(
    labels: pd.Index[Any],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    gap: NDArray[np.float64],
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "i": labels[first],
            "j": labels[second],
            "gap_m": np.where(gap <= NOISE_M, 0.0, gap),
        }
    )


def _parted(
    pairs: pd.DataFrame, cut: NDArray[np.int64], barriers: gpd.GeoDataFrame
) -> Neighbourhood:
    is_cut = cut >= 0
    by = cut[is_cut]
    told = {name: barriers[name].to_numpy()[by] for name in ("kind", "name")}
    return Neighbourhood(
        pairs=pairs[~is_cut].reset_index(drop=True),
        blocked=pairs[is_cut]
        .reset_index(drop=True)
        .assign(**told, barrier=barriers.index[by].to_numpy()),
    )
