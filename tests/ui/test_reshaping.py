"""Splitting and joining keep the ledger's figures whole."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, box

from data.samples.plan import layer_frame
from errors import GeometryError
from geo.measure import area_geodesic_m2
from ui.reshaping import SUMMED, join_compounds, part_compound, snapped

WEST, SOUTH, SIDE = 112.0400, 22.9300, 0.001  # about 100 m
CUT = LineString([(WEST + SIDE / 4, SOUTH - SIDE), (WEST + SIDE / 4, SOUTH + 2 * SIDE)])


def compounds(households: list[int | None], *, states: list[str] | None = None) -> gpd.GeoDataFrame:
    """Squares of about 100 m side by side from west to east, with their figures."""
    count = len(households)
    squares = [
        box(WEST + k * SIDE, SOUTH, WEST + (k + 1) * SIDE, SOUTH + SIDE) for k in range(count)
    ]
    frame = layer_frame(
        "compounds",
        [f"c{k}" for k in range(count)],
        {
            "name": [f"小区{k}" for k in range(count)],
            "households": households,
            "investment_yuan": [1_000_001] * count,
            "floor_area_m2": [1_234.56] * count,
            "works_text": ["外墙修缮"] * count,
            "boundary_state": states or ["导入"] * count,
        },
        gpd.GeoSeries(squares, crs=4490),
    )
    return frame.assign(version=3, edited_by="甲", extra=None)


def test_the_pieces_of_a_cut_share_the_figures_by_area_and_lose_nothing():
    record = compounds([101]).iloc[0]
    parted = part_compound(record, CUT)
    assert [piece["households"] for piece in parted.records] == [76, 25]
    assert sum(piece["investment_yuan"] for piece in parted.records) == 1_000_001
    assert sum(piece["floor_area_m2"] for piece in parted.records) == pytest.approx(
        1_234.56, abs=1e-9
    )
    assert [piece["name"] for piece in parted.records] == ["小区0", "小区0（2）"]
    assert (parted.uid, parted.version) == ("c0", 3)


@given(
    st.integers(0, 5_000),
    st.floats(0.02, 0.98),
    st.integers(0, 10**9),
)
def test_shared_figures_always_add_up(households, where, investment):
    frame = compounds([households])
    frame["investment_yuan"] = pd.array([investment], dtype="Int64")
    line = LineString(
        [(WEST + where * SIDE, SOUTH - SIDE), (WEST + where * SIDE, SOUTH + 2 * SIDE)]
    )
    parted = part_compound(frame.iloc[0], line)
    for name, total in (("households", households), ("investment_yuan", investment)):
        assert sum(piece[name] for piece in parted.records) == total
    areas = area_geodesic_m2(gpd.GeoSeries([p["geometry"] for p in parted.records], crs=4490))
    assert areas.sum() == pytest.approx(area_geodesic_m2(frame.geometry).iloc[0], rel=1e-6)


def test_what_is_unknown_stays_unknown_in_every_piece():
    parted = part_compound(compounds([None]).iloc[0], CUT)
    assert [piece["households"] for piece in parted.records] == [None, None]


def test_a_line_beside_the_compound_cuts_nothing():
    beside = LineString([(WEST + 5 * SIDE, SOUTH), (WEST + 5 * SIDE, SOUTH + SIDE)])
    with pytest.raises(GeometryError):
        part_compound(compounds([1]).iloc[0], beside)


def test_joined_compounds_add_up_and_the_first_gives_its_name():
    joined = join_compounds(compounds([100, 23]))
    assert joined.record["households"] == 123
    assert joined.record["investment_yuan"] == 2_000_002
    assert joined.record["name"] == "小区0"
    assert joined.record["works_text"] == "外墙修缮"
    assert joined.versions == {"c0": 3, "c1": 3}
    assert joined.unknown == []


def test_a_sum_with_an_unknown_part_is_unknown_and_says_so():
    joined = join_compounds(compounds([100, None]))
    assert joined.record["households"] is None
    assert "households" in joined.unknown


@pytest.mark.parametrize(
    ("states", "expected"),
    [(["导入", "导入"], "手绘"), (["导入", "示意"], "示意"), (["示意", "示意"], "示意")],
)
def test_what_was_only_sketched_stays_marked(states, expected):
    assert join_compounds(compounds([1, 1], states=states)).record["boundary_state"] == expected


def test_one_compound_can_not_be_joined():
    with pytest.raises(GeometryError, match="至少两个"):
        join_compounds(compounds([1]))


def test_cutting_and_joining_give_back_the_figures():
    record = compounds([581]).iloc[0]
    parted = part_compound(record, CUT)
    pieces = gpd.GeoDataFrame(parted.records, geometry="geometry", crs=4490)
    pieces.index = pd.Index(["a", "b"], name="uid")
    pieces["version"] = 1
    joined = join_compounds(pieces)
    for name in ("households", "investment_yuan"):
        assert joined.record[name] == record[name]
    assert set(SUMMED) >= {"households", "investment_yuan", "floor_area_m2"}


def test_a_boundary_drawn_a_little_off_meets_its_neighbour():
    frame = compounds([1, 1])
    off = 0.000002  # 20 cm
    drawn = box(WEST + SIDE + off, SOUTH, WEST + 2 * SIDE, SOUTH + SIDE)
    moved = snapped(drawn, frame.geometry.iloc[:1])
    gap = moved.distance(frame.geometry.iloc[0])
    assert drawn.distance(frame.geometry.iloc[0]) > 1e-6
    assert gap < 1e-9


def test_without_neighbours_a_boundary_stays_as_it_was_drawn():
    drawn = box(0, 0, 1, 1)
    assert snapped(drawn, gpd.GeoSeries([], crs=4490)) is drawn
