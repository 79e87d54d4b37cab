"""Layouts hold what formulae say, whatever way a lot lies, and bad input ends in a clear result."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import affinity, box

from geo.stalls import Layout, LayoutLimits, lay_out, lay_out_many, propose_layout
from tests.geo.stall_checker import faults


def front(wide: float) -> shapely.Polygon:
    return box(0.0, -5.0, wide, 0.0)


EXACT = [
    (16.1, 100.0, 82),
    (10.8, 48.0, 20),
    (20.0, 40.0, 32),
    (32.2, 60.0, 100),
    (31.8, 60.0, 100),
    (13.2, 60.0, 35),
    (14.8, 60.0, 35),
    (15.8, 60.0, 40),
    (60.0, 2.4, 10),
    (60.0, 5.8, 25),
    (8.6, 60.0, 20),
    (6.2, 60.0, 10),
    (1.5, 60.0, 0),
]


@pytest.mark.parametrize(("wide", "long", "known"), EXACT)
def test_lots_with_a_formula_hold_as_many(wide: float, long: float, known: int) -> None:
    ground, roads = box(0, 0, wide, long), front(wide)
    layout = lay_out(ground, roads=roads)
    assert layout.count >= known
    assert faults(ground, roads, None, layout, LayoutLimits()) == []


@pytest.mark.parametrize(("turned", "mirrored"), [(23.7, False), (71.3, True), (180.0, True)])
def test_a_lot_holds_as_many_whatever_way_it_lies(turned: float, mirrored: bool) -> None:
    ground = shapely.Polygon([(0, 0), (50, 0), (65, 45), (0, 35)])

    def moved(shape: shapely.Geometry) -> shapely.Geometry:
        shape = affinity.scale(shape, -1.0 if mirrored else 1.0, 1.0, origin=(0, 0))
        shape = affinity.rotate(shape, turned, origin=(0, 0))
        return affinity.translate(shape, 512_345.6, 3_456_789.1)

    plain = lay_out(ground, roads=front(50))
    other = lay_out(moved(ground), roads=moved(front(50)))
    assert plain.count > 80
    assert abs(other.count - plain.count) <= 0.01 * plain.count
    assert faults(moved(ground), moved(front(50)), None, other, LayoutLimits()) == []


def test_a_road_that_is_there_serves_as_the_aisle() -> None:
    layout = lay_out(box(0, 0, 60, 5.3), roads=box(0, -6, 60, 0))
    assert layout.count == 25
    assert (layout.aisle == -1).all()
    assert len(layout.aisles) == 0


def test_a_public_street_leads_here_but_nobody_backs_out_onto_it() -> None:
    ground, street = box(0, 0, 16.1, 48), box(-10, -8, 26, 0)
    layout = lay_out(ground, streets=street)
    assert layout.count == 40
    assert (layout.aisle >= 0).all()
    assert faults(ground, None, street, layout, LayoutLimits()) == []


@pytest.mark.parametrize(
    "ground",
    [
        None,
        shapely.Point(0, 0),
        shapely.Polygon(),
        shapely.Polygon([(0, 0), (50, 50), (50, 0), (0, 50)]),
        box(0, 0, 1, 80),
        shapely.MultiPolygon([box(0, 0, 20, 20), box(40, 0, 41, 20)]),
        shapely.GeometryCollection([shapely.Point(1, 1), box(0, 0, 18, 30)]),
        box(0, 0, 50, 50) - box(10, 10, 40, 40),
    ],
)
def test_bad_ground_gives_a_clear_result(ground: shapely.Geometry | None) -> None:
    layout = lay_out(ground, roads=box(-10, -6, 60, 0))
    assert isinstance(layout, Layout)
    assert layout.count or layout.notes


def test_without_a_road_it_says_that_there_is_none() -> None:
    layout = lay_out(box(0, 0, 30, 30))
    assert layout.count == 0
    assert "无路网数据" in layout.notes[0]


def test_an_outline_of_ten_thousand_corners_is_laid_out_inside_it() -> None:
    turn = np.linspace(0.0, 2 * np.pi, 10_000, endpoint=False)
    reach = 45.0 + 0.05 * np.sin(900 * turn)
    ground = shapely.Polygon(np.column_stack([reach * np.cos(turn), reach * np.sin(turn)]))
    roads = box(-60, -3, -40, 3) - ground
    layout = lay_out(ground, roads=roads, effort=0.2)
    assert layout.count > 150
    assert shapely.covers(shapely.buffer(ground, 0.01), layout.stalls).all()


@pytest.mark.parametrize(
    "limits",
    [
        LayoutLimits(most=20),
        LayoutLimits(keep_unpaved_share=0.3),
        LayoutLimits(longest_dead_end_m=40.0),
        LayoutLimits(group_most=50),
        LayoutLimits(most=60, keep_unpaved_share=0.3, longest_dead_end_m=40.0, group_most=50),
    ],
)
def test_a_proposal_keeps_its_limits(limits: LayoutLimits) -> None:
    ground, roads = box(0, 0, 50, 60), box(20, -6, 26, 0)
    layout = propose_layout(None, ground, roads=roads, limits=limits)
    assert layout.count >= 15
    assert faults(ground, roads, None, layout, limits) == []


def test_a_proposal_takes_the_road_that_is_there_first() -> None:
    ground, roads = box(0, 0, 60, 40), box(0, -6, 60, 0)
    layout = propose_layout(None, ground, roads=roads, limits=LayoutLimits(most=15))
    assert layout.count == 15
    assert (layout.aisle == -1).all()


def test_many_lots_are_laid_out_as_each_alone() -> None:
    labels = ["a", "b", "c"]
    grounds = gpd.GeoSeries([box(0, 0, 16.1, 48), box(0, 0, 30, 40), None], index=labels)
    roads = gpd.GeoSeries([front(16.1), front(30), None], index=labels)
    told: list[float] = []
    found = lay_out_many(grounds, roads=roads, progress=told.append)
    assert list(found) == labels
    assert found["a"].count == 40
    assert found["b"].count == lay_out(grounds["b"], roads=roads["b"]).count
    assert found["c"].count == 0
    assert told[-1] == 1.0


def test_the_caller_may_end_the_work() -> None:
    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lay_out(box(0, 0, 30, 30), roads=front(30), progress=stop)


@pytest.mark.parametrize(
    ("wide", "deep", "count"), [(16.1, 100.0, 82), (10.8, 48.0, 20), (32.2, 60.0, 100)]
)
def test_a_lot_that_is_off_by_half_a_millimetre_holds_what_it_is_meant_to(
    wide, deep, count
) -> None:
    # Written with eight decimals of a degree and read again.
    rng = np.random.default_rng(5)

    def off(shape: shapely.Geometry) -> shapely.Geometry:
        corners = shapely.get_coordinates(shape)[:-1]
        return shapely.Polygon(corners + rng.uniform(-5e-4, 5e-4, corners.shape) + [5e5, 2.5e6])

    ground, road = shapely.box(0, 0, wide, deep), shapely.box(0, -5, wide, 0)
    assert lay_out(off(ground), roads=off(road)).count == count
