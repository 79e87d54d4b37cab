"""Machine code of the bound: prices of clients are moved by subgradients so that what can be saved at most comes down.

At prices a site is worth what it saves above them; the prices and the most valuable sites together are a bound.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.compiled import compiled, lean
from geo.siting_kernels import Rows

__all__ = ["BOUND", "ENDED", "IDLE", "LENGTH", "Bids", "bid_on"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Steps without a better bound before they are halved, and the step that is too small to go on.
PATIENCE = 20
LEAST_STEP = 0.004
# What is left of the last direction in the next.
MEMORY = 0.7
# Places in the figures.
BOUND, LENGTH, IDLE, ENDED = 0, 1, 2, 3


class Bids(NamedTuple):
    """Prices now and at the best bound, worth of the sites likewise, and room to work in.

    `top` is the highest price that makes sense; `figures` are the best bound, the length of the step, the steps
    since the bound came down, and 1 once there is nothing more to gain.
    """

    paid: Floats
    best_paid: Floats
    worth: Floats
    best_worth: Floats
    top: Floats
    way: Floats
    room: Floats
    taken: Flags
    figures: Floats


@compiled
def bid_on(clients: Rows, bids: Bids, count: int, goal: tuple[float, float], steps: int) -> None:
    """Go so many steps, or until no choice can save so much (`goal`: what is saved, and how much more)."""
    value, better = goal
    figures = bids.figures
    for _ in range(steps):
        bound = _bound(clients, bids, count)
        figures[IDLE] += 1.0
        if bound < figures[BOUND] * (1.0 - 1e-12):
            figures[BOUND], figures[IDLE] = bound, 0.0
            _copy(bids.paid, bids.best_paid)
            _copy(bids.worth, bids.best_worth)
        if figures[BOUND] < value + better or figures[LENGTH] < LEAST_STEP:
            figures[ENDED] = 1.0
            break
        if figures[IDLE] >= PATIENCE:
            figures[LENGTH], figures[IDLE] = figures[LENGTH] / 2.0, 0.0
            _copy(bids.best_paid, bids.paid)
            for client in range(len(bids.way)):
                bids.way[client] = 0.0
        elif not _step(clients, bids, bound - value):
            figures[ENDED] = 1.0
            break


@lean
def _copy(source: Floats, target: Floats) -> None:
    for k in range(len(source)):
        target[k] = source[k]


@lean
def _bound(clients: Rows, bids: Bids, count: int) -> float:
    """Bound at the prices; the most valuable sites are taken."""
    worth, bound = bids.worth, 0.0
    for site in range(len(worth)):
        worth[site] = 0.0
    for client in range(len(bids.paid)):
        paid = bids.paid[client]
        bound += paid
        for k in range(clients.start[client], clients.start[client + 1]):
            if clients.saving[k] <= paid:
                break
            worth[clients.other[k]] += clients.saving[k] - paid
    _copy(worth, bids.room)
    least = _nth(bids.room, len(worth) - count) if 0 < count < len(worth) else 0.0
    left = count
    for site in range(len(worth)):
        bids.taken[site] = worth[site] > least and count > 0
        left -= bids.taken[site]
    for site in range(len(worth)):
        # Of equally valuable sites the first.
        if left > 0 and worth[site] == least and least > 0.0:
            bids.taken[site] = True
            left -= 1
        if bids.taken[site]:
            bound += worth[site]
    return bound


@lean
def _nth(values: Floats, place: int) -> float:
    """Find what stands at a place if values were sorted; they are moved (Hoare 1961)."""
    low, high = 0, len(values) - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if place <= j:
            high = j
        elif place >= i:
            low = i
        else:
            break
    return float(values[place])


@lean
def _step(clients: Rows, bids: Bids, apart: float) -> bool:
    """Move the prices; whether there was a way to go."""
    norm = 0.0
    for client in range(len(bids.paid)):
        slope = 1.0
        for k in range(clients.start[client], clients.start[client + 1]):
            if clients.saving[k] <= bids.paid[client]:
                break
            slope -= bids.taken[clients.other[k]]
        bids.way[client] = MEMORY * bids.way[client] + slope
        norm += bids.way[client] ** 2
    if norm == 0.0:
        return False
    length = bids.figures[LENGTH] * apart / norm
    for client in range(len(bids.paid)):
        price = bids.paid[client] - length * bids.way[client]
        bids.paid[client] = min(max(price, 0.0), bids.top[client])
    return True
