"""Search for the aisles that bring the most stalls: candidates, a greedy start, and a seeded annealing."""

from __future__ import annotations

import numpy as np

from geo.compiled import compiled, lean
from geo.stall_rows import (
    ALIGN,
    AREA,
    BRINGS,
    FROM,
    LINKED,
    SCORE,
    TO,
    WIDE,
    Y,
    judge,
    meet,
    own_worth,
    renew,
)
from geo.stall_strips import (
    F_BEST,
    F_FOUND,
    F_KINDS,
    F_LANES,
    F_NOW,
    F_PLACES,
    F_SPARE,
    FOUND,
    FROZEN,
    HAIR,
    KINDS,
    LAID,
    MOST_AISLES,
    OPEN,
    PLACES,
    SEED,
    SPENT,
    Floats,
    Ints,
    free,
)

__all__ = ["anneal", "greedy", "list_aisles"]

# Shortest aisle; every aisle has to bring so much of a stall, or idle ones would pile up.
SHORTEST_M = 3.0
_UPKEEP = 0.15


@compiled
def list_aisles(F: Floats, N: Ints, room: int, narrowest: float) -> None:
    """List aisles at the places of the lot that would bring stalls, or link others.

    Parameters
    ----------
    F, N : ndarray
        Memory of a lot; aisles and their number are written there.
    room : int
        Most of them.
    narrowest : float
        Aisles so wide link others and need bring nothing.
    """
    n = 0
    for k in range(N[PLACES]):
        place = N[F_PLACES] + 3 * k
        f, y, wide = F[place], F[place + 1], F[place + 2]
        m = free(F, N, OPEN, int(f), y, y + wide, -1e9, 1e9, SHORTEST_M, N[F_LANES])
        for g in range(m):
            if n >= room:
                break
            a = N[F_FOUND] + 12 * n
            F[a] = f
            F[a + Y] = y
            F[a + WIDE] = wide
            F[a + ALIGN] = 0.0
            F[a + FROM] = F[N[F_LANES] + 2 * g]
            F[a + TO] = F[N[F_LANES] + 2 * g + 1]
            own_worth(F, N, a, -1 - n)
            if F[a + BRINGS] > 0.0 or wide < narrowest + HAIR:
                renew(F, N, a)
                n += 1
    N[FOUND] = n


@lean
def _copy(F: Floats, source: int, target: int, aisles: float) -> None:
    for c in range(12 * int(aisles)):
        F[target + c] = F[source + c]


@compiled
def greedy(  # noqa: C901, PLR0912, PLR0915 - a kernel of its own is compiled for every call in it
    F: Floats, N: Ints, rate: float, n: int
) -> int:
    """Lay the aisle that brings the most for its ground, again and again, after those that are there.

    Those that are there stay without rows until the others have theirs: a first aisle with a row on
    either side walls off all the rest.

    Parameters
    ----------
    F, N : ndarray
        Memory of a lot; the aisles are written where those of now are.
    rate : float
        Stalls that a square metre is worth to others.
    n : int
        Aisles that are there.

    Returns
    -------
    int
        Number of aisles; the rows are laid.
    """
    bare, now, found = n, N[F_NOW], N[F_FOUND]
    judge(F, N, now, n, bare)
    for k in range(N[FOUND]):
        a = found + 12 * k
        F[a + LINKED] = F[a + 5]
        F[a + SCORE] = F[a + BRINGS] - rate * F[a + AREA]
        for i in range(n):
            if F[a + LINKED] < 0.5 and meet(F, N, a, now + 12 * i):
                F[a + LINKED] = 1.0
    spare = N[F_SPARE]
    while n < N[MOST_AISLES]:
        best = min(n, 0) - 1
        N[SPENT] += N[FOUND]
        for k in range(N[FOUND]):
            a = found + 12 * k
            open_ = F[a + LINKED] > 0.5 and F[a + SCORE] > -1e8 and F[a + BRINGS] > 0.0
            if open_ and (best < 0 or F[a + SCORE] > F[best + SCORE] + 1e-9):
                best = a
        if best < 0:
            break
        # Rows that were laid since may stand in it: its longest free part counts.
        _copy(F, best, spare, 1.0)
        m = free(
            F, N, OPEN, int(F[best]), F[best + Y], F[best + Y] + F[best + WIDE], F[best + FROM], F[best + TO],
            SHORTEST_M, N[F_LANES],
        )  # fmt: skip
        longest = 0.0
        for g in range(m):
            p, q = F[N[F_LANES] + 2 * g], F[N[F_LANES] + 2 * g + 1]
            if q - p > longest + HAIR:
                longest = q - p
                F[spare + FROM] = p
                F[spare + TO] = q
        before = F[best + SCORE]
        F[best + SCORE] = -1e9
        if longest == 0.0:
            continue
        own_worth(F, N, spare, -1 - n)
        score = F[spare + BRINGS] - rate * F[spare + AREA]
        if F[spare + BRINGS] < 0.5:
            continue
        if score < before - 1e-6:
            F[best + SCORE] = score
            continue
        if longest < F[best + TO] - F[best + FROM] - HAIR:
            # What is left of it has to be reached by itself.
            renew(F, N, spare)
            for i in range(n):
                if F[spare + LINKED] < 0.5 and meet(F, N, spare, now + 12 * i):
                    F[spare + LINKED] = 1.0
            if F[spare + LINKED] < 0.5:
                continue
        _copy(F, spare, now + 12 * n, 1.0)
        own_worth(F, N, now + 12 * n, n)
        n += 1
        for k in range(N[FOUND]):
            a = found + 12 * k
            if F[a + LINKED] < 0.5 and meet(F, N, a, now + 12 * (n - 1)):
                F[a + LINKED] = 1.0
    # From now on they come last.
    _copy(F, now, spare, float(n))
    for i in range(n):
        _copy(F, spare + 12 * ((i + bare) % n), now + 12 * i, 1.0)
    judge(F, N, now, n, n - n)
    return n


