"""The measures of a vote: exact, by heads and by ㎡, each against its own share.

Shares and areas are fractions; a threshold is met or not, never nearly. Two ways of adding a vote are told
apart: a participant who comes to agree adds to the agreeing only, a newcomer adds to the participants too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from errors import PolicyError, RecordError
from policy.consent_reading import AREAS, HEADS, read_figures
from policy.profiles import Rule
from policy.verdicts import FAILS, HOLDS, OPEN, State

__all__ = ["M2", "Measure", "measures", "state_of"]

M2 = "㎡"
PARTICIPANTS, OWNERS = "参与者", "业主"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One figure of a vote held against one share.

    Attributes
    ----------
    name : str
        参与人数, 参与面积, 同意人数 or 同意面积; 户数 for 人数 where residents are asked.
    unit : str
        人, 户 or ㎡.
    found, base : Fraction or None
        The figure, and what it is a share of (all, or those who took part); None is unknown.
    base_name : str
        As in 全体业主, 参与者, 专有部分总面积.
    need_share : Fraction or None
        Least share; None where the plan leaves it blank.
    of_participants : bool
        Agreement held against those who took part, not against all.
    strictly : bool
        The share has to be exceeded.
    room : Fraction or None
        How many have not taken part yet and may still join; None if unknown.
    """

    name: str
    unit: str
    found: Fraction | None
    base: Fraction | None
    base_name: str
    need_share: Fraction | None
    of_participants: bool = False
    strictly: bool = False
    room: Fraction | None = None

    @property
    def need(self) -> Fraction | None:
        """The threshold, exact: no whole number of heads as a rule."""
        return None if self.base is None or self.need_share is None else self.base * self.need_share

    @property
    def passes(self) -> bool | None:
        """Whether the threshold is met; None if unknown. Where nobody takes part nobody agrees."""
        if self.found is None or self.need is None:
            return None
        if self.base == 0:
            return False
        return self.found > self.need if self.strictly else self.found >= self.need

    @property
    def more_needed(self) -> Fraction | None:
        """How many more pass while the base stays: whole heads, or exact ㎡.

        For participation: how many more take part. For agreement: how many of those whom the base counts
        come to agree. 0 if it passes, None if unknown or not to be reached so. Where ㎡ have to be more than a
        share, the figure given brings them up to it and has itself to be exceeded.
        """
        if self.passes:
            return Fraction(0)
        if self.found is None or self.base is None or self.base == 0:
            return None
        least = self.least(self.base)
        return None if least is None or least > self.base else least - self.found

    @property
    def more_joining(self) -> Fraction | None:
        """How many newcomers, all of them agreeing, pass instead; None if that can not be.

        Only where agreement is a share of the participants: ``found + k`` of ``base + k``.
        """
        share, found, base = self.need_share, self.found, self.base
        if not self.of_participants or self.passes is not False:
            return None
        if share is None or found is None or base is None or base == 0 or share == 1:
            return None
        joining = self._whole((share * base - found) / (1 - share))
        return joining if self.room is None or joining <= self.room else None

    def least(self, base: Fraction) -> Fraction | None:
        """Smallest figure that passes on a given base; for ㎡ that have to exceed a share, the share itself."""
        return None if self.need_share is None else self._whole(base * self.need_share)

    def _whole(self, value: Fraction) -> Fraction:
        if self.unit == M2:
            return value
        return Fraction(floor(value) + 1 if self.strictly else ceil(value))


def measures(rule: Rule, vote: Mapping[str, Any]) -> tuple[Measure, ...]:
    """Measure a vote as a rule asks.

    Parameters
    ----------
    rule : Rule
        Of the kind ``consent``; “more than” holds for agreement, participation is always “or more”.
    vote : mapping
        By the names of `policy.judged.VOTE_COLUMNS`.

    Returns
    -------
    tuple of Measure
        Participation and agreement by heads, then by ㎡; only those for which the rule has a share.

    Raises
    ------
    PolicyError
        If the rule is of another kind.
    RecordError
        If the figures contradict each other, with all problems.
    """
    if rule.kind != "consent":
        raise PolicyError(f"规则 {rule.id} 不是表决规则，不能用来计票；请选“表决”里的规则。")
    figures, problems = read_figures(vote)
    if problems:
        raise RecordError("表决记录", problems)
    voters = rule.get("voters")
    heads = "人" if voters == OWNERS else "户"
    return (
        *_of_unit(rule, figures, HEADS, heads, (f"{heads}数", f"全体{voters}", PARTICIPANTS)),
        *_of_unit(rule, figures, AREAS, M2, ("面积", "专有部分总面积", "参与面积")),
    )


def state_of(counted: Iterable[Measure]) -> State:
    """State of a vote: one measure that fails fails it, one unknown leaves it open; so does a rule without any."""
    passed = [measure.passes for measure in counted]
    if False in passed:
        return FAILS
    return OPEN if None in passed or not passed else HOLDS


def _of_unit(
    rule: Rule,
    figures: Mapping[str, Fraction | None],
    keys: tuple[str, str, str],
    unit: str,
    names: tuple[str, str, str],
) -> list[Measure]:
    """Participation and agreement in one unit, as far as the rule has a share for them."""
    suffix = "area" if unit == M2 else "owners"
    whole, voted, agreed = (figures[key] for key in keys)
    name, all_name, part_name = names
    found = []
    if f"quorum_{suffix}" in rule.values:
        found.append(
            Measure(
                name=f"参与{name}",
                unit=unit,
                found=voted,
                base=whole,
                base_name=all_name,
                need_share=rule.get(f"quorum_{suffix}"),
            )
        )
    if f"approve_{suffix}" in rule.values:
        of_participants = rule.get("approve_of") == PARTICIPANTS
        found.append(
            Measure(
                name=f"同意{name}",
                unit=unit,
                found=agreed,
                base=voted if of_participants else whole,
                base_name=part_name if of_participants else all_name,
                need_share=rule.get(f"approve_{suffix}"),
                of_participants=of_participants,
                strictly=bool(rule.get("strictly")),
                room=None if whole is None or voted is None else whole - voted,
            )
        )
    return found
