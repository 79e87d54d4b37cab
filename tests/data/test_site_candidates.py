"""A place is a candidate if the facility fits there; green and the sun of houses to the north are told."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from data.ground_settings import GroundSettings
from data.noon_screen import Houses
from data.site_candidates import site_candidates
from data.site_settings import SiteSettings
from errors import RecordError
from geo.crs import to_plane
from tests.data.service_town import (
    EAST,
    NORTH,
    PLANE,
    box,
    compound,
    layer,
    point,
    row_of_compounds,
)

COURT = SiteSettings(facility="small_court")
CARE = SiteSettings(facility="elderly_care")


@pytest.fixture(scope="module")
def town() -> dict[str, gpd.GeoDataFrame]:
    return row_of_compounds(2)


# A path to each door would cut the ground south of a house in two.
WHOLE = GroundSettings(doorways=False)


def found(layers, settings: SiteSettings, *, ground: GroundSettings = WHOLE, **more):
    return site_candidates(layers, settings, epsg=PLANE, ground_settings=ground, **more)


def test_a_court_fits_south_of_the_house(town) -> None:
    table = found(town, COURT).table
    assert table["compound_uid"].tolist() == ["c0", "c1"]
    assert (table["site_m2"] >= 770 - 1e-6).all()
    assert (table["width_m"] >= 18).all()
    outlines = to_plane(town["compounds"].geometry, PLANE)
    houses = to_plane(town["buildings"].geometry, PLANE)
    for uid, site in zip(table["compound_uid"], table.geometry, strict=True):
        assert site.within(outlines[uid].buffer(0.01))
        assert site.distance(houses.union_all()) >= 1.5 - 0.01
    assert not table["opinion"].any()


def test_what_is_built_keeps_the_distance_of_houses(town) -> None:
    table = found(town, CARE).table
    houses = to_plane(town["buildings"].geometry, PLANE).union_all()
    assert len(table) == 2
    assert all(site.distance(houses) >= 6 - 0.01 for site in table.geometry)


def test_the_place_with_most_room_to_the_north_is_taken(town) -> None:
    # 46 m between wall and house: a low building in the south throws no shadow on it.
    table = found(town, CARE).table
    assert (table["north_m"] > table["north_needed_m"]).all()
    assert not table["opinion"].any()
    # One of 40 m does, wherever it stands.
    tall = found(town, SiteSettings(facility="elderly_care", height_m=40.0)).table
    assert tall["opinion"].all()
    assert all("日照分析" in one[0] for one in tall["remarks"])


def test_ground_that_is_large_but_narrow_is_counted_and_told(town) -> None:
    wide = SiteSettings(facility="small_court", min_area_m2=1500.0, min_width_m=50.0)
    notes = found(town, wide).notes
    assert any("2 块空地面积够，但放不下宽 50 米" in note for note in notes)
    assert found(town, wide).table.empty


def test_a_compound_of_unknown_buildings_gives_no_ground_unless_it_is_said_to_have_none(
    town,
) -> None:
    bare = {**town, "buildings": town["buildings"].iloc[:1]}
    one = found(bare, COURT)
    assert one.table["compound_uid"].tolist() == ["c0"]
    assert any("1 个小区没有建筑资料" in note for note in one.notes)
    said = found(bare, SiteSettings(facility="small_court", bare_ground=True))
    assert said.table["compound_uid"].tolist() == ["c0", "c1"]


def test_vacant_parcels_count_where_no_compound_holds_them(town) -> None:
    parcels = [
        ("v1", {"kind": "拆违腾空地", "name": "老菜场"}, box(90, 0, 50, 50)),
        ("v2", {"kind": "空地"}, box(10, 5, 40, 30)),  # inside c0: its open ground
        ("v3", {"kind": "空地"}, box(500, 0, 20, 10)),  # too small
        ("p", {"kind": "公园"}, box(600, 0, 90, 90)),
    ]
    table = found({**town, "green": layer(parcels)}, COURT).table
    vacant = table[table["source"] == "vacant"]
    assert vacant["place_uid"].tolist() == ["v1"]
    assert vacant["name"].tolist() == ["老菜场"]
    assert vacant["compound_uid"].isna().all()
    # A parcel in the layer of facilities is no facility that stands in its own way.
    table = found({**town, "facilities": layer(parcels[:1])}, COURT).table
    assert "v1" in set(table["place_uid"])


def test_idle_rooms_count_if_their_floor_is_enough(town) -> None:
    rooms = [
        ("r1", {"kind": "闲置公房", "name": "锅炉房", "extra": {"建筑面积": "420 ㎡"}}, point(20, 10)),
        ("r2", {"kind": "闲置公房", "extra": {"建筑面积": "90"}}, point(30, 10)),
        ("r3", {"kind": "居委会用房"}, box(300, 10, 20, 20)),
        ("r4", {"kind": "空地"}, box(300, 40, 20, 20)),
    ]  # fmt: skip
    layers = {**town, "facilities": layer(rooms)}
    table = found(layers, SiteSettings(facility="elderly_care", sources=("rooms",))).table
    assert table["place_uid"].tolist() == ["r1", "r3"]
    assert table["floor_m2"].tolist() == pytest.approx([420, 400], abs=1)
    assert table["compound_uid"].tolist()[0] == "c0"
    assert pd.isna(table["compound_uid"][1])
    assert table["piece_m2"].isna().all()
    # A ball court needs ground.
    court = SiteSettings(facility="small_court", sources=("rooms",))
    assert found(layers, court).table.empty


def test_green_that_may_be_given_up_asks_for_opinions(town) -> None:
    lawn = layer([("g", {"kind": "草坪"}, box(0, 0, 80, 44))])
    layers = {**town, "green": lawn}
    kept = found(layers, COURT).table
    assert kept["compound_uid"].tolist() == ["c1"]
    given = found(
        layers, COURT, ground=GroundSettings(doorways=False, green="kept")
    ).table.set_index("compound_uid")
    assert given.loc["c0", "green_m2"] > 700
    assert given.loc["c0", "opinion"]
    assert "占用绿地" in given.loc["c0", "remarks"][0]
    assert not given.loc["c1", "opinion"]


def test_the_order_of_the_rows_changes_nothing(town) -> None:
    turned = {name: frame.iloc[::-1] for name, frame in town.items()}
    one, other = found(town, CARE).table, found(turned, CARE).table
    pd.testing.assert_frame_equal(
        one.drop(columns="geometry"), other.drop(columns="geometry"), rtol=1e-6
    )
    assert shapely.equals_exact(one.geometry.to_numpy(), other.geometry.to_numpy(), 0.01).all()


def test_broken_and_missing_boundaries_stop_nothing() -> None:
    bow_tie = shapely.transform(
        shapely.Polygon([(0, 0), (80, 60), (80, 0), (0, 60)]),
        lambda points: points + np.array([EAST + 300, NORTH]),
    )
    town = row_of_compounds(1)
    odd = layer([compound("c0", 0, 0), ("c1", {"households": 5, "pianqu_uid": None}, bow_tie),
                 ("c2", {"households": 5, "pianqu_uid": None}, None)])  # fmt: skip
    table = found({**town, "compounds": odd}, COURT).table
    assert table["compound_uid"].tolist() == ["c0"]


def test_a_house_just_north_is_met_and_one_beside_is_not() -> None:
    houses = Houses.of(
        layer([("n", {}, box(0, 20, 20, 10)), ("e", {}, box(40, 0, 20, 10))]),
        epsg=PLANE,
        latitude_deg=23.0,
        height_m=12.0,
    )
    assert houses.shadow_m == pytest.approx(12.66, abs=0.05)
    sites = np.array([box(2, 0, 10, 10), box(2, 0, 10, 5), box(25, 0, 10, 10)])
    assert houses.north_m(sites) == pytest.approx([10, float("inf"), float("inf")], abs=0.05)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"facility": "cinema"}, "facility"),
        ({"radius_m": 0}, "radius_m"),
        ({"radius_m": float("nan")}, "radius_m"),
        ({"aim": "most"}, "选址个数"),
        ({"aim": "best"}, "aim"),
        ({"count": 0, "aim": "most"}, "count"),
        ({"count": 2.5, "aim": "most"}, "count"),
        ({"capacity_households": 100}, "总路程最短"),
        ({"sources": ()}, "sources"),
        ({"sources": ("roof",)}, "sources"),
        ({"min_area_m2": -1}, "min_area_m2"),
        ({"network": "yes"}, "network"),
        ({"seed": None}, "seed"),
        ({"facility": "public_toilet"}, "没有规定服务半径"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changed, says) -> None:
    with pytest.raises(RecordError, match=says):
        SiteSettings.from_dict({"facility": "nursery", **changed})


def test_settings_come_back_as_they_were_and_say_themselves() -> None:
    one = SiteSettings(
        facility="nursery", radius_m=450.0, network=True, aim="median", count=4,
        capacity_households=900, sources=("ground", "rooms"), clear_only=True, existing=False,
    )  # fmt: skip
    assert SiteSettings.from_dict(one.to_dict()) == one
    assert one.words == (
        "托儿所，沿道路 450 米，4 处，给定个数，总路程最短，占地 100 ㎡ 以上，每处至多 900 户，"
        "只用小区内空地、闲置用房，不计现有设施，不用需征求意见的"
    )
