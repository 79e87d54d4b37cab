"""资金: who pays for the selection or the plan, what rules say to the sums, payments, and an estimate of the grant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from html import escape
from pathlib import Path

import streamlit as st

from errors import PlanningError
from policy.funding import SourceFinding
from policy.ledger_rules import ledger_rule
from policy.profiles import Profile
from policy.source_totals import MoneyTotals, SourceTotal
from policy.verdicts import FAILS, HOLDS, OPEN, State
from policy.wording import UNKNOWN, format_share, format_wan
from ui import policy_page, rule_profiles, session
from ui.panels import policy_money_estimate, policy_money_payout
from ui.panels.policy_verdicts import CLASSES, sign_html, verdict_html
from ui.panels.switch import switch
from ui.policy_money import MoneyScope, profile_of, scope_of, sources, verdicts
from ui.policy_scene import PolicyScene
from ui.words import safe

__all__ = ["show"]

PANEL = "policy_money"
STYLE = Path(__file__).parents[1] / "assets" / "policy_money.css"
SOURCES, VERDICTS, PAYOUT, ESTIMATE = "资金来源", "出资判定", "拨付", "中央补助估算"
# Findings are read one by one; more than these are for the list of the ledger check.
MOST_FINDINGS = 30
# What a severity looks like beside the verdicts.
_STATES: dict[str, State] = {"错误": FAILS, "提醒": OPEN, "说明": HOLDS}
CHECKED = "补助、出资与投资，补助与改造内容，已拨付与资金来源"


def show(scene: PolicyScene) -> None:
    """Draw the choice of what is looked at, and that part, for the selection or the whole plan."""
    st.html(STYLE)
    if not len(scene.view.frame):
        st.info("这个计划里还没有小区。请到“数据”页导入台账或边界，或在“总图”上画。")
        return
    part, scope = _part(), scope_of(scene)
    if scope.pianqu:
        st.html(f"<div class='money-head'>{escape(scope.area)}</div>")
    _SHOWN[part](scope)


def _part() -> str:
    return switch(
        "看什么",
        _SHOWN,
        policy_page.held("money"),
        lambda part: policy_page.keep("money", part),
        key=session.widget(PANEL, "part"),
        place="policy_money_parts",
    )


# --- 资金来源 --------------------------------------------------------------------------------------


def _sources(scope: MoneyScope) -> None:
    with st.spinner("正在合计各方资金…"):
        found = sources(scope, today=dt.date.today())
    st.html(_sources_html(found.totals))
    if found.problem:
        st.warning(f"没有核对拨付：{safe(found.problem)}")
    if not found.findings:
        st.html(_unfound_html(found.totals))
    st.html("".join(_finding_html(one) for one in found.findings[:MOST_FINDINGS]))
    if len(found.findings) > MOST_FINDINGS:
        st.caption(f"另有 {len(found.findings) - MOST_FINDINGS:,} 条，请先选片区再看。")


def _sources_html(totals: MoneyTotals) -> str:
    lines = [_source_html(one, totals) for one in totals.sources]
    head = "<tr><th>来源（万元）</th><th>合计</th><th>占投资</th><th>未知</th></tr>"
    gap = UNKNOWN if totals.gap_yuan is None else format_wan(totals.gap_yuan, none="0.0")
    sums = [
        _line_html(
            "总投资",
            _sum_text(totals.investment),
            "",
            _unknown_text(totals.investment.unknown, totals.count),
            kind="sum",
        ),
        _line_html(
            "缺口（没有写明来源）",
            gap,
            "",
            _unknown_text(totals.gap_unknown, totals.count),
            kind="sum",
        ),
    ]
    if totals.over_yuan:
        sums.append(_line_html("来源超过投资", format_wan(totals.over_yuan), "", "", kind="sum"))
    return f"<table class='money'>{head}{''.join(lines)}{''.join(sums)}</table>{_open_html(totals)}"


def _source_html(one: SourceTotal, totals: MoneyTotals) -> str:
    share = one.share_of(totals.investment)
    return _line_html(
        one.title,
        _sum_text(one),
        "—" if share is None else format_share(share),
        _unknown_text(one.unknown, totals.count),
    )


def _line_html(title: str, amount: str, share: str, unknown: str, *, kind: str = "") -> str:
    cells = "".join(
        f"<td{' class=unknown' if UNKNOWN in text else ''}>{escape(text)}</td>"
        for text in (amount, share, unknown)
    )
    return f"<tr class='{kind}'><td>{escape(title)}</td>{cells}</tr>"


def _sum_text(one: SourceTotal) -> str:
    if one.yuan is None:
        return UNKNOWN
    amount = format_wan(one.yuan, none="0.0")
    return f"≥ {amount}" if one.unknown else amount


def _unknown_text(unknown: int, count: int) -> str:
    if not unknown:
        return ""
    return UNKNOWN if count == 1 else f"{unknown:,} 个{UNKNOWN}"


def _open_html(totals: MoneyTotals) -> str:
    if not totals.gap_open:
        return ""
    who = "" if totals.count == 1 else f"{totals.gap_open:,} 个小区的"
    less = "，缺口按已填的算，补填后可能变小" if totals.gap_yuan else ""
    return (
        f"<div class='money-note'>{who}来源没有填全{less}。没有的来源填“/”；未知不按 0 计。</div>"
    )


def _unfound_html(totals: MoneyTotals) -> str:
    lacking = totals.gap_unknown
    left = f"；{lacking:,} 个小区的投资或来源未知，没有核" if lacking else ""
    return f"<div class='money-note'>已核对{CHECKED}，没有发现问题{left}。</div>"


def _finding_html(one: SourceFinding) -> str:
    state = _STATES[one.severity]
    return (
        f"<div class='verdict {CLASSES[state]}'>"
        f"<div class='verdict-title'>{sign_html(state)}{escape(ledger_rule(one.rule).title)}"
        f"<span class='state'>{escape(one.severity)}</span></div>"
        f"<div class='found'>现为 {escape(one.found)}；要求 {escape(one.expected)}</div>"
        f"<div>{escape(one.message)}</div></div>"
    )


# --- 出资判定 --------------------------------------------------------------------------------------


def _verdicts(scope: MoneyScope) -> None:
    other = _other(scope.scene)
    _judged(scope, scope.scene.profile)
    if other is None:
        return
    try:
        profile = profile_of(scope.scene, other)
    except PlanningError as error:
        st.warning(safe(str(error)))
        return
    _judged(scope, profile)


def _other(scene: PolicyScene) -> str | None:
    """Id of the profile that the sums are judged by beside the plan's own."""
    titles = rule_profiles.titles(scene.view.settings)
    titles = {key: title for key, title in titles.items() if key != scene.profile.id}
    held = policy_page.held("money_profile")
    options = list(titles)
    key = session.widget(PANEL, "profile", scene.profile.id)
    st.selectbox(
        "再按另一套规则判",
        options,
        index=options.index(held) if held in titles else None,
        format_func=lambda one: titles.get(one, str(one)),
        placeholder="可不选",
        key=key,
        on_change=lambda: policy_page.keep("money_profile", st.session_state[key]),
        filter_mode=None,
    )
    return held if held in titles else None


def _judged(scope: MoneyScope, profile: Profile) -> None:
    with st.spinner("正在按规则判定合计…"):
        found = verdicts(scope, profile)
    who = "" if scope.count == 1 else f"{scope.count:,} 个小区合计"
    head = f"<div class='group'>{escape(profile.title)}<span class='state'>{who}</span></div>"
    if not found:
        told = "<div class='money-note'>这一套没有由程序判定的资金规则。</div>"
        st.html(head + told)
        return
    st.html(head + "".join(verdict_html(one) for one in found))


_SHOWN: dict[str, Callable[[MoneyScope], None]] = {
    SOURCES: _sources,
    VERDICTS: _verdicts,
    PAYOUT: policy_money_payout.show,
    ESTIMATE: policy_money_estimate.show,
}
