"""The table under the map: folded to one line, or over the lower part of the map."""

from __future__ import annotations

from functools import partial

import pandas as pd

from layers import themes
from policy import money
from policy.wording import (
    format_area,
    format_count,
    format_date,
    format_per_household,
    format_wan,
)
from ui import edits, session, visit
from ui.panels import drawer_table
from ui.panels.drawer_table import MAX_ROWS
from ui.scene import Scene

__all__ = ["show", "table_rows"]

COLUMNS: drawer_table.Columns = {
    "name": ("小区名称", None),
    "subdistrict": ("街道", None),
    "community": ("社区", None),
    "built": ("建成日期", None),
    "households": ("户数", format_count),
    "building_count": ("楼栋数", format_count),
    "floor_area_m2": ("建筑面积（㎡）", format_area),
    "investment_yuan": ("投资（万元）", format_wan),
    "grant_yuan": ("补助（万元）", format_wan),
    "gap_yuan": ("缺口（万元）", partial(format_wan, none="0.0")),
    "per_household": ("户均投资（元/户）", format_per_household),
    "pianqu": ("片区", None),
    "boundary": ("边界", None),
}


def show(scene: Scene) -> None:
    """Draw the bar, and the table if it is unfolded."""
    rows = table_rows(scene)
    drawer_table.bar(_note(scene, rows), is_open=scene.workspace.table_open)
    if scene.workspace.table_open:
        _table(scene, rows)


def table_rows(scene: Scene) -> pd.Index:
    """Return the shown compounds, the selected first, then by what the map is coloured by, largest first."""
    return scene.loaded.kept(
        ("table", scene.view.revision, scene.key),
        lambda: _sorted(scene),
    )


def _sorted(scene: Scene) -> pd.Index:
    frame = scene.view.frame[scene.shown]
    order = themes.theme_value(frame, scene.workspace.theme, **scene.paint_options)
    return order.sort_values(ascending=False, kind="stable", na_position="last").index


def _note(scene: Scene, rows: pd.Index) -> str:
    note = f"{len(rows):,} 个小区"
    if len(rows) > MAX_ROWS:
        theme = themes.theme_of(scene.workspace.theme)
        note += f"，按“{theme.title}”排在前面的 {MAX_ROWS} 个"
    return note


def _table(scene: Scene, rows: pd.Index) -> None:
    listed = _listed(scene, rows)
    chosen = set(scene.selection)

    def choose(picked: list[int]) -> None:
        uids = [listed[k] for k in picked]
        outside = [uid for uid in visit.current().selection if uid not in set(listed)]
        edits.select([*outside, *uids], from_table=True)
        if len(uids) == 1:
            edits.open_card(uids[0])

    drawer_table.selectable(
        _figures(scene, listed),
        COLUMNS,
        key=session.widget("table", session.get(session.TABLE_EPOCH, 0), scene.key),
        marked=[k for k, uid in enumerate(listed) if uid in chosen],
        choose=choose,
    )


def _listed(scene: Scene, rows: pd.Index) -> list[str]:
    """Return the rows that fit, with the selected ones among them."""
    listed = list(rows[:MAX_ROWS])
    there = set(listed)
    shown = set(rows) if len(rows) > MAX_ROWS else there
    beyond = [uid for uid in scene.selection if uid in shown and uid not in there]
    return [*beyond, *listed][:MAX_ROWS]


def _figures(scene: Scene, listed: list[str]) -> pd.DataFrame:
    records = scene.view.frame.loc[listed]
    grant = money.grant_yuan(records)
    names = scene.view.pianqu["name"].to_dict()
    columns = {
        **{name: records[name] for name in COLUMNS if name in records},
        "built": _built(records),
        "grant_yuan": grant,
        "gap_yuan": money.funding_gap_yuan(records),
        "per_household": money.per_household(records["investment_yuan"], records["households"]),
        "pianqu": [names.get(uid, "未分组") for uid in records["pianqu_uid"]],
        "boundary": records["boundary_state"].where(records.geometry.notna(), "无边界"),
    }
    return drawer_table.titled(pd.DataFrame(columns, index=records.index), COLUMNS)


def _built(records: pd.DataFrame) -> list[str]:
    years = records["built_on_is_year"].fillna(False).astype(bool)
    return [
        format_date(on, is_year=year) for on, year in zip(records["built_on"], years, strict=True)
    ]
