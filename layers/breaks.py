"""Where one class ends and the next begins: quantiles, equal steps, natural breaks, in round figures.

A break belongs to the class above it (classes are half-open: lower limit in, upper limit out).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = [
    "METHODS",
    "equal_breaks",
    "make_breaks",
    "natural_breaks",
    "quantile_breaks",
    "roundest",
]

METHODS = {"quantile": "分位数", "equal": "等间距", "natural": "自然断点", "manual": "自定"}

# Natural breaks are exact up to this many different values; above it, on evenly spread quantiles.
NATURAL_LIMIT = 2_000
# A quantile break may move by this share of a class's members to reach a rounder figure.
QUANTILE_SLACK = 0.15
# Below it powers of ten have no reciprocal; there are no round figures among the grains of the computer.
SMALLEST_POWER = -290

Reals = npt.NDArray[np.float64]


def make_breaks(values: Reals, method: str, class_count: int) -> tuple[float, ...]:
    """Inner breaks of known ``values``; fewer than asked when there are few different values.

    Parameters
    ----------
    values : array of float
        Finite values in any order.
    method : str
        ``quantile``, ``equal`` or ``natural``.
    class_count : int
        Most classes wanted.

    Returns
    -------
    tuple of float
        Ascending, at most ``class_count - 1``; empty if all values are equal or there are none.

    Examples
    --------
    >>> make_breaks(np.array([3481.0, 3959, 5814, 11340, 16667]), "quantile", 5)
    (3500.0, 5000.0, 10000.0, 15000.0)
    """
    maker = {"quantile": quantile_breaks, "equal": equal_breaks, "natural": natural_breaks}[method]
    if values.size == 0 or class_count < 2 or values.min() == values.max():
        return ()
    return maker(np.sort(values), class_count)


def quantile_breaks(ordered: Reals, class_count: int) -> tuple[float, ...]:
    """Classes of about as many members each; a break moves a little to be a round figure."""
    count = ordered.size
    slack = int(QUANTILE_SLACK * count / class_count)
    breaks: list[float] = []
    for k in range(1, class_count):
        rank = round(k * count / class_count)
        low = ordered[max(rank - 1 - slack, 0)]
        high = ordered[min(rank + slack, count - 1)]
        breaks.append(_between(float(low), float(high), ordered))
    return _without_empty(_ascending(breaks, ordered), ordered)


def equal_breaks(ordered: Reals, class_count: int) -> tuple[float, ...]:
    """Equal steps of one round figure (1, 2, 2.5 or 5 times a power of ten)."""
    low, high = float(ordered[0]), float(ordered[-1])
    rough = (high - low) / class_count
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(s * power for s in (1.0, 2.0, 2.5, 5.0, 10.0) if s * power >= rough * 0.999)
    first = (np.floor(low / step) + 1) * step
    return _ascending([first + step * k for k in range(class_count - 1)], ordered)


def natural_breaks(ordered: Reals, class_count: int) -> tuple[float, ...]:
    """Fisher's natural breaks (least squares within classes), exact by dynamic programming.

    Source: W. D. Fisher, On grouping for maximum homogeneity, 1958; known from maps as Jenks.
    """
    values, weights = np.unique(ordered, return_counts=True)
    if values.size > NATURAL_LIMIT:
        values = np.unique(np.quantile(ordered, np.linspace(0, 1, NATURAL_LIMIT)))
        weights = np.ones(values.size, dtype=np.int64)
    starts = _fisher(values, weights.astype(np.float64), min(class_count, values.size))
    return tuple(roundest(float(values[at - 1]), float(values[at])) for at in starts)


def roundest(low: float, high: float) -> float:
    """Pick the roundest figure above ``low`` and up to ``high``: a break that parts the two.

    Examples
    --------
    >>> roundest(5814, 11340), roundest(3481, 3959), roundest(0.31, 0.33), roundest(-8, 3)
    (10000.0, 3500.0, 0.32, 0.0)
    """
    if low < 0 <= high:
        return 0.0
    if not low < high:
        return high
    power = int(np.floor(np.log10(max(abs(low), abs(high))))) + 1
    if power < SMALLEST_POWER:
        return high
    middle = (low + high) / 2
    for exponent in range(power, power - 17, -1):
        for step in (5, 2, 1):
            found = _multiple(step, exponent, (low, high), middle)
            if found is not None:
                return found
    return high


def _multiple(
    step: float, exponent: int, within: tuple[float, float], middle: float
) -> float | None:
    low, high = within
    # Dividing by a whole power keeps figures such as 0.3 free of binary dust.
    unit = step * 10.0**exponent if exponent >= 0 else step
    scale = 1.0 if exponent >= 0 else 10.0**-exponent
    nearest = round(middle * scale / unit)
    for k in (nearest, nearest - 1, nearest + 1):
        value = k * unit / scale
        if low < value <= high:
            return float(value)
    return None


def _between(low: float, high: float, ordered: Reals) -> float:
    if low < high:
        return roundest(low, high)
    # All equal here: the break parts them from what is below, or above if they are the least.
    if high > ordered[0]:
        return roundest(float(ordered[np.searchsorted(ordered, high) - 1]), high)
    return roundest(high, float(ordered[np.searchsorted(ordered, high, side="right")]))


def _ascending(breaks: Sequence[float], ordered: Reals) -> tuple[float, ...]:
    low, high = float(ordered[0]), float(ordered[-1])
    return tuple(sorted({float(b) for b in breaks if low < b <= high}))


def _without_empty(breaks: tuple[float, ...], ordered: Reals) -> tuple[float, ...]:
    """Leave out a break with no value between it and the one before."""
    below = np.searchsorted(ordered, breaks)
    return tuple(b for b, n in zip(breaks, np.diff(below, prepend=0), strict=True) if n)


def _fisher(values: Reals, weights: Reals, class_count: int) -> list[int]:
    """First positions of classes 2..k of the best partition."""
    count = values.size
    mean = float(np.average(values, weights=weights))
    x = values - mean  # the squares stay small
    w, wx, wxx = (np.concatenate(([0.0], np.cumsum(weights * x**p))) for p in (0, 1, 2))

    def spread(first: npt.NDArray[np.int64], end: int) -> Reals:
        """Squares about the mean of members first..end-1, for many firsts."""
        mass = w[end] - w[first]
        total = wx[end] - wx[first]
        return np.asarray(wxx[end] - wxx[first] - total * total / mass)

    ends = np.arange(count + 1)
    best = np.concatenate(([np.inf], [spread(ends[:1], end)[0] for end in ends[1:]]))
    origins = []
    for k in range(2, class_count + 1):
        following, origin = np.full(count + 1, np.inf), np.zeros(count + 1, dtype=np.int64)
        for end in range(k, count + 1):
            firsts = ends[k - 1 : end]
            cost = best[firsts] + spread(firsts, end)
            at = int(np.argmin(cost))
            following[end], origin[end] = cost[at], firsts[at]
        best = following
        origins.append(origin)
    starts, end = [], count
    for origin in reversed(origins):
        end = int(origin[end])
        starts.append(end)
    return starts[::-1]
