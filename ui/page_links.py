"""Going from one page to another by a button: the session, and with it the selection, comes along."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

__all__ = ["button"]


def button(
    label: str,
    address: str,
    *,
    key: str,
    before: Callable[[], None] | None = None,
    help: str | None = None,  # noqa: A002 - as Streamlit calls it
) -> None:
    """Draw a button that looks like a link.

    Parameters
    ----------
    label : str
        Markdown.
    address : str
        Last part of the page's address, as in ``ui.pages.PAGES``.
    key : str
        Key of the button.
    before : callable, optional
        Called before the page is turned.
    help : str, optional
        Told when the pointer rests on it.
    """
    if st.button(label, key=key, type="tertiary", help=help):
        if before is not None:
            before()
        # A page is known by its address; what it draws was said once, where the pages were registered.
        st.switch_page(
            st.Page(_nothing, title=address or "总图", url_path=address, default=not address)
        )


def _nothing() -> None:
    """Stand for the page."""
