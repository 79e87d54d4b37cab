"""Which approvals a project needs, and why: the short-cuts of 市级试点 (二)优化审批流程.

A plan's rule names the short-cuts that hold there; `standards/approvals.yaml` says when they do and what they
spare. A fact that nobody has filled in decides nothing: the approval is 需论证 and the fact is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd

from errors import PolicyError
from policy.facts import fact, fact_value
from policy.profiles import Profile, Rule
from policy.reader import STANDARDS, check_date, check_keys, check_text, check_texts, read_rules

__all__ = ["Approval", "Shortcut", "approvals", "shortcuts"]

Effect = Literal["不需要", "合并办理"]
ApprovalState = Literal["需要", "不需要", "合并办理", "另有规定", "不涉及", "需论证"]

_PATH = STANDARDS / "approvals.yaml"

GOVERNMENT, SELF = "government_funded", "self_funded"
SPARED: Effect = "不需要"
MERGED: Effect = "合并办理"


@dataclass(frozen=True, kw_only=True)
class Approval:
    """One approval.

    Attributes
    ----------
    id, title : str
    state : {"需要", "不需要", "合并办理", "另有规定", "不涉及", "需论证"}
    why : str
        Whole sentence.
    clause : str
        On what it rests, as 〔…〕; empty where the plan shortens nothing.
    unknown : tuple of str
        Titles of the facts that would decide it.
    """

    id: str
    title: str
    state: ApprovalState
    why: str
    clause: str
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shortcut:
    """One way to need less.

    Attributes
    ----------
    title : str
        Words that a rule names it with.
    when : tuple of str
        Facts, all of which must hold.
    effect : {"不需要", "合并办理"}
    procedures : tuple of str
        What it touches.
    whole : bool
        Stands for the project as such, and yields to a doubt about a single procedure.
    """

    title: str
    when: tuple[str, ...]
    effect: Effect
    procedures: tuple[str, ...]
    whole: bool


@dataclass(frozen=True, kw_only=True)
class _Met:
    """How far a short-cut of a rule is met: which facts hold, speak against it, or are not filled in."""

    shortcut: Shortcut
    clause: str
    held: tuple[str, ...]
    against: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.against and not self.unknown

    @property
    def open(self) -> bool:
        return not self.against and bool(self.unknown)

    @property
    def because(self) -> str:
        return "、".join(self.held)


def approvals(row: pd.Series[Any], profile: Profile) -> list[Approval]:
    """Decide which approvals a compound's project needs.

    Parameters
    ----------
    row : Series
        The compound; its facts are in ``extra``.
    profile : Profile
        Its rules of kind ``approvals`` name the short-cuts that hold there.

    Returns
    -------
    list of Approval
        In the order of ``standards/approvals.yaml``.

    Raises
    ------
    PolicyError
        If a rule names a short-cut that the tool does not know.
    """
    rules = profile.of_kind("approvals")
    known, doubt = _values(row)
    met = [_met(shortcut, rule.clause, known) for rule in rules for shortcut in _named(rule)]
    own = _file()["own_rules"] if rules else {}
    found: dict[str, Approval] = {}
    for key, title, always in _procedures():
        if always:
            found[key] = _always(key, title, met, rules)
        elif key in own:
            found[key] = _own_rules(key, title, own[key], known, rules[0])
        else:
            touching = [one for one in met if key in one.shortcut.procedures]
            found[key] = _decided(key, title, touching, doubt)
    return list(_unmerged(found).values())


@cache
def shortcuts(path: Path = _PATH) -> Mapping[str, Shortcut]:
    """Short-cuts by the words that rules name them with.

    Raises
    ------
    PolicyError
        If the file is malformed.

    Examples
    --------
    >>> shortcuts()["已列入国家年度改造计划的政府投资项目"].procedures
    ('proposal', 'feasibility')
    """
    entries = _file(path)["shortcuts"]
    if not isinstance(entries, list) or not entries:
        raise PolicyError(f"{path.name}：shortcuts 应是列表，至少一项。")
    listed = [key for key, _, _ in _procedures(path)]
    found = [
        _shortcut(entry, listed, f"{path.name}：shortcuts[{k}]") for k, entry in enumerate(entries)
    ]
    return {shortcut.title: shortcut for shortcut in found}


def _values(row: pd.Series[Any]) -> tuple[dict[str, bool | None], str]:
    """Facts that short-cuts ask for, and what is wrong with them.

    A project is paid for by the government or by those who live there: one of the two answers the other.
    """
    asked = {key for shortcut in shortcuts().values() for key in shortcut.when}
    known = {key: _flag(row, key) for key in (*asked, *_file()["own_rules"].values())}
    if known[GOVERNMENT] and known[SELF]:
        known[GOVERNMENT] = known[SELF] = None
        both = f"“{fact(GOVERNMENT).title}”和“{fact(SELF).title}”"
        return known, f"{both}都填了“是”，两者只能有一个，请改正。"
    if known[GOVERNMENT] and known[SELF] is None:
        known[SELF] = False
    if known[SELF] and known[GOVERNMENT] is None:
        known[GOVERNMENT] = False
    return known, ""


def _flag(row: pd.Series[Any], key: str) -> bool | None:
    value = fact_value(row, key)
    return None if value is None else bool(value)


def _named(rule: Rule) -> list[Shortcut]:
    names = rule.get("shortcuts") or ()
    unknown = [name for name in names if name not in shortcuts()]
    if unknown:
        raise PolicyError(
            f"规则 {rule.id} 有不认识的简化审批情形 {'、'.join(unknown)}，"
            f"可用的有：{'、'.join(shortcuts())}。"
        )
    return [shortcuts()[name] for name in names]


def _met(shortcut: Shortcut, clause: str, known: Mapping[str, bool | None]) -> _Met:
    def having(value: bool | None) -> tuple[str, ...]:
        return tuple(fact(key).title for key in shortcut.when if known[key] is value)

    return _Met(
        shortcut=shortcut,
        clause=clause,
        held=having(True),
        against=having(False),
        unknown=having(None),
    )


def _always(key: str, title: str, met: Sequence[_Met], rules: Sequence[Rule]) -> Approval:
    only = next((one for one in met if one.shortcut.whole and one.holds), None)
    if only is not None:
        why = f"{only.because}，批复实施方案即可。"
        return Approval(id=key, title=title, state="需要", why=why, clause=only.clause)
    clause = rules[0].clause if rules else ""
    return Approval(id=key, title=title, state="需要", why="实施方案须经批复。", clause=clause)


def _own_rules(
    key: str, title: str, fact_id: str, known: Mapping[str, bool | None], rule: Rule
) -> Approval:
    """Say how lifts stand, which follow rules of their own."""
    name, value = fact(fact_id).title, known[fact_id]
    state: ApprovalState = "需论证" if value is None else "另有规定" if value else "不涉及"
    why = {
        "需论证": f"未填写是否{name}，请填写；{name}另有规定的，从其规定。",
        "另有规定": f"{name}另有规定，按其规定办理。",
        "不涉及": f"不{name}。",
    }[state]
    unknown = (name,) if value is None else ()
    return Approval(id=key, title=title, state=state, why=why, clause=rule.clause, unknown=unknown)


def _decided(key: str, title: str, touching: Sequence[_Met], doubt: str) -> Approval:
    """Say what the short-cuts that touch a procedure make of it together."""

    def said(
        state: ApprovalState, why: str, by: Sequence[_Met], unknown: tuple[str, ...] = ()
    ) -> Approval:
        clauses = "".join(dict.fromkeys(one.clause for one in by))
        return Approval(id=key, title=title, state=state, why=why, clause=clauses, unknown=unknown)

    single = [one for one in touching if one.shortcut.effect == SPARED and not one.shortcut.whole]
    whole = [one for one in touching if one.shortcut.whole]
    merging = [one for one in touching if one.shortcut.effect == MERGED]
    spared = [one for one in single if one.holds]
    if spared:
        return said("不需要", f"{spared[0].because}，不需要{title}。", spared)
    if any(one.holds for one in whole):
        against = tuple(text for one in single for text in one.against)
        if against:
            why = f"自筹项目批复实施方案即可，但{_quoted(against)}为否，请与审批部门确认。"
            return said("需论证", why, [*whole, *single])
        return said("不需要", f"{whole[0].because}，批复实施方案即可。", whole)
    unknown = tuple(
        dict.fromkeys(text for one in (*single, *whole) if one.open for text in one.unknown)
    )
    merged = [one for one in merging if one.holds]
    if merged and not unknown:
        return said(MERGED, f"{merged[0].because}，项目建议书和可研合并审批。", merged)
    if merged:
        why = f"至少可与项目建议书合并审批；能否不需要，看未填写的{'、'.join(unknown)}。"
        return said("需论证", why, touching, unknown)
    unknown += tuple(
        text for one in merging if one.open for text in one.unknown if text not in unknown
    )
    if unknown:
        why = doubt or f"未填写{'、'.join(unknown)}，填写后才能判断是否可以简化。"
        return said("需论证", why, touching, unknown)
    return said("需要", _needed(touching), touching)


def _needed(touching: Sequence[_Met]) -> str:
    if not touching:
        return "本方案没有规定这一项可以简化，按一般程序办理。"
    against = dict.fromkeys(text for one in touching for text in one.against)
    return f"不符合简化条件（{_quoted(against)}为否），按一般程序办理。"


def _quoted(titles: Iterable[str]) -> str:
    return "、".join(f"“{title}”" for title in titles)


def _unmerged(found: dict[str, Approval]) -> dict[str, Approval]:
    """Ask for the proposal alone where no feasibility study is needed to merge it with."""
    proposal, study = found["proposal"], found["feasibility"]
    if proposal.state != MERGED or study.state != SPARED:
        return found
    alone = Approval(
        id=proposal.id,
        title=proposal.title,
        state="需要",
        why="可研不需要，没有可合并的，项目建议书单独审批。",
        clause=proposal.clause,
    )
    return {**found, "proposal": alone}


@cache
def _file(path: Path = _PATH) -> dict[str, Any]:
    required = ("checked_on", "procedures", "shortcuts", "own_rules")
    rules = check_keys(read_rules(path), where=path.name, required=required)
    check_date(rules["checked_on"], where=f"{path.name}：checked_on")
    return rules


@cache
def _procedures(path: Path = _PATH) -> tuple[tuple[str, str, bool], ...]:
    found = []
    for k, entry in enumerate(_file(path)["procedures"]):
        where = f"{path.name}：procedures[{k}]"
        values = check_keys(entry, where=where, required=("id", "title", "always"))
        title = check_text(values["title"], where=f"{where}.title")
        found.append((check_text(values["id"], where=f"{where}.id"), title, bool(values["always"])))
    return tuple(found)


def _shortcut(entry: object, listed: Sequence[str], where: str) -> Shortcut:
    keys = ("title", "when", "effect", "procedures", "whole")
    values = check_keys(entry, where=where, required=keys)
    if values["effect"] not in get_args(Effect):
        known = "、".join(get_args(Effect))
        raise PolicyError(f"{where}.effect 是“{values['effect']}”，只能是：{known}。")
    touched = check_texts(values["procedures"], where=f"{where}.procedures")
    strange = [key for key in touched if key not in listed]
    if strange:
        raise PolicyError(
            f"{where}.procedures 有不认识的 {'、'.join(strange)}，请先写进 procedures。"
        )
    when = check_texts(values["when"], where=f"{where}.when")
    return Shortcut(
        title=check_text(values["title"], where=f"{where}.title"),
        when=tuple(fact(key).id for key in when),
        effect=values["effect"],
        procedures=tuple(touched),
        whole=bool(values["whole"]),
    )
