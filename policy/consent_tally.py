"""The tally of one vote under one rule, with its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy.consent_measures import OWNERS, Measure, measures, state_of
from policy.consent_words import found_text, limit_text, message
from policy.profiles import Rule
from policy.verdicts import OPEN, Verdict

__all__ = ["NO_OWNERS", "Tally", "no_owners", "tally"]

RENTED = "公租房"
NO_OWNERS = "产权类型为公租房，没有业主可以表决，请由产权单位出具意见后论证。"


@dataclass(frozen=True, kw_only=True)
class Tally:
    """A vote counted under a rule.

    Attributes
    ----------
    rule : Rule
    measures : tuple of Measure
        Participation and agreement by heads, then by ㎡; those that the rule asks for.
    verdict : Verdict
        Over all of them, with whole sentences that say what is short or missing.
    """

    rule: Rule
    measures: tuple[Measure, ...]
    verdict: Verdict


def tally(rule: Rule, vote: Mapping[str, Any], *, tenure: str | None = None) -> Tally:
    """Count a vote.

    Parameters
    ----------
    rule : Rule
        Of the kind ``consent``.
    vote : mapping
        By the names of `policy.judged.VOTE_COLUMNS`; ㎡ are taken as they print.
    tenure : str, optional
        产权类型 of the compound: owners are not asked where there are none.

    Raises
    ------
    PolicyError
        If the rule is of another kind.
    RecordError
        If the figures contradict each other, with all problems.

    Examples
    --------
    >>> from policy.consent import civil_code
    >>> vote = {"owners_total": 200, "owners_voted": 134, "owners_agreed": 100}
    >>> found = tally(civil_code("特别"), vote)
    >>> [(m.name, m.passes, int(m.more_needed)) for m in found.measures if m.unit == "人"]
    [('参与人数', True, 0), ('同意人数', False, 1)]
    """
    counted = measures(rule, vote)
    rented = no_owners(rule, tenure)
    verdict = rule.verdict(
        OPEN if rented else state_of(counted),
        found=found_text(counted),
        limit=limit_text(counted),
        message=NO_OWNERS if rented else message(counted),
    )
    return Tally(rule=rule, measures=counted, verdict=verdict)


def no_owners(rule: Rule, tenure: object) -> bool:
    """Whether the rule asks owners where there are none to ask: 公租房 has tenants only."""
    return rule.get("voters") == OWNERS and isinstance(tenure, str) and tenure == RENTED
