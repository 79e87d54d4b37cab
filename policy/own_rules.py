"""A planner's own profile (我市方案): a copy of a source plan's rules that says in what it differs.

A copy is kept in the plan file as plain values, the changes only, and is read by the functions that read the
source plans: what these refuse is refused here too. A copy that can not be read is left out and reported, so that
one of them never takes the others, or the plan, down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from errors import PolicyError
from policy.documents import document, own_document
from policy.profiles import Profile, Rule, Value, check_figures, profiles, read_rule_value
from policy.reader import check_keys, check_text
from policy.rule_kinds import KINDS, value_title
from policy.rule_units import plain_value

__all__ = [
    "OWN_RULES",
    "Difference",
    "damaged_profiles",
    "differences",
    "find_profile",
    "known_profiles",
    "own_profile",
    "plain_changes",
]

# Setting of a plan file that holds the planner's own profiles: id to what `own_profile` takes.
OWN_RULES = "own_rules"

_WHOLE, _SOURCE = "", "source"
_NONE = "无"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing in which a copy differs from its parent.

    Attributes
    ----------
    rule : str
        Name of the rule.
    title : str
    value : str
        Name of the figure; ``source`` where the copy names its own paper; empty where the whole rule is dropped.
    label : str
        The same in words.
    before, after : str
        As shown.
    why : str
    """

    rule: str
    title: str
    value: str
    label: str
    before: str
    after: str
    why: str = ""


def own_profile(key: str, entry: object, parents: Mapping[str, Profile] | None = None) -> Profile:
    """Make a planner's copy of a profile.

    Parameters
    ----------
    key : str
        Id of the copy.
    entry : object
        ``title``, ``parent`` and ``changes``: rule name to ``values`` (figure to raw value), ``dropped`` (true),
        ``why``, and ``document`` with ``section`` where the copy rests on a paper of its own; plain values, as
        kept in the plan file.
    parents : mapping, optional
        Profiles by id; the source plans by default.

    Raises
    ------
    PolicyError
        If the parent, a rule or a figure is not known, or a value does not fit its unit.

    Examples
    --------
    >>> changes = {"min_share": {"values": {"share": "25%"}, "why": "市里会议纪要"}}
    >>> mine = own_profile("own-1", {"title": "我市方案", "parent": "liuzhou-2022", "changes": changes})
    >>> mine.rules["min_share"].get("share"), mine.rules["min_share"].id
    (Fraction(1, 4), 'own-1/min_share')
    """
    where = f"我市方案 {key}"
    if not isinstance(key, str) or not key.strip() or "/" in key or key in profiles():
        raise PolicyError(f"{where}：编号不能为空、不能含“/”，也不能与原有规则方案相同，请换一个。")
    values = check_keys(entry, where=where, required=("title", "parent", "changes"))
    title = check_text(values["title"], where=f"{where}：title")
    parent = _parent(values["parent"], parents or profiles(), where)
    changes = _mapping(values["changes"], f"{where}：changes", "规则名: 改动")
    unknown = [str(name) for name in changes if name not in parent.rules]
    if unknown:
        raise PolicyError(f"{where}：“{parent.title}”里没有规则 {'、'.join(unknown)}。")
    rules, dropped = {}, {}
    for name, rule in parent.rules.items():
        change = _change(changes.get(name, {}), f"{where}：{name}")
        if change.get("dropped"):
            dropped[name] = change["why"]
        else:
            rules[name] = replace(_changed(rule, change, f"{where}：{name}"), id=f"{key}/{name}")
    return replace(parent, id=key, title=title, rules=rules, parent=parent.id, dropped=dropped)


def known_profiles(settings: Mapping[str, Any]) -> dict[str, Profile]:
    """Profiles that a plan may choose from: the source plans, then the planner's own that can be read.

    Parameters
    ----------
    settings : mapping
        Settings of the plan.
    """
    own = {key: found for key, found in _own(settings) if isinstance(found, Profile)}
    return {**profiles(), **own}


def damaged_profiles(settings: Mapping[str, Any]) -> dict[str, str]:
    """Planner's own profiles that can not be read, with what is wrong; to be shown, never passed over.

    Examples
    --------
    >>> damaged_profiles({"own_rules": {"own-1": {"title": "我市方案", "parent": "liuzhou", "changes": {}}}})
    {'own-1': '我市方案 own-1：没有“liuzhou”这个规则方案可以复制，可选：...'}
    """
    return {key: str(found) for key, found in _own(settings) if isinstance(found, PolicyError)}


def find_profile(key: str, settings: Mapping[str, Any] | None = None) -> Profile:
    """Find a profile by id.

    Raises
    ------
    PolicyError
        If there is none, with those that there are; or if it is an own one that can not be read, with what is
        wrong in it.
    """
    known = known_profiles(settings or {})
    if key in known:
        return known[key]
    damaged = damaged_profiles(settings or {})
    if key in damaged:
        raise PolicyError(f"{damaged[key]}改正之前请先选用其他规则方案。")
    raise PolicyError(f"没有“{key}”这个规则方案。可选：{'、'.join(known)}。")


