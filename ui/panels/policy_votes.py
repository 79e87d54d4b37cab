"""表决公示: votes and notices of one compound, counted while they are typed."""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from errors import PlanningError, RecordError
from policy.consent import Tally, check_vote, civil_code, consent_rules, notice_verdict, tally
from policy.consent_words import figure_text
from policy.facts import fact_value
from policy.profiles import Rule
from policy.verdicts import HOLDS
from policy.wording import format_date
from ui import policy_edits, session
from ui.panels.policy_verdicts import sign_html, verdict_html
from ui.policy_scene import PolicyScene
from ui.words import safe

__all__ = ["show"]

PANEL = "policy_votes"
HEADS = ("owners_total", "owners_voted", "owners_agreed")
# Heads are owners, or households where a rule asks residents.
OWNERS = ("业主总人数（人）", "参与人数（人）", "同意人数（人）")
RESIDENTS = ("居民总户数（户）", "参与户数（户）", "同意户数（户）")
AREAS = (
    ("area_total_m2", "专有部分总面积"),
    ("area_voted_m2", "参与面积"),
    ("area_agreed_m2", "同意面积"),
)
DAYS = (("held_on", "表决日期"), ("notice_from", "公示开始"), ("notice_to", "公示结束"))
TEXTS = (("topic", "表决事项"), ("remarks", "备注"))
NEW = "新的一次"
MAX_CHARS, MAX_DAY = 200, 10


def show(scene: PolicyScene) -> None:
    """Draw the records of the compound, the form, and what passes."""
    if len(scene.selection) != 1:
        st.info("请在地图上点选一个小区，录入它的业主表决和公示。")
        return
    uid = scene.selection[0]
    records = scene.plan.records("votes", compound_uids=[uid])
    chosen = _chosen(uid, records)
    _form(scene, uid, records, chosen)


def _chosen(uid: str, records: pd.DataFrame) -> str | None:
    """Uid of the record whose form is filled; None for a new one."""
    if not len(records):
        return None
    key = session.widget(PANEL, "which", uid, len(records))
    names = {one: _name(row) for one, row in records.iterrows()}
    held = session.get(session.VOTE_FORM)
    options = [NEW, *names]
    chosen = st.selectbox(
        f"已录入 {len(records)} 次",
        options,
        index=options.index(held) if held in names else len(options) - 1,
        format_func=lambda one: names.get(one, NEW),
        key=key,
        filter_mode=None,
    )
    return None if chosen == NEW else chosen


def _name(row: pd.Series) -> str:
    held = row["held_on"] if isinstance(row["held_on"], str) else row["notice_from"]
    day = format_date(held) if isinstance(held, str) else "日期未知"
    number = 1 if pd.isna(row["round"]) else int(row["round"])
    topic = f" {row['topic']}" if isinstance(row["topic"], str) else ""
    return f"第{number}轮 {day}{topic}"


def _form(scene: PolicyScene, uid: str, records: pd.DataFrame, chosen: str | None) -> None:
    """Draw the fields, and what their figures come to; the buttons stand above, in sight."""
    record = None if chosen is None else records.loc[chosen]
    # A saved record starts from the file again; an unsaved one keeps what was typed.
    epoch = f"{len(records)}" if record is None else f"{chosen}:{record['version']}"
    head_row = st.container(horizontal=True, gap="xsmall", key="policy_vote_head")
    values: dict[str, Any] = {"compound_uid": uid}
    with head_row:
        values |= _rounds(scene, record, (uid, epoch))
        buttons = st.container(horizontal=True, gap="xsmall", key="policy_vote_buttons")
    titles = _head_titles(scene, values["round"])
    for head, (area, area_title) in zip(HEADS, AREAS, strict=True):
        left, right = st.columns(2)
        with left:
            values[head] = _count(titles[head], head, record, (uid, epoch))
        with right:
            values[area] = _area(f"{area_title}（㎡）", area, record, (uid, epoch))
    for column, (name, title) in zip(st.columns(3), DAYS, strict=True):
        with column:
            values[name] = _day(title, name, record, (uid, epoch))
    results = st.container(key="policy_vote_results")
    for name, title in TEXTS:
        values[name] = _text(title, name, record, (uid, epoch))
    problem = _problem(values)
    with buttons:
        _buttons(scene, values, record, problem)
    with results:
        if problem:
            st.html(f"<div class='problem'>{escape(problem)}</div>")
        else:
            _results(scene, uid, values)


def _problem(values: dict[str, Any]) -> str:
    if _blank(values):
        return ""
    try:
        check_vote(values, "表决记录", today=dt.date.today())
    except RecordError as error:
        return "".join(error.problems)
    return ""


