"""A narrow table of 片区 in the panel, of which one click on a row takes that 片区."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import pandas as pd
import streamlit as st

from layers.palettes import pianqu_color
from policy.wording import format_count, format_wan
from ui import session

__all__ = ["show"]

DOT = "●"
# Widths in pixels; together as wide as the panel.
WIDTHS = {"": 24, "片区": 88, "小区": 44, "户数": 50, "投资万元": 64}
SIGN_WIDTH = 40
ROW_HEIGHT, MOST_ROWS = 28, 9
OPEN_ROW = "#e3eef3"
UNGROUPED_DOT = "#ffffff"


def show(
    table: pd.DataFrame,
    *,
    panel: str,
    sign: str,
    epoch: Hashable,
    on_pick: Callable[[int | None], None],
    opened: int | None = None,
) -> None:
    """Draw the rows.

    Parameters
    ----------
    table : DataFrame
        ``name``, ``color`` (missing: no colour), ``compounds``, ``households``, ``investment_yuan`` and
        ``sign`` (✓, ✗, ?), in the order in which they are shown.
    panel : str
        Prefix of the widget's key.
    sign : str
        Head of the column of signs.
    epoch : hashable
        Changes when the rows do, so that no old click is taken for a new one.
    on_pick : callable
        Told the position of the row that was clicked, None if the click was taken back.
    opened : int, optional
        Position of the row that is open.
    """
    key = session.widget(panel, "rows", epoch)

    def pick() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        on_pick(int(cells[0][0]) if cells else None)

    st.dataframe(
        _styled(table, sign, opened),
        height=ROW_HEIGHT * (min(len(table), MOST_ROWS) + 1) + 4,
        hide_index=True,
        placeholder="未知",
        key=key,
        on_select=pick,
        selection_mode="single-cell",
        row_height=ROW_HEIGHT,
        column_config={
            head: st.column_config.Column(width=width)
            for head, width in {**WIDTHS, sign: SIGN_WIDTH}.items()
        },
    )


def _styled(table: pd.DataFrame, sign: str, opened: int | None) -> Any:
    shown = pd.DataFrame(
        {
            "": [DOT] * len(table),
            "片区": table["name"].to_numpy(),
            "小区": table["compounds"].to_numpy(dtype=float, na_value=float("nan")),
            "户数": table["households"].to_numpy(dtype=float, na_value=float("nan")),
            "投资万元": table["investment_yuan"].to_numpy(dtype=float, na_value=float("nan")),
            sign: table["sign"].to_numpy(),
        }
    )
    colors = [
        f"color: {UNGROUPED_DOT if pd.isna(color) else pianqu_color(color)}"
        for color in table["color"]
    ]
    styled = shown.style.format(
        {"小区": format_count, "户数": format_count, "投资万元": format_wan}, na_rep="未知"
    )
    styled = styled.apply(lambda _: colors, subset=[""])
    if opened is not None:
        styled = styled.map(
            lambda _: f"background-color: {OPEN_ROW}", subset=pd.IndexSlice[opened, :]
        )
    return styled
