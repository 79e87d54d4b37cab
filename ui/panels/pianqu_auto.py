"""Tab 自动方案: what is asked for, the search, and what came out."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

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
    pianqu_search.warm()
    # Two places that are always there: while a search goes on the page is drawn again and again, and
    # what has no successor in its place would stay in sight.
    top, body = st.container(), st.container()
    view = _view(scene, top)
    with body:
        if view == pianqu_page.RESULTS:
            pianqu_preview.show(scene)
        else:
            pianqu_auto_form.show(scene, start=lambda: _start(scene))


def _view(scene: Scene, place: DeltaGenerator) -> str:
    """Draw the buttons for settings and proposals, if there are any of these; tell which is up."""
    proposals = pianqu_page.proposals(scene)
    if not proposals:
        return pianqu_page.SETTINGS
    with place:
        return switch(
            "设置或方案",
            pianqu_page.PROPOSE_VIEWS,
            pianqu_page.propose_view(),
            pianqu_page.turn_propose,
            key=session.widget(PANEL, "view"),
            place="pianqu_auto_views",
            write=lambda name: (
                f"{name}（{len(proposals)}）" if name == pianqu_page.RESULTS else name
            ),
        )


def _start(scene: Scene) -> None:
    """Draw the button that starts a search; while one goes on, how far it is and the button that ends it."""
    busy = pianqu_search.under_way(scene)
    st.button(
        "生成方案",
        type="primary",
        width="stretch",
        disabled=busy,
        key=session.widget(PANEL, "make"),
        on_click=_begin,
    )
    if not busy:
        return
    st.progress(*pianqu_search.progress_of(scene))
    st.button(
        "停止",
        width="stretch",
        key=session.widget(PANEL, "stop"),
        on_click=messages.guarded(pianqu_search.stop),
        help="停止后什么也不改动；等的时候可以继续看图、选小区",
    )


def _begin() -> None:
    """Start the search; for the button, which comes before the page is drawn."""
    scene: Scene = session.get(session.SCENE)
    pianqu_page.forget_proposals()
    pianqu_search.begin(scene, pianqu_page.proposal_settings())
