"""Tab 表单: which form, for whom, and the two files of it."""

from __future__ import annotations

import datetime as dt
from functools import partial

import streamlit as st

from errors import PlanningError
from ui import filtering, policy_page, session
from ui.panels.switch import switch
from ui.policy_figures import preview_table
from ui.policy_reports import (
    CHECKLIST,
    DUTIES,
    FORMATS,
    FORMS,
    MONTHLY,
    FormOrder,
    form_of,
    lists_of,
)
from ui.policy_scene import PolicyScene
from ui.words import grouped, safe

__all__ = ["show"]

PANEL = "policy_forms"
ALL, SHOWN, SELECTED, PIANQU = "全部", "筛选后", "所选", "片区"
MONTHS = 18
PREVIEW_ROWS = 200
# A form is read by people; more rows than these are a table for 出图.
MOST = 5_000
SAYS = {
    DUTIES: "按这些小区要做的改造内容，列出方案写明由谁负责。",
    CHECKLIST: "逐个小区列出申报材料：有、缺、还没有填写。材料在“核对 · 小区情况”里填。",
    MONTHLY: "开工、竣工、进度和拨付。进度记录没有的，写“未知”，不当作 0。",
}


def show(scene: PolicyScene) -> None:
    """Draw the choices and the downloads."""
    if not len(scene.view.frame):
        st.info("这个计划里还没有小区。请到“数据”页导入台账或边界，或在“总图”上画。")
        return
    form = _form()
    uids, area = _range(scene)
    order = FormOrder(
        form=form,
        uids=uids,
        area=area,
        month=_month() if form == MONTHLY else "",
        rule=_list(scene) if form == CHECKLIST else "",
    )
    _downloads(scene, order)


def _form() -> str:
    form = switch(
        "哪一份",
        FORMS,
        policy_page.held("form"),
        lambda chosen: policy_page.keep("form", chosen),
        key=session.widget(PANEL, "form"),
        place="policy_form",
    )
    st.caption(SAYS[form])
    return form


def _range(scene: PolicyScene) -> tuple[tuple[str, ...], str]:
    """Compounds that the form is for, and what they are called together."""
    frame = scene.view.frame
    counts = {ALL: len(frame)}
    if filtering.active(scene.workspace.filters):
        counts[SHOWN] = int(scene.shown.sum())
    if scene.selection:
        counts[SELECTED] = len(scene.selection)
    if len(scene.view.pianqu):
        counts[PIANQU] = len(scene.view.pianqu)
    key = session.widget(PANEL, "range")
    if st.session_state.get(key) not in counts:
        st.session_state[key] = SELECTED if SELECTED in counts else ALL
    choice = st.segmented_control(
        "给哪些小区",
        list(counts),
        key=key,
        required=True,
        format_func=lambda name: f"{name} {grouped(counts[name])}",
    )
    if choice == PIANQU:
        return _of_pianqu(scene)
    if choice == SELECTED:
        return tuple(scene.selection), _called(scene, scene.selection)
    if choice == SHOWN:
        return tuple(map(str, frame.index[scene.shown])), f"{scene.view.name}（筛选）"
    return tuple(map(str, frame.index)), scene.view.name


def _of_pianqu(scene: PolicyScene) -> tuple[tuple[str, ...], str]:
    names = scene.view.pianqu["name"].to_dict()
    uid = st.selectbox(
        "哪个片区",
        list(names),
        format_func=lambda one: names.get(one, str(one)),
        key=session.widget(PANEL, "pianqu"),
        filter_mode=None,
    )
    frame = scene.view.frame
    members = frame.index[frame["pianqu_uid"].eq(uid).fillna(False)]
    return tuple(map(str, members)), str(names[uid])


def _called(scene: PolicyScene, uids: list[str]) -> str:
    if len(uids) == 1:
        return str(scene.record(uids[0])["name"] or "未命名小区")
    held = scene.view.frame.loc[uids, "pianqu_uid"].dropna().unique()
    members = scene.view.frame["pianqu_uid"].eq(held[0]).fillna(False) if len(held) == 1 else None
    if members is not None and int(members.sum()) == len(uids):
        return str(scene.view.pianqu.loc[held[0], "name"])
    return f"{scene.view.name}（所选 {len(uids):,} 个小区）"


def _month() -> str:
    today = dt.date.today()
    months = [
        f"{(today.year * 12 + today.month - 1 - k) // 12}-{(today.month - 1 - k) % 12 + 1:02d}"
        for k in range(MONTHS)
    ]
    chosen = st.selectbox(
        "哪个月",
        months,
        format_func=lambda one: f"{one[:4]}年{int(one[5:])}月",
        key=session.widget(PANEL, "month"),
        filter_mode=None,
    )
    return str(chosen)


def _list(scene: PolicyScene) -> str:
    lists = lists_of(scene.profile)
    titles = {rule.name: f"{rule.title}{rule.clause}" for rule in lists}
    chosen = st.selectbox(
        "哪份材料清单",
        list(titles),
        format_func=lambda one: titles.get(one, str(one)),
        key=session.widget(PANEL, "list", scene.profile.id),
        filter_mode=None,
    )
    return str(chosen)


def _downloads(scene: PolicyScene, order: FormOrder) -> None:
    today = dt.date.today()
    if len(order.uids) > MOST:
        st.warning(f"{len(order.uids):,} 个小区太多，一份表单最多 {MOST:,} 个。请先选片区或筛选。")
        return
    try:
        with st.spinner("正在生成表单…"):
            report = scene.loaded.kept(
                ("form", scene.view.revision, scene.profile.id, order, today),
                partial(form_of, scene, order, today=today),
            )
    except PlanningError as error:
        st.warning(safe(str(error)))
        return
    columns = st.columns(len(FORMATS))
    for column, (ending, (write, mime)) in zip(columns, FORMATS.items(), strict=True):
        column.download_button(
            f"下载 {ending}",
            partial(write, report),
            file_name=f"{_file(report.title)}_修订{scene.view.edition}_{today:%Y%m%d}.{ending}",
            mime=mime,
            type="primary" if ending == "xlsx" else "secondary",
            width="stretch",
            on_click="ignore",
            key=session.widget(PANEL, ending),
        )
    st.markdown(f"##### {safe(report.title)}")
    for line in (*report.subtitles, *report.notes):
        st.caption(safe(line))
    st.dataframe(
        preview_table(report, PREVIEW_ROWS),
        height=220,
        hide_index=True,
        row_height=28,
        key=session.widget(PANEL, "preview", order.form),
    )


def _file(title: str) -> str:
    """Title as part of a file name: what systems do not take in names is left out."""
    kept = "".join(sign for sign in title if sign.isprintable() and sign not in '\\/:*?"<>|')
    return kept.strip(" .")[:80] or "表单"
