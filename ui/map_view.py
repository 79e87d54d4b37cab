"""The map on a page: mounted once, told its state at every run, its events handled once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
import streamlit_folium

from data.schema import LAYERS
from errors import CrsError
from geo.crs import plan_zone
from layers import assets, basemap, webmap
from layers.scale import count_classes
from layers.webmap import Bounds
from layers.webmap_overlay import OverlayState, overlay_state
from ui import map_events, map_tool, session, visit
from ui.loaded import COMPOUNDS, DRAWN_LAYERS, PIANQU, View
from ui.scene import Scene
from ui.tokens import Grant

__all__ = ["Mounted", "extent_of", "keep_links_here", "mounted", "show"]

# As seen from the map's frame, /component/streamlit_folium.st_folium/index.html: the same with and
# without a base path.
TO_ROOT = "../../"
KEY = "plan_map"
# Settings of the plan that name a base map (page 数据).
TIANDITU_KEY, RASTER = "tianditu_key", "base_raster"
HEIGHT = 600  # until the style sheet has given the frame its own height
SCHEMATIC = "示意"


def show(scene: Scene) -> None:
    """Draw the map; an event of the planner is carried out and the page drawn anew."""
    keep_links_here()
    grant = visit.grant(scene.workspace, scene.loaded)
    mount = mounted(session.MOUNTED, scene, grant, _layers(scene), _zone(scene), _known(scene))
    returned = streamlit_folium.st_folium(
        webmap.plan_map(mount.config),
        key=f"{KEY}:{mount.number}",
        height=HEIGHT,
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=webmap.map_state(_state(scene, grant)),
    )
    session.put(session.FIT_TOLD, session.get(session.FIT, (0, None))[0])
    # Maps side by side begin where this one has been moved to.
    session.take(session.COMPARE_MOUNTED)
    if map_events.handle(scene, returned):
        st.rerun()


@dataclass(frozen=True)
class Mounted:
    """A map as it was mounted: for whom and with what, its number in the session, its settings."""

    facts: tuple[Any, ...]
    number: int
    config: webmap.MapConfig


def mounted(kept: str, scene: Scene, grant: Grant, *more: Any) -> Mounted:
    """Keep a map as long as what it was mounted with holds; else mount it anew where the planner looks now."""
    held: Mounted | None = session.get(kept)
    facts = (grant.token, scene.workspace.plan, *more)
    if held is None or held.facts != facts:
        held = Mounted(facts, 0 if held is None else held.number + 1, _config(scene, grant))
        session.put(kept, held)
    return held


def _config(scene: Scene, grant: Grant) -> webmap.MapConfig:
    """Return what a map of the plan is mounted with: where the planner looked last."""
    viewport = visit.store().viewport(scene.workspace.wid)
    zone = _zone(scene)
    grounds = _grounds(scene)
    return webmap.MapConfig(
        base=f"{TO_ROOT}plan/{grant.token}/",
        view=None if viewport is None else (viewport.lon, viewport.lat, viewport.zoom),
        zone=zone,
        central_meridian=None if zone is None else 3.0 * zone,
        layers=_layers(scene),
        grounds=grounds,
        # Who has named a base map wants to see it.
        ground=1 if grounds else 0,
        attribution=str(scene.view.settings.get("attribution") or ""),
        # What the last map has not been told yet, this one has to answer to.
        fit_seq=session.get(session.FIT_TOLD, 0),
    )


def _known(scene: Scene) -> tuple[Any, ...]:
    """Return the settings that the map is mounted with."""
    return tuple(scene.view.settings.get(name) for name in ("attribution", TIANDITU_KEY, RASTER))


def _grounds(scene: Scene) -> tuple[webmap.Ground, ...]:
    """Return the base maps of the settings: the local picture first, since it needs no network."""
    _, key, raster = _known(scene)
    local = (basemap.local_ground(attribution=Path(raster).name),) if raster else ()
    return (*local, *(basemap.tianditu(key) if key else ()))


def _layers(scene: Scene) -> tuple[tuple[str, str], ...]:
    """Layers that the plan has, with their titles, the uppermost first."""
    tiles = scene.loaded.tiles
    present = [n for n in DRAWN_LAYERS if n in {COMPOUNDS, PIANQU} or len(tiles.ids(n))]
    return tuple((name, LAYERS[name].title) for name in reversed(present))


def _zone(scene: Scene) -> int | None:
    """Return the 3° zone in which the pointer is told: the planner's, else that of the boundaries."""
    chosen = scene.view.settings.get("zone")
    if chosen:
        return int(chosen)
    view = scene.view
    return scene.loaded.kept(("zone", scene.loaded.tiles_revision), lambda: _zone_of(view))


