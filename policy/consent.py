"""Votes and notices: the civil code's majorities beside the plans' own, and the names that others use.

Counting is in `policy.consent_tally`, notices in `policy.consent_notice`, working days in `policy.workdays`; what
a plan has recorded is judged in `policy.consent_judging`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from errors import PolicyError
from policy.consent_measures import Measure
from policy.consent_notice import notice_verdict
from policy.consent_reading import check_vote
from policy.consent_tally import Tally, tally
from policy.profiles import Profile, Rule, read_profile
from policy.reader import STANDARDS

__all__ = [
    "Measure",
    "Tally",
    "check_vote",
    "civil_code",
    "consent_rules",
    "counting_rule",
    "notice_verdict",
    "tally",
]

_MAJORITIES = {"一般": "general", "特别": "special"}


def civil_code(majority: str) -> Rule:
    """Give the majority of 民法典 第二百七十八条.

    Parameters
    ----------
    majority : {"一般", "特别"}
        特别 for raising the repair fund, rebuilding, and other uses of the common parts.

    Raises
    ------
    PolicyError
        If it is neither, or the file is malformed.

    Examples
    --------
    >>> rule = civil_code("特别")
    >>> rule.id, rule.clause, rule.get("approve_area")
    ('civil-code/special', '〔民法典 第二百七十八条〕', Fraction(3, 4))
    """
    if majority not in _MAJORITIES:
        known = "、".join(_MAJORITIES)
        raise PolicyError(f"民法典第二百七十八条没有“{majority}”这一类，可选：{known}。")
    return _rules()[_MAJORITIES[majority]]


def counting_rule() -> Rule:
    """Give the clause by which the days of a notice are counted (民法典 第二百零一条)."""
    return _rules()["counting_days"]


def consent_rules(profile: Profile) -> tuple[Rule, ...]:
    """Rules that a vote under a profile is counted by.

    Parameters
    ----------
    profile : Profile

    Returns
    -------
    tuple of Rule
        The profile's own, by round; where it has none the civil code's general majority, whose title says so.

    Examples
    --------
    >>> from policy.profiles import profiles
    >>> none = replace(profiles()["liuzhou-2022"], rules={})
    >>> [(rule.id, rule.title) for rule in consent_rules(none)]
    [('civil-code/general', '业主表决（本方案未作规定，按民法典一般事项）')]
    """
    own = profile.of_kind("consent")
    if own:
        return tuple(sorted(own, key=lambda rule: rule.get("round") or 1))
    general = civil_code("一般")
    said = replace(
        general,
        title="业主表决（本方案未作规定，按民法典一般事项）",
        text=f"“{profile.title}”没有规定表决比例，按民法典一般事项计：{general.text}",
    )
    return (said,)


@cache
def _rules() -> Mapping[str, Rule]:
    """Read the clauses by name, under the id of the document."""
    code = read_profile(STANDARDS / "consent.yaml")
    return {name: replace(rule, id=f"{code.document}/{name}") for name, rule in code.rules.items()}
