"""What the planner does on the map, each event handled once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from errors import GeometryError, PlanningError
from ui import edits, map_tool, messages, session, visit
from ui.panels import shaping
from ui.reshaping import part_compound
from ui.scene import Scene

__all__ = ["handle"]

Event = Mapping[str, Any]
# Clicks this near to each other, in degrees at zoom 16 (about 5 m), are on one spot.
SAME_SPOT_PX = 6
DEGREES_PER_PIXEL_AT_ZOOM_0 = 360 / 256


def handle(scene: Scene, event: Event | None) -> bool:
    """Carry out an event of the map.

    Parameters
    ----------
    scene : Scene
        What the planner saw when doing it.
    event : mapping or None
        As the map sent it; ``seq`` tells two events of the same content apart.

    Returns
    -------
    bool
        Whether something was done, so that the page has to be drawn anew.
    """
    if not event or event.get("seq") in (None, session.get(session.LAST_EVENT)):
        return False
    session.put(session.LAST_EVENT, event["seq"])
    named = str(event.get("event"))
    act = scene.acts.get(named) or _ACTS.get(named)
    if act is None:
        return False
    try:
        messages.guarded(act)(scene, event)
    except (KeyError, TypeError, ValueError, shapely.errors.ShapelyError) as error:
        if isinstance(error, PlanningError):
            raise
        messages.problem("地图传来的内容读不懂，没有保存。请再试一次。")
    return True


def _click(scene: Scene, event: Event) -> None:
    lon, lat = float(event["lng"]), float(event["lat"])
    zoom = event.get("zoom")
    rows = scene.loaded.tiles.pick(lon, lat, z=None if zoom is None else int(zoom))
    ids = scene.loaded.tiles.ids()
    shown = set(scene.view.frame.index[scene.shown]) if len(rows) else set()
    hits = [uid for uid in (str(ids[row]) for row in rows) if uid in shown]
    add = bool(event.get("add")) or _gathers(scene)
    if not hits:
        if not add:
            edits.select([])
            edits.open_card(None)
        return
    uid = hits[0] if add else _next_hit(hits, lon, lat, zoom)
    edits.select([uid], add=add)
    if uid in visit.current().selection:
        edits.open_card(uid)
    if add and len(visit.current().selection) > 1:
        visit.current().panel = "所选"


def _next_hit(hits: list[str], lon: float, lat: float, zoom: Any) -> str:
    """Give the next of the compounds under a crowded spot at each further click on it."""
    last = session.get(session.LAST_CLICK)
    reach = SAME_SPOT_PX * DEGREES_PER_PIXEL_AT_ZOOM_0 / 2 ** float(zoom or 16)
    again = last is not None and abs(last[0] - lon) <= reach and abs(last[1] - lat) <= reach
    session.put(session.LAST_CLICK, (lon, lat))
    card = visit.current().card
    if again and card in hits:
        return hits[(hits.index(card) + 1) % len(hits)]
    return hits[0]


def _area(scene: Scene, event: Event) -> None:
    rows = scene.loaded.tiles.within(_shape(event["geometry"]), "mostly")
    ids = scene.loaded.tiles.ids()[rows]
    shown = scene.view.frame.index[scene.shown]
    found = [str(uid) for uid in shown[shown.isin(ids)]]
    add = bool(event.get("add")) or _gathers(scene)
    before = visit.current().selection if add else []
    edits.select([*before, *found])
    visit.current().panel = "所选"
    if not found:
        messages.note("框内没有小区（小区须有一半以上在框内）。")


def _gathers(scene: Scene) -> bool:
    """Whether the page collects compounds, so that nothing has to be held down to add one."""
    return bool(getattr(scene, "gathers", False))


def _legend(scene: Scene, event: Event) -> None:
    at = int(event["class_index"])
    chosen = scene.view.frame.index[(scene.painted.classes == at) & scene.shown]
    add = bool(event.get("add")) or _gathers(scene)
    before = visit.current().selection if add else []
    edits.select([*before, *map(str, chosen)])
    visit.current().panel = "所选"


def _found(scene: Scene, event: Event) -> None:
    uid = str(event["uid"])
    if uid in scene.view.frame.index:
        edits.select([uid])
        edits.open_card(uid)


def _drawn(scene: Scene, event: Event) -> None:
    drawn = _polygon(event["geometry"])
    uid = event.get("target")
    if uid is None:
        shaping.ask_name(drawn)
        return
    record = scene.record(str(uid))
    edits.save_boundary(str(uid), int(record["version"]), drawn, name=str(record["name"]))
    map_tool.rest()


def _edited(scene: Scene, event: Event) -> None:
    uid = str(event["uid"])
    name = scene.record(uid)["name"] if uid in scene.view.frame.index else uid
    map_tool.rest()
    edits.save_boundary(uid, int(event["version"]), _polygon(event["geometry"]), name=str(name))


def _split(scene: Scene, event: Event) -> None:
    record = scene.record(str(event["uid"]))
    map_tool.rest()
    shaping.ask_part(part_compound(record, _shape(event["line"])))


def _cancel(scene: Scene, event: Event) -> None:  # noqa: ARG001 - all acts are called alike
    map_tool.rest()


def _mode(scene: Scene, event: Event) -> None:
    """Take up a tool that was pressed on the map and needs a compound."""
    mode, card = str(event["mode"]), scene.workspace.card
    if mode in {"edit", "split"}:
        if card is None or card not in scene.view.frame.index:
            raise GeometryError("请先点选一个小区，再用这个工具。")
        if scene.record(card)["geometry"] is None:
            mode = "draw"
        map_tool.use(mode, card)
    else:
        map_tool.use(mode)


def _shape(geometry: Any) -> BaseGeometry:
    return shape(geometry.get("geometry", geometry))


def _polygon(geometry: Any) -> BaseGeometry:
    drawn = _shape(geometry)
    if drawn.geom_type not in {"Polygon", "MultiPolygon"} or drawn.is_empty:
        raise GeometryError("画的不是一个面，没有保存。请重新画。")
    if not drawn.is_valid:
        raise GeometryError(
            "边界自己和自己相交（像蝴蝶结），没有保存。请拖动拐点使边线不交叉，再保存。"
        )
    return drawn


_ACTS: dict[str, Callable[[Scene, Event], None]] = {
    "click": _click,
    "area": _area,
    "legend": _legend,
    "found": _found,
    "drawn": _drawn,
    "edited": _edited,
    "split": _split,
    "cancel": _cancel,
    "mode": _mode,
    # Where the page itself has no use for what it has laid over the map, the compound under it is meant.
    "overlay_click": _click,
}
