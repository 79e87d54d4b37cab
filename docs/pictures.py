"""Takes the pictures of the handbook: serves the samples, opens the pages in Chromium, saves PNGs.

``python -m docs.pictures`` takes all of them; names after it, as ``总图 总图-套索``, only those.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from data import samples
from data.pianqu import assign, set_locked
from data.schemes import grouping_now, proposed_grouping, save_scheme
from data.store import Plan, open_plan
from docs.picture_files import save
from docs.proposals_picture import proposals
from docs.real_pictures import REAL
from docs.sites_picture import SITES
from docs.space_pictures import SPACE
from geo.adjacency import neighbours
from geo.bundle_problem import BundleLimits
from geo.bundling import propose
from geo.crs import plan_zone, to_plane
from tests.browser.conftest import FLAGS, SCREEN, Server, Window

__all__ = ["PICTURES", "take"]

FOLDER = Path(__file__).parent / "图"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PLANNER = "张工"
SMALL, CITY = "yuncheng-2024", "city:800:1"
REST_MS = 900
# Compounds this near to each other are neighbours, in metres.
GAP_M = 30.0


class Studio:
    """A server with the samples, and a window for each picture."""

    def __init__(self, server: Server, browser: Any) -> None:
        self._server, self._browser = server, browser
        self._shapes: dict[str, Any] = {}
        self._plans: dict[str, Path] = {}

    def plan(self, sample: str, title: str) -> Path:
        """Write a sample once, under the name that its picture shows."""
        if sample not in self._plans:
            path = self._server.plans / f"{title}.gpkg"
            with samples.write_sample(path, sample, PLANNER) as plan:
                shapes = plan.read("compounds").reset_index().set_index("name").geometry
            self._plans[sample], self._shapes[sample] = path, shapes
        return self._plans[sample]

    def copy(self, sample: str, title: str) -> Path:
        """Write a sample that this picture alone changes."""
        path = self._server.plans / f"{title}.gpkg"
        samples.write_sample(path, sample, PLANNER).close()
        return path

    @property
    def folder(self) -> Path:
        """Where the server looks for plans."""
        return self._server.plans

    def shapes(self, sample: str) -> Any:
        """Boundaries of a sample by name."""
        return self._shapes[sample]

    @contextmanager
    def window(self) -> Iterator[Window]:
        """Open a window of an office screen."""
        context = self._browser.new_context(viewport=SCREEN, locale="zh-CN")
        context.set_default_timeout(60_000)
        try:
            yield Window(context.new_page(), self._server)
        finally:
            context.close()


def _overview(studio: Studio) -> bytes:
    plan = studio.plan(SMALL, "云城区2024")
    with studio.window() as window:
        window.open(plan, actor=PLANNER, theme="investment_per_household")
        return _shot(window)


def _card(studio: Studio) -> bytes:
    plan = studio.plan(SMALL, "云城区2024")
    with studio.window() as window:
        window.open(plan, actor=PLANNER, theme="investment_per_household")
        window.click(studio.shapes(SMALL)["玉皇路小区"])
        window.wait_for("已选 1 个小区")
        return _shot(window)


def _lasso(studio: Studio) -> bytes:
    plan = studio.plan(CITY, "示例城市2024")
    with studio.window() as window:
        window.open(plan, actor=PLANNER, theme="built", panel="所选")
        _zoom_in(window, 3)
        window.drag("lasso", _around_middle(window))
        window.wait_for("已选")
        return _shot(window)


def _city(studio: Studio) -> bytes:
    plan = studio.plan(CITY, "示例城市2024")
    with studio.window() as window:
        window.open(plan, actor=PLANNER, theme="built")
        _zoom_in(window, 1)
        return _shot(window)


def _files(studio: Studio) -> bytes:
    plan = studio.plan(SMALL, "云城区2024")
    with studio.window() as window:
        window.open(plan, page="output", actor=PLANNER, theme="investment_per_household")
        window.press("生成文件")
        window.wait_for("已读回核对")
        return _shot(window)


def _sheet(studio: Studio) -> bytes:
    plan = studio.plan(SMALL, "云城区2024")
    tab = {"output": {"tab": "打印图纸"}}
    with studio.window() as window:
        window.open(plan, page="output", actor=PLANNER, theme="investment_per_household", pages=tab)
        window.page.wait_for_selector(".st-key-sheet_preview img", timeout=60_000)
        return _shot(window)


def _rules(studio: Studio) -> bytes:
    with studio.window() as window:
        _policy(window, studio.plan(SMALL, "云城区2024"), "楚雄")
        window.page.locator(".st-key-policy_groups button").filter(has_text="内容").click()
        window.settle()
        window.page.locator(".st-key-policy_do_works_list button").first.click()
        window.settle()
        return _shot(window)


def _verdicts(studio: Studio) -> bytes:
    with studio.window() as window:
        _policy(window, studio.plan(SMALL, "云城区2024"), "楚雄")
        window.panel("核对")
        window.click(studio.shapes(SMALL)["玉皇路小区"])
        window.wait_for("已选 1 个小区")
        return _shot(window)


def _vote(studio: Studio) -> bytes:
    figures = ("200", "15000", "134", "10000", "100", "7500")
    with studio.window() as window:
        _policy(window, studio.plan(SMALL, "云城区2024"), "柳州")
        window.panel("核对")
        window.click(studio.shapes(SMALL)["玉皇路小区"])
        window.wait_for("已选 1 个小区")
        window.page.locator(".st-key-policy_views button").filter(has_text="表决公示").click()
        window.settle()
        fields = window.page.locator(".st-key-panel [data-testid=stNumberInput] input")
        for at, figure in enumerate(figures):
            fields.nth(at).fill(figure)
            window.page.keyboard.press("Tab")
            window.settle()
        return _shot(window)


def _obstacles(studio: Studio) -> bytes:
    with studio.window() as window:
        _policy(window, studio.plan(CITY, "示例城市2024"), "阳江")
        window.panel("不符合原因")
        rules = window.page.locator(".st-key-panel [class*='st-key-policy_why_'] button")
        rules.filter(has_text="个小区").first.click()
        window.wait_for("图上只显示")
        return _shot(window)


def _policy(window: Window, plan: Path, rules: str) -> None:
    """Open a plan on the page 政策, judged by some rules."""
    window.open(plan, page="policy", actor=PLANNER)
    window.page.get_by_label("本计划按哪套规则判定").click()
    window.page.get_by_role("option").filter(has_text=rules).first.click()
    window.wait_for(f"规则：{rules}")
    window.settle()


def _flow(studio: Studio) -> bytes:
    with studio.window() as window:
        _policy(window, studio.plan(SMALL, "云城区2024"), "柳州")
        window.panel("办理")
        window.click(studio.shapes(SMALL)["玉皇路小区"])
        window.wait_for("已选 1 个小区")
        window.settle()
        window.fill("完成日期", "2024-03-01")
        window.page.keyboard.press("Tab")
        window.settle()
        window.press("保存")
        window.wait_for("改造宣传")
        window.settle()
        window.page.locator(".st-key-policy_steps button").filter(has_text="居民意愿").first.click()
        window.wait_for("未录入表决结果")
        window.settle()
        return _shot(window)


def _pianqu(studio: Studio, title: str = "示例市 2024", row: int = 3, locked: int = 0) -> bytes:
    with studio.window() as window:
        _grouped_city(window, studio, title, tab="片区", locked=locked)
        window.page.locator(".st-key-panel .pqr tbody tr").nth(row).click()
        window.wait_for("缩放到")
        window.settle()
        window.map.evaluate("() => window.pianqu.map.zoomOut(1, {animate: false})")
        return _shot(window)


def _assign(studio: Studio) -> bytes:
    with studio.window() as window:
        _grouped_city(window, studio, "示例市分配", tab="分配")
        _zoom_in(window, 3)
        window.drag("lasso", _around_middle(window))
        window.wait_for("应用（")
        window.settle()
        return _shot(window)


def _grouped_city(window: Window, studio: Studio, title: str, *, tab: str, locked: int = 0) -> None:
    """Open a city in which most compounds are in 片区, the first of them locked."""
    path = studio.copy(CITY, title)
    with open_plan(path) as plan:
        made = assign(plan, _grouped(plan, 1200), PLANNER)
        if locked:
            set_locked(plan, "pianqu", list(made.values())[:locked], True, PLANNER)
    window.open(path, page="pianqu", actor=PLANNER, pages={"pianqu": {"tab": tab}})
    window.settle()


def _compare(studio: Studio) -> bytes:
    path = studio.copy(CITY, "示例市片区")
    shown = []
    with open_plan(path) as plan:
        for title, least in (("户数 600–2500", 600), ("户数 1200–4000", 1200)):
            names = _grouped(plan, least)
            now = grouping_now(plan.read("compounds"), plan.read("pianqu"))
            settings = f"户数下限 {least} 户"
            made = proposed_grouping(now, names, {})
            uid = save_scheme(plan, title, made, PLANNER, origin="自动方案", settings=settings)
            shown.append(f"scheme:{uid}")
        assign(plan, names, PLANNER)
    kept = {"tab": "比较", "compare": {"states": shown, "own": True}}
    with studio.window() as window:
        window.open(path, page="pianqu", actor=PLANNER, pages={"pianqu": kept})
        window.wait_for("换片区的小区")
        window.settle()
        _zoom_in(window, 2)
        return _shot(window)


def _grouped(plan: Plan, least: int) -> Any:
    """Names of the 片区 of a proposal."""
    frame = plan.read("compounds")
    drawn = frame[frame.geometry.notna()]
    plane = to_plane(drawn.geometry, plan_zone(drawn.geometry).epsg)
    limits = BundleLimits(min_households=least, max_households=least * 10 // 3)
    (found,) = propose(drawn, plane, neighbours(plane, max_gap_m=GAP_M), limits=limits)
    names = found.labels.map("片区 {}".format, na_action="ignore").astype(object)
    return names.where(names.notna(), None)


PICTURES: dict[str, Callable[[Studio], bytes]] = {
    "总图": _overview,
    "总图-小区卡片": _card,
    "总图-套索": _lasso,
    "总图-城市": _city,
    "片区": _pianqu,
    "片区-分配": _assign,
    "片区-锁定": partial(_pianqu, title="示例市锁定", row=1, locked=9),
    "片区-自动方案": lambda studio: proposals(
        studio.window(), studio.plan(CITY, "示例城市2024"), planner=PLANNER, shot=_shot
    ),
    "片区-比较": _compare,
    **{
        name: lambda at, made=made: made(at, _shot) for name, made in (SPACE | SITES | REAL).items()
    },
    "政策": _rules,
    "政策-核对": _verdicts,
    "政策-表决": _vote,
    "政策-不符合原因": _obstacles,
    "政策-办理": _flow,
    "出图-导出文件": _files,
    "出图-打印图纸": _sheet,
}


def take(names: list[str]) -> None:
    """Take pictures by name and save them in the folder of the handbook."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        raise SystemExit("no Chromium: run `make chromium`")
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
                studio = Studio(server, browser)
                for name in names:
                    save(FOLDER / f"{name}.png", PICTURES[name](studio))
                browser.close()
        finally:
            server.stop()


