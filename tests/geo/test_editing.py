import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, MultiPolygon, Point, Polygon, box

from errors import CrsError, GeometryError
from geo.editing import dissolve, merge, split
from tests.geo import town

U_SHAPE = Polygon([(0, 0), (90, 0), (90, 60), (60, 60), (60, 20), (30, 20), (30, 60), (0, 60)])
COURTYARD = box(0, 0, 100, 100).difference(box(40, 40, 60, 60))


def areas(pieces) -> list[float]:
    return [round(piece.area, 6) for piece in pieces]


def test_a_line_across_cuts_in_two_largest_first() -> None:
    pieces = split(box(0, 0, 100, 50), LineString([(30, -5), (30, 55)]))
    assert areas(pieces) == [3500, 1500]
    assert all(piece.is_valid for piece in pieces)


def test_a_line_drawn_from_wall_to_wall_or_a_hand_short_of_it_cuts_too() -> None:
    assert areas(split(box(0, 0, 100, 50), LineString([(30, 0), (30, 50)]))) == [3500, 1500]
    assert areas(split(box(0, 0, 100, 50), LineString([(30, 0.4), (30, 49.5)]))) == [3500, 1500]


def test_a_bent_line_and_two_lines_cut() -> None:
    bent = LineString([(-1, 10), (50, 10), (50, 51)])
    assert areas(split(box(0, 0, 100, 50), bent)) == [3000, 2000]
    two = MultiLineString([[(20, -5), (20, 55)], [(60, -5), (60, 55)]])
    assert areas(split(box(0, 0, 100, 50), two)) == [2000, 2000, 1000]


def test_a_u_falls_into_three_and_a_courtyard_into_two() -> None:
    assert areas(split(U_SHAPE, LineString([(-5, 40), (95, 40)]))) == [3000, 600, 600]
    pieces = split(COURTYARD, LineString([(50, -5), (50, 105)]))
    assert areas(pieces) == [4800, 4800]


def test_parts_that_the_line_does_not_meet_stay_with_the_nearest_piece() -> None:
    compound = MultiPolygon([box(0, 0, 100, 50), box(105, 0, 115, 50)])
    pieces = split(compound, LineString([(30, -5), (30, 55)]))
    assert areas(pieces) == [4000, 1500]
    assert pieces[0].geom_type == "MultiPolygon"


def test_the_cut_is_one_shared_edge_and_the_outside_is_untouched() -> None:
    whole = shapely.affinity.translate(COURTYARD, town.EAST, town.NORTH)
    line = shapely.affinity.translate(
        LineString([(-5, 13.37), (105, 87.21)]), town.EAST, town.NORTH
    )
    first, second = split(whole, line)
    assert first.intersection(second).area == 0
    corners = set(map(tuple, shapely.get_coordinates(whole)))
    assert corners <= set(map(tuple, shapely.get_coordinates([first, second])))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (LineString([(200, 0), (200, 50)]), "没有碰到"),
        (LineString([(30, -5), (30, 25)]), "没有穿过整个小区"),
        (LineString([(10, 0), (90, 0)]), "沿着边界"),
        (LineString(), "空的"),
    ],
)
def test_a_line_that_does_not_cut_is_refused_and_says_why(line, message) -> None:
    with pytest.raises(GeometryError, match=message):
        split(box(0, 0, 100, 50), line)


def test_a_line_that_ends_in_the_courtyard_does_not_cut() -> None:
    with pytest.raises(GeometryError, match="没有穿过整个小区"):
        split(COURTYARD, LineString([(50, -5), (50, 50)]))


def test_a_sliver_along_an_edge_is_no_compound() -> None:
    with pytest.raises(GeometryError):
        split(box(0, 0, 100, 50), LineString([(-5, 0.001), (105, 0.001)]))
    pieces = split(
        box(0, 0, 100, 50), MultiLineString([[(-5, 25), (105, 25)], [(-5, 25.005), (105, 25.005)]])
    )
    assert len(pieces) == 2
    assert sum(areas(pieces)) == pytest.approx(5000)


def test_nothing_and_a_bow_tie_can_not_be_split() -> None:
    line = LineString([(0, 0), (1, 1)])
    with pytest.raises(GeometryError, match="还没有边界"):
        split(None, line)
    with pytest.raises(GeometryError, match="自相交"):
        split(Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]), line)


