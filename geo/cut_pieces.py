"""What each kind took of each outline, as shapes: from the cut-outs themselves wherever these are whole."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.cut_joins import Joins, Pieces
from geo.punching import Parts, assembled, part_of
from geo.stacking import stacked

__all__ = ["Kept", "punched_alone", "taken_pieces"]

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]
# Labels and shapes of what was cut by the geometry engine.
Kept = list[tuple[Ints, Shapes]]


def punched_alone(pieces: Pieces, joins: Joins) -> Ints:
    """Pieces that are taken as they are: alone, inside and without holes; ascending."""
    alone: Ints = joins.alone
    return alone[pieces.inside[alone] & pieces.plain[alone]]


def taken_pieces(pieces: Pieces, joins: Joins, kept: Kept, label: Ints) -> tuple[Ints, Shapes]:
    """Join what was taken by label.

    Parameters
    ----------
    pieces : Pieces
    joins : Joins
    kept : list of tuple
        Labels and shapes of what is neither absorbed nor taken as it is.
    label : ndarray of int
        Of each piece: the same for one kind of one outline.

    Returns
    -------
    tuple of ndarray
        Labels, ascending, and shapes, without what they absorbed.
    """
    rows = np.concatenate([punched_alone(pieces, joins), joins.absorbed])
    shapes = np.concatenate([pieces.shape[rows], *[shape for _, shape in kept]])
    marks = np.concatenate([label[rows], *[mark for mark, _ in kept]])
    plain = np.zeros(len(shapes), dtype=bool)
    plain[: len(rows)] = pieces.plain[rows]
    parts = Parts(shapes, plain)
    into = _into(pieces, joins, parts, marks[parts.of], label)
    ring = into >= 0
    number, made = assembled(parts, marks[parts.of], pieces.shape[joins.absorbed[ring]], into[ring])
    rest = joins.absorbed[~ring]
    around, table = stacked(pieces.shape[rest], label[joins.absorber[~ring]])
    place = np.searchsorted(number, around)
    made[place] = shapely.difference(made[place], shapely.union_all(table, axis=1))
    return number, made


def _into(pieces: Pieces, joins: Joins, parts: Parts, mark: Ints, label: Ints) -> Ints:
    """Part into which each absorbed piece is a hole; -1 where the geometry engine has to cut it."""
    whole = punched_alone(pieces, joins)
    into = np.full(len(joins.absorbed), -1)
    plain = pieces.plain[joins.absorbed]
    # Pieces that are whole come first, one part each.
    place = np.minimum(np.searchsorted(whole, joins.absorber), max(len(whole) - 1, 0))
    own = plain & np.isin(joins.absorber, whole)
    into[own] = place[own]
    others = np.flatnonzero(plain & ~own)
    # Of several parts of one kind the one that holds it has to be looked for; not among the absorbed.
    cut = np.flatnonzero(parts.of >= len(whole) + len(joins.absorbed))
    cut = cut[np.argsort(mark[cut], kind="stable")]
    holes = pieces.shape[joins.absorbed[others]]
    found = part_of(parts.shape[cut], mark[cut], holes, label[joins.absorber[others]])
    into[others] = np.append(cut, -1)[found]
    return into
