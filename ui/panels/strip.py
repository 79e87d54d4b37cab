"""The slim strip on every page: plan, rules, saved state, selection, undo, redo, and who works here."""

from __future__ import annotations

from functools import partial

import streamlit as st

from policy.wording import UNKNOWN
from ui import edits, messages, page_links, policy_page, rule_profiles, visit
from ui.panels import plan_chooser
from ui.scene import Scene
from ui.words import grouped, safe, wan

__all__ = ["selection_summary", "show"]

MAX_ACTOR_CHARS = 40


def show(scene: Scene) -> None:
    """Draw the strip."""
    with st.container(key="strip", horizontal=True, gap="small"):
        _plan(scene)
        with st.container(key="strip_saved"):
            st.markdown(f"已保存 · 修订 {scene.view.edition:,}")
        _rules(scene)
        _selection(scene)
        _undo(scene)
        _actor(scene)


def selection_summary(scene: Scene) -> str:
    """Say how much is selected: 已选 12 个小区 · 1,061 户 · 515.0 万元.

    Unknown figures are left out of the sum and counted.
    """
    records = scene.selected
    households, investment = records["households"], records["investment_yuan"]
    parts = [
        f"已选 {len(records):,} 个小区",
        _summed(households, lambda total: grouped(total, "户"), "户数"),
        _summed(investment, lambda total: wan(total, none="0 万元"), "投资"),
    ]
    return " · ".join(parts)


def _summed(values, write, name: str) -> str:  # noqa: ANN001 - Series and a writer of figures
    unknown = int(values.isna().sum())
    if unknown == len(values):
        return f"{name}{UNKNOWN}"
    text = write(values.sum())
    return f"{text}（{unknown:,} 个{name}{UNKNOWN}）" if unknown else text


def _plan(scene: Scene) -> None:
    with st.popover(f"**{safe(scene.view.name)}**", icon=":material/folder_open:"):
        st.caption(f"计划文件：{safe(scene.workspace.plan)}")
        plan_chooser.switch(scene.workspace)


def _rules(scene: Scene) -> None:
    settings = scene.view.settings
    chosen = rule_profiles.adopted(settings) is not None
    with st.container(key="strip_rules"):
        page_links.button(
            f"规则：{safe(rule_profiles.profile_title(settings))}" if chosen else "未选规则",
            "policy",
            key="strip:rules",
            before=partial(policy_page.turn, policy_page.RULES),
            help="到“政策”页看规则、换规则",
        )


def _selection(scene: Scene) -> None:
    if not scene.selection:
        return
    with st.container(key="strip_selection", horizontal=True):
        st.markdown(selection_summary(scene))
        st.button(
            "",
            key="strip_clear",
            icon=":material/close:",
            type="tertiary",
            on_click=_clear,
            help="取消选择",
        )


def _clear() -> None:
    edits.select([])


def _undo(scene: Scene) -> None:
    back, forth = edits.own_steps(scene.plan)
    st.button(
        "撤销",
        key="strip:undo",
        icon=":material/undo:",
        disabled=not back,
        help=f"撤销：{safe(back)}（Ctrl+Z）" if back else "没有您可撤销的操作",
        shortcut="ctrl+z",
        on_click=messages.guarded(edits.undo),
    )
    st.button(
        "重做",
        key="strip:redo",
        icon=":material/redo:",
        disabled=not forth,
        help=f"重做：{safe(forth)}（Ctrl+Y）" if forth else "没有您可重做的操作",
        shortcut="ctrl+y",
        on_click=messages.guarded(edits.redo),
    )


def _actor(scene: Scene) -> None:
    with st.popover(safe(scene.workspace.actor), icon=":material/person:", help="操作人"):
        st.text_input(
            "操作人（写入修改记录）",
            value=scene.workspace.actor,
            max_chars=MAX_ACTOR_CHARS,
            key="strip:actor",
            on_change=_rename,
        )


def _rename() -> None:
    name = st.session_state["strip:actor"].strip()
    if name:
        visit.current().actor = name
