"""The proposals before one is taken over: side by side in figures, what the shown one makes, 采用 or 放弃."""

from __future__ import annotations

from html import escape

import streamlit as st

from data.proposing import Proposal, is_stale
from policy.wording import format_count, format_share, format_wan
from ui import messages, pianqu_edits, pianqu_page, session
from ui.panels import pianqu_preview_rows
from ui.panels.switch import switch
from ui.pianqu_figures import barrier_settings
from ui.pianqu_proposal import basis_of
from ui.scene import Scene
from ui.words import safe

__all__ = ["show"]

PANEL = "pianqu_preview"


def show(scene: Scene) -> None:
    """Draw the proposals, of which there is at least one."""
    proposals, shown = pianqu_page.proposals(scene), pianqu_page.proposal(scene)
    if shown is None:
        return
    stale = is_stale(shown, basis_of(scene.loaded, scene.view))
    _warn(scene, shown, stale=stale)
    if len(proposals) > 1:
        _switch(proposals, shown)
    st.html(_compared_html(proposals, shown))
    st.markdown(_verdict(shown))
    _decide(scene, shown, stale=stale)
    pianqu_preview_rows.show(scene, shown, stale=stale)
    _notes(scene, shown)


def _warn(scene: Scene, shown: Proposal, *, stale: bool) -> None:
    if stale:
        st.warning(
            f"方案已过时：它按修订 {shown.origin.edition:,} 生成，计划现在是修订 "
            f"{scene.view.edition:,}。请重新生成。"
        )
    elif shown.settings != pianqu_page.proposal_settings():
        st.warning("设置已改，下面仍是之前生成的方案。")


def _switch(proposals: tuple[Proposal, ...], shown: Proposal) -> None:
    titles = {f"方案 {at}": one for at, one in enumerate(proposals, start=1)}
    held = next(title for title, one in titles.items() if one.key == shown.key)
    switch(
        "方案",
        list(titles),
        held,
        lambda title: pianqu_page.show_proposal(titles[title].key),
        key=session.widget(PANEL, "which"),
        place="pianqu_preview_which",
    )


def _compared_html(proposals: tuple[Proposal, ...], shown: Proposal) -> str:
    """One column a proposal, the shown one marked."""

    def row(head: str, cells: list[str], tag: str = "td") -> str:
        marks = [" class='shown'" if one.key == shown.key else "" for one in proposals]
        body = "".join(
            f"<{tag}{mark}>{escape(cell)}</{tag}>" for mark, cell in zip(marks, cells, strict=True)
        )
        return f"<tr><{tag}>{head}</{tag}>{body}</tr>"

    measures = [one.measures for one in proposals]
    rows = [
        row("侧重", [one.emphasis for one in proposals], "th"),
        row("片区数", [format_count(m.pianqu) for m in measures]),
        row("安排户数", [_share(m.placed_share) for m in measures]),
        row("户数不足", [format_count(m.short) for m in measures]),
        row("未分组小区", [format_count(m.unassigned) for m in measures]),
        row("平均紧凑度", [_decimal(m.compactness) for m in measures]),
        row("最大跨度/米", [format_count(_rounded(m.diameter_m)) for m in measures]),
        row("缺口/万元", [format_wan(m.uncovered_yuan, none="0.0") for m in measures]),
    ]
    return f"<table class='compared'>{''.join(rows)}</table>"


def _share(share: float | None) -> str:
    return "未知" if share is None else format_share(share)


def _decimal(value: float | None) -> str:
    return "/" if value is None else f"{value:.2f}"


def _rounded(value: float | None) -> int | None:
    return None if value is None else round(value)


def _verdict(shown: Proposal) -> str:
    placed = int(shown.names.notna().sum())
    told = [f"**{shown.measures.pianqu:,} 个片区**，安排 {placed:,} / {len(shown.names):,} 个小区"]
    if shown.feasible:
        told.append("✓ 都符合限制")
    if shown.measures.short:
        told.append(f"✗ {shown.measures.short:,} 个片区户数不足")
    if len(shown.unassigned):
        told.append(f"{len(shown.unassigned):,} 个小区未分组")
    sign = "✓ " if shown.optimal else ""
    return f"{'，'.join(told)}。\n\n{sign}{safe(shown.proof)}"


def _decide(scene: Scene, shown: Proposal, *, stale: bool) -> None:
    if shown.moved:
        st.caption(f"采用后，{shown.moved:,} 个小区将离开现在的片区；空了的片区随之删除。")
    left, middle, right = st.columns(3)
    left.button(
        "采用",
        type="primary",
        width="stretch",
        disabled=stale,
        key=session.widget(PANEL, "adopt"),
        on_click=messages.guarded(pianqu_edits.adopt),
        args=(scene, shown),
    )
    middle.button(
        "存为方案",
        width="stretch",
        disabled=stale,
        key=session.widget(PANEL, "save"),
        on_click=messages.guarded(pianqu_edits.save_proposal),
        args=(scene, shown),
        help="留着以后比较；到“比较”里看、改名或采用",
    )
    right.button(
        "放弃",
        width="stretch",
        key=session.widget(PANEL, "drop"),
        on_click=pianqu_page.forget_proposals,
        help="放弃全部方案，计划不变",
    )


def _notes(scene: Scene, shown: Proposal) -> None:
    for note in shown.notes:
        st.caption(safe(note))
    for title, reasons in (("未分组", shown.unassigned), ("不参加", shown.staying)):
        if len(reasons):
            with st.expander(f"{title}的 {len(reasons):,} 个小区和原因"):
                st.html(pianqu_preview_rows.reasons_html(scene, reasons))
    barriers = barrier_settings(scene.view).words
    st.caption(
        f"{safe(shown.settings.words)}；{safe(barriers)}；按修订 {shown.origin.edition:,} 生成，"
        f"用时 {shown.seconds:.1f} 秒。"
        "缺口是各片区自己的补助、出资补不上的投资合计，未知的按 0 计。"
    )
