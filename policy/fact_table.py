"""Facts of all compounds of a frame: one pass over their own fields, then one fact at a time."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from policy.fact_answers import FactValue, Unreadable, read_answer
from policy.fact_list import Fact, Head, facts, read_head

__all__ = ["FactTable", "Unread", "read_one"]

# The kind of a compound that says by itself that it is one; another kind says nothing.
_VILLAGE = "城中村"
_VILLAGE_HEAD = Head(fact="urban_village", title="类型", sense="suffices", main=True)

_DTYPES: dict[str, Any] = {
    "flag": "boolean",
    "count": "Int64",
    "number": "Float64",
    "choice": "object",
}

_Outcome = FactValue | Unreadable


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A field of a fact that can not be read, or says another thing than a second field.

    Attributes
    ----------
    uid : Hashable
        Label of the compound.
    fact, title : str
        Id and title of the fact.
    message : str
        A whole sentence: what stands where, and what would be right.
    """

    uid: Hashable
    fact: str
    title: str
    message: str


@dataclass(frozen=True, kw_only=True)
class _Field:
    """What stands under one head: positions in the frame, and the values there."""

    head: Head
    places: list[int]
    raws: list[Any]


class _Raw:
    """A value that is no text, as a key by type and look: True and 1 would be one key, and lists none."""

    __slots__ = ("key", "value")

    def __init__(self, value: object) -> None:
        self.value = value
        self.key = (type(value), repr(value))

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Raw) and self.key == other.key


@dataclass(frozen=True, kw_only=True)
class _Column:
    series: pd.Series[Any]
    unread: Mapping[int, str]


@dataclass(frozen=True, kw_only=True)
class FactTable:
    """Facts of the compounds of a frame; each is read when it is first asked for.

    Attributes
    ----------
    index : Index
        Of the frame.
    """

    index: pd.Index[Any]
    _fields: Mapping[str, list[_Field]] = field(repr=False)
    _columns: dict[str, _Column] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, frame: pd.DataFrame) -> FactTable:
        """Collect what stands about facts.

        Parameters
        ----------
        frame : DataFrame
            Columns ``extra`` (mapping or nothing) and ``kind``, as far as there are any. Not changed.
        """
        fields: dict[str, list[_Field]] = {known: [] for known in facts()}
        for found in (*_collected(_column(frame, "extra")), _villages(_column(frame, "kind"))):
            fields[found.head.fact].append(found)
        return cls(index=frame.index, _fields=fields)

    def values(self, fact_id: str) -> pd.Series[Any]:
        """Values of a fact, as `policy.facts.fact_values` gives them."""
        return self._read(fact_id).series

    def unread(self, fact_id: str) -> list[Unread]:
        """List what could not be read of a fact, in the order of the frame."""
        title = facts()[fact_id].title
        return [
            Unread(uid=self.index[at], fact=fact_id, title=title, message=message)
            for at, message in sorted(self.messages(fact_id).items())
        ]

    def messages(self, fact_id: str) -> Mapping[int, str]:
        """Sentences about what could not be read of a fact, by position in the frame."""
        return self._read(fact_id).unread

    def _read(self, fact_id: str) -> _Column:
        if fact_id not in self._columns:
            known = facts()[fact_id]
            self._columns[fact_id] = _read_column(known, self.index, self._fields[fact_id])
        return self._columns[fact_id]


def read_one(extra: object, kind: object, known: Fact) -> FactValue | Unreadable:
    """Read one fact of one compound, from its own fields and its kind."""
    said: list[tuple[Head, _Outcome]] = []
    for key, raw in extra.items() if isinstance(extra, Mapping) else ():
        head = read_head(key) if isinstance(key, str) else None
        if head is not None and head.fact == known.id:
            said.append((head, read_answer(raw, head, known)))
    if kind == _VILLAGE and known.id == _VILLAGE_HEAD.fact:
        said.append((_VILLAGE_HEAD, True))
    return _agreed([(head, value) for head, value in said if value is not None])


def _column(frame: pd.DataFrame, name: str) -> list[Any]:
    return frame[name].tolist() if name in frame else []


