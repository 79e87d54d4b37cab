"""Outlines of compounds whose shared walls are taken down: members of a 片区 are joined across a narrow gap."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.stacking import joined_by

__all__ = ["joined_outlines", "outer_edges"]

# Both sides of a wall that was drawn once.
_TOUCH_M = 0.01

Positions = NDArray[np.intp]
Shapes = NDArray[np.object_]


def joined_outlines(
    outlines: Shapes, group: Positions, others: Shapes, vacant: Shapes, *, gap_m: float
) -> Shapes:
    """Add what lies between members of a group, and vacant parcels beside them, to one member each.

    Parameters
    ----------
    outlines : ndarray of geometry
        Valid areas in metres, in the order in which a strip goes to the first member that it touches.
    group : ndarray of int
        Of each outline; a group of one gains nothing.
    others : ndarray of geometry
        Outlines that gain nothing and lose nothing.
    vacant : ndarray of geometry
        Parcels that stand free; one within the gap of a member is added, less what belongs to a compound.
    gap_m : float
        Widest strip that is passed over.
    """
    if not len(outlines):
        return outlines
    strips = _strips(outlines, group, gap_m)
    pieces, first = _first_touched(strips, outlines, reach_m=_TOUCH_M, least=2, group=group)
    parcels, beside = _first_touched(vacant, outlines, reach_m=gap_m, least=1, group=group)
    # What belongs to a compound already is not added to another.
    new = _without(np.concatenate([pieces, parcels]), np.concatenate([outlines, others]))
    to = np.concatenate([first, beside])
    touched = np.unique(to)
    gained = joined_by(
        np.concatenate([outlines, new]),
        np.concatenate([np.arange(len(outlines)), to]),
        len(outlines),
    )[touched]
    # What was not drawn quite up to the wall is drawn up to it.
    grown = shapely.buffer(gained, _TOUCH_M, join_style="mitre")
    result = outlines.copy()
    result[touched] = shapely.buffer(grown, -_TOUCH_M, join_style="mitre")
    return result


def outer_edges(outlines: Shapes, group: Positions, *, depth_m: float) -> Shapes:
    """Strip of ground along the outer edge of each group, as wide as `depth_m`."""
    if not len(outlines) or depth_m <= 0:
        return np.array([], dtype=object)
    labels, number = np.unique(group, return_inverse=True)
    whole = joined_by(outlines, number, len(labels))
    edges: Shapes = shapely.difference(whole, shapely.buffer(whole, -depth_m, join_style="mitre"))
    return edges


def _strips(outlines: Shapes, group: Positions, gap_m: float) -> Shapes:
    """Ground between members: what closing a group by half the gap adds."""
    several = np.flatnonzero(pd.Series(group).duplicated(keep=False))
    if not len(several) or gap_m <= 0:
        return np.array([], dtype=object)
    labels, number = np.unique(group[several], return_inverse=True)
    half = gap_m / 2 + _TOUCH_M
    near = joined_by(
        shapely.buffer(outlines[several], half, join_style="mitre"), number, len(labels)
    )
    closed = shapely.buffer(near, -half, join_style="mitre")
    strips = shapely.difference(closed, joined_by(outlines[several], number, len(labels)))
    parts: Shapes = shapely.get_parts(strips)
    pieces: Shapes = parts[shapely.get_type_id(parts) == 3]
    return pieces


def _first_touched(
    pieces: Shapes, outlines: Shapes, *, reach_m: float, least: int, group: Positions
) -> tuple[Shapes, Positions]:
    """Pieces beside at least so many outlines of a group, and the first of these."""
    piece, outline = shapely.STRtree(outlines).query(pieces, predicate="dwithin", distance=reach_m)
    frame = pd.DataFrame({"piece": piece, "outline": outline, "group": group[outline]})
    counted = frame.groupby(["piece", "group"], sort=True)["outline"].agg(["size", "min"])
    firsts = counted[counted["size"] >= least]["min"].groupby(level="piece").min()
    return pieces[firsts.index.to_numpy(np.intp)], firsts.to_numpy(np.intp)


def _without(pieces: Shapes, compounds: Shapes) -> Shapes:
    piece, compound = shapely.STRtree(compounds).query(pieces, predicate="intersects")
    covered = joined_by(compounds[compound], piece, len(pieces))
    left: Shapes = shapely.difference(pieces, covered)
    return left
