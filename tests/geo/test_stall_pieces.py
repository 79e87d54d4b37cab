"""Large ground is laid out piece by piece, and what is left is looked at again."""

import numpy as np
import pytest
import shapely
from shapely import box
from shapely.affinity import rotate

from geo.stall_pieces import joined_layouts, left_of, pieces_of
from geo.stalls import Layout, LayoutLimits, lay_out, propose_layout
from tests.geo.stall_checker import faults

# Two yards of 150 x 110 m on either side of a lane, one turned by 30 degrees: no direction suits both.
LANE = box(-3.0, -130.0, 3.0, 130.0)
LEVEL = box(3.0, -55.0, 153.0, 55.0)
SLANTED = rotate(box(-160.0, -55.0, -10.0, 55.0), 30.0).difference(box(-3.0, -500.0, 500.0, 500.0))
GROUND = shapely.MultiPolygon([LEVEL, SLANTED])


@pytest.fixture(scope="module")
def laid() -> Layout:
    return lay_out(GROUND, roads=LANE, effort=0.3)


def test_a_large_ground_has_no_fault_and_each_piece_its_own_direction(laid: Layout) -> None:
    assert faults(GROUND, LANE, None, laid, LayoutLimits()) == []
    upright = laid.arrangement == "perpendicular"
    turn = np.round(laid.angle_deg) % 90.0
    assert set(turn[upright & shapely.intersects(laid.stalls, LEVEL)]) == {0.0}
    # Clockwise from north: a turn of 30 degrees to the left.
    assert (turn[upright & shapely.intersects(laid.stalls, SLANTED)] == 60.0).mean() > 0.9


def test_pieces_together_hold_nearly_what_each_holds_alone(laid: Layout) -> None:
    alone = [lay_out(one, roads=LANE, effort=0.3).count for one in (LEVEL, SLANTED)]
    assert laid.count >= 0.95 * sum(alone)


def test_progress_only_grows_and_ends(laid: Layout) -> None:
    told: list[float] = []
    again = lay_out(GROUND, roads=LANE, effort=0.3, progress=told.append)
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert told == sorted(told)
    assert again.count == laid.count


def test_a_proposal_keeps_its_limits_over_all_pieces() -> None:
    limits = LayoutLimits(
        most=120, keep_unpaved_share=0.5, longest_dead_end_m=40.0, group_most=50, group_gap_m=6.0
    )
    made = propose_layout(None, GROUND, roads=LANE, limits=limits, effort=0.1)
    assert faults(GROUND, LANE, None, made, limits) == []
    assert 60 <= made.count <= 120


def test_pieces_that_only_a_crack_parts_are_one() -> None:
    one, other, small = box(0, 0, 20, 20), box(20.002, 0, 40, 20), box(50, 0, 52, 3)
    found = pieces_of(shapely.MultiPolygon([one, other, small]))
    assert [round(piece.area) for piece in found] == [800]


def test_pieces_come_by_size_wherever_they_lie() -> None:
    parts = [box(0, 0, 10, 10), box(100, 0, 130, 10), box(0, 100, 20, 120)]
    areas = [piece.area for piece in pieces_of(shapely.MultiPolygon(parts))]
    assert areas == [400.0, 300.0, 100.0]


def test_what_is_left_is_wide_enough_for_a_stall() -> None:
    stall = box(0, 0, 30, 18)
    one = np.array([stall], dtype=object)
    ground = box(0, 0, 30, 20)
    assert left_of(ground, Layout(stalls=one)).is_empty
    assert left_of(box(0, 0, 30, 24), Layout(stalls=one)).area == pytest.approx(180.0, abs=0.1)


def test_a_later_stall_is_driven_into_from_the_earlier_aisle_before_it() -> None:
    aisle = box(0, 0, 20, 5.5)
    first = Layout(
        stalls=np.array([box(0, 5.5, 2.4, 10.8)], dtype=object),
        arrangement=np.array(["perpendicular"]),
        angle_deg=np.zeros(1),
        aisle=np.zeros(1, dtype=np.int64),
        mouth=np.array([shapely.LineString([(0, 5.5), (2.4, 5.5)])], dtype=object),
        aisles=np.array([aisle], dtype=object),
        dead_end_m=np.array([20.0]),
        area_m2=122.72,
    )
    branch = box(20, 0, 30, 5.5)
    later = Layout(
        stalls=np.array([box(4, -5.3, 6.4, 0), box(24, -5.3, 26.4, 0)], dtype=object),
        arrangement=np.array(["perpendicular"] * 2),
        angle_deg=np.zeros(2),
        aisle=np.array([-1, 0]),
        mouth=np.array([shapely.LineString([(x, 0), (x + 2.4, 0)]) for x in (4, 24)], dtype=object),
        aisles=np.array([branch], dtype=object),
        dead_end_m=np.array([10.0]),
        area_m2=80.44,
    )
    both = joined_layouts(first, later, box(-6, -20, 0, 20))
    assert both.aisle.tolist() == [0, 0, 1]
    # The way in over the first aisle counts for what branches off it.
    assert both.dead_end_m.tolist() == [20.0, 30.0]
    assert both.area_m2 == pytest.approx(203.16)
