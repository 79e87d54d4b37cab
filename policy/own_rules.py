"""A planner's own profile (我市方案): a copy of a source plan's rules that says in what it differs.

A copy is kept in the plan file as plain values, the changes only, and is read by the functions that read the
source plans: what these refuse is refused here too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from errors import PolicyError
from policy.profiles import Profile, Rule, profiles, read_rule_value
from policy.reader import check_keys, check_text
from policy.rule_units import plain_value

__all__ = [
    "OWN_RULES",
    "Difference",
    "differences",
    "find_profile",
    "known_profiles",
    "own_profile",
    "plain_changes",
]

# Setting of a plan file that holds the planner's own profiles: id to what `own_profile` takes.
OWN_RULES = "own_rules"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing in which a copy differs from its parent.

    Attributes
    ----------
    rule : str
        Name of the rule.
    title : str
    value : str
        Name of the figure; empty where the whole rule is dropped.
    before, after : str
        As shown.
    why : str
    """

    rule: str
    title: str
    value: str
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
        ``title``, ``parent`` and ``changes``: rule name to ``values`` (figure to raw value), ``dropped`` (true)
        and ``why``; plain values, as kept in the plan file.
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
    values = check_keys(entry, where=where, required=("title", "parent", "changes"))
    title = check_text(values["title"], where=f"{where}：title")
    parent = _parent(values["parent"], parents or profiles(), where)
    changes = values["changes"]
    if not isinstance(changes, dict):
        raise PolicyError(f"{where}：changes 应是“规则名: 改动”。")
    unknown = [name for name in changes if name not in parent.rules]
    if unknown:
        raise PolicyError(f"{where}：“{parent.title}”里没有规则 {'、'.join(unknown)}。")
    rules, dropped = {}, []
    for name, rule in parent.rules.items():
        changed = _changed(rule, changes.get(name, {}), f"{where}：{name}")
        if changed is None:
            dropped.append(name)
        else:
            rules[name] = replace(changed, id=f"{key}/{name}")
    return replace(
        parent, id=key, title=title, rules=rules, parent=parent.id, dropped=tuple(dropped)
    )


def known_profiles(settings: Mapping[str, Any]) -> dict[str, Profile]:
    """Profiles that a plan may choose from: the source plans, then the planner's own.

    Parameters
    ----------
    settings : mapping
        Settings of the plan.
    """
    own = settings.get(OWN_RULES) or {}
    return {**profiles(), **{key: own_profile(key, entry) for key, entry in own.items()}}


def find_profile(key: str, settings: Mapping[str, Any] | None = None) -> Profile:
    """Find a profile by id.

    Raises
    ------
    PolicyError
        If there is none; the message lists those that there are.
    """
    known = known_profiles(settings or {})
    if key not in known:
        raise PolicyError(f"没有“{key}”这个规则方案。可选：{'、'.join(known)}。")
    return known[key]


def differences(profile: Profile) -> list[Difference]:
    """In what a copy differs from its parent; empty for a source plan or an unchanged copy.

    Examples
    --------
    >>> changes = {"min_share": {"values": {"share": "25%"}}}
    >>> mine = own_profile("own-1", {"title": "我市方案", "parent": "liuzhou-2022", "changes": changes})
    >>> [(d.rule, d.before, d.after) for d in differences(mine)]
    [('min_share', '20.0%', '25.0%')]
    """
    if profile.parent is None:
        return []
    parent = profiles()[profile.parent]
    found = []
    for name, rule in parent.rules.items():
        mine = profile.rules.get(name)
        if mine is None:
            found.append(
                Difference(rule=name, title=rule.title, value="", before="适用", after="不适用")
            )
            continue
        found += [
            Difference(
                rule=name,
                title=rule.title,
                value=key,
                before=value.text,
                after=mine.values[key].text,
                why=mine.why,
            )
            for key, value in rule.values.items()
            if mine.values[key] != value
        ]
    return found


def plain_changes(profile: Profile) -> dict[str, Any]:
    """Give the changes of a copy as they are kept in the plan file; the inverse of `own_profile`."""
    if profile.parent is None:
        return {}
    parent = profiles()[profile.parent]
    changes: dict[str, Any] = {name: {"dropped": True} for name in profile.dropped}
    for name, rule in profile.rules.items():
        values = {
            key: plain_value(value.value)
            for key, value in rule.values.items()
            if value != parent.rules[name].values[key]
        }
        if values:
            changes[name] = {"values": values, "why": rule.why}
    return changes


def _parent(key: object, parents: Mapping[str, Profile], where: str) -> Profile:
    if not isinstance(key, str) or key not in parents:
        raise PolicyError(f"{where}：没有“{key}”这个规则方案可以复制，可选：{'、'.join(parents)}。")
    return parents[key]


def _changed(rule: Rule, change: object, where: str) -> Rule | None:
    """Give the rule with the planner's figures; None if it is dropped."""
    given = check_keys(change, where=where, required=(), optional=("values", "dropped", "why"))
    if given.get("dropped") is True:
        return None
    values = dict(rule.values)
    for name, raw in (given.get("values") or {}).items():
        if name not in values:
            known = "、".join(values) or "无"
            raise PolicyError(f"{where} 没有“{name}”这一项，可改的有：{known}。")
        values[name] = read_rule_value(rule.kind, name, raw, where=f"{where}.{name}")
    return replace(rule, values=values, why=str(given.get("why") or ""))
