"""方案 of a small town: saving, listing, renaming, deleting, comparing, taking over, and undoing all of it."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import pianqu, schemes
from data.scheme_adopting import adopt_scheme, plan_adoption
from data.scheme_matching import changes, match_pianqu
from data.schemes import Grouping, grouping_now, grouping_of, proposed_grouping, save_scheme
from data.store import Plan, create_plan, open_plan
from errors import ConflictError, LockedError, RecordError, StoreError
from tests.data.store.conftest import square
from tests.data.store.oracle import assert_whole, value_of

ROWS = [
    {"uid": f"c{i}", "name": f"{i} 号院", "households": 100 + i, "geometry": square(i)}
    for i in range(6)
]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six compounds; 东片 has the first two, 西片 the next two, the last two are in none."""
    path = tmp_path_factory.mktemp("schemes") / "方案.gpkg"
    with create_plan(path, name="方案", actor="张三") as made:
        with made.edit("张三", "录入") as tx:
            tx.insert("compounds", ROWS)
        pianqu.make_pianqu(made, "东片", ["c0", "c1"], "张三", remarks="先行")
        pianqu.make_pianqu(made, "西片", ["c2", "c3"], "张三")
    return path


@pytest.fixture
def plan(template: Path, tmp_path: Path) -> Iterator[Plan]:
    """That plan for this test alone."""
    with open_plan(shutil.copy(template, tmp_path)) as made:
        yield made


def now(plan: Plan) -> Grouping:
    return grouping_now(plan.read("compounds"), plan.read("pianqu"))


def held(plan: Plan) -> dict[str, str | None]:
    return dict(now(plan).names)


def lock(plan: Plan, layer: str, uid: str) -> None:
    with plan.edit("张三", "锁定") as tx:
        tx.update(layer, uid, int(plan.read(layer)["version"][uid]), {"locked": True})


def uid_of(plan: Plan, name: str) -> str:
    held = plan.read("pianqu")["name"]
    return str(held.index[held == name][0])


def test_the_grouping_of_the_plan_is_saved_and_read_back_whole(plan: Plan) -> None:
    edition = plan.edition()
    uid = save_scheme(plan, " 初稿 ", now(plan), "李四", settings="手工", remarks="给街道看")
    head = schemes.schemes(plan)[0]
    assert (head.uid, head.name, head.saved_by, head.edition) == (uid, "初稿", "李四", edition)
    assert (head.origin, head.settings, head.remarks) == ("现状", "手工", "给街道看")
    assert (head.pianqu, head.compounds, head.ungrouped) == (2, 6, 2)
    assert head.saved_at.endswith("Z")
    read = grouping_of(plan, uid)
    assert dict(read.names) == held(plan)
    assert list(read.table.index) == ["东片", "西片"]
    assert read.table.loc["东片", "remarks"] == "先行"
    assert read.table["color"].tolist() == plan.read("pianqu")["color"].tolist()
    assert not read.table["locked"].any()
    assert_whole(plan.path)


def test_saving_renaming_and_deleting_are_undone_and_made_again(plan: Plan) -> None:
    uid = save_scheme(plan, "初稿", now(plan), "李四")
    assert plan.undo("李四").label == "保存方案：初稿"
    assert schemes.schemes(plan) == ()
    plan.redo("李四")
    assert dict(grouping_of(plan, uid).names) == held(plan)
    version = schemes.schemes(plan)[0].version
    schemes.rename_scheme(plan, uid, version, "二稿", "李四", remarks="改过")
    assert schemes.schemes(plan)[0].name == "二稿"
    with pytest.raises(ConflictError):
        schemes.rename_scheme(plan, uid, version, "三稿", "王五")
    schemes.delete_scheme(plan, uid, schemes.schemes(plan)[0].version, "李四")
    assert schemes.schemes(plan) == ()
    plan.undo("李四")
    plan.undo("李四")
    assert schemes.schemes(plan)[0].name == "初稿"
    assert dict(grouping_of(plan, uid).names) == held(plan)
    assert_whole(plan.path)


