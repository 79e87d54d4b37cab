"""The drawer of the tab 比较: what is side by side in figures, the better one marked, and what differs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from data.reports import Origin, Report, scheme_report, to_xlsx
from data.scheme_measures import GroupingMeasures
from policy.wording import format_count, format_wan
from ui import pianqu_compare_page
from ui.pianqu_compare import LETTERS, Compared
from ui.scene import Scene

__all__ = ["MEASURES", "best_of", "report_of", "show"]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

UNKNOWN = "未知"


def _count(value: Any) -> str:
    return UNKNOWN if value is None else format_count(round(value))


def _wan(value: Any) -> str:
    return UNKNOWN if value is None else format_wan(value, none="0.0")


def _decimal(value: Any) -> str:
    return UNKNOWN if value is None else f"{value:.2f}"


# Field of the measures, head, writer, and which is better: 1 more, −1 fewer, 0 neither.
MEASURES: tuple[tuple[str, str, Callable[[Any], str], int], ...] = (
    ("pianqu", "片区数", _count, 0),
    ("placed", "安排小区", _count, 1),
    ("placed_households", "安排户数", _count, 1),
    ("ungrouped", "未分组", _count, -1),
    ("fewest", "户数最少", _count, 0),
    ("middle", "户数中位", _count, 0),
    ("most", "户数最多", _count, 0),
    ("investment_yuan", "投资/万元", _wan, 0),
    ("gap_yuan", "缺口/万元", _wan, 0),
    ("compactness", "紧凑度", _decimal, 1),
    ("diameter_m", "跨度/米", _count, -1),
    ("apart", "不连片", _count, -1),
    ("broken", "超限", _count, -1),
)


def show(scene: Scene, made: Compared | None) -> None:
    """Draw the bar, and the table unless it is folded or there is nothing to compare."""
    if made is None:
        with st.container(key="drawer_bar", horizontal=True, vertical_alignment="center"):
            st.markdown(f"{len(scene.view.pianqu):,} 个片区；还没有并排的方案")
        return
    folded = pianqu_compare_page.folded()
    with st.container(key="drawer_bar", horizontal=True, vertical_alignment="center"):
        st.button(
            "展开对照表" if folded else "收起对照表",
            key="drawer_toggle",
            icon=":material/table_rows:" if folded else ":material/keyboard_arrow_down:",
            type="tertiary",
            on_click=pianqu_compare_page.fold,
        )
        _fetch(scene, made)
        st.markdown("✓ 较好；紧凑度为平均，1 为圆；跨度为最大；超限按“自动方案”里现在的限制")
    if not folded:
        with st.container(key=f"compare_table_{len(made.states)}"):
            st.html(_table(made))


def _fetch(scene: Scene, made: Compared) -> None:
    day = dt.datetime.now(dt.UTC).astimezone().date()
    st.download_button(
        "导出 xlsx",
        # Written when it is asked for.
        data=lambda: to_xlsx(report_of(scene, made, day)),
        file_name=f"{scene.view.name}-片区方案对照表-修订{scene.view.edition}.xlsx",
        mime=XLSX,
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        key="compare_fetch",
    )


def report_of(scene: Scene, made: Compared, day: dt.date) -> Report:
    """Lay out what is side by side as a report."""
    differing = pd.Index([], dtype=object)
    for at in range(1, len(made.states)):
        differing = differing.union(made.changes(0, at).index, sort=False)
    index = scene.view.frame.index
    return scheme_report(
        [f"{LETTERS[at]} {state.title}" for at, state in enumerate(made.states)],
        made.measures,
        made.names,
        index[index.isin(differing)],
        scene.view.frame,
        origin=Origin(plan=scene.view.name, revision=scene.view.edition, made_on=day),
    )


def _table(made: Compared) -> str:
    heads = "".join(f"<th>{head}</th>" for _, head, _, _ in MEASURES)
    best = {name: best_of(made.measures, name, better) for name, _, _, better in MEASURES}
    rows = [
        _row(f"{LETTERS[at]} {state.title}", made.measures[at], {n: at in best[n] for n in best})
        for at, state in enumerate(made.states)
    ]
    if len(made.states) == 2:
        rows.append(_difference(made.measures[0], made.measures[1]))
    return f"<table class='schemes'><tr><th></th>{heads}</tr>{''.join(rows)}</table>"


def _row(title: str, measures: GroupingMeasures, marked: dict[str, bool]) -> str:
    cells = "".join(
        f"<td class='better'>✓ {write(getattr(measures, name))}</td>"
        if marked[name]
        else f"<td>{write(getattr(measures, name))}</td>"
        for name, _, write, _ in MEASURES
    )
    return f"<tr><td title='{escape(title, quote=True)}'>{escape(title)}</td>{cells}</tr>"


def _difference(before: GroupingMeasures, after: GroupingMeasures) -> str:
    cells = []
    for name, _, write, _ in MEASURES:
        one, other = getattr(before, name), getattr(after, name)
        if one is None or other is None:
            cells.append("<td>/</td>")
            continue
        shown = write(abs(other - one))
        same = shown == write(0)
        cells.append(f"<td>{'0' if same else ('+' if other > one else '−') + shown}</td>")
    return f"<tr class='difference'><td>B 比 A</td>{''.join(cells)}</tr>"


def best_of(measures: tuple[GroupingMeasures, ...], name: str, better: int) -> set[int]:
    """Positions of the best in a measure; none where no side is better, or all are alike."""
    values = [getattr(one, name) for one in measures]
    known = [value for value in values if value is not None]
    if not better or len(known) < 2 or len({round(value, 2) for value in known}) == 1:
        return set()
    best = max(known) if better > 0 else min(known)
    return {at for at, value in enumerate(values) if value is not None and value == best}
