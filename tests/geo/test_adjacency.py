import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from errors import CrsError, GeometryError
from geo.adjacency import neighbours
from tests.geo import town


def pairs_of(frame: pd.DataFrame) -> dict[str, float]:
    return {f"{i}{j}": round(gap, 6) for i, j, gap in frame.itertuples(index=False)}


def test_touching_a_2_cm_gap_a_lane_and_exactly_30_m_are_neighbours_and_the_far_one_is_not() -> (
    None
):
    # B and D meet at a corner, 2 cm apart.
    assert pairs_of(neighbours(town.compounds(), max_gap_m=30)) == {
        "AB": 0,
        "AD": 0.02,
        "BC": 12,
        "BD": 0.02,
        "CE": 30,
    }


@pytest.mark.parametrize(
    ("max_gap_m", "expected"),
    [
        (0, {"AB"}),
        (0.02, {"AB", "AD", "BD"}),
        (11.99, {"AB", "AD", "BD"}),
        (29.99, {"AB", "AD", "BD", "BC"}),
    ],
)
def test_the_limit_counts_and_what_is_beyond_does_not(max_gap_m, expected) -> None:
    assert set(pairs_of(neighbours(town.compounds(), max_gap_m=max_gap_m))) == expected


def test_exactly_30_m_still_counts_after_the_shapes_were_stored_in_degrees() -> None:
    stored = town.compounds().to_crs(4490).to_crs(town.CRS)
    assert "CE" in pairs_of(neighbours(stored, max_gap_m=30))
    assert "AB" in pairs_of(neighbours(stored, max_gap_m=0))


def test_overlap_by_float_noise_and_by_half_is_a_gap_of_nothing() -> None:
    shapes = gpd.GeoSeries(
        {
            "a": box(0, 0, 10, 10),
            "b": box(10 - 1e-9, 0, 20, 10),
            "c": box(10 + 1e-9, 20, 20, 30),
            "d": box(15, 5, 25, 25),
        },
        crs=town.CRS,
    )
    assert pairs_of(neighbours(shapes, max_gap_m=1)) == {"ab": 0, "bd": 0, "cd": 0}


def test_rows_without_a_boundary_have_no_neighbours() -> None:
    shapes = gpd.GeoSeries([box(0, 0, 1, 1), None, Polygon(), box(2, 0, 3, 1)], crs=town.CRS)
    assert neighbours(shapes, max_gap_m=5)[["i", "j"]].to_numpy().tolist() == [[0, 3]]
    nothing = neighbours(gpd.GeoSeries([None], crs=town.CRS))
    assert nothing.empty
    assert list(nothing.columns) == ["i", "j", "gap_m"]


def test_the_gap_is_measured_to_the_nearest_part() -> None:
    two = MultiPolygon([box(0, 0, 1, 1), box(50, 0, 51, 1)])
    shapes = gpd.GeoSeries({"a": two, "b": box(54, 0, 60, 1)}, crs=town.CRS)
    assert pairs_of(neighbours(shapes, max_gap_m=5)) == {"ab": 3}


def test_what_can_not_be_measured_is_refused_in_chinese() -> None:
    with pytest.raises(CrsError):
        neighbours(town.compounds().to_crs(4490))
    with pytest.raises(CrsError):
        neighbours(gpd.GeoSeries([box(0, 0, 1, 1)]))
    with pytest.raises(GeometryError, match="相邻间距"):
        neighbours(town.compounds(), max_gap_m=-1)
    with pytest.raises(GeometryError, match="相邻间距"):
        neighbours(town.compounds(), max_gap_m=float("nan"))
    twice = town.compounds().rename({"B": "A"})
    with pytest.raises(GeometryError, match="重复"):
        neighbours(twice)


boxes = st.lists(
    st.tuples(*[st.integers(0, 60)] * 2, *[st.integers(1, 12)] * 2), min_size=1, max_size=25
)


@settings(deadline=None, max_examples=60)
@given(boxes, st.integers(0, 15), st.randoms(use_true_random=False))
def test_the_pairs_are_those_of_the_exact_distance_whatever_the_order_of_rows(
    rows, gap, rnd
) -> None:
    shapes = gpd.GeoSeries(
        {f"c{k:02d}": box(x, y, x + w, y + h) for k, (x, y, w, h) in enumerate(rows)}, crs=town.CRS
    )
    found = neighbours(shapes, max_gap_m=gap)
    names = list(shapes.index)
    expected = {
        (a, b)
        for k, a in enumerate(names)
        for b in names[k + 1 :]
        if shapes[a].distance(shapes[b]) <= gap
    }
    assert set(zip(found["i"], found["j"], strict=True)) == expected
    mixed = rnd.sample(names, len(names))
    pd.testing.assert_frame_equal(neighbours(shapes[mixed], max_gap_m=gap), found)


def test_fifty_thousand_compounds_take_seconds_not_minutes() -> None:
    side = 224
    x, y = (axis.ravel() * 130.0 for axis in np.meshgrid(np.arange(side), np.arange(side)))
    blocks = gpd.GeoSeries(
        gpd.GeoSeries.from_xy(x + 60, y + 60, crs=town.CRS).buffer(55, cap_style="square")
    )
    # Blocks of 110 m in a grid of 130 m: 20 m to the sides, 28.3 m across the corner.
    found = neighbours(blocks, max_gap_m=30)
    assert len(found) == 2 * side * (side - 1) + 2 * (side - 1) ** 2
    assert found["gap_m"].max() == pytest.approx(20 * np.sqrt(2))
