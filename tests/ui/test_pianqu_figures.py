"""Neighbours, totals and names behind the page 片区, on the five compounds of 云城区 and a row of squares."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from data import pianqu
from data.store import create_plan
from ui import loaded
from ui.loaded import LoadedPlan
from ui.pianqu_figures import (
    UNGROUPED,
    bounds_of,
    figures_of,
    free_names,
    leaving,
    members_of,
    other_kinds,
    overview,
    pairs_within,
    pianqu_table,
)

GAP_M = 30.0


def square(place: float) -> shapely.MultiPolygon:
    """100 m or so, on a row; places 1 apart lie some 10 m from each other."""
    west = 112.0 + place * 0.0011
    return shapely.MultiPolygon([shapely.box(west, 22.9, west + 0.001, 22.901)])


@pytest.fixture
def row(tmp_path: Path) -> LoadedPlan:
    """甲 乙 丙 side by side, 丁 far off, 戊 without a boundary and of unknown households."""
    path = tmp_path / "row.gpkg"
    places = {"甲": 0, "乙": 1, "丙": 2, "丁": 30}
    records = [
        {"uid": name, "name": name, "households": 100, "kind": "老旧小区", "geometry": square(at)}
        for name, at in places.items()
    ]
    records.append({"uid": "戊", "name": "戊", "kind": "城中村"})
    with create_plan(path, name="一排", actor="甲") as plan, plan.edit("甲", "录入") as tx:
        tx.insert("compounds", records)
    return loaded.load(path)


def test_totals_of_a_pianqu_are_those_of_the_ledger_to_the_yuan(plan):
    frame = plan.view().frame
    chosen = frame[frame["name"].isin(["旧中专宿舍", "邮电新村", "云浮中学教师宿舍"])]
    uid = pianqu.make_pianqu(plan.plan, "金龙片区", list(chosen.index), "甲")
    row = pianqu_table(plan, plan.view(), GAP_M).loc[uid]
    assert row["name"] == "金龙片区"
    assert (row["compounds"], row["households"]) == (3, 437)
    assert row["investment_yuan"] == chosen["investment_yuan"].sum() == 2_600_000
    assert row["parts"] == 1
    rest = overview(plan.view())
    assert (rest["compounds"], rest["households"]) == (2, 624)


def test_the_preview_of_a_selection_is_the_total_of_the_pianqu_made_of_it(row):
    members = ["甲", "丙", "戊"]
    view = row.view()
    before = figures_of(view.frame.loc[members], pairs_within(row, view, GAP_M))
    uid = pianqu.make_pianqu(row.plan, "片", members, "甲")
    after = pianqu_table(row, row.view(), GAP_M).loc[uid]
    assert before.dropna().to_dict() == after[before.index].dropna().to_dict()
    assert after["households_unknown"] == 1


def test_a_member_without_a_boundary_is_no_part_of_its_own(row):
    uid = pianqu.make_pianqu(row.plan, "片", ["甲", "乙", "戊"], "甲")
    table = pianqu_table(row, row.view(), GAP_M)
    assert (table.loc[uid, "parts"], table.loc[uid, "without_boundary"]) == (1, 1)
    pianqu.add_members(row.plan, uid, ["丁"], "甲")
    assert pianqu_table(row, row.view(), GAP_M).loc[uid, "parts"] == 2


def test_without_any_boundary_nobody_knows_whether_it_lies_together(row):
    pianqu.make_pianqu(row.plan, "片", ["戊"], "甲")
    assert pianqu_table(row, row.view(), GAP_M)["parts"].isna().all()


def test_the_gap_decides_what_lies_together(row):
    uid = pianqu.make_pianqu(row.plan, "片", ["甲", "乙"], "甲")
    assert pianqu_table(row, row.view(), 30.0).loc[uid, "parts"] == 1
    assert pianqu_table(row, row.view(), 5.0).loc[uid, "parts"] == 2


def test_grouping_measures_nothing_anew_but_a_moved_boundary_does(row):
    first = pairs_within(row, row.view(), GAP_M)
    pianqu.make_pianqu(row.plan, "片", ["甲", "乙"], "甲")
    assert pairs_within(row, row.view(), GAP_M) is first
    version = int(row.view().frame.loc["丁", "version"])
    with row.plan.edit("甲", "移近") as tx:
        tx.update("compounds", "丁", version, {"geometry": square(3)})
    assert len(pairs_within(row, row.view(), GAP_M)) == len(first) + 1


def test_an_empty_pianqu_stays_in_the_list_with_nothing_in_it(row):
    uid = pianqu.make_pianqu(row.plan, "片", ["甲"], "甲")
    pianqu.remove_members(row.plan, uid, ["甲"], "甲")
    table = pianqu_table(row, row.view(), GAP_M)
    assert table.loc[uid, "compounds"] == 0
    assert members_of(row.view(), uid) == []


def test_numbers_in_names_are_sorted_as_numbers(row):
    for name, member in {"片区 10": "甲", "片区 9": "乙", "东片": "丙"}.items():
        pianqu.make_pianqu(row.plan, name, [member], "甲")
    table = pianqu_table(row, row.view(), GAP_M)
    assert list(table["name"]) == ["东片", "片区 9", "片区 10"]
    assert free_names(row.view(), 2) == ["片区 11", "片区 12"]


def test_ungrouped_are_those_in_no_pianqu(row):
    pianqu.make_pianqu(row.plan, "片", ["甲", "乙"], "甲")
    assert members_of(row.view(), UNGROUPED) == ["丙", "丁", "戊"]
    pianqu.make_pianqu(row.plan, "余", ["丙", "丁", "戊"], "甲")
    assert overview(row.view())["compounds"] == 0


def test_who_would_leave_which_pianqu_is_counted(row):
    east = pianqu.make_pianqu(row.plan, "东片", ["甲", "乙"], "甲")
    view = row.view()
    names = view.pianqu["name"].to_dict()
    assert leaving(view.frame, names).to_dict() == {"东片": 2}
    assert leaving(view.frame, names, to=east).to_dict() == {}


def test_other_kinds_are_counted(row):
    assert other_kinds(row.view().frame).to_dict() == {"城中村": 1}
    uid = pianqu.make_pianqu(row.plan, "片", ["甲", "戊"], "甲")
    assert pianqu_table(row, row.view(), GAP_M).loc[uid, "other_kinds"] == 1


def test_the_map_can_not_go_where_nothing_is_drawn(row):
    assert bounds_of(row.view(), ["戊"]) is None
    west, south, east, north = bounds_of(row.view(), ["甲", "戊"])
    assert west < 112.0 < east
    assert south < 22.9 < north
