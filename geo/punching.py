"""Areas put together from rings, without the geometry engine having to find out how these lie.

Corners are copied as arrays: asked for the parts of an area, or for one area of several, the engine makes each anew.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType

__all__ = ["Parts", "assembled", "part_of", "punched"]

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]


class Parts:
    """Parts of areas.

    Parameters
    ----------
    shapes : ndarray of geometry
        Areas, or what an overlay may give: of lines and points there are no parts.
    plain : ndarray of bool, optional
        Those that are known to be of one part without holes.

    Attributes
    ----------
    shape : ndarray of geometry
        Areas of one part, in the order of `shapes`.
    of : ndarray of int
        Position in `shapes`, ascending.
    one_ring : ndarray of bool
        Without holes.
    """

    def __init__(self, shapes: Shapes, plain: Flags | None = None) -> None:
        known = np.zeros(len(shapes), dtype=bool) if plain is None else plain
        whole = known | (shapely.get_type_id(shapes) == GeometryType.POLYGON)
        whole &= shapely.get_num_coordinates(shapes) > 0
        split = np.flatnonzero(~whole)
        parts, of = shapely.get_parts(shapes[split], return_index=True)
        areal = shapely.get_type_id(parts) == GeometryType.POLYGON
        parts, of = parts[areal], split[of[areal]]
        owner = np.concatenate([np.flatnonzero(whole), of])
        order = np.argsort(owner, kind="stable")
        self.of = owner[order]
        self.shape: Shapes = np.concatenate([shapes[whole], parts])[order]
        # What is known to be plain may be wrapped, and has then no number of its own.
        self.one_ring: Flags = known[self.of] | (shapely.get_num_interior_rings(self.shape) == 0)

    def rings(self) -> tuple[Ints, Ints]:
        """Corners of each ring, one part after the other, and the part of each."""
        many = shapely.get_num_coordinates(self.shape)
        count = np.ones(len(many), dtype=np.int64)
        pierced = np.flatnonzero(~self.one_ring)
        rings, of = shapely.get_rings(self.shape[pierced], return_index=True)
        count[pierced] = np.bincount(of, minlength=len(pierced))
        part = np.repeat(np.arange(len(many)), count)
        size = many[part].astype(np.int64)
        size[~self.one_ring[part]] = shapely.get_num_coordinates(rings)
        return size, part


def assembled(parts: Parts, group: Ints, holes: Shapes, into: Ints) -> tuple[Ints, Shapes]:
    """One area for each group of parts, with holes.

    Parameters
    ----------
    parts : Parts
        Those of a group lie apart.
    group : ndarray of int
        Of each part.
    holes : ndarray of geometry
        Of one ring each, in the interior of its part, apart from each other.
    into : ndarray of int
        Part of each hole.

    Returns
    -------
    tuple of ndarray
        Groups, ascending, and their shapes: Polygon, of several parts MultiPolygon.
    """
    number, place = np.unique(group, return_inverse=True)
    several = (np.bincount(place, minlength=len(number)) > 1)[place]
    size, part = parts.rings()
    more = shapely.get_num_coordinates(holes)
    corners = np.concatenate([shapely.get_coordinates(parts.shape), shapely.get_coordinates(holes)])
    size, part = np.concatenate([size, more]), np.concatenate([part, into])
    start = np.cumsum(size) - size
    whole = np.full(len(number), None, dtype=object)
    for wanted in (several, ~several):
        if wanted.any():
            # By group, then by part; of a part the shell comes first, as it was.
            rings = np.flatnonzero(wanted[part])
            rings = rings[np.lexsort((part[rings], place[part[rings]]))]
            found = _made(corners, start[rings], size[rings], part[rings], place)
            whole[np.unique(place[wanted])] = found
    return number, whole


def punched(outlines: Shapes, holes: Shapes, owner: Ints) -> Shapes:
    """Areas without what lies inside them.

    Parameters
    ----------
    outlines : ndarray of Polygon and MultiPolygon
    holes : ndarray of Polygon and MultiPolygon
        Of one ring each, in the interior of its outline, and apart from the others of that.
    owner : ndarray of int
        Position of the outline of each.

    Examples
    --------
    >>> yard, house = shapely.box(0, 0, 30, 30), shapely.box(10, 10, 20, 20)
    >>> punched(np.array([yard]), np.array([house]), np.array([0]))[0].area
    800.0
    """
    result = outlines.copy()
    if len(holes):
        rows = np.unique(owner)
        parts = Parts(outlines[rows])
        row = np.searchsorted(rows, owner)
        into = part_of(parts.shape, parts.of, holes, row)
        # Where a part was left out as a sliver, so is what lies in it.
        there = into >= 0
        number, whole = assembled(parts, parts.of, holes[there], into[there])
        result[rows[number]] = whole
    return result


def part_of(parts: Shapes, group: Ints, holes: Shapes, wanted: Ints) -> Ints:
    """Part of the wanted group, of which there are some, in which each hole lies; -1 if in none.

    Groups are ascending.
    """
    part = np.searchsorted(group, wanted)
    count = np.searchsorted(group, wanted, side="right") - part
    several = np.flatnonzero(count > 1)
    part[count == 0] = -1
    if len(several):
        part[several] = -1
        among = np.flatnonzero(np.isin(group, wanted[several]))
        first = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(holes[several]))[:-1]])
        corner = shapely.points(shapely.get_coordinates(holes[several])[first])
        hole, inside = shapely.STRtree(parts[among]).query(corner, predicate="within")
        own = group[among[inside]] == wanted[several[hole]]
        part[several[hole[own]]] = among[inside[own]]
    return part


def _made(corners: NDArray[np.float64], start: Ints, size: Ints, part: Ints, group: Ints) -> Shapes:
    """Areas from rings that are in order, each of a part, and these of a group."""
    ends = np.cumsum(size)
    place = np.arange(ends[-1]) + np.repeat(start - (ends - size), size)
    of_part = np.flatnonzero(np.append(True, np.diff(part) != 0))
    of_group = np.flatnonzero(np.append(True, np.diff(group[part[of_part]]) != 0))
    offsets = [
        np.concatenate([[0], ends]),
        np.append(of_part, len(size)),
        np.append(of_group, len(of_part)),
    ]
    made: Shapes
    if len(of_group) == len(of_part):
        made = shapely.from_ragged_array(GeometryType.POLYGON, corners[place], tuple(offsets[:2]))
    else:
        made = shapely.from_ragged_array(GeometryType.MULTIPOLYGON, corners[place], tuple(offsets))
    return made
