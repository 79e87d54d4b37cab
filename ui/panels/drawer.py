"""The table under the map: folded to one line, or over the lower part of the map."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from layers import themes
from policy import money
from policy.wording import (
    format_area,
    format_count,
    format_date,
    format_per_household,
    format_wan,
)
from ui import edits, session, visit
from ui.scene import Scene

__all__ = ["show", "table_rows"]

MAX_ROWS = 500
TABLE_HEIGHT = 250

# Column of the table: title with unit, writer of its figures.
COLUMNS: dict[str, tuple[str, Any]] = {
    "name": ("小区名称", None),
    "subdistrict": ("街道", None),
    "community": ("社区", None),
    "built": ("建成日期", None),
    "households": ("户数", format_count),
    "building_count": ("楼栋数", format_count),
    "floor_area_m2": ("建筑面积（㎡）", format_area),
    "investment_yuan": ("投资（万元）", format_wan),
    "grant_yuan": ("补助（万元）", format_wan),
    "gap_yuan": ("缺口（万元）", partial(format_wan, none="0.0")),
    "per_household": ("户均投资（元/户）", format_per_household),
    "pianqu": ("片区", None),
    "boundary": ("边界", None),
}


def show(scene: Scene) -> None:
    """Draw the bar, and the table if it is unfolded."""
    rows = table_rows(scene)
    _bar(scene, rows)
    if scene.workspace.table_open:
        _table(scene, rows)


def table_rows(scene: Scene) -> pd.Index:
    """Return the shown compounds, the selected first, then by what the map is coloured by, largest first."""
    return scene.loaded.kept(
        ("table", scene.view.revision, scene.key),
        lambda: _sorted(scene),
    )


def _sorted(scene: Scene) -> pd.Index:
    frame = scene.view.frame[scene.shown]
    order = themes.theme_value(frame, scene.workspace.theme, **scene.paint_options)
    return order.sort_values(ascending=False, kind="stable", na_position="last").index


def _bar(scene: Scene, rows: pd.Index) -> None:
    is_open = scene.workspace.table_open
    with st.container(key="drawer_bar", horizontal=True, vertical_alignment="center"):
        st.button(
            "收起表格" if is_open else "展开表格",
            key="drawer_toggle",
            icon=":material/keyboard_arrow_down:" if is_open else ":material/table_rows:",
            type="tertiary",
            on_click=_toggle,
        )
        theme = themes.theme_of(scene.workspace.theme)
        note = f"{len(rows):,} 个小区"
        if len(rows) > MAX_ROWS:
            note += f"，按“{theme.title}”排在前面的 {MAX_ROWS} 个"
        if is_open:
            note += "；点最左边的方框可选中"
        st.markdown(note)


def _toggle() -> None:
    workspace = visit.current()
    workspace.table_open = not workspace.table_open


def _table(scene: Scene, rows: pd.Index) -> None:
    listed = _listed(scene, rows)
    table = _figures(scene, listed)
    chosen = set(scene.selection)
    marked = [k for k, uid in enumerate(listed) if uid in chosen]
    # A new key when something else has selected, so that the table starts with that selection;
    # the same key after its own clicks, so that it does not jump.
    key = session.widget("table", session.get(session.TABLE_EPOCH, 0), scene.key)

    def choose() -> None:
        picked = [listed[k] for k in st.session_state[key]["selection"]["rows"]]
        outside = [uid for uid in visit.current().selection if uid not in set(listed)]
        edits.select([*outside, *picked], from_table=True)
        if len(picked) == 1:
            edits.open_card(picked[0])

    writers = {title: write for title, write in COLUMNS.values() if write is not None}
    st.dataframe(
        table.style.format(writers, na_rep="未知"),
        height=TABLE_HEIGHT,
        hide_index=True,
        placeholder="未知",
        key=key,
        on_select=choose,
        selection_mode="multi-row",
        selection_default={"selection": {"rows": marked, "columns": [], "cells": []}},
        row_height=28,
    )


def _listed(scene: Scene, rows: pd.Index) -> list[str]:
    """Return the rows that fit, with the selected ones among them."""
    listed = list(rows[:MAX_ROWS])
    there = set(listed)
    shown = set(rows) if len(rows) > MAX_ROWS else there
    beyond = [uid for uid in scene.selection if uid in shown and uid not in there]
    return [*beyond, *listed][:MAX_ROWS]


def _figures(scene: Scene, listed: list[str]) -> pd.DataFrame:
    records = scene.view.frame.loc[listed]
    grant = money.grant_yuan(records)
    names = scene.view.pianqu["name"].to_dict()
    columns = {
        **{name: records[name] for name in COLUMNS if name in records},
        "built": _built(records),
        "grant_yuan": grant,
        "gap_yuan": money.funding_gap_yuan(records),
        "per_household": money.per_household(records["investment_yuan"], records["households"]),
        "pianqu": [names.get(uid, "未分组") for uid in records["pianqu_uid"]],
        "boundary": records["boundary_state"].where(records.geometry.notna(), "无边界"),
    }
    table = pd.DataFrame({name: columns[name] for name in COLUMNS}, index=records.index)
    numbers = table.select_dtypes("number").columns
    # Plain floats with NaN: what the browser's table can sort.
    table[numbers] = table[numbers].astype("float64")
    return table.rename(columns={name: title for name, (title, _) in COLUMNS.items()})


def _built(records: pd.DataFrame) -> list[str]:
    years = records["built_on_is_year"].fillna(False).astype(bool)
    return [
        format_date(on, is_year=year) for on, year in zip(records["built_on"], years, strict=True)
    ]
