"""Facts of a compound that rules ask for and the schema has no column for.

They are kept in the compound's own fields (``extra``) under their Chinese titles, so that a column of a ledger
that carries one is read as it is. What can not be read is reported and unknown: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from errors import PolicyError, RecordError
from policy.fact_answers import FactValue, Unreadable, read_answer
from policy.fact_list import Fact, FactKind, Head, facts, read_head
from policy.fact_table import FactTable, Unread, read_one

__all__ = [
    "Fact",
    "FactKind",
    "FactTable",
    "FactValue",
    "Unread",
    "fact",
    "fact_value",
    "fact_values",
    "facts",
    "read_fact",
    "unread_facts",
    "with_fact",
]


def fact(fact_id: str) -> Fact:
    """Find a fact.

    Raises
    ------
    PolicyError
        If there is none of that id.

    Examples
    --------
    >>> fact("urban_village").title
    '城中村'
    """
    if fact_id not in facts():
        raise PolicyError(f"没有“{fact_id}”这一项小区情况，可用的有：{'、'.join(facts())}。")
    return facts()[fact_id]


def fact_values(frame: pd.DataFrame, fact_id: str) -> pd.Series[Any]:
    """One fact of all compounds.

    Parameters
    ----------
    frame : DataFrame
        Column ``extra`` with a mapping or nothing a row; ``kind`` where there is one. Not changed.
    fact_id : str

    Returns
    -------
    Series
        Index of `frame`, name the id: ``boolean`` for a flag, ``Int64`` for a count, ``Float64`` for a number,
        ``object`` for a choice; NA (None) is unknown, also where nothing readable stands.

    Raises
    ------
    PolicyError
        If there is no such fact.

    Examples
    --------
    >>> frame = pd.DataFrame({"extra": [{"城中村": "否"}, {"是否城中村": "√"}, None]})
    >>> fact_values(frame, "urban_village").tolist()
    [False, True, <NA>]
    """
    return FactTable.of(frame).values(fact(fact_id).id)


def fact_value(extra_or_row: Mapping[str, Any] | pd.Series[Any] | None, fact_id: str) -> FactValue:
    """One fact of one compound; None is unknown.

    Parameters
    ----------
    extra_or_row : mapping, Series or None
        The compound's own fields, or its whole row.
    fact_id : str

    Raises
    ------
    PolicyError
        If there is no such fact.

    Examples
    --------
    >>> fact_value({"低保户（户）": "12户"}, "low_income_households")
    12
    """
    known = fact(fact_id)
    if extra_or_row is None:
        return None
    row = extra_or_row if "extra" in extra_or_row else {"extra": extra_or_row}
    value = read_one(row.get("extra"), row.get("kind"), known)
    return None if isinstance(value, Unreadable) else value


def with_fact(extra: Mapping[str, Any] | None, fact_id: str, value: object) -> dict[str, Any]:
    """Own fields of a compound with a fact set.

    Parameters
    ----------
    extra : mapping or None
        As they are; not changed.
    fact_id : str
    value : object
        As `read_fact` takes it. None makes the fact unknown: every field that says it is left out.

    Returns
    -------
    dict
        The fact stands under its title, which goes before other heads; a flag as 是 or 否.

    Raises
    ------
    PolicyError
        If there is no such fact.
    RecordError
        If the value can not be read.

    Examples
    --------
    >>> with_fact({"备注二": "甲"}, "urban_village", False)
    {'备注二': '甲', '城中村': '否'}
    >>> with_fact({"是否城中村": "是"}, "urban_village", None)
    {}
    """
    known = fact(fact_id)
    read = read_fact(value, known)
    kept = dict(extra or {})
    if read is not None:
        return kept | {known.title: _stored(read)}
    return {key: item for key, item in kept.items() if not _says(key, known)}


def read_fact(raw: object, known: Fact | str) -> FactValue:
    """Read a value that a planner gives.

    Parameters
    ----------
    raw : object
        是, 否, 有, 无, √, ×, Y, N, true, 1, 0 and the like for a flag; None or blank is unknown.
    known : Fact or str
        The fact, or its id.

    Raises
    ------
    RecordError
        With the title, what stands there and what would be right.

    Examples
    --------
    >>> read_fact("√", "tendered"), read_fact("12户", "low_income_households"), read_fact("", "tenure")
    (True, 12, None)
    """
    known = fact(known) if isinstance(known, str) else known
    answer = read_answer(raw, Head(fact=known.id, title=known.title), known)
    if isinstance(answer, Unreadable):
        raise RecordError(known.title, [answer.message])
    return answer


def unread_facts(frame: pd.DataFrame) -> list[Unread]:
    """List what stands in a field of a fact and can not be read, or contradicts another field.

    Parameters
    ----------
    frame : DataFrame
        As for `fact_values`.
    """
    table = FactTable.of(frame)
    return [unread for known in facts() for unread in table.unread(known)]


def _says(key: object, known: Fact) -> bool:
    head = read_head(str(key))
    return head is not None and head.fact == known.id


def _stored(value: bool | float | str) -> Any:
    if isinstance(value, bool):
        return "是" if value else "否"
    return int(value) if isinstance(value, float) and value.is_integer() else value
