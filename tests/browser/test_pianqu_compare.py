"""比较 as a planner uses it: save groupings, see them side by side, take one over, take that back."""

from __future__ import annotations

import pytest

from data import pianqu
from data.schemes import grouping_now, save_scheme
from data.store import open_plan
from tests.browser.conftest import read_copy

pytestmark = pytest.mark.browser

NORTH = ["旧中专宿舍", "邮电新村", "云浮中学教师宿舍"]
CENTRES = """() => window.pianqu.link.panes.map(({map}) => {
  const c = map.getCenter(); return [c.lng, c.lat, map.getZoom()];
})"""
CLASSES = "() => window.pianqu.link.panes.map(({app}) => Array.from(app.tiles._classes || []))"
TIPS = "() => [...document.querySelectorAll('.pq-tip')].map((tip) => tip.hidden ? '' : tip.textContent)"


@pytest.fixture
def compared(window, plan_file, compounds):
    """A plan with 方案 初稿 (the north in 北片) and, as it is now, the rest in 南片; the tab open."""
    by_name = dict(zip(compounds.index, compounds["uid"], strict=True))
    with open_plan(plan_file) as plan:
        north = pianqu.make_pianqu(plan, "北片", [by_name[name] for name in NORTH], "测试员")
        now = grouping_now(plan.read("compounds"), plan.read("pianqu"))
        save_scheme(plan, "初稿", now, "测试员", remarks="先北后南")
        pianqu.dissolve(plan, north, "测试员")
        rest = [by_name[name] for name in compounds.index if name not in NORTH]
        pianqu.make_pianqu(plan, "南片", [*rest, by_name["邮电新村"]], "测试员")
    window.open(plan_file, page="pianqu", pages={"pianqu": {"tab": "比较"}})
    window.wait_for("换片区的小区")
    window.settle()
    return window


def heads(window) -> list[str]:
    return window.map.locator(".pq-pane-head").all_inner_texts()


def held(plan_file, tmp_path) -> dict[str, int]:
    with read_copy(plan_file, tmp_path) as plan:
        names = plan.read("pianqu")["name"]
        of = plan.read("compounds")["pianqu_uid"].map(names.to_dict(), na_action="ignore")
    return of.value_counts().to_dict()


def test_maps_side_by_side_move_together_and_mark_the_same_compound(compared, compounds):
    window = compared
    assert [head.split("\n")[0][:5] for head in heads(window)] == ["A　现状（", "B　初稿（"]
    assert "1 个片区" in heads(window)[1]
    assert "437 户" in heads(window)[1]
    before = window.map.evaluate(CENTRES)
    assert before[0] == pytest.approx(before[1], abs=2e-5)
    box = window.page.locator(".st-key-map iframe").bounding_box()
    assert box["width"] * box["height"] >= 0.45 * 1366 * 768
    right = (box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.9)
    window.page.mouse.move(*right)
    window.page.mouse.down()
    window.page.mouse.move(right[0] - 90, right[1] - 60, steps=6)
    window.page.mouse.up()
    window.settle()
    after = window.map.evaluate(CENTRES)
    assert abs(after[1][0] - before[1][0]) > 1e-4
    assert after[0] == pytest.approx(after[1], abs=2e-5)
    window.page.mouse.wheel(0, -400)
    window.until(lambda: window.map.evaluate(CENTRES)[0][2] > before[0][2], "the zoom")
    window.settle()
    after = window.map.evaluate(CENTRES)
    assert after[0][2] == after[1][2]
    # 适应全图, then the pointer on a compound of the left map.
    window.map.locator(".pq-zoom button").last.click()
    window.settle()
    window.page.mouse.move(
        *window.at(*compounds.geometry["邮电新村"].representative_point().coords[0])
    )
    window.until(lambda: all(window.map.evaluate(TIPS)), "the names")
    assert window.map.evaluate(TIPS) == ["邮电新村 · 南片", "邮电新村 · 北片"]
    rows = window.map.evaluate("() => window.pianqu.link.panes.map((p) => p.app.tiles._row)")
    assert rows[0] == rows[1] >= 0


def test_what_differs_is_outlined_listed_and_in_figures(compared):
    window = compared
    # 南片 of now and 北片 of 初稿 share 邮电新村 alone and are counterparts: the other four differ.
    assert "4 个小区" in window.text()
    classes = window.map.evaluate(CLASSES)
    assert len(classes) == 2
    assert [sum(one & 64 > 0 for one in side) for side in classes] == [4, 4]
    table = window.page.locator("table.schemes").inner_text()
    assert "A 现状" in table
    assert "B 初稿" in table
    assert "B 比 A" in table
    assert "✓" in table
    window.press("收起对照表")
    assert not window.page.locator("table.schemes").count()


def test_a_saved_state_is_taken_over_after_a_preview_and_taken_back(compared, plan_file, tmp_path):
    window = compared
    assert held(plan_file, tmp_path) == {"南片": 3}
    window.press("把现状存为方案…")
    window.fill("方案名称", "二稿")
    window.press("保存")
    window.wait_for("已保存方案“二稿”")
    window.settle()
    assert "二稿" in window.text()
    window.page.get_by_role("button", name="采用 B“初稿”…").click()
    window.wait_for("5 个小区换片区")
    window.wait_for("新建片区：“北片”")
    window.wait_for("随之删除的片区：“南片”")
    assert held(plan_file, tmp_path) == {"南片": 3}
    window.page.get_by_role("dialog").get_by_role("button", name="采用", exact=True).click()
    window.wait_for("已采用方案“初稿”")
    window.settle()
    assert held(plan_file, tmp_path) == {"北片": 3}
    assert "两个方案的分法一样" in window.text()
    window.press("撤销")
    window.wait_for("已撤销：采用方案：初稿")
    window.settle()
    assert held(plan_file, tmp_path) == {"南片": 3}


def test_three_are_compared_and_a_state_is_deleted_and_brought_back(compared):
    window = compared
    window.press("把现状存为方案…")
    window.fill("方案名称", "二稿")
    window.press("保存")
    window.wait_for("已保存方案“二稿”")
    window.settle()
    window.page.locator(".st-key-compare_states label").filter(has_text="二稿").first.click()
    window.until(lambda: len(heads(window)) == 3, "the third map")
    window.settle()
    assert window.english() == set()
    assert len({tuple(c) for c in window.map.evaluate(CENTRES)}) == 1
    more = window.page.locator(".st-key-compare_state_1 button:visible").last
    more.click()
    window.press("删除方案", last=True)
    window.wait_for("已删除方案“二稿”")
    window.settle()
    window.until(lambda: len(heads(window)) == 2, "two maps")
    window.press("撤销")
    window.until(lambda: len(heads(window)) == 3, "the third map again")
