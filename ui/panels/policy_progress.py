"""进度: what was built and paid month by month, of one compound; the month's figures of many. Feeds the 月报."""

from __future__ import annotations

import datetime as dt
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from errors import PlanningError, RecordError
from policy.monthly import MonthlyReport, monthly
from policy.progress import progress_problems
from policy.progress_entry import progress_texts
from policy.wording import format_share
from ui import edits, policy_edits, policy_flow, policy_flow_edits, policy_page, session
from ui.policy_reports import MONTHLY
from ui.policy_scene import PolicyScene
from ui.words import safe, wan

__all__ = ["show"]

PANEL = "policy_progress"
MONTHS = 18
MAX_CHARS, MAX_FIGURE = 200, 16


def show(scene: PolicyScene) -> None:
    """Draw the entries of the one compound, or the month of many."""
    if len(scene.selection) == 1:
        _one(scene, scene.selection[0])
    else:
        _many(scene)


# --- one compound ----------------------------------------------------------------------------------


def _one(scene: PolicyScene, uid: str) -> None:
    entries = scene.plan.records("progress", compound_uids=[uid])
    month = _month(sorted({*_months(), *entries["month"].dropna().astype(str)}, reverse=True), uid)
    there = entries[entries["month"] == month]
    held = there.iloc[-1] if len(there) else None
    _form(scene, uid, month, held)
    _list(scene, uid, entries)
    _to_report()


def _form(scene: PolicyScene, uid: str, month: str, held: pd.Series[Any] | None) -> None:
    # With the version, so that an undo or another planner's change shows.
    of = (uid, month, "" if held is None else f"{held.name}:{held['version']}")
    share, yuan = _held(held, "progress"), _held(held, "paid_yuan")
    percent, paid = progress_texts(
        None if share is None else float(share), None if yuan is None else int(yuan)
    )
    left, right = st.columns(2)
    typed: dict[str, Any] = {
        "percent": left.text_input(
            "形象进度（%）",
            value=percent,
            placeholder="未知；如 35",
            max_chars=MAX_FIGURE,
            key=session.widget(PANEL, "percent", *of),
        ),
        "paid_wan": right.text_input(
            "累计已付（万元）",
            value=paid,
            placeholder="未知；没付填 0",
            max_chars=MAX_FIGURE,
            key=session.widget(PANEL, "paid", *of),
        ),
    }
    remarks = st.text_input(
        "备注",
        value=str(_held(held, "remarks") or ""),
        placeholder="备注，可不填",
        max_chars=MAX_CHARS,
        label_visibility="collapsed",
        key=session.widget(PANEL, "remarks", *of),
    )
    typed["remarks"] = remarks.strip()
    problem = _problem(scene, uid, month, typed)
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            "保存",
            type="primary",
            disabled=bool(problem) or not any(typed.values()),
            key=session.widget(PANEL, "save"),
            on_click=policy_edits.guarded(policy_flow_edits.save_progress),
            args=(scene, uid, month, typed, held),
        )
        if held is not None:
            st.button(
                "删除这个月",
                key=session.widget(PANEL, "delete"),
                on_click=policy_edits.guarded(policy_flow_edits.delete_progress),
                args=(scene, uid, held),
            )
    if problem:
        st.html(f"<div class='problem'>{escape(problem)}</div>")


def _problem(scene: PolicyScene, uid: str, month: str, typed: dict[str, Any]) -> str:
    try:
        policy_flow_edits.read_entry(scene, uid, month, typed)
    except RecordError as error:
        return "".join(error.problems)
    return ""


def _list(scene: PolicyScene, uid: str, entries: pd.DataFrame) -> None:
    if not len(entries):
        st.caption("还没有进度记录。填好上面的数，每月一条；数字是累计的，不是当月的。")
        return
    st.html("<div class='group'>已录入（点一行可修改）</div>")
    with st.container(key="policy_entries"):
        for entry_id, entry in entries.sort_values("month", ascending=False).iterrows():
            st.button(
                _line(entry),
                type="tertiary",
                width="stretch",
                key=session.widget(PANEL, "entry", entry_id),
                on_click=_open,
                args=(uid, str(entry["month"])),
                help=safe(entry["remarks"]) if isinstance(entry["remarks"], str) else None,
            )
    investment = pd.Series([scene.record(uid)["investment_yuan"]] * len(entries), dtype="Int64")
    for at, text in progress_problems(entries, investment):
        month = escape(str(entries["month"].iloc[at]))
        st.html(f"<div class='problem'>{month}：{escape(text)}</div>")


