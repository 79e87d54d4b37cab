"""Tab 规则: the plan's profile, its rules by heading, and one click to colour the map by one of them."""

from __future__ import annotations

from html import escape

import streamlit as st

from policy.documents import document
from policy.own_rules import damaged_profiles
from policy.profiles import Profile, Rule
from policy.rule_kinds import GROUPS
from policy.wording import format_date
from ui import policy_edits, policy_page, rule_profiles, session
from ui.panels import policy_own, policy_rule_form
from ui.panels.policy_verdicts import counted
from ui.policy_reading import figures_of
from ui.policy_scene import PolicyScene
from ui.words import safe

__all__ = ["choose_another", "show"]

PANEL = "policy_rules"
JUDGED, SHOWN = "由程序判定", "仅供查阅"


def show(scene: PolicyScene) -> None:
    """Draw the choice of a profile, and its rules or the form of one of them."""
    if policy_rule_form.shown(scene):
        return
    _chooser(scene)
    profile = scene.profile
    policy_own.show(scene, profile)
    _colouring(scene)
    headings = [name for name in GROUPS if any(r.group == name for r in profile.rules.values())]
    opened = _headings(profile, headings)
    listed = [rule for rule in profile.rules.values() if rule.group == opened]
    # What decides comes first.
    for rule in sorted(listed, key=lambda rule: not rule.judged):
        _rule(scene, profile, rule)


def choose_another(scene: PolicyScene) -> None:
    """Draw what is wrong with the profile that can not be read, and the choice of another."""
    for damage in damaged_profiles(scene.view.settings).values():
        st.warning(safe(damage))
    st.info("本计划采用的规则方案读不出来。请在这里另选一套，或用“撤销”回到上一步。")
    _chooser(scene)


def _chooser(scene: PolicyScene) -> None:
    settings = scene.view.settings
    titles = rule_profiles.titles(settings)
    adopted = rule_profiles.adopted(settings)
    options = list(titles)
    # With what is adopted, so that an undo or another planner's choice shows.
    key = session.widget(PANEL, "profile", adopted, len(options))

    def choose() -> None:
        chosen = st.session_state[key]
        if chosen is not None and chosen != adopted:
            policy_edits.guarded(policy_edits.adopt)(scene, chosen)

    st.selectbox(
        "本计划按哪套规则判定",
        options,
        index=options.index(adopted) if adopted in options else None,
        format_func=lambda one: titles.get(one, str(one)),
        placeholder=f"还没有选：暂按{rule_profiles.profile_title(settings)}判定",
        key=key,
        on_change=choose,
        filter_mode=None,
    )


def _colouring(scene: PolicyScene) -> None:
    """Go back from one rule to the whole of 准入."""
    if not scene.coloured or not scene.admits:
        return
    title = scene.profile.rules[scene.coloured].title
    st.button(
        f"图上现为“{safe(title)}”，改回准入合计",
        key=session.widget(PANEL, "whole"),
        icon=":material/palette:",
        width="stretch",
        on_click=_colour_whole,
    )


def _colour_whole() -> None:
    policy_page.focus_on(None)
    policy_page.colour_by("")


def _headings(profile: Profile, headings: list[str]) -> str:
    counts = {name: sum(rule.group == name for rule in profile.rules.values()) for name in headings}
    key = session.widget(PANEL, "group")
    st.session_state[key] = policy_page.group(headings)
    with st.container(key="policy_groups"):
        st.pills(
            "类别",
            headings,
            key=key,
            required=True,
            format_func=lambda name: f"{name} {counts[name]}",
            label_visibility="collapsed",
            on_change=lambda: policy_page.open_group(st.session_state[key]),
        )
    return policy_page.group(headings)


def _rule(scene: PolicyScene, profile: Profile, rule: Rule) -> None:
    rows = next((rows for rows in scene.judgement.rows if rows.rule.name == rule.name), None)
    with st.container(key=session.widget(PANEL, "card", rule.name).replace(":", "-")):
        changed = policy_edits.held_change(scene.view.settings, profile.id, rule.name)
        st.html(_card(rule, changed=changed is not None))
        with st.container(horizontal=True, gap="xsmall", key=f"policy_do_{rule.name}"):
            if rows is not None:
                st.button(
                    f"图上着色　{counted(rows.codes)}",
                    key=session.widget(PANEL, "colour", rule.name),
                    icon=":material/palette:",
                    type="primary" if scene.coloured == rule.name else "secondary",
                    on_click=policy_page.colour_by,
                    args=(rule.name,),
                )
            if profile.parent:
                st.button(
                    "修改",
                    key=session.widget(PANEL, "change", rule.name),
                    icon=":material/edit:",
                    on_click=policy_rule_form.begin,
                    args=(scene, rule.name),
                )


def _card(rule: Rule, *, changed: bool) -> str:
    tag = f"<span class='tag {'basic' if rule.judged else 'other'}'>{JUDGED if rule.judged else SHOWN}</span>"
    tag += "<span class='tag improve'>我市改动</span>" if changed else ""
    figures = "".join(
        f"<tr><td>{escape(title)}</td><td>{escape(text)}</td></tr>"
        for title, text in figures_of(rule)
    )
    table = f"<table class='figures'>{figures}</table>" if figures else ""
    why = f"<div class='why'>改动理由：{escape(rule.why)}</div>" if rule.why else ""
    checked = f"最近核对 {format_date(rule.checked_on.isoformat())}"
    source = escape(document(rule.document).title, quote=True)
    return (
        f"<div class='rule'><div class='rule-title'>{escape(rule.title)}{tag}</div>"
        f"<div>{escape(rule.text)}</div>{table}{why}"
        f"<div class='clause' title='{source}'>{escape(rule.clause)}　{checked}</div></div>"
    )
