"""What a plan keeps beside its records: changes, settings, history, snapshots; and its life."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import shapely
from shapely.geometry import box

from data.store import Plan, create_plan, open_plan
from errors import ConflictError, RecordError, StoreError
from tests.data.store.conftest import square
from tests.data.store.oracle import assert_whole, value_of


def test_changed_since_gives_the_difference(plan: Plan) -> None:
    before = plan.revision()
    layer = plan.layer_revision("compounds")
    assert plan.changed_since("compounds", before).frame.empty
    with plan.edit("张三", "改") as tx:
        tx.update("compounds", "b", 1, {"households": 5})
        tx.delete("compounds", "c", 1)
        tx.insert("compounds", [{"uid": "d"}])
        tx.insert("compounds", [{"uid": "e"}])
        tx.delete("compounds", "e", 1)
    changes = plan.changed_since("compounds", before)
    assert changes.frame.index.tolist() == ["b", "d"]
    assert changes.deleted == ["c", "e"]
    assert changes.revision == plan.revision() > before
    assert plan.layer_revision("compounds") > layer
    assert plan.layer_revision("buildings") == 0


def test_an_edition_is_an_edit_however_many_rows_it_writes(plan: Plan) -> None:
    before, revision = plan.edition(), plan.revision()
    with plan.edit("张三", "导入道路") as tx:
        tx.insert("roads", [{"geometry": square(i).exterior} for i in range(9)])
    assert plan.edition() == before + 1
    assert plan.revision() == revision + 9
    plan.undo("张三")
    assert plan.edition() == before + 2
    # What changes nothing makes no edition, and an older state keeps its own.
    plan.audit("张三", "导出")
    with plan.edit("张三", "什么也没做"):
        pass
    assert plan.edition() == before + 2
    assert plan.edition(revision) == before
    assert plan.changed_since("buildings", before).frame.empty


def test_settings_are_versioned(plan: Plan) -> None:
    with plan.edit("张三", "设置") as tx:
        tx.set_setting("max_gap_m", 30.5)
        tx.set_setting("limits", {"户": [1, None]})
    assert plan.settings() == {"name": "测试方案", "max_gap_m": 30.5, "limits": {"户": [1, None]}}
    with plan.edit("李四", "设置") as tx:
        tx.set_setting("max_gap_m", 60, version=1)
    with (
        pytest.raises(ConflictError, match=r"设置“max_gap_m”.*李四"),
        plan.edit("王五", "设置") as tx,
    ):
        tx.set_setting("max_gap_m", 90, version=1)
    assert plan.settings()["max_gap_m"] == 60
    with pytest.raises(RecordError, match="无法保存"), plan.edit("王五", "设置") as tx:
        tx.set_setting("bad", {1, 2})


def test_free_tables_keep_what_they_have_no_column_for(plan: Plan) -> None:
    with plan.edit("张三", "导入") as tx:
        [batch] = tx.append(
            "import_batch",
            [{"kind": "ledger", "file_name": "台账.xlsx", "rows_read": 5, "页": "一"}],
        )
        tx.append("ledger", [{"batch_id": batch, "row_number": 4, "raw": ["一", 2.5, None]}])
    table = plan.read_table("import_batch")
    assert table.loc[0, "file_name"] == "台账.xlsx"
    assert table.loc[0, "rows_read"] == 5
    assert table.loc[0, "extra"] == {"页": "一"}
    ledger = plan.read_table("ledger")
    assert ledger.loc[0, "raw"] == ["一", 2.5, None]
    assert ledger.loc[0, "batch_id"] == batch
    with pytest.raises(KeyError), plan.edit("张三", "导入") as tx:
        tx.append("compounds", [{}])


def test_the_history_says_who_changed_what(plan: Plan) -> None:
    with plan.edit("李四", "改户数") as tx:
        tx.update("compounds", "a", 1, {"households": 130, "extra": {"电梯": 1}})
    with plan.edit("王五", "改边界") as tx:
        tx.update("compounds", "a", 2, {"geometry": square(3)})
    history = plan.history(uid="a")
    assert history["op"].tolist() == ["U", "U", "I"]
    assert history["actor"].tolist() == ["王五", "李四", "张三"]
    assert history["label"].tolist() == ["改边界", "改户数", "录入小区"]
    assert history.loc[1, "before"] == {"households": 120, "extra": None}
    assert history.loc[1, "after"] == {"households": 130, "extra": {"电梯": 1}}
    assert "居民户数 120 → 130" in history.loc[1, "summary"]
    assert history.loc[0, "summary"].endswith("边界")
    assert len(plan.history(limit=2)) == 2


def test_the_history_keeps_a_geometry_only_if_it_changed(plan: Plan) -> None:
    with plan.edit("李四", "改户数") as tx:
        tx.update("compounds", "a", 1, {"households": 130})
        tx.update("compounds", "b", 1, {"geometry": square(3)})
        tx.update("compounds", "c", 1, {"geometry": square(4)})
    kept = "SELECT geom IS NOT NULL, geom_changed FROM edit_history WHERE uid=? AND op='U'"
    found = {uid: plan_row(plan.path, kept, uid) for uid in "abc"}
    assert found == {"a": (0, 0), "b": (1, 1), "c": (0, 1)}


def plan_row(path: Path, sql: str, *parameters: object) -> tuple[object, ...]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as connection:
        return tuple(connection.execute(sql, parameters).fetchone())


@pytest.mark.parametrize("table", ["edit_history", "edit_tx", "audit_event"])
def test_what_has_been_noted_can_not_be_changed(plan: Plan, table: str) -> None:
    import sqlite3
    from contextlib import closing

    plan.audit("张三", "导出", {"格式": "geojson"})
    assert plan.read_table("audit_event").loc[0, "detail"] == {"格式": "geojson"}
    with closing(sqlite3.connect(plan.path)) as connection:
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET actor='x'"):
            with pytest.raises(sqlite3.IntegrityError, match="只能追加"):
                connection.execute(statement)


@pytest.mark.parametrize("actor", ["", "  ", None, "external"])
def test_nobody_edits_without_a_name(plan: Plan, actor: str) -> None:
    with pytest.raises(RecordError, match="姓名"), plan.edit(actor, "改"):
        pass


def test_one_object_for_one_file(plan: Plan, tmp_path: Path) -> None:
    link = tmp_path / "link.gpkg"
    link.symlink_to(plan.path)
    with open_plan(link) as again:
        assert again is plan
    # The other user is still at work.
    assert plan.count("compounds") == 3


def test_a_closed_plan_says_so(tmp_path: Path) -> None:
    made = create_plan(tmp_path / "关.gpkg", name="关", actor="张三")
    made.close()
    with pytest.raises(StoreError, match="已经关闭"):
        made.read("compounds")
    assert [path.name for path in tmp_path.iterdir()] == ["关.gpkg"]


def test_an_edit_inside_an_edit_is_a_mistake_of_ours(plan: Plan) -> None:
    with plan.edit("张三", "外") as tx:
        tx.update("compounds", "a", 1, {"households": 1})
        # Reading inside sees what has been written so far.
        assert plan.read("compounds", uids=["a"])["households"].item() == 1
        with pytest.raises(RuntimeError), plan.edit("张三", "内"):
            pass
    assert plan.read("compounds", uids=["a"])["households"].item() == 1


def test_eight_threads_lose_nothing(plan: Plan) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(5):
                while True:
                    held = plan.read("compounds", uids=["a"])
                    values = {"households": int(held["households"].item()) + 1}
                    try:
                        with plan.edit(f"人{number}", f"第{step}步") as tx:
                            tx.update("compounds", "a", int(held["version"].item()), values)
                        break
                    except ConflictError:
                        continue
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert plan.read("compounds", uids=["a"])["households"].item() == 120 + 8 * 5
    assert_whole(plan.path)


def test_a_snapshot_is_a_whole_plan_of_that_moment(plan: Plan, tmp_path: Path) -> None:
    folder = tmp_path / "快照"
    folder.mkdir()
    first = plan.snapshot(folder)
    with plan.edit("张三", "改") as tx:
        tx.delete("compounds", "a", 1)
    second = plan.snapshot(tmp_path / "二.gpkg")
    assert first.parent == folder
    assert [path.name for path in folder.iterdir()] == [first.name]
    with open_plan(first) as old, open_plan(second) as new:
        assert old.plan_id == new.plan_id == plan.plan_id
        assert (old.count("compounds"), new.count("compounds")) == (3, 2)
        assert new.undo("李四") is not None
    assert_whole(first)
    assert_whole(second)


def test_the_boundary_of_a_pianqu_follows_its_members(plan: Plan) -> None:
    with plan.edit("张三", "片区") as tx:
        tx.insert("pianqu", [{"uid": "p", "name": "一片"}])
        tx.update_many(
            "compounds", [{"uid": uid, "version": 1, "pianqu_uid": "p"} for uid in "abc"]
        )
    union = shapely.union_all([square(0), square(1)])
    assert plan.read("pianqu").geometry["p"].equals(union)
    with plan.edit("张三", "边界") as tx:
        tx.update("compounds", "c", 2, {"geometry": square(2)})
        tx.delete("compounds", "a", 2)
    assert plan.read("pianqu").geometry["p"].equals(shapely.union_all([square(1), square(2)]))
    plan.undo("张三")
    assert plan.read("pianqu").geometry["p"].equals(union)
    assert_whole(plan.path)


def test_hairline_gaps_between_members_are_closed(plan: Plan) -> None:
    # 2 cm: two surveys of one wall.
    west, east = box(112, 22.9, 112.001, 22.901), box(112.0010002, 22.9, 112.002, 22.901)
    with plan.edit("张三", "片区") as tx:
        tx.insert("pianqu", [{"uid": "p", "name": "一片"}])
        records = [{"geometry": west, "pianqu_uid": "p"}, {"geometry": east, "pianqu_uid": "p"}]
        tx.insert("compounds", records)
    [boundary] = plan.read("pianqu").geometry
    assert len(boundary.geoms) == 1
    assert boundary.symmetric_difference(shapely.union_all([west, east])).area < 1e-9


def test_the_geopackage_keeps_its_own_list(plan: Plan) -> None:
    box_sql = "SELECT min_x FROM gpkg_contents WHERE table_name='compounds'"
    assert value_of(plan.path, box_sql) == 112.0
    with plan.edit("张三", "改") as tx:
        tx.update("compounds", "a", 1, {"geometry": square(-2)})
    assert value_of(plan.path, box_sql) == pytest.approx(111.996)
