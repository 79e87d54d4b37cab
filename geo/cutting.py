"""Cutting shapes out of outlines, each in its turn, so that areas add up.

A difference of two shapes is dear, so few are taken. A cut-out that lies inside and meets no other is a hole, and
needs none. One that lies wholly within a later one (a house in its setback) leaves the outline of that as it is. What
meets others is joined with them, step by step, and only what reaches the edge is cut by the geometry engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.box_pairs import box_pairs
from geo.stacking import stacked

__all__ = ["CLEAR_M", "Cut", "Cutter"]

# Cut-outs that meet are grown by this, or slivers would be left between edges that were drawn as one: what two
# projections of the same point can differ by, and too little to be seen in an area.
CLEAR_M = 1e-6

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Cut:
    """What cutting has left and taken.

    Attributes
    ----------
    left : ndarray of geometry
        Of each outline.
    taken_m2 : ndarray of float, (outlines, kinds)
        What each kind took from what those before it had left.
    owner, kind : ndarray of int
        Outline and kind of each piece of `pieces`, in order; no two are the same.
    pieces : ndarray of geometry
        What was taken; empty unless asked for.
    """

    left: Shapes
    taken_m2: Floats
    owner: Ints
    kind: Ints
    pieces: Shapes


@dataclass(frozen=True, kw_only=True, eq=False)
class _Pieces:
    """Parts of cut-outs within outlines, by outline, kind and position."""

    owner: Ints
    kind: Ints
    shape: Shapes
    area: Floats
    inside: Flags

    def __getitem__(self, rows: NDArray[np.generic]) -> _Pieces:
        return _Pieces(
            owner=self.owner[rows],
            kind=self.kind[rows],
            shape=self.shape[rows],
            area=self.area[rows],
            inside=self.inside[rows],
        )


class Cutter:
    """Shapes to be cut out of any outlines.

    Parameters
    ----------
    shapes : ndarray of geometry
        Valid areas.
    kind : ndarray of int
        Turn of each, from 0.
    kinds : int
        Number of turns.
    """

    def __init__(self, shapes: Shapes, kind: Ints, kinds: int) -> None:
        self.shapes, self.kind, self.kinds = shapes, kind, kinds
        self.tree = shapely.STRtree(shapes)

    def cut(self, outlines: Shapes, *, with_pieces: bool = False) -> Cut:
        """Cut out of outlines, valid areas or empty; each for itself."""
        pieces = self._pieces(outlines)
        joins = _Joins(pieces)
        taken = np.zeros((len(outlines), self.kinds))
        np.add.at(taken, (pieces.owner, pieces.kind), joins.alone_m2)
        joined, owner, steps = joins.clusters(self.kinds)
        np.add.at(taken, owner, steps)
        left = _left(outlines, pieces[joins.alone], joined, owner, joins.cluster_inside)
        if not with_pieces:
            none = np.array([], dtype=np.int64)
            return Cut(left=left, taken_m2=taken, owner=none, kind=none, pieces=none.astype(object))
        of, kind, shapes = _exclusive(pieces, joins)
        return Cut(left=left, taken_m2=taken, owner=of, kind=kind, pieces=shapes)

    def _pieces(self, outlines: Shapes) -> _Pieces:
        shapely.prepare(outlines)
        owner, shape = self.tree.query(outlines, predicate="intersects")
        order = np.lexsort((shape, self.kind[shape], owner))
        owner, shape = owner[order].astype(np.int64), shape[order]
        # Pieces that come as near to the edge as a sliver are cut like those that cross it.
        core = shapely.buffer(outlines, -2 * CLEAR_M, join_style="mitre")
        shapely.prepare(core)
        inside = shapely.contains_properly(core[owner], self.shapes[shape])
        pieces = self.shapes[shape].copy()
        pieces[~inside] = shapely.intersection(outlines[owner[~inside]], pieces[~inside])
        area = shapely.area(pieces)
        found = _Pieces(owner=owner, kind=self.kind[shape], shape=pieces, area=area, inside=inside)
        return found[area > 0]


class _Joins:
    """Which pieces of one outline meet.

    Attributes
    ----------
    absorbed : ndarray of bool
        Pieces that lie within a later one and meet nothing else.
    alone : ndarray of bool
        Pieces that meet no other but what they absorb.
    alone_m2 : ndarray of float
        What pieces take for themselves that are absorbed or alone; 0 for the others.
    cluster : ndarray of int
        Number of the cluster that a piece belongs to, -1 for those others.
    cluster_inside : ndarray of bool
        Clusters that do not come near the edge.
    """

    def __init__(self, pieces: _Pieces) -> None:
        first, second, within = _meeting(pieces)
        count = len(pieces.owner)
        meets = np.bincount(np.concatenate([first, second]), minlength=count)
        within &= meets[first] == 1
        self.pieces = pieces
        self.absorbed = np.zeros(count, dtype=bool)
        self.absorbed[first[within]] = True
        self.absorber, self.of_absorber = second[within], first[within]
        # What is absorbed was taken before: less is left for the one around it.
        self.lost_m2 = np.bincount(
            self.absorber, weights=pieces.area[self.of_absorber], minlength=count
        )
        first, second = first[~within], second[~within]
        same = pieces.kind[first] == pieces.kind[second]
        self.meets_own = np.unique(np.concatenate([first[same], second[same]]))
        joined = np.zeros(count, dtype=bool)
        joined[first] = joined[second] = True
        self.alone = ~joined & ~self.absorbed
        self.alone_m2 = np.where(joined, 0.0, pieces.area - self.lost_m2)
        self.members = np.flatnonzero(joined)
        links = coo_array((np.ones(len(first), dtype=bool), (first, second)), shape=(count, count))
        _, label = connected_components(links, directed=False)
        self.cluster = np.full(count, -1)
        self.cluster[self.members] = np.unique(label[self.members], return_inverse=True)[1]
        self.clusters_count = int(self.cluster.max(initial=-1)) + 1
        self.cluster_inside = np.ones(self.clusters_count, dtype=bool)
        self.cluster_inside[self.cluster[joined & ~pieces.inside]] = False

    def clusters(self, kinds: int) -> tuple[Shapes, Ints, Floats]:
        """Join the pieces of each cluster kind by kind: its shape, its outline, what each kind adds."""
        pieces, members = self.pieces, self.members
        owner = np.zeros(self.clusters_count, dtype=np.int64)
        owner[self.cluster[members]] = pieces.owner[members]
        joined = np.full(self.clusters_count, shapely.Polygon(), dtype=object)
        steps = np.zeros((self.clusters_count, kinds))
        area = np.zeros(self.clusters_count)
        for kind in np.unique(pieces.kind[members]):
            rows = members[pieces.kind[members] == kind]
            number, new = self._of_one_kind(rows)
            # One overlay for all pieces of a kind; the first has nothing to be joined to.
            more = area[number] > 0
            new[more] = shapely.union(joined[number[more]], new[more])
            joined[number] = new
            steps[number, kind] = shapely.area(new) - area[number]
            area[number] += steps[number, kind]
        np.subtract.at(steps, (self.cluster[members], pieces.kind[members]), self.lost_m2[members])
        return joined, owner, steps

    def _of_one_kind(self, rows: Ints) -> tuple[Ints, Shapes]:
        """Pieces of a kind in each cluster as one shape; those that meet none of their kind are only bundled."""
        shape, cluster = self.pieces.shape[rows], self.cluster[rows]
        parts, of = shapely.get_parts(shape, return_index=True)
        number, place = np.unique(cluster, return_inverse=True)
        order = np.argsort(place[of], kind="stable")
        whole: Shapes = shapely.multipolygons(parts[order], indices=place[of][order])
        clash = np.isin(cluster, self.cluster[self.meets_own])
        clashing, table = stacked(shape[clash], place[clash])
        whole[clashing] = shapely.union_all(table, axis=1)
        return number, whole


def _meeting(pieces: _Pieces) -> tuple[Ints, Ints, Flags]:
    """Pairs of pieces of one outline that meet, and whether the first lies within the second."""
    shape, owner = pieces.shape, pieces.owner
    first, second = box_pairs(_boxes(pieces) + CLEAR_M * np.array([-1, -1, 1, 1]))
    same = owner[first] == owner[second]
    first, second = first[same], second[same]
    shapely.prepare(shape[np.unique(second)])
    within = shapely.contains_properly(shape[second], shape[first])
    meet = within.copy()
    meet[~within] = shapely.dwithin(shape[second[~within]], shape[first[~within]], 2 * CLEAR_M)
    return first[meet], second[meet], within[meet]


def _boxes(pieces: _Pieces) -> Floats:
    """Boxes along the longest edge of each outline's pieces: houses in rows then seldom share one."""
    corners, of = shapely.get_coordinates(pieces.shape, return_index=True)
    if not len(of):
        return np.zeros((0, 4))
    step = np.diff(corners, axis=0) * (of[1:] == of[:-1])[:, None]
    owner = pieces.owner[of]
    order = np.lexsort((np.hypot(*step.T), owner[1:]))
    last = np.flatnonzero(np.append(np.diff(owner[1:][order]) > 0, True))
    longest = order[last]
    angle = np.zeros(pieces.owner.max() + 1)
    angle[owner[1:][longest]] = np.arctan2(step[longest, 1], step[longest, 0])
    cos, sin = np.cos(angle)[owner], np.sin(angle)[owner]
    turned = np.column_stack(
        [cos * corners[:, 0] + sin * corners[:, 1], cos * corners[:, 1] - sin * corners[:, 0]]
    )
    start = np.flatnonzero(np.append(True, np.diff(of) > 0))
    return np.hstack([np.minimum.reduceat(turned, start), np.maximum.reduceat(turned, start)])


