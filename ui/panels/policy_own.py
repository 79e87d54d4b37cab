"""我市方案: making a copy of a profile, what it differs in, its title, and taking it away again."""

from __future__ import annotations

from functools import partial
from html import escape

import streamlit as st

from policy.own_rules import Difference, damaged_profiles, differences
from policy.profiles import Profile, profiles
from ui import policy_edits, policy_page, session
from ui.policy_scene import PolicyScene
from ui.words import safe

__all__ = ["show"]

PANEL = "policy_own"
MAX_TITLE = 40
# Differences that are seen without a click.
FEW = 3


def show(scene: PolicyScene, profile: Profile) -> None:
    """Draw what can be done with the profile, and what a copy differs in."""
    for damage in damaged_profiles(scene.view.settings).values():
        st.warning(safe(damage))
    if profile.parent is None:
        _copy(scene, profile, "另存为我市方案…")
        return
    found = differences(profile)
    parent = profiles()[profile.parent]
    st.caption(f"复制自“{safe(parent.title)}”，改了 {len(found)} 处。在下面的规则上按“修改”。")
    with st.container(horizontal=True, gap="xsmall", key="policy_own_buttons"):
        with st.popover("改名"):
            _rename(scene, profile)
        _copy(scene, profile, "再另存一份…")
        if st.button("删除…", key=session.widget(PANEL, "remove")):
            _remove_dialog(scene, profile)
    if found:
        with st.expander(f"与原方案的差别（{len(found)}）", expanded=len(found) <= FEW):
            st.html(_table(found))
            _restore(scene, profile, found)


def _copy(scene: PolicyScene, profile: Profile, label: str) -> None:
    with (
        st.popover(label, width="stretch", icon=":material/content_copy:"),
        st.form(session.widget(PANEL, "copy", profile.id), border=False),
    ):
        title = st.text_input("名称", placeholder="如：某市2026年方案", max_chars=MAX_TITLE)
        st.caption(f"复制“{safe(profile.title)}”的全部规则，改动逐条记录，原方案不变。")
        if st.form_submit_button("另存并采用", type="primary"):
            policy_edits.guarded(partial(_make, scene, profile))(title)
            st.rerun()


def _make(scene: PolicyScene, profile: Profile, title: str) -> None:
    policy_edits.copy_profile(scene, profile, title)
    policy_page.focus_on(None)


def _rename(scene: PolicyScene, profile: Profile) -> None:
    with st.form(session.widget(PANEL, "rename", profile.id), border=False):
        title = st.text_input("名称", value=profile.title, max_chars=MAX_TITLE)
        if st.form_submit_button("保存", type="primary"):
            policy_edits.guarded(policy_edits.rename_profile)(scene, profile.id, title)
            st.rerun()


@st.dialog("删除我市方案")
def _remove_dialog(scene: PolicyScene, profile: Profile) -> None:
    parent = profiles()[profile.parent or ""]
    st.markdown(
        f"将删除 **{safe(profile.title)}** 和它的全部改动，本计划改用“{safe(parent.title)}”。可撤销。"
    )
    if st.button("删除", type="primary", key=session.widget(PANEL, "sure")):
        policy_edits.guarded(policy_edits.remove_profile)(scene, profile.id)
        st.rerun()


def _table(found: list[Difference]) -> str:
    rows = "".join(
        f"<tr><td>{escape(one.title)}<div class='quiet'>{escape(one.label)}</div></td>"
        f"<td><s>{escape(one.before)}</s></td><td><b>{escape(one.after)}</b>"
        f"<div class='quiet'>{escape(one.why)}</div></td></tr>"
        for one in found
    )
    head = "<tr><th>规则</th><th>原方案</th><th>我市方案</th></tr>"
    return f"<table class='matrix wide'>{head}{rows}</table>"


def _restore(scene: PolicyScene, profile: Profile, found: list[Difference]) -> None:
    for rule, title in {one.rule: one.title for one in found}.items():
        st.button(
            f"“{safe(title)}”恢复原文",
            key=session.widget(PANEL, "restore", rule),
            type="tertiary",
            icon=":material/undo:",
            on_click=policy_edits.guarded(policy_edits.change_rule),
            args=(scene, profile.id, rule, None),
            kwargs={
                "seen": policy_edits.held_change(scene.view.settings, profile.id, rule),
                "label": f"恢复原文：{title}",
            },
        )
