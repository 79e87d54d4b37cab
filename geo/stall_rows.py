"""Rows of stalls along a set of aisles: what the aisles are worth.

All aisles are laid first and the rows then take what is left, so a set of aisles may be changed and judged anew
without minding the order in which it was found. An aisle is twelve numbers in the memory of the lot, known by
where they begin.
"""

from __future__ import annotations

from geo.compiled import lean
from geo.stall_strips import (
    ACCESS,
    AISLE,
    DRIVABLE,
    F_GAPS,
    F_KINDS,
    F_ROWS,
    F_TURN,
    FROZEN,
    FROZEN_ROWS,
    GROUND,
    HAIR,
    KINDS,
    LAID,
    MOST_LAID,
    ROW,
    ROWS,
    Floats,
    Ints,
    free,
    lay,
)

__all__ = ["judge", "meet", "own_worth", "renew"]

# An aisle: frame, y of the lower side, x from, x to, width, whether it meets a road, end at which rows begin,
# ground that it takes, whether a road is reached; stalls it would bring, ground that they take, score.
FRAME, Y, FROM, TO, WIDE, AT_ROAD, ALIGN, TAKES, LINKED, BRINGS, AREA, SCORE = range(12)
# A row: frame, kind, side (1 above, −1 below its aisle), x of the first stall, y of the mouth, stalls, depth, aisle.
# A kind: pitch, extent, depth at a wall, depth back to back (0: never), aisle, 1 for parallel stalls.

# Depth of the strip in which a road has to be met.
_THIN_M = 0.02


@lean
def _rows_along(F: Floats, N: Ints, a: int, b: int, side: int, number: int, other: int) -> int:  # noqa: PLR0917
    """Rows along one side of an aisle, the kinds in their order; with `b`, two rows back to back up to that aisle."""
    got = 0
    x0, x1, wide = F[a + FROM], F[a + TO], F[a + WIDE]
    mouth = F[a + Y] + (wide if side > 0 else 0.0)
    between = 0.0
    if b >= 0:
        between = F[b + Y] - mouth
        x0, x1, wide = max(x0, F[b + FROM]), min(x1, F[b + TO]), min(wide, F[b + WIDE])
    left = x1 - x0
    for kind in range(N[KINDS]):
        k = N[F_KINDS] + 6 * kind
        pitch, extent, depth, back = F[k], F[k + 1], F[k + 2], F[k + 3]
        if F[k + 4] > wide + HAIR or left < extent - HAIR:
            continue
        deep = depth
        if b >= 0:
            if back <= 0.0 or between < 2 * back - HAIR or between >= 2 * depth - HAIR:
                continue
            deep = between
            depth = 0.5 * between
        low = mouth if side > 0 else mouth - deep
        m = free(F, N, GROUND, int(F[a]), low, low + deep, x0, x1, extent, N[F_GAPS])
        for g in range(m):
            p, q = F[N[F_GAPS] + 2 * g], F[N[F_GAPS] + 2 * g + 1]
            n = int((q - p + 2 * HAIR - extent) / pitch + 1.0)
            long = extent + (n - 1) * pitch
            if n <= 0 or N[LAID] >= MOST_LAID - 1:
                continue
            x = q - long if F[a + ALIGN] > 0.5 else p
            lay(F, N, int(F[a]), x, low, x + long, low + deep, ROW)
            left -= long
            for half in range(2 if b >= 0 else 1):
                r = N[F_ROWS] + 8 * N[ROWS]
                F[r] = F[a]
                F[r + 1] = kind
                F[r + 2] = side if half == 0 else -1
                F[r + 3] = x
                F[r + 4] = mouth if half == 0 else mouth + between
                F[r + 5] = n
                F[r + 6] = depth
                F[r + 7] = number if half == 0 else other
                N[ROWS] += 1
                got += n
    return got


@lean
def judge(  # noqa: C901 - links, aisles, rows in one kernel
    F: Floats, N: Ints, aisles: int, number: int, bare: int
) -> int:
    """Stalls along a set of aisles, of which those count that a road can be reached from.

    Parameters
    ----------
    F, N : ndarray
        Memory of a lot: what is frozen stays; the rest is laid anew, and the rows are left there.
    aisles : int
        Where they begin, in the order in which they take their rows.
    number : int
        How many of them.
    bare : int
        So many of the first get no rows.
    """
    N[LAID] = N[FROZEN]
    N[ROWS] = N[FROZEN_ROWS]
    for i in range(number):
        F[aisles + 12 * i + LINKED] = F[aisles + 12 * i + AT_ROAD]
    grows = True
    while grows:
        grows = False
        for i in range(number):
            a = aisles + 12 * i
            for j in range(number):
                if (
                    F[a + LINKED] < 0.5
                    and F[aisles + 12 * j + LINKED] > 0.5
                    and meet(F, N, a, aisles + 12 * j)
                ):
                    F[a + LINKED] = 1.0
                    grows = True
    for i in range(number):
        a = aisles + 12 * i
        if F[a + LINKED] > 0.5 and N[LAID] < MOST_LAID - 1:
            lay(F, N, int(F[a]), F[a + FROM], F[a + Y], F[a + TO], F[a + Y] + F[a + WIDE], AISLE)
    got = 0
    for k in range(number * number + 2 * number):
        # First what stands back to back between two aisles, then the sides of each.
        i = k // number if k < number * number else (k - number * number) // 2
        a, b, j, side = aisles + 12 * i, -1, i, 1
        if F[a + LINKED] < 0.5 or i < bare:
            continue
        if k < number * number:
            j = k % number
            b = aisles + 12 * j
            near = F[b + Y] - F[a + Y] - F[a + WIDE]
            if F[b + LINKED] < 0.5 or j < bare or F[b] != F[a] or near < 2.0 or near > 14.0:
                continue
        elif (k - number * number) % 2:
            side = -1
        got += _rows_along(F, N, a, b, side, i, j)
    return got


