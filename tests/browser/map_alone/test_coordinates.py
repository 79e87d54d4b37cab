"""Places, lengths and areas as the map tells them."""

import re

import pyproj
import pytest

pytestmark = pytest.mark.browser


def test_the_plane_coordinates_are_those_of_proj_within_a_centimetre(plan):
    transformer = pyproj.Transformer.from_crs(4490, 4546, always_xy=True)  # 3° zone of 111° E
    points = [
        [lon, lat] for lon in (109.5, 110.2, 111.0, 112.5) for lat in (3.0, 18.2, 22.9, 39.9, 53.5)
    ]
    here = plan.js(
        "points => points.map(([lon, lat]) => { const p = window.Pianqu.geo.gaussKruger(lon, lat, 111);"
        " return [p.y, p.x] })",
        points,
    )
    for (lon, lat), found in zip(points, here, strict=True):
        assert found == pytest.approx(transformer.transform(lon, lat), abs=0.001)


def test_lengths_and_areas_are_those_on_the_ellipsoid(plan):
    geod = pyproj.Geod(a=6378137, rf=298.257222101)
    ring = [[113.0, 22.9], [113.02, 22.9], [113.025, 22.92], [113.0, 22.93]]
    as_points = "points => points.map(([lng, lat]) => ({lng, lat}))"
    area = plan.js(f"p => window.Pianqu.geo.areaM2(({as_points})(p))", ring)
    length = plan.js(f"p => window.Pianqu.geo.lengthM(({as_points})(p))", ring)
    lons, lats = zip(*ring, strict=True)
    assert area == pytest.approx(abs(geod.polygon_area_perimeter(lons, lats)[0]), rel=1e-5)
    assert length == pytest.approx(geod.line_length(lons, lats), rel=1e-6)


def test_the_pointer_tells_its_place_in_degrees_and_metres(plan):
    plan.look(113.0, 23.0, 15)
    plan.page.mouse.move(*plan.at(113.0, 23.0))
    plan.page.wait_for_timeout(100)
    text = plan.frame.locator(".pq-place").inner_text()
    assert "112.99" in text or "113.00" in text
    assert "第 37 带" in text and re.search(r"X 254\d{4}\.\d\d  Y 70[45]\d{3}\.\d\d 米", text)


def test_measuring_shows_length_and_area_in_chinese(plan):
    plan.look(113.0, 23.0, 16)
    plan.tool("measure")
    plan.press((113.0, 23.0), (113.002, 23.0), (113.002, 23.002))
    text = plan.frame.locator(".pq-readout").inner_text()
    assert "长度 426.5 米" in text or "长度 42" in text
    assert "㎡" in text
    plan.page.keyboard.press("Escape")
    assert plan.js("window.pianqu.app.mode") == "select"
