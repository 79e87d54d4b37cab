"""The page as the browser first gets it: Chinese, and kept to this server by its headers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tests.ui.asgi import Browser
from ui import doorway, settings
from ui.pages import PAGES


@pytest.fixture
def browser() -> Browser:
    routes = [
        *doorway.door_routes(["", "data"]),
        Route("/_stcore/metrics", lambda _: PlainTextResponse("figures")),
    ]
    return Browser(Starlette(routes=routes, middleware=[Middleware(doorway.DoorHeaders)]))


def test_the_first_page_is_chinese_and_ours(browser):
    for address in ("/", "/data"):
        page = browser.get(address).text
        assert '<html lang="zh-CN">' in page
        assert "<title>片区" in page
        assert "You need to enable JavaScript" not in page
        assert "favicon.png" not in page
        assert "frame.css" in page
        assert "page.js" in page


def test_everything_the_first_page_names_is_served(browser):
    page = browser.get("/").text
    own = re.findall(r'(?:src|href)="(/ui-assets/[^"]+)"', page)
    assert len(own) == 3
    for address in own:
        assert browser.get(address).status_code == 200, address


def test_no_address_of_the_first_page_leads_elsewhere(browser):
    page = browser.get("/").text
    page = re.sub(r"<!--.*?-->", "", page, flags=re.DOTALL)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)


def test_under_a_base_path_every_address_has_it(monkeypatch):
    monkeypatch.setenv(settings.BASE_PATH, "/renewal/")
    browser = Browser(Starlette(routes=doorway.door_routes(["", "data"])))
    page = browser.get("/renewal/").text
    own = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    assert own
    assert all(address.startswith("/renewal/") for address in own)
    assert 'BACKEND_BASE_URL: new URL("/renewal/", window.location.origin)' in page
    assert browser.get("/renewal/ui-assets/frame.css").status_code == 200
    assert browser.get("/ui-assets/frame.css").status_code == 404


def test_the_headers_let_the_browser_ask_this_server_only(browser):
    policy = browser.get("/").headers["content-security-policy"]
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert rules["default-src"] == "'self'"
    assert rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == "'self'"
    assert re.findall(r"https?://[^ ;]+", policy) == [doorway.TIANDITU]


def test_figures_about_the_server_are_not_for_strangers(browser):
    answer = browser.get("/_stcore/metrics")
    assert answer.status_code == 404
    assert "figures" not in answer.text


def test_no_folder_can_be_left(browser):
    for address in (
        "/ui-assets/../settings.py",
        "/ui-assets/%2e%2e/settings.py",
        "/assets/../../app.py",
    ):
        assert browser.get(address).status_code in {400, 404}


def test_streamlit_is_told_to_stay_quiet_and_local():
    flags = dict(flag.removeprefix("--").split("=", 1) for flag in settings.streamlit_flags(port=1))
    assert flags["browser.gatherUsageStats"] == "false"
    assert flags["server.address"] == "127.0.0.1"
    assert flags["client.showErrorDetails"] == "none"
    assert flags["server.enableStaticServing"] == "false"


def test_no_page_icon_comes_from_a_font_server():
    assert all(not entry.title.startswith(":") for entry in PAGES)
    assert next(entry.address for entry in PAGES) == ""
    assert len({entry.address for entry in PAGES}) == len(PAGES)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node to run the page's script")
def test_english_of_streamlit_is_put_into_chinese(tmp_path: Path):
    script = (Path(doorway.OWN) / "page.js").read_text("utf-8")
    inner = script[script.index("  const WORDS") : script.index("  function translate")]
    asked = [
        "Choose options",
        "200MB per file • XLSX",
        "Running...",
        "  Stop ",
        "小区 A",
        "Remove 邮电新村",
    ]
    (tmp_path / "run.js").write_text(
        f"{inner}\nconsole.log(JSON.stringify({json.dumps(asked)}.map(chinese)))"
    )
    said = subprocess.run(
        ["node", str(tmp_path / "run.js")], capture_output=True, text=True, check=True, timeout=30
    ).stdout
    assert json.loads(said) == [
        "请选择",
        "每个文件不超过 200 MB · XLSX",
        "处理中…",
        "  停止 ",
        None,
        "移除 邮电新村",
    ]
