"""Which compounds a file or a sheet holds: all, those the filters leave, or the selected ones."""

from __future__ import annotations

import streamlit as st

from ui import filtering, session
from ui.scene import Scene
from ui.words import grouped

__all__ = ["ALL", "chosen_uids", "show"]

ALL, SHOWN, SELECTED = "全部", "筛选后", "所选"


def show(scene: Scene, panel: str) -> str:
    """Draw the choice; returns it. What would be the same as all is not offered."""
    counts = {ALL: len(scene.view.frame)}
    if filtering.active(scene.workspace.filters):
        counts[SHOWN] = int(scene.shown.sum())
    if scene.selection:
        counts[SELECTED] = len(scene.selection)
    key = session.widget(panel, "range")
    if st.session_state.get(key) not in counts:
        st.session_state[key] = ALL
    return st.segmented_control(
        "范围",
        list(counts),
        key=key,
        required=True,
        format_func=lambda name: f"{name} {grouped(counts[name])}",
    )


def chosen_uids(scene: Scene, choice: str) -> tuple[str, ...] | None:
    """Ids of the choice; None for all."""
    if choice == SELECTED:
        return tuple(scene.selection)
    if choice == SHOWN:
        return tuple(scene.view.frame.index[scene.shown])
    return None
