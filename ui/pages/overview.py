"""总图: the map with its colours, filters, card, selection, boundaries to draw, and the table."""

from __future__ import annotations

from ui import frame, map_view, session, visit
from ui.panels import conflict, drawer, filters, looks, record, selection, shaping, undrawn
from ui.panels.switch import switch
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
    tab = switch(
        "面板",
        PANELS,
        scene.workspace.panel,
        _turn,
        key=session.widget("panel", "tabs"),
        place="panel_tabs",
        write=lambda title: _title(scene, title),
    )
    _SHOWN[tab](scene)


def _turn(to: str) -> None:
    visit.current().panel = to


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
