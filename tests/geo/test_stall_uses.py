"""Uses of stalls: wheelchair aisles cost nothing where there is room, three places become two where there is none."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity, box

from geo.stall_uses import ACCESSIBLE, CHARGING, ORDINARY, choose_uses, stacked

WIDE, DEEP, PATH = 2.4, 5.3, 1.2
NOTHING = np.empty(0, dtype=object)


def row(count: int, x: float = 0.0, y: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Stalls side by side, their mouths to the south."""
    west = x + WIDE * np.arange(count)
    stalls = shapely.box(west, y, west + WIDE, y + DEEP)
    mouths = np.empty(count, dtype=object)
    mouths[:] = [shapely.LineString([(w, y), (w + WIDE, y)]) for w in west]
    return np.asarray(stalls, dtype=object), mouths


def uses_of(stalls, mouths, ground, *, accessible=0.005, charging=0.0, **more):
    given_ = {"lots": np.full(len(stalls), -1), "aisles": NOTHING, "buildings": NOTHING} | more
    return choose_uses(
        stalls,
        mouths,
        ground=ground,
        accessible_share=accessible,
        accessible_aisle_m=PATH,
        charging_share=charging,
        **given_,
    )


def test_an_end_of_a_row_with_room_beside_it_costs_no_stall():
    stalls, mouths = row(10)
    found = uses_of(stalls, mouths, box(0, 0, 24 + PATH, DEEP))
    assert found.kept.tolist() == list(range(10))
    assert np.flatnonzero(found.use == ACCESSIBLE).tolist() == [9]
    assert found.wheelchair[0].equals_exact(box(24, 0, 24 + PATH, DEEP).normalize(), 1e-6) or (
        found.wheelchair[0].symmetric_difference(box(24, 0, 24 + PATH, DEEP)).area < 1e-6
    )


def test_without_room_three_places_become_two_with_the_aisle_between():
    stalls, mouths = row(10)
    found = uses_of(stalls, mouths, box(0, 0, 24, DEEP), accessible=0.2)
    assert (len(found.kept), found.accessible, found.wanted) == (9, 2, 2)
    lost = set(range(10)) - set(found.kept.tolist())
    at = lost.pop()
    assert set(found.kept[found.use == ACCESSIBLE]) == {at - 1, at + 1}
    # Both wheelchair aisles lie on the place that was given up.
    assert shapely.covers(stalls[at].buffer(1e-9), found.wheelchair).all()
    assert found.wheelchair_m == PATH


def test_one_is_near_the_building():
    stalls, mouths = row(20)
    house = np.array([box(10, 8, 14, 20)], dtype=object)
    found = uses_of(stalls, mouths, box(0, 0, 48, DEEP), buildings=house)
    one = found.kept[found.use == ACCESSIBLE]
    assert len(one) == 1
    assert 3 <= one[0] <= 6


def test_each_lot_has_one_and_the_share_is_rounded_up():
    first, second = row(12), row(15, x=100)
    stalls, mouths = (np.concatenate(pair) for pair in zip(first, second, strict=True))
    aisles = np.array([box(0, -5, 30, 0), box(100, -5, 140, 0)], dtype=object)
    aisle = np.repeat([0, 1], [12, 15])
    ground = shapely.union_all([box(0, 0, 28.8, DEEP), box(100, 0, 136, DEEP)])
    found = uses_of(stalls, mouths, ground, lots=aisle, aisles=aisles)
    assert np.bincount(aisle[found.kept[found.use == ACCESSIBLE]]).tolist() == [1, 1]
    more = uses_of(stalls, mouths, ground, lots=aisle, aisles=aisles, accessible=0.1)
    assert more.wanted == more.accessible == 3
    none = uses_of(stalls, mouths, ground, lots=aisle, aisles=aisles, accessible=0.0)
    assert none.accessible == none.wanted == 0


def parallel(count: int) -> tuple[np.ndarray, np.ndarray]:
    west = 6.0 * np.arange(count)
    stalls = np.asarray(shapely.box(west, 0, west + 6, 2.4), dtype=object)
    mouths = np.array([shapely.LineString([(w, 0), (w + 6, 0)]) for w in west], dtype=object)
    return stalls, mouths


