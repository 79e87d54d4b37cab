"""片区 by hand on a made-up city: lasso twelve, look, apply, lock, undo, redo, next problem, join, split, merge."""

from __future__ import annotations

import math
import shutil
import time
from pathlib import Path

import pytest
import shapely

from data import pianqu, samples
from data.store import open_plan
from tests.browser.conftest import read_copy

pytestmark = pytest.mark.browser

CITY = "city:150:3"


@pytest.fixture(scope="module")
def city_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("city") / "city.gpkg"
    samples.write_sample(path, CITY, "示例").close()
    return path


@pytest.fixture
def city(server, city_file) -> Path:
    return Path(shutil.copy(city_file, server.plans / f"city-{time.monotonic_ns()}.gpkg"))


@pytest.fixture(scope="module")
def frame(city_file):
    with open_plan(city_file) as plan:
        return plan.read("compounds")


def loop_round(frame, count: int):
    """A loop that takes in exactly `count` compounds, half of each or more; with their uids."""
    middle = shapely.box(*frame.total_bounds).centroid
    shapes = frame.geometry.dropna()
    for k in range(1, 400):
        reach = k * 0.00004
        ring = [
            (
                middle.x + reach * math.cos(turn / 12 * math.pi),
                middle.y + reach * math.sin(turn / 12 * math.pi),
            )
            for turn in range(25)
        ]
        inside = shapely.intersection(shapes.to_numpy(), shapely.Polygon(ring))
        share = shapely.area(inside) / shapely.area(shapes.to_numpy())
        if int((share >= 0.5).sum()) == count and not ((share > 0.46) & (share < 0.54)).any():
            return ring, list(shapes.index[share >= 0.5])
    raise AssertionError("no loop takes in as many")


def press(window, words: str) -> None:
    window.page.locator(".st-key-panel button").filter(has_text=words).first.click()
    window.settle()


def row(window, name: str):
    return window.page.locator(".st-key-panel .pqr tbody tr").filter(has_text=name)


def changes(window) -> dict[str, list[str]]:
    """Rows of the preview: name to its figures, before over after."""
    lines = window.page.locator(".pq-changes tbody tr").all()
    return {
        line.locator("td").first.inner_text().strip(): line.locator("td")
        .nth(1)
        .inner_text()
        .split()
        for line in lines
    }


def held(path: Path, folder: Path):
    with read_copy(path, folder) as plan:
        return plan.read("compounds")["pianqu_uid"].dropna(), plan.read("pianqu")


def is_in_sight(window, words: str) -> bool:
    box = window.page.locator(".st-key-panel button").filter(has_text=words).first.bounding_box()
    return box is not None and box["y"] + box["height"] < 768


def test_twelve_are_gathered_seen_applied_locked_undone_and_redone(window, city, frame, tmp_path):
    ring, uids = loop_round(frame, 12)
    window.open(city, page="pianqu")
    window.panel("分配")
    window.drag("lasso", ring)
    window.wait_for("应用（12 个小区）")
    assert is_in_sight(window, "应用（")
    assert "分配预览（未应用）" in window.map.locator(".pq-legend").inner_text()
    assert changes(window) == {"片区 1": ["0", "12"], "未分组": ["150", "138"]}
    households = int(frame.loc[uids, "households"].sum())
    assert window.card()["居民户数"] == f"{households:,} 户"
    assert held(city, tmp_path)[0].empty
    # A click takes one out again, and in.
    window.map.click("[data-tool=select]")
    window.click(frame.geometry[uids[0]])
    window.wait_for("应用（11 个小区）")
    window.click(frame.geometry[uids[0]])
    window.wait_for("应用（12 个小区）")
    press(window, "应用（")
    window.wait_for("已组成片区“片区 1”")
    members, table = held(city, tmp_path)
    assert sorted(members.index) == sorted(uids)
    window.panel("片区")
    window.page.locator(".st-key-panel").get_by_role("button", name="锁定", exact=True).click()
    window.wait_for("已锁定 1 个片区")
    window.settle()
    assert row(window, "片区 1").locator(".pqr-lock").count() == 1
    assert "斜线：已锁定（片区 1 个）" in window.map.locator(".pq-legend").inner_text()
    # Locked: it takes nobody in, and says so.
    other = next(uid for uid in frame.index if uid not in set(uids))
    window.panel("分配")
    window.map.evaluate("b => window.pianqu.map.fitBounds(b)", _bounds(frame, other))
    window.settle()
    window.click(frame.geometry[other])
    window.wait_for("“片区 1”已锁定，不能加入")
    assert window.page.get_by_role("button", name="应用", exact=True).is_disabled()
    press(window, "放弃")
    window.press("撤销")
    window.wait_for("已撤销：锁定片区：片区 1")
    window.press("撤销")
    window.wait_for("已撤销：组成片区：片区 1")
    assert held(city, tmp_path)[0].empty
    for told in ("已重做：组成片区：片区 1", "已重做：锁定片区：片区 1"):
        window.press("重做")
        window.wait_for(told)
    members, again = held(city, tmp_path)
    assert sorted(members.index) == sorted(uids)
    assert again["locked"].tolist() == [True]
    assert again["color"].tolist() == table["color"].tolist()


