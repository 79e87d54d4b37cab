"""Machine code of the searches for sites: adding by gain, interchange.

All problems of siting are one here: a site saves something at each client that it reaches, a client keeps the
best of what its open sites save, and the sum is to be largest.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.compiled import compiled, lean

__all__ = [
    "NONE",
    "Rows",
    "State",
    "add_by_gain",
    "assign",
    "closed",
    "interchange",
    "kick",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Short = NDArray[np.int32]
Flags = NDArray[np.bool_]

NONE = -1


class Rows(NamedTuple):
    """Sparse rows: entries ``start[k]:start[k + 1]`` of row ``k``."""

    start: Ints
    other: Short
    saving: Floats


class State(NamedTuple):
    """Which sites are open, the best and second best of each client, what closing a site would lose.

    `spare` is room for figures of sites, 0 between calls.
    """

    is_open: Flags
    first: Short
    second: Short
    best: Floats
    next: Floats
    loss: Floats
    spare: Floats


@lean
def _look_up(client: int, clients: Rows, state: State) -> None:
    """Find the two best open sites of a client, whose sites are in falling order."""
    state.first[client] = NONE
    state.second[client] = NONE
    state.best[client] = 0.0
    state.next[client] = 0.0
    for k in range(clients.start[client], clients.start[client + 1]):
        site = clients.other[k]
        if state.is_open[site]:
            if state.first[client] == NONE:
                state.first[client] = site
                state.best[client] = clients.saving[k]
            else:
                state.second[client] = site
                state.next[client] = clients.saving[k]
                break
    if state.first[client] != NONE:
        state.loss[state.first[client]] += state.best[client] - state.next[client]


@lean
def _forget(client: int, state: State) -> None:
    if state.first[client] != NONE:
        state.loss[state.first[client]] -= state.best[client] - state.next[client]


@compiled
def assign(clients: Rows, state: State) -> float:
    """Set the state from the open sites; the sum that they save."""
    state.loss[:] = 0.0
    total = 0.0
    for client in range(len(clients.start) - 1):
        _look_up(client, clients, state)
        total += state.best[client]
    return total


@compiled
def add_by_gain(sites: Rows, clients: Rows, state: State, gain: Floats, count: int) -> int:
    """Open sites one by one, each time the one that saves most on top, until there are `count`."""
    size = len(sites.start) - 1
    opened = 0
    for site in range(size):
        opened += state.is_open[site]
        gain[site] = 0.0
        for k in range(sites.start[site], sites.start[site + 1]):
            gain[site] += max(0.0, sites.saving[k] - state.best[sites.other[k]])
    while opened < count:
        most = NONE
        for site in range(size):
            if not state.is_open[site] and (most == NONE or gain[site] > gain[most]):
                most = site
        if most == NONE or gain[most] <= 0.0:
            break
        state.is_open[most] = True
        opened += 1
        for k in range(sites.start[most], sites.start[most + 1]):
            _improve(sites.other[k], sites.saving[k], clients, state, gain)
    return opened


@lean
def _improve(client: int, saving: float, clients: Rows, state: State, gain: Floats) -> None:
    """Raise what a client saves, and lower what its sites would add."""
    before = state.best[client]
    if saving <= before:
        return
    for k in range(clients.start[client], clients.start[client + 1]):
        if clients.saving[k] <= before:
            break
        gain[clients.other[k]] -= min(clients.saving[k], saving) - before
    state.best[client] = saving


@compiled
def interchange(sites: Rows, clients: Rows, state: State, least: float, most: int) -> int:
    """Swap an open site for a closed one while that saves more than `least`; the number of swaps.

    Sites to open are tried in turn, each against the best one to close (Whitaker 1983); the state is kept
    up, so that only clients around the two are looked at (Resende and Werneck 2007).
    """
    size = len(sites.start) - 1
    swaps = 0
    idle = 0
    site = 0
    while idle < size and swaps < most:
        if not state.is_open[site]:
            gain, close = _best_to_close(site, sites, state)
            if close != NONE and gain > least:
                _swap(site, close, sites, clients, state)
                swaps += 1
                idle = 0
        idle += 1
        site = site + 1 if site + 1 < size else 0
    return swaps


@lean
def _best_to_close(site: int, sites: Rows, state: State) -> tuple[float, int]:
    """Find the best site to close for one that is opened; what the two save."""
    gain = 0.0
    spare = state.spare
    for k in range(sites.start[site], sites.start[site + 1]):
        client, saving = sites.other[k], sites.saving[k]
        first, best, after = state.first[client], state.best[client], state.next[client]
        gain += max(0.0, saving - best)
        if first != NONE and saving > after:
            spare[first] += min(saving, best) - after
    close = NONE
    if gain > 0.0:
        least = np.inf
        for other in range(len(spare)):
            if state.is_open[other] and state.loss[other] - spare[other] < least:
                close, least = other, state.loss[other] - spare[other]
        gain -= least
    for k in range(sites.start[site], sites.start[site + 1]):
        first = state.first[sites.other[k]]
        if first != NONE:
            spare[first] = 0.0
    return gain, close


@lean
def _swap(site: int, close: int, sites: Rows, clients: Rows, state: State) -> None:
    state.is_open[site] = True
    state.is_open[close] = False
    for k in range(sites.start[site], sites.start[site + 1]):
        client = sites.other[k]
        if sites.saving[k] > state.next[client] or state.second[client] == NONE:
            _forget(client, state)
            _look_up(client, clients, state)
    for k in range(sites.start[close], sites.start[close + 1]):
        client = sites.other[k]
        if state.first[client] == close or state.second[client] == close:
            _forget(client, state)
            _look_up(client, clients, state)


@compiled
def kick(sites: Rows, clients: Rows, state: State, chosen: Ints) -> None:
    """Open some sites, each against the best one to close, whether it saves or not."""
    for site in chosen:
        if not state.is_open[site]:
            _, close = _best_to_close(site, sites, state)
            if close != NONE:
                _swap(site, close, sites, clients, state)


def closed(size: int, many: int) -> State:
    """State of nothing open."""
    nobody = np.full(many, NONE, dtype=np.int32)
    return State(
        np.zeros(size, dtype=np.bool_),
        nobody,
        nobody.copy(),
        np.zeros(many),
        np.zeros(many),
        np.zeros(size),
        np.zeros(size),
    )
