"""总图: the map with its colours, filters, card, selection, boundaries to draw, and the table."""

from __future__ import annotations

import streamlit as st

from ui import frame, map_view, session, visit
from ui.panels import conflict, drawer, filters, looks, record, selection, shaping, undrawn
from ui.scene import Scene

__all__ = ["show"]

PANELS = ("着色", "筛选", "小区", "所选", "待画")


def show(scene: Scene) -> None:
    """Draw the page."""
    if not scene.workspace.theme:
        scene.workspace.theme = looks.first_theme(scene)
    session.put(session.SCENE, scene)
    with frame.body() as places:
        with places.map:
            map_view.show(scene)
        with places.panel:
            _panel(scene)
        with places.drawer:
            drawer.show(scene)
    conflict.show_pending()
    shaping.show_pending(scene)


def _panel(scene: Scene) -> None:
    key = session.widget("panel", "tabs")
    # The panel is also turned by a click on the map, so the widget follows the workspace.
    st.session_state[key] = scene.workspace.panel if scene.workspace.panel in PANELS else PANELS[0]

    def turn() -> None:
        visit.current().panel = st.session_state[key] or scene.workspace.panel

    with st.container(key="panel_tabs"):
        st.segmented_control(
            "面板",
            PANELS,
            key=key,
            required=True,
            format_func=lambda title: _title(scene, title),
            label_visibility="collapsed",
            on_change=turn,
        )
    _SHOWN[scene.workspace.panel if scene.workspace.panel in PANELS else PANELS[0]](scene)


def _title(scene: Scene, title: str) -> str:
    if title == "所选" and scene.selection:
        return f"所选 {len(scene.selection)}"
    if title == "待画" and undrawn.count(scene):
        return f"待画 {undrawn.count(scene)}"
    return title


_SHOWN = {
    "着色": looks.show,
    "筛选": filters.show,
    "小区": record.show,
    "所选": selection.show,
    "待画": undrawn.show,
}
