"""Barriers between compounds: which pairs they cut, and which an opening lets through.

A pair is cut when every straight way between the two boundaries that is short enough meets a barrier; a way round
the end of a barrier keeps it, and so does a way that does not meet what runs inside one of the compounds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.box_pairs import box_pairs
from geo.edges import edges_of
from geo.ways import FREE, MARGIN_M, Obstacles, cut_by

__all__ = ["NEAR_BARRIER_M", "OPENING_REACH_M", "barrier_of_pairs"]

# Planner's defaults, not law. From a footbridge or gate it is so far to the boundaries of both compounds at most ...
OPENING_REACH_M = 50.0
# ... and it opens what it crosses or stands beside: half of a wide road with its verges.
NEAR_BARRIER_M = 20.0

# Long lines are looked up by pieces, or the box of a ring road would hold the town.
PIECE_M = 100.0

Ints = NDArray[np.int64]
Positions = NDArray[np.intp]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, kw_only=True)
class _Pieces:
    """Straight pieces of the barriers: ends, number of the barrier, whether it is the edge of an area."""

    ends: NDArray[np.float64]
    barrier: Ints
    area: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class _Pairs:
    """Pairs of shapes, and the box that holds all ways of each."""

    first: Positions
    second: Positions
    boxes: NDArray[np.float64]
    middles: NDArray[np.float64]


def barrier_of_pairs(
    shapes: Shapes,
    first: Positions,
    second: Positions,
    *,
    barriers: Shapes,
    openings: Shapes,
    max_gap_m: float,
    opening_reach_m: float,
) -> Ints:
    """Tell which barrier cuts each pair.

    Parameters
    ----------
    shapes : ndarray of Polygon and MultiPolygon
        Boundaries in metres.
    first, second : ndarray of int
        Positions of the pairs, not farther from each other than `max_gap_m`.
    barriers : ndarray of geometries
        Lines and polygons; missing ones and points cut nothing.
    openings : ndarray of geometries
        Footbridges, underpasses, gates.
    max_gap_m : float
        Longest way.
    opening_reach_m : float
        Farthest that a compound may lie from an opening that lets it through.

    Returns
    -------
    ndarray of int
        Position of the barrier for each pair, the first where the shortest way meets several; -1 for a pair
        that is not cut.
    """
    cut = np.full(len(first), FREE, dtype=np.int64)
    pieces = _pieces(barriers)
    if not len(pieces.barrier) or not len(first):
        return cut
    pairs = _pairs(shapes, first, second, max_gap_m)
    near = _near(pairs, pieces, barriers)
    if len(openings):
        through = _through(pairs, shapes, barriers, openings, reach_m=opening_reach_m)
        keys = pd.MultiIndex.from_frame(near[["pair", "barrier"]])
        near = near[~keys.isin(through)]
    asked = near["pair"].unique()
    used, places = np.unique(np.concatenate([first[asked], second[asked]]), return_inverse=True)
    if len(asked):
        cut[asked] = cut_by(
            places[: len(asked)].astype(np.int64),
            places[len(asked) :].astype(np.int64),
            edges_of(shapes[used], oriented=True),
            _obstacles(near, pieces),
            float(max_gap_m),
        )
    return cut


def _pieces(barriers: Shapes) -> _Pieces:
    parts, number = shapely.get_parts(barriers, return_index=True)
    dimensions = shapely.get_dimensions(parts)
    area, line = dimensions == 2, dimensions == 1
    rings, of_part = shapely.get_rings(parts[area], return_index=True)
    lines = shapely.segmentize(np.concatenate([parts[line], rings]), PIECE_M)
    barrier = np.concatenate([number[line], number[area][of_part]])
    is_area = np.repeat([False, True], [line.sum(), len(rings)])
    corners, of_line = shapely.get_coordinates(lines, return_index=True)
    goes_on = of_line[:-1] == of_line[1:]
    ends = np.hstack([corners[:-1], corners[1:]])[goes_on]
    of_piece = of_line[:-1][goes_on]
    return _Pieces(ends=ends, barrier=barrier[of_piece], area=is_area[of_piece])


def _pairs(shapes: Shapes, first: Positions, second: Positions, max_gap_m: float) -> _Pairs:
    box = shapely.bounds(shapes)
    reach = max_gap_m + MARGIN_M
    low = np.maximum(box[first, :2], box[second, :2]) - reach
    high = np.minimum(box[first, 2:], box[second, 2:]) + reach
    return _Pairs(
        first=first,
        second=second,
        boxes=np.hstack([low, high]),
        middles=(low + high) / 2,
    )


def _near(pairs: _Pairs, pieces: _Pieces, barriers: Shapes) -> pd.DataFrame:
    """Pieces in the box of each pair, ordered by pair and barrier.

    An area without an edge in the box of a pair, but with the pair in its midst, stands there with piece -1.
    """
    ends = pieces.ends.reshape(-1, 2, 2)
    pair, piece = box_pairs(pairs.boxes, np.hstack([ends.min(axis=1), ends.max(axis=1)]))
    near = pd.DataFrame({"pair": pair, "barrier": pieces.barrier[piece], "piece": piece})
    areas = np.flatnonzero(shapely.get_dimensions(barriers) == 2)
    middles = shapely.points(pairs.middles if len(areas) else np.empty((0, 2)))
    inside, area = shapely.STRtree(barriers[areas]).query(middles, predicate="intersects")
    around = pd.DataFrame({"pair": inside, "barrier": areas[area], "around": True})
    near = near.merge(around, on=["pair", "barrier"], how="outer")
    near["around"] = near["around"].notna()
    near["piece"] = near["piece"].fillna(-1).astype(np.int64)
    return near.sort_values(["pair", "barrier", "piece"], ignore_index=True)


def _through(
    pairs: _Pairs, shapes: Shapes, barriers: Shapes, openings: Shapes, *, reach_m: float
) -> pd.MultiIndex:
    """Pairs and barriers across which an opening leads that both shapes can reach."""
    opening, shape = shapely.STRtree(shapes).query(openings, predicate="dwithin", distance=reach_m)
    within = pd.DataFrame({"opening": opening, "shape": shape})
    opening, barrier = shapely.STRtree(barriers).query(
        openings, predicate="dwithin", distance=NEAR_BARRIER_M
    )
    beside = pd.DataFrame({"opening": opening, "barrier": barrier})
    ends = pd.DataFrame({"one": pairs.first, "two": pairs.second}).rename_axis("pair")
    through = (
        ends.reset_index()
        .merge(within, left_on="one", right_on="shape")
        .merge(within, left_on=["two", "opening"], right_on=["shape", "opening"])
        .merge(beside, on="opening")
    )
    return pd.MultiIndex.from_frame(through[["pair", "barrier"]])


def _obstacles(near: pd.DataFrame, pieces: _Pieces) -> Obstacles:
    piece = near["piece"].to_numpy()
    area = (piece >= 0) & pieces.area[piece]
    what = np.column_stack([near["barrier"], area, near["around"]])
    return Obstacles(
        start=np.concatenate([[0], np.cumsum(near.groupby("pair").size())]).astype(np.int64),
        # A piece that is nowhere is met by no way.
        ends=np.where((piece >= 0)[:, None], pieces.ends[piece], np.inf),
        what=np.ascontiguousarray(what, dtype=np.int64),
    )
