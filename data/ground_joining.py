"""Outlines of compounds whose shared walls are taken down: members of a 片区 are joined across a narrow gap."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.stacking import joined_by

__all__ = ["joined_outlines", "led_through", "outer_edges"]

# Both sides of a wall that was drawn once.
_TOUCH_M = 0.01

# Shorter edges of a way are no end of it.
_END_M = 1.0

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


def led_through(
    ways: Shapes, outlines: Shapes, group: Positions, keep_off: Shapes, *, gap_m: float
) -> Shapes:
    """Lead ways that come up to a wall which goes straight on through it, to the ground of the other member.

    Parameters
    ----------
    ways : ndarray of geometry
        Areas that cars drive on, in metres.
    outlines, group : ndarray of geometry and of int
        As for :func:`joined_outlines`.
    keep_off : ndarray of geometry
        Buildings: no way leads through them.
    gap_m : float
        Widest wall, and how far from it a way may end.

    Returns
    -------
    ndarray of geometry
        The ways; those that were led on are longer.
    """
    labels, number, closed = _closed(outlines, group, gap_m)
    if not len(labels) or not len(ways):
        return ways
    ends, of = _edges(ways)
    # A way that runs along the wall is as long as it is; it comes up to it where it is deeper than wide.
    deep = shapely.area(ways)[of] >= shapely.length(ends) ** 2
    ends, of = ends[deep], of[deep]
    # An edge beside a member and near to another of the same group.
    edge, member = shapely.STRtree(outlines).query(ends, predicate="dwithin", distance=gap_m)
    off = shapely.distance(ends[edge], outlines[member])
    own = pd.MultiIndex.from_arrays([edge, group[member]])
    across = (off > _TOUCH_M) & own.isin(own[off <= _TOUCH_M])
    edge, member = edge[across], member[across]
    before = shapely.buffer(outlines[member], gap_m, join_style="mitre")
    front = shapely.intersection(ends[edge], before)
    on = shapely.buffer(front, gap_m + _TOUCH_M, cap_style="flat")
    meets = shapely.area(shapely.intersection(on, outlines[member]))
    comes = meets > _TOUCH_M * np.maximum(shapely.length(front), _END_M)
    on, edge, member = on[comes], edge[comes], member[comes]
    if not len(on):
        return ways
    on = shapely.difference(shapely.intersection(on, closed[number[member]]), outlines[member])
    piece, built = shapely.STRtree(keep_off).query(on, predicate="intersects")
    on = shapely.difference(on, joined_by(keep_off[built], piece, len(on)))
    result = ways.copy()
    longer = np.unique(of[edge])
    result[longer] = joined_by(
        np.concatenate([ways, on]), np.concatenate([np.arange(len(ways)), of[edge]]), len(ways)
    )[longer]
    return result


def _edges(areas: Shapes) -> tuple[Shapes, Positions]:
    """Edges of areas that may be ends of ways, and the area of each."""
    parts, of_part = shapely.get_parts(areas, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    xy, of = shapely.get_coordinates(rings, return_index=True)
    goes_on = of[1:] == of[:-1]
    pairs = np.stack([xy[:-1][goes_on], xy[1:][goes_on]], axis=1)
    long = np.hypot(*(pairs[:, 1] - pairs[:, 0]).T) >= _END_M
    lines: Shapes = shapely.linestrings(pairs[long])
    return lines, np.asarray(of_part[of_ring[of[:-1][goes_on]]][long], dtype=np.intp)


def _strips(outlines: Shapes, group: Positions, gap_m: float) -> Shapes:
    """Ground between members: what closing a group by half the gap adds."""
    labels, number, closed = _closed(outlines, group, gap_m)
    if not len(labels):
        return np.array([], dtype=object)
    several = number >= 0
    strips = shapely.difference(closed, joined_by(outlines[several], number[several], len(labels)))
    parts: Shapes = shapely.get_parts(strips)
    pieces: Shapes = parts[shapely.get_type_id(parts) == 3]
    return pieces


def _closed(
    outlines: Shapes, group: Positions, gap_m: float
) -> tuple[Positions, Positions, Shapes]:
    """Close groups of several: labels, the number of each outline among them or −1, ground with what lies between."""
    several = pd.Series(group).duplicated(keep=False).to_numpy()
    number = np.full(len(outlines), -1, dtype=np.intp)
    if not several.any() or gap_m <= 0:
        return np.array([], dtype=np.intp), number, np.array([], dtype=object)
    labels, number[several] = np.unique(group[several], return_inverse=True)
    half = gap_m / 2 + _TOUCH_M
    near = joined_by(
        shapely.buffer(outlines[several], half, join_style="mitre"), number[several], len(labels)
    )
    return labels, number, shapely.buffer(near, -half, join_style="mitre")


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
