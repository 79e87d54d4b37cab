"""Which cut-outs of one outline meet, and which lie within another: what can be cut without an overlay and what not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.box_pairs import box_pairs
from geo.flat_shapes import APART, DOUBT, WITHIN, Flat, lies
from geo.punching import Parts
from geo.stacking import stacked

__all__ = ["CLEAR_M", "Joins", "Pieces", "joined_pieces", "meeting", "without_holes"]

# Cut-outs that come so near to each other without meeting are grown by it, or slivers would be left between edges
# that were drawn as one: what two projections of the same point can differ by, and too little to be seen in an area.
CLEAR_M = 1e-6

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pieces:
    """Cut-outs of outlines, by outline, kind and position.

    Attributes
    ----------
    owner, kind : ndarray of int
        Outline, and turn from 0.
    row : ndarray of int
        Of the cut-out in `flat`.
    shape : ndarray of geometry
        The whole cut-out, though it may reach out of the outline; a hair larger than in `flat` where it has to be.
    plain : ndarray of bool
        Of one part without holes.
    box : ndarray of float, (n, 4)
        Box that holds it, in any directions that are the same for all.
    inside : ndarray of bool
        In the interior of the outline.
    flat : Flat
        All shapes that are cut out.
    """

    owner: Ints
    kind: Ints
    row: Ints
    shape: Shapes
    plain: Flags
    box: Floats
    inside: Flags
    flat: Flat

    def grow(self, those: Ints) -> None:
        """Make some of them larger by a hair."""
        self.shape[those] = shapely.buffer(self.shape[those], CLEAR_M, join_style="mitre")
        self.plain[those] = without_holes(self.shape[those])


class Joins:
    """How pieces lie to each other.

    Attributes
    ----------
    absorbed, absorber : ndarray of int
        Positions of pieces inside that lie within one of a later kind, meet nothing before and nothing of the kinds
        between, and of those later ones: what comes after finds the same ground with them and without.
    alone : ndarray of int
        Pieces that meet no other but what they absorb.
    members, cluster : ndarray of int
        The other pieces, and the number of the cluster of each.
    clash : ndarray of bool
        Clusters in which pieces of the same kind meet.
    inside : ndarray of bool
        Clusters all of whose pieces are inside.
    near : ndarray of int
        Pieces that miss another by less than a sliver.
    """

    def __init__(self, pieces: Pieces) -> None:
        first, second, within, near = meeting(pieces)
        count = len(pieces.owner)
        self.absorbed, self.absorber = _absorbed(pieces, first, second, within)
        gone = np.zeros(count, dtype=bool)
        gone[self.absorbed] = True
        self.near = near[~gone[near]]
        stays = ~gone[first]
        first, second = first[stays], second[stays]
        joined = np.zeros(count, dtype=bool)
        joined[first] = joined[second] = True
        self.alone, self.members = np.flatnonzero(~joined & ~gone), np.flatnonzero(joined)
        links = coo_array((np.ones(len(first), dtype=bool), (first, second)), shape=(count, count))
        label = connected_components(links, directed=False)[1][self.members]
        self.cluster = np.unique(label, return_inverse=True)[1]
        self.clusters = int(self.cluster.max(initial=-1)) + 1
        same = pieces.kind[first] == pieces.kind[second]
        own = np.searchsorted(self.members, first[same])
        self.clash = np.bincount(self.cluster[own], minlength=self.clusters) > 0
        outside = self.cluster[~pieces.inside[self.members]]
        self.inside = np.bincount(outside, minlength=self.clusters) == 0


def _absorbed(pieces: Pieces, first: Ints, second: Ints, within: Flags) -> tuple[Ints, Ints]:
    kind, count = pieces.kind, len(pieces.owner)
    after = np.full(count, kind.max(initial=0) + 1)
    np.minimum.at(after, first, kind[second])
    meets_before = np.bincount(second, minlength=count) > 0
    fits = within & pieces.inside[first] & ~meets_before[first]
    fits &= (kind[second] == after[first]) & (kind[second] > kind[first])
    order = np.lexsort((second[fits], first[fits]))
    absorbed, at = np.unique(first[fits][order], return_index=True)
    return absorbed, second[fits][order][at]


def meeting(pieces: Pieces) -> tuple[Ints, Ints, Flags, Ints]:
    """Pairs of pieces of one outline that meet or all but meet.

    Returns
    -------
    first, second : ndarray of int
        Positions, the first the smaller.
    within : ndarray of bool
        The first lies in the interior of the second.
    near : ndarray of int
        Pieces of the pairs that do not touch.
    """
    first, second = box_pairs(pieces.box + CLEAR_M * np.array([-1, -1, 1, 1]))
    same = pieces.owner[first] == pieces.owner[second]
    first, second = first[same], second[same]
    how = lies(pieces.flat, pieces.flat, pieces.row[first], pieces.row[second])
    within, meet = how == WITHIN, how != APART
    doubt = np.flatnonzero(how == DOUBT)
    one, other = pieces.shape[first[doubt]], pieces.shape[second[doubt]]
    shapely.prepare(other)
    within[doubt] = shapely.contains_properly(other, one)
    apart = ~within[doubt]
    apart[apart] = ~shapely.intersects(other[apart], one[apart])
    close = shapely.dwithin(other[apart], one[apart], 2 * CLEAR_M)
    meet[doubt[apart]] = close
    missed = doubt[apart][close]
    near = np.unique(np.concatenate([first[missed], second[missed]]))
    return first[meet], second[meet], within[meet], near


def without_holes(shapes: Shapes) -> Flags:
    """Tell which areas are of one part without holes."""
    plain: Flags = shapely.get_num_interior_rings(shapes) == 0
    plain &= shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    return plain


def joined_pieces(shape: Shapes, group: Ints, clash: Flags) -> tuple[Ints, Shapes]:
    """Pieces by group as one shape each; only in groups where some meet is there anything to be joined.

    Parameters
    ----------
    shape : ndarray of geometry
    group : ndarray of int
    clash : ndarray of bool
        By group, whether some of its pieces may meet.

    Returns
    -------
    tuple of ndarray
        Groups, ascending, and their shapes; each has an area among its pieces.
    """
    number, place, count = np.unique(group, return_inverse=True, return_counts=True)
    # Where two areas touch, what they share may have lines and points beside areas.
    whole = np.full(len(number), shapely.Polygon(), dtype=object)
    single = (count[place] == 1) & np.isin(shapely.get_type_id(shape), (3, 6))
    whole[place[single]] = shape[single]
    meet = clash[group] & ~single
    clashing, table = stacked(shape[meet], place[meet])
    whole[clashing] = shapely.union_all(table, axis=1)
    parts = Parts(shape[~(single | meet)])
    of = place[~(single | meet)][parts.of]
    order = np.argsort(of, kind="stable")
    indices = np.unique(of, return_inverse=True)[1]
    whole[np.unique(of)] = shapely.multipolygons(parts.shape[order], indices=indices[order])
    return number, whole