def test_the_history_names_the_scheme_and_carries_no_members(plan: Plan) -> None:
    uid = save_scheme(plan, "初稿", now(plan), "李四")
    schemes.rename_scheme(plan, uid, schemes.schemes(plan)[0].version, "二稿", "李四")
    entries = plan.history(limit=2)
    assert entries["label"].tolist() == ["方案改名：二稿", "保存方案：初稿"]
    assert entries["summary"].tolist() == ["方案“二稿”：方案名称 初稿 → 二稿", "新增方案“初稿”"]
    kept = value_of(plan.path, "SELECT group_concat(attrs) FROM edit_history WHERE tbl='schemes'")
    assert '"name":"初稿"' in kept
    assert "c0" not in kept


def test_a_name_that_is_empty_or_taken_is_refused(plan: Plan) -> None:
    uid = save_scheme(plan, "初稿", now(plan), "李四")
    other = save_scheme(plan, "二稿", now(plan), "李四")
    with pytest.raises(RecordError, match="请填写方案名称"):
        save_scheme(plan, "  ", now(plan), "李四")
    with pytest.raises(RecordError, match="已经有名为“初稿”的方案"):
        save_scheme(plan, "初稿", now(plan), "李四")
    with pytest.raises(RecordError, match="已经有名为“初稿”的方案"):
        schemes.rename_scheme(plan, other, 1, "初稿", "李四")
    schemes.rename_scheme(plan, uid, 1, "初稿", "李四", remarks="同名只改备注")
    assert len(schemes.schemes(plan)) == 2


def test_an_empty_plan_has_nothing_to_save(tmp_path: Path) -> None:
    with create_plan(tmp_path / "空.gpkg", name="空", actor="张三") as plan:
        with pytest.raises(RecordError, match="还没有小区"):
            save_scheme(plan, "初稿", now(plan), "张三")
        assert plan.edition() == 1


def test_gis_programs_see_a_plain_table_of_members(plan: Plan) -> None:
    save_scheme(plan, "初稿", now(plan), "李四")
    with closing(sqlite3.connect(plan.snapshot(plan.path.with_name("快照.gpkg")))) as connection:
        sql = "SELECT identifier FROM gpkg_contents WHERE table_name IN ('schemes','scheme_pianqu')"
        assert {row[0] for row in connection.execute(sql)} == {"方案", "方案的片区"}
        rows = connection.execute("SELECT name, compounds, members FROM scheme_pianqu").fetchall()
    assert rows == [
        ("东片", 2, '["c0", "c1"]'),
        ("西片", 2, '["c2", "c3"]'),
        (None, 2, '["c4", "c5"]'),
    ]


def test_content_that_another_program_has_spoilt_is_told_and_never_a_crash(plan: Plan) -> None:
    uid = save_scheme(plan, "初稿", now(plan), "李四")
    path = plan.path
    plan.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE scheme_pianqu SET members='[\"c0\"' WHERE name='东片'")
        connection.commit()
    with open_plan(path) as again:
        with pytest.raises(StoreError, match="改坏了"):
            grouping_of(again, uid)
        with pytest.raises(StoreError, match="改坏了"):
            grouping_of(again, "nothing")
        schemes.delete_scheme(again, uid, 1, "李四")
    open_plan(path)  # the fixture closes it


def test_a_file_of_layout_2_gets_room_for_schemes_when_it_is_opened(
    template: Path, tmp_path: Path
) -> None:
    old = Path(shutil.copy(template, tmp_path))
    with closing(sqlite3.connect(old)) as connection:
        for name in ("schemes", "scheme_pianqu"):
            connection.execute(f"DROP TABLE {name}")
            for table in ("gpkg_contents", "gpkg_data_columns"):
                connection.execute(f"DELETE FROM {table} WHERE table_name=?", (name,))
        connection.execute("UPDATE meta SET value='2' WHERE key='schema_version'")
        connection.commit()
    with open_plan(old) as plan:
        uid = save_scheme(plan, "初稿", now(plan), "李四")
        assert dict(grouping_of(plan, uid).names) == held(plan)
    assert_whole(old)


def test_220_000_compounds_are_saved_and_read_in_seconds_and_few_bytes(tmp_path: Path) -> None:
    count = 220_000
    names = pd.Series(
        [None if n % 50 == 0 else f"片区 {n // 400}" for n in range(count)],
        index=[f"{n:016x}" for n in range(count)],
        dtype=object,
    )
    table = pd.DataFrame(
        {"pianqu_uid": None, "color": 3, "locked": False, "remarks": None},
        index=pd.Index(sorted(set(names.dropna())), name="name"),
    ).astype({"color": "Int64"})
    with create_plan(tmp_path / "大.gpkg", name="大", actor="张三") as plan:
        before = plan.path.stat().st_size
        uid = save_scheme(plan, "大", Grouping(names=names, table=table), "张三")
        assert plan.path.stat().st_size - before < 30 * count
        read = grouping_of(plan, uid)
        assert read.names.reindex(names.index).equals(names.rename("name"))


