"""Search for the aisles that bring the most stalls: candidates, a greedy start, and a seeded annealing."""

from __future__ import annotations

from geo.compiled import compiled, lean
from geo.stall_rows import (
    ALIGN,
    AT_ROAD,
    FRAME,
    FROM,
    TAKES,
    TO,
    WIDE,
    Y,
    at_road,
    judge,
    meet,
    own_worth,
)
from geo.stall_strips import GROUND, HAIR, OPEN, Floats, Ints, Lot, Work, free

__all__ = ["anneal", "greedy", "list_aisles"]


@lean
def _new_aisle(lot: Lot, work: Work, aisle: Floats, f: int, y: float, wide: float) -> None:
    """Fill in what follows from where an aisle lies; its ends are there."""
    aisle[FRAME] = f
    aisle[Y] = y
    aisle[WIDE] = wide
    aisle[ALIGN] = 0.0
    long = 0.0
    for k in range(3):
        at = y + (0.1 + 0.4 * k) * wide
        laid = work.count[0]
        work.count[0] = 0
        m = free(
            lot, work, GROUND, f, (at - 0.01, at + 0.01, aisle[FROM], aisle[TO]), 0.05, work.gaps
        )
        work.count[0] = laid
        for g in range(m):
            long += work.gaps[g, 1] - work.gaps[g, 0]
    aisle[TAKES] = long * wide / 3.0
    aisle[AT_ROAD] = 1.0 if at_road(lot, work, aisle) else 0.0
    aisle[8] = aisle[AT_ROAD]


@compiled
def list_aisles(
    lot: Lot, work: Work, where: Floats, spread: tuple[float, float], found: Floats
) -> int:
    """Aisles that fit at given places and would bring stalls.

    Parameters
    ----------
    where : ndarray of float, (n, 3)
        Frame, y, width.
    spread : tuple of float
        Shortest aisle; stalls that a square metre is worth.
    found : ndarray of float, (room, 12)
        Written: columns of aisles, 9 the stalls it would bring, 10 the ground, 11 the score.

    Returns
    -------
    int
        How many were found.
    """
    n = 0
    for k in range(len(where)):
        f, y, wide = int(where[k, 0]), where[k, 1], where[k, 2]
        m = free(lot, work, OPEN, f, (y, y + wide, -1e9, 1e9), spread[0], work.lanes)
        # The lanes are overwritten when a road is looked for.
        for g in range(m):
            if n + g >= len(found):
                return n
            found[n + g, FROM] = work.lanes[g, 0]
            found[n + g, TO] = work.lanes[g, 1]
        first = n
        for g in range(first, first + m):
            a, b = found[g, FROM], found[g, TO]
            found[n, FROM] = a
            found[n, TO] = b
            _new_aisle(lot, work, found[n], f, y, wide)
            got, area = own_worth(lot, work, found[n])
            if got > 0:
                found[n, 9] = got
                found[n, 10] = area
                found[n, 11] = got - spread[1] * area
                n += 1
    return n


@lean
def _copy(source: Floats, target: Floats, number: int) -> None:
    for i in range(number):
        for c in range(9):
            target[i, c] = source[i, c]


@lean
def _copy_one(source: Floats, target: Floats) -> None:
    for c in range(9):
        target[c] = source[c]


@lean
def _shrink(lot: Lot, work: Work, aisle: Floats) -> bool:
    """Cut an aisle to its longest part that no row stands in."""
    strip = (aisle[Y], aisle[Y] + aisle[WIDE], aisle[FROM], aisle[TO])
    m = free(lot, work, OPEN, int(aisle[FRAME]), strip, 2.0, work.lanes)
    best = -1
    for g in range(m):
        if (
            best < 0
            or work.lanes[g, 1] - work.lanes[g, 0]
            > work.lanes[best, 1] - work.lanes[best, 0] + HAIR
        ):
            best = g
    if best < 0:
        return False
    a, b = work.lanes[best, 0], work.lanes[best, 1]
    if b - a < aisle[TO] - aisle[FROM] - HAIR:
        aisle[FROM] = a
        aisle[TO] = b
        _new_aisle(lot, work, aisle, int(aisle[FRAME]), aisle[Y], aisle[WIDE])
    return True