def _zoom_in(window: Window, levels: int) -> None:
    window.map.evaluate("n => window.pianqu.map.zoomIn(n, {animate: false})", levels)
    window.settle()


def _around_middle(window: Window) -> list[tuple[float, float]]:
    """Ground of a loop round the middle of the map, a bit uneven as drawn by hand."""
    corners: list[tuple[float, float]] = [
        tuple(corner)
        for corner in window.map.evaluate(
            """() => {
              const map = window.pianqu.map, size = map.getSize();
              return [...Array(25).keys()].map((k) => {
                const turn = (k / 24) * 2 * Math.PI, reach = 0.26 + 0.03 * Math.sin(3 * turn);
                const at = map.containerPointToLatLng([
                  size.x * (0.48 + 0.8 * reach * Math.cos(turn)),
                  size.y * (0.48 + reach * Math.sin(turn)),
                ]);
                return [at.lng, at.lat];
              });
            }"""
        )
    ]
    return corners


def _shot(window: Window) -> bytes:
    """Picture of a window that has come to rest: fonts there, map drawn, no tip under the pointer."""
    window.page.mouse.move(2, 2)
    window.settle()
    for frame in window.page.frames:
        frame.evaluate("() => document.fonts.ready.then(() => true)")
    window.page.wait_for_timeout(REST_MS)
    picture: bytes = window.page.screenshot()
    return picture


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    take(parser.parse_args().names or list(PICTURES))


if __name__ == "__main__":
    _main()
