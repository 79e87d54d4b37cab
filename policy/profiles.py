"""Rule profiles: the rules of one source plan as dated data, one YAML file a plan in ``plans/``.

The reader is strict: an unknown or doubled key, a unit outside the list, a missing source or a bad date is
refused with file, key and what would be right. A planner's own copies are in `policy.own_rules`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from errors import PolicyError
from policy.documents import cite, document
from policy.reader import check_date, check_keys, check_text, read_rules
from policy.rule_kinds import GROUPS, KINDS, RuleKind
from policy.rule_units import read_value, value_text
from policy.verdicts import State, Verdict

__all__ = [
    "PLANS",
    "Profile",
    "Rule",
    "Value",
    "check_figures",
    "profiles",
    "read_profile",
    "read_rule_value",
]

PLANS = Path(__file__).parent / "plans"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class Value:
    """One figure of a rule: its value as `rule_units` reads it, None where the source leaves it blank."""

    value: Any
    unit: str

    @property
    def text(self) -> str:
        """As the page shows it."""
        return value_text(self.value, self.unit)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of a profile.

    Attributes
    ----------
    id : str
        Profile and name: ``liuzhou-2022/build_date``. For ever.
    name : str
        Name within the profile.
    kind, group : str
        See `policy.rule_kinds`.
    title, text : str
        In a few words; and what the rule asks, in ours.
    document, section : str
        Where it stands; a planner's copy may name a paper of its own.
    link : str or None
    in_force : date or None
        Since when.
    checked_on : date
        When it was last held against the source.
    values : mapping
        Figures by name.
    why : str
        Reason the planner gave for a change; empty in the source plans.
    """

    id: str
    name: str
    kind: str
    group: str
    title: str
    text: str
    document: str
    section: str
    link: str | None
    in_force: dt.date | None
    checked_on: dt.date
    values: Mapping[str, Value]
    why: str = ""

    def get(self, name: str, default: Any = None) -> Any:
        """Bare value of a figure; `default` if the rule has no such figure."""
        return self.values[name].value if name in self.values else default

    @property
    def clause(self) -> str:
        """Reference as shown behind a verdict."""
        return cite(self.document, self.section)

    def verdict(self, state: State, *, found: str = "", limit: str = "", message: str) -> Verdict:
        """Give what this rule says, under its own id, title and clause."""
        return Verdict(
            rule=self.id,
            title=self.title,
            state=state,
            document=self.document,
            section=self.section,
            found=found,
            limit=limit,
            message=message,
        )

    @property
    def judged(self) -> bool:
        """Whether a compound gets a verdict on this rule."""
        return KINDS[self.kind].judged


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The rules of one plan.

    Attributes
    ----------
    id, title, region : str
    document : str
        The source plan; a copy has its parent's, and with it the parent's classes of works and duties.
    rules : mapping
        By name, in the order of the file.
    parent : str or None
        Profile that this one is a copy of.
    dropped : mapping
        Names of the parent's rules that the copy does without, each with the reason given.
    """

    id: str
    title: str
    region: str
    document: str
    rules: Mapping[str, Rule]
    parent: str | None = None
    dropped: Mapping[str, str] = field(default_factory=dict)

    def of_kind(self, kind: str) -> tuple[Rule, ...]:
        """Rules of a kind, in the order of the file."""
        return tuple(rule for rule in self.rules.values() if rule.kind == kind)

    def one(self, kind: str) -> Rule | None:
        """First rule of a kind, or None."""
        return next(iter(self.of_kind(kind)), None)


@cache
def profiles() -> Mapping[str, Profile]:
    """Profiles of the source plans by id, in alphabetical order of their files.

    Raises
    ------
    PolicyError
        If a file is malformed.

    Examples
    --------
    >>> profiles()["chuxiong-2020"].rules["build_date"].clause
    '〔楚市政办通〔2020〕5号 三(一)〕'
    """
    found = [read_profile(path) for path in sorted(PLANS.glob("*.yaml"))]
    return {profile.id: profile for profile in found}


def read_profile(path: Path) -> Profile:
    """Read one profile.

    Parameters
    ----------
    path : Path
        ``<id>.yaml``; in ``plans`` the id is that of a document.

    Raises
    ------
    PolicyError
        With file, key and what would be right.
    """
    file = path.name
    entry = check_keys(
        read_rules(path),
        where=file,
        required=("title", "region", "document", "checked_on", "rules"),
        optional=("in_force", "link"),
    )
    source = document(check_text(entry["document"], where=f"{file}：document"))
    link = entry.get("link", source.link)
    if not isinstance(entry["rules"], dict) or not entry["rules"]:
        raise PolicyError(f"{file}：rules 应是“规则名: 内容”，至少一条。")
    defaults = {
        "document": source.id,
        "checked_on": _day(entry["checked_on"], f"{file}：checked_on"),
        "in_force": _day(entry["in_force"], f"{file}：in_force") if "in_force" in entry else None,
        "link": None if link is None else check_text(link, where=f"{file}：link"),
    }
    return Profile(
        id=path.stem,
        title=check_text(entry["title"], where=f"{file}：title"),
        region=check_text(entry["region"], where=f"{file}：region"),
        document=source.id,
        rules={
            name: _rule(path.stem, name, rule, defaults, f"{file}：{name}")
            for name, rule in entry["rules"].items()
        },
    )


def read_rule_value(kind: str, name: str, raw: Any, *, where: str) -> Value:
    """Read one figure of a rule.

    Parameters
    ----------
    kind, name : str
        Kind of the rule, and name of the figure.
    raw : object
        From YAML or JSON.
    where : str
        File and key, for the message.

    Raises
    ------
    PolicyError
        If the value does not fit its unit, or is none of those allowed.
    """
    unit = KINDS[kind].units[name]
    value = read_value(raw, unit, where=where)
    allowed = KINDS[kind].choices.get(name)
    if allowed is not None and value not in allowed:
        raise PolicyError(f"{where} 是“{value}”，只能是：{'、'.join(allowed)}。")
    return Value(value=value, unit=unit)


def check_figures(rule: Rule, *, where: str) -> None:
    """Refuse figures of a rule that are right one by one and can not be together.

    Raises
    ------
    PolicyError
    """
    if rule.kind != "build_date":
        return
    limit, late = rule.get("limit"), rule.get("late_limit")
    if limit is not None and late is not None and late <= limit:
        raise PolicyError(f"{where}：放宽期限 {late} 应晚于建成期限 {limit}，请核对。")
    if rule.get("late_share") is not None and "late_limit" not in rule.values:
        raise PolicyError(f"{where}：有放宽部分上限，却没有放宽期限 late_limit，请补上。")


def _day(value: object, where: str) -> dt.date:
    day: dt.date = read_value(check_date(value, where=where), "日期", where=where)
    return day


def _rule(profile: str, name: str, entry: object, defaults: Mapping[str, Any], where: str) -> Rule:
    if not _NAME.fullmatch(name):
        raise PolicyError(f"{where}：规则名应由小写字母、数字和下划线组成，如 build_date。")
    values = check_keys(
        entry,
        where=where,
        required=("kind", "title", "section", "text"),
        optional=("values", "group", "document", "link", "in_force", "checked_on"),
    )
    kind = check_text(values["kind"], where=f"{where}.kind")
    if kind not in KINDS:
        raise PolicyError(f"{where}.kind 是“{kind}”，可用的是：{'、'.join(KINDS)}。")
    group = values.get("group", KINDS[kind].group)
    if group not in GROUPS:
        raise PolicyError(f"{where}.group 是“{group}”，可用的是：{'、'.join(GROUPS)}。")
    dates: dict[str, Any] = {
        key: _day(values[key], f"{where}.{key}")
        for key in ("in_force", "checked_on")
        if key in values
    }
    given: dict[str, Any] = {
        key: check_text(values[key], where=f"{where}.{key}")
        for key in ("document", "link")
        if key in values
    }
    source = {**defaults, **dates, **given}
    document(source["document"])
    rule = Rule(
        id=f"{profile}/{name}",
        name=name,
        kind=kind,
        group=group,
        title=check_text(values["title"], where=f"{where}.title"),
        text=check_text(values["text"], where=f"{where}.text"),
        section=check_text(values["section"], where=f"{where}.section"),
        values=_values(KINDS[kind], values.get("values", {}), where),
        **source,
    )
    check_figures(rule, where=where)
    return rule


def _values(kind: RuleKind, entry: object, where: str) -> dict[str, Value]:
    where = f"{where}.values"
    given = check_keys(
        entry, where=where, required=tuple(kind.required), optional=tuple(kind.optional)
    )
    found = {}
    for name, item in given.items():
        at = f"{where}.{name}"
        value = check_keys(item, where=at, required=("value", "unit"))
        unit = kind.units[name]
        if value["unit"] != unit:
            raise PolicyError(f"{at}.unit 是“{value['unit']}”，这一项的单位应是“{unit}”。")
        found[name] = read_rule_value(kind.id, name, value["value"], where=at)
    return found
