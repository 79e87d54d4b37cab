"""The maps of the tab 比较: mounted once in one frame, told their state at every run."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pandas as pd
import streamlit as st
import streamlit_folium

from layers import webmap_compare
from layers.palettes import PIANQU_COLORS
from layers.webmap_compare import CHANGED, UNGROUPED_CLASS, Pane
from policy.wording import format_count
from ui import map_events, map_view, session, visit
from ui.pianqu_compare import LETTERS, Compared, labels
from ui.scene import Scene
from ui.tokens import Grant, Side
from ui.words import wan

__all__ = ["show"]

KEY = "compare_map"
HEIGHT = 600  # until the style sheet has given the frame its own height


def show(scene: Scene, made: Compared, changed: pd.DataFrame) -> None:
    """Draw the maps.

    Parameters
    ----------
    scene : Scene
        This run.
    made : Compared
        What is side by side.
    changed : DataFrame
        Index uid of the compounds that are outlined.
    """
    map_view.keep_links_here()
    grant = visit.grant(scene.workspace, scene.loaded)
    mount = map_view.mounted(session.COMPARE_MOUNTED, scene, grant)
    returned = streamlit_folium.st_folium(
        webmap_compare.compare_map(mount.config),
        key=f"{KEY}:{mount.number}",
        height=HEIGHT,
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=webmap_compare.compare_state(_state(scene, grant, made, changed)),
    )
    session.put(session.FIT_TOLD, session.get(session.FIT, (0, None))[0])
    # The map of the other tabs begins where these have been moved to.
    session.take(session.MOUNTED)
    if map_events.handle(scene, returned):
        st.rerun()


def _state(
    scene: Scene, grant: Grant, made: Compared, changed: pd.DataFrame
) -> webmap_compare.CompareState:
    sides = scene.loaded.kept(("sides", scene.view.revision, made.key), lambda: _sides(scene, made))
    grant.sides = sides
    tag = grant.paint(_class_tables(scene, made, changed))
    told = hashlib.blake2b(b"".join(side.labels for side in sides), digest_size=6).hexdigest()
    fit_seq, fit = session.get(session.FIT, (0, None))
    return webmap_compare.CompareState(
        tiles_rev=scene.loaded.tiles_revision,
        classes_url=f"classes?v={tag}",
        labels_tag=told,
        styles=webmap_compare.pane_styles(),
        panes=tuple(_pane(made, number) for number in range(len(made.states))),
        extent=map_view.extent_of(scene),
        fit=fit,
        fit_seq=fit_seq,
    )


def _sides(scene: Scene, made: Compared) -> tuple[Side, ...]:
    frame = scene.view.frame
    return tuple(
        Side(names=names, labels=json.dumps(labels(frame, names, table)).encode())
        for names, table in zip(made.names, made.tables, strict=True)
    )


def _pane(made: Compared, number: int) -> Pane:
    state, measures = made.states[number], made.measures[number]
    line = [
        f"{measures.pianqu:,} 个片区",
        f"{format_count(measures.placed_households)} 户",
        f"未分组 {measures.ungrouped:,} 个小区",
    ]
    if measures.gap_yuan is not None:
        line.append(f"缺口 {wan(measures.gap_yuan, none='0.0 万元')}")
    return Pane(title=f"{LETTERS[number]}　{state.title}（{state.note}）", line=" · ".join(line))


def _class_tables(scene: Scene, made: Compared, changed: pd.DataFrame) -> bytes:
    """One table after the other: colour of the 片区, outlined or not, selected or not."""
    index, shown = scene.view.frame.index, scene.shown
    marked = np.where(index.isin(changed.index), CHANGED, 0)
    tables = []
    for names, table in zip(made.names, made.tables, strict=True):
        slots = table["color"].astype("Int64").fillna(0) % len(PIANQU_COLORS) + 1
        classes = names.map(slots.to_dict()).fillna(UNGROUPED_CLASS).to_numpy(int) + marked
        painted = pd.Series(classes[shown], index=index[shown])
        tables.append(scene.loaded.tiles.class_table(painted, selected=scene.selection))
    return b"".join(tables)
