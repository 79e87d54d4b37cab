"""Has service gaps shown and sites chosen in a generated city with a few facilities, for the handbook's pictures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from data.pianqu import assign
from data.store import open_plan
from tests.browser.conftest import Window

__all__ = ["SITES"]

PLANNER, TOWN = "张工", "city:120:1"
LONGEST_MS = 240_000

# Compounds, in the order of the sample, in whose middle a facility stands.
THERE = {12: "幸福里日间照料中心", 60: "夕阳红养老服务站", 101: "颐养之家"}

Shot = Callable[[Window], bytes]


def _sites(studio: Any, shot: Shot, *, title: str, choose: bool) -> bytes:
    path = studio.copy(TOWN, title)
    _furnish(path)
    kept = {"space": {"tab": "设施", "sites_view": "选址" if choose else "现状"}}
    with studio.window() as window:
        window.open(path, page="space", actor=PLANNER, pages=kept)
        if choose:
            window.press("开始选址")
            window.page.get_by_role("button", name="保存到计划").wait_for(timeout=LONGEST_MS)
        else:
            window.wait_for("老年人日间照料中心的标准")
        window.settle()
        return shot(window)


def _furnish(path: Path) -> None:
    """Put facilities and 片区 into a plan that has none."""
    with open_plan(path) as plan:
        frame = plan.read("compounds")
        places = frame.geometry.representative_point()
        with plan.edit(PLANNER, "补画设施") as tx:
            tx.insert(
                "facilities",
                [
                    {"name": name, "kind": "养老服务", "geometry": places.iloc[at]}
                    for at, name in THERE.items()
                ],
            )
        names = frame["subdistrict"].where(frame["subdistrict"].notna(), None)
        assign(plan, names.map("{}片区".format, na_action="ignore").astype(object), PLANNER)


SITES: dict[str, Callable[..., bytes]] = {
    "设施": partial(_sites, title="示例市设施", choose=False),
    "设施-选址": partial(_sites, title="示例市选址", choose=True),
}
