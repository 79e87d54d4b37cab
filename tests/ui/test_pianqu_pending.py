"""What an assignment would change before it is applied, and the problems of a grouping, on a row of squares."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from data import pianqu
from data.store import create_plan
from tests.ui.test_pianqu_figures import GAP_M, square
from ui import loaded
from ui.loaded import LoadedPlan
from ui.pianqu_figures import UNGROUPED, pairs_within, pianqu_table
from ui.pianqu_pending import NEW, Pending, chosen_target, pending_frame, pending_of
from ui.pianqu_problems import chain_for, following, parts_of, problems_of

NO_LIMITS = SimpleNamespace(min_households=None, max_households=None)


@pytest.fixture
def row(tmp_path: Path) -> LoadedPlan:
    """甲 乙 丙 丁 戊 side by side, 100 households and 1,000,000 yuan each; 己 without a boundary."""
    path = tmp_path / "row.gpkg"
    records = [
        {
            "uid": name,
            "name": name,
            "households": 100,
            "investment_yuan": 1_000_000,
            "geometry": square(at),
        }
        for at, name in enumerate("甲乙丙丁戊")
    ]
    records.append({"uid": "己", "name": "己"})
    with create_plan(path, name="一排", actor="甲") as plan, plan.edit("甲", "录入") as tx:
        tx.insert("compounds", records)
    return loaded.load(path)


def seen(row: LoadedPlan, selection: str, target: str, takes: str = "any") -> Pending:
    return pending_of(row, row.view(), list(selection), target=target, takes=takes, gap_m=GAP_M)


def table(row: LoadedPlan):
    return pianqu_table(row, row.view(), GAP_M)


def test_before_and_after_are_those_of_the_plan_before_and_after(row) -> None:
    east = pianqu.make_pianqu(row.plan, "东片", ["甲", "乙"], "甲")
    west = pianqu.make_pianqu(row.plan, "西片", ["丁"], "甲")
    pending = seen(row, "乙丙", west)
    assert pending.moves == ["乙", "丙"]
    before = table(row)
    pianqu.add_members(row.plan, west, pending.moves, "甲")
    after = table(row)
    assert list(pending.after.index) == [west, east, UNGROUPED]
    for uid in (west, east):
        for told, held in ((pending.before, before), (pending.after, after)):
            for column in ("compounds", "households", "investment_yuan", "parts"):
                assert told.loc[uid, column] == held.loc[uid, column], (uid, column)
    assert pending.after.loc[UNGROUPED, "compounds"] == 2
    assert pending.figures["households"] == after.loc[west, "households"]
    assert pending.figures["span_m"] == pytest.approx(after.loc[west, "span_m"], rel=1e-6)


def test_the_colour_that_is_seen_is_the_colour_that_is_given(row) -> None:
    pianqu.make_pianqu(row.plan, "东片", ["甲", "乙"], "甲")
    pending = seen(row, "丙丁", NEW)
    assert (pending.name, pending.before.loc[NEW, "compounds"]) == ("片区 1", 0)
    frame, names = pending_frame(row.view(), pending)
    assert frame.loc["丙", "pianqu_uid"] == NEW
    assert names.loc[NEW, "color"] == pending.color
    assert row.view().frame.loc["丙", "pianqu_uid"] is None
    uid = pianqu.make_pianqu(row.plan, "新", pending.moves, "甲", color=pending.color)
    assert row.view().pianqu.loc[uid, "color"] == pending.color
    assert pending.color != row.view().pianqu.loc[row.view().pianqu.index[0], "color"]


def test_what_stays_is_left_out_and_said(row) -> None:
    east = pianqu.make_pianqu(row.plan, "东片", ["甲"], "甲")
    west = pianqu.make_pianqu(row.plan, "西片", ["乙"], "甲")
    pianqu.set_locked(row.plan, "pianqu", [west], True, "甲")
    pianqu.set_locked(row.plan, "compounds", ["丙"], True, "甲")
    pending = seen(row, "甲乙丙丁", east)
    assert pending.moves == ["丁"]
    assert pending.stays == {
        "已经在那里，不用动": 1,
        "已锁定的小区，留在原处": 1,
        "在已锁定的片区里，留在原处": 1,
    }
    pianqu.add_members(row.plan, east, pending.moves, "甲")
    locked = seen(row, "甲丁", west)
    assert (locked.moves, locked.figures) == ([], None)
    assert locked.stays == {"“西片”已锁定，不能加入": 2}
    free = seen(row, "甲戊", NEW, takes="ungrouped")
    assert free.moves == ["戊"]
    assert free.stays == {"已有片区，这次只取未分组的": 1}


def test_into_none_is_an_assignment_too(row) -> None:
    east = pianqu.make_pianqu(row.plan, "东片", ["甲", "乙", "丙"], "甲")
    pending = seen(row, "乙戊", UNGROUPED)
    assert pending.moves == ["乙"]
    assert pending.after.loc[east, "parts"] == 2
    assert pending.after.loc[UNGROUPED, "compounds"] == 4
    assert pending.figures is None


def test_a_target_that_is_gone_becomes_a_new_one(row) -> None:
    uid = pianqu.make_pianqu(row.plan, "东片", ["甲"], "甲")
    assert chosen_target(row.view(), uid) == uid
    pianqu.dissolve(row.plan, uid, "甲")
    assert chosen_target(row.view(), uid) == NEW
    assert chosen_target(row.view(), None) == NEW
    assert chosen_target(row.view(), UNGROUPED) == UNGROUPED


def problems(row: LoadedPlan, **limits):
    settings = SimpleNamespace(**{**vars(NO_LIMITS), **limits})
    return problems_of(row, row.view(), table(row), settings, GAP_M)


def test_every_kind_of_problem_is_found_once_and_in_order(row) -> None:
    pianqu.make_pianqu(row.plan, "两处", ["甲", "丙"], "甲")
    empty = pianqu.make_pianqu(row.plan, "空的", ["乙"], "甲")
    pianqu.remove_members(row.plan, empty, ["乙"], "甲")
    pianqu.make_pianqu(row.plan, "小的", ["丁"], "甲")
    pianqu.set_locked(row.plan, "compounds", ["己"], True, "甲")
    found = problems(row, min_households=150, max_households=190, max_diameter_m=300.0)
    assert [(one.kind, one.title.split("：")[0]) for one in found] == [
        ("broken", "“两处”不连片"),
        ("over", "“两处”户数超限"),
        ("over", "“两处”跨度超限"),
        ("below", "“小的”户数不足"),
        ("empty", "“空的”是空的"),
        ("free", "“乙”未分组"),
        ("free", "“戊”未分组"),
    ]
    assert [one.kind for one in problems(row)] == ["broken", "empty", "free", "free"]


def test_going_through_problems_comes_round_and_does_not_skip_after_one_is_settled(row) -> None:
    pianqu.make_pianqu(row.plan, "两处", ["甲", "丙"], "甲")
    found = problems(row)
    assert following(found, None) == 0
    assert following(found, (0, found[0].key)) == 1
    assert following(found, (len(found) - 1, found[-1].key)) == 0
    pianqu.make_pianqu(row.plan, "乙片", ["乙"], "甲")
    left = problems(row)
    assert left[following(left, (1, found[1].key))].uid == found[2].uid
    assert following((), (3, "x")) == 0


def test_a_broken_one_is_joined_by_free_compounds_and_never_by_locked_ones(row) -> None:
    uid = pianqu.make_pianqu(row.plan, "两处", ["甲", "丙", "己"], "甲")
    assert parts_of(row, row.view(), uid, GAP_M) == [["丙", "己"], ["甲"]]
    assert chain_for(row, row.view(), uid, GAP_M).steps == ("乙",)
    other = pianqu.make_pianqu(row.plan, "乙片", ["乙"], "甲")
    assert chain_for(row, row.view(), uid, GAP_M).steps == ("乙",)
    pianqu.set_locked(row.plan, "pianqu", [other], True, "甲")
    assert chain_for(row, row.view(), uid, GAP_M).left == 2
    assert len(pairs_within(row, row.view(), GAP_M)) == 4
