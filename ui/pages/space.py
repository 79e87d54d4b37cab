"""空间: open ground and what was taken off it, stalls laid out and checked, demand, facilities."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import streamlit as st

from ui import (
    frame,
    map_view,
    search,
    session,
    space_ground,
    space_overlay,
    space_page,
    space_settings,
)
from ui.panels import conflict, shaping, space_demand, space_drawer, space_scope
from ui.panels import space_ground as ground_panel
from ui.panels.switch import switch
from ui.scene import Scene
from ui.space_scene import PLAIN, SHORTAGE, SpaceScene
from ui.space_scope import Scope, scope_of

__all__ = ["show"]

STYLE = Path(__file__).parents[1] / "assets" / "space.css"
_SHOWN = {
    space_page.GROUND: ground_panel.show,
    space_page.DEMAND: space_demand.show,
}


def show(scene: Scene) -> None:
    """Draw the page."""
    st.html(STYLE)
    tab, scope = space_page.tab(), scope_of(scene)
    if tab == space_page.GROUND:
        # Before the map is drawn, so that it shows what has been worked out.
        space_ground.seek(scene, scope)
    page = _drawn(scene, scope, tab)
    session.put(session.SCENE, page)
    with frame.body() as places:
        with places.map:
            map_view.show(page)
        with places.panel:
            _tabs(tab)
            space_scope.show(page, scope)
            _SHOWN[tab](page, scope)
        with places.drawer:
            space_drawer.show(page, scope)
    conflict.show_pending()
    shaping.show_pending(page)
    if tab == space_page.GROUND:
        search.poll(space_ground.KIND, scene)


def _drawn(scene: Scene, scope: Scope, tab: str) -> SpaceScene:
    given: dict[str, Any] = {part.name: getattr(scene, part.name) for part in fields(Scene)}
    if tab == space_page.GROUND:
        given["overlay"] = _ground(scene, scope)
    return SpaceScene(
        **given,
        theme=SHORTAGE if tab == space_page.DEMAND else PLAIN,
        asked=space_settings.draft(scene.view),
    )


def _ground(scene: Scene, scope: Scope) -> Any:
    found = space_ground.found(scene, scope)
    if found is None:
        return None
    without = space_ground.needs_bare(scene, scope)
    return space_overlay.kept(
        (space_page.GROUND, space_ground.key_of(scene, scope), tuple(without)),
        lambda: space_overlay.ground_overlay(scene, found, without),
    )


def _tabs(tab: str) -> None:
    switch(
        "面板",
        space_page.TABS,
        tab,
        space_page.turn,
        key=session.widget("space", "tabs"),
        place="panel_tabs",
    )
