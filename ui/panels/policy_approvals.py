"""审批: which approvals a compound's works need and why; what is not filled in yet can be set at once."""

from __future__ import annotations

from functools import partial
from html import escape

import streamlit as st

from policy.approvals import Approval, approvals
from policy.facts import facts
from policy.own_rules import known_profiles
from policy.profiles import Profile
from policy.programme_overview import approval_counts, approval_facts, approving
from ui import edits, policy_flow, policy_page, rule_profiles, session
from ui.panels import policy_facts
from ui.policy_scene import PolicyScene
from ui.words import safe

__all__ = ["show"]

PANEL = "policy_approvals"
CLASSES = {
    "需要": "need",
    "不需要": "spared",
    "不涉及": "spared",
    "合并办理": "merged",
    "另有规定": "need",
    "需论证": "open",
}


def show(scene: PolicyScene) -> None:
    """Draw under which plan it is seen, and the approvals."""
    profile = policy_flow.approval_profile(scene)
    _under(scene, profile)
    if not profile.of_kind("approvals"):
        return
    if len(scene.selection) == 1:
        _one(scene, scene.selection[0], profile)
    else:
        _many(scene, profile)


def _under(scene: PolicyScene, profile: Profile) -> None:
    """Say whose rule it is; a plan without one may be seen under a plan that has."""
    own = safe(scene.profile.title)
    if profile.id != scene.profile.id:
        st.caption(f"按“{safe(profile.title)}”试看，不改变计划采用的“{own}”。")
        st.button(
            "改回本计划的方案",
            type="tertiary",
            key=session.widget(PANEL, "back"),
            on_click=policy_flow.see_approvals_under,
            args=(None,),
        )
        return
    if profile.of_kind("approvals"):
        return
    titles = rule_profiles.titles(scene.view.settings)
    others = approving(known_profiles(scene.view.settings))
    named = "、".join(f"“{titles[key]}”" for key in others)
    st.info(f"“{own}”没有写哪些审批可以简化，按一般程序办理。写明的有：{safe(named)}。")
    for key in others:
        st.button(
            f"按“{safe(titles[key])}”试看",
            width="stretch",
            key=session.widget(PANEL, "under", key),
            on_click=policy_flow.see_approvals_under,
            args=(key,),
        )


# --- one compound ----------------------------------------------------------------------------------


def _one(scene: PolicyScene, uid: str, profile: Profile) -> None:
    found = approvals(scene.record(uid), profile)
    # In short above the facts that are clicked, so that each click is seen to tell; at length below.
    st.html(f"<div class='chips'>{''.join(map(_chip, found))}</div>")
    waiting = {title for one in found for title in one.unknown}
    said = f"，还有 {len(waiting)} 项要填" if waiting else ""
    st.html(f"<div class='group'>决定审批的情况{said}</div>")
    with st.container(key="policy_flow_facts"):
        for fact_id in approval_facts(profile):
            policy_facts.field(scene, uid, facts()[fact_id])
    st.html(f"<div class='group'>逐项理由</div>{_reasons(found)}")


def _chip(one: Approval) -> str:
    return (
        f"<span class='mark {CLASSES[one.state]}' title='{escape(one.why, quote=True)}'>"
        f"{escape(one.title)} <b>{one.state}</b></span>"
    )


def _reasons(found: list[Approval]) -> str:
    """Write the reasons; a clause that all have in common stands once, under them."""
    clauses = {one.clause for one in found}
    if len(clauses) > 1:
        return "".join(_line(one, one.clause) for one in found)
    common = f"<div class='clause'>{escape(clauses.pop())}</div>" if clauses else ""
    return "".join(_line(one, "") for one in found) + common


def _line(one: Approval, clause: str) -> str:
    return (
        f"<div class='approval'><span class='mark {CLASSES[one.state]}'>{one.state}</span>"
        f"<b>{escape(one.title)}</b><span class='tell'>{escape(one.why)}"
        f"<span class='clause'>{escape(clause)}</span></span></div>"
    )


# --- many ------------------------------------------------------------------------------------------


def _many(scene: PolicyScene, profile: Profile) -> None:
    uids = policy_flow.subjects(scene)
    if len(uids) > policy_flow.MOST:
        st.info(f"{len(uids):,} 个小区太多，请选中不超过 {policy_flow.MOST:,} 个，或点选一个。")
        return
    found = scene.loaded.kept(
        ("approvals", scene.view.revision, profile.id, tuple(uids)),
        partial(approval_counts, scene.view.frame.loc[uids], profile),
    )
    heads = "".join(f"<th>{state}</th>" for state in found.table)
    lines = "".join(
        f"<tr><td>{escape(str(title))}</td>{''.join(f'<td>{n:,}</td>' if n else '<td></td>' for n in row)}</tr>"
        for title, row in zip(found.table.index, found.table.to_numpy(), strict=True)
    )
    st.html(f"<table class='counts'><tr><th>审批（小区数）</th>{heads}</tr>{lines}</table>")
    if not found.unknown:
        return
    st.html("<div class='group'>要填写才能判断的情况（点一行去填）</div>")
    with st.container(key="policy_steps"):
        for fact_id, waiting in found.unknown.items():
            st.button(
                f"{safe(facts()[fact_id].title)}　**{len(waiting):,} 个未填**",
                type="tertiary",
                width="stretch",
                key=session.widget(PANEL, "fill", fact_id),
                on_click=_fill,
                args=(list(waiting), fact_id),
            )


def _fill(uids: list[str], fact_id: str) -> None:
    edits.select(uids)
    policy_page.fill_in(fact_id)
