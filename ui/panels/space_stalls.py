"""Tab 车位: lay out, look, compare, save; the settings and what is saved stand in views of their own."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from ui import messages, search, session, space_layouts, space_page, space_settings
from ui.panels import space_result, space_saved, space_scope, space_stalls_form
from ui.panels.space_looks import notes
from ui.panels.switch import switch
from ui.scene import Scene
from ui.space_scope import Scope, scope_of
from ui.space_shown import Shown, saved_of, shown
from ui.words import safe

__all__ = ["show"]

PANEL = "space_stalls"


def show(scene: Scene, scope: Scope) -> None:
    """Draw the tab."""
    space_layouts.warm()
    # Always there: while a search goes on the page is drawn again and again, and what has no successor in its
    # place would stay in sight.
    top, middle, body = st.container(), st.container(), st.container()
    with top:
        if scope.uids:
            _run(scene, scope)
        else:
            space_scope.empty(scene)
    saved = len(saved_of(scene))
    if not scope.uids and not saved:
        return
    with middle:
        view = switch(
            "结果、设置或已存",
            space_page.STALL_VIEWS,
            space_page.stall_view(),
            space_page.turn_stalls,
            key=session.widget(PANEL, "view"),
            place="space_views",
            write=lambda name: (
                f"{name}（{saved:,}）" if name == space_page.SAVED and saved else name
            ),
        )
    with body:
        _VIEWS[view](scene, scope)


def _run(scene: Scene, scope: Scope) -> None:
    """Draw the button that lays out; while it goes on, how far it is and the button that ends it."""
    busy = search.under_way(space_layouts.KIND, scene)
    laid = space_layouts.held(scene, scope)
    found = shown(scene, scope, laid)
    waits = len(found) < len(scope.uids)
    is_stale = space_layouts.stale(scene, laid.values()) or _saved_stale(scene, found)
    changed = space_layouts.changed(scene, scope, laid.values())
    st.button(
        "重新排布" if not waits else f"排布车位：{safe(scope.title)}",
        type="primary" if waits or is_stale or changed else "secondary",
        width="stretch",
        disabled=busy,
        key=session.widget(PANEL, "make"),
        on_click=_begin,
    )
    if busy:
        st.progress(*search.progress_of(space_layouts.KIND, scene))
        st.button(
            "停止",
            width="stretch",
            key=session.widget(PANEL, "stop"),
            on_click=messages.guarded(space_layouts.halt),
            help="停止后什么也不改动；等的时候可以继续看图、选小区",
        )
    elif is_stale:
        notes(["方案已过时：排布之后计划又有修改。请重新排布。"])
    elif changed:
        notes(["设置已改，下面仍是改之前的结果；按“重新排布”更新。"])


def _saved_stale(scene: Scene, found: Mapping[str, Shown]) -> bool:
    """Whether the plan has moved on since one that is shown was saved."""
    saved = [one.saved for one in found.values() if one.saved is not None]
    basis = space_layouts.origin(scene.loaded, scene.view).basis if saved else ""
    return any(one.stale(basis) for one in saved)


def _begin() -> None:
    """Start; for the button, which comes before the page is drawn."""
    scene: Scene = session.get(session.SCENE)
    space_layouts.begin(scene, scope_of(scene))


def _result(scene: Scene, scope: Scope) -> None:
    found = shown(scene, scope, space_layouts.held(scene, scope))
    if found:
        space_result.show(scene, scope, found)
    elif scope.uids:
        asked = space_settings.draft(scene.view).words
        st.info("还没有排布。按上面的“排布车位”：先算能停多少（几何容量），再按缺口提出建议方案。")
        st.caption(f"将按：{asked}。")
    else:
        st.caption("选了小区，这里显示它的排布；已存的方案在“已存”里。")


def _settings(scene: Scene, scope: Scope) -> None:  # noqa: ARG001 - all views are called alike
    notes(space_settings.unreadable(scene.view))
    space_stalls_form.show(scene)


_VIEWS = {
    space_page.LAID_OUT: _result,
    space_page.SETTINGS: _settings,
    space_page.SAVED: lambda scene, _: space_saved.show(scene),
}
