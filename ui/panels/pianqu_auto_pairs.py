"""Compounds that the planner wants in one 片区, or not in one: added from the selection, listed, taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from data.proposing import ProposalSettings
from ui import edits, pianqu_page, session
from ui.scene import Scene
from ui.words import safe

__all__ = ["show"]

PANEL = "pianqu_auto_pairs"
MOST_NAMES, MOST_LISTED = 3, 30
# As many as a hand selects with a purpose; a lasso round a district is a slip.
MOST_TOGETHER = 50


def show(scene: Scene, settings: ProposalSettings) -> None:
    """Draw the two buttons and the list."""
    chosen = [str(uid) for uid in scene.selection]
    st.button(
        "所选小区必须同片",
        width="stretch",
        disabled=not 2 <= len(chosen) <= MOST_TOGETHER,
        key=session.widget(PANEL, "together"),
        on_click=_add_together,
        args=(chosen,),
    )
    st.button(
        "所选两个小区必须分开",
        width="stretch",
        disabled=len(chosen) != 2,
        key=session.widget(PANEL, "apart"),
        on_click=_add_apart,
        args=(chosen,),
    )
    if not settings.together and not settings.apart:
        st.caption(
            f"先在地图上选小区（按住 Shift 加选）：同片 2–{MOST_TOGETHER} 个，分开正好 2 个。"
            "同片的不要求相邻。"
        )
    listed = [("同片", group) for group in settings.together]
    listed += [("分开", pair) for pair in settings.apart]
    for at, (kind, uids) in enumerate(listed[:MOST_LISTED]):
        _row(scene, at, kind, uids)
    if len(listed) > MOST_LISTED:
        st.caption(f"另有 {len(listed) - MOST_LISTED:,} 条。")


def _row(scene: Scene, at: int, kind: str, uids: Sequence[str]) -> None:
    with st.container(horizontal=True, key=f"pianqu_auto_pair_{at}"):
        st.button(
            f"{kind}：{_told(scene, uids)}",
            type="tertiary",
            key=session.widget(PANEL, "show", at),
            on_click=_show,
            args=(uids,),
            help="在图上看",
        )
        st.button(
            "✕",
            type="tertiary",
            key=session.widget(PANEL, "remove", at),
            on_click=_remove,
            args=(kind, tuple(uids)),
            help="去掉这一条",
        )


def _told(scene: Scene, uids: Sequence[str]) -> str:
    names = scene.view.frame["name"].reindex(list(uids[:MOST_NAMES]))
    gone = ~names.index.isin(scene.view.frame.index)
    told = [
        "（已删除）" if lost else safe(name or "未命名小区")
        for name, lost in zip(names, gone, strict=True)
    ]
    more = f"等 {len(uids):,} 个" if len(uids) > MOST_NAMES else ""
    return "、".join(told) + more


def _add_together(uids: Sequence[str]) -> None:
    held = pianqu_page.proposal_settings()
    group = tuple(sorted(uids))
    if group not in held.together:
        pianqu_page.keep_settings(replace(held, together=(*held.together, group)))


def _add_apart(uids: Sequence[str]) -> None:
    held = pianqu_page.proposal_settings()
    first, second = sorted(uids)
    if (first, second) not in held.apart:
        pianqu_page.keep_settings(replace(held, apart=(*held.apart, (first, second))))


def _remove(kind: str, uids: tuple[str, ...]) -> None:
    held = pianqu_page.proposal_settings()
    if kind == "同片":
        kept = replace(held, together=tuple(group for group in held.together if group != uids))
    else:
        kept = replace(held, apart=tuple(pair for pair in held.apart if pair != uids))
    pianqu_page.keep_settings(kept)


def _show(uids: Sequence[str]) -> None:
    scene: Scene = session.get(session.SCENE)
    known = scene.view.known(list(uids))
    edits.select(known)
    if known:
        pianqu_page.zoom_to(scene, known)
