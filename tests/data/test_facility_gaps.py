"""Served is who has the kind within its radius; what is not known is said, not counted as nothing."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from data.facility_gaps import gaps, kinds_with_radius
from data.facility_points import demand_points, facilities_of, inner_points
from errors import RecordError
from tests.data.service_town import PLANE, box, compound, layer, point, row_of_compounds


def facility(uid: str, kind: str | None, x: float, y: float, name: str | None = None):
    return uid, {"kind": kind, "name": name}, point(x, y)


@pytest.fixture(scope="module")
def town() -> dict[str, gpd.GeoDataFrame]:
    """Five compounds 200 m apart, their middles at 40, 240, 440, 640, 840; a kindergarten at 40."""
    made = row_of_compounds(5, households=[100, 200, None, 400, 0])
    made["facilities"] = layer(
        [
            facility("k1", "amenity=kindergarten", 40, 30, "阳光"),
            facility("k2", "幼儿园", 2_000, 30),
            facility("m1", "菜市场", 840, 30),
            facility("bus", "highway=bus_stop", 640, 30, "幼儿园站"),
        ]
    )
    return made


def test_who_lies_within_the_radius_is_served_by_the_nearest(town) -> None:
    found = gaps(town, kinds=["kindergarten"])
    rows = found.compounds.set_index("compound")
    assert rows["served"].tolist() == [True, True, False, False, False]
    assert rows["facility"].tolist()[:2] == ["k1", "k1"]
    assert rows["facility"].isna().tolist()[2:] == [True] * 3
    np.testing.assert_allclose(rows["distance_m"].to_numpy()[:2], [0, 200], atol=0.1)
    np.testing.assert_allclose(rows["nearest_m"], [0, 200, 400, 600, 800], atol=0.5)


def test_households_that_are_not_known_are_counted_as_compounds(town) -> None:
    row = gaps(town, kinds=["kindergarten"]).kinds.loc["kindergarten"]
    wanted = {"facilities": 2, "households": 700, "served": 300, "unserved": 400}
    assert {key: row[key] for key in wanted} == wanted
    assert (row["compounds_unserved"], row["unknown"]) == (3, 1)
    assert row["share"] == pytest.approx(3 / 7)


@pytest.mark.parametrize(("radius", "served"), [(300, 2), (500, 3), (1000, 5)])
def test_the_radius_of_a_living_circle_holds_for_all_kinds(town, radius, served) -> None:
    found = gaps(town, kinds=["kindergarten"], radius_m=radius)
    assert found.compounds["served"].sum() == served


def test_the_sum_over_pianqu_is_that_over_their_members(town) -> None:
    compounds = town["compounds"].assign(pianqu_uid=["p", "p", "q", "q", None])
    found = gaps({**town, "compounds": compounds}, kinds=["kindergarten", "market"])
    p = found.pianqu.loc[("p", "kindergarten")]
    assert (p["households"], p["served"], p["unserved"]) == (300, 300, 0)
    q = found.pianqu.loc[("q", "market")]
    assert (q["households"], q["served"], q["unknown"]) == (400, 400, 1)
    assert len(found.pianqu) == 4


def test_floor_that_households_ask_for_is_told_where_a_document_says_it(town) -> None:
    kinds = gaps(town, kinds=["elderly_care", "kindergarten"]).kinds
    assert kinds.loc["elderly_care", "needed_m2"] == pytest.approx(700 * 15 / 100)
    assert np.isnan(kinds.loc["kindergarten", "needed_m2"])


def test_a_kind_without_a_single_facility_says_so(town) -> None:
    found = gaps(town, kinds=["kindergarten", "nursery"])
    assert any("没有托儿所的现状资料" in note for note in found.notes)
    assert any("1 个小区户数未知" in note for note in found.notes)
    assert found.compounds.loc[found.compounds["kind"] == "nursery", "nearest_m"].isna().all()


def test_a_compound_without_boundary_is_told_and_left_out(town) -> None:
    compounds = town["compounds"].copy()
    compounds.loc["c0", "geometry"] = None
    found = gaps({**town, "compounds": compounds}, kinds=["kindergarten"])
    assert "c0" not in set(found.compounds["compound"])
    assert any("1 个小区没有边界" in note for note in found.notes)


def test_no_facilities_and_no_compounds_give_empty_tables(town) -> None:
    bare = gaps({"compounds": town["compounds"]}, kinds=["kindergarten"])
    assert not bare.compounds["served"].any()
    nobody = gaps({"compounds": town["compounds"].iloc[:0]}, kinds=["kindergarten"])
    assert nobody.compounds.empty


def test_a_kind_without_a_radius_asks_for_one(town) -> None:
    with pytest.raises(RecordError, match="公共厕所没有规定服务半径"):
        gaps(town, kinds=["public_toilet"])
    assert gaps(town, kinds=["public_toilet"], radius_m=500).compounds["radius_m"].eq(500).all()
    assert "public_toilet" not in {kind.id for kind in kinds_with_radius()}


def test_the_order_of_the_rows_changes_nothing(town) -> None:
    turned = {name: frame.iloc[::-1] for name, frame in town.items()}
    one = gaps(town).compounds.sort_values(["kind", "compound"]).reset_index(drop=True)
    other = gaps(turned).compounds.sort_values(["kind", "compound"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(one, other)


def test_a_facility_drawn_twice_counts_once_and_houses_are_no_facilities() -> None:
    layers = {
        "facilities": layer([facility("a", "leisure=pitch", 10, 10)]),
        "green": layer(
            [("b", {"kind": "pitch"}, box(0, 0, 20, 20)), ("c", {"kind": "pitch"}, box(200, 0, 20, 20))]
        ),
        "buildings": layer(
            [
                ("d", {"kind": "kindergarten"}, box(300, 0, 20, 20)),
                ("e", {"kind": "yes", "name": "幼儿园宿舍"}, box(400, 0, 20, 20)),
            ]
        ),
    }  # fmt: skip
    found = facilities_of(layers, epsg=PLANE)
    assert found["facility"].to_dict() == {
        "a": "small_court",
        "c": "small_court",
        "d": "kindergarten",
    }


def test_a_facility_that_lies_nowhere_serves_nobody(town) -> None:
    nowhere = layer([facility("n", "幼儿园", float("nan"), 0), facility("k", "幼儿园", 40, 30)])
    found = gaps({**town, "facilities": nowhere}, kinds=["kindergarten"])
    assert list(found.facilities.index) == ["k"]
    assert found.compounds["served"].sum() == 2


def test_progress_comes_to_its_end_and_may_stop_the_work(town) -> None:
    told: list[float] = []
    gaps(town, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1

    def stop(_share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gaps(town, progress=stop)


def test_points_lie_inside_whatever_the_shape() -> None:
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    horseshoe = box(0, 0, 90, 90).difference(box(30, 30, 30, 60))
    shapes = gpd.GeoSeries([bow_tie, horseshoe, shapely.Polygon()], crs=PLANE)
    points = inner_points(shapes)
    assert shapely.dwithin(shapely.points(points[0]), bow_tie.buffer(0), 0.01)
    assert shapely.intersects(shapely.points(points[1]), horseshoe)
    assert np.isnan(points[2]).all()


def test_demand_is_in_the_zone_of_the_plan() -> None:
    frame = layer([compound("a", 0, 0)])
    assert demand_points({"compounds": frame}).epsg == PLANE
    assert demand_points({"compounds": frame}, zone=37).epsg != PLANE
