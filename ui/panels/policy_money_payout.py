"""拨付: the instalments of the plan's schedule, to the yuan, and which of them are due today."""

from __future__ import annotations

import datetime as dt
from html import escape

import streamlit as st

from errors import PlanningError
from policy.payment import Payment, PaymentState
from policy.payment_totals import InstalmentTotal, PaymentTotals
from policy.wording import UNKNOWN, format_date, format_share, format_yuan
from ui import policy_page, session
from ui.policy_money import MOST, MoneyScope, Payout, about_wan, payout, read_wan
from ui.words import safe

__all__ = ["show"]

PANEL = "policy_money_payout"
MAX_CHARS = 20
# Style and sign of the states: not due yet is no fault.
_LOOKS: dict[PaymentState, tuple[str, str]] = {
    "可拨付": ("holds", "✓"),
    "未到": ("later", "○"),
    "未知": ("open", "?"),
}
_GRAVEST: tuple[PaymentState, ...] = ("可拨付", "未知", "未到")


def show(scope: MoneyScope) -> None:
    """Draw the sum and the instalments."""
    if scope.count > MOST:
        st.info(f"{scope.count:,} 个小区太多，拨付最多算 {MOST:,} 个。请先选片区，或在图上框选。")
        return
    try:
        total = _total(scope)
        found = payout(scope, total_yuan=total, today=dt.date.today())
    except PlanningError as error:
        st.warning(safe(str(error)))
        return
    st.html(_head_html(scope, found, typed=total is not None))
    single = scope.count == 1
    cards = (
        _one_html(one.payments[0]) if single else _many_html(one)
        for one in found.totals.instalments
    )
    st.html("".join(cards))
    if not single:
        st.html(_foot_html(found.totals))


def _total(scope: MoneyScope) -> int | None:
    """Read the sum that the planner has typed; None for the investment."""
    of = ",".join(scope.uids)
    held = policy_page.held("money_total")
    key = session.widget(PANEL, "total", hash(scope.uids))
    text = st.text_input(
        "拨付总额（万元）",
        value=held[1] if held and held[0] == of else "",
        placeholder="不填按总投资",
        max_chars=MAX_CHARS,
        key=key,
        on_change=lambda: policy_page.keep("money_total", [of, st.session_state[key]]),
    )
    return read_wan(text, "拨付总额")


def _head_html(scope: MoneyScope, found: Payout, *, typed: bool) -> str:
    totals = found.totals
    clause = totals.clause or "方案没有写拨付办法，按施工进度申请"
    basis = "所填总额" if typed else "总投资"
    many = scope.count > 1
    shared = "，按投资分到各小区" if typed and many else ""
    lines = [f"{basis} {_both(totals.total_yuan)}{shared}{_lacking(totals.unknown, many, '投资')}"]
    paid = "没有填报" if found.paid_yuan is None else _both(found.paid_yuan)
    lacking = _lacking(found.paid_unknown if found.paid_yuan is not None else 0, many, "已拨付")
    lines.append(f"已拨付（进度记录） {paid}{lacking}")
    told = "".join(f"<div class='money-note'>{escape(line)}</div>" for line in lines)
    return (
        f"<div class='money-head'>{escape(scope.area)}</div>{told}"
        f"<div class='clause'>{escape(clause)}</div>"
    )


def _lacking(count: int, many: bool, what: str) -> str:
    return f"；另有 {count:,} 个小区{what}{UNKNOWN}" if count and many else ""


def _one_html(one: Payment) -> str:
    style, sign = _LOOKS[one.state]
    return _card_html(
        style,
        title=f"<span class='sign {style}'>{sign}</span>{escape(_name(one.number, one.when, one.share))}",
        state=one.state,
        yuan=one.yuan,
        body=[escape(one.message)],
    )


def _many_html(one: InstalmentTotal) -> str:
    states = {found.state: found for found in one.states}
    style, sign = _LOOKS[next(state for state in _GRAVEST if state in states)]
    lines = [
        f"<span class='sign {_LOOKS[state][0]}'>{_LOOKS[state][1]} {state}</span>"
        f"{found.count:,} 个小区，{escape(_both(found.yuan))}"
        for state, found in states.items()
    ]
    if one.payer:
        lines.append(f"由{escape(one.payer)}支付")
    if one.next_due is not None:
        lines.append(f"最近一个 {format_date(one.next_due.isoformat())}起可拨付")
    if one.unknown:
        lines.append(f"{one.unknown:,} 个小区金额{UNKNOWN}，没有计入")
    return _card_html(
        style,
        title=f"<span class='sign {style}'>{sign}</span>{escape(_name(one.number, one.when, one.share))}",
        state="",
        yuan=one.yuan,
        body=lines,
    )


def _name(number: int, when: str, share: object) -> str:
    told = "" if share is None else f" · {format_share(share)}"
    return f"第{number}次 {when}{told}"


def _card_html(style: str, *, title: str, state: str, yuan: int | None, body: list[str]) -> str:
    lines = "".join(f"<div>{line}</div>" for line in body)
    return (
        f"<div class='verdict {style}'><div class='verdict-title'>{title}"
        f"<span class='state'>{state}</span></div>"
        f"<div class='money-yuan'>{escape(_both(yuan))}</div>{lines}</div>"
    )


def _foot_html(totals: PaymentTotals) -> str:
    due = [
        found.yuan
        for one in totals.instalments
        for found in one.states
        if found.state == "可拨付" and found.yuan is not None
    ]
    return f"<div class='money-note'>到今天累计可拨付 {escape(_both(sum(due)))}。点选一个小区看它的每一次。</div>"


def _both(yuan: int | None) -> str:
    """Write a sum in 万元, and exact in yuan."""
    if yuan is None:
        return UNKNOWN
    return f"{about_wan(yuan)} 万元（{format_yuan(yuan, none='0')} 元）"
