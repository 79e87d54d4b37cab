"""What a reader or a check has to say, as a list by severity."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from data.findings import SEVERITIES, Finding
from ui.scene import Scene

__all__ = ["counts", "problem", "rows_in", "show", "steps"]

SHOWN = 60
MARKS = {"错误": "error", "提醒": "warn", "说明": "note"}


def counts(findings: Iterable[Finding]) -> str:
    """Say how many there are of each severity: 错误 2 · 提醒 4."""
    severities = [one.severity for one in findings]
    parts = [f"{title} {severities.count(title)}" for title in SEVERITIES if title in severities]
    return " · ".join(parts) or "没有问题"


def show(findings: Iterable[Finding]) -> None:
    """List findings, errors first; their words are shown as they are, never as mark-up."""
    listed = sorted(findings, key=lambda one: SEVERITIES.index(one.severity))
    lines = [
        f"<li class='{MARKS[one.severity]}'><b>{one.severity}</b>{escape(one.message)}</li>"
        for one in listed[:SHOWN]
    ]
    if len(listed) > SHOWN:
        lines.append(f"<li class='note'>另有 {len(listed) - SHOWN:,} 条没有列出</li>")
    if lines:
        st.html(f"<ul class='findings'>{''.join(lines)}</ul>")


def problem(texts: Iterable[str], *, title: str) -> None:
    """Say why a file was not taken, each problem on a line of its own."""
    said = [escape(text) for text in texts]
    body = said[0] if len(said) == 1 else f"<ul><li>{'</li><li>'.join(said)}</li></ul>"
    st.html(f"<div class='refused'><b>{escape(title)}</b><div>{body}</div></div>")


def steps(titles: Iterable[str], at: int) -> None:
    """Show which step of an import is being taken, counted from 0."""
    marks = ["done", "now", "next"]
    items = [
        f"<li class='{marks[(k > at) - (k < at) + 1]}'>{k + 1} {escape(title)}</li>"
        for k, title in enumerate(titles)
    ]
    st.html(f"<ol class='steps'>{''.join(items)}</ol>")


def rows_in(scene: Scene, finding: Finding) -> list[str]:
    """Compounds of the plan that a finding names."""
    return scene.view.known([str(row) for row in finding.rows])
