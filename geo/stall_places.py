"""Where aisles are tried: exact fits along the outline first, a grid between them.

A lot of exactly 16.1 m is missed by every grid; the places that follow from an edge (a row's depth off it, an aisle's
width, and then module after module) find it.
"""

from __future__ import annotations

import numpy as np

from geo.stall_lot import Ready
from geo.stall_strips import Floats

__all__ = ["places_of"]

# Sine of the largest angle at which an edge is along a frame; shortest edge that counts, metres.
_ALONG, _SHORTEST_M = 0.012, 1.5
# Edges so long begin a stack of modules.
_LONG_M = 9.0
_MOST_EDGES = 40
_FINEST_M, _COARSEST_M = 0.5, 4.0


def places_of(ready: Ready, most: int) -> Floats:
    """Places of aisles.

    Parameters
    ----------
    ready : Ready
        The lot.
    most : int
        About so many places in all.

    Returns
    -------
    ndarray of float, (n, 3)
        Frame, y of the lower side, width.
    """
    kinds = ready.kinds
    widths = sorted({*np.round(kinds[:, 4], 6).tolist(), ready.narrowest}, reverse=True)
    frames = len(ready.turn)
    spans = [_span(ready, f) for f in range(frames)]
    exact: list[tuple[float, float, float]] = []
    for f in range(frames):
        sides = _sides(ready, f)
        for wide in widths:
            depths = sorted(
                {float(d) for d, a in kinds[:, [2, 4]] if a <= wide + 1e-6}, reverse=True
            )
            backs = [(float(k[3]), float(k[2])) for k in kinds if k[4] <= wide + 1e-6]
            ys = _beside(sides, depths, max(backs, default=(0.0, 0.0)), wide, spans[f])
            exact.extend((float(f), y, wide) for y in ys)
    total = sum(high - low for low, high in spans) * len(widths)
    step = float(np.clip(total / max(most - len(exact), most // 3), _FINEST_M, _COARSEST_M))
    grid = [
        (float(f), y, wide)
        for f in range(frames)
        for wide in widths
        for y in np.arange(spans[f][0] + 0.25 * step, spans[f][1] - wide, step)
    ]
    return np.array([*exact, *grid]).reshape(-1, 3)


def _span(ready: Ready, frame: int) -> tuple[float, float]:
    y = _y_of(ready.sheets[0], ready, frame)
    return float(y.min()) - 6.0, float(y.max()) + 6.0


def _y_of(ends: Floats, ready: Ready, frame: int) -> Floats:
    c, s = ready.turn[frame]
    return np.stack([ends[:, 1] * c - ends[:, 0] * s, ends[:, 3] * c - ends[:, 2] * s], axis=1)


def _sides(ready: Ready, frame: int) -> list[tuple[float, float]]:
    """Edges along a frame: y and length, those at one y together, the longest first."""
    found: dict[float, float] = {}
    for ends in ready.sheets[:2]:
        y = _y_of(ends, ready, frame)
        long = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
        along = (np.abs(y[:, 1] - y[:, 0]) <= _ALONG * long) & (long >= _SHORTEST_M)
        for at, length in zip(np.round(y[along].mean(axis=1), 4), long[along], strict=True):
            found[float(at)] = found.get(float(at), 0.0) + float(length)
    ordered = sorted(found.items(), key=lambda side: (-round(side[1], 2), side[0]))
    return ordered[:_MOST_EDGES]


def _beside(
    sides: list[tuple[float, float]],
    depths: list[float],
    backs: tuple[float, float],
    wide: float,
    span: tuple[float, float],
) -> list[float]:
    ys: set[float] = set()
    back, wall = backs
    for at, long in sides:
        ys.update((at, at - wide))
        for depth in depths:
            ys.update((at + depth, at - depth - wide))
        if long >= _LONG_M and depths:
            for depth in depths[:3]:
                ys.update(_stack(at, depth, 2 * depth, wide, span))
            if back > 0.0:
                ys.update(_stack(at, wall, 2 * back, wide, span))
    return sorted({round(y, 4) for y in ys if span[0] - 1 <= y <= span[1]})


def _stack(
    at: float, first: float, between: float, wide: float, span: tuple[float, float]
) -> list[float]:
    """Aisles upwards and downwards from an edge, so far apart that rows fit between them."""
    module = wide + between
    up = np.arange(at + first, span[1], module)
    down = np.arange(at - first - wide, span[0], -module)
    return [float(y) for y in (*up[:12], *down[:12])]
