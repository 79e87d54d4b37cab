"""Small pieces that the panels of 空间 share: swatches as on the map, large figures, notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from layers.space_colors import Look
from policy.verdicts import FAILS, HOLDS, OPEN, SIGNS, Verdict

__all__ = ["Head", "head", "notes", "sign_html", "swatch_html", "verdicts_html"]

_CLASSES = {HOLDS: "holds", OPEN: "open", FAILS: "fails"}

# Title, figure, unit, and what stands small beneath it.
Head = tuple[str, str, str, str]


def swatch_html(look: Look) -> str:
    """Small field in colour and pattern of a class on the map."""
    color = look.color
    stripes = "repeating-linear-gradient({}deg, {} 0 2px, #fff 2px 5px)"
    fills = {
        "solid": color,
        "hatch": stripes.format(-45, color),
        "back": stripes.format(45, color),
        "cross": f"repeating-linear-gradient(45deg, {color} 0 2px, transparent 2px 5px), "
        + stripes.format(-45, color),
        "dots": f"radial-gradient({color} 1.6px, #fff 1.8px) 0 0 / 5px 5px",
        "none": "#fff",
    }
    return f"<span class='look' style='background: {fills[look.pattern]}'></span>"


def head(parts: Sequence[Head], *, main: int = 0) -> None:
    """Draw large figures side by side; `main` is the one that the tab is about."""
    cells = [
        f"<div{' class=main' if at == main else ''}><i>{escape(title)}</i>"
        f"<b>{escape(figure)}<small>{escape(unit)}</small></b><i>{escape(beneath)}</i></div>"
        for at, (title, figure, unit, beneath) in enumerate(parts)
    ]
    st.html(f"<div class='space-head'>{''.join(cells)}</div>")


def notes(texts: Iterable[str], kind: str = "") -> None:
    """Draw what the planner should know, one line each; `kind` is ``refused`` or ``fine``."""
    lines = [f"<div class='space-told {kind}'>{escape(text)}</div>" for text in texts]
    if lines:
        st.html("".join(lines))


def sign_html(state: str) -> str:
    """Sign of a verdict in its colour."""
    return f"<span class='sign {_CLASSES[state]}'>{SIGNS[state]}</span>"


def verdicts_html(verdicts: Sequence[Verdict], names: Sequence[str] = ()) -> str:
    """Verdicts with sign, value found, limit and clause; `names` tells of which compound each is."""
    lines = []
    for at, one in enumerate(verdicts):
        whose = f"{escape(names[at])}：" if names else ""
        lines.append(
            f"<div class='space-verdict'>{sign_html(one.state)}{whose}{escape(one.title)} "
            f"{escape(one.found)} <span class='found'>（{escape(one.limit)}）</span> "
            f"<span class='clause'>{escape(one.clause)}</span></div>"
        )
    return "".join(lines)
