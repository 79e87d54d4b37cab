"""Tab 自动方案: what is asked for, the search, and what came out."""

from __future__ import annotations

import streamlit as st

from ui import messages, pianqu_page, pianqu_search, session
from ui.panels import pianqu_auto_form, pianqu_preview
from ui.panels.switch import switch
from ui.scene import Scene

__all__ = ["show"]

PANEL = "pianqu_auto"


def show(scene: Scene) -> None:
    """Draw the settings or the proposals, whichever is up, and the search while it goes on."""
    if not scene.view.frame.geometry.notna().any():
        st.info("还没有边界，不能按间距提方案。请到“数据”页导入边界，或在“总图”上画。")
        return
    if pianqu_search.under_way(scene):
        _waiting(scene)
        return
    proposals = pianqu_page.proposals(scene)
    if not proposals:
        pianqu_auto_form.show(scene, begin=_begin)
        st.caption("方案先在图上预览，采用之前不改动计划；采用后也可撤销。")
        return
    view = switch(
        "设置或方案",
        pianqu_page.PROPOSE_VIEWS,
        pianqu_page.propose_view(),
        pianqu_page.turn_propose,
        key=session.widget(PANEL, "view"),
        place="pianqu_auto_views",
        write=lambda name: f"{name} {len(proposals)}" if name == pianqu_page.RESULTS else name,
    )
    if view == pianqu_page.RESULTS:
        pianqu_preview.show(scene)
    else:
        pianqu_auto_form.show(scene, begin=_begin)


def _begin() -> None:
    """Start the search; for the button, which comes before the page is drawn."""
    scene: Scene = session.get(session.SCENE)
    pianqu_page.forget_proposals()
    pianqu_search.begin(scene, pianqu_page.proposal_settings())


def _waiting(scene: Scene) -> None:
    share, said = pianqu_search.progress_of(scene)
    st.progress(share, said)
    st.button(
        "停止",
        width="stretch",
        key=session.widget(PANEL, "stop"),
        on_click=messages.guarded(pianqu_search.stop),
    )
    st.caption("可以继续看图和选小区；停止后什么也不改动。")
