"""Drawing, editing and splitting on the map."""

import pytest
from shapely.geometry import shape

from tests.browser.map_alone.town import IN_PARTS

COMPOUND = "C0000012"

pytestmark = pytest.mark.browser


def _corners(frame, uid):
    return list(frame.geometry[uid].geoms[0].exterior.coords)


def test_a_drawn_boundary_snaps_to_its_neighbours_corners(plan, frame):
    corners = _corners(frame, COMPOUND)
    plan.look(*frame.geometry[COMPOUND].centroid.coords[0], 18)
    plan.run(
        target={"uid": "X1", "name": "未落图小区", "version": 1, "has_boundary": False}, mode="draw"
    )
    assert "未落图小区" in plan.frame.locator(".pq-bar").inner_text()
    (x, y), (away_x, away_y) = corners[0], corners[2]
    outside = (
        (x + (x - away_x) * 0.3, y + (y - away_y) * 0.1),
        (x + (x - away_x) * 0.1, y + (y - away_y) * 0.4),
    )
    px, py = plan.at(x, y)
    plan.page.mouse.move(px + 30, py + 30)
    plan.page.mouse.move(px + 5, py + 4, steps=5)
    plan.page.mouse.click(px + 5, py + 4)
    plan.press(*outside)

    event = plan.event(lambda: plan.frame.get_by_text("完成", exact=True).click())
    assert (event["event"], event["target"]) == ("drawn", "X1")
    drawn = shape(event["geometry"])
    assert drawn.is_valid and len(drawn.exterior.coords) == 4
    corners = {
        (round(lon, 9), round(lat, 9))
        for other in frame.geometry
        for lon, lat in other.geoms[0].exterior.coords
    }
    snapped = [corner for corner in drawn.exterior.coords[:-1] if corner in corners]
    assert len(snapped) == 1
    assert plan.far(snapped[0], (x, y)) < 20, "in pixels"


def test_a_boundary_that_would_cross_itself_is_refused_with_a_word(plan, frame):
    plan.look(113.02, 23.02, 17)
    plan.tool("draw")
    plan.press((113.02, 23.02), (113.022, 23.02), (113.022, 23.021))
    plan.page.mouse.move(*plan.at(113.021, 23.0185), steps=4)
    plan.press((113.021, 23.0185))
    assert "不能自相交" in plan.frame.locator(".pq-message").inner_text()
    event = plan.event(lambda: plan.page.keyboard.press("Escape"))
    assert event["event"] == "cancel"


def test_a_corner_can_be_moved_and_the_version_goes_with_it(plan, frame):
    plan.run(
        target={"uid": COMPOUND, "name": "甲", "version": 3, "has_boundary": True},
        selected=[COMPOUND],
    )
    plan.look(*frame.geometry[COMPOUND].centroid.coords[0], 18)
    plan.tool("edit")
    plan.frame.wait_for_selector(".marker-icon:not(.marker-icon-middle)")
    x, y = _corners(frame, COMPOUND)[1]
    px, py = plan.at(x, y)
    plan.page.mouse.move(px, py)
    plan.page.mouse.down()
    plan.page.mouse.move(px + 25, py - 30, steps=6)
    plan.page.mouse.up()
    event = plan.event(lambda: plan.frame.get_by_text("完成", exact=True).click())
    assert (event["event"], event["uid"], event["version"]) == ("edited", COMPOUND, 1)
    edited = shape(event["geometry"])
    old = {(round(a, 9), round(b, 9)) for a, b in _corners(frame, COMPOUND)}
    new = set(edited.geoms[0].exterior.coords)
    assert edited.geom_type == "MultiPolygon"
    assert len(old - new) == 1, "only the corner that was moved has changed"


def test_all_parts_of_a_boundary_can_be_moved_and_none_is_lost(plan, frame):
    plan.run(target={"uid": IN_PARTS, "name": "甲", "version": 1, "has_boundary": True})
    first, second = frame.geometry[IN_PARTS].geoms
    plan.look(second.centroid.x, second.centroid.y, 18)
    plan.tool("edit")
    plan.frame.wait_for_selector(".marker-icon:not(.marker-icon-middle)")
    px, py = plan.at(*second.exterior.coords[1])
    plan.page.mouse.move(px, py)
    plan.page.mouse.down()
    plan.page.mouse.move(px + 20, py + 25, steps=6)
    plan.page.mouse.up()
    event = plan.event(lambda: plan.frame.get_by_text("完成", exact=True).click())
    edited = shape(event["geometry"])
    assert len(edited.geoms) == 2
    assert edited.geoms[0].equals_exact(first, 1e-9)
    assert not edited.geoms[1].equals_exact(second, 1e-6)


def test_finishing_without_a_change_saves_nothing(plan, frame):
    plan.run(target={"uid": COMPOUND, "name": "甲", "version": 3, "has_boundary": True})
    plan.tool("edit")
    plan.frame.wait_for_selector(".marker-icon:not(.marker-icon-middle)")
    event = plan.event(lambda: plan.frame.get_by_text("完成", exact=True).click())
    assert event["event"] == "cancel"
    assert "没有变化" in plan.frame.locator(".pq-message").inner_text()


def test_editing_needs_a_chosen_compound_and_says_so(plan):
    plan.tool("edit")
    assert "先在图上单击选中" in plan.frame.locator(".pq-message").inner_text()
    assert plan.js("window.pianqu.app.mode") == "select"


def test_a_line_of_splitting_is_told(plan, frame):
    target = {"uid": COMPOUND, "name": "甲", "version": 1, "has_boundary": True}
    plan.look(*frame.geometry[COMPOUND].centroid.coords[0], 18)
    plan.run(target=target, mode="split", mode_seq=1)
    plan.frame.wait_for_selector(".pq-bar:not([hidden])")
    west, south, east, north = frame.geometry[COMPOUND].bounds
    middle = (south + north) / 2
    plan.press((west - 0.0002, middle), (east + 0.0002, middle))
    event = plan.event(lambda: plan.frame.get_by_text("完成", exact=True).click())
    assert (event["event"], event["uid"], event["version"]) == ("split", COMPOUND, 1)
    line = shape(event["line"])
    assert line.geom_type == "LineString" and line.crosses(frame.geometry[COMPOUND])
