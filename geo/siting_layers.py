"""The last step of a proof: branch and bound over the sites that prices leave open.

A client is in layers: with its nearest site alone, with the two nearest, and so on; a layer that holds an open
site saves what the way to its last site is shorter than to the next. Each layer is one variable tied to the one
within it by the sites between the two (García, Labbé and Marín 2011, doi:10.1287/ijoc.1100.0418). Clients share
the layers of the same sites.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from geo.siting_highs import Model, branch
from geo.siting_savings import Prices, Search

__all__ = ["prove"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Counts that limit the work, at effort 1.
MOST_NODES = 2_000
# Largest cost that the solver is given: beyond, its tolerance would swallow what counts.
LARGEST = 1e4
BETTER = 1e-6


class _Layers(NamedTuple):
    """Layers of all clients, merged: entries (layer, site) that come on top of the parent, and what each saves.

    `parent` is -1 for a layer on its own.
    """

    layer: Ints
    site: Ints
    parent: Ints
    gain: Floats


def prove(
    search: Search,
    most_entries: int,
    *,
    effort: float = 1.0,
    progress: Callable[[float], None] | None = None,
) -> float:
    """Improve the best choice of a search, or show that there is no better; gives a bound on all choices."""
    prices = search.prices
    left, fixed = _open_question(search, prices)
    base = _saved_by(search, fixed)
    count = search.count - int(fixed.sum())
    entries = _entries(search, left, base)
    if not len(entries[0]) or count <= 0:
        # Nothing is left to choose: what is fixed is all that a better choice could be.
        search.settle(fixed)
        return search.value
    if len(entries[0]) > most_entries:
        return prices.bound
    layers = _layers(*entries, base, search.savings.size)
    model, most, scale = _model(layers, left, count, float(base.sum()))
    names = np.flatnonzero(left)
    start = _start(layers, names, search.best[names], model)
    found = branch(
        model,
        start=start,
        nodes=round(MOST_NODES * effort),
        abs_gap=(search.step if search.whole else BETTER * search.value) / scale * (1 - BETTER),
        progress=progress,
    )
    if found.values is not None:
        chosen = fixed.copy()
        chosen[names[found.values[: len(names)] > 0.5]] = True
        search.settle(chosen)
    bound = max(most - scale * found.bound, search.value) if math.isfinite(found.bound) else np.inf
    return min(prices.bound, bound)


def _open_question(search: Search, prices: Prices) -> tuple[Flags, Flags]:
    """Sites that may be in a better choice, and sites that are in every one."""
    worth, count = np.append(np.sort(prices.worth)[::-1], 0.0), search.count
    goal = search.value + search.step - BETTER
    last, after = worth[count - 1], worth[count] if count < len(worth) else 0.0
    taken = prices.worth >= last
    fixed = (prices.worth > last) | (taken & (int(taken.sum()) == count))
    fixed &= prices.bound - prices.worth + after < goal
    dropped = ~taken & (prices.bound - last + prices.worth < goal)
    return ~fixed & ~dropped, fixed


def _saved_by(search: Search, fixed: Flags) -> Floats:
    """Sum up what clients save anyhow."""
    clients = search.savings.clients
    client = np.repeat(np.arange(search.savings.many), np.diff(clients.start))
    base = np.zeros(search.savings.many)
    np.maximum.at(base, client, np.where(fixed[clients.other], clients.saving, 0.0))
    return base


def _entries(search: Search, left: Flags, base: Floats) -> tuple[Ints, Ints, Floats]:
    """Client, site and saving of what is still open, clients in order, savings falling."""
    clients = search.savings.clients
    client = np.repeat(np.arange(search.savings.many), np.diff(clients.start))
    keep = left[clients.other] & (clients.saving > base[client])
    return client[keep], clients.other[keep].astype(np.int64), clients.saving[keep]


def _layers(client: Ints, site: Ints, saving: Floats, base: Floats, size: int) -> _Layers:
    first = np.append(True, client[1:] != client[:-1])
    opens = first | np.append(True, saving[1:] != saving[:-1])
    step = np.cumsum(opens) - 1
    begin = np.flatnonzero(opens)
    # Layers by the sites in them: sums of random numbers, which wrap around.
    sign = np.random.default_rng(0).integers(0, 2**63, size, dtype=np.uint64)
    total = np.cumsum(sign[site], dtype=np.uint64)
    before = np.append(np.uint64(0), total)
    start_of = np.flatnonzero(first)[np.cumsum(first) - 1]
    end = np.append(begin[1:], len(site))
    inside = total[end - 1] - before[start_of[begin]]
    value, owner = saving[begin], client[begin]
    is_last = np.append(owner[1:] != owner[:-1], True)
    beyond = np.where(is_last, base[owner], np.append(value[1:], 0.0))
    _, kept, name = np.unique(inside, return_index=True, return_inverse=True)
    gain = np.bincount(name, value - beyond, minlength=len(kept)).astype(float)
    outer = np.append(-1, name[:-1])
    outer[first[begin]] = -1
    is_kept = np.zeros(len(begin), dtype=np.bool_)
    is_kept[kept] = True
    entry = is_kept[step]
    return _Layers(name[step[entry]], site[entry], outer[kept], gain)


def _model(layers: _Layers, left: Flags, count: int, base: float) -> tuple[Model, float, float]:
    """Set up the model; what all layers would save, and what its costs were divided by."""
    size, many = int(left.sum()), len(layers.gain)
    column = np.cumsum(left) - 1
    inner = np.flatnonzero(layers.parent >= 0)
    row = np.concatenate([layers.layer, np.arange(many), inner, np.full(size, many)])
    at = np.concatenate(
        [column[layers.site], size + np.arange(many), size + layers.parent[inner], np.arange(size)]
    )
    value = np.ones(len(row))
    value[len(layers.layer) + many : len(layers.layer) + many + len(inner)] = -1.0
    rows = sp.csr_array((value, (row, at)), shape=(many + 1, size + many))
    low = np.append((layers.parent < 0).astype(float), -np.inf)
    high = np.append(np.full(many, np.inf), count)
    scale = max(1.0, float(layers.gain.max()) / LARGEST)
    cost = np.concatenate([np.zeros(size), layers.gain / scale])
    model = Model(cost, np.ones(size + many), rows, low, high, size)
    return model, base + float(layers.gain.sum()), scale


def _start(layers: _Layers, names: Ints, chosen: Flags, model: Model) -> Floats:
    """Write the best choice as a solution: a layer is unserved if no site up to it is open."""
    size = len(names)
    rows = model.rows[: len(layers.gain), :size]
    unserved = (rows @ chosen.astype(float)) == 0
    # A layer lies further out than its parent; as many rounds as there are layers around each other.
    parent = np.where(layers.parent >= 0, layers.parent, len(unserved))
    while True:
        known = unserved & np.append(unserved, True)[parent]
        if (known == unserved).all():
            break
        unserved = known
    return np.concatenate([chosen.astype(float), unserved.astype(float)])