def _collected(extras: list[Any]) -> list[_Field]:
    """Sort what stands in the own fields by head; one pass, for there may be millions of entries."""
    fields: dict[Any, _Field | None] = {}
    for at, extra in enumerate(extras):
        if not isinstance(extra, dict):
            continue
        for key, raw in extra.items():
            if key not in fields:
                fields[key] = _field(key)
            found = fields[key]
            if found is not None:
                found.places.append(at)
                found.raws.append(raw)
    return [found for found in fields.values() if found is not None]


def _field(key: object) -> _Field | None:
    head = read_head(key) if isinstance(key, str) else None
    return None if head is None else _Field(head=head, places=[], raws=[])


def _villages(kinds: list[Any]) -> _Field:
    places = [at for at, kind in enumerate(kinds) if kind == _VILLAGE]
    return _Field(head=_VILLAGE_HEAD, places=places, raws=["是"] * len(places))


def _read_column(known: Fact, index: pd.Index[Any], fields: list[_Field]) -> _Column:
    values = np.full(len(index), None, dtype=object)
    unreadable = np.zeros(len(index), bool)
    heads_saying = np.zeros(len(index), np.int16)
    for found in fields:
        read, which = _read_field(found, known)
        says = np.array([value is not None for value in read], bool)[which]
        bad = np.array([isinstance(value, Unreadable) for value in read], bool)[which]
        places = np.array(found.places, dtype=np.intp)
        values[places[says]] = read[which[says]]
        unreadable[places[bad]] = True
        heads_saying[places[says]] += 1
    for at, said in _several(heads_saying, known, fields).items():
        values[at] = _agreed(said)
        unreadable[at] = isinstance(values[at], Unreadable)
    unread = {int(at): values[at].message for at in np.flatnonzero(unreadable)}
    values[unreadable] = None
    series = pd.Series(values, index=index, name=known.id, dtype=object)
    return _Column(series=series.astype(_DTYPES[known.kind]), unread=unread)


def _read_field(found: _Field, known: Fact) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.intp]]:
    """Read each different value once, for a ledger says the same few things again and again.

    Returns
    -------
    tuple of array
        What the different values mean; and which of them stands at each place.
    """
    raws = found.raws
    if set(map(type, raws)) != {str}:
        raws = [raw if isinstance(raw, str) else _Raw(raw) for raw in raws]
    number = {raw: k for k, raw in enumerate(dict.fromkeys(raws))}
    read = np.empty(len(number), dtype=object)
    read[:] = [
        read_answer(raw.value if isinstance(raw, _Raw) else raw, found.head, known)
        for raw in number
    ]
    return read, np.fromiter(map(number.__getitem__, raws), np.intp, len(raws))


def _several(
    heads_saying: npt.NDArray[np.int16], known: Fact, fields: list[_Field]
) -> dict[int, list[tuple[Head, _Outcome]]]:
    """Give all that is said where several heads say something."""
    said: dict[int, list[tuple[Head, _Outcome]]] = {}
    if not (heads_saying > 1).any():
        return said
    for found in fields:
        read, which = _read_field(found, known)
        for at, k in zip(found.places, which, strict=True):
            if heads_saying[at] > 1 and read[k] is not None:
                said.setdefault(at, []).append((found.head, read[k]))
    return said


def _agreed(said: list[tuple[Head, _Outcome]]) -> _Outcome:
    """Take the fact's own title first, else what all heads say."""
    if not said:
        return None
    main = [value for head, value in said if head.main]
    if main:
        # 类型 stands beside the title: a compound of that kind is one, whatever the title says.
        return True if any(value is True for value in main) else main[0]
    if len({repr(value) for _, value in said}) == 1:
        return said[0][1]
    unreadable = [value for _, value in said if isinstance(value, Unreadable)]
    if unreadable:
        return unreadable[0]
    heads = "”和“".join(head.title for head, _ in said)
    return Unreadable(message=f"“{heads}”说法不一致，按未知处理；请核对后只留一种。")
