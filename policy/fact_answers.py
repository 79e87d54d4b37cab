"""Reading one answer: 是, 否, √, ×, 12户, 1.5公顷, 房改房 …; what is not understood is refused, never guessed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from policy.fact_list import Fact, Head, general_words
from policy.works import spelling

__all__ = ["FactValue", "Unreadable", "read_answer"]

FactValue = bool | int | float | str | None

_NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?|\.\d+)(.*)")
_NONE_AT_ALL = ("/", "无", "没有")
_LONGEST_SHOWN = 20
_LONGEST_NUMBER = 30
# Phones write ✔ with a mark behind it that asks for the coloured sign.
_EMOJI = "\ufe0f"
# No figure of a compound comes near this.
_LARGEST = 10**9


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """What could not be read.

    Attributes
    ----------
    message : str
        A whole sentence: what stands where, and what would be right.
    """

    message: str


def read_answer(raw: object, head: Head, known: Fact) -> FactValue | Unreadable:
    """Read what stands under a head.

    Parameters
    ----------
    raw : object
        As it stands; None, NaN and words such as 未知 are unknown.
    head : Head
    known : Fact
        The fact that the head means.

    Returns
    -------
    bool, int, float, str, None or Unreadable

    Examples
    --------
    >>> from policy.fact_list import facts, read_head
    >>> head = read_head("未列入征迁计划")
    >>> read_answer("是", head, facts()[head.fact])
    False
    >>> read_answer("看情况", head, facts()[head.fact]).message
    '“未列入征迁计划”写的是“看情况”，无法识别，按未知处理；应填是或否。'
    """
    if raw is None or (isinstance(raw, float) and math.isnan(raw)):
        return None
    word = _word(raw)
    if word == "" or word in general_words()["blank"]:
        return None
    value = _READ[known.kind](word, head, known) if word is not None else None
    if value is None:
        return Unreadable(
            message=f"“{_short(head.title)}”写的是“{_short(raw)}”，无法识别，按未知处理；应填{known.example}。"
        )
    return None if value is _NOTHING else value


# Understood, and says nothing.
_NOTHING: Any = object()


def _word(raw: object) -> str | None:
    """Spell an answer; None if it is neither text nor a number."""
    if isinstance(raw, str):
        return spelling(raw).removesuffix(_EMOJI)
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float):
        return f"{raw:.0f}" if raw.is_integer() else repr(raw)
    return str(raw) if isinstance(raw, int) else None


def _flag(word: str, head: Head, known: Fact) -> Any:
    if head.sense != "plain" and word not in general_words()["plain"]:
        return None
    value = known.answers.get(word)
    if value is None or head.sense == "plain":
        return value
    if head.sense == "opposite":
        return not value
    return True if value else _NOTHING


def _choice(word: str, _head: Head, known: Fact) -> Any:
    return known.answers.get(word)


def _count(word: str, head: Head, known: Fact) -> Any:
    if word in _NONE_AT_ALL:
        return 0
    amount = _amount(word, head, known)
    return None if amount is None or amount.denominator != 1 else int(amount)


def _number(word: str, head: Head, known: Fact) -> Any:
    if word in _NONE_AT_ALL:
        return _NOTHING
    amount = _amount(word, head, known)
    return None if amount is None else float(amount)


def _amount(word: str, head: Head, known: Fact) -> Fraction | None:
    """Read a number with or without its unit, else in the head's."""
    found = _NUMBER.fullmatch(word) if len(word) <= _LONGEST_NUMBER else None
    if found is None or (found[2] and found[2] not in known.units):
        return None
    amount = Fraction(found[1].replace(",", "")) * known.units.get(found[2], head.unit)
    return amount if amount <= _LARGEST else None


_READ = {"flag": _flag, "count": _count, "number": _number, "choice": _choice}


def _short(raw: object) -> str:
    text = str(raw).replace("\n", " ")
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
