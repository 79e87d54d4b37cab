"""Tab 设施 of 空间 as a planner uses it: see who has none, choose sites, save, find again, take back."""

from __future__ import annotations

import re

import pytest

from data import samples
from tests.browser.conftest import Window, read_copy

pytestmark = pytest.mark.browser

# Choosing takes two seconds, and a minute on a machine that has other work and nothing compiled.
LONGEST_MS = 150_000


@pytest.fixture
def town(server, tmp_path):
    """A plan of forty compounds with two facilities, one of them with a hostile name."""
    path = server.plans / f"town-{tmp_path.name}.gpkg"
    with samples.write_sample(path, "city:40:1", "示例") as plan:
        places = plan.read("compounds").geometry.representative_point()
        with plan.edit("我", "设施") as tx:
            tx.insert(
                "facilities",
                [
                    {"name": "颐养中心", "kind": "养老", "geometry": places.iloc[0]},
                    {
                        "name": "<img src=x onerror=window.hacked=1>{{7*7}}",
                        "kind": "amenity=kindergarten",
                        "geometry": places.iloc[5],
                    },
                ],
            )
    return path


def visit(window: Window, plan, view: str = "现状") -> Window:
    pages = {"space": {"tab": "设施", "sites_view": view}}
    return window.open(plan, page="space", pages=pages)


def part(window: Window, name: str) -> None:
    """Turn the tab to one of its parts."""
    tab = window.page.locator(".st-key-sites_view button").filter(has_text=re.compile(f"^{name}"))
    tab.first.click()
    window.settle()


def legend(window: Window) -> str:
    text: str = window.map.locator(".pq-legend").inner_text()
    return text


def test_from_a_gap_to_sites_that_are_saved_found_again_and_undone(window, town, tmp_path):
    visit(window, town)
    window.wait_for("老年人日间照料中心的标准")
    window.settle()
    assert "没有服务到" in legend(window) and "现有服务范围" in legend(window)

    part(window, "选址")
    window.page.get_by_role("button", name="开始选址").click()
    save = window.page.get_by_role("button", name="保存到计划")
    save.wait_for(timeout=LONGEST_MS)
    window.settle()
    assert save.bounding_box()["y"] < 700, "without scrolling"
    assert "已证明最优" in window.text()
    assert "新选址" in legend(window)
    sign = window.map.evaluate(
        "() => window.pianqu.app.overlayAt && window.pianqu.app.state.overlay.classes.map(c => c.name)"
    )
    assert "site_sign" in sign

    window.page.get_by_role("button", name="定位").nth(1).click()
    window.settle()
    assert window.page.locator(".site-row.shown").inner_text().startswith("2")
    assert window.view()[2] >= 16, "the map went there"

    save.click()
    window.wait_for("建设内容")
    window.settle()
    saved = read_copy(town, tmp_path).read("sites")
    assert len(saved) and saved["households"].notna().all()
    assert "已存选址" in legend(window)
    window.page.get_by_role("button", name="撤销").first.click()
    window.wait_for("计划里还没有选址")
    window.settle()
    assert not len(read_copy(town, tmp_path).read("sites"))
    assert window.english() == set()


def test_a_click_on_a_site_of_the_map_marks_its_row(window, town):
    visit(window, town, "选址")
    window.page.get_by_role("button", name="开始选址").click()
    window.page.locator(".site-row").first.wait_for(timeout=LONGEST_MS)
    window.settle()
    find = """() => { const m = window.pianqu.map, s = m.getSize(); for (let x = 60; x < s.x; x += 4)
      for (let y = 60; y < s.y - 60; y += 4) { const hit = window.pianqu.app.overlayAt(
      m.containerPointToLatLng([x, y]), (look) => look.name === 'site_sign');
      if (hit && hit.uid === 'site:1') return [x, y]; } return null; }"""
    x, y = window.map.evaluate(find)
    box = window.page.locator(".st-key-map iframe").bounding_box()
    window.page.mouse.click(box["x"] + x + 4, box["y"] + y + 2)
    window.until(lambda: window.page.locator(".site-row.shown").count() == 1, "the row")
    assert window.page.locator(".site-row.shown").inner_text().startswith("1")


def test_another_kind_shows_its_own_facilities_and_hostile_names_stay_text(window, town, tmp_path):
    visit(window, town)
    window.wait_for("老年人日间照料中心的标准")
    window.settle()
    window.page.locator(".st-key-panel [data-testid=stSelectbox]").first.click()
    window.page.get_by_role("option", name="幼儿园", exact=True).click()
    window.wait_for("幼儿园的标准")
    window.settle()
    assert "现有幼儿园" in legend(window)
    place = read_copy(town, tmp_path).read("facilities").geometry.iloc[1]
    window.page.mouse.move(*window.at(place.x, place.y))
    window.page.mouse.move(*(v + 1 for v in window.at(place.x, place.y)))
    window.map.wait_for_selector(".pq-tip:not([hidden])")
    assert "<img src=x" in window.map.locator(".pq-tip").inner_text()
    assert window.map.evaluate("window.hacked") is None
    assert window.page.evaluate("window.hacked") is None
