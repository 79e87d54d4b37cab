"""阶段: one compound's way through the plan's stages and what is missing to go on; counts for many."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from policy.facts import facts
from policy.schedule import date_findings
from policy.stages import Missing
from policy.standing import NO_RECORDS, Standing, Step
from policy.wording import format_date
from ui import edits, page_links, policy_edits, policy_flow, policy_flow_edits, policy_page, session
from ui.panels import policy_facts, policy_schedule
from ui.policy_scene import PolicyScene
from ui.words import safe

__all__ = ["show"]

PANEL = "policy_stages"
SIGNS = {"已完成": "✓", "进行中": "●", "未填": "?", "未到": "○"}
# Where `policy.stage_needs` says that things are filled in.
CARD, VOTES, PROGRESS = "小区卡片", "表决记录", "进度记录"
MAX_CHARS, MAX_DAY = 200, 12


def show(scene: PolicyScene) -> None:
    """Draw the stages of the one compound, or how many stand where."""
    if len(scene.selection) == 1:
        _one(scene, scene.selection[0])
    else:
        _many(scene)
    policy_schedule.show(scene)


def _one(scene: PolicyScene, uid: str) -> None:
    found = policy_flow.stands(scene, uid)
    step = policy_flow.chosen_step(found, uid)
    st.html(_head(found, step))
    _form(scene, uid, step)
    if step.state != "已完成":
        _missing(scene, uid, step)
    _findings(scene, uid)
    _list(uid, found, step)


def _head(found: Standing, step: Step) -> str:
    at = found.steps.index(step) + 1
    said = f"第 {at}/{len(found.steps)} 步 · {step.state}"
    if step.days_late:
        said += f"，已过计划日期 {step.days_late:,} 天"
    return (
        f"<div class='flow-head'>{escape(step.word)}<span class='where'>{said}</span>"
        f"<span class='clause'>{escape(step.clause)}</span></div>"
    )


# --- the form --------------------------------------------------------------------------------------


def _form(scene: PolicyScene, uid: str, step: Step) -> None:
    """Draw the days and the buttons; with the version in the keys an undo or another's change shows."""
    of = (uid, step.stage.id, step.record, step.version)
    left, right = st.columns(2)
    values: dict[str, Any] = {}
    for column, (name, title) in zip(
        (left, right), (("planned_on", "计划日期"), ("reached_on", "完成日期")), strict=True
    ):
        values[name] = column.text_input(
            title,
            value=getattr(step, name) or "",
            placeholder="如 2024-10-08",
            max_chars=MAX_DAY,
            key=session.widget(PANEL, name, *of),
        )
    remarks = st.text_input(
        "备注",
        value=step.remarks or "",
        placeholder="备注，可不填",
        max_chars=MAX_CHARS,
        label_visibility="collapsed",
        key=session.widget(PANEL, "remarks", *of),
    )
    values["remarks"] = remarks.strip() or None
    with st.container(horizontal=True, gap="xsmall"):
        _buttons(scene, uid, step, values)
    if step.records > 1:
        st.caption(f"这一阶段有 {step.records} 条记录，显示的是完成日期最晚的一条，请删去多余的。")


def _buttons(scene: PolicyScene, uid: str, step: Step, values: dict[str, Any]) -> None:
    st.button(
        "保存",
        type="primary",
        key=session.widget(PANEL, "save"),
        on_click=policy_edits.guarded(policy_flow_edits.save_stage),
        args=(scene, uid, step, values),
    )
    if step.reached_on is None:
        st.button(
            "今天完成",
            key=session.widget(PANEL, "today"),
            on_click=policy_edits.guarded(policy_flow_edits.save_stage_today),
            args=(scene, uid, step, values),
            help="把完成日期填为今天并保存",
        )
    if step.record is not None:
        st.button(
            "删除记录",
            key=session.widget(PANEL, "delete"),
            on_click=policy_edits.guarded(policy_flow_edits.delete_stage),
            args=(scene, uid, step),
        )


# --- what is missing -------------------------------------------------------------------------------


def _missing(scene: PolicyScene, uid: str, step: Step) -> None:
    found = policy_flow.lacking(scene, uid, step)
    if not found:
        st.html(f"<div class='flow-done'>✓ “{escape(step.word)}”没有缺的，完成后填日期即可。</div>")
        return
    lines = "".join(
        f"<li>{escape(one.what)}<span class='clause'>{escape(one.clause)}</span></li>"
        for one in found
    )
    st.html(
        f"<div class='group'>离开这一阶段还缺 {len(found)} 项</div><ul class='lacking'>{lines}</ul>"
    )
    _ways(uid, found)
    for fact_id in dict.fromkeys(key for one in found for key in one.facts):
        policy_facts.field(scene, uid, facts()[fact_id])


