"""出图: files for the natural-resources bureau, and the sheet that leadership reads."""

from __future__ import annotations

from ui import frame, map_view, session
from ui.panels import looks, output_files, output_sheet
from ui.panels.switch import switch
from ui.scene import Scene

__all__ = ["show"]

PAGE = "output"


def show(scene: Scene) -> None:
    """Draw the page."""
    if not scene.workspace.theme:
        scene.workspace.theme = looks.first_theme(scene)
    session.put(session.SCENE, scene)
    chosen = scene.workspace.pages.setdefault(PAGE, {})
    tab = chosen.get("tab") if chosen.get("tab") in _SHOWN else next(iter(_SHOWN))
    with frame.body() as places:
        with places.panel:
            _tabs(chosen, tab)
        _SHOWN[tab](scene, places)


def _files(scene: Scene, places: frame.Body) -> None:
    with places.map:
        map_view.show(scene)
    with places.panel:
        output_files.show(scene)


def _sheet(scene: Scene, places: frame.Body) -> None:
    with places.map:
        # What stood there before is replaced at once; a sheet being drawn begins a new run when done.
        output_sheet.show_preview(scene)
    with places.panel:
        output_sheet.show(scene)


def _tabs(chosen: dict[str, str], tab: str) -> None:
    switch(
        "出图",
        _SHOWN,
        tab,
        lambda to: chosen.update(tab=to),
        key=session.widget(PAGE, "tabs"),
        place="panel_tabs",
    )


_SHOWN = {"导出文件": _files, "打印图纸": _sheet}
