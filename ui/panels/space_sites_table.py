"""The table under the map on tab 设施: a line a compound, those without service first."""

from __future__ import annotations

import pandas as pd

from policy.wording import format_count
from ui import space_sites
from ui.panels import drawer_table
from ui.scene import Scene

__all__ = ["site_rows"]

NOBODY = "—"
COLUMNS: drawer_table.Columns = {
    "name": ("小区名称", None),
    "pianqu": ("片区", None),
    "households": ("户数", format_count),
    "state": ("服务", None),
    "by": ("由谁服务", None),
    "distance": ("距离（米）", None),
    "nearest_m": ("最近的一处（直线，米）", format_count),
    "reason": ("原因", None),
}


def site_rows(scene: Scene) -> tuple[pd.DataFrame, drawer_table.Columns, str]:
    """Rows by uid, their columns, and the note over them."""
    found = space_sites.found(scene)
    if found is None:
        return pd.DataFrame(), COLUMNS, "设施：还没有核对好"
    table = found.compounds.set_index("compound")
    title = space_sites.asked(scene.view).kind.title
    names, groups = scene.view.frame["name"], scene.view.pianqu["name"]
    named = names.reindex(table.index)
    table = table.assign(
        name=named.where(named.notna() & (named != ""), "未命名小区"),
        pianqu=[groups.get(uid, "未分组") for uid in table["pianqu_uid"]],
        state=table["served"].map({True: "已有", False: "没有"}),
        by=table["facility_name"].where(
            table["facility_name"].notna(), table["served"].map({True: "未命名", False: NOBODY})
        ),
        reason="",
    )
    held = space_sites.proposal(scene)
    if held is not None and not space_sites.is_stale(scene, held):
        table = _with_sites(table, held.compounds)
    without = int((table["state"] == "没有").sum())
    order = {"没有": 0, "新选址": 1, "已有": 2}
    table = table.iloc[table["state"].map(order).argsort(kind="stable")]
    table["distance"] = [NOBODY if pd.isna(far) else f"{far:,.0f}" for far in table["distance_m"]]
    # Without a single facility there is no nearest one: that is known.
    columns = {name: told for name, told in COLUMNS.items() if name != "nearest_m" or _some(table)}
    return table, columns, f"{title}：{len(table):,} 个小区，{without:,} 个没有服务"


def _some(table: pd.DataFrame) -> bool:
    return bool(table["nearest_m"].notna().any())


def _with_sites(table: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Put in what the chosen sites change."""
    told = after.reindex(table.index)
    new = told["site"].notna().to_numpy(bool)
    made = table.copy()
    made.loc[new, "state"] = "新选址"
    made.loc[new, "by"] = [f"选址 {number}" for number in told["site"][new]]
    made.loc[new, "distance_m"] = told["distance_m"][new]
    planned = told["before"].eq(other=True).to_numpy(bool) & ~table["served"].to_numpy(bool)
    made.loc[planned, "state"] = "已有"
    made.loc[planned, "by"] = "已存选址"
    made.loc[planned, "distance_m"] = told["distance_m"][planned]
    made["reason"] = told["reason"].fillna("")
    return made
