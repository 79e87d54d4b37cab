"""The whole job on boundaries of real places, kept outside the repository; their ledgers are made up here.

Boundaries: © OpenStreetMap contributors, ODbL 1.0. Households and money are no real figures.
"""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import pytest
from openpyxl import Workbook
from pypdf import PdfReader

from tests.browser import steps

pytestmark = [pytest.mark.browser, pytest.mark.realdata]

SOURCE = "© OpenStreetMap contributors, ODbL 1.0"
HEADS = ("序号", "小区名称", "居民户数（户）", "楼栋数（栋）", "预计投资额（万元）")
# Made up: so many households, buildings and 万元 to each compound, by its number.
HOUSEHOLDS, BUILDINGS, MONEY = (lambda k: 50 + k % 200), (lambda k: 2 + k % 9), (lambda k: 20 + k)


def folder() -> Path:
    return Path(os.environ["PIANQU_GEODATA"])


def made_up_ledger(path: Path, names: list[str]) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.title = "虚拟台账"
    sheet.append(["虚拟台账（数字为试验编造）"])
    sheet.append(HEADS)
    for k, name in enumerate(names):
        sheet.append([k + 1, name, HOUSEHOLDS(k), BUILDINGS(k), MONEY(k)])
    book.save(path)
    return path


def name_source(window) -> None:
    """Say in the plan's settings whom the boundaries are from; the map has to show it."""
    window.panel("设置")
    window.fill("资料来源（可不填，写在图角和交付文件里）", SOURCE)
    window.press("保存设置")
    window.wait_for("设置已保存")
    window.settle()
    assert SOURCE in window.map.locator(".leaflet-control-attribution").inner_text()


def agree(window) -> None:
    """Tick what the page asks to be agreed to, then import."""
    boxes = window.page.locator(".st-key-panel").get_by_role("checkbox")
    for k in range(boxes.count()):
        boxes.nth(k).evaluate("box => box.click()")
        window.settle()
    window.press("导入")
    window.page.wait_for_function(
        "() => document.body.innerText.includes('已导入“')", timeout=120_000
    )
    window.settle()


def look_at(window, bounds) -> None:
    west, south, east, north = bounds
    window.map.evaluate(
        "([w, s, e, n]) => window.pianqu.map.fitBounds([[s, w], [n, e]], {animate: false, padding: [60, 60]})",
        [west, south, east, north],
    )
    window.settle()


def export_and_read(window, target: Path) -> list[dict]:
    steps.go(window, "出图")
    read = steps.read_elsewhere(steps.export_layer(window, "小区", "_CGCS2000.geojson", target))
    assert read["crs"] == "EPSG:4490"
    assert read["valid"]
    return read["rows"]


def test_wangjing_with_all_its_layers(window, tmp_path):
    file = folder() / "beijing_wangjing.gpkg"
    compounds = gpd.read_file(file, layer="compounds").to_crs(4490)
    names = list(compounds["name"].dropna())
    steps.new_plan(window, "望京试验")
    steps.go(window, "数据")
    name_source(window)
    steps.import_ledger(window, made_up_ledger(tmp_path / "虚拟.xlsx", names), rows=len(names))
    steps.read_boundaries(window, file)
    window.wait_for("建筑 226")
    agree(window)
    steps.go(window, "总图")
    window.map.click(".pq-layers-head")
    shown = window.map.locator("body").inner_text()
    assert "建筑" in shown
    assert "道路" in shown
    window.map.click(".pq-layers-head")
    steps.colour_by(window, "户均投资")
    look_at(window, compounds.total_bounds)
    steps.lasso(window, compounds.geometry.union_all())
    window.wait_for(f"已选 {len(compounds)} 个小区")
    steps.make_pianqu(window, "望京片区")
    rows = export_and_read(window, tmp_path)
    assert set(names) <= {row["name"] for row in rows}
    assert len(rows) == len(compounds)
    money = sum(MONEY(k) for k in range(len(names)))
    assert sum(row["investment_yuan"] or 0 for row in rows) == money * 10_000
    assert {row["pianqu_name"] for row in rows} == {"望京片区"}
    text = "".join(p.extract_text() for p in PdfReader(steps.sheet_pdf(window, tmp_path)).pages)
    assert "OpenStreetMap" in text
    assert f"{money:.1f}" in text.replace(",", "")


def test_the_compounds_of_hangzhou_and_shaoxing(window, tmp_path):
    file = folder() / "hangzhou_shaoxing.gpkg"
    compounds = gpd.read_file(file, layer="compounds").to_crs(4490)
    counts = compounds["name"].value_counts()
    names = sorted(counts.index[counts == 1])[:200]
    steps.new_plan(window, "杭州绍兴试验")
    steps.go(window, "数据")
    name_source(window)
    steps.import_ledger(window, made_up_ledger(tmp_path / "虚拟.xlsx", names), rows=len(names))
    steps.read_boundaries(window, file)
    window.wait_for("对应已有 200")
    agree(window)
    steps.go(window, "总图")
    window.until(lambda: "2,112 个" in window.text(), "all compounds")
    steps.colour_by(window, "户均投资")
    plane = compounds.geometry.to_crs(compounds.estimate_utm_crs())
    crowded = compounds.geometry.iloc[plane.distance(plane.iloc[0]).argsort()[:30]]
    look_at(window, crowded.total_bounds)
    steps.lasso(window, crowded.union_all(), grow=0.0)
    window.until(lambda: "已选 " in window.text(), "the selection")
    steps.make_pianqu(window, "试验片区")
    rows = export_and_read(window, tmp_path)
    assert len(rows) == len(compounds)
    money = sum(MONEY(k) for k in range(len(names)))
    assert sum(row["investment_yuan"] or 0 for row in rows) == money * 10_000
    assert sum(row["pianqu_name"] == "试验片区" for row in rows) >= 20
    (group,) = steps.read_elsewhere(
        steps.export_layer(window, "片区", "_片区_CGCS2000.geojson", tmp_path)
    )["rows"]
    assert len(group["member_uids"]) == group["compound_count"]
