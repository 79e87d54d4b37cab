"""自动方案 as a planner uses it: ask, wait or stop, compare, look, take one over and back."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from data import samples
from data.pianqu import make_pianqu, set_locked
from data.store import open_plan
from tests.browser.conftest import Server, Window, read_copy

pytestmark = pytest.mark.browser

LIMITS = {"投资上限（万元）": "8000", "跨度上限（米）": "800"}
# Large 片区, so that there is more than one good way to make them.
LARGE = {"aim": "fewest", "min_households": None, "max_households": 2000, "subdistricts": "prefer"}
TAB = {"pianqu": {"tab": "自动方案"}}


@pytest.fixture(scope="module")
def city_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("city") / "city.gpkg"
    samples.write_sample(path, "city:300:1", "示例").close()
    return path


@pytest.fixture
def city(server: Server, city_file: Path) -> Path:
    path = server.plans / f"city_{time.monotonic_ns()}.gpkg"
    path.write_bytes(city_file.read_bytes())
    return path


def visit(window: Window, plan: Path, **settings) -> Window:
    pages = {"pianqu": {**TAB["pianqu"], "settings": settings}}
    return window.open(plan, page="pianqu", pages=pages)


def propose(window: Window) -> None:
    window.page.get_by_role("button", name="生成方案", exact=True).click()
    window.page.get_by_role("button", name="放弃", exact=True).wait_for(timeout=90_000)
    window.settle()


def unfold(window: Window, head: str) -> None:
    window.page.locator(".st-key-panel summary").filter(has_text=head).click()
    window.settle()


def turn(window: Window, name: str) -> None:
    """Press one of the buttons of which one is down."""
    groups = window.page.locator('.st-key-panel [data-testid="stButtonGroup"] button')
    groups.filter(has_text=re.compile(f"^{name}")).last.click()
    window.settle()


def legend(window: Window) -> str:
    text: str = window.map.locator(".pq-legend").inner_text()
    return text


def painted(window: Window) -> list[int]:
    return [
        byte & 127
        for byte in window.map.evaluate("() => Array.from(window.pianqu.app.tiles._classes)")
    ]


def compared(window: Window) -> dict[str, list[str]]:
    """The table of measures: title to one cell a proposal."""
    rows: list[list[str]] = window.page.evaluate(
        "() => [...document.querySelectorAll('table.compared tr')]"
        ".map(row => [...row.cells].map(cell => cell.innerText))"
    )
    return {head: cells for head, *cells in rows}


def test_three_proposals_are_compared_switched_and_one_is_taken_over_and_back(
    window, city, tmp_path
):
    visit(window, city, **LARGE)
    before = painted(window)
    box = window.page.get_by_role("button", name="生成方案", exact=True).bounding_box()
    assert box["y"] + box["height"] < 768
    propose(window)
    shown = compared(window)
    assert len(shown["侧重"]) == len(set(shown["侧重"])) == 3
    assert shown["侧重"][0] == "综合"
    assert all(cell.endswith("%") for cell in shown["安排户数"])
    assert "方案预览（未采用）：综合" in legend(window)
    first = painted(window)
    assert first != before
    adopt = window.page.get_by_role("button", name="采用", exact=True).bounding_box()
    assert adopt["y"] + adopt["height"] < 768
    window.press("存为方案")
    window.wait_for(f"已存为方案“综合 {shown['片区数'][0]} 片”")
    window.settle()
    assert "方案已过时" not in window.text()
    turn(window, "方案 2")
    assert f"（未采用）：{shown['侧重'][1]}" in legend(window)
    second = painted(window)
    assert second != first
    with read_copy(city, tmp_path) as plan:
        assert not len(plan.read("pianqu"))
    window.press("采用")
    window.wait_for(f"已采用自动方案“{shown['侧重'][1]}”")
    window.settle()
    assert painted(window) == second
    with read_copy(city, tmp_path) as plan:
        assert len(plan.read("pianqu")) == int(shown["片区数"][1])
    window.press("撤销")
    window.until(lambda: painted(window) == before, "the map as before")
    with read_copy(city, tmp_path) as plan:
        assert not len(plan.read("pianqu"))
        assert plan.read("compounds")["pianqu_uid"].isna().all()


def test_the_main_road_parts_the_first_sample_and_limits_are_kept_over_a_reload(window, plan_file):
    visit(window, plan_file, proposals=1, min_households=400)
    for title, value in LIMITS.items():
        window.page.get_by_role("spinbutton", name=title).fill(value)
        window.page.keyboard.press("Enter")
        window.settle()
    unfold(window, "目标与权重")
    assert window.english() == set()
    window.page.reload()
    window.settle()
    for title, value in LIMITS.items():
        assert window.page.get_by_role("spinbutton", name=title).input_value() == value
    propose(window)
    assert compared(window) == {
        "侧重": ["综合"],
        "片区数": ["2"],
        "安排户数": ["100.0%"],
        "户数不足": ["0"],
        "未分组小区": ["0"],
        "平均紧凑度": ["0.78"],
        "最大跨度/米": ["294"],
        "缺口/万元": ["50.0"],
    }
    assert "✓ 都符合限制" in window.text()
    assert "户数下限 400 户、上限 2,000 户，投资上限 8,000.0 万元，跨度上限 800 米" in window.text()
    assert window.english() == set()
    # Streamlit first asks for its own files below the page's address, then at the root.
    window.errors[:] = [error for error in window.errors if "404" not in error]


def test_pairs_are_made_of_the_selection_listed_kept_and_taken_away(
    window, plan_file, compounds, tmp_path
):
    visit(window, plan_file, min_households=100, proposals=1)
    window.click(compounds.geometry["旧中专宿舍"])
    window.click(compounds.geometry["邮电新村"], shift=True)
    window.wait_for("已选 2 个小区")
    unfold(window, "必须同片")
    window.press("所选两个小区必须分开")
    window.press("所选小区必须同片")
    # Both can not be: it is said by name.
    window.press("生成方案")
    window.wait_for("既要同片又要分开")
    assert "“旧中专宿舍”" in window.text()
    window.page.get_by_role("button", name="✕", exact=True).first.click()
    window.until(lambda: "同片：" not in window.text(), "the pair gone")
    assert "必须同片 0 组、必须分开 1 对" in window.text()
    propose(window)
    window.press("采用")
    window.wait_for("已采用自动方案")
    window.settle()
    with read_copy(plan_file, tmp_path) as plan:
        frame = plan.read("compounds").set_index("name")
    assert frame["pianqu_uid"]["旧中专宿舍"] != frame["pianqu_uid"]["邮电新村"]
    assert frame["pianqu_uid"].notna().all()


def test_what_is_locked_stays_and_the_result_says_so(window, city, tmp_path):
    with open_plan(city) as plan:
        free = [str(uid) for uid in plan.read("compounds").index]
        closed = make_pianqu(plan, "锁定片", free[:4], "测试员")
        set_locked(plan, "pianqu", [closed], True, "测试员")
    visit(window, city, proposals=1)
    propose(window)
    unfold(window, "不参加的 4 个小区")
    assert "所在片区“锁定片”已锁定" in window.text()
    window.press("采用")
    window.wait_for("已采用自动方案")
    window.settle()
    with read_copy(city, tmp_path) as plan:
        held = plan.read("compounds")["pianqu_uid"]
    assert set(held.index[held == closed]) == set(free[:4])


def test_proposals_go_stale_when_the_plan_moves_on_and_can_be_dropped(window, plan_file, compounds):
    visit(window, plan_file, proposals=1)
    propose(window)
    turn(window, "设置")
    window.page.get_by_role("spinbutton", name="户数下限").fill("300")
    window.page.keyboard.press("Enter")
    window.settle()
    window.panel("自动方案")
    turn(window, "方案")
    assert "设置已改，下面仍是之前生成的方案" in window.text()
    window.click(compounds.geometry["旧中专宿舍"])
    window.page.get_by_role("link", name="总图", exact=True).click()
    window.panel("所选")
    window.press("组成片区…")
    window.fill("片区名称", "手工")
    window.press("组成片区", last=True)
    window.wait_for("已组成片区“手工”")
    window.page.get_by_role("link", name="片区", exact=True).click()
    window.wait_for("方案已过时")
    window.settle()
    assert window.page.get_by_role("button", name="采用", exact=True).is_disabled()
    assert "所属片区" in legend(window)
    window.press("放弃")
    assert "方案已过时" not in window.text()
    assert "生成方案" in window.text()


def test_a_search_is_stopped_and_uses_no_more_of_the_machine(window, server, tmp_path):
    path = server.plans / f"large_{time.monotonic_ns()}.gpkg"
    samples.write_sample(path, "city:1500:1", "示例").close()
    visit(window, path, proposals=4)
    revision = window.text().split("修订")[1][:4]
    window.page.get_by_role("button", name="生成方案", exact=True).click()
    stop = window.page.get_by_role("button", name="停止", exact=True)
    stop.wait_for()
    # The page can be used meanwhile, which does not end the search.
    window.map.evaluate("() => window.pianqu.map.zoomIn(1, {animate: false})")
    assert stop.is_visible()
    stop.click()
    window.until(lambda: not stop.is_visible(), "the end of the search")
    window.settle()
    assert "放弃" not in window.text()
    assert window.text().split("修订")[1][:4] == revision
    window.until(lambda: _share_of_a_core(server, window) < 0.5, "a machine at rest")


def _share_of_a_core(server: Server, window: Window) -> float:
    """CPU seconds that the server uses in a second."""

    def used() -> float:
        fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    before = used()
    window.page.wait_for_timeout(1_000)
    return used() - before


def test_limits_that_contradict_each_other_are_told_and_nothing_is_lost(window, plan_file):
    visit(window, plan_file, min_households=900, max_households=300)
    window.press("生成方案")
    window.wait_for("最少户数 900 大于最多户数 300")
    assert window.page.get_by_role("spinbutton", name="户数下限").input_value() == "900"
    unfold(window, "范围")
    window.page.locator(".st-key-panel button").filter(has_text="所选的 0").click()
    window.settle()
    window.press("生成方案")
    window.wait_for("“所选的”里没有可以分组的小区")


def test_without_boundaries_the_next_step_is_said(window, server):
    path = server.plans / f"empty_{time.monotonic_ns()}.gpkg"
    samples.write_sample(path, "litong-parking", "示例").close()
    with open_plan(path) as plan, plan.edit("测试员", "去掉边界") as tx:
        rows = tx.read("compounds")
        for uid, version in rows["version"].items():
            tx.update("compounds", uid, int(version), {"geometry": None})
    visit(window, path)
    assert "还没有边界" in window.text()
    assert "生成方案" not in window.text()
