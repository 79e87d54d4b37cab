"""Reach along roads, on foot: a graph of road lines, ways on to it and off it, and shortest ways within a radius.

Lines are cut where they cross or touch, unless they lie on different levels there (a bridge over a road); ends
that nearly meet are joined. Whoever walks takes the straight way to the nearest road, and one-way streets both
ways.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import dijkstra

from errors import GeometryError
from geo.reach import points_of
from geo.road_noding import noded

__all__ = ["RoadNetwork", "network_reach", "road_network"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]
Progress = Callable[[float], None]

# Ends of lines that are nearer than this are one crossing: roads of several sources never meet exactly.
JOIN_M = 0.5
# The way from a door to the road; who is further away is not on the network.
ACCESS_M = 200.0
# Entries of the table of ways that is held at once.
MOST_HELD = 4_000_000
NONE = -1


class RoadNetwork(NamedTuple):
    """Crossings and the pieces of road between them.

    Attributes
    ----------
    points : ndarray of float, (crossings, 2)
    start, end : ndarray of int, (pieces,)
        Crossings at both ends.
    length_m : ndarray of float, (pieces,)
    pieces : ndarray of LineString, (pieces,)
    parts : ndarray of int, (crossings,)
        Number of the connected part that a crossing lies in.
    """

    points: Floats
    start: Ints
    end: Ints
    length_m: Floats
    pieces: Shapes
    parts: Ints


class _Access(NamedTuple):
    """Where points come on to the network: piece (-1 for none), way along it from its start, way to it."""

    piece: Ints
    along_m: Floats
    leg_m: Floats


def road_network(
    roads: ArrayLike,
    *,
    levels: ArrayLike | None = None,
    join_m: float = JOIN_M,
    gap_m: float = 0.0,
) -> RoadNetwork:
    """Make a network of lines.

    Parameters
    ----------
    roads : array of LineString or MultiLineString
        In metres; missing and empty ones, and points without a number, are passed over.
    levels : array_like of float, optional
        Level of each road, 0 for the ground: roads of two levels meet where one ends, not where they cross.
        A level that is not known is the ground. See `geo.road_noding`.
    join_m : float
        Ends nearer than this to each other, or to a road, are one crossing.
    gap_m : float
        A dead end is led on so far, to the nearest road of its level or on the ground that it is not yet
        connected with. What hangs together already is not: the end of a cul-de-sac is no way through.

    Raises
    ------
    GeometryError
        If a shape is no line.
    """
    lines, level = _lines(roads, levels)
    made = noded(lines, level, join_m=join_m, gap_m=gap_m)
    return RoadNetwork(
        made.points, made.start, made.end, shapely.length(made.pieces), made.pieces, made.parts
    )


def _lines(roads: ArrayLike, levels: ArrayLike | None) -> tuple[Shapes, Floats]:
    """Single lines of two points or more in the plane, and their levels."""
    shapes = np.asarray(roads, dtype=object).reshape(-1)
    given = np.zeros(len(shapes)) if levels is None else np.asarray(levels, dtype=float).reshape(-1)
    if len(given) != len(shapes):
        raise GeometryError(f"道路有 {len(shapes)} 条，层级有 {len(given)} 个，请检查输入。")
    known = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    lines, owner = shapely.get_parts(shapely.force_2d(shapes[known]), return_index=True)
    if not np.isin(shapely.get_type_id(lines), [1, 2]).all():
        raise GeometryError("路网只能由线组成，请把道路面换成中心线。")
    sound = np.isfinite(shapely.bounds(lines)).all(axis=1) & (shapely.length(lines) > 0)
    level = np.nan_to_num(given[known][owner[sound]])
    return lines[sound], level


def network_reach(
    roads: RoadNetwork | ArrayLike,
    clients_xy: ArrayLike,
    sites_xy: ArrayLike,
    radius_m: float,
    *,
    levels: ArrayLike | None = None,
    access_m: float = ACCESS_M,
    progress: Progress | None = None,
) -> sp.csr_array:
    """Find the clients within a way along roads of each site.

    Parameters
    ----------
    roads : RoadNetwork or array of LineString
        In metres.
    clients_xy, sites_xy : array_like of float, (n, 2) and (m, 2)
        Metres in the same system. The straight way to the nearest point of a road counts; a point that is
        not a number reaches nothing.
    radius_m : float
        Longest way, itself included, from the client to the site.
    levels
        See :func:`road_network`.
    access_m : float
        Longest straight way between a point and the road; who is further away is not reached.
    progress
        Called with the share done.

    Returns
    -------
    csr_array of float, (m, n)
        Ways in metres, never shorter than the straight line; columns of each row in rising order.

    Raises
    ------
    GeometryError
        If there is no road at all, if a shape is no line, or the radius is no number or below 0.
    """
    if not (math.isfinite(radius_m) and radius_m >= 0):
        raise GeometryError("服务半径不是有效的数字，请填写 0 或以上的米数。")
    network = roads if isinstance(roads, RoadNetwork) else road_network(roads, levels=levels)
    if not len(network.pieces):
        raise GeometryError("没有道路数据，无法沿路网计算距离。请先导入道路，或改用直线距离。")
    clients, sites = points_of(clients_xy), points_of(sites_xy)
    from_client = _access(network, clients, min(access_m, radius_m))
    from_site = _access(network, sites, min(access_m, radius_m))
    ways = _ways(network, from_client, from_site, radius_m, progress)
    site, client, way = ways
    apart = np.hypot(*(clients[client] - sites[site]).T)
    # Roads are cut at thousandths of a millimetre: never below the straight line.
    way = np.maximum(way, apart)
    keep = way <= radius_m
    shape = (len(sites), len(clients))
    table = sp.csr_array((way[keep], (site[keep], client[keep])), shape=shape)
    table.sort_indices()
    return table


def _access(network: RoadNetwork, points: Floats, most_m: float) -> _Access:
    """Nearest piece to each point."""
    piece = np.full(len(points), NONE, dtype=np.int64)
    known = np.flatnonzero(np.isfinite(points).all(axis=1))
    tree = shapely.STRtree(network.pieces)
    shapes = shapely.points(points[known])
    found, nearest = tree.query_nearest(shapes, max_distance=max(most_m, 1e-9), all_matches=True)
    # Of equally near pieces the first.
    found, first = np.unique(found, return_index=True)
    piece[known[found]] = nearest[first]
    on = piece >= 0
    along, leg = np.full(len(points), np.nan), np.full(len(points), np.nan)
    on_points = shapely.points(points[on])
    along[on] = shapely.line_locate_point(network.pieces[piece[on]], on_points)
    leg[on] = shapely.distance(network.pieces[piece[on]], on_points)
    return _Access(piece, along, leg)


def _ways(
    network: RoadNetwork, client: _Access, site: _Access, radius_m: float, progress: Progress | None
) -> tuple[Ints, Ints, Floats]:
    """Site, client and shortest way of all pairs within the radius."""
    on = np.flatnonzero(client.piece >= 0)
    asks = np.flatnonzero(site.piece >= 0)
    graph = _graph(network, site, asks)
    size = graph.shape[0]
    batch = max(1, MOST_HELD // max(size + len(on), 1))
    found: list[tuple[Ints, Ints, Floats]] = []
    length = network.length_m
    piece, along = client.piece[on], client.along_m[on]
    for begin in range(0, len(asks), batch):
        part = asks[begin : begin + batch]
        nodes = len(network.points) + np.arange(begin, begin + len(part))
        to = dijkstra(graph, directed=False, indices=nodes, limit=radius_m)
        way = np.minimum(
            to[:, network.start[piece]] + along,
            to[:, network.end[piece]] + np.maximum(length[piece] - along, 0.0),
        )
        # On the same piece one need not go by a crossing.
        here = site.piece[part][:, None] == piece[None, :]
        row, column = np.nonzero(here)
        between = np.abs(site.along_m[part][row] - along[column]) + site.leg_m[part][row]
        way[row, column] = np.minimum(way[row, column], between)
        way += client.leg_m[on]
        row, column = np.nonzero(way <= radius_m)
        found.append((part[row], on[column], way[row, column]))
        if progress is not None:
            progress(min(1.0, (begin + len(part)) / len(asks)))
    none = np.empty(0, dtype=np.int64)
    return (
        np.concatenate([one for one, _, _ in found] or [none]),
        np.concatenate([other for _, other, _ in found] or [none]),
        np.concatenate([way for _, _, way in found] or [np.empty(0)]),
    )


def _graph(network: RoadNetwork, site: _Access, asks: Ints) -> sp.csr_array:
    """Pieces of road between crossings, and the ways from sites to the ends of their pieces."""
    many = len(network.points)
    node = many + np.arange(len(asks))
    piece = site.piece[asks]
    one = np.concatenate([network.start, node, node])
    other = np.concatenate([network.end, network.start[piece], network.end[piece]])
    leg, along = site.leg_m[asks], site.along_m[asks]
    rest = np.maximum(network.length_m[piece] - along, 0.0)
    metres = np.concatenate([network.length_m, leg + along, leg + rest])
    low, high = np.minimum(one, other), np.maximum(one, other)
    # Of several roads between two crossings the shortest; a table would add them up.
    order = np.lexsort((metres, high, low))
    first = np.append(True, (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0))
    kept = order[first]
    size = many + len(asks)
    return sp.csr_array((metres[kept], (low[kept], high[kept])), shape=(size, size))
