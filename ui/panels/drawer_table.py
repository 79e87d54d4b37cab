"""What all drawers under the map share: the bar that folds them, and a table whose rows are selected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from ui import visit

__all__ = ["MAX_ROWS", "TABLE_HEIGHT", "Columns", "bar", "selectable", "titled"]

TABLE_HEIGHT = 250
MAX_ROWS = 500

# Column of a table: title with unit, and writer of its figures; None for texts.
Columns = Mapping[str, tuple[str, Callable[[Any], str] | None]]


def bar(note: str, *, is_open: bool, selects: bool = True) -> None:
    """Draw the line that is there when the drawer is folded, too; `selects`: a click on a row does."""
    with st.container(key="drawer_bar", horizontal=True, vertical_alignment="center"):
        st.button(
            "收起表格" if is_open else "展开表格",
            key="drawer_toggle",
            icon=":material/keyboard_arrow_down:" if is_open else ":material/table_rows:",
            type="tertiary",
            on_click=_toggle,
        )
        st.markdown(f"{note}；点最左边的方框可选中" if is_open and selects else note)


def titled(table: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    """Take the columns of a drawer in their order, under their titles.

    Figures become plain floats with NaN: what the browser's table can sort.
    """
    shown = table[list(columns)].copy()
    numbers = [name for name, (_, write) in columns.items() if write is not None]
    shown[numbers] = shown[numbers].astype("float64")
    return shown.rename(columns={name: title for name, (title, _) in columns.items()})


def selectable(
    table: pd.DataFrame,
    columns: Columns,
    *,
    key: str,
    marked: Sequence[int],
    choose: Callable[[list[int]], None],
) -> None:
    """Draw a table of :func:`titled`.

    Parameters
    ----------
    table : DataFrame
        What :func:`titled` gave.
    columns : Columns
        As for :func:`titled`.
    key : str
        A new one when something else has selected, so that the table starts with that selection; the
        same after its own clicks, so that it does not jump.
    marked : sequence of int
        Rows that are selected at first.
    choose : callable
        Gets the rows that are selected after a click.
    """
    st.dataframe(
        table.style.format({t: write for t, write in columns.values() if write}, na_rep="未知"),
        height=TABLE_HEIGHT,
        hide_index=True,
        placeholder="未知",
        key=key,
        on_select=lambda: choose(st.session_state[key]["selection"]["rows"]),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": list(marked), "columns": [], "cells": []}},
        row_height=28,
    )


def _toggle() -> None:
    workspace = visit.current()
    workspace.table_open = not workspace.table_open
