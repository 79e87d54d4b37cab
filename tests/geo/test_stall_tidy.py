"""Pieces of aisles as they are drawn: what serves nothing goes, what is needed stays."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import box

from geo.stall_tidy import Pieces, tidied
from tests.geo.laid_out import laid_out
from tests.geo.lots import Lot
from tests.geo.stall_checker import faults

ROAD = box(-10, -6, 60, 0)


def pieces_of(shapes, of_stall) -> Pieces:
    made = np.array(shapes, dtype=object)
    return Pieces(made, np.array(of_stall), np.arange(len(made)))


def strips_of(*shapes) -> np.ndarray:
    return np.array(shapes, dtype=object)


def test_a_piece_that_serves_nothing_goes_and_a_way_to_a_served_one_stays() -> None:
    way, served, idle, beyond = (
        box(0, 0, 4, 12),
        box(0, 12, 30, 17),
        box(20, 0, 22, 2),
        box(30, 12, 34, 17),
    )
    made = tidied(
        pieces_of([idle, way, beyond, served], [3, 3]),
        strips_of(box(5, 12, 8, 17), box(9, 12, 12, 17)),
        ROAD,
        3.0,
    )
    assert {shape.wkb for shape in made.shapes} >= {way.wkb}
    assert shapely.union_all(made.shapes).equals(way | served)
    assert shapely.covers(made.shapes[made.of_stall], shapely.points([[6, 14], [10, 14]])).all()


def test_a_loop_stays_though_no_stall_stands_at_it() -> None:
    lane, link = box(0, 0, 5, 40), box(5, 20, 40, 24)
    other = box(40, 0, 45, 40)
    shapes = [lane, link, other]
    made = tidied(
        pieces_of(shapes, [0, 2]), strips_of(box(0, 30, 5, 33), box(40, 30, 45, 33)), ROAD, 3.0
    )
    assert len(made.shapes) == 3


def test_a_piece_that_widens_the_aisle_before_a_stall_stays() -> None:
    narrow, beside = box(0, 0, 30, 3.8), box(10, 3.8, 20, 5.5)
    made = tidied(pieces_of([narrow, beside], [0]), strips_of(box(12, 0, 15, 5.5)), ROAD, 3.0)
    assert len(made.shapes) == 2


def test_what_lies_in_another_piece_and_lips_of_one_lane_become_one() -> None:
    lips = [box(0, 0, 5, 0.6), box(5, 0, 12, 0.6)]
    inner = box(21, 1, 24, 3)
    outer = box(20, 0, 30, 5)
    made = tidied(
        pieces_of([*lips, inner, outer], [0, 1, 2]),
        strips_of(box(1, -5, 3, 0.6), box(6, -5, 9, 0.6), box(21, 1, 24, 3)),
        ROAD,
        3.0,
    )
    assert len(made.shapes) == 2
    assert made.of_stall[0] == made.of_stall[1] != made.of_stall[2]
    assert shapely.union_all(made.shapes).equals(shapely.union_all([*lips, outer]))


def test_lanes_that_cross_are_not_joined() -> None:
    made = tidied(
        pieces_of([box(0, 0, 5, 40), box(-20, 20, 20, 25)], [0, 1]),
        strips_of(box(0, 30, 5, 33), box(-10, 20, -7, 25)),
        ROAD,
        3.0,
    )
    assert len(made.shapes) == 2


def test_the_last_stall_beyond_the_end_of_a_road_has_its_lane() -> None:
    """The ground between rows ends half a metre after the road: that half is the lane's, however small."""
    ground = box(0, 0, 120, 16.1) - box(0.5, 5.298, 126, 10.798)
    road = box(0.5, 5.298, 126, 10.798)
    lot = Lot("a road that ends early", ground, road, 100, "2 * floor(120 / 2.4)")
    layout = laid_out(lot)
    assert layout.count == 100
    assert faults(ground, road, None, layout, lot.limits) == []


def test_every_aisle_of_a_layout_serves_a_stall_or_leads_to_one() -> None:
    ground = box(0, 0, 50, 40) - box(18, 12, 34, 30)
    lot = Lot("round a house", ground, ROAD, 0, "")
    layout = laid_out(lot)
    assert faults(ground, ROAD, None, layout, lot.limits) == []
    used = np.isin(np.arange(len(layout.aisles)), layout.aisle)
    for at in np.flatnonzero(~used):
        met = shapely.dwithin(np.append(layout.aisles, ROAD), layout.aisles[at], 0.02).sum() - 1
        assert met >= 2