@lean
def _draw(N: Ints, below: float) -> int:
    """Random number from 0 to below − 1."""
    # The generator of drand48.
    N[SEED] = (N[SEED] * 0x5DEECE66D + 11) & 0xFFFFFFFFFFFF
    return (N[SEED] >> 17) % int(below)  # type: ignore[no-any-return]


@lean
def _lay_again(  # noqa: PLR0917 - a kernel
    F: Floats, N: Ints, a: int, middle: float, from_: float, to: float
) -> bool:
    """Fit an aisle at its y into the free interval about `middle`, no farther than asked."""
    m = free(
        F, N, OPEN, int(F[a]), F[a + Y], F[a + Y] + F[a + WIDE], -1e9, 1e9, SHORTEST_M, N[F_LANES]
    )
    for g in range(m):
        p, q = max(F[N[F_LANES] + 2 * g], from_), min(F[N[F_LANES] + 2 * g + 1], to)
        if F[N[F_LANES] + 2 * g] < middle < F[N[F_LANES] + 2 * g + 1] and q - p > SHORTEST_M:
            F[a + FROM] = p
            F[a + TO] = q
            renew(F, N, a)
            return True
    return False


@lean
def _moved(F: Floats, N: Ints, how: int, i: int, j: int) -> bool:  # noqa: C901, PLR0912, PLR0915 - moves
    """Change one aisle: shift it, fit it to another or to a place, cut it, lay another across it."""
    a, b = N[F_SPARE] + 12 * i, N[F_SPARE] + 12 * j
    part = _draw(N, 1e6) / 1e6
    middle = F[a + FROM] + part * (F[a + TO] - F[a + FROM])
    from_ = F[a + FROM] if _draw(N, 5.0) == 0 else -1e9
    to = F[a + TO] if _draw(N, 5.0) == 0 else 1e9
    kind, second = _draw(N, float(N[KINDS])), _draw(N, float(N[KINDS]))
    depth = F[N[F_KINDS] + 6 * kind + 2]
    if how == 0:
        F[a + Y] += 3.0 * (_draw(N, 1e6) / 1e6 - 0.5)
    elif how == 1:
        # Two rows, or one, between it and another of its direction.
        between = depth + F[N[F_KINDS] + 6 * second + 2]
        pick = _draw(N, 4.0)
        if pick == 0:
            between = 2.0 * F[N[F_KINDS] + 6 * kind + 3]
        if pick == 1:
            between = depth
        if F[a] != F[b] or i == j:
            return False
        if _draw(N, 2.0) == 0:
            F[a + Y] = F[b + Y] + F[b + WIDE] + between
        else:
            F[a + Y] = F[b + Y] - between - F[a + WIDE]
    elif how == 2:
        for _ in range(8):
            place = N[F_PLACES] + 3 * _draw(N, float(N[PLACES]))
            if F[place] == F[a]:
                F[a + Y] = F[place + 1]
                F[a + WIDE] = F[place + 2]
                break
    elif how == 3:
        step = part * (F[a + TO] - F[a + FROM])
        if _draw(N, 2.0) == 0:
            step = depth
        from_ = F[a + FROM]
        to = F[a + TO]
        if _draw(N, 2.0) == 0:
            from_ += step
        else:
            to -= step
        middle = 0.5 * (from_ + to)
    elif how == 4:
        # End where another, at right angles, begins or ends.
        if int(F[a]) // 2 != int(F[b]) // 2 or F[a] == F[b]:
            return False
        p, q = (F[b + Y], F[b + Y] + F[b + WIDE])
        if int(F[a]) % 2 == 1:
            pass
        else:
            p, q = -q, -p
        from_ = -1e9
        to = 1e9
        pick = _draw(N, 4.0)
        if pick == 0:
            to = q
        elif pick == 1:
            from_ = p
        elif pick == 2:
            to = p
        else:
            from_ = q
        middle = 0.5 * (max(from_, F[a + FROM]) + min(to, F[a + TO]))
    else:
        # Another across it, at right angles, in the place of `a`.
        f = int(F[a])
        y = F[a + Y] + 0.5 * F[a + WIDE]
        F[a] = f ^ 1
        if _draw(N, 2.0) == 0:
            F[a + WIDE] = F[N[F_PLACES] + 3 * _draw(N, float(N[PLACES])) + 2]
        F[a + Y] = (-middle if f % 2 == 0 else middle) - 0.5 * F[a + WIDE]
        middle = y if f % 2 == 0 else -y
        if _draw(N, 3.0) == 0:
            from_ = middle - 0.5 * F[a + WIDE] if _draw(N, 2.0) == 0 else -1e9
            to = middle + 0.5 * F[a + WIDE] if from_ < -1e8 else 1e9
        else:
            from_ = -1e9
            to = 1e9
    return _lay_again(F, N, a, middle, from_, to)


