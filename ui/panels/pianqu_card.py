"""The open 片区: its totals, what to know about it, and what can be done with it."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from layers.palettes import pianqu_color
from ui import messages, pianqu_edits, pianqu_page, session
from ui.panels import pianqu_reshape
from ui.panels.pianqu_totals import totals_html, warnings_html
from ui.pianqu_figures import UNGROUPED, leaving, members_of, overview
from ui.scene import Scene
from ui.words import safe

__all__ = ["show", "show_ungrouped"]

PANEL = "pianqu_card"
NAMING = session.widget(PANEL, "naming")
MAX_NAME_CHARS, MAX_REMARKS_CHARS = 60, 500
HEAD = "font-size:16px; font-weight:700; line-height:22px"
QUIET = "font-size:12px; line-height:18px; color:#5b6b7a"


def show(scene: Scene, uid: str, figures: pd.Series, *, gap_m: float) -> None:
    """Draw a 片区.

    Parameters
    ----------
    scene : Scene
        This run.
    uid : str
        The 片区.
    figures : Series
        Its row of :func:`ui.pianqu_figures.pianqu_table`.
    gap_m : float
        Distance by which 连片 was judged.
    """
    members = members_of(scene.view, uid)
    name = str(figures["name"])
    st.html(_head(figures))
    _membership(scene, uid, name, locked=bool(figures["locked"]))
    _actions(scene, uid, figures, members)
    pianqu_reshape.show(scene, uid, figures, members)
    flags = warnings_html(figures, scene.view.frame.loc[members], gap_m=gap_m)
    if flags:
        st.html(flags)
    st.html(totals_html(figures))


def show_ungrouped(scene: Scene) -> None:
    """Draw the compounds that are in no 片区."""
    members = members_of(scene.view, UNGROUPED)
    if not members:
        st.success("所有小区都已在片区里。")
        return
    st.html(f"<div style='{HEAD}'>未分组</div>")
    st.html(totals_html(overview(scene.view), shaped=False))
    st.button(
        "缩放到",
        width="stretch",
        key=session.widget(PANEL, "zoom", "none"),
        on_click=pianqu_page.zoom_to,
        args=(scene, members),
    )


def _head(figures: pd.Series) -> str:
    remarks = figures["remarks"]
    note = f"<div style='{QUIET}'>{escape(remarks)}</div>" if isinstance(remarks, str) else ""
    dot = f"<span style='color:{pianqu_color(figures['color'])}'>●</span>"
    held = "<span class='pq-locked'>已锁定</span>" if figures["locked"] else ""
    inside = int(figures["locked_members"])
    some = f"<div style='{QUIET}'>其中 {inside:,} 个小区已锁定</div>" if inside else ""
    return f"<div style='{HEAD}'>{dot} {escape(str(figures['name']))}{held}</div>{note}{some}"


def _membership(scene: Scene, uid: str, name: str, *, locked: bool) -> None:
    """Take the selection in, or out."""
    records = scene.selected
    inside = [str(u) for u in records.index[records["pianqu_uid"].eq(uid).fillna(False)]]
    outside = [u for u in scene.selection if u not in set(inside)]
    left, right = st.columns(2)
    left.button(
        f"把所选加入{_count(outside)}",
        width="stretch",
        type="primary" if outside and not locked else "secondary",
        disabled=locked or not outside,
        key=session.widget(PANEL, "add"),
        on_click=messages.guarded(pianqu_edits.add),
        args=(scene, uid, outside),
        kwargs={"name": name},
        help="已锁定，先解锁" if locked else None,
    )
    right.button(
        f"把所选移出{_count(inside)}",
        width="stretch",
        disabled=locked or not inside,
        key=session.widget(PANEL, "remove"),
        on_click=messages.guarded(pianqu_edits.remove),
        args=(scene, uid, inside),
        kwargs={"name": name},
        help="已锁定，先解锁" if locked else None,
    )
    if outside and not locked:
        _moving(scene, outside, uid)


def _count(uids: list[str]) -> str:
    return f" {len(uids):,}" if uids else ""


def _moving(scene: Scene, outside: list[str], uid: str) -> None:
    names = scene.view.pianqu["name"].to_dict()
    from_others = leaving(scene.view.frame.loc[outside], names, to=uid)
    if len(from_others):
        said = "、".join(f"“{safe(name)}”{count} 个" for name, count in from_others.items())
        st.caption(f"加入后将从别的片区移出：{said}。")


def _actions(scene: Scene, uid: str, figures: pd.Series, members: list[str]) -> None:
    locked = bool(figures["locked"])
    left, middle, right = st.columns([2.6, 2.6, 4.2], gap="xsmall")
    left.button(
        "缩放到",
        width="stretch",
        key=session.widget(PANEL, "zoom"),
        on_click=pianqu_page.show_members,
        args=(scene, [uid]),
        help="选中它的小区，并把地图移过去",
        disabled=not members,
    )
    middle.button(
        "解锁" if locked else "锁定",
        width="stretch",
        key=session.widget(PANEL, "lock"),
        on_click=messages.guarded(pianqu_edits.lock),
        args=(scene, [uid], not locked),
        help="可以再增减小区" if locked else "不再增减小区，自动方案也不动它",
    )
    # Its state is kept, so that it can be closed when the names are saved.
    popover = right.popover("改名、备注", width="stretch", key=NAMING, on_change="rerun")
    with popover, st.form("pianqu_names", border=False):
        name = str(figures["name"])
        before = figures["remarks"] if isinstance(figures["remarks"], str) else ""
        keys = [session.widget(PANEL, part, uid, name, before) for part in ("name", "remarks")]
        st.text_input("片区名称", value=name, max_chars=MAX_NAME_CHARS, key=keys[0])
        st.text_area("备注", value=before, max_chars=MAX_REMARKS_CHARS, height=90, key=keys[1])
        st.form_submit_button(
            "保存",
            type="primary",
            on_click=messages.guarded(_name),
            args=(scene, uid, (name, before), keys),
        )


def _name(scene: Scene, uid: str, before: tuple[str, str], keys: list[str]) -> None:
    name, remarks = (str(session.get(key)).strip() for key in keys)
    if name != before[0]:
        pianqu_edits.rename(scene, uid, name)
    if remarks != before[1]:
        pianqu_edits.annotate(scene, uid, remarks)
    session.put(NAMING, False)
