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
    space_drawing,
    space_ground,
    space_layouts,
    space_page,
    space_settings,
    space_sites,
    space_sites_drawing,
)
from ui.panels import conflict, shaping, space_demand, space_drawer, space_scope, space_stalls
from ui.panels import space_ground as ground_panel
from ui.panels import space_sites as sites_panel
from ui.panels.switch import switch
from ui.scene import Scene
from ui.space_scene import PLAIN, SHORTAGE, SpaceScene
from ui.space_scope import Scope, scope_of

__all__ = ["show"]

STYLE = Path(__file__).parents[1] / "assets" / "space.css"
_SHOWN = {
    space_page.GROUND: ground_panel.show,
    space_page.STALLS: space_stalls.show,
    space_page.DEMAND: space_demand.show,
    space_page.SITES: sites_panel.show,
}
# Searches of a tab that may be under way.
_SEARCHES = {
    space_page.GROUND: (space_ground.KIND,),
    space_page.STALLS: (space_layouts.KIND,),
    space_page.SITES: (space_sites.GAPS, space_sites.CHOOSING),
}


def show(scene: Scene) -> None:
    """Draw the page."""
    st.html(STYLE)
    tab, scope = space_page.tab(), scope_of(scene)
    # Before the map is drawn, so that it shows what has been worked out.
    if tab == space_page.GROUND:
        space_ground.seek(scene, scope)
    elif tab == space_page.STALLS:
        space_layouts.settle(scene)
    elif tab == space_page.SITES:
        space_sites.seek(scene)
    page = _drawn(scene, scope, tab)
    session.put(session.SCENE, page)
    with frame.body() as places:
        with places.map:
            map_view.show(page)
        with places.panel:
            _tabs(tab)
            if tab != space_page.SITES:
                # Who walks to a facility lives anywhere: that tab is about the whole plan.
                space_scope.show(page, scope)
            _SHOWN[tab](page, scope)
        with places.drawer:
            space_drawer.show(page, scope)
    conflict.show_pending()
    shaping.show_pending(page)
    for kind in _SEARCHES.get(tab, ()):
        search.poll(kind, scene)


def _drawn(scene: Scene, scope: Scope, tab: str) -> SpaceScene:
    given: dict[str, Any] = {part.name: getattr(scene, part.name) for part in fields(Scene)}
    if tab == space_page.GROUND:
        given |= space_drawing.ground(scene, scope)
    elif tab == space_page.STALLS:
        given |= space_drawing.stalls(scene, scope)
    elif tab == space_page.SITES:
        given |= space_sites_drawing.sites(scene)
    return SpaceScene(
        **given,
        theme=SHORTAGE if tab == space_page.DEMAND else PLAIN,
        asked=space_settings.draft(scene.view),
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
