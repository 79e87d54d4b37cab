"""The days that the plan itself gives its stages, and where they do not fit each other."""

from __future__ import annotations

import datetime as dt
from html import escape

import streamlit as st

from policy.profiles import Rule
from policy.schedule import Period, schedule, schedule_findings
from policy.wording import format_date
from ui import session
from ui.policy_scene import PolicyScene

__all__ = ["show"]

PANEL = "policy_schedule"
KIND = "schedule"


def show(scene: PolicyScene) -> None:
    """Draw the schedules of the profile; nothing where it has none."""
    rules = [rule for rule in scene.profile.rules.values() if rule.kind == KIND]
    if not rules:
        return
    with st.expander("方案规定的时间安排", key=session.widget(PANEL, "fold", scene.profile.id)):
        for rule in rules:
            _schedule(rule)


def _schedule(rule: Rule) -> None:
    year = rule.get("year") or dt.date.today().year
    periods = schedule(rule, year=year)
    blank = "" if rule.get("year") else f"（年份原文留空，按 {year} 年列出）"
    rows = "".join(f"<tr><td>{escape(p.label)}</td><td>{_days(p)}</td></tr>" for p in periods)
    st.html(
        f"<div class='group'>{escape(rule.title)}{blank}"
        f"<span class='clause'>{escape(rule.clause)}</span></div>"
        f"<table class='record'>{rows}</table>"
    )
    for one in schedule_findings(periods):
        st.html(f"<div class='problem'>{escape(one.message)}</div>")


def _days(period: Period) -> str:
    return f"{format_date(period.first.isoformat())}—{format_date(period.last.isoformat())}"
