import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box
from shapely.geometry.polygon import orient

from errors import CrsError
from geo.crs import GEOD
from geo.measure import (
    area_geodesic_m2,
    area_plane_m2,
    polsby_popper,
    span_m,
)
from tests.geo import town

HOLED = Polygon(
    [(112, 22.9), (112.01, 22.9), (112.01, 22.91), (112, 22.91)],
    [[(112.002, 22.902), (112.004, 22.902), (112.004, 22.904), (112.002, 22.904)]],
)


def test_the_record_area_agrees_with_proj_for_holes_parts_and_either_ring_direction() -> None:
    shapes = [
        orient(HOLED, 1),
        orient(HOLED, -1),
        MultiPolygon([HOLED, box(113, 23, 113.01, 23.01)]),
    ]
    areas = area_geodesic_m2(gpd.GeoSeries(shapes, crs="EPSG:4490"))
    expected = [abs(GEOD.geometry_area_perimeter(orient(HOLED))[0])] * 2
    expected += [expected[0] + GEOD.geometry_area_perimeter(box(113, 23, 113.01, 23.01))[0]]
    np.testing.assert_allclose(areas, expected, rtol=1e-9)


def test_the_verified_plot_of_the_boundary_point_sample_has_its_ellipsoid_area() -> None:
    # domain.md appendix B: 150 x 100 m with a hole of 30 x 20 m in EPSG:4525, 14395.95 m2.
    east, north = 37606690.278, 2535955.227
    shell = box(east, north, east + 150, north + 100)
    hole = box(east + 60, north + 40, east + 90, north + 60)
    plot = gpd.GeoSeries([shell.difference(hole)], crs="EPSG:4525")
    assert area_geodesic_m2(plot.to_crs(4490)).round(2).tolist() == [14395.95]
    assert area_plane_m2(plot).round(2).tolist() == [14400.0]


def test_measures_of_the_town() -> None:
    shapes = town.compounds()
    assert area_plane_m2(shapes)["C"] == pytest.approx(8800)
    # 100 m square: diagonal 141.42 m; 4 pi 10000 / 400^2 = 0.785.
    assert span_m(shapes)["A"] == pytest.approx(141.421, abs=1e-3)
    assert polsby_popper(shapes)["A"] == pytest.approx(np.pi / 4)


@pytest.mark.parametrize("measure", [area_plane_m2, span_m, polsby_popper])
def test_measures_keep_index_and_name_and_know_no_area_without_a_boundary(measure) -> None:
    shapes = gpd.GeoSeries([box(0, 0, 9, 9), None, Polygon()], index=["x", "y", "z"], crs=town.CRS)
    before = shapes.copy()
    result = measure(shapes)
    assert result.name == measure.__name__
    assert result.index.equals(shapes.index)
    assert result.isna().tolist() == [False, True, True]
    pd.testing.assert_series_equal(pd.Series(shapes), pd.Series(before))


@pytest.mark.parametrize("measure", [area_plane_m2, span_m, polsby_popper])
def test_metric_measures_refuse_degrees(measure) -> None:
    with pytest.raises(CrsError):
        measure(gpd.GeoSeries([HOLED], crs="EPSG:4490"))


@pytest.mark.parametrize("crs", [None, town.CRS])
def test_the_record_area_refuses_metres_and_a_missing_crs(crs) -> None:
    with pytest.raises(CrsError):
        area_geodesic_m2(gpd.GeoSeries([box(0, 0, 1, 1)], crs=crs))


def test_nothing_in_nothing_out() -> None:
    assert area_geodesic_m2(gpd.GeoSeries([], crs="EPSG:4490")).empty
    assert area_geodesic_m2(gpd.GeoSeries([None, Polygon()], crs="EPSG:4490")).isna().all()


@settings(deadline=None, max_examples=40)
@given(st.floats(0.5, 500), st.floats(0.5, 500), st.floats(0, 360))
def test_no_shape_is_more_compact_than_a_circle_and_a_square_is_the_best_box(w, h, turn) -> None:
    shapes = gpd.GeoSeries([box(0, 0, w, h)], crs=town.CRS).rotate(turn)
    assert 0 < polsby_popper(shapes)[0] <= np.pi / 4 + 1e-9
    assert span_m(shapes)[0] == pytest.approx(np.hypot(w, h))


points = st.tuples(st.integers(-500, 500), st.integers(-500, 500))
clouds = st.lists(st.lists(points, min_size=1, max_size=12), min_size=1, max_size=6)


@given(clouds)
def test_the_span_is_the_largest_distance_of_any_two_points(found) -> None:
    shapes = gpd.GeoSeries([shapely.MultiPoint(cloud) for cloud in found], crs="EPSG:4547")
    expected = [
        max(np.hypot(a[0] - b[0], a[1] - b[1]) for a in cloud for b in cloud) for cloud in found
    ]
    assert span_m(shapes).tolist() == pytest.approx(expected)


def test_spans_measured_in_batches_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = gpd.GeoSeries(
        [shapely.Point(k, 0).buffer(k + 1) for k in range(9)] + [None, shapely.box(0, 0, 3, 4)],
        crs="EPSG:4547",
    )
    whole = span_m(shapes)
    monkeypatch.setattr("geo.measure._PAIRS_AT_ONCE", 3)
    assert span_m(shapes).equals(whole)
    assert np.isnan(whole[9])
    assert whole[10] == 5.0
    assert span_m(shapes[:0]).empty
