"""Clear widths before slanted stalls: square to their aisle, in rows that lean either way, at their ends, and alone."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity, box

from geo.stall_corners import corners_of, mouths_of
from geo.stall_measures import clear_before
from geo.stall_sizes import DEFAULT_SIZES, StallSize
from geo.stall_ways import ways_out

SLANTED = [size for size in DEFAULT_SIZES if 0 < size.angle_deg < 90]
each_angle = pytest.mark.parametrize("size", SLANTED, ids=lambda size: size.id)
each_lean = pytest.mark.parametrize("lean", [1, -1], ids=["right", "left"])

# Aisle and stalls of the sample 云城区, 玉皇路小区, the mouth first: three of 45° face two along the aisle, 3.8 m off.
SAMPLE_AISLE = [(0.44, 0.09), (34.03, 3.62), (33.65, 7.41), (0.05, 3.87)]
SAMPLE_STALLS = [
    [(0.44, 0.09), (6.41, 0.71), (6.66, -1.67), (0.69, -2.30)],
    [(6.41, 0.71), (12.38, 1.34), (12.63, -1.05), (6.66, -1.67)],
    [(-0.13, 5.55), (1.73, 4.04), (5.07, 8.16), (3.20, 9.67)],
    [(3.25, 5.91), (5.12, 4.40), (8.45, 8.52), (6.59, 10.03)],
    [(6.63, 6.26), (8.50, 4.75), (11.83, 8.87), (9.97, 10.38)],
]
SAMPLE_SLANTS = [0.0, 0.0, 45.0, 45.0, 45.0]


def row(size: StallSize, lean: int, count: int, y: float = 0.0, side: int = 1) -> np.ndarray:
    """Stalls with their near corners on a line, leaning to the east or west, on the north or south of it."""
    angle = np.radians(size.angle_deg)
    into = np.array([lean * np.cos(angle), side * np.sin(angle)])
    across = np.array([-lean * np.sin(angle), side * np.cos(angle)])
    near = np.stack([np.arange(count) * size.pitch_m, np.full(count, y)], axis=1)
    far = near + across * size.width_m
    back = into * size.length_m
    return shapely.polygons(np.stack([near, far, far + back, near + back], axis=1))


def between(stalls: np.ndarray, size: StallSize, wide: float) -> shapely.Polygon:
    """An aisle south of a row, no longer than the row's mouths."""
    x0, _, x1, _ = shapely.total_bounds(mouths_of(stalls))
    return box(x0, -wide, x1, 0)


def clear(stalls: np.ndarray, aisle: shapely.Geometry, angle_deg: float) -> np.ndarray:
    return clear_before(stalls, mouths_of(stalls), np.full(len(stalls), angle_deg), [aisle])


@each_angle
@each_lean
@pytest.mark.parametrize("lack", [0.0, 0.05])
@pytest.mark.parametrize("facing", [1, -1, 0], ids=["same lean", "other lean", "one row"])
def test_the_aisle_of_a_row_is_measured_to_the_millimetre(size, lean, lack, facing):
    stalls, wide = row(size, lean, 5), size.aisle_m - lack
    aisle = between(stalls, size, wide)
    if facing:
        stalls = np.concatenate([stalls, row(size, lean * facing, 5, -wide, -1)])
        aisle = aisle.union(between(stalls, size, wide))
    assert clear(stalls, aisle, size.angle_deg) == pytest.approx([wide] * len(stalls), abs=1e-3)


@each_angle
@each_lean
@pytest.mark.parametrize("at", [0, 2, 4], ids=["one end", "middle", "other end"])
@pytest.mark.parametrize("turned", [0.0, 23.7])
def test_a_slanted_stall_alone_is_measured_across_its_aisle(size, lean, at, turned):
    stalls = row(size, lean, 5)
    alone, aisle = stalls[[at]], between(stalls, size, size.aisle_m)
    alone[0], aisle = (affinity.rotate(one, turned, origin=(0, 0)) for one in (alone[0], aisle))
    assert clear(alone, aisle, size.angle_deg) == pytest.approx([size.aisle_m], abs=1e-3)


@each_angle
@each_lean
def test_only_what_stands_before_something_is_too_narrow(size, lean):
    stalls = row(size, lean, 5)
    x, wide = shapely.get_coordinates(mouths_of(stalls))[:, 0].reshape(5, 2), size.aisle_m
    aisle = between(stalls, size, wide).difference(
        box(x[2].min() + 0.1, -wide, x[2].max() - 0.1, 1 - wide)
    )
    found = clear(stalls, aisle, size.angle_deg)
    assert found[2] == pytest.approx(wide - 1, abs=1e-3)
    assert found[[0, 4]] == pytest.approx([wide, wide], abs=1e-3)


@settings(max_examples=30)
@given(
    turned=st.floats(0, 360),
    count=st.integers(1, 4),
    lean=st.sampled_from([1, -1]),
    size=st.sampled_from(SLANTED),
)
def test_the_way_out_turns_with_the_row_and_bears_saving(turned, count, lean, size):
    stalls = row(size, lean, count)
    drawn = np.append(stalls, between(stalls, size, size.aisle_m))
    drawn = np.array([affinity.rotate(one, turned, origin=(0, 0)) for one in drawn])
    drawn = shapely.transform(drawn, lambda xy: np.round(xy, 2))
    ways = ways_out(corners_of(drawn[:-1]), np.full(count, size.angle_deg), drawn[-1:])
    south = np.radians(turned - 90)
    assert ways == pytest.approx(np.tile([np.cos(south), np.sin(south)], (count, 1)), abs=0.02)


def test_rows_end_to_end_may_lean_against_each_other():
    size = SLANTED[1]
    east, west = row(size, 1, 3), row(size, -1, 3)
    stalls = np.concatenate([east, shapely.transform(west, lambda xy: xy - np.array([12, 0]))])
    aisle = between(stalls, size, 3.8)
    assert clear(stalls, aisle, size.angle_deg) == pytest.approx([3.8] * 6, abs=1e-3)


def test_the_first_sample_has_no_aisle_of_two_metres():
    stalls = shapely.polygons(SAMPLE_STALLS)
    aisle = shapely.Polygon(SAMPLE_AISLE)
    found = clear_before(stalls, mouths_of(stalls), np.array(SAMPLE_SLANTS), [aisle])
    assert found == pytest.approx([3.8] * 5, abs=0.03)
    # Moved into the aisle by 1.9 m, the stalls across it leave 1.9 m.
    narrow = aisle.difference(affinity.translate(shapely.Polygon(SAMPLE_STALLS[0]), -0.2, 1.9))
    found = clear_before(stalls[2:], mouths_of(stalls[2:]), np.full(3, 45.0), [narrow])
    assert found.min() == pytest.approx(1.9, abs=0.05)
