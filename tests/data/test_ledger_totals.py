"""Totals of ledgers: in words, kept with a plan batch by batch, and held against the right rows."""

from __future__ import annotations

import pandas as pd
import pytest

from data.importing import apply_ledger
from data.ledger_batches import kept_with, stated_totals
from data.ledger_check import check_ledger
from data.ledger_parcels import check_far_stated, check_parcels
from data.ledger_parts import part_rows
from data.ledger_texts import text_totals
from data.store import create_plan
from tests.data.incoming import HEAD, ROWS, ledger

TOTAL = ["合计", None, None, None, 702, 150.5, None]
OTHER = [[None, "河口街道", "河口社区", "河口新村", 40, 20, None]]


def of_rule(findings, *wanted):
    return [one for one in findings if one.rule in wanted]


def frame_of(**columns):
    frame = pd.DataFrame(columns)
    for name in frame.columns:
        if name.endswith("_yuan") or name in ("households", "building_count", "stalls_new"):
            frame[name] = frame[name].astype("Int64")
    return frame


# --- totals in words


@pytest.mark.parametrize(
    ("text", "totals"),
    [
        (
            "2024年全区改造城镇老旧小区 5个，惠及居民 1061户，住宅 楼 65栋，面积约 8.45万平方，预计总投资 515万元。"
            "主要改造 云城街 5个老旧小区：旧中专宿舍",
            {
                "compounds": 5, "households": 1061, "building_count": 65, "floor_area_m2": 84_500,
                "investment_yuan": 5_150_000,
            },
        ),
        ("全区总投资１，６２６．８万元", {"investment_yuan": 16_268_000}),
        ("合计补助465万元，其中中央财政补助资金295万元、省级专项资金170万元",
         {"grant_yuan": 4_650_000, "grant_central_yuan": 2_950_000, "grant_provincial_yuan": 1_700_000}),
        ("注：玉皇路小区投资230万元、581户", {}),
        ("全区5个小区1061户，其中马坪社区624户", {"compounds": 5}),
        ("单位：万元、万平方米", {}),
    ],
)  # fmt: skip
def test_totals_are_read_from_sentences_that_speak_of_the_whole(text, totals):
    found = text_totals([(1, text)])
    assert (found[0].totals if found else {}) == totals


def stated(totals, *texts):
    lines = [
        {"row": 9, "text": text, "totals": text_totals([(9, text)])[0].totals} for text in texts
    ]
    return [{"file": "台账.xlsx", "sheet": "S", "uids": None, "totals": totals, "texts": lines}]


def test_words_against_the_row_of_totals_and_against_the_rows():
    frame = frame_of(name=["甲", "乙", "丙"], households=[40, 58, 97])
    right = stated({"households": 195}, "以上3个小区共195户")
    assert not of_rule(check_ledger(frame, totals=right), "sum_in_text", "text_and_totals")
    wrong = check_ledger(frame, totals=stated({"households": 195}, "以上3个小区共155户"))
    (both,) = of_rule(wrong, "text_and_totals")
    assert (both.found, both.expected) == ("155 户", "195 户")
    (sums,) = of_rule(wrong, "sum_in_text")
    assert "“甲”" in sums.message
    assert "第9行" in sums.message
    (count,) = of_rule(check_ledger(frame, totals=stated({}, "以上5个小区")), "sum_in_text")
    assert (count.found, count.expected) == ("5 个", "3 个")


# --- kept with a plan


@pytest.fixture
def plan(tmp_path):
    with create_plan(tmp_path / "方案.gpkg", name="云城", actor="测试员") as opened:
        yield opened


def kept(plan):
    return plan.settings().get("ledger_totals")


def checked(plan, *wanted):
    return of_rule(check_ledger(plan.read("compounds"), totals=kept(plan)), *wanted)


def test_an_import_keeps_its_totals_and_undo_and_redo_go_with_it(plan):
    done = apply_ledger(plan, *ledger([*ROWS, TOTAL]), "张三")
    (entry,) = kept(plan)
    assert entry["totals"] == {"households": 702.0, "investment_yuan": 1_505_000.0}
    assert entry["uids"] == list(done.new)
    assert not checked(plan, "sum_of_rows", "no_totals")
    plan.undo("张三")
    assert kept(plan) is None
    plan.redo("张三")
    assert kept(plan) == [entry]


