"""中央补助估算: a pool shared over compounds by the published factors; labelled 估算 wherever a figure stands."""

from __future__ import annotations

import datetime as dt
from functools import partial
from html import escape

import pandas as pd
import streamlit as st

from data.reports import to_xlsx
from errors import PlanningError, RecordError
from policy.central_fund import ESTIMATE, Method, methods
from policy.wording import format_yuan
from ui import edits, policy_page, session
from ui.policy_money import (
    MOST,
    Estimated,
    EstimateOrder,
    MoneyScope,
    about_wan,
    estimated,
    lacking_factors,
    read_wan,
)
from ui.policy_reports import FORMATS
from ui.words import safe

__all__ = ["show"]

PANEL = "policy_money_estimate"
MAX_CHARS = 20
# Read in the panel; the file has all.
MOST_SHOWN = 50
NAME, DIFFICULTY, PERFORMANCE = "小区", "困难系数", "绩效得分"
EDITOR_HEIGHT, ROW_HEIGHT = 180, 28


def show(scope: MoneyScope) -> None:
    """Draw the choices and what they come to."""
    if scope.count > MOST:
        st.info(f"{scope.count:,} 个小区太多，估算最多 {MOST:,} 个。请先选片区，或在图上框选。")
        return
    left, right = st.columns([3, 2])
    with left:
        method = _method()
    with right:
        text = _pool_text()
    st.html(_method_html(method))
    scores = _scores(scope, method)
    try:
        pool = read_wan(text, "资金总额")
    except PlanningError as error:
        st.warning(safe(str(error)))
        return
    order = EstimateOrder(method=method.id, pool_yuan=pool or 0, scores=scores)
    try:
        with st.spinner("正在估算…"):
            found = estimated(scope, order, today=dt.date.today())
    except RecordError as error:
        _lacking(scope, error)
        return
    if pool is None:
        st.info("请填要分配的资金总额（万元），如上级已下达或拟申请的数。因素都齐了。")
        return
    _result(scope, found)


def _method() -> Method:
    known = methods()
    held = policy_page.held("money_method")
    key = session.widget(PANEL, "method")
    options = list(known)
    chosen = st.selectbox(
        "测算办法",
        options,
        index=options.index(held) if held in known else len(options) - 1,
        # The share of each factor is told beneath.
        format_func=lambda one: known[one].title.partition("（")[0] if one in known else str(one),
        key=key,
        on_change=lambda: policy_page.keep("money_method", st.session_state[key]),
        filter_mode=None,
    )
    return known[str(chosen)]


def _pool_text() -> str:
    key = session.widget(PANEL, "pool")
    return st.text_input(
        "资金总额（万元）",
        value=str(policy_page.held("money_pool") or ""),
        placeholder="如 465.0",
        max_chars=MAX_CHARS,
        key=key,
        on_change=lambda: policy_page.keep("money_pool", st.session_state[key]),
    )


def _method_html(method: Method) -> str:
    return (
        f"<div class='money-note'><span class='label'>{ESTIMATE}，不是下达数</span>{escape(method.text)}。"
        f"可信度：{escape(method.confidence)}</div><div class='clause'>{escape(method.clause)}</div>"
    )


def _scores(
    scope: MoneyScope, method: Method
) -> tuple[tuple[str, float | None, float | None], ...]:
    """Draw the table of coefficients and scores, and read off what was typed."""
    asked = [DIFFICULTY, *([PERFORMANCE] if method.performance_share else [])]
    key = session.widget(PANEL, "scores", scope.scene.view.revision, len(asked), hash(scope.uids))
    start = session.get(f"{key}:start")
    if start is None:
        # What the table begins with stays as it is while it is filled in; else the cells jump.
        start = _start(scope)
        session.put(f"{key}:start", start)
    with st.expander(
        f"逐个小区填{'和'.join(asked)}（不填按相同计）",
        expanded=bool(start[asked].notna().to_numpy().any()),
    ):
        given = st.data_editor(
            start[[NAME, *asked]],
            key=key,
            hide_index=True,
            disabled=[NAME],
            height=min(EDITOR_HEIGHT, ROW_HEIGHT * (len(start) + 2)),
            row_height=ROW_HEIGHT,
            placeholder="未填",
            column_config={
                NAME: st.column_config.TextColumn(NAME, width=170),
                **{
                    head: st.column_config.NumberColumn(head, min_value=0.0, width=80)
                    for head in asked
                },
            },
        )
    _remember(given)
    typed = given[asked].dropna(how="all")
    return tuple(
        (str(uid), *(_cell(row.get(head)) for head in (DIFFICULTY, PERFORMANCE)))
        for uid, row in typed.iterrows()
    )


