"""What reaches Python when the planner selects."""

import math

import pytest
from shapely.geometry import Point, shape

COMPOUND = "C0000012"

pytestmark = pytest.mark.browser


def test_a_click_is_told_with_shift_for_adding(plan, frame):
    plan.look(*frame.geometry[COMPOUND].centroid.coords[0], 16)
    place = frame.geometry[COMPOUND].representative_point()
    event = plan.event(lambda: plan.press((place.x, place.y)))
    assert (event["event"], event["add"], event["zoom"]) == ("click", False, 16)
    assert frame.geometry[COMPOUND].contains(Point(event["lng"], event["lat"]))
    plan.page.keyboard.down("Shift")
    again = plan.event(lambda: plan.press((place.x, place.y)))
    plan.page.keyboard.up("Shift")
    assert again["add"] is True
    assert again["seq"] > event["seq"]


@pytest.mark.parametrize("mode", ["rectangle", "lasso", "polygon"])
def test_an_area_is_told_as_a_polygon(plan, mode):
    plan.look(113.0, 23.0, 15)
    west, south, east, north = 112.997, 22.998, 113.003, 23.002
    plan.tool(mode)

    def act():
        if mode == "rectangle":
            plan.drag([(west, south), (east, north)])
        elif mode == "lasso":
            turn = [n * math.pi / 12 for n in range(24)]
            plan.drag([(113 + 0.003 * math.cos(t), 23 + 0.002 * math.sin(t)) for t in turn])
        else:
            plan.press((west, south), (east, south), (east, north), (west, north))
            plan.page.keyboard.press("Enter")

    event = plan.event(act)
    area = shape(event["geometry"])
    assert (event["event"], event["mode"], event["add"]) == ("area", mode, False)
    assert area.is_valid and area.contains(Point(113, 23))
    assert area.bounds == pytest.approx((west, south, east, north), abs=1.5e-4)
    assert plan.js("window.pianqu.app.mode") == mode, "the tool stays for the next area"


def test_a_rerun_does_not_take_the_tool_out_of_the_hand(plan):
    plan.tool("lasso")
    plan.run(theme="households")
    assert plan.js("window.pianqu.app.mode") == "lasso"


def test_a_slip_of_the_hand_selects_nothing(plan):
    plan.tool("rectangle")
    runs = len(plan.log("run"))
    plan.drag([(113.0, 23.0), (113.0, 23.0)])
    plan.page.wait_for_timeout(400)
    assert len(plan.log("run")) == runs


def test_a_row_of_the_legend_is_told(plan):
    event = plan.event(lambda: plan.frame.locator(".pq-row").nth(1).click())
    assert event["event"] == "legend"
    rows = plan.js("window.pianqu.app.state.legend.rows")
    assert event["class_index"] == rows[1]["class_index"]


def test_a_found_name_is_shown_and_told(plan, frame):
    name = frame["name"][COMPOUND]
    plan.frame.fill(".pq-search input", name)
    plan.frame.wait_for_selector(".pq-hit")
    event = plan.event(lambda: plan.frame.locator(".pq-hit").first.click())
    assert (event["event"], frame["name"][event["uid"]]) == ("found", name)
    bounds = plan.js(
        "(b => [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()])(window.pianqu.map.getBounds())"
    )
    west, south, east, north = frame.geometry[event["uid"]].bounds
    assert bounds[0] < west and bounds[1] < south and bounds[2] > east and bounds[3] > north
    plan.frame.fill(".pq-search input", "没有这个")
    plan.frame.wait_for_selector(".pq-none")
    plan.frame.fill(".pq-search input", "")
