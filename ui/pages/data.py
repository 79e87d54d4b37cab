"""数据: ledgers and boundaries in, what is missing, checks, history, and the plan's settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from ui import frame, import_job, map_view, session, visit
from ui.panels import (
    conflict,
    data_boundaries,
    data_boundary_tables,
    data_check,
    data_history,
    data_ledger,
    data_ledger_tables,
    data_missing,
    data_settings,
    data_tables,
    looks,
    shaping,
)
from ui.panels.switch import switch
from ui.scene import Scene

__all__ = ["show"]

PAGE = "data"
STYLE = Path(__file__).parents[1] / "assets" / "data.css"


@dataclass(frozen=True, kw_only=True)
class _Tab:
    panel: Callable[[Scene], None]
    tables: Callable[[Scene], None] = data_tables.nothing


TABS = {
    "台账": _Tab(panel=data_ledger.show, tables=data_ledger_tables.show),
    "边界": _Tab(panel=data_boundaries.show, tables=data_boundary_tables.show),
    "待补": _Tab(panel=data_missing.show),
    "检查": _Tab(panel=data_check.show),
    "记录": _Tab(panel=data_history.show, tables=data_history.tables),
    "设置": _Tab(panel=data_settings.show),
}


def show(scene: Scene) -> None:
    """Draw the page."""
    st.html(STYLE)
    if not scene.workspace.theme:
        scene.workspace.theme = looks.first_theme(scene)
    session.put(session.SCENE, scene)
    if import_job.settle():
        # The scene was seen before the work was done.
        st.rerun()
    with frame.body() as places:
        with places.map:
            map_view.show(scene)
        with places.panel:
            tab = TABS[_chosen(scene)]
            head = st.container()
        # The tables first: what is chosen in them is counted in the panel.
        with places.drawer:
            tab.tables(scene)
        with head:
            tab.panel(scene)
    conflict.show_pending()
    shaping.show_pending(scene)
    import_job.poll()


def _chosen(scene: Scene) -> str:
    return switch(
        "步骤",
        TABS,
        scene.workspace.pages.get(PAGE, {}).get("tab"),
        _turn,
        key=session.widget("data", "tabs"),
        place="panel_tabs",
        write=lambda title: _title(scene, title),
    )


def _turn(to: str) -> None:
    visit.current().pages.setdefault(PAGE, {})["tab"] = to


def _title(scene: Scene, title: str) -> str:
    missing = data_missing.count(scene) if title == "待补" else 0
    return f"{title} {missing:,}" if missing else title
