"""Page 数据 in Chromium: ledgers and boundaries in, refused ones, what is missing, checks, history, settings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.samples import yuncheng_ledger_xlsx
from data.store import Plan, create_plan
from tests.browser.conftest import Server, Window, read_copy

HEADS = "序号,所在街道及社区,小区名称,居民户数（户）,楼栋数（栋）,预计投资额（万元）"
PLACE = "云城街道天马社区"
# Formats, systems and programs that planners know by these names.
KNOWN = {"Excel", "CSV", "QGIS", "gpkg", "shp", "shx", "dbf", "prj", "zip", "UTF", "WGS"}
KNOWN |= {"GCJ", "GBK", "tif", "mbtiles", "geojson"}
# Where the compounds of these tests lie: 云城区.
WEST, SOUTH, SIDE = 112.04, 22.93, 0.002


@pytest.fixture
def empty_plan(server: Server, request: pytest.FixtureRequest) -> Path:
    path = server.plans / f"{re.sub(r'[^a-z_]', '', request.node.name)}_{id(request):x}.gpkg"
    create_plan(path, name="空白计划", actor="测试员").close()
    return path


@pytest.fixture
def ledger_file(tmp_path: Path) -> Path:
    return yuncheng_ledger_xlsx(tmp_path / "2024台账.xlsx")


@pytest.fixture
def now(tmp_path: Path) -> Callable[[Path], Plan]:
    return lambda path: read_copy(path, tmp_path)


def square(east: float = 0.0) -> list[list[float]]:
    west = WEST + east
    return [
        [west, SOUTH],
        [west + SIDE, SOUTH],
        [west + SIDE, SOUTH + SIDE],
        [west, SOUTH + SIDE],
        [west, SOUTH],
    ]


def geojson(path: Path, rings: dict[str, list[list[float]]]) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"小区名称": name},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for name, ring in rings.items()
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    made = {"type": "FeatureCollection", "crs": crs, "features": features}
    path.write_text(json.dumps(made, ensure_ascii=False), "utf-8")
    return path


def ledger(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([HEADS, *rows]), "utf-8")
    return path


def enter(window: Window, plan: Path) -> None:
    """Open a plan and go to the page, as the planner does."""
    window.open(plan)
    window.page.get_by_role("link", name="数据").click()
    window.wait_for("台账文件")
    window.settle()


def give(window: Window, file: Path, *, until: str) -> None:
    """Hand over a file and wait for what the page says of it."""
    window.page.locator(".st-key-panel input[type=file]").set_input_files(file)
    window.wait_for(until)
    window.settle()


def take_ledger(window: Window, file: Path) -> None:
    give(window, file, until="字段无误，下一步")
    window.press("字段无误，下一步")
    window.wait_for("读到的问题")


def take_boundaries(window: Window, file: Path) -> None:
    give(window, file, until="读取所选图层")
    window.press("读取所选图层")
    window.wait_for("返回改图层")
    window.settle()


def panel_text(window: Window) -> str:
    return window.page.locator(".st-key-panel").inner_text()


def test_a_ledger_comes_in_and_goes_out_again(
    window: Window, empty_plan: Path, ledger_file: Path, now: Any
) -> None:
    enter(window, empty_plan)
    give(window, ledger_file, until="已认出 12 栏")
    assert window.english() - KNOWN == set()
    window.press("字段无误，下一步")
    window.wait_for("新增 5 · 更新 0 · 不变 0")
    with now(empty_plan) as before:
        assert before.count("compounds") == 0  # a preview writes nothing
    window.press("导入 5 行")
    window.wait_for("小区：新增 5，更新 0，不变 0")
    with now(empty_plan) as plan:
        frame = plan.read("compounds").set_index("name")
        assert frame["households"].sum() == 1_061
        assert frame["investment_yuan"].sum() == 5_150_000
        assert frame.loc["邮电新村", "grant_provincial_yuan"] == 700_000
    window.panel("记录")
    window.press("撤销我的上一步")
    window.wait_for("2024台账.xlsx（已撤销）")
    with now(empty_plan) as plan:
        assert plan.count("compounds") == 0


def test_a_changed_ledger_shows_what_it_would_change(
    window: Window, plan_file: Path, tmp_path: Path, now: Any
) -> None:
    file = ledger(
        tmp_path / "新台账.csv",
        f"1,{PLACE},旧中专宿舍,25,3,40",
        f"2,{PLACE},新来的小区,8,1,12",
    )
    enter(window, plan_file)
    take_ledger(window, file)
    window.wait_for("新增 1 · 更新 1 · 不变 0")
    window.press("导入 2 行")
    window.wait_for("小区：新增 1，更新 1")
    with now(plan_file) as plan:
        frame = plan.read("compounds").set_index("name")
        assert frame.loc["旧中专宿舍", "households"] == 25
        assert frame.loc["旧中专宿舍", "floor_area_m2"] == 3_000  # not in the file: kept
        assert len(frame) == 6


def test_a_number_in_words_comes_in_as_proposed_if_the_planner_says_so(
    window: Window, empty_plan: Path, tmp_path: Path, now: Any
) -> None:
    enter(window, empty_plan)
    take_ledger(window, ledger(tmp_path / "约.csv", f"1,{PLACE},甲小区,约三百,3,40"))
    window.wait_for("台账第 2 行“居民户数”不是数字：约三百。请改成 300，或在导入时按 300 处理。")
    assert window.page.get_by_role("button", name="导入 1 行").is_disabled()
    window.page.get_by_text("按建议的数字处理（1 处）").click()
    window.settle()
    window.press("导入 1 行")
    window.wait_for("小区：新增 1")
    with now(empty_plan) as plan:
        assert plan.read("compounds")["households"].tolist() == [300]


def test_totals_that_do_not_tie_are_explained_and_have_to_be_confirmed(
    window: Window, empty_plan: Path, tmp_path: Path
) -> None:
    file = ledger(
        tmp_path / "合计.csv",
        f"1,{PLACE},甲小区,24,3,40",
        f"2,{PLACE},乙小区,97,8,110",
        "合计,,,97,11,150",
    )
    enter(window, empty_plan)
    take_ledger(window, file)
    window.wait_for("各行相加")
    assert window.page.get_by_role("button", name="导入 2 行").is_disabled()
    window.page.get_by_text("1 处核对不上，已看过，仍按台账导入").click()
    window.settle()
    assert window.page.get_by_role("button", name="导入 2 行").is_enabled()


# Name of the file, its content, what the planner reads.
BAD_LEDGERS = {
    "empty": ("空.xlsx", "", "“空.xlsx”是空文件（0 字节），请重新导出后再上传。"),
    "zero-byte zip": ("空.zip", "", "“空.zip”是空文件（0 字节），请重新导出后再上传。"),
    "no table": ("错.csv", "甲\n乙\n", "工作表“错”的表头下面没有小区，请检查。"),
}


@pytest.mark.parametrize("case", BAD_LEDGERS)
def test_a_file_that_is_no_ledger_is_refused_in_one_sentence(
    window: Window, plan_file: Path, tmp_path: Path, now: Any, case: str
) -> None:
    name, content, message = BAD_LEDGERS[case]
    file = tmp_path / name
    file.write_text(content, "utf-8")
    with now(plan_file) as plan:
        before = plan.revision()
    enter(window, plan_file)
    give(window, file, until=message)
    assert f"“{name}”没有导入，计划未改动" in panel_text(window)
    with now(plan_file) as plan:
        assert plan.revision() == before


def test_a_column_that_is_not_known_is_chosen_by_the_planner(
    window: Window, empty_plan: Path, tmp_path: Path, now: Any
) -> None:
    file = tmp_path / "摸底.csv"
    file.write_text("号,院落,门数\n1,甲院,10\n2,乙院,20\n", "utf-8")
    enter(window, empty_plan)
    give(window, file, until="没有认出表头，暂把第 1 行当作表头")
    onward = window.page.get_by_role("button", name="字段无误，下一步")
    assert onward.is_disabled()
    assert "请把写着小区名称的那一栏选为“小区名称”" in panel_text(window)
    assert window.english() - KNOWN == set()
    # The cell 导入为 of the row 院落: the table is drawn on a canvas, so it is reached by keys.
    table = window.page.locator('[data-testid="stDataFrame"]').last
    box = table.bounding_box()
    assert box is not None
    editor = window.page.locator("#portal input")

    def opens() -> bool:
        # A busy page may lose a key; the table must have the cell before it is opened.
        window.page.mouse.click(box["x"] + 20, box["y"] + 36 + 28 + 14)
        for key in ("End", "Enter"):
            window.page.wait_for_timeout(300)
            window.page.keyboard.press(key)
        window.page.wait_for_timeout(300)
        return editor.count() > 0

    window.until(opens, "the cell's list")
    editor.fill("小区名称")
    window.page.wait_for_timeout(300)
    editor.press("Enter")
    window.until(onward.is_enabled, "the next step")
    window.press("字段无误，下一步")
    window.wait_for("新增 2 · 更新 0 · 不变 0")
    window.press("导入 2 行")
    window.wait_for("小区：新增 2，更新 0，不变 0")
    with now(empty_plan) as plan:
        assert sorted(plan.read("compounds")["name"]) == ["乙院", "甲院"]


BAD_CELLS = {
    "text in a number": ("很多,3,40", "台账第 2 行“居民户数”不是数字：很多。请改成数字"),
    "negative households": ("-24,3,40", "台账第 2 行“居民户数”是负数：-24。请改成 0 或正数。"),
}


@pytest.mark.parametrize("case", BAD_CELLS)
def test_a_bad_cell_stops_the_import_and_says_where_it_is(
    window: Window, plan_file: Path, tmp_path: Path, now: Any, case: str
) -> None:
    cells, message = BAD_CELLS[case]
    with now(plan_file) as plan:
        before = plan.revision()
    enter(window, plan_file)
    take_ledger(window, ledger(tmp_path / "坏.csv", f"1,{PLACE},甲小区,{cells}"))
    window.wait_for(message)
    assert "错误 1）" in panel_text(window)  # one clear message, not two for one cell
    assert window.page.get_by_role("button", name="导入 1 行").is_disabled()
    with now(plan_file) as plan:
        assert plan.revision() == before


def test_boundaries_find_their_rows_and_code_in_names_stays_text(
    window: Window, empty_plan: Path, ledger_file: Path, tmp_path: Path, now: Any
) -> None:
    attack = "<img src=x onerror=\"document.title='x'\">"
    rings = {"旧中专宿舍": square(), "{{7*7}}": square(0.004), attack: square(0.008)}
    enter(window, empty_plan)
    take_ledger(window, ledger_file)
    window.press("导入 5 行")
    window.wait_for("小区：新增 5")
    window.press("导入边界")
    take_boundaries(window, geojson(tmp_path / "边界.geojson", rings))
    window.wait_for("小区：对应已有 1 · 新建 2 · 不导入 0")
    window.press("导入")
    window.wait_for("小区：新增 2，更新 1，不变 0")
    window.panel("待补")
    shown = panel_text(window)
    assert "有台账、没有边界（4）" in shown
    assert "有边界、没有台账（2）" in shown
    assert "{{7*7}}" in shown
    assert attack in shown
    window.panel("检查")
    window.panel("记录")
    assert window.page.title() != "x"
    assert not window.page.locator("img[src=x]").count()
    with now(empty_plan) as plan:
        frame = plan.read("compounds").set_index("name")
        assert {attack, "{{7*7}}"} < set(frame.index)
        assert frame.loc["旧中专宿舍", "boundary_state"] == "导入"
        assert frame.loc["旧中专宿舍", "households"] == 24


def test_a_bow_tie_is_listed_with_both_areas_and_waits_for_consent(
    window: Window, plan_file: Path, tmp_path: Path, now: Any
) -> None:
    bow = [square()[k] for k in (0, 2, 1, 3, 0)]
    file = geojson(tmp_path / "蝴蝶结.geojson", {"旧中专宿舍": bow})
    with now(plan_file) as plan:
        before = plan.revision()
    enter(window, plan_file)
    window.panel("边界")
    take_boundaries(window, file)
    assert "第 1 个图形自相交，修复后面积 0→22,719 ㎡，是否接受" in panel_text(window)
    assert window.page.get_by_role("button", name="导入", exact=True).is_disabled()
    with now(plan_file) as plan:
        assert plan.revision() == before
    window.page.get_by_text("接受 1 处修复").click()
    window.settle()
    window.press("导入")
    window.wait_for("小区：新增 0，更新 1")


def test_a_boundary_in_the_sea_is_asked_about(
    window: Window, plan_file: Path, tmp_path: Path, now: Any
) -> None:
    at_sea = [[x + 4, y - 6] for x, y in square()]
    with now(plan_file) as plan:
        before = plan.revision()
    enter(window, plan_file)
    window.panel("边界")
    take_boundaries(window, geojson(tmp_path / "海.geojson", {"旧中专宿舍": at_sea}))
    assert "第 1 个图形落在海上或国境之外（粗略判断），请检查坐标系或位置" in panel_text(window)
    assert window.page.get_by_role("button", name="导入", exact=True).is_disabled()
    with now(plan_file) as plan:
        assert plan.revision() == before


def test_a_finding_selects_its_compounds_and_settings_are_kept(
    window: Window, plan_file: Path, now: Any
) -> None:
    enter(window, plan_file)
    window.panel("检查")
    window.page.locator("[class*=st-key-checks_] button:enabled").first.click()
    window.settle()
    assert "已选" in window.page.locator(".st-key-strip").inner_text()
    window.panel("设置")
    path = set(re.findall("[A-Za-z]{3,}", str(plan_file)))
    assert window.english() - KNOWN - path == set()
    window.fill("年度", "两千")
    window.press("保存设置")
    window.wait_for("年度应是四位年份，如 2025；现在是“两千”。")
    window.fill("年度", "2026")
    window.fill("编制单位", "规划科")
    window.press("保存设置")
    window.wait_for("设置已保存")
    with now(plan_file) as plan:
        assert plan.settings()["year"] == 2026
        assert plan.settings()["maker"] == "规划科"
    window.press("制作备份副本")
    with window.page.expect_download() as download:
        window.page.get_by_role("button", name=re.compile("^下载 ")).click()
    assert download.value.suggested_filename.endswith(".gpkg")


def test_a_missing_boundary_is_drawn_from_the_list(
    window: Window, empty_plan: Path, tmp_path: Path, now: Any
) -> None:
    enter(window, empty_plan)
    take_ledger(window, ledger(tmp_path / "一行.csv", f"1,{PLACE},甲小区,24,3,40"))
    window.press("导入 1 行")
    window.press("看待补的边界")
    window.map.evaluate(
        "([x, y]) => window.pianqu.map.setView([y, x], 17, {animate: false})",
        [WEST + SIDE / 2, SOUTH + SIDE / 2],
    )
    window.press("在地图上画")
    window.wait_for("正在画“甲小区”")
    window.draw([(x, y) for x, y in square()[:4]])
    window.wait_for("每个小区都有边界和台账资料")
    with now(empty_plan) as plan:
        (record,) = plan.read("compounds").to_dict("records")
        assert record["boundary_state"] == "手绘"
        assert 40_000 < record["area_geodesic_m2"] < 50_000
