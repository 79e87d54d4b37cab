"""几套对照: the same compounds under several profiles, rule by rule."""

from __future__ import annotations

import re
from html import escape

import numpy as np
import streamlit as st

from policy.judging import Judgement
from policy.rule_kinds import GROUPS
from policy.verdicts import STATES
from ui import judged, policy_page, rule_profiles, session
from ui.panels.policy_verdicts import counted_html, sign_html
from ui.policy_reading import groups_judged
from ui.policy_scene import PolicyScene

__all__ = ["show"]

PANEL = "policy_compare"
FIRST = ("chuxiong-2020", "yangjiang-2021", "liuzhou-2022")
MOST = 4
SHORT = 8


def show(scene: PolicyScene) -> None:
    """Draw the choice of profiles and the matrix."""
    titles = rule_profiles.titles(scene.view.settings)
    chosen = _chosen(scene, titles)
    if not chosen:
        st.info("请选几套规则方案，看同样的小区各会得到什么结论。")
        return
    judgements = {key: judged.judgement(scene, key) for key in chosen}
    st.html(_matrix(scene, judgements, titles))
    st.caption("“—”表示那一套没有这一条。指着符号看原因。")


def _chosen(scene: PolicyScene, titles: dict[str, str]) -> list[str]:
    held = policy_page.compared()
    if held is None:
        held = list(dict.fromkeys((scene.profile.id, *FIRST)))[:MOST]
    held = [key for key in held if key in titles]
    widget = session.widget(PANEL, "profiles")
    st.multiselect(
        "并排看哪几套",
        list(titles),
        default=held,
        format_func=lambda key: titles.get(key, str(key)),
        placeholder="请选择",
        max_selections=MOST,
        key=widget,
        on_change=lambda: policy_page.keep("compared", list(st.session_state[widget])),
    )
    return held


def _matrix(scene: PolicyScene, judgements: dict[str, Judgement], titles: dict[str, str]) -> str:
    heads = "".join(
        f"<th title='{escape(titles[key], quote=True)}'>{escape(_short(titles[key]))}</th>"
        for key in judgements
    )
    lines = [f"<tr><th></th>{heads}</tr>"]
    for name in GROUPS:
        if any(name in groups_judged(one) for one in judgements.values()):
            cells = "".join(f"<td>{_overall(scene, one, name)}</td>" for one in judgements.values())
            lines.append(f"<tr class='head'><td>{escape(name)}</td>{cells}</tr>")
            for rule, title in _rules(judgements, name).items():
                cells = "".join(
                    f"<td>{_cell(scene, one, rule)}</td>" for one in judgements.values()
                )
                lines.append(f"<tr><td>{escape(title)}</td>{cells}</tr>")
    return f"<table class='matrix'>{''.join(lines)}</table>"


def _short(title: str) -> str:
    """Name a plan by its place: 楚雄市 of 楚雄市2020年方案."""
    plain = title.removeprefix("我市方案：")
    return (re.split(r"\d|（", plain)[0] if plain == title else plain)[:SHORT] or plain[:SHORT]


def _rules(judgements: dict[str, Judgement], group: str) -> dict[str, str]:
    """Judged rules of a heading in any of the profiles: the same name is the same notion."""
    found: dict[str, str] = {}
    for judgement in judgements.values():
        for rows in judgement.rows:
            if rows.rule.group == group:
                found.setdefault(rows.rule.name, rows.rule.title)
    return found


def _overall(scene: PolicyScene, judgement: Judgement, group: str) -> str:
    if group not in groups_judged(judgement):
        return "<span class='quiet'>—</span>"
    at = _positions(scene, judgement)
    states = judgement.overall(group).to_numpy(object)[at]
    if len(at) == 1:
        return sign_html(states[0], title=states[0])
    return counted_html([int((states == state).sum()) for state in STATES])


def _cell(scene: PolicyScene, judgement: Judgement, rule: str) -> str:
    rows = next((rows for rows in judgement.rows if rows.rule.name == rule), None)
    if rows is None:
        return "<span class='quiet'>—</span>"
    at = _positions(scene, judgement)
    if len(at) == 1:
        verdict = rows.verdict(int(at[0]))
        return sign_html(verdict.state, title=f"{verdict.message}{verdict.clause}")
    return counted_html(np.bincount(rows.codes[at], minlength=len(STATES)))


def _positions(scene: PolicyScene, judgement: Judgement) -> np.ndarray:
    if not scene.selection:
        return np.arange(len(judgement.index))
    return judgement.index.get_indexer(np.asarray(scene.selection, dtype=object))
