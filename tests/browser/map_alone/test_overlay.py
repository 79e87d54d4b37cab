"""What a page lays over the tiles: drawn, told, clicked, changed in place."""

import pytest

from tests.browser.map_alone import laid
from tests.browser.map_alone.town import NAUGHTY

pytestmark = pytest.mark.browser

WINDOW = "window.pianqu.app"


def _lay(plan, name="stalls", **more):
    plan.run(overlay=name, **more)
    lon, lat = laid.ORIGIN
    plan.look(lon + 0.0001, lat + 0.00005, 20)
    plan.js_wait(f"{WINDOW}.overlayDrawn > 0")


def _middle(name, uid):
    frame = laid.overlay(name).features.set_index("uid")
    return frame.geometry[uid].representative_point().coords[0]


def _colour(plan, lon, lat):
    """Colour of the overlay's canvas at a place: red, green, blue, alpha."""
    return plan.js(
        """([x, y]) => { const c = document.querySelector('canvas.pq-overlay'), m = window.pianqu.map;
        const p = m.latLngToContainerPoint([y, x]), a = c.getBoundingClientRect(), r = c.width / a.width;
        return Array.from(c.getContext('2d').getImageData((p.x - a.x) * r, (p.y - a.y) * r, 1, 1).data) }""",
        [lon, lat],
    )


def test_shapes_lie_where_they_are_in_the_colour_of_their_class(plan):
    _lay(plan)
    lon, lat = _middle("stalls", "s3")
    inside = _colour(plan, lon + 0.000004, lat + 0.000012)  # beside the number in its middle
    assert min(inside[:3]) > 225 and inside[3] > 210, "white, as stalls are, over green stripes"
    assert _colour(plan, lon + 0.01, lat)[3] == 0, "nothing lies there"


def test_stripes_stand_still_on_the_ground_while_the_map_is_moved(plan):
    _lay(plan)
    lon, lat = laid.ORIGIN[0] - 0.0002, laid.ORIGIN[1] - 0.0001
    plan.look(lon, lat, 19)
    shown = [_colour(plan, lon + n * 3e-7, lat) for n in range(60)]
    plan.js("window.pianqu.map.panBy([37, 13], {animate: false})")
    plan.page.wait_for_timeout(200)
    moved = [_colour(plan, lon + n * 3e-7, lat) for n in range(60)]
    assert len({tuple(c) for c in shown}) > 1, "stripes and gaps"
    assert shown == moved


def test_numbers_are_written_only_where_they_have_room(plan):
    _lay(plan)
    lon, lat = _middle("stalls", "s8")
    plan.look(lon, lat, 22)
    plan.page.wait_for_timeout(150)
    near = [_colour(plan, lon + n * 2e-7, lat) for n in range(-12, 12)]
    assert min(sum(c[:3]) for c in near) < 300, "dark strokes of the figure"
    plan.look(lon, lat, 18)
    plan.page.wait_for_timeout(150)
    far = [_colour(plan, lon + n * 2e-6, lat) for n in range(-2, 3)]
    assert min(sum(c[:3]) for c in far) > 300, "no figure"


def test_the_pointer_is_told_the_label_and_the_compound_under_it(plan, frame):
    _lay(plan)
    lon, lat = _middle("stalls", "s2")
    plan.page.mouse.move(*plan.at(lon, lat))
    plan.page.mouse.move(*(v + 1 for v in plan.at(lon, lat)))
    plan.frame.wait_for_selector(".pq-tip:not([hidden])")
    said = plan.frame.locator(".pq-tip").inner_text().split("\n")
    assert said[0] == "停车位 2"
    assert plan.js("document.querySelector('.leaflet-container').classList.contains('pq-over')")


