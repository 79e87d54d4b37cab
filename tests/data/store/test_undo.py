"""Undo and redo: old images as new versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from data.store import Plan, create_plan
from errors import ConflictError
from tests.data.store.conftest import square
from tests.data.store.oracle import assert_whole, rows_of


def content(plan: Plan, *, without: str = "") -> dict[str, Any]:
    """Everything a planner sees, without versions and names of editors."""
    found: dict[str, Any] = {"settings": plan.settings()}
    for layer in ("compounds", "pianqu", "roads"):
        found[layer] = {
            uid: {name: row[name] for name in row if name not in {"version", "edited_by", without}}
            for uid, row in rows_of(plan.path, layer).items()
        }
    return found


def test_insert_update_and_delete_of_many_rows_and_settings_come_back(plan: Plan) -> None:
    states = [content(plan)]
    with plan.edit("张三", "录入道路") as tx:
        tx.insert("roads", [{"uid": f"r{i}", "geometry": square(i).exterior} for i in range(9)])
        tx.set_setting("max_gap_m", 30)
    states.append(content(plan))
    with plan.edit("张三", "都改") as tx:
        tx.update("compounds", "a", 1, {"floor_area_m2": 0.1 + 0.2, "geometry": square(9)})
        tx.update("compounds", "b", 1, {"geometry": None, "extra": {"电梯": 1}})
        tx.update("compounds", "c", 1, {"geometry": square(8), "households": 10})
        tx.set_setting("max_gap_m", 60)
        tx.set_setting("name", "改名")
    states.append(content(plan))
    with plan.edit("张三", "都删") as tx:
        for uid in "abc":
            tx.delete("compounds", uid, 2)
        tx.delete_many("roads", [(f"r{i}", 1) for i in range(9)])
    states.append(content(plan))
    labels = ["录入道路", "都改", "都删"]
    for _ in range(2):
        for state, label in zip(reversed(states[:-1]), reversed(labels), strict=True):
            assert plan.can_undo() == label
            undone = plan.undo("李四")
            assert undone is not None
            assert undone.label == label
            assert content(plan) == state
        for state, label in zip(states[1:], labels, strict=True):
            assert plan.can_redo() == label
            assert plan.redo("李四") is not None
            assert content(plan) == state
        assert plan.can_redo() is None
    assert_whole(plan.path)


def test_to_the_bottom_and_no_further(plan: Plan) -> None:
    assert plan.undo("张三") is not None
    # Making the plan is no edit: its name stays.
    assert plan.can_undo() is None
    assert plan.undo("张三") is None
    assert plan.settings() == {"name": "测试方案"}
    assert plan.redo("张三") is not None
    assert plan.redo("张三") is None


def test_reals_come_back_to_the_last_bit(plan: Plan) -> None:
    values = [0.1, 1 / 3, 2e11 / 7, 123456.789012345678, 5e-324, 1e12, 0.0]
    with plan.edit("张三", "录入") as tx:
        tx.insert("compounds", [{"uid": f"n{i}", "floor_area_m2": v} for i, v in enumerate(values)])
    with plan.edit("张三", "改") as tx:
        tx.update_many(
            "compounds",
            [{"uid": f"n{i}", "version": 1, "floor_area_m2": 7.0} for i in range(len(values))],
        )
    plan.undo("张三")
    assert plan.read("compounds")["floor_area_m2"].tolist()[3:] == values


def test_several_steps_of_one_edit_are_one(plan: Plan) -> None:
    # A row that was deleted and entered anew keeps its new place in the order (fid).
    before = content(plan, without="fid")
    with plan.edit("张三", "来回") as tx:
        tx.update("compounds", "a", 1, {"geometry": square(4)})
        tx.update("compounds", "a", 2, {"geometry": square(5), "households": 1})
        tx.delete("compounds", "b", 1)
        tx.insert("compounds", [{"uid": "b", "name": "新乙"}])
        tx.insert("compounds", [{"uid": "d"}])
        tx.update("compounds", "d", 1, {"households": 2})
        tx.insert("compounds", [{"uid": "e"}])
        tx.delete("compounds", "e", 1)
    after = content(plan, without="fid")
    plan.undo("张三")
    assert content(plan, without="fid") == before
    plan.redo("张三")
    assert content(plan, without="fid") == after
    assert_whole(plan.path)


def test_a_new_edit_cuts_what_could_be_redone(plan: Plan) -> None:
    with plan.edit("张三", "改") as tx:
        tx.update("compounds", "a", 1, {"households": 1})
    plan.undo("张三")
    assert plan.can_redo() == "改"
    with plan.edit("张三", "另改") as tx:
        tx.update("compounds", "b", 1, {"households": 2})
    assert plan.can_redo() is None
    assert plan.redo("张三") is None
    # The undone edit stays undone: what comes next is the one before it.
    plan.undo("张三")
    assert plan.can_undo() == "录入小区"


def test_an_audit_event_or_a_received_row_is_no_edit_to_undo(plan: Plan) -> None:
    plan.audit("张三", "导出")
    with plan.edit("张三", "收到台账") as tx:
        tx.append("ledger", [{"name": "甲"}])
    assert plan.can_undo() == "录入小区"
    plan.undo("张三")
    assert len(plan.read_table("ledger")) == 1


def test_each_planner_can_take_back_the_own_edit(plan: Plan) -> None:
    with plan.edit("李四", "改甲") as tx:
        tx.update("compounds", "a", 1, {"households": 1})
    with plan.edit("王五", "改乙") as tx:
        tx.update("compounds", "b", 1, {"households": 2})
    assert plan.can_undo() == "改乙"
    assert plan.can_undo(of="李四") == "改甲"
    plan.undo("李四", of="李四")
    assert plan.read("compounds")["households"].tolist()[:2] == [120, 2]
    assert_whole(plan.path)


def test_but_not_over_the_edit_of_another(plan: Plan) -> None:
    with plan.edit("李四", "改甲") as tx:
        tx.update("compounds", "a", 1, {"households": 1})
        tx.update("compounds", "b", 1, {"households": 1})
    with plan.edit("王五", "也改甲") as tx:
        tx.update("compounds", "a", 2, {"households": 2})
    before = content(plan)
    with pytest.raises(ConflictError, match="王五"):
        plan.undo("李四", of="李四")
    assert content(plan) == before
    assert plan.can_redo() is None
    assert_whole(plan.path)


def test_and_make_it_again_whatever_another_has_done_since(plan: Plan) -> None:
    with plan.edit("李四", "改甲") as tx:
        tx.update("compounds", "a", 1, {"households": 1})
    plan.undo("李四", of="李四")
    with plan.edit("王五", "改乙") as tx:
        tx.update("compounds", "b", 1, {"households": 2})
    # The plan's own redo is cut off by that edit, the planner's is not.
    assert plan.can_redo() is None
    assert plan.can_redo(of="李四") == "改甲"
    assert plan.can_redo(of="王五") is None
    plan.redo("李四", of="李四")
    assert plan.read("compounds")["households"].tolist()[:2] == [1, 2]
    with plan.edit("王五", "也改甲") as tx:
        tx.update("compounds", "a", 4, {"households": 3})
    with pytest.raises(ConflictError, match=r"王五于 .*，没有撤销，计划没有改变"):
        plan.undo("李四", of="李四")
    assert_whole(plan.path)


def test_the_boundary_of_a_pianqu_does_not_stand_in_the_way(plan: Plan) -> None:
    with plan.edit("张三", "片区") as tx:
        tx.insert("pianqu", [{"uid": "p", "name": "一片"}])
        members = [{"uid": uid, "version": 1, "pianqu_uid": "p"} for uid in "ab"]
        tx.update_many("compounds", members)
    with plan.edit("李四", "改甲") as tx:
        tx.update("compounds", "a", 2, {"geometry": square(4)})
    with plan.edit("王五", "改乙") as tx:
        tx.update("compounds", "b", 2, {"geometry": square(5)})
    plan.undo("李四", of="李四")
    union = shapely.union_all([square(0), square(5)])
    assert plan.read("pianqu").geometry["p"].equals(union)
    assert_whole(plan.path)


def test_the_history_shows_the_undo_itself(plan: Plan) -> None:
    with plan.edit("张三", "改") as tx:
        tx.update("compounds", "a", 1, {"households": 1})
    plan.undo("李四")
    plan.redo("王五")
    history = plan.history(limit=3)
    assert history["label"].tolist() == ["重做：改", "撤销：改", "改"]
    assert history["actor"].tolist() == ["王五", "李四", "张三"]
    assert plan.read("compounds")["edited_by"]["a"] == "王五"


def test_a_plan_remembers_its_undo_after_it_was_closed(plan: Plan, tmp_path: Path) -> None:
    from data.store import open_plan

    with plan.edit("张三", "改") as tx:
        tx.update("compounds", "a", 1, {"households": 1})
    plan.close()
    with open_plan(plan.path) as again:
        assert again.undo("李四") is not None
        assert again.read("compounds")["households"]["a"] == 120


def test_user_fields_and_long_texts_survive_an_undo(tmp_path: Path) -> None:
    extra = {"名": 'a"b\\c', "数": 1e300, "空": None, "深": {"x": [1, {"y": "𠮷"}]}}
    text = "道路\n" + "“改”'引号'\\" * 500
    with create_plan(tmp_path / "长.gpkg", name="长", actor="张三") as plan:
        with plan.edit("张三", "录入") as tx:
            tx.insert("compounds", [{"uid": "a", "works_text": text, "extra": extra}])
        with plan.edit("张三", "删") as tx:
            tx.delete("compounds", "a", 1)
        plan.undo("张三")
        row = plan.read("compounds").loc["a"]
        assert row["works_text"] == text
        assert row["extra"] == extra
        assert json.loads(rows_of(plan.path)["a"]["extra"]) == extra
