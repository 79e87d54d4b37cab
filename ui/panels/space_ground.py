"""Tab 空地: what is left of the ground, what was taken off it and by which rule, and what nobody has mapped."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from data.ground import GroundOf
from data.ground_settings import GREENS, GROUND_KINDS, GroundSettings
from layers.space_colors import OPEN, Look, ground_look
from policy.figures import Basis, Figure
from policy.ground_rules import ground_rules
from policy.wording import format_area, format_share
from ui import messages, page_links, search, session, space_ground, space_page, space_settings
from ui.panels import space_ground_form, space_scope
from ui.panels.space_looks import head, notes, swatch_html
from ui.scene import Scene
from ui.space_overlay import LEAST_M2
from ui.space_scope import Scope
from ui.words import safe

__all__ = ["show", "waiting"]

PANEL = "space_ground"
MOST_NAMED = 4
# From here on the large figures are in 万㎡; the table has them to the square metre.
MANY_M2 = 1_000_000.0


def show(scene: Scene, scope: Scope) -> None:
    """Draw the tab."""
    if not scope.uids:
        space_scope.empty(scene)
        return
    # Always there: while the page waits it is drawn again and again, and what has no successor stays in sight.
    top, body = st.container(), st.container()
    ground = space_ground.found(scene, scope)
    with top:
        if ground is None:
            waiting(scene, scope)
    with body:
        if ground is not None:
            _figures(scene, scope, ground)
        with st.expander("空地设置", key=session.widget(PANEL, "settings")):
            notes(space_settings.unreadable(scene.view))
            space_ground_form.show(scene)


def waiting(scene: Scene, scope: Scope) -> None:
    """Draw how far it is, or why it could not be done."""
    problem = space_ground.why_not(scene, scope)
    if problem:
        st.error(safe(problem))
        return
    if not search.under_way(space_ground.KIND, scene):
        st.button(
            "计算空地",
            type="primary",
            width="stretch",
            key=session.widget(PANEL, "again"),
            on_click=space_ground.again,
        )
        return
    st.progress(*search.progress_of(space_ground.KIND, scene))
    st.button(
        "停止",
        width="stretch",
        key=session.widget(PANEL, "stop"),
        on_click=messages.guarded(space_ground.halt),
    )


def _figures(scene: Scene, scope: Scope, ground: GroundOf) -> None:
    lacking = space_ground.needs_bare(scene, scope)
    counted = ground.ground.areas.loc[~ground.ground.areas.index.isin(lacking)]
    if lacking:
        _without_buildings(scene, ground, lacking, whole=not len(counted))
    sums = counted.sum()
    if len(counted) and sums["area_m2"] > 0:
        _heads(ground, counted, sums)
        st.html(_table(sums, space_settings.ground_settings(scene.view)))
    notes(space_ground.notes_of(scene, scope, ground))
    declared = [uid for uid in scope.uids if uid in space_page.bare()]
    if declared:
        st.button(
            f"撤回“没有建筑”的声明（{len(declared):,} 个小区）",
            type="tertiary",
            key=session.widget(PANEL, "not_bare"),
            on_click=space_page.assert_bare,
            args=(declared,),
            kwargs={"yes": False},
        )


def _heads(ground: GroundOf, counted: pd.DataFrame, sums: pd.Series) -> None:
    paved = space_ground.paved_m2(ground, counted.index)
    head(
        [
            (
                "空地",
                *_large(sums["open_m2"]),
                f"占 {format_share(sums['open_m2'] / sums['area_m2'])}",
            ),
            ("小区用地", *_large(sums["area_m2"]), f"{len(counted):,} 个小区"),
            ("空地里已铺装", *_large(paved), "优先用来停车"),
        ]
    )


def _large(area_m2: float) -> tuple[str, str]:
    """Give an area and its unit, as short as a third of the panel is wide."""
    if area_m2 < MANY_M2:
        return format_area(area_m2), "㎡"
    return f"{area_m2 / 10_000:,.0f}", "万㎡"


def _table(sums: pd.Series, settings: GroundSettings) -> str:
    total = sums["area_m2"]
    held = {kind: sums.get(kind, 0.0) for kind in GROUND_KINDS}
    rows = [
        _row(ground_look(kind), GROUND_KINDS[kind], _rule(kind, settings), area, total=total)
        for kind, area in held.items()
        if area >= LEAST_M2
    ]
    rows.append(
        _row(OPEN, "空地", "以上都扣掉以后剩下的", sums["open_m2"], total=total, kind="sum")
    )
    none = [GROUND_KINDS[kind] for kind, area in held.items() if area < LEAST_M2]
    nothing = f"<div class='quiet'>没有扣到：{'、'.join(none)}。</div>" if none else ""
    return (
        "<div class='space-part'>扣除（按先后，每块地只扣一次）</div>"
        f"<table class='ground'>{''.join(rows)}</table>{nothing}"
    )


def _row(look: Look, title: str, rule: str, area: float, *, total: float, kind: str = "") -> str:
    return (
        f"<tr class='{kind}'><td class='swatch'>{swatch_html(look)}</td>"
        f"<td>{escape(title)}<div class='rule'>{rule}</div></td>"
        f"<td class='figure'>{format_area(area)} ㎡</td>"
        f"<td class='figure'>{format_share(area / total)}</td></tr>"
    )


def _rule(kind: str, settings: GroundSettings) -> str:
    """Say what is taken by a deduction, how much in this plan, and the clause."""
    text = next(one.text for one in ground_rules().deductions if one.id == kind)
    if kind == "green":
        return escape(GREENS[settings.green])
    value, basis = settings.rules[kind]
    if value is None or basis is None:
        return escape(text)
    return f"{escape(text)}：{value:g} 米{_own(value, basis)} <span class='clause'>{escape(basis.cited)}</span>"


def _own(value: float, basis: Basis) -> str:
    own = isinstance(basis, Figure) and basis.value != value
    return f"（本计划取值，起始 {basis.value:g} 米）" if own else ""


def _without_buildings(scene: Scene, ground: GroundOf, lacking: list[str], *, whole: bool) -> None:
    names = [
        safe(scene.view.frame.loc[uid, "name"] or "未命名小区") for uid in lacking[:MOST_NAMED]
    ]
    more = f"等 {len(lacking):,} 个小区" if len(lacking) > MOST_NAMED else ""
    rest = "" if whole else "，不计入下面的合计"
    st.warning(
        f"{_what_lacks(ground, lacking)}：{'、'.join(names)}{more}。图上没有的建筑，占地都会被当成空地，"
        f"所以不给数字{rest}。"
    )
    said = "没有更多建筑" if _few(ground, lacking) else "没有建筑"
    left, right = st.columns(2)
    with left:
        page_links.button("去导入建筑", "data", key=session.widget(PANEL, "import"))
    with right.popover(f"这里{said}…", width="stretch"):
        st.markdown(f"确认这里真的{said}（例如停车场、拆空的地块），就按图上画出的来算。")
        st.button(
            f"确认：{len(lacking):,} 个小区{said}",
            type="primary",
            width="stretch",
            key=session.widget(PANEL, "bare"),
            on_click=space_page.assert_bare,
            args=(lacking,),
        )


def _what_lacks(ground: GroundOf, lacking: list[str]) -> str:
    few = _few(ground, lacking)
    if not few:
        return "没有建筑数据"
    return "建筑数据不全" if few == len(lacking) else "没有建筑数据或建筑不全"


def _few(ground: GroundOf, lacking: list[str]) -> int:
    return int(ground.buildings.reindex(lacking).gt(0).sum())
