"""Tab 办理: stages, progress, tiers and approvals of the selected compounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from ui import policy_flow, policy_page, session
from ui.panels import (
    policy_approvals,
    policy_check,
    policy_money,
    policy_progress,
    policy_stages,
    policy_tiers,
)
from ui.panels.switch import switch
from ui.policy_scene import PolicyScene

__all__ = ["show"]

PANEL = "policy_flow"
STYLE = Path(__file__).parents[1] / "assets" / "policy_flow.css"
_SHOWN: dict[str, Callable[[PolicyScene], None]] = {
    policy_flow.STAGES: policy_stages.show,
    policy_flow.PROGRESS: policy_progress.show,
    policy_flow.TIERS: policy_tiers.show,
    policy_flow.APPROVALS: policy_approvals.show,
    policy_flow.MONEY: policy_money.show,
}


def show(scene: PolicyScene) -> None:
    """Draw whom it is about, and the view."""
    st.html(STYLE)
    if not len(scene.view.frame):
        st.info("这个计划里还没有小区。请到“数据”页导入台账或边界，或在“总图”上画。")
        return
    policy_check.subject(scene, "在图上点一个逐项办理")
    _SHOWN[_views()](scene)


def _views() -> str:
    return switch(
        "看什么",
        policy_flow.VIEWS,
        policy_flow.view(),
        lambda view: policy_page.keep("flow", view),
        key=session.widget(PANEL, "view"),
        place="policy_flow_views",
    )
