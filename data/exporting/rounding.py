"""Coordinates with a fixed number of decimals, without breaking a boundary."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["rounded"]


def rounded(shapes: NDArray[Any], decimals: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Round all coordinates, and mend what rounding has broken.

    Parameters
    ----------
    shapes : array of geometries
        In degrees; missing stays missing.
    decimals : int
        7 is 11 mm, 8 is 1 mm.

    Returns
    -------
    shapes : array of geometries
        Valid where the input was; polygons counter-clockwise outside (RFC 7946, 3.1.6). Slivers below
        the grid are gone.
    mended : array of bool
        Which shapes needed more than rounding.
    """
    result = shapely.transform(shapes, lambda xy: np.round(xy, decimals))
    broken = shapely.is_valid(shapes) & ~shapely.is_valid(result)
    if broken.any():
        # Snaps to the same grid, and drops what has no area on it.
        mended = shapely.set_precision(shapes[broken], 10.0**-decimals)
        # Grid arithmetic leaves binary noise in the last digits.
        result[broken] = shapely.transform(mended, lambda xy: np.round(xy, decimals))
    return shapely.orient_polygons(result), broken
