"""Buttons side by side of which one is down: tabs of a panel, views of a tab, parts of a view."""

from __future__ import annotations

from collections.abc import Callable, Collection

import streamlit as st

__all__ = ["switch"]


def switch(
    label: str,
    options: Collection[str],
    held: str | None,
    keep: Callable[[str], None],
    *,
    key: str,
    place: str,
    write: Callable[[str], str] = str,
) -> str:
    """Draw the buttons; what is down is the workspace's word, which other buttons may turn too.

    Parameters
    ----------
    label : str
        For readers of the screen; not shown.
    options : collection of str
        In their order.
    held : str or None
        What the workspace holds; the first option where it holds none of them.
    keep : callable
        Takes the option that the planner presses.
    key, place : str
        Of the widget, and of the container for the style sheet.
    write : callable
        Words on the button of an option.

    Returns
    -------
    str
        The option that is down.
    """
    shown = held if held in options else next(iter(options))
    st.session_state[key] = shown
    with st.container(key=place):
        st.segmented_control(
            label,
            list(options),
            key=key,
            required=True,
            format_func=write,
            label_visibility="collapsed",
            on_change=lambda: keep(st.session_state[key] or shown),
        )
    return shown
