"""筛选: which compounds are shown; all conditions must hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from data.schema import BOUNDARY_STATES, COMPOUND_KINDS
from policy import build_bands, catalogue
from policy.verdicts import SIGNS, STATES
from ui import edits, session, visit
from ui.filtering import NO_BOUNDARY, NO_PIANQU, VERDICT, active
from ui.scene import Scene

__all__ = ["show"]

PANEL = "filters"
ANY, HAS, HAS_NOT = "不限", "有", "没有"
OVERALL = "准入（全部准入规则）"


def show(scene: Scene) -> None:
    """Draw the filters, filled as the workspace has them."""
    frame = scene.view.frame
    _head(scene)
    bands = {band.id: band.title for band in build_bands.build_bands()}
    _many(scene, "bands", "建成年代", list(bands), bands.get)
    _many(scene, "subdistricts", "街道", _different(frame["subdistrict"]))
    _many(scene, "communities", "社区", _different(frame["community"]))
    _range(scene, "households", "户数", unit="户", step=50, per=1)
    _range(scene, "investment", "预计投资", unit="万元", step=50, per=10_000)
    _work(scene)
    _verdict(scene)
    names = {NO_PIANQU: "未分组", **scene.view.pianqu["name"].to_dict()}
    _many(scene, "pianqu", "片区", list(names), names.get)
    _many(scene, "boundary", "边界", [*BOUNDARY_STATES, NO_BOUNDARY])
    _many(scene, "kinds", "类型", [k for k in COMPOUND_KINDS if (frame["kind"] == k).any()])


def _head(scene: Scene) -> None:
    shown, total = int(scene.shown.sum()), len(scene.view.frame)
    st.markdown(f"显示 **{shown:,}** / {total:,} 个小区")
    left, right = st.columns(2)
    left.button(
        "清除筛选",
        width="stretch",
        disabled=not active(scene.workspace.filters),
        on_click=_reset,
        key="filters_reset",
    )
    right.button(
        "选中这些小区",
        width="stretch",
        disabled=not shown,
        on_click=_select_shown,
        key="filters_select",
    )


def _reset() -> None:
    visit.current().filters = {}
    session.forget(PANEL)


def _select_shown() -> None:
    scene = session.get(session.SCENE)
    edits.select(list(scene.view.frame.index[scene.shown]))
    visit.current().panel = "所选"


def _set(name: str, value: Any) -> None:
    workspace = visit.current()
    workspace.filters = active({**workspace.filters, name: value})


def _many(
    scene: Scene,
    name: str,
    title: str,
    options: list[str],
    write: Callable[[str], str | None] = str,
) -> None:
    if len(options) < 2 and name not in scene.workspace.filters:
        return
    key = session.widget(PANEL, name)
    chosen = [v for v in scene.workspace.filters.get(name, []) if v in options]
    st.multiselect(
        title,
        options,
        default=chosen,
        format_func=lambda v: write(v) or str(v),
        placeholder=ANY,
        key=key,
        on_change=lambda: _set(name, st.session_state[key]),
    )


def _range(scene: Scene, name: str, title: str, *, unit: str, step: int, per: int) -> None:
    low, high = scene.workspace.filters.get(name, [None, None])
    keys = [session.widget(PANEL, name, end) for end in ("low", "high")]

    def choose() -> None:
        values = [st.session_state[k] for k in keys]
        _set(name, [None if v is None else v * per for v in values])

    for column, key, value, end in zip(
        st.columns(2), keys, (low, high), ("不少于", "不多于"), strict=True
    ):
        column.number_input(
            f"{title}{end}（{unit}）",
            value=None if value is None else round(value / per),
            min_value=0,
            step=step,
            placeholder=ANY,
            key=key,
            on_change=choose,
        )


def _work(scene: Scene) -> None:
    titles = catalogue.work_titles()
    held = scene.workspace.filters.get("work") or {}
    keys = session.widget(PANEL, "work"), session.widget(PANEL, "has")

    def choose() -> None:
        work, has = (st.session_state[k] for k in keys)
        _set("work", {"id": work, "has": has == HAS} if work else {})

    left, right = st.columns([3, 2])
    works = list(titles)
    left.selectbox(
        "改造内容",
        works,
        index=works.index(held["id"]) if held.get("id") in works else None,
        format_func=titles.get,
        placeholder=ANY,
        key=keys[0],
        on_change=choose,
    )
    right.selectbox(
        "有无",
        [HAS, HAS_NOT],
        index=0 if held.get("has", True) else 1,
        key=keys[1],
        on_change=choose,
        disabled=not held,
    )


def _verdict(scene: Scene) -> None:
    """Choose states, and the rule that they are of."""
    if not scene.rules:
        return
    titles = {"": OVERALL, **{name: rule.title for name, rule in scene.rules.items()}}
    held = scene.workspace.filters.get(VERDICT) or {}
    keys = session.widget(PANEL, VERDICT), session.widget(PANEL, "states")

    def choose() -> None:
        rule, states = (st.session_state[k] for k in keys)
        # In the order of the states, so that the same choice is the same filter.
        chosen = [state for state in STATES if state in states]
        _set(VERDICT, {"rule": rule or "", "states": chosen} if chosen else {})

    left, right = st.columns([3, 2])
    names = list(titles)
    rule = held.get("rule") or ""
    left.selectbox(
        "政策规则",
        names,
        index=names.index(rule) if rule in names else 0,
        format_func=titles.get,
        key=keys[0],
        on_change=choose,
    )
    right.multiselect(
        "判定",
        STATES,
        default=held.get("states") or [],
        format_func=lambda state: f"{SIGNS[state]} {state}",
        placeholder=ANY,
        key=keys[1],
        on_change=choose,
    )
    if rule not in names:
        st.warning("筛选用的规则在现在的规则方案里没有，没有起作用。请重选规则或清除筛选。")


def _different(column: pd.Series) -> list[str]:
    return sorted(column.dropna().unique())
