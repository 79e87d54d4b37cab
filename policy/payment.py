"""Payments by a plan's schedule: 30/30/30/10 in 利通区; elsewhere 按施工进度申请."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from errors import RecordError
from policy.money import share_exactly
from policy.profiles import Rule
from policy.rule_units import Instalment
from policy.wording import UNKNOWN, format_date, format_share, format_yuan

__all__ = ["PAYMENT_STATES", "Payment", "PaymentState", "months_after", "payments"]

PaymentState = Literal["可拨付", "未到", "未知"]
PAYMENT_STATES: tuple[PaymentState, ...] = ("可拨付", "未到", "未知")
DUE, NOT_YET, UNKNOWN_YET = PAYMENT_STATES


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One payment.

    Attributes
    ----------
    number : int
        From 1.
    when : str
        What it waits for.
    share : Fraction or None
        Of the sum; None by progress where that is unknown.
    yuan : int or None
        Exact: the payments of a schedule add up to the sum. None if the sum is unknown.
    payer : str
        Who pays, as far as the plan says.
    state : {"可拨付", "未到", "未知"}
        未知 where progress is not reported.
    due_on : date or None
        Day from which it may be paid, where the calendar decides.
    clause : str
        Where the schedule stands; empty if no plan says.
    message : str
        A whole sentence.
    """

    number: int
    when: str
    share: Fraction | None
    yuan: int | None
    payer: str
    state: PaymentState
    due_on: dt.date | None
    clause: str
    message: str

    @property
    def due(self) -> bool:
        """Whether it may be paid now."""
        return self.state == DUE


@dataclass(frozen=True, kw_only=True)
class _Facts:
    progress: Fraction | None
    accepted_on: dt.date | None
    today: dt.date

    @property
    def accepted(self) -> bool:
        return self.accepted_on is not None and self.accepted_on <= self.today


def payments(
    rule: Rule | None,
    total_yuan: int | None,
    *,
    progress: Fraction | float | str | None,
    accepted_on: dt.date | None,
    today: dt.date,
) -> list[Payment]:
    """Tell which payments may be made, of how much, and from when.

    Parameters
    ----------
    rule : Rule or None
        Of kind ``payment``. Without one, or without a schedule, money is drawn by progress.
    total_yuan : int or None
        Sum that is paid out, whole yuan; None if unknown.
    progress : Fraction, float, str or None
        Share of the works done, 0 to 1; floats are taken as they print (0.3 is 3/10). None if not reported.
    accepted_on : date or None
        Day on which the works were accepted. One after `today` is only planned. What is accepted is
        finished, whatever the last report said.
    today : date

    Returns
    -------
    list of Payment
        In the order of the schedule.

    Raises
    ------
    RecordError
        If the sum is negative, or the progress is no share of 0 to 1.

    Notes
    -----
    Months run to the same day of their last month, or to that month's end: 民法典 202.
    """
    facts = _Facts(progress=_checked(total_yuan, progress), accepted_on=accepted_on, today=today)
    steps: tuple[Instalment, ...] = (rule.get("schedule") if rule is not None else None) or ()
    if not steps:
        return [_by_progress(rule, total_yuan, facts)]
    if total_yuan is None:
        amounts: list[int | None] = [None] * len(steps)
    else:
        amounts = [*share_exactly(total_yuan, [step.share for step in steps])]
    return [
        _payment(rule, number, step, amount, facts)
        for number, (step, amount) in enumerate(zip(steps, amounts, strict=True), start=1)
    ]


