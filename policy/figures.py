"""Figures of standards and of the tool itself, with their source, clause and confidence, and their strict reading.

A figure that no document gives is the tool's own: source ``tool``, no clause, to be changed in each plan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from errors import PolicyError
from policy.documents import cite, documents
from policy.reader import check_keys, check_text, check_texts

__all__ = [
    "CONFIDENCES",
    "OWN_SOURCE",
    "Basis",
    "Figure",
    "Span",
    "check_confidence",
    "check_each",
    "check_flag",
    "check_number",
    "check_words",
    "longest_word",
    "read_basis",
    "read_figure",
    "read_figures",
    "read_span",
]

Entry = TypeVar("Entry")

# Given by no document: the tool's own starting value.
OWN_SOURCE = "tool"
# As a document has it, by usage or from a second hand, the tool's own.
CONFIDENCES = ("高", "中", "低")

_BASIS = ("source", "clause", "confidence", "text")


@dataclass(frozen=True, kw_only=True)
class Basis:
    """Where something is taken from.

    Attributes
    ----------
    source : str
        Id of a document of `policy.documents`; ``tool`` where none gives it.
    clause : str or None
        Section of the document; None exactly where the source is ``tool``.
    confidence : {"高", "中", "低"}
    text : str
        What is meant, in a few words.
    """

    source: str
    clause: str | None
    confidence: str
    text: str

    @property
    def cited(self) -> str:
        """Where it is from, as the screen shows it behind the value.

        Examples
        --------
        >>> Basis(source="gb-50016", clause="7.1.8", confidence="高", text="净宽").cited
        '〔GB 50016-2014（2018年版） 7.1.8〕'
        >>> Basis(source="tool", clause=None, confidence="低", text="退距").cited
        '软件的起始值'
        """
        return "软件的起始值" if self.clause is None else cite(self.source, self.clause)


@dataclass(frozen=True, kw_only=True)
class Figure(Basis):
    """A starting value with its source, clause and confidence.

    Attributes
    ----------
    value : float
        In `unit`; 0 or more.
    unit : str
        ``m``, ``㎡``, ``个/户`` …; a share of 0 to 1 has the unit ``比例``.
    """

    value: float
    unit: str


@dataclass(frozen=True, kw_only=True)
class Span(Basis):
    """A range with its source, clause and confidence.

    Attributes
    ----------
    low, high : float
        In `unit`; `high` is infinite where there is only a least value.
    """

    low: float
    high: float
    unit: str


def read_basis(values: Mapping[str, Any], *, where: str) -> dict[str, Any]:
    """Read source, clause, confidence and text of an entry, ready for :class:`Basis`.

    Raises
    ------
    PolicyError
        If the document is not in the list, or a clause is missing or given without a document.
    """
    source, clause = values["source"], values["clause"]
    if source != OWN_SOURCE and source not in documents():
        known = "、".join((OWN_SOURCE, *documents()))
        raise PolicyError(f"{where}.source 是 {source!r}，应是文件的简称之一：{known}。")
    if (source == OWN_SOURCE) != (clause is None):
        raise PolicyError(f"{where}.clause：有文件就要写章节，软件自己的值（tool）写 null。")
    return {
        "source": str(source),
        "clause": None if clause is None else check_text(clause, where=f"{where}.clause"),
        "confidence": check_confidence(values["confidence"], where=f"{where}.confidence"),
        "text": check_text(values["text"], where=f"{where}.text"),
    }


def read_figure(entry: object, *, where: str) -> Figure:
    """Read one figure.

    Parameters
    ----------
    entry : object
        Mapping with value, unit, source, clause, confidence, text.
    where : str
        File and key, for the message.

    Raises
    ------
    PolicyError
        If a key is missing or unknown, or a value is not what it should be.

    Examples
    --------
    >>> read_figure({"value": 4, "unit": "m", "source": "gb-50016", "clause": "7.1.8", "confidence": "高",
    ...              "text": "消防车道净宽"}, where="例").value
    4.0
    """
    values = check_keys(entry, where=where, required=("value", "unit", *_BASIS))
    return Figure(
        value=check_number(values["value"], where=f"{where}.value"),
        unit=check_text(values["unit"], where=f"{where}.unit"),
        **read_basis(values, where=where),
    )


def read_figures(entry: object, *, where: str, names: Collection[str]) -> dict[str, Figure]:
    """Read the figures of a file, exactly those named.

    Examples
    --------
    >>> read_figures({}, where="例", names=["width_m"])
    Traceback (most recent call last):
    errors.PolicyError: 例 缺少 width_m，请补上。
    """
    values = check_keys(entry, where=where, required=names)
    return {name: read_figure(values[name], where=f"{where}.{name}") for name in names}


def read_span(entry: object, *, where: str) -> Span:
    """Read one range: low, high (null: no upper end), unit, source, clause, confidence, text."""
    values = check_keys(entry, where=where, required=("low", "high", "unit", *_BASIS))
    low = check_number(values["low"], where=f"{where}.low")
    high = (
        math.inf if values["high"] is None else check_number(values["high"], where=f"{where}.high")
    )
    if high < low:
        raise PolicyError(f"{where}：上限 {high:g} 小于下限 {low:g}，请改正。")
    return Span(
        low=low,
        high=high,
        unit=check_text(values["unit"], where=f"{where}.unit"),
        **read_basis(values, where=where),
    )


def check_number(value: object, *, where: str) -> float:
    """Refuse anything but a finite number of 0 or more."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(value, int | float) or not number or not 0 <= value < math.inf:
        raise PolicyError(f"{where} 应是 0 或更大的数，现在是 {value!r}。")
    return float(value)


