"""片区: the map in the colours of the 片区, their list and totals, making them by hand or by a proposal."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import streamlit as st

from data.proposing import is_stale
from ui import frame, map_view, pianqu_hands, pianqu_page, pianqu_search, session
from ui.panels import (
    conflict,
    pianqu_assign,
    pianqu_auto,
    pianqu_compare,
    pianqu_drawer,
    pianqu_list,
    shaping,
)
from ui.panels.switch import switch
from ui.pianqu_proposal import basis_of
from ui.pianqu_scene import PianquScene
from ui.scene import Scene

__all__ = ["show"]

STYLE = Path(__file__).parents[1] / "assets" / "pianqu.css"
_SHOWN = {
    pianqu_page.LIST: pianqu_list.show,
    pianqu_page.ASSIGN: pianqu_assign.show,
    pianqu_page.PROPOSE: pianqu_auto.show,
}


def show(scene: Scene) -> None:
    """Draw the page."""
    tab = pianqu_page.tab()
    if tab == pianqu_page.PROPOSE:
        # Before the map is drawn, so that it shows what the search has found.
        pianqu_search.settle(scene)
    page = _coloured(scene, tab)
    session.put(session.SCENE, page)
    st.html(STYLE)
    with frame.body() as places:
        if tab == pianqu_page.COMPARE:
            with places.panel:
                _tabs(page, tab)
            pianqu_compare.show(page, places)
        else:
            _one_map(page, tab, places)
    conflict.show_pending()
    shaping.show_pending(page)
    if tab == pianqu_page.PROPOSE:
        pianqu_search.poll(scene)


def _one_map(page: PianquScene, tab: str, places: frame.Body) -> None:
    with places.map:
        map_view.show(page)
    with places.panel:
        _tabs(page, tab)
        _SHOWN[tab](page)
    with places.drawer:
        pianqu_drawer.show(page)


def _coloured(scene: Scene, tab: str) -> PianquScene:
    given = {part.name: getattr(scene, part.name) for part in fields(Scene)}
    proposal = pianqu_page.proposal(scene) if tab == pianqu_page.PROPOSE else None
    # Rows of the plan may be others by now: what is stale is not drawn over them.
    if proposal is not None and is_stale(proposal, basis_of(scene.loaded, scene.view)):
        proposal = None
    gathers = tab == pianqu_page.ASSIGN
    pending = pianqu_hands.pending(scene) if gathers else None
    return PianquScene(**given, proposal=proposal, pending=pending, gathers=gathers)


def _tabs(scene: Scene, tab: str) -> None:
    switch(
        "面板",
        pianqu_page.TABS,
        tab,
        pianqu_page.turn,
        key=session.widget("pianqu", "tabs"),
        place="panel_tabs",
        write=lambda title: _title(scene, title),
    )


def _title(scene: Scene, title: str) -> str:
    if title == pianqu_page.LIST and len(scene.view.pianqu):
        return f"{title} {len(scene.view.pianqu):,}"
    if title == pianqu_page.ASSIGN and scene.selection:
        return f"{title} {len(scene.selection):,}"
    return title