def _ways(uid: str, found: list[Missing]) -> None:
    """Lead to where things are filled in that are not on this view."""
    wanted = {one.where for one in found}
    with st.container(horizontal=True, gap="small", key="policy_flow_ways"):
        if CARD in wanted:
            page_links.button(
                "去填：小区卡片",
                "",
                key=session.widget(PANEL, "card"),
                before=lambda: edits.open_card(uid),
                help="到“总图”打开这个小区的卡片",
            )
        if VOTES in wanted:
            st.button(
                "去填：表决公示",
                type="tertiary",
                key=session.widget(PANEL, "votes"),
                on_click=_to_votes,
            )
        if PROGRESS in wanted:
            st.button(
                "去填：进度",
                type="tertiary",
                key=session.widget(PANEL, "progress"),
                on_click=policy_flow.turn,
                args=(policy_flow.PROGRESS,),
            )


def _to_votes() -> None:
    policy_page.keep("check", policy_page.VOTES)
    policy_page.turn(policy_page.CHECK)


def _findings(scene: PolicyScene, uid: str) -> None:
    records = scene.plan.records("stages", compound_uids=[uid])
    for one in date_findings(records, scene.profile.document):
        st.html(f"<div class='problem'>{escape(one.message)}</div>")


# --- all stages ------------------------------------------------------------------------------------


def _list(uid: str, found: Standing, chosen: Step) -> None:
    own = "" if found.own else "（所选方案没有写阶段，列出各方案合并的阶段）"
    st.html(f"<div class='group'>全部阶段{own}</div>")
    if not found.recorded:
        st.caption("还没有记录。从第一个阶段填起，已经办完的可直接点后面的阶段填完成日期。")
    with st.container(key="policy_steps"):
        for step in found.steps:
            st.button(
                _line(step),
                type="secondary" if step is chosen else "tertiary",
                width="stretch",
                key=session.widget(PANEL, "step", step.stage.id),
                on_click=policy_page.keep,
                args=("stage", [uid, step.stage.id]),
            )
    if found.others:
        st.caption(f"另有其他方案的阶段记录：{safe('、'.join(found.others))}。")


def _line(step: Step) -> str:
    said = ""
    if step.reached_on:
        said = format_date(step.reached_on)
    elif step.planned_on:
        said = f"计划 {format_date(step.planned_on)}"
        said += f"，过期 {step.days_late:,} 天" if step.days_late else ""
    elif step.state == "未填":
        said = "未填"
    return f"{SIGNS[step.state]} {safe(step.word)}　{safe(said)}"


# --- many ------------------------------------------------------------------------------------------


def _many(scene: PolicyScene) -> None:
    uids = policy_flow.subjects(scene)
    counts = policy_flow.stage_now(scene).loc[uids].value_counts(sort=False)
    held = [(str(name), int(n)) for name, n in counts.items() if n]
    st.html("<div class='group'>正在办的阶段（点一行选中这些小区）</div>")
    with st.container(key="policy_steps"):
        for name, n in held:
            st.button(
                f"{safe(name)}　**{n:,} 个小区**",
                type="tertiary",
                width="stretch",
                key=session.widget(PANEL, "pick", name),
                on_click=_pick,
                args=(scene, uids, name),
            )
    if [name for name, _ in held] == [NO_RECORDS]:
        st.caption("还没有一个小区有阶段记录。在地图上点选一个小区，填它办到哪一步。")
    _late(scene, uids)


def _pick(scene: PolicyScene, uids: list[str], name: str) -> None:
    now = policy_flow.stage_now(scene).loc[uids]
    edits.select([str(uid) for uid in now.index[now == name]])


def _late(scene: PolicyScene, uids: list[str]) -> None:
    """Tell dates that are out of order, of those that the tab is about."""
    records = policy_flow.records(scene, "stages")
    mine = records[records["compound_uid"].isin(uids)]
    found = date_findings(mine, scene.profile.document)
    if not found:
        return
    st.html(f"<div class='group'>日期先后不对 {len(found):,} 处</div>")
    for one in found[:5]:
        name = policy_flow_edits.name_of(scene, one.subject)
        st.html(f"<div class='problem'>{escape(name)}：{escape(one.message)}</div>")
    st.button(
        "选中这些小区",
        type="tertiary",
        key=session.widget(PANEL, "disordered"),
        on_click=edits.select,
        args=(list(dict.fromkeys(one.subject for one in found)),),
    )
