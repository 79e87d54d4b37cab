"""The form of a compound: every field the ledger has, money in 万元, saved under the version that was read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from data.schema import COMPOUND_FIELDS, COMPOUND_KINDS, Field
from errors import RecordError
from policy import money
from policy.wording import format_wan
from ui import edits, messages, session
from ui.scene import Scene
from ui.words import safe

__all__ = ["begin", "edited", "show"]

PANEL = "record"
MULTILINE = {"works_text", "remarks"}
EARLIEST = 1900


def begin(uid: str) -> None:
    """Open the form of a compound as it is now."""
    scene: Scene = session.get(session.SCENE)
    session.forget(PANEL)
    session.put(session.EDITING, scene.record(uid))


def edited() -> str | None:
    """Return the compound whose form is open."""
    record = session.get(session.EDITING)
    return None if record is None else str(record.name)


def show() -> None:
    """Draw the form, filled with the record as it was when the form was opened."""
    record: pd.Series = session.get(session.EDITING)
    st.markdown(f"#### {safe(record['name'])}")
    st.caption("金额以万元填写；不知道的留空，没有的填 0。")
    with st.form("record_form", border=False):
        left, right = st.columns(2)
        left.form_submit_button(
            "保存",
            type="primary",
            width="stretch",
            on_click=messages.guarded(_save),
        )
        right.form_submit_button("取消", width="stretch", on_click=_cancel)
        for field in COMPOUND_FIELDS:
            if field.editable:
                _input(field, record)


def _cancel() -> None:
    session.take(session.EDITING)
    session.forget(PANEL)


def _key(name: str) -> str:
    return session.widget(PANEL, name)


def _input(field: Field, record: pd.Series) -> None:
    value = record[field.name]
    key = _key(field.name)
    if field.name == "built_on":
        _date_input(record)
    elif field.name == "kind":
        kinds = [*COMPOUND_KINDS]
        index = kinds.index(value) if value in kinds else None
        st.selectbox(field.title, kinds, index=index, placeholder="未知", key=key)
    elif field.kind == "yuan":
        st.text_input(f"{field.title}（万元）", value=_wan_text(value), placeholder="未知", key=key)
    elif field.kind in {"integer", "area", "real"}:
        st.text_input(
            f"{field.title}（{field.unit}）", value=_number_text(value), placeholder="未知", key=key
        )
    elif field.name in MULTILINE:
        st.text_area(field.title, value=_text(value), key=key, height=90)
    else:
        st.text_input(field.title, value=_text(value), key=key)


def _date_input(record: pd.Series) -> None:
    only_year = not pd.isna(record["built_on_is_year"]) and bool(record["built_on_is_year"])
    text = _text(record["built_on"])
    st.text_input(
        "建成日期",
        value=text[:4] if only_year else text,
        placeholder="未知",
        help="只知道年份就填四位年份，如 1998；知道日期就填 1998-06-30。",
        key=_key("built_on"),
    )


def _save() -> None:
    record: pd.Series = session.get(session.EDITING)
    values = _changed(_values(str(record["name"])), record)
    if values:
        name = str(values.get("name") or record["name"])
        edits.save_record(str(record.name), int(record["version"]), values, name=name)
    else:
        messages.done("没有改动")
    _cancel()


def _values(name: str) -> dict[str, Any]:
    """Read what the form holds; all that can not be read is told at once."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for field in COMPOUND_FIELDS:
        if not field.editable:
            continue
        given = st.session_state.get(_key(field.name))
        try:
            if field.name == "built_on":
                values["built_on"], values["built_on_is_year"] = _read_date(given)
            else:
                values[field.name] = _read(field, given)
        except RecordError as error:
            problems += error.problems
    if problems:
        raise RecordError(name, problems)
    return values


def _read(field: Field, given: Any) -> Any:
    text = str(given).strip() if given is not None else ""
    if field.kind == "yuan":
        amount = money.parse_wan(text, where=field.title)
        if amount is not None and amount < 0:
            raise RecordError(field.title, [f"“{field.title}”不能是负数：{text}。"])
        return amount
    if field.kind in {"integer", "area", "real"}:
        return _read_number(field, text)
    if field.name == "name" and not text:
        raise RecordError(field.title, ["小区名称不能为空。"])
    return text or None


def _read_number(field: Field, text: str) -> int | float | None:
    if not text or text == "未知":
        return None
    try:
        number = float(text.replace(",", "").replace("，", ""))
    except ValueError:
        raise RecordError(
            field.title, [f"“{field.title}”不是数字：{text}。请改成数字，不知道就留空。"]
        ) from None
    if not 0 <= number < 1e12:
        raise RecordError(field.title, [f"“{field.title}”应是不小于 0 的数：{text}。"])
    if field.kind == "integer" and not number.is_integer():
        raise RecordError(field.title, [f"“{field.title}”应是整数：{text}。"])
    return int(number) if field.kind == "integer" else number


def _read_date(given: Any) -> tuple[str | None, bool | None]:
    text = str(given or "").strip().removesuffix("年")
    if not text or text == "未知":
        return None, None
    if text.isdigit() and len(text) == 4 and EARLIEST <= int(text) <= date.today().year + 1:
        # A bare year means its last day (architecture.md, Words).
        return f"{text}-12-31", True
    try:
        return date.fromisoformat(text.replace("/", "-").replace(".", "-")).isoformat(), False
    except ValueError:
        raise RecordError(
            "建成日期", [f"“建成日期”看不懂：{text}。请填四位年份（1998）或日期（1998-06-30）。"]
        ) from None


def _changed(values: dict[str, Any], record: pd.Series) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not _same(value, record[name])}


def _same(one: Any, other: Any) -> bool:
    empty = [v is None or bool(pd.isna(v)) or v == "" for v in (one, other)]
    return all(empty) if any(empty) else bool(one == other)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _wan_text(value: Any) -> str:
    return "" if pd.isna(value) else format_wan(value, none="0")


def _number_text(value: Any) -> str:
    return "" if pd.isna(value) else f"{float(value):.10g}"
