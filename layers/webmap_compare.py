"""Web maps side by side, one for each grouping of the same compounds, that move together.

They live in one frame: the tiles are those of the map of the plan (:mod:`layers.webmap`), the class tables
of all maps come as one answer, one after the other. Geometry is never sent for a grouping.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import folium

from layers.palettes import PIANQU_COLORS
from layers.scale import LegendRow
from layers.webmap import Bounds, MapConfig, mounted, update

__all__ = [
    "CHANGED",
    "UNGROUPED_CLASS",
    "CompareState",
    "Pane",
    "compare_map",
    "compare_state",
    "pane_styles",
]

# Class of compounds in no 片区; a 片区 has the number of its colour plus one.
UNGROUPED_CLASS = 0
# Added to the class of a compound that changes its 片区: painted the same, outlined.
CHANGED = 64


@dataclass(frozen=True, kw_only=True)
class Pane:
    """One of the maps.

    Attributes
    ----------
    title, line : str
        What stands over it: which grouping, and its figures.
    """

    title: str
    line: str


@dataclass(frozen=True, kw_only=True)
class CompareState:
    """What the maps show; `panes` are two to four, the rest is as in :class:`layers.webmap.MapState`.

    `labels_tag` is new whenever the names of 片区 are, which come from ``labels/0``, ``labels/1``, …
    """

    tiles_rev: int
    classes_url: str
    labels_tag: str
    styles: tuple[LegendRow, ...]
    panes: tuple[Pane, ...]
    extent: Bounds | None = None
    fit: Bounds | None = None
    fit_seq: int = 0


def compare_map(config: MapConfig) -> folium.Map:
    """Lay maps side by side, to be given to ``st_folium`` as :func:`layers.webmap.plan_map` is."""
    made = mounted(config, "pianquCompare")
    # What zooms step by step in one map would lag behind in the others.
    made.options |= {"zoom_animation": False, "fade_animation": False}
    return made


def compare_state(state: CompareState) -> folium.FeatureGroup:
    """State of the maps, to be given to ``st_folium`` as ``feature_group_to_add`` at every run."""
    return update("compare", asdict(state))


def pane_styles() -> tuple[LegendRow, ...]:
    """How the classes of all maps are painted."""
    plain = (
        LegendRow(class_index=UNGROUPED_CLASS, color="#ffffff", label="未分组", pattern="none"),
        *(
            LegendRow(class_index=number, color=color, label="片区")
            for number, color in enumerate(PIANQU_COLORS, start=1)
        ),
    )
    changed = (
        LegendRow(
            class_index=row.class_index + CHANGED,
            color=row.color,
            label=row.label,
            pattern=row.pattern,
        )
        for row in plain
    )
    return (*plain, *changed)
