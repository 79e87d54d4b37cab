"""Strips along one side of wide roads on which cars may stand, so that a clear width stays beside them.

Not at junctions, and not where something else needs the ground.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import require_metric
from geo.stacking import areas_only, joined_by

__all__ = ["JUNCTION_M", "roadside_strips"]

# The tool's own figure: so far from the edge of another road nobody stands, or no car could turn in.
JUNCTION_M = 5.0
# A strip may be so much narrower in places.
_NARROWER_M = 0.02

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Shapes = NDArray[np.object_]


def roadside_strips(
    lines: gpd.GeoSeries,
    width_m: pd.Series[float],
    *,
    strip_m: float,
    clear_m: float,
    least_m: float,
    within: Shapes,
    roads: Shapes,
    keep_off: Shapes,
) -> gpd.GeoSeries:
    """Strip along the better side of each road that is wide enough.

    Parameters
    ----------
    lines : GeoSeries
        Middles of roads, projected in metres; anything but lines has no strip.
    width_m : Series
        Of the roads, in their order.
    strip_m, clear_m : float
        Width of the strip, and what has to stay clear beside it.
    least_m : float
        Shorter pieces are of no use.
    within : ndarray of geometry
        Areas inside which strips may be.
    roads : ndarray of geometry
        Carriageways; the first ones are those of `lines`, in their order.
    keep_off : ndarray of geometry
        Areas that are needed for something else.

    Returns
    -------
    GeoSeries
        Index of `lines`; empty where there is none.

    Examples
    --------
    >>> lane = gpd.GeoSeries([shapely.LineString([(0, 0), (30, 0)])], crs="EPSG:4547")
    >>> strips = roadside_strips(
    ...     lane, pd.Series([7.0]), strip_m=2.4, clear_m=4.0, least_m=6.0,
    ...     within=np.array([shapely.box(0, -9, 30, 9)]), roads=lane.buffer(3.5, cap_style="flat").to_numpy(),
    ...     keep_off=np.array([], dtype=object))
    >>> strips.area.round(6).tolist()
    [72.0]
    """
    require_metric(lines=lines)
    width = np.asarray(width_m, dtype=np.float64)
    parts, owner = shapely.get_parts(shapely.normalize(lines.to_numpy()), return_index=True)
    wide = (width[owner] >= strip_m + clear_m) & (shapely.get_type_id(parts) == 1)
    wide &= shapely.length(parts) >= least_m
    parts, owner = parts[wide], owner[wide]
    off = (width[owner] - strip_m) / 2
    town = _Town(within, roads, keep_off)
    sides = [
        _useful(town.free(_beside(parts, side * off, strip_m), owner), strip_m, least_m)
        for side in (1.0, -1.0)
    ]
    better = np.where(shapely.area(sides[1]) > shapely.area(sides[0]) + 1e-6, sides[1], sides[0])
    strips = joined_by(np.asarray(better, dtype=object), owner, len(lines))
    return gpd.GeoSeries(strips, index=lines.index, crs=lines.crs)


class _Town:
    """What strips lie among."""

    def __init__(self, within: Shapes, roads: Shapes, keep_off: Shapes) -> None:
        self.within, self.keep_off = within, keep_off
        self.junctions = np.asarray(
            shapely.buffer(roads, JUNCTION_M, join_style="mitre"), dtype=object
        )

    def free(self, strips: Shapes, owner: Positions) -> Shapes:
        """Parts of strips inside, away from other roads and from what needs the ground."""
        row, area = shapely.STRtree(self.within).query(strips, predicate="intersects")
        inside = shapely.intersection(strips, joined_by(self.within[area], row, len(strips)))
        row, road = shapely.STRtree(self.junctions).query(inside, predicate="intersects")
        other = road != owner[row]
        near, thing = shapely.STRtree(self.keep_off).query(inside, predicate="intersects")
        taken = joined_by(
            np.concatenate([self.junctions[road[other]], self.keep_off[thing]]),
            np.concatenate([row[other], near]),
            len(strips),
        )
        return areas_only(shapely.difference(inside, taken))


def _beside(parts: Shapes, off: Floats, strip_m: float) -> Shapes:
    middle = shapely.offset_curve(parts, off, join_style="mitre", mitre_limit=2.0)
    strips: Shapes = np.asarray(
        shapely.buffer(middle, strip_m / 2, cap_style="flat", join_style="mitre", mitre_limit=2.0),
        dtype=object,
    )
    return strips


def _useful(strips: Shapes, strip_m: float, least_m: float) -> Shapes:
    """Keep what is of the full width and long enough."""
    half = strip_m / 2 - _NARROWER_M
    core = shapely.buffer(strips, -half, join_style="mitre")
    full = areas_only(shapely.intersection(shapely.buffer(core, half, join_style="mitre"), strips))
    parts, of = shapely.get_parts(full, return_index=True)
    large = shapely.area(parts) >= strip_m * least_m * (1 - 1e-6)
    return joined_by(parts[large], of[large], len(strips))
