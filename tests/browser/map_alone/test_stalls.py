"""The tools that set a stall and take one away."""

import math

import geopandas as gpd
import pytest
from shapely.geometry import Point, shape

from tests.browser.map_alone import laid

pytestmark = pytest.mark.browser


@pytest.fixture
def row(plan):
    """The map with a row of twelve stalls and the tools for them."""
    plan.run(overlay="stalls", stalls=True)
    lon, lat = laid.ORIGIN
    plan.look(lon + 0.0001, lat + 0.00003, 20)
    plan.js_wait("window.pianqu.app.overlayDrawn > 0")
    return plan


def _metric(geometry):
    return gpd.GeoSeries([geometry], crs=4490).to_crs(laid.ZONE).iloc[0]


def _stall(uid):
    return _metric(laid.overlay("stalls").features.set_index("uid").geometry[uid])


def _degrees(x, y):
    return gpd.GeoSeries([Point(x, y)], crs=laid.ZONE).to_crs(4490).iloc[0].coords[0]


def _beside_last(shift_m):
    """A place on the row's line, beyond its last stall."""
    last, before = _stall("s12").centroid, _stall("s11").centroid
    share = 1 + shift_m
    return _degrees(last.x + (last.x - before.x) * share, last.y + (last.y - before.y) * share)


def _move(plan, place):
    x, y = plan.at(*place)
    plan.page.mouse.move(x - 3, y - 2)
    plan.page.mouse.move(x, y)


def test_the_tools_stand_on_the_map_only_where_a_page_has_stalls(plan):
    assert not plan.frame.locator("[data-tool=stall_add]").is_visible()
    plan.run(overlay="stalls", stalls=True)
    assert plan.frame.locator("[data-tool=stall_add]").is_visible()
    plan.tool("stall_add")
    plan.run(overlay="stalls")
    assert plan.js("window.pianqu.app.mode") == "select"


def test_a_stall_beside_a_row_joins_it(row):
    row.tool("stall_add")
    place = _beside_last(0.2)  # half a metre off
    _move(row, place)
    event = row.event(lambda: row.press(place))
    assert (event["event"], event["shape"], event["beside"]) == ("stall_add", "p90", "s12")
    new, last = _metric(shape(event["geometry"])), _stall("s12")
    assert new.area == pytest.approx(laid.WIDTH * laid.LENGTH, rel=1e-3)
    assert new.distance(last) < 0.01 and new.intersection(last).area < 0.01
    assert new.centroid.distance(last.centroid) == pytest.approx(laid.WIDTH, abs=0.02)
    assert event["angle_deg"] == pytest.approx(20.0, abs=1.0), "of the row, from true north"


def test_far_from_a_row_it_stands_where_it_is_put_and_turns_with_r(row):
    row.tool("stall_add")
    base = _stall("s1").centroid
    place = _degrees(base.x - 15, base.y - 8)
    _move(row, place)
    row.page.keyboard.press("r")
    row.page.keyboard.press("r")
    event = row.event(lambda: row.press(place))
    assert (event["beside"], event["angle_deg"]) == (None, 30.0)
    new = _metric(shape(event["geometry"]))
    assert new.centroid.distance(Point(base.x - 15, base.y - 8)) < 0.3
    xs, ys = new.exterior.coords.xy
    long = max(
        ((math.dist((xs[n], ys[n]), (xs[n + 1], ys[n + 1])), n) for n in range(4)),
        key=lambda side: side[0],
    )[1]
    bearing = math.degrees(math.atan2(xs[long + 1] - xs[long], ys[long + 1] - ys[long])) % 180
    assert bearing == pytest.approx(30.0, abs=0.6)


def test_alt_and_wheel_turn_the_stall_and_leave_the_map_alone(row):
    row.tool("stall_add")
    base = _stall("s1").centroid
    place = _degrees(base.x - 15, base.y - 8)
    _move(row, place)
    zoom = row.js("window.pianqu.map.getZoom()")
    angle = "(r => Math.atan2(r[1].lat - r[0].lat, r[1].lng - r[0].lng))(" + (
        "Object.values(window.pianqu.map._layers).find(l => l.options.fillOpacity === 0.25)"
        ".getLatLngs()[0])"
    )
    before = row.js(angle)
    row.page.keyboard.down("Alt")
    row.page.mouse.wheel(0, 120)
    row.page.keyboard.up("Alt")
    row.page.wait_for_timeout(200)
    assert row.js("window.pianqu.map.getZoom()") == zoom
    assert abs(row.js(angle) - before) > math.radians(3)


def test_another_size_can_be_taken_in_hand(row):
    row.tool("stall_add")
    row.frame.get_by_role("button", name="平行式").click()
    base = _stall("s1").centroid
    place = _degrees(base.x - 15, base.y - 8)
    _move(row, place)
    event = row.event(lambda: row.press(place))
    assert event["shape"] == "p0"
    assert _metric(shape(event["geometry"])).area == pytest.approx(laid.WIDTH * 6.0, rel=1e-3)


def test_too_far_out_nothing_is_set(row):
    row.look(*laid.ORIGIN, 16)
    row.tool("stall_add")
    runs = len(row.log("run"))
    _move(row, laid.ORIGIN)
    row.press(laid.ORIGIN)
    row.page.wait_for_timeout(200)
    assert "放大" in row.frame.locator(".pq-message").inner_text()
    assert len(row.log("run")) == runs


def test_a_stall_that_is_clicked_on_is_to_go_and_the_tool_stays_in_hand(row):
    row.tool("stall_delete")
    place = _degrees(*_stall("s5").centroid.coords[0])
    _move(row, place)
    event = row.event(lambda: row.press(place))
    assert (event["event"], event["uid"], event["class"]) == ("stall_delete", "s5", "stall")
    assert row.js("window.pianqu.app.mode") == "stall_delete"
    base = _stall("s1").centroid
    row.press(_degrees(base.x - 15, base.y - 8))
    assert "没有可以删的车位" in row.frame.locator(".pq-message").inner_text()
    ended = row.event(lambda: row.page.keyboard.press("Escape"))
    assert ended["event"] == "cancel"
