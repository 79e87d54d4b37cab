"""The list of facts, read from the standards' file and checked as a whole; and which fact a head means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from errors import PolicyError
from policy.reader import (
    STANDARDS,
    check_date,
    check_keys,
    check_source,
    check_text,
    check_texts,
    read_rules,
)
from policy.works import spelling

__all__ = ["Fact", "FactKind", "Head", "Sense", "facts", "general_words", "read_head"]

FactKind = Literal["flag", "count", "number", "choice"]
# What 是 under a head says: the fact; its contrary; the fact, while 否 says nothing.
Sense = Literal["plain", "opposite", "suffices"]

# Before a head, these only ask.
_ASKING = (
    "是否属于",
    "是否位于",
    "是否为",
    "是否有",
    "是否已",
    "是否是",
    "是否",
    "是不是",
    "有无",
    "有没有",
)
_BRACKETS = re.compile(r"^(.*?)[(\[【]([^)\]】]*)[)\]】]$")
# Brackets behind a head that say how to fill it in, as in 城中村（是/否）.
_HOW_TO_FILL = re.compile(r"[是否有无√×yn,/、或打划填01]+")

_DEFAULTS: dict[str, Any] = {"words": [], "opposites": [], "suffices": []}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact.

    Attributes
    ----------
    id, title : str
        For code; and the head under which it is kept.
    kind : {"flag", "count", "number", "choice"}
    group : str
        Heading under which forms show it.
    choices : tuple of str
        Values of a choice.
    words, opposites, suffices : tuple of str
        Other heads, in the spelling of `policy.works.spelling`: that mean the same; the contrary; or something
        that is enough for it.
    answers : mapping
        Word, so spelled, to the value that it means.
    units : mapping
        Unit, so spelled, to its size in that of the fact.
    document, section : str
        Where it is asked for.
    """

    id: str
    title: str
    kind: FactKind
    group: str
    document: str
    section: str
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    opposites: tuple[str, ...] = ()
    suffices: tuple[str, ...] = ()
    answers: Mapping[str, bool | str] = field(default_factory=dict)
    units: Mapping[str, Fraction] = field(default_factory=dict)

    @property
    def example(self) -> str:
        """How to fill it in, for messages."""
        if self.kind == "flag":
            return "是或否"
        if self.kind == "choice":
            return "、".join(self.choices)
        unit = next(iter(self.units), "")
        return f"整数，如 12（{unit}）" if self.kind == "count" else f"数字，如 7225.5{unit}"


@dataclass(frozen=True, kw_only=True)
class Head:
    """What the head of a field says.

    Attributes
    ----------
    fact : str
        Id.
    title : str
        The head as it stands.
    sense : {"plain", "opposite", "suffices"}
    unit : Fraction
        Size of the head's unit in that of the fact: 用地面积（公顷） has 10 000.
    main : bool
        The fact's own title: what stands there goes before other heads.
    """

    fact: str
    title: str
    sense: Sense = "plain"
    unit: Fraction = Fraction(1)
    main: bool = False


@cache
def facts(path: Path = STANDARDS / "facts.yaml") -> Mapping[str, Fact]:
    """All facts by id, in the order of the file.

    Raises
    ------
    PolicyError
        If the file is malformed, or a head stands for two facts.
    """
    rules = _checked(path)
    if not isinstance(rules["facts"], list):
        raise PolicyError(f"{path.name}：facts 应是列表，每项有 id、title、kind、group、source。")
    general = {key: _spelled(rules[key], f"{path.name}：{key}") for key in ("affirm", "deny")}
    found: dict[str, Fact] = {}
    heads: dict[str, str] = {}
    for k, entry in enumerate(rules["facts"]):
        known = _fact(entry, general, f"{path.name}：facts[{k}]")
        if known.id in found:
            raise PolicyError(f"{path.name}：id {known.id} 重复，请改名或删去一个。")
        for head in _heads_of(known):
            if heads.setdefault(head, known.id) != known.id:
                raise PolicyError(
                    f"{path.name}：“{head}”同时属于 {heads[head]} 和 {known.id}，请只留一处。"
                )
        found[known.id] = known
    return found


@cache
def general_words(path: Path = STANDARDS / "facts.yaml") -> Mapping[str, frozenset[str]]:
    """Words that are no answer (``blank``), and those that are one under any head (``plain``)."""
    rules = _checked(path)
    return {
        key: frozenset(_spelled(rules[key], f"{path.name}：{key}")) for key in ("blank", "plain")
    }


@lru_cache(maxsize=4096)
def read_head(title: str) -> Head | None:
    """Which fact the head of a field means; None if it means none.

    Examples
    --------
    >>> head = read_head("是否列入拆迁计划（是/否）")
    >>> head.fact, head.sense
    ('clearance_planned', 'plain')
    >>> read_head("未列入拆迁计划").sense, read_head("用地面积（公顷）").unit, read_head("物业费")
    ('opposite', Fraction(10000, 1), None)
    """
    spelled = spelling(title)
    found = _find(spelled, title)
    if found is not None:
        return found
    parts = _BRACKETS.match(spelled)
    if parts is None:
        return None
    found = _find(parts[1], title)
    return None if found is None else _in_unit(found, parts[2])


def _find(spelled: str, title: str) -> Head | None:
    for asking in ("", *_ASKING):
        if spelled.startswith(asking):
            found = _known_heads().get(spelled.removeprefix(asking))
            if found is not None:
                return Head(
                    fact=found[0], title=title, sense=found[1], main=found[2] and not asking
                )
    return None