def test_stalls_along_a_road_are_accessible_from_the_far_side_or_over_a_neighbours_place():
    stalls, mouths = parallel(4)
    wide = uses_of(stalls, mouths, box(0, 0, 24, 3.6))
    assert (wide.accessible, len(wide.kept)) == (1, 4)
    narrow = uses_of(stalls, mouths, box(0, 0, 24, 2.4))
    assert (narrow.accessible, len(narrow.kept), narrow.wanted) == (1, 3, 1)
    lost = (set(range(4)) - set(narrow.kept.tolist())).pop()
    assert shapely.covers(stalls[lost].buffer(1e-9), narrow.wheelchair).all()
    # One stall between two places keeps the place that is given up.
    more = uses_of(stalls, mouths, box(0, 0, 24, 2.4), accessible=0.5)
    assert (more.accessible, len(more.kept), more.wanted) == (2, 3, 2)
    alone = uses_of(*parallel(1), box(0, 0, 24, 2.4))
    assert (alone.accessible, alone.wanted) == (0, 1)


@pytest.mark.parametrize("make", [row, parallel])
def test_two_stalls_side_by_side_become_one_accessible_rather_than_none(make):
    stalls, mouths = make(2)
    found = uses_of(stalls, mouths, shapely.union_all(stalls))
    assert (found.accessible, len(found.kept), found.wanted) == (1, 1, 1)
    assert len(found.wheelchair) == 1


def test_what_has_no_room_in_its_lot_is_found_in_another_and_a_stall_alone_asks_for_none():
    """Two stalls face each other, walls beside them; in the other lot there is room."""
    facing, mouths = row(1), row(1, y=-10.8)
    stalls = np.concatenate([facing[0], mouths[0], row(6, x=50)[0]])
    lines = np.concatenate(
        [facing[1], [shapely.LineString([(0, -5.5), (2.4, -5.5)])], row(6, x=50)[1]]
    )
    lots = np.array([0, 0, *[1] * 6])
    found = uses_of(stalls, lines, shapely.union_all(stalls), lots=lots)
    assert (found.wanted, found.accessible) == (2, 2)
    assert found.kept[found.use == ACCESSIBLE].min() >= 2
    single = np.array([0, 1, *[2] * 6])
    assert uses_of(stalls, lines, shapely.union_all(stalls), lots=single).wanted == 1


def test_chargers_stand_side_by_side_and_are_not_accessible():
    stalls, mouths = row(30)
    found = uses_of(stalls, mouths, box(0, 0, 72, DEEP), charging=0.3)
    at = found.kept[found.use == CHARGING]
    assert len(at) == found.charging == 9
    assert found.accessible == 1
    gaps = np.diff(at)
    # Only the accessible stall, or the place beside it, lies between.
    assert (gaps == 1).sum() >= 7


@settings(max_examples=40)
@given(
    count=st.integers(0, 30),
    turned=st.floats(0, 360),
    share=st.sampled_from([0.0, 0.005, 0.1, 0.5]),
    charging=st.sampled_from([0.0, 0.1, 1.0]),
)
def test_whatever_is_asked_the_figures_add_up_and_wheelchair_aisles_are_free(
    count, turned, share, charging
):
    stalls, mouths = row(count)
    ground = box(-3, 0, WIDE * max(count, 1), DEEP)
    shapes = [stalls.copy(), mouths.copy()]
    for kind in shapes:
        kind[:] = [affinity.rotate(one, turned, origin=(0, 0)) for one in kind]
    found = uses_of(
        *shapes, affinity.rotate(ground, turned, origin=(0, 0)), accessible=share, charging=charging
    )
    assert len(found.use) == len(found.kept) <= count
    assert set(found.use) <= {ORDINARY, ACCESSIBLE, CHARGING}
    assert found.accessible <= found.wanted
    assert found.accessible == len(found.wheelchair)
    assert found.charging <= np.ceil(charging * len(found.kept))
    kept = shapes[0][found.kept]
    for strip in found.wheelchair:
        assert shapely.area(shapely.intersection(kept, strip)).sum() < 0.01 * strip.area


def test_only_lots_that_are_large_enough_are_stacked_and_accessible_stalls_stay_on_the_ground():
    lots = np.repeat([0, 1, -1], [12, 5, 20])
    use = np.array([ACCESSIBLE, *[ORDINARY] * 36])
    square = np.ones(37, dtype=bool)
    assert stacked(lots, square, use, multiplier=2.0, from_stalls=10) == 11
    assert stacked(lots, ~square, use, multiplier=2.0, from_stalls=10) == 0
    assert stacked(lots[:0], square[:0], use[:0], multiplier=2.0, from_stalls=10) == 0


def test_a_stall_without_four_corners_is_refused():
    from errors import GeometryError

    mouths = np.array([shapely.LineString([(0, 0), (2, 0)])], dtype=object)
    bad = np.array([shapely.Polygon([(0, 0), (2, 0), (1, 5)])], dtype=object)
    with pytest.raises(GeometryError, match="四个角"):
        uses_of(bad, mouths, box(0, 0, 9, 9))
