"""The table under the map of 空间: what the open tab is about, a line a compound."""

from __future__ import annotations

import pandas as pd

from data.ground_settings import GROUND_KINDS
from policy.verdicts import FAILS
from policy.wording import format_area, format_count, format_share, format_width
from ui import (
    edits,
    pianqu_page,
    session,
    space_ground,
    space_layouts,
    space_page,
    space_settings,
)
from ui.panels import drawer_table
from ui.panels.drawer_table import MAX_ROWS
from ui.panels.space_sites_table import site_rows
from ui.scene import Scene
from ui.space_demand import demand_of
from ui.space_figures import summed
from ui.space_scope import Scope
from ui.space_shown import figures_table, shown

__all__ = ["show"]

NAMED: drawer_table.Columns = {"name": ("小区名称", None)}
GROUND: drawer_table.Columns = {
    **NAMED,
    "area_m2": ("用地（㎡）", format_area),
    "open_m2": ("空地（㎡）", format_area),
    "open_share": ("空地占比", format_share),
    **{kind: (f"{title}（㎡）", format_area) for kind, title in GROUND_KINDS.items()},
}
STALLS: drawer_table.Columns = {
    **NAMED,
    "stalls": ("新增（个）", format_count),
    "mechanical": ("立体再增（个）", format_count),
    "capacity": ("几何容量（个）", format_count),
    "existing": ("现有（个）", format_count),
    "shortage": ("缺口（个）", format_count),
    "m2_per_stall": ("每位用地（㎡）", "{:.1f}".format),
    "used_m2": ("占用空地（㎡）", format_area),
    "open_m2": ("空地（㎡）", format_area),
    "green_lost_m2": ("占用绿地（㎡）", format_area),
    "unpaved_share": ("保留不铺装", format_share),
    "fire_clear_m": ("消防净宽（米）", format_width),
    "accessible": ("无障碍", format_count),
    "charging": ("充电", format_count),
    "fails": ("不符合（条）", format_count),
    "state": ("状态", None),
}
DEMAND: drawer_table.Columns = {
    **NAMED,
    "pianqu": ("片区", None),
    "households": ("户数", format_count),
    "need": ("需要（个）", format_count),
    "existing": ("现有（个）", format_count),
    "existing_from": ("现有取自", None),
    "per_household": ("户均（个）", "{:.2f}".format),
    "shortage": ("缺口（个）", format_count),
    "from_pianqu": ("片区内可补", format_count),
    "from_near": ("步行范围可补", format_count),
    "left": ("共用后还缺", format_count),
}


def show(scene: Scene, scope: Scope) -> None:
    """Draw the bar, and the table if it is unfolded."""
    tab = space_page.tab()
    if tab == space_page.GROUND:
        table, columns, note = _ground(scene, scope)
    elif tab == space_page.STALLS:
        table, columns, note = _stalls(scene, scope)
    elif tab == space_page.SITES:
        table, columns, note = site_rows(scene)
    else:
        table, columns, note = _demand(scene)
    more = f"（列出前 {MAX_ROWS} 个）" if len(table) > MAX_ROWS else ""
    is_open = scene.workspace.table_open and len(table) > 0
    # Elsewhere the table lists what is selected: a click shows where it is, and leaves the selection alone.
    selects = tab == space_page.DEMAND
    zooms = "；点最左边的方框可缩放到" if is_open and not selects else ""
    drawer_table.bar(f"{note}{more}{zooms}", is_open=is_open, selects=selects)
    if is_open:
        _rows(scene, table.head(MAX_ROWS), columns, selects=selects)


def _rows(
    scene: Scene, table: pd.DataFrame, columns: drawer_table.Columns, *, selects: bool
) -> None:
    listed = [str(uid) for uid in table.index]
    chosen = set(scene.selection) if selects else set()

    def choose(picked: list[int]) -> None:
        uids = [listed[row] for row in picked]
        if selects:
            edits.select(uids, from_table=True)
        if uids:
            pianqu_page.zoom_to(scene, uids)

    drawer_table.selectable(
        drawer_table.titled(table, columns),
        columns,
        key=session.widget(
            "space_table", space_page.tab(), session.get(session.TABLE_EPOCH, 0), len(listed)
        ),
        marked=[row for row, uid in enumerate(listed) if uid in chosen],
        choose=choose,
    )


def _named(scene: Scene, table: pd.DataFrame) -> pd.DataFrame:
    """Put the names of compounds before a table by uid."""
    names = scene.view.frame["name"].reindex(table.index)
    return table.assign(name=names.where(names.notna() & (names != ""), "未命名小区"))


def _ground(scene: Scene, scope: Scope) -> tuple[pd.DataFrame, drawer_table.Columns, str]:
    found = space_ground.found(scene, scope)
    if found is None:
        return (
            pd.DataFrame(),
            GROUND,
            "空地：还没有选小区" if not scope.uids else "空地：还没有算好",
        )
    areas = found.ground.areas
    counted = areas[~areas.index.isin(space_ground.needs_bare(scene, scope))]
    table = _named(scene, counted.assign(open_share=counted["open_m2"] / counted["area_m2"]))
    note = f"{len(table):,} 个小区 · 空地 {format_area(counted['open_m2'].sum())} ㎡"
    return table.sort_values("open_m2", ascending=False, kind="stable"), GROUND, note


def _stalls(scene: Scene, scope: Scope) -> tuple[pd.DataFrame, drawer_table.Columns, str]:
    found = shown(scene, scope, space_layouts.held(scene, scope))
    if not found:
        return pd.DataFrame(), STALLS, "车位：还没有排布"
    fails = [sum(one.state == FAILS for one in each.verdicts) for each in found.values()]
    state = [
        each.reason or ("已存" if each.saved and not each.laid else "没有存")
        for each in found.values()
    ]
    table = _named(scene, figures_table(found).assign(fails=fails, state=state))
    sums = summed(figures_table(found))
    told = f"新增 {format_count(sums['added'])} 个 · 几何容量 {format_count(sums['capacity'])} 个"
    note = f"{len(table):,} 个小区 · {told}"
    return table.sort_values("stalls", ascending=False, kind="stable"), STALLS, note


def _demand(scene: Scene) -> tuple[pd.DataFrame, drawer_table.Columns, str]:
    held = space_settings.draft(scene.view)
    found = demand_of(scene.loaded, scene.view, held).compounds
    names = scene.view.pianqu["name"]
    table = _named(scene, found).assign(
        pianqu=[names.get(uid, "未分组") for uid in found["pianqu_uid"]],
        existing_from=found["existing_from"].fillna("未知"),
    )
    short = found["shortage"].where(found["shortage"] > 0)
    told = f"缺 {format_count(short.sum())} 个" if found["shortage"].notna().any() else "缺口未知"
    note = f"{len(table):,} 个小区 · {told}"
    return table.sort_values("shortage", ascending=False, kind="stable"), DEMAND, note
