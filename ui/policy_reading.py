"""What the page 政策 reads off a profile: the figures of a rule, the facts it asks for, the headings it judges."""

from __future__ import annotations

from policy.facts import facts
from policy.judging import Judgement
from policy.profiles import Profile, Rule
from policy.rule_kinds import GROUPS, value_title

__all__ = ["asked_facts", "facts_of", "figures_of", "groups_judged"]


def facts_of(rule: Rule) -> tuple[str, ...]:
    """Facts that a rule asks for."""
    named: list[str] = []
    for name, one in rule.values.items():
        asked = rule.get(name)
        if one.unit == "小区情况" and asked:
            named.append(asked)
        elif one.unit == "小区情况表" and asked:
            named += asked
    return tuple(dict.fromkeys(named))


def figures_of(rule: Rule) -> list[tuple[str, str]]:
    """Figures of a rule with their titles, as the page shows them."""
    figures = rule.values
    return [(value_title(rule.kind, name), one.text) for name, one in figures.items()]


def asked_facts(profile: Profile) -> tuple[str, ...]:
    """Facts that the rules of a profile ask for, in the order of the list of facts."""
    asked = {key for rule in profile.rules.values() for key in facts_of(rule)}
    return tuple(key for key in facts() if key in asked)


def groups_judged(judgement: Judgement) -> list[str]:
    """Headings under which the profile judges something."""
    there = {rows.rule.group for rows in judgement.rows}
    return [name for name in GROUPS if name in there]
