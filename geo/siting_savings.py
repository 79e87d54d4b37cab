"""Open at most so many sites, so that what their clients save is most: search, bound from prices, proof.

A client saves what its best open site saves it. Covering most (a site saves a client its whole weight) and the
p-median (it saves the way beyond a limit) are both of this kind, and so is Beasley's relaxation: clients pay a
price for being served, sites are worth what they save above it, and the prices plus the most valuable sites are a
bound (Beasley 1985, doi:10.1016/0377-2217(85)90040-2). Prices also tell which sites are in no better choice
and which in all; what is left goes to branch and bound (radius formulation: García, Labbé and Marín 2011,
doi:10.1287/ijoc.1100.0418).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.siting_kernels import Rows, State, add_by_gain, assign, closed, interchange, kick
from geo.siting_prices import BOUND, ENDED, Bids, bid_on

__all__ = ["Saved", "Savings", "most_saved", "savings_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Progress = Callable[[float], None]

# Counts that limit the work, at effort 1.
MOST_STEPS = 1_500
MOST_KICKS = 400
# Entries looked at in all kicks together.
MOST_LOOKS = 4e8
CHUNK = 25
FIRST_STEPS = 100
# Entries of sites and clients left open that branch and bound is given after the first steps, all steps, all kicks.
STAGES = (3_000, 15_000, 60_000)
MOST_SWAPS = 1_000_000
NEAR = 1e-9


class Savings(NamedTuple):
    """What sites save their clients: by site, and by client in falling order."""

    sites: Rows
    clients: Rows

    @property
    def size(self) -> int:
        """Number of sites."""
        return len(self.sites.start) - 1

    @property
    def many(self) -> int:
        """Number of clients."""
        return len(self.clients.start) - 1


class Prices(NamedTuple):
    """Prices of the clients, what sites are worth at them, and the bound that follows."""

    paid: Floats
    worth: Floats
    bound: float


class Saved(NamedTuple):
    """Sites chosen, what they save, and what no choice can exceed."""

    chosen: Ints
    value: float
    bound: float


def savings_of(site: Ints, client: Ints, saving: Floats, size: int, many: int) -> Savings:
    """Build the rows from entries; what saves nothing is left out."""
    keep = saving > 0
    site, client, saving = site[keep], client[keep], saving[keep]
    by_site = np.lexsort((client, site))
    by_client = np.lexsort((site, -saving, client))
    return Savings(
        _rows(site[by_site], client[by_site], saving[by_site], size),
        _rows(client[by_client], site[by_client], saving[by_client], many),
    )


def _rows(row: Ints, other: Ints, saving: Floats, size: int) -> Rows:
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=size))]).astype(np.int64)
    return Rows(start, other.astype(np.int32), saving)


class Search:
    """The best choice so far, and the prices that bound it best."""

    def __init__(self, savings: Savings, count: int, *, whole: bool, seed: int) -> None:
        size, many = savings.size, savings.many
        self.savings, self.count, self.whole = savings, min(count, size), whole
        self.state = closed(size, many)
        self.rng = np.random.default_rng(seed)
        self.best = np.zeros(size, dtype=np.bool_)
        self.value = -1.0
        self.prices = Prices(np.zeros(many), np.zeros(size), np.inf)
        self.bids = _bids(savings, self.state)
        self.scale = float(savings.clients.saving.max(initial=0.0))

    @property
    def is_done(self) -> bool:
        """Whether nothing better is possible."""
        return self.prices.bound < self.value + self.step

    @property
    def step(self) -> float:
        """How much better the next choice would be at least."""
        near = NEAR * max(self.value, self.prices.bound if np.isfinite(self.prices.bound) else 0.0)
        return 1.0 - 1e-6 if self.whole else max(near, 1e-12)

    def settle(self, is_open: Flags) -> float:
        """Improve a choice by swaps and keep it if it is the best."""
        self.state.is_open[:] = is_open
        self.state.best[:] = 0.0
        assign(self.savings.clients, self.state)
        self.fill()
        self.swap()
        return self.keep()

    def fill(self) -> None:
        """Open sites while there may be more of them."""
        if self.state.is_open.sum() < self.count:
            add_by_gain(*self.savings, self.state, np.empty(self.savings.size), self.count)
            assign(self.savings.clients, self.state)

    def swap(self) -> None:
        """Swap while that saves more."""
        least = 0.5 if self.whole else NEAR * self.scale
        interchange(*self.savings, self.state, least, MOST_SWAPS)

    def keep(self) -> float:
        """Remember the state if it is the best; its value."""
        value = assign(self.savings.clients, self.state)
        if value > self.value:
            self.value = value
            self.best = self.state.is_open.copy()
        return value


def most_saved(
    savings: Savings,
    count: int,
    *,
    whole: bool,
    seed: int = 0,
    effort: float = 1.0,
    prove: Callable[[Search, int], float] | None = None,
    progress: Progress | None = None,
) -> Saved:
    """Choose at most `count` sites that save most.

    Parameters
    ----------
    savings : Savings
        What sites save.
    count : int
        Sites at the most.
    whole : bool
        Whether all savings are whole numbers.
    seed, effort
        Of the random part, and how much of everything is tried.
    prove
        Goes on from the search with branch and bound if no more than so many entries are open; gives a bound.
    progress
        Called with the share done.
    """
    tell = progress if progress is not None else _silent
    search = Search(savings, count, whole=whole, seed=seed)
    search.settle(search.best)
    search.bids = _bids(savings, search.state)
    bound = np.inf
    for stage, most in enumerate(STAGES):
        share = stage / len(STAGES)
        if stage < 2:
            steps = max(1, round((FIRST_STEPS, MOST_STEPS)[stage] * effort))
            bid(search, steps, _between(tell, share, share + 0.2))
        else:
            shake(search, _kicks(savings, effort), _between(tell, share, share + 0.2))
        bound = min(bound, search.prices.bound)
        if search.value + search.step <= bound and prove is not None:
            bound = min(bound, prove(search, most))
        if search.value + search.step > bound:
            break
    tell(1.0)
    return Saved(np.flatnonzero(search.best), search.value, bound)


def _between(tell: Progress, begin: float, end: float) -> Progress:
    """Tell the share of a part as a share of the whole."""
    return lambda share: tell(begin + (end - begin) * share)


def _silent(share: float) -> None:
    """Nobody listens."""


def _kicks(savings: Savings, effort: float) -> int:
    looks = len(savings.sites.other) + savings.size
    return int(effort * min(MOST_KICKS, MOST_LOOKS / max(looks, 1)))


def bid(search: Search, steps: int, progress: Progress) -> None:
    """Bring the bound down, and look for choices among the most valuable sites on the way."""
    bids = search.bids
    for begin in range(0, steps, CHUNK):
        progress(begin / steps)
        goal = (search.value, search.step)
        bid_on(search.savings.clients, bids, search.count, goal, min(CHUNK, steps - begin))
        search.prices = Prices(bids.best_paid, bids.best_worth, float(bids.figures[BOUND]))
        if search.is_done:
            break
        search.settle(bids.taken)
        if bids.figures[ENDED]:
            break
    progress(1.0)


def _bids(savings: Savings, state: State) -> Bids:
    """Start from what clients save at their second best site."""
    size, many, start = savings.size, savings.many, savings.clients.start
    top = np.zeros(many)
    some = np.flatnonzero(np.diff(start))
    top[some] = savings.clients.saving[start[some]]
    return Bids(
        paid=state.next.copy(),
        best_paid=np.zeros(many),
        worth=np.zeros(size),
        best_worth=np.zeros(size),
        top=top,
        way=np.zeros(many),
        room=np.zeros(size),
        taken=np.zeros(size, dtype=np.bool_),
        figures=np.array([np.inf, 2.0, 0.0, 0.0]),
    )


def shake(search: Search, kicks: int, progress: Progress) -> None:
    """Leave the best choice a little way at random, improve again, and stay where it is no worse."""
    state, size = search.state, search.savings.size
    state.is_open[:] = search.best
    here = search.keep()
    settled = search.best.copy()
    for turn in range(kicks):
        if turn % CHUNK == 0:
            progress(turn / kicks)
        strength = int(search.rng.integers(1, 2 + min(8, max(1, search.count // 4))))
        kick(*search.savings, state, search.rng.integers(0, size, strength))
        search.swap()
        value = search.keep()
        if value >= here - search.step * 0.5:
            here = max(here, value)
            settled = state.is_open.copy()
        else:
            state.is_open[:] = settled
            assign(search.savings.clients, state)
        if search.is_done:
            break
    progress(1.0)
