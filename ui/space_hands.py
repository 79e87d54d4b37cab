"""Stalls set and taken away on the map by hand, each checked at once; what can not stand is said, not done.

A layout of this session is changed in the session, with a step back; one that is saved is changed in the plan, and
撤销 takes it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from data.layouts import StallLayout, add_stall, edit_stalls, remove_stalls
from data.stall_settings import StallSettings
from errors import GeometryError
from layers.webmap_overlay import StallShape, StallTool
from policy.verdicts import FAILS
from ui import messages, space_layouts, visit
from ui.scene import Scene
from ui.space_layouts import Laid
from ui.space_overlay import STALL_CLASSES
from ui.space_scope import Scope, scope_of
from ui.space_shown import MARK, Shown, shown

__all__ = ["ACTS", "tool"]

NOWHERE = "这里不在已排布的小区里，没有放下车位。请先排布这个小区，或放到它的边界以内。"


def tool(settings: StallSettings, found: Mapping[str, Shown]) -> StallTool | None:
    """Give the map the tools for stalls, where there is a layout to change."""
    sizes = settings.sizes
    if not sizes or not any(one.figures["capacity"] is not None for one in found.values()):
        return None
    return StallTool(
        shapes=tuple(
            StallShape(id=one.id, title=one.title, width_m=one.width_m, length_m=one.length_m)
            for one in sizes
        ),
        classes=STALL_CLASSES,
    )


def _add(scene: Scene, event: Mapping[str, Any]) -> None:
    place = shape(event["geometry"].get("geometry", event["geometry"]))
    one = _at(scene, place)
    kind = str(event["shape"])
    if one.laid is not None:
        added = add_stall(one.laid.layout, place, kind=kind)
        if added.reasons:
            raise GeometryError(_refused(added.reasons))
        _put(scene, one.laid, added.layout)
        _said(added.layout, "已加 1 个车位")
        return
    made, reasons = edit_stalls(scene.plan, one.uid, visit.current().actor, add=[place], kind=kind)
    if reasons:
        raise GeometryError(_refused(reasons))
    _said(made, "已加 1 个车位，已存进计划（可撤销）")


def _delete(scene: Scene, event: Mapping[str, Any]) -> None:
    uid = str(event["uid"])
    scope = scope_of(scene)
    if MARK in uid:
        compound, _, at = uid.rpartition(MARK)
        laid = space_layouts.held(scene, scope).get(compound)
        if laid is None:
            raise GeometryError("这个方案已经放弃或存进计划，没有删。请再点一次。")
        made = remove_stalls(laid.layout, [int(at)])
        _put(scene, laid, made)
        _said(made, "已删 1 个车位")
        return
    rows = scene.plan.read("stalls", uids=[uid])
    if not len(rows):
        raise GeometryError("这个车位已经不在计划里。")
    owner = str(rows["compound_uid"].iloc[0])
    made, _ = edit_stalls(scene.plan, owner, visit.current().actor, remove=[uid])
    _said(made, "已删 1 个车位，已存进计划（可撤销）")


def _at(scene: Scene, place: BaseGeometry) -> Shown:
    """Layout of the compound in which a stall is put down."""
    scope = scope_of(scene)
    found = shown(scene, scope, space_layouts.held(scene, scope))
    inside = _inside(scene, scope, place)
    one = next((found[uid] for uid in inside if uid in found), None)
    if one is None or one.figures["capacity"] is None:
        raise GeometryError(NOWHERE)
    return one


def _inside(scene: Scene, scope: Scope, place: BaseGeometry) -> list[str]:
    """Compounds that a place meets, the one that holds most of it first."""
    outlines: gpd.GeoSeries = scene.view.frame.geometry.loc[list(scope.uids)]
    shares = outlines.intersection(place).area
    return [str(uid) for uid in shares[shares > 0].sort_values(ascending=False).index]


def _put(scene: Scene, before: Laid, layout: StallLayout) -> None:
    space_layouts.put(scene, {layout.uid: Laid(layout, before.walls_down, before=before)})


def _refused(reasons: tuple[str, ...]) -> str:
    return f"不能放在这里：{''.join(reasons)}"


def _said(layout: StallLayout, done: str) -> None:
    """Say what was done, and which rules the layout breaks now."""
    broken = [one.title for one in layout.verdicts if one.state == FAILS]
    more = f"；不符合：{'、'.join(broken)}" if broken else "，各条要求没有不符合的"
    messages.done(f"{done}，共 {layout.figures.stalls:,} 个{more}")


ACTS = {"stall_add": _add, "stall_delete": _delete}
