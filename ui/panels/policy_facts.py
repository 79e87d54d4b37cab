"""小区情况: facts of compounds that rules ask for, one by one or for all selected at once."""

from __future__ import annotations

from typing import Any

import streamlit as st

from errors import PlanningError
from policy.facts import Fact, fact_value, facts, read_fact
from ui import policy_edits, policy_page, session
from ui.policy_figures import tally_changes, would_change
from ui.policy_reading import asked_facts
from ui.policy_scene import PolicyScene
from ui.words import safe

__all__ = ["field", "show"]

PANEL = "policy_facts"
YES_NO: tuple[tuple[str, Any], ...] = (("是", True), ("否", False), ("未知", None))
UNKNOWN = "未知"


def show(scene: PolicyScene) -> None:
    """Draw the facts of the one compound, or the form for many."""
    if len(scene.selection) == 1:
        _one(scene, scene.selection[0])
    elif scene.selection:
        _many(scene)
    else:
        st.info("请先在地图上选小区：选一个逐项填写，选多个一次填同一项。")


def _one(scene: PolicyScene, uid: str) -> None:
    asked = asked_facts(scene.profile)
    wanted = policy_page.fact()
    if wanted in facts() and wanted not in asked:
        asked = (wanted, *asked)
    st.caption("点一下就保存，可撤销。台账里有这一列的，已按台账读出。")
    if not asked:
        st.caption("这套规则没有要问的情况。")
    for fact_id in asked:
        field(scene, uid, facts()[fact_id])
    others = [one for key, one in facts().items() if key not in asked]
    with st.expander(f"其他情况（{len(others)}）"):
        group = ""
        for one in others:
            if one.group != group:
                group = one.group
                st.markdown(f"##### {group}")
            field(scene, uid, one)


def field(scene: PolicyScene, uid: str, fact: Fact) -> None:
    """Draw one fact of one compound; a click saves it."""
    record = scene.record(uid)
    value = fact_value(record, fact.id)
    # With the version, so that an undo or another planner's change shows.
    key = session.widget(PANEL, uid, fact.id, int(record["version"]))
    if fact.kind in {"flag", "choice"}:
        options = dict(YES_NO) if fact.kind == "flag" else {c: c for c in fact.choices}
        options.setdefault(UNKNOWN, None)
        now = next((word for word, held in options.items() if held == value), UNKNOWN)

        def choose() -> None:
            _save(scene, [uid], fact, options[st.session_state[key]])

        label, control = st.columns(
            [5, 4] if fact.kind == "flag" else [3, 6], vertical_alignment="center"
        )
        label.markdown(safe(fact.title))
        control.segmented_control(
            fact.title,
            list(options),
            default=now,
            required=True,
            key=key,
            label_visibility="collapsed",
            on_change=choose,
        )
        return

    def write() -> None:
        _save(scene, [uid], fact, st.session_state[key])

    st.text_input(
        fact.title,
        value="" if value is None else f"{value:.12g}",
        placeholder=f"未知；{fact.example}",
        key=key,
        on_change=write,
    )


def _save(scene: PolicyScene, uids: list[str], fact: Fact, raw: Any) -> None:
    policy_edits.guarded(policy_edits.set_fact)(scene, uids, fact.id, raw)


def _many(scene: PolicyScene) -> None:
    asked = asked_facts(scene.profile)
    options = [*asked, *(key for key in facts() if key not in asked)]
    wanted = policy_page.fact()
    key = session.widget(PANEL, "fact")
    chosen = st.selectbox(
        "填哪一项",
        options,
        index=options.index(wanted) if wanted in options else 0,
        format_func=lambda one: facts()[one].title,
        key=key,
        on_change=lambda: policy_page.keep("fact", st.session_state[key]),
    )
    fact = facts()[chosen]
    try:
        value = read_fact(_given(fact), fact)
    except PlanningError as error:
        st.error(safe(str(error)))
        return
    frame, uids = scene.view.frame, scene.selection
    changed = would_change(frame, uids, fact.id, value)
    st.button(
        f"把 {len(changed):,} 个小区改为“{_word(value)}”" if changed else "没有要改的小区",
        type="primary",
        width="stretch",
        disabled=not changed,
        key=session.widget(PANEL, "apply"),
        on_click=_save,
        args=(scene, changed, fact, value),
    )
    now = "，".join(
        f"{safe(word)} {n:,} 个" for word, n in tally_changes(frame, uids, fact.id).items()
    )
    st.caption(f"所选 {len(uids):,} 个小区现在：{now}。其中 {len(uids) - len(changed):,} 个不变。")


def _given(fact: Fact) -> Any:
    key = session.widget(PANEL, "value", fact.id)
    if fact.kind == "flag":
        word = st.segmented_control(
            "填成", [word for word, _ in YES_NO], default="是", required=True, key=key
        )
        return dict(YES_NO)[word]
    if fact.kind == "choice":
        word = st.segmented_control(
            "填成", [*fact.choices, UNKNOWN], default=fact.choices[0], required=True, key=key
        )
        return None if word == UNKNOWN else word
    return st.text_input("填成", placeholder=f"空着为未知；{fact.example}", key=key)


def _word(value: Any) -> str:
    if value is None:
        return UNKNOWN
    return ("是" if value else "否") if isinstance(value, bool) else safe(value)
