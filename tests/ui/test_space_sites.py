"""Tab 设施 of 空间: who is served, sites chosen beside the page, saved and taken back."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from streamlit.testing.v1 import AppTest

from data import samples
from data.facility_gaps import Gaps, gaps
from data.site_choice import SITE_LAYERS, choose_sites
from data.site_proposal import SiteProposal
from data.site_records import origin_of, save_sites, saved_sites
from data.site_settings import SiteSettings
from data.store import Plan, create_plan, open_plan
from errors import RecordError, StoreError
from tests.ui.screen import opened, texts
from ui import loaded, session, space_page, space_sites, visit
from ui.space_sites_overlay import saved_overlay, served_overlay, served_paint, site_uid
from ui.workspace import Workspace

KIND = "elderly_care"
ASKED = SiteSettings(facility=KIND)
Made = tuple[dict[str, gpd.GeoDataFrame], Gaps, SiteProposal]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up town of forty compounds with one facility."""
    path = tmp_path_factory.mktemp("town") / "town.gpkg"
    with samples.write_sample(path, "city:40:1", "示例") as plan:
        first = plan.read("compounds").geometry.iloc[0].representative_point()
        with plan.edit("我", "设施") as tx:
            tx.insert("facilities", [{"name": "颐养中心", "kind": "养老", "geometry": first}])
    return path


@pytest.fixture
def town_plan(town: Path, tmp_path: Path) -> Any:
    copy = tmp_path / "town.gpkg"
    copy.write_bytes(town.read_bytes())
    with open_plan(copy) as plan:
        yield plan


