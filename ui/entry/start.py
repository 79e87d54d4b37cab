"""What Streamlit runs for every session: the frame, and in it the page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ui import frame, visit
from ui.pages import PAGES, PageEntry

__all__: list[str] = []


def _page(entry: PageEntry) -> Callable[[], None]:
    def draw() -> None:
        with visit.visit() as workspace:
            frame.show(workspace, entry)

    return draw


def _run() -> None:
    # An emoji or :material: icon here would be asked from a font server.
    st.set_page_config(page_title="片区", page_icon=str(frame.FAVICON), layout="wide")
    st.navigation(
        [
            st.Page(
                _page(entry), title=entry.title, url_path=entry.address, default=not entry.address
            )
            for entry in PAGES
        ],
        position="top",
    ).run()


_run()
