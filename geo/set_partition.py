"""The best way to cover every unit once by sets out of a pool, level by level, proven by HiGHS.

The pool is larger than what a solver should be given: the relaxation is solved over few sets, the others are
priced and brought in where they help (Barnhart et al. 1998, doi:10.1287/opre.46.3.316). A set whose reduced
cost is above the gap between the relaxation and a known partition is in no better one and stays out; what is
left is small enough for branch and bound. Each level is held at its optimum by a row before the next.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

__all__ = ["best_partition", "cover_weights", "lightest_choice"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Of levels that were scaled to about 1; HiGHS itself keeps rows and reduced costs to 1e-7.
TOLERANCE = 1e-6
# Counts, not seconds, so that the same problem ends the same way on every machine.
# Sets that branch and bound is given, and its nodes: few first, for a good partition leaves fewer open.
STAGES = ((300, 50), (1_500, 50), (8_000, 500))
MOST_NODES = 2_000
MOST_ROUNDS = 400
MOST_GOALS = 3


class _Rows(NamedTuple):
    """Levels above, held: `figures` of each set (m, k) sum up to at most `most` (k,)."""

    figures: Floats
    most: Floats


def best_partition(
    member: sp.csr_array,
    levels: Floats,
    *,
    cover: Callable[[Ints, Floats, float], Ints | None] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Ints | None:
    """Choose sets that hold every unit exactly once, lowest in the first level, then the second, then the third.

    Parameters
    ----------
    member : csr_array, (m, n)
        1 where unit ``n`` is in set ``m``; every unit by itself is among the sets.
    levels : ndarray of float, (m, 3)
        What a set adds to each level; whole numbers in the first two.
    cover
        Another way to the best partition: gets sets, their reduced costs in the second level, and what
        these may sum up to; gives a partition, or None.
    progress
        Called with the share done.

    Returns
    -------
    ndarray of int or None
        Sets chosen, in ascending order; None if branch and bound did not end within :data:`STAGES`.
    """
    pool = np.arange(member.shape[0])
    chosen = np.flatnonzero(np.diff(member.indptr) == 1)
    held = _Rows(np.empty((len(pool), 0)), np.empty(0))
    for level in range(levels.shape[1]):
        whole = level < levels.shape[1] - 1
        cost = levels[pool, level]
        if level == 1 and cover is not None and cost.any():
            found = _by_cover(
                member[pool],
                levels[pool],
                held,
                np.searchsorted(pool, chosen),
                cover=functools.partial(cover, pool),
            )
            if found is not None:
                return pool[found]
        step = _level(member[pool], cost, held, np.searchsorted(pool, chosen), whole=whole)
        if step is None:
            return None
        picked, useful = step
        chosen, pool, held = pool[picked], pool[useful], _Rows(held.figures[useful], held.most)
        if whole:
            held = _hold(levels[pool, level], levels[chosen, level].sum(), held)
        if progress is not None:
            progress((level + 1) / levels.shape[1])
    return np.sort(chosen)


def cover_weights(member: sp.csr_array) -> Floats:
    """Weights of units, 0 or more and small in sum, that add up to 1 or more in every set.

    Their sum bounds from above how many of the sets can lie side by side. Taken from the middle of all
    optimal weights, where few are 0.
    """
    sets, size = member.shape
    if not sets:
        return np.zeros(size)
    model = _model(
        np.ones(size), np.full(size, np.inf), member, np.ones(sets), np.full(sets, np.inf)
    )
    solver = _solver()
    solver.setOptionValue("solver", "ipm")
    solver.setOptionValue("run_crossover", "off")
    solver.passModel(model)
    solver.run()
    weight = np.maximum(np.array(solver.getSolution().col_value), 0.0)
    lightest = float((member @ weight).min()) if len(weight) == size else 0.0
    # Whatever the solver did, the weights are made to hold.
    return weight / lightest if lightest > 0.5 else np.ones(size)


def lightest_choice(member: sp.csr_array, cost: Floats, count: int) -> Ints:
    """Choose sets that share no unit: as many as there can be up to `count`, of these the lowest sum of costs.

    Parameters
    ----------
    member : csr_array, (m, n)
        1 where unit ``n`` is in set ``m``.
    cost : ndarray of float, (m,)
        Between 0 and about 1.
    count : int
        Sets to choose at the most.

    Returns
    -------
    ndarray of int
        Sets chosen, in ascending order; the best found within :data:`MOST_NODES`.
    """
    if not member.shape[0] or count < 1:
        return np.empty(0, dtype=np.int64)
    size = member.shape[1]
    scale = max(float(np.abs(cost).sum()), 1e-12) * 2
    rows = sp.csr_array(sp.vstack([member.T, np.ones((1, member.shape[0]))]))
    top = np.append(np.ones(size), min(count, size))
    ends = np.full(size + 1, -np.inf), top
    model = _model(cost / scale - 1.0, np.ones(len(cost)), rows, *ends)
    taken, _ = _branch(model, np.zeros(len(cost)), nodes=MOST_NODES)
    return np.flatnonzero(taken > 0.5)


def _by_cover(
    member: sp.csr_array,
    levels: Floats,
    held: _Rows,
    start: Ints,
    *,
    cover: Callable[[Floats, float], Ints | None],
) -> Ints | None:
    """Best partition of all levels, if one comes up to the bound of the number, or next to it.

    The reduced costs of its sets sum up to no more than the number is above the bound, which leaves few.
    """
    bound, reduced, _, _ = _relax(member, levels[:, 1], held, start)
    low = math.ceil(bound - TOLERANCE)
    left = levels[start, 0].sum()
    for goal in range(low, min(low + MOST_GOALS, round(levels[start, 1].sum()) + 1)):
        found = cover(reduced, goal - bound + TOLERANCE)
        if found is None:
            return None
        if len(found) and levels[found, 0].sum() <= left and levels[found, 1].sum() <= goal:
            return found
    return None


def _hold(figures: Floats, most: float, held: _Rows) -> _Rows:
    """Rows with one more; none if no set adds to it."""
    if not figures.any():
        return held
    return _Rows(np.column_stack([held.figures, figures]), np.append(held.most, most))


def _level(
    member: sp.csr_array, cost: Floats, held: _Rows, start: Ints, *, whole: bool
) -> tuple[Ints, Ints] | None:
    """Best choice on one level, and the sets that may be part of a choice as good."""
    every = np.arange(len(cost))
    if not cost.any():
        return start, every
    scale = 1.0 if whole else float(np.abs(cost).max())
    cost = cost / scale
    bound, reduced, active, shares = _relax(member, cost, held, start)
    best = start
    if np.abs(shares - shares.round()).max() < TOLERANCE:
        # The relaxation has come out whole, as it does for most towns.
        best = _better(member, cost, held, active[: len(shares)][shares > 0.5], start)
    value = float(cost[best].sum())
    order = _spread(reduced, active)
    for most, nodes in STAGES:
        if _proven(value, bound, whole=whole):
            break
        # A better partition is made of sets whose reduced cost is within what is still open.
        open_ = value - bound - (1 - TOLERANCE if whole else 0.0)
        count = int((reduced <= open_ + TOLERANCE).sum())
        within = np.union1d(order[: min(most, count)], best)
        best, ended = _solve(member, cost, held, within, best, nodes=nodes)
        value = float(cost[best].sum())
        if ended and count <= most:
            break
    else:
        if not _proven(value, bound, whole=whole):
            return None
    useful = np.union1d(np.flatnonzero(reduced <= value - bound + TOLERANCE), best)
    return best, useful


def _spread(reduced: Floats, active: Ints) -> Ints:
    """Sort by reduced cost; of equal ones those of the relaxation first, then any, not all of one corner."""
    turn = np.random.default_rng(0).permutation(len(reduced)) + 1
    turn[active] = 0
    return np.lexsort((turn, reduced.round(6)))


def _proven(value: float, bound: float, *, whole: bool) -> bool:
    return value - bound < (1 - TOLERANCE if whole else TOLERANCE)


def _relax(
    member: sp.csr_array, cost: Floats, held: _Rows, start: Ints
) -> tuple[float, Floats, Ints, Floats]:
    """Lower bound, reduced costs of all sets, the sets that were brought in and their shares."""
    size = member.shape[1]
    matrix = sp.csr_array(sp.hstack([member, held.figures]))
    low = np.append(np.ones(size), np.full(len(held.most), -np.inf))
    high = np.append(np.ones(size), held.most)
    active = np.unique(start)
    solver = _solver()
    solver.passModel(
        _model(cost[active], np.full(len(active), np.inf), matrix[active].T.tocsr(), low, high)
    )
    batch = max(60, 4 * size)
    for _ in range(MOST_ROUNDS):
        solver.run()
        dual = np.array(solver.getSolution().row_dual)
        reduced = cost - matrix @ dual
        reduced[active] = np.maximum(reduced[active], 0.0)
        wanted = np.flatnonzero(reduced < -TOLERANCE)
        if not len(wanted):
            break
        if len(wanted) > batch:
            wanted = np.sort(wanted[np.argsort(reduced[wanted], kind="stable")[:batch]])
        rows = matrix[wanted]
        solver.addCols(
            len(wanted),
            cost[wanted],
            np.zeros(len(wanted)),
            np.full(len(wanted), np.inf),
            rows.nnz,
            rows.indptr[:-1].astype(np.int32),
            rows.indices.astype(np.int32),
            rows.data,
        )
        active = np.concatenate([active, wanted])
    # Below the optimum by no more than what the sets not brought in could still take off.
    bound = float(dual[:size].sum() + dual[size:] @ held.most) + size * min(0.0, reduced.min())
    return bound, reduced, active, np.array(solver.getSolution().col_value)


def _solve(
    member: sp.csr_array, cost: Floats, held: _Rows, within: Ints, start: Ints, *, nodes: int
) -> tuple[Ints, bool]:
    """Branch and bound over some of the sets, from a known choice: the best found, and whether proven."""
    size = member.shape[1]
    matrix = sp.csr_array(sp.hstack([member[within], held.figures[within]]).T)
    low = np.append(np.ones(size), np.full(len(held.most), -np.inf))
    high = np.append(np.ones(size), held.most)
    model = _model(cost[within], np.ones(len(within)), matrix, low, high)
    taken, ended = _branch(model, np.isin(within, start).astype(float), nodes=nodes)
    return _better(member, cost, held, within[taken > 0.5], start), ended


def _better(member: sp.csr_array, cost: Floats, held: _Rows, chosen: Ints, known: Ints) -> Ints:
    """Take the choice if it is one, within the levels held, and lower than the known one."""
    sound = (member[chosen].sum(axis=0) == 1).all() and (
        held.figures[chosen].sum(axis=0) <= held.most + TOLERANCE
    ).all()
    lower = cost[chosen].sum() < cost[known].sum() - TOLERANCE / 1000
    return np.sort(chosen) if sound and lower else known


def _branch(model: highspy.HighsLp, start: Floats, *, nodes: int) -> tuple[Floats, bool]:
    model.integrality_ = [highspy.HighsVarType.kInteger] * model.num_col_
    solver = _solver()
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 1e-9)
    solver.setOptionValue("mip_max_nodes", nodes)
    solver.passModel(model)
    known = highspy.HighsSolution()
    known.col_value = start.tolist()
    solver.setSolution(known)
    solver.run()
    ended = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return np.array(solver.getSolution().col_value), ended


def _solver() -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("parallel", "off")
    solver.setOptionValue("random_seed", 0)
    return solver


def _model(
    cost: Floats, top: Floats, rows: sp.csr_array, low: Floats, high: Floats
) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(cost), len(low)
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.zeros(len(cost)), top
    model.row_lower_, model.row_upper_ = low, high
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = rows.indptr.astype(np.int32)
    model.a_matrix_.index_ = rows.indices.astype(np.int32)
    model.a_matrix_.value_ = rows.data.astype(float)
    return model
