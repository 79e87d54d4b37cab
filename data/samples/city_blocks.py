"""The ground plan of a made-up city: main roads, a river, superblocks cut into plots, slabs in rows.

Everything is in local metres around the middle of the city, y to the north, and is computed for all plots
at once, so that 220,000 compounds take seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["CityPlan", "CityShape", "draw_city_plan"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Walls and alleys of up to so much are no streets.
_WIDEST_ALLEY_M = 4.0
# Which numbers of the two ends lie along a line from west to east, and along one from south to north.
_ALONG = np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]])


@dataclass(frozen=True, kw_only=True)
class CityShape:
    """Sizes of the made-up city, metres and ㎡."""

    superblock_m: tuple[float, float] = (360.0, 620.0)
    main_road_m: tuple[float, ...] = (28.0, 36.0, 50.0)
    # A skewed or notched wall encloses up to a fifth less: compounds then start at 0.2 ha.
    smallest_plot_m2: float = 2_700.0
    largest_plot_m2: float = 100_000.0
    # A slab 12 m deep with 6 m to the wall on either side needs 24 m.
    shortest_side_m: float = 26.0
    river_half_width_m: float = 45.0
    river_bank_m: float = 25.0
    share_parks: float = 0.06
    share_other: float = 0.14


@dataclass(frozen=True, kw_only=True)
class CityPlan:
    """Plots and lines of a city in local metres.

    Attributes
    ----------
    plots : array, shape (n, 4)
        West, south, east, north of the residential plots, ordered by superblock row and column.
    cells : array, shape (n, 2)
        Column and row of the superblock of each plot.
    parks, others : array, shape (m, 4)
        Plots for other uses.
    main_roads, side_roads : array, shape (m, 5)
        x and y of both ends, then the width.
    river, banks : Polygon or MultiPolygon
        May be empty in a city too small to reach the river.
    """

    plots: Floats
    cells: Ints
    parks: Floats
    others: Floats
    main_roads: Floats
    side_roads: Floats
    river: shapely.Geometry
    banks: shapely.Geometry


def draw_city_plan(n: int, seed: int, shape: CityShape | None = None) -> CityPlan:
    """Ground plan with exactly `n` residential plots, those nearest to the middle.

    Parameters
    ----------
    n : int
        Number of compounds.
    seed : int
        Same seed and `n`, same city.
    shape : CityShape, optional
        Sizes.

    Returns
    -------
    CityPlan
    """
    shape = shape or CityShape()
    # About six usable plots come out of a superblock; the corners of the square are cut away.
    side = math.ceil(math.sqrt(n / 6.0)) + 1
    while True:
        plan = _square_city(side, np.random.default_rng([seed, side]), shape)
        if len(plan.plots) >= n:
            return _nearest(plan, n)
        side = math.ceil(side * 1.15) + 1


def _square_city(side: int, rng: np.random.Generator, shape: CityShape) -> CityPlan:
    lines = [_main_lines(side, rng, shape) for _ in range(2)]
    blocks, cells = _superblocks(lines[0], lines[1])
    (_, wide), (_, high) = lines
    i, j = cells.T
    beside = np.column_stack([wide[i], high[j], wide[i + 1], high[j + 1]]) / 2
    plots, owner, cuts = _cut_into_plots(blocks, beside, rng, shape)
    reach = float(max(abs(line[0]).max() for line in lines))
    usable = _usable(plots, shape) & ~_wet(plots, reach, shape)
    # Drawn for all plots, so that the river does not shift the luck of the rest.
    luck = rng.random(len(plots))
    park = usable & (luck < shape.share_parks)
    other = usable & ~park & (luck < shape.share_parks + shape.share_other)
    home = usable & ~park & ~other
    order = np.lexsort((plots[:, 0], plots[:, 1], cells[owner, 0], cells[owner, 1]))
    homes = order[home[order]]
    river, banks = _river(reach, shape)
    return CityPlan(
        plots=plots[homes],
        cells=cells[owner[homes]],
        parks=plots[park],
        others=plots[other],
        main_roads=_main_roads(lines[0], lines[1], reach),
        side_roads=cuts,
        river=river,
        banks=banks,
    )


def _main_lines(side: int, rng: np.random.Generator, shape: CityShape) -> tuple[Floats, Floats]:
    """Axes of the main roads in one direction, and their widths."""
    steps = rng.uniform(*shape.superblock_m, size=side)
    axes = np.concatenate([[0.0], np.cumsum(steps)])
    return axes - axes[-1] / 2, rng.choice(np.array(shape.main_road_m), size=side + 1)


def _superblocks(
    columns: tuple[Floats, Floats], rows: tuple[Floats, Floats]
) -> tuple[Floats, Ints]:
    (x, wide), (y, high) = columns, rows
    across = len(x) - 1
    j, i = np.divmod(np.arange(across * (len(y) - 1)), across)
    blocks = np.column_stack(
        [
            x[i] + wide[i] / 2,
            y[j] + high[j] / 2,
            x[i + 1] - wide[i + 1] / 2,
            y[j + 1] - high[j + 1] / 2,
        ]
    )
    return blocks, np.column_stack([i, j])


def _cut_into_plots(
    blocks: Floats, beside: Floats, rng: np.random.Generator, shape: CityShape
) -> tuple[Floats, Ints, Floats]:
    """Cut every superblock again and again across its longer side, all of them at once.

    `beside` says how far the middle of the street is from each of its sides; 0 where there is none.
    """
    open_plots: Floats = blocks
    open_beside: Floats = beside
    open_owner: Ints = np.arange(len(blocks), dtype=np.int64)
    plots: list[Floats] = []
    owners: list[Ints] = []
    cuts: list[Floats] = []
    while len(open_plots):
        stop: NDArray[np.bool_] = _stops(open_plots, rng, shape)
        plots.append(open_plots[stop])
        owners.append(open_owner[stop])
        first, second, cut = _halves(open_plots[~stop], rng)
        cuts.append(_led_on(cut, open_beside[~stop]))
        open_beside = _beside_halves(cut, open_beside[~stop])
        open_plots = np.concatenate([first, second])
        halved: Ints = open_owner[~stop]
        open_owner = np.concatenate([halved, halved])
    lines = np.concatenate(cuts)
    streets = lines[lines[:, 4] > _WIDEST_ALLEY_M]
    return np.concatenate(plots), np.concatenate(owners), streets


def _led_on(cut: Floats, beside: Floats) -> Floats:
    """Lead both ends of a cut on to the middle of the streets that it ends at."""
    upright = cut[:, 0] == cut[:, 2]
    longer = cut.copy()
    longer[:, :4] += beside * np.array([-1.0, -1.0, 1.0, 1.0]) * _ALONG[upright.astype(int)]
    return longer


def _beside_halves(cut: Floats, beside: Floats) -> Floats:
    """Distances from the sides of both halves to the middle of their streets."""
    upright = (cut[:, 0] == cut[:, 2]).astype(int)
    new = np.where(cut[:, 4] > _WIDEST_ALLEY_M, cut[:, 4] / 2, 0.0)
    first, second = beside.copy(), beside.copy()
    rows = np.arange(len(cut))
    first[rows, 3 - upright] = new
    second[rows, 1 - upright] = new
    return np.concatenate([first, second])


def _stops(plots: Floats, rng: np.random.Generator, shape: CityShape) -> NDArray[np.bool_]:
    area = _area_m2(plots)
    luck = rng.random(len(plots))
    chance = np.select([area > 40_000, area > 15_000], [0.25, 0.5], 0.75)
    # Halves of less than three smallest plots could fall below the smallest.
    return (area < 3 * shape.smallest_plot_m2) | (
        (area < 0.9 * shape.largest_plot_m2) & (luck < chance)
    )


def _halves(plots: Floats, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    west, south, east, north = plots.T
    across = (east - west) >= (north - south)
    share = rng.uniform(0.38, 0.62, size=len(plots))
    large = _area_m2(plots) > 60_000
    # Between small plots a shared wall, a wall and a strip, an alley or a lane; between large ones a street.
    gap = np.where(
        large,
        rng.choice([12.0, 18.0], size=len(plots)),
        rng.choice([0.0, 0.4, 3.0, 8.0], size=len(plots), p=[0.2, 0.3, 0.25, 0.25]),
    )
    at = np.where(across, west + share * (east - west), south + share * (north - south))
    first, second = plots.copy(), plots.copy()
    first[:, 2] = np.where(across, at - gap / 2, east)
    first[:, 3] = np.where(across, north, at - gap / 2)
    second[:, 0] = np.where(across, at + gap / 2, west)
    second[:, 1] = np.where(across, south, at + gap / 2)
    cut = np.column_stack(
        [
            np.where(across, at, west),
            np.where(across, south, at),
            np.where(across, at, east),
            np.where(across, north, at),
            gap,
        ]
    )
    return first, second, cut


def _usable(plots: Floats, shape: CityShape) -> NDArray[np.bool_]:
    area = _area_m2(plots)
    short = np.minimum(plots[:, 2] - plots[:, 0], plots[:, 3] - plots[:, 1])
    return (
        (area >= shape.smallest_plot_m2)
        & (area <= shape.largest_plot_m2)
        & (short >= shape.shortest_side_m)
    )


def _river_y(x: Floats, reach: float) -> Floats:
    """Middle line of the river: two gentle bends, south of the middle of the city."""
    return -0.3 * reach + 0.06 * reach * np.sin(x / max(reach, 1.0) * 4.0)


def _wet(plots: Floats, reach: float, shape: CityShape) -> NDArray[np.bool_]:
    """Whether a plot touches the river or its banks."""
    ends = np.stack([_river_y(plots[:, 0], reach), _river_y(plots[:, 2], reach)])
    half = shape.river_half_width_m + shape.river_bank_m + 10.0
    wet: NDArray[np.bool_] = (plots[:, 3] > ends.min(axis=0) - half) & (
        plots[:, 1] < ends.max(axis=0) + half
    )
    return wet


def _river(reach: float, shape: CityShape) -> tuple[shapely.Polygon, shapely.MultiPolygon]:
    x = np.linspace(-1.02 * reach, 1.02 * reach, max(40, int(reach / 50)))
    middle = _river_y(x, reach)
    inner, outer = shape.river_half_width_m, shape.river_half_width_m + shape.river_bank_m

    def band(low: float, high: float) -> shapely.Polygon:
        there = np.column_stack([x, middle + low])
        back = np.column_stack([x, middle + high])[::-1]
        return shapely.Polygon(np.concatenate([there, back]))

    return band(-inner, inner), shapely.MultiPolygon([band(-outer, -inner), band(inner, outer)])


def _main_roads(
    columns: tuple[Floats, Floats], rows: tuple[Floats, Floats], reach: float
) -> Floats:
    (x, wide), (y, high) = columns, rows
    end = np.full(len(x), 1.02 * reach)
    return np.concatenate(
        [
            np.column_stack([x, -end, x, end, wide]),
            np.column_stack([-end, y, end, y, high]),
        ]
    )


def _nearest(plan: CityPlan, n: int) -> CityPlan:
    """Keep the `n` plots nearest to the middle, in the order they had, and what lies among them."""
    distance = _distance_m(plan.plots)
    keep = np.sort(np.argsort(distance, kind="stable")[:n])
    limit = float(distance[keep].max(initial=0.0)) + 150.0
    sides = plan.side_roads
    return CityPlan(
        plots=plan.plots[keep],
        cells=plan.cells[keep],
        parks=plan.parks[_distance_m(plan.parks) < limit],
        others=plan.others[_distance_m(plan.others) < limit],
        main_roads=_within(plan.main_roads, limit + 200.0),
        side_roads=sides[_distance_m(sides[:, :4]) < limit],
        river=_clipped(plan.river, limit + 200.0),
        banks=_clipped(plan.banks, limit + 200.0),
    )


def _within(roads: Floats, reach: float) -> Floats:
    """Cut the long straight roads down to the circle of the city."""
    upright = roads[:, 0] == roads[:, 2]
    away = np.abs(np.where(upright, roads[:, 0], roads[:, 1]))
    met = away < reach
    half = np.sqrt(reach**2 - away[met] ** 2)
    kept, upright = roads[met].copy(), upright[met]
    for start, sign in ((0, -1.0), (2, 1.0)):
        kept[~upright, start] = sign * half[~upright]
        kept[upright, start + 1] = sign * half[upright]
    return kept


def _clipped(shape: shapely.Geometry, reach: float) -> shapely.Geometry:
    return shapely.intersection(shape, shapely.Point(0.0, 0.0).buffer(reach, quad_segs=32))


def _area_m2(plots: Floats) -> Floats:
    return (plots[:, 2] - plots[:, 0]) * (plots[:, 3] - plots[:, 1])


def _distance_m(plots: Floats) -> Floats:
    return np.hypot((plots[:, 0] + plots[:, 2]) / 2, (plots[:, 1] + plots[:, 3]) / 2)
