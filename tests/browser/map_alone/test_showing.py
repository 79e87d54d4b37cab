"""What the map shows, and what it asks for to show it."""

import re

import pytest

COMPOUND = "C0000012"
pytestmark = pytest.mark.browser


def test_the_map_paints_and_asks_nobody_outside(plan):
    assert len(set(plan.pixels().split("|"))) > 3
    assert plan.frame.locator(".pq-legend .pq-row").count() >= 4
    assert plan.frame.locator(".leaflet-control-attribution").inner_text() == "示例数据"
    assert plan.js("document.querySelectorAll('script[src^=http], link[href^=http]').length") == 0


def test_no_english_word_is_left_on_the_map(plan):
    words = plan.frame.locator("#map_div").inner_text()
    words += " ".join(plan.js("Array.from(document.querySelectorAll('[title]')).map(e => e.title)"))
    assert set(re.findall(r"[A-Za-z]{2,}", words)) <= {"Shift", "Esc"}


def test_recolouring_sends_no_tile_again_and_keeps_the_map(plan):
    plan.js("window.pianqu.map.marker = 1")
    plan.look(113.0, 23.0, 16)
    before, tiles, classes = plan.pixels(), len(plan.log("tile")), len(plan.log("classes"))
    plan.run(theme="investment_per_household")
    assert plan.pixels() != before
    assert len(plan.log("tile")) == tiles
    assert len(plan.log("classes")) == classes + 1
    assert plan.js("window.pianqu.map.marker") == 1
    assert plan.js("window.pianqu.map.getZoom()") == 16
    assert "元/户" in plan.frame.locator(".pq-legend").inner_text()


def test_selection_and_filter_are_a_repaint(plan):
    tiles, before = len(plan.log("tile")), plan.pixels()
    plan.run(selected=[COMPOUND])
    selected = plan.pixels()
    assert "214,0,108,255" in selected and "214,0,108,255" not in before
    plan.run(hide=0)
    assert plan.pixels() not in (before, selected)
    assert len(plan.log("tile")) == tiles


def test_a_new_revision_of_the_geometry_fetches_the_tiles_and_keeps_the_view(plan):
    plan.look(113.0, 23.0, 16)
    plan.run(rev=2)
    assert {"2"} == {line["rev"] for line in plan.log("tile")[-4:]}
    assert plan.js("window.pianqu.map.getZoom()") == 16


def test_going_where_python_says_once(plan):
    bounds = [113.0, 23.0, 113.002, 23.002]
    plan.run(fit=bounds, fit_seq=5)
    assert plan.js("window.pianqu.map.getZoom()") >= 17
    plan.look(113.0, 23.0, 14)
    plan.run(fit=bounds, fit_seq=5, theme="households")
    assert plan.js("window.pianqu.map.getZoom()") == 14


def test_low_zooms_show_counts_and_a_click_goes_nearer(plan):
    plan.look(113.0, 23.0, 7)
    assert (
        plan.js(
            "window.pianqu.app.cellAt(window.pianqu.map.latLngToContainerPoint([23.0, 113.0]))[2]"
        )
        == 300
    )
    runs = len(plan.log("run"))
    plan.press((113.0, 23.0))
    plan.js_wait("window.pianqu.map.getZoom() === 9")
    assert len(plan.log("run")) == runs


def test_layers_can_be_hidden_without_a_request(plan):
    plan.look(113.0, 23.0, 16)
    tiles, before = len(plan.log("tile")), plan.pixels()
    plan.frame.click(".pq-layers-head")
    plan.frame.uncheck("[data-layer=buildings]")
    without = plan.pixels()
    plan.frame.check("[data-layer=buildings]")
    assert without != before
    assert plan.pixels() == before
    assert len(plan.log("tile")) == tiles
    plan.frame.click(".pq-layers-head")


def test_moving_the_map_is_told_to_the_store_and_runs_no_page(plan):
    runs = len(plan.log("run"))
    plan.look(113.004, 23.001, 15)
    plan.until(lambda: plan.log("view")[-1:] and plan.log("view")[-1]["zoom"] == 15)
    assert plan.log("view")[-1]["lon"] == pytest.approx(113.004, abs=1e-3)
    assert len(plan.log("run")) == runs


def test_names_are_written_where_they_fit(plan):
    plan.look(113.0, 23.0, 12)
    assert not plan.js("window.pianqu.app.namesDrawn")
    plan.look(113.0, 23.0, 16)
    plan.js_wait("window.pianqu.app.namesDrawn > 20")