def _line(entry: pd.Series[Any]) -> str:
    share, paid = entry["progress"], wan(entry["paid_yuan"], none="0 万元")
    done = "未知" if pd.isna(share) else format_share(share)
    remarks = f"　{safe(entry['remarks'])}" if isinstance(entry["remarks"], str) else ""
    return f"{_said(entry['month'])}　进度 {done}　已付 {paid}{remarks}"


def _open(uid: str, month: str) -> None:
    st.session_state[session.widget(PANEL, "month", uid)] = month


# --- many ------------------------------------------------------------------------------------------


def _many(scene: PolicyScene) -> None:
    uids = policy_flow.subjects(scene)
    if len(uids) > policy_flow.MOST:
        st.info(
            f"{len(uids):,} 个小区太多，请选中不超过 {policy_flow.MOST:,} 个，看这个月报了多少。"
        )
        return
    month = _month(_months(), "")
    try:
        found = scene.loaded.kept(
            ("month", scene.view.revision, scene.profile.id, tuple(uids), month, dt.date.today()),
            partial(_report, scene, uids, month),
        )
    except PlanningError as error:
        st.warning(safe(str(error)))
        return
    _figures(found)
    if found.missing:
        st.button(
            f"选中 {_said(month)}未报的 {len(found.missing):,} 个小区",
            key=session.widget(PANEL, "missing"),
            width="stretch",
            on_click=edits.select,
            args=(list(found.missing),),
        )
    _to_report()


def _report(scene: PolicyScene, uids: list[str], month: str) -> MonthlyReport:
    return monthly(
        scene.view.frame.loc[uids],
        policy_flow.records(scene, "progress"),
        month=month,
        profile=scene.profile,
        today=dt.date.today(),
        stages=policy_flow.records(scene, "stages"),
    )


def _figures(found: MonthlyReport) -> None:
    late = " late" if found.late else ""
    lines = "".join(
        f"<tr><td>{escape(one.title)}</td><td class='long'>{escape(one.text)}</td></tr>"
        for one in found.totals.values()
    )
    said = "".join(f"<div class='flow-note'>{escape(text)}</div>" for text in found.messages)
    st.html(
        f"<div class='flow-note{late}'>{escape(found.due_text)}</div>"
        f"<table class='counts'>{lines}</table>{said}"
    )


# --- both ------------------------------------------------------------------------------------------


def _to_report() -> None:
    st.button(
        "去“表单”出月报",
        type="tertiary",
        icon=":material/description:",
        key=session.widget(PANEL, "report"),
        on_click=_turn_to_report,
    )


def _turn_to_report() -> None:
    policy_page.keep("form", MONTHLY)
    policy_page.turn(policy_page.FORMS)


def _months() -> list[str]:
    """List the last months, this one first."""
    today = dt.date.today()
    at = today.year * 12 + today.month - 1
    return [f"{(at - k) // 12}-{(at - k) % 12 + 1:02d}" for k in range(MONTHS)]


def _month(options: list[str], uid: str) -> str:
    key = session.widget(PANEL, "month", uid)
    if st.session_state.get(key) not in options:
        st.session_state[key] = max(set(options) & set(_months()))
    chosen = st.selectbox("哪个月", options, key=key, format_func=_said, filter_mode=None)
    return str(chosen)


def _said(month: Any) -> str:
    """Write a month as planners read it; what is none stays as it stands."""
    year, _, number = str(month).partition("-")
    return f"{year}年{int(number)}月" if number.isdecimal() else safe(month)


def _held(held: pd.Series[Any] | None, name: str) -> Any:
    value = None if held is None else held[name]
    return None if value is None or pd.isna(value) else value