def check_flag(value: object, *, where: str) -> bool:
    """Refuse anything but true and false."""
    if not isinstance(value, bool):
        raise PolicyError(f"{where} 应是 true 或 false，现在是 {value!r}。")
    return value


def check_confidence(value: object, *, where: str) -> str:
    """Refuse anything but 高, 中 and 低."""
    if value not in CONFIDENCES:
        raise PolicyError(f"{where} 应是 {'、'.join(CONFIDENCES)} 之一，现在是 {value!r}。")
    return str(value)


def check_each(value: object, read: Callable[..., Entry], *, where: str) -> tuple[Entry, ...]:
    """Read each entry of a list that is not empty by `read(entry, where=…)`."""
    if not isinstance(value, list) or not value:
        raise PolicyError(f"{where} 应是列表，至少一项。")
    return tuple(read(entry, where=f"{where}[{k}]") for k, entry in enumerate(value))


def check_words(value: object, ids: Collection[str], *, where: str) -> dict[str, str]:
    """Read words by id into ids by word (lower case); a word that stands for two things is refused.

    Examples
    --------
    >>> check_words({"foot": ["步行", "Footway"]}, ["foot"], where="例")
    {'步行': 'foot', 'footway': 'foot'}
    """
    words: dict[str, str] = {}
    for of, listed in check_keys(value, where=where, required=ids).items():
        for word in check_texts(listed, where=f"{where}.{of}"):
            plain = word.strip().lower()
            if plain in words:
                raise PolicyError(
                    f"{where} 里“{word}”写了两次（{words[plain]}、{of}），请删去一个。"
                )
            words[plain] = of
    return words


def longest_word(text: object, words: Mapping[str, str]) -> str | None:
    """Id that a text names: as a whole, or by the longest Chinese word found in it; None if it says nothing.

    Examples
    --------
    >>> words = {"路": "road", "步行路": "foot", "path": "foot"}
    >>> [longest_word(text, words) for text in ("城南步行路", "PATH", "pathway", None, 3)]
    ['foot', 'foot', None, None, None]
    """
    plain = text.strip().lower() if isinstance(text, str) else ""
    if plain in words:
        return words[plain]
    inside = [word for word in words if not word.isascii() and word in plain]
    return words[max(inside, key=len)] if inside else None
