"""The 片区 of a proposal as rows to pick from, and who is left out and why."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from data.proposing import FITS, Proposal
from ui import edits, pianqu_page
from ui.panels import pianqu_rows
from ui.scene import Scene

__all__ = ["reasons_html", "show"]

PANEL = "pianqu_preview"
MAX_NAMES = 40
MAX_ROWS = 200


def show(scene: Scene, shown: Proposal, *, stale: bool) -> None:
    """Draw the rows; a click selects the members and goes there."""
    table = shown.table.assign(
        name=shown.table.index,
        color=shown.colors.reindex(shown.table.index),
        sign=["✓" if state == FITS else "✗" for state in shown.table["state"]],
    )
    if len(table) > MAX_ROWS:
        # What breaks a limit is what the planner has to look at.
        table = table.sort_values("sign", ascending=False, kind="stable").head(MAX_ROWS)
        st.caption(f"只列出前 {MAX_ROWS} 个，不符合限制的在前。")
    names = list(table.index)

    def pick(row: int | None) -> None:
        if row is not None and not stale:
            members = [str(u) for u in shown.names.index[shown.names == names[row]]]
            edits.select(members)
            pianqu_page.zoom_to(scene, members)

    if names:
        pianqu_rows.show(table, panel=PANEL, sign="符合", epoch=shown.key, on_pick=pick)


def reasons_html(scene: Scene, reasons: pd.Series) -> str:
    """Names and reasons as a list."""
    names = scene.view.frame["name"].reindex(reasons.index)
    lines = [
        f"<li>{escape(str(name or '未命名小区'))}：{escape(str(reason))}</li>"
        for name, reason in zip(names[:MAX_NAMES], reasons[:MAX_NAMES], strict=True)
    ]
    if len(reasons) > MAX_NAMES:
        lines.append(f"<li>……另有 {len(reasons) - MAX_NAMES:,} 个</li>")
    return f"<ul class='names'>{''.join(lines)}</ul>"