def test_a_click_on_a_stall_tells_its_id_and_one_beside_it_the_place(plan):
    _lay(plan)
    event = plan.event(lambda: plan.press(_middle("stalls", "s7")))
    assert (event["event"], event["uid"], event["class"]) == ("overlay_click", "s7", "stall")
    lon, lat = _middle("stalls", "g1")
    beside = plan.event(lambda: plan.press((lon - 0.0001, lat - 0.0001)))
    assert beside["event"] == "click", "the ground itself lets the click through to the compound"


def test_another_overlay_takes_its_place_without_a_new_map(plan):
    _lay(plan)
    plan.js("window.stays = true")
    asked = len(plan.log("overlay"))
    plan.run(overlay="fewer")
    plan.js_wait("window.pianqu.app.overlayDrawn === 8")
    assert plan.js("window.stays") is True
    assert len(plan.log("overlay")) == asked + 1
    plan.run(overlay="fewer", theme="households")
    assert len(plan.log("overlay")) == asked + 1, "the same one is not fetched again"
    plan.run()
    plan.js_wait("window.pianqu.app.overlayDrawn === 0")
    assert plan.frame.locator(".pq-overlay-legend").count() == 0


def test_the_legend_holds_its_classes_and_hides_them(plan):
    _lay(plan)
    rows = plan.frame.locator(".pq-overlay-legend .pq-row")
    assert rows.count() == 4
    assert rows.nth(1).inner_text().split("\n") == ["停车位", "12 个"]
    before = plan.js("window.pianqu.app.overlayDrawn")
    rows.nth(1).click()
    plan.js_wait(f"window.pianqu.app.overlayDrawn === {before} - 12")
    assert plan.frame.locator(".pq-overlay-legend .pq-off").inner_text().startswith("停车位")
    told = plan.log("run")[-1]["event"]
    plan.frame.locator(".pq-overlay-legend .pq-row").nth(1).click()
    plan.js_wait(f"window.pianqu.app.overlayDrawn === {before}")
    assert plan.log("run")[-1]["event"] == told, "Python need not know"


def test_hostile_text_of_an_overlay_is_only_ever_text(plan):
    _lay(plan)
    assert NAUGHTY in plan.frame.locator(".pq-overlay-legend").inner_text()
    lon, lat = _middle("stalls", NAUGHTY)
    plan.page.mouse.move(*plan.at(lon, lat))
    plan.page.mouse.move(*(v + 1 for v in plan.at(lon, lat)))
    plan.frame.wait_for_selector(".pq-tip:not([hidden])")
    assert NAUGHTY in plan.frame.locator(".pq-tip").inner_text()
    event = plan.event(lambda: plan.press((lon, lat)))
    assert (event["event"], event["uid"]) == ("overlay_click", NAUGHTY)
    assert plan.js("window.hacked") is None
    assert plan.page.evaluate("window.hacked") is None


def test_what_is_selected_is_outlined(plan):
    _lay(plan, marked=["s4"])
    ring = laid.overlay("stalls").features.set_index("uid").geometry["s4"].exterior.coords
    corner = _colour(plan, *ring[0])
    assert corner[0] > 150 and corner[1] < 120, "magenta"


def test_twenty_thousand_stalls_are_fluid(plan):
    plan.run(overlay="many")
    plan.js_wait("window.pianqu.app.overlayDrawn === 20000")
    west, south, east, north = laid.overlay("many").bounds
    plan.look((west + east) / 2, (south + north) / 2, 18)
    spent = plan.js(
        """() => { const t = performance.now(); for (let n = 0; n < 4; n++)
        window.pianqu.map.panBy([40, 0], {animate: false}); return (performance.now() - t) / 4 }"""
    )
    assert spent < 400, f"{spent:.0f} ms a pan"
    found = plan.js(
        """() => { const m = window.pianqu.map, t = performance.now(); for (let n = 0; n < 20; n++)
        window.pianqu.app.overlayAt(m.getCenter(), () => true); return (performance.now() - t) / 20 }"""
    )
    assert found < 20, f"{found:.1f} ms to find what is under the pointer"
