"""Boundaries of a small street: each fault is found, named, and nothing else is said."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely.affinity import translate
from shapely.geometry import Polygon, box

from data.boundary_check import check_boundaries
from geo.measure import area_geodesic_m2

# About 96 m by 111 m at this latitude; compounds stand 0.002° apart unless said otherwise.
BLOCK = box(112.000, 22.900, 112.001, 22.901)


def street(*shapes: object, states: list[str] | None = None) -> gpd.GeoDataFrame:
    uids = [f"c{i}" for i in range(len(shapes))]
    geometry = gpd.GeoSeries(list(shapes), index=uids, crs="EPSG:4490")
    return gpd.GeoDataFrame(
        {
            "name": [f"小区{i}" for i in range(len(shapes))],
            "boundary_state": states or ["导入"] * len(shapes),
            "area_geodesic_m2": area_geodesic_m2(geometry),
        },
        index=uids,
        geometry=geometry,
        crs="EPSG:4490",
    )


def test_a_street_in_order_has_no_findings() -> None:
    assert check_boundaries(street(BLOCK, translate(BLOCK, 0.002))) == []


def test_touching_compounds_are_not_said_to_overlap() -> None:
    assert check_boundaries(street(BLOCK, translate(BLOCK, 0.001))) == []


def test_missing_boundary_is_named() -> None:
    (finding,) = check_boundaries(street(BLOCK, None))
    assert (finding.rule, finding.severity, finding.rows) == ("boundary_missing", "提醒", ("c1",))
    assert "小区1" in finding.message


def test_a_plan_without_any_boundary_is_checked_too() -> None:
    (finding,) = check_boundaries(street(None, None))
    assert finding.rows == ("c0", "c1")


def test_bow_tie_is_wrong() -> None:
    bow_tie = Polygon([(112, 22.9), (112.001, 22.901), (112.001, 22.9), (112, 22.901)])
    frame = street(BLOCK, translate(bow_tie, 0.01))
    (finding,) = check_boundaries(frame)
    assert (finding.rule, finding.severity, finding.rows) == ("boundary_invalid", "错误", ("c1",))


@pytest.mark.parametrize(
    ("shift", "severity"), [(0.0005, "错误"), (0.000995, "提醒"), (0.00099999, None)]
)
def test_overlap_by_half_by_a_strip_and_by_a_hairline(shift: float, severity: str | None) -> None:
    found = check_boundaries(street(BLOCK, translate(BLOCK, shift)))
    assert [item.severity for item in found] == ([severity] if severity else [])
    if found:
        width_m = (0.001 - shift) / 0.001 * 102.6
        assert float(found[0].found.split(" ")[0].replace(",", "")) == pytest.approx(
            width_m * 110.7, rel=0.02
        )


def test_sizes_of_a_room_and_of_a_city_are_looked_at() -> None:
    room, city = box(112, 22.9, 112.00005, 22.90005), box(112.01, 22.9, 112.05, 22.93)
    found = check_boundaries(street(room, city))
    assert [(item.rule, item.rows) for item in found] == [
        ("boundary_size", ("c0",)),
        ("boundary_size", ("c1",)),
    ]


def test_area_on_record_that_is_not_the_boundary_s_is_wrong() -> None:
    frame = street(BLOCK)
    frame["area_geodesic_m2"] += 5.0
    (finding,) = check_boundaries(frame)
    assert (finding.rule, finding.severity) == ("boundary_area_record", "错误")


def test_schematic_boundaries_are_only_said() -> None:
    (finding,) = check_boundaries(street(BLOCK, states=["示意"]))
    assert (finding.rule, finding.severity) == ("boundary_schematic", "说明")


def test_plan_on_both_sides_of_a_zone_edge_says_so() -> None:
    # 112.5° E parts the zones of 111° and 114°.
    found = check_boundaries(street(BLOCK, translate(BLOCK, 0.6)), zone=38)
    assert [(item.rule, item.found) for item in found] == [
        ("zone_straddled", "第 38 带（中央经线 114°）")
    ]


def test_row_order_does_not_matter_and_the_input_stays_as_it_was() -> None:
    frame = street(BLOCK, translate(BLOCK, 0.0005), translate(BLOCK, 0.0007), None)
    before = frame.copy()
    assert check_boundaries(frame) == check_boundaries(frame.iloc[::-1])
    assert frame.equals(before)
