"""Loops and dead ends: an aisle that leads on is none, and what is told agrees with steps counted on the drawing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely import box

from geo.stall_loops import contacts_of, ways_of
from geo.stall_lot import Ready, make_ready
from geo.stall_rows import AT_ROAD, FRAME, FROM, TO, WIDE, Y
from geo.stall_shapes import rectangles
from geo.stall_sizes import LayoutLimits
from geo.stalls import propose_layout
from tests.geo.stall_checker import _longest_way, faults

LIMITS = LayoutLimits()
GROUND = box(-40, -30, 40, 30)
SOUTH, NORTH = box(-50, -36, 50, -30), box(-50, 30, 50, 36)


@pytest.fixture(scope="module")
def between() -> Ready:
    """Ground between two roads, whose own frame is that of the drawing."""
    ready = make_ready(GROUND, SOUTH | NORTH, None, LIMITS)
    assert ready is not None
    assert np.abs(ready.turn).round(9).tolist() == [[1, 0], [0, 1]]
    assert ready.own.inwards(np.array([[3.0, 4.0]])).round(9).tolist() == [[3, 4]]
    return ready


def across(x0: float, y0: float, x1: float, y1: float) -> list[float]:
    return _aisle(0, y0, x0, x1, y1 - y0)


def up(x0: float, y0: float, x1: float, y1: float) -> list[float]:
    return _aisle(1, -x1, y0, y1, x1 - x0)


def _aisle(frame: int, y: float, low: float, high: float, wide: float) -> list[float]:
    made = np.zeros(12)
    made[[FRAME, Y, FROM, TO, WIDE, AT_ROAD]] = frame, y, low, high, wide, 1.0
    return made.tolist()


def dead(ready: Ready, *aisles: list[float]) -> list[float]:
    made = np.array(aisles)
    return np.round(ways_of(ready, made).dead_end_m(made), 1).tolist()


def test_a_lane_from_one_road_is_a_dead_end_and_one_to_the_other_is_none(between) -> None:
    assert dead(between, up(0, -30, 5, 10)) == pytest.approx([40], abs=0.1)
    assert dead(between, up(0, -30, 5, 30)) == [0]
    assert dead(between, up(0, -30, 5, 29)) == pytest.approx([59], abs=0.1)


def test_way_is_counted_along_the_middle_of_lanes(between) -> None:
    stem, branch = up(0, -30, 5, 0), across(5, -10, 25, -5)
    of_stem, of_branch = dead(between, stem, branch)
    assert of_stem == pytest.approx(30, abs=0.1)
    # To the middle of the crossing, half of the stem's width, and on to the end.
    assert of_branch == pytest.approx(22.5 + 2.5 + 20, abs=0.1)


def test_a_ring_is_no_dead_end_and_a_branch_of_it_is_counted_from_it(between) -> None:
    ring = [
        up(0, -30, 5, 20),
        across(5, -10, 25, -5),
        up(25, -10, 30, 20),
        across(0, 15, 30, 20),
    ]
    assert dead(between, *ring) == [0, 0, 0, 0]
    *_, branch = dead(between, *ring, across(30, 0, 39, 5))
    assert branch == pytest.approx(11.5, abs=0.1)


def test_two_lanes_that_lead_to_two_roads_together_are_no_dead_end(between) -> None:
    assert dead(between, up(-10, -30, -5, 0), up(20, -5, 25, 30), across(-10, -5, 25, 0)) == [0] * 3


def test_lanes_beside_each_other_and_at_one_crossing_are_no_ring(between) -> None:
    beside = dead(between, up(0, -30, 4, 20), up(3, -25, 8, 20))
    assert min(beside) >= 49.9
    crossing = [up(0, -30, 5, 20), across(-10, 0, 20, 5), across(-10, 2, 20, 6)]
    assert dead(between, *crossing)[0] == pytest.approx(50, abs=0.1)
    assert min(dead(between, *crossing)) > 40


def test_lanes_that_no_road_reaches_are_told_apart(between) -> None:
    made = np.array([across(-10, 0, 10, 5)])
    assert not len(contacts_of(between, made).road)
    assert ways_of(between, made).back_from(0, 0.0) == np.inf


@pytest.mark.parametrize("seed", range(12))
def test_what_is_told_is_what_steps_on_the_drawing_count(between, seed) -> None:
    """Trees of lanes: a stem from the south road and branches that end blind."""
    rng = np.random.default_rng(seed)
    lanes = [up(-2, -30, 3, rng.uniform(-10, 25))]
    for level in np.arange(-24, lanes[0][TO] - 6, 12):
        side = rng.uniform(6, 30)
        lanes.append(
            across(3, level, side, level + 5)
            if rng.random() < 0.5
            else across(-side, level, -2, level + 5)
        )
    made = np.array(lanes)
    net = shapely.union_all(rectangles(made, between.turn))
    counted = _longest_way(net, shapely.intersection(net.boundary, SOUTH.buffer(0.1)))
    assert max(dead(between, *lanes)) == pytest.approx(counted, abs=6.0)
    assert max(dead(between, *lanes)) > counted - 2.0


def proposed(roads, **limits):
    strip = box(0, 0, 16.1, 100)
    asked = replace(LIMITS, **limits)
    layout = propose_layout(None, strip, roads=roads, limits=asked, effort=0.1)
    assert faults(strip, roads, None, layout, asked) == []
    return layout


def test_a_strip_between_two_roads_is_proposed_whole_and_one_at_one_road_is_cut() -> None:
    south, north = box(-6, -6, 22, 0), box(-6, 100, 22, 106)
    through = proposed(south | north, longest_dead_end_m=40.0)
    assert through.count == 82
    assert through.dead_end_m.max() == 0
    blind = proposed(south, longest_dead_end_m=40.0)
    assert 26 <= blind.count <= 36
    assert 30 < blind.dead_end_m.max() <= 40.5
    assert proposed(south).dead_end_m.max() == pytest.approx(98.4, abs=1.7)


def test_a_lane_is_led_on_to_the_road_beyond_its_last_stall() -> None:
    """Trees at the far end leave no stall on the last ten metres: the lane still goes through."""
    south, north = box(-6, -6, 22, 0), box(-6, 100, 22, 106)
    strip = box(0, 0, 16.1, 100) - box(0, 88, 5.2, 100) - box(10.9, 88, 16.1, 100)
    asked = replace(LIMITS, longest_dead_end_m=40.0)
    layout = propose_layout(None, strip, roads=south | north, limits=asked, effort=0.1)
    assert faults(strip, south | north, None, layout, asked) == []
    assert layout.count >= 66
    assert layout.dead_end_m.max() == 0
