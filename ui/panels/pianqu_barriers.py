"""相邻与阻隔: what cuts neighbours off from each other, how many pairs it cuts, and what cuts most.

A setting of the plan: changed under its version, in the history, undone like any other edit.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from data.barriers import (
    BARRIER_KINDS,
    BARRIER_LAYERS,
    BARRIER_SETTING,
    ROAD_CLASSES,
    BarrierSettings,
)
from data.schema import LAYERS
from errors import RecordError
from policy.barrier_rules import barrier_rules
from ui import messages, pianqu_page, session, visit
from ui.pianqu_figures import barrier_settings, cut_most, neighbourhood_within
from ui.scene import Scene

__all__ = ["show"]

PANEL = "pianqu_barriers"
MAX_ROAD_M, MAX_REACH_M = 200.0, 1_000.0
# What cuts most is listed; the rest is one line.
LISTED = 8
UNNAMED = "未命名"


def show(scene: Scene) -> None:
    """Draw the count, the list of what cuts most, and the switches."""
    _refused(scene)
    settings = barrier_settings(scene.view)
    _found(scene)
    _kinds(scene, settings)
    _roads(scene, settings)
    _openings(scene, settings)


def _key(scene: Scene, name: str) -> str:
    # With the revision of the settings, so that an undo shows what it brought back.
    return session.widget(PANEL, name, scene.plan.layer_revision("settings"))


def _refused(scene: Scene) -> None:
    try:
        BarrierSettings.from_settings(scene.view.settings)
    except RecordError as error:
        st.warning(f"{error} 现按起始值计算。")


def _kinds(scene: Scene, settings: BarrierSettings) -> None:
    _several(scene, settings, "kinds", "计入的阻隔", BARRIER_KINDS, help=_kinds_help())


def _kinds_help() -> str:
    told = [f"{kind.title}：{kind.text}" for kind in barrier_rules().kinds]
    return "；".join(told) + "。各地计划都没有规定，这些是软件的起始值，可以改。"


def _roads(scene: Scene, settings: BarrierSettings) -> None:
    if "main_road" not in settings.kinds:
        return
    _several(
        scene,
        settings,
        "road_classes",
        "算主干道的道路",
        ROAD_CLASSES,
        help="按道路图层的“类型”判断；支路、小区路不算",
    )
    _metres(scene, settings, "min_road_width_m", "主干道至少宽（米）", most=MAX_ROAD_M)


def _openings(scene: Scene, settings: BarrierSettings) -> None:
    if not settings.kinds:
        return
    key = _key(scene, "openings")
    st.checkbox(
        "天桥、地道、大门处可通",
        value=settings.openings,
        key=key,
        on_change=_change,
        args=("openings", key),
    )
    if settings.openings:
        _metres(scene, settings, "opening_reach_m", "离两边小区不超过（米）", most=MAX_REACH_M)


def _several(
    scene: Scene,
    settings: BarrierSettings,
    name: str,
    title: str,
    known: dict[str, str],
    *,
    help: str,  # noqa: A002 - as Streamlit calls it
) -> None:
    key = _key(scene, name)
    st.pills(
        title,
        list(known),
        selection_mode="multi",
        default=[one for one in known if one in getattr(settings, name)],
        format_func=lambda one: known[one],
        key=key,
        on_change=_change,
        args=(name, key),
        help=help,
    )


def _metres(scene: Scene, settings: BarrierSettings, name: str, title: str, *, most: float) -> None:
    key = _key(scene, name)
    st.number_input(
        title,
        min_value=0.0,
        max_value=most,
        value=min(getattr(settings, name), most),
        step=5.0,
        format="%g",
        key=key,
        on_change=_change,
        args=(name, key),
        help=f"{barrier_rules().figures[name].text}。软件的起始值，各地计划没有规定",
    )


@messages.guarded
def _change(name: str, key: str) -> None:
    """Write what the planner has changed; only that, so that nobody else's change is lost."""
    value = st.session_state[key]
    if value is None:
        return
    scene: Scene = session.get(session.SCENE)
    changed = replace(barrier_settings(scene.loaded.view()), **{name: _held(name, value)})
    with scene.plan.edit(visit.current().actor, "相邻与阻隔设置") as tx:
        tx.set_setting(BARRIER_SETTING, changed.to_settings())
    messages.done(f"{changed.words}（可撤销）")


def _held(name: str, value: Any) -> Any:
    known = {"kinds": BARRIER_KINDS, "road_classes": ROAD_CLASSES}.get(name)
    return value if known is None else tuple(one for one in known if one in value)


def _found(scene: Scene) -> None:
    gap_m = pianqu_page.gap_m()
    found = neighbourhood_within(scene.loaded, scene.view, gap_m)
    st.markdown(
        f"{gap_m:g} 米以内：相邻 **{len(found.pairs):,}** 对，被隔开 **{len(found.blocked):,}** 对"
    )
    if len(found.blocked):
        st.html(_listed(found.blocked))
    elif not any(scene.plan.count(name) for name in BARRIER_LAYERS):
        layers = "、".join(LAYERS[name].title for name in BARRIER_LAYERS)
        st.caption(f"计划里还没有{layers}图层，请到“数据”页导入，才能判断阻隔。")


def _listed(blocked: pd.DataFrame) -> str:
    counts = cut_most(blocked)
    rows = [
        (name if name else UNNAMED, BARRIER_KINDS[kind], pairs)
        for name, kind, pairs in counts.head(LISTED).itertuples(index=False)
    ]
    rest = counts.iloc[LISTED:]
    if len(rest):
        rows.append((f"其余 {len(rest):,} 处", "", rest["pairs"].sum()))
    return "<table class='record'>{}</table>".format(
        "".join(
            f"<tr><td>{escape(str(name))}</td><td>{kind}</td><td>{pairs:,} 对</td></tr>"
            for name, kind, pairs in rows
        )
    )
