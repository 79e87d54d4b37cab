"""Ways into the tool that other tests do not take: a page's own address first, a base map of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from playwright.sync_api import Browser, Request, Response

from data.store import open_plan
from tests.browser.conftest import SCREEN, Server, Window
from ui.pages import PAGES

pytestmark = pytest.mark.browser

GREEN = (40, 160, 60)


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.stop()


@pytest.mark.parametrize(("address", "title"), [("pianqu", "片区"), ("data", "数据")])
def test_a_page_may_be_the_first_that_a_server_shows(
    chrome: Browser, fresh_server: Server, plan_file: Path, address: str, title: str
) -> None:
    page = chrome.new_page(viewport=SCREEN)
    window = Window(page, fresh_server)
    window.open(plan_file, page=address)
    assert page.locator('[data-testid="stTopNavLink"][aria-current="page"]').inner_text() == title
    assert page.locator('[data-testid="stSidebar"]').count() == 0
    assert page.locator(".st-key-panel").count() == 1
    page.close()


@pytest.mark.parametrize("address", [entry.address for entry in PAGES])
def test_nothing_that_a_directly_opened_page_asks_for_is_missing(
    window: Window, plan_file: Path, address: str
) -> None:
    missing: list[str] = []

    def note(request: Request) -> None:
        # The map itself gives up names of a place that it has left.
        if request.failure != "net::ERR_ABORTED":
            missing.append(f"{request.failure} {request.url}")

    def look(answer: Response) -> None:
        if answer.status >= 400:
            missing.append(f"{answer.status} {answer.url}")

    window.page.on("requestfailed", note)
    window.page.on("response", look)
    window.open(plan_file, page=address)
    assert missing == []


def _geotiff(path: Path, bounds: tuple[float, float, float, float]) -> Path:
    west, south, east, north = bounds
    pixels = np.empty((3, 64, 64), np.uint8)
    for band, value in enumerate(GREEN):
        pixels[band] = value
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=64,
        height=64,
        count=3,
        dtype="uint8",
        crs="EPSG:4490",
        transform=Affine((east - west) / 64, 0, west, 0, (south - north) / 64, north),
    ) as file:
        file.write(pixels)
    return path


def test_a_picture_of_ones_own_lies_under_the_plan(
    window: Window, plan_file: Path, tmp_path: Path
) -> None:
    with open_plan(plan_file) as plan:
        west, south, east, north = plan.extent()
        picture = _geotiff(
            tmp_path / "影像.tif", (west - 0.1, south - 0.1, east + 0.1, north + 0.1)
        )
        with plan.edit("测试员", "底图") as tx:
            tx.set_setting("base_raster", str(picture))
            tx.set_setting("attribution", "© 测试影像 <img src=x>")
    window.open(plan_file)
    frame = window.map
    frame.wait_for_function(
        "() => { const i = document.querySelector('img.leaflet-tile-loaded');"
        " return i && i.naturalWidth === 256 && i.src.includes('/raster/'); }",
        timeout=20_000,
    )
    seen = frame.evaluate(
        "() => { const i = document.querySelector('img.leaflet-tile-loaded');"
        " const c = document.createElement('canvas'); c.width = c.height = 1;"
        " const x = c.getContext('2d'); x.drawImage(i, 128, 128, 1, 1, 0, 0, 1, 1);"
        " return Array.from(x.getImageData(0, 0, 1, 1).data.slice(0, 3)); }"
    )
    assert np.allclose(seen, GREEN, atol=3)
    said = frame.locator(".leaflet-control-attribution").inner_text()
    assert "© 测试影像 <img src=x>" in said
