"""Tab 核对: what the rules say to the selected compounds; comparing plans, facts and votes beside it."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from policy.judging import Judgement
from policy.verdicts import SIGNS, STATES
from ui import edits, policy_page, session
from ui.panels import policy_compare, policy_facts, policy_votes
from ui.panels.policy_verdicts import CLASSES, counted_html, sign_html, verdict_html
from ui.panels.switch import switch
from ui.policy_figures import worst_of
from ui.policy_reading import groups_judged
from ui.policy_scene import PolicyScene
from ui.words import safe

__all__ = ["show", "subject"]

PANEL = "policy_check"


def show(scene: PolicyScene) -> None:
    """Draw whom it is about, and the view."""
    if not len(scene.view.frame):
        st.info("这个计划里还没有小区。请到“数据”页导入台账或边界，或在“总图”上画。")
        return
    subject(scene, "在图上点一个看它的判定")
    view = _views()
    if view == policy_page.OWN_VERDICTS:
        _verdicts(scene)
    elif view == policy_page.COMPARE:
        policy_compare.show(scene)
    elif view == policy_page.FACTS:
        policy_facts.show(scene)
    else:
        policy_votes.show(scene)


def subject(scene: PolicyScene, hint: str) -> None:
    """Say whom the tab is about, and offer the members of a 片区; `hint` is told where nobody is selected."""
    count = len(scene.selection)
    with st.container(horizontal=True, gap="xsmall", key="policy_subject"):
        if count == 1:
            st.markdown(f"**{safe(scene.selected['name'].iloc[0] or '未命名小区')}**")
        elif count:
            st.markdown(f"**所选 {count:,} 个小区**")
        else:
            st.markdown(f"**全部 {len(scene.view.frame):,} 个小区**（{hint}）")
        names = scene.view.pianqu["name"].to_dict()
        if names:
            _pianqu(scene, names)


def _pianqu(scene: PolicyScene, names: dict[str, str]) -> None:
    """Take all members of a 片区."""
    key = session.widget(PANEL, "pianqu")

    def choose() -> None:
        uid = st.session_state.pop(key, None)
        if uid is not None:
            frame = scene.view.frame
            edits.select(
                [str(one) for one in frame.index[frame["pianqu_uid"].eq(uid).fillna(False)]]
            )

    with st.popover("片区…"):
        st.selectbox(
            "选中一个片区的全部小区",
            list(names),
            index=None,
            format_func=lambda uid: names.get(uid, str(uid)),
            placeholder="请选择片区",
            key=key,
            on_change=choose,
            filter_mode=None,
        )


def _views() -> str:
    return switch(
        "看什么",
        policy_page.CHECK_VIEWS,
        policy_page.check_view(),
        lambda view: policy_page.keep("check", view),
        key=session.widget(PANEL, "view"),
        place="policy_views",
    )


def _verdicts(scene: PolicyScene) -> None:
    judgement = scene.judgement
    if not judgement.rows:
        st.info(f"“{safe(scene.profile.title)}”没有由程序判定的规则，请到“规则”选另一套。")
        return
    if len(scene.selection) == 1:
        _one(judgement, scene.selection[0])
    else:
        _many(scene, judgement)
    _cap(judgement)


def _one(judgement: Judgement, uid: str) -> None:
    groups = groups_judged(judgement)
    verdicts = list(zip(judgement.verdicts(uid), judgement.rows, strict=True))
    parts = []
    for name in groups:
        state = worst_of(judgement, uid, name)
        said = f"<div class='group'>{sign_html(state)}{escape(name)}<span class='state'>{state}</span></div>"
        cards = "".join(verdict_html(one) for one, rows in verdicts if rows.rule.group == name)
        parts.append(said + cards)
    st.html("".join(parts))


def _many(scene: PolicyScene, judgement: Judgement) -> None:
    uids = scene.selection or list(judgement.index)
    at = judgement.index.get_indexer(np.asarray(uids, dtype=object))
    lines = []
    for name in groups_judged(judgement):
        states = judgement.overall(name).to_numpy(object)[at]
        counts = [int((states == state).sum()) for state in STATES]
        lines.append(
            f"<tr class='head'><td>{escape(name)}</td><td>{counted_html(counts)}</td></tr>"
        )
        for rows in judgement.rows:
            if rows.rule.group == name:
                found = np.bincount(rows.codes[at], minlength=len(STATES))
                lines.append(
                    f"<tr><td title='{escape(rows.rule.clause, quote=True)}'>{escape(rows.rule.title)}</td>"
                    f"<td>{counted_html(found)}</td></tr>"
                )
    st.html(f"<table class='matrix wide'>{''.join(lines)}</table>")
    signs = "，".join(f"{SIGNS[state]} {state}" for state in STATES)
    st.caption(f"数字是小区数（{signs}）。每一组的第一行是这一组各条合起来的结论。")


def _cap(judgement: Judgement) -> None:
    """Show the share of later ones in the year's task, where the profile caps it."""
    cap = judgement.cap
    if cap is None:
        return
    st.html(
        f"<div class='group'>放宽名额（按年度任务）</div>"
        f"<div class='{CLASSES[cap.verdict.state]}'>{verdict_html(cap.verdict)}</div>"
    )
