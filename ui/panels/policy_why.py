"""Tab 不符合原因: which rules stand in the way of how many compounds; one click shows whom."""

from __future__ import annotations

import streamlit as st

from policy.facts import facts
from policy.judged import Rows
from policy.verdicts import FAILS, OPEN, SIGNS, State
from ui import edits, policy_page, session
from ui.panels.switch import switch
from ui.policy_figures import rule_positions
from ui.policy_page import Focus
from ui.policy_reading import facts_of, groups_judged
from ui.policy_scene import PolicyScene
from ui.words import safe

__all__ = ["show"]

PANEL = "policy_why"
ALL = "全部"
# What else is missing, by the kind of rule, and where it is filled in.
WAYS = {
    "build_date": "要填：建成日期。在“总图”的小区卡片里填，或补台账后重新导入。",
    "consent": "要填：表决结果。点选一个小区，到“核对 · 表决公示”录入。",
    "notice": "要填：公示起止日期。点选一个小区，到“核对 · 表决公示”录入。",
    "works_list": "要核：台账里读不出的改造内容。在“总图”的小区卡片里看。",
    "min_share": "要填：投资和各方出资。在“总图”的小区卡片里填，或补台账后重新导入。",
    "min_contribution": "要填：户数、低保户数和居民出资。",
    "beneficiary_pays": "要填：各方出资。在“总图”的小区卡片里填，或补台账后重新导入。",
    "unique_number": "要填：审核编号。在“总图”的小区卡片里填。",
}
TITLES: dict[State, str] = {FAILS: "不符合", OPEN: "需论证"}


def show(scene: PolicyScene) -> None:
    """Draw the choice of state and heading, and the rules with their counts."""
    if not len(scene.view.frame):
        st.info("这个计划里还没有小区。请到“数据”页导入台账或边界，或在“总图”上画。")
        return
    judgement = scene.judgement
    if not judgement.rows:
        st.info(f"“{safe(scene.profile.title)}”没有由程序判定的规则，请到“规则”选另一套。")
        return
    state = _state()
    group = _group(groups_judged(judgement))
    listed = [rows for rows in judgement.rows if group is None or rows.rule.group == group]
    counted = [(rows, int((rows.codes == _code(state)).sum())) for rows in listed]
    standing = [(rows, n) for rows, n in counted if n]
    if scene.focus is not None:
        _alone(scene)
    elif standing:
        st.caption("点一条：图上只显示并选中这些小区，按这一条着色，表格列出原因。")
    if not standing:
        where = "" if group is None else f"“{group}”"
        st.success(f"{where}没有“{state}”的小区。")
    for rows, n in sorted(standing, key=lambda one: -one[1]):
        _line(scene, rows, n, state)
    free = [rows.rule.title for rows, n in counted if not n]
    if free and standing:
        st.caption(f"没有小区“{state}”的规则：{safe('、'.join(free))}")


def _code(state: State) -> int:
    return list(SIGNS).index(state)


def _state() -> State:
    switch(
        "看哪一种",
        TITLES,
        policy_page.why_state(),
        _look_at,
        key=session.widget(PANEL, "state"),
        place="policy_why_state",
        write=lambda state: f"{SIGNS[state]} {TITLES[state]}",
    )
    return policy_page.why_state()


def _look_at(state: str) -> None:
    policy_page.keep("why_state", state)
    policy_page.focus_on(None)


def _group(judged: list[str]) -> str | None:
    held = policy_page.why_group()
    options = [*judged, ALL]
    key = session.widget(PANEL, "group", *options)
    shown = held if held in judged else ALL
    st.session_state[key] = shown

    def choose() -> None:
        chosen = st.session_state[key]
        policy_page.keep("why_group", "" if chosen == ALL else chosen)
        policy_page.focus_on(None)

    st.pills(
        "类别",
        options,
        key=key,
        required=True,
        label_visibility="collapsed",
        on_change=choose,
    )
    return None if shown == ALL else shown


def _alone(scene: PolicyScene) -> None:
    """Say that not all are shown, and show all again."""
    st.button(
        f"图上只显示 {int(scene.shown.sum()):,} 个小区，改回全部",
        icon=":material/filter_alt_off:",
        width="stretch",
        key=session.widget(PANEL, "all"),
        on_click=_show_all,
    )


def _show_all() -> None:
    policy_page.focus_on(None)
    policy_page.colour_by("")
    edits.select([])


def _line(scene: PolicyScene, rows: Rows, count: int, state: State) -> None:
    focus = Focus(rows.rule.name, state)
    with st.container(key=f"policy_why_{rows.rule.name}"):
        st.button(
            f"{SIGNS[state]} {safe(rows.rule.title)}　**{count:,} 个小区**",
            key=session.widget(PANEL, "rule", rows.rule.name),
            width="stretch",
            type="primary" if scene.focus == focus else "secondary",
            on_click=_look,
            args=(scene, rows, state),
        )
        st.caption(safe(rows.rule.clause))
        if state == OPEN:
            _ways_on(scene, rows, state)


def _look(scene: PolicyScene, rows: Rows, state: State) -> None:
    policy_page.focus_on(Focus(rows.rule.name, state))
    edits.select([str(rows.index[at]) for at in rule_positions(rows, state)])
    scene.workspace.table_open = True


def _ways_on(scene: PolicyScene, rows: Rows, state: State) -> None:
    """Name what has to be filled in, and lead there with the compounds selected."""
    for fact_id in facts_of(rows.rule):
        st.button(
            f"去填：{facts()[fact_id].title}",
            key=session.widget(PANEL, "fill", rows.rule.name, fact_id),
            type="tertiary",
            icon=":material/edit:",
            on_click=_fill,
            args=(scene, rows, state, fact_id),
        )
    if rows.rule.kind in WAYS:
        st.caption(WAYS[rows.rule.kind])


def _fill(scene: PolicyScene, rows: Rows, state: State, fact_id: str) -> None:
    _look(scene, rows, state)
    policy_page.fill_in(fact_id)