@compiled
def greedy(
    lot: Lot, work: Work, found: Floats, number: int, rate: float, aisles: Floats, n: int
) -> int:
    """Lay the aisle that brings the most for its ground, again and again.

    Parameters
    ----------
    found : ndarray of float
        From `list_aisles`; is used up.
    rate : float
        Stalls that a square metre is worth.
    aisles : ndarray of float, (room, 10)
        Written from row `n` on.

    Returns
    -------
    int
        Number of aisles.
    """
    judge(lot, work, aisles, n)
    for k in range(number):
        for i in range(n):
            if found[k, 8] < 0.5 and meet(lot, found[k], aisles[i]):
                found[k, 8] = 1.0
    while n < len(aisles):
        best = -1
        for k in range(number):
            if (
                found[k, 8] > 0.5
                and found[k, 9] > 0.5
                and (best < 0 or found[k, 11] > found[best, 11] + 1e-9)
            ):
                best = k
        if best < 0:
            break
        before = found[best, 11]
        reached = found[best, 8]
        if not _shrink(lot, work, found[best]):
            found[best, 9] = 0.0
            continue
        if found[best, 8] < 0.5:
            for i in range(n):
                if meet(lot, found[best], aisles[i]):
                    found[best, 8] = 1.0
        if found[best, 8] < 0.5 and reached > 0.5:
            found[best, 9] = 0.0
            continue
        got, area = own_worth(lot, work, found[best])
        found[best, 9] = got
        found[best, 11] = got - rate * area
        if found[best, 11] < before - 1e-6 or got == 0:
            continue
        _copy_one(found[best], aisles[n])
        found[best, 9] = 0.0
        n += 1
        judge(lot, work, aisles, n)
        for k in range(number):
            if found[k, 8] < 0.5 and meet(lot, found[k], aisles[n - 1]):
                found[k, 8] = 1.0
    return n


@lean
def _draw(seeds: Ints, below: int) -> int:
    """Random number from 0 to below − 1."""
    x = seeds[0]
    x ^= (x << 13) & 0xFFFFFFFFFFFF
    x ^= x >> 7
    x ^= (x << 17) & 0xFFFFFFFFFFFF
    seeds[0] = x
    return (x >> 3) % below


@lean
def _even(seeds: Ints) -> float:
    return _draw(seeds, 1 << 30) / float(1 << 30)


@lean
def _relay(lot: Lot, work: Work, aisle: Floats, y: float, full: tuple[bool, bool]) -> bool:
    """Move an aisle to another y; ends that reached as far as they could do so again."""
    strip = (y, y + aisle[WIDE], -1e9, 1e9)
    middle = 0.5 * (aisle[FROM] + aisle[TO])
    m = free(lot, work, OPEN, int(aisle[FRAME]), strip, 3.0, work.lanes)
    for g in range(m):
        a, b = work.lanes[g, 0], work.lanes[g, 1]
        if a < middle < b:
            aisle[FROM] = a if full[0] else max(a, aisle[FROM])
            aisle[TO] = b if full[1] else min(b, aisle[TO])
            if aisle[TO] - aisle[FROM] < 3.0:
                return False
            _new_aisle(lot, work, aisle, int(aisle[FRAME]), y, aisle[WIDE])
            return True
    return False


@lean
def _snap(lot: Lot, aisles: Floats, n: int, i: int, seeds: Ints) -> float:
    """A y at which rows between this aisle and another of its frame fit exactly."""
    j = _draw(seeds, n)
    aisle, other = aisles[i], aisles[j]
    kind, second = _draw(seeds, len(lot.kinds)), _draw(seeds, len(lot.kinds))
    between = lot.kinds[kind, 2] + lot.kinds[second, 2]
    if kind == second and lot.kinds[kind, 3] > 0.0 and _draw(seeds, 2) == 0:
        between = 2 * lot.kinds[kind, 3]
    if int(other[FRAME]) == int(aisle[FRAME]):
        if i == j:
            return aisle[Y]
        if _draw(seeds, 2) == 0:
            return other[Y] + other[WIDE] + between
        return other[Y] - between - aisle[WIDE]
    return aisle[Y]


