"""What the page 政策 lists: which facts rules ask for, how many compounds a fact would change, tables to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from data.reports import Report
from policy.facts import fact_values
from policy.judged import Rows
from policy.judging import Judgement
from policy.verdicts import SIGNS, STATES, State, worst
from ui.policy_reading import groups_judged

__all__ = [
    "overall_table",
    "preview_table",
    "rule_positions",
    "rule_table",
    "tally_changes",
    "worst_of",
    "would_change",
]


def rule_positions(rows: Rows, state: State) -> Any:
    """Positions of the compounds to which a rule says one thing."""
    return np.flatnonzero(rows.codes == STATES.index(state))


def rule_table(rows: Rows, state: State, *, limit: int) -> pd.DataFrame:
    """List the compounds to which a rule says one thing, as :meth:`Judgement.obstacles` lists all rules."""
    listed = []
    for at in rule_positions(rows, state)[:limit]:
        verdict = rows.verdict(int(at))
        listed.append(
            {
                "uid": rows.index[at],
                "title": verdict.title,
                "state": verdict.state,
                "clause": verdict.clause,
                "found": verdict.found,
                "message": verdict.message,
            }
        )
    return pd.DataFrame(listed, columns=["uid", "title", "state", "clause", "found", "message"])


def overall_table(judgement: Judgement, uids: Sequence[str]) -> pd.DataFrame:
    """State of some compounds by heading, with its sign; index uid."""
    at = judgement.index.get_indexer(pd.Index(list(uids), dtype=object))
    table: dict[str, list[str]] = {}
    for name in groups_judged(judgement):
        states = judgement.overall(name).to_numpy(object)[at]
        table[name] = [f"{SIGNS[state]} {state}" for state in states]
    return pd.DataFrame(table, index=pd.Index(list(uids), name="uid"))


def preview_table(report: Report, limit: int) -> pd.DataFrame:
    """First rows of a report as texts; a heading stands in the first column."""
    heads = [
        head if report.heads.count(head) == 1 else f"{head} {k}"
        for k, head in enumerate(report.heads)
    ]
    rows = [
        _heading(row, len(heads))
        if isinstance(row, str)
        else ["" if c is None else str(c) for c in row]
        for row in report.body[:limit]
    ]
    return pd.DataFrame(rows, columns=heads, dtype=object)


def _heading(text: str, columns: int) -> list[str]:
    """Put a heading where there is room for it: the first column is that of the numbers."""
    return [text] if columns == 1 else ["", text, *[""] * (columns - 2)]


def worst_of(judgement: Judgement, uid: str, name: str) -> State:
    """State of one compound under a heading."""
    return worst(
        verdict.state
        for verdict, rows in zip(judgement.verdicts(uid), judgement.rows, strict=True)
        if rows.rule.group == name
    )


def would_change(frame: pd.DataFrame, uids: Sequence[str], fact_id: str, value: Any) -> list[str]:
    """Those of `uids` whose fact is another than `value` now."""
    held = fact_values(frame.loc[list(uids)], fact_id).tolist()
    return [uid for uid, now in zip(uids, held, strict=True) if not _same(now, value)]


def tally_changes(frame: pd.DataFrame, uids: Sequence[str], fact_id: str) -> Mapping[str, int]:
    """Count the present values of a fact, in words."""
    words = [_word(value) for value in fact_values(frame.loc[list(uids)], fact_id).tolist()]
    return dict(pd.Series(words, dtype=object).value_counts())


def _same(one: Any, other: Any) -> bool:
    missing = [value is None or pd.isna(value) for value in (one, other)]
    return all(missing) if any(missing) else bool(one == other)


def _word(value: Any) -> str:
    if value is None or pd.isna(value):
        return "未知"
    if isinstance(value, bool | np.bool_):
        return "是" if value else "否"
    return f"{value:.12g}" if isinstance(value, float) else str(value)