def test_a_proposal_leaves_those_that_do_not_take_part_where_they_are(plan: Plan) -> None:
    names = pd.Series({"c1": "片区 3", "c4": "片区 3", "c5": None, "gone": "片区 3"}, dtype=object)
    made = proposed_grouping(now(plan), names, {"片区 3": 7})
    assert dict(made.names) == {
        "c0": "东片",
        "c1": "片区 3",
        "c2": "西片",
        "c3": "西片",
        "c4": "片区 3",
        "c5": None,
    }
    assert made.table["color"].to_dict()["片区 3"] == 7
    assert pd.isna(made.table.loc["片区 3", "pianqu_uid"])


def test_taking_a_scheme_over_brings_the_grouping_back_with_colours_and_is_undone(
    plan: Plan,
) -> None:
    before = held(plan)
    color = int(plan.read("pianqu")["color"][uid_of(plan, "西片")])
    uid = save_scheme(plan, "初稿", now(plan), "李四")
    pianqu.dissolve(plan, uid_of(plan, "西片"), "张三")
    pianqu.add_members(plan, uid_of(plan, "东片"), ["c2", "c5"], "张三")
    changed = held(plan)
    seen = plan.revision()
    adoption = adopt_scheme(plan, uid, "李四", revision=seen)
    assert held(plan) == before
    assert (adoption.made, adoption.emptied, adoption.gone, adoption.new) == (("西片",), (), 0, ())
    assert int(plan.read("pianqu")["color"][uid_of(plan, "西片")]) == color
    assert plan.undo("李四").label == "采用方案：初稿"
    assert held(plan) == changed
    assert_whole(plan.path)
    with pytest.raises(StoreError, match="又有修改"):
        adopt_scheme(plan, uid, "李四", revision=seen)


def test_pianqu_of_now_that_the_scheme_does_not_know_are_emptied_and_deleted(plan: Plan) -> None:
    uid = save_scheme(plan, "初稿", now(plan), "李四")
    pianqu.make_pianqu(plan, "新片", ["c4", "c5"], "张三")
    assert adopt_scheme(plan, uid, "李四").emptied == ("新片",)
    assert sorted(plan.read("pianqu")["name"]) == ["东片", "西片"]


def test_a_pianqu_that_was_renamed_since_is_the_same_and_keeps_its_new_name(plan: Plan) -> None:
    uid = save_scheme(plan, "初稿", now(plan), "李四")
    east = uid_of(plan, "东片")
    pianqu.rename(plan, east, "金龙片区", "张三")
    pianqu.rename(plan, uid_of(plan, "西片"), "东片", "张三")
    pianqu.remove_members(plan, east, ["c1"], "张三")
    adoption = adopt_scheme(plan, uid, "李四")
    assert adoption.moves.index.tolist() == ["c1"]
    assert held(plan)["c1"] == "金龙片区"
    assert held(plan)["c2"] == "东片"


def test_compounds_that_are_gone_or_new_are_said_and_the_new_stay(plan: Plan) -> None:
    uid = save_scheme(plan, "初稿", now(plan), "李四")
    with plan.edit("张三", "改") as tx:
        tx.delete("compounds", "c3", int(plan.read("compounds")["version"]["c3"]))
        tx.insert("compounds", [{"uid": "n", "name": "新院", "geometry": square(9)}])
    pianqu.add_members(plan, uid_of(plan, "东片"), ["n", "c2"], "张三")
    adoption = plan_adoption(plan.read("compounds"), plan.read("pianqu"), grouping_of(plan, uid))
    assert (adoption.gone, adoption.new) == (1, ("n",))
    adopt_scheme(plan, uid, "李四")
    assert held(plan)["n"] == "东片"
    assert held(plan)["c2"] == "西片"