@lean
def _cut(lot: Lot, work: Work, aisle: Floats, aisles: Floats, n: int, seeds: Ints) -> bool:
    """Shorten an aisle: anywhere, to leave room for a row across its end, or to end at another aisle."""
    low, high = aisle[FROM], aisle[TO]
    how = _draw(seeds, 3)
    step = (high - low) * _even(seeds)
    if how == 1:
        step = lot.kinds[_draw(seeds, len(lot.kinds)), 2]
    if _draw(seeds, 2) == 0:
        aisle[FROM] = low + step
    else:
        aisle[TO] = high - step
    if aisle[TO] - aisle[FROM] < 3.0:
        return False
    _new_aisle(lot, work, aisle, int(aisle[FRAME]), aisle[Y], aisle[WIDE])
    return True


@lean
def _change(  # noqa: C901 - one branch a move
    lot: Lot,
    work: Work,
    state: tuple[Floats, int],
    found: Floats,
    number: int,
    ys: Floats,
    seeds: Ints,
) -> int:
    """Change a set of aisles at random; return how many there are now, −1 if it came to nothing."""
    aisles, n = state
    move = _draw(seeds, 12)
    i = _draw(seeds, n) if n > 0 else 0
    if move < 4 or n == 0:
        if number == 0 or n >= len(aisles):
            return -1
        if move == 3 and n > 0:
            i = _draw(seeds, n)
        else:
            i = n
        k = _draw(seeds, number)
        _copy_one(found[k], aisles[i])
        return max(n, i + 1)
    if move < 6:
        _copy_one(aisles[n - 1], aisles[i])
        return n - 1
    if move < 9:
        full = (_draw(seeds, 4) > 0, _draw(seeds, 4) > 0)
        y = aisles[i, Y]
        if move == 6:
            y += 3.0 * (_even(seeds) - 0.5)
        elif move == 7:
            y = _snap(lot, aisles, n, i, seeds)
        else:
            k = _draw(seeds, len(ys))
            if int(ys[k, 0]) != int(aisles[i, FRAME]) or abs(ys[k, 2] - aisles[i, WIDE]) > HAIR:
                return -1
            y = ys[k, 1]
        return n if _relay(lot, work, aisles[i], y, full) else -1
    if move == 9:
        return n if _cut(lot, work, aisles[i], aisles, n, seeds) else -1
    if move == 10:
        aisles[i, ALIGN] = 1.0 - aisles[i, ALIGN]
        return n
    j = _draw(seeds, n)
    for c in range(9):
        aisles[i, c], aisles[j, c] = aisles[j, c], aisles[i, c]
    return n


@compiled
def anneal(  # noqa: PLR0917 - arrays of one search
    lot: Lot,
    work: Work,
    found: Floats,
    number: int,
    ys: Floats,
    aisles: Floats,
    n: int,
    spare: Floats,
    best: Floats,
    seeds: Ints,
    turns: tuple[int, float, float],
) -> tuple[int, int]:
    """Change a set of aisles at random, keep what is better, and now and then what is not.

    Parameters
    ----------
    found : ndarray of float
        From `list_aisles`.
    ys : ndarray of float, (n, 3)
        Frame, y, width where something fits exactly.
    aisles : ndarray of float, (room, 10)
        First `n` rows: where to begin; is used up.
    spare, best : ndarray of float
        Room of the same size; `best` is written.
    seeds : ndarray of int, (1,)
        State of the random numbers.
    turns : tuple
        Number of changes, first and last temperature in stalls.

    Returns
    -------
    tuple of int
        Stalls and aisles of the best set.
    """
    now = judge(lot, work, aisles, n) - 0.2 * n
    _copy(aisles, best, n)
    top, most = now, n
    for turn in range(turns[0]):
        heat = turns[1] + (turns[2] - turns[1]) * turn / turns[0]
        _copy(aisles, spare, n)
        m = _change(lot, work, (spare, n), found, number, ys, seeds)
        if m < 0:
            continue
        next_ = judge(lot, work, spare, m) - 0.2 * m
        if next_ >= now or _even(seeds) < 2.718281828 ** ((next_ - now) / heat):
            now = next_
            n = m
            _copy(spare, aisles, n)
            if now > top + 1e-9:
                top, most = now, n
                _copy(aisles, best, n)
    return judge(lot, work, best, most), most
