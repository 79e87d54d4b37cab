"""How a verdict looks on the page 政策: its sign before its colour, what was found, why, and the clause."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import numpy as np

from policy.judged import Codes
from policy.verdicts import SIGNS, STATES, State, Verdict

__all__ = ["CLASSES", "counted", "counted_html", "sign_html", "verdict_html"]

# Style classes of the states (ui/assets/policy.css).
CLASSES: dict[State, str] = dict(zip(STATES, ("holds", "open", "fails"), strict=True))


def counted(codes: Codes) -> str:
    """Count the compounds of each state, as in ✓ 3 · ✗ 2.

    Examples
    --------
    >>> counted(np.array([0, 0, 2], np.int8))
    '✓ 2 · ✗ 1'
    """
    counts = np.bincount(codes, minlength=len(STATES))
    parts = [f"{SIGNS[state]} {n:,}" for state, n in zip(STATES, counts, strict=True) if n]
    return " · ".join(parts)


def counted_html(counts: Iterable[int]) -> str:
    """Write counts of the states, each in its colour."""
    return " ".join(
        f"<span class='sign {CLASSES[state]}'>{SIGNS[state]} {int(n):,}</span>"
        for state, n in zip(STATES, counts, strict=True)
        if n
    )


def sign_html(state: State, *, title: str = "") -> str:
    """Write the sign of a state; `title` is told when the pointer rests on it."""
    said = f" title='{escape(title, quote=True)}'" if title else ""
    return f"<span class='sign {CLASSES[state]}'{said}>{SIGNS[state]}</span>"


def verdict_html(verdict: Verdict) -> str:
    """One verdict with all that it rests on."""
    found = [
        f"{head} {escape(text)}"
        for head, text in (("现为", verdict.found), ("要求", verdict.limit))
        if text
    ]
    held = f"<div class='found'>{'；'.join(found)}</div>" if found else ""
    return (
        f"<div class='verdict {CLASSES[verdict.state]}'>"
        f"<div class='verdict-title'>{sign_html(verdict.state)}{escape(verdict.title)}"
        f"<span class='state'>{verdict.state}</span></div>{held}"
        f"<div>{escape(verdict.message)}</div>"
        f"<div class='clause'>{escape(verdict.clause)}</div></div>"
    )
