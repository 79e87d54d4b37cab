"""待补: rows without a boundary, to be drawn here, and boundaries without a row, to be filled in here."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from ui import edits, map_tool, session
from ui.panels import data_done, record_form
from ui.scene import Scene
from ui.words import safe

__all__ = ["count", "show"]

PANEL = "data_missing"
MAX_ROWS = 60
# What a row of a ledger says at least; a boundary that came alone has none of it.
LEDGER_FIELDS = ["households", "building_count", "floor_area_m2", "investment_yuan", "works_text"]


def count(scene: Scene) -> int:
    """Return how many compounds lack their boundary or their row."""
    return int(_undrawn(scene).sum() + _unlisted(scene).sum())


def show(scene: Scene) -> None:
    """Draw both lists, or the form of the row that is being filled in."""
    frame = scene.view.frame
    if record_form.edited() is not None and record_form.edited() in frame.index:
        record_form.show()
        return
    if not len(frame):
        st.info("计划里还没有小区。请先在“台账”导入台账，或在“边界”导入边界。")
        return
    undrawn, unlisted = frame[_undrawn(scene)], frame[_unlisted(scene)]
    if not len(undrawn) and not len(unlisted):
        st.success("每个小区都有边界和台账资料。下一步：到“检查”看看有没有矛盾之处。")
        return
    drawing = map_tool.current()
    if drawing.mode == "draw" and drawing.uid in undrawn.index:
        name = safe(frame.loc[drawing.uid, "name"] or "未命名小区")
        st.info(f"正在画“{name}”：在左边地图上逐点单击，双击结束；按 Esc 取消。")
    if len(undrawn):
        st.markdown(f"##### 有台账、没有边界（{len(undrawn):,}）")
        _rows(undrawn, "在地图上画", map_tool.draw_boundary)
    if len(unlisted):
        st.markdown(f"##### 有边界、没有台账（{len(unlisted):,}）")
        _rows(unlisted, "补台账", _fill_in)


def _undrawn(scene: Scene) -> pd.Series:
    missing: pd.Series = scene.view.frame.geometry.isna()
    return missing


def _unlisted(scene: Scene) -> pd.Series:
    blank: pd.Series = scene.view.frame[LEDGER_FIELDS].isna().all(axis=1)
    return blank & ~_undrawn(scene)


def _rows(records: pd.DataFrame, title: str, act: Callable[[str], None]) -> None:
    words = ""
    if len(records) > MAX_ROWS:
        words = st.text_input(
            "按名称查找", key=session.widget(PANEL, title), placeholder="输入名称的一部分"
        )
        records = records[records["name"].fillna("").str.contains(words, regex=False)]
    for number, (uid, record) in enumerate(records.head(MAX_ROWS).iterrows()):
        with st.container(
            horizontal=True,
            vertical_alignment="center",
            gap="xsmall",
            key=f"missing_{title}_{number}",
        ):
            st.button(
                safe(data_done.place(record)),
                key=session.widget(PANEL, "name", uid),
                type="tertiary",
                on_click=_select,
                args=(uid,),
                width="stretch",
            )
            st.button(title, key=session.widget(PANEL, "act", uid), on_click=act, args=(uid,))
    if len(records) > MAX_ROWS:
        st.caption(f"只列出前 {MAX_ROWS} 个，可用名称查找其余的。")


def _select(uid: str) -> None:
    scene: Scene = session.get(session.SCENE)
    edits.select([uid])
    data_done.look_at([scene.view.frame.loc[[uid]]])


def _fill_in(uid: str) -> None:
    _select(uid)
    record_form.begin(uid)
