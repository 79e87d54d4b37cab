"""Other processes and other programs on the same file: locks, QGIS, GDAL."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import shapely

from data.schema import TABLES
from data.store import Plan, create_plan, open_plan
from errors import ConflictError, StoreError
from geo.measure import area_geodesic_m2
from tests.data.store.conftest import ROOT, Child, square
from tests.data.store.oracle import assert_whole, rows_of, value_of

WRITE_ONCE = """
import sqlite3, sys
from pathlib import Path
from data.store.sqlite_engine import connect
connection = connect(Path(sys.argv[1]))
connection.execute("PRAGMA trusted_schema=ON")
connection.execute("PRAGMA busy_timeout=200")
try:
    connection.execute("UPDATE compounds SET households=7 WHERE uid='b'")
    print("written")
except sqlite3.OperationalError as error:
    print(error)
"""

COUNT_UP = """
import sys
from data.store import open_plan
from errors import ConflictError
plan = open_plan(sys.argv[1])
done = 0
while done < 40:
    held = plan.read("compounds", uids=["a"])
    values = {"households": int(held["households"].item()) + 1}
    try:
        with plan.edit(sys.argv[2], "加一") as tx:
            tx.update("compounds", "a", int(held["version"].item()), values)
    except ConflictError:
        continue
    done += 1
plan.close()
"""

LOOK = """
import json, sys
import pyogrio
layers = {name: kind for name, kind in pyogrio.list_layers(sys.argv[1])}
info = pyogrio.read_info(sys.argv[1], layer="compounds")
frame = pyogrio.read_dataframe(sys.argv[1], layer="compounds")
print(json.dumps({
    "layers": layers, "crs": info["crs"], "geometry": info["geometry_type"],
    "features": info["features"], "fields": list(info["fields"]),
    "types": [str(t) for t in info["dtypes"]],
    "names": frame["name"].tolist(), "households": frame["households"].tolist()[:2],
    "bounds": frame.total_bounds.tolist(),
}))
"""

APPEND = """
import sys
import geopandas as gpd, pyogrio
from shapely.geometry import MultiPolygon, box
frame = gpd.GeoDataFrame(
    {"name": ["新画", "又画"], "households": [9, 8]},
    geometry=[MultiPolygon([box(112.01 + x, 22.9, 112.011 + x, 22.901)]) for x in (0, 0.01)],
    crs=4490,
)
pyogrio.write_dataframe(frame, sys.argv[1], layer="compounds", driver="GPKG", append=True)
"""

# What GDAL does when a feature is saved: every column is written, the version unchanged.
QGIS_SAVE = """
import sqlite3, sys
from pathlib import Path
import numpy as np
from shapely.geometry import MultiPolygon, box
from data.store.blob import encode
from data.store.sqlite_engine import connect
connection = connect(Path(sys.argv[1]))
connection.execute("PRAGMA trusted_schema=ON")
blob = encode(np.array([MultiPolygon([box(112.02, 22.9, 112.022, 22.901)])]))[0]
connection.execute("BEGIN")
connection.execute(
    "UPDATE compounds SET uid=uid, geom=?, name='甲（外业）', households=121, extra=extra, "
    "version=version, edited_by=edited_by WHERE uid='a'", (blob,))
