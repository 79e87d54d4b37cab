"""Repair: nothing lost without a word, areas before and after as a surveyor would say them."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from errors import CrsError
from geo.repair import repair

BOW_TIE = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])

with np.errstate(invalid="ignore"):  # numpy sees the NaN that this is about
    WITH_NAN = shapely.from_wkt("POLYGON ((0 0, 5 nan, 9 0, 0 0))")


def plane(*geoms):
    return gpd.GeoSeries(list(geoms), index=[f"C{i}" for i in range(len(geoms))], crs=4546)


def test_sound_boundaries_stay_as_they_are_but_for_the_type():
    geoms = plane(box(0, 0, 10, 10), MultiPolygon([box(20, 0, 30, 10)]), None)
    repaired, changes = repair(geoms)
    assert changes.empty
    assert list(changes.columns) == [
        "problem", "area_before_m2", "area_after_m2", "share_changed", "ask",
    ]  # fmt: skip
    assert repaired.iloc[0].equals(geoms.iloc[0])
    assert [getattr(g, "geom_type", None) for g in repaired] == ["MultiPolygon"] * 2 + [None]
    assert repaired.crs == geoms.crs
    assert list(repaired.index) == list(geoms.index)


def test_a_bow_tie_keeps_both_halves_and_is_put_to_the_planner():
    repaired, changes = repair(plane(BOW_TIE))
    assert repaired.iloc[0].area == pytest.approx(50.0)
    row = changes.loc["C0"]
    assert row["problem"] == "自相交"
    assert (row["area_before_m2"], row["area_after_m2"]) == (0.0, pytest.approx(50.0))
    assert row["share_changed"] == math.inf
    assert row["ask"]


def test_a_small_spike_is_repaired_without_a_question():
    # The last corner overshoots by 10 cm and turns back: a loop of a few square centimetres.
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, -0.1), (0.05, 0.05)]
    _, changes = repair(plane(Polygon(ring)))
    assert 0 < changes.loc["C0", "area_after_m2"] == pytest.approx(10_000, rel=1e-4)
    assert not changes.loc["C0", "ask"]


def test_overlapping_parts_are_joined_not_cut_out():
    overlapping = MultiPolygon([box(0, 0, 2, 2), box(1, 0, 3, 2)])
    repaired, changes = repair(plane(overlapping))
    assert repaired.iloc[0].area == pytest.approx(6.0)
    assert changes.loc["C0", "area_before_m2"] == pytest.approx(8.0)


def test_a_hole_outside_gains_area_and_is_asked_about():
    repaired, changes = repair(
        plane(Polygon(box(0, 0, 10, 10).exterior, [box(20, 0, 25, 5).exterior]))
    )
    assert changes.loc["C0", "problem"] == "洞在外环之外"
    assert changes.loc["C0", "ask"]
    assert repaired.iloc[0].is_valid


@pytest.mark.parametrize(
    ("geom", "problem"),
    [
        (Polygon([(0, 0), (5, 5), (0, 0)]), "点数不足，修复后没有面积"),
        (Polygon([(0, 0), (5, 5), (9, 9)]), "自相交，修复后没有面积"),
        (WITH_NAN, "坐标无效，修复后没有面积"),
        (Polygon(), "没有坐标"),
        (Point(1, 1), "不是面"),
        (LineString([(0, 0), (1, 1)]), "不是面"),
    ],
)
def test_what_has_no_area_becomes_none_and_is_listed(geom, problem):
    repaired, changes = repair(plane(geom))
    assert repaired.iloc[0] is None
    assert changes.loc["C0", "problem"] == problem
    assert changes.loc["C0", "ask"]


def test_of_a_collection_the_areas_stay():
    mixed = GeometryCollection([box(0, 0, 10, 10), Point(50, 50)])
    repaired, changes = repair(plane(mixed))
    assert repaired.iloc[0].area == pytest.approx(100.0)
    assert changes.loc["C0", "problem"] == "夹有点或线"
    assert not changes.loc["C0", "ask"]


def test_areas_in_degrees_are_given_in_square_metres():
    # 0.001 degrees near 云浮: 102.6 m east, 110.8 m north.
    tie = Polygon([(112, 22.9), (112.001, 22.901), (112.001, 22.9), (112, 22.901)])
    _, changes = repair(gpd.GeoSeries([tie], index=["C0"], crs=4490))
    assert changes.loc["C0", "area_after_m2"] == pytest.approx(102.6 * 110.8 / 2, rel=0.01)


def test_no_crs_is_refused():
    with pytest.raises(CrsError, match="没有坐标系"):
        repair(gpd.GeoSeries([BOW_TIE]))


corner = st.tuples(st.integers(0, 20), st.integers(0, 20))


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(corner, min_size=3, max_size=9), min_size=1, max_size=4))
def test_whatever_the_rings_the_result_is_valid_and_the_input_untouched(rings):
    geoms = plane(*(Polygon(ring) for ring in rings))
    before = shapely.to_wkb(geoms.to_numpy()).tolist()
    repaired, changes = repair(geoms)
    sound = repaired.dropna()
    assert sound.is_valid.all()
    assert (sound.area > 0).all()
    assert set(sound.geom_type) <= {"MultiPolygon"}
    # Every boundary that is not what it was stands in the list.
    for label, geom in geoms.items():
        if label not in changes.index:
            assert repaired[label].equals(geom)
    assert shapely.to_wkb(geoms.to_numpy()).tolist() == before
    again, none = repair(repaired)
    assert none.empty
    assert np.array_equal(shapely.to_wkb(again.to_numpy()), shapely.to_wkb(repaired.to_numpy()))
