"""Rows of stalls along a set of aisles: what the aisles are worth.

All aisles are laid first and the rows then take what is left, so a set of aisles may be changed and judged anew
without minding the order in which it was found.
"""

from __future__ import annotations

from geo.compiled import lean
from geo.stall_strips import AISLE, DRIVABLE, GROUND, HAIR, ROW, Floats, Lot, Work, free, lay

__all__ = [
    "AT_ROAD",
    "ALIGN",
    "FRAME",
    "FROM",
    "TAKES",
    "TO",
    "WIDE",
    "Y",
    "at_road",
    "judge",
    "meet",
    "own_worth",
]

# Columns of aisles: frame, y of the lower side, x from, x to, width, whether it meets a road, end at which rows
# begin, ground that it takes.
FRAME, Y, FROM, TO, WIDE, AT_ROAD, ALIGN, TAKES = range(8)

_PITCH, _EXTENT, _DEPTH, _BACK, _AISLE, _PARALLEL = range(6)
# Depth of the strip in which a road has to be met.
_THIN_M = 0.02


@lean
def _add_row(
    lot: Lot, work: Work, aisle: Floats, row: tuple[int, int, float, float, int, float], number: int
) -> int:
    kind, side, x, mouth, n, depth = row
    k = work.count[2]
    if n <= 0 or k >= len(work.rows) or work.count[0] >= len(work.what):
        return 0
    f = int(aisle[FRAME])
    long = lot.kinds[kind, _EXTENT] + (n - 1) * lot.kinds[kind, _PITCH]
    other = mouth + side * depth
    lay(lot, work, f, (x, min(mouth, other), x + long, max(mouth, other)), ROW)
    work.rows[k, 0] = f
    work.rows[k, 1] = kind
    work.rows[k, 2] = side
    work.rows[k, 3] = x
    work.rows[k, 4] = mouth
    work.rows[k, 5] = n
    work.rows[k, 6] = depth
    work.rows[k, 7] = number
    work.count[2] = k + 1
    return n


@lean
def _fits(lot: Lot, kind: int, long: float) -> int:
    return int((long + 2 * HAIR - lot.kinds[kind, _EXTENT]) / lot.kinds[kind, _PITCH] + 1.0)


@lean
def _fill(lot: Lot, work: Work, aisle: Floats, side: int, number: int) -> int:
    """Rows along one side of an aisle, the kinds in their order."""
    left = aisle[TO] - aisle[FROM]
    mouth = aisle[Y] + (aisle[WIDE] if side > 0 else 0.0)
    got = 0
    for kind in range(len(lot.kinds)):
        extent, depth = lot.kinds[kind, _EXTENT], lot.kinds[kind, _DEPTH]
        if lot.kinds[kind, _AISLE] > aisle[WIDE] + HAIR or left < extent - HAIR:
            continue
        strip = (
            min(mouth, mouth + side * depth),
            max(mouth, mouth + side * depth),
            aisle[FROM],
            aisle[TO],
        )
        m = free(lot, work, GROUND, int(aisle[FRAME]), strip, extent, work.gaps)
        for g in range(m):
            a, b = work.gaps[g, 0], work.gaps[g, 1]
            n = _fits(lot, kind, b - a)
            long = extent + (n - 1) * lot.kinds[kind, _PITCH]
            x = b - long if aisle[ALIGN] > 0.5 else a
            got += _add_row(lot, work, aisle, (kind, side, x, mouth, n, depth), number)
            left -= long
    return got


@lean
def _back_to_back(
    lot: Lot, work: Work, lower: Floats, upper: Floats, numbers: tuple[int, int]
) -> int:
    """Two perpendicular rows between two aisles that are too near for rows at a wall."""
    from_y = lower[Y] + lower[WIDE]
    between = upper[Y] - from_y
    got = 0
    for kind in range(len(lot.kinds)):
        back, extent = lot.kinds[kind, _BACK], lot.kinds[kind, _EXTENT]
        if (
            back <= 0.0
            or between < 2 * back - HAIR
            or between >= 2 * lot.kinds[kind, _DEPTH] - HAIR
        ):
            continue
        if lot.kinds[kind, _AISLE] > min(lower[WIDE], upper[WIDE]) + HAIR:
            continue
        strip = (from_y, upper[Y], max(lower[FROM], upper[FROM]), min(lower[TO], upper[TO]))
        if strip[3] - strip[2] < extent - HAIR:
            continue
        m = free(lot, work, GROUND, int(lower[FRAME]), strip, extent, work.gaps)
        for g in range(m):
            a, b = work.gaps[g, 0], work.gaps[g, 1]
            n = _fits(lot, kind, b - a)
            x = b - extent - (n - 1) * lot.kinds[kind, _PITCH] if lower[ALIGN] > 0.5 else a
            got += _add_row(lot, work, lower, (kind, 1, x, from_y, n, 0.5 * between), numbers[0])
            got += _add_row(lot, work, upper, (kind, -1, x, upper[Y], n, 0.5 * between), numbers[1])
    return got


@lean
def _lay_aisle(lot: Lot, work: Work, aisle: Floats) -> None:
    if aisle[TAKES] > 0.0:
        box = (aisle[FROM], aisle[Y], aisle[TO], aisle[Y] + aisle[WIDE])
        lay(lot, work, int(aisle[FRAME]), box, AISLE)


