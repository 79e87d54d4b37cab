"""总图 as a planner uses it: look, colour, filter, select, and come back to where one was."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser


def test_the_sample_opens_on_its_map_which_takes_most_of_the_window(window, plan_file):
    window.open(plan_file)
    box = window.page.locator(".st-key-map iframe").bounding_box()
    assert box["width"] * box["height"] >= 0.60 * 1366 * 768
    assert window.page.locator("header, .stApp").first.is_visible()
    inside = window.map.evaluate(
        "() => [innerWidth, document.querySelector('#map_div').offsetHeight]"
    )
    assert inside == [box["width"], box["height"]]
    # Nothing but the panel scrolls.
    assert window.page.evaluate("() => document.documentElement.scrollHeight <= innerHeight")
    window.wait_for("1,061 户")


def test_nothing_on_the_page_is_english(window, plan_file, compounds):
    window.open(plan_file)
    for panel in ("筛选", "小区", "所选", "待画", "着色"):
        window.panel(panel)
        assert window.english() == set(), panel
    window.click(compounds.geometry["玉皇路小区"])
    window.press("展开表格")
    window.page.hover('[data-testid="stDataFrame"]')
    # The id of the compound is a word of the plan.
    assert {word for word in window.english() if word != "YC"} == set()


def test_the_choice_of_plans_is_chinese_and_opens_a_sample(window):
    window.open(None)
    window.wait_for("选择一个计划")
    # The folder and the names of the plans are words of this machine.
    files = f"{window.server.plans} {' '.join(path.name for path in window.server.plans.iterdir())}"
    assert window.english() <= set(re.findall(r"[A-Za-z]{3,}", files))
    window.press("利通区停车改造示例")
    window.wait_for("图上合计")
    window.shows("小区", "7 个")


def test_a_click_opens_the_card_with_works_read_into_items(window, plan_file, compounds):
    window.open(plan_file)
    window.click(compounds.geometry["玉皇路小区"])
    window.shows("居民户数", "581 户")
    card = window.card()
    assert card["预计投资额"] == "230.0 万元"
    assert card["省级专项资金"] == "/"
    assert card["建成日期"] == "未知"
    assert card["户均投资"] == "3,959 元/户"
    window.wait_for("边界为示意")
    tags = window.page.locator("ul.works span.tag").all_inner_texts()
    assert "基础" in tags
    window.wait_for("已选 1 个小区 · 581 户 · 230.0 万元")


def test_the_card_can_be_scrolled_to_its_end(window, plan_file, compounds):
    window.open(plan_file)
    window.click(compounds.geometry["玉皇路小区"])
    window.page.mouse.move(1200, 500)
    window.page.mouse.wheel(0, 5_000)
    window.page.wait_for_timeout(400)
    last = window.page.locator("ul.works li").last.bounding_box()
    assert last["y"] + last["height"] <= 768


def test_shift_adds_a_compound_and_the_strip_adds_up(window, plan_file, compounds):
    window.open(plan_file)
    window.click(compounds.geometry["玉皇路小区"])
    window.click(compounds.geometry["邮电新村"], shift=True)
    window.wait_for("已选 2 个小区 · 678 户 · 340.0 万元")
    window.click(compounds.geometry["邮电新村"], shift=True)
    window.wait_for("已选 1 个小区 · 581 户 · 230.0 万元")


def ring(shape, grow: float = 0.0002) -> list[tuple[float, float]]:
    west, south, east, north = shape.bounds
    w, s, e, n = west - grow, south - grow, east + grow, north + grow
    return [(w, s), (e, s), (e, n), (w, n)]


def test_a_rectangle_selects_what_lies_in_it(window, plan_file, compounds):
    window.open(plan_file)
    w_s, _, e_n, _ = ring(compounds.geometry["玉皇路小区"])
    window.drag("rectangle", [w_s, e_n])
    window.wait_for("已选 1 个小区 · 581 户")


def test_a_lasso_selects_and_the_selection_becomes_a_pianqu(window, plan_file, compounds):
    window.open(plan_file)
    union = compounds.geometry[["旧中专宿舍", "邮电新村", "云浮中学教师宿舍"]].union_all()
    window.drag("lasso", ring(union))
    window.wait_for("已选 3 个小区 · 437 户")
    window.press("组成片区…")
    window.fill("片区名称", "金龙片区")
    window.press("组成片区", last=True)
    window.wait_for("已组成片区“金龙片区”")
    # The work is done: the form over the panel is gone, and empty when it is wanted again.
    field = window.page.get_by_role("textbox", name="片区名称", exact=True)
    window.until(lambda: not field.is_visible(), "the end of the form")
    window.press("组成片区…")
    assert field.input_value() == ""
    window.page.keyboard.press("Escape")
    window.settle()
    window.map.click("[data-tool=select]")
    window.click(compounds.geometry["邮电新村"])
    window.shows("所属片区", "金龙片区")


def classes(window) -> list[int]:
    return list(window.map.evaluate("() => Array.from(window.pianqu.app.tiles._classes)"))


def test_another_colour_resends_no_geometry_and_keeps_map_and_view(window, plan_file):
    window.open(plan_file)
    window.map.evaluate(
        "() => { window.sameMap = true; window.pianqu.map.panBy([40, 30], {animate: false}); }"
    )
    window.settle()
    before, view = classes(window), window.view()
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.url))
    window.page.get_by_label("按什么着色").click()
    window.page.get_by_role("option", name="居民户数", exact=True).click()
    window.settle()
    window.until(lambda: classes(window) != before)
    assert window.map.evaluate("() => window.sameMap") is True
    assert window.view() == pytest.approx(view)
    assert not [url for url in asked if "/tiles/" in url]
    assert "居民户数" in window.map.locator(".pq-legend").inner_text()


def test_a_filter_hides_on_the_map_in_the_table_and_in_the_legend(window, plan_file):
    window.open(plan_file)
    window.panel("筛选")
    window.page.get_by_label("户数不少于（户）").fill("300")
    window.page.keyboard.press("Enter")
    window.settle()
    window.wait_for("显示 2 / 5 个小区")
    window.until(lambda: sum(byte & 127 == 127 for byte in classes(window)) == 3)
    counts = window.map.locator(".pq-legend .pq-row em").all_inner_texts()
    assert sum(int(count) for count in counts if count) == 2
    assert window.page.locator(".st-key-drawer").inner_text().strip().endswith("2 个小区")
    window.press("清除筛选")
    window.wait_for("显示 5 / 5 个小区")


def test_a_class_of_the_legend_selects_its_compounds(window, plan_file):
    window.open(plan_file)
    one = window.map.locator(".pq-legend .pq-row").filter(has_text=re.compile("1$"))
    one.first.click()
    window.wait_for("已选 1 个小区")


def test_the_search_goes_to_a_compound_and_opens_its_card(window, plan_file):
    window.open(plan_file)
    window.map.fill(".pq-search input", "邮电")
    window.map.click(".pq-hit")
    window.settle()
    window.shows("居民户数", "97 户")


def test_the_table_shows_the_selection_of_the_map(window, plan_file, compounds):
    window.open(plan_file)
    window.press("展开表格")
    window.click(compounds.geometry["邮电新村"])
    box = window.page.locator('[data-testid="stDataFrame"]').bounding_box()
    # Row by row at the left edge: the first box ticked and the others not selects one compound.
    window.page.mouse.click(box["x"] + 16, box["y"] + 32 + 14)
    window.settle()
    window.wait_for("已选 2 个小区")


def test_a_reload_keeps_plan_selection_panel_colour_and_view(window, plan_file, compounds):
    window.open(plan_file)
    window.click(compounds.geometry["玉皇路小区"])
    window.panel("着色")
    window.page.get_by_label("按什么着色").click()
    window.page.get_by_role("option", name="居民户数", exact=True).click()
    window.settle()
    window.map.evaluate("() => window.pianqu.map.setView([22.931, 112.041], 17, {animate: false})")
    window.page.wait_for_timeout(1_200)
    view = window.view()
    window.page.reload()
    window.settle()
    window.wait_for("已选 1 个小区 · 581 户")
    assert "居民户数" in window.map.locator(".pq-legend").inner_text()
    assert window.view() == pytest.approx(view, abs=1e-6)


def test_another_window_with_the_same_address_gets_a_workspace_of_its_own(
    windows, plan_file, compounds
):
    one, other = windows(), windows()
    one.open(plan_file)
    one.click(compounds.geometry["玉皇路小区"])
    other.page.goto(one.page.url)
    other.settle()
    other.wait_for("已选 1 个小区")
    other.click(compounds.geometry["邮电新村"])
    assert other.page.url != one.page.url
    one.page.reload()
    one.settle()
    one.wait_for("已选 1 个小区 · 581 户")


def test_the_routes_answer_only_to_this_window(windows, plan_file):
    one, other = windows(), windows()
    one.open(plan_file)
    asked: list[str] = []
    one.page.on("request", lambda request: asked.append(request.url))
    one.map.evaluate("() => window.pianqu.app.fetch('names?bbox=112,22,113,23')")
    one.page.wait_for_timeout(500)
    address = next(url for url in asked if "/names" in url)
    other.open(plan_file)
    status = "async url => (await fetch(url)).status"
    assert one.map.evaluate(status, address) == 200
    refused = other.page.evaluate(
        "async url => { const a = await fetch(url); return [a.status, await a.text()]; }", address
    )
    assert refused == [403, "无权访问"]
    other.errors.clear()  # the console tells of the 403 that was asked for
    one.page.close()
    other.page.wait_for_timeout(1_000)
    assert other.page.evaluate(status, address) == 403
    other.errors.clear()
