"""The whole job as a planner does it, in one window, offline: ledger and boundaries in, files and sheet out."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
import shapely
from pypdf import PdfReader

from data import samples
from tests.browser import steps
from tests.browser.conftest import read_copy

pytestmark = pytest.mark.browser

GIVEN = ["旧中专宿舍", "云浮中学教师宿舍", "玉皇路小区"]
MISSING = ["邮电新村", "云城财政所宿舍"]
# Totals that the published ledger prints, in yuan.
INVESTMENT, CENTRAL, PROVINCIAL, GRANTS = 5_150_000, 2_950_000, 1_700_000, 4_650_000
CRS = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}


@pytest.fixture(scope="module")
def shapes():
    frame = samples.yuncheng_2024().layers["compounds"]
    return frame.set_index("name").geometry


def boundaries_file(path, shapes):
    features = [
        {
            "type": "Feature",
            "properties": {"小区名称": name},
            "geometry": shapely.geometry.mapping(shapes[name]),
        }
        for name in GIVEN
    ]
    made = {"type": "FeatureCollection", "crs": CRS, "features": features}
    path.write_text(json.dumps(made, ensure_ascii=False), "utf-8")
    return path


def test_from_ledger_and_boundaries_to_pianqu_to_files_and_sheet(window, shapes, tmp_path):
    steps.new_plan(window, "云城区2024全程")
    plan_file = window.server.plans / "云城区2024全程.gpkg"
    bring_in(window, shapes, tmp_path)
    draw_missing(window, shapes, plan_file, tmp_path)
    bundle(window, shapes)
    steps.go(window, "出图")
    check_compounds(steps.export_layer(window, "小区", "_小区_CGCS2000.geojson", tmp_path), shapes)
    check_pianqu(steps.export_layer(window, "片区", "_片区_CGCS2000.geojson", tmp_path))
    check_sheet(steps.sheet_pdf(window, tmp_path))
    assert window.outside == []


def bring_in(window, shapes, folder):
    steps.go(window, "数据")
    steps.import_ledger(window, samples.yuncheng_ledger_xlsx(folder / "2024台账.xlsx"), rows=5)
    steps.read_boundaries(window, boundaries_file(folder / "三个边界.geojson", shapes))
    window.wait_for("小区：对应已有 3 · 新建 0 · 不导入 0")
    window.press("导入")
    window.wait_for("小区：新增 0，更新 3，不变 0")
    window.settle()


def draw_missing(window, shapes, plan_file, folder):
    window.panel("待补")
    window.wait_for("有台账、没有边界（2）")
    for name in MISSING:
        row = window.page.locator(".st-key-panel [class*=st-key-missing_]").filter(has_text=name)
        row.get_by_role("button", name="在地图上画").click()
        window.wait_for(f"正在画“{name}”")
        window.settle()
        window.draw(list(shapes[name].geoms[0].exterior.coords)[:-1])
        window.wait_for(f"已保存边界：{name}")
    window.wait_for("每个小区都有边界和台账资料")
    with read_copy(plan_file, folder) as plan:
        drawn = plan.read("compounds").set_index("name").geometry
    for name in MISSING:
        # Corners may have gone to those of a neighbour, a few metres away.
        common = drawn[name].intersection(shapes[name]).area
        assert common / drawn[name].union(shapes[name]).area > 0.9


def bundle(window, shapes):
    steps.go(window, "总图")
    steps.colour_by(window, "户均投资")
    assert "元/户" in window.map.locator(".pq-legend").inner_text()
    steps.lasso(window, shapes[["旧中专宿舍", "邮电新村", "云浮中学教师宿舍"]].union_all())
    window.wait_for("已选 3 个小区 · 437 户 · 260.0 万元")
    steps.make_pianqu(window, "金龙片区")
    steps.lasso(window, shapes[["云城财政所宿舍", "玉皇路小区"]].union_all(), grow=0.0001)
    window.wait_for("已选 2 个小区 · 624 户 · 255.0 万元")
    steps.make_pianqu(window, "玉皇片区")


def check_compounds(path, shapes):
    read = steps.read_elsewhere(path)
    rows = {row["name"]: row for row in read["rows"]}
    assert read["crs"] == "EPSG:4490"
    assert read["valid"]
    assert set(rows) == set(shapes.index)
    assert sum(row["investment_yuan"] for row in rows.values()) == INVESTMENT
    assert sum(row["grant_central_yuan"] or 0 for row in rows.values()) == CENTRAL
    assert sum(row["grant_provincial_yuan"] or 0 for row in rows.values()) == PROVINCIAL
    assert sum(row["grant_yuan"] for row in rows.values()) == GRANTS
    assert {rows[name]["boundary_state"] for name in GIVEN} == {"导入"}
    assert {rows[name]["boundary_state"] for name in MISSING} == {"手绘"}
    assert rows["邮电新村"]["pianqu_name"] == "金龙片区"
    west, south, east, north = shapes.total_bounds
    assert read["bounds"] == pytest.approx([west, south, east, north], abs=1e-4)
    check_with_ogrinfo(path, features=5)


def check_with_ogrinfo(path, *, features):
    ogrinfo = shutil.which("ogrinfo")
    if ogrinfo is None:
        return  # GDAL's own programs are not everywhere; its library has read the file already
    done = subprocess.run(
        [ogrinfo, "-so", "-al", str(path)], capture_output=True, text=True, check=True
    )
    assert f"Feature Count: {features}" in done.stdout
    assert 'ID["EPSG",4490]' in done.stdout


def check_pianqu(path):
    read = steps.read_elsewhere(path)
    rows = {row["name"]: row for row in read["rows"]}
    assert read["crs"] == "EPSG:4490"
    assert set(rows) == {"金龙片区", "玉皇片区"}
    gold, jade = rows["金龙片区"], rows["玉皇片区"]
    assert (gold["households"], gold["investment_yuan"]) == (437, 2_600_000)
    assert (jade["households"], jade["investment_yuan"]) == (624, 2_550_000)
    assert gold["grant_yuan"] + jade["grant_yuan"] == GRANTS
    assert sorted(gold["member_names"]) == sorted(["旧中专宿舍", "邮电新村", "云浮中学教师宿舍"])
    ids = [*gold["member_uids"], *jade["member_uids"]]
    assert len(set(ids)) == 5
    for row, area in zip(read["rows"], read["areas"], strict=True):
        assert row["area_geodesic_m2"] == pytest.approx(area, rel=0.005)  # UTM stretches a little
    check_with_ogrinfo(path, features=2)


def check_sheet(path):
    text = "".join(page.extract_text() for page in PdfReader(path).pages)
    for figure in ("515.0", "465.0", "1,061", "金龙片区", "玉皇片区", "户均投资"):
        assert figure in text, figure
