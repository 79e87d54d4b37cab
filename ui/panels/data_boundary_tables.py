"""Tables of a boundary file on its way in: attributes, which compound each belongs to, repairs."""

from __future__ import annotations

import math
from collections.abc import Hashable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from geo.measure import area_geodesic_m2
from policy.wording import format_share
from ui import session
from ui.import_boundaries import NEW, SKIP, BoundaryImport, BoundaryPreview, current
from ui.panels import data_done, data_tables
from ui.scene import Scene
from ui.words import grouped

__all__ = ["show"]

PANEL = "data_boundaries"
NEW_TITLE, SKIP_TITLE = "（新建小区）", "（不导入）"
# More names in one list would be found by nobody; those that fit come first.
MAX_CHOICES = 1_000


def show(scene: Scene) -> None:
    """Draw the tables of the step that the planner is at."""
    draft = current(scene.workspace.plan)
    if draft is None:
        data_tables.nothing(scene)
    elif draft.layers:
        _read(scene, draft)
    else:
        _samples(draft)


def _samples(draft: BoundaryImport) -> None:
    heads = [head for head in draft.inspection.layers if head.count]
    tables = {head.name: partial(_sample, head) for head in heads}
    if tables:
        data_tables.chosen_table(PANEL, tables, {head.name: "前几行属性" for head in heads})


def _sample(head: Any) -> None:
    rows = [[_plain(value) for value in row] for row in head.sample]
    names = _different(list(head.columns))
    data_tables.texts(
        pd.DataFrame(rows, columns=names), key=session.widget(PANEL, "sample", head.name)
    )


def _read(scene: Scene, draft: BoundaryImport) -> None:
    preview = draft.preview(scene.view.frame, scene.view.revision)
    tables, notes = {}, {}
    repaired = draft.repairs()
    if preview is not None:
        tables["对应"] = partial(_matching, scene, draft, preview)
        notes["对应"] = "点“导入到”的格子可以改"
    if len(repaired):
        tables["修复"] = partial(_repairs, repaired)
        notes["修复"] = f"{len(repaired):,} 个图形被修复"
    if tables:
        data_tables.chosen_table(PANEL, tables, notes)
    else:
        data_tables.nothing(scene)


# --- 对应 ------------------------------------------------------------------------------------------


def _matching(scene: Scene, draft: BoundaryImport, preview: BoundaryPreview) -> None:
    boundaries = draft.compounds
    if boundaries is None:
        return
    labels = _ordered(preview, list(boundaries.frame.index))[: data_tables.ROWS]
    held = session.widget(PANEL, "start")
    mark = (id(boundaries), scene.view.revision)
    start = session.get(held)
    if start is None or start[0] != mark:
        # The table starts once: what the planner changes is in the widget, and in the decisions.
        titles = _titles(scene, preview, labels)
        rows = _rows(draft, preview, labels, titles)
        start = (mark, labels, rows, titles, dict(draft.decisions))
        session.put(held, start)
    _, labels, rows, titles, before = start
    edited = st.data_editor(
        rows,
        key=session.widget(PANEL, "matching", *mark),
        height=data_tables.TABLE_HEIGHT,
        hide_index=True,
        row_height=28,
        num_rows="fixed",
        placeholder="请选择",
        disabled=["图形", "文件里的名称", "面积", "依据"],
        column_config={
            "图形": st.column_config.TextColumn(width=70),
            "文件里的名称": st.column_config.TextColumn(width=250),
            "面积": st.column_config.TextColumn(width=110),
            "依据": st.column_config.TextColumn(width=170),
            "导入到": st.column_config.SelectboxColumn(options=list(titles), width=300),
        },
    )
    changed = {
        label: titles[new]
        for label, old, new in zip(labels, rows["导入到"], edited["导入到"], strict=True)
        if isinstance(new, str) and new != old and new in titles
    }
    draft.decisions = {**before, **changed}


def _ordered(preview: BoundaryPreview, labels: list[Hashable]) -> list[Hashable]:
    """Rows that wait for the planner first."""
    waiting = set(preview.open)
    return [*preview.open, *(label for label in labels if label not in waiting)]


def _titles(scene: Scene, preview: BoundaryPreview, labels: list[Hashable]) -> dict[str, str]:
    """Choices with what they mean: the compounds that fit, then those without a boundary."""
    frame = scene.view.frame
    fitting = [uid for one in preview.matching.ambiguous for uid in one.candidates]
    chosen = [preview.choices[label] for label in labels if label in preview.choices]
    paired = [uid for uid in chosen if uid not in {NEW, SKIP}]
    undrawn = list(frame.index[frame.geometry.isna()])
    uids = [uid for uid in dict.fromkeys([*fitting, *paired, *undrawn]) if uid in frame.index]
    names = _different([data_done.place(frame.loc[uid]) for uid in uids[:MAX_CHOICES]])
    return {NEW_TITLE: NEW, SKIP_TITLE: SKIP, **dict(zip(names, uids, strict=False))}


def _rows(
    draft: BoundaryImport,
    preview: BoundaryPreview,
    labels: list[Hashable],
    titles: dict[str, str],
) -> pd.DataFrame:
    frame = draft.compounds.frame.loc[labels]  # type: ignore[union-attr]
    names = frame["name"] if "name" in frame else pd.Series(None, index=frame.index, dtype=object)
    by_uid = {uid: title for title, uid in titles.items()}
    how = {**dict.fromkeys(preview.open, "请选择"), **preview.matching.how}
    return pd.DataFrame(
        {
            "图形": [f"第 {label} 个" for label in labels],
            "文件里的名称": [str(name) if name else "（无名称）" for name in names],
            "面积": [grouped(round(v), "㎡") for v in area_geodesic_m2(frame.geometry).fillna(0)],
            "依据": [how.get(label, "没有同名小区") for label in labels],
            "导入到": pd.Series(
                [by_uid.get(preview.choices.get(label, "\x00open")) for label in labels],
                dtype=object,
            ),
        }
    )


# --- 修复 ------------------------------------------------------------------------------------------


def _repairs(repaired: pd.DataFrame) -> None:
    shown = repaired.head(data_tables.ROWS)
    levels = [shown.index.get_level_values(k) for k in (0, 1)]
    rows = [
        (
            layer,
            f"第 {row} 个",
            one["problem"],
            grouped(round(one["area_before_m2"]), "㎡"),
            grouped(round(one["area_after_m2"]), "㎡"),
            "原无面积" if math.isinf(one["share_changed"]) else format_share(one["share_changed"]),
            "需要您确认" if one["ask"] else "自动",
        )
        for layer, row, one in zip(*levels, shown.to_dict("records"), strict=True)
    ]
    heads = ["图层", "图形", "问题", "修复前面积", "修复后面积", "变化", "处理"]
    data_tables.texts(pd.DataFrame(rows, columns=heads), key=session.widget(PANEL, "repaired"))


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _different(names: list[str]) -> list[str]:
    """Names, of which repeated ones get a number."""
    seen: dict[str, int] = {}
    different = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        different.append(name if seen[name] == 1 else f"{name}（{seen[name]}）")
    return different
