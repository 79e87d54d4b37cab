"""方案对照表: groupings side by side in figures, and every compound that is not in the same 片区 in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from data.reports.report import Column, Origin, Report, Row
from data.scheme_measures import GroupingMeasures

__all__ = ["scheme_report"]

UNKNOWN, UNGROUPED = "未知", "未分组"
_YUAN_PER_WAN = 10_000
# Field of the measures, words, and how many decimals.
_LINES = (
    ("pianqu", "片区数（个）", 0),
    ("placed", "安排小区（个）", 0),
    ("placed_households", "安排户数（户）", 0),
    ("ungrouped", "未分组小区（个）", 0),
    ("ungrouped_households", "未分组户数（户）", 0),
    ("fewest", "片区户数最少（户）", 0),
    ("middle", "片区户数中位（户）", 1),
    ("most", "片区户数最多（户）", 0),
    ("investment_yuan", "片区内预计投资（万元）", 1),
    ("gap_yuan", "片区内资金缺口（万元）", 1),
    ("compactness", "平均紧凑度（A²/2πI，1 为圆）", 2),
    ("diameter_m", "最大跨度（米）", 0),
    ("apart", "不连片的片区（个）", 0),
    ("broken", "超限的片区（个）", 0),
)


def scheme_report(
    titles: Sequence[str],
    measures: Sequence[GroupingMeasures],
    names: Sequence[pd.Series[Any]],
    differing: pd.Index[Any],
    compounds: pd.DataFrame,
    *,
    origin: Origin,
) -> Report:
    """Lay groupings out side by side.

    Parameters
    ----------
    titles : sequence of str
        One for each grouping.
    measures : sequence of GroupingMeasures
        Their figures.
    names : sequence of Series
        Name of the 片区 by uid of the compound, None for 未分组.
    differing : Index
        Uids of the compounds that are listed.
    compounds : DataFrame
        Compounds of the plan: their names.
    origin : Origin
        What it was made from.
    """
    rows: list[Row] = [
        (words, *(_cell(getattr(one, field), field, decimals) for one in measures))
        for field, words, decimals in _LINES
    ]
    rows.append(f"所在片区不同的小区：{len(differing):,} 个")
    called = compounds["name"].reindex(differing).fillna("未命名小区")
    held = [one.reindex(differing).fillna(UNGROUPED) for one in names]
    rows += [(str(name), *map(str, of)) for name, *of in zip(called, *held, strict=True)]
    return Report(
        title="片区方案对照表",
        columns=(
            Column(head="项目", width=34),
            *(Column(head=title, width=26, middle=True) for title in titles),
        ),
        rows=tuple(rows),
        notes=(
            "两个方案里住户重叠最多的片区视为同一个，名称不同不算不同。投资、缺口按计划现在的数字合计。",
            origin.note,
        ),
        made_on=origin.made_on,
    )


def _cell(value: Any, field: str, decimals: int) -> Any:
    if value is None:
        return UNKNOWN
    figure = value / _YUAN_PER_WAN if field.endswith("_yuan") else value
    return round(figure) if decimals == 0 else round(figure, decimals)