@lean
def _change(  # noqa: C901 - one branch a move
    F: Floats, N: Ints, n: int
) -> int:
    """Change the spare aisles at random; return how many there are then, −1 if it came to nothing."""
    spare, move = N[F_SPARE], _draw(N, 20.0)
    i = _draw(N, float(n)) if n > 0 else 0
    j = _draw(N, float(n)) if n > 0 else 0
    if move < 6 or n == 0:
        # Another of those that were found, or one in the place of this.
        if N[FOUND] == 0 or n >= N[MOST_AISLES]:
            return -1
        k = N[F_FOUND] + 12 * _draw(N, float(N[FOUND]))
        for _ in range(_draw(N, 4.0)):
            other = N[F_FOUND] + 12 * _draw(N, float(N[FOUND]))
            if F[other + BRINGS] > F[k + BRINGS]:
                k = other
        i = i if move < 2 and n > 0 else n
        _copy(F, k, spare + 12 * i, 1.0)
        return max(n, i + 1)
    if move < 8:
        _copy(F, spare + 12 * (n - 1), spare + 12 * i, 1.0)
        return n - 1
    if move == 8:
        F[spare + 12 * i + ALIGN] = 1.0 - F[spare + 12 * i + ALIGN]
        return n
    if move == 9:
        for c in range(12):
            F[spare + 12 * i + c], F[spare + 12 * j + c] = (
                F[spare + 12 * j + c],
                F[spare + 12 * i + c],
            )
        return n
    how = (move - 10) // 2 if move < 18 else move - 14
    if how == 5 or (how == 1 and _draw(N, 3.0) == 0):
        # A new one after the pattern of this.
        if n >= N[MOST_AISLES]:
            return -1
        _copy(F, spare + 12 * i, spare + 12 * n, 1.0)
        return n + 1 if _moved(F, N, how, n, i) else -1
    return n if _moved(F, N, how, i, j) else -1


@compiled
def linked_to(F: Floats, N: Ints, a: int) -> Ints:
    """Which of the listed aisles can be driven into from an aisle."""
    flags = np.zeros(N[FOUND], np.int64)
    for k in range(N[FOUND]):
        if meet(F, N, a, N[F_FOUND] + 12 * k):
            flags[k] = 1
    return flags


@compiled
def anneal(F: Floats, N: Ints, n: int, budget: int, hot: float, cold: float) -> int:  # noqa: PLR0917
    """Change a set of aisles at random, keep what is better, and now and then what is not.

    Parameters
    ----------
    F, N : ndarray
        Memory of a lot with aisles; the best are written to their place, and their rows are laid.
    n : int
        Number of aisles to begin with.
    budget : int
        Work, in edges looked at.
    hot, cold : float
        First and last temperature, in stalls.

    Returns
    -------
    int
        Number of aisles of the best set.
    """
    now, spare, best = N[F_NOW], N[F_SPARE], N[F_BEST]
    worth = judge(F, N, now, n, n - n) - _UPKEEP * n
    _copy(F, now, best, float(n))
    top, most, began = worth, n, N[SPENT]
    while N[SPENT] - began < budget:
        heat = hot + (cold - hot) * (N[SPENT] - began) / budget
        N[SPENT] += 10
        _copy(F, now, spare, float(n))
        N[LAID] = N[FROZEN]
        m = _change(F, N, n)
        if m < 0:
            continue
        other = judge(F, N, spare, m, m - m) - _UPKEEP * m
        if other >= worth or _draw(N, 1e6) / 1e6 < 2.718281828 ** ((other - worth) / heat):
            worth = other
            n = m
            _copy(F, spare, now, float(n))
            if worth > top + 1e-9:
                top, most = worth, n
                _copy(F, now, best, float(n))
    judge(F, N, best, most, most - most)
    return most
