"""Theme of verdicts: whether a compound may go in, or what one rule says, by colour and by sign."""

from __future__ import annotations

import pandas as pd

from layers.palettes import RAMPS
from layers.scale import CategoryScale
from layers.themes_options import PaintOptions
from policy.documents import cite
from policy.judging import Judgement
from policy.verdicts import SIGNS, STATES

__all__ = ["COLORS", "GROUP", "verdict_of", "verdict_order", "verdict_scale"]

# Rules that decide together whether a compound may go in.
GROUP = "准入"

# Blue, light ochre, dark red: apart in hue and in lightness, so also in grey print and to colour-blind eyes.
COLORS = (RAMPS["blue"][3], RAMPS["orange"][1], RAMPS["red"][5])


def verdict_of(frame: pd.DataFrame, options: PaintOptions) -> pd.Series:
    """State of each compound under the chosen rule, None where the plan's rules say nothing.

    Raises
    ------
    PolicyError
        If the profile has no such rule.
    """
    judgement = _judgement(options)
    if judgement is None or not _says_anything(judgement, options.rule):
        return pd.Series(None, index=frame.index, dtype=object)
    rule = options.rule
    states = judgement.rule_rows(rule).states if rule else judgement.overall(GROUP)
    known = states.reindex(frame.index).astype(object)
    return known.where(known.notna(), None)


def verdict_order(frame: pd.DataFrame, options: PaintOptions) -> pd.Series:
    """States in their order, the worst last, to sort a table by."""
    states = verdict_of(frame, options)
    return pd.Series(pd.Categorical(states, categories=list(STATES), ordered=True), states.index)


def verdict_scale(_: pd.Series, options: PaintOptions) -> CategoryScale:
    """Three states with their signs; the title names the rule, its clause and the plan."""
    judgement = _judgement(options)
    title, method = _titles(judgement, options.rule)
    return CategoryScale(
        title=title,
        keys=STATES,
        labels=tuple(f"{SIGNS[state]} {state}" for state in STATES),
        colors=COLORS,
        marks={at: SIGNS[state] for at, state in enumerate(STATES)},
        method=method,
        unknown_label=_why_unknown(judgement, options.rule),
    )


def _judgement(options: PaintOptions) -> Judgement | None:
    return None if options.judgement is None else options.judgement()


def _says_anything(judgement: Judgement, rule: str | None) -> bool:
    return bool(rule) or any(rows.rule.group == GROUP for rows in judgement.rows)


def _titles(judgement: Judgement | None, rule: str | None) -> tuple[str, str]:
    """Heading of the legend, and how the states were found."""
    if judgement is None:
        return "政策判定", ""
    plan = judgement.profile.title
    if rule:
        found = judgement.rule_rows(rule).rule
        return f"{found.title}{found.clause}，{plan}", "逐条判定"
    rules = [rows.rule for rows in judgement.rows if rows.rule.group == GROUP]
    sections: dict[str, list[str]] = {}
    for one in rules:
        sections.setdefault(one.document, []).append(one.section)
    clauses = (cite(document, "、".join(dict.fromkeys(s))) for document, s in sections.items())
    return f"{GROUP}结论，{plan}", f"各条{GROUP}规则取最不利者{''.join(clauses)}"


def _why_unknown(judgement: Judgement | None, rule: str | None) -> str:
    if judgement is None:
        return "规则方案读不出，不能判定"
    if not _says_anything(judgement, rule):
        return f"本方案没有{GROUP}规则"
    return "尚未判定"
