"""小区: the card of one compound with all attributes and the planned works, and the way to its form."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from data.schema import CONTRIBUTION_FIELDS, FIELDS, GRANT_FIELDS
from layers.themes_verdicts import COLORS, GROUP
from policy import catalogue, money
from policy.verdicts import HOLDS, SIGNS, STATES, worst
from policy.wording import UNKNOWN, format_per_household
from ui import edits, judged, map_tool, page_links, policy_page
from ui.panels import record_form, shaping
from ui.scene import Scene
from ui.words import field_text, wan

__all__ = ["show"]

MONEY = ("investment_yuan", *GRANT_FIELDS, *CONTRIBUTION_FIELDS)
PLACE = ("subdistrict", "community", "kind", "built_on")
SIZE = ("households", "building_count", "floor_area_m2", "stalls_existing", "stalls_new")
OTHER = ("review_number", "remarks", "boundary_state", "area_geodesic_m2")
# Judging more than these takes longer than a click may; the page 政策 says so while it does.
MOST_JUDGED = 20_000
TAGS = {"基础": "basic", "完善": "improve", "提升": "enhance"}


def show(scene: Scene) -> None:
    """Draw the card, or the form if it is being edited."""
    uid = scene.workspace.card
    if uid is None or uid not in scene.view.frame.index:
        st.info("在地图或表格中点选一个小区，这里显示它的资料。")
        return
    if record_form.edited() == uid:
        record_form.show()
        return
    record = scene.record(uid)
    _head(record)
    _admission(scene, uid)
    _buttons(scene, record)
    st.html(_table(scene, record))
    st.markdown("##### 计划改造内容")
    st.html(_works(record["works_text"], scene.theme_options["rules"]))


def _head(record: pd.Series) -> None:
    mark = ""
    if record["boundary_state"] == "示意" and record["geometry"] is not None:
        mark = '<span class="schematic">边界为示意</span>'
    elif record["geometry"] is None:
        mark = '<span class="schematic">无边界</span>'
    st.html(f"<h4 style='margin:0'>{escape(str(record['name'] or '未命名小区'))}{mark}</h4>")


def _admission(scene: Scene, uid: str) -> None:
    """Say in a line whether the compound may go in, with the clause, and lead to the reasons."""

    def before() -> None:
        edits.select([uid])
        policy_page.keep("check", policy_page.OWN_VERDICTS)
        policy_page.turn(policy_page.CHECK)

    with st.container(horizontal=True, gap="xsmall", key="record_admission"):
        st.html(_admission_line(scene, uid))
        page_links.button("看判定", "policy", key="record_policy", before=before)


def _admission_line(scene: Scene, uid: str) -> str:
    if len(scene.view.frame) > MOST_JUDGED:
        return ""
    judgement = judged.readable_judgement(scene)
    if judgement is None:
        return ""
    rows = [one for one in judgement.rows if one.rule.group == GROUP]
    verdicts = [one for one in judgement.verdicts(uid) if one.rule in {r.rule.id for r in rows}]
    if not verdicts:
        return f"<span class='clause'>{escape(judgement.profile.title)}没有准入规则</span>"
    state = worst(one.state for one in verdicts)
    reasons = [f"{escape(one.title)}{escape(one.clause)}" for one in verdicts if one.state == state]
    more = f" 等 {len(reasons)} 条" if len(reasons) > 1 else ""
    why = "" if state == HOLDS else f"<span class='clause'>　{reasons[0]}{more}</span>"
    color = COLORS[STATES.index(state)]
    mark = f"<b style='border-left: 4px solid {color}; padding-left: 6px'>{SIGNS[state]} 准入：{state}</b>"
    return f"<div style='font-size:13px; line-height:18px'>{mark}{why}</div>"


def _buttons(scene: Scene, record: pd.Series) -> None:
    uid, drawn = str(record.name), record["geometry"] is not None
    with st.container(horizontal=True, gap="xsmall", key="record_buttons"):
        st.button(
            "编辑资料", key="record_edit", type="primary", on_click=record_form.begin, args=(uid,)
        )
        st.button(
            "改边界" if drawn else "在地图上画",
            key="record_boundary",
            on_click=map_tool.edit_boundary if drawn else map_tool.draw_boundary,
            args=(uid,),
        )
        st.button(
            "分割",
            key="record_split",
            disabled=not drawn,
            on_click=map_tool.split,
            args=(uid,),
            help="在地图上画一条线，把小区分成几块",
        )
        if st.button("删除", key="record_delete"):
            shaping.ask_delete(scene, [uid])


def _table(scene: Scene, record: pd.Series) -> str:
    rows = [_row(name, record) for name in PLACE]
    rows.append(_line("所属片区", _pianqu(scene, record)))
    rows.append(_heading("规模"))
    rows += [_row(name, record) for name in SIZE]
    rows.append(_heading("资金"))
    rows += [_row(name, record) for name in MONEY if name in _said(record)]
    rows += _sums(record)
    rows.append(_heading("其他"))
    rows += [_row(name, record) for name in OTHER]
    rows.append(_line("标识码", str(record.name)))
    rows.append(_line("版本", f"{record['version']}（{record['edited_by'] or UNKNOWN}）"))
    extra = record["extra"] if isinstance(record["extra"], dict) else {}
    if extra:
        rows.append(_heading("台账其他列"))
        rows += [_line(str(k), str(v)) for k, v in extra.items()]
    return f"<table class='record'>{''.join(rows)}</table>"


def _said(record: pd.Series) -> set[str]:
    """Money that the ledger says something about; columns nobody has filled would only be a wall of 未知."""
    always = {"investment_yuan", "grant_central_yuan", "grant_provincial_yuan"}
    return always | {name for name in MONEY if not pd.isna(record[name])}


def _sums(record: pd.Series) -> list[str]:
    frame = pd.DataFrame([record[[*MONEY, "households"]]])
    grant = money.grant_yuan(frame)
    per = [
        ("户均投资", money.per_household(frame["investment_yuan"], frame["households"])),
        ("户均补助", money.per_household(grant, frame["households"])),
    ]
    lines = [
        _line("补助合计", wan(grant.iloc[0])),
        _line("资金缺口", wan(money.funding_gap_yuan(frame).iloc[0], none="0.0 万元")),
    ]
    for title, value in per:
        text = format_per_household(value.iloc[0])
        lines.append(_line(title, text if text == UNKNOWN else f"{text} 元/户"))
    return lines


def _pianqu(scene: Scene, record: pd.Series) -> str:
    uid = record["pianqu_uid"]
    if not isinstance(uid, str) or uid not in scene.view.pianqu.index:
        return "未分组"
    return str(scene.view.pianqu.loc[uid, "name"])


def _row(name: str, record: pd.Series) -> str:
    return _line(FIELDS[name].title, field_text(name, record))


def _line(title: str, text: str) -> str:
    shown = escape(text)
    if text == UNKNOWN:
        shown = f"<span class='unknown'>{UNKNOWN}</span>"
    return f"<tr><td>{escape(title)}</td><td>{shown}</td></tr>"


def _heading(title: str) -> str:
    return f"<tr class='head'><td colspan='2'>{title}</td></tr>"


def _clause(found: catalogue.WorkClass | None) -> str:
    """Where the class stands in the plan; an own judgement says so."""
    if found is None:
        return ""
    title = catalogue.rules_titles().get(found.document, found.document)
    said = f"{found.section} {found.item}" if not found.judged else f"本工具归类：{found.item}"
    return f" <span title='{escape(title)}'>〔{escape(said)}〕</span>"


def _works(text: str | None, rules: str) -> str:
    """List the planned works with their classes; words that were not read are shown, not dropped."""
    if not isinstance(text, str) or not text.strip():
        return "<span class='unknown'>台账未填</span>"
    reading = catalogue.read_works(text)
    titles = catalogue.work_titles()
    lines = []
    for item in reading.items:
        found = catalogue.work_class(item.work, rules)
        kind = found.name if found else catalogue.UNLISTED
        raw = f"　{escape(item.raw)}" if item.raw != titles[item.work] else ""
        lines.append(
            f"<li><span class='tag {TAGS.get(kind, 'other')}'>{escape(kind)}</span>"
            f"{escape(titles[item.work])}<span class='clause'>{raw}{_clause(found)}</span></li>"
        )
    lines += [
        f"<li><span class='tag other'>未识别</span>{escape(words)}</li>" for words in reading.unread
    ]
    return f"<ul class='works'>{''.join(lines)}</ul>"
