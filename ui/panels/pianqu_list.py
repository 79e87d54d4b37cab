"""Tab 片区: the list with 未分组 first, and the figures of the one that is open."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ui import filtering, pianqu_page, session
from ui.panels import pianqu_card, pianqu_rows
from ui.panels.pianqu_totals import joined_sign
from ui.pianqu_figures import UNGROUPED, overview, pianqu_table
from ui.scene import Scene

__all__ = ["show"]

UNGROUPED_NAME = "未分组"
# As many rows as are quick to send at every run; the rest is found by name.
MAX_ROWS = 200


def show(scene: Scene) -> None:
    """Draw the list and the open 片区."""
    if not len(scene.view.frame):
        st.info("这个计划里还没有小区。请到“数据”页导入台账或边界，或在“总图”上画。")
        return
    gap_m = pianqu_page.gap_m()
    table = pianqu_table(scene.loaded, scene.view, gap_m)
    opened = pianqu_page.opened(scene)
    listed = _found(_listed(scene, table, gap_m), opened)
    uids = list(listed.index)

    def pick(row: int | None) -> None:
        if row is None:
            pianqu_page.open_pianqu(None)
            return
        pianqu_page.open_pianqu(uids[row])
        pianqu_page.show_members(session.get(session.SCENE), [uids[row]])

    pianqu_rows.show(
        listed,
        panel="pianqu_list",
        sign="连片",
        epoch=(scene.view.revision, len(uids)),
        on_pick=pick,
        opened=uids.index(opened) if opened in uids else None,
    )
    _hints(scene, table, gap_m)
    if opened is None:
        _next_step(scene)
    elif opened == UNGROUPED:
        pianqu_card.show_ungrouped(scene)
    else:
        pianqu_card.show(scene, opened, table.loc[opened], gap_m=gap_m)


def _listed(scene: Scene, table: pd.DataFrame, gap_m: float) -> pd.DataFrame:
    return scene.loaded.kept(
        ("pianqu_list", scene.view.revision, gap_m), lambda: _all_rows(scene, table)
    )


def _found(listed: pd.DataFrame, opened: str | None) -> pd.DataFrame:
    """Rows that fit, 未分组 first; more than that are looked for by name."""
    if len(listed) <= MAX_ROWS:
        return listed
    words = st.text_input(
        "按名称找片区",
        placeholder="按名称找片区",
        label_visibility="collapsed",
        key=session.widget("pianqu_list", "words"),
    ).strip()
    hit = listed["name"].str.contains(words, case=False, regex=False)
    wanted = hit | listed.index.isin([UNGROUPED, opened])
    found = listed[wanted]
    return pd.concat([found.head(MAX_ROWS), found[MAX_ROWS:].query("index == @opened")])


def _all_rows(scene: Scene, table: pd.DataFrame) -> pd.DataFrame:
    columns = ["name", "color", "compounds", "households", "investment_yuan"]
    first = overview(scene.view)
    ungrouped = pd.DataFrame(
        [
            {
                **{name: first[name] for name in columns[2:]},
                "name": UNGROUPED_NAME,
                "color": None,
                "sign": "",
            }
        ],
        index=[UNGROUPED],
    )
    grouped = table[columns].assign(sign=[joined_sign(parts) for parts in table["parts"]])
    return pd.concat([ungrouped.astype(object), grouped.astype(object)])


def _hints(scene: Scene, table: pd.DataFrame, gap_m: float) -> None:
    if len(table) >= MAX_ROWS:
        st.caption(f"共 {len(table):,} 个片区，只列出前 {MAX_ROWS} 行，其余按名称找。")
    st.caption(
        f"点一行：选中它的小区并缩放过去。连片按相邻间距 {gap_m:g} 米判断（在“自动方案”里改）。"
    )
    if filtering.active(scene.workspace.filters):
        hidden = int((~scene.shown).sum())
        st.caption(f"“总图”的筛选仍在起作用，图上隐藏了 {hidden:,} 个小区；合计不受筛选影响。")


def _next_step(scene: Scene) -> None:
    if scene.selection:
        st.button(
            f"用所选 {len(scene.selection):,} 个小区组成片区…",
            type="primary",
            width="stretch",
            key=session.widget("pianqu_list", "compose"),
            on_click=pianqu_page.turn,
            args=(pianqu_page.COMPOSE,),
        )
    elif not len(scene.view.pianqu):
        st.info(
            "还没有片区。在地图上选小区（点选，按住 Shift 加选，或用左边的框选、多边形、套索），"
            "再“组成”；也可以先看“自动方案”。"
        )
