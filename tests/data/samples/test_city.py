"""The made-up city: exact number, same seed same city, believable figures."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from data.samples import city
from errors import RecordError
from geo.road_network import road_network


@pytest.fixture(scope="module")
def town():
    return city(400, 7)


@settings(deadline=None, max_examples=12)
@given(n=st.integers(1, 600), seed=st.integers(0, 2**32))
def test_any_number_and_seed_give_that_many_valid_compounds(n, seed):
    made = city(n, seed)
    frame = made.layers["compounds"]
    assert len(frame) == n
    assert frame.index.is_unique
    assert frame.geometry.is_valid.all()
    assert not frame.geometry.is_empty.any()
    assert not frame.duplicated(["subdistrict", "name"]).any()


def test_same_seed_same_city_to_the_last_digit(town):
    again = city(400, 7)
    for name, frame in town.layers.items():
        assert_frame_equal(
            pd.DataFrame(frame.drop(columns="geometry")),
            pd.DataFrame(again.layers[name].drop(columns="geometry")),
        )
        assert (frame.geometry.to_wkb() == again.layers[name].geometry.to_wkb()).all()


def test_another_seed_is_another_city(town):
    other = city(400, 8).layers["compounds"]
    assert (other["name"].to_numpy() != town.layers["compounds"]["name"].to_numpy()).any()


def test_compounds_are_between_a_fifth_of_a_hectare_and_ten(town):
    area = town.layers["compounds"]["area_geodesic_m2"]
    assert area.between(2_000, 100_500).all()
    assert 5_000 < area.median() < 20_000


def test_compounds_do_not_overlap(town):
    frame = town.layers["compounds"].to_crs(4547)
    i, j = frame.sindex.query(frame.geometry, predicate="intersects")
    first, second = frame.geometry.iloc[i[i < j]], frame.geometry.iloc[j[i < j]]
    shared = first.reset_index(drop=True).intersection(second.reset_index(drop=True))
    assert len(shared) > 0  # walls are shared in places
    assert shared.area.max() < 0.01


def test_slabs_stand_in_their_compound_and_are_twelve_metres_deep(town):
    compounds = town.layers["compounds"].to_crs(4547)
    homes = town.layers["buildings"].to_crs(4547).query("kind == '住宅'")
    assert len(homes) == compounds["building_count"].sum()
    inside, at = compounds.sindex.query(homes.geometry, predicate="within")
    counted = np.bincount(at, minlength=len(compounds))
    # A slab up against a skewed wall may stick out by a hand; nearly all are inside.
    assert len(inside) > 0.99 * len(homes)
    assert (counted <= compounds["building_count"]).all()
    depth = homes.minimum_rotated_rectangle().boundary.length / 2
    length = homes.area / 12.0
    assert ((depth - length) - 12.0).abs().max() < 0.05


def test_households_years_and_money_are_those_of_old_compounds(town):
    frame = town.layers["compounds"]
    per_household = (frame["floor_area_m2"] / frame["households"]).dropna()
    assert per_household.between(50, 105).all()
    year = frame["built_on"].dropna().str[:4].astype(int)
    assert year.between(1975, 2010).all()
    assert 0.05 < frame["built_on"].isna().mean() < 0.2
    bare = frame[frame["built_on_is_year"]]
    assert bare["built_on"].str.endswith("-12-31").all()
    known = frame.dropna(subset=["investment_yuan"])
    granted = known[[c for c in frame.columns if c.startswith(("grant_", "contribution_"))]]
    assert (granted.sum(axis=1) <= known["investment_yuan"]).all()
    assert frame["households"].isna().any()


def test_streets_are_one_network(town):
    roads = town.layers["roads"].to_crs(4547)
    network = road_network(roads.geometry[roads["kind"] != "小区路"].to_numpy())
    assert np.bincount(network.parts).max() > 0.95 * len(network.points)


def test_there_is_a_river_main_roads_green_and_some_sketched_boundaries(town):
    assert len(town.layers["water"]) == 1
    assert {"主干路", "小区路"} <= set(town.layers["roads"]["kind"])
    assert len(town.layers["green"]) > 10
    assert 0.02 < (town.layers["compounds"]["boundary_state"] == "示意").mean() < 0.15
    wet = town.layers["compounds"].intersects(town.layers["water"].geometry.iloc[0])
    assert not wet.any()


def test_details_are_left_out_of_large_cities_unless_asked_for():
    assert "buildings" not in city(50, 1, with_details=False).layers
    assert "buildings" in city(50, 1).layers


def test_the_city_can_lie_elsewhere():
    frame = city(20, 1, lon=106.2, lat=37.98).layers["compounds"]
    west, south, east, north = frame.total_bounds
    assert 106.1 < west < east < 106.3
    assert 37.9 < south < north < 38.1


def test_numbers_below_one_are_refused_in_one_message():
    with pytest.raises(RecordError, match="小区个数是 0") as told:
        city(0, -1)
    assert len(told.value.problems) == 2


def test_220_000_compounds_are_made_in_one_zone():
    frame = city(220_000, 1).layers["compounds"]
    assert len(frame) == 220_000
    west, _, east, _ = frame.total_bounds
    assert west > 112.5
    assert east < 115.5
