"""Compounds of the made-up city: the shape of each plot's wall and the slabs inside it.

Slabs are 12 m deep and 36-60 m long, face south, and stand one height of a house apart (sunlight). All
plots are done at once; a plot with a corner cut out loses the slabs of that corner.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["Estates", "greens_of", "houses_of", "lanes_of", "lay_out_estates", "walls_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_DEPTH_M = 12.0
_STOREY_M = 3.0
_SETBACK_M = 6.0
_SIDE_GAP_M = 8.0
# Corners of a wall are off the right angle by up to this much; less than the setback.
_SKEW_M = 4.0
_SHARE_SKEWED = 0.45
_SHARE_NOTCHED = 0.18


@dataclass(frozen=True, kw_only=True)
class Estates:
    """Layout of every compound: one row each.

    Attributes
    ----------
    plots : array, shape (n, 4)
        West, south, east, north in local metres.
    storeys, rows, columns : array of int
        Of its slabs.
    notch_rows : array of int
        Slabs missing at the north end of the last column; 0 for a plain plot.
    length_m, pitch_m : array
        Length of a slab; from one row to the next.
    west_m, south_m : array
        South-west corner of the first slab.
    skew_m : array, shape (n, 4, 2)
        How far each corner of the wall is pulled in.
    """

    plots: Floats
    storeys: Ints
    rows: Ints
    columns: Ints
    notch_rows: Ints
    length_m: Floats
    pitch_m: Floats
    west_m: Floats
    south_m: Floats
    skew_m: Floats

    @property
    def building_count(self) -> Ints:
        """Slabs of each compound."""
        return self.rows * self.columns - self.notch_rows

    @property
    def floor_area_m2(self) -> Floats:
        """Floor area of all slabs of each compound."""
        return self.building_count * self.length_m * _DEPTH_M * self.storeys


def lay_out_estates(plots: Floats, rng: np.random.Generator) -> Estates:
    """Decide the slabs and the wall of every plot.

    Parameters
    ----------
    plots : array, shape (n, 4)
        West, south, east, north; no side below 26 m.
    rng : Generator
        Source of the luck.

    Returns
    -------
    Estates
    """
    n = len(plots)
    width, depth = plots[:, 2] - plots[:, 0], plots[:, 3] - plots[:, 1]
    storeys = rng.choice([4, 5, 6, 7], size=n, p=[0.1, 0.2, 0.5, 0.2])
    pitch = _DEPTH_M + storeys * _STOREY_M * rng.uniform(0.95, 1.25, size=n)
    inner_width, inner_depth = width - 2 * _SETBACK_M, depth - 2 * _SETBACK_M
    length = np.minimum(np.round(rng.uniform(36.0, 60.0, size=n)), np.floor(inner_width))
    columns = ((inner_width + _SIDE_GAP_M) // (length + _SIDE_GAP_M)).astype("int64")
    rows = ((inner_depth - _DEPTH_M) // pitch).astype("int64") + 1
    notched = (rng.random(n) < _SHARE_NOTCHED) & (rows >= 3) & (columns >= 2)
    notch = np.where(notched, 1 + np.floor(rng.random(n) * (rows // 2)), 0).astype("int64")
    skewed = (rng.random(n) < _SHARE_SKEWED) & ~notched
    used_width = columns * (length + _SIDE_GAP_M) - _SIDE_GAP_M
    used_depth = (rows - 1) * pitch + _DEPTH_M
    return Estates(
        plots=plots,
        storeys=storeys,
        rows=rows,
        columns=columns,
        notch_rows=notch,
        length_m=length,
        pitch_m=pitch,
        west_m=plots[:, 0] + (width - used_width) / 2,
        south_m=plots[:, 1] + (depth - used_depth) / 2,
        skew_m=rng.uniform(0.0, _SKEW_M, size=(n, 4, 2)) * skewed[:, None, None],
    )


def walls_of(estates: Estates) -> NDArray[np.object_]:
    """Boundary polygon of each compound."""
    west, south, east, north = estates.plots.T
    inward = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    corners = np.stack(
        [
            np.column_stack(xy)
            for xy in ((west, south), (east, south), (east, north), (west, north))
        ],
        axis=1,
    )
    walls: NDArray[np.object_] = shapely.polygons(corners + estates.skew_m * inward)
    notched = estates.notch_rows > 0
    if notched.any():
        x, y = (edge[notched] for edge in _notch_corner(estates))
        w, s, e, n = (edge[notched] for edge in (west, south, east, north))
        ring = [(w, s), (e, s), (e, y), (x, y), (x, n), (w, n)]
        walls[notched] = shapely.polygons(np.stack([np.column_stack(xy) for xy in ring], axis=1))
    return walls


def houses_of(estates: Estates) -> tuple[NDArray[np.object_], Ints]:
    """Slabs of all compounds, and the row of the compound that each belongs to."""
    full = estates.rows * estates.columns
    owner = np.repeat(np.arange(len(full)), full)
    place = np.arange(full.sum()) - np.repeat(np.cumsum(full) - full, full)
    row, column = np.divmod(place, estates.columns[owner])
    missing = (column == estates.columns[owner] - 1) & (
        row >= (estates.rows - estates.notch_rows)[owner]
    )
    owner, row, column = owner[~missing], row[~missing], column[~missing]
    x = estates.west_m[owner] + column * (estates.length_m[owner] + _SIDE_GAP_M)
    y = estates.south_m[owner] + row * estates.pitch_m[owner]
    return shapely.box(x, y, x + estates.length_m[owner], y + _DEPTH_M), owner


def lanes_of(estates: Estates) -> NDArray[np.object_]:
    """One lane through each compound from south to north, between the slabs or beside them."""
    between = estates.columns // 2
    step = estates.length_m + _SIDE_GAP_M
    x = np.where(
        between > 0,
        estates.west_m + between * step - _SIDE_GAP_M / 2,
        estates.plots[:, 0] + _SKEW_M + 1.0,
    )
    top = np.where(estates.notch_rows > 0, _notch_corner(estates)[1], estates.plots[:, 3])
    ends = [np.column_stack([x, estates.plots[:, 1] + 0.5]), np.column_stack([x, top - 0.5])]
    lanes: NDArray[np.object_] = shapely.linestrings(np.stack(ends, axis=1))
    return lanes


def greens_of(estates: Estates) -> tuple[NDArray[np.object_], Ints]:
    """Put a strip of green between the first two rows; the strips and the rows of their compounds."""
    owner = np.flatnonzero(estates.rows >= 2)
    x, y = estates.west_m[owner], estates.south_m[owner] + _DEPTH_M
    gap = estates.pitch_m[owner] - _DEPTH_M
    return shapely.box(x, y + gap * 0.35, x + estates.length_m[owner], y + gap * 0.65), owner


def _notch_corner(estates: Estates) -> tuple[Floats, Floats]:
    """Inner corner of the cut: in the gaps before the last column and below the missing slabs."""
    x = estates.west_m + (estates.columns - 1) * (estates.length_m + _SIDE_GAP_M) - _SIDE_GAP_M / 2
    first_missing = estates.rows - estates.notch_rows
    y = estates.south_m + first_missing * estates.pitch_m - (estates.pitch_m - _DEPTH_M) / 2
    return x, y
