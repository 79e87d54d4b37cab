"""Locks, merging, splitting and stale actions on the town of tests/data/test_pianqu.py."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import pianqu
from data.store import Plan, create_plan
from errors import LockedError, PlanningError, RecordError, StoreError
from tests.data.store.conftest import square
from tests.data.test_pianqu import RECORDS, UNDRAWN, assert_boundaries, members


@pytest.fixture
def plan(tmp_path: Path) -> Iterator[Plan]:
    with create_plan(tmp_path / "锁.gpkg", name="锁", actor="张三") as made:
        with made.edit("张三", "录入") as tx:
            tx.insert("compounds", [*RECORDS, UNDRAWN])
        yield made


@pytest.fixture
def east(plan: Plan) -> str:
    return pianqu.make_pianqu(plan, "东片", ["c0", "c1"], "李四")


@pytest.fixture
def west(plan: Plan, east: str) -> str:
    return pianqu.make_pianqu(plan, "西片", ["c2", "c3"], "李四")


def seen(plan: Plan) -> pianqu.Seen:
    return pianqu.Seen(pianqu=plan.read("pianqu"), compounds=plan.read("compounds"))


def test_a_locked_pianqu_neither_gains_nor_loses_members(plan: Plan, east: str, west: str) -> None:
    assert pianqu.set_locked(plan, "pianqu", [east], True, "李四") == 1
    before = plan.revision()
    for attempt in (
        lambda: pianqu.add_members(plan, east, ["c4"], "王五"),
        lambda: pianqu.remove_members(plan, east, ["c0"], "王五"),
        lambda: pianqu.release(plan, ["c0"], "王五"),
        lambda: pianqu.add_members(plan, west, ["c1"], "王五"),
        lambda: pianqu.make_pianqu(plan, "新片", ["c1", "c5"], "王五"),
        lambda: pianqu.assign(plan, pd.Series({"c0": "西片", "c5": "东片"}), "王五"),
        lambda: pianqu.dissolve(plan, east, "王五"),
        lambda: pianqu.merge(plan, [west, east], "王五"),
        lambda: pianqu.merge(plan, [east, west], "王五"),
        lambda: pianqu.split_off(plan, east, ["c0"], "新片", "王五"),
    ):
        with pytest.raises(LockedError, match=r"片区“东片”已锁定.*先解锁"):
            attempt()
    assert plan.revision() == before
    pianqu.rename(plan, east, "城东片", "王五")
    pianqu.recolour(plan, east, 5, "王五")
    pianqu.add_members(plan, west, ["c4"], "王五")
    pianqu.set_locked(plan, "pianqu", [east], False, "王五")
    assert pianqu.add_members(plan, east, ["c5"], "王五") == 1


def test_a_locked_compound_keeps_its_pianqu_or_stays_in_none(plan: Plan, east: str) -> None:
    assert pianqu.set_locked(plan, "compounds", ["c0", "c5"], True, "李四") == 2
    for attempt in (
        lambda: pianqu.remove_members(plan, east, ["c0"], "王五"),
        lambda: pianqu.add_members(plan, east, ["c5", "c4"], "王五"),
        lambda: pianqu.dissolve(plan, east, "王五"),
    ):
        with pytest.raises(LockedError, match=r"小区“[05] 号院”已锁定，不能换片区。.*“分配”里解锁"):
            attempt()
    assert members(plan)["c0"] == "东片"
    assert members(plan)["c4"] is None
    # Its figures are free.
    with plan.edit("王五", "改户数") as tx:
        tx.update(
            "compounds", "c0", int(plan.read("compounds")["version"]["c0"]), {"households": 7}
        )


def test_nor_is_it_deleted_nor_drawn_into_a_locked_pianqu(plan: Plan, east: str) -> None:
    pianqu.set_locked(plan, "pianqu", [east], True, "李四")
    pianqu.set_locked(plan, "compounds", ["c5"], True, "李四")
    versions = plan.read("compounds")["version"]
    for uid, told in (("c0", "片区“东片”已锁定，不能移出"), ("c5", "小区“5 号院”已锁定，不能删除")):
        with pytest.raises(LockedError, match=told), plan.edit("王五", "删") as tx:
            tx.delete("compounds", uid, int(versions[uid]))
    with pytest.raises(LockedError, match="不能加入小区“新院”"), plan.edit("王五", "画") as tx:
        tx.insert("compounds", [{"name": "新院", "pianqu_uid": east, "geometry": square(8)}])
    assert plan.count("compounds") == 7


def test_what_stays_where_it_is_breaks_no_lock(plan: Plan, east: str) -> None:
    pianqu.set_locked(plan, "pianqu", [east], True, "李四")
    found = pianqu.assign(plan, pd.Series({"c0": "东片", "c1": "东片", "c2": "西片"}), "王五")
    assert found["东片"] == east
    assert members(plan)["c2"] == "西片"


def test_all_are_locked_and_unlocked_in_one_step_that_says_what_it_did(
    plan: Plan, east: str, west: str
) -> None:
    assert pianqu.set_locked(plan, "pianqu", [east, west], True, "李四") == 2
    assert plan.can_undo() == "锁定 2 个片区"
    assert pianqu.set_locked(plan, "pianqu", [east, west], True, "李四") == 0
    assert pianqu.set_locked(plan, "pianqu", [west], False, "李四") == 1
    assert plan.can_undo() == "解锁片区：西片"
    plan.undo("李四")
    assert plan.read("pianqu")["locked"].all()
    assert "片区“西片”：锁定 是 → 否" in set(plan.history()["summary"])
    with pytest.raises(RecordError, match="1 个片区已经不存在"):
        pianqu.set_locked(plan, "pianqu", [east, "nobody"], False, "李四")
    with pytest.raises(RecordError, match="没有选中"):
        pianqu.set_locked(plan, "compounds", [], True, "李四")


def test_an_undo_by_another_does_not_break_a_lock(plan: Plan, east: str) -> None:
    pianqu.add_members(plan, east, ["c4"], "王五")
    pianqu.set_locked(plan, "pianqu", [east], True, "李四")
    with pytest.raises(StoreError):
        plan.undo("王五", of="王五")
    assert members(plan)["c4"] == "东片"


def test_merging_keeps_the_first_and_is_one_step(plan: Plan, east: str, west: str) -> None:
    before = plan.read("pianqu").loc[east]
    assert pianqu.merge(plan, [east, west], "王五", seen=seen(plan)) == 2
    after = plan.read("pianqu")
    assert list(after.index) == [east]
    assert (after.loc[east, "name"], after.loc[east, "color"]) == (before["name"], before["color"])
    assert {uid for uid, name in members(plan).items() if name == "东片"} == {
        "c0",
        "c1",
        "c2",
        "c3",
    }
    assert_boundaries(plan)
    assert plan.can_undo() == "合并 2 个片区为：东片"
    plan.undo("王五")
    assert sorted(plan.read("pianqu")["name"]) == ["东片", "西片"]
    assert_boundaries(plan)
    with pytest.raises(RecordError, match="至少两个"):
        pianqu.merge(plan, [east, east], "王五")


def test_some_members_become_a_pianqu_of_their_own(plan: Plan, east: str) -> None:
    pianqu.add_members(plan, east, ["c3", "x"], "李四")
    colour = plan.read("pianqu")["color"][east]
    new = pianqu.split_off(plan, east, ["c3", "x"], "东片二", "王五", seen=seen(plan))
    assert members(plan)["c3"] == members(plan)["x"] == "东片二"
    assert members(plan)["c0"] == "东片"
    assert plan.read("pianqu")["color"][east] == colour
    assert plan.read("pianqu")["color"][new] is not pd.NA
    assert_boundaries(plan)
    plan.undo("王五")
    assert members(plan)["c3"] == "东片"
    for uids, told in ((["c5"], "成员"), ([], "成员"), (["c0", "c1", "c3", "x"], "至少留下一个")):
        with pytest.raises(RecordError, match=told):
            pianqu.split_off(plan, east, uids, "东片二", "王五")
    with pytest.raises(RecordError, match="已经有名为"):
        pianqu.split_off(plan, east, ["c3"], "东片", "王五")


def test_each_part_becomes_a_pianqu_of_its_own(plan: Plan, east: str) -> None:
    pianqu.add_members(plan, east, ["c3", "c5"], "李四")
    groups = [("东片 2", ["c3"]), ("东片 3", ["c5"])]
    assert len(pianqu.split_parts(plan, east, groups, "王五", seen=seen(plan))) == 2
    held = members(plan)
    assert [held[uid] for uid in ("c0", "c1", "c3", "c5")] == ["东片", "东片", "东片 2", "东片 3"]
    assert plan.can_undo() == "按连片拆分片区：东片，共 3 个"
    with pytest.raises(RecordError, match="同时分到两个"):
        pianqu.split_parts(plan, east, [("甲", ["c0"]), ("乙", ["c0"])], "王五")


def test_what_another_has_changed_since_is_refused_by_name(
    plan: Plan, east: str, west: str
) -> None:
    old = seen(plan)
    pianqu.add_members(plan, west, ["c4"], "王五")
    for attempt in (
        lambda: pianqu.dissolve(plan, west, "李四", seen=old),
        lambda: pianqu.merge(plan, [east, west], "李四", seen=old),
        lambda: pianqu.split_parts(plan, west, [("丙片", ["c2"])], "李四", seen=old),
    ):
        with pytest.raises(StoreError, match=r"片区“西片”.*已被他人修改"):
            attempt()
    for attempt in (
        lambda: pianqu.add_members(plan, east, ["c4"], "李四", seen=old),
        lambda: pianqu.make_pianqu(plan, "新", ["c4", "c5"], "李四", seen=old),
        lambda: pianqu.release(plan, ["c4"], "李四", seen=old),
    ):
        with pytest.raises(StoreError, match=r"小区“4 号院”.*已被他人换了片区"):
            attempt()
    pianqu.rename(plan, east, "城东片", "王五")
    for attempt in (
        lambda: pianqu.rename(plan, east, "东一片", "李四", seen=old),
        lambda: pianqu.recolour(plan, east, 3, "李四", seen=old),
        lambda: pianqu.add_members(plan, east, ["c5"], "李四", seen=old),
    ):
        with pytest.raises(StoreError, match=r"片区“东片”.*已被他人修改"):
            attempt()
    # What has nothing to do with it is no reason to refuse.
    pianqu.release(plan, ["c0"], "李四", seen=old)


def rows(path: Path) -> dict[str, list[tuple]]:
    """All rows of both layers as stored, but for versions and authors, which only grow."""
    found = {}
    with closing(sqlite3.connect(path)) as connection:
        for layer in ("compounds", "pianqu"):
            info = connection.execute(f'PRAGMA table_info("{layer}")')
            names = [row[1] for row in info if row[1] not in {"version", "edited_by"}]
            listed = ",".join(f'"{name}"' for name in names)
            found[layer] = connection.execute(
                f'SELECT {listed} FROM "{layer}" ORDER BY fid'
            ).fetchall()
    return found


class Case(NamedTuple):
    plan: Plan
    held: list[str]
    some: list[str]


ACTIONS = {
    "make": lambda on: pianqu.make_pianqu(on.plan, "新片", on.some, "甲"),
    "add": lambda on: pianqu.add_members(on.plan, on.held[0], on.some, "甲"),
    "release": lambda on: pianqu.release(on.plan, on.some, "甲"),
    "dissolve": lambda on: pianqu.dissolve(on.plan, on.held[-1], "甲"),
    "merge": lambda on: pianqu.merge(on.plan, on.held, "甲"),
    "split": lambda on: pianqu.split_off(on.plan, on.held[0], on.some[:1], "分片", "甲"),
    "colour": lambda on: pianqu.recolour(on.plan, on.held[0], 7, "甲"),
    "name": lambda on: pianqu.rename(on.plan, on.held[0], "改名", "甲"),
    "lock": lambda on: pianqu.set_locked(on.plan, "pianqu", on.held[:1], True, "甲"),
    "lock one": lambda on: pianqu.set_locked(on.plan, "compounds", on.some, True, "甲"),
    "unlock": lambda on: pianqu.set_locked(on.plan, "pianqu", on.held, False, "甲"),
}
steps = st.lists(
    st.tuples(
        st.sampled_from(sorted(ACTIONS)),
        st.lists(st.sampled_from(["c0", "c1", "c2", "c3", "c4", "x"]), min_size=1, unique=True),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_undo_restores_the_stored_bytes_and_redo_makes_them_again(
    tmp_path_factory: pytest.TempPathFactory, actions
) -> None:
    path = tmp_path_factory.mktemp("undo") / "撤销.gpkg"
    with create_plan(path, name="撤销", actor="张三") as plan:
        with plan.edit("张三", "录入") as tx:
            tx.insert("compounds", [*RECORDS, UNDRAWN])
        pianqu.make_pianqu(plan, "东片", ["c0", "c1"], "张三")
        pianqu.make_pianqu(plan, "西片", ["c3"], "张三")
        states = [rows(path)]
        for name, some in actions:
            held = list(plan.read("pianqu").index)
            revision = plan.revision()
            try:
                ACTIONS[name](Case(plan, held, some))
            except (PlanningError, IndexError):
                assert plan.revision() == revision
            if plan.revision() != revision:
                states.append(rows(path))
        for state in reversed(states[:-1]):
            plan.undo("甲", of="甲")
            assert rows(path) == state
        for state in states[1:]:
            plan.redo("甲", of="甲")
            assert rows(path) == state
