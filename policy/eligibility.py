"""Who may go in: the judges of the kinds ``build_date`` and ``condition``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from errors import PolicyError
from policy.build_date import judge_build_date
from policy.fact_list import Fact
from policy.facts import fact
from policy.judged import FAIL, HOLD, UNSURE, Codes, Judging, Rows
from policy.profiles import Rule
from policy.wording import UNKNOWN

__all__ = ["ELIGIBILITY", "judge_condition"]

_WHERE_TO_SET = "请在“政策”页“我市方案”里填写"
_ANSWER = {True: "是", False: "否"}


def judge_condition(rule: Rule, judging: Judging) -> Rows:
    """Judge by a fact of the compounds.

    Parameters
    ----------
    rule : Rule
        Of kind ``condition``: ``fact``, ``wanted`` and, for “近 x 年”, ``years``.
    judging : Judging
        Column ``extra`` holds the facts.

    Returns
    -------
    Rows
        需论证 where the fact is unknown or unreadable, and where it is so and the source leaves blank within
        which years; what has never been so is free of the years.

    Raises
    ------
    PolicyError
        If the rule names no fact, or one that is not answered by 是 or 否.
    """
    known = _flag_of(rule)
    answers = judging.facts.values(known.id)
    yes = answers.fillna(False).to_numpy(bool)
    no = ~answers.fillna(True).to_numpy(bool)
    condition = _Condition(
        rule=rule,
        fact=known,
        yes=yes,
        no=no,
        unread=judging.facts.messages(known.id),
    )
    return Rows(
        rule=rule,
        index=judging.frame.index,
        codes=condition.codes,
        limit=condition.limit,
        say=condition.say,
    )


@dataclass(frozen=True, kw_only=True)
class _Condition:
    rule: Rule
    fact: Fact
    yes: npt.NDArray[np.bool_]
    no: npt.NDArray[np.bool_]
    unread: Mapping[int, str]

    @property
    def wanted(self) -> bool:
        return bool(self.rule.get("wanted"))

    @property
    def years_blank(self) -> bool:
        return "years" in self.rule.values and self.rule.get("years") is None

    @property
    def codes(self) -> Codes:
        codes = np.full(len(self.yes), UNSURE, np.int8)
        # What is not so at all is not so within any years: only the rest waits for blank years.
        codes[self.no] = FAIL if self.wanted else HOLD
        if not self.years_blank:
            codes[self.yes] = HOLD if self.wanted else FAIL
        return codes

    @property
    def limit(self) -> str:
        answer = f"{self.fact.title}：{_ANSWER[self.wanted]}"
        return f"{answer}（{self.years}）" if self.years else answer

    @property
    def years(self) -> str:
        if "years" not in self.rule.values:
            return ""
        return "年数原文留空" if self.years_blank else f"{self.rule.get('years')}年内"

    def say(self, at: int) -> tuple[str, str]:
        if not self.yes[at] and not self.no[at]:
            return UNKNOWN, self._say_unknown(at)
        answer = bool(self.yes[at])
        found = f"{self.fact.title}：{_ANSWER[answer]}"
        so = f"“{self.fact.title}”为{_ANSWER[answer]}"
        if self.years_blank and answer:
            return (
                so,
                f"{so}，但“{self.rule.title}”看多少年，原文留空，无法判断；{_WHERE_TO_SET}年数。",
            )
        within = f"（{self.years}）" if self.years else ""
        meets = "符合" if answer == self.wanted else "不符合"
        return found, f"{so}，{meets}“{self.rule.title}”{within}。"

    def _say_unknown(self, at: int) -> str:
        title = self.fact.title
        problem = self.unread.get(at, f"没有填写“{title}”。")
        blank = f"年数原文留空，另{_WHERE_TO_SET}。" if self.years_blank else ""
        return (
            f"{problem}无法判断“{self.rule.title}”，请在“政策”页“核对 · 小区情况”里填写“{title}”，"
            f"或在台账里加这一栏（是/否）后重新导入。{blank}"
        )


def _flag_of(rule: Rule) -> Fact:
    try:
        known = fact(rule.get("fact"))
    except PolicyError as err:
        raise PolicyError(f"规则 {rule.id} 的 fact：{err}") from err
    if known.kind != "flag":
        raise PolicyError(
            f"规则 {rule.id} 的 fact 是“{known.title}”，不是填“是”或“否”的情况，不能作条件，请换一项。"
        )
    return known


ELIGIBILITY: Mapping[str, Callable[[Rule, Judging], Rows]] = {
    "build_date": judge_build_date,
    "condition": judge_condition,
}