def _zone_of(view: View) -> int | None:
    shapes = view.frame.geometry
    if not shapes.notna().any():
        return None
    try:
        return plan_zone(shapes).zone
    except CrsError:
        # A plan outside China's zones is drawn all the same, without plane coordinates.
        return None


def _state(scene: Scene, grant: Grant) -> webmap.MapState:
    painted, tool = scene.painted, map_tool.current()
    tag = grant.paint(_class_table(scene))
    fit_seq, fit = session.get(session.FIT, (0, None))
    counts = count_classes(painted.classes, scene.shown)
    return webmap.MapState(
        tiles_rev=scene.loaded.tiles_revision,
        classes_url=f"classes?v={tag}",
        legend=webmap.Legend(
            title=painted.title, unit=painted.unit, rows=tuple(painted.scale.legend(counts))
        ),
        extent=extent_of(scene),
        fit=fit,
        fit_seq=fit_seq,
        mode=tool.mode,
        mode_seq=tool.serial,
        target=_target(scene, tool.uid or scene.workspace.card),
        labels=_labels(scene),
        notes=_notes(scene),
        overlay=_overlay(scene, grant),
        stalls=scene.stalls,
    )


def _overlay(scene: Scene, grant: Grant) -> OverlayState | None:
    """Lay the page's overlay over the map: what it holds, the map fetches by the right's own address."""
    overlay = grant.overlay = scene.overlay
    if overlay is None:
        return None
    return overlay_state(overlay, f"overlay?v={overlay.tag}", scene.overlay_selected)


def _class_table(scene: Scene) -> bytes:
    index, shown = scene.view.frame.index, scene.shown
    classes = pd.Series(scene.painted.classes[shown], index=index[shown])
    return scene.loaded.tiles.class_table(classes, selected=scene.selection)


def extent_of(scene: Scene) -> Bounds | None:
    """Return the box of what is drawn."""
    tiles = scene.loaded.tiles
    return tiles.extent() or tiles.extent("buildings") or tiles.extent("roads")


def _target(scene: Scene, uid: str | None) -> webmap.Target | None:
    if uid is None or uid not in scene.view.frame.index:
        return None
    record = scene.record(uid)
    return webmap.Target(
        uid=uid,
        name=str(record["name"] or "未命名小区"),
        version=int(record["version"]),
        has_boundary=record["geometry"] is not None,
    )


def _labels(scene: Scene) -> tuple[tuple[str, float, float, int, bool], ...]:
    drawn = scene.view.pianqu[scene.view.pianqu.geometry.notna()]
    points = drawn.geometry.representative_point()
    return tuple(
        (
            str(name),
            round(point.x, 7),
            round(point.y, 7),
            0 if pd.isna(color) else int(color),
            bool(locked),
        )
        for name, point, color, locked in zip(
            drawn["name"], points, drawn["color"], drawn["locked"], strict=True
        )
        if not point.is_empty
    )


def _notes(scene: Scene) -> tuple[str, ...]:
    frame = scene.view.frame
    schematic = int((frame["boundary_state"].eq(SCHEMATIC) & frame.geometry.notna()).sum())
    notes = []
    if schematic:
        notes.append(f"虚线：示意边界，未经测量（{schematic:,} 个）")
    notes += _lock_notes(scene)
    if not frame.geometry.notna().any():
        notes.append("还没有边界：导入文件，或在地图上画")
    return tuple(notes)


def _lock_notes(scene: Scene) -> list[str]:
    pianqu = int(scene.view.pianqu["locked"].astype(bool).sum())
    compounds = int((scene.view.frame["locked"].astype(bool)).sum())
    told = [
        f"{title} {count:,} 个" for title, count in (("片区", pianqu), ("小区", compounds)) if count
    ]
    return [f"斜线：已锁定（{'、'.join(told)}）"] if told else []


def keep_links_here() -> None:
    """Turn the addresses of folium and streamlit-folium to the files served from here.

    The one place that all of them pass is private: the version is pinned and a test holds it.
    """
    if getattr(streamlit_folium._component_func, "local", False):
        return
    component = streamlit_folium._component_func
    prefix = f"{TO_ROOT}assets/"

    def local_component(**arguments: Any) -> Any:
        for links in ("js_links", "css_links"):
            arguments[links] = assets.local_urls(arguments[links], prefix)
        return component(**arguments)

    local_component.local = True  # type: ignore[attr-defined]
    streamlit_folium._component_func = local_component
