"""A narrow table of 片区 in the panel: a click takes a row, the pointer outlines its 片区 on the map and back."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from layers.palettes import pianqu_color
from policy.wording import format_count, format_wan
from ui import session

__all__ = ["show"]

ASSETS = Path(__file__).parents[1] / "assets"
HEAD_HEIGHT, ROW_HEIGHT, MOST_ROWS = 25, 28, 9


def show(
    table: pd.DataFrame,
    *,
    panel: str,
    sign: str,
    epoch: Hashable,
    on_pick: Callable[[int | None], None],
    opened: int | None = None,
    on_map: Sequence[int | None] | None = None,
    most_rows: int = MOST_ROWS,
) -> None:
    """Draw the rows.

    Parameters
    ----------
    table : DataFrame
        ``name``, ``color`` (missing: no colour), ``compounds``, ``households``, ``investment_yuan`` and
        ``sign`` (✓, ✗, ?), in the order in which they are shown; ``locked`` if there are locks. A row
        without colour stays at the top, whatever the table is sorted by.
    panel : str
        Prefix of the widget's key.
    sign : str
        Head of the column of signs.
    epoch : hashable
        Changes when the rows do, so that no old click is taken for a new one.
    on_pick : callable
        Told the position of the row that was clicked, None if the open one was clicked again.
    opened : int, optional
        Position of the row that is open.
    on_map : sequence of int or None, optional
        Row of each 片区 on the map, where it is drawn.
    most_rows : int
        Beyond these it scrolls.
    """
    key = session.widget(panel, "rows", epoch)

    def pick() -> None:
        picked = st.session_state[key].get("picked")
        at = None if not picked else int(picked["at"])
        if at is not None and 0 <= at < len(table):
            on_pick(None if at == opened else at)

    with st.container(key=f"{panel}_rows"):
        _component()(
            key=key,
            data={
                "key": panel,
                "sign": sign,
                "opened": opened,
                "rows": _rows(table, on_map),
                "height": HEAD_HEIGHT + ROW_HEIGHT * most_rows + 2,
            },
            on_picked_change=pick,
        )


def _component() -> Callable[..., Any]:
    # Registered at every run: the registry belongs to the running server.
    style, script = _texts()
    made: Callable[..., Any] = st.components.v2.component(
        "pianqu_rows",
        html="<div class='pqr'></div>",
        css=style,
        js=script,
        # As the rest of the page: what can be read can be searched for, and is told to screen readers.
        isolate_styles=False,
    )
    return made


@lru_cache(maxsize=1)
def _texts() -> tuple[str, str]:
    style, script = ((ASSETS / f"pianqu_rows.{kind}").read_text("utf-8") for kind in ("css", "js"))
    return style, script


def _rows(table: pd.DataFrame, on_map: Sequence[int | None] | None) -> list[dict[str, Any]]:
    places = [None] * len(table) if on_map is None else list(on_map)
    locked = table["locked"] if "locked" in table else [False] * len(table)
    columns = [table[c] for c in ("name", "color", "compounds", "households", "investment_yuan")]
    return [
        {
            "name": str(name),
            "color": None if pd.isna(color) else pianqu_color(color),
            "first": bool(pd.isna(color)),
            "compounds": format_count(compounds),
            "households": format_count(households),
            "investment": format_wan(investment),
            "sign": sign,
            "locked": bool(lock),
            "row": place,
            "by": {
                "name": str(name),
                "compounds": _number(compounds),
                "households": _number(households),
                "investment": _number(investment),
                "sign": sign,
            },
        }
        for name, color, compounds, households, investment, sign, lock, place in zip(
            *columns, table["sign"], locked, places, strict=True
        )
    ]


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
