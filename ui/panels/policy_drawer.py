"""The table under the map on the page 政策: rules, verdicts of compounds, or what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from ui import edits, policy_page, session
from ui.panels import drawer_table
from ui.panels.drawer_table import MAX_ROWS, TABLE_HEIGHT
from ui.policy_figures import overall_table, rule_table
from ui.policy_flow_table import flow_table
from ui.policy_reading import figures_of
from ui.policy_scene import PolicyScene

__all__ = ["show"]

PANEL = "policy_table"


def show(scene: PolicyScene) -> None:
    """Draw the bar, and the table of the tab if it is unfolded."""
    tab = policy_page.tab()
    note, table, widths = _TABLES[tab](scene)
    is_open = scene.workspace.table_open and len(table) > 0
    of_compounds = table.index.name == "uid"
    drawer_table.bar(note, is_open=is_open, selects=of_compounds)
    if is_open:
        _draw(scene, table, widths, of_compounds)


def _draw(
    scene: PolicyScene, table: pd.DataFrame, widths: Mapping[str, int], of_compounds: bool
) -> None:
    columns = {
        name: st.column_config.TextColumn(name, width=widths.get(name)) for name in table.columns
    }
    key = session.widget(
        PANEL,
        policy_page.tab(),
        session.get(session.TABLE_EPOCH, 0),
        scene.view.revision,
        scene.key,
    )
    if not of_compounds:
        st.dataframe(
            table,
            key=key,
            height=TABLE_HEIGHT,
            hide_index=True,
            row_height=28,
            column_config=columns,
        )
        return
    uids = [str(uid) for uid in table.index]

    def choose() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        edits.select(dict.fromkeys(uids[row] for row in rows), from_table=True)

    st.dataframe(
        table,
        key=key,
        height=TABLE_HEIGHT,
        hide_index=True,
        row_height=28,
        column_config=columns,
        on_select=choose,
        selection_mode="multi-row",
        selection_default={"selection": {"rows": _marked(scene, uids), "columns": [], "cells": []}},
    )


def _marked(scene: PolicyScene, uids: list[str]) -> list[int]:
    chosen = set(scene.selection)
    return [row for row, uid in enumerate(uids) if uid in chosen]


def _names(scene: PolicyScene, uids: pd.Index) -> list[str]:
    return [str(name or "未命名小区") for name in scene.view.frame.loc[list(uids), "name"]]


def _rules(scene: PolicyScene) -> tuple[str, pd.DataFrame, Mapping[str, int]]:
    rules = list(scene.profile.rules.values())
    judged = sum(rule.judged for rule in rules)
    table = pd.DataFrame(
        {
            "类别": [rule.group for rule in rules],
            "规则": [rule.title for rule in rules],
            "数值": [
                "；".join(f"{title} {text}" for title, text in figures_of(rule)) for rule in rules
            ],
            "内容": [rule.text for rule in rules],
            "依据": [rule.clause for rule in rules],
            "判定": ["由程序判定" if rule.judged else "仅供查阅" for rule in rules],
        }
    )
    widths = {"类别": 60, "规则": 150, "数值": 240, "内容": 360, "依据": 200, "判定": 90}
    return f"{len(rules)} 条规则，{judged} 条由程序判定", table, widths


def _compounds(scene: PolicyScene) -> tuple[str, pd.DataFrame, Mapping[str, int]]:
    frame = scene.view.frame
    shown = frame.index[scene.shown]
    chosen = set(scene.selection)
    # The selected ones first, so that they are found.
    listed = [*scene.selection, *(uid for uid in shown if uid not in chosen)][:MAX_ROWS]
    table = overall_table(scene.judgement, listed)
    table.insert(0, "小区名称", _names(scene, table.index))
    more = f"，列出 {MAX_ROWS} 个" if len(shown) > MAX_ROWS else ""
    return f"{len(shown):,} 个小区{more}", table, {"小区名称": 200}


def _obstacles(scene: PolicyScene) -> tuple[str, pd.DataFrame, Mapping[str, int]]:
    judgement, state = scene.judgement, policy_page.why_state()
    focus = scene.focus
    if focus is not None and focus.rule in scene.rules:
        rows = judgement.rule_rows(focus.rule)
        found = rule_table(rows, focus.state, limit=MAX_ROWS)
        total = int(scene.shown.sum())
        note = f"{rows.rule.title}“{focus.state}”：{total:,} 个小区"
    else:
        group = policy_page.why_group()
        found = judgement.obstacles((state,), group=group, limit=MAX_ROWS)
        total = int(found.attrs["total"])
        note = f"{group or '全部规则'}“{state}”：{total:,} 条"
    if total > MAX_ROWS:
        note += f"，列出前 {MAX_ROWS} 条"
    uids = pd.Index(found["uid"], name="uid")
    table = pd.DataFrame(
        {
            "小区名称": _names(scene, uids),
            "规则": found["title"].to_numpy(),
            "结论": found["state"].to_numpy(),
            "现为": found["found"].to_numpy(),
            "原因": found["message"].to_numpy(),
            "依据": found["clause"].to_numpy(),
        },
        index=uids,
    )
    widths = {"小区名称": 150, "规则": 120, "结论": 70, "现为": 120, "原因": 380, "依据": 180}
    return note, table, widths


_TABLES = {
    policy_page.RULES: _rules,
    policy_page.CHECK: _compounds,
    policy_page.WHY: _obstacles,
    policy_page.FLOW: flow_table,
    policy_page.FORMS: _compounds,
}
