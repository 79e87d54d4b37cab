import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from errors import GeometryError
from geo.editing import snap

NEIGHBOUR = box(0, 0, 50, 50)


def test_corners_go_to_corners_and_edges_then_share_an_edge_without_a_sliver() -> None:
    drawn = Polygon([(50.2, 0.1), (100, 0), (100, 50), (49.9, 49.7)])
    snapped = snap(drawn, [NEIGHBOUR], tolerance_m=0.5)
    assert snapped.equals(box(50, 0, 100, 50))
    assert snapped.intersection(NEIGHBOUR).length == 50
    assert snapped.intersection(NEIGHBOUR).area == 0


def test_a_corner_in_the_middle_of_an_edge_goes_onto_the_edge() -> None:
    drawn = Polygon([(50.3, 20), (100, 20), (100, 40), (50.2, 40)])
    snapped = snap(drawn, [NEIGHBOUR], tolerance_m=0.5)
    assert snapped.bounds == (50, 20, 100, 40)


def test_the_neighbours_corner_becomes_a_corner_of_the_long_edge_beside_it() -> None:
    drawn = Polygon([(50.2, -30), (100, -30), (100, 80), (50.2, 80)])
    snapped = snap(drawn, [NEIGHBOUR], tolerance_m=0.5)
    corners = set(map(tuple, shapely.get_coordinates(snapped)))
    assert {(50, 0), (50, 50)} <= corners
    assert snapped.intersection(NEIGHBOUR).length == pytest.approx(50)


def test_beyond_the_tolerance_nothing_moves_and_no_neighbour_changes_nothing() -> None:
    drawn = box(50.6, 0, 100, 50)
    assert snap(drawn, [NEIGHBOUR], tolerance_m=0.5) == drawn
    assert snap(drawn, [], tolerance_m=0.5) == drawn
    assert snap(drawn, [None, Polygon()], tolerance_m=0.5) == drawn


def test_holes_and_parts_are_kept() -> None:
    drawn = MultiPolygon(
        [box(50.2, 0, 100, 50).difference(box(60, 10, 70, 20)), box(200, 0, 210, 10)]
    )
    snapped = snap(drawn, [NEIGHBOUR], tolerance_m=0.5)
    assert snapped.geom_type == "MultiPolygon"
    assert snapped.area == pytest.approx(50 * 50 - 100 + 100)


def test_a_strip_narrower_than_the_tolerance_is_not_folded_up() -> None:
    strip = box(50.1, 0, 50.4, 50)
    snapped = snap(strip, [NEIGHBOUR], tolerance_m=0.5)
    assert snapped.is_valid
    assert snapped.area > 0


def test_what_can_not_be_snapped_is_refused() -> None:
    bow_tie = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    for shape in (None, Polygon(), bow_tie):
        with pytest.raises(GeometryError, match="自相交"):
            snap(shape, [NEIGHBOUR])
    with pytest.raises(GeometryError, match="吸附距离"):
        snap(NEIGHBOUR, [NEIGHBOUR], tolerance_m=-1)


@settings(deadline=None, max_examples=80)
@given(
    st.integers(4, 14),
    st.integers(0, 1000),
    st.floats(0, 8),
    st.lists(st.tuples(st.integers(-60, 40), st.integers(-60, 40)), min_size=1, max_size=5),
)
def test_snapping_never_breaks_a_shape_nor_moves_it_farther_than_the_tolerance(
    corners, seed, tolerance, others
) -> None:
    radius = np.random.default_rng(seed).uniform(10, 50, corners)
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    drawn = Polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    around = [box(x, y, x + 20, y + 20) for x, y in others]
    snapped = snap(drawn, around, tolerance_m=tolerance)
    assert snapped.is_valid
    assert snapped.geom_type == "Polygon"
    # A corner may go to an edge and on to a corner beside it: twice the tolerance at most.
    assert snapped.hausdorff_distance(drawn) <= 2 * tolerance + 1e-9
    assert snap(drawn, around[::-1], tolerance_m=tolerance).equals(snapped)
