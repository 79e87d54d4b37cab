"""The whole tool in Chromium: served as `pianqu serve` does, offline, on an office screen.

Each test gets a plan file of its own and a window that counts what it asks of other hosts, collects the errors
of its console and can tell what English stands on the page.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Frame, Page, sync_playwright

from data import samples
from data.store import Plan, open_plan
from ui import settings
from ui.workspace import Workspace, WorkspaceStore, new_id

ROOT = Path(__file__).parents[2]
SCREEN = {"width": 1366, "height": 768}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Chromium on what Streamlit asks of frames; nothing of ours.
HARMLESS = ("Unrecognized feature:", "An iframe which has both allow-scripts")
# Latin words that planners read: formats, systems, keys, axes.
LATIN = {
    "EPSG",
    "CGCS",
    "GeoJSON",
    "GeoPackage",
    "Shapefile",
    "Shift",
    "Esc",
    "Enter",
    "Ctrl",
    "xlsx",
    "csv",
}


class Server:
    """The server, its plans and its workspaces."""

    def __init__(self, folder: Path) -> None:
        self.plans, self.state = folder / "plans", folder / "state"
        self.plans.mkdir()
        self.state.mkdir()
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}/"
        environment = {
            **os.environ,
            settings.PLANS: str(self.plans),
            settings.STATE: str(self.state),
            settings.ACTOR: "测试员",
        }
        flags = settings.streamlit_flags(port=self.port)
        self.log = folder / "server.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), *flags],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait()

    def _wait(self) -> None:
        for _ in range(240):
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.address}_stcore/health", timeout=1)
            except OSError:
                time.sleep(0.25)
            else:
                return
        self.process.kill()
        self.process.wait(20)
        pytest.fail(f"the server did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)

    def workspace(self, plan: Path | None, **state: Any) -> str:
        """A workspace that has the plan open, as if the planner had left it so; returns its id."""
        workspace = Workspace(
            wid=new_id(),
            plan=str(plan) if plan else "",
            actor=state.pop("actor", "测试员"),
            **state,
        )
        WorkspaceStore(self.state / "workspaces.sqlite").save(workspace)
        return workspace.wid


class Window:
    """A planner's window."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page, self.server = page, server
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.on("request", self._note_request)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note_console)

    def _note_request(self, request: Any) -> None:
        host = f"//127.0.0.1:{self.server.port}/"
        if not re.match(rf"(http:|ws:){re.escape(host)}|data:|blob:", request.url):
            self.outside.append(request.url)

    def _note_console(self, message: Any) -> None:
        if message.type == "error" and not message.text.startswith(HARMLESS):
            self.errors.append(f"{message.text} {message.location.get('url', '')}".strip())

    def open(self, plan: Path | None, *, page: str = "", **state: Any) -> Window:
        """Open a plan on a page, in a workspace of its own."""
        wid = self.server.workspace(plan, **state)
        self.page.goto(f"{self.server.address}{page}?w={wid}")
        self.settle()
        return self

    def settle(self) -> None:
        """Wait until the script has run and the map has drawn."""
        quiet = '[data-testid="stApp"][data-test-script-state="notRunning"]'
        end = time.monotonic() + 45
        calm = 0
        state: Any = None
        while calm < 3:
            if time.monotonic() > end:
                pytest.fail(
                    f"the page does not come to rest: {state}\n{self.server.log.read_text()[-3000:]}"
                )
            self.page.wait_for_timeout(90)
            state = [self.page.locator(quiet).count(), *self._map_state()]
            calm = calm + 1 if all(state) else 0

    def _map_state(self) -> list[bool]:
        """Whether the map has its classes and its tiles; nothing where there is no map."""
        for frame in self.page.frames:
            if "streamlit_folium" in frame.url:
                try:
                    found: list[bool] = frame.evaluate(MAP_STATE)
                except Error:
                    return [False]  # just going, or just coming
                return found
        return [self.page.locator(".st-key-chooser, .st-key-panel, .st-key-strip").count() > 0]

    @property
    def map(self) -> Frame:
        """The frame of the map, once the map is in it: a run may be putting a new one in its place."""
        end = time.monotonic() + 40
        while True:
            element = self.page.wait_for_selector(".st-key-map iframe", timeout=30_000)
            frame = element.content_frame() if element else None
            try:
                if frame is not None and frame.evaluate(MAP_STATE)[0]:
                    return frame
            except Error:
                pass  # just going, or just coming
            if time.monotonic() > end:
                pytest.fail(f"the map does not come; the page says:\n{self.text()}")
            self.page.wait_for_timeout(120)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a point of the ground is on the screen."""
        x, y = self.map.evaluate(
            "([lon, lat]) => { const p = window.pianqu.map.latLngToContainerPoint([lat, lon]); return [p.x, p.y]; }",
            [lon, lat],
        )
        box = self.page.locator(".st-key-map iframe").bounding_box()
        assert box is not None
        return box["x"] + x, box["y"] + y

    def view(self) -> list[float]:
        """Longitude, latitude and zoom of the map."""
        found: list[float] = self.map.evaluate(
            "() => { const m = window.pianqu.map, c = m.getCenter(); return [c.lng, c.lat, m.getZoom()]; }"
        )
        return found

    def click(self, shape: Any, *, shift: bool = False) -> None:
        """Click on the middle of a shape."""
        point = shape.representative_point()
        x, y = self.at(point.x, point.y)
        if shift:
            self.page.keyboard.down("Shift")
        self.page.mouse.click(x, y)
        if shift:
            self.page.keyboard.up("Shift")
        self.settle()

    def drag(self, tool: str, ground: list[tuple[float, float]]) -> None:
        """Take a tool and drag it over points of the ground."""
        self.map.click(f"[data-tool={tool}]")
        self.map.wait_for_function(
            "tool => window.pianqu.map.getContainer().dataset.mode === tool", arg=tool
        )
        points = [self.at(*point) for point in ground]
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*point, steps=4)
        self.page.mouse.up()
        self.settle()

    def draw(self, ground: list[tuple[float, float]]) -> None:
        """Click corner by corner with the tool in hand, and end with a double click."""
        for point in ground[:-1]:
            self.page.mouse.click(*self.at(*point))
            self.page.wait_for_timeout(150)
        self.page.mouse.dblclick(*self.at(*ground[-1]))
        self.settle()

    def press(self, name: str, *, last: bool = False) -> None:
        """Press a button by its words."""
        buttons = self.page.get_by_role("button", name=name, exact=True)
        (buttons.last if last else buttons.first).click()
        self.settle()

    def panel(self, name: str) -> None:
        """Turn the panel."""
        tab = self.page.locator(".st-key-panel_tabs button").filter(has_text=re.compile(f"^{name}"))
        tab.first.click()
        self.settle()

    def fill(self, label: str, value: str) -> None:
        """Fill a field by its label."""
        self.page.get_by_role("textbox", name=label, exact=True).fill(value)

    def text(self) -> str:
        """All that can be read on the page, the map's frame not included."""
        return self.page.locator("body").inner_text()

    def card(self) -> dict[str, str]:
        """The open card, title to value."""
        cells: list[list[str]] = self.page.evaluate(
            "() => [...document.querySelectorAll('.st-key-panel table.record tr')]"
            ".map(row => [...row.cells].map(cell => cell.innerText))"
        )
        return {cell[0]: cell[1] for cell in cells if len(cell) == 2}

    def wait_for(self, text: str) -> None:
        """Wait until words stand on the page."""
        self.page.wait_for_function(
            "text => document.body.innerText.includes(text)", arg=text, timeout=40_000
        )

    def shows(self, title: str, value: str) -> None:
        """Wait until a line of the card, or of the totals, has a value."""
        self.until(lambda: self.card().get(title) == value, f"{title} {value}")

    def until(self, true: Callable[[], bool], what: str = "it") -> None:
        """Wait until something holds: on a busy machine a run begins well after the click."""
        end = time.monotonic() + 40
        while not true():
            if time.monotonic() > end:
                pytest.fail(f"{what} did not come; the page says:\n{self.text()}")
            self.page.wait_for_timeout(120)

    def english(self) -> set[str]:
        """Latin words that can be seen, on the page and in its frames."""
        words: set[str] = set()
        for frame in self.page.frames:
            for text in frame.evaluate(VISIBLE_TEXT):
                words |= set(re.findall(r"[A-Za-z]{3,}", text))
        return words - LATIN

    def shot(self, path: Path) -> None:
        self.page.screenshot(path=path)


