"""Layouts of stalls of a plan: figures, need of a 片区, saving in one step, edits by hand, and what is refused."""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from data.ground_settings import GroundSettings
from data.layout_needs import Need, spread
from data.layouts import (
    LAYOUT_LAYERS,
    LayoutFigures,
    StallLayout,
    add_stall,
    basis_of,
    delete_layouts,
    edit_stalls,
    is_stale,
    layout_frame,
    make_layouts,
    open_layout,
    origin_of,
    remove_stalls,
    save_layouts,
    saved_layouts,
)
from data.stall_settings import StallSettings
from data.store import Plan, create_plan, open_plan
from errors import RecordError, StoreError
from tests.data.store.oracle import assert_whole

EAST, NORTH = 503_000.0, 3_300_000.0
# A quick search will do where the count is not the point.
QUICK = StallSettings(effort=0.05)


def at(west: float, south: float, east: float, north: float) -> Any:
    """A box in metres from the south-west corner of the town, EPSG:4490."""
    shape = box(EAST + west, NORTH + south, EAST + east, NORTH + north)
    return gpd.GeoSeries([shape], crs=4547).to_crs(4490).iloc[0]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three compounds of 60 × 60 m along a road: 甲 and 乙 in a 片区, each with a house; 丙 has none."""
    path = tmp_path_factory.mktemp("drawn") / "车位.gpkg"
    with create_plan(path, name="车位", actor="张三") as made, made.edit("张三", "录入") as tx:
        pianqu = tx.insert("pianqu", [{"name": "东片"}])[0]
        known = {"households": 100, "stalls_existing": 60, "stalls_new": 7}
        tx.insert(
            "compounds",
            [
                {"uid": "a", "name": "甲", "pianqu_uid": pianqu, "geometry": at(0, 0, 60, 60), **known},
                {"uid": "b", "name": "乙", "pianqu_uid": pianqu, "geometry": at(70, 0, 130, 60), **known},
                {"uid": "c", "name": "丙", "geometry": at(140, 0, 200, 60)},
                {"uid": "d", "name": "丁"},
            ],
        )  # fmt: skip
        tx.insert("roads", [{"kind": "service", "geometry": at(-20, -7, 220, 0)}])
        tx.insert(
            "buildings",
            [{"geometry": at(10, 40, 50, 52)}, {"geometry": at(80, 40, 120, 52)}],
        )
        tx.insert("green", [{"kind": "草坪", "geometry": at(0, 25, 20, 38)}])
    return path


@pytest.fixture
def plan(drawn: Path, tmp_path: Path) -> Iterator[Plan]:
    """The plan as drawn, for one test to change."""
    with open_plan(shutil.copy(drawn, tmp_path)) as opened:
        yield opened


Fresh = Callable[..., dict[str, StallLayout]]


@pytest.fixture(scope="module")
def fresh(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fresh]:
    """Layouts of the plan as drawn, each search made once; they hold for every copy of it."""
    with open_plan(shutil.copy(drawn, tmp_path_factory.mktemp("fresh"))) as opened:
        yield functools.cache(functools.partial(laid, opened))


def laid(
    plan: Plan, *uids: str, settings: StallSettings = QUICK, **more: Any
) -> dict[str, StallLayout]:
    return make_layouts(
        {name: plan.read(name) for name in LAYOUT_LAYERS},
        list(uids) or None,
        GroundSettings(),
        settings,
        origin=origin_of(plan),
        saved=plan.records("layouts"),
        **more,
    )


def test_figures_add_up_and_each_verdict_has_its_clause(fresh: Fresh) -> None:
    told = fresh()
    assert list(told) == ["a", "b", "c", "d"]
    figures = told["a"].figures
    assert sum(figures.deductions.values()) + figures.open_m2 == pytest.approx(figures.area_m2)
    assert (figures.households, figures.existing, figures.shortage) == (100, 60, 20)
    assert figures.capacity >= figures.stalls > 0
    assert figures.before == pytest.approx(0.6)
    assert figures.after == pytest.approx((60 + figures.proposed) / 100)
    assert figures.accessible >= 1
    assert figures.charging == int(np.ceil(0.1 * figures.stalls))
    assert figures.green_lost_m2 == 0
    assert 0 <= figures.unpaved_share <= 1
    assert told["a"].layout.count == len(told["a"].use) == figures.stalls
    assert {one.rule for one in told["a"].verdicts} >= {"stalls/min_aisle", "stalls/accessible"}
    assert all(one.clause for one in told["a"].verdicts)


def test_what_can_not_be_known_has_no_figure_and_says_why(fresh: Fresh) -> None:
    told = fresh()
    assert told["c"].figures.capacity is None
    assert "没有建筑数据" in told["c"].reason
    assert told["d"].figures.capacity is None
    assert "还没有边界" in told["d"].reason
    bare = fresh("c", bare_ground=True)["c"]
    assert bare.figures.capacity > 0
    assert bare.reason == ""
    # Nobody knows what 丙 needs.
    assert bare.figures.limit is None
    assert any("没有按缺口封顶" in note for note in bare.notes)
    none = fresh("a", settings=replace(QUICK, arrangements=()))["a"]
    assert (none.figures.capacity, none.layout) == (0, None)
    assert "排列方式" in none.reason


def test_a_single_shed_gives_no_figure_until_the_planner_says_that_it_is_all(plan: Plan) -> None:
    with plan.edit("张三", "画出岗亭") as tx:
        tx.insert("buildings", [{"geometry": at(150, 40, 160, 50)}])
    few = laid(plan, "c")["c"]
    assert few.figures.capacity is None
    assert few.reason.startswith("建筑数据不全：只画出 1 栋")
    assert laid(plan, "c", bare_ground=True)["c"].figures.capacity > 0


def test_without_a_road_there_is_no_stall_and_the_reason(plan: Plan) -> None:
    with plan.edit("张三", "删路") as tx:
        roads = plan.read("roads")
        tx.delete("roads", roads.index[0], int(roads["version"].iloc[0]))
    told = laid(plan, "a")["a"]
    assert (told.figures.capacity, told.figures.proposed) == (0, 0)
    assert told.reason.startswith("无路网数据")


def need(most: int | None, own: int | None, group: str | None) -> Need:
    return Need(most=most, own=own, group=group, figures=LayoutFigures(), notes=())


def test_members_of_a_pianqu_build_for_themselves_first_and_the_rest_where_there_is_room() -> None:
    needs = {"a": need(50, 30, "p"), "b": need(50, 20, "p"), "c": need(9, 9, None)}
    assert spread({"a": 50, "b": 8, "c": 9}, needs) == {"a": 42, "b": 8}
    assert spread({"a": 50, "b": 50, "c": 9}, needs) == {"a": 30, "b": 20}
    assert spread({"b": 3, "a": 4}, needs) == {"a": 4, "b": 3}
    assert spread({"a": 5}, {"a": need(None, None, "p")}) == {}


def test_a_proposal_stops_at_the_need_of_the_compound_or_its_pianqu(fresh: Fresh) -> None:
    both = fresh("a", "b")
    assert sum(one.figures.proposed for one in both.values()) == 40
    alone = fresh("a", settings=replace(QUICK, up_to="compound"))["a"]
    assert (alone.figures.limit, alone.figures.proposed) == (20, 20)
    everything = fresh("a", settings=replace(QUICK, up_to="all"))["a"]
    assert everything.figures.limit is None
    assert everything.figures.proposed >= alone.figures.proposed


def test_what_others_of_the_pianqu_have_saved_counts_towards_its_need(
    plan: Plan, fresh: Fresh
) -> None:
    first = fresh("a", settings=replace(QUICK, up_to="compound"))
    save_layouts(plan, first.values(), "李四")
    second = laid(plan, "b")["b"]
    assert second.figures.limit == 20
    assert any("已存的车位方案新增 20 个" in note for note in second.notes)
    # Its own saved stalls are replaced, so they do not count.
    assert laid(plan, "a")["a"].figures.limit == 40


def test_mechanical_parking_stands_on_lots_that_carry_it(fresh: Fresh) -> None:
    asked = replace(QUICK, up_to="all", mechanical=True, mechanical_from_stalls=4)
    figures = fresh("a", settings=asked)["a"].figures
    assert figures.proposed == figures.stalls + figures.mechanical
    flat = fresh("a", settings=replace(asked, mechanical=False))["a"].figures
    assert (flat.mechanical, flat.stalls) == (0, figures.stalls)


def test_the_same_input_gives_the_same_layout_in_whatever_order(plan: Plan, fresh: Fresh) -> None:
    one, other = fresh("a", "b"), laid(plan, "b", "a")
    assert list(other) == ["b", "a"]
    for uid in one:
        first, second = layout_frame(one[uid]), layout_frame(other[uid])
        pd.testing.assert_frame_equal(
            first.drop(columns="geometry"), second.drop(columns="geometry")
        )
        assert first.geometry.geom_equals_exact(second.geometry, 1e-9).all()


def test_progress_is_told_and_ends_the_work(plan: Plan) -> None:
    shares: list[float] = []
    laid(plan, "a", progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0

    def stop(share: float) -> None:
        if share > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        laid(plan, "a", progress=stop)


def test_saving_writes_all_in_one_step_replaces_what_was_and_is_undone_in_one(
    plan: Plan, fresh: Fresh
) -> None:
    first = fresh()
    records = save_layouts(plan, first.values(), "李四")
    assert sorted(records) == ["a", "b"]
    before = plan.edition()
    stalls, aisles = plan.read("stalls"), plan.read("aisles")
    for uid in ("a", "b"):
        own = stalls[stalls["compound_uid"] == uid]
        assert len(own) == first[uid].figures.stalls
        assert set(own["layout_uid"]) == {records[uid]}
        assert set(own["use"]) <= {"普通", "无障碍", "充电"}
        assert plan.read("compounds").loc[uid, "stalls_new"] == first[uid].figures.proposed
    chairs = aisles[aisles["kind"] == "轮椅通道"]
    assert len(chairs) == sum(len(first[uid].wheelchair) for uid in ("a", "b"))
    saved = saved_layouts(plan, ["a"])[0]
    assert (saved.figures["stalls"], saved.saved_by) == (first["a"].figures.stalls, "李四")
    assert StallSettings.from_settings({"stalls": saved.stalls}) == QUICK
    assert saved.verdicts[0]["clause"]
    assert not saved.stale(basis_of(plan))

    again = save_layouts(plan, laid(plan, "a").values(), "李四", name="改稿")
    assert plan.edition() == before + 1
    assert [one.name for one in saved_layouts(plan, ["a", "b"])] == ["车位方案", "改稿"]
    assert set(plan.read("stalls")["layout_uid"]) == {again["a"], records["b"]}
    plan.undo("李四")
    assert set(plan.read("stalls")["layout_uid"]) == set(records.values())
    plan.undo("李四")
    assert plan.count("stalls") == plan.count("aisles") == len(plan.records("layouts")) == 0
    assert plan.read("compounds")["stalls_new"].dropna().tolist() == [7, 7]
    path = plan.path
    plan.close()
    assert_whole(path)


def test_deleting_a_layout_brings_the_old_figure_back_unless_somebody_has_written_another(
    plan: Plan,
    fresh: Fresh,
) -> None:
    save_layouts(plan, fresh("a", "b").values(), "李四")
    save_layouts(plan, fresh("a", "b").values(), "李四")
    version = int(plan.read("compounds").loc["b", "version"])
    with plan.edit("王五", "改") as tx:
        tx.update("compounds", "b", version, {"stalls_new": 999})
    assert delete_layouts(plan, ["a", "b", "c"], "李四") == 2
    assert plan.read("compounds")["stalls_new"].tolist()[:2] == [7, 999]
    assert plan.count("stalls") == plan.count("aisles") == 0
    assert delete_layouts(plan, ["a"], "李四") == 0


def test_a_layout_of_a_plan_that_has_moved_on_is_stale_and_not_saved(
    plan: Plan, fresh: Fresh
) -> None:
    made = fresh("a")
    save_layouts(plan, fresh("b").values(), "李四")
    # What saving another one writes is not what it rests on.
    assert not is_stale(made["a"], basis_of(plan))
    with plan.edit("王五", "加房") as tx:
        tx.insert("buildings", [{"geometry": at(25, 5, 30, 10)}])
    assert is_stale(made["a"], basis_of(plan))
    edition = plan.edition()
    with pytest.raises(StoreError, match="已过时，没有保存"):
        save_layouts(plan, made.values(), "李四")
    with pytest.raises(RecordError, match="没有可以保存的"):
        save_layouts(plan, laid(plan, "c").values(), "李四")
    assert plan.edition() == edition
    version = int(plan.read("compounds").loc["a", "version"])
    with plan.edit("王五", "备注") as tx:
        tx.update("compounds", "a", version, {"remarks": "不相干"})
    save_layouts(plan, laid(plan, "a").values(), "李四")


def test_a_stall_that_is_taken_away_can_be_put_back_and_one_too_many_is_told_why(
    fresh: Fresh,
) -> None:
    whole = fresh("a")["a"]
    less = remove_stalls(whole, [2])
    assert less.figures.stalls == whole.figures.stalls - 1
    assert whole.layout.count == whole.figures.stalls
    gone = gpd.GeoSeries([whole.layout.stalls[2]], crs=whole.site.epsg).to_crs(4490).iloc[0]
    back = add_stall(less, gone)
    assert back.reasons == ()
    assert back.layout.figures.stalls == whole.figures.stalls
    assert back.layout.by_hand.tolist()[-1:] == [True]
    twice = add_stall(back.layout, gone)
    assert any("与 1 个车位重叠" in reason for reason in twice.reasons)
    assert twice.layout is back.layout
    house = add_stall(whole, at(30, 43, 32.4, 48.3))
    assert any("建筑" in reason for reason in house.reasons)
    far = add_stall(whole, at(-30, 20, -27.6, 25.3))
    assert any("边界以外" in reason for reason in far.reasons)
    small = add_stall(whole, at(30, 2, 31, 4))
    assert any("尺寸不够" in reason for reason in small.reasons)
    with pytest.raises(RecordError, match="没有这个车位"):
        remove_stalls(whole, [10_000])
    with pytest.raises(RecordError, match="一个点，或四个角的面"):
        add_stall(whole, shapely.LineString([(0, 0), (1, 1)]))


def test_edits_of_a_saved_layout_are_written_checked_and_undone(plan: Plan, fresh: Fresh) -> None:
    with pytest.raises(RecordError, match="还没有保存的车位方案"):
        edit_stalls(plan, "a", "李四")
    made = fresh("a")["a"]
    save_layouts(plan, [made], "李四")
    opened = open_layout(plan, "a")
    assert opened.layout.count == made.layout.count
    assert opened.figures.used_m2 == pytest.approx(made.figures.used_m2, rel=1e-5)
    assert [one.state for one in opened.verdicts] == [one.state for one in made.verdicts]
    stalls = plan.read("stalls")
    victim = str(stalls.index[0])
    shape = stalls.geometry.iloc[0]
    edit_stalls(plan, "a", "李四", remove=[victim])
    assert victim not in plan.read("stalls").index
    new = made.figures.proposed
    assert plan.read("compounds").loc["a", "stalls_new"] == new - 1
    assert saved_layouts(plan, ["a"])[0].figures["stalls"] == new - 1
    _, reasons = edit_stalls(plan, "a", "李四", add=[shape])
    assert reasons == ()
    added = plan.read("stalls").iloc[-1]
    assert added["by_hand"]
    assert added["layout_uid"] == saved_layouts(plan, ["a"])[0].uid
    edition = plan.edition()
    _, reasons = edit_stalls(plan, "a", "李四", add=[shape])
    assert reasons
    assert plan.edition() == edition
    with pytest.raises(RecordError, match="没有标识码为“x”的车位"):
        edit_stalls(plan, "a", "李四", remove=["x"])
    assert plan.can_undo().startswith("改车位：甲，加 1 个")
    plan.undo("李四")
    plan.undo("李四")
    assert victim in plan.read("stalls").index
    assert plan.read("compounds").loc["a", "stalls_new"] == new
    # As a plan of before has it.
    saved = saved_layouts(plan, ["a"])[0]
    with plan.edit("李四", "旧名") as tx:
        former = {"stalls": {**saved.stalls, "arrangements": ["square", "angled60"]}}
        tx.update_record("layouts", saved.uid, saved.version, {"settings": json.dumps(former)})
    assert open_layout(plan, "a").stall_settings.arrangements == ("perpendicular", "angled_60")


def test_what_is_drawn_is_where_it_was_laid_and_begins_with_the_mouth(fresh: Fresh) -> None:
    made = fresh("a")["a"]
    drawn = layout_frame(made)
    assert set(drawn["part"]) >= {"stall"}
    stalls = drawn[drawn["part"] == "stall"].to_crs(made.site.epsg)
    assert shapely.area(stalls.geometry).sum() == pytest.approx(
        shapely.area(made.layout.stalls).sum(), rel=1e-6
    )
    first = np.array([shapely.LineString(s.exterior.coords[:2]) for s in stalls.geometry])
    assert shapely.hausdorff_distance(first, made.layout.mouth).max() < 1e-4
    assert made.words.startswith("建筑退距")