def test_a_household_changed_later_makes_the_total_wrong(plan):
    apply_ledger(plan, *ledger([*ROWS, TOTAL]), "张三")
    with plan.edit("李四", "改") as tx:
        tx.update("compounds", "A1", 1, {"households": 124})
    (wrong,) = checked(plan, "sum_of_rows")
    assert (wrong.found, wrong.expected) == ("702 户", "802 户")


def test_totals_of_two_ledgers_are_held_against_their_own_rows(plan):
    apply_ledger(plan, *ledger([*ROWS, TOTAL]), "张三")
    apply_ledger(
        plan, *ledger([*OTHER, ["合计", None, None, None, 41, 20, None]], name="河口.xlsx"), "张三"
    )
    assert [one["file"] for one in kept(plan)] == ["台账.xlsx", "河口.xlsx"]
    (wrong,) = checked(plan, "sum_of_rows")
    assert wrong.message.startswith("台账“河口.xlsx”的居民户数：所列合计为41 户，各行相加为40 户")


def test_a_later_ledger_about_the_same_compounds_takes_the_place_of_the_first(plan):
    apply_ledger(plan, *ledger([*ROWS, TOTAL]), "张三")
    rows = [["A1", "云城街道", "天马社区", "旧中专宿舍", 25, 40, None], *ROWS[1:]]
    apply_ledger(plan, *ledger([*rows, ["合计", None, None, None, 703, 150.5, None]]), "张三")
    (entry,) = kept(plan)
    assert entry["totals"]["households"] == 703
    assert not checked(plan, "sum_of_rows")
    plan.undo("张三")
    assert kept(plan)[0]["totals"]["households"] == 702


def test_totals_of_a_whole_plan_become_those_of_the_compounds_that_were_there():
    frame, sheet = ledger(OTHER)
    entries = kept_with({"households": 702}, frame, sheet, uids=["B1"], before=["A1", "A2"])
    assert [one["uids"] for one in entries] == [["A1", "A2"], ["B1"]]
    over = kept_with({"households": 702}, frame, sheet, uids=["A1"], before=["A1", "A2"])
    assert [one["uids"] for one in over] == [["A1"]]


def test_units_put_right_by_the_planner_hold_for_the_totals_too():
    from data.reading import ledger_frame
    from data.reading.ledger import take_apart

    rows = [["小区名称", "总投资"], ["甲", 40], ["乙", 60], ["合计", 100]]
    sheet = take_apart({"sheets": [{"name": "S", "rows": rows, "merges": []}]}, file_name="a.csv")
    frame, _ = ledger_frame(sheet, units={1: "元"})
    assert frame.attrs["totals"] == {"investment_yuan": 100.0}


def test_what_was_split_or_merged_since_is_nobodys_slip(plan):
    done = apply_ledger(plan, *ledger([*ROWS, TOTAL]), "张三")
    with plan.edit("李四", "拆分") as tx:
        tx.update("compounds", "A1", 1, {"households": 14})
        tx.insert("compounds", [{"name": "旧中专宿舍二", "households": 10, "kind": "老旧小区"}])
    assert not checked(plan, "sum_of_rows")
    with plan.edit("李四", "删") as tx:
        tx.delete("compounds", done.new[1], 1)
    assert not checked(plan, "sum_of_rows")
    assert {one.severity for one in checked(plan, "sum_not_checkable")} == {"说明"}


@pytest.mark.parametrize(
    "held", [None, [], {}, "坏", [1], [{"totals": "坏", "texts": [3]}], {"households": "坏"}]
)
def test_a_damaged_setting_states_nothing(held):
    assert all(one.totals == {} and one.texts == () for one in stated_totals(held))
    check_ledger(frame_of(name=["甲"], households=[1]), totals=held)


