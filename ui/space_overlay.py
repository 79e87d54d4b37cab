"""What the page 空间 lays over the map: open ground with its deductions, or stalls with their aisles.

An overlay is made once for what it shows and kept for as long as that holds: making it takes longer than a run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pandas as pd

from data.ground import GroundOf
from data.ground_settings import GROUND_KINDS
from layers.space_colors import AISLE, CHAIR, OPEN, STALL_LOOKS, Look, ground_look
from layers.webmap_overlay import Overlay, OverlayClass
from policy.wording import format_area
from ui import session
from ui.scene import Scene

__all__ = [
    "LEAST_M2",
    "STALL_CLASSES",
    "ground_overlay",
    "kept",
    "layout_overlay",
    "look_class",
    "stall_class",
]

OPEN_CLASS = "open"
# Less than this is nothing, rounded.
LEAST_M2 = 0.5
# CGCS2000 in degrees, as the map has it.
DEGREES = 4490


def kept(key: tuple[Any, ...], make: Callable[[], Overlay | None]) -> Overlay | None:
    """Return the overlay for `key`, made anew where the last one was for another."""
    held: tuple[tuple[Any, ...], Overlay | None] | None = session.get(session.SPACE_DRAWN)
    if held is None or held[0] != key:
        held = (key, make())
        session.put(session.SPACE_DRAWN, held)
    return held[1]


def ground_overlay(scene: Scene, ground: GroundOf, without: list[str]) -> Overlay | None:
    """Open ground and the pieces that were taken off; nothing of compounds without figures."""
    taken = ground.ground.taken
    if taken is None:
        return None
    names = scene.view.frame["name"].fillna("未命名小区")
    shown = taken[~taken["compound"].isin(without)]
    # What the table leaves out as nothing is not in the legend either.
    shown = shown[shown.groupby("kind")["area_m2"].transform("sum") >= LEAST_M2]
    left = ground.ground.open[~ground.ground.open.index.isin(without)]
    pieces = gpd.GeoDataFrame(
        {
            "class": shown["kind"],
            "uid": shown["compound"].astype(str),
            "label": [
                f"{GROUND_KINDS.get(kind, kind)} {format_area(area)} ㎡（{names.get(uid, uid)}）"
                for kind, area, uid in zip(
                    shown["kind"], shown["area_m2"], shown["compound"], strict=True
                )
            ],
        },
        geometry=shown.geometry,
    )
    free = gpd.GeoDataFrame(
        {
            "class": OPEN_CLASS,
            "uid": left.index.astype(str),
            "label": [
                f"空地 {format_area(area)} ㎡（{names.get(uid, uid)}）"
                for uid, area in left.area.items()
            ],
        },
        geometry=left.reset_index(drop=True),
    )
    features = pd.concat([pieces, free.set_crs(pieces.crs)], ignore_index=True)
    areas = shown.groupby("kind")["area_m2"].sum()
    classes = [
        look_class(kind, title, ground_look(kind), detail=f"{format_area(areas[kind])} ㎡")
        for kind, title in GROUND_KINDS.items()
        if kind in areas
    ]
    opened = look_class(OPEN_CLASS, "空地", OPEN, detail=f"{format_area(left.area.sum())} ㎡")
    return Overlay(
        features=features.to_crs(DEGREES), classes=(*classes, opened), title="空地和扣除"
    )


def look_class(name: str, title: str, look: Look, **more: Any) -> OverlayClass:
    """Class of an overlay in the look of the page."""
    return OverlayClass(
        name=name,
        title=title,
        color=look.color,
        pattern=look.pattern,
        opacity=look.opacity,
        edge=look.edge,
        **more,
    )


# --- stalls ---------------------------------------------------------------------------------------

AISLE_CLASS, CHAIR_CLASS, STALL_CLASS = "aisle", "wheelchair", "stall"
WHEELCHAIR = "轮椅通道"


def stall_class(use: str) -> str:
    """Name of the class of stalls of a use."""
    return f"{STALL_CLASS}:{use}"


STALL_CLASSES = tuple(stall_class(use) for use in STALL_LOOKS)


def layout_overlay(drawn: gpd.GeoDataFrame, title: str) -> Overlay | None:
    """Stalls by their use over their aisles.

    Parameters
    ----------
    drawn : GeoDataFrame
        ``part``, ``kind``, ``use``, ``uid``, as of :func:`ui.space_shown.drawn`.
    title : str
        Over the lines of the legend.
    """
    if not len(drawn):
        return None
    stalls = drawn["part"].eq("stall")
    chairs = drawn["kind"].eq(WHEELCHAIR)
    use = drawn["use"].where(drawn["use"].isin(list(STALL_LOOKS)), "普通")
    classes = pd.Series(AISLE_CLASS, index=drawn.index, dtype=object)
    classes = classes.mask(chairs, CHAIR_CLASS).mask(stalls, use.map(stall_class))
    label = drawn["kind"].astype(str).mask(stalls, "车位 " + drawn["kind"].astype(str) + "，" + use)
    features = gpd.GeoDataFrame(
        {"class": classes, "label": label, "uid": drawn["uid"].astype(str)}, geometry=drawn.geometry
    ).to_crs(DEGREES)
    counts = classes.value_counts()
    looks = {
        AISLE_CLASS: ("停车通道", AISLE),
        CHAIR_CLASS: (WHEELCHAIR, CHAIR),
        **{stall_class(one): (f"{one}车位", look) for one, look in STALL_LOOKS.items()},
    }
    return Overlay(
        features=features,
        classes=tuple(
            look_class(name, words, look, detail="" if name == AISLE_CLASS else f"{counts[name]:,}")
            for name, (words, look) in looks.items()
            if name in counts
        ),
        title=title,
    )