def _left(
    outlines: Shapes, alone: _Pieces, joined: Shapes, owner: Ints, cluster_inside: Flags
) -> Shapes:
    """Outlines without what is alone and without the clusters."""
    shape = np.concatenate([alone.shape, joined])
    of = np.concatenate([alone.owner, owner])
    is_hole = np.concatenate([alone.inside, cluster_inside]) & _plain(shape)
    cut = np.flatnonzero(~is_hole)
    left = outlines.copy()
    rows, table = stacked(shapely.buffer(shape[cut], CLEAR_M, join_style="mitre"), of[cut])
    cover = table[:, 0].copy()
    several = shapely.get_dimensions(table[:, 1:]).max(axis=1, initial=-1) >= 0
    cover[several] = shapely.union_all(table[several], axis=1)
    left[rows] = shapely.difference(left[rows], cover)
    hole = is_hole.nonzero()[0]
    return _with_holes(left, shape[hole], of[hole])


def _plain(shapes: Shapes) -> Flags:
    """Areas without holes; of several parts too."""
    rings = shapely.get_num_interior_rings(shapes)
    several = np.flatnonzero(shapely.get_type_id(shapes) == 6)
    parts, of = shapely.get_parts(shapes[several], return_index=True)
    inner = np.bincount(of, weights=shapely.get_num_interior_rings(parts), minlength=len(several))
    rings[several] = inner
    plain: Flags = rings == 0
    return plain