MAP_STATE = """() => {
  const tiles = window.pianqu && window.pianqu.app.tiles;
  return [Boolean(tiles), Boolean(tiles && tiles._classes), Boolean(tiles) && !tiles.isLoading()];
}"""

# Texts that are seen, and what a pointer or a reader of the screen is told.
VISIBLE_TEXT = """() => {
  const said = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!element || element.closest('script, style, noscript, [data-testid="stIconMaterial"]')) continue;
    if (!element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true})) continue;
    if (node.nodeValue.trim()) said.push(node.nodeValue);
  }
  document.querySelectorAll('[placeholder], [title]').forEach((element) => {
    if (!element.checkVisibility()) return;
    said.push(element.getAttribute('placeholder') || '', element.getAttribute('title') || '');
  });
  return said;
}"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("served"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chrome(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def office(chrome: Browser) -> BrowserContext:
    """A browser that keeps what it has fetched: the second window need not fetch the font again."""
    return _context(chrome)


def _context(chrome: Browser) -> BrowserContext:
    context = chrome.new_context(viewport=SCREEN, locale="zh-CN")
    context.set_default_timeout(40_000)
    return context


@pytest.fixture
def window(office: BrowserContext, server: Server) -> Iterator[Window]:
    """One window; at the end it has asked no other host and raised no error."""
    made = Window(office.new_page(), server)
    yield made
    made.page.close()
    assert (made.outside, made.errors) == ([], [])


@pytest.fixture
def windows(server: Server, chrome: Browser) -> Iterator[Callable[[], Window]]:
    """Make windows, each in a browser of its own, as of another planner."""
    contexts: list[BrowserContext] = []
    made: list[Window] = []

    def make() -> Window:
        contexts.append(_context(chrome))
        made.append(Window(contexts[-1].new_page(), server))
        return made[-1]

    yield make
    for context in contexts:
        context.close()
    assert [(window.outside, window.errors) for window in made] == [([], [])] * len(made)


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan of 云城区, to be copied."""
    path = tmp_path_factory.mktemp("sample") / "sample.gpkg"
    samples.write_sample(path, "yuncheng-2024", "示例").close()
    return path


@pytest.fixture
def plan_file(server: Server, sample_file: Path, request: pytest.FixtureRequest) -> Path:
    """A plan of 云城区 for this test alone."""
    # Never over a file that the server holds: a test may be tried twice.
    name = re.sub(r"\W", "_", f"{request.node.name}_{time.monotonic_ns()}")
    return Path(shutil.copy(sample_file, server.plans / f"{name}.gpkg"))


@pytest.fixture
def compounds(sample_file: Path) -> Any:
    """Compounds of the plan as it is at first, by name."""
    with open_plan(sample_file) as plan:
        frame = plan.read("compounds")
    return frame.reset_index().set_index("name")


def read_copy(path: Path, folder: Path) -> Plan:
    """The plan as it is now, from a copy: the server's process holds the file itself."""
    return open_plan(shutil.copy(path, folder / f"copy-{time.monotonic_ns()}.gpkg"))
