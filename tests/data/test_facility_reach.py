"""People walk along roads that are open to them, over the gap between a lane's end and the street's middle."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from data.facility_gaps import gaps
from data.facility_reach import reach, walking_network
from data.samples import sample_plan
from errors import GeometryError
from geo.crs import plan_zone
from tests.data.service_town import EAST, NORTH, PLANE, layer, point, row_of_compounds


def way(uid: str, kind: str, *points: tuple[float, float], **tags: str):
    line = shapely.LineString([(EAST + x, NORTH + y) for x, y in points])
    return uid, {"kind": kind, "extra": tags}, line


def metres(roads, home: tuple[float, float], site: tuple[float, float]) -> float | None:
    at = np.array([home, site], dtype=float) + np.array([EAST, NORTH])
    network = walking_network(layer(roads), epsg=PLANE)
    found = reach(at[:1], at[1:], 2_000, network=network)
    return float(found.toarray()[0, 0]) if found.nnz else None


STREET = way("s", "支路", (0, 0), (1000, 0))


def test_a_way_follows_the_road_from_door_to_door() -> None:
    assert metres([STREET], (100, 20), (400, -30)) == pytest.approx(350, abs=0.5)


@pytest.mark.parametrize(("gap", "reached"), [(0.2, True), (14, True), (29, True), (31, False)])
def test_a_lane_that_ends_at_the_edge_of_a_street_leads_on_to_it(gap, reached) -> None:
    lane = way("l", "小区路", (100, gap), (100, 400))
    found = metres([STREET, lane], (100, 400), (400, 0))
    assert (found is not None) == reached
    if reached:
        assert found == pytest.approx(700, abs=0.5)


@pytest.mark.parametrize("kind", ["motorway", "railway", "规划支路", "在建道路"])
def test_nobody_walks_on_motorways_rails_and_what_is_not_there(kind) -> None:
    assert metres([way("s", kind, (0, 0), (1000, 0)), way("t", "支路", (0, 900), (9, 900))],
                  (100, 0), (400, 0)) is None  # fmt: skip


def test_footways_count_and_a_bridge_is_no_crossing() -> None:
    over = way("b", "footway", (500, -300), (500, 300), bridge="yes")
    assert metres([STREET, over], (500, 290), (500, -290)) == pytest.approx(580, abs=0.5)
    # From the bridge no way leads down to the street but at its ends, which are far from it.
    assert metres([STREET, over], (500, 290), (900, 0)) is None


def test_carriageways_drawn_as_areas_have_no_line_and_are_passed_over() -> None:
    area = ("a", {"kind": "支路"}, shapely.box(EAST, NORTH, EAST + 100, NORTH + 7))
    assert len(walking_network(layer([area]), epsg=PLANE).pieces) == 0
    assert len(walking_network(layer([area, STREET]), epsg=PLANE).pieces) == 1


def test_without_roads_ways_along_them_are_refused() -> None:
    town = row_of_compounds(2)
    town["facilities"] = layer([("k", {"kind": "幼儿园"}, point(40, 30))])
    with pytest.raises(GeometryError, match="没有道路数据"):
        gaps(town, kinds=["kindergarten"], network=True)
    town["roads"] = layer([way("s", "支路", (-50, -10), (900, -10))])
    along = gaps(town, kinds=["kindergarten"], network=True)
    assert along.compounds["distance_m"].tolist()[1] == pytest.approx(280, abs=0.5)
    assert "沿道路" in along.words


def share_in_one(roads, epsg: int) -> float:
    """Share of the length of roads that hangs together in the largest part."""
    network = walking_network(roads, epsg=epsg)
    length = np.bincount(network.parts[network.start], network.length_m)
    return float(length.max() / length.sum())


def test_the_lanes_of_a_made_up_city_lead_on_to_its_streets() -> None:
    roads = sample_plan("city:120:1").layers["roads"]
    assert share_in_one(roads, plan_zone(roads.geometry).epsg) > 0.99


@pytest.mark.realdata
@pytest.mark.parametrize("town", ["beijing_wangjing", "nanjing"])
def test_real_roads_hang_together(town: str) -> None:
    rows = gpd.read_file(Path(os.environ["PIANQU_GEODATA"]) / f"{town}.gpkg", layer="roads")
    tags = ("layer", "bridge", "tunnel")
    said = [{tag: row.get(tag) for tag in tags} for _, row in rows.iterrows()]
    said = [{tag: text for tag, text in row.items() if isinstance(text, str)} for row in said]
    roads = gpd.GeoDataFrame({"kind": rows["highway"], "extra": said}, geometry=rows.geometry)
    roads = roads.to_crs(4490)
    assert any(said)
    assert share_in_one(roads, plan_zone(roads.geometry).epsg) > 0.95