def test_locks_refuse_a_scheme_or_are_kept_and_the_rest_is_taken_over(plan: Plan) -> None:
    uid = save_scheme(plan, "初稿", now(plan), "李四")
    east = uid_of(plan, "东片")
    pianqu.remove_members(plan, east, ["c1"], "张三")
    pianqu.add_members(plan, uid_of(plan, "西片"), ["c4", "c5"], "张三")
    lock(plan, "pianqu", east)
    lock(plan, "compounds", "c5")
    before = held(plan)
    with pytest.raises(LockedError, match="东片"):
        adopt_scheme(plan, uid, "李四")
    assert held(plan) == before
    seen = plan_adoption(plan.read("compounds"), plan.read("pianqu"), grouping_of(plan, uid))
    assert len(seen.moves) == 3
    adoption = adopt_scheme(plan, uid, "李四", keep_locked=True)
    assert adoption.emptied == ()
    assert adoption.held["lock"].to_dict() == {"c1": "要加入的片区“东片”已锁定", "c5": "小区已锁定"}
    assert held(plan) == {**before, "c4": None}
    assert_whole(plan.path)


def test_a_pianqu_made_anew_beside_one_of_its_colour_gets_another(plan: Plan) -> None:
    color = int(plan.read("pianqu")["color"][uid_of(plan, "西片")])
    with plan.edit("张三", "录入") as tx:
        tx.insert("compounds", [{"uid": "n", "name": "夹在中间", "geometry": square(1.6)}])
    pianqu.add_members(plan, uid_of(plan, "东片"), ["n"], "张三")
    uid = save_scheme(plan, "初稿", now(plan), "李四")
    pianqu.dissolve(plan, uid_of(plan, "西片"), "张三")
    pianqu.recolour(plan, uid_of(plan, "东片"), color, "张三")
    adopt_scheme(plan, uid, "李四")
    colors = plan.read("pianqu").set_index("name")["color"]
    assert colors["东片"] == color
    assert colors["西片"] != color
    assert plan.read("pianqu")["color"].notna().all()


def test_a_scheme_that_is_gone_can_not_be_taken_over(plan: Plan) -> None:
    uid = save_scheme(plan, "初稿", now(plan), "李四")
    schemes.delete_scheme(plan, uid, 1, "王五")
    with pytest.raises(StoreError, match="已经不存在"):
        adopt_scheme(plan, uid, "李四")


def test_counterparts_share_the_most_households() -> None:
    base = pd.Series({"a": "甲", "b": "甲", "c": "乙", "d": None}, dtype=object)
    other = pd.Series({"a": "1", "b": "2", "c": "2", "d": "3"}, dtype=object)
    households = pd.Series({"a": 10, "b": 30, "c": 35, "d": 5}, dtype="Int64")
    # 1–甲 and 2–乙 share 45; 2–甲 alone would share 30.
    assert match_pianqu(base, other, households) == {"1": "甲", "2": "乙"}
    found = changes(base, other, {"1": "甲", "2": "乙"})
    assert found.to_dict("index") == {
        "b": {"before": "甲", "after": "2"},
        "d": {"before": None, "after": "3"},
    }


def test_unknown_households_count_as_one() -> None:
    base = pd.Series({"a": "甲", "b": "乙"}, dtype=object)
    unknown = pd.Series({"a": None, "b": None}, dtype="Int64")
    assert match_pianqu(base, base, unknown) == {"甲": "甲", "乙": "乙"}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "甲", "乙", "丙"]), st.sampled_from([None, "1", "2", "3"])
        ),
        min_size=1,
        max_size=8,
    ),
    st.lists(st.integers(0, 50), min_size=8, max_size=8),
)
def test_no_other_pairing_shares_more(
    pairs: list[tuple[str | None, str | None]], households: list[int]
) -> None:
    base = pd.Series([one for one, _ in pairs], dtype=object)
    other = pd.Series([two for _, two in pairs], dtype=object)
    weight = np.maximum(households[: len(pairs)], 1)

    def shared(matched: dict[str, str]) -> int:
        return sum(
            int(w)
            for (one, two), w in zip(pairs, weight, strict=True)
            if two is not None and one is not None and matched.get(two) == one
        )

    found = match_pianqu(base, other, pd.Series(weight))
    assert len(set(found.values())) == len(found)
    every = (
        dict(zip(("1", "2", "3"), order, strict=True))
        for order in itertools.permutations(("甲", "乙", "丙"))
    )
    assert shared(found) == max(shared(one) for one in every)
