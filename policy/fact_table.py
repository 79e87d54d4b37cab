"""Facts of all compounds of a frame: one pass over their own fields, then one fact at a time."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from policy.fact_answers import FactValue, Unreadable, read_answer
from policy.fact_list import Head, facts, read_head

__all__ = ["FactTable", "Unread"]

# The kind of a compound that says by itself that it is one; another kind says nothing.
_VILLAGE = "城中村"

_DTYPES: dict[str, Any] = {
    "flag": "boolean",
    "count": "Int64",
    "number": "Float64",
    "choice": "object",
}

# Position in the frame, what its head says, what stands there.
_Entry = tuple[int, Head, Any]


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A field of a fact that can not be read, or says another thing than a second field.

    Attributes
    ----------
    uid : Hashable
        Label of the compound.
    at : int
        Its position in the frame.
    fact, title : str
        Id and title of the fact.
    message : str
        A whole sentence: what stands where, and what would be right.
    """

    uid: Hashable
    at: int
    fact: str
    title: str
    message: str


@dataclass(frozen=True, kw_only=True)
class _Column:
    series: pd.Series[Any]
    unread: tuple[Unread, ...]


@dataclass(frozen=True, kw_only=True)
class FactTable:
    """Facts of the compounds of a frame; each is read when it is first asked for.

    Attributes
    ----------
    index : Index
        Of the frame.
    entries : mapping
        Id of a fact to what stands about it.
    """

    index: pd.Index[Any]
    entries: Mapping[str, list[_Entry]]
    _columns: dict[str, _Column] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, frame: pd.DataFrame) -> FactTable:
        """Collect what stands about facts.

        Parameters
        ----------
        frame : DataFrame
            Columns ``extra`` (mapping or nothing) and ``kind``, as far as there are any. Not changed.
        """
        entries: dict[str, list[_Entry]] = {known: [] for known in facts()}
        for at, extra in enumerate(_column(frame, "extra")):
            if isinstance(extra, Mapping):
                for key, raw in extra.items():
                    head = read_head(key) if isinstance(key, str) else None
                    if head is not None:
                        entries[head.fact].append((at, head, raw))
        village = Head(fact="urban_village", title="类型", sense="suffices", main=True)
        kinds = _column(frame, "kind")
        entries["urban_village"] += [
            (at, village, "是") for at, kind in enumerate(kinds) if kind == _VILLAGE
        ]
        return cls(index=frame.index, entries=entries)

    def values(self, fact_id: str) -> pd.Series[Any]:
        """Values of a fact, as `policy.facts.fact_values` gives them."""
        return self._read(fact_id).series

    def unread(self, fact_id: str) -> tuple[Unread, ...]:
        """List what could not be read of a fact, in the order of the frame."""
        return self._read(fact_id).unread

    def _read(self, fact_id: str) -> _Column:
        if fact_id not in self._columns:
            self._columns[fact_id] = _read_column(fact_id, self.index, self.entries[fact_id])
        return self._columns[fact_id]


def _column(frame: pd.DataFrame, name: str) -> list[Any]:
    return frame[name].tolist() if name in frame else []


def _read_column(fact_id: str, index: pd.Index[Any], entries: list[_Entry]) -> _Column:
    known = facts()[fact_id]
    found: dict[int, list[tuple[Head, FactValue | Unreadable]]] = {}
    read: dict[Any, FactValue | Unreadable] = {}
    for at, head, raw in entries:
        # A ledger says the same few things again and again; True, 1 and "1" are not the same key.
        key = (head.title, type(raw), raw) if isinstance(raw, Hashable) else None
        if key is None:
            value = read_answer(raw, head, known)
        else:
            if key not in read:
                read[key] = read_answer(raw, head, known)
            value = read[key]
        found.setdefault(at, []).append((head, value))
    values = np.full(len(index), None, dtype=object)
    unread = []
    for at in sorted(found):
        value = _agreed(found[at])
        if isinstance(value, Unreadable):
            unread.append(
                Unread(uid=index[at], at=at, fact=fact_id, title=known.title, message=value.message)
            )
        else:
            values[at] = value
    series = pd.Series(values, index=index, name=fact_id, dtype=object)
    return _Column(series=series.astype(_DTYPES[known.kind]), unread=tuple(unread))


def _agreed(said: list[tuple[Head, FactValue | Unreadable]]) -> FactValue | Unreadable:
    """Take the fact's own title first, else what all heads say that say something."""
    if len(said) == 1:
        return said[0][1]
    main = [value for head, value in said if head.main and value is not None]
    if main:
        # 类型 stands beside the title: a compound of that kind is one, whatever the title says.
        return True if any(value is True for value in main) else main[0]
    known = {head.title: value for head, value in said if value is not None}
    different = set(map(repr, known.values()))
    if len(different) <= 1:
        return next(iter(known.values()), None)
    unreadable = [value for value in known.values() if isinstance(value, Unreadable)]
    if unreadable:
        return unreadable[0]
    heads = "”和“".join(known)
    return Unreadable(message=f"“{heads}”两栏说法不一致，按未知处理；请核对后只留一种。")
