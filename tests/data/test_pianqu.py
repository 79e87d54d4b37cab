"""片区 of a small town: making, moving, naming, colouring, dissolving, totals.

The town: six compounds of 0.001 degrees in a row, 0.001 degrees apart, and one without a boundary.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data import pianqu
from data.pianqu import PALETTE_SIZE, TOTALS
from data.schema import CONTRIBUTION_FIELDS, GRANT_FIELDS
from data.store import Plan, create_plan
from errors import RecordError
from geo.adjacency import neighbours
from geo.crs import plan_zone, to_plane
from tests.data.store.conftest import square
from tests.data.store.oracle import assert_whole

RECORDS = [
    {
        "uid": f"c{i}",
        "name": f"{i} 号院",
        "households": 100 + i,
        "building_count": i + 1,
        "floor_area_m2": 1000.5 * i,
        "investment_yuan": 1_000_000 * i,
        "grant_central_yuan": 300_000,
        "geometry": square(i),
    }
    for i in range(6)
]
UNDRAWN = {"uid": "x", "name": "无界院", "investment_yuan": 500_000}


@pytest.fixture
def plan(tmp_path: Path) -> Iterator[Plan]:
    with create_plan(tmp_path / "片区.gpkg", name="片区", actor="张三") as made:
        with made.edit("张三", "录入") as tx:
            tx.insert("compounds", [*RECORDS, UNDRAWN])
        yield made


def members(plan: Plan) -> dict[str, str | None]:
    names = plan.read("pianqu")["name"]
    held = plan.read("compounds")["pianqu_uid"]
    return {uid: None if of is None else names[of] for uid, of in held.items()}


def assert_boundaries(plan: Plan) -> None:
    """Every 片区 is the union of its members; one without a drawn member has no boundary."""
    compounds = plan.read("compounds")
    for uid, boundary in plan.read("pianqu").geometry.items():
        drawn = compounds.geometry[compounds["pianqu_uid"] == uid].dropna()
        if len(drawn):
            assert boundary.equals(shapely.union_all(drawn.to_numpy()))
        else:
            assert boundary is None


def test_a_pianqu_is_made_of_compounds_in_one_step(plan: Plan) -> None:
    uid = pianqu.make_pianqu(plan, " 东片 ", ["c0", "c1", "x"], "李四")
    row = plan.read("pianqu").loc[uid]
    assert row["name"] == "东片"
    assert row["color"] == 0
    assert members(plan)["c0"] == members(plan)["x"] == "东片"
    assert members(plan)["c2"] is None
    assert_boundaries(plan)
    assert plan.can_undo() == "组成片区：东片"
    plan.undo("李四")
    assert set(members(plan).values()) == {None}
    assert plan.count("pianqu") == 0
    assert_whole(plan.path)


def test_only_undrawn_members_are_allowed(plan: Plan) -> None:
    uid = pianqu.make_pianqu(plan, "待画", ["x"], "李四")
    assert plan.read("pianqu").geometry[uid] is None
    with plan.edit("李四", "画边界") as tx:
        tx.update("compounds", "x", 2, {"geometry": square(9)})
    assert_boundaries(plan)


def test_a_compound_that_moves_leaves_its_old_pianqu_and_a_trace(plan: Plan) -> None:
    east = pianqu.make_pianqu(plan, "东片", ["c0", "c1"], "李四")
    west = pianqu.make_pianqu(plan, "西片", ["c1", "c2"], "王五")
    assert members(plan)["c1"] == "西片"
    assert_boundaries(plan)
    entry = plan.history(uid="c1").iloc[0]
    assert entry["before"] == {"pianqu_uid": east}
    assert entry["after"] == {"pianqu_uid": west}
    assert entry["actor"] == "王五"
    assert "所属片区 东片 → 西片" in entry["summary"]


def test_members_come_and_go(plan: Plan) -> None:
    uid = pianqu.make_pianqu(plan, "东片", ["c0"], "李四")
    assert pianqu.add_members(plan, uid, ["c0", "c1", "x"], "李四") == 2
    assert_boundaries(plan)
    assert plan.can_undo() == "加入片区：东片"
    # c3 is not a member: nothing to remove.
    assert pianqu.remove_members(plan, uid, ["c0", "c3"], "李四") == 1
    assert_boundaries(plan)
    assert plan.can_undo() == "移出片区：东片"
    assert [uid for uid, name in members(plan).items() if name] == ["c1", "x"]
    assert pianqu.remove_members(plan, uid, ["c1", "x"], "李四") == 2
    assert plan.read("pianqu").geometry[uid] is None


def test_dissolving_frees_the_members_and_can_be_undone(plan: Plan) -> None:
    uid = pianqu.make_pianqu(plan, "东片", ["c0", "c1", "x"], "李四")
    before = plan.read("pianqu")
    assert pianqu.dissolve(plan, uid, "王五") == 3
    assert plan.count("pianqu") == 0
    assert set(members(plan).values()) == {None}
    assert plan.can_undo() == "解散片区：东片"
    plan.undo("王五")
    after = plan.read("pianqu")
    pd.testing.assert_frame_equal(
        pd.DataFrame(before[["name", "color"]]), pd.DataFrame(after[["name", "color"]])
    )
    assert_boundaries(plan)
    assert_whole(plan.path)


def test_names_are_unique_and_not_empty(plan: Plan) -> None:
    east = pianqu.make_pianqu(plan, "东片", ["c0"], "李四")
    west = pianqu.make_pianqu(plan, "西片", ["c1"], "李四")
    for attempt in (
        lambda: pianqu.make_pianqu(plan, "东片 ", ["c2"], "李四"),
        lambda: pianqu.rename(plan, west, "东片", "李四"),
        lambda: pianqu.rename(plan, west, " \n", "李四"),
    ):
        with pytest.raises(RecordError, match="片区"):
            attempt()
    pianqu.rename(plan, east, "东片", "李四")
    pianqu.rename(plan, east, "城东片", "李四")
    assert plan.read("pianqu")["name"][east] == "城东片"
    assert plan.can_undo() == "片区改名：城东片"


def test_remarks_are_written_with_the_pianqu_and_later(plan: Plan) -> None:
    uid = pianqu.make_pianqu(plan, "东片", ["c0"], "李四", remarks=" 先行实施 ")
    assert plan.read("pianqu").loc[uid, "remarks"] == "先行实施"
    pianqu.annotate(plan, uid, "第二批", "王五")
    assert plan.read("pianqu").loc[uid, "remarks"] == "第二批"
    pianqu.annotate(plan, uid, "  ", "王五")
    assert plan.read("pianqu").loc[uid, "remarks"] is None
    plan.undo("王五")
    assert plan.read("pianqu").loc[uid, "remarks"] == "第二批"
    with pytest.raises(RecordError):
        pianqu.annotate(plan, "nobody", "在哪", "王五")


def test_what_is_gone_is_said(plan: Plan) -> None:
    with pytest.raises(RecordError, match="1 个已经不存在"):
        pianqu.make_pianqu(plan, "东片", ["c0", "nobody"], "李四")
    with pytest.raises(RecordError, match="没有选中小区"):
        pianqu.make_pianqu(plan, "东片", [], "李四")
    assert plan.count("pianqu") == 0
    for attempt in (
        lambda: pianqu.add_members(plan, "p", ["c0"], "李四"),
        lambda: pianqu.rename(plan, "p", "名", "李四"),
        lambda: pianqu.recolour(plan, "p", 1, "李四"),
        lambda: pianqu.dissolve(plan, "p", "李四"),
    ):
        with pytest.raises(RecordError, match="已经不存在"):
            attempt()


def test_a_colour_is_kept_for_life_and_differs_from_the_neighbours(plan: Plan) -> None:
    made = [pianqu.make_pianqu(plan, f"第{i}片", [f"c{i}"], "李四") for i in range(4)]
    first = plan.read("pianqu")["color"]
    pianqu.rename(plan, made[1], "改名", "李四")
    pianqu.add_members(plan, made[2], ["c4"], "李四")
    pianqu.make_pianqu(plan, "新片", ["c5"], "李四")
    later = plan.read("pianqu")["color"]
    assert later[made].tolist() == first[made].tolist()
    assert len(set(later)) == 5
    pianqu.recolour(plan, made[0], PALETTE_SIZE - 1, "李四")
    assert plan.read("pianqu")["color"][made[0]] == PALETTE_SIZE - 1
    with pytest.raises(RecordError, match="颜色"):
        pianqu.recolour(plan, made[0], PALETTE_SIZE, "李四")


def test_a_whole_proposal_is_one_step(plan: Plan) -> None:
    pianqu.make_pianqu(plan, "旧片", ["c4", "c5"], "李四")
    kept = pianqu.make_pianqu(plan, "甲片", ["c3"], "李四")
    colour = plan.read("pianqu")["color"][kept]
    labels = pd.Series(
        {"c0": "甲片", "c1": "甲片", "c2": "乙片", "c3": None, "c4": "乙片", "c5": None}
    )
    before = labels.copy()
    found = pianqu.assign(plan, labels, "王五", label="采用第 1 方案")
    assert labels.equals(before)
    assert found["甲片"] == kept
    assert members(plan) == {
        "c0": "甲片", "c1": "甲片", "c2": "乙片", "c3": None, "c4": "乙片", "c5": None, "x": None,
    }  # fmt: skip
    # 旧片 has lost all its compounds.
    assert sorted(plan.read("pianqu")["name"]) == ["乙片", "甲片"]
    assert plan.read("pianqu")["color"][kept] == colour
    assert_boundaries(plan)
    assert plan.can_undo() == "采用第 1 方案"
    plan.undo("王五")
    assert members(plan)["c4"] == "旧片"
    assert members(plan)["c3"] == "甲片"
    assert_boundaries(plan)
    assert_whole(plan.path)


def test_a_proposal_gets_the_same_colours_whatever_the_uids(tmp_path: Path) -> None:
    colours = []
    for number in range(3):
        path = tmp_path / f"{number}.gpkg"
        with create_plan(path, name="色", actor="张三") as made:
            with made.edit("张三", "录入") as tx:
                tx.insert("compounds", RECORDS)
            labels = pd.Series({f"c{i}": f"第{i}片" for i in range(6)})
            pianqu.assign(made, labels.sample(frac=1, random_state=number), "张三")
            colours.append(made.read("pianqu").set_index("name")["color"].sort_index().to_dict())
    assert colours[0] == colours[1] == colours[2]


def test_a_proposal_with_mistakes_changes_nothing(plan: Plan) -> None:
    before = plan.revision()
    for labels, told in (
        (pd.Series(["甲", "乙"], index=["c0", "c0"]), "两次"),
        (pd.Series({"c0": "甲", "nobody": "乙"}), "不存在"),
        (pd.Series({"c0": "  "}), "名称"),
    ):
        with pytest.raises(RecordError, match=told):
            pianqu.assign(plan, labels, "李四")
    assert plan.revision() == before


def test_totals_add_up_and_count_what_is_unknown(plan: Plan) -> None:
    uid = pianqu.make_pianqu(plan, "东片", ["c1", "c2", "x"], "李四")
    other = pianqu.make_pianqu(plan, "空头", ["c0"], "李四")
    table = pianqu.totals(plan.read("compounds"))
    assert table.index.name == "pianqu_uid"
    assert set(table.index) == {uid, other}
    row = table.loc[uid]
    assert row["compounds"] == 3
    assert (row["households"], row["households_unknown"]) == (203, 1)
    assert (row["building_count"], row["building_count_unknown"]) == (5, 1)
    assert (row["floor_area_m2"], row["floor_area_m2_unknown"]) == (3001.5, 1)
    assert (row["investment_yuan"], row["investment_yuan_unknown"]) == (3_500_000, 0)
    assert (row["grant_yuan"], row["grant_yuan_unknown"]) == (600_000, 1)
    assert (row["funding_gap_yuan"], row["funding_gap_yuan_unknown"]) == (2_400_000, 1)
    assert row["contribution_yuan"] is pd.NA
    assert row["contribution_yuan_unknown"] == 3
    # 无界院 has an investment and no households: it counts on neither side.
    assert row["investment_per_household"] == pytest.approx(3_000_000 / 203)
    assert row["investment_per_household_unknown"] == 1
    assert row["without_boundary"] == 1
    assert row["parts"] is pd.NA


def test_totals_say_how_many_parts(plan: Plan) -> None:
    together = pianqu.make_pianqu(plan, "连片", ["c0", "c1"], "李四")
    apart = pianqu.make_pianqu(plan, "不连片", ["c2", "c5", "x"], "李四")
    frame = plan.read("compounds")
    drawn = frame.geometry.dropna()
    pairs = neighbours(to_plane(drawn, plan_zone(drawn).epsg), max_gap_m=150)
    table = pianqu.totals(frame, pairs=pairs)
    assert table["parts"].to_dict() == {together: 1, apart: 3}


def test_totals_of_no_pianqu_are_an_empty_table(plan: Plan) -> None:
    table = pianqu.totals(plan.read("compounds"), pairs=pd.DataFrame({"i": [], "j": []}))
    assert len(table) == 0
    assert {"compounds", "households", "households_unknown", "parts"} <= set(table.columns)


amounts = st.one_of(st.none(), st.integers(0, 10**9))
money = [*GRANT_FIELDS, *CONTRIBUTION_FIELDS, "investment_yuan", "households", "building_count"]
rows = st.lists(
    st.fixed_dictionaries(
        {"pianqu_uid": st.sampled_from(["甲", "乙", None]), **dict.fromkeys(money, amounts)}
    ),
    max_size=12,
)


@settings(max_examples=25)
@given(rows, st.randoms(use_true_random=False))
def test_totals_do_not_depend_on_the_order_and_lose_no_yuan(records, random) -> None:
    columns = ["pianqu_uid", *money, "floor_area_m2"]
    frame = pd.DataFrame(records, columns=columns).astype(dict.fromkeys(money, "Int64"))
    frame["floor_area_m2"] = frame["floor_area_m2"].astype("float64")
    frame.index = [f"u{i}" for i in range(len(frame))]
    table = pianqu.totals(frame)
    order = list(frame.index)
    random.shuffle(order)
    pd.testing.assert_frame_equal(pianqu.totals(frame.loc[order]), table)
    grouped = frame[frame["pianqu_uid"].notna()]
    assert table["compounds"].sum() == len(grouped)
    assert table["investment_yuan"].sum() == grouped["investment_yuan"].sum()
    assert table["grant_yuan"].sum() == grouped[list(GRANT_FIELDS)].sum().sum()
    for name in TOTALS:
        known = table["compounds"] - table[f"{name}_unknown"]
        assert ((known > 0) == table[name].notna()).all()
