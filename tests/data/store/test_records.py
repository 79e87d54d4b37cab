"""Records that belong to compounds: versions, history, undo, and other programs."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.schema import RECORD_TABLES, TABLES
from data.store import Plan, create_plan, open_plan
from data.store.conflicts import local_time
from errors import ConflictError, RecordError
from policy.judged import VOTE_COLUMNS
from tests.data.store.conftest import Child
from tests.data.store.oracle import assert_whole, value_of

VOTE = {
    "compound_uid": "a",
    "round": 1,
    "topic": "是否改造",
    "held_on": "2026-03-01",
    "owners_total": 120,
    "owners_voted": 100,
    "owners_agreed": 80,
    "area_total_m2": 9600.5,
    "area_voted_m2": 8000.25,
    "area_agreed_m2": 6400.125,
    "notice_from": "2026-03-02",
    "notice_to": "2026-03-09",
    "remarks": "书面\n征求",
}
ONE_OF_EACH: dict[str, dict[str, Any]] = {
    "votes": VOTE,
    "stages": {"compound_uid": "a", "stage": "公示", "planned_on": "2026-04-01"},
    "progress": {"compound_uid": "a", "month": "2026-11", "progress": 0.35, "paid_yuan": 1_000_000},
    "funding": {"compound_uid": "b", "source": "居民出资", "year": 2026, "amount_yuan": 400_000},
}
LOOK = """
import json, sys
import pyogrio
frame = pyogrio.read_dataframe(sys.argv[1], layer="votes")
print(json.dumps([list(frame.columns), frame["owners_agreed"].tolist(), str(frame["held_on"].dtype)]))
"""


def added(plan: Plan, table: str, values: dict[str, Any]) -> str:
    with plan.edit("张三", "录入记录") as tx:
        return tx.add_record(table, values)


def test_the_table_of_votes_has_the_columns_that_rules_are_judged_on() -> None:
    fields = [field.name for field in RECORD_TABLES["votes"].fields]
    assert tuple(fields) == ("uid", *VOTE_COLUMNS)
    assert len({table.title for table in TABLES.values()}) == len(TABLES)


@pytest.mark.parametrize("table", ONE_OF_EACH)
def test_a_record_reads_back_as_it_was_entered(plan: Plan, table: str) -> None:
    values = ONE_OF_EACH[table]
    uid = added(plan, table, values)
    frame = plan.records(table)
    assert frame.index.tolist() == [uid]
    row = frame.loc[uid]
    assert {name: row[name] for name in values} == values
    assert row["version"] == 1
    assert row["edited_by"] == "张三"
    assert row["extra"] == {}
    assert list(frame.columns)[-3:] == ["version", "edited_by", "extra"]
    assert_whole(plan.path)


def test_what_is_not_known_reads_back_as_not_known(plan: Plan) -> None:
    added(plan, "votes", {"compound_uid": "a"})
    row = plan.records("votes").iloc[0]
    assert row.drop(["compound_uid", "version", "edited_by", "extra"]).isna().all()
    assert str(plan.records("votes")["owners_total"].dtype) == "Int64"
    assert plan.records("funding").empty


def test_records_are_asked_for_by_compound_in_the_order_of_entry(plan: Plan) -> None:
    uids = [
        added(plan, "stages", {"compound_uid": of, "stage": name})
        for of, name in (("b", "公示"), ("a", "公示"), ("b", "申报"))
    ]
    assert plan.records("stages").index.tolist() == uids
    assert plan.records("stages", compound_uids=["b"]).index.tolist() == [uids[0], uids[2]]
    assert plan.records("stages", compound_uids=[]).empty
    with pytest.raises(KeyError):
        plan.records("compounds")


def test_a_change_makes_a_version_and_keeps_the_rest(plan: Plan) -> None:
    uid = added(plan, "votes", VOTE)
    with plan.edit("李四", "改票数") as tx:
        assert tx.update_record("votes", uid, 1, {"owners_agreed": 90}) == 2
        assert tx.records("votes")["owners_agreed"].tolist() == [90]
        # Nothing differs: no version.
        assert tx.update_record("votes", uid, 2, {"owners_agreed": 90, "compound_uid": "a"}) == 2
    row = plan.records("votes").loc[uid]
    assert (row["owners_agreed"], row["owners_voted"]) == (90, 100)
    assert (row["version"], row["edited_by"]) == (2, "李四")
    assert_whole(plan.path)


def test_names_of_no_field_go_to_the_users_own_fields(plan: Plan) -> None:
    uid = added(plan, "votes", {**VOTE, "监票人": "王五", "extra": {"地点": "架空层"}})
    assert plan.records("votes").loc[uid, "extra"] == {"地点": "架空层", "监票人": "王五"}
    with plan.edit("张三", "改") as tx:
        tx.update_record("votes", uid, 1, {"监票人": None, "唱票人": "赵六"})
    assert plan.records("votes").loc[uid, "extra"] == {"地点": "架空层", "唱票人": "赵六"}
    with plan.edit("张三", "改") as tx:
        tx.update_record("votes", uid, 2, {"extra": {}})
    assert plan.records("votes").loc[uid, "extra"] == {}


def test_a_row_of_a_frame_can_be_saved_again(plan: Plan) -> None:
    uid = added(plan, "votes", VOTE)
    row = plan.records("votes").loc[uid]
    with plan.edit("李四", "改") as tx:
        assert tx.update_record("votes", uid, row["version"], row.to_dict()) == 1


@pytest.mark.parametrize(
    ("table", "values", "said"),
    [
        ("votes", {"compound_uid": "a", "owners_total": 1.5}, "业主总人数应是整数"),
        ("votes", {"compound_uid": "a", "owners_total": -1}, "业主总人数不能为负"),
        ("votes", {"compound_uid": "a", "held_on": "去年"}, "表决日期应是日期"),
        ("votes", {"compound_uid": "a", "area_total_m2": "大"}, "专有部分总面积应是数字"),
        ("progress", {"compound_uid": "a", "progress": 35}, "形象进度应在 0 与 1 之间"),
        ("progress", {"compound_uid": "a", "month": "2026-13"}, "月份应是月份"),
        ("progress", {"compound_uid": "a", "paid_yuan": 0.5}, "已拨付资金应是整数"),
        ("funding", {"compound_uid": "a", "year": 20026}, "年度年份不合理"),
        ("stages", {"stage": "公示"}, "没有写明是哪个小区"),
        ("stages", {"compound_uid": "x", "stage": "公示"}, "没有标识码为“x”的小区"),
        ("stages", {"compound_uid": "a", "extra": 5}, "自定义字段"),
        ("stages", {"compound_uid": "a", "怪": {1, 2}}, "自定义字段"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    plan: Plan, table: str, values: dict[str, Any], said: str
) -> None:
    revision = plan.revision()
    with pytest.raises(RecordError, match=said):
        added(plan, table, values)
    assert plan.records(table).empty
    assert plan.revision() == revision


def test_all_problems_of_a_record_are_told_at_once(plan: Plan) -> None:
    with pytest.raises(RecordError) as caught:
        added(plan, "votes", {**VOTE, "round": "一", "held_on": "x", "怪": {1}})
    assert len(caught.value.problems) == 3


def test_a_stale_save_is_refused_and_names_the_record(plan: Plan) -> None:
    uid = added(plan, "votes", VOTE)
    with plan.edit("李四", "改") as tx:
        tx.update_record("votes", uid, 1, {"owners_agreed": 90})
    at = local_time(plan.history(uid=uid).loc[0, "at"])
    with (
        pytest.raises(ConflictError, match=rf"表决记录“甲 · 轮次 1 · 是否改造”.*李四于 {at} 修改"),
        plan.edit("王五", "改") as tx,
    ):
        tx.update_record("votes", uid, 1, {"owners_agreed": 70})
    with pytest.raises(ConflictError), plan.edit("王五", "删") as tx:
        tx.delete_record("votes", uid, 1)
    assert plan.records("votes")["owners_agreed"].tolist() == [90]
    with plan.edit("李四", "删") as tx:
        tx.delete_record("votes", uid, 2)
    with pytest.raises(ConflictError, match=r"“甲 .*李四于.*删除"), plan.edit("王五", "改") as tx:
        tx.update_record("votes", uid, 2, {"owners_agreed": 70})
    assert_whole(plan.path)


def test_adding_changing_and_deleting_are_undone_and_made_again(plan: Plan) -> None:
    uid = added(plan, "votes", VOTE)
    with plan.edit("张三", "改") as tx:
        tx.update_record("votes", uid, 1, {"area_agreed_m2": 0.1 + 0.2, "监票人": "王五"})
    with plan.edit("张三", "删") as tx:
        tx.delete_record("votes", uid, 2)
    assert plan.records("votes").empty
    plan.undo("李四")
    row = plan.records("votes").loc[uid]
    assert (row["area_agreed_m2"], row["extra"]) == (0.1 + 0.2, {"监票人": "王五"})
    plan.undo("李四")
    assert plan.records("votes").loc[uid, "area_agreed_m2"] == VOTE["area_agreed_m2"]
    plan.undo("李四")
    assert plan.records("votes").empty
    for _ in range(2):
        plan.redo("李四")
    assert plan.records("votes").loc[uid, "area_agreed_m2"] == 0.1 + 0.2
    assert_whole(plan.path)


def test_a_compound_and_its_records_are_one_edit(plan: Plan) -> None:
    with plan.edit("张三", "录入") as tx:
        tx.insert("compounds", [{"uid": "n", "name": "新"}])
        tx.add_record("votes", {"compound_uid": "n", "round": 1})
        tx.set_setting("rules", "chuxiong-2020")
    plan.undo("张三")
    assert plan.records("votes").empty
    assert plan.records("votes", orphans=True).empty
    assert plan.can_undo() == "录入小区"
    assert_whole(plan.path)


def test_a_failed_edit_leaves_no_record(plan: Plan) -> None:
    with pytest.raises(ZeroDivisionError), plan.edit("张三", "录入") as tx:
        tx.add_record("votes", VOTE)
        _ = 1 / 0
    assert plan.records("votes").empty
    assert_whole(plan.path)


def test_records_of_a_deleted_compound_are_set_aside_until_it_is_back(plan: Plan) -> None:
    kept = added(plan, "funding", {"compound_uid": "a", "amount_yuan": 7})
    lost = added(plan, "funding", {"compound_uid": "b", "amount_yuan": 100})
    with plan.edit("张三", "删小区") as tx:
        tx.delete("compounds", "b", 1)
    assert plan.records("funding").index.tolist() == [kept]
    assert plan.records("funding", orphans=True).index.tolist() == [lost]
    assert plan.records("funding", compound_uids=["b"], orphans=True).index.tolist() == [lost]
    # Still there to be deleted, and still called by the compound's name.
    assert "资金记录“乙”" in plan.history(uid=lost).loc[0, "summary"]
    plan.undo("张三")
    assert plan.records("funding").index.tolist() == [kept, lost]
    assert plan.records("funding", orphans=True).empty


def test_the_history_says_it_in_chinese(plan: Plan) -> None:
    uid = added(plan, "progress", ONE_OF_EACH["progress"])
    with plan.edit("李四", "改进度") as tx:
        tx.update_record("progress", uid, 1, {"progress": 0.5, "remarks": "雨季", "停工": True})
    with plan.edit("李四", "改小区") as tx:
        tx.update_record("progress", uid, 2, {"compound_uid": "b"})
    with plan.edit("李四", "删") as tx:
        tx.delete_record("progress", uid, 3)
    history = plan.history(uid=uid)
    assert history["summary"].tolist() == [
        "删除进度记录“乙 · 2026-11”",
        "进度记录“乙 · 2026-11”：小区 甲 → 乙",
        "进度记录“甲 · 2026-11”：形象进度 0.35 → 0.5；备注 未知 → 雨季；停工 未知 → 是",
        "新增进度记录“甲 · 2026-11”",
    ]
    assert history["compound"].tolist() == ["b", "b", "a", "a"]
    assert history["actor"].tolist() == ["李四", "李四", "李四", "张三"]


def test_the_history_names_the_users_own_fields_one_by_one(plan: Plan) -> None:
    with plan.edit("张三", "改") as tx:
        tx.update("compounds", "a", 1, {"extra": {"已成立业委会": True, "低保户数": 3}})
    with plan.edit("张三", "改") as tx:
        tx.update("compounds", "a", 2, {"extra": {"已成立业委会": False, "低保户数": 3}})
    said = plan.history(uid="a")["summary"]
    assert said[0] == "小区“甲”：已成立业委会 是 → 否"
    assert said[1] == "小区“甲”：已成立业委会 未知 → 是；低保户数 未知 → 3"


def test_another_programs_edits_are_recorded_and_undone(plan: Plan) -> None:
    uid = added(plan, "votes", VOTE)
    with closing(sqlite3.connect(plan.path)) as other:
        other.execute("UPDATE votes SET owners_agreed=5, version=version WHERE uid=?", (uid,))
        other.execute("INSERT INTO votes(compound_uid, round) VALUES ('c', 2)")
        other.commit()
    frame = plan.records("votes")
    assert frame["edited_by"].tolist() == ["external", "external"]
    assert frame["version"].tolist() == [2, 1]
    with pytest.raises(ConflictError, match="外部程序"), plan.edit("张三", "改") as tx:
        tx.update_record("votes", uid, 1, {"owners_agreed": 81})
    assert_whole(plan.path)
    plan.undo("张三")
    assert plan.records("votes")["owners_agreed"].tolist() == [80]
    assert_whole(plan.path)


def test_gis_programs_see_the_records_with_chinese_titles(plan: Plan, child: Child) -> None:
    added(plan, "votes", VOTE)
    snapshot = plan.snapshot(plan.path.with_name("快照.gpkg"))
    for name, table in RECORD_TABLES.items():
        sql = "SELECT data_type, identifier FROM gpkg_contents WHERE table_name=?"
        with closing(sqlite3.connect(snapshot)) as connection:
            assert connection.execute(sql, (name,)).fetchone() == ("attributes", table.title)
    title = "SELECT title FROM gpkg_data_columns WHERE table_name='votes' AND column_name=?"
    assert value_of(snapshot, title, "owners_agreed") == "同意人数"
    columns, agreed, kind = json.loads(child(LOOK, snapshot).stdout)
    assert columns[:3] == ["uid", "compound_uid", "round"]
    assert agreed == [80]
    assert kind.startswith("datetime64")


def test_records_are_in_a_snapshot(plan: Plan) -> None:
    uid = added(plan, "votes", VOTE)
    with open_plan(plan.snapshot(plan.path.with_name("快照.gpkg"))) as copy:
        assert copy.records("votes").index.tolist() == [uid]
        assert copy.read_table("votes")["area_agreed_m2"].tolist() == [VOTE["area_agreed_m2"]]


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from("abc"), st.integers(0, 10**12)),
        st.tuples(st.just("set"), st.integers(0, 9), st.integers(0, 10**12)),
        st.tuples(st.just("delete"), st.integers(0, 9), st.just(0)),
    ),
    min_size=1,
    max_size=7,
)


@settings(max_examples=12)
@given(edits=steps)
def test_any_edits_are_undone_to_nothing_and_made_again(
    edits: list[tuple[str, Any, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("plan") / "方案.gpkg"
    with create_plan(path, name="方案", actor="张三") as plan:
        with plan.edit("张三", "录入小区") as tx:
            tx.insert("compounds", [{"uid": uid} for uid in "abc"])
        states = [amounts(plan)]
        for kind, which, amount in edits:
            with plan.edit("张三", kind) as tx:
                _apply(tx, kind, which, amount)
            if amounts(plan) != states[-1]:
                states.append(amounts(plan))
        for state in reversed(states[:-1]):
            plan.undo("李四")
            assert amounts(plan) == state
        assert plan.can_undo() == "录入小区"
        for state in states[1:]:
            plan.redo("李四")
            assert amounts(plan) == state
        assert_whole(path)


def _apply(tx: Any, kind: str, which: Any, amount: int) -> None:
    if kind == "add":
        tx.add_record("funding", {"compound_uid": which, "amount_yuan": amount})
        return
    held = tx.records("funding")
    if held.empty:
        return
    row = held.iloc[which % len(held)]
    if kind == "set":
        tx.update_record("funding", row.name, row["version"], {"amount_yuan": amount})
    else:
        tx.delete_record("funding", row.name, row["version"])


def amounts(plan: Plan) -> dict[str, tuple[str, int]]:
    frame = plan.records("funding")
    pairs = zip(frame["compound_uid"], frame["amount_yuan"], strict=True)
    return dict(zip(frame.index, pairs, strict=True))
