"""Pairs of boxes that meet: sorted bands swept from west to east, in machine code.

A tree of the geometry engine wants every box as an object of its own; making and dropping these took longer than
finding the pairs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.compiled import compiled

__all__ = ["box_pairs"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Bands so many times as high as a usual box: few boxes lie in two, few in a band are far from each other.
BAND_HEIGHTS = 4.0
MOST_BANDS = 4_096


class _Bands(NamedTuple):
    """Boxes in the bands that they reach into, from west to east within a band.

    Box ``number[k]`` is in band ``b`` for ``start[b] <= k < start[b + 1]``; ``first`` is its lowest band.
    """

    start: Ints
    number: Ints
    box: Floats
    first: Ints


def box_pairs(one: Floats, other: Floats | None = None) -> tuple[Ints, Ints]:
    """Find the boxes that meet, edges included.

    Parameters
    ----------
    one, other : ndarray of float, (n, 4)
        West, south, east, north. Without `other` the boxes of `one` among themselves, each pair once.

    Returns
    -------
    tuple of ndarray of int
        Positions in `one` and in `other`, in no order to rely on; without `other` the first is the smaller.

    Examples
    --------
    >>> boxes = np.array([[0, 0, 2, 2], [1, 1, 3, 3], [5, 5, 6, 6]], dtype=float)
    >>> box_pairs(boxes)
    (array([0]), array([1]))
    """
    both = one if other is None else np.vstack([one, other])
    if not len(one) or not len(both) - (0 if other is None else len(one)):
        return np.array([], dtype=np.int64), np.array([], dtype=np.int64)
    south, north = both[:, 1].min(), both[:, 3].max()
    height = max(
        BAND_HEIGHTS * float(np.median(both[:, 3] - both[:, 1])), (north - south) / MOST_BANDS, 1e-9
    )
    bands = int((north - south) / height) + 1
    mine = _in_bands(one, south, height, bands)
    return _sweep(
        mine, mine if other is None else _in_bands(other, south, height, bands), other is None
    )


def _in_bands(box: Floats, south: float, height: float, bands: int) -> _Bands:
    first = ((box[:, 1] - south) / height).astype(np.int64)
    last = ((box[:, 3] - south) / height).astype(np.int64)
    times = last - first + 1
    number = np.repeat(np.arange(len(box)), times)
    band = np.repeat(first - np.concatenate([[0], np.cumsum(times)[:-1]]), times) + np.arange(
        len(number)
    )
    order = np.lexsort((box[number, 0], band))
    number = number[order]
    return _Bands(
        start=np.searchsorted(band[order], np.arange(bands + 1)).astype(np.int64),
        number=number,
        box=np.ascontiguousarray(box[number]),
        first=first[number],
    )


@compiled
def _sweep(one: _Bands, other: _Bands, half: bool) -> tuple[Ints, Ints]:
    """Go through both lists of each band from west to east; who comes first looks ahead in the other list."""
    found = np.empty((2, 4 * len(one.number) + 16), np.int64)
    count = 0
    for band in range(len(one.start) - 1):
        k, end = one.start[band], one.start[band + 1]
        m, stop = other.start[band], other.start[band + 1]
        while k < end and m < stop:
            mine = one.box[k, 0] <= other.box[m, 0]
            a, b = k, m
            while a < end and b < stop and _overlap(one.box[a], other.box[b], 0):
                # A pair that shares several bands is noted in the lowest.
                lowest = band == max(one.first[a], other.first[b])
                if lowest and _overlap(one.box[a], other.box[b], 1):
                    i, j = one.number[a], other.number[b]
                    if not half or i < j:
                        if count == found.shape[1]:
                            found = _doubled(found)
                        found[0, count], found[1, count] = i, j
                        count += 1
                if mine:
                    b += 1
                else:
                    a += 1
            if mine:
                k += 1
            else:
                m += 1
    return found[0, :count].copy(), found[1, :count].copy()


@compiled
def _overlap(one: Floats, other: Floats, axis: int) -> bool:
    return bool(one[axis] <= other[axis + 2] and other[axis] <= one[axis + 2])


@compiled
def _doubled(found: Ints) -> Ints:
    more = np.empty((2, 2 * found.shape[1]), np.int64)
    more[:, : found.shape[1]] = found
    return more
