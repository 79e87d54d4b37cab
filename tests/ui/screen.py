"""A page of the app without a browser: one run of it on a plan, and what can be read there."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ui import settings

PAGE = """
from ui import frame, visit
from ui.pages import PAGES

with visit.visit() as workspace:
    frame.show(workspace, next(page for page in PAGES if page.address == "{address}"))
"""


def opened(path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Run a page, by its address, with a plan open."""
    monkeypatch.setenv(settings.PLAN, str(path))
    page = AppTest.from_string(PAGE.format(address=address), default_timeout=60).run()
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    """All that can be read, except the map."""
    kinds = (page.markdown, page.caption, page.info, page.error, page.button, page.warning)
    said = [str(getattr(e, "label", "") or e.value) for kind in kinds for e in kind]
    return "\n".join([*said, *(html.body for html in page.get("html"))])
