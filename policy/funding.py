"""Who pays: 谁受益谁出资, the share of residents and enterprises, the least that a household pays.

Sums are whole yuan and limits exact: a sum is held against investment × share rounded up to the yuan, never
against a rounded per cent. Whether the sources add up is looked at in `policy.sources`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from errors import PolicyError
from policy.fact_table import FactTable
from policy.funding_sums import (
    Flags,
    Sums,
    grants_of,
    households_of,
    investment_of,
    low_income_of,
    residents_of,
    summed,
)
from policy.judged import FAIL, HOLD, UNSURE, Codes, Judging, Rows
from policy.money import CONTRIBUTION_COLUMNS, GRANT_COLUMNS
from policy.profiles import Profile, Rule
from policy.rule_units import MONEY_SOURCES, value_text
from policy.sources import SourceFinding, check_sources
from policy.verdicts import Verdict
from policy.wording import UNKNOWN, format_wan, format_yuan

__all__ = [
    "FUNDING",
    "SourceFinding",
    "check_sources",
    "judge_beneficiary_pays",
    "judge_min_contribution",
    "judge_min_share",
    "judge_totals",
    "payer_columns",
]

Told = tuple[Codes, Callable[[int], tuple[str, str]], str]


def judge_beneficiary_pays(rule: Rule, judging: Judging) -> Rows:
    """Judge 谁受益、谁出资: whether the grants leave anything for those who benefit to pay.

    Parameters
    ----------
    rule : Rule
        Of kind ``beneficiary_pays``.
    judging : Judging

    Returns
    -------
    Rows
        符合 where something is left; 需论证 where the grants cover the whole investment, or either is
        unknown; 不符合 where they exceed it.
    """
    frame = judging.frame
    return _rows(rule, frame.index, _beneficiary(investment_of(frame), grants_of(frame)))


def judge_min_share(rule: Rule, judging: Judging) -> Rows:
    """Judge the share of the investment that the rule's payers bear together.

    Parameters
    ----------
    rule : Rule
        Of kind ``min_share``; its value ``payers`` says whose contributions count.
    judging : Judging

    Returns
    -------
    Rows
        需论证 where the investment is unknown, or an unknown contribution may still bring the sum up.

    Raises
    ------
    PolicyError
        If the rule names a payer that there is not.
    """
    frame = judging.frame
    paid = summed(frame, payer_columns(rule))
    told = _min_share(rule, investment_of(frame), paid, grants_of(frame))
    return _rows(rule, frame.index, told)


def judge_min_contribution(rule: Rule, judging: Judging) -> Rows:
    """Judge what the residents pay against so much a household, less for 低保户.

    Parameters
    ----------
    rule : Rule
        Of kind ``min_contribution``.
    judging : Judging
        Households, and the fact 低保户数.

    Returns
    -------
    Rows
        Required are ``per_household`` × others + ``per_low_income_household`` × 低保户. Where the number of
        低保户 is unknown, a sum that would do without any is enough, and one that would not do even if all
        were 低保户 is too little; what lies between is 需论证.
    """
    frame = judging.frame
    told = _min_contribution(
        rule, households_of(frame), low_income_of(judging.facts), residents_of(frame)
    )
    return _rows(rule, frame.index, told)


def judge_totals(frame: pd.DataFrame, profile: Profile) -> tuple[Verdict, ...]:
    """Judge the sums of a 片区 or a plan by the profile's rules about money.

    Parameters
    ----------
    frame : DataFrame
        Compounds of the 片区 or the plan, columns of the schema in whole yuan.
    profile : Profile

    Returns
    -------
    tuple of Verdict
        One for each rule of the three kinds, in the profile's order; empty without compounds. A sum with an
        unknown part is only known to be at least so much.
    """
    if frame.empty:
        return ()
    verdicts = []
    for rule in profile.rules.values():
        told = _told_totals(rule, frame)
        if told is not None:
            index = pd.Index([f"{len(frame)}个小区合计"])
            verdicts.append(_rows(rule, index, told).verdict(0))
    return tuple(verdicts)


def payer_columns(rule: Rule) -> tuple[str, ...]:
    """Columns whose sum the rule ``min_share`` means, in the order of its payers.

    Raises
    ------
    PolicyError
        If it names a payer that the plan file has no column for.
    """
    known = (*CONTRIBUTION_COLUMNS, *GRANT_COLUMNS)
    columns = {name.partition("_")[2].removesuffix("_yuan"): name for name in known}
    payers = rule.get("payers") or ()
    unknown = [payer for payer in payers if payer not in columns]
    if unknown:
        raise PolicyError(
            f"规则 {rule.id} 的出资方“{'、'.join(unknown)}”不认识，可用的是：{'、'.join(columns)}。"
        )
    return tuple(columns[payer] for payer in payers)


# The kinds that this room judges, for `policy.judging.JUDGES`.
FUNDING: dict[str, Callable[[Rule, Judging], Rows]] = {
    "beneficiary_pays": judge_beneficiary_pays,
    "min_share": judge_min_share,
    "min_contribution": judge_min_contribution,
}


def _told_totals(rule: Rule, frame: pd.DataFrame) -> Told | None:
    """Judge the sums by a rule; None if it is not about money."""
    if rule.kind == "beneficiary_pays":
        return _beneficiary(investment_of(frame).together(), grants_of(frame).together())
    if rule.kind == "min_share":
        paid = summed(frame, payer_columns(rule)).together()
        return _min_share(rule, investment_of(frame).together(), paid, grants_of(frame).together())
    if rule.kind == "min_contribution":
        return _min_contribution(
            rule,
            households_of(frame).together(),
            low_income_of(FactTable.of(frame)).together(),
            residents_of(frame).together(),
        )
    return None


def _beneficiary(investment: Sums, grants: Sums) -> Told:
    known = investment.complete
    over = known & (grants.least > investment.least)
    left = known & grants.complete & (grants.least < investment.least)
    codes = _codes(HOLD, left, FAIL, over)

    def say(at: int) -> tuple[str, str]:
        whole, given = int(investment.least[at]), int(grants.least[at])
        if not known[at]:
            return "", f"总投资{UNKNOWN}，无法判断补助之外还有多少由受益方出资，请补填投资。"
        found = f"补助 {_wan(given)}，投资 {_wan(whole)}"
        if over[at]:
            return found, (
                f"补助 {_wan(given)}超过总投资 {_wan(whole)}，多出 {_wan(given - whole)}，请核减补助或核对投资。"
            )
        if not grants.complete[at]:
            return found, "补助金额未填写，无法判断受益方还应出资多少，请补填（没有补助填“/”）。"
        if whole == 0:
            return found, "总投资为 0，没有可分担的，请核对投资。"
        if given == whole:
            return found, (
                f"总投资 {_wan(whole)}全部由补助承担，居民等受益方出资为 0，与“谁受益、谁出资”不一致，"
                "请说明理由，或落实居民出资并相应减少补助。"
            )
        return found, (
            f"补助 {_wan(given)}之外还有 {_wan(whole - given)}（占总投资的"
            f"{_per_cent(Fraction(whole - given, whole))}）由受益方和其他渠道出资。"
        )

    return codes, say, "补助 < 总投资"


def _min_share(rule: Rule, investment: Sums, paid: Sums, grants: Sums) -> Told:
    share: Fraction | None = rule.get("share")
    who = _who(rule)
    if share is None:
        return _left_blank(len(paid.least), f"{who}出资比例")
    limit = value_text(share, "比例")
    need = np.array([_share_of(int(whole), share) for whole in investment.least], dtype=np.int64)
    known = investment.complete
    enough = known & (paid.least >= need)
    short = known & paid.complete & (paid.least < need)
    codes = _codes(HOLD, enough, FAIL, short)

    def say(at: int) -> tuple[str, str]:
        whole, sum_, least = int(investment.least[at]), int(paid.least[at]), int(need[at])
        if not known[at]:
            return "", f"总投资{UNKNOWN}，无法算出{who}应出资多少，请补填投资。"
        have = f"{who}出资 {_wan(sum_)}"
        part = f"，占 {_per_cent(Fraction(sum_, whole))}" if whole else ""
        asked = f"总投资 {_wan(whole)}的 {limit} 为 {_wan(least)}"
        if enough[at]:
            return f"{have}{part}", f"{have}{part}；{asked}，达到要求。"
        gap = f"还差 {format_yuan(least - sum_)} 元（{_wan(least - sum_)}）"
        if short[at]:
            return f"{have}{part}", f"{have}{part}；{asked}，{gap}，请落实{who}出资。"
        return f"已知{have}{part}", (
            f"{asked}，{who}出资没有填全，已知 {_wan(sum_)}，{gap}"
            f"{_beyond(grants, at, whole, least)}。请补填各方出资（没有填“/”）。"
        )

    return codes, say, f"≥ {limit}"


def _min_contribution(rule: Rule, households: Sums, low: Sums, paid: Sums) -> Told:
    each, each_low = rule.get("per_household"), rule.get("per_low_income_household")
    if each is None or each_low is None:
        return _left_blank(len(paid.least), "每户最低出资额")
    wrong = low.complete & households.complete & (low.least > households.least)
    known = households.complete & ~wrong
    # With the 低保户 unknown, what is required lies between all of the rest being 低保户 and none.
    lows = np.minimum(low.least, households.least)
    most = each * (households.least - lows) + each_low * lows
    least = np.where(low.complete, most, min(each, each_low) * households.least)
    most = np.where(low.complete, most, max(each, each_low) * households.least)
    enough = known & (paid.least >= most)
    short = known & paid.complete & (paid.least < least)
    codes = _codes(HOLD, enough, FAIL, short)

    def say(at: int) -> tuple[str, str]:
        homes, poor, sum_ = int(households.least[at]), int(low.least[at]), int(paid.least[at])
        if not households.complete[at]:
            return "", f"居民户数{UNKNOWN}，无法算出居民应出资多少，请补填户数。"
        if wrong[at]:
            return "", f"低保户数 {poor} 户多于居民户数 {homes} 户，请核对后再判断。"
        have = f"居民出资 {_yuan(sum_)}" if paid.complete[at] else f"居民出资{UNKNOWN}"
        if low.complete[at]:
            asked = f"{homes} 户（其中低保户 {poor} 户）应不少于 {_yuan(int(most[at]))}"
        else:
            asked = f"{homes} 户，低保户数{UNKNOWN}，应不少于 {_yuan(int(least[at]))}至 {_yuan(int(most[at]))}"
        if enough[at]:
            return have, f"{have}；{asked}，达到要求。"
        if short[at]:
            return have, f"{have}；{asked}，还差 {_yuan(int(least[at]) - sum_)}，请继续筹集。"
        lacking = "居民出资" if not paid.complete[at] else "低保户数"
        return have, f"{asked}；{have}，请补填{lacking}后再判断。"

    limit = f"每户 ≥ {_yuan(each)}，低保户 ≥ {_yuan(each_low)}"
    return codes, say, limit


def _left_blank(count: int, what: str) -> Told:
    """Everything open: the plan leaves its own figure blank."""
    text = f"方案原文没有写明{what}，请在“我市方案”中填写后再判断。"
    return np.full(count, UNSURE, dtype=np.int8), lambda _: ("", text), ""


def _beyond(grants: Sums, at: int, whole: int, least: int) -> str:
    """Say what the grants leave, where even all of it would be too little."""
    rest = whole - int(grants.least[at])
    if rest >= least:
        return ""
    return f"；补助之外只余 {_wan(max(rest, 0))}，即使全部由其承担也不够，需调整资金安排"


def _codes(first: int, holds: Flags, second: int, fails: Flags) -> Codes:
    codes = np.full(len(holds), UNSURE, dtype=np.int8)
    codes[holds] = first
    codes[fails] = second
    return codes


def _rows(rule: Rule, index: pd.Index[Any], told: Told) -> Rows:
    codes, say, limit = told
    return Rows(rule=rule, index=index, codes=codes, limit=limit, say=say)


def _share_of(yuan: int, share: Fraction) -> int:
    """Least whole yuan that is not below the share of a sum."""
    return -(-yuan * share.numerator // share.denominator)


def _who(rule: Rule) -> str:
    return "、".join(MONEY_SOURCES[payer] for payer in rule.get("payers") or ())


def _per_cent(share: Fraction) -> str:
    """Per cent cut off, not rounded, after two places: 19.999% must not read as 20%."""
    whole, rest = divmod(int(share * 10_000), 100)
    return f"{whole}.{rest:02d}%"


def _wan(yuan: int) -> str:
    return f"{format_wan(yuan, none='0')} 万元"


def _yuan(yuan: int) -> str:
    return f"{format_yuan(yuan, none='0')} 元"
