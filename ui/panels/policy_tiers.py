"""批次: tiers 实施、谋划、储备, given and suggested; who comes first; by when to apply."""

from __future__ import annotations

import datetime as dt
from html import escape

import pandas as pd
import streamlit as st

from policy.facts import facts
from policy.programme import TIERS, Deadline
from policy.programme_overview import deadlines
from ui import edits, policy_edits, policy_flow, policy_flow_edits, session
from ui.panels import policy_facts
from ui.policy_figures import would_change
from ui.policy_flow import NONE_GIVEN, NOT_IN
from ui.policy_scene import PolicyScene
from ui.words import safe

__all__ = ["show"]

PANEL = "policy_tiers"
CHOICES = (*TIERS, NONE_GIVEN)
CLASSES = {"已过期": " late", "今日截止": " soon", "未到期": " soon", "未规定": ""}
REASONS = 6


def show(scene: PolicyScene) -> None:
    """Draw tiers, suggestion, priority and deadlines."""
    if len(scene.selection) == 1:
        _one(scene, scene.selection[0])
    else:
        _many(scene, policy_flow.subjects(scene))
    _deadlines(deadlines(scene.profile, today=dt.date.today()))
    _clause(scene)


def _deadlines(found: list[Deadline]) -> None:
    if found:
        lines = "".join(
            f"<div class='flow-note{CLASSES[one.state]}'>{escape(one.message)}</div>"
            for one in found
        )
        st.html(f"<div class='group'>期限</div>{lines}")


def _clause(scene: PolicyScene) -> None:
    rule = scene.profile.one("tiers")
    if rule is None:
        st.caption(
            f"“{safe(scene.profile.title)}”没有写分批；批次仍可使用，填了“实施”的小区就是年度任务。"
        )
    else:
        st.caption(f"{safe(rule.text)}{safe(rule.clause)}")


# --- one compound ----------------------------------------------------------------------------------


def _one(scene: PolicyScene, uid: str) -> None:
    policy_facts.field(scene, uid, facts()["tier"])
    table = policy_flow.suggestions(scene)
    if table is not None:
        st.html(f"<div class='flow-note'>{escape(str(table.loc[uid, 'reason']))}</div>")
    rule = policy_flow.priority_rule(scene.profile)
    scores = policy_flow.priority_scores(scene, [uid])
    if rule is None or scores is None:
        return
    score = scores.loc[uid]
    st.html(
        f"<div class='group'>优先条件 满足 {score['score']}/{score['of']} 项</div>"
        f"<div class='flow-note'>{escape(str(score['reasons']))}</div>"
    )
    for fact_id in rule.get("facts"):
        policy_facts.field(scene, uid, facts()[fact_id])


# --- many ------------------------------------------------------------------------------------------


def _many(scene: PolicyScene, uids: list[str]) -> None:
    table = policy_flow.suggestions(scene)
    mine = None if table is None else table.loc[uids]
    if scene.selection:
        _give(scene, uids, mine)
    else:
        st.info("要填批次，请先在地图上框选，或在下面的表格里选。")
    _counts(scene, uids, mine)
    if mine is not None:
        _reasons(mine)
    _priority(scene, uids)


def _give(scene: PolicyScene, uids: list[str], mine: pd.DataFrame | None) -> None:
    """Offer one tier for all, or the suggested ones; each button says how many it changes."""
    chosen = st.segmented_control(
        "批次填成",
        CHOICES,
        default=CHOICES[0],
        required=True,
        key=session.widget(PANEL, "tier"),
    )
    tier = None if chosen == NONE_GIVEN else chosen
    changed = would_change(scene.view.frame, uids, "tier", tier)
    st.button(
        f"把 {len(changed):,} 个小区改为“{chosen}”" if changed else "没有要改的小区",
        type="primary",
        width="stretch",
        disabled=not changed,
        key=session.widget(PANEL, "apply"),
        on_click=policy_edits.guarded(policy_edits.set_fact),
        args=(scene, changed, "tier", tier),
    )
    st.caption(f"所选 {len(uids):,} 个，其中 {len(uids) - len(changed):,} 个不变。")
    if mine is not None:
        _give_suggested(scene, mine)


def _give_suggested(scene: PolicyScene, mine: pd.DataFrame) -> None:
    other = mine[mine["suggested"].notna() & (mine["suggested"] != mine["tier"])]
    wanted = {str(uid): str(tier) for uid, tier in other["suggested"].items()}
    out = int(mine["suggested"].isna().sum())
    st.button(
        f"按建议填 {len(wanted):,} 个小区" if wanted else "与建议一致，没有要改的",
        width="stretch",
        disabled=not wanted,
        key=session.widget(PANEL, "suggested"),
        on_click=policy_edits.guarded(policy_flow_edits.set_tiers),
        args=(scene, wanted),
        kwargs={"label": "按建议填批次"},
        help=f"建议“{NOT_IN}”的 {out:,} 个不改" if out else None,
    )


def _counts(scene: PolicyScene, uids: list[str], mine: pd.DataFrame | None) -> None:
    given = policy_flow.tiers(scene, uids).value_counts()
    heads, columns = ["现在"], [given]
    if mine is not None:
        heads.append("建议")
        columns.append(mine["suggested"].fillna(NOT_IN).value_counts())
    rows = [name for name in (*CHOICES, NOT_IN) if any(name in one for one in columns)]
    lines = "".join(
        f"<tr><td>{name}</td>{''.join(f'<td>{int(one.get(name, 0)):,}</td>' for one in columns)}</tr>"
        for name in rows
    )
    titles = "".join(f"<th>{head}</th>" for head in heads)
    st.html(f"<table class='counts'><tr><th>批次（小区数）</th>{titles}</tr>{lines}</table>")


def _reasons(mine: pd.DataFrame) -> None:
    """Name the reasons, each with its compounds; a click selects them."""
    counts = mine["reason"].value_counts()
    st.html("<div class='group'>建议的理由（点一行选中这些小区）</div>")
    with st.container(key="policy_steps"):
        for k, (reason, n) in enumerate(counts.iloc[:REASONS].items()):
            st.button(
                f"**{n:,} 个** {safe(reason)}",
                type="tertiary",
                width="stretch",
                key=session.widget(PANEL, "reason", k),
                on_click=edits.select,
                args=([str(uid) for uid in mine.index[mine["reason"] == reason]],),
            )
    if len(counts) > REASONS:
        st.caption(f"还有 {len(counts) - REASONS} 种理由，见下面的表格。")


def _priority(scene: PolicyScene, uids: list[str]) -> None:
    scores = policy_flow.priority_scores(scene, uids)
    rule = policy_flow.priority_rule(scene.profile)
    if scores is None or rule is None:
        return
    lines = "".join(
        f"<tr><td>满足 {score} 项</td><td>{n:,}</td></tr>"
        for score, n in scores["score"].value_counts().sort_index(ascending=False).items()
    )
    st.html(
        f"<div class='group'>{escape(rule.title)}（共 {scores['of'].iloc[0]} 项）</div>"
        f"<table class='counts'>{lines}</table>"
        f"<div class='flow-note'>{escape(rule.text)}<span class='clause'>{escape(rule.clause)}</span></div>"
    )
