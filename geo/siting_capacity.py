"""p-median where a site can only take so much: flows, prices, swaps, and an honest gap.

For a set of open sites the best flows are a transport problem. Its prices tell what opening a site can save at
most and what closing one loses at least, so that few swaps have to be solved. The bound relaxes that clients are
served once: each site then fills its capacity with what is worth most above the prices (Beasley 1985; Cornuejols,
Sridharan and Thizy 1991, doi:10.1016/0377-2217(91)90261-S), which is as good as the relaxation with strong
links. Swaps end where one site for another no longer helps; then all sites of a neighbourhood are chosen anew at
once, one neighbourhood after the other (Shaw 1998, doi:10.1007/3-540-49481-2_30). What prices leave open goes to
HiGHS with those links.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from geo.siting_highs import Flows, Model, branch
from geo.siting_problem import Asked, Choice, choice_with_shares

__all__ = ["median_with_capacity"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Progress = Callable[[float], None]

# Counts that limit the work, at effort 1.
MOST_STEPS = 1_200
MOST_FLOWS = 1_500
# Flows times entries.
MOST_LOOKS = 2e6
MOST_NODES = 60
# Neighbourhoods chosen anew, entries in one, and nodes for one.
MOST_WINDOWS = 40
WINDOW_ENTRIES = 1_000
WINDOW_NODES = 30
# Entries that branch and bound is given: each is a link of its own.
MOST_ENTRIES = 10_000
# Swaps that are tried from one choice before it is left.
TRIES = 60
CHUNK = 20
PATIENCE = 25
LEAST_STEP = 0.003
NEAR = 1e-6


class _Task(NamedTuple):
    """Entries (site, client) in order of sites, what a unit saves there, and what may be taken."""

    site: Ints
    client: Ints
    saving: Floats
    weights: Floats
    capacity: Floats
    fixed: Flags
    most: int


class _Prices(NamedTuple):
    """Prices of the clients, what sites are worth at them, and the bound that follows."""

    paid: Floats
    worth: Floats
    bound: float


class _Best:
    """The best choice so far, how it is valued, and how often that was asked."""

    def __init__(self, task: _Task, total: float, most: int, tell: Progress) -> None:
        self.task, self.total, self.tell, self.left = task, total, tell, most
        self.flows = Flows(task.site, task.client, task.saving, task.weights, len(task.capacity))
        self.value, self.chosen = -1.0, task.fixed.copy()

    def is_near(self, bound: float) -> bool:
        """Tell whether what is left without savings is as little as it can be."""
        # What is saved may be many times as much: its millionth would be too coarse.
        return bound - self.value <= NEAR / 2 * max(self.total - self.value, NEAR * self.total)

    def ask(self, is_open: Flags) -> float:
        """Value of the best flows of a choice."""
        self.left -= 1
        self.tell(0.0)
        value = self.flows.solve(np.where(is_open, self.task.capacity, 0.0))
        if value > self.value * (1 + 1e-12):
            self.value, self.chosen = value, is_open.copy()
        return value


def median_with_capacity(
    problem: Asked,
    *,
    count: int,
    penalty_m: float,
    seed: int = 0,
    effort: float = 1.0,
    progress: Progress | None = None,
) -> Choice:
    """Choose `count` sites beside the fixed ones and share the clients out; see `geo.siting.median`.

    Parameters
    ----------
    problem : Asked
        Its marks are the fixed sites and the capacities.
    count : int
        Sites to choose at the most.
    penalty_m : float
        Metres counted for what is not served.
    seed, effort, progress
        As everywhere.
    """
    task = _task(problem, count, penalty_m)
    flows = effort * min(MOST_FLOWS, MOST_LOOKS / max(len(task.site), 1))
    most = float(problem.weights[problem.is_reached].sum()) * penalty_m
    best = _Best(task, most, round(flows), _teller(progress, 0.3))
    prices = _bid(task, best, max(1, round(MOST_STEPS * effort)), _teller(progress, 0.0))
    bound = prices.bound
    if not best.is_near(bound):
        rng = np.random.default_rng(seed)
        _climb(best, rng)
        best.tell = _teller(progress, 0.4)
        _renew(best, rng, round(MOST_WINDOWS * effort))
    if not best.is_near(bound) and len(task.site) <= MOST_ENTRIES:
        best.tell = _teller(progress, 0.6)
        bound = min(bound, _branched(task, best, prices, effort))
    best.flows.solve(np.where(best.chosen, task.capacity, 0.0))
    taken = sp.csr_array((best.flows.taken(), (task.site, task.client)), shape=problem.reach.shape)
    return choice_with_shares(
        problem, np.flatnonzero(best.chosen), taken, penalty_m=penalty_m, bound=most - bound
    )


def _teller(progress: Progress | None, share: float) -> Progress:
    return (lambda _: None) if progress is None else (lambda _: progress(share))


def _task(problem: Asked, count: int, penalty_m: float) -> _Task:
    reach = problem.reach
    site = np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))
    capacity = problem.marks[:, 1]
    saving = penalty_m - reach.data
    keep = (saving > 0) & (problem.weights[reach.indices] > 0) & (capacity[site] > 0)
    return _Task(
        site[keep],
        reach.indices[keep].astype(np.int64),
        saving[keep],
        problem.weights,
        capacity,
        problem.is_open,
        count,
    )


def _filled(task: _Task, paid: Floats) -> tuple[Floats, Floats]:
    """Fill every site with what is worth most above the prices: what entries take, what sites are worth."""
    over = task.saving - paid[task.client]
    order = np.lexsort((-over, task.site))
    site, weight = task.site[order], np.where(over > 0, task.weights[task.client], 0.0)[order]
    upto = np.cumsum(weight)
    begin = np.searchsorted(site, np.arange(len(task.capacity)))
    before = (np.append(0.0, upto)[begin])[site]
    room = task.capacity[site] - (upto - weight - before)
    taken = np.empty(len(order))
    taken[order] = np.clip(room, 0.0, weight)
    return taken, np.bincount(task.site, taken * over, len(task.capacity)).astype(float)


def _most_valuable(task: _Task, worth: Floats) -> Flags:
    free = np.where(task.fixed | (worth <= 0), -1.0, worth)
    order = np.argsort(-free, kind="stable")[: task.most]
    taken = task.fixed.copy()
    taken[order[free[order] > 0]] = True
    return taken


def _bid(task: _Task, best: _Best, steps: int, tell: Progress) -> _Prices:
    """Move the prices by subgradients so that the bound comes down; look for choices on the way."""
    paid = np.zeros(len(task.weights))
    found = _Prices(paid, np.zeros(len(task.capacity)), np.inf)
    top = np.zeros(len(task.weights))
    np.maximum.at(top, task.client, task.saving)
    way, length, idle = np.zeros(len(paid)), 2.0, 0
    for step in range(steps):
        tell(0.0)
        taken, worth = _filled(task, paid)
        chosen = _most_valuable(task, worth)
        bound = float(task.weights @ paid + worth[chosen].sum())
        idle += 1
        if bound < found.bound * (1 - 1e-9):
            found, idle = _Prices(paid.copy(), worth, bound), 0
        if step % CHUNK == 0:
            best.ask(chosen)
        if length < LEAST_STEP or best.is_near(found.bound):
            break
        if idle >= PATIENCE:
            length, idle, paid = length / 2, 0, found.paid.copy()
            way[:] = 0.0
            continue
        served = np.bincount(task.client, taken * chosen[task.site], minlength=len(paid))
        way = 0.4 * way + task.weights - served
        norm = float(way @ way)
        if norm == 0.0:
            break
        paid = np.clip(paid - length * max(bound - best.value, 0.0) / norm * way, 0.0, top)
    return found


def _climb(best: _Best, rng: np.random.Generator) -> None:
    """Swap while that helps, then leave the best choice a little way at random and swap again."""
    task = best.task
    here, is_open = best.value, best.chosen.copy()
    while best.left > 0:
        here = _swapped(best, is_open, here)
        is_open = best.chosen.copy()
        free = np.flatnonzero(is_open & ~task.fixed)
        closed = np.flatnonzero(~is_open)
        if not len(free) or not len(closed):
            break
        strength = int(rng.integers(2, 5))
        is_open[rng.choice(free, min(strength, len(free)), replace=False)] = False
        is_open[rng.choice(closed, min(strength, len(closed)), replace=False)] = True
        here = best.ask(is_open)


def _swapped(best: _Best, is_open: Flags, value: float) -> float:
    """Swap sites as long as that saves more; the value then."""
    task = best.task
    while best.left > 0:
        best.flows.solve(np.where(is_open, task.capacity, 0.0))
        _, worth = _filled(task, best.flows.prices())
        closed = np.flatnonzero(~is_open & (worth > 0))
        free = np.flatnonzero(is_open & ~task.fixed)
        # No swap saves more than this: the prices stay valid when sites open and close.
        most = worth[closed][:, None] - worth[free][None, :]
        order = np.argsort(-most, axis=None, kind="stable")[:TRIES]
        for pick in order[most.ravel()[order] > NEAR * value]:
            opens, closes = closed[pick // len(free)], free[pick % len(free)]
            trial = is_open.copy()
            trial[opens], trial[closes] = True, False
            reached = best.ask(trial)
            if reached > value * (1 + NEAR * 1e-2):
                is_open[:], value = trial, reached
                break
            if best.left <= 0:
                break
        else:
            break
    return value


def _renew(best: _Best, rng: np.random.Generator, windows: int) -> None:
    """Choose neighbourhoods anew, each with as many sites as it has, until none gets better."""
    task = best.task
    size, many = len(task.capacity), len(task.weights)
    entries = np.bincount(task.site, minlength=size)
    reach = sp.csr_array((np.ones(len(task.site)), (task.site, task.client)), shape=(size, many))
    beside = sp.csr_array(reach @ reach.T)
    able = np.flatnonzero((entries > 0) & ~task.fixed)
    order: list[int] = []
    idle = 0
    while windows > 0 and idle < len(able) and len(task.site) > WINDOW_ENTRIES:
        order = order or rng.permutation(able).tolist()
        near = _neighbourhood(order.pop(), beside, entries) & ~task.fixed
        idle += 1
        if (near & best.chosen).any() and (near & ~best.chosen).any():
            windows -= 1
            before = best.value
            _renew_within(best, near)
            if best.value > before * (1 + NEAR * 1e-2):
                idle = 0


def _neighbourhood(site: int, beside: sp.csr_array, entries: Ints) -> Flags:
    """Sites that share most clients with one, and then with these, as many as may be chosen at once."""
    shared = beside[[site]].toarray().ravel()
    further = beside @ shared
    shared[site] = np.inf
    order = np.lexsort((-further, -shared))
    order = order[(shared[order] > 0) | (further[order] > 0)]
    near = np.zeros(len(entries), dtype=np.bool_)
    near[order[np.cumsum(entries[order]) <= WINDOW_ENTRIES]] = True
    return near


def _renew_within(best: _Best, near: Flags) -> None:
    """Choose the sites of a neighbourhood anew; what others take of clients beyond it stays."""
    task, chosen = best.task, best.chosen
    best.flows.solve(np.where(chosen, task.capacity, 0.0))
    taken = best.flows.taken()
    inside = np.zeros(len(task.weights), dtype=np.bool_)
    inside[task.client[near[task.site]]] = True
    kept = np.bincount(task.site, np.where(inside[task.client], 0.0, taken), len(near))
    room = np.where(near, task.capacity, np.maximum(task.capacity - kept, 0.0))
    use = (near | chosen)[task.site] & inside[task.client]
    model, names, _ = _model_of(task, use, near, room, int((near & chosen).sum()))
    share = taken[use] / task.weights[task.client[use]]
    start = np.concatenate([chosen[names].astype(float), share])
    found = branch(model, start=start, nodes=WINDOW_NODES, rel_gap=NEAR, progress=best.tell)
    if found.values is not None:
        trial = chosen & ~near
        trial[names[found.values[: len(names)] > 0.5]] = True
        best.ask(trial)


def _model_of(
    task: _Task, use: Flags, free: Flags, room: Floats, most: int
) -> tuple[Model, Ints, float]:
    """Model with strong links of the entries in use; its sites in order, and what its costs were divided by.

    `free` sites are chosen, `most` of them; the others in use are open. Variables are first the free sites, then
    the shares that entries take of their clients.
    """
    weight = task.weights[task.client[use]]
    names = np.unique(task.site[use & free[task.site]])
    column = np.full(len(free), -1)
    column[names] = np.arange(len(names))
    served, client = np.unique(task.client[use], return_inverse=True)
    sites, site = np.unique(task.site[use], return_inverse=True)
    size, many, entries = len(names), len(served), int(use.sum())
    at = size + np.arange(entries)
    # Shares of a client, what a site takes, links, and the number of sites.
    own = np.flatnonzero(free[sites])
    linked = np.flatnonzero(free[sites[site]])
    link = many + len(sites) + np.arange(len(linked))
    count = many + len(sites) + len(linked)
    ones = np.ones(len(linked))
    row = [client, many + site, many + own, link, link, np.full(size, count)]
    of_link = column[sites[site[linked]]]
    col = [at, at, column[sites[own]], at[linked], of_link, np.arange(size)]
    data = [np.ones(entries), weight, -room[sites[own]], ones, -ones, np.ones(size)]
    rows = sp.csr_array(
        (np.concatenate(data), (np.concatenate(row), np.concatenate(col))),
        shape=(count + 1, size + entries),
    )
    open_room = np.where(free[sites], 0.0, room[sites])
    high = np.concatenate([np.ones(many), open_room, np.zeros(len(linked)), [most]])
    gain = weight * task.saving[use]
    scale = max(float(gain.max(initial=1.0)) / 1e3, 1e-9)
    model = Model(
        np.concatenate([np.zeros(size), -gain / scale]),
        np.ones(size + entries),
        rows,
        np.full(len(high), -np.inf),
        high,
        size,
    )
    return model, names, scale


def _branched(task: _Task, best: _Best, prices: _Prices, effort: float) -> float:
    """Branch and bound with strong links over the sites that prices leave open; gives a bound."""
    goal = best.value
    taken = _most_valuable(task, prices.worth)
    free = taken & ~task.fixed
    is_full = int(free.sum()) == task.most
    last = prices.worth[free].min() if is_full and free.any() else 0.0
    left = taken | best.chosen | (prices.bound - last + prices.worth >= goal)
    use = left[task.site]
    model, names, scale = _model_of(task, use, ~task.fixed, task.capacity, task.most)
    best.flows.solve(np.where(best.chosen, task.capacity, 0.0))
    share = best.flows.taken()[use] / task.weights[task.client[use]]
    found = branch(
        model,
        start=np.concatenate([best.chosen[names].astype(float), share]),
        nodes=round(MOST_NODES * effort),
        abs_gap=NEAR / 4 * (best.total - best.value) / scale,
        progress=best.tell,
    )
    if found.values is not None:
        trial = task.fixed.copy()
        trial[names[found.values[: len(names)] > 0.5]] = True
        best.ask(trial)
    return max(-scale * found.bound, best.value) if math.isfinite(found.bound) else prices.bound
