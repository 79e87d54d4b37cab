"""One copy of a plan for all sessions, kept up to date by what has changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest
from shapely.affinity import translate

from errors import StoreError
from ui import loaded
from ui.loaded import LoadedPlan


def test_a_plan_is_read_once_however_many_ask_at_once(plan_path, monkeypatch):
    made = []
    real = loaded.LoadedPlan

    def counted(plan):
        made.append(plan)
        return real(plan)

    monkeypatch.setattr(loaded, "LoadedPlan", counted)
    with ThreadPoolExecutor(8) as threads:
        plans = list(threads.map(loaded.load, [plan_path] * 16))
    assert len(made) == 1
    assert all(plan is plans[0] for plan in plans)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(StoreError):
        loaded.load(tmp_path / "没有.gpkg")


def edit(plan: LoadedPlan, values: dict, uid: str | None = None) -> str:
    frame = plan.view().frame
    uid = uid or str(frame.index[1])
    with plan.plan.edit("乙", "改") as tx:
        tx.update("compounds", uid, int(frame.loc[uid, "version"]), values)
    return uid


def test_an_edit_is_seen_by_the_next_view_and_the_last_one_stays_as_it_was(plan):
    before = plan.view()
    uid = edit(plan, {"households": 4_321})
    after = plan.view()
    assert after.frame.loc[uid, "households"] == 4_321
    assert before.frame.loc[uid, "households"] != 4_321
    assert after.revision > before.revision
    assert list(after.frame.index) == list(before.frame.index)


def test_the_view_is_the_same_as_reading_the_file_anew(plan):
    first, second, third = plan.view().frame.index[:3]
    edit(plan, {"households": 7}, str(second))
    with plan.plan.edit("乙", "增删") as tx:
        tx.delete("compounds", str(first), 1)
        tx.insert("compounds", [{"name": "新小区", "geometry": None}])
    edit(plan, {"name": "改名"}, str(third))
    plan.plan.undo("乙")
    read = plan.plan.read("compounds")
    seen = plan.view().frame
    pd.testing.assert_frame_equal(
        seen.drop(columns="geometry").sort_index(), read.drop(columns="geometry").sort_index()
    )
    assert (
        seen.geometry.sort_index().geom_equals(read.geometry.sort_index()).sum()
        == read.geometry.notna().sum()
    )


def test_an_edit_of_figures_fetches_no_tile_again_but_a_boundary_does(plan):
    revision = plan.tiles_revision
    uid = edit(plan, {"households": 5})
    plan.view()
    assert plan.tiles_revision == revision
    edit(plan, {"geometry": translate(plan.view().frame.geometry[uid], 0.001)}, uid)
    plan.view()
    assert plan.tiles_revision > revision


def test_a_deleted_compound_is_hit_no_more_and_an_undone_one_is(plan):
    uid = str(plan.view().frame.index[0])
    point = plan.view().frame.geometry[uid].representative_point()
    hit = plan.tiles.pick(point.x, point.y)
    with plan.plan.edit("乙", "删") as tx:
        tx.delete("compounds", uid, 1)
    assert uid not in plan.view().frame.index
    assert plan.tiles.pick(point.x, point.y) == []
    plan.plan.undo("乙")
    assert uid in plan.view().frame.index
    assert plan.tiles.pick(point.x, point.y) == hit


def test_a_result_is_made_once_for_a_key(plan):
    made = []
    for _ in range(3):
        assert plan.kept(("x", 1), lambda: made.append(1) or "result") == "result"
    assert len(made) == 1


def test_results_are_not_kept_for_ever(plan):
    for k in range(loaded.KEPT_RESULTS + 5):
        plan.kept(("x", k), lambda: 0)
    made = []
    plan.kept(("x", 0), lambda: made.append(1))
    assert made


def test_known_keeps_the_order_of_asking(plan):
    uids = [str(uid) for uid in plan.view().frame.index]
    assert plan.view().known([uids[2], "nobody", uids[0]]) == [uids[2], uids[0]]
    assert plan.view().known([]) == []
