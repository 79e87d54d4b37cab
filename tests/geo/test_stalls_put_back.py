"""Stalls taken out of rows by hand and put back: every one can, to its own place, with the depth of its row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import Point, affinity, box

from geo.stall_checks import Standing, check_stall, snapped
from geo.stall_corners import mouths_of
from geo.stall_sizes import DEFAULT_SIZES, LayoutLimits, StallSize
from tests.geo.test_stall_ways import row

SIZES = {size.id: size for size in DEFAULT_SIZES}
SQUARE, ALONG = SIZES["perpendicular"], SIZES["parallel"]
SLANTED = [size for size in DEFAULT_SIZES if 0 < size.angle_deg < 90]
COUNT = 4


def straight(size: StallSize, depth: float, y: float, side: int) -> np.ndarray:
    """Stalls side by side, mouths on a line, on the north or south of it."""
    x = np.arange(COUNT) * size.pitch_m
    wide = size.length_m if size.angle_deg == 0 else size.width_m
    made = shapely.box(x, min(0, side * depth), x + wide, max(0, side * depth))
    # A box begins at its south-east corner and goes north: the mouth is to come first.
    xy = np.roll(shapely.get_coordinates(made).reshape(COUNT, 5, 2)[:, :4], side, axis=1)
    return shapely.polygons(xy + np.array([0.0, y]))


def double_row(size: StallSize, turned: float) -> Standing:
    """Two rows back to back between two roads, walls at their ends."""
    depth, long = size.depth_back_m, COUNT * size.pitch_m
    stalls = np.concatenate([straight(size, depth, 0, 1), straight(size, depth, 2 * depth, -1)])
    roads = [box(0, -size.aisle_m, long, 0), box(0, 2 * depth, long, 2 * depth + size.aisle_m)]
    return standing(stalls, size, box(0, 0, long, 2 * depth), shapely.multipolygons(roads), turned)


def standing(
    stalls: np.ndarray, size: StallSize, ground: Any, roads: Any, turned: float = 0.0
) -> Standing:
    def moved(shape: Any) -> Any:
        return affinity.rotate(shape, turned, origin=(0, 0))

    drawn = np.array([moved(stall) for stall in stalls], dtype=object)
    return Standing(
        ground=moved(ground),
        roads=moved(roads),
        streets=None,
        stalls=drawn,
        mouths=mouths_of(drawn),
        arrangement=np.full(len(drawn), size.id),
        aisles=np.empty(0, dtype=object),
        limits=LayoutLimits(),
    )


def without(around: Standing, *gone: int) -> Standing:
    kept = np.delete(np.arange(len(around.stalls)), gone)
    return replace(
        around,
        stalls=around.stalls[kept],
        mouths=around.mouths[kept],
        arrangement=around.arrangement[kept],
    )


def put_back(around: Standing, at: int, size: StallSize) -> None:
    """Point at where a stall stood, and draw it: both bring it back."""
    own, left = around.stalls[at], without(around, at)
    stall, mouth = snapped(own.centroid, size, left)
    assert check_stall(stall, mouth, size, left) == ()
    assert stall.hausdorff_distance(own) < 0.03
    assert check_stall(own, around.mouths[at], size, left) == ()


@pytest.mark.parametrize("size", [SQUARE, ALONG], ids=lambda size: size.id)
@pytest.mark.parametrize("turned", [0.0, 33.3])
def test_any_stall_of_a_double_row_can_be_put_back(size, turned):
    around = double_row(size, turned)
    assert around.stalls[0].area < size.length_m * size.width_m - 0.1
    for at in range(2 * COUNT):
        put_back(around, at, size)


@pytest.mark.parametrize("size", SLANTED, ids=lambda size: size.id)
@pytest.mark.parametrize("lean", [1, -1])
def test_any_stall_of_a_slanted_row_can_be_put_back(size, lean):
    stalls = row(size, lean, COUNT)
    x0, _, x1, y1 = shapely.total_bounds(stalls)
    around = standing(stalls, size, box(x0, 0, x1, y1), box(x0 - 9, -size.aisle_m, x1 + 9, 0))
    for at in range(COUNT):
        put_back(around, at, size)


def test_a_pair_back_to_back_comes_back_one_after_the_other():
    around = double_row(SQUARE, 0.0)
    put_back(without(around, COUNT + 1), 1, SQUARE)


def test_the_last_stall_left_in_its_row_comes_back_from_the_edge_of_the_road():
    around = double_row(SQUARE, 0.0)
    put_back(without(around, 0, 2, 3), 0, SQUARE)


@pytest.mark.parametrize(
    ("ground", "faults"),
    [
        (box(0, 0, 30, 5.1), ["shape"]),  # a wall at its back
        (box(0, 0, 30, 5.3) - box(5, 5.1, 6, 6), ["shape"]),  # a pillar there
        (box(0, 0, 30, 5.3), []),  # open ground as deep as is asked for at a wall
    ],
)
def test_the_lesser_depth_is_for_rows_back_to_back_and_not_for_walls(ground, faults):
    around = standing(np.empty(0, dtype=object), SQUARE, ground, box(-9, -6, 39, 0))
    stall = box(4, 0, 6.4, 5.1)
    mouth = shapely.LineString([(4, 0), (6.4, 0)])
    assert [fault.kind for fault in check_stall(stall, mouth, SQUARE, around)] == faults
    shallow = box(4, 0, 6.4, 5.0)
    told = check_stall(shallow, mouth, SQUARE, around)
    assert [(fault.kind, round(fault.amount, 2)) for fault in told] == [("shape", 0.3)]


def test_a_back_may_not_hang_over_an_aisle():
    ground, road = box(0, 0, 30, 11), box(-9, -6, 39, 0)
    around = standing(np.empty(0, dtype=object), SQUARE, ground, road)
    stall, mouth = box(4, 0, 6.4, 5.1), shapely.LineString([(4, 0), (6.4, 0)])
    assert check_stall(stall, mouth, SQUARE, around) == ()
    aisle = np.array([box(0, 5.1, 30, 10.6)], dtype=object)
    found = check_stall(stall, mouth, SQUARE, replace(around, aisles=aisle))
    assert [fault.kind for fault in found] == ["shape"]


@pytest.mark.parametrize("size", SLANTED, ids=lambda size: size.id)
@pytest.mark.parametrize("lean", [1, -1])
def test_a_slanted_stall_is_refused_where_its_aisle_is_too_narrow(size, lean):
    stalls = row(size, lean, COUNT)
    x0, _, x1, y1 = shapely.total_bounds(stalls)
    # Ground to drive on beside the row is no room before it.
    roads = box(x0 - 30, 0.2 - size.aisle_m, x1 + 30, 0).union(box(x1 + 1, 0, x1 + 30, 30))
    around = standing(stalls, size, box(x0, 0, x1, y1), roads)
    for at in (0, COUNT - 1):
        left = without(around, at)
        told = check_stall(around.stalls[at], around.mouths[at], size, left)
        assert [one.kind for one in told] == ["blocked"]
        assert told[0].amount == pytest.approx(0.2, abs=0.02)


def test_a_stall_square_to_the_aisle_does_not_join_a_slanted_row():
    size = SLANTED[0]
    stalls = row(size, 1, COUNT)
    x0, _, x1, y1 = shapely.total_bounds(stalls)
    around = standing(stalls, size, box(x0, 0, x1 + 9, y1), box(x0 - 9, -6, x1 + 18, 0))
    stall, mouth = snapped(Point(x1 + 2, 2), SQUARE, around)
    assert check_stall(stall, mouth, SQUARE, around) == ()
    assert np.ptp(shapely.get_coordinates(mouth)[:, 1]) < 1e-9
