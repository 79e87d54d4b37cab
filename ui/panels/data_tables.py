"""Tables under the map on the page 数据: texts only, so that nothing of a file is mark-up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from ui import session
from ui.scene import Scene
from ui.words import safe

__all__ = ["ROWS", "TABLE_HEIGHT", "chosen_table", "limited", "note", "nothing", "texts"]

# As many rows as a planner looks through by hand; the browser gets all of them at each run.
ROWS = 500
TABLE_HEIGHT = 240


def nothing(scene: Scene) -> None:
    """Draw the folded bar of a step that has no table."""
    total = len(scene.view.frame)
    missing = int(scene.view.frame.geometry.isna().sum())
    note(f"计划里有 {total:,} 个小区" + (f"，{missing:,} 个还没有边界" if missing else ""))


def note(text: str) -> None:
    """Draw the bar with one line."""
    with st.container(key="drawer_bar", horizontal=True, vertical_alignment="center"):
        st.markdown(text)


def chosen_table(
    panel: str, tables: Mapping[str, Callable[[], None]], notes: Mapping[str, str]
) -> None:
    """Draw the bar with a choice of tables, and the chosen one.

    Parameters
    ----------
    panel : str
        Prefix of the widget.
    tables : mapping
        Title to what draws the table.
    notes : mapping
        Title to a line beside the choice.
    """
    key = session.widget(panel, "table")
    if st.session_state.get(key) not in tables:
        st.session_state[key] = next(iter(tables))
    with st.container(key="drawer_bar", horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            "表格",
            list(tables),
            key=key,
            required=True,
            label_visibility="collapsed",
            format_func=safe,
        )
        if notes.get(st.session_state[key]):
            st.markdown(notes[st.session_state[key]])
    tables[st.session_state[key]]()


def texts(
    table: pd.DataFrame,
    *,
    widths: Mapping[str, Any] | None = None,
    key: str | None = None,
    on_select: Callable[[list[int]], None] | None = None,
) -> None:
    """Draw a table of texts; `on_select` gets the numbers of the rows that are ticked."""
    held = key or session.widget("data", "texts", *table.columns)
    chosen: dict[str, Any] = {}
    if on_select is not None:
        chosen = {
            "on_select": lambda: on_select(list(st.session_state[held]["selection"]["rows"])),
            "selection_mode": "single-row",
        }
    st.dataframe(
        table.astype(str),
        key=held,
        height=TABLE_HEIGHT,
        hide_index=True,
        row_height=28,
        column_config={
            name: st.column_config.TextColumn(name, width=(widths or {}).get(name))
            for name in table.columns
        },
        **chosen,
    )


def limited(rows: Sequence[Any]) -> tuple[Sequence[Any], str]:
    """Give the first rows, and what to say if there are more."""
    more = len(rows) > ROWS
    return rows[:ROWS], f"只列出前 {ROWS} 行，共 {len(rows):,} 行" if more else ""
