"""下一个问题: goes from one thing that is wrong with the grouping to the next, and says what can be done."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from ui import pianqu_hands, pianqu_page, session
from ui.pianqu_problems import FREE, Problem, following, problems_of
from ui.scene import Scene

__all__ = ["show"]

PANEL = "pianqu_problems"
BOX = (
    "font-size:12px; line-height:18px; color:#5c1d17; background:#fdf0ee; "
    "border-left:3px solid #c9584c; padding:4px 8px"
)


def show(scene: Scene, table: pd.DataFrame) -> None:
    """Draw the button, and the problem that is being looked at."""
    gap_m = pianqu_page.gap_m()
    problems = problems_of(scene.loaded, scene.view, table, pianqu_page.proposal_settings(), gap_m)
    if not problems:
        st.html("<div class='pq-fine'>✓ 没有问题：都已分组，都连片，都在限制之内</div>")
        return
    last = pianqu_hands.last_problem()
    now = _shown(problems, last)
    place = f"第 {now + 1:,} / {len(problems):,} 个" if now is not None else f"{len(problems):,} 个"
    with st.container(horizontal=True, key="pianqu_problem_bar", gap="xsmall"):
        st.button(
            f"下一个问题（{place}）",
            icon=":material/arrow_forward:",
            width="stretch",
            key=session.widget(PANEL, "next"),
            on_click=pianqu_hands.show_problem,
            args=(scene, problems, following(problems, last)),
        )
    if now is not None:
        _explain(problems[now])


def _shown(problems: tuple[Problem, ...], last: tuple[int, str] | None) -> int | None:
    """Place of the problem that was shown last, if it still is one."""
    if last is None:
        return None
    return next((at for at, problem in enumerate(problems) if problem.key == last[1]), None)


def _explain(problem: Problem) -> None:
    st.html(f"<div style='{BOX}'><b>{escape(problem.title)}</b><br>{escape(problem.advice)}</div>")
    if problem.kind == FREE:
        st.button(
            "分配它…",
            width="stretch",
            key=session.widget(PANEL, "assign"),
            on_click=pianqu_page.turn,
            args=(pianqu_page.ASSIGN,),
        )
