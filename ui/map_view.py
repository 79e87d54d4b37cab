"""The map on a page: mounted once, told its state at every run, its events handled once."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
import streamlit_folium

from data.schema import LAYERS
from geo.crs import CrsError, PlanZone, plan_zone
from layers import assets, webmap
from layers.scale import count_classes
from layers.webmap import Bounds
from ui import map_events, map_tool, session, visit
from ui.loaded import COMPOUNDS, DRAWN_LAYERS, PIANQU, View
from ui.scene import Scene
from ui.tokens import Grant

__all__ = ["show"]

# As seen from the map's frame, /component/streamlit_folium.st_folium/index.html: the same with and
# without a base path.
TO_ROOT = "../../"
KEY = "plan_map"
HEIGHT = 600  # until the style sheet has given the frame its own height
SCHEMATIC = "示意"


def show(scene: Scene) -> None:
    """Draw the map; an event of the planner is carried out and the page drawn anew."""
    _keep_links_here()
    grant = visit.grant(scene.workspace, scene.loaded)
    returned = streamlit_folium.st_folium(
        webmap.plan_map(_config(scene, grant)),
        key=f"{KEY}:{scene.loaded.plan.plan_id}",
        height=HEIGHT,
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=webmap.map_state(_state(scene, grant)),
    )
    if map_events.handle(scene, returned):
        st.rerun()


def _config(scene: Scene, grant: Grant) -> webmap.MapConfig:
    """Mount the map with what stays the same as long as this session shows this plan."""
    mounted = session.get(session.MOUNTED)
    key = (grant.token, scene.workspace.plan)
    if mounted is None or mounted[0] != key:
        config = _new_config(scene, grant)
        session.put(session.MOUNTED, (key, config))
        return config
    return mounted[1]  # type: ignore[no-any-return]


def _new_config(scene: Scene, grant: Grant) -> webmap.MapConfig:
    viewport = visit.store().viewport(scene.workspace.wid)
    zone = _zone(scene.view)
    titles = {name: LAYERS[name].title for name in DRAWN_LAYERS}
    present = [
        n for n in DRAWN_LAYERS if n in {COMPOUNDS, PIANQU} or len(scene.loaded.tiles.ids(n))
    ]
    return webmap.MapConfig(
        base=f"{TO_ROOT}plan/{grant.token}/",
        view=None if viewport is None else (viewport.lon, viewport.lat, viewport.zoom),
        zone=None if zone is None else zone.zone,
        central_meridian=None if zone is None else float(zone.central_meridian),
        layers=tuple((name, titles[name]) for name in reversed(present)),
        fit_seq=session.get(session.FIT, (0, None))[0],
    )


def _zone(view: View) -> PlanZone | None:
    shapes = view.frame.geometry
    if not shapes.notna().any():
        return None
    try:
        return plan_zone(shapes)
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
        extent=_extent(scene),
        fit=fit,
        fit_seq=fit_seq,
        mode=tool.mode,
        mode_seq=tool.serial,
        target=_target(scene, tool.uid or scene.workspace.card),
        labels=_labels(scene),
        notes=_notes(scene),
    )


def _class_table(scene: Scene) -> bytes:
    index, shown = scene.view.frame.index, scene.shown
    classes = pd.Series(scene.painted.classes[shown], index=index[shown])
    return scene.loaded.tiles.class_table(classes, selected=scene.selection)


def _extent(scene: Scene) -> Bounds | None:
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


def _labels(scene: Scene) -> tuple[tuple[str, float, float, int], ...]:
    drawn = scene.view.pianqu[scene.view.pianqu.geometry.notna()]
    points = drawn.geometry.representative_point()
    return tuple(
        (str(name), round(point.x, 7), round(point.y, 7), 0 if pd.isna(color) else int(color))
        for name, point, color in zip(drawn["name"], points, drawn["color"], strict=True)
        if not point.is_empty
    )


def _notes(scene: Scene) -> tuple[str, ...]:
    frame = scene.view.frame
    schematic = int((frame["boundary_state"].eq(SCHEMATIC) & frame.geometry.notna()).sum())
    notes = []
    if schematic:
        notes.append(f"虚线：示意边界，未经测量（{schematic:,} 个）")
    if not frame.geometry.notna().any():
        notes.append("还没有边界：导入文件，或在地图上画")
    return tuple(notes)


def _keep_links_here() -> None:
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
