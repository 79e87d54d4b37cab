"""Files appear whole and checked, or not at all."""

import io
import json
import os
import zipfile

import numpy as np
import pyogrio
import pytest
import shapely

from data.exporting import export, export_bytes, handover, process
from data.exporting.formats import geojson as geojson_format
from data.exporting.taking import content_of
from data.schema import LAYERS
from data.store import create_plan
from errors import ExportError, LivePathError


@pytest.fixture(scope="module")
def cgcs(plan, tmp_path_factory):
    return export(plan, "geojson", crs="4490", out_dir=tmp_path_factory.mktemp("a"), actor="李工")


# --- whole or not at all


def test_a_file_that_does_not_read_back_right_is_not_handed_over(plan, tmp_path, monkeypatch):
    before = tmp_path / "2024年云城区城镇老旧小区改造实施方案_小区_CGCS2000.geojson"
    before.write_text("old")

    def spoilt(step, *, path, **rest):
        process.run_step(step, path=path, **rest)
        if step == "write":
            text = path.read_text(encoding="utf-8").replace("1100000", "1100001")
            path.write_text(text, encoding="utf-8")

    monkeypatch.setattr(handover, "run_step", spoilt)
    with pytest.raises(ExportError, match="预计投资额与计划不一致"):
        export(plan, "geojson", out_dir=tmp_path, actor="李工")
    assert [path.name for path in tmp_path.iterdir()] == [before.name]
    assert before.read_text() == "old"


def test_a_vertex_that_moved_by_a_centimetre_is_noticed(plan, cgcs):
    made = geojson_format.FORMAT.prepare(content_of(plan, "compounds"), "4490", {}).content
    found = pyogrio.read_dataframe(cgcs.files[0], DATE_AS_STRING="YES")
    assert geojson_format.FORMAT.compare(made, found, "4490") == []
    moved = found.copy()
    moved.loc[0, "geometry"] = shapely.transform(
        found.geometry[0], lambda xy: xy + np.array([1e-7, 0.0])
    )
    assert geojson_format.FORMAT.compare(made, moved, "4490") == ["“旧中专宿舍”的边界与计划不一致"]
    assert "应有5个要素" in geojson_format.FORMAT.compare(made, found.iloc[1:], "4490")[0]


def test_nothing_is_left_aside_and_an_old_leftover_is_cleared(plan, tmp_path):
    left = tmp_path / ".pianqu-export-dead"
    left.mkdir()
    (left / "x").write_text("half")
    os.utime(left, (1, 1))
    export(plan, "xlsx", out_dir=tmp_path, actor="李工")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_an_export_can_be_cancelled(plan, tmp_path):
    class StopError(Exception):
        pass

    def stop(share, what):
        if share > 0.5:
            raise StopError

    with pytest.raises(StopError):
        export(plan, "xlsx", out_dir=tmp_path, actor="李工", progress=stop)
    assert not list(tmp_path.iterdir())


def test_the_plan_file_itself_is_never_the_target(plan, tmp_path, monkeypatch):
    monkeypatch.setattr(handover, "_file_name", lambda *_: plan.path.name)
    with pytest.raises(LivePathError):
        export(plan, "gpkg", out_dir=plan.path.parent, actor="李工")
    assert plan.count("compounds") == 5


def test_exports_are_in_the_log_of_the_plan(plan, cgcs):
    log = plan.read_table("audit_event")
    (entry,) = [
        detail
        for actor, action, detail in zip(log["actor"], log["action"], log["detail"], strict=True)
        if action == "导出"
        and detail["file"] == cgcs.files[0].name
        and detail["crs"] == "4490"
        and detail["layers"] == ["compounds"]
    ][:1]
    assert entry["totals"]["investment_yuan"] == 5_150_000


# --- refusals


@pytest.mark.parametrize(
    ("format_id", "options", "says"),
    [
        ("pdf", {}, "没有名为“pdf”的导出格式"),
        ("geojson", {"crs": "4547"}, "不能用坐标系"),
        ("geojson", {"layer": "nowhere"}, "没有名为“nowhere”的图层"),
        ("geojson", {"layer": ["compounds", "pianqu"]}, "只能放一个图层"),
        ("xlsx", {"layer": "roads"}, "只能导出小区台账"),
        ("shapefile", {"encoding": "big5"}, "只能是 GBK 或 UTF-8"),
    ],
)
def test_what_can_not_be_done_is_refused_in_one_sentence(plan, tmp_path, format_id, options, says):
    with pytest.raises(ExportError, match=says):
        export(plan, format_id, out_dir=tmp_path, actor="李工", **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format_id", ["geojson", "gpkg", "shapefile"])
def test_a_layer_without_a_row_is_refused_with_what_to_do_first(plan, tmp_path, format_id):
    out = tmp_path / "out"
    with (
        create_plan(tmp_path / "空.gpkg", name="空", actor="李工") as empty,
        pytest.raises(ExportError, match="计划里还没有片区，没有导出。请先把小区组成片区"),
    ):
        export(empty, format_id, layer="pianqu", out_dir=out, actor="李工")
    with pytest.raises(ExportError, match="的范围里没有小区，没有导出。请放宽筛选"):
        export(plan, format_id, uids=[], out_dir=out, actor="李工")
    assert not out.exists()


def test_a_layer_without_a_row_may_stand_beside_others(plan, tmp_path):
    empty = next(name for name in LAYERS if plan.count(name) == 0)
    done = export(plan, "gpkg", layer=["compounds", empty], out_dir=tmp_path, actor="李工")
    assert len(done.files) == 2


# --- downloads


def test_a_download_is_name_and_bytes(plan):
    name, content = export_bytes(plan, "geojson", actor="李工", crs="rfc7946", uids=["YC2024-02"])
    assert name == "2024年云城区城镇老旧小区改造实施方案_小区_RFC7946.geojson"
    assert [f["properties"]["name"] for f in json.loads(content)["features"]] == ["邮电新村"]
    name, content = export_bytes(plan, "xlsx", actor="李工", with_metadata=True)
    assert name.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert len(archive.namelist()) == 2


def test_layers_that_change_while_they_are_taken_are_not_mixed(plan, tmp_path, monkeypatch):
    numbers = iter(range(1_000))
    monkeypatch.setattr(plan, "revision", lambda: next(numbers))
    with pytest.raises(ExportError, match="频繁修改"):
        export(plan, "gpkg", layer=["compounds", "pianqu"], out_dir=tmp_path, actor="李工")
    assert not list(tmp_path.iterdir())
