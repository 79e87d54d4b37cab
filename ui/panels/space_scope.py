"""The head of the page 空间: which compounds it is about, and whether the walls between them come down."""

from __future__ import annotations

import streamlit as st

from ui import session
from ui.scene import Scene
from ui.space_scope import Scope, choose, take_walls_down

__all__ = ["empty", "show"]

PANEL = "space_scope"
SELECTED = ""


def show(scene: Scene, scope: Scope) -> None:
    """Draw the choice."""
    names = scene.view.pianqu["name"]
    options = [SELECTED, *map(str, names.sort_values().index)]
    key = session.widget(PANEL, "over")
    st.session_state[key] = scope.pianqu or SELECTED
    with st.container(key="space_scope"):
        st.selectbox(
            "范围",
            options,
            key=key,
            format_func=lambda uid: _option(scene, scope, uid),
            on_change=_choose,
            args=(key,),
            filter_mode="contains",
            label_visibility="collapsed",
            help=None,
        )
        if scope.pianqu is not None and len(scope.uids) > 1:
            walls = session.widget(PANEL, "walls")
            st.session_state[walls] = scope.walls_down
            st.checkbox(
                "拆围墙合并",
                key=walls,
                on_change=lambda: take_walls_down(down=bool(st.session_state[walls])),
                help="成员之间的围墙拆掉，整个片区当作一块地：相邻边界不再退让，通道可以从这边通到那边",
            )
    if scope.without_boundary:
        st.caption(f"另有 {scope.without_boundary:,} 个小区没有边界，不参与计算。")


def empty(scene: Scene) -> None:
    """Say how to choose compounds."""
    if not scene.view.frame.geometry.notna().any():
        st.info("还没有边界，算不了空地和车位。请到“数据”页导入边界，或在“总图”上画。")
        return
    way = "，或在上面选一个片区" if len(scene.view.pianqu) else ""
    st.info(
        f"先选小区：在地图上点一个，按住 Shift 再点可加选，用左边的框选、多边形、套索可选一片{way}。"
    )


def _option(scene: Scene, scope: Scope, uid: str) -> str:
    if uid == SELECTED:
        return "所选小区（还没有选）" if not scene.selection else f"所选：{_selected(scene, scope)}"
    return f"片区：{scene.view.pianqu.loc[uid, 'name']}"


def _selected(scene: Scene, scope: Scope) -> str:
    if scope.pianqu is not None or len(scene.selection) != 1:
        return f"{len(scene.selection):,} 个小区"
    return scope.title


def _choose(key: str) -> None:
    choose(session.get(session.SCENE), st.session_state[key] or None)