def _start(scope: MoneyScope) -> pd.DataFrame:
    held = policy_page.held("money_scores") or {}
    frame = scope.frame
    names = [
        str(name) if isinstance(name, str) and name else "未命名小区" for name in frame["name"]
    ]
    columns = {
        head: [held.get(str(uid), [None, None])[at] for uid in frame.index]
        for at, head in enumerate((DIFFICULTY, PERFORMANCE))
    }
    return pd.DataFrame({NAME: names, **columns}, index=frame.index).astype(
        {DIFFICULTY: float, PERFORMANCE: float}
    )


def _remember(given: pd.DataFrame) -> None:
    """Keep what was typed, so that F5 and another selection find it again."""
    held = dict(policy_page.held("money_scores") or {})
    for uid, row in given.iterrows():
        before = held.get(str(uid), [None, None])
        now = [
            _cell(row[head]) if head in given else before[at]
            for at, head in enumerate((DIFFICULTY, PERFORMANCE))
        ]
        if now == [None, None]:
            held.pop(str(uid), None)
        else:
            held[str(uid)] = now
    policy_page.keep("money_scores", held)


def _cell(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _lacking(scope: MoneyScope, error: RecordError) -> None:
    """Name who lacks what, and lead there."""
    problems = "".join(f"<div>{escape(one)}</div>" for one in error.problems)
    st.html(f"<div class='problem'><b>还不能{ESTIMATE}</b>{problems}</div>")
    uids = lacking_factors(scope)
    if uids and uids != list(scope.uids):
        st.button(
            f"选中缺因素的 {len(uids):,} 个小区",
            icon=":material/ads_click:",
            key=session.widget(PANEL, "lacking"),
            on_click=edits.select,
            args=(uids,),
        )
    if uids:
        st.caption("改造面积、户数、楼栋数在“总图”的小区卡片里填，或补台账后重新导入。")


def _result(scope: MoneyScope, found: Estimated) -> None:
    report = found.report
    today = dt.date.today()
    st.download_button(
        f"下载{ESTIMATE}表 xlsx",
        partial(to_xlsx, report),
        file_name=f"中央补助{ESTIMATE}_修订{scope.scene.view.edition}_{today:%Y%m%d}.xlsx",
        mime=FORMATS["xlsx"][1],
        type="primary",
        width="stretch",
        on_click="ignore",
        key=session.widget(PANEL, "xlsx"),
    )
    st.html(_table_html(scope, found))
    for note in found.estimate.notes[1:]:
        st.caption(safe(note))


def _table_html(scope: MoneyScope, found: Estimated) -> str:
    estimate = found.estimate
    names = [
        name if isinstance(name, str) and name else "未命名小区" for name in scope.frame["name"]
    ]
    rows = zip(names, estimate.yuan, estimate.explained, strict=True)
    lines = [_row_html(*row) for _, row in zip(range(MOST_SHOWN), rows, strict=False)]
    head = f"<tr><th>小区</th><th>{ESTIMATE}（万元）</th><th>{ESTIMATE}（元）</th></tr>"
    pool = estimate.pool_yuan
    total = (
        f"<tr class='sum'><td>合计＝资金总额</td><td>{about_wan(pool)}</td>"
        f"<td>{format_yuan(pool, none='0')}</td></tr>"
    )
    more = len(names) - MOST_SHOWN
    left = (
        f"<div class='money-note'>列出前 {MOST_SHOWN} 个，另有 {more:,} 个在下载的表里。</div>"
        if more > 0
        else ""
    )
    return f"<table class='money'>{head}{total}{''.join(lines)}</table>{left}"


def _row_html(name: str, yuan: int, explained: str) -> str:
    return (
        f"<tr class='told'><td>{escape(name)}</td>"
        f"<td>{about_wan(int(yuan))}</td><td>{format_yuan(int(yuan), none='0')}</td></tr>"
        f"<tr><td class='long' colspan='3'>{escape(explained)}</td></tr>"
    )
