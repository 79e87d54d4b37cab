"""政策: the plan's rules and 我市方案, verdicts on compounds, what stands in the way, and the forms to hand in."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import streamlit as st

from errors import PolicyError
from ui import frame, map_view, policy_page, session
from ui.panels import (
    conflict,
    policy_check,
    policy_drawer,
    policy_flow,
    policy_forms,
    policy_rules,
    policy_why,
    shaping,
)
from ui.panels.switch import switch
from ui.policy_scene import PolicyScene
from ui.scene import Scene

__all__ = ["show"]

STYLE = Path(__file__).parents[1] / "assets" / "policy.css"
_SHOWN = {
    policy_page.RULES: policy_rules.show,
    policy_page.CHECK: policy_check.show,
    policy_page.WHY: policy_why.show,
    policy_page.FLOW: policy_flow.show,
    policy_page.FORMS: policy_forms.show,
}


def show(scene: Scene) -> None:
    """Draw the page."""
    st.html(STYLE)
    tab = policy_page.tab()
    page = _judged(scene, tab)
    session.put(session.SCENE, page)
    if _readable(page):
        with st.spinner("正在按规则逐个判定…"):
            _ = page.judgement
    with frame.body() as places:
        with places.map:
            map_view.show(page)
        with places.panel:
            _tabs(tab)
            if _readable(page):
                _SHOWN[tab](page)
            else:
                policy_rules.choose_another(page)
        with places.drawer:
            if _readable(page):
                policy_drawer.show(page)
    conflict.show_pending()
    shaping.show_pending(page)


def _judged(scene: Scene, tab: str) -> PolicyScene:
    given = {part.name: getattr(scene, part.name) for part in fields(Scene)}
    # Elsewhere all compounds are shown: what is looked at alone belongs to the list of reasons.
    focus = policy_page.focus() if tab == policy_page.WHY else None
    return PolicyScene(**given, rule=policy_page.colour(), focus=focus)


def _readable(scene: PolicyScene) -> bool:
    """Whether the plan's profile can be read; if not another can be chosen."""
    try:
        return bool(scene.profile)
    except PolicyError:
        return False


def _tabs(tab: str) -> None:
    switch(
        "面板",
        policy_page.TABS,
        tab,
        policy_page.turn,
        key=session.widget("policy", "tabs"),
        place="panel_tabs",
    )