@pytest.fixture(scope="module")
def made(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Layers, gaps and chosen sites of the town."""
    copy = shutil.copy(town, tmp_path_factory.mktemp("made") / "town.gpkg")
    with open_plan(Path(copy)) as plan:
        layers = layers_of(plan)
        return layers, gaps_of(layers), choose_sites(layers, ASKED, origin=origin_of(plan))


def layers_of(plan: Plan) -> dict[str, gpd.GeoDataFrame]:
    return {name: plan.read(name) for name in SITE_LAYERS}


def gaps_of(layers: dict[str, gpd.GeoDataFrame], **more: Any) -> Gaps:
    return gaps(layers, kinds=[KIND], **more)


# --- what lies over the map ------------------------------------------------------------------------


def test_compounds_are_painted_by_who_serves_them(made: Made) -> None:
    layers, found, _ = made
    frame = layers["compounds"]
    painted = served_paint(frame, ASKED, found, None)
    served = found.compounds.set_index("compound")["served"].reindex(frame.index)
    assert [row.label for row in painted.legend] == ["已有服务", "没有服务到"]
    assert painted.classes.tolist() == [0 if one else 1 for one in served]
    assert 0 < served.sum() < len(frame)


def test_with_sites_three_classes_tell_what_they_change(made: Made) -> None:
    layers, found, proposal = made
    painted = served_paint(layers["compounds"], ASKED, found, proposal)
    after = proposal.compounds
    counts = [int(after["before"].sum()), int((after["after"] & ~after["before"]).sum())]
    assert [row.count for row in painted.legend] == [*counts, int((~after["after"]).sum())]


def test_every_chosen_site_lies_on_the_map_with_what_it_serves(made: Made) -> None:
    layers, found, proposal = made
    laid = served_overlay(layers["compounds"], ASKED, found, proposal)
    features = laid.features
    signs = features[features["class"] == "site_sign"]
    assert signs["uid"].tolist() == [site_uid(number) for number in proposal.sites.index]
    assert signs["text"].tolist() == [str(number) for number in proposal.sites.index]
    links = features[features["class"] == "link_new"]
    assert len(links) == sum(len(one) for one in proposal.sites["compounds"])
    sites = features[features["class"] == "site"].to_crs(proposal.epsg)
    assert sites.area.tolist() == pytest.approx(proposal.sites.area.tolist(), rel=1e-6)
    assert set(features["class"]) <= {one.name for one in laid.classes}
    assert laid.content


def test_along_roads_no_circle_says_how_far_it_is(made: Made) -> None:
    layers, *_ = made
    asked = SiteSettings(facility=KIND, network=True)
    laid = served_overlay(layers["compounds"], asked, gaps_of(layers, network=True), None)
    assert "reach" not in set(laid.features["class"])
    assert "沿道路" in laid.title


def test_a_circle_reaches_as_far_as_the_radius(made: Made) -> None:
    layers, found, _ = made
    laid = served_overlay(layers["compounds"], ASKED, found, None)
    circle = laid.features[laid.features["class"] == "reach"].to_crs(found.facilities.crs)
    west, _, east, _ = circle.total_bounds
    assert east - west == pytest.approx(600, abs=1), "of the one facility"


def test_saved_sites_lie_on_the_map_and_points_among_them(town_plan: Plan) -> None:
    layers = layers_of(town_plan)
    asked = replace(ASKED, aim="most", count=2)
    save_sites(town_plan, choose_sites(layers, asked, origin=origin_of(town_plan)), "我")
    with town_plan.edit("我", "画选址") as tx:
        tx.insert("sites", [{"name": "甲", "geometry": shapely.Point(113.0, 23.0)}])
    held = saved_sites(town_plan)
    features = saved_overlay(layers["compounds"], held).features
    assert (features["class"] == "site_sign").sum() == len(held)
    assert (features["class"] == "site").sum() == len(held) - 1, "a point has no ground"
    assert features.loc[features["label"] == "甲（已存）", "text"].tolist() == ["址"]


# --- what is asked ---------------------------------------------------------------------------------


@pytest.fixture
def planner(monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A planner's workspace without a page."""
    workspace, held = Workspace(wid="w", plan="p"), {}
    monkeypatch.setattr(visit, "current", lambda: workspace)
    monkeypatch.setattr(session, "get", lambda key, default=None: held.get(key, default))
    monkeypatch.setattr(session, "put", held.__setitem__)
    monkeypatch.setattr(session, "take", lambda key, default=None: held.pop(key, default))
    held[session.SCENE] = type("S", (), {"view": type("V", (), {"settings": {}})()})()
    return workspace


def test_another_kind_brings_its_own_radius_and_area(planner: Workspace) -> None:
    view = session.get(session.SCENE).view
    space_sites.change({"radius_m": 800.0, "min_area_m2": 90.0, "aim": "most"})
    assert (space_sites.asked(view).radius_m, space_sites.asked(view).count) == (800.0, 3)
    space_sites.change({"facility": "market"})
    made = space_sites.asked(view)
    assert (made.radius_m, made.min_area_m2, made.aim) == (None, None, "most")
    space_sites.change({"facility": "public_toilet"})
    assert space_sites.asked(view).reach_m == 500.0, "no document says one"


def test_what_no_longer_fits_goes_back_to_its_start(planner: Workspace) -> None:
    view = session.get(session.SCENE).view
    space_sites.change({"aim": "median"})
    space_sites.change({"capacity_households": 500})
    assert space_sites.asked(view).capacity_households == 500
    space_sites.change({"aim": "most"})
    assert space_sites.asked(view).capacity_households is None
    space_sites.change({"sources": ()})
    assert space_sites.asked(view).sources, "at least one stays"


def test_a_draft_of_another_plan_or_version_is_not_taken(planner: Workspace) -> None:
    view = session.get(session.SCENE).view
    space_page.keep("sites", {"plan": "other", "settings": {"facility": "market"}})
    assert space_sites.asked(view).facility == KIND
    space_page.keep("sites", {"plan": "p", "settings": {"facility": "unheard of"}})
    assert space_sites.asked(view).facility == KIND


def test_nothing_to_save_is_said(planner: Workspace) -> None:
    with pytest.raises((StoreError, RecordError)), pytest.MonkeyPatch.context() as patch:
        patch.setattr(space_sites, "proposal", lambda _: None)
        space_sites.save(replacing=False)


# --- on the page -----------------------------------------------------------------------------------


def press(page: AppTest, label: str) -> AppTest:
    next(one for one in page.button if one.label == label).click().run()
    assert not page.exception
    return page


def until(page: AppTest, text: str) -> str:
    for _ in range(60):
        if text in texts(page):
            break
        page.run()
    assert not page.exception
    assert text in texts(page)
    return texts(page)


def test_the_page_tells_who_has_none_and_by_which_standard(
    town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(town, "space", monkeypatch)
    page.session_state["workspace"].pages["space"] = {"tab": "设施"}
    said = until(page.run(), "老年人日间照料中心的标准")
    assert "没有服务到" in said and "现有设施" in said
    assert "江门市规划技术管理规定" in said, "with the source of the radius"


def test_sites_are_chosen_saved_in_one_step_and_taken_away(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(shutil.copy(town, tmp_path / "own.gpkg"))
    page = opened(path, "space", monkeypatch)
    page.session_state["workspace"].pages["space"] = {"tab": "设施", "sites_view": "选址"}
    until(page.run(), "开始选址")
    press(page, "开始选址")
    said = until(page, "保存到计划")
    assert "已证明最优" in said and "有服务的户数" in said
    before = loaded.load(path).plan.edition()
    press(page, "保存到计划")
    plan = loaded.load(path).plan
    saved = plan.read("sites")
    assert len(saved) and plan.edition() == before + 1, "one step"
    assert saved["kind"].eq("老年人日间照料中心").all() and saved["households"].notna().all()
    assert f"（{len(saved):,} 处）" in until(page, "建设内容")
    press(page, "删除")
    assert len(plan.read("sites")) == len(saved) - 1
    page.session_state["workspace"].pages["space"]["sites_view"] = "选址"
    until(page.run(), "开始选址")


def test_sites_of_a_plan_that_has_moved_on_can_not_be_saved(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(shutil.copy(town, tmp_path / "own.gpkg"))
    page = opened(path, "space", monkeypatch)
    page.session_state["workspace"].pages["space"] = {"tab": "设施", "sites_view": "选址"}
    until(page.run(), "开始选址")
    press(page, "开始选址")
    until(page, "保存到计划")
    plan = loaded.load(path).plan
    with plan.edit("别人", "新路") as tx:
        line = shapely.LineString([(113.0, 23.0), (113.001, 23.0)])
        tx.insert("roads", [{"name": "新路", "geometry": line}])
    said = until(page.run(), "已过时")
    assert "重新计算" in said
    assert next(one for one in page.button if one.label == "保存到计划").disabled


def test_a_plan_without_boundaries_says_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "empty.gpkg"
    create_plan(path, name="空", actor="我").close()
    page = opened(path, "space", monkeypatch)
    page.session_state["workspace"].pages["space"] = {"tab": "设施"}
    assert "还没有边界" in until(page.run(), "还没有边界")


def test_the_table_tells_who_serves_whom_and_no_distance_where_nobody_does(
    town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(town, "space", monkeypatch)
    workspace = page.session_state["workspace"]
    workspace.pages["space"], workspace.table_open = {"tab": "设施"}, True
    until(page.run(), "老年人日间照料中心的标准")
    table = page.dataframe[0].value
    served = table[table["服务"] == "已有"]
    assert len(served) and served["由谁服务"].eq("颐养中心").all()
    without = table[table["服务"] == "没有"]
    assert without["距离（米）"].eq("—").all() and without["最近的一处（直线，米）"].gt(300).all()
    assert table["服务"].tolist() == sorted(table["服务"], key=["没有", "已有"].index)
