"""A screen for the noon sun of houses to the north of something new; hours of sun are for a proper analysis."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from data.layer_rows import drawn
from geo.crs import to_plane
from policy.facility_rules import noon_spacing

__all__ = ["Houses"]

# North of a few degrees, a shadow is longer than any compound; it is cut here.
_LONGEST_M = 500.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Houses:
    """Buildings that a shadow could meet.

    Attributes
    ----------
    shapes : ndarray of Polygon
        Metres; the y axis is taken for north.
    shadow_m : float
        Length of the noon shadow of the new thing; 0: it throws none.
    """

    shapes: NDArray[np.object_]
    shadow_m: float

    @classmethod
    def of(
        cls,
        buildings: gpd.GeoDataFrame | None,
        *,
        epsg: int,
        latitude_deg: float,
        height_m: float,
        great_cold: bool = False,
    ) -> Houses:
        """Take the buildings of a plan.

        Parameters
        ----------
        buildings : GeoDataFrame or None
            Layer of the plan, EPSG:4490.
        epsg : int
            Plane of the plan.
        latitude_deg, height_m : float
            Of the new thing.
        great_cold : bool
            On 大寒日 instead of 冬至日.
        """
        shadow = height_m * noon_spacing(latitude_deg, great_cold=great_cold) if height_m else 0.0
        there = drawn(buildings) if buildings is not None and len(buildings) else None
        shapes = np.empty(0, dtype=object)
        if there is not None and shadow > 0:
            shapes = shapely.make_valid(to_plane(there.geometry, epsg).to_numpy())
        return cls(shapes=shapes, shadow_m=min(shadow, _LONGEST_M))

    def north_m(self, sites: NDArray[np.object_]) -> NDArray[np.float64]:
        """Distance from each site to the nearest house in its noon shadow.

        Parameters
        ----------
        sites : ndarray of Polygon
            Convex; metres.

        Returns
        -------
        ndarray of float
            Infinite where the shadow meets none.

        Examples
        --------
        >>> north = Houses(shapes=np.array([shapely.box(0, 18, 20, 30)]), shadow_m=10.0)
        >>> north.north_m(np.array([shapely.box(5, 0, 15, 10), shapely.box(5, 0, 15, 6), shapely.box(40, 0, 50, 10)]))
        array([ 8., inf, inf])
        """
        found = np.full(len(sites), np.inf)
        if not len(self.shapes) or not len(sites) or self.shadow_m <= 0:
            return found
        moved = shapely.transform(sites, lambda points: points + np.array([0.0, self.shadow_m]))
        pairs = np.stack((sites, moved), axis=1)
        shadows = shapely.convex_hull(shapely.union_all(pairs, axis=1))
        site, house = shapely.STRtree(self.shapes).query(shadows, predicate="intersects")
        met = shapely.intersection(shadows[site], self.shapes[house])
        # Sharing no more than the edge of the shadow is not being in it.
        in_it = shapely.area(met) > 1e-6
        np.minimum.at(found, site[in_it], shapely.distance(sites[site[in_it]], met[in_it]))
        return found
