"""出图: formats, ranges, what is out of date, and the sheet as it will be printed."""

from __future__ import annotations

import json
import zipfile

import pytest

from tests.browser import steps
from tests.browser.conftest import read_copy

pytestmark = pytest.mark.browser


def choose_format(window, title: str) -> None:
    window.page.get_by_label("格式").click()
    window.page.get_by_role("option", name=title, exact=True).click()
    window.settle()


def test_the_file_goes_with_its_metadata(window, plan_file, tmp_path):
    window.open(plan_file)
    steps.go(window, "出图")
    window.press("生成文件")
    window.wait_for("已读回核对，与计划一致")
    assert "预计投资额\t515.0 万元" in window.text()
    packed = steps.fetch(window, "下载文件和元数据（zip）", tmp_path)
    with zipfile.ZipFile(packed) as archive:
        (metadata,) = [name for name in archive.namelist() if name.endswith("_元数据.json")]
        said = json.loads(archive.read(metadata))
    assert said["layers"][0]["totals"]["investment_yuan"] == 5_150_000
    assert said["layers"][0]["stamp"].startswith("示意")


def test_a_shapefile_of_the_selection_says_how_many(window, plan_file, compounds, tmp_path):
    window.open(plan_file)
    window.click(compounds.geometry["邮电新村"])
    window.until(lambda: "已选 1 个小区" in window.text(), "the selection")
    steps.go(window, "出图")
    steps.choose(window, "所选 1")
    choose_format(window, "Shapefile（压缩包）")
    read = steps.read_elsewhere(steps.export_layer(window, "小区", ".zip", tmp_path))
    assert len(read["rows"]) == 1
    assert "邮电新村" in read["rows"][0].values()


def test_a_file_of_an_older_state_is_said_to_be_one(window, plan_file, compounds, tmp_path):
    window.open(plan_file)
    steps.go(window, "出图")
    window.press("生成文件")
    window.wait_for("已读回核对，与计划一致")
    choose_format(window, "GeoPackage")
    window.wait_for("设置已改，下面的文件是之前生成的")
    window.press("生成文件")
    # The old file's lines stand, greyed, until the new one is written.
    window.wait_for("_CGCS2000.gpkg")
    window.until(lambda: "设置已改" not in window.text(), "the new file")
    with read_copy(plan_file, tmp_path) as plan:
        assert plan.count("pianqu") == 0


def test_the_sheet_is_seen_before_it_is_fetched_and_follows_its_title(window, plan_file, tmp_path):
    window.open(plan_file)
    steps.go(window, "出图")
    steps.choose(window, "打印图纸")
    window.page.get_by_role("button", name="下载 PDF（A3）").wait_for(timeout=60_000)
    picture = window.page.locator(".st-key-sheet_preview img")
    first = picture.get_attribute("src")
    window.fill("图名", "另一个图名")
    window.page.keyboard.press("Enter")
    window.until(lambda: picture.get_attribute("src") != first, "the new sheet")
    window.settle()
    assert "另一个图名" in steps.fetch(window, "下载 PDF（A3）", tmp_path).name
    picture_file = steps.fetch(window, "下载 PNG（300 dpi）", tmp_path)
    assert picture_file.read_bytes().startswith(b"\x89PNG")
