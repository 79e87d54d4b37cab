"""采用方案: what would change, what a lock holds, and the planner's word."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from data.scheme_adopting import Adoption, plan_adoption
from ui import messages, pianqu_compare_page, session
from ui.pianqu_compare import State, grouping
from ui.scene import Scene
from ui.words import safe

__all__ = ["dialog"]

PANEL = "pianqu_adopt"
KEEP = session.widget(PANEL, "keep")
MAX_ROWS, MOST_NAMES = 200, 6
ROW_HEIGHT, MOST_SEEN = 28, 7
UNGROUPED = "未分组"


@st.dialog("采用方案", width="medium")
def dialog(scene: Scene, state: State) -> None:
    """Show what taking a state over would do, and do it at the planner's word."""
    view = scene.view
    keep = bool(session.get(KEEP))
    adoption = plan_adoption(view.frame, view.pianqu, grouping(scene, state), keep_locked=keep)
    st.markdown(f"将把现状改成方案 **{safe(state.title)}**。")
    for line in _told(adoption, keep=keep):
        st.markdown(f"- {line}")
    _locks(adoption)
    if len(adoption.moves):
        _table(scene, adoption.moves)
    ready = len(adoption.moves) > 0 and (keep or not len(adoption.held))
    left, right = st.columns(2)
    if left.button(
        "采用",
        type="primary",
        width="stretch",
        disabled=not ready,
        key=session.widget(PANEL, "sure"),
    ):
        with st.spinner("正在采用，小区多时要等一会儿…"):
            messages.guarded(pianqu_compare_page.adopt)(scene, state, keep_locked=keep)
        st.rerun()
    if right.button("取消", width="stretch", key=session.widget(PANEL, "cancel")):
        st.rerun()


def _told(adoption: Adoption, *, keep: bool) -> list[str]:
    if not len(adoption.moves):
        return ["现状已经和它一样，没有要改的。"]
    stays = len(adoption.held) if keep else 0
    held = f"，另 {stays:,} 个因锁定不动" if stays else ""
    told = [f"{len(adoption.moves) - stays:,} 个小区换片区{held}；可撤销。"]
    for names, words in (
        (adoption.made, "新建片区"),
        (adoption.emptied, "不再有小区、随之删除的片区"),
    ):
        if names:
            shown = "、".join(f"“{safe(name)}”" for name in names[:MOST_NAMES])
            more = f"等 {len(names):,} 个" if len(names) > MOST_NAMES else ""
            told.append(f"{words}：{shown}{more}")
    if adoption.gone:
        told.append(f"方案里有 {adoption.gone:,} 个小区已不在计划里，略过。")
    if adoption.new:
        told.append(f"{len(adoption.new):,} 个小区是保存之后新增的，保持现在的片区。")
    return told


def _locks(adoption: Adoption) -> None:
    """Say what a lock holds, and offer to leave it and take the rest over."""
    held = adoption.held
    if not len(held):
        return
    reasons = held["lock"].value_counts()
    said = "；".join(f"{safe(reason)}（{count:,} 个小区）" for reason, count in reasons.items())
    st.warning(f"有锁定，不能全部照方案改：{said}。请先解锁，或勾选下面一项。")
    st.checkbox(f"锁定的 {len(held):,} 个小区保持不动，其余照方案改", key=KEEP)


def _table(scene: Scene, moves: pd.DataFrame) -> None:
    listed = moves.head(MAX_ROWS)
    if len(moves) > MAX_ROWS:
        st.caption(f"列出前 {MAX_ROWS} 个：")
    columns = {
        "小区": scene.view.frame["name"].reindex(listed.index).fillna("未命名小区").to_numpy(),
        "现在": listed["before"].fillna(UNGROUPED).to_numpy(),
        "采用后": listed["after"].fillna(UNGROUPED).to_numpy(),
    }
    if moves["lock"].notna().any():
        columns["锁定"] = listed["lock"].fillna("").to_numpy()
    st.dataframe(
        pd.DataFrame(columns),
        height=ROW_HEIGHT * (min(len(listed), MOST_SEEN) + 1) + 4,
        hide_index=True,
        row_height=ROW_HEIGHT,
        key=session.widget(PANEL, "moves"),
    )
