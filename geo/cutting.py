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
from geo.cut_joins import CLEAR_M, Joins, Pieces, joined_pieces, without_holes
from geo.cut_pieces import Kept, punched_alone, taken_pieces
from geo.flat_shapes import APART, DOUBT, WITHIN, Areas, Flat, boxes_along, lies
from geo.punching import punched

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
    outlines : Areas
    shapes : Areas
    kind : ndarray of int
        Turn of each shape, from 0; ascending.
    kinds : int
        Number of turns.
    """

    def __init__(self, outlines: Areas, shapes: Areas, kind: Ints, kinds: int) -> None:
        self.outlines, self.shapes, self.kind, self.kinds = outlines, shapes, kind, kinds
        drawn, there = outlines.there, shapes.there
        angle = _usual_angle(outlines.flat)
        around = boxes_along(outlines.flat, drawn, angle)
        box = boxes_along(shapes.flat, there, angle)
        row, column = box_pairs(around, box)
        how = lies(shapes.flat, outlines.flat, there[column], drawn[row])
        order = np.lexsort((column, row))
        order = order[how[order] != APART]
        row, column, self.how = row[order], column[order], how[order]
        self.owner, self.shape = drawn[row], there[column]
        # Where a shape reaches out of an outline it meets nothing that matters.
        low, high = np.maximum(box[column], around[row]), np.minimum(box[column], around[row])
        self.box = np.hstack([low[:, :2], high[:, 2:]])

    def cut(self, start: int, end: int, *, with_pieces: bool = False) -> Cut:
        """Cut out of some of the outlines, each for itself; owners are counted from `start`."""
        outlines = self.outlines.shape[start:end]
        work = _Work(outlines, self._pieces(start, outlines), self.kinds, with_pieces=with_pieces)
        work.take_alone()
        work.take_clusters()
        work.cut_edges()
        work.punch()
        return work.result()

    def _pieces(self, start: int, outlines: Shapes) -> Pieces:
        those = slice(*np.searchsorted(self.owner, [start, start + len(outlines)]))
        owner, shape, how = self.owner[those] - start, self.shape[those], self.how[those]
        inside, meets = how == WITHIN, how != DOUBT
        shapes = self.shapes.shape[shape]
        # What comes as near to the edge as a sliver is cut like what crosses it; what only touches it from outside
        # takes nothing.
        doubt = np.flatnonzero(~meets)
        around, of = np.unique(owner[doubt], return_inverse=True)
        core = shapely.buffer(outlines[around], -2 * CLEAR_M, join_style="mitre")
        shapely.prepare(core)
        inside[doubt] = shapely.contains_properly(core[of], shapes[doubt])
        meets[doubt] = inside[doubt] | shapely.intersects(core[of], shapes[doubt])
        near = doubt[meets[doubt] & ~inside[doubt]]
        near = near[shapely.contains_properly(outlines[owner[near]], shapes[near])]
        number = np.cumsum(meets) - 1
        pieces = Pieces(
            owner=owner[meets],
            kind=self.kind[shape[meets]],
            row=shape[meets],
            shape=shapes[meets],
            plain=self.shapes.flat.plain[shape[meets]],
            box=self.box[those][meets],
            inside=inside[meets],
            flat=self.shapes.flat,
        )
        pieces.grow(number[near])
        return pieces


class _Work:
    """One pass over some outlines."""

    def __init__(self, outlines: Shapes, pieces: Pieces, kinds: int, *, with_pieces: bool) -> None:
        self.left, self.pieces, self.kinds = outlines.copy(), pieces, kinds
        self.taken = np.zeros((len(outlines), kinds))
        self.joins = joins = Joins(pieces)
        pieces.grow(joins.near)
        self.area = shapely.area(pieces.shape)
        self.kept: Kept | None = [] if with_pieces else None
        self.holes: list[tuple[Ints, Shapes]] = []
        # Rows of pieces, or clusters, that have to be cut by the geometry engine.
        self.at_edge: list[Ints] = []
        # What is absorbed was taken before: less is left for the one around it.
        self._note(joins.absorbed, self.area[joins.absorbed])
        self._note(joins.absorber, -self.area[joins.absorbed])

    def _note(self, rows: Ints, area: Floats) -> None:
        np.add.at(self.taken, (self.pieces.owner[rows], self.pieces.kind[rows]), area)

    def take_alone(self) -> None:
        """Pieces that meet nothing: holes if they are inside."""
        pieces, rows = self.pieces, punched_alone(self.pieces, self.joins)
        self._note(rows, self.area[rows])
        self.holes.append((pieces.owner[rows], pieces.shape[rows]))
        self.at_edge.append(np.setdiff1d(self.joins.alone, rows, assume_unique=True))

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
        plain = joins.inside & without_holes(joined)
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
        """Give what is left and taken."""
        number, shapes = np.array([], dtype=np.int64), np.array([], dtype=object)
        if self.kept is not None:
            label = self.pieces.owner * self.kinds + self.pieces.kind
            number, shapes = taken_pieces(self.pieces, self.joins, self.kept, label)
        return Cut(
            left=self.left,
            taken_m2=np.maximum(self.taken, 0.0),
            owner=number // self.kinds,
            kind=number % self.kinds,
            pieces=shapes,
        )

    def _keep(self, owner: Ints, kind: int, shapes: Shapes) -> None:
        if self.kept is not None:
            there = shapely.area(shapes) > 0
            self.kept.append((owner[there] * self.kinds + kind, shapes[there]))


def _usual_angle(outlines: Flat) -> float:
    """Direction of most of the edges, radians: along it boxes hold little but what they are drawn around."""
    step = np.diff(outlines.corner, axis=0)
    # From the last corner of a shape to the first of the next there is no edge.
    ends = outlines.start[1:-1]
    step[ends[(ends > 0) & (ends <= len(step))] - 1] = 0.0
    quarter = np.degrees(np.arctan2(step[:, 1], step[:, 0])) % 90.0
    length = np.bincount((quarter * 2).astype(int) % 180, weights=np.hypot(*step.T), minlength=180)
    return float(np.radians((length.argmax() + 0.5) / 2))


def _without_slivers(shapes: Shapes) -> Shapes:
    """Leave out parts that are thinner than coordinates are good for."""
    several = shapely.get_type_id(shapes) != shapely.GeometryType.POLYGON
    result = np.where(several | ~_thin(shapes), shapes, shapely.Polygon())
    parts, of = shapely.get_parts(shapes[several], return_index=True)
    thin = _thin(parts)
    hit = np.unique(of[thin])
    stays = ~thin & np.isin(of, hit)
    rows = np.flatnonzero(several)
    result[rows[hit]] = shapely.Polygon()
    number, whole = joined_pieces(parts[stays], of[stays], np.zeros(len(shapes), dtype=bool))
    result[rows[number]] = whole
    return result


def _thin(parts: Shapes) -> Flags:
    thin: Flags = shapely.area(parts) <= CLEAR_M * shapely.length(parts)
    return thin
