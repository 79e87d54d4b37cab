"""The table of all 片区 under the map, with all totals; its rows and the selection follow each other."""

from __future__ import annotations

from functools import partial

import pandas as pd

from policy.wording import format_area, format_count, format_per_household, format_wan
from ui import edits, pianqu_page, session
from ui.panels import drawer_table
from ui.panels.drawer_table import MAX_ROWS
from ui.panels.pianqu_totals import joined_words
from ui.pianqu_figures import members_of, pianqu_table
from ui.scene import Scene
from ui.words import grouped, wan

__all__ = ["show"]

COLUMNS: drawer_table.Columns = {
    "name": ("片区名称", None),
    "compounds": ("小区数", format_count),
    "households": ("户数", format_count),
    "building_count": ("楼栋数", format_count),
    "floor_area_m2": ("建筑面积（㎡）", format_area),
    "investment_yuan": ("投资（万元）", format_wan),
    "grant_yuan": ("补助（万元）", format_wan),
    "contribution_yuan": ("出资（万元）", format_wan),
    "funding_gap_yuan": ("缺口（万元）", partial(format_wan, none="0.0")),
    "investment_per_household": ("户均投资（元/户）", format_per_household),
    "span_m": ("跨度（米）", format_count),
    "polsby_popper": ("紧凑度", "{:.2f}".format),
    "joined": ("连片", None),
    "locked_words": ("锁定", None),
    "other_kinds": ("其他类型", format_count),
    "without_boundary": ("无边界", format_count),
    "unknown": ("未知的小区数", None),
    "remarks": ("备注", None),
}
UNKNOWN_OF = {
    "households": "户数",
    "building_count": "楼栋",
    "floor_area_m2": "面积",
    "investment_yuan": "投资",
    "grant_yuan": "补助",
}


def show(scene: Scene) -> None:
    """Draw the bar, and the table if it is unfolded."""
    table = pianqu_table(scene.loaded, scene.view, pianqu_page.gap_m())
    drawer_table.bar(_note(scene, table), is_open=scene.workspace.table_open)
    if scene.workspace.table_open and len(table):
        _table(scene, table.head(MAX_ROWS))


def _note(scene: Scene, table: pd.DataFrame) -> str:
    if not len(table):
        return "还没有片区"
    ungrouped = int(scene.view.frame["pianqu_uid"].isna().sum())
    more = f"（列出前 {MAX_ROWS} 个）" if len(table) > MAX_ROWS else ""
    return " · ".join(
        (
            f"{len(table):,} 个片区{more}",
            f"{int(table['compounds'].sum()):,} 个小区",
            grouped(table["households"].sum(min_count=1), "户"),
            f"投资 {wan(table['investment_yuan'].sum(min_count=1))}",
            f"未分组 {ungrouped:,} 个小区",
        )
    )


def _table(scene: Scene, table: pd.DataFrame) -> None:
    uids = [str(uid) for uid in table.index]
    epoch = session.get(session.TABLE_EPOCH, 0)

    def choose(picked: list[int]) -> None:
        members = [member for row in picked for member in members_of(scene.view, uids[row])]
        edits.select(members, from_table=True)
        if picked:
            pianqu_page.zoom_to(scene, members)
        if len(picked) == 1:
            pianqu_page.open_pianqu(uids[picked[0]])

    drawer_table.selectable(
        scene.loaded.kept(
            ("pianqu_drawer", scene.view.revision, pianqu_page.gap_m()), lambda: _shown(table)
        ),
        COLUMNS,
        key=session.widget("pianqu_table", epoch, scene.view.revision),
        marked=_marked(scene, uids),
        choose=choose,
    )


def _marked(scene: Scene, uids: list[str]) -> list[int]:
    """Rows of the 片区 all of whose members are selected."""
    held = scene.view.frame["pianqu_uid"]
    members = held.value_counts()
    chosen = scene.selected["pianqu_uid"].value_counts()
    whole = set(chosen.index[chosen == members.reindex(chosen.index)])
    return [row for row, uid in enumerate(uids) if uid in whole]


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    written = table.assign(
        joined=[joined_words(row) for _, row in table.iterrows()],
        unknown=[_unknown(row) for _, row in table.iterrows()],
        remarks=table["remarks"].fillna(""),
        locked_words=table["locked"].map({True: "锁定", False: ""}),
    )
    return drawer_table.titled(written, COLUMNS)


def _unknown(row: pd.Series) -> str:
    counted = [
        f"{title} {int(row[f'{name}_unknown']):,}"
        for name, title in UNKNOWN_OF.items()
        if not pd.isna(row[f"{name}_unknown"]) and row[f"{name}_unknown"]
    ]
    return "、".join(counted)
