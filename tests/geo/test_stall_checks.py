"""One stall held against its surroundings: each fault is found, a good stall has none; measures of layouts."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, affinity, box

from geo.stall_checks import Standing, check_stall, snapped
from geo.stall_corners import bearing_of, mouths_of, turned_to_mouth
from geo.stall_measures import ROADSIDE, clear_before, joined, lots_of, measure_layout, served_by
from geo.stall_sizes import DEFAULT_SIZES, LayoutLimits, StallSize

NOTHING = np.empty(0, dtype=object)
SIZES = {size.id: size for size in DEFAULT_SIZES}
SQUARE = next(size for size in DEFAULT_SIZES if size.angle_deg == 90)
ALONG = next(size for size in DEFAULT_SIZES if size.angle_deg == 0)
SLANTED = next(size for size in DEFAULT_SIZES if size.angle_deg == 60)


def array(*shapes):
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def place(x: float, y: float = 0.0, size: StallSize = SQUARE) -> tuple[Polygon, LineString]:
    """A stall whose mouth lies on y, to the south."""
    wide, deep = (
        (size.length_m, size.width_m) if size.angle_deg == 0 else (size.width_m, size.length_m)
    )
    return (
        Polygon([(x, y), (x + wide, y), (x + wide, y + deep), (x, y + deep)]),
        LineString([(x, y), (x + wide, y)]),
    )


def yard(*others: tuple[Polygon, LineString], size: StallSize = SQUARE, **more) -> Standing:
    """Ground 30 × 5.3 along a road 6 m wide to its south, other stalls all of a size."""
    usual = {
        "ground": box(0, 0, 30, 5.3),
        "roads": box(-20, -6, 50, 0),
        "streets": None,
        "stalls": array(*(stall for stall, _ in others)),
        "mouths": array(*(mouth for _, mouth in others)),
        "arrangement": np.full(len(others), size.id),
        "aisles": NOTHING,
        "limits": LayoutLimits(),
    }
    return Standing(**(usual | more))


def kinds(stall, mouth, around, size=SQUARE) -> list[str]:
    return [fault.kind for fault in check_stall(stall, mouth, size, around)]


def test_a_stall_on_open_ground_at_a_road_has_no_fault():
    assert kinds(*place(3), yard(place(0))) == []
    assert kinds(*place(3, size=ALONG), yard(), ALONG) == []


@pytest.mark.parametrize(
    ("stall", "around", "fault"),
    [
        (place(1), yard(place(0)), "overlap"),
        (place(29), yard(), "outside"),
        (place(3, 0.5), yard(), "outside"),
        (place(3), yard(ground=box(0, 0, 30, 5.3) - box(4, 3, 5, 4)), "outside"),
        (place(3), yard(roads=box(-20, -5, 50, 0)), "blocked"),
        (place(3), yard(aisles=array(box(4, 0, 9, 5.3))), "aisle"),
        (place(3), yard(roads=None, aisles=array(box(0, -6, 30, 0))), "unreachable"),
        (place(3, 5.3), yard(ground=box(0, 0, 30, 12)), "blocked"),
    ],
)
def test_each_fault_is_named(stall, around, fault):
    assert fault in kinds(*stall, around)


def test_what_is_too_small_or_no_rectangle_is_refused_for_its_shape():
    stall, mouth = place(3)
    assert kinds(affinity.scale(stall, 0.9), mouth, yard()) == ["shape"]
    bent = Polygon([(3, 0), (5.4, 0), (6.4, 5.3), (3, 5.3)])
    assert kinds(bent, mouth, yard()) == ["shape"]


def test_a_stall_may_not_stand_before_another():
    # The other one opens to the north, over the ground where the new one would stand.
    other = Polygon([(5.4, -6), (3, -6), (3, -11.3), (5.4, -11.3)])
    opens = LineString([(3, -6), (5.4, -6)])
    around = yard((other, opens), ground=box(0, -6, 30, 5.3), roads=box(-20, -6, 50, 0))
    blocked = check_stall(*place(3, -3), SQUARE, around)
    assert {fault.kind: fault.amount for fault in blocked}["blocks"] == 1


def test_an_aisle_that_is_too_narrow_in_one_place_reaches_nothing():
    lane = shapely.union_all([box(0, -6, 30, 0), box(28, -20, 30.5, -6)])
    around = yard(roads=box(-20, -30, 50, -20), aisles=array(lane))
    assert kinds(*place(3), around) == ["unreachable"]
    wider = shapely.union_all([box(0, -6, 30, 0), box(27, -20, 30.5, -6)])
    assert kinds(*place(3), yard(roads=box(-20, -30, 50, -20), aisles=array(wider))) == []


def test_a_public_street_is_a_way_in_but_no_aisle():
    street = box(-20, -6, 50, 0)
    assert kinds(*place(3), yard(roads=None, streets=street)) == ["blocked"]
    # A lane of its own between street and stall.
    lane = array(box(0, 0, 30, 5.5))
    ground = box(0, 5.5, 30, 11)
    assert kinds(*place(3, 5.5), yard(ground=ground, roads=None, streets=street, aisles=lane)) == []


@settings(max_examples=40)
@given(x=st.floats(0.3, 29.7), y=st.floats(0.2, 5), turned=st.floats(0, 360))
def test_a_point_becomes_a_stall_that_fits_wherever_one_can_stand(x, y, turned):
    around = turned_yard(turned)
    point = affinity.rotate(Point(x, y), turned, origin=(0, 0))
    stall, mouth = snapped(point, SQUARE, around)
    faults = kinds(stall, mouth, around)
    if 1.3 < x < 28.7:
        assert faults == []
        assert stall.distance(point) < 0.1


def turned_yard(turned: float) -> Standing:
    around = yard()
    return yard(
        ground=affinity.rotate(around.ground, turned, origin=(0, 0)),
        roads=affinity.rotate(around.roads, turned, origin=(0, 0)),
    )


@pytest.mark.parametrize("size", [SQUARE, ALONG], ids=lambda size: size.id)
def test_a_point_beside_a_row_joins_it_without_a_gap(size):
    first = place(10, size=size)
    around = yard(first, size=size)
    wide = size.pitch_m
    for x in (10 - wide / 2, 10 + 1.5 * wide):
        stall, mouth = snapped(Point(x, 1), size, around)
        assert stall.distance(first[0]) < 1e-6
        assert kinds(stall, mouth, around, size) == []


def test_a_slanted_stall_is_put_to_the_edge_and_joins_its_row():
    around = yard(ground=box(0, 0, 30, 6), roads=box(-20, -5, 50, 0))
    stall, mouth = snapped(Point(12, 2.5), SLANTED, around)
    assert kinds(stall, mouth, around, SLANTED) == []
    assert stall.bounds[3] - stall.bounds[1] == pytest.approx(5.79, abs=0.02)
    second = affinity.translate(stall, SLANTED.pitch_m), affinity.translate(mouth, SLANTED.pitch_m)
    both = yard(
        (stall, mouth), second, size=SLANTED, ground=box(0, 0, 30, 6), roads=box(-20, -5, 50, 0)
    )
    third, opens = snapped(Point(12 + 2 * SLANTED.pitch_m, 2.5), SLANTED, both)
    assert third.centroid.x - stall.centroid.x == pytest.approx(2 * SLANTED.pitch_m, abs=1e-6)
    assert kinds(third, opens, both, SLANTED) == []


def test_clear_width_is_measured_across_the_road_and_stalls_take_from_it():
    both = [place(3), place(9, size=ALONG)]
    stalls, mouths = array(*(s for s, _ in both)), array(*(m for _, m in both))
    road = box(-20, -6, 50, 0)
    assert clear_before(stalls, mouths, np.array([90.0, 0.0]), [road]) == pytest.approx(
        [6, 6], abs=0.02
    )
    facing = Polygon([(3, -4), (5.4, -4), (5.4, -6), (3, -6)])
    more = array(*stalls, facing)
    opens = array(*mouths, LineString([(3, -4), (5.4, -4)]))
    clear = clear_before(more, opens, np.array([90.0, 0.0, 90.0]), [road])
    assert clear == pytest.approx([4, 6, 4], abs=0.02)
    assert clear_before(stalls, mouths, np.array([90.0, 0.0]), [None]).tolist() == [0, 0]


def test_clear_width_before_a_slanted_stall_is_square_to_the_road():
    around = yard(ground=box(0, 0, 30, 6), roads=box(-20, -5, 50, 0))
    stall, mouth = snapped(Point(12, 2.5), SLANTED, around)
    clear = clear_before(array(stall), array(mouth), np.array([60.0]), [around.roads])
    assert clear == pytest.approx([5.0], abs=0.05)


def test_aisles_that_meet_make_one_lot_and_stalls_at_roads_none():
    aisles = array(box(0, 0, 5, 30), box(5, 10, 30, 15), box(60, 0, 65, 30))
    at = [place(5), place(8), place(65), place(90), place(95)]
    stalls, opens = array(*(s for s, _ in at)), array(*(m for _, m in at))
    # The last one stands at a road that a new strip has made wider.
    road = box(90, -9, 100, -1)
    found = lots_of(stalls, opens, np.array([0, 1, 2, -1, 2]), aisles, road)
    assert found.tolist() == [0, 0, 1, ROADSIDE, ROADSIDE]
    mouths = array(LineString([(5, 1), (5, 3)]), LineString([(-9, 1), (-9, 3)]))
    assert served_by(mouths, aisles).tolist() == [0, -1]
    assert joined(array(box(0, 0, 1, 1), box(6, 0, 7, 1), box(13, 0, 14, 1)), 6.0).tolist() == [
        0,
        0,
        1,
    ]


def test_a_layout_is_measured_by_lots_and_roadsides():
    pairs = [place(0), place(2.4), place(20)]
    found = measure_layout(
        array(*(s for s, _ in pairs)),
        array(*(m for _, m in pairs)),
        np.array([0, 0, -1]),
        array(box(0, -5.5, 5, 0)),
        slant_deg=np.full(3, 90.0),
        roads=box(15, -7, 30, 0),
        buildings=array(box(0, 10, 5, 20), box(20, 6.3, 22, 20)),
        group_gap_m=6.0,
    )
    assert (found.aisle_m, found.fire_clear_m) == pytest.approx((5.5, 7.0), abs=0.02)
    assert found.largest_group == 2
    assert (found.lot_to_building_m, found.roadside_to_wall_m) == pytest.approx((4.7, 1.0))
    assert found.lot_m2_per_stall == pytest.approx(2.4 * 5.3 + 5 * 5.5 / 2)
    assert found.roadside_m2_per_stall == pytest.approx(2.4 * 5.3)


@settings(max_examples=40)
@given(turned=st.floats(0, 360), first=st.integers(0, 3), mirrored=st.booleans())
def test_a_saved_outline_begins_with_the_mouth_however_it_was_drawn(turned, first, mirrored):
    stall, mouth = place(3)
    xy = np.roll(np.array(stall.exterior.coords)[:4], first, axis=0)
    drawn = Polygon(xy[::-1] if mirrored else xy)
    shapes = [affinity.rotate(one, turned, origin=(0, 0)) for one in (drawn, mouth)]
    turned_one = turned_to_mouth(array(shapes[0]), array(shapes[1]))
    assert turned_one[0].exterior.is_ccw
    found = mouths_of(turned_one)[0]
    assert found.hausdorff_distance(shapes[1]) < 1e-9
    # Square to the mouth, clockwise from north; the plane turns against the clock.
    off = (bearing_of(turned_one[0]) + turned) % 180
    assert min(off, 180 - off) < 1e-6
