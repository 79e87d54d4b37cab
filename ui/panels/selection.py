"""所选: what the selected compounds add up to, and what can be done with them."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from policy import money
from policy.wording import UNKNOWN, format_per_household, format_wan_m2
from ui import edits, messages, session
from ui.panels import shaping
from ui.scene import Scene
from ui.words import grouped, safe, wan

__all__ = ["show", "totals_table"]

PANEL = "selection"
MAX_NAMES = 60
MAX_NAME_CHARS = 60
COMPOSE, JOIN = session.widget(PANEL, "compose"), session.widget(PANEL, "join")
NAME = session.widget(PANEL, "name")


def show(scene: Scene) -> None:
    """Draw the totals and the buttons."""
    records = scene.selected
    if not len(records):
        st.info("还没有选中小区。可在地图上点选（Shift 键加选）、框选、多边形选或套索选。")
        return
    st.html(totals_table(records))
    _pianqu_buttons(scene, records)
    left, right = st.columns(2)
    if left.button("合并为一个小区", disabled=len(records) < 2, width="stretch"):
        shaping.ask_join(scene, scene.selection)
    if right.button("删除所选", width="stretch"):
        shaping.ask_delete(scene, scene.selection)
    _names(records)


def totals_table(records: pd.DataFrame) -> str:
    """Add up some compounds as a small table; unknown figures are counted, not taken for 0."""
    households, grant = records["households"], money.grant_yuan(records)
    investment = records["investment_yuan"]
    both = investment.notna() & households.notna()
    rows = [
        ("小区", f"{len(records):,} 个"),
        ("居民户数", _sum(households, lambda v: grouped(v, "户"))),
        ("楼栋数", _sum(records["building_count"], lambda v: grouped(v, "栋"))),
        ("住宅建筑面积", _sum(records["floor_area_m2"], lambda v: f"{format_wan_m2(v)} 万㎡")),
        ("预计投资额", _sum(investment, wan)),
        ("补助合计", _sum(grant, wan)),
        ("资金缺口", _sum(money.funding_gap_yuan(records), lambda v: wan(v, none="0.0 万元"))),
        ("户均投资", _per_household(investment[both].sum(), households[both].sum())),
        ("没有边界", f"{int(records.geometry.isna().sum()):,} 个"),
    ]
    body = "".join(f"<tr><td>{title}</td><td>{escape(text)}</td></tr>" for title, text in rows)
    return f"<table class='record'>{body}</table>"


def _sum(values: pd.Series, write) -> str:  # noqa: ANN001 - a writer of figures
    unknown = int(values.isna().sum())
    if unknown == len(values):
        return UNKNOWN
    text = write(values.sum())
    return f"{text}（{unknown:,} 个{UNKNOWN}）" if unknown else text


def _per_household(amount: float, households: float) -> str:
    if not households:
        return UNKNOWN
    per = money.per_household(pd.Series([amount], name="amount"), pd.Series([households]))
    return f"{format_per_household(per.iloc[0])} 元/户"


def _pianqu_buttons(scene: Scene, records: pd.DataFrame) -> None:
    uids = scene.selection
    # Their state is kept, so that they can be closed when the work is done.
    with (
        st.popover("组成片区…", width="stretch", type="primary", key=COMPOSE, on_change="rerun"),
        st.form("make_pianqu", border=False),
    ):
        first = f"片区 {len(scene.view.pianqu) + 1}"
        st.text_input("片区名称", placeholder=first, max_chars=MAX_NAME_CHARS, key=NAME)
        taken = int(records["pianqu_uid"].notna().sum())
        if taken:
            st.caption(f"其中 {taken} 个小区已在别的片区，将移到新片区。")
        st.form_submit_button(
            "组成片区", type="primary", on_click=messages.guarded(_compose), args=(first, uids)
        )
    names = scene.view.pianqu["name"].to_dict()
    left, right = st.columns(2)
    with left.popover(
        "加入片区…", width="stretch", disabled=not names, key=JOIN, on_change="rerun"
    ):
        for uid, title in names.items():
            st.button(
                safe(title),
                key=session.widget("join_pianqu", uid),
                width="stretch",
                on_click=messages.guarded(_join),
                args=(uid, uids, title),
            )
    right.button(
        "移出片区",
        width="stretch",
        disabled=not records["pianqu_uid"].notna().any(),
        on_click=messages.guarded(edits.remove_from_pianqu),
        args=(uids,),
    )


def _compose(first: str, uids: list[str]) -> None:
    edits.make_pianqu(session.get(NAME, "").strip() or first, uids)
    session.put(NAME, "")
    session.put(COMPOSE, False)


def _join(uid: str, uids: list[str], title: str) -> None:
    edits.add_to_pianqu(uid, uids, name=title)
    session.put(JOIN, False)


def _names(records: pd.DataFrame) -> None:
    st.markdown(f"##### 所选小区（{len(records):,}）")
    with st.container(height=220, border=False, key="selection_names"):
        for uid, name in records["name"].head(MAX_NAMES).items():
            st.button(
                safe(name or "未命名小区"),
                key=session.widget("selected", uid),
                type="tertiary",
                on_click=edits.open_card,
                args=(uid,),
            )
    if len(records) > MAX_NAMES:
        st.caption(f"只列出前 {MAX_NAMES} 个。")
