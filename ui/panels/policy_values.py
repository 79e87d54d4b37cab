"""Fields for the figures of a rule, by their unit: filled from a value, and read back as it is kept in the file.

What a field holds is given raw; :func:`policy.profiles.read_rule_value` decides whether it is right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from policy.facts import facts
from policy.rule_kinds import KINDS, value_title
from policy.rule_units import MONEY_SOURCES, UNITS, plain_value

__all__ = ["show"]

# Units that say what a number counts; the others are plain from the title.
COUNTED = {"元", "户", "人", "个", "日", "工作日", "年", "㎡", "米"}
YES_NO = {True: "是", False: "否"}
# Columns of the tables, by unit: key of the entry, head, and whether it is a number.
TABLES: Mapping[str, tuple[tuple[str, str, bool], ...]] = {
    "拨付": (
        ("when", "何时（进度、验收、质保）", False),
        ("progress", "进度达到", False),
        ("months", "质保满几个月", True),
        ("share", "拨付比例", False),
        ("payer", "付款方", False),
    ),
    "年度任务": (
        ("first", "起始年", True),
        ("last", "截止年", True),
        ("compounds", "小区数", True),
        ("text", "说明", False),
    ),
    "金额表": (("name", "名称", False), ("amount", "金额（元）", True)),
    "面积表": (("name", "名称", False), ("amount", "面积（㎡）", False)),
    "数量表": (("name", "名称", False), ("amount", "数量", True)),
    "日程": (("what", "事项", False), ("first", "起", False), ("last", "止", False)),
}


@dataclass(frozen=True)
class _Field:
    """What is asked: kind and name of the figure, its unit and present value, key of the widget."""

    kind: str
    name: str
    unit: str
    value: Any
    key: str

    @property
    def title(self) -> str:
        head = value_title(self.kind, self.name)
        return f"{head}（{self.unit}）" if self.unit in COUNTED else head


def show(kind: str, name: str, value: Any, *, key: str) -> Any:
    """Draw the field of a figure; returns what it holds, raw.

    Parameters
    ----------
    kind, name : str
        Kind of the rule and name of the figure.
    value : object
        As `policy.rule_units` reads it; None is blank.
    key : str
        Key of the widget.
    """
    unit = KINDS[kind].units[name]
    field = _Field(kind, name, unit, value, key)
    if name in KINDS[kind].choices:
        return _choice(field, {one: one for one in KINDS[kind].choices[name]})
    return _SHOWN.get(unit, _number)(field)


def _choice(field: _Field, options: Mapping[Any, str]) -> Any:
    keys = list(options)
    return st.selectbox(
        field.title,
        keys,
        index=keys.index(field.value) if field.value in keys else None,
        format_func=lambda one: options.get(one, str(one)),
        placeholder="原文留空",
        key=field.key,
        filter_mode=None,
    )


def _flag(field: _Field) -> Any:
    return _choice(field, YES_NO)


def _number(field: _Field) -> Any:
    """Whole numbers."""
    return st.number_input(
        field.title, value=field.value, step=1, placeholder="原文留空", key=field.key
    )


def _text(field: _Field) -> Any:
    plain = plain_value(field.value)
    example = UNITS[field.unit].example.replace('"', "")
    given = st.text_input(
        field.title,
        value="" if plain is None else str(plain),
        placeholder=f"原文留空；写成 {example} 的样子",
        key=field.key,
    )
    return given.strip() or None


def _lines(field: _Field) -> Any:
    given = st.text_area(
        f"{field.title}（一行一项）", value="\n".join(field.value or ()), height=110, key=field.key
    )
    return [line.strip() for line in given.split("\n") if line.strip()] or None


def _fact(field: _Field) -> Any:
    return _choice(field, {key: one.title for key, one in facts().items()})


def _several(options: Callable[[], Mapping[str, str]]) -> Callable[[_Field], Any]:
    def draw(field: _Field) -> Any:
        known = options()
        given = st.multiselect(
            field.title,
            list(known),
            default=[one for one in field.value or () if one in known],
            format_func=lambda one: known.get(one, str(one)),
            placeholder="请选择",
            key=field.key,
        )
        return given or None

    return draw


def _table(field: _Field) -> Any:
    columns = TABLES[field.unit]
    rows = [_row(entry, columns) for entry in plain_value(field.value) or ()]
    frame = pd.DataFrame(rows, columns=[head for _, head, _ in columns], dtype=object)
    st.caption(field.title)
    given = st.data_editor(
        frame,
        num_rows="dynamic",
        hide_index=True,
        key=field.key,
        column_config={
            head: (
                st.column_config.NumberColumn(head, step=1)
                if number
                else st.column_config.TextColumn(head)
            )
            for _, head, number in columns
        },
    )
    entries = [_entry(row, columns) for row in given.to_dict("records")]
    return [entry for entry in entries if entry] or None


def _row(entry: Mapping[str, Any], columns: tuple[tuple[str, str, bool], ...]) -> list[Any]:
    plain = dict(entry)
    if "years" in plain:
        plain["first"], plain["last"] = plain["years"]
    return [
        (int(plain[key]) if number else str(plain[key])) if plain.get(key) is not None else None
        for key, _, number in columns
    ]


def _entry(row: Mapping[Any, Any], columns: tuple[tuple[str, str, bool], ...]) -> dict[str, Any]:
    """Give the row as an entry; cells that are empty are left out."""
    found: dict[str, Any] = {}
    for key, head, number in columns:
        cell = row[head]
        if cell is None or pd.isna(cell) or str(cell).strip() == "":
            continue
        found[key] = int(cell) if number else str(cell).strip()
    if found and columns[0][0] == "first":
        first = found.pop("first", None)
        found["years"] = [first, found.pop("last", first)]
    if found and columns[1][0] == "amount":
        found.setdefault("amount", None)
    return found


_SHOWN: dict[str, Callable[[_Field], Any]] = {
    "日期": _text,
    "月日": _text,
    "比例": _text,
    "㎡": _text,
    "米": _text,
    "数": _text,
    "文字": _text,
    "是否": _flag,
    "列表": _lines,
    "小区情况": _fact,
    "小区情况表": _several(lambda: {key: one.title for key, one in facts().items()}),
    "资金来源": _several(lambda: MONEY_SOURCES),
    **dict.fromkeys(TABLES, _table),
}