connection.execute("UPDATE compounds SET households=82, version=version WHERE uid='b'")
connection.execute("DELETE FROM compounds WHERE uid='c'")
connection.execute("COMMIT")
connection.close()
"""


def test_while_we_write_another_process_is_kept_out(plan: Plan, child: Child) -> None:
    with plan.edit("张三", "改") as tx:
        tx.update("compounds", "b", 1, {"households": 6})
        assert child(WRITE_ONCE, plan.path).stdout.strip() == "database is locked"
    assert plan.read("compounds")["households"]["b"] == 6
    assert child(WRITE_ONCE, plan.path).stdout.strip() == "written"
    assert plan.read("compounds")["households"]["b"] == 7
    assert_whole(plan.path)


def test_two_processes_on_one_row_lose_nothing(plan: Plan) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", COUNT_UP, plan.path, name], cwd=ROOT)
        for name in ("李四", "王五")
    ]
    assert [process.wait(timeout=120) for process in children] == [0, 0]
    assert plan.read("compounds")["households"]["a"] == 120 + 80
    assert plan.read("compounds")["version"]["a"] == 1 + 80
    assert_whole(plan.path)


def test_a_program_that_holds_the_file_is_told(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    plan._engine._dbapi.execute("PRAGMA busy_timeout=50")
    with closing(sqlite3.connect(plan.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="另一个程序占用"), plan.edit("张三", "改") as tx:
            tx.update("compounds", "a", 1, {"households": 5})
        with pytest.raises(StoreError, match="另一个程序占用"):
            plan.read("compounds")
        other.execute("ROLLBACK")
    with plan.edit("张三", "改") as tx:
        tx.update("compounds", "a", 1, {"households": 5})
    assert_whole(plan.path)


def test_gdal_finds_layers_types_and_crs(plan: Plan, child: Child) -> None:
    snapshot = plan.snapshot(plan.path.with_name("快照.gpkg"))
    for path in (snapshot, _closed(plan)):
        seen = json.loads(child(LOOK, path).stdout)
        assert seen["layers"]["compounds"] == "MultiPolygon"
        assert seen["layers"]["pianqu"] == "MultiPolygon"
        assert seen["layers"]["roads"] == "Unknown"
        assert seen["layers"]["ledger"] is None
        assert seen["layers"]["votes"] is None
        assert set(seen["layers"]) == {*TABLES, "ledger", "scheme_pianqu"}
        assert seen["crs"] == "EPSG:4490"
        assert seen["geometry"] == "MultiPolygon"
        assert seen["features"] == 3
        types = dict(zip(seen["fields"], seen["types"], strict=True))
        assert types["households"] == "int64"
        assert types["floor_area_m2"] == "float64"
        assert types["built_on"].startswith("datetime64")
        assert types["built_on_is_year"] == "bool"
        assert seen["names"] == ["甲", "乙", "丙"]
        assert seen["households"] == [120, 80]
        assert seen["bounds"] == pytest.approx([112.0, 22.9, 112.003, 22.901])


def test_qgis_sees_chinese_names_of_fields(plan: Plan) -> None:
    sql = "SELECT title FROM gpkg_data_columns WHERE table_name='compounds' AND column_name=?"
    assert value_of(plan.path, sql, "households") == "居民户数"


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="GDAL's own tools are not installed")
def test_gdals_own_tools_edit_a_plan_that_is_not_served(plan: Plan) -> None:
    path = _closed(plan)
    _ogr(path, "UPDATE compounds SET households = 999 WHERE uid = 'a'")
    _ogr(path, "DELETE FROM compounds WHERE uid = 'b'")
    assert_whole(path)
    with open_plan(path) as again:
        frame = again.read("compounds")
        assert frame.index.tolist() == ["a", "c"]
        assert frame.loc["a", ["households", "version", "edited_by"]].tolist() == [
            999,
            2,
            "external",
        ]
        assert again.can_undo() == "外部程序修改"
        assert again.undo("李四") is not None
        assert again.read("compounds")["households"].tolist()[:2] == [120, 80]
    assert_whole(path)


def test_a_feature_that_gdal_adds_gets_uid_version_and_history(plan: Plan, child: Child) -> None:
    path = _closed(plan)
    child(APPEND, path)
    assert_whole(path)
    with open_plan(path) as again:
        new, other = [uid for uid in again.read("compounds").index if uid not in "abc"]
        assert new != other
        row = again.read("compounds", uids=[new])
        assert len(new) == 16
        assert row[["name", "version", "edited_by"]].iloc[0].tolist() == ["新画", 1, "external"]
        # Another program can not keep the area; whoever reads gets it all the same.
        assert row["area_geodesic_m2"].item() == area_geodesic_m2(row.geometry).item() > 0
        assert again.history(limit=1)["actor"].item() == "外部程序（如 QGIS）"
        again.undo("李四")
        assert again.count("compounds") == 3
    assert_whole(path)


def test_an_edit_by_another_program_is_recorded_and_can_be_undone(plan: Plan, child: Child) -> None:
    before = rows_of(plan.path)
    revision = plan.revision()
    child(QGIS_SAVE, plan.path)
    assert_whole(plan.path)
    changes = plan.changed_since("compounds", revision)
    assert changes.frame.index.tolist() == ["a", "b"]
    assert changes.deleted == ["c"]
    assert changes.frame["version"].tolist() == [2, 2]
    assert set(changes.frame["edited_by"]) == {"external"}
    # One save in QGIS is one entry to undo.
    assert plan.can_undo() == "外部程序修改"
    plan.undo("李四")
    assert _content(rows_of(plan.path)) == _content(before)
    plan.redo("李四")
    assert plan.read("compounds")["name"].tolist() == ["甲（外业）", "乙"]
    assert_whole(plan.path)


def test_a_save_after_an_external_edit_is_stale(plan: Plan, child: Child) -> None:
    child(QGIS_SAVE, plan.path)
    with pytest.raises(ConflictError, match="外部程序（如 QGIS）"), plan.edit("李四", "改") as tx:
        tx.update("compounds", "a", 1, {"households": 5})


def test_an_own_edit_is_not_undone_over_an_external_one(plan: Plan, child: Child) -> None:
    with plan.edit("李四", "改户数") as tx:
        tx.update("compounds", "a", 1, {"households": 130})
    child(QGIS_SAVE, plan.path)
    with pytest.raises(
        ConflictError, match=r"已被外部程序（如 QGIS）于 .*，没有撤销，计划没有改变"
    ) as caught:
        plan.undo("李四", of="李四")
    assert caught.value.mine["households"] == 120
    assert caught.value.theirs["households"] == 121


def test_another_program_can_not_change_a_uid(plan: Plan) -> None:
    with closing(sqlite3.connect(plan.path)) as connection:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            connection.create_function(name, 1, lambda _blob: 0, deterministic=True)
        with pytest.raises(sqlite3.IntegrityError, match="标识码不能修改"):
            connection.execute("UPDATE compounds SET uid='z' WHERE uid='a'")


def test_triggers_that_another_program_dropped_are_put_back(plan: Plan) -> None:
    path = _closed(plan)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER compounds_hist_u")
        connection.execute("DROP TRIGGER rtree_compounds_geom_delete")
        connection.commit()
    with open_plan(path) as again:
        with again.edit("张三", "改") as tx:
            tx.update("compounds", "a", 1, {"households": 5})
            tx.delete("compounds", "b", 1)
        assert again.read_table("audit_event")["action"].tolist() == ["补回触发器"]
    assert_whole(path)


def test_points_without_a_box_as_gdal_writes_them_can_be_read(tmp_path: Path) -> None:
    code = """
