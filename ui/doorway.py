"""The page as the browser first gets it, and the headers that keep it to this server.

Streamlit's own first page is English, asks for its favicon and says "Streamlit" in the tab until the
script has run. Ours is the same page in Chinese, with the style and the word list of this tool, so
that also the seconds before the first run and a lost connection speak Chinese. The
content-security policy makes "offline" a rule that the browser keeps: nothing is requested from elsewhere,
save map tiles of 天地图 where a key was given.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from layers import assets
from ui import settings

__all__ = ["DoorHeaders", "door_routes", "first_page"]

OWN = Path(__file__).parent / "assets"
APP_TITLE = "片区 · 老旧小区改造规划"
# Addresses of 天地图's tile servers t0 … t7: requested only if the planner gives a key.
TIANDITU = "https://*.tianditu.gov.cn"

POLICY = "; ".join(
    (
        "default-src 'self'",
        # streamlit-folium hands over the map as a script text; Streamlit's charts compile theirs.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        f"img-src 'self' data: blob: {TIANDITU}",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'self'",
        "frame-ancestors 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    )
)


def first_page(base: str) -> str:
    """Streamlit's first page in Chinese, with our style and word list.

    Parameters
    ----------
    base : str
        Prefix of every address, as of :func:`ui.settings.base_path`.
    """
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    page = page.replace('<html lang="en">', '<html lang="zh-CN">')
    page = re.sub(r"<title>.*?</title>", f"<title>{APP_TITLE}</title>", page)
    page = re.sub(
        r'<link rel="shortcut icon"[^>]*>',
        f'<link rel="shortcut icon" href="{base}/ui-assets/favicon.svg" />',
        page,
    )
    page = re.sub(
        r"<noscript>.*?</noscript>",
        "<noscript>请在浏览器中启用 JavaScript 后再打开本页。</noscript>",
        page,
        flags=re.DOTALL,
    )
    # The preloaded Latin font of Streamlit is not used.
    page = re.sub(r"<link\s+rel=\"preload\"[^>]*as=\"font\"[^>]*/>", "", page)
    page = page.replace("<head>", f"<head>{_where_the_server_is(base)}", 1)
    # After the theme's own styles, so that equal rules are ours.
    head = (
        f'<link rel="stylesheet" href="{base}/ui-assets/frame.css{_version("frame.css")}" />'
        f'<script src="{base}/ui-assets/page.js{_version("page.js")}" defer></script>'
    )
    return page.replace("</head>", f"{head}{_fetched_ahead(base)}</head>")


def _where_the_server_is(base: str) -> str:
    """Tell Streamlit's script where the server answers, before it runs.

    Else it takes a page's own address for the server's and asks there first, which is two errors 404 in
    the console of whoever opens a page directly, and a second of waiting.
    """
    address = f"new URL({json.dumps(base + '/')}, window.location.origin).href"
    return f"<script>window.__streamlit = {{BACKEND_BASE_URL: {address}}};</script>"


def _fetched_ahead(base: str) -> str:
    """Let the browser fetch the map's files while the page's own scripts are still starting."""
    files = (url for _, url in (*assets.MAP_SCRIPTS, *assets.MAP_STYLES))
    urls = assets.local_urls(files, f"{base}/assets/")
    return "".join(f'<link rel="prefetch" href="{url}" />' for url in urls)


def door_routes(pages: list[str]) -> list[BaseRoute]:
    """Routes of the first page under every page's address, and of the served files."""
    base = settings.base_path()

    def page(request: Request) -> Response:  # noqa: ARG001
        return HTMLResponse(first_page(base), headers={"Cache-Control": "no-cache"})

    def closed(request: Request) -> Response:  # noqa: ARG001
        return PlainTextResponse("不提供", status_code=404)

    return [
        Route(f"{base}/", page),
        *(Route(f"{base}/{name}", page) for name in pages if name),
        Route(f"{base}/robots.txt", closed),
        Mount(f"{base}/assets", StaticFiles(directory=assets.ASSETS, check_dir=False)),
        Mount(f"{base}/ui-assets", StaticFiles(directory=OWN)),
    ]


class DoorHeaders:
    """Middleware: headers of every answer, and no figures about the server for strangers.

    Parameters
    ----------
    app : ASGI application
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"].endswith("/_stcore/metrics"):
            # Streamlit answers this to everybody (frontend.md 4).
            await PlainTextResponse("不提供", status_code=404)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message), scope["path"])
            await send(message)

        await self._app(scope, receive, with_headers)


def _add_headers(headers: MutableHeaders, path: str) -> None:
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "SAMEORIGIN")
    if "/assets/" in path:
        # Addresses of these files carry a fingerprint of their content.
        headers.setdefault("Cache-Control", "public, max-age=31536000, immutable")


def _version(name: str) -> str:
    return f"?v={(OWN / name).stat().st_mtime_ns:x}"
