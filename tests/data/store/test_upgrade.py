"""Plan files of older layouts: what they hold becomes what the newest holds, and nothing is lost."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import shapely
import sqlalchemy as sa

from data.pianqu import add_members, make_pianqu, set_locked
from data.schema import LAYERS, RECORD_TABLES
from data.store import Plan, create_plan, open_plan
from data.store.opening import SCHEMA_VERSION
from data.store.sqlite_engine import connect
from data.store.tables import LAYER_TABLES
from data.store.triggers import table_triggers
from errors import LockedError, StoreError
from tests.data.store.conftest import square
from tests.data.store.oracle import assert_whole, value_of

# As layout 1 wrote them.
OLD_TABLES = (
    "CREATE TABLE votes (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, compound_uid TEXT, "
    "topic TEXT, held_on TEXT, asked INTEGER, agreed INTEGER, txid INTEGER, extra TEXT)",
    "CREATE TABLE funding (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, compound_uid TEXT, "
    "source TEXT, year INTEGER, amount_yuan INTEGER, txid INTEGER, extra TEXT)",
    "CREATE TABLE stages (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, compound_uid TEXT, "
    "stage TEXT, planned_on TEXT, reached_on TEXT, txid INTEGER, extra TEXT)",
)
ROWS = (
    "INSERT INTO votes(compound_uid, topic, held_on, asked, agreed, txid, extra) VALUES "
    "('a', '是否改造', '2025-05-01', 120, 90, 2, '{\"地点\": \"居委会\"}')",
    "INSERT INTO votes(compound_uid, topic, held_on, asked, agreed, txid) VALUES "
    "('gone', NULL, '去年五月', '约一百', 3, 999)",
    "INSERT INTO funding(compound_uid, source, year, amount_yuan, txid) VALUES "
    "('b', '居民出资', 2025, 400000, 2)",
    "INSERT INTO stages(compound_uid, stage, planned_on, txid, extra) VALUES "
    "('a', '公示', '2025-06-01', 2, 'no json')",
)


def change(path: Path, *statements: str) -> None:
    # With the functions that the triggers of the box index call, as GIS programs have them.
    with closing(connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)


def as_layout_1(path: Path, *statements: str) -> None:
    """Take a closed plan file back to layout 1."""
    gone = [*RECORD_TABLES, "scheme_pianqu"]
    drop = [f"DROP TABLE {name}" for name in gone]
    forget = [
        f"DELETE FROM {table} WHERE table_name='{name}'"
        for table in ("gpkg_data_columns", "gpkg_contents")
        for name in gone
    ]
    version = "UPDATE meta SET value='1' WHERE key='schema_version'"
    change(path, *drop, *forget, *OLD_TABLES, version, *statements)


def as_layout_2(path: Path, *statements: str) -> None:
    """Take a closed plan file back to layout 2: no flag 锁定, and triggers that know none."""
    undo = [text for layer in ("compounds", "pianqu") for text in without(layer, ["locked"])]
    version = "UPDATE meta SET value='2' WHERE key='schema_version'"
    as_layout_3(path, *undo, version, *statements)


def as_layout_3(path: Path, *statements: str) -> None:
    """Take a closed plan file back to layout 3: no aisles, no 车位方案, stalls and sites of three fields."""
    undo = [
        text
        for layer in ("stalls", "sites")
        for text in without(layer, [field.name for field in LAYERS[layer].fields[3:]])
    ]
    gone = ["DROP TABLE layouts", "DROP TABLE aisles", "DROP TABLE rtree_aisles_geom"]
    told = (
        "gpkg_data_columns",
        "gpkg_geometry_columns",
        "gpkg_extensions",
        "gpkg_ogr_contents",
        "gpkg_contents",
    )
    gone += [f"DELETE FROM {table} WHERE table_name IN ('aisles', 'layouts')" for table in told]
    version = "UPDATE meta SET value='3' WHERE key='schema_version'"
    change(path, *undo, *gone, version, *statements)


def without(layer: str, columns: list[str]) -> list[str]:
    """Statements that take columns out of a layer, and put the triggers that it had without them."""
    new = LAYER_TABLES[layer]
    old = sa.Table(layer, sa.MetaData(), *(c._copy() for c in new.c if c.name not in columns))
    undo = [f'DROP TRIGGER "{text.split(chr(34))[1]}"' for text in table_triggers(new)]
    undo += [f'ALTER TABLE "{layer}" DROP COLUMN "{column}"' for column in columns]
    undo += [
        f"DELETE FROM gpkg_data_columns WHERE table_name='{layer}' AND column_name='{column}'"
        for column in columns
    ]
    return [*undo, *table_triggers(old)]


@pytest.fixture
def path(plan: Plan) -> Path:
    """Path of a good plan that is closed."""
    plan.close()
    return plan.path


def definitions(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql NOT NULL")
        return dict(found.fetchall())


def test_an_empty_old_file_gets_the_layout_of_a_new_one(path: Path, tmp_path: Path) -> None:
    as_layout_1(path)
    steps = value_of(path, "SELECT count(*) FROM edit_tx")
    with open_plan(path) as again:
        assert again.count("compounds") == 3
        assert all(again.records(name).empty for name in RECORD_TABLES)
    assert value_of(path, "SELECT value FROM meta WHERE key='schema_version'") == str(
        SCHEMA_VERSION
    )
    # Nothing was carried over, so nothing stands in the history.
    assert value_of(path, "SELECT count(*) FROM edit_tx") == steps
    assert value_of(path, "SELECT count(*) FROM audit_event") == 0
    new = create_plan(tmp_path / "新.gpkg", name="新", actor="张三")
    new.close()
    assert definitions(path) == definitions(new.path)
    titles = "SELECT group_concat(identifier) FROM gpkg_contents WHERE data_type='attributes'"
    assert value_of(path, titles) == value_of(new.path, titles)
    assert_whole(path)


def test_old_rows_become_records(path: Path) -> None:
    as_layout_1(path, *ROWS)
    with open_plan(path) as again:
        vote = again.records("votes").iloc[0]
        assert (vote["compound_uid"], vote["topic"], vote["held_on"]) == (
            "a",
            "是否改造",
            "2025-05-01",
        )
        assert (vote["owners_total"], vote["owners_agreed"], vote["version"]) == (120, 90, 1)
        assert vote["edited_by"] == "张三"
        assert vote["extra"]["地点"] == "居委会"
        assert vote["extra"]["登记时间"] == again.read_table("edit_tx").loc[1, "at"]
        funding = again.records("funding").iloc[0]
        assert (funding["source"], funding["year"], funding["amount_yuan"]) == (
            "居民出资",
            2025,
            400_000,
        )
        stage = again.records("stages").iloc[0]
        assert (stage["stage"], stage["planned_on"]) == ("公示", "2025-06-01")
        assert stage["extra"]["extra"] == "no json"
    assert_whole(path)


def test_what_fits_no_column_is_kept_as_it_was(path: Path) -> None:
    as_layout_1(path, *ROWS)
    with open_plan(path) as again:
        vote = again.records("votes", orphans=True).iloc[0]
    assert vote["compound_uid"] == "gone"
    assert vote["owners_agreed"] == 3
    assert vote["extra"] == {"held_on": "去年五月", "asked": "约一百"}
    assert vote["edited_by"] is None


def test_the_upgrade_stands_in_the_history_and_can_not_be_undone(path: Path) -> None:
    as_layout_1(path, *ROWS)
    with open_plan(path) as again:
        history = again.history()
        assert history["label"].tolist()[:4] == ["升级文件格式"] * 4
        assert "表决记录“甲 · 是否改造”" in " ".join(history["summary"])
        assert again.can_undo() == "录入小区"
        uid = again.records("votes").index[0]
        with again.edit("李四", "改") as tx:
            tx.update_record("votes", uid, 1, {"owners_agreed": 91})
        again.undo("李四")
        assert again.records("votes").loc[uid, "owners_agreed"] == 90
    assert_whole(path)


def test_a_second_opening_changes_nothing(path: Path) -> None:
    as_layout_1(path, *ROWS)
    open_plan(path).close()
    first = whole_content(path)
    open_plan(path).close()
    assert whole_content(path) == first


def test_a_break_in_the_middle_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_layout_1(path, *ROWS)
    before = whole_content(path)

    def broken(name: str) -> list[str]:
        return ["CREATE TABLE progress(fid)"] if name != "funding" else ["this is no SQL"]

    monkeypatch.setattr("data.store.upgrade.records_layout", broken)
    monkeypatch.setattr("data.store.upgrade._enter", lambda *_: None)
    with pytest.raises(StoreError):
        open_plan(path)
    assert whole_content(path) == before
    monkeypatch.undo()
    with open_plan(path) as again:
        assert len(again.records("votes")) == 1


def test_a_table_of_another_program_is_not_thrown_away(path: Path) -> None:
    as_layout_1(path, "CREATE TABLE progress(fid INTEGER PRIMARY KEY, 名称 TEXT)")
    before = whole_content(path)
    with pytest.raises(StoreError, match=r"其他程序加的表“progress”.*改名.*没有改动"):
        open_plan(path)
    assert whole_content(path) == before


def test_the_triggers_of_the_old_layout_are_still_put_back(path: Path) -> None:
    as_layout_1(path, 'DROP TRIGGER "compounds_ext_u"')
    open_plan(path).close()
    detail = value_of(path, "SELECT detail FROM audit_event")
    assert json.loads(detail) == ["compounds_ext_u"]


def test_a_file_of_the_day_before_opens_with_nothing_locked_and_nothing_lost(path: Path) -> None:
    with open_plan(path) as plan:
        uid = make_pianqu(plan, "东片", ["a", "b"], "张三")
    as_layout_2(path, "UPDATE compounds SET remarks='QGIS 写的' WHERE uid='c'")
    with open_plan(path) as again:
        assert not again.read("compounds")["locked"].any()
        assert not again.read("pianqu")["locked"].any()
        assert again.read("compounds").loc["c", "remarks"] == "QGIS 写的"
        assert set_locked(again, "pianqu", [uid], True, "李四") == 1
        with pytest.raises(LockedError):
            add_members(again, uid, ["c"], "李四")
        assert "锁定 否 → 是" in again.history(limit=1)["summary"].iloc[0]
        again.undo("李四")
        # 组成片区 was done under the old layout; its images know no 锁定.
        again.undo("张三", of="张三")
        assert again.count("pianqu") == 0
        again.redo("张三", of="张三")
        assert again.read("pianqu")["locked"].tolist() == [False]
    assert value_of(path, "SELECT value FROM meta WHERE key='schema_version'") == str(
        SCHEMA_VERSION
    )
    assert value_of(path, "SELECT count(*) FROM audit_event") == 0
    title = "SELECT title FROM gpkg_data_columns WHERE table_name='pianqu' AND column_name='locked'"
    assert value_of(path, title) == "锁定"
    assert_whole(path)


def test_an_upgraded_file_records_what_qgis_does_to_the_flag(path: Path) -> None:
    as_layout_2(path)
    open_plan(path).close()
    change(path, "UPDATE compounds SET locked=1 WHERE uid='a'")
    with open_plan(path) as again:
        assert again.read("compounds").loc["a", "locked"]
        assert again.history(limit=1)["label"].iloc[0] == "外部程序修改"
        again.undo("李四")
        assert not again.read("compounds")["locked"].any()


def test_a_field_of_the_same_name_by_another_program_is_not_taken_over(path: Path) -> None:
    as_layout_2(path, "ALTER TABLE compounds ADD COLUMN locked TEXT")
    before = whole_content(path)
    with pytest.raises(StoreError, match=r"其他程序加的字段“locked”.*没有改动"):
        open_plan(path)
    assert whole_content(path) == before


def test_a_file_of_layout_3_gets_room_for_stalls_and_aisles_and_keeps_the_stalls_that_it_has(
    path: Path, tmp_path: Path
) -> None:
    drawn = shapely.multipolygons([square(0)])
    with open_plan(path) as plan, plan.edit("张三", "划线") as tx:
        tx.insert("stalls", [{"uid": "s1", "name": "旧", "kind": "垂直", "geometry": drawn}])
        tx.insert("sites", [{"uid": "p1", "name": "点", "kind": "幼儿园", "geometry": drawn}])
    as_layout_3(path)
    with open_plan(path) as again:
        stall = again.read("stalls").loc["s1"]
        assert (stall["name"], stall["kind"], stall["use"], stall["by_hand"]) == (
            "旧",
            "垂直",
            None,
            False,
        )
        assert stall.geometry.equals(drawn)
        assert again.read("sites").loc["p1", "kind"] == "幼儿园"
        assert (again.count("aisles"), len(again.records("layouts"))) == (0, 0)
        with again.edit("李四", "改") as tx:
            tx.update("stalls", "s1", 1, {"use": "无障碍", "angle_deg": 12.25, "by_hand": True})
            tx.insert("aisles", [{"compound_uid": "a", "geometry": drawn}])
        assert again.read("stalls").loc["s1", "angle_deg"] == 12.25
        again.undo("李四")
        # 划线 was done under the old layout, whose images know three fields.
        again.undo("张三")
        assert again.count("stalls") == again.count("sites") == 0
        again.redo("张三")
        assert again.read("stalls").loc["s1", "name"] == "旧"
    assert value_of(path, "SELECT value FROM meta WHERE key='schema_version'") == str(
        SCHEMA_VERSION
    )
    assert value_of(path, "SELECT count(*) FROM audit_event") == 0
    assert_whole(path)
    new = create_plan(tmp_path / "新.gpkg", name="新", actor="张三")
    new.close()
    titles = "SELECT * FROM gpkg_data_columns ORDER BY table_name, column_name"
    triggers = "SELECT sql FROM sqlite_master WHERE type='trigger' ORDER BY name"
    for told in (titles, triggers):
        assert rows(path, told) == rows(new.path, told)


@pytest.mark.parametrize("table", ["stalls", "aisles"])
def test_what_another_program_does_to_stalls_and_aisles_is_undone_like_any_edit(
    path: Path, table: str
) -> None:
    as_layout_3(path)
    drawn = shapely.multipolygons([square(0)])
    with open_plan(path) as plan, plan.edit("张三", "划线") as tx:
        tx.insert(table, [{"uid": "s1", "layout_uid": "l", "compound_uid": "a", "geometry": drawn}])
    change(
        path,
        f"UPDATE {table} SET layout_uid='m', kind='平行' WHERE uid='s1'",
        f"INSERT INTO {table}(geom, compound_uid) SELECT geom, 'b' FROM {table}",
    )
    with open_plan(path) as again:
        assert again.read(table)["layout_uid"].tolist() == ["m", None]
        assert again.history(limit=1)["label"].iloc[0] == "外部程序修改"
        again.undo("李四")
        assert again.read(table)["layout_uid"].to_dict() == {"s1": "l"}
        again.redo("李四")
        assert again.count(table) == 2
    assert_whole(path)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("CREATE TABLE aisles(fid INTEGER PRIMARY KEY, 名称 TEXT)", "表“aisles”"),
        ("CREATE TABLE layouts(fid INTEGER PRIMARY KEY, 名称 TEXT)", "表“layouts”"),
        ("ALTER TABLE stalls ADD COLUMN use INTEGER", "字段“use”"),
    ],
)
def test_what_another_program_has_put_in_the_way_of_layout_4_is_left(
    path: Path, statement: str, named: str
) -> None:
    as_layout_3(path, statement)
    before = whole_content(path)
    with pytest.raises(StoreError, match=rf"其他程序加的{named}.*改名.*没有改动"):
        open_plan(path)
    assert whole_content(path) == before


def test_a_newer_file_is_refused(path: Path) -> None:
    change(path, f"UPDATE meta SET value='{SCHEMA_VERSION + 1}' WHERE key='schema_version'")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=rf"更新版本的工具保存.*{SCHEMA_VERSION + 1}"):
        open_plan(path)
    assert path.read_bytes() == before


def rows(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def whole_content(path: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(path)) as connection:
        names = [
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        plain = [name for name in names if not name.startswith("rtree_")]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in plain}