@lean
def own_worth(F: Floats, N: Ints, a: int, number: int) -> None:
    """Stalls that an aisle would bring as things stand, and the ground it and they would take.

    With a number of its own, 0 or more, it is laid for good.
    """
    laid, rows = N[LAID], N[ROWS]
    middle = F[a + Y] + 0.5 * F[a + WIDE]
    f = int(F[a])
    m = free(
        F, N, GROUND, f, middle - _THIN_M, middle + _THIN_M, F[a + FROM], F[a + TO], 0.1, N[F_GAPS]
    )
    area = 0.0
    for g in range(m):
        area += (F[N[F_GAPS] + 2 * g + 1] - F[N[F_GAPS] + 2 * g]) * F[a + WIDE]
    got = 0
    if N[LAID] < MOST_LAID - 1:
        lay(F, N, f, F[a + FROM], F[a + Y], F[a + TO], F[a + Y] + F[a + WIDE], AISLE)
        for side in range(-1, 2, 2):
            alone = min(side, -1)
            got += _rows_along(F, N, a, alone, side, number, side)
    for k in range(rows, N[ROWS]):
        r = N[F_ROWS] + 8 * k
        area += F[r + 5] * F[N[F_KINDS] + 6 * int(F[r + 1])] * F[r + 6]
    if number < 0:
        N[LAID] = laid
        N[ROWS] = rows
    F[a + BRINGS] = got
    F[a + AREA] = area


@lean
def meet(F: Floats, N: Ints, a: int, b: int) -> bool:
    """Whether one can drive from one aisle to another."""
    f, g = int(F[a]), int(F[b])
    turn = N[F_TURN]
    c = F[turn + 2 * g] * F[turn + 2 * f] + F[turn + 2 * g + 1] * F[turn + 2 * f + 1]
    s = F[turn + 2 * g + 1] * F[turn + 2 * f] - F[turn + 2 * g] * F[turn + 2 * f + 1]
    for _ in range(2):
        # The middle line of one, seen from the other: in line, at right angles, or aslant.
        y, wide = F[a + Y] + 0.5 * F[a + WIDE], F[a + WIDE]
        x1, y1 = F[a + FROM] * c + y * s, y * c - F[a + FROM] * s
        x2, y2 = F[a + TO] * c + y * s, y * c - F[a + TO] * s
        if f // 2 == g // 2:
            dx, dy = 0.5 * wide * abs(s), 0.5 * wide * abs(c)
            across = min(max(x1, x2) + dx, F[b + TO]) - max(min(x1, x2) - dx, F[b + FROM])
            along = min(max(y1, y2) + dy, F[b + Y] + F[b + WIDE]) - max(min(y1, y2) - dy, F[b + Y])
            return across > -HAIR and along > -HAIR and max(across, along) > F[ACCESS] - HAIR  # type: ignore[no-any-return]
        low, high = 0.0, 1.0
        for axis in range(2):
            z1, z2 = (x1, x2) if axis == 0 else (y1, y2)
            p = F[b + FROM] if axis == 0 else F[b + Y]
            q = F[b + TO] if axis == 0 else F[b + Y] + F[b + WIDE]
            run = z2 - z1 if abs(z2 - z1) > 1e-9 else 1e-9
            low = max(low, min((p - z1) / run, (q - z1) / run))
            high = min(high, max((p - z1) / run, (q - z1) / run))
        if (high - low) * (F[a + TO] - F[a + FROM]) > F[ACCESS]:
            return True
        a, b = b, a
        s = -s
        f, g = g, f
    return False


@lean
def renew(F: Floats, N: Ints, a: int) -> None:
    """Fill in what follows from where an aisle lies: ground that it takes, whether it meets a road."""
    f, laid = int(F[a]), N[LAID]
    N[LAID] = 0
    long, met = 0.0, 0.0
    x0, y0, x1, y1 = F[a + FROM], F[a + Y], F[a + TO], F[a + Y] + F[a + WIDE]
    for k in range(11):
        # Three lines along it for the ground, then inside and outside of its four sides for a road.
        if k == 7:
            # Seen from the frame at right angles.
            f ^= 1
            if f % 2:
                x0, y0, x1, y1 = y0, -x1, y1, -x0
            else:
                x0, y0, x1, y1 = -y1, x0, -y0, x1
        if k < 3:
            y, sheet, least = y0 + (0.1 + 0.4 * k) * (y1 - y0), GROUND, 0.05
        else:
            side, inner = (k - 3) % 4 // 2, (k - 3) % 2
            y, sheet, least = (
                (y0 if side == 0 else y1) - (_THIN_M if inner else 0.0),
                DRIVABLE,
                F[ACCESS],
            )
            if met > 0.0:
                break
        m = free(F, N, sheet, f, y, y + _THIN_M, x0, x1, least, N[F_GAPS])
        if k >= 3 and m > 0:
            met = 1.0
        for g in range(m if k < 3 else 0):
            long += F[N[F_GAPS] + 2 * g + 1] - F[N[F_GAPS] + 2 * g]
    F[a + TAKES] = long * F[a + WIDE] / 3.0
    F[a + AT_ROAD] = met
    F[a + LINKED] = met
    N[LAID] = laid
