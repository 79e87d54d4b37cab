"""Sites serve who lacks the facility: as few as cover all, or most households by so many; saved and read back."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from data.facility_points import demand_points, inner_points
from data.ground_settings import GroundSettings
from data.site_choice import SiteSettings, choose_sites
from data.site_records import (
    SiteWork,
    basis_revision,
    origin_of,
    save_sites,
    saved_sites,
    set_site_works,
)
from data.store import Plan, create_plan
from errors import GeometryError, RecordError, StoreError
from geo.reach import straight_reach
from tests.data.service_town import layer, point, row_of_compounds

# A path to each door would cut the ground south of a house in two.
WHOLE = GroundSettings(doorways=False)
HOUSEHOLDS = [100, 900, 50, 400, 400, 30, 700]


@pytest.fixture(scope="module")
def town() -> dict[str, gpd.GeoDataFrame]:
    """Seven compounds in a row, 200 m apart; ground for a site in each."""
    return row_of_compounds(7, households=HOUSEHOLDS)


def care(**more) -> SiteSettings:
    return SiteSettings.from_dict({"facility": "elderly_care", "radius_m": 250.0, **more})


def chosen(town, **more):
    return choose_sites(town, care(**more), ground_settings=WHOLE)


def best_of(proposal, town, count: int) -> int:
    """Try every choice of so many candidates."""
    demand = demand_points(town)
    within = (
        straight_reach(demand.xy, inner_points(proposal.candidates.geometry), 250).toarray() > 0
    )
    picks = itertools.combinations(range(len(within)), count)
    return max(int(demand.households[within[list(pick)].any(axis=0)].sum()) for pick in picks)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_most_households_are_served_by_so_many_sites(town, count) -> None:
    proposal = chosen(town, aim="most", count=count)
    assert proposal.covered_after == best_of(proposal, town, count)
    assert len(proposal.sites) == count
    assert proposal.optimal
    assert proposal.sites["households"].sum() == proposal.covered_after
    assert proposal.covered_before == 0
    assert proposal.households == sum(HOUSEHOLDS)


def test_all_are_served_by_as_few_sites_as_can_be(town) -> None:
    proposal = chosen(town)
    assert proposal.compounds["after"].all()
    assert proposal.covered_after == sum(HOUSEHOLDS)
    assert proposal.unserved.empty
    assert len(proposal.sites) == proposal.objective == proposal.bound
    fewer = len(proposal.sites) - 1
    assert best_of(proposal, town, fewer) < sum(HOUSEHOLDS)


def test_each_compound_names_the_site_that_serves_it_and_how_far_it_is(town) -> None:
    proposal = chosen(town)
    demand = demand_points(town)
    at = dict(zip(proposal.sites.index, inner_points(proposal.sites.geometry), strict=True))
    for place, (uid, row) in enumerate(proposal.compounds.iterrows()):
        apart = np.hypot(*(demand.xy[place] - at[row["site"]]))
        assert row["distance_m"] == pytest.approx(apart, abs=0.01)
        assert apart <= 250
        assert uid in proposal.sites.loc[row["site"], "compounds"]
    assert list(proposal.sites["households"]) == sorted(proposal.sites["households"], reverse=True)


def test_who_stays_without_is_told_why(town) -> None:
    proposal = chosen(town, aim="most", count=1)
    assert set(proposal.unserved["reason"]) == {"选址个数有限，没有轮到。"}
    assert len(proposal.unserved) == 7 - int(proposal.compounds["after"].sum())
    # Ground in one compound only: the far ones are out of reach.
    alone = {**town, "buildings": town["buildings"].iloc[:1]}
    left = chosen(alone)
    assert left.unserved["reason"].unique().tolist() == ["服务半径内没有合适的场地。"]
    assert list(left.unserved.index) == [f"c{at}" for at in range(2, 7)]


def test_what_exists_serves_first_and_can_be_left_out(town) -> None:
    there = layer([("f", {"kind": "日间照料中心"}, point(240, 30))])
    layers = {**town, "facilities": there}
    proposal = chosen(layers)
    assert proposal.covered_before == 100 + 900 + 50
    assert proposal.compounds["by"].dropna().to_dict() == {"c0": "f", "c1": "f", "c2": "f"}
    assert proposal.compounds.loc["c1", "site"] is pd.NA
    assert proposal.covered_after == sum(HOUSEHOLDS)
    assert len(proposal.sites) < len(chosen(town).sites)
    assert chosen(layers, existing=False).covered_before == 0


def test_nothing_is_chosen_where_nothing_is_lacking(town) -> None:
    layers = {**town, "facilities": layer([("f", {"kind": "日间照料"}, point(640, 30))])}
    proposal = choose_sites(layers, care(radius_m=2_000.0), ground_settings=WHOLE)
    assert proposal.sites.empty
    assert proposal.optimal
    assert any("全部小区已有" in note for note in proposal.notes)


def test_where_nothing_fits_it_is_said(town) -> None:
    proposal = chosen(town, min_area_m2=50_000.0)
    assert proposal.sites.empty
    assert len(proposal.unserved) == 7
    assert any("没有放得下老年人日间照料中心的场地" in note for note in proposal.notes)


def test_sites_that_ask_for_opinions_can_be_left_out(town) -> None:
    tall = chosen(town, height_m=60.0)
    assert tall.sites["opinion"].all()
    clear = chosen(town, height_m=60.0, clear_only=True)
    assert clear.sites.empty


def test_shortest_ways_and_full_sites(town) -> None:
    free = chosen(town, aim="median", count=3)
    assert free.covered_after is not None
    full = chosen(town, aim="median", count=3, capacity_households=600)
    assert (full.sites["households"] <= 600).all()
    assert full.covered_after == full.sites["households"].sum()
    assert full.covered_after < free.covered_after
    partly = full.compounds["reason"].eq("每处至多服务的户数有限，没有服务到或只服务了一部分。")
    assert partly.any()
    # No site is larger than 600, but one compound has 900 households.
    assert full.compounds.loc["c1", "served_households"] <= 900


def test_compounds_are_counted_where_no_households_are_known(town) -> None:
    unknown = town["compounds"].assign(households=pd.array([None] * 7, dtype="Int64"))
    proposal = choose_sites(
        {**town, "compounds": unknown}, care(aim="most", count=1), ground_settings=WHOLE
    )
    assert proposal.by_compounds
    assert proposal.covered_after is None
    assert proposal.compounds["after"].sum() == 3
    assert any("按小区个数" in note for note in proposal.notes)


def test_the_figures_of_a_pianqu_are_those_of_its_members(town) -> None:
    grouped = town["compounds"].assign(pianqu_uid=["p", "p", "p", "q", "q", "q", None])
    proposal = chosen({**town, "compounds": grouped}, aim="most", count=1)
    sums = proposal.pianqu
    assert sums["households"].to_dict() == {"p": 1050, "q": 830}
    served = proposal.compounds[proposal.compounds["after"]]
    for name in ("p", "q"):
        mine = served.loc[served["pianqu_uid"] == name, "households"].sum()
        assert sums.loc[name, "after"] == mine
    assert (sums["before"] == 0).all()


def test_the_order_of_the_rows_changes_nothing(town) -> None:
    turned = {name: frame.iloc[::-1] for name, frame in town.items()}
    one, other = chosen(town, aim="most", count=2), chosen(turned, aim="most", count=2)
    assert one.sites["compounds"].map(set).tolist() == other.sites["compounds"].map(set).tolist()
    assert one.sites["place_uid"].tolist() == other.sites["place_uid"].tolist()


def test_progress_comes_to_its_end_and_may_stop_the_work(town) -> None:
    told: list[float] = []
    choose_sites(town, care(), ground_settings=WHOLE, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1

    def stop(share: float) -> None:
        if share > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        choose_sites(town, care(), ground_settings=WHOLE, progress=stop)


def test_ways_along_roads_are_refused_where_no_road_is_a_line(town) -> None:
    with pytest.raises(GeometryError, match="没有道路数据"):
        chosen(town, network=True)


def test_an_empty_plan_gives_an_empty_proposal(town) -> None:
    nobody = choose_sites({"compounds": town["compounds"].iloc[:0]}, care())
    assert nobody.sites.empty
    assert nobody.households is None


# --- saved ----------------------------------------------------------------------------------------


@pytest.fixture
def plan(town, tmp_path: Path):
    made = create_plan(tmp_path / "p.gpkg", name="例", actor="甲")
    with made.edit("甲", "导入") as tx:
        for name, frame in town.items():
            rows = frame.rename_axis("uid").reset_index()
            kept = ["uid", "name", "geometry"]
            kept += ["households"] if name == "compounds" else ["kind"]
            tx.insert(name, rows[[*kept]].to_dict("records"))
    yield made
    made.close()


def proposed(plan: Plan, **more):
    layers = {
        name: plan.read(name)
        for name in ("compounds", "buildings", "roads", "green", "facilities", "sites")
    }
    return choose_sites(layers, care(**more), ground_settings=WHOLE, origin=origin_of(plan))


def test_saved_sites_are_read_back_and_serve_from_then_on(plan) -> None:
    proposal = proposed(plan, aim="most", count=2)
    uid_of = save_sites(plan, proposal, "乙")
    held = saved_sites(plan)
    assert set(uid_of.values()) == set(held.index)
    one = held.loc[uid_of[1]]
    assert (one["kind"], one["facility"]) == ("老年人日间照料中心", "elderly_care")
    assert one["households"] == proposal.sites.loc[1, "households"]
    assert one["serves"] == proposal.sites.loc[1, "compounds"]
    assert one["site_m2"] == pytest.approx(175, abs=0.1)
    assert SiteSettings.from_dict(json.loads(one["settings"])) == proposal.settings
    back = held.geometry.to_crs(proposal.epsg)[uid_of[1]]
    assert back.symmetric_difference(proposal.sites.geometry[1]).area < 0.1
    again = proposed(plan, aim="most", count=2)
    assert again.covered_before == proposal.covered_after
    assert again.compounds["by"].dropna().isin(uid_of.values()).all()
    # And one undo takes all of them back.
    plan.undo("乙")
    assert saved_sites(plan).empty


def test_numbers_go_on_and_old_sites_may_be_replaced(plan) -> None:
    save_sites(plan, proposed(plan, aim="most", count=1), "甲")
    save_sites(plan, proposed(plan, aim="most", count=1), "甲")
    assert sorted(saved_sites(plan)["name"]) == ["老年人日间照料中心1", "老年人日间照料中心2"]
    save_sites(plan, proposed(plan, aim="most", count=1, existing=False), "甲", replace=True)
    assert saved_sites(plan)["name"].tolist() == ["老年人日间照料中心1"]


def test_what_the_plan_has_moved_on_from_is_not_saved(plan, town) -> None:
    proposal = proposed(plan, aim="most", count=1)
    before = basis_revision(plan)
    with plan.edit("丙", "改户数") as tx:
        held = tx.read("compounds")
        tx.update("compounds", "c0", int(held.loc["c0", "version"]), {"households": 5})
    assert basis_revision(plan) > before
    with pytest.raises(StoreError, match="已过时"):
        save_sites(plan, proposal, "甲")
    with pytest.raises(StoreError, match="不是从这个计划"):
        save_sites(plan, chosen(town), "甲")
    with pytest.raises(StoreError, match="没有选址"):
        save_sites(plan, proposed(plan, min_area_m2=50_000.0), "甲")
    assert saved_sites(plan).empty


def test_a_site_has_rooms_with_their_areas_and_amounts(plan) -> None:
    """The school of 实用5篇·篇二: rooms in ㎡, 万元 each, on one site."""
    uid = save_sites(plan, proposed(plan, aim="most", count=1), "甲")[1]
    rooms = [
        SiteWork(name="教室", area_m2=1_200.0, yuan=2_400_000),
        SiteWork(name="食堂", area_m2=600.0, yuan=1_200_000),
    ]
    set_site_works(plan, uid, rooms, "甲", population=19_000)
    site = saved_sites(plan).loc[uid]
    assert site["works"] == tuple(rooms)
    assert (site["works_m2"], site["works_yuan"], site["population"]) == (1_800, 3_600_000, 19_000)
    assert site["floor_m2"] == 1_800
    set_site_works(plan, uid, [*rooms, SiteWork(name="围墙")], "甲")
    site = saved_sites(plan).loc[uid]
    assert site["works_yuan"] is pd.NA
    assert site["population"] is pd.NA
    assert site["serves"]


@pytest.mark.parametrize(
    ("work", "says"),
    [
        (SiteWork(name=" "), "没有名称"),
        (SiteWork(name="甲", area_m2=-1.0), "面积"),
        (SiteWork(name="甲", area_m2=float("nan")), "面积"),
        (SiteWork(name="甲", yuan=1.5), "整数元"),  # type: ignore[arg-type]
    ],
)
def test_works_that_make_no_sense_are_refused(plan, work, says) -> None:
    uid = save_sites(plan, proposed(plan, aim="most", count=1), "甲")[1]
    with pytest.raises(RecordError, match=says):
        set_site_works(plan, uid, [work], "甲")
    with pytest.raises(RecordError, match="没有标识码"):
        set_site_works(plan, "nobody", [], "甲")