def _bounds(frame, uid: str) -> list[list[float]]:
    west, south, east, north = frame.geometry[uid].bounds
    return [[south - 0.001, west - 0.001], [north + 0.001, east + 0.001]]


@pytest.fixture
def apart(city, frame):
    """A 片区 in two parts with one free compound between them, and an empty one."""
    shapes = frame.geometry.dropna()
    with open_plan(city) as plan:
        chain = _chain_of_three(shapes)
        pianqu.make_pianqu(plan, "两处", [chain[0], chain[2]], "测试员", color=3)
        empty = pianqu.make_pianqu(plan, "空的", [chain[1]], "测试员")
        pianqu.release(plan, [chain[1]], "测试员")
        assert empty
    return city, chain


def _chain_of_three(shapes):
    """Three compounds in a row of which only the outer two are no neighbours (30 m)."""
    plane = shapes.to_crs(shapes.estimate_utm_crs())
    tree = shapely.STRtree(plane.to_numpy())
    for middle in range(len(plane)):
        near = [
            k
            for k in tree.query(plane.iloc[middle], predicate="dwithin", distance=25)
            if k != middle
        ]
        for one in near:
            for other in near:
                if plane.iloc[one].distance(plane.iloc[other]) > 60:
                    return [shapes.index[k] for k in (one, middle, other)]
    raise AssertionError("no such row")


def test_problems_are_gone_through_and_a_broken_one_is_joined(window, apart, tmp_path):
    path, chain = apart
    window.open(path, page="pianqu")
    window.wait_for("下一个问题（")
    press(window, "下一个问题（")
    window.wait_for("“两处”不连片：分成 2 处")
    assert "下一个问题（第 1 / " in window.text()
    assert window.card()["连片"] == "✗ 分成 2 处"
    assert "已选 2 个小区" in window.text()
    press(window, "连起来：加")
    window.wait_for("应用（")
    assert "两处" in changes(window)
    press(window, "应用（")
    window.wait_for("加入“两处”")
    members, table = held(path, tmp_path)
    assert set(chain) <= set(members.index) or len(members) == 3
    window.panel("片区")
    assert "✓" in row(window, "两处").inner_text()
    press(window, "下一个问题（")
    told = [f"“{name}”" for name in table["name"]]
    assert any(name in window.text() for name in told)
    assert "两处”不连片" not in window.text()


def test_a_row_outlines_its_pianqu_on_the_map_and_the_map_marks_the_row(window, apart, frame):
    path, chain = apart
    window.open(path, page="pianqu")
    window.wait_for("两处")
    row(window, "两处").hover()
    window.map.wait_for_function("() => window.pianqu.app.outlined().length === 1")
    window.page.locator(".st-key-panel_tabs").hover()
    window.map.wait_for_function("() => window.pianqu.app.outlined().length === 0")
    for uid, name in ((chain[0], "两处"), (chain[1], "未分组")):
        window.map.evaluate("b => window.pianqu.map.fitBounds(b)", _bounds(frame, uid))
        window.settle()
        point = frame.geometry[uid].representative_point()
        x, y = window.at(point.x, point.y)
        window.page.mouse.move(x - 3, y)
        window.page.mouse.move(x, y, steps=3)
        window.page.wait_for_function(
            "name => [...document.querySelectorAll('.pqr-hover')].some(r => r.innerText.includes(name))",
            arg=name,
        )
    assert "两处" not in window.map.locator(".pq-tip").inner_text()


def test_a_pianqu_is_split_merged_and_coloured_and_each_is_undone(window, apart, tmp_path):
    path, _ = apart
    window.open(path, page="pianqu")
    window.wait_for("两处")
    row(window, "两处").click()
    window.wait_for("已选 2 个小区")
    window.settle()
    press(window, "拆分…")
    window.wait_for("它分成 2 处")
    window.page.get_by_role("button", name="按连片拆成 2 个片区").click()
    window.wait_for("已按连片拆分，新增 1 个片区")
    window.settle()
    members, _ = held(path, tmp_path)
    assert members.nunique() == 2
    press(window, "合并…")
    window.page.get_by_label("要并进来的片区").click()
    window.page.get_by_role("option").filter(has_text="片区 1").click()
    window.page.keyboard.press("Escape")
    window.page.get_by_role("button", name="合并", exact=True).click()
    window.wait_for("个片区合并为“两处”")
    window.settle()
    members, table = held(path, tmp_path)
    assert members.nunique() == 1
    assert table.loc[members.iloc[0], "color"] == 3
    press(window, "颜色")
    window.page.locator(".st-key-pianqu_colour_7 button").click()
    window.wait_for("已换“两处”的颜色")
    window.settle()
    members, table = held(path, tmp_path)
    assert table.loc[members.iloc[0], "color"] == 7
    for told in ("片区换颜色：两处", "合并 2 个片区为：两处", "按连片拆分片区：两处"):
        window.press("撤销")
        window.wait_for(f"已撤销：{told}")
    members, table = held(path, tmp_path)
    assert sorted(table["name"]) == ["两处", "空的"]
    assert table.loc[members.iloc[0], "color"] == 3
