"""Fewest or cheapest sites that cover all clients: what follows by itself, a local search, a bound, a proof.

Clients that another one's sites cover anyhow, and sites that another one replaces, are taken out until nothing
changes; a client with one site left opens it. The rest is searched by weighting (see `geo.siting_weighting`),
bounded by the prices of the relaxation, whose reduced costs close most sites, and handed to HiGHS.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from geo.siting_highs import Model, branch, row_prices
from geo.siting_kernels import add_by_gain, closed
from geo.siting_savings import savings_of
from geo.siting_weighting import Cover, Walk, cover_better, without_idle

__all__ = ["Covered", "least_cover"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Progress = Callable[[float], None]

# Counts that limit the work, at effort 1.
MOST_STEPS = 500_000
# Steps times open sites.
MOST_LOOKS = 3e9
MOST_NODES = 5_000
# Share of the steps, and entries that branch and bound is given then: few at once, more after a longer search.
STAGES = ((0.05, 10_000), (1.0, 40_000))
# Pairs of clients or sites that are compared in a round of reduction, and rounds.
MOST_PAIRS = 2e7
MOST_ROUNDS = 30
CHUNK = 500
NEAR = 1e-7


class Covered(NamedTuple):
    """Sites chosen, their cost, and what no cover can be below."""

    chosen: Ints
    cost: float
    bound: float


class _Core(NamedTuple):
    """What is left after reduction: rows are sites, columns are clients."""

    member: sp.csr_array
    sites: Ints
    opened: Ints


class _Task(NamedTuple):
    """What is left to solve: who covers whom, costs, and whether these are whole numbers."""

    member: sp.csr_array
    cost: Floats
    whole: bool


class _Relaxed(NamedTuple):
    """Prices of the clients in the relaxation, and the bound that follows."""

    prices: Floats
    bound: float


class _Best(NamedTuple):
    """The best cover so far, and what no cover is below."""

    chosen: Ints
    bound: float

    def goal(self, task: _Task) -> float:
        """Tell the least that a cover can cost."""
        if task.whole:
            return math.ceil(self.bound - NEAR * max(1.0, self.bound))
        return self.bound * (1 + NEAR)

    def is_proven(self, task: _Task) -> bool:
        """Tell whether no cover is better."""
        return float(task.cost[self.chosen].sum()) <= self.goal(task) + NEAR

    def or_else(self, chosen: Ints, task: _Task) -> _Best:
        """Take another cover if it is better."""
        better = task.cost[chosen].sum() < task.cost[self.chosen].sum() - NEAR
        return self._replace(chosen=chosen) if better else self


def least_cover(
    member: sp.csr_array,
    cost: Floats,
    *,
    seed: int = 0,
    effort: float = 1.0,
    progress: Progress | None = None,
) -> Covered:
    """Choose sites of least cost such that every client has one.

    Parameters
    ----------
    member : csr_array, (sites, clients)
        An entry where a site covers a client; every client has one.
    cost : ndarray of float, (sites,)
        More than 0.
    seed, effort
        Of the random part, and how much is tried.
    progress
        Called with the share done.
    """
    tell = progress if progress is not None else _silent
    whole = bool((cost == np.round(cost)).all())
    core = _reduced(member, cost, lambda share: tell(0.2 * share))
    paid = float(cost[core.opened].sum())
    if not core.member.shape[1]:
        return Covered(core.opened, paid, paid)
    rest = cost[core.sites]
    task = _Task(core.member, rest, whole)
    relaxed = _prices(task, lambda share: tell(0.2 + 0.1 * share))
    best = _Best(np.arange(len(rest)), relaxed.bound)
    for turn, (share, entries) in enumerate(STAGES):
        if not best.is_proven(task):
            chosen = _searched(
                task,
                best.goal(task),
                seed=seed + turn,
                effort=effort * share,
                tell=_between(tell, 0.3 + 0.3 * turn, 0.6 + 0.3 * turn),
            )
            best = best.or_else(chosen, task)
        if not best.is_proven(task):
            best = _branched(
                task, best, relaxed, (round(MOST_NODES * effort), entries), lambda _: tell(0.6)
            )
    chosen, bound = best
    tell(1.0)
    sites = np.sort(np.concatenate([core.opened, core.sites[chosen]]))
    return Covered(sites, float(cost[sites].sum()), paid + min(bound, float(rest[chosen].sum())))


def _between(tell: Progress, begin: float, end: float) -> Progress:
    """Tell the share of a part as a share of the whole."""
    return lambda share: tell(begin + (end - begin) * share)


def _silent(share: float) -> None:
    """Nobody listens."""


def _reduced(member: sp.csr_array, cost: Floats, tell: Progress) -> _Core:
    """Take out what another client or site stands for, and open what a client needs."""
    sites = np.arange(member.shape[0])
    opened: list[Ints] = []
    member = sp.csr_array((np.ones(member.nnz), member.indices, member.indptr), member.shape)
    for turn in range(MOST_ROUNDS):
        tell(turn / MOST_ROUNDS)
        before = member.shape
        across = sp.csr_array(member.T)
        across = across[_kept(across, np.zeros(across.shape[0]), most=False)]
        alone = np.unique(across.indices[across.indptr[:-1][np.diff(across.indptr) == 1]])
        opened.append(sites[alone])
        done = across[:, alone].sum(axis=1) > 0
        member = sp.csr_array(across[~done].T)
        member = _sorted(member)
        keep = _kept(member, cost[sites], most=True)
        member, sites = member[keep], sites[keep]
        if member.shape == before:
            break
    return _Core(_sorted(member), sites, np.concatenate(opened))


def _sorted(table: sp.csr_array) -> sp.csr_array:
    table.sort_indices()
    return table


def _kept(rows: sp.csr_array, cost: Floats, *, most: bool) -> Ints:
    """Rows that no other stands for: one that holds all of it (`most`) at no more cost, or only part of it."""
    size = np.diff(rows.indptr)
    rough = float((np.diff(sp.csc_array(rows).indptr).astype(float) ** 2).sum())
    full = np.flatnonzero(size > 0)
    if rough > MOST_PAIRS:
        return full[_first_of_equal(rows[full], cost[full])]
    shared = sp.coo_array(rows @ rows.T)
    one, other = shared.coords
    inside = (shared.data == size[one]) & (one != other)  # all of one is in the other
    # Of equal ones the cheaper stays, then the first.
    equal = size[one] == size[other]
    prefers = (cost[other] < cost[one]) | ((cost[other] == cost[one]) & (other < one))
    if most:
        gone = one[inside & np.where(equal, prefers, cost[other] <= cost[one])]
    else:
        gone = np.where(equal, np.maximum(one, other), other)[inside]
    size[gone] = 0
    return np.flatnonzero(size > 0)


def _first_of_equal(rows: sp.csr_array, cost: Floats) -> Ints:
    sign = np.random.default_rng(0).integers(0, 2**63, rows.shape[1], dtype=np.uint64)
    total = np.append(np.uint64(0), np.cumsum(sign[rows.indices], dtype=np.uint64))
    name = total[rows.indptr[1:]] - total[rows.indptr[:-1]]
    order = np.lexsort((np.arange(len(name)), cost, name))
    first = np.append(True, name[order][1:] != name[order][:-1])
    return np.sort(order[first])


def _prices(task: _Task, tell: Progress) -> _Relaxed:
    """Price clients by the relaxation; the bound follows by own arithmetic."""
    member, cost = task.member, task.cost
    many = member.shape[1]
    scale = float(cost.max())
    model = Model(
        cost / scale,
        np.full(len(cost), np.inf),
        sp.csr_array(member.T),
        np.ones(many),
        np.full(many, np.inf),
        0,
    )
    found = row_prices(model, progress=tell)
    prices = np.maximum(found, 0.0) * scale if found is not None else np.zeros(many)
    bound = float(prices.sum() + np.minimum(cost - member @ prices, 0.0).sum())
    return _Relaxed(prices, bound)


def _searched(task: _Task, goal: float, *, seed: int, effort: float, tell: Progress) -> Ints:
    """Add by gain, close what is idle, go on by weighting."""
    member, cost, _ = task
    size, many = member.shape
    across = _sorted(sp.csr_array(member.T))
    cover = Cover(
        member.indptr.astype(np.int64),
        member.indices.astype(np.int32),
        across.indptr.astype(np.int64),
        across.indices.astype(np.int32),
        cost,
    )
    best = _added(member, size, many)
    without_idle(cover, best, np.lexsort((np.arange(size), np.diff(member.indptr) / cost)))
    walk, figures = _walk(cover, best, goal)
    rng = np.random.default_rng(seed)
    steps = int(effort * min(MOST_STEPS, MOST_LOOKS / (size + many)))
    for begin in range(0, steps, CHUNK):
        tell(begin / steps)
        gone = cover_better(cover, walk, best, figures, rng.integers(0, 2**31, CHUNK))
        figures[4] += gone
        if gone < CHUNK:
            break
    return np.flatnonzero(best)


def _added(member: sp.csr_array, size: int, many: int) -> Flags:
    site = np.repeat(np.arange(size), np.diff(member.indptr))
    savings = savings_of(site, member.indices, np.ones(member.nnz), size, many)
    state = closed(size, many)
    add_by_gain(*savings, state, np.empty(size), size)
    return state.is_open


def _walk(cover: Cover, best: Flags, goal: float) -> tuple[Walk, Floats]:
    size, many = len(best), len(cover.client_start) - 1
    site = np.repeat(np.arange(size), np.diff(cover.site_start))
    times = np.bincount(cover.of_site, best[site], minlength=many).astype(np.int64)
    # Nothing is bare: closed sites would cover nothing anew, open ones lay bare what they cover alone.
    score = np.bincount(site, (times[cover.of_site] == 1) & best[site], minlength=size)
    opened = np.flatnonzero(best)
    spot = np.zeros(size, dtype=np.int64)
    spot[opened] = np.arange(1, len(opened) + 1)
    walk = Walk(
        best.copy(),
        np.concatenate([[len(opened)], opened, np.zeros(size - len(opened), dtype=np.int64)]),
        spot,
        times,
        np.ones(many),
        score.astype(float),
        np.zeros(size, dtype=np.int64),
        np.ones(size, dtype=np.bool_),
        np.zeros(many, dtype=np.int64),
        np.zeros(many, dtype=np.int64),
    )
    spent = float(cover.cost[best].sum())
    return walk, np.array([spent, spent, 0.0, goal, 0.0, -1.0])


def _branched(
    task: _Task, best: _Best, relaxed: _Relaxed, most: tuple[int, int], tell: Progress
) -> _Best:
    """Branch and bound over the sites whose reduced cost leaves room for a better cover.

    `most` are the nodes and the entries of the model at the most.
    """
    member, cost, whole = task
    value = float(cost[best.chosen].sum())
    goal = value - (1 - NEAR if whole else NEAR * value)
    reduced = cost - member @ relaxed.prices
    is_chosen = np.isin(np.arange(len(cost)), best.chosen)
    left = np.flatnonzero((relaxed.bound + reduced <= goal + NEAR) | is_chosen)
    rows = sp.csr_array(member[left].T)
    if rows.nnz > most[1]:
        return best
    scale, many = float(cost.max()), rows.shape[0]
    found = branch(
        Model(
            cost[left] / scale,
            np.ones(len(left)),
            rows,
            np.ones(many),
            np.full(many, np.inf),
            len(left),
        ),
        start=is_chosen[left].astype(float),
        nodes=most[0],
        abs_gap=(1 - NEAR if whole else NEAR * value) / scale,
        progress=tell,
    )
    if found.values is not None:
        chosen = left[found.values > 0.5]
        if (member[chosen].sum(axis=0) > 0).all():
            best = best.or_else(chosen, task)
    if math.isfinite(found.bound):
        # Covers with a closed site are no better than the choice; the others are bounded by the search.
        best = best._replace(bound=max(best.bound, min(scale * found.bound, value)))
    return best
