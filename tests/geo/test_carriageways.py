"""Ground under roads: as wide as they are, closed at corners, no farther than their ends."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point, Polygon, affinity, box

from errors import CrsError
from geo.carriageways import carriageways

CRS = "EPSG:4547"


def widened(*roads: tuple[shapely.Geometry | None, float]) -> gpd.GeoSeries:
    shapes = gpd.GeoSeries([shape for shape, _ in roads], crs=CRS)
    return carriageways(shapes, pd.Series([width for _, width in roads]))


def test_dead_end_is_flat() -> None:
    assert widened((LineString([(0, 0), (30, 0)]), 4.0)).iloc[0].equals(box(0, -2, 30, 2))


def test_bend_is_as_wide_at_its_corner() -> None:
    ground = widened((LineString([(0, 0), (30, 0), (30, 30)]), 4.0)).iloc[0]
    assert ground.equals(box(0, -2, 32, 2).union(box(28, -2, 32, 30)))


def test_sharp_bend_reaches_no_farther_than_a_width_beyond_its_corner() -> None:
    ground = widened((LineString([(0, 0), (30, 0), (0, 4)]), 4.0)).iloc[0]
    assert 30 < ground.bounds[2] <= 30 + 2 * 4.0


@pytest.mark.parametrize("turned", [0.0, 37.0, 90.0, 135.0])
def test_corner_of_two_lines_is_closed_without_a_gap(turned: float) -> None:
    angle = np.radians(turned)
    far = (30 * np.cos(angle), 30 * np.sin(angle))
    both = widened((LineString([(-30, 0), (0, 0)]), 6.0), (LineString([(0, 0), far]), 6.0))
    together = both.union_all()
    # A car as wide as four fifths of the road goes round: what is left for its middle is one piece.
    assert shapely.buffer(together, -2.4).geom_type == "Polygon"
    assert Point(0, 0).buffer(2.7).difference(together).area < 0.1


def test_where_the_width_changes_the_narrow_road_grows_no_shoulders() -> None:
    both = widened((LineString([(-30, 0), (0, 0)]), 12.0), (LineString([(0, 0), (30, 0)]), 4.0))
    assert both.union_all().difference(box(-30, -6, 0, 6).union(box(0, -2, 30, 2))).area < 1e-9


def test_lane_that_ends_on_a_street_joins_it() -> None:
    both = widened((LineString([(-30, 0), (30, 0)]), 8.0), (LineString([(0, 0), (0, 20)]), 4.0))
    assert both.union_all().equals(box(-30, -4, 30, 4).union(box(-2, 0, 2, 20)))


def test_three_ends_at_a_point_are_closed_as_wide_as_the_second_widest() -> None:
    roads = widened(
        (LineString([(-30, 0), (0, 0)]), 6.0),
        (LineString([(0, 0), (30, 0)]), 6.0),
        (LineString([(0, 0), (0, 30)]), 3.0),
    )
    assert roads.union_all().geom_type == "Polygon"
    assert (
        roads.union_all().difference(box(-30, -3, 30, 3).union(box(-1.5, 0, 1.5, 30))).area < 1e-9
    )


def test_roundabout_is_a_ring() -> None:
    around = Point(0, 0).buffer(20).exterior
    ground = widened((LineString(around.coords), 5.0)).iloc[0]
    assert shapely.get_num_interior_rings(ground) == 1
    assert ground.area == pytest.approx(around.length * 5, rel=0.01)


def test_areas_are_taken_as_they_are_and_mended() -> None:
    square, bow_tie = box(0, 0, 10, 10), Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    ground = widened((square, np.nan), (bow_tie, 4.0))
    assert ground.iloc[0].equals(square)
    assert ground.area.tolist() == [100.0, 50.0]
    assert ground.is_valid.all()


@pytest.mark.parametrize(
    ("road", "width"),
    [
        (LineString([(0, 0), (30, 0)]), np.nan),
        (LineString([(0, 0), (30, 0)]), 0.0),
        (LineString([(0, 0), (30, 0)]), -4.0),
        (LineString([(0, 0), (0, 0)]), 4.0),
        (LineString(), 4.0),
        (Point(0, 0), 4.0),
        (None, 4.0),
        (Polygon(), 4.0),
        (shapely.set_coordinates(LineString([(0, 0), (3, 0)]), [[0, 0], [np.nan, 0]]), 4.0),
    ],
)
def test_what_has_no_width_or_no_length_has_no_ground(
    road: shapely.Geometry | None, width: float
) -> None:
    ground = widened((road, width), (LineString([(0, 0), (10, 0)]), 2.0))
    assert ground.is_empty.tolist() == [True, False]
    assert ground.iloc[1].area == pytest.approx(20.0)


def test_parts_heights_and_labels() -> None:
    two = MultiLineString([[(0, 0, 5), (10, 0, 5)], [(0, 50, 5), (10, 50, 5)]])
    mixed = shapely.GeometryCollection([affinity.translate(two, 100), Point(3, 3)])
    shapes = gpd.GeoSeries([two, mixed], index=["甲", "乙"], crs=CRS)
    ground = carriageways(shapes, pd.Series([4.0, 4.0]))
    assert ground.index.tolist() == ["甲", "乙"]
    assert ground.crs == shapes.crs
    assert ground.area.tolist() == pytest.approx([80.0, 80.0])
    assert not ground.has_z.any()


def test_no_roads_and_degrees() -> None:
    assert len(carriageways(gpd.GeoSeries([], crs=CRS), pd.Series([], dtype=float))) == 0
    with pytest.raises(CrsError):
        carriageways(gpd.GeoSeries([LineString([(0, 0), (1, 1)])], crs=4490), pd.Series([4.0]))


@settings(max_examples=20)
@given(st.floats(0, 360), st.floats(-1e6, 1e6), st.floats(2, 20))
def test_turning_changes_no_area(turn: float, shift: float, width: float) -> None:
    roads = gpd.GeoSeries(
        [LineString([(0, 0), (50, 0), (60, 40)]), LineString([(60, 40), (20, 90)])], crs=CRS
    )
    plain = carriageways(roads, pd.Series([width, width])).area
    moved = roads.rotate(turn, origin=(0, 0)).translate(shift, shift)
    assert np.allclose(carriageways(moved, pd.Series([width, width])).area, plain, rtol=0.02)
