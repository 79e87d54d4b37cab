"""Sites that were chosen and wait to be saved: what they change, how good they are known to be, one by one."""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd
import streamlit as st

from data.site_proposal import SiteProposal
from data.site_settings import SOURCES
from geo.crs import to_cgcs2000
from policy.facility_rules import facility_rules
from policy.wording import UNKNOWN, format_area, format_count, format_share
from ui import messages, session, space_sites
from ui.panels.space_looks import head, notes
from ui.scene import Scene
from ui.space_sites_overlay import site_uid

__all__ = ["show"]

PANEL = "space_sites_result"
MOST_ROWS = 40
# Around a site that the map goes to, in degrees: about 150 m.
AROUND_DEG = 0.0015

Bounds = tuple[float, float, float, float]


def show(scene: Scene, held: SiteProposal) -> None:
    """Draw the result."""
    stale = space_sites.is_stale(scene, held)
    if stale:
        notes(["计划在选址算出之后又有修改，方案已过时，图上不再显示。请重新计算。"], "refused")
    elif held.settings != space_sites.asked(scene.view):
        notes(["选址要求已改，下面仍是按原要求算的；要按新的要求请重新计算。"])
    _heads(held)
    st.html(f"<div class='quiet'>{escape(held.proof)}　{escape(held.settings.words)}</div>")
    if len(held.sites):
        # Over the list: whoever agrees need not scroll for it.
        _buttons(scene, held, stale=stale)
    notes(held.notes)
    if len(held.sites):
        _list(held)
    else:
        st.button(
            "收起结果",
            width="stretch",
            key=session.widget(PANEL, "drop"),
            on_click=space_sites.forget,
        )


def _heads(held: SiteProposal) -> None:
    after, before, every = held.covered_after, held.covered_before, held.households
    if after is None or before is None or not every:
        compounds = held.compounds
        figures = (
            "有服务的小区",
            f"{int(compounds['before'].sum()):,} → {int(compounds['after'].sum()):,}",
            "个",
            f"共 {len(compounds):,} 个，户数{UNKNOWN}",
        )
    else:
        figures = (
            "有服务的户数",
            f"{format_count(before)} → {format_count(after)}",
            "户",
            f"{format_share(before / every)} → {format_share(after / every)}",
        )
    left = held.unserved
    head([figures, ("新选址", format_count(len(held.sites)), "处", f"仍缺 {len(left):,} 个小区")])


def _list(held: SiteProposal) -> None:
    opinion = facility_rules().opinion
    shapes = to_cgcs2000(held.sites.geometry, str(held.epsg))
    st.html("<div class='space-part'>选址（按服务户数）</div>")
    for (number, row), shape in list(zip(held.sites.iterrows(), shapes, strict=True))[:MOST_ROWS]:
        _row(int(str(number)), row, _around(shape.bounds))
    if len(held.sites) > MOST_ROWS:
        st.caption(f"另有 {len(held.sites) - MOST_ROWS:,} 处，见地图。")
    if held.sites["opinion"].any():
        st.html(
            f"<div class='quiet'>需征求意见：{escape(opinion.text)} "
            f"<span class='clause'>{escape(opinion.cited)}</span>；正午日影只是初筛，不代替日照分析。</div>"
        )


def _row(number: int, row: pd.Series, bounds: Bounds) -> None:
    chosen = space_sites.chosen_site() == site_uid(number)
    with st.container(
        key=f"space_saved_new_{number}", horizontal=True, vertical_alignment="center"
    ):
        st.html(_words(number, row, chosen=chosen))
        st.button(
            "定位",
            key=session.widget(PANEL, "go", number),
            on_click=space_sites.show_site,
            args=(site_uid(number), bounds),
        )


def _words(number: int, row: pd.Series, *, chosen: bool) -> str:
    name = row["name"] if isinstance(row["name"], str) else SOURCES[row["source"]]
    told = [SOURCES[row["source"]]]
    if not np.isnan(row["width_m"]):
        told.append(
            f"{row['length_m']:.0f} × {row['width_m']:.0f} 米，{format_area(row['site_m2'])} ㎡"
        )
    told.append(f"{len(row['compounds']):,} 个小区 {format_count(row['households'])} 户")
    if not np.isnan(row["mean_m"]):
        told.append(f"平均 {row['mean_m']:,.0f} 米")
    flags = "".join(f"<div class='site-flag'>{escape(flag)}</div>" for flag in row["remarks"])
    asked = "<span class='sign open'>需征求意见</span>" if row["opinion"] else ""
    return (
        f"<div class='site-row{' shown' if chosen else ''}'><b>{number}　{escape(name)}</b> {asked}"
        f"<div class='quiet'>{escape('，'.join(told))}</div>{flags}</div>"
    )


def _around(bounds: Bounds) -> Bounds:
    west, south, east, north = bounds
    return west - AROUND_DEG, south - AROUND_DEG, east + AROUND_DEG, north + AROUND_DEG


def _buttons(scene: Scene, held: SiteProposal, *, stale: bool) -> None:
    mine = space_sites.saved(scene)
    before = int((mine["kind"].eq(held.settings.kind.title) & mine["settings"].notna()).sum())
    replacing = False
    if before:
        replacing = st.checkbox(
            f"替换已存的 {before:,} 处{held.settings.kind.title}选址",
            key=session.widget(PANEL, "replace"),
        )
    left, right = st.columns([3, 2])
    left.button(
        "保存到计划",
        type="primary",
        width="stretch",
        disabled=stale,
        key=session.widget(PANEL, "save"),
        on_click=messages.guarded(space_sites.save),
        kwargs={"replacing": replacing},
        help="写进图层“选址”，一次操作，可撤销",
    )
    right.button(
        "放弃", width="stretch", key=session.widget(PANEL, "drop"), on_click=space_sites.forget
    )
