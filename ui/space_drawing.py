"""What each tab of 空间 lays over the map, and what the map's tools do there."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from data.layouts import StallLayout
from layers.webmap_overlay import Overlay
from ui import space_ground, space_hands, space_layouts, space_overlay, space_page, space_settings
from ui.panels.space_result import CAPACITY, PINNED, drawn_view
from ui.scene import Scene
from ui.space_scope import Scope
from ui.space_shown import Shown, capacity_frame, drawn, pinned, shown

__all__ = ["ground", "stalls"]


def ground(scene: Scene, scope: Scope) -> dict[str, Any]:
    """Open ground with its deductions."""
    found = space_ground.found(scene, scope)
    if found is None:
        return {}
    without = space_ground.needs_bare(scene, scope)
    key = (space_page.GROUND, space_ground.key_of(scene, scope), tuple(without))
    return {
        "overlay": space_overlay.kept(
            key, lambda: space_overlay.ground_overlay(scene, found, without)
        )
    }


def stalls(scene: Scene, scope: Scope) -> dict[str, Any]:
    """Stalls and aisles of the layout that is looked at, with the tools to change it."""
    laid = space_layouts.held(scene, scope)
    found = shown(scene, scope, laid)
    if not found:
        return {}
    view = drawn_view(scene, scope)
    if view == PINNED:
        return {"overlay": _overlay(scene, pinned(scene, scope), view)}
    if view == CAPACITY:
        layouts = [one.layout for one in laid.values()]
        key = (view, *(one.serial for one in laid.values()))
        return {"overlay": space_overlay.kept(key, lambda: _capacity(layouts))}
    return {
        "overlay": _overlay(scene, found, view),
        "stalls": space_hands.tool(space_settings.draft(scene.view), found),
        "acts": space_hands.ACTS,
    }


def _overlay(scene: Scene, found: dict[str, Shown], title: str) -> Overlay | None:
    key = (title, scene.view.revision, *(one.key for one in found.values()))

    def make() -> Overlay | None:
        frames = [drawn(scene, one) for one in found.values()]
        return space_overlay.layout_overlay(_joined(frames), title)

    return space_overlay.kept(key, make)


def _capacity(layouts: list[StallLayout]) -> Overlay | None:
    return space_overlay.layout_overlay(
        _joined([capacity_frame(one) for one in layouts]), f"{CAPACITY}（不是建议）"
    )


def _joined(frames: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    some = [one for one in frames if len(one)]
    return gpd.GeoDataFrame(pd.concat(some, ignore_index=True)) if some else frames[0]
