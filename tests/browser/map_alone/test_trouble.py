"""Names that attack, connections that break, states that come too early."""

import json
import time

import pytest

from tests.browser.map_alone.conftest import MapPage
from tests.browser.map_alone.town import NAUGHTY

pytestmark = pytest.mark.browser


def test_a_hostile_name_is_only_ever_text(plan, frame):
    uid = frame.index[frame["name"] == NAUGHTY][0]
    place = frame.geometry[uid].representative_point()
    plan.look(place.x, place.y, 18)
    plan.page.mouse.move(*plan.at(place.x, place.y))
    plan.page.mouse.move(*(v + 1 for v in plan.at(place.x, place.y)))
    plan.frame.wait_for_selector(".pq-tip:not([hidden])")
    assert NAUGHTY in plan.frame.locator(".pq-tip").inner_text()
    plan.frame.fill(".pq-search input", "onerror")
    plan.frame.wait_for_selector(".pq-hit")
    plan.frame.fill(".pq-search input", "")
    target = {"uid": uid, "name": NAUGHTY, "version": 1, "has_boundary": True}
    plan.run(
        target=target,
        mode="edit",
        mode_seq=9,
        message=NAUGHTY,
        labels=[[NAUGHTY, place.x, place.y, 0]],
    )
    plan.frame.wait_for_selector(".pq-bar:not([hidden])")
    assert NAUGHTY in plan.frame.locator(".pq-bar").inner_text()
    assert plan.frame.locator(".pq-message").inner_text().startswith(NAUGHTY[:20])
    assert plan.js("window.hacked") is None
    assert plan.page.evaluate("window.hacked") is None


def test_an_expired_page_says_so_and_can_try_again(plan):
    (plan.folder / "control.json").write_text(json.dumps({"tiles_fail": 403}))
    plan.look(113.001, 23.001, 17)
    plan.frame.wait_for_selector(".pq-error")
    assert "授权已失效" in plan.frame.locator(".pq-error").inner_text()
    (plan.folder / "control.json").write_text("{}")
    plan.frame.get_by_text("重试").click()
    plan.js_wait("Object.values(window.pianqu.app.tiles._drawn).every(t => t.layers)")
    assert not plan.frame.locator(".pq-message").is_visible()


def test_work_that_takes_long_is_told(plan):
    plan.run(busy="正在导出 220 个小区…")
    assert plan.frame.locator(".pq-busy").inner_text() == "正在导出 220 个小区…"
    plan.run()
    assert not plan.frame.locator(".pq-message").is_visible()


def test_a_state_that_comes_while_scripts_are_loading_is_not_lost(served, browser):
    page = browser.new_page(viewport={"width": 1034, "height": 720})
    mapped = MapPage(page, *served)
    (mapped.folder / "control.json").write_text("{}")

    def slowly(route):
        time.sleep(1.2)
        route.continue_()

    page.route("**/map_core.js*", slowly)
    page.goto(f"http://127.0.0.1:{mapped.port}/")
    mapped.frame = page.wait_for_selector("iframe", timeout=30_000).content_frame()
    mapped.js_wait("window.Pianqu && window.Pianqu.geo")
    (mapped.folder / "control.json").write_text(json.dumps({"theme": "households"}))
    page.get_by_role("button", name="再来").click()
    mapped.js_wait("window.pianqu && window.pianqu.app.state.legend")
    mapped.js_wait("window.pianqu.app.state.classes_url.includes('households')")
    page.close()


def test_the_view_that_was_left_is_the_view_that_is_found(served, browser):
    page = browser.new_page(viewport={"width": 1034, "height": 720})
    mapped = MapPage(page, *served)
    mapped.open(view=[113.003, 23.004, 17])
    middle = mapped.js("(c => [c.lng, c.lat])(window.pianqu.map.getCenter())")
    assert middle == pytest.approx([113.003, 23.004], abs=1e-5)
    assert mapped.js("window.pianqu.map.getZoom()") == 17
    page.close()
