"""待画: compounds of the ledger that have no boundary yet, and the way to one."""

from __future__ import annotations

import streamlit as st

from ui import edits, map_tool, session
from ui.scene import Scene
from ui.words import grouped, safe

__all__ = ["count", "show"]

MAX_ROWS = 100


def count(scene: Scene) -> int:
    """Return how many compounds have no boundary."""
    return int(scene.view.frame.geometry.isna().sum())


def show(scene: Scene) -> None:
    """List the compounds without a boundary, each with a button that starts the drawing."""
    frame = scene.view.frame
    records = frame[frame.geometry.isna()]
    st.button(
        "画一个台账里没有的小区",
        width="stretch",
        on_click=map_tool.draw_new,
        help="先在地图上画边界，画完后填名称",
    )
    if not len(frame):
        st.info("这个计划里还没有小区。请到“数据”页导入台账或边界，或先在地图上画。")
        return
    if not len(records):
        st.success("所有小区都有边界。")
        return
    st.markdown(f"##### 没有边界的小区（{len(records):,}）")
    words = st.text_input(
        "按名称查找", key=session.widget("undrawn", "words"), placeholder="输入名称的一部分"
    )
    if words:
        records = records[records["name"].fillna("").str.contains(words, regex=False)]
    for uid, record in records.head(MAX_ROWS).iterrows():
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.button(
                safe(record["name"] or "未命名小区"),
                key=session.widget("undrawn", "card", uid),
                type="tertiary",
                help=f"{safe(record['subdistrict'] or '')} {grouped(record['households'], '户')}",
                on_click=edits.open_card,
                args=(uid,),
                width="stretch",
            )
            st.button(
                "在地图上画",
                key=session.widget("undrawn", "draw", uid),
                on_click=map_tool.draw_boundary,
                args=(uid,),
            )
    if len(records) > MAX_ROWS:
        st.caption(f"只列出前 {MAX_ROWS} 个，可用名称查找其余的。")
