"""Where households live and where facilities stand, as points of the plan's plane.

A compound is one point: its middle if that lies in it, else a point inside. A facility is one point likewise, so that
distances along roads and in a straight line start from the same place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.layer_rows import column, drawn
from geo.crs import plan_zone, to_plane, zone_epsg
from geo.repair import repair
from policy.facility_rules import facility_rules

__all__ = ["Demand", "demand_points", "facilities_of", "inner_points", "plane_of"]

Layers = Mapping[str, gpd.GeoDataFrame]
Floats = NDArray[np.float64]

_ANY_ZONE = 37
# Facilities may be drawn as what they are, or as the building or ground that holds them.
_HOLDING = ("facilities", "buildings", "green")


@dataclass(frozen=True, kw_only=True, eq=False)
class Demand:
    """Compounds as they ask for facilities.

    Attributes
    ----------
    table : DataFrame
        By uid, in the order of the layer: ``name``, ``pianqu_uid`` (missing: in none), ``households`` (NA: unknown);
        only compounds with a boundary.
    xy : ndarray of float, (n, 2)
        Their points, metres in `epsg`.
    epsg : int
    undrawn : tuple of str
        Uids of the compounds without a boundary.
    """

    table: pd.DataFrame
    xy: Floats
    epsg: int
    undrawn: tuple[str, ...]

    @property
    def unknown(self) -> NDArray[np.bool_]:
        """Compounds of which nobody knows the households."""
        return self.table["households"].isna().to_numpy(dtype=bool)

    @property
    def households(self) -> Floats:
        """Households, 0 where unknown: for sums that are told with `unknown` beside them."""
        return self.table["households"].to_numpy(dtype=float, na_value=0.0)


def plane_of(layers: Layers, *, zone: int | None = None) -> int:
    """EPSG of the plane that a plan is measured in: that of its zone, else of the middle of its compounds."""
    if zone is not None:
        return zone_epsg(int(zone))
    compounds = drawn(layers["compounds"]).geometry
    return plan_zone(compounds).epsg if len(compounds) else zone_epsg(_ANY_ZONE)


def demand_points(layers: Layers, *, zone: int | None = None) -> Demand:
    """Where the households of a plan live.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        ``compounds``, EPSG:4490.
    zone : int, optional
        Zone that the plan is measured in; by default that of its middle.
    """
    compounds, epsg = layers["compounds"], plane_of(layers, zone=zone)
    there = drawn(compounds)
    households = pd.to_numeric(column(there, "households"), errors="coerce")
    table = pd.DataFrame(
        {
            "name": column(there, "name"),
            "pianqu_uid": column(there, "pianqu_uid"),
            "households": households.round().astype("Int64"),
        },
        index=there.index,
    )
    return Demand(
        table=table,
        xy=inner_points(to_plane(there.geometry, epsg)),
        epsg=epsg,
        undrawn=tuple(map(str, compounds.index.difference(there.index, sort=False))),
    )


def facilities_of(layers: Layers, *, epsg: int) -> gpd.GeoDataFrame:
    """Existing facilities of a plan by kind.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        Any of ``facilities``, ``buildings`` and ``green``, EPSG:4490, with ``kind`` and ``name``. Buildings and
        green count where their 类型 names a facility (a kindergarten drawn as a building, a pitch as green).
    epsg : int
        Plane of the points.

    Returns
    -------
    GeoDataFrame
        By uid: ``facility`` (id of the kind), ``name`` (missing where it has none), ``layer``, points in `epsg`.
        Of one thing that is drawn in several layers the first counts: a kind within 20 m of the same kind.

    Examples
    --------
    >>> one = gpd.GeoDataFrame({"kind": ["amenity=kindergarten"], "name": ["阳光"]}, index=["a"],
    ...                        geometry=gpd.points_from_xy([113.0], [23.0]), crs="EPSG:4490")
    >>> facilities_of({"facilities": one}, epsg=4547)["facility"].to_dict()
    {'a': 'kindergarten'}
    """
    found = [_told(layers[name], name, epsg) for name in _HOLDING if len(layers.get(name, ()))]
    found = [one for one in found if len(one)]
    if not found:
        return gpd.GeoDataFrame({"facility": [], "name": [], "layer": []}, geometry=[], crs=epsg)
    return _once(gpd.GeoDataFrame(pd.concat(found), crs=epsg))


# Of the same kind nearer than this is the same thing drawn twice, as a point and as a building.
_SAME_M = 20.0


def _told(frame: gpd.GeoDataFrame, layer: str, epsg: int) -> gpd.GeoDataFrame:
    there, rules = drawn(frame), facility_rules()
    # A building is what its kind says; houses are called after all sorts of things.
    names = column(there, "name") if layer == "facilities" else [None] * len(there)
    asked = list(zip(column(there, "kind"), names, strict=True))
    known: dict[Any, str | None] = {pair: rules.called(*pair) for pair in set(asked)}
    kinds = np.array([known[pair] for pair in asked], dtype=object)
    is_one = pd.notna(kinds)
    xy = inner_points(to_plane(there.geometry[is_one], epsg))
    # What lies nowhere serves nobody.
    placed = np.isfinite(xy).all(axis=1)
    is_one[is_one] = placed
    picked, xy = there[is_one], xy[placed]
    return gpd.GeoDataFrame(
        {"facility": kinds[is_one], "name": column(picked, "name"), "layer": layer},
        geometry=gpd.GeoSeries(shapely.points(xy), index=picked.index, crs=epsg),
    )


def _once(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out what another layer, asked before, has of the same kind at the same place."""
    points, kinds = found.geometry.to_numpy(), found["facility"].to_numpy()
    rank = found["layer"].map(_HOLDING.index).to_numpy()
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=_SAME_M)
    later = (kinds[one] == kinds[other]) & (rank[one] > rank[other])
    return found.drop(index=found.index[np.unique(one[later])])


def inner_points(shapes: gpd.GeoSeries) -> Floats:
    """Middle of each shape where it lies in the shape, else a point inside; broken areas are repaired first.

    Returns
    -------
    ndarray of float, (n, 2)

    Examples
    --------
    >>> horseshoe = "POLYGON ((0 0, 9 0, 9 9, 6 9, 6 3, 3 3, 3 9, 0 9, 0 0))"
    >>> inner_points(gpd.GeoSeries.from_wkt(["POLYGON ((0 0, 4 0, 4 2, 0 2, 0 0))", horseshoe])).tolist()[0]
    [2.0, 1.0]
    """
    geoms = shapes.to_numpy()
    if not len(geoms):
        return np.empty((0, 2))
    broken = ~shapely.is_valid(geoms)
    if broken.any():
        geoms = geoms.copy()
        geoms[broken] = repair(shapes[broken])[0].to_numpy()
    middle = shapely.centroid(geoms)
    inside = shapely.intersects(geoms, middle)
    points = np.where(inside, middle, shapely.point_on_surface(geoms))
    points[shapely.is_empty(points)] = None
    return np.column_stack((shapely.get_x(points), shapely.get_y(points)))
