"""The map by itself in Chromium, through the real streamlit-folium, on a page of its own."""

import json
import math
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[3]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class MapPage:
    """The stand-in page in a browser."""

    def __init__(self, page, folder, port):
        self.page, self.folder, self.port = page, folder, port
        self.outside, self.errors = [], []
        page.on("request", self._note_request)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _note_request(self, request):
        here = (f"http://127.0.0.1:{self.port}/", "data:", "blob:")
        if not request.url.startswith(here):
            self.outside.append(request.url)

    def open(self, **control):
        (self.folder / "control.json").write_text(json.dumps(control))
        self.page.goto(f"http://127.0.0.1:{self.port}/")
        self.frame = self.page.wait_for_selector("iframe", timeout=30_000).content_frame()
        self.js_wait("window.pianqu && window.pianqu.app.tiles && window.pianqu.app.tiles._classes")
        self.settle()

    def js(self, code, argument=None):
        return self.frame.evaluate(code, argument)

    def js_wait(self, code):
        self.frame.wait_for_function(code, timeout=15_000)

    def settle(self):
        """Wait until nothing is loading any more."""
        self.js_wait("!window.pianqu.app.tiles.isLoading()")
        self.page.wait_for_timeout(250)

    def log(self, kind):
        file = self.folder / "log.jsonl"
        lines = (
            [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        )
        return [line for line in lines if line["kind"] == kind]

    def run(self, **control):
        """Let Python run the page again with another state."""
        runs = len(self.log("run"))
        (self.folder / "control.json").write_text(json.dumps(control))
        self.page.get_by_role("button", name="再来").click()
        self.until(lambda: len(self.log("run")) > runs)
        self.page.wait_for_timeout(250)
        self.settle()

    def event(self, act):
        """The event that reaches Python by an act on the map."""
        before = [run["event"] for run in self.log("run")][-1:]
        act()
        self.until(lambda: [run["event"] for run in self.log("run")][-1:] != before)
        return self.log("run")[-1]["event"]

    @staticmethod
    def until(true):
        end = time.monotonic() + 10
        while not true():
            assert time.monotonic() < end, "nothing happened"
            time.sleep(0.03)

    def look(self, lon, lat, zoom):
        self.js(
            "([x, y, z]) => window.pianqu.map.setView([y, x], z, {animate: false})",
            [lon, lat, zoom],
        )
        self.page.wait_for_timeout(120)
        self.settle()

    def at(self, lon, lat):
        """Place of a point on the page, in pixels."""
        x, y = self.js(
            "([x, y]) => { const p = window.pianqu.map.latLngToContainerPoint([y, x]); return [p.x, p.y] }",
            [lon, lat],
        )
        box = self.page.locator("iframe").bounding_box()
        return x + box["x"], y + box["y"]

    def far(self, a, b):
        """Distance of two places in pixels."""
        return math.dist(self.at(*a), self.at(*b))

    def tool(self, name):
        self.frame.click(f"[data-tool={name}]")

    def press(self, *points):
        for lon, lat in points:
            self.page.mouse.click(*self.at(lon, lat))
            self.page.wait_for_timeout(60)

    def drag(self, points):
        self.page.mouse.move(*self.at(*points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.at(*point), steps=4)
        self.page.mouse.up()

    def pixels(self):
        """Colours of a grid of pixels over all tiles, as one text."""
        return self.js(
            """() => Array.from(document.querySelectorAll('.leaflet-tile')).map(c =>
            Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter(
            (v, n) => n % 404 < 4)).join()).join('|')"""
        )


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="package")
def served(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("standin"), _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "tests/browser/map_alone/app.py"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "STANDIN_FOLDER": str(folder)}
    with (folder / "server.txt").open("w") as out:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
        try:
            _wait_for(server, port, folder)
            yield folder, port
        finally:
            server.terminate()
            server.wait(10)


def _wait_for(server, port, folder):
    for _ in range(200):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.15)
    pytest.fail((folder / "server.txt").read_text())


@pytest.fixture(scope="package")
def browser():
    with sync_playwright() as playwright:
        path = os.environ.get("PIANQU_CHROMIUM", "/usr/bin/chromium")
        found = {"executable_path": path} if Path(path).exists() else {}
        with playwright.chromium.launch(args=FLAGS, **found) as chromium:
            yield chromium


@pytest.fixture(scope="package")
def shared(served, browser):
    page = browser.new_page(viewport={"width": 1034, "height": 720}, locale="zh-CN")
    mapped = MapPage(page, *served)
    mapped.open()
    yield mapped
    page.close()


@pytest.fixture
def plan(shared):
    """The map as it is after opening, whatever a test before has done to it."""
    shared.page.keyboard.press("Escape")
    shared.run()
    shared.js(
        "window.pianqu.app.setMode('select', null); window.pianqu.app.fit(window.pianqu.app.state.extent)"
    )
    shared.settle()
    yield shared
    assert shared.errors == []
    assert shared.outside == []


@pytest.fixture(scope="package")
def frame():
    from tests.browser.map_alone.town import town

    return town()["compounds"]
