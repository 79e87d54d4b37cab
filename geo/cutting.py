"""Cutting shapes out of outlines, each in its turn, so that areas add up.

A difference of two shapes is dear, so few are taken. A cut-out that lies inside and meets no other is a hole, and
needs none. One that lies wholly within a later one (a house in its setback) leaves the outline of that as it is. What
meets others inside is joined with them, kind by kind, and then is a hole as well; only what reaches the edge is cut by
the geometry engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.box_pairs import box_pairs
from geo.cut_joins import CLEAR_M, Joins, Pieces, joined_pieces
from geo.punching import punched
from geo.stacking import stacked

__all__ = ["Cut", "Cutter"]

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


class Cutter:
    """Outlines, and shapes to be cut out of each of them.

    Parameters
    ----------
    outlines : ndarray of geometry
        Valid areas, or empty.
    shapes : ndarray of geometry
        Valid areas, or empty.
    kind : ndarray of int
        Turn of each, from 0; ascending.
    kinds : int
        Number of turns.
    """

    def __init__(self, outlines: Shapes, shapes: Shapes, kind: Ints, kinds: int) -> None:
        there, drawn = ~shapely.is_empty(shapes), np.flatnonzero(~shapely.is_empty(outlines))
        self.outlines, self.shapes, self.kind, self.kinds = (
            outlines,
            shapes[there],
            kind[there],
            kinds,
        )
        angle = _usual_angle(outlines)
        around, box = _boxes(outlines[drawn], angle), _boxes(self.shapes, angle)
        row, shape = box_pairs(around, box)
        order = np.lexsort((shape, row))
        row, self.shape = row[order], shape[order]
        self.owner = drawn[row]
        # Where a shape reaches out of an outline it meets nothing that matters.
        low, high = (
            np.maximum(box[self.shape], around[row]),
            np.minimum(box[self.shape], around[row]),
        )
        self.box = np.hstack([low[:, :2], high[:, 2:]])

    def cut(self, start: int, end: int, *, with_pieces: bool = False) -> Cut:
        """Cut out of some of the outlines, each for itself; owners are counted from `start`."""
        outlines = self.outlines[start:end]
        work = _Work(outlines, self._pieces(start, outlines), self.kinds, with_pieces=with_pieces)
        work.take_alone()
        work.take_clusters()
        work.cut_edges()
        work.punch()
        return work.result()

    def _pieces(self, start: int, outlines: Shapes) -> Pieces:
        those = slice(*np.searchsorted(self.owner, [start, start + len(outlines)]))
        owner, shape, box = self.owner[those] - start, self.shape[those], self.box[those]
        # What comes as near to the edge as a sliver is cut like what crosses it; what only touches it from outside
        # takes nothing.
        core = shapely.buffer(outlines, -2 * CLEAR_M, join_style="mitre")
        shapely.prepare(core)
        inside = shapely.contains_properly(core[owner], self.shapes[shape])
        loose = np.flatnonzero(~inside)
        meets = np.ones(len(owner), dtype=bool)
        meets[loose] = shapely.intersects(core[owner[loose]], self.shapes[shape[loose]])
        owner, shape, inside, box = owner[meets], shape[meets], inside[meets], box[meets]
        pieces = self.shapes[shape]
        near = np.flatnonzero(~inside)
        near = near[shapely.contains_properly(outlines[owner[near]], pieces[near])]
        pieces[near] = _grown(pieces[near])
        return Pieces(
            owner=owner.astype(np.int64),
            kind=self.kind[shape],
            shape=pieces,
            box=box,
            inside=inside,
        )


class _Work:
    """One pass over some outlines."""

    def __init__(self, outlines: Shapes, pieces: Pieces, kinds: int, *, with_pieces: bool) -> None:
        self.left, self.pieces, self.kinds = outlines.copy(), pieces, kinds
        self.taken = np.zeros((len(outlines), kinds))
        self.joins = joins = Joins(pieces)
        pieces.shape[joins.near] = _grown(pieces.shape[joins.near])
        self.area = shapely.area(pieces.shape)
        self.kept: list[tuple[Ints, Ints, Shapes]] | None = [] if with_pieces else None
        self.holes: list[tuple[Ints, Shapes]] = []
        # Rows of pieces, or clusters, that have to be cut by the geometry engine.
        self.at_edge: list[Ints] = []
        # What is absorbed was taken before: less is left for the one around it.
        self.plainly_absorbed = _plain(pieces.shape[joins.absorbed])
        self.hollowed = np.zeros(len(joins.absorbed), dtype=bool)
        self._note(joins.absorbed, self.area[joins.absorbed])
        self._note(joins.absorber, -self.area[joins.absorbed])

    def _note(self, rows: Ints, area: Floats) -> None:
        np.add.at(self.taken, (self.pieces.owner[rows], self.pieces.kind[rows]), area)

    def take_alone(self) -> None:
        """Pieces that meet nothing: holes if they are inside."""
        alone = self.joins.alone
        plain = self.pieces.inside[alone] & _plain(self.pieces.shape[alone])
        rows = alone[plain]
        self._note(rows, self.area[rows])
        self.holes.append((self.pieces.owner[rows], self.pieces.shape[rows]))
        if self.kept is not None:
            self.kept.append((self.pieces.owner[rows], self.pieces.kind[rows], self._hollow(rows)))
        self.at_edge.append(alone[~plain])

    def take_clusters(self) -> None:
        """Pieces that meet others inside, joined kind by kind."""
        joins, pieces = self.joins, self.pieces
        inner = joins.inside[joins.cluster]
        joined = np.full(joins.clusters, shapely.Polygon(), dtype=object)
        area = np.zeros(joins.clusters)
        steps = np.zeros((joins.clusters, self.kinds))
        own: list[tuple[Ints, int, Shapes]] = []
        for kind in np.unique(pieces.kind[joins.members[inner]]):
            turn = inner & (pieces.kind[joins.members] == kind)
            number, new = joined_pieces(
                pieces.shape[joins.members[turn]], joins.cluster[turn], joins.clash
            )
            # One overlay for all pieces of a kind; the first has nothing to be joined to.
            more = area[number] > 0
            before, added = joined[number[more]], new[more]
            if self.kept is not None:
                alone = new.copy()
                alone[more] = shapely.difference(added, before)
                own.append((number, kind, alone))
            new[more] = shapely.union(before, added)
            joined[number] = new
            steps[number, kind] = shapely.area(new) - area[number]
            area[number] += steps[number, kind]
        plain = joins.inside & _plain(joined)
        owner = np.zeros(joins.clusters, dtype=np.int64)
        owner[joins.cluster] = pieces.owner[joins.members]
        np.add.at(self.taken, owner[plain], steps[plain])
        self.holes.append((owner[plain], joined[plain]))
        for number, kind, shapes in own:
            self._keep(owner[number[plain[number]]], kind, shapes[plain[number]])
        self.at_edge.append(joins.members[~plain[joins.cluster]])

    def cut_edges(self) -> None:
        """Everything else: taken off what is left, kind by kind."""
        pieces = self.pieces
        rows = np.sort(np.concatenate(self.at_edge))
        for kind in np.unique(pieces.kind[rows]):
            turn = rows[pieces.kind[rows] == kind]
            several = np.bincount(pieces.owner[turn], minlength=len(self.left)) > 1
            owner, cover = joined_pieces(pieces.shape[turn], pieces.owner[turn], several)
            before = self.left[owner]
            self.left[owner] = shapely.difference(before, cover)
            self.taken[owner, kind] += shapely.area(before) - shapely.area(self.left[owner])
            if self.kept is not None:
                self._keep(owner, kind, shapely.intersection(before, cover))
        touched = np.unique(pieces.owner[rows])
        self.left[touched] = _without_slivers(self.left[touched])

    def punch(self) -> None:
        """Make holes of what lies inside."""
        owner = np.concatenate([one for one, _ in self.holes])
        self.left = punched(self.left, np.concatenate([hole for _, hole in self.holes]), owner)

    def result(self) -> Cut:
        """Give what is left and taken; pieces without what was absorbed by them."""
        none = np.array([], dtype=np.int64)
        taken = np.maximum(self.taken, 0.0)
        if self.kept is None:
            return Cut(
                left=self.left, taken_m2=taken, owner=none, kind=none, pieces=none.astype(object)
            )
        joins, pieces = self.joins, self.pieces
        rows = joins.absorbed
        self.kept.append((pieces.owner[rows], pieces.kind[rows], pieces.shape[rows]))
        turn = np.concatenate([owner * self.kinds + kind for owner, kind, _ in self.kept])
        shapes = np.concatenate([none.astype(object), *[shape for _, _, shape in self.kept]])
        # Clusters lie apart: nothing has to be joined.
        number, whole = joined_pieces(
            shapes, turn, np.zeros(len(self.left) * self.kinds, dtype=bool)
        )
        whole = self._without_absorbed(
            whole,
            number,
            pieces.owner[joins.absorber] * self.kinds + pieces.kind[joins.absorber],
            ~self.hollowed,
        )
        return Cut(
            left=self.left,
            taken_m2=taken,
            owner=number // self.kinds,
            kind=number % self.kinds,
            pieces=whole,
        )

    def _hollow(self, rows: Ints) -> Shapes:
        """Pieces that are alone without what they absorb; what has holes itself is left for later."""
        self.hollowed = np.isin(self.joins.absorber, rows) & self.plainly_absorbed
        return self._without_absorbed(
            self.pieces.shape[rows], rows, self.joins.absorber, self.hollowed
        )

    def _without_absorbed(self, shapes: Shapes, label: Ints, around: Ints, wanted: Flags) -> Shapes:
        """Take some of what is absorbed out of the shapes whose labels, ascending, are `around` it."""
        place = np.minimum(np.searchsorted(label, around), len(label) - 1)
        wanted = wanted & (label[place] == around) if len(label) else wanted & False
        plain = wanted & self.plainly_absorbed
        inner = self.pieces.shape[self.joins.absorbed]
        hollow = punched(shapes, inner[plain], place[plain])
        other = wanted & ~plain
        rows, table = stacked(inner[other], place[other])
        hollow[rows] = shapely.difference(hollow[rows], shapely.union_all(table, axis=1))
        return hollow

    def _keep(self, owner: Ints, kind: int, shapes: Shapes) -> None:
        if self.kept is not None:
            there = shapely.area(shapes) > 0
            self.kept.append((owner[there], np.full(there.sum(), kind), shapes[there]))


def _usual_angle(outlines: Shapes) -> float:
    """Direction of most of the edges, radians: along it boxes hold little but what they are drawn around."""
    corners, of = shapely.get_coordinates(outlines, return_index=True)
    step = np.diff(corners, axis=0)[of[1:] == of[:-1]]
    quarter = np.degrees(np.arctan2(step[:, 1], step[:, 0])) % 90.0
    length = np.bincount((quarter * 2).astype(int) % 180, weights=np.hypot(*step.T), minlength=180)
    return float(np.radians((length.argmax() + 0.5) / 2))


def _boxes(shapes: Shapes, angle: float) -> Floats:
    """Boxes around shapes, none of them empty, along a direction and across it."""
    corners, of = shapely.get_coordinates(shapes, return_index=True)
    if not len(of):
        return np.zeros((0, 4))
    cos, sin = np.cos(angle), np.sin(angle)
    x, y = corners.T
    turned = np.column_stack([cos * x + sin * y, cos * y - sin * x])
    start = np.flatnonzero(np.append(True, np.diff(of) > 0))
    return np.hstack([np.minimum.reduceat(turned, start), np.maximum.reduceat(turned, start)])


def _grown(shapes: Shapes) -> Shapes:
    return np.asarray(shapely.buffer(shapes, CLEAR_M, join_style="mitre"), dtype=object)


def _plain(shapes: Shapes) -> Flags:
    """Tell which areas have no holes, of several parts too."""
    rings = shapely.get_num_interior_rings(shapes)
    several = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON)
    parts, of = shapely.get_parts(shapes[several], return_index=True)
    inner = np.bincount(of, weights=shapely.get_num_interior_rings(parts), minlength=len(several))
    rings[several] = inner
    plain: Flags = rings == 0
    return plain


def _without_slivers(shapes: Shapes) -> Shapes:
    """Leave out parts that are thinner than coordinates are good for."""
    parts, of = shapely.get_parts(shapes, return_index=True)
    thin = shapely.area(parts) <= CLEAR_M * shapely.length(parts)
    hit = np.unique(of[thin])
    result = shapes.copy()
    result[hit] = shapely.Polygon()
    stays = ~thin & np.isin(of, hit)
    number, whole = joined_pieces(parts[stays], of[stays], np.zeros(len(shapes), dtype=bool))
    result[number] = whole
    return result