@settings(deadline=None, max_examples=80)
@given(
    st.lists(
        st.tuples(st.floats(-60, 60), st.floats(-60, 60)), min_size=2, max_size=5, unique=True
    ),
    st.integers(5, 12),
    st.integers(0, 1000),
)
def test_the_pieces_have_the_area_of_the_whole_and_do_not_overlap(points, corners, seed) -> None:
    radius = np.random.default_rng(seed).uniform(10, 50, corners)
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    whole = Polygon(
        np.column_stack([town.EAST + radius * np.cos(angle), town.NORTH + radius * np.sin(angle)])
    )
    line = LineString([(town.EAST + x, town.NORTH + y) for x, y in points])
    try:
        pieces = split(whole, line)
    except GeometryError:
        assume(False)
    assert sum(piece.area for piece in pieces) == pytest.approx(whole.area, rel=1e-9)
    assert all(piece.is_valid for piece in pieces)
    assert shapely.union_all(pieces).symmetric_difference(whole).area < 1e-4
    assert sum(a.intersection(b).area for a in pieces for b in pieces if a is not b) < 1e-4


def test_merge_closes_a_lane_as_wide_as_asked_and_no_wider() -> None:
    b, c = box(100, 0, 200, 100), box(212, 0, 300, 100)
    closed = merge([b, c], gap_m=12)
    assert closed.equals(box(100, 0, 300, 100))
    apart = merge([b, c], gap_m=11)
    assert apart.geom_type == "MultiPolygon"
    assert apart.area == b.area + c.area


def test_merge_does_not_fill_a_gap_where_another_compound_stands() -> None:
    b, c, kiosk = box(100, 0, 200, 100), box(212, 0, 300, 100), box(203, 90, 209, 120)
    merged = merge([b, c], gap_m=12, keep_clear=[kiosk, None])
    assert merged.intersection(kiosk).area == 0
    assert merged.area == 200 * 100 - 6 * 10


def test_merge_leaves_notches_and_courtyards_of_one_shape_alone() -> None:
    notched = box(0, 0, 100, 100).difference(box(48, 90, 50, 100)).difference(box(20, 20, 21, 21))
    merged = merge([notched, box(101, 0, 200, 100)], gap_m=3)
    assert merged.area == pytest.approx(notched.area + 100 + 9900)
    assert len(merged.interiors) == 1


def test_merge_takes_overlaps_once_and_passes_over_what_is_not_drawn() -> None:
    assert merge([box(0, 0, 10, 10), None, Polygon(), box(5, 0, 15, 10)]).area == 150
    with pytest.raises(GeometryError, match="没有边界"):
        merge([None, Polygon()])
    with pytest.raises(GeometryError, match="间隙"):
        merge([box(0, 0, 1, 1)], gap_m=-1)


def test_a_pianqu_closes_2_cm_and_keeps_the_lane_open() -> None:
    shapes = town.compounds()
    outline = dissolve(shapes[["A", "B", "C", "D"]])
    assert outline.geom_type == "MultiPolygon"
    # A, B and D in one piece: 3 squares and the gap of 2 m2; C on its own.
    assert areas(sorted(outline.geoms, key=lambda part: part.area)) == [8800, 30002]
    assert sum(len(part.interiors) for part in outline.geoms) == 0


def test_float_noise_between_members_leaves_no_crack() -> None:
    split_at = 33.333333333333336
    members = gpd.GeoSeries(
        [box(0, 0, split_at, 50), box(split_at + 1e-9, 0, 100, 50), box(0, 50 + 1e-9, 100, 90)],
        crs=town.CRS,
    )
    outline = dissolve(members)
    assert outline.geom_type == "Polygon"
    assert not outline.interiors
    assert outline.area == pytest.approx(9000)


def test_dissolve_of_nothing_is_empty_and_degrees_are_refused() -> None:
    assert dissolve(gpd.GeoSeries([None], crs=town.CRS)).is_empty
    with pytest.raises(CrsError):
        dissolve(town.compounds().to_crs(4490))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 80), st.integers(0, 80), st.integers(5, 30)),
        min_size=1,
        max_size=8,
    )
)
def test_a_dissolved_pianqu_covers_its_members_and_adds_next_to_nothing(rows) -> None:
    members = gpd.GeoSeries([box(x, y, x + side, y + side) for x, y, side in rows], crs=town.CRS)
    outline = dissolve(members)
    assert outline.is_valid
    assert outline.area == pytest.approx(members.union_all().area, abs=0.05)
    assert members.difference(outline.buffer(1e-6)).area.sum() == 0


def test_split_then_merge_gives_back_the_whole() -> None:
    pieces = split(U_SHAPE, LineString([(-5, 11), (95, 13)]))
    assert merge(pieces).symmetric_difference(U_SHAPE).area < 1e-9
    assert Point(15, 40).within(merge(pieces))
