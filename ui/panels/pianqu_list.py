"""Tab 片区: the list with 未分组 first, the next problem, and the figures of the one that is open."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ui import filtering, messages, pianqu_edits, pianqu_page, session
from ui.loaded import PIANQU
from ui.panels import pianqu_card, pianqu_problems, pianqu_rows
from ui.panels.pianqu_totals import joined_sign
from ui.pianqu_figures import UNGROUPED, overview, pianqu_table
from ui.scene import Scene

__all__ = ["show"]

PANEL = "pianqu_list"
UNGROUPED_NAME = "未分组"
# As many rows as are quick to send at every run; the rest is found by name.
MAX_ROWS = 200
# Rows that are seen at once; fewer where a 片区 is open, so that its buttons need no scrolling.
ROWS_ALONE, ROWS_WITH_CARD = 11, 5


def show(scene: Scene) -> None:
    """Draw the list and the open 片区."""
    if not len(scene.view.frame):
        st.info("这个计划里还没有小区。请到“数据”页导入台账或边界，或在“总图”上画。")
        return
    gap_m = pianqu_page.gap_m()
    table = pianqu_table(scene.loaded, scene.view, gap_m)
    opened = pianqu_page.opened(scene)
    listed = _found(_listed(scene, table, gap_m), opened)
    _rows(scene, listed, opened)
    _locks(scene)
    if len(scene.view.pianqu):
        pianqu_problems.show(scene, table)
    if opened is None:
        _next_step(scene)
    elif opened == UNGROUPED:
        pianqu_card.show_ungrouped(scene)
    else:
        pianqu_card.show(scene, opened, table.loc[opened], gap_m=gap_m)
    _hints(scene, table, gap_m)


def _rows(scene: Scene, listed: pd.DataFrame, opened: str | None) -> None:
    uids = list(listed.index)

    def pick(row: int | None) -> None:
        if row is None:
            pianqu_page.open_pianqu(None)
            return
        pianqu_page.open_pianqu(uids[row])
        pianqu_page.show_members(session.get(session.SCENE), [uids[row]])

    pianqu_rows.show(
        listed,
        panel=PANEL,
        sign="连片",
        epoch=(scene.view.revision, len(uids)),
        on_pick=pick,
        opened=uids.index(opened) if opened in uids else None,
        on_map=_on_map(scene, uids),
        most_rows=ROWS_ALONE if opened is None else ROWS_WITH_CARD,
    )


def _on_map(scene: Scene, uids: list[str]) -> list[int | None]:
    at = scene.loaded.tiles.ids(PIANQU).get_indexer(pd.Index(uids, dtype=object))
    return [int(row) if row >= 0 else None for row in at]


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
        key=session.widget(PANEL, "words"),
    ).strip()
    hit = listed["name"].str.contains(words, case=False, regex=False)
    wanted = hit | listed.index.isin([UNGROUPED, opened])
    found = listed[wanted]
    return pd.concat([found.head(MAX_ROWS), found[MAX_ROWS:].query("index == @opened")])


def _all_rows(scene: Scene, table: pd.DataFrame) -> pd.DataFrame:
    columns = ["name", "color", "compounds", "households", "investment_yuan", "locked"]
    first = overview(scene.view)
    ungrouped = pd.DataFrame(
        [
            {
                **{name: first[name] for name in columns[2:-1]},
                "name": UNGROUPED_NAME,
                "color": None,
                "locked": False,
                "sign": "",
            }
        ],
        index=[UNGROUPED],
    )
    grouped = table[columns].assign(sign=[joined_sign(parts) for parts in table["parts"]])
    # A 片区 of which nobody knows a colour has the first of the palette, as on the map.
    grouped["color"] = grouped["color"].fillna(0)
    return pd.concat([ungrouped.astype(object), grouped.astype(object)])


def _locks(scene: Scene) -> None:
    """Lock or unlock all 片区 in one step."""
    locked = scene.view.pianqu["locked"].astype(bool)
    if not len(locked):
        return
    free, held = list(locked.index[~locked]), list(locked.index[locked])
    with st.container(horizontal=True, key="pianqu_lock_bar", gap="xsmall"):
        st.button(
            "全部锁定",
            icon=":material/lock:",
            width="stretch",
            disabled=not free,
            key=session.widget(PANEL, "lock_all"),
            on_click=messages.guarded(pianqu_edits.lock),
            args=(scene, free, True),
            help="锁定的片区不增减小区，自动方案也不动它",
        )
        st.button(
            f"全部解锁 {len(held):,}" if held else "全部解锁",
            icon=":material/lock_open:",
            width="stretch",
            disabled=not held,
            key=session.widget(PANEL, "unlock_all"),
            on_click=messages.guarded(pianqu_edits.lock),
            args=(scene, held, False),
        )


def _hints(scene: Scene, table: pd.DataFrame, gap_m: float) -> None:
    if len(table) >= MAX_ROWS:
        st.caption(f"共 {len(table):,} 个片区，只列出前 {MAX_ROWS} 行，其余按名称找。")
    st.caption(
        f"点一行：选中它的小区并缩放过去；指着一行，图上描出它。连片按相邻间距 {gap_m:g} 米判断"
        "（在“自动方案”里改）。"
    )
    if filtering.active(scene.workspace.filters):
        hidden = int((~scene.shown).sum())
        st.caption(f"“总图”的筛选仍在起作用，图上隐藏了 {hidden:,} 个小区；合计不受筛选影响。")


def _next_step(scene: Scene) -> None:
    if scene.selection:
        st.button(
            f"分配所选 {len(scene.selection):,} 个小区…",
            type="primary",
            width="stretch",
            key=session.widget(PANEL, "assign"),
            on_click=pianqu_page.turn,
            args=(pianqu_page.ASSIGN,),
        )
    elif not len(scene.view.pianqu):
        st.info(
            "还没有片区。转到“分配”，在地图上收集小区（点选，或用左边的框选、多边形、套索），"
            "再应用；也可以先看“自动方案”。"
        )
