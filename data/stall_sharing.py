"""Sharing of stalls: what one compound has to spare covers what another is short of, inside a 片区 or within a walk.

A transport problem, solved exactly in three steps: as many stalls as can be shared; of these as many as can be
inside a 片区; of these the shortest way. Each step keeps the value of those before, and its optimum lies on a face
of a transport polytope, so that a simplex solution is whole (Dantzig 1951; Hoffman & Kruskal 1956).
"""

from __future__ import annotations

import itertools
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse as sp
import shapely
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

from data.stall_settings import StallSettings
from geo.crs import plan_zone, to_plane, zone_epsg

__all__ = ["share"]

_COLUMNS = ("lender", "borrower", "stalls", "distance_m", "within")
# Arcs that are solved at once: few enough for milliseconds, enough not to call the solver for each group.
_AT_ONCE = 2_000

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def share(
    shapes: gpd.GeoSeries,
    shortage: pd.Series[Any],
    pianqu: pd.Series[Any],
    *,
    settings: StallSettings,
    zone: int | None = None,
) -> pd.DataFrame:
    """Let what is to spare cover what is short.

    Parameters
    ----------
    shapes : GeoSeries
        Boundaries by uid, EPSG:4490; may be missing.
    shortage : Series
        Whole stalls by uid, below zero to spare; NA takes no part.
    pianqu : Series
        Uid of the 片区 by uid, missing for none.
    settings : StallSettings
        Its ``sharing`` and ``share_radius_m``.
    zone : int, optional
        Zone of the plan.

    Returns
    -------
    DataFrame
        ``lender``, ``borrower``, ``stalls``, ``distance_m``, ``within``; sorted, the same whatever the order of rows.
    """
    order = np.argsort(shapes.index.to_numpy(str), kind="stable")
    uids = shapes.index.to_numpy(object)[order]
    lacking = shortage.to_numpy(float, na_value=np.nan)[order]
    in_pianqu = pd.factorize(pianqu.to_numpy(object)[order])[0]
    lenders, borrowers = np.flatnonzero(lacking < 0), np.flatnonzero(lacking > 0)
    if settings.sharing == "off" or not len(lenders) or not len(borrowers):
        return _table(uids, np.zeros((0, 2), np.int64), [], [], [])
    plane = _plane(shapes.iloc[order], zone)
    arcs = _arcs(plane, in_pianqu, lenders, borrowers, settings)
    inside = _same(in_pianqu, arcs)
    distance = shapely.distance(plane[arcs[:, 0]], plane[arcs[:, 1]])
    # Without a boundary the way is unknown; it counts as the longest that is walked.
    ways = np.where(np.isnan(distance), settings.share_radius_m, distance)
    moved = _solved(arcs, np.abs(lacking), ways, inside)
    used = moved > 0
    return _table(uids, arcs[used], moved[used], distance[used], inside[used])


def _plane(shapes: gpd.GeoSeries, zone: int | None) -> NDArray[np.object_]:
    known = shapes[~(shapes.isna() | shapes.is_empty)]
    if not len(known):
        return np.full(len(shapes), None, dtype=object)
    epsg = plan_zone(known).epsg if zone is None else zone_epsg(zone)
    found: NDArray[np.object_] = to_plane(shapes, epsg).to_numpy()
    return found


def _arcs(
    plane: NDArray[np.object_],
    in_pianqu: Ints,
    lenders: Ints,
    borrowers: Ints,
    settings: StallSettings,
) -> Ints:
    """Pairs (lender, borrower) between which stalls may be shared, sorted."""
    pairs = [np.zeros((0, 2), np.int64)]
    if settings.sharing in ("both", "radius"):
        at, tree_at = shapely.STRtree(plane[lenders]).query(
            plane[borrowers], predicate="dwithin", distance=settings.share_radius_m
        )
        pairs.append(np.column_stack((lenders[tree_at], borrowers[at])))
    if settings.sharing in ("both", "pianqu"):
        grouped = [
            pd.DataFrame({"at": at, "pianqu": in_pianqu[at]})[in_pianqu[at] >= 0]
            for at in (lenders, borrowers)
        ]
        joined = grouped[0].merge(grouped[1], on="pianqu")
        pairs.append(joined[["at_x", "at_y"]].to_numpy(np.int64))
    return np.unique(np.concatenate(pairs), axis=0)


def _same(in_pianqu: Ints, arcs: Ints) -> NDArray[np.bool_]:
    lender, borrower = in_pianqu[arcs[:, 0]], in_pianqu[arcs[:, 1]]
    same: NDArray[np.bool_] = (lender == borrower) & (lender >= 0)
    return same


def _solved(arcs: Ints, amounts: Floats, ways: Floats, inside: NDArray[np.bool_]) -> Ints:
    """Stalls along each arc; groups that share nothing with each other are solved some at a time."""
    moved = np.zeros(len(arcs), np.int64)
    if not len(arcs):
        return moved
    size = len(amounts)
    graph = sp.coo_array((np.ones(len(arcs)), (arcs[:, 0], arcs[:, 1])), shape=(size, size))
    _, group = connected_components(graph, directed=False)
    of_arc = group[arcs[:, 0]]
    order = np.argsort(of_arc, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(of_arc[order]) > 0])
    batch = np.maximum.accumulate(np.where(np.r_[True, np.diff(starts // _AT_ONCE) > 0], starts, 0))
    edges = [*np.unique(batch), len(order)]
    for start, stop in itertools.pairwise(edges):
        at = order[start:stop]
        moved[at] = _whole_flow(arcs[at], amounts, ways[at], inside[at])
    return moved


def _whole_flow(arcs: Ints, amounts: Floats, ways: Floats, inside: NDArray[np.bool_]) -> Ints:
    """Three steps, each on the optimum of those before."""
    ends, rows = np.unique(arcs.T.ravel(), return_inverse=True)
    columns = np.tile(np.arange(len(arcs)), 2)
    limits = sp.csr_array((np.ones(2 * len(arcs)), (rows, columns)), shape=(len(ends), len(arcs)))
    kept: list[tuple[Floats, float]] = []
    flow = np.zeros(len(arcs))
    for cost in (-np.ones(len(arcs)), -inside.astype(float), ways):
        equal = np.array([row for row, _ in kept]) if kept else None
        value = np.array([total for _, total in kept]) if kept else None
        done = linprog(
            cost, A_ub=limits, b_ub=amounts[ends], A_eq=equal, b_eq=value, method="highs-ds"
        )
        if done.x is None:
            raise RuntimeError(f"sharing of stalls: {done.message}")
        flow = np.rint(done.x)
        if np.abs(flow - done.x).max() > 1e-6:
            raise RuntimeError("sharing of stalls: the solution is not whole")
        kept.append((cost, float(cost @ flow)))
    return flow.astype(np.int64)


def _table(
    uids: NDArray[np.object_], arcs: Ints, moved: Any, distance: Any, inside: Any
) -> pd.DataFrame:
    columns = (
        uids[arcs[:, 0]],
        uids[arcs[:, 1]],
        np.asarray(moved, np.int64),
        np.asarray(distance, float),
        np.where(np.asarray(inside, bool), "片区", "步行范围").astype(object),
    )
    return pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)))
