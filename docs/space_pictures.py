"""Pictures of the chapter 空间: open ground, a layout of stalls, two layouts side by side, demand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from data import samples
from tests.browser import steps
from tests.browser.conftest import Window

__all__ = ["SPACE", "lay_out"]

PLANNER, COMPOUND = "张工", "玉皇路小区"
SMALL, TOWN = "yuncheng-2024", "city:40:1"
LONGEST_MS = 180_000

Shot = Callable[[Window], bytes]


def _ground(studio: Any, shot: Shot) -> bytes:
    with studio.window() as window:
        _open(window, studio, "空地")
        head = window.page.locator(".space-part").filter(has_text="扣除（按先后")
        head.wait_for(timeout=LONGEST_MS)
        _go_there(window, studio)
        return shot(window)


def _stalls(studio: Any, shot: Shot) -> bytes:
    with studio.window() as window:
        _open(window, studio, "车位")
        lay_out(window, "排布车位")
        return shot(window)


def _compared(studio: Any, shot: Shot) -> bytes:
    with studio.window() as window:
        _open(window, studio, "车位")
        lay_out(window, "排布车位")
        window.press("设为方案甲")
        steps.choose(window, "设置")
        steps.choose(window, "舒适型")
        lay_out(window, "重新排布")
        return shot(window)


def _demand(studio: Any, shot: Shot) -> bytes:
    plan = studio.plan(TOWN, "示例城市40")
    with studio.window() as window:
        pages = {"space": {"tab": "需求"}}
        window.open(plan, page="space", actor=PLANNER, pages=pages, table_open=True)
        return shot(window)


def _open(window: Window, studio: Any, tab: str) -> None:
    """Open the page on the largest compound of the sample."""
    path = studio.plan(SMALL, "云城区2024")
    names = samples.sample_plan(SMALL).layers["compounds"]["name"]
    uid = str(names.index[names == COMPOUND][0])
    pages = {"space": {"tab": tab}}
    window.open(path, page="space", actor=PLANNER, selection=[uid], pages=pages)


def _go_there(window: Window, studio: Any) -> None:
    """Move the map to the compound, as laying out does."""
    west, south, east, north = studio.shapes(SMALL)[COMPOUND].bounds
    window.map.evaluate(
        "b => window.pianqu.map.fitBounds([[b[1], b[0]], [b[3], b[2]]], {animate: false})",
        [west, south, east, north],
    )
    window.settle()


def lay_out(window: Window, words: str) -> None:
    """Press the button and wait until the result is shown."""
    window.page.get_by_role("button", name=re.compile(f"^{words}")).first.click()
    window.page.get_by_role("button", name="停止", exact=True).wait_for(
        state="hidden", timeout=LONGEST_MS
    )
    window.page.get_by_role("button", name="存进计划", exact=True).wait_for(timeout=LONGEST_MS)
    window.settle()


SPACE: dict[str, Callable[[Any, Shot], bytes]] = {
    "空间": _ground,
    "空间-车位": _stalls,
    "空间-比较": _compared,
    "空间-需求": _demand,
}
