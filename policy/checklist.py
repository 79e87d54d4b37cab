"""Papers of an application: what is missing, and whether it would be sent back.

篇一（省级审核）: a complete application is accepted, any other goes back. A compound that was tendered before has
nothing reviewed: it files award, contract and approved plan instead. A rule of kind ``checklist`` says by ``only_if``
or ``unless`` for whom its list holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from errors import PolicyError
from policy.facts import Fact, fact_value, facts
from policy.judged import FAIL, HOLD, UNSURE, Judging, Rows
from policy.profiles import Rule
from policy.review_number import judge_review_number
from policy.verdicts import FAILS, HOLDS, OPEN, State

__all__ = ["FILED", "PROGRAMME", "Papers", "judge_papers", "missing_papers", "papers"]

# What only a compound that was tendered has: a sign, where nobody has said so, that its papers are others.
FILED = ("paper_award", "paper_contract", "paper_approved_plan")


@dataclass(frozen=True, kw_only=True)
class Papers:
    """The papers of one compound under one list.

    Attributes
    ----------
    present, missing, unknown : tuple of str
        Titles; all empty if the list is not for this compound.
    applies : bool or None
        Whether the list is for this compound; None where the fact that decides is unknown and papers speak
        against what is assumed then.
    condition : str
        Title of the fact that decides; empty if the list is for all.
    fulfilled : bool or None
        What the compound says of that fact.
    """

    present: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    applies: bool | None = True
    condition: str = ""
    fulfilled: bool | None = None

    @property
    def state(self) -> State:
        """符合 complete or not asked for, 不符合 would go back, 需论证 not known."""
        if self.applies is False or not (self.missing or self.unknown):
            return HOLDS
        return OPEN if self.applies is None or not self.missing else FAILS

    @property
    def found(self) -> str:
        """How many of how many."""
        of = len(self.present) + len(self.missing) + len(self.unknown)
        return f"已有 {len(self.present)}/{of} 项" if of else ""

    @property
    def message(self) -> str:
        """Whole sentence."""
        if self.applies is False:
            said = {True: "为是", False: "为否", None: "未填写，按否计"}[self.fulfilled]
            return f"“{self.condition}”{said}，这份清单不适用。"
        if self.state == HOLDS:
            return "材料齐全。"
        lacking = f"缺{'、'.join(self.missing)}" if self.missing else ""
        unsaid = f"未填写是否已有{'、'.join(self.unknown)}" if self.unknown else ""
        told = "；".join(part for part in (lacking, unsaid) if part)
        if self.applies is None:
            return f"{told}；但“{self.condition}”未填写，而已有招投标材料，请先填写。"
        after = "，会被退回，请补齐后再报。" if self.missing else "，请核对后填写。"
        return f"{told}{after}"


def papers(rule: Rule) -> tuple[Fact, ...]:
    """Papers that a rule of kind ``checklist`` asks for, in its order.

    Raises
    ------
    PolicyError
        If an item is no paper that the tool knows.
    """
    by_name: dict[str, Fact] = {}
    for fact in facts().values():
        if fact.id.startswith("paper_"):
            by_name.update(dict.fromkeys((fact.id, fact.title, *fact.words), fact))
    items = rule.get("items") or ()
    unknown = [item for item in items if item not in by_name]
    if unknown:
        known = "、".join(dict.fromkeys(fact.title for fact in by_name.values()))
        raise PolicyError(
            f"规则 {rule.id} 的材料清单里有不认识的 {'、'.join(unknown)}，可用的有：{known}。"
        )
    return tuple({fact.id: fact for fact in (by_name[item] for item in items)}.values())


def missing_papers(row: pd.Series[Any], rule: Rule) -> Papers:
    """List what is missing of a compound's papers, and what is not known.

    Parameters
    ----------
    row : Series
        The compound; its facts are in ``extra``.
    rule : Rule
        Of kind ``checklist``.

    Raises
    ------
    PolicyError
        If the rule lists what is no paper.
    """

    def held(key: str) -> bool | None:
        value = fact_value(row, key)
        return None if value is None else bool(value)

    return _papers(rule, papers(rule), held)


def judge_papers(rule: Rule, judging: Judging) -> Rows:
    """Judge whether the papers of each compound are complete."""
    frame = judging.frame
    asked = papers(rule)
    keys = {*(fact.id for fact in asked), *FILED}
    condition, _ = _condition(rule)
    known = judging.facts
    held = {key: _codes(known.values(key)) for key in keys | ({condition} if condition else set())}
    codes = np.full(len(frame), HOLD, np.int8)
    for fact in asked:
        codes = np.maximum(codes, held[fact.id])
    applies = _applying(rule, held, len(frame))
    codes[applies == FAIL] = HOLD
    codes[(applies == UNSURE) & (codes != HOLD)] = UNSURE

    def say(at: int) -> tuple[str, str]:
        said = _papers(rule, asked, lambda key: _KNOWN[int(held[key][at])])
        return said.found, said.message

    return Rows(
        rule=rule, index=frame.index, codes=codes, limit=f"{len(asked)} 项材料齐全", say=say
    )


# What each kind of this subject is judged by.
PROGRAMME: Mapping[str, Callable[[Rule, Judging], Rows]] = {
    "checklist": judge_papers,
    "unique_number": judge_review_number,
}

Codes = npt.NDArray[np.int8]

_KNOWN = {HOLD: True, UNSURE: None, FAIL: False}


def _condition(rule: Rule) -> tuple[str, bool]:
    """Fact that decides for whom a list holds, and the value that sets it in force."""
    only_if, unless = rule.get("only_if"), rule.get("unless")
    key = only_if or unless or ""
    if key and key not in facts():
        raise PolicyError(f"规则 {rule.id} 的条件“{key}”不在事实表里，请改成 facts.yaml 里的名字。")
    return key, bool(only_if)


def _hints(asked: Sequence[Fact], wanted: bool) -> tuple[str, ...]:
    """Papers that speak against what is assumed where the deciding fact is unknown: that it does not hold."""
    own = {fact.id for fact in asked}
    return tuple(key for key in FILED if (key in own) == wanted)


def _applying(rule: Rule, held: Mapping[str, Codes], size: int) -> Codes:
    """For whom a list holds: `HOLD` yes, `FAIL` no, `UNSURE` where papers contradict the assumption."""
    condition, wanted = _condition(rule)
    if not condition:
        return np.full(size, HOLD, np.int8)
    hinted = np.zeros(size, bool)
    for key in _hints(papers(rule), wanted):
        hinted |= held[key] == HOLD
    known = held[condition]
    yes, no = (HOLD, FAIL) if wanted else (FAIL, HOLD)
    assumed = np.where(hinted, UNSURE, no)
    return np.where(known == HOLD, yes, np.where(known == FAIL, no, assumed)).astype(np.int8)


def _papers(rule: Rule, asked: Sequence[Fact], held: Callable[[str], bool | None]) -> Papers:
    condition, wanted = _condition(rule)
    applies: bool | None = True
    fulfilled = held(condition) if condition else None
    if condition:
        hinted = any(held(key) is True for key in _hints(asked, wanted))
        applies = fulfilled is wanted
        if fulfilled is None:
            applies = None if hinted else not wanted
    title = facts()[condition].title if condition else ""
    if applies is False:
        return Papers(applies=False, condition=title, fulfilled=fulfilled)
    return Papers(
        present=tuple(fact.title for fact in asked if held(fact.id) is True),
        missing=tuple(fact.title for fact in asked if held(fact.id) is False),
        unknown=tuple(fact.title for fact in asked if held(fact.id) is None),
        applies=applies,
        condition=title,
        fulfilled=fulfilled,
    )


def _codes(flags: pd.Series[Any]) -> Codes:
    """Turn true, unknown and false into the codes of the three states."""
    known = flags.astype("boolean")
    codes = np.full(len(known), UNSURE, np.int8)
    codes[known.fillna(False).to_numpy(dtype=bool)] = HOLD
    codes[(~known).fillna(False).to_numpy(dtype=bool)] = FAIL
    return codes