def test_totals_stand_in_the_head_of_the_sheet_too():
    head = [["全区改造3个小区，共700户"], HEAD]
    from data.reading import ledger_frame
    from data.reading.ledger import take_apart

    grid = {"sheets": [{"name": "S", "rows": [*head, *ROWS], "merges": []}]}
    sheet = take_apart(grid, file_name="台账.xlsx")
    assert sheet.texts == ((1, "全区改造3个小区，共700户"),)
    frame, _ = ledger_frame(sheet)
    entries = kept_with(None, frame, sheet, uids=["A1", "A2", "A3"], before=[])
    assert entries[0]["texts"][0]["totals"] == {"compounds": 3.0, "households": 700.0}


# --- parts in rows


def test_parts_are_known_by_their_names_and_a_parent_by_its_sum():
    names = [
        "金花园小区",
        "金花园A区、A2区",
        "金花园B区",
        "金花园（C区）",
        "金星花园一区",
        "明珠苑",
    ]
    frame = frame_of(name=names, investment_yuan=[643, 210, 212, 221, 5, 6])
    (group,) = part_rows(frame)
    assert (group.parent, group.parts, group.ties) == (0, (1, 2, 3), ("investment_yuan",))


def test_a_parent_that_ties_in_money_must_tie_in_households():
    frame = frame_of(
        name=["金花园小区", "金花园A区", "金花园B区"],
        investment_yuan=[643, 210, 433],
        households=[99, 40, 60],
    )
    (wrong,) = of_rule(check_ledger(frame), "sum_of_parts")
    assert (wrong.severity, wrong.found, wrong.expected) == ("错误", "99 户", "100 户")
    frame["investment_yuan"] = pd.array([644, 210, 433], dtype="Int64")
    assert {one.severity for one in of_rule(check_ledger(frame), "sum_of_parts")} == {"提醒"}


# --- land


def land(**extra):
    frame = pd.DataFrame({"name": ["新亚洲工业城"], "floor_area_m2": [100_000.0]})
    frame["extra"] = [extra]
    return frame


@pytest.mark.parametrize("site", [151_575, 15.1575])
def test_a_ratio_of_1_5_is_wrong_where_the_figures_give_0_66(site):
    (wrong,) = check_far_stated(land(容积率=1.5, 用地面积=site))
    assert (wrong.found, wrong.expected) == ("1.5", "0.66")
    assert "227362.5 ㎡" in wrong.message
    assert ("公顷读取" in wrong.message) is (site < 100)
    assert not check_far_stated(land(容积率=0.66, 用地面积=site))
    assert not check_far_stated(land(容积率=1.5))


def test_certificates_that_overlap_are_netted_out():
    both = "特233号50061㎡；特234号116157㎡"
    told = {
        "说明": land(土地证=both, 重叠面积="1.4643公顷", 用地面积=151_575),
        "提醒": land(土地证=both, 用地面积=151_575),
        "错误": land(土地证=both, 重叠面积="1.4643公顷", 用地面积=151_000),
    }
    for severity, frame in told.items():
        (found,) = check_parcels(frame)
        assert found.severity == severity
        assert "14643 ㎡（1.4643 公顷）" in found.message
    (odd,) = check_parcels(land(土地证=both, 重叠面积="9公顷", 用地面积=151_575))
    assert "不可能重叠" in odd.message
    assert not check_parcels(land(土地证="特233号50061㎡", 用地面积=50_061))


def test_payments_beyond_a_compounds_own_money_are_named():
    frame = frame_of(name=["甲"], investment_yuan=[100], grant_central_yuan=[50], households=[1])
    frame["contribution_residents_yuan"] = 10
    paid = pd.DataFrame({"compound_uid": [0, 0], "paid_yuan": pd.array([30, 61], dtype="Int64")})
    (over,) = of_rule(check_ledger(frame, progress=paid), "paid_above_funding")
    assert (over.rows, over.found, over.expected) == ((0,), "0.0061 万元", "≤ 0.006 万元")


def test_an_area_per_building_far_above_4000_is_named():
    frame = frame_of(name=["甲", "乙", "丙"], building_count=[10, 10, 10])
    frame["floor_area_m2"] = [10_000.0, 12_000.0, 40_740.0]
    (house,) = of_rule(check_ledger(frame), "area_per_building")
    assert (house.rows, house.found) == ((2,), "4074.0 ㎡/栋")