def _buttons(
    scene: PolicyScene, values: dict[str, Any], record: pd.Series | None, problem: str
) -> None:
    name = str(scene.selected["name"].iloc[0] or "未命名小区")

    def save() -> None:
        held = None if record is None else (str(record.name), int(record["version"]))
        uid, version = held or (None, None)
        made = policy_edits.save_vote(scene, values, name=name, uid=uid, version=version)
        session.put(session.VOTE_FORM, made)

    st.button(
        "保存",
        type="primary",
        disabled=bool(problem) or _blank(values),
        key=session.widget(PANEL, "save"),
        on_click=policy_edits.guarded(save),
    )
    if record is not None:
        st.button(
            "删除这次",
            key=session.widget(PANEL, "delete"),
            on_click=policy_edits.guarded(policy_edits.delete_vote),
            args=(scene, str(record.name), int(record["version"])),
            kwargs={"name": name},
        )


def _blank(values: dict[str, Any]) -> bool:
    asked = (*HEADS, *(name for name, _ in (*AREAS, *DAYS)))
    return all(values[name] is None for name in asked)


def _head_titles(scene: PolicyScene, number: int) -> dict[str, str]:
    """Titles of the heads: those whom the rules of the round ask."""
    asked = {rule.get("voters") for rule in consent_rules(scene.profile) if _round(rule) == number}
    return dict(zip(HEADS, RESIDENTS if asked == {"居民"} else OWNERS, strict=True))


def _held(record: pd.Series | None, name: str) -> Any:
    value = None if record is None else record[name]
    return None if value is None or pd.isna(value) else value


def _rounds(scene: PolicyScene, record: pd.Series | None, of: tuple[str, str]) -> dict[str, int]:
    rounds = sorted({int(rule.get("round") or 1) for rule in consent_rules(scene.profile)})
    held = int(_held(record, "round") or 1)
    options = sorted({*rounds, held})
    if len(options) == 1:
        return {"round": options[0]}
    chosen = st.segmented_control(
        "第几轮",
        options,
        default=held,
        required=True,
        format_func=lambda n: f"第{n}轮",
        label_visibility="collapsed",
        key=session.widget(PANEL, "round", *of),
    )
    return {"round": int(chosen or held)}


def _count(title: str, name: str, record: pd.Series | None, of: tuple[str, str]) -> int | None:
    held = _held(record, name)
    return st.number_input(
        title,
        value=None if held is None else int(held),
        min_value=0,
        step=1,
        placeholder="未知",
        key=session.widget(PANEL, name, *of),
    )


def _area(title: str, name: str, record: pd.Series | None, of: tuple[str, str]) -> float | None:
    held = _held(record, name)
    return st.number_input(
        title,
        value=None if held is None else float(held),
        min_value=0.0,
        step=100.0,
        format="%.2f",
        placeholder="未知",
        key=session.widget(PANEL, name, *of),
    )


def _day(title: str, name: str, record: pd.Series | None, of: tuple[str, str]) -> str | None:
    held = _held(record, name)
    given = st.text_input(
        title,
        value="" if held is None else str(held)[:10],
        placeholder="如 2024-10-08",
        max_chars=MAX_DAY,
        key=session.widget(PANEL, name, *of),
    )
    return given.strip() or None


def _text(title: str, name: str, record: pd.Series | None, of: tuple[str, str]) -> str | None:
    held = _held(record, name)
    given = st.text_input(
        title,
        value="" if held is None else str(held),
        placeholder="可不填",
        max_chars=MAX_CHARS,
        key=session.widget(PANEL, name, *of),
    )
    return given.strip() or None


def _results(scene: PolicyScene, uid: str, values: dict[str, Any]) -> None:
    tenure = fact_value(scene.record(uid), "tenure")
    mine = [rule for rule in consent_rules(scene.profile) if _round(rule) == values["round"]]
    parts = [_tally_html(tally(rule, values, tenure=str(tenure or ""))) for rule in mine]
    notices = [rule for rule in scene.profile.of_kind("notice") if _round(rule) == values["round"]]
    if values["notice_from"]:
        parts += [_notice_html(rule, values) for rule in notices]
    st.html("".join(parts))
    others = [tally(civil_code(name), values) for name in ("一般", "特别")]
    ids = {rule.id for rule in mine}
    said = "；".join(
        f"{one.verdict.sign} {safe(one.rule.title)}" for one in others if one.rule.id not in ids
    )
    if said:
        st.caption(f"对照民法典第二百七十八条：{said}")


def _round(rule: Rule) -> int:
    return int(rule.get("round") or 1)


def _notice_html(rule: Rule, values: dict[str, Any]) -> str:
    try:
        return verdict_html(notice_verdict(rule, values))
    except PlanningError as error:
        return f"<div class='problem'>{escape(str(error))}</div>"


def _tally_html(found: Tally) -> str:
    lines = []
    for one in found.measures:
        state = "未知" if one.passes is None else "达到" if one.passes else "未达到"
        if one.passes is False and one.more_needed:
            state = f"还差 {figure_text(one.more_needed, one.unit)}"
        mark = sign_html(HOLDS) if one.passes else "<span class='sign open'>?</span>"
        if one.passes is False:
            mark = "<span class='sign fails'>✗</span>"
        lines.append(f"<span class='measure'>{mark}{escape(one.name)}{state}</span>")
    return f"<div class='measures'>{''.join(lines)}</div>{verdict_html(found.verdict)}"
