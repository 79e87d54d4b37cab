"""Machine code of the local search for fewest sites that cover all clients.

One site too few is open; clients that stay uncovered grow heavier until they are covered (row weighting: Gao,
Weise and Li 2015, doi:10.1016/j.ejor.2015.05.038). With costs, what a site covers counts per unit of its cost.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.compiled import compiled, lean

__all__ = ["Cover", "Walk", "cover_better", "without_idle"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Short = NDArray[np.int32]
Flags = NDArray[np.bool_]


class Cover(NamedTuple):
    """Who covers whom: clients of each site, sites of each client, cost of each site."""

    site_start: Ints
    of_site: Short
    client_start: Ints
    of_client: Short
    cost: Floats


class Walk(NamedTuple):
    """Where the search stands.

    `times` is how often each client is covered; `score` what opening a site would cover anew, or closing it lay
    bare, in weights; `turned` when it last changed; `free` where a site may be opened again; `opened` is the
    number of open sites and then these, `spot` where a site is among them; `bare` lists the clients that are
    uncovered, `place` where they are in it.
    """

    is_open: Flags
    opened: Ints
    spot: Ints
    times: Ints
    weight: Floats
    score: Floats
    turned: Ints
    free: Flags
    bare: Ints
    place: Ints


@lean
def _turn(site: int, cover: Cover, walk: Walk, count: int) -> int:
    """Open or close a site; the number of clients that are bare then."""
    opens = not walk.is_open[site]
    walk.is_open[site] = opens
    _list(site, walk, opens)
    for k in range(cover.site_start[site], cover.site_start[site + 1]):
        client = cover.of_site[k]
        before = walk.times[client]
        after = before + 1 if opens else before - 1
        walk.times[client] = after
        sign = -walk.weight[client] if opens else walk.weight[client]
        if min(before, after) == 0:
            count = _bare(client, walk, count, opens)
        if min(before, after) <= 1:
            # Bare, all its sites could cover it; covered once, only that one would lay it bare.
            for q in range(cover.client_start[client], cover.client_start[client + 1]):
                other = cover.of_client[q]
                if other != site and (min(before, after) == 0 or walk.is_open[other]):
                    walk.score[other] += sign
                    walk.free[other] = True
    walk.score[site] = 0.0
    for k in range(cover.site_start[site], cover.site_start[site + 1]):
        client = cover.of_site[k]
        if walk.times[client] == (1 if opens else 0):
            walk.score[site] += walk.weight[client]
    return count


@lean
def _list(site: int, walk: Walk, opens: bool) -> None:
    """Put a site on the list of open ones, or take it off."""
    if opens:
        walk.opened[0] += 1
        walk.opened[walk.opened[0]] = site
        walk.spot[site] = walk.opened[0]
    else:
        last = walk.opened[walk.opened[0]]
        walk.opened[walk.spot[site]] = last
        walk.spot[last] = walk.spot[site]
        walk.opened[0] -= 1


@lean
def _bare(client: int, walk: Walk, count: int, gone: bool) -> int:
    """Put a client on the list of bare ones, or take it off; their number."""
    if gone:
        last = walk.bare[count - 1]
        walk.bare[walk.place[client]] = last
        walk.place[last] = walk.place[client]
        return count - 1
    walk.bare[count] = client
    walk.place[client] = count
    return count + 1


@lean
def _least(cover: Cover, walk: Walk, barred: int) -> int:
    """Open site whose closing loses least for its cost; of equal ones the one open longest."""
    found = -1
    for k in range(1, walk.opened[0] + 1):
        site = walk.opened[k]
        if site == barred:
            continue
        if found < 0:
            found = site
            continue
        apart = walk.score[site] * cover.cost[found] - walk.score[found] * cover.cost[site]
        if apart < 0.0 or (apart == 0.0 and walk.turned[site] < walk.turned[found]):
            found = site
    return found


@lean
def _most(client: int, cover: Cover, walk: Walk) -> int:
    """Site of a client that may be opened and covers most for its cost."""
    found = -1
    for q in range(cover.client_start[client], cover.client_start[client + 1]):
        site = cover.of_client[q]
        if not walk.free[site]:
            continue
        if found < 0:
            found = site
            continue
        apart = walk.score[site] * cover.cost[found] - walk.score[found] * cover.cost[site]
        if apart > 0.0 or (apart == 0.0 and walk.turned[site] < walk.turned[found]):
            found = site
    return found


@compiled
def without_idle(cover: Cover, is_open: Flags, order: Ints) -> None:
    """Close, in this order, every site whose clients are all covered by others."""
    times = np.zeros(len(cover.client_start) - 1, dtype=np.int64)
    for site in range(len(is_open)):
        if is_open[site]:
            for k in range(cover.site_start[site], cover.site_start[site + 1]):
                times[cover.of_site[k]] += 1
    for site in order:
        if not is_open[site]:
            continue
        idle = True
        for k in range(cover.site_start[site], cover.site_start[site + 1]):
            idle = idle and times[cover.of_site[k]] > 1
        if idle:
            is_open[site] = False
            for k in range(cover.site_start[site], cover.site_start[site + 1]):
                times[cover.of_site[k]] -= 1


@compiled
def cover_better(cover: Cover, walk: Walk, best: Flags, figures: Floats, draws: Ints) -> int:
    """Go one step for each random number drawn; `best` is written over by what is cheaper.

    `figures` hold the cost of what is open, that of the best, the number of bare clients, the cost that needs
    no bettering, the steps gone before, and the site opened last. Gives the steps gone.
    """
    count, cost, last = int(figures[2]), figures[0], int(figures[5])
    for step in range(len(draws)):
        if figures[1] <= figures[3]:
            return step
        clock = int(figures[4]) + step
        for closing in range(2):
            # A cover: one site is taken off for good, the second is the one that moves.
            site = _least(cover, walk, last if closing else -1) if closing or count == 0 else -1
            if site >= 0:
                count = _turn(site, cover, walk, count)
                walk.turned[site], walk.free[site] = clock, False
                cost -= cover.cost[site]
        while count > 0:
            site = _most(walk.bare[draws[step] % count], cover, walk)
            if site < 0 or cost + cover.cost[site] >= figures[1] * (1.0 - 1e-12):
                break
            count = _turn(site, cover, walk, count)
            walk.turned[site], last = clock, site
            cost += cover.cost[site]
        _grow(cover, walk, count)
        if count == 0:
            for site in range(len(best)):
                best[site] = walk.is_open[site]
            figures[1] = cost
        figures[0], figures[2], figures[5] = cost, count, last
    return len(draws)


@lean
def _grow(cover: Cover, walk: Walk, count: int) -> None:
    """Make the clients heavier that are bare."""
    for k in range(count):
        client = walk.bare[k]
        walk.weight[client] += 1.0
        for q in range(cover.client_start[client], cover.client_start[client + 1]):
            walk.score[cover.of_client[q]] += 1.0
