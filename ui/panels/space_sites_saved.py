"""Sites that are saved in the plan: listed, shown on the map, given rooms and works, taken away."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from data.site_records import SiteWork, set_site_works
from policy.wording import YUAN_PER_WAN, format_area, format_count, format_wan
from ui import messages, session, space_sites, visit
from ui.panels.space_sites_result import AROUND_DEG
from ui.scene import Scene

__all__ = ["show"]

PANEL = "space_sites_saved"
MOST_ROWS = 60
NAME, AREA, MONEY = "用房或工程", "面积（㎡）", "金额（万元）"
MOST_PEOPLE = 10_000_000


def show(scene: Scene) -> None:
    """Draw the list."""
    sites = space_sites.saved(scene)
    if not len(sites):
        st.info("计划里还没有选址。在“选址”里算出方案后保存，就列在这里，也画在图上。")
        return
    for kind, rows in sites.groupby(sites["kind"].fillna("其他"), sort=True):
        st.html(f"<div class='space-part'>{escape(str(kind))}（{len(rows):,} 处）</div>")
        for uid, row in rows.head(MOST_ROWS).iterrows():
            _row(scene, str(uid), row)


def _row(scene: Scene, uid: str, row: pd.Series) -> None:
    with st.container(key=f"space_saved_site_{uid}", horizontal=True, vertical_alignment="center"):
        st.html(_words(scene, row))
        st.button(
            "定位",
            key=session.widget(PANEL, "go", uid),
            on_click=space_sites.show_site,
            args=(uid, _bounds(row)),
        )
        st.button(
            "建设内容",
            key=session.widget(PANEL, "works", uid),
            on_click=_open,
            args=(uid,),
            help="教室、食堂等用房或工程，各有面积和金额",
        )
        st.button(
            "删除",
            key=session.widget(PANEL, "delete", uid),
            on_click=messages.guarded(space_sites.delete),
            args=(uid,),
        )
    if session.get(session.CONFIRM) == ("site_works", uid):
        _works(scene, uid, row)


def _words(scene: Scene, row: pd.Series) -> str:
    names, told = scene.view.frame["name"], []
    if pd.notna(row["compound_uid"]):
        told.append(str(names.get(row["compound_uid"], "")) or "未命名小区")
    if pd.notna(row["site_m2"]):
        told.append(f"用地 {format_area(row['site_m2'])} ㎡")
    if pd.notna(row["households"]):
        told.append(f"服务 {format_count(row['households'])} 户")
    if pd.notna(row["population"]):
        told.append(f"{format_count(row['population'])} 人")
    if row["works"]:
        money = "" if pd.isna(row["works_yuan"]) else f" {format_wan(row['works_yuan'])} 万元"
        told.append(f"建设内容 {len(row['works'])} 项{money}")
    flags = "".join(f"<div class='site-flag'>{escape(text)}</div>" for text in row["remarks"])
    name = row["name"] if isinstance(row["name"], str) else "未命名选址"
    return f"<div class='site-row'><b>{escape(name)}</b><div class='quiet'>{escape('，'.join(told))}</div>{flags}</div>"


def _bounds(row: pd.Series) -> tuple[float, float, float, float] | None:
    if row["geometry"] is None or row["geometry"].is_empty:
        return None
    west, south, east, north = row["geometry"].bounds
    return west - AROUND_DEG, south - AROUND_DEG, east + AROUND_DEG, north + AROUND_DEG


def _open(uid: str) -> None:
    shown = session.get(session.CONFIRM) == ("site_works", uid)
    session.put(session.CONFIRM, None if shown else ("site_works", uid))


def _works(scene: Scene, uid: str, row: pd.Series) -> None:
    """Fill in rooms and works, as of a school: 教室, 食堂, 运动场, each with its area and sum."""
    version = int(row["version"])
    table = pd.DataFrame(
        [{NAME: one.name, AREA: one.area_m2, MONEY: _wan(one.yuan)} for one in row["works"]],
        columns=[NAME, AREA, MONEY],
    ).astype({NAME: object, AREA: float, MONEY: float})
    with st.form(f"{PANEL}_{uid}_{version}", border=True):
        typed = st.data_editor(
            table,
            num_rows="dynamic",
            hide_index=True,
            width="stretch",
            key=session.widget(PANEL, "table", uid, version),
            column_config={
                AREA: st.column_config.NumberColumn(min_value=0.0, format="%g"),
                MONEY: st.column_config.NumberColumn(min_value=0.0, format="%g"),
            },
        )
        people = st.number_input(
            "服务人口（人）",
            min_value=0,
            max_value=MOST_PEOPLE,
            value=None if pd.isna(row["population"]) else int(row["population"]),
            step=1,
            placeholder="未知",
            key=session.widget(PANEL, "people", uid, version),
        )
        if st.form_submit_button("保存建设内容", type="primary", width="stretch"):
            messages.guarded(_save)(scene, uid, typed, people)
            st.rerun()


def _wan(yuan: int | None) -> float | None:
    return None if yuan is None else yuan / float(YUAN_PER_WAN)


def _save(scene: Scene, uid: str, typed: pd.DataFrame, people: int | None) -> None:
    filled = typed.dropna(how="all")
    works = [
        SiteWork(
            name="" if pd.isna(row[NAME]) else str(row[NAME]).strip(),
            area_m2=_number(row[AREA]),
            yuan=None if pd.isna(row[MONEY]) else round(float(row[MONEY]) * float(YUAN_PER_WAN)),
        )
        for row in filled.to_dict("records")
    ]
    set_site_works(scene.plan, uid, works, visit.current().actor, population=people)
    session.put(session.CONFIRM, None)
    messages.done("已保存建设内容（可撤销）")


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