def _with_holes(outlines: Shapes, holes: Shapes, owner: Ints) -> Shapes:
    """Outlines with areas punched out of them that lie inside, apart from each other."""
    if not len(holes):
        return outlines
    punched = np.unique(owner)
    parts, row = shapely.get_parts(outlines[punched], return_index=True)
    areas, of = shapely.get_parts(holes, return_index=True)
    part = _part_of(parts, row, areas, np.searchsorted(punched, owner[of]))
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    shell = np.concatenate([[True], of_ring[1:] != of_ring[:-1]])
    _, table = stacked(
        np.concatenate(
            [np.full(len(parts), None), rings[~shell], shapely.get_exterior_ring(areas)]
        ),
        np.concatenate([np.arange(len(parts)), of_ring[~shell], part]),
    )
    made = shapely.polygons(rings[shell], holes=table)
    several = np.bincount(row, minlength=len(punched)) > 1
    result = outlines.copy()
    result[punched[row[~several[row]]]] = made[~several[row]]
    many = several[row]
    if many.any():
        numbers = np.unique(row[many], return_inverse=True)[1]
        result[punched[several]] = shapely.multipolygons(made[many], indices=numbers)
    return result


def _part_of(parts: Shapes, row: Ints, areas: Shapes, wanted: Ints) -> Ints:
    """Part of its own outline in which each area lies."""
    first = np.searchsorted(row, wanted)
    part = first.copy()
    several = np.flatnonzero(np.bincount(row)[wanted] > 1)
    corner = shapely.get_point(shapely.get_exterior_ring(areas[several]), 0)
    area, inside = shapely.STRtree(parts).query(corner, predicate="within")
    own = row[inside] == wanted[several[area]]
    part[several[area[own]]] = inside[own]
    return part


def _exclusive(pieces: _Pieces, joins: _Joins) -> tuple[Ints, Ints, Shapes]:
    """Give what each kind took in each outline, as one shape."""
    shape = pieces.shape.copy()
    around, inner = stacked(pieces.shape[joins.of_absorber], joins.absorber)
    shape[around] = shapely.difference(shape[around], shapely.union_all(inner, axis=1))
    first, second, _ = _meeting(pieces[joins.members])
    earlier = pieces.kind[joins.members[first]] < pieces.kind[joins.members[second]]
    later, before = joins.members[second[earlier]], joins.members[first[earlier]]
    row, table = stacked(pieces.shape[before], later)
    shape[row] = shapely.difference(shape[row], shapely.union_all(table, axis=1))
    kinds = int(pieces.kind.max(initial=0)) + 1
    number, whole = stacked(shape, pieces.owner * kinds + pieces.kind)
    taken = shapely.union_all(whole, axis=1)
    there = shapely.area(taken) > 0
    return number[there] // kinds, number[there] % kinds, taken[there]
