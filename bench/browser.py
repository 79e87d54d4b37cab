"""A real Chromium on a served page, with what it fetches counted."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Frame, Page, sync_playwright

__all__ = ["FRAME", "Watched", "opened", "painted_twice"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# No GPU and no calls home: the machine that measures may have neither a card nor a network.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WINDOW = {"width": 1366, "height": 768}
FRAME = "streamlit_folium"


@dataclass
class Watched:
    """A page and the bytes that came for it, over HTTP and over the websocket."""

    page: Page
    http_bytes: int = 0
    socket_bytes: int = 0
    began: float = field(default_factory=time.perf_counter)

    @property
    def received(self) -> int:
        """Both together."""
        return self.http_bytes + self.socket_bytes

    def map_frame(self, limit_s: float) -> Frame:
        """Wait for the map's frame and return it."""
        handle = self.page.wait_for_selector(
            f"iframe[src*={FRAME}], iframe[title*={FRAME}]",
            timeout=limit_s * 1000,
            state="attached",
        )
        frame = handle.content_frame()
        if frame is None:
            raise RuntimeError("the map has no frame")
        return frame


@contextmanager
def opened(port: int) -> Iterator[Watched]:
    """Open the page of a port in a browser that has never been there."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_executable(), args=list(ARGUMENTS))
        page = browser.new_page(viewport=WINDOW)
        watched = Watched(page)
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")

        def count(event: dict) -> None:
            watched.http_bytes += event["encodedDataLength"]

        network.on("Network.loadingFinished", count)

        def listen(socket: object) -> None:
            def add(payload: str | bytes) -> None:
                watched.socket_bytes += len(payload)

            socket.on("framereceived", add)  # type: ignore[attr-defined]

        page.on("websocket", listen)
        watched.began = time.perf_counter()
        page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
        yield watched
        browser.close()


def painted_twice(frame: Frame) -> None:
    """Wait until the browser has drawn: two animation frames."""
    frame.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def _executable() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise RuntimeError("no Chromium: run `make chromium`")
    return found