def _in_unit(head: Head, bracket: str) -> Head | None:
    """Apply what the bracket behind a head says; a unit that is not known makes it another head."""
    known = facts()[head.fact]
    if bracket in known.units:
        return Head(fact=head.fact, title=head.title, sense=head.sense, unit=known.units[bracket])
    says_how = known.kind == "choice" or (
        known.kind == "flag" and _HOW_TO_FILL.fullmatch(bracket) is not None
    )
    return Head(fact=head.fact, title=head.title, sense=head.sense) if says_how else None


@cache
def _known_heads() -> dict[str, tuple[str, Sense, bool]]:
    return {
        head: (known.id, sense, main)
        for known in facts().values()
        for head, (sense, main) in _heads_of(known).items()
    }


def _heads_of(known: Fact) -> dict[str, tuple[Sense, bool]]:
    heads: dict[str, tuple[Sense, bool]] = {spelling(known.title): ("plain", True)}
    senses: tuple[tuple[Sense, tuple[str, ...]], ...] = (
        ("plain", known.words),
        ("opposite", known.opposites),
        ("suffices", known.suffices),
    )
    for sense, words in senses:
        for word in words:
            heads.setdefault(word, (sense, False))
    return heads


def _checked(path: Path) -> dict[str, Any]:
    rules = check_keys(
        read_rules(path),
        where=path.name,
        required=("checked_on", "blank", "affirm", "deny", "plain", "facts"),
    )
    check_date(rules["checked_on"], where=f"{path.name}：checked_on")
    return rules


def _fact(entry: object, general: Mapping[str, tuple[str, ...]], where: str) -> Fact:
    values = check_keys(
        entry,
        where=where,
        required=("id", "title", "kind", "group", "source"),
        optional=(*_DEFAULTS, "affirm", "deny", "unclear", "choices", "units"),
    )
    kind = values["kind"]
    if kind not in get_args(FactKind):
        kinds = "、".join(get_args(FactKind))
        raise PolicyError(f"{where}.kind 是“{kind}”，可用的是：{kinds}。")
    _refuse_misplaced(kind, values, where)
    document, section = check_source(values["source"], where=f"{where}.source")
    choices = _choices(values.get("choices", {}), where)
    return Fact(
        id=check_text(values["id"], where=f"{where}.id"),
        title=check_text(values["title"], where=f"{where}.title"),
        kind=kind,
        group=check_text(values["group"], where=f"{where}.group"),
        document=document,
        section=section,
        choices=tuple(choices),
        answers=_flag_answers(values, general, where) if kind == "flag" else _answers(choices),
        units=_units(values.get("units", {}), where),
        **{
            key: _spelled(values.get(key, default), f"{where}.{key}")
            for key, default in _DEFAULTS.items()
        },
    )


# Keys that only some kinds have, and those of them that they must have.
_ONLY = {
    "opposites": ("flag",),
    "suffices": ("flag",),
    "affirm": ("flag",),
    "deny": ("flag",),
    "unclear": ("flag",),
    "choices": ("choice",),
    "units": ("count", "number"),
}


def _refuse_misplaced(kind: str, values: Mapping[str, Any], where: str) -> None:
    wrong = [key for key in values if kind not in _ONLY.get(key, (kind,))]
    if wrong:
        raise PolicyError(f"{where} 的 kind 是 {kind}，不能有 {'、'.join(wrong)}，请删去。")
    if kind == "choice" and not values.get("choices"):
        raise PolicyError(f"{where} 的 kind 是 choice，应有 choices：“值: [说法]”。")


def _spelled(entry: object, where: str) -> tuple[str, ...]:
    return tuple(spelling(word) for word in check_texts(entry, where=where))


def _choices(entry: object, where: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(entry, dict):
        raise PolicyError(f"{where}.choices 应写成“值: [说法]”的样子，没有别的说法写 []。")
    return {
        value: (spelling(value), *_spelled(words, f"{where}.choices.{value}"))
        for value, words in entry.items()
    }


def _answers(choices: Mapping[str, tuple[str, ...]]) -> dict[str, bool | str]:
    return {word: value for value, words in choices.items() for word in words}


def _flag_answers(
    values: Mapping[str, Any], general: Mapping[str, tuple[str, ...]], where: str
) -> dict[str, bool | str]:
    unclear = set(_spelled(values.get("unclear", []), f"{where}.unclear"))
    answers: dict[str, bool | str] = {}
    for key, value in (("affirm", True), ("deny", False)):
        own = _spelled(values.get(key, []), f"{where}.{key}")
        for word in (*(word for word in general[key] if word not in unclear), *own):
            if answers.setdefault(word, value) is not value:
                raise PolicyError(f"{where}：“{word}”既算是又算否，请只留一处。")
    return answers


def _units(entry: object, where: str) -> dict[str, Fraction]:
    if not isinstance(entry, dict):
        raise PolicyError(f"{where}.units 应写成“单位: 大小”的样子，如 {{公顷: 10000}}。")
    units = {}
    for unit, size in entry.items():
        try:
            units[spelling(unit)] = Fraction(str(size))
        except (ValueError, ZeroDivisionError) as err:
            raise PolicyError(
                f"{where}.units.{unit} 是 {size!r}，应是数字或分数，如 10000、2000/3。"
            ) from err
    return units
