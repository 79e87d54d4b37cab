"""Less of a layout: limits are kept, what stays is still reached, dear aisles go before cheap ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely import box

from geo.stall_pruning import keep_within
from geo.stall_sizes import DEFAULT_SIZES, Layout, LayoutLimits, no_stalls
from geo.stalls import lay_out
from tests.geo.stall_checker import faults

GROUND = shapely.union_all([box(0, 0, 40, 30), box(40, 10, 70, 30)])
ROADS = box(-20, -7, 90, 0)


@pytest.fixture(scope="module")
def whole() -> Layout:
    return lay_out(GROUND, roads=ROADS, effort=0.3)


def kept(whole: Layout, *, paved=None, **limits) -> Layout:
    return keep_within(
        whole,
        ground=GROUND,
        roads=ROADS,
        streets=None,
        paved=paved,
        limits=LayoutLimits(sizes=DEFAULT_SIZES, **limits),
    )


@pytest.mark.parametrize("most", [0, 1, 7, 30, 55])
def test_exactly_as_many_stay_as_are_needed_and_all_are_reached(whole: Layout, most: int) -> None:
    found = kept(whole, most=most)
    assert found.count == min(most, whole.count)
    assert faults(GROUND, ROADS, None, found, LayoutLimits()) == []
    left = {stall.wkb for stall in found.stalls}
    assert left <= {stall.wkb for stall in whole.stalls}


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.9, 1.0])
def test_the_share_that_is_to_stay_unpaved_stays(whole: Layout, share: float) -> None:
    found = kept(whole, keep_unpaved_share=share)
    taken = shapely.union_all([*found.stalls, *found.aisles])
    assert shapely.intersection(taken, GROUND).area <= (1 - share) * GROUND.area + 0.1
    assert faults(GROUND, ROADS, None, found, LayoutLimits()) == []
    if share == 0.0:
        assert found is whole
    if share == 1.0:
        assert found.count == 0


def test_paved_ground_costs_nothing_and_is_used_first(whole: Layout) -> None:
    paved = box(0, 0, 20, 30)
    found = kept(whole, paved=paved, most=20)
    plain = kept(whole, most=20)

    def on_paved(layout: Layout) -> float:
        return float(shapely.area(shapely.intersection(layout.stalls, paved)).sum())

    assert found.count == plain.count == 20
    assert on_paved(found) > 1.2 * on_paved(plain)


def test_what_is_left_takes_less_ground_a_stall_or_stands_at_the_road(whole: Layout) -> None:
    found = kept(whole, most=whole.count // 2)
    # What lots usually take at the least.
    assert found.m2_per_stall <= 25.0
    assert found.area_m2 == pytest.approx(
        shapely.area(found.stalls).sum() + shapely.union_all(found.aisles).area
    )
    assert (found.aisle < len(found.aisles)).all()


def test_nothing_stays_nothing() -> None:
    none = no_stalls("没有")
    assert kept(none, most=3) is none


def test_the_order_of_stalls_changes_nothing(whole: Layout) -> None:
    turned = np.arange(whole.count)[::-1]
    other = replace(
        whole,
        stalls=whole.stalls[turned],
        arrangement=whole.arrangement[turned],
        angle_deg=whole.angle_deg[turned],
        aisle=whole.aisle[turned],
        mouth=whole.mouth[turned],
    )
    one, two = kept(whole, keep_unpaved_share=0.5), kept(other, keep_unpaved_share=0.5)
    assert abs(one.count - two.count) <= 1
