"""The proposal before it is taken over: what it would make, what it leaves out, 采用 or 放弃."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from ui import edits, messages, pianqu_edits, pianqu_page, session
from ui.panels import pianqu_rows
from ui.pianqu_proposal import Proposal, ProposalSettings, is_stale
from ui.scene import Scene
from ui.words import safe

__all__ = ["show"]

PANEL = "pianqu_preview"
MAX_NAMES = 40
MAX_ROWS = 200
FITS = "符合"


def show(scene: Scene, settings: ProposalSettings) -> None:
    """Draw the proposal, if there is one."""
    proposal = pianqu_page.proposal(scene)
    if proposal is None:
        st.caption("方案先在图上预览，采用之前不改动计划；采用后也可撤销。")
        return
    stale = is_stale(proposal, scene.view.revision)
    if stale:
        st.warning(
            f"方案已过时：它按修订 {proposal.edition:,} 生成，计划现在是修订 "
            f"{scene.view.edition:,}。请重新生成。"
        )
    elif proposal.settings != settings:
        st.warning("上面的设置已改，下面仍是之前生成的方案。")
    st.markdown(_summary(proposal))
    _decide(scene, proposal, stale=stale)
    _rows(scene, proposal, stale=stale)
    _notes(scene, proposal)


def _summary(proposal: Proposal) -> str:
    count, placed = len(proposal.table), int(proposal.names.notna().sum())
    verdict = "✓ 都符合户数限制" if proposal.feasible else _shortfall(proposal)
    return f"**{count:,} 个片区**，安排 {placed:,} / {len(proposal.names):,} 个小区。{verdict}"


def _shortfall(proposal: Proposal) -> str:
    short = int((proposal.table["state"] != FITS).sum())
    told = []
    if short:
        told.append(f"✗ {short:,} 个片区户数不足")
    if len(proposal.unassigned):
        told.append(f"{len(proposal.unassigned):,} 个小区未分组")
    return "，".join(told)


def _decide(scene: Scene, proposal: Proposal, *, stale: bool) -> None:
    if proposal.moved:
        st.caption(f"采用后，{proposal.moved:,} 个小区将离开现在的片区；空了的片区随之删除。")
    left, right = st.columns(2)
    left.button(
        "采用",
        type="primary",
        width="stretch",
        disabled=stale,
        key=session.widget(PANEL, "adopt"),
        on_click=messages.guarded(pianqu_edits.adopt),
        args=(scene, proposal),
    )
    right.button(
        "放弃",
        width="stretch",
        key=session.widget(PANEL, "drop"),
        on_click=pianqu_page.forget_proposal,
    )


def _rows(scene: Scene, proposal: Proposal, *, stale: bool) -> None:
    table = proposal.table.assign(
        name=proposal.table.index,
        color=proposal.colors.reindex(proposal.table.index),
        sign=["✓" if state == FITS else "✗" for state in proposal.table["state"]],
    )
    if len(table) > MAX_ROWS:
        # What breaks a limit is what the planner has to look at.
        table = table.sort_values("sign", ascending=False, kind="stable").head(MAX_ROWS)
        st.caption(f"只列出前 {MAX_ROWS} 个，不符合限制的在前。")
    names = list(table.index)

    def pick(row: int | None) -> None:
        if row is not None and not stale:
            members = [str(u) for u in proposal.names.index[proposal.names == names[row]]]
            edits.select(members)
            pianqu_page.zoom_to(scene, members)

    pianqu_rows.show(table, panel=PANEL, sign="符合", epoch=proposal.key, on_pick=pick)


def _notes(scene: Scene, proposal: Proposal) -> None:
    for note in proposal.notes:
        st.caption(safe(note))
    if len(proposal.unassigned):
        with st.expander(f"未分组的 {len(proposal.unassigned):,} 个小区和原因"):
            st.html(_unassigned(scene, proposal.unassigned))
    st.caption(
        f"{proposal.settings.words}；按修订 {proposal.edition:,} 生成，用时 "
        f"{proposal.seconds:.1f} 秒。先按间距和户数给出初步分法，还未计道路、河流等阻隔。"
    )


def _unassigned(scene: Scene, reasons: pd.Series) -> str:
    names = scene.view.frame["name"].reindex(reasons.index)
    lines = [
        f"<li>{escape(str(name or '未命名小区'))}：{escape(str(reason))}</li>"
        for name, reason in zip(names[:MAX_NAMES], reasons[:MAX_NAMES], strict=True)
    ]
    if len(reasons) > MAX_NAMES:
        lines.append(f"<li>……另有 {len(reasons) - MAX_NAMES:,} 个</li>")
    return f"<ul class='names'>{''.join(lines)}</ul>"
