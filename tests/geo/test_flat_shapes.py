"""Answers that are given without the geometry engine are those of the engine, and there are enough of them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon, affinity, box

from geo.flat_shapes import APART, AROUND, CROSS, DOUBT, WITHIN, flat, lies, surely_valid

# Half a million metres east and four million north, as a plan has it.
FAR = (5e5, 4e6)


def areas(seed: int, count: int) -> np.ndarray:
    """Boxes, discs and stars on a coarse grid, so that many touch or lie on each other."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        at, size = rng.integers(0, 40, 2) + rng.choice([0, 0.3]), rng.integers(2, 14)
        turn = np.sort(rng.uniform(0, 2 * np.pi, 9))
        reach = size * rng.uniform(0.3, 1, 9)
        star = Polygon(np.column_stack([reach * np.cos(turn), reach * np.sin(turn)]))
        shape = [box(0, 0, size, 3), Point(0, 0).buffer(size, quad_segs=3), star][rng.integers(3)]
        made.append(affinity.translate(shape, *(at + FAR)))
    shapes = np.array(made, dtype=object)
    return shapes[shapely.is_valid(shapes)]


@pytest.mark.parametrize("seed", [1, 2])
def test_how_areas_lie_is_what_the_engine_says(seed: int) -> None:
    shapes = areas(seed, 120)
    first, second = map(np.ravel, np.indices((len(shapes), len(shapes))))
    how = lies(flat(shapes), flat(shapes), first, second)
    one, other = shapes[first], shapes[second]
    within, around = shapely.contains_properly(other, one), shapely.contains_properly(one, other)
    meets = shapely.intersects(one, other)
    said = np.select([within, around, meets], [WITHIN, AROUND, CROSS], APART)
    sure = how != DOUBT
    assert (how[sure] == said[sure]).all()
    assert sure.mean() > 0.85
    assert all((how == code).any() for code in range(5))


def test_nearer_than_a_hair_is_left_to_the_engine() -> None:
    yard = box(0, 0, 10, 10)
    others = [
        box(10, 0, 12, 10),
        box(10 + 1e-6, 0, 12, 10),
        box(0, 2, 3, 4),
        box(1e-6, 2, 3, 4),
        box(3, 3, 20, 10),
    ]
    told = lies(flat(np.array(others)), flat(np.array([yard])), np.arange(5), np.zeros(5, int))
    assert told.tolist() == [DOUBT, DOUBT, DOUBT, DOUBT, CROSS]
    court = yard.difference(box(4, 4, 6, 6))
    two = MultiPolygon([yard, box(20, 20, 30, 30)])
    inner = flat(np.array([box(1, 1, 2, 2)] * 3))
    outer = flat(np.array([court, two, MultiPolygon([yard])]))
    assert lies(inner, outer, np.arange(3), np.arange(3)).tolist() == [DOUBT, DOUBT, WITHIN]


@pytest.mark.parametrize("seed", [3, 4])
def test_nothing_broken_passes_for_valid(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rings = rng.integers(0, 4, (600, 5, 2)) + rng.choice([0.0, 0.2], (600, 5, 2))
    shapes = np.array([Polygon(ring + FAR) for ring in rings], dtype=object)
    sure = surely_valid(flat(shapes))
    assert shapely.is_valid(shapes[sure]).all()
    assert sure.sum() > 0.5 * shapely.is_valid(shapes).sum() > 0


def test_what_is_no_plain_area_is_never_sure() -> None:
    nan = shapely.set_coordinates(box(0, 0, 1, 1), [[0, 0], [np.nan, 0], [1, 1], [0, 1], [0, 0]])
    shapes = [
        None, Polygon(), Point(1, 1), shapely.LineString([(0, 0), (1, 1), (1, 0), (0, 0)]), nan,
        Polygon([(0, 0), (1, 0), (2, 0), (0, 0)]), Polygon([(0, 0), (9, 0), (9, 9), (9, 12), (9, 9), (0, 9)]),
        box(0, 0, 9, 9).difference(box(1, 1, 2, 2)), MultiPolygon([box(0, 0, 9, 9).difference(box(1, 1, 2, 2))]),
        Point(0, 0).buffer(9, quad_segs=40),
    ]  # fmt: skip
    assert not surely_valid(flat(np.array(shapes, dtype=object))).any()
