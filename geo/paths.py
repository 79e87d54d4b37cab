"""Paths from the doors of buildings to the nearest road, to be kept free of stalls.

Where doors are is seldom mapped; they are on a long side. So both long sides get a path, and a short side only where
neither can be left. Where none can be left straight, a path goes along the wall to a corner of the house first.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import require_metric
from geo.stacking import joined_by

__all__ = ["PATH_REACH_M", "doorway_paths"]

# The tool's own figure: who lives farther from a road has a way that no map shows.
PATH_REACH_M = 80.0
# From the wall to the edge of the path that runs along it; so far a path goes on into the road.
_OFF_WALL_M = 0.05

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Shapes = NDArray[np.object_]


def doorway_paths(
    buildings: gpd.GeoSeries,
    roads: gpd.GeoSeries,
    *,
    width_m: float,
    reach_m: float = PATH_REACH_M,
    walls: gpd.GeoSeries | None = None,
    wanted: NDArray[np.bool_] | None = None,
) -> gpd.GeoSeries:
    """Paths from the middles of the long sides of buildings to a road, straight wherever that can be.

    Parameters
    ----------
    buildings : GeoSeries
        Valid areas, projected in metres; missing and empty ones have no path.
    roads : GeoSeries
        Valid areas that cars drive on, in the same plane.
    width_m : float
        Of the paths, above 0.
    reach_m : float
        Longest path.
    walls : GeoSeries, optional
        Lines that no path crosses.
    wanted : ndarray of bool, optional
        Buildings that get a path; the others only stand in the way.

    Returns
    -------
    GeoSeries
        Index of `buildings`: the paths of each, one area; empty where no way is free. Each runs from the wall to the
        road that is nearest among those that it reaches without coming near another building.

    Raises
    ------
    CrsError
        If something is not in metres, or not in the same plane.

    Examples
    --------
    >>> house = gpd.GeoSeries([shapely.box(0, 10, 40, 22)], crs="EPSG:4547")
    >>> lane = gpd.GeoSeries([shapely.box(-10, 0, 50, 4)], crs="EPSG:4547")
    >>> doorway_paths(house, lane, width_m=1.5).total_bounds.round(1).tolist()
    [19.2, 4.0, 20.8, 10.0]
    """
    fences = gpd.GeoSeries([], crs=buildings.crs) if walls is None else walls
    require_metric(buildings=buildings, roads=roads, walls=fences)
    houses = buildings.to_numpy()
    ways = roads.to_numpy()
    ways = ways[~(shapely.is_missing(ways) | shapely.is_empty(ways))]
    asked = np.ones(len(houses), dtype=bool) if wanted is None else wanted
    sides = _Sides(houses, asked, width_m / 2 + _OFF_WALL_M)
    town = _Town(houses, ways, fences.to_numpy(), width_m=width_m, reach_m=reach_m)
    lines, of = town.lines(sides.long)
    without = np.setdiff1d(sides.rows, of)
    short, of_short = town.lines([start.of(without) for start in sides.short])
    bent, of_bent = town.bent_lines(sides, np.setdiff1d(without, of_short))
    strips = shapely.buffer(
        np.concatenate([lines, short, bent]), width_m / 2, cap_style="flat", join_style="mitre"
    )
    paths = joined_by(strips, np.concatenate([of, of_short, of_bent]), len(houses))
    return gpd.GeoSeries(
        shapely.difference(paths, _or_empty(houses)), index=buildings.index, crs=buildings.crs
    )


class _Starts:
    """Points outside one side of each building."""

    def __init__(self, rows: Positions, points: Floats) -> None:
        self.rows = rows
        self.points = points

    def of(self, rows: Positions) -> _Starts:
        wanted = np.isin(self.rows, rows)
        return _Starts(self.rows[wanted], self.points[wanted])


class _Sides:
    """Long and short sides of the smallest turned boxes around buildings, and walks along them to their corners."""

    def __init__(self, houses: Shapes, asked: NDArray[np.bool_], off_m: float) -> None:
        boxes = np.full(len(houses), shapely.Polygon(), dtype=object)
        boxes[asked] = shapely.oriented_envelope(houses[asked])
        self.rows = np.flatnonzero((shapely.get_type_id(boxes) == 3) & ~shapely.is_empty(boxes))
        corners = shapely.get_coordinates(boxes[self.rows]).reshape(-1, 5, 2)
        edges = np.diff(corners, axis=1)
        middles = corners[:, :4] + edges / 2
        out = middles - corners[:, :4].mean(axis=1)[:, None]
        away = out / np.maximum(np.hypot(*out.T).T[..., None], 1e-9) * off_m
        starts = middles + away
        # A square has no long side: all four then count as long, so that turning it changes nothing.
        length = np.hypot(*edges.T).T
        is_long = length >= length.max(axis=1, keepdims=True) * (1 - 1e-6)
        self.long = [_Starts(self.rows[is_long[:, k]], starts[is_long[:, k], k]) for k in range(4)]
        self.short = [
            _Starts(self.rows[~is_long[:, k]], starts[~is_long[:, k], k]) for k in range(4)
        ]
        self.starts, self.is_long = starts, is_long
        # Off the corner by as much as off both sides that meet there.
        self.corners = corners[:, :4] + away + np.roll(away, 1, axis=1)


class _Town:
    """Houses, walls and ways among which paths are looked for."""

    def __init__(
        self, houses: Shapes, ways: Shapes, fences: Shapes, *, width_m: float, reach_m: float
    ) -> None:
        self.houses, self.ways = houses, ways
        self.tree, self.stand, self.fences = map(shapely.STRtree, (ways, houses, fences))
        self.clear_m, self.reach_m = width_m / 2, reach_m

    def lines(self, starts: list[_Starts]) -> tuple[Shapes, Positions]:
        """Shortest free lines from wall to road, and the buildings that they are of."""
        rows = np.concatenate([one.rows for one in starts])
        at = shapely.points(np.concatenate([one.points for one in starts]))
        if not len(rows) or not len(self.ways):
            return np.array([], dtype=object), np.array([], dtype=np.intp)
        start, line = self._onward(at)
        return self._from_wall(at[start], rows[start], line), rows[start]

    def _onward(self, at: Shapes) -> tuple[Positions, Shapes]:
        """Shortest free lines from points to a road: the points that have one, ascending, and the lines."""
        # Nearly all go to the nearest road; only what is blocked looks at the others.
        near, way = self.tree.query_nearest(at, max_distance=self.reach_m, all_matches=False)
        start, line = self._free(near, at, way)
        blocked = np.setdiff1d(near, start)
        more, way = self.tree.query(at[blocked], predicate="dwithin", distance=self.reach_m)
        again, further = self._free(blocked[more], at, way)
        order = np.lexsort((shapely.length(further), again))
        again, first = np.unique(again[order], return_index=True)
        start = np.concatenate([start, again])
        line = np.concatenate([line, further[order][first]])
        order = np.argsort(start, kind="stable")
        return start[order], line[order]

    def bent_lines(self, sides: _Sides, rows: Positions) -> tuple[Shapes, Positions]:
        """Shortest free lines along the wall to a corner and on to a road, from a long side where there is one."""
        own = np.searchsorted(sides.rows, rows)
        if not len(own) or not len(self.ways):
            return np.array([], dtype=object), np.array([], dtype=np.intp)
        at = shapely.points(sides.corners[own].reshape(-1, 2))
        corner, onward = self._onward(at)
        house, k = np.divmod(corner, 4)
        # A corner lies on the side that begins there and on the one that ends there.
        corner = np.tile(corner, 2)
        house, side, onward = (
            np.tile(house, 2),
            np.concatenate([k, (k - 1) % 4]),
            np.tile(onward, 2),
        )
        start = shapely.points(sides.starts[own][house, side])
        legs = shapely.shortest_line(start, at[corner])
        free = self._is_free(legs)
        house, side, start, onward = house[free], side[free], start[free], onward[free]
        length = shapely.length(legs[free]) + shapely.length(onward)
        order = np.lexsort((length, ~sides.is_long[own][house, side], house))
        house, first = np.unique(house[order], return_index=True)
        best, of = order[first], rows[house]
        return self._from_wall(start[best], of, legs[free][best], onward[best]), of

    def _free(self, start: Positions, at: Shapes, way: Positions) -> tuple[Positions, Shapes]:
        """Lines from starts to ways that keep half a path off every house and cross no wall."""
        lines = shapely.shortest_line(at[start], self.ways[way])
        free = self._is_free(lines)
        return start[free], lines[free]

    def _is_free(self, lines: Shapes) -> NDArray[np.bool_]:
        hit, _ = self.stand.query(lines, predicate="dwithin", distance=self.clear_m)
        crossing, _ = self.fences.query(lines, predicate="crosses")
        free = np.ones(len(lines), dtype=bool)
        free[hit] = False
        free[crossing] = False
        return free

    def _from_wall(self, at: Shapes, rows: Positions, *legs: Shapes) -> Shapes:
        """Lines from the wall over one leg or several, each of which begins where the last one ends."""
        step = shapely.get_coordinates(shapely.shortest_line(self.houses[rows], at))
        bends = [shapely.get_coordinates(leg).reshape(-1, 2, 2) for leg in legs]
        begin = [step.reshape(-1, 2, 2)[:, :1], *[bend[:, :1] for bend in bends]]
        corners = np.concatenate([*begin, bends[-1][:, 1:]], axis=1)
        lines: Shapes = shapely.linestrings(corners)
        return lines


def _or_empty(shapes: Shapes) -> Shapes:
    values: Shapes = shapes.copy()
    values[shapely.is_missing(values)] = shapely.Polygon()
    return values