def months_after(day: dt.date, months: int) -> dt.date:
    """Day on which so many months have passed: the same day of the month, or its last one.

    Examples
    --------
    >>> months_after(dt.date(2024, 2, 29), 12), months_after(dt.date(2024, 2, 29), 48)
    (datetime.date(2025, 2, 28), datetime.date(2028, 2, 29))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def _checked(total: int | None, progress: Any) -> Fraction | None:
    if total is not None and total < 0:
        raise RecordError("拨付", [f"资金总额 {total} 元是负数，请改成 0 或正数。"])
    if progress is None:
        return None
    try:
        share = Fraction(progress if isinstance(progress, Fraction) else str(progress))
    except (ValueError, ZeroDivisionError) as err:
        raise RecordError(
            "拨付", [f"工程进度“{progress}”不是数字，请填 0 到 1 之间的数。"]
        ) from err
    if not 0 <= share <= 1:
        raise RecordError("拨付", [f"工程进度 {progress} 不在 0 到 1 之间，50% 请填 0.5。"])
    return share


def _payment(
    rule: Rule | None, number: int, step: Instalment, yuan: int | None, facts: _Facts
) -> Payment:
    due_on = _due_on(step, facts)
    state = _state(step, due_on, facts)
    when = _when(step)
    amount = UNKNOWN if yuan is None else f"{format_yuan(yuan, none='0')} 元"
    payer = f"，{step.payer}" if step.payer else ""
    return Payment(
        number=number,
        when=when,
        share=step.share,
        yuan=yuan,
        payer=step.payer,
        state=state,
        due_on=due_on,
        clause=rule.clause if rule is not None else "",
        message=f"第{number}次：{when}，拨付{format_share(step.share)}，金额{amount}{payer}；"
        f"{_reason(step, state, due_on, facts)}。",
    )


def _due_on(step: Instalment, facts: _Facts) -> dt.date | None:
    if facts.accepted_on is None or step.when == "进度":
        return None
    return (
        facts.accepted_on
        if step.when == "验收"
        else months_after(facts.accepted_on, step.months or 0)
    )


def _state(step: Instalment, due_on: dt.date | None, facts: _Facts) -> PaymentState:
    if step.when != "进度":
        return DUE if due_on is not None and due_on <= facts.today else NOT_YET
    if facts.accepted:
        return DUE
    if facts.progress is None:
        return UNKNOWN_YET
    return DUE if facts.progress >= (step.progress or 0) else NOT_YET


def _when(step: Instalment) -> str:
    if step.when == "进度":
        return f"工程进度达到{format_share(step.progress)}" if step.progress else "按工程进度"
    if step.when == "验收":
        return "竣工验收合格"
    return f"验收合格满{step.months}个月无质量问题（质保金）"


def _reason(step: Instalment, state: PaymentState, due_on: dt.date | None, facts: _Facts) -> str:
    if step.when == "进度":
        if state == UNKNOWN_YET:
            return "工程进度没有填报，请补填"
        if facts.accepted:
            return "已竣工验收，可以拨付"
        now = f"现进度{format_share(facts.progress)}"
        return f"{now}，可以拨付" if state == DUE else f"{now}，还不能拨付"
    if due_on is None:
        return "还没有竣工验收，不能拨付"
    day = format_date(due_on.isoformat())
    return f"{day}起可以拨付" if state == DUE else f"要到{day}才可以拨付"


def _by_progress(rule: Rule | None, total: int | None, facts: _Facts) -> Payment:
    """Money drawn as the works go on: up to the share that is done, cut off to the yuan."""
    done = Fraction(1) if facts.accepted else facts.progress
    yuan = None if total is None or done is None else int(total * done)
    state = UNKNOWN_YET if done is None else DUE if done else NOT_YET
    if done is None:
        text = "工程进度没有填报，请补填后按进度申请"
    else:
        amount = UNKNOWN if yuan is None else f"{format_yuan(yuan, none='0')} 元"
        text = f"现进度{format_share(done)}，累计可申请至{amount}"
    return Payment(
        number=1,
        when="按施工进度申请",
        share=done,
        yuan=yuan,
        payer="",
        state=state,
        due_on=None,
        clause=rule.clause if rule is not None else "",
        message=f"按施工进度申请资金：{text}。",
    )
