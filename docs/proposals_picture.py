"""Has proposals made on a generated city, and the second of them shown, for the handbook's picture."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from tests.browser.conftest import Window

__all__ = ["proposals"]

# Large 片区, so that there is more than one good way to make them.
ASKED = {
    "aim": "fewest",
    "min_households": None,
    "max_households": 2_500,
    "subdistricts": "prefer",
}


def proposals(
    opened: AbstractContextManager[Window],
    plan: Path,
    *,
    planner: str,
    shot: Callable[[Window], bytes],
) -> bytes:
    """Take the picture in a window that is given."""
    kept = {"pianqu": {"tab": "自动方案", "settings": ASKED}}
    with opened as window:
        window.open(plan, page="pianqu", actor=planner, pages=kept)
        window.press("生成方案")
        window.page.get_by_role("button", name="放弃", exact=True).wait_for(timeout=120_000)
        window.settle()
        window.map.evaluate("() => window.pianqu.map.zoomIn(1, {animate: false})")
        window.page.locator(".st-key-pianqu_preview_which button").nth(1).click()
        window.settle()
        return shot(window)