@lean
def judge(lot: Lot, work: Work, aisles: Floats, number: int) -> int:
    """Stalls along a set of aisles, of which those count that a road can be reached from.

    Parameters
    ----------
    lot, work : Lot, Work
        What is frozen in `work` stays; the rest is laid anew, and the rows are left there.
    aisles : ndarray of float, (n, 10)
        In the order in which they take their rows; column 8 is written: 1 if a road is reached.
    number : int
        How many of them.
    """
    work.count[0] = work.count[1]
    work.count[2] = work.count[3]
    _link(lot, aisles, number)
    for i in range(number):
        if aisles[i, 8] > 0.5:
            _lay_aisle(lot, work, aisles[i])
    got = 0
    for i in range(number):
        if aisles[i, 8] < 0.5:
            continue
        for j in range(number):
            near = aisles[j, Y] - aisles[i, Y] - aisles[i, WIDE]
            if aisles[j, 8] > 0.5 and aisles[j, FRAME] == aisles[i, FRAME] and 0.0 < near < 14.0:
                got += _back_to_back(lot, work, aisles[i], aisles[j], (i, j))
    for i in range(number):
        if aisles[i, 8] > 0.5:
            got += _fill(lot, work, aisles[i], 1, i)
            got += _fill(lot, work, aisles[i], -1, i)
    return got


@lean
def own_worth(lot: Lot, work: Work, aisle: Floats) -> tuple[int, float]:
    """Stalls that an aisle would bring as things stand, and the ground it and they would take."""
    laid, rows = work.count[0], work.count[2]
    f = int(aisle[FRAME])
    middle = aisle[Y] + 0.5 * aisle[WIDE]
    strip = (middle - _THIN_M, middle + _THIN_M, aisle[FROM], aisle[TO])
    m = free(lot, work, GROUND, f, strip, 0.1, work.gaps)
    long = 0.0
    for g in range(m):
        long += work.gaps[g, 1] - work.gaps[g, 0]
    _lay_aisle(lot, work, aisle)
    got = _fill(lot, work, aisle, 1, 0) + _fill(lot, work, aisle, -1, 0)
    area = long * aisle[WIDE]
    for k in range(rows, work.count[2]):
        kind = int(work.rows[k, 1])
        area += work.rows[k, 5] * lot.kinds[kind, _PITCH] * work.rows[k, 6]
    work.count[0] = laid
    work.count[2] = rows
    return got, area


@lean
def _link(lot: Lot, aisles: Floats, number: int) -> None:
    for i in range(number):
        aisles[i, 8] = aisles[i, AT_ROAD]
    grows = True
    while grows:
        grows = False
        for i in range(number):
            if aisles[i, 8] > 0.5:
                continue
            for j in range(number):
                if aisles[j, 8] > 0.5 and meet(lot, aisles[i], aisles[j]):
                    aisles[i, 8] = 1.0
                    grows = True
                    break


@lean
def _box_in(lot: Lot, aisle: Floats, g: int) -> tuple[float, float, float, float]:
    """Rectangle of an aisle seen from a frame at right angles to its own, or the same."""
    f = int(aisle[FRAME])
    x0, y0, x1, y1 = aisle[FROM], aisle[Y], aisle[TO], aisle[Y] + aisle[WIDE]
    if f == g:
        return x0, y0, x1, y1
    if g == f + 1:
        return y0, -x1, y1, -x0
    return -y1, x0, -y0, x1


@lean
def meet(lot: Lot, one: Floats, other: Floats) -> bool:
    """Whether one can drive from one aisle to another."""
    f, g = int(one[FRAME]), int(other[FRAME])
    if f // 2 == g // 2:
        west, south, east, north = _box_in(lot, other, f)
        across = min(east, one[TO]) - max(west, one[FROM])
        along = min(north, one[Y] + one[WIDE]) - max(south, one[Y])
        return across > -HAIR and along > -HAIR and max(across, along) > lot.access - HAIR
    return _passes(lot, one, other) or _passes(lot, other, one)


@lean
def _passes(lot: Lot, one: Floats, other: Floats) -> bool:
    """Whether the middle line of one aisle runs far enough inside another of a slanted frame."""
    f, g = int(one[FRAME]), int(other[FRAME])
    c = lot.turn[g, 0] * lot.turn[f, 0] + lot.turn[g, 1] * lot.turn[f, 1]
    s = lot.turn[g, 1] * lot.turn[f, 0] - lot.turn[g, 0] * lot.turn[f, 1]
    y = one[Y] + 0.5 * one[WIDE]
    x1, y1 = one[FROM] * c + y * s, y * c - one[FROM] * s
    x2, y2 = one[TO] * c + y * s, y * c - one[TO] * s
    long = one[TO] - one[FROM]
    a, b = _part(x1, x2, other[FROM], other[TO])
    p, q = _part(y1, y2, other[Y], other[Y] + other[WIDE])
    return (min(b, q) - max(a, p)) * long > lot.access


@lean
def _part(z1: float, z2: float, low: float, high: float) -> tuple[float, float]:
    """Part of a line, 0 to 1, between two values."""
    if abs(z2 - z1) < 1e-9:
        return (0.0, 1.0) if low <= z1 <= high else (1.0, 0.0)
    a, b = (low - z1) / (z2 - z1), (high - z1) / (z2 - z1)
    return max(0.0, min(a, b)), min(1.0, max(a, b))


@lean
def at_road(lot: Lot, work: Work, aisle: Floats) -> bool:
    """Whether an aisle meets a road along a stretch long enough, on or beside any of its sides."""
    f = int(aisle[FRAME])
    for g in range(f, f + 2):
        frame = f if g == f else f ^ 1
        west, south, east, north = _box_in(lot, aisle, frame)
        for k in range(4):
            y = (south if k < 2 else north) - (_THIN_M if k % 2 else 0.0)
            strip = (y, y + _THIN_M, west, east)
            if free(lot, work, DRIVABLE, frame, strip, lot.access, work.lanes) > 0:
                return True
    return False
