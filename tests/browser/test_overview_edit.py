"""总图: edit attributes and boundaries, draw, split, join, delete, undo; and two planners at once."""

from __future__ import annotations

import pytest
from shapely.geometry import box

from tests.browser.conftest import read_copy

pytestmark = pytest.mark.browser


def read(plan_file, folder):
    with read_copy(plan_file, folder) as plan:
        return plan.read("compounds").reset_index().set_index("name")


def open_form(window, shape) -> None:
    window.click(shape)
    window.press("编辑资料")


def test_an_attribute_is_edited_undone_and_done_again(window, plan_file, compounds, tmp_path):
    window.open(plan_file)
    open_form(window, compounds.geometry["玉皇路小区"])
    window.fill("居民户数（户）", "600")
    window.fill("建成日期", "1998")
    window.fill("预计投资额（万元）", "231.55")
    window.press("保存")
    window.wait_for("已保存：玉皇路小区")
    card = window.card()
    assert (card["居民户数"], card["建成日期"], card["预计投资额"]) == (
        "600 户",
        "1998年",
        "231.55 万元",
    )
    assert read(plan_file, tmp_path).loc["玉皇路小区", "investment_yuan"] == 2_315_500
    window.press("撤销")
    window.shows("居民户数", "581 户")
    window.press("重做")
    window.shows("居民户数", "600 户")
    assert read(plan_file, tmp_path).loc["玉皇路小区", "edited_by"] == "测试员"


def test_undo_by_key_works_after_a_click_on_the_map(window, plan_file, compounds):
    window.open(plan_file)
    open_form(window, compounds.geometry["玉皇路小区"])
    window.fill("居民户数（户）", "600")
    window.press("保存")
    window.click(compounds.geometry["玉皇路小区"])
    window.page.wait_for_timeout(
        1_600
    )  # the page finds the map's frame anew every second and a half
    window.page.keyboard.press("Control+z")
    window.wait_for("已撤销")
    window.shows("居民户数", "581 户")


def test_a_key_in_a_field_undoes_the_typing_not_the_plan(window, plan_file, compounds):
    window.open(plan_file)
    open_form(window, compounds.geometry["玉皇路小区"])
    window.fill("居民户数（户）", "600")
    window.press("保存")
    window.press("编辑资料")
    field = window.page.get_by_role("textbox", name="居民户数（户）", exact=True)
    field.press("End")
    field.press_sequentially("1")
    field.press("Control+z")
    window.settle()
    window.press("取消")
    window.shows("居民户数", "600 户")


def test_what_is_no_number_is_told_in_chinese_and_the_form_stays(
    window, plan_file, compounds, tmp_path
):
    window.open(plan_file)
    open_form(window, compounds.geometry["玉皇路小区"])
    window.fill("居民户数（户）", "约三百")
    window.press("保存")
    window.wait_for("“居民户数”不是数字：约三百")
    assert read(plan_file, tmp_path).loc["玉皇路小区", "households"] == 581
    assert (
        window.page.get_by_role("textbox", name="居民户数（户）", exact=True).input_value()
        == "约三百"
    )


def test_a_stale_save_shows_both_versions_and_the_planner_decides(
    windows, plan_file, compounds, tmp_path
):
    one, other = windows(), windows()
    one.open(plan_file, actor="张三")
    other.open(plan_file, actor="李四")
    for window in (one, other):
        open_form(window, compounds.geometry["玉皇路小区"])
    one.fill("居民户数（户）", "610")
    one.fill("楼栋数（栋）", "33")
    one.press("保存")
    one.wait_for("已保存：")
    other.fill("居民户数（户）", "620")
    other.press("保存")
    other.wait_for("保存被拒绝")
    said = other.page.get_by_role("dialog").inner_text()
    assert "张三" in said
    assert "620 户" in said
    assert "610 户" in said
    assert "楼栋数 33 栋" in said
    assert other.english() == set()
    assert read(plan_file, tmp_path).loc["玉皇路小区", "households"] == 610
    other.press("按所选保存")
    other.shows("居民户数", "620 户")
    record = read(plan_file, tmp_path).loc["玉皇路小区"]
    assert (record["households"], record["building_count"]) == (620, 33)
    assert record["edited_by"] == "李四"


def test_a_stale_save_can_be_given_up(windows, plan_file, compounds, tmp_path):
    one, other = windows(), windows()
    for window in (one.open(plan_file), other.open(plan_file)):
        open_form(window, compounds.geometry["邮电新村"])
    one.fill("居民户数（户）", "98")
    one.press("保存")
    one.wait_for("已保存：")
    other.fill("居民户数（户）", "99")
    other.press("保存")
    other.press("重新读取，放弃我的修改")
    other.shows("居民户数", "98 户")
    assert read(plan_file, tmp_path).loc["邮电新村", "households"] == 98