def differences(profile: Profile) -> list[Difference]:
    """In what a copy differs from its parent; empty for a source plan or an unchanged copy.

    Examples
    --------
    >>> changes = {"min_share": {"values": {"share": "25%"}}}
    >>> mine = own_profile("own-1", {"title": "我市方案", "parent": "liuzhou-2022", "changes": changes})
    >>> [(d.rule, d.label, d.before, d.after) for d in differences(mine)]
    [('min_share', '最低比例', '20.0%', '25.0%')]
    """
    if profile.parent is None:
        return []
    found: list[Difference] = []
    for name, rule in profiles()[profile.parent].rules.items():
        mine = profile.rules.get(name)
        found += [_lost(rule, profile)] if mine is None else _between(rule, mine)
    return found


def plain_changes(profile: Profile) -> dict[str, Any]:
    """Give the changes of a copy as they are kept in the plan file; the inverse of `own_profile`."""
    if profile.parent is None:
        return {}
    changes: dict[str, Any] = {}
    for name, rule in profiles()[profile.parent].rules.items():
        mine = profile.rules.get(name)
        change = _drop(profile.dropped[name]) if mine is None else _plain_change(rule, mine)
        if change:
            changes[name] = change
    return changes


def _own(settings: Mapping[str, Any]) -> Iterator[tuple[str, Profile | PolicyError]]:
    entries = settings.get(OWN_RULES) or {}
    if not isinstance(entries, dict):
        yield OWN_RULES, PolicyError("计划文件里的我市方案无法读取，请重新建立。")
        return
    for key, entry in entries.items():
        try:
            yield key, own_profile(key, entry)
        except PolicyError as err:
            yield key, err


def _parent(key: object, parents: Mapping[str, Profile], where: str) -> Profile:
    if not isinstance(key, str) or key not in parents:
        raise PolicyError(f"{where}：没有“{key}”这个规则方案可以复制，可选：{'、'.join(parents)}。")
    return parents[key]


def _mapping(value: object, where: str, form: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PolicyError(f"{where} 应是“{form}”，现在是 {value!r}，请改正。")
    return value


def _change(entry: object, where: str) -> dict[str, Any]:
    """Check the form of one change; `why` is always there afterwards."""
    keys = ("values", "dropped", "why", "document", "section")
    change = dict(check_keys(entry, where=where, required=(), optional=keys))
    change["why"] = change.get("why") or ""
    if not isinstance(change["why"], str):
        raise PolicyError(f"{where}.why 应是文字，现在是 {change['why']!r}，请改正。")
    if not isinstance(change.get("dropped", False), bool):
        raise PolicyError(f"{where}.dropped 是 {change['dropped']!r}，应写成 true 或 false。")
    if ("document" in change) != ("section" in change):
        raise PolicyError(f"{where} 的依据要同时写文件 document 和章节 section，请补上另一项。")
    return change


def _changed(rule: Rule, change: Mapping[str, Any], where: str) -> Rule:
    """Give the rule with the planner's figures, reason and paper."""
    units = KINDS[rule.kind].units
    values = dict(rule.values)
    for name, raw in _mapping(change.get("values", {}), f"{where}.values", "项: 值").items():
        if name not in units:
            known = "、".join(units) or _NONE
            raise PolicyError(f"{where} 没有“{name}”这一项，可改的有：{known}。")
        values[name] = read_rule_value(rule.kind, name, raw, where=f"{where}.{name}")
    changed = replace(rule, values=values, why=change["why"])
    if "document" in change:
        changed = replace(
            changed,
            document=own_document(check_text(change["document"], where=f"{where}.document")),
            section=check_text(change["section"], where=f"{where}.section"),
            link=None,
            in_force=None,
        )
    check_figures(changed, where=where)
    return changed


def _lost(rule: Rule, profile: Profile) -> Difference:
    return Difference(
        rule=rule.name,
        title=rule.title,
        value=_WHOLE,
        label="整条规则",
        before="适用",
        after="不适用",
        why=profile.dropped.get(rule.name, ""),
    )


def _between(rule: Rule, mine: Rule) -> list[Difference]:
    found = [
        (name, value_title(rule.kind, name), _text(rule.values.get(name)), _text(value))
        for name, value in mine.values.items()
        if rule.values.get(name) != value
    ]
    if mine.clause != rule.clause:
        found.append((_SOURCE, "依据", rule.clause, mine.clause))
    return [
        Difference(
            rule=rule.name,
            title=rule.title,
            value=name,
            label=label,
            before=before,
            after=after,
            why=mine.why,
        )
        for name, label, before, after in found
    ]


def _plain_change(rule: Rule, mine: Rule) -> dict[str, Any]:
    change: dict[str, Any] = {}
    values = {
        name: plain_value(value.value)
        for name, value in mine.values.items()
        if rule.values.get(name) != value
    }
    if values:
        change["values"] = values
    if mine.why:
        change["why"] = mine.why
    if mine.document != rule.document:
        change |= {"document": document(mine.document).title, "section": mine.section}
    return change


def _drop(why: str) -> dict[str, Any]:
    return {"dropped": True, "why": why} if why else {"dropped": True}


def _text(value: Value | None) -> str:
    return _NONE if value is None else value.text
