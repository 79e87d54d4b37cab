"""Layouts that are saved in the plan: whose, how many, when and by whom, whether the plan has moved on since."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from data.layouts import SavedLayout
from policy.wording import UNKNOWN, format_count
from ui import edits, messages, pianqu_page, session, space_edits, space_layouts, space_page
from ui.scene import Scene
from ui.space_shown import saved_of
from ui.words import safe

__all__ = ["show"]

PANEL = "space_saved"
MOST_ROWS = 40


def show(scene: Scene) -> None:
    """Draw the list, those of the selected compounds first."""
    saved = saved_of(scene)
    if not saved:
        st.info("还没有存过车位方案。排布后按“存进计划”，就列在这里。")
        return
    basis = space_layouts.origin(scene.loaded, scene.view).basis
    chosen = set(scene.selection)
    listed = sorted(saved.values(), key=lambda one: one.compound_uid not in chosen)
    total = sum(_new(one) for one in listed)
    stale = sum(one.stale(basis) for one in listed)
    st.caption(
        f"共 {len(listed):,} 个小区，新增 {total:,} 个车位"
        + (
            f"；{stale:,} 个已过时：存了以后计划又有修改，数字可能不再对，请重新排布。"
            if stale
            else "。"
        )
    )
    for at, one in enumerate(listed[:MOST_ROWS]):
        _row(scene, at, one, stale=one.stale(basis))
    if len(listed) > MOST_ROWS:
        st.caption(f"另有 {len(listed) - MOST_ROWS:,} 个，先在图上选小区，选中的排在前面。")


def _row(scene: Scene, at: int, one: SavedLayout, *, stale: bool) -> None:
    name = safe(scene.view.frame["name"].get(one.compound_uid) or "未命名小区")
    capacity = one.figures["capacity"]
    fits = UNKNOWN if capacity is None else format_count(capacity)
    old = " · :orange[已过时]" if stale else ""
    with st.container(horizontal=True, key=f"space_saved_{at}"):
        st.markdown(
            f"**{name}**{old}  \n新增 {_new(one):,} 个（可容 {fits}） · {_when(one.saved_at)} {safe(one.saved_by)}"
        )
        st.button(
            "看",
            key=session.widget(PANEL, "show", one.uid),
            on_click=_show,
            args=(one.compound_uid,),
            help="选中这个小区，在图上看它的方案",
        )
        st.button(
            "删除",
            key=session.widget(PANEL, "delete", one.uid),
            on_click=messages.guarded(space_edits.delete),
            args=(scene, [one.compound_uid]),
            help="删去它的停车位和通道，新增停车位恢复成存之前的；可撤销",
        )


def _new(one: SavedLayout) -> int:
    return (one.figures["stalls"] or 0) + (one.figures["mechanical"] or 0)


def _when(text: str) -> str:
    try:
        at = dt.datetime.fromisoformat(text).astimezone()
    except ValueError:
        return ""
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


def _show(compound_uid: str) -> None:
    scene: Scene = session.get(session.SCENE)
    space_layouts.drop(scene, [compound_uid])
    edits.select([compound_uid])
    space_page.turn_stalls(space_page.LAID_OUT)
    pianqu_page.zoom_to(scene, [compound_uid])
