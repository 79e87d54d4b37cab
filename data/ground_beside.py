"""What belongs to each compound: roads within reach, what lies inside, houses that stand on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from data.ground_roads import RoadGround
from geo.stacking import areas_only, joined_by

__all__ = ["RoadsBeside", "houses_on", "houses_standing", "inside", "roads_beside"]

# A road that passes within this distance can be joined to by a gate of the width of a lane.
_AT_THE_GATE_M, _GATE_M = 1.5, 3.0
# Less of a house than this, or than half of it, is a wall that was not drawn quite on the boundary.
_STANDS_M2, _STANDS_SHARE = 1.0, 0.5

# Around an outline of more corners the engine would join thousands of corners of its own; such a one was traced from
# an image or runs along a shore, and is smoothed first: by a share of the distance, but at least by so much.
_MANY_CORNERS = 1_000
_SMOOTHED_SHARE, _SMOOTHED_M = 0.1, 0.5

Positions = NDArray[np.intp]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, kw_only=True, eq=False)
class RoadsBeside:
    """Roads by compound.

    Attributes
    ----------
    ways, fire, streets : ndarray of geometry
        What may serve as an aisle; the part of it that is a fire lane; streets.
    none : ndarray of bool
        Nothing of it comes to the boundary.
    """

    ways: Shapes
    fire: Shapes
    streets: Shapes
    none: NDArray[np.bool_]


def roads_beside(
    roads: RoadGround, outlines: Shapes, foreign: Shapes, *, reach_m: float
) -> RoadsBeside:
    """Cut out the roads within reach of each compound, but not those behind the wall of another.

    Parameters
    ----------
    roads : RoadGround
    outlines : ndarray of geometry
        The compounds.
    foreign : ndarray of geometry
        Of each, the ground of others behind a wall; may overlap the compound, and be empty.
    reach_m : float
        Roads so far outside count.
    """
    around = _around(outlines, reach_m)
    # Boundaries may overlap; what is inside its own stays with a compound.
    zone = shapely.union(shapely.difference(around, foreign), outlines)
    ways = roads.ways.to_numpy()
    parts = [
        areas_only(shapely.intersection(_met(shapes, zone), zone))
        for shapes in (ways, ways[roads.fire], roads.streets.to_numpy())
    ]
    gate = _around(outlines, _AT_THE_GATE_M)
    met = shapely.area(shapely.intersection(shapely.union(parts[0], parts[2]), gate))
    return RoadsBeside(
        ways=parts[0], fire=parts[1], streets=parts[2], none=met < _AT_THE_GATE_M * _GATE_M
    )


def inside(shapes: Shapes, outlines: Shapes) -> Shapes:
    """Parts of the shapes inside each outline, joined."""
    return areas_only(shapely.intersection(_met(shapes, outlines), outlines))


def houses_on(houses: Shapes, outlines: Shapes) -> NDArray[np.int64]:
    """Count houses that stand on each outline."""
    row, _ = houses_standing(houses, outlines)
    return np.bincount(row, minlength=len(outlines)).astype(np.int64)


def houses_standing(houses: Shapes, outlines: Shapes) -> tuple[Positions, Positions]:
    """Pairs of an outline and a house that stands on it: with more than a shared wall."""
    row, house = shapely.STRtree(houses).query(outlines, predicate="intersects")
    loose = ~shapely.contains_properly(outlines[row], houses[house])
    shared = shapely.area(shapely.intersection(outlines[row[loose]], houses[house[loose]]))
    stands = np.ones(len(row), dtype=bool)
    least = np.minimum(_STANDS_M2, _STANDS_SHARE * shapely.area(houses[house[loose]]))
    stands[loose] = shared >= least
    return row[stands], house[stands]


def _around(outlines: Shapes, reach_m: float) -> Shapes:
    """Outlines and what is so near to them."""
    many = shapely.get_num_coordinates(outlines) > _MANY_CORNERS
    wide = np.empty(len(outlines), dtype=object)
    wide[~many] = shapely.buffer(outlines[~many], reach_m, join_style="mitre")
    smooth = shapely.simplify(outlines[many], max(_SMOOTHED_SHARE * reach_m, _SMOOTHED_M))
    # A mitre on each tooth would reach far beyond.
    wide[many] = shapely.buffer(smooth, reach_m, quad_segs=2)
    return wide


def _met(shapes: Shapes, areas: Shapes) -> Shapes:
    row, shape = shapely.STRtree(shapes).query(areas, predicate="intersects")
    return joined_by(shapes[shape], row, len(areas))
