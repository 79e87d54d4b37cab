"""The whole job on real boundaries; households and money are made up by the test, and said to be.

The files are read from the folder that ``PIANQU_GEODATA`` names: © OpenStreetMap contributors, ODbL 1.0.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import geopandas as gpd
import pytest
from pypdf import PdfReader

from data.store import Plan
from tests.browser import steps
from tests.browser.conftest import Window, read_copy

pytestmark = [pytest.mark.browser, pytest.mark.realdata]

SOURCE = "© OpenStreetMap contributors, ODbL 1.0"
LEDGER_ROWS = 120
HOUSEHOLDS, INVESTMENT_WAN = 100, 80
CONSENTS = re.compile("^(接受|确认|仍要)")


def geodata(name: str) -> Path:
    return Path(os.environ["PIANQU_GEODATA"]) / name


def ledger_file(path: Path, names: list[str]) -> Path:
    heads = "序号,小区名称,居民户数（户）,预计投资额（万元）,备注"
    rows = [f"{n},{name},{HOUSEHOLDS},{INVESTMENT_WAN},测试编造" for n, name in enumerate(names, 1)]
    path.write_text("\n".join([heads, *rows]), "utf-8-sig")
    return path


def some_names(path: Path, wanted: int) -> list[str]:
    """Names that one compound alone has, and that a comma-separated file can hold as they are."""
    names = gpd.read_file(path, layer="compounds")["name"].dropna()
    plain = names[~names.duplicated(keep=False) & names.str.fullmatch(r"[一-鿿]{3,12}")]
    return sorted(plain)[:wanted]


def import_boundaries(window: Window, file: Path) -> None:
    window.panel("边界")
    steps.give(window, file, until="读取所选图层")
    window.press("读取所选图层")
    window.page.get_by_text("返回改图层").wait_for(timeout=120_000)
    window.settle()
    for box in window.page.locator(".st-key-panel label").filter(has_text=CONSENTS).all():
        box.click()
        window.settle()
    window.press("导入")
    window.page.get_by_text(re.compile("小区：新增")).first.wait_for(timeout=120_000)
    window.settle()


def import_ledger(window: Window, file: Path, rows: int) -> None:
    window.panel("台账")
    steps.give(window, file, until="字段无误，下一步")
    window.press("字段无误，下一步")
    window.wait_for(f"更新 {rows}")
    window.press(f"导入 {rows} 行")
    window.wait_for(f"更新 {rows}，不变 0")
    window.settle()


def lasso_the_middle(window: Window) -> int:
    """Drag the lasso over the middle of the map; returns how many compounds the page says it took."""
    west, south, east, north = window.map.evaluate(
        "() => { const b = window.pianqu.map.getBounds().pad(-0.3);"
        " return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]; }"
    )
    window.drag("lasso", [(west, south), (east, south), (east, north), (west, north)])
    window.page.get_by_text(re.compile(r"已选 [\d,]+ 个小区")).first.wait_for()
    said = re.search(r"已选 ([\d,]+) 个小区", window.text())
    assert said is not None
    return int(said[1].replace(",", ""))


def set_source(plan_file: Path, window: Window) -> None:
    window.panel("设置")
    window.page.get_by_role("textbox", name=re.compile("^资料来源")).fill(SOURCE)
    window.fill("编制单位", "测试单位")
    window.press("保存设置")
    window.wait_for("设置已保存")
    window.settle()


@pytest.mark.parametrize("name", ["hangzhou_shaoxing", "beijing_wangjing"])
def test_real_boundaries_go_the_whole_way(window: Window, tmp_path: Path, name: str) -> None:
    source = geodata(f"{name}.gpkg")
    expected = len(gpd.read_file(source, layer="compounds"))
    names = some_names(source, LEDGER_ROWS)
    assert names
    plan_file = window.server.plans / f"实测{name}.gpkg"
    steps.new_plan(window, plan_file.stem)
    steps.go(window, "数据")
    import_boundaries(window, source)
    import_ledger(window, ledger_file(tmp_path / "台账.csv", names), len(names))
    set_source(plan_file, window)

    steps.go(window, "总图")
    window.map.get_by_role("button", name="适应全图").click()
    window.settle()
    steps.colour_by(window, "户均投资")
    assert SOURCE in window.map.locator(".leaflet-control-attribution").inner_text()
    taken = lasso_the_middle(window)
    assert taken
    steps.make_pianqu(window, "实测片区")

    with read_copy(plan_file, tmp_path) as plan:
        check_plan(plan, expected, len(names), taken)
    steps.go(window, "出图")
    compounds = steps.read_elsewhere(
        steps.export_layer(window, "小区", "_小区_CGCS2000.geojson", tmp_path)
    )
    assert (compounds["crs"], compounds["valid"]) == ("EPSG:4490", True)
    assert len(compounds["rows"]) == expected
    invested = sum(row["investment_yuan"] or 0 for row in compounds["rows"])
    assert invested == len(names) * INVESTMENT_WAN * 10_000
    pianqu = steps.read_elsewhere(
        steps.export_layer(window, "片区", "_片区_CGCS2000.geojson", tmp_path)
    )
    assert [row["compound_count"] for row in pianqu["rows"]] == [taken]
    text = "".join(
        page.extract_text() for page in PdfReader(steps.sheet_pdf(window, tmp_path)).pages
    )
    assert f"{expected:,}" in text
    assert f"{invested / 10_000:,.1f}" in text
    assert SOURCE in text
    assert window.outside == []


def check_plan(plan: Plan, expected: int, named: int, taken: int) -> None:
    frame = plan.read("compounds")
    assert len(frame) == expected
    assert frame.geometry.notna().all()
    assert frame["households"].sum() == named * HOUSEHOLDS
    assert frame["pianqu_uid"].notna().sum() == taken
