"""方案甲 and 方案乙 side by side: the layout that was pinned, the one that is here now, and what differs."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from ui import session, space_layouts
from ui.scene import Scene
from ui.space_figures import LINES, Line, summed
from ui.space_scope import Scope
from ui.space_shown import figures_table, of_session

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
    pinned = space_layouts.pinned(scene, scope)
    if not pinned:
        return
    held = space_layouts.held(scene, scope)
    if all(held.get(uid) is laid for uid, laid in pinned.items()):
        st.caption("已设为方案甲。改设置、重新排布以后，在这里与它比较。")
        _end()
        return
    then = summed(figures_table({uid: of_session(laid) for uid, laid in pinned.items()}))
    rows = "".join(_row(line, then[line.name], now[line.name]) for line in LINES)
    st.html(
        "<div class='space-part'>方案甲与方案乙</div><table class='layout'>"
        f"<tr><th></th><th>方案甲</th><th class='shown'>方案乙（现在）</th><th>相差</th></tr>{rows}</table>"
        + _settings(pinned, held)
    )
    _end()


def _end() -> None:
    st.button(
        "不再比较", type="tertiary", key=session.widget(PANEL, "end"), on_click=space_layouts.unpin
    )


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


def _settings(pinned: dict[str, space_layouts.Laid], held: dict[str, space_layouts.Laid]) -> str:
    """Say what was asked of each."""
    told = []
    for name, laid in (("甲", pinned), ("乙", held)):
        words = {one.layout.words for one in laid.values()}
        if len(words) == 1:
            told.append(f"<div class='quiet'>{name}：{escape(words.pop())}</div>")
    return "".join(told)
