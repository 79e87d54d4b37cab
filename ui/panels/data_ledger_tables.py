"""Tables of a ledger on its way in: its columns, its rows, its totals, and what changes in the plan."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from data.schema import FIELDS
from ui import session
from ui.import_ledger import (
    FIELD_TITLES,
    UNIT_TITLES,
    LedgerImport,
    LedgerPreview,
    current,
    unit_of,
)
from ui.panels import data_tables
from ui.scene import Scene
from ui.words import field_text, grouped, wan

__all__ = ["show"]

PANEL = "data_ledger"
SAMPLE_CHARS = 60
GRANT_TOTAL = "grant_yuan"


def show(scene: Scene) -> None:
    """Draw the tables of the step that the planner is at."""
    draft = current(scene.workspace.plan)
    if draft is None:
        data_tables.nothing(scene)
    elif draft.confirmed:
        _previews(scene, draft)
    else:
        data_tables.note("台账各栏 → 计划的字段。点“导入为”或“单位”的格子可以改。")
        _mapping(draft)


# --- 对应字段 --------------------------------------------------------------------------------------


def _mapping(draft: LedgerImport) -> None:
    columns = draft.sheet.columns
    units = list(dict.fromkeys([*UNIT_TITLES, *(c.unit for c in columns if c.unit)]))
    start = session.get(session.widget(PANEL, "start"))
    if start is None or start[0] != (id(draft.sheet), draft.serial):
        start = ((id(draft.sheet), draft.serial), _rows(draft))
        session.put(session.widget(PANEL, "start"), start)
    edited = st.data_editor(
        start[1],
        key=session.widget(PANEL, "mapping", id(draft.sheet), draft.serial),
        height=data_tables.TABLE_HEIGHT,
        hide_index=True,
        row_height=28,
        num_rows="fixed",
        placeholder="未写",
        disabled=["台账的栏", "样例"],
        column_config={
            "台账的栏": st.column_config.TextColumn(width=200),
            "单位": st.column_config.SelectboxColumn(options=units, width=90),
            "样例": st.column_config.TextColumn(width=400),
            "导入为": st.column_config.SelectboxColumn(
                options=list(FIELD_TITLES.values()), required=True, width=220
            ),
        },
    )
    _take(draft, edited)


def _rows(draft: LedgerImport) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "台账的栏": [c.head.replace("\n", "") or c.title for c in draft.sheet.columns],
            "单位": [draft.units.get(c.index, c.unit) for c in draft.sheet.columns],
            "样例": ["；".join(c.sample)[:SAMPLE_CHARS] for c in draft.sheet.columns],
            "导入为": [FIELD_TITLES[draft.mapping.get(c.index)] for c in draft.sheet.columns],
        }
    )


def _take(draft: LedgerImport, edited: pd.DataFrame) -> None:
    fields = {title: name for name, title in FIELD_TITLES.items()}
    mapping: dict[int, str] = {}
    units: dict[int, str] = {}
    rows = zip(draft.sheet.columns, edited["导入为"], edited["单位"], strict=True)
    for column, title, unit in rows:
        name = fields.get(title)
        if name is not None:
            mapping[column.index] = name
        if isinstance(unit, str) and unit != column.unit and unit_of(unit):
            units[column.index] = unit
    draft.mapping, draft.units = mapping, units


# --- 核对导入 --------------------------------------------------------------------------------------


def _previews(scene: Scene, draft: LedgerImport) -> None:
    preview = draft.preview(scene.view.frame, scene.view.revision)
    tables = {
        "与计划对照": partial(_compared, scene, preview),
        "将更新的内容": partial(_changes, preview),
        "读到的行": partial(_values, preview),
        "合计核对": partial(_totals, preview),
    }
    if preview.changes.empty:
        del tables["将更新的内容"]
    if not preview.totals:
        del tables["合计核对"]
    _, more = data_tables.limited(list(preview.frame.index))
    notes = {"与计划对照": more, "读到的行": more, "合计核对": "台账合计行与各行相加对照"}
    data_tables.chosen_table(PANEL, tables, notes)


def _compared(scene: Scene, preview: LedgerPreview) -> None:
    found, changed = preview.matching, set(preview.changes["uid"])
    names = scene.view.frame["name"]

    def outcome(label: Any) -> tuple[str, str, str]:
        uid = found.pairs.get(label)
        if uid is not None:
            what = "更新" if uid in changed else "不变"
            return what, str(names.get(uid) or ""), found.how.get(label, "由您指定")
        return ("待您选择" if label in preview.open else "新增"), "", ""

    labels, _ = data_tables.limited(list(preview.frame.index))
    rows = [(str(x), preview.frame.loc[x, "name"] or "（无名称）", *outcome(x)) for x in labels]
    heads = ["台账行号", "台账里的小区", "结果", "计划里的小区", "对应依据"]
    data_tables.texts(pd.DataFrame(rows, columns=heads))


def _changes(preview: LedgerPreview) -> None:
    rows, _ = data_tables.limited(list(preview.changes.itertuples(index=False)))
    table = pd.DataFrame(
        {
            "小区": [row.name for row in rows],
            "字段": [row.title for row in rows],
            "计划里现在是": [_text(row.field, row.before) for row in rows],
            "将改为": [_text(row.field, row.after) for row in rows],
        }
    )
    data_tables.texts(table)


def _values(preview: LedgerPreview) -> None:
    labels, _ = data_tables.limited(list(preview.frame.index))
    frame = preview.frame.loc[list(labels)]
    table = pd.DataFrame({"行号": [str(x) for x in labels]})
    for name in [n for n in frame.columns if n in FIELDS and n != "built_on_is_year"]:
        table[FIELDS[name].title] = [
            field_text(name, {"built_on_is_year": None, **row}) for row in frame.to_dict("records")
        ]
    extras = list(dict.fromkeys(key for extra in frame["extra"] for key in extra))
    for key in extras:
        table[f"{key}（附加）"] = [str(extra.get(key, "")) for extra in frame["extra"]]
    data_tables.texts(table, key=session.widget(PANEL, "values"))


def _totals(preview: LedgerPreview) -> None:
    rows = []
    for name, stated in preview.totals.items():
        title = "合计补助" if name == GRANT_TOTAL else FIELDS[name].title
        summed = pd.to_numeric(preview.frame[name], errors="coerce").sum()
        write = wan if name.endswith("_yuan") else partial(grouped, unit=FIELDS[name].unit)
        same = abs(float(summed) - stated) < 0.5
        rows.append((title, write(stated), write(summed), "一致" if same else "不一致"))
    data_tables.texts(pd.DataFrame(rows, columns=["项目", "台账合计行", "各行相加", "结果"]))


def _text(name: str, value: Any) -> str:
    return field_text(name, {name: value, "built_on_is_year": None})
