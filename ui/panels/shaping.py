"""Dialogs before a boundary or a record is made, cut, joined or deleted: what will be, and the planner's word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st
from shapely.geometry.base import BaseGeometry

from data.schema import FIELDS
from errors import PlanningError
from geo.measure import area_geodesic_m2
from policy.wording import format_area
from ui import edits, map_tool, messages, session
from ui.reshaping import STORED_CRS, Joined, Parted, join_compounds
from ui.scene import Scene
from ui.words import field_text, safe

__all__ = ["ask_delete", "ask_join", "ask_name", "ask_part", "show_pending"]

# Figures that are worth comparing before and after.
FIGURES = (
    "households",
    "building_count",
    "floor_area_m2",
    "investment_yuan",
    "grant_central_yuan",
    "grant_provincial_yuan",
    "stalls_existing",
)
MAX_NAME_CHARS = 80
MANY = 200


def ask_name(shape: BaseGeometry) -> None:
    """Ask for the name of a compound that was drawn and has no row; shown at the next run."""
    session.put(session.DRAFT, shape)


def ask_part(parted: Parted) -> None:
    """Show what a cut would give; shown at the next run."""
    session.put(session.DRAFT, parted)


def show_pending(scene: Scene) -> None:
    """Open the dialog of what waits for the planner's word."""
    draft = session.get(session.DRAFT)
    if isinstance(draft, BaseGeometry):
        _name_dialog(draft)
    elif isinstance(draft, Parted):
        _part_dialog(scene, draft)


def _forget_draft() -> None:
    session.take(session.DRAFT)
    map_tool.rest()


def _carry_out(action: Any, *args: Any, **kwargs: Any) -> None:
    """Do what was asked for and close the dialog; an error is shown over the page."""
    messages.guarded(action)(*args, **kwargs)
    session.take(session.DRAFT)
    map_tool.rest()
    st.rerun()


@st.dialog("新小区", on_dismiss=_forget_draft)
def _name_dialog(shape: BaseGeometry) -> None:
    area = area_geodesic_m2(gpd.GeoSeries([shape], crs=STORED_CRS)).iloc[0]
    st.markdown(f"画好的边界面积 {format_area(area)} ㎡，还没有对应的台账记录。")
    with st.form("new_compound", border=False):
        name = st.text_input("小区名称", max_chars=MAX_NAME_CHARS)
        pressed = st.form_submit_button("新建小区", type="primary")
    if pressed and name.strip():
        _carry_out(edits.new_compound, name.strip(), shape)
    elif pressed:
        st.error("请先填写小区名称。")


@st.dialog("分割小区", width="medium", on_dismiss=_forget_draft)
def _part_dialog(scene: Scene, parted: Parted) -> None:
    before = scene.record(parted.uid)
    st.markdown(
        f"“{safe(before['name'])}”将分为 {len(parted.records)} 块。"
        "户数、面积和资金按块的面积分摊，合计与原来一致；分割后可逐块修改，也可撤销。"
    )
    columns = {"原小区": before} | {
        f"第 {k + 1} 块": pd.Series(r) for k, r in enumerate(parted.records)
    }
    table = _figures(columns)
    table.loc["边界面积"] = [
        f"{format_area(sum(parted.areas_m2))} ㎡",
        *(f"{format_area(area)} ㎡" for area in parted.areas_m2),
    ]
    st.table(table)
    names = [
        st.text_input(f"第 {k + 1} 块名称", value=record["name"], key=session.widget("part", k))
        for k, record in enumerate(parted.records)
    ]
    if st.button("分割", type="primary", disabled=not all(n.strip() for n in names)):
        for record, name in zip(parted.records, names, strict=True):
            record["name"] = name.strip()
        _carry_out(edits.part, parted, name=str(before["name"]))


def ask_join(scene: Scene, uids: Sequence[str]) -> None:
    """Show what joining compounds would give, and join them when the planner says so."""
    try:
        joined = join_compounds(scene.view.frame.loc[list(uids)])
    except PlanningError as error:
        st.error(safe(error))
        return
    _join_dialog(scene, joined)


@st.dialog("合并小区", width="medium")
def _join_dialog(scene: Scene, joined: Joined) -> None:
    records = scene.view.frame.loc[list(joined.versions)]
    st.markdown(
        f"{len(records)} 个小区将合并为一个，保留“{safe(records.iloc[0]['name'])}”的标识码和街道、"
        "社区、建成日期；户数、面积和资金相加。可撤销。"
    )
    if joined.unknown:
        titles = "、".join(FIELDS[name].title for name in joined.unknown)
        st.warning(f"有的小区没有这些数，合并后为“未知”：{titles}。")
    columns = {str(r["name"]): r for _, r in records.head(4).iterrows()}
    st.table(_figures(columns | {"合并后": pd.Series(joined.record)}))
    name = st.text_input("合并后的名称", value=joined.record["name"], key="join_name")
    if st.button("合并", type="primary", disabled=not name.strip()):
        _carry_out(edits.join, joined, name=name.strip())


def ask_delete(scene: Scene, uids: Sequence[str]) -> None:
    """Ask before compounds are deleted."""
    _delete_dialog(scene, list(uids))


@st.dialog("删除小区")
def _delete_dialog(scene: Scene, uids: list[str]) -> None:
    records = scene.view.frame.loc[uids]
    names = [str(n) for n in records["name"].head(5)]
    more = f" 等 {len(uids)} 个小区" if len(uids) > len(names) else ""
    st.markdown(f"将删除 **{safe('、'.join(names))}**{more}的资料和边界。删除后可用“撤销”恢复。")
    sure = len(uids) < MANY or st.checkbox(f"确认删除 {len(uids):,} 个小区")
    if st.button("删除", type="primary", disabled=not sure):
        versions = {str(u): int(v) for u, v in records["version"].items()}
        _carry_out(edits.delete, versions, name=names[0] + (f"等 {len(uids)} 个" if more else ""))


def _figures(columns: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            title: {FIELDS[name].title: field_text(name, record) for name in FIGURES}
            for title, record in columns.items()
        }
    )