import sys
import geopandas as gpd, pyogrio
from shapely.geometry import Point
frame = gpd.GeoDataFrame({"name": ["站"]}, geometry=[Point(112.5, 22.5)], crs=4490)
pyogrio.write_dataframe(frame, sys.argv[1], layer="facilities", driver="GPKG", append=True)
"""
    with create_plan(tmp_path / "点.gpkg", name="点", actor="张三") as made:
        path = made.path
    subprocess.run([sys.executable, "-c", code, path], cwd=ROOT, check=True, timeout=60)
    with open_plan(path) as again:
        assert again.read("facilities").geometry.tolist() == [shapely.Point(112.5, 22.5)]
        assert len(again.read("facilities", bbox=(112, 22, 113, 23))) == 1
        with again.edit("张三", "改") as tx:
            [uid] = again.read("facilities").index
            tx.update("facilities", uid, 1, {"name": "新站"})
            tx.update("facilities", uid, 2, {"geometry": square(0).centroid})


def _closed(plan: Plan) -> Path:
    """Path of a plan that nobody serves any more."""
    plan.close()
    return plan.path


def _ogr(path: Path, sql: str) -> None:
    done = subprocess.run(
        ["ogrinfo", "-q", str(path), "-sql", sql], capture_output=True, text=True, check=True
    )
    assert "ERROR" not in done.stderr


def _content(rows: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    return {
        uid: {name: row[name] for name in row if name not in {"version", "edited_by"}}
        for uid, row in rows.items()
    }
