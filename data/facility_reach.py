"""Distances from homes to facilities and sites of a plan: in a straight line, or on foot along its roads."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import scipy.sparse as sp
import shapely
from numpy.typing import NDArray

from data.layer_rows import column, drawn, goes_over, goes_under, tags_of
from geo.crs import to_plane
from geo.reach import straight_reach
from geo.road_network import RoadNetwork, network_reach, road_network
from policy.ground_rules import ground_rules

__all__ = ["reach", "walking_network"]

Floats = NDArray[np.float64]
Progress = Callable[[float], None]

# Half of the widest street and its pavement: a lane is drawn up to the edge of the street, the street by its middle.
_GAP_M = 30.0
# Nobody walks there, by the class of the road or as OpenStreetMap calls it.
_CLOSED = "none"
_NOT_ON_FOOT = {"motorway", "motorway_link", "高速", "高速公路"}


def reach(
    clients_xy: Floats,
    sites_xy: Floats,
    radius_m: float,
    *,
    network: RoadNetwork | None = None,
    progress: Progress | None = None,
) -> sp.csr_array:
    """Find the clients that each site reaches.

    Parameters
    ----------
    clients_xy, sites_xy : ndarray of float, (n, 2) and (m, 2)
        Metres in the plane of the plan.
    radius_m : float
        Longest distance.
    network : RoadNetwork, optional
        As of :func:`walking_network`; by default in a straight line.
    progress : callable, optional
        Called with the share done.

    Returns
    -------
    csr_array, (m, n)
        Distances in metres.
    """
    if network is None:
        return straight_reach(clients_xy, sites_xy, radius_m, progress=progress)
    return network_reach(network, clients_xy, sites_xy, radius_m, progress=progress)


def walking_network(roads: gpd.GeoDataFrame | None, *, epsg: int) -> RoadNetwork:
    """Network of the roads on which people walk.

    Parameters
    ----------
    roads : GeoDataFrame or None
        Layer of the plan, EPSG:4490: lines; carriageways drawn as areas have no centre line and are passed over.
        Motorways, rails and what is only planned are left out.
    epsg : int
        Plane of the plan.
    """
    if roads is None or not len(roads):
        return road_network([])
    there = drawn(roads)
    kinds = column(there, "kind")
    closed = kinds.map(lambda kind: ground_rules().road(kind).id == _CLOSED).astype(bool)
    closed = closed | kinds.astype(str).str.strip().str.lower().isin(_NOT_ON_FOOT)
    walked = ~closed.to_numpy() & (shapely.get_dimensions(there.geometry.to_numpy()) == 1)
    levels, rows = _levels(there[walked]), there.geometry[walked]
    lines, of = shapely.get_parts(to_plane(rows, epsg).to_numpy(), return_index=True)
    return road_network(lines, levels=levels[of], gap_m=_GAP_M)


def _levels(lines: gpd.GeoDataFrame) -> Floats:
    """Level of each line: as it is tagged, else a bridge lies above the ground and a tunnel below."""
    told = np.array([_number(one.get("layer")) for one in tags_of(lines)], dtype=float)
    usual = goes_over(lines).astype(float) - goes_under(lines).astype(float)
    return np.where(np.isnan(told), usual, told)


def _number(text: object) -> float:
    try:
        return float(str(text))
    except ValueError:
        return np.nan