FREE = box(112.0362, 22.9278, 112.0372, 22.9288)  # open ground south-west of the compounds


def corners(shape) -> list[tuple[float, float]]:
    return [(x, y) for x, y in shape.exterior.coords[:-1]]


def test_a_boundary_without_a_row_asks_for_a_name(window, plan_file, tmp_path):
    window.open(plan_file)
    window.map.click("[data-tool=draw]")
    window.draw(corners(FREE))
    window.wait_for("新小区")
    window.fill("小区名称", "河西新画小区")
    window.press("新建小区")
    window.wait_for("已新建小区：河西新画小区")
    record = read(plan_file, tmp_path).loc["河西新画小区"]
    assert record["boundary_state"] == "手绘"
    assert record["geometry"].intersection(FREE).area / FREE.area > 0.97
    assert record["households"] is not None


def test_a_compound_without_a_boundary_gets_one_from_the_list(server, window, tmp_path):
    from data.store import create_plan

    path = server.plans / "没有边界.gpkg"
    with create_plan(path, name="没有边界", actor="甲") as plan, plan.edit("甲", "加") as tx:
        tx.insert("compounds", [{"name": "没画的小区", "households": 10}])
    window.open(path)
    assert "还没有边界：导入文件，或在地图上画" in window.map.locator("body").inner_text()
    window.panel("待画")
    window.map.evaluate(
        "() => window.pianqu.map.setView([22.9283, 112.0367], 18, {animate: false})"
    )
    window.settle()
    window.press("在地图上画")
    window.draw(corners(FREE))
    window.wait_for("已保存边界：没画的小区")
    record = read(path, tmp_path).loc["没画的小区"]
    assert record["geometry"].intersection(FREE).area / FREE.area > 0.97
    assert record["boundary_state"] == "手绘"


def test_a_boundary_is_moved_and_comes_back_with_undo(window, plan_file, compounds, tmp_path):
    window.open(plan_file)
    shape = compounds.geometry["玉皇路小区"]
    window.click(shape)
    window.press("改边界")
    corner = max(shape.geoms[0].exterior.coords, key=lambda point: point[0] + point[1])
    x, y = window.at(*corner)
    window.page.mouse.move(x, y)
    window.page.mouse.down()
    window.page.mouse.move(x + 30, y - 20, steps=6)
    window.page.mouse.up()
    window.map.get_by_role("button", name="完成").click()
    window.wait_for("已保存边界：玉皇路小区")
    moved = read(plan_file, tmp_path).loc["玉皇路小区"]
    assert moved["geometry"].symmetric_difference(shape).area > 0
    assert moved["version"] == 2
    window.press("撤销")
    window.wait_for("已撤销")
    back = read(plan_file, tmp_path).loc["玉皇路小区"]
    assert back["geometry"].equals_exact(shape, 1e-9)
    assert back["boundary_state"] == "示意"


def test_a_compound_is_split_after_a_look_at_the_figures(window, plan_file, compounds, tmp_path):
    window.open(plan_file)
    shape = compounds.geometry["玉皇路小区"]
    west, south, east, north = shape.bounds
    middle = (south + north) / 2
    window.click(shape)
    window.press("分割")
    window.draw([(west - 0.0002, middle), (east + 0.0002, middle)])
    window.wait_for("将分为 2 块")
    assert window.english() == set()
    window.press("分割", last=True)
    window.wait_for("已把“玉皇路小区”分割为 2 个")
    frame = read(plan_file, tmp_path)
    pieces = frame[frame.index.str.startswith("玉皇路小区")]
    assert len(pieces) == 2
    assert pieces["households"].sum() == 581
    assert pieces["investment_yuan"].sum() == 2_300_000
    assert set(pieces["boundary_state"]) == {"示意"}


def test_two_compounds_are_joined_after_a_look_at_the_figures(
    window, plan_file, compounds, tmp_path
):
    window.open(plan_file)
    window.click(compounds.geometry["邮电新村"])
    window.click(compounds.geometry["云浮中学教师宿舍"], shift=True)
    window.panel("所选")
    window.press("合并为一个小区")
    window.wait_for("将合并为一个")
    window.press("合并")
    window.wait_for("已合并 2 个小区")
    frame = read(plan_file, tmp_path)
    assert len(frame) == 4
    assert frame.loc["邮电新村", "households"] == 97 + 316


def test_deleting_is_asked_for_and_can_be_undone(window, plan_file, compounds, tmp_path):
    window.open(plan_file)
    window.click(compounds.geometry["邮电新村"])
    window.press("删除")
    window.wait_for("将删除")
    window.press("删除", last=True)
    window.wait_for("已删除：邮电新村")
    assert "邮电新村" not in read(plan_file, tmp_path).index
    window.press("撤销")
    window.wait_for("已撤销")
    assert len(read(plan_file, tmp_path)) == 5
