"""How long a notice was up, in working days, against what a plan asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from errors import PolicyError, RecordError
from policy.consent_reading import NAMES, read_day
from policy.profiles import Rule
from policy.rule_units import value_text
from policy.verdicts import FAILS, HOLDS, OPEN, State, Verdict
from policy.wording import UNKNOWN
from policy.workdays import Workdays, last_day, workdays

__all__ = ["notice_limit", "notice_verdict"]

NOT_COUNTED = "张贴当日不计，民法典第二百零一条"


def notice_verdict(rule: Rule, vote: Mapping[str, Any]) -> Verdict:
    """Judge the notice that a vote carries.

    Parameters
    ----------
    rule : Rule
        Of the kind ``notice``.
    vote : mapping
        With ``notice_from`` and ``notice_to``; the day of posting does not count.

    Returns
    -------
    Verdict
        需论证 where a day is unknown, the plan gives no period, or the holidays of the year are not known yet
        and the days might suffice.

    Raises
    ------
    PolicyError
        If the rule is of another kind.
    RecordError
        If a date is none, or the notice ends before it begins.
    """
    if rule.kind != "notice":
        raise PolicyError(f"规则 {rule.id} 不是公示规则，请选“表决”里的公示规则。")
    state, found, message = _weigh(rule, _day(vote, "notice_from"), _day(vote, "notice_to"))
    return rule.verdict(
        state,
        found=found,
        limit=notice_limit(rule),
        message=message,
    )


def notice_limit(rule: Rule) -> str:
    """Write what a notice is held against."""
    need = rule.get("workdays")
    return value_text(need, "工作日") if need is None else f"≥{need} 个工作日"


def _weigh(rule: Rule, first: dt.date | None, last: dt.date | None) -> tuple[State, str, str]:
    what, need = rule.get("what"), rule.get("workdays")
    if first is None:
        return OPEN, "未录入", f"未录入{what}的公示起止日期，请补录后再判断。"
    begun = f"{what}自 {_text(first)}起公示"
    if last is None:
        return OPEN, UNKNOWN, f"{begun}，未录入公示结束日期。{_until(first, need)}"
    counted = workdays(first, last)
    found = f"{counted.count} 个工作日"
    told = f"{begun}，到 {_text(last)}止，共 {found}（{NOT_COUNTED}）"
    if need is None:
        return OPEN, found, f"{told}；原文没有写明公示期限，请按当地规定核定。{counted.note}"
    state = _state(counted, need, (last - first).days)
    if state == FAILS:
        return FAILS, found, f"{told}，少于 {need} 个工作日。{_until(first, need)}"
    enough = "达到" if counted.count >= need else "少于"
    return state, found, f"{told}，{enough} {need} 个工作日。{counted.note}"


def _state(counted: Workdays, need: int, days: int) -> State:
    """Where holidays are not known only what is too short in days of the calendar fails for sure."""
    if counted.beyond:
        return FAILS if days < need else OPEN
    return HOLDS if counted.count >= need else FAILS


def _until(first: dt.date, need: int | None) -> str:
    if need is None:
        return ""
    last = last_day(first, need)
    return f"满 {need} 个工作日最早到 {_text(last)}。{workdays(first, last).note}"


def _text(day: dt.date) -> str:
    return value_text(day, "日期")


def _day(vote: Mapping[str, Any], key: str) -> dt.date | None:
    try:
        return read_day(vote.get(key))
    except ValueError as err:
        raise RecordError("公示", [f"{NAMES[key]}{err}。"]) from err
