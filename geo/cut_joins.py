"""Which cut-outs of one outline meet, and which lie within another: what can be cut without an overlay and what not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.box_pairs import box_pairs
from geo.stacking import stacked

__all__ = ["CLEAR_M", "Joins", "Pieces", "joined_pieces", "meeting"]

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
    shape : ndarray of geometry
        The whole cut-out, though it may reach out of the outline.
    box : ndarray of float, (n, 4)
        Box that holds it, in any directions that are the same for all.
    inside : ndarray of bool
        In the interior of the outline.
    """

    owner: Ints
    kind: Ints
    shape: Shapes
    box: Floats
    inside: Flags

    def __getitem__(self, rows: NDArray[np.generic]) -> Pieces:
        return Pieces(
            owner=self.owner[rows],
            kind=self.kind[rows],
            shape=self.shape[rows],
            box=self.box[rows],
            inside=self.inside[rows],
        )


class Joins:
    """How pieces lie to each other.

    Attributes
    ----------
    absorbed, absorber : ndarray of int
        Positions of pieces inside that lie within a later one and meet nothing else, and of those later ones.
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
        first, second, within, self.near = meeting(pieces)
        count = len(pieces.owner)
        meets = np.bincount(np.concatenate([first, second]), minlength=count)
        within &= (meets[first] == 1) & pieces.inside[first]
        self.absorbed, self.absorber = first[within], second[within]
        first, second = first[~within], second[~within]
        joined = np.zeros(count, dtype=bool)
        joined[first] = joined[second] = True
        alone = ~joined
        alone[self.absorbed] = False
        self.alone, self.members = np.flatnonzero(alone), np.flatnonzero(joined)
        links = coo_array((np.ones(len(first), dtype=bool), (first, second)), shape=(count, count))
        label = connected_components(links, directed=False)[1][self.members]
        self.cluster = np.unique(label, return_inverse=True)[1]
        self.clusters = int(self.cluster.max(initial=-1)) + 1
        same = pieces.kind[first] == pieces.kind[second]
        own = np.searchsorted(self.members, first[same])
        self.clash = np.bincount(self.cluster[own], minlength=self.clusters) > 0
        outside = self.cluster[~pieces.inside[self.members]]
        self.inside = np.bincount(outside, minlength=self.clusters) == 0


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
    shape, owner = pieces.shape, pieces.owner
    first, second = box_pairs(pieces.box + CLEAR_M * np.array([-1, -1, 1, 1]))
    same = owner[first] == owner[second]
    first, second = first[same], second[same]
    shapely.prepare(shape[np.unique(second)])
    within = shapely.contains_properly(shape[second], shape[first])
    apart = np.flatnonzero(~within)
    apart = apart[~shapely.intersects(shape[second[apart]], shape[first[apart]])]
    close = shapely.dwithin(shape[second[apart]], shape[first[apart]], 2 * CLEAR_M)
    meet = np.ones(len(first), dtype=bool)
    meet[apart[~close]] = False
    near = np.unique(np.concatenate([first[apart[close]], second[apart[close]]]))
    return first[meet], second[meet], within[meet], near


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
    parts, of = shapely.get_parts(shape, return_index=True)
    # Where two areas touch, what they share may have lines and points beside areas.
    areal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, of = parts[areal], of[areal]
    number, place = np.unique(group, return_inverse=True)
    order = np.argsort(place[of], kind="stable")
    whole: Shapes = shapely.multipolygons(parts[order], indices=place[of][order])
    meet = clash[group]
    clashing, table = stacked(shape[meet], place[meet])
    whole[clashing] = shapely.union_all(table, axis=1)
    return number, whole
