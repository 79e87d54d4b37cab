"""拨付: the instalments of the plan's schedule, to the yuan, and which of them are due today."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
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
# What may be paid to some is looked at first.
_FIRST: tuple[PaymentState, ...] = ("可拨付", "未知", "未到")


def show(scope: MoneyScope) -> None:
    """Draw the sum and the instalments."""
    if scope.count > MOST:
        st.info(f"{scope.count:,} 个小区太多，拨付最多算 {MOST:,} 个。请先选片区，或在图上框选。")
        return
    try:
        total = _total(scope)
        with st.spinner("正在逐个小区算拨付…"):
            found = payout(scope, total_yuan=total, today=dt.date.today())
    except PlanningError as error:
        st.warning(safe(str(error)))
        return
    st.html(_head_html(scope, found, typed=total is not None))
    single, numbered = scope.count == 1, found.totals.scheduled
    instalments = found.totals.instalments
    if single:
        st.html("".join(_one_html(one.payments[0], numbered=numbered) for one in instalments))
        return
    st.html("".join(_many_html(one, numbered=numbered) for one in instalments))
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
    totals, many = found.totals, scope.count > 1
    clause = totals.clause or "方案没有写拨付办法，按施工进度申请"
    basis = "所填总额" if typed else "总投资"
    shared = "，按投资分到各小区" if typed and many else ""
    lacking = f"；另有 {totals.unknown:,} 个小区投资{UNKNOWN}" if totals.unknown and many else ""
    paid = "没有填报"
    if found.paid_yuan is not None:
        left = f"；另有 {found.paid_unknown:,} 个小区没有填报" if found.paid_unknown else ""
        paid = f"{_both(found.paid_yuan)}{left}"
    lines = (f"{basis} {_both(totals.total_yuan)}{shared}{lacking}", f"已拨付（进度记录） {paid}")
    told = "".join(f"<div class='money-note'>{escape(line)}</div>" for line in lines)
    return f"{told}<div class='clause'>{escape(clause)}</div>"


def _one_html(one: Payment, *, numbered: bool) -> str:
    name = _name(one.number if numbered else 0, one.when, one.share if numbered else None)
    return _card_html(one.state, name, yuan=one.yuan, body=[escape(one.message)])


def _many_html(one: InstalmentTotal, *, numbered: bool) -> str:
    states = {found.state: found for found in one.states}
    lines = [
        f"<span class='sign {_LOOKS[state][0]}'>{_LOOKS[state][1]} {state}</span>"
        f"{found.count:,} 个小区，{'金额' if found.yuan is None else ''}{escape(_both(found.yuan))}"
        for state, found in states.items()
    ]
    if one.payer:
        lines.append(f"由{escape(one.payer)}支付")
    if one.next_due is not None:
        lines.append(f"最近一个 {format_date(one.next_due.isoformat())}起可拨付")
    if one.unknown and numbered:
        lines.append(f"{one.unknown:,} 个小区金额{UNKNOWN}，没有计入")
    name = _name(one.number if numbered else 0, one.when, one.share)
    worst = next(state for state in _FIRST if state in states)
    return _card_html(worst, name, yuan=one.yuan, body=lines, state_told=len(states) == 1)


def _name(number: int, when: str, share: Fraction | None) -> str:
    told = "" if share is None else f" · {format_share(share)}"
    return f"第{number}次 {when}{told}" if number else f"{when}，累计可申请"


def _card_html(
    state: PaymentState, name: str, *, yuan: int | None, body: list[str], state_told: bool = True
) -> str:
    style, sign = _LOOKS[state]
    lines = "".join(f"<div>{line}</div>" for line in body)
    told = f"<span class='state'>{state}</span>" if state_told else ""
    mark = f"<span class='sign {style}'>{sign}</span>" if state_told else ""
    return (
        f"<div class='verdict {style}'><div class='verdict-title'>{mark}{escape(name)}{told}</div>"
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
