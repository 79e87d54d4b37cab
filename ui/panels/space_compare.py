"""方案甲 and 方案乙 side by side: the layout that was pinned, the one that is here now, and what differs."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from ui import session
from ui.scene import Scene
from ui.space_figures import LINES, Line, summed
from ui.space_layouts import held
from ui.space_scope import Scope
from ui.space_shown import Shown, figures_table, pinned, shown, unpin

__all__ = ["show"]

PANEL = "space_compare"


def show(scene: Scene, scope: Scope, now: pd.Series) -> None:
    """Draw the table, if a layout was pinned for what the page is about.

    Parameters
    ----------
    scene : Scene
    scope : Scope
    now : Series
        Figures of what is shown: 方案乙.
    """
    first = pinned(scene, scope)
    if not first:
        return
    second = shown(scene, scope, held(scene, scope))
    if all(uid in second and second[uid].key == one.key for uid, one in first.items()):
        st.caption("已设为方案甲。改设置、重新排布以后，在这里与它比较。")
        _end()
        return
    then = summed(figures_table(first))
    rows = "".join(_row(line, then[line.name], now[line.name]) for line in LINES)
    st.html(
        "<div class='space-part'>方案甲与方案乙</div><table class='layout'>"
        f"<tr><th></th><th>方案甲</th><th class='shown'>方案乙（现在）</th><th>相差</th></tr>{rows}</table>"
        + _settings(first, second)
    )
    _end()


def _end() -> None:
    st.button("不再比较", type="tertiary", key=session.widget(PANEL, "end"), on_click=unpin)


def _row(line: Line, then: object, now: object) -> str:
    known = not pd.isna(then) and not pd.isna(now)  # type: ignore[arg-type]
    step = float(now) - float(then) if known else 0.0  # type: ignore[arg-type]
    return (
        f"<tr><td>{line.title}</td><td>{escape(line.write(then))}</td>"
        f"<td class='shown'>{escape(line.write(now))}</td>{_difference(line, step, known=known)}</tr>"
    )


def _difference(line: Line, step: float, *, known: bool) -> str:
    if not known:
        return "<td>/</td>"
    same = line.write(0.0) == line.write(abs(step))
    if same:
        return "<td>相同</td>"
    kind = {1: "better", -1: "worse"}.get(line.better * (1 if step > 0 else -1), "")
    return f"<td class='{kind}'>{'+' if step > 0 else '−'}{escape(line.write(abs(step)))}</td>"


def _settings(first: dict[str, Shown], second: dict[str, Shown]) -> str:
    """Say what was asked of each."""
    told = []
    for name, layouts in (("甲", first), ("乙", second)):
        words = {one.words for one in layouts.values()} - {""}
        if len(words) == 1:
            told.append(f"<div class='quiet'>{name}：{escape(words.pop())}</div>")
    return "".join(told)
