"""Import: all or nothing, snapshot first, differences told, and bad files leave the plan as it was."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import LineString, box

from data.findings import Finding
from data.import_reach import reach_findings
from data.import_records import KEPT_SNAPSHOTS, SNAPSHOT_FOLDER
from data.importing import apply_boundaries, apply_layers, apply_ledger
from data.matching import match
from data.reading import read_boundaries, read_layers
from data.store import create_plan
from errors import RecordError, StoreError
from tests.data.incoming import LAT, LON, ROWS, boundary_file, ledger, square


@pytest.fixture
def plan(tmp_path):
    with create_plan(tmp_path / "方案.gpkg", name="云城", actor="测试员") as opened:
        yield opened


def by_name(plan):
    return plan.read("compounds").reset_index().set_index("name")


def test_a_ledger_becomes_compounds_without_boundaries(plan):
    done = apply_ledger(plan, *ledger(), "张三")
    found = by_name(plan)
    assert (len(done.new), done.changed, done.unchanged) == (3, (), 0)
    assert found.loc["旧中专宿舍", "uid"] == "A1"
    assert found.loc["玉皇路小区", "investment_yuan"] == 0
    assert found.loc["邮电新村", "investment_yuan"] == 1_105_000
    assert found["kind"].unique().tolist() == ["老旧小区"]
    assert found.loc["旧中专宿舍", "extra"] == {"物业": "甲物业"}
    assert found.geometry.isna().all()
    assert done.snapshot is None
    batch = plan.read_table("import_batch").iloc[0]
    assert (batch["kind"], batch["file_name"], batch["rows_read"], batch["rows_new"]) == (
        "ledger", "台账.xlsx", 3, 3,
    )  # fmt: skip
    assert (batch["actor"], batch["sha256"]) == ("张三", "0" * 64)
    raw = plan.read_table("ledger")
    assert raw["row_number"].tolist() == [2, 3, 4]
    assert raw["compound_uid"].tolist() == list(done.new)
    assert raw["raw"].iloc[2]["总投资（万元）"] == "/"
    assert raw["extra"].iloc[0] == {"sheet": "S"}


def test_the_same_ledger_again_changes_nothing(plan):
    apply_ledger(plan, *ledger(), "张三")
    revision = plan.layer_revision("compounds")
    done = apply_ledger(plan, *ledger(), "张三")
    assert (done.new, done.changed, done.unchanged) == ((), (), 3)
    assert plan.layer_revision("compounds") == revision
    assert done.snapshot.parent.name == SNAPSHOT_FOLDER


def test_a_changed_ledger_updates_and_shows_the_differences(plan):
    apply_ledger(plan, *ledger(), "张三")
    rows = [
        ["A1", "云城街道", "天马社区", "旧中专宿舍", 25, 40, "乙物业"],
        [None, "云城街道", "金龙社区", "邮电新村小区", None, 110.5, None],
        [None, "云城街道", "马坪社区", "新来的", 1, 1, None],
    ]
    done = apply_ledger(plan, *ledger(rows), "李四")
    found = by_name(plan)
    changes = done.differences.set_index(["uid", "field"])
    assert changes.loc[("A1", "households"), ["before", "after"]].tolist() == [24, 25]
    assert changes.loc[("A2", "name"), ["before", "after"]].tolist() == ["邮电新村", "邮电新村小区"]
    assert len(done.new) == 1
    assert found.loc["旧中专宿舍", ["households", "version", "edited_by"]].tolist() == [
        25,
        2,
        "李四",
    ]
    assert found.loc["旧中专宿舍", "extra"] == {"物业": "乙物业"}
    # A blank cell is unknown: it does not wipe out what is known.
    assert found.loc["邮电新村小区", "households"] == 97
    assert done.unmatched == (found.loc["玉皇路小区", "uid"],)
    assert done.findings[-1].message == (
        "2 个已有小区有 2 处与导入的不同，已按导入的更新，见差异清单，可以撤销。"
    )
    assert plan.undo("李四").label == "导入台账：台账.xlsx"
    assert by_name(plan).loc["旧中专宿舍", "households"] == 24
    assert plan.count("compounds") == 3


def test_an_error_in_one_row_keeps_all_rows_out(plan):
    rows = [*ROWS, ["A4", None, None, "坏行", "约三百", -5, None]]
    frame, sheet = ledger(rows)
    revision = plan.revision()
    with pytest.raises(RecordError) as refused:
        apply_ledger(plan, frame, sheet, "张三")
    assert refused.value.problems == (
        "台账第 5 行“户数”不是数字：约三百。请改成 300，或在导入时按 300 处理。",
        "台账第 5 行“总投资”是负数：-5。请改成 0 或正数。",
    )
    assert (plan.count("compounds"), plan.revision()) == (0, revision)
    assert plan.read_table("import_batch").empty


def test_errors_handed_over_by_hand_are_refused_too(plan):
    frame, sheet = ledger()
    wrong = Finding(rule="x", severity="错误", message="不行。")
    with pytest.raises(RecordError, match="不行"):
        apply_ledger(plan, frame, sheet, "张三", findings=[wrong])


def test_a_failure_in_the_middle_leaves_nothing(plan, monkeypatch):
    apply_ledger(plan, *ledger(), "张三")
    revision = plan.revision()
    monkeypatch.setattr("data.importing._raw_rows", lambda *_: [{"batch_id": object()}])
    rows = [["A1", "云城街道", "天马社区", "旧中专宿舍", 99, 40, None]]
    with pytest.raises(Exception):  # noqa: B017 - whatever the store says to nonsense
        apply_ledger(plan, *ledger(rows), "张三")
    assert plan.revision() == revision
    assert by_name(plan).loc["旧中专宿舍", "households"] == 24
    assert len(plan.read_table("import_batch")) == 1


def test_boundaries_find_their_rows_and_the_ledger_stays_the_record(plan, tmp_path):
    apply_ledger(plan, *ledger(), "张三")
    path = boundary_file(
        tmp_path,
        ({"name": "旧中专宿舍小区", "户数": 999, "remarks": "测绘"}, square()),
        ({"name": "无台账", "户数": 5}, square(0.01)),
    )
    done = apply_boundaries(plan, read_boundaries(path), "张三")
    found = by_name(plan)
    assert done.changed == ("A1",)
    assert len(done.new) == 1
    row = found.loc["旧中专宿舍"]
    assert (row["households"], row["remarks"], row["boundary_state"]) == (24, "测绘", "导入")
    assert row["geometry"].geom_type == "MultiPolygon"
    assert row["area_geodesic_m2"] == pytest.approx(102.6 * 110.8, rel=0.01)
    assert (found.loc["无台账", "households"], found.loc["无台账", "boundary_state"]) == (5, "导入")
    assert set(done.unmatched) == {"A2", found.loc["玉皇路小区", "uid"]}
    assert plan.read_table("import_batch")["kind"].tolist() == ["ledger", "compounds"]


def test_the_same_boundaries_again_change_nothing_and_others_replace_them(plan, tmp_path):
    path = boundary_file(tmp_path, ({"name": "甲"}, square()), ({"name": None}, square(0.01)))
    apply_boundaries(plan, read_boundaries(path), "张三")
    again = apply_boundaries(plan, read_boundaries(path), "张三")
    assert (again.new, again.changed, again.unchanged) == ((), (), 2)
    path = boundary_file(tmp_path, ({"name": "甲"}, square(side=0.002)))
    moved = apply_boundaries(plan, read_boundaries(path), "张三")
    assert len(moved.changed) == 1
    assert moved.findings[-1].message == "1 个小区原有的边界已换成导入的边界，可以撤销。"


def test_a_sketch_stays_a_sketch_through_export_and_import(plan, tmp_path):
    path = boundary_file(tmp_path, ({"name": "甲", "boundary_state": "示意"}, square()))
    apply_boundaries(plan, read_boundaries(path), "张三")
    assert by_name(plan).loc["甲", "boundary_state"] == "示意"


def test_ambiguous_names_are_told_and_the_planner_can_decide(plan, tmp_path):
    rows = [
        [None, None, "天马社区", "机关宿舍", 1, 1, None],
        [None, None, "金龙社区", "机关宿舍", 2, 2, None],
    ]
    apply_ledger(plan, *ledger(rows), "张三")
    boundaries = read_boundaries(boundary_file(tmp_path, ({"name": "机关宿舍"}, square())))
    uid = plan.read("compounds").query("households == 2").index[0]
    found = match(plan.read("compounds"), boundaries.frame)
    assert found.ambiguous
    found.pairs[1] = uid
    done = apply_boundaries(plan, boundaries, "张三", matching=found)
    assert (done.changed, done.new) == ((uid,), ())
    assert "ambiguous_match" not in [finding.rule for finding in done.findings]
    other = read_boundaries(boundary_file(tmp_path, ({"name": "机关宿舍"}, square(0.01))))
    done = apply_boundaries(plan, other, "张三")
    assert len(done.new) == 1
    assert "无法自动对应" in next(f.message for f in done.findings if f.rule == "ambiguous_match")


def test_all_layers_of_a_file_come_in_one_edit(plan, tmp_path):
    path = tmp_path / "城区.gpkg"
    for layer, columns, geom in (
        ("compounds", {"name": ["甲"]}, square()),
        ("buildings", {"levels": ["6"]}, square(0.0002, side=0.0001)),
        (
            "roads",
            {"highway": ["service"], "width": ["5"]},
            LineString([(LON, LAT), (LON, LAT + 0.001)]),
        ),
    ):
        gpd.GeoDataFrame(columns, geometry=[geom], crs=4490).to_file(path, layer=layer)
    layers = read_layers(path)
    done = apply_layers(plan, layers, "张三")
    assert {layer: len(one.new) for layer, one in done.items()} == {
        "compounds": 1, "buildings": 1, "roads": 1,
    }  # fmt: skip
    roads = plan.read("roads").iloc[0]
    assert (roads["kind"], roads["width_m"], roads.geometry.geom_type) == (
        "service",
        5.0,
        "LineString",
    )
    assert plan.read("buildings")["storeys"].tolist() == [6]
    again = apply_layers(plan, layers, "张三")
    assert {one.unchanged for one in again.values()} == {1}
    assert plan.count("roads") == 1
    plan.undo("张三")
    assert [plan.count(layer) for layer in ("compounds", "buildings", "roads")] == [0, 0, 0]


def test_far_boundaries_are_asked_about_before_anything_is_changed(plan, tmp_path):
    near, far = square(), square(2.0)
    path = boundary_file(
        tmp_path, ({"name": "甲"}, near), ({"name": "乙"}, square(0.01)), ({"name": "远"}, far)
    )
    boundaries = read_boundaries(path)
    with pytest.raises(RecordError) as refused:
        apply_boundaries(plan, boundaries, "张三")
    (problem,) = refused.value.problems
    assert problem == (
        "第 3 个图形离方案里其他小区都超过 100 公里（最近 204 公里），"
        "请检查坐标系或是否选错了文件，确认无误再导入。"
    )
    assert plan.count("compounds") == 0
    assert len(apply_boundaries(plan, boundaries, "张三", accept_far=True).new) == 3


@pytest.mark.parametrize(
    ("place", "lon", "lat", "asked"),
    [
        ("东海", 125.5, 30.0, True),
        ("南海", 115.0, 18.0, True),
        ("黄海", 123.5, 35.5, True),
        ("渤海", 119.9, 38.6, True),
        ("台湾以东", 123.5, 23.5, True),
        ("朝鲜半岛", 127.0, 37.5, True),
        ("长海", 122.6, 39.27, False),
        ("成山头", 122.68, 37.38, False),
        ("舟山嵊泗", 122.45, 30.73, False),
        ("大陈岛", 121.9, 28.45, False),
        ("台北", 121.56, 25.04, False),
        ("澎湖", 119.57, 23.57, False),
        ("香港", 114.2, 22.25, False),
        ("上川岛", 112.78, 21.67, False),
        ("三亚", 109.5, 18.25, False),
        ("文昌", 111.0, 19.65, False),
        ("北海涠洲", 109.1, 21.03, False),
        ("丹东", 124.4, 40.1, False),
        ("珲春", 130.6, 42.45, False),
        ("云浮", 112.04, 22.92, False),
        ("乌鲁木齐", 87.6, 43.8, False),
        ("大连", 121.6, 38.9, False),
        ("长岛", 120.74, 37.92, False),
    ],
)
def test_the_sea_is_known_roughly(place, lon, lat, asked):
    one = gpd.GeoSeries([box(lon, lat, lon + 0.001, lat + 0.001)], index=[1], crs=4490)
    found = reach_findings(one, one.iloc[:0])
    assert [finding.rule for finding in found] == (["offshore"] if asked else [])


def test_without_a_place_for_the_snapshot_nothing_is_imported(plan):
    apply_ledger(plan, *ledger(), "张三")
    (plan.path.parent / SNAPSHOT_FOLDER).write_text("a file stands where the folder should be")
    revision = plan.revision()
    with pytest.raises(StoreError, match="导入没有开始"):
        apply_ledger(plan, *ledger([["A1", None, None, "旧中专宿舍", 1, 1, None]]), "张三")
    assert plan.revision() == revision


def test_only_the_last_snapshots_are_kept(plan):
    for number in range(KEPT_SNAPSHOTS + 3):
        rows = [["A1", "云城街道", "天马社区", "旧中专宿舍", number + 1, 40, None]]
        apply_ledger(plan, *ledger(rows), "张三")
    assert len(list((plan.path.parent / SNAPSHOT_FOLDER).iterdir())) == KEPT_SNAPSHOTS


@pytest.mark.realdata
def test_real_boundaries_of_hangzhou_and_beijing_come_in_and_stay(plan, tmp_path):
    data = Path(os.environ["PIANQU_GEODATA"])
    layers = read_layers(data / "hangzhou_shaoxing.gpkg")
    done = apply_layers(plan, layers, "张三")
    assert {layer: len(one.new) for layer, one in done.items()} == {
        "compounds": 2112, "green": 3149, "water": 743,
    }  # fmt: skip
    again = apply_layers(plan, layers, "张三")
    assert again["compounds"].unchanged == 2112
    assert plan.count("compounds") == 2112
    source = gpd.read_file(data / "hangzhou_shaoxing.gpkg", layer="compounds")
    assert plan.read("compounds")["name"].notna().sum() == source["name"].notna().sum() == 1406
    with create_plan(tmp_path / "望京.gpkg", name="望京", actor="测试员") as other:
        done = apply_layers(other, read_layers(data / "beijing_wangjing.gpkg"), "张三")
        assert {layer: len(one.new) for layer, one in done.items()} == {
            "compounds": 6, "buildings": 226, "roads": 241, "green": 21, "water": 3, "barriers": 5,
            "parking": 3, "facilities": 148,
        }  # fmt: skip
