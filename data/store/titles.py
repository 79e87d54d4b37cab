"""How tables, fields, values and records are called where a planner reads of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from data.schema import RECORD_TABLES, TABLES
from data.store.tables import LAYER_TABLES, edit_history

__all__ = ["compound_names", "field_titles", "layer_title", "record_name", "shown"]

_UNKNOWN = "未知"
_EMPTY = "无"
# Values that one statement takes.
_AT_ONCE = 500


def layer_title(name: str) -> str:
    """Chinese name of a layer, of a table of records, or of the settings."""
    return TABLES[name].title if name in TABLES else "设置"


def field_titles(name: str) -> dict[str, str]:
    """Chinese names of the fields of a table; none for the settings."""
    return {field.name: field.title for field in TABLES[name].fields} if name in TABLES else {}


def record_name(name: str, image: Mapping[str, Any], compounds: Mapping[str, str]) -> str:
    """Call a row by its name; a record of a compound by the compound and what tells it from others.

    Parameters
    ----------
    name : str
        Table name.
    image : mapping
        The row, columns as stored.
    compounds : mapping
        Names of compounds by uid.
    """
    if name not in RECORD_TABLES or not RECORD_TABLES[name].of_compounds:
        return str(image.get("name") or image["uid"])
    table = RECORD_TABLES[name]
    fields = {field.name: field for field in table.fields}
    of = image.get("compound_uid")
    parts = [compounds.get(str(of), str(of)) if of else "不知哪个小区"]
    for key in table.called:
        value = image.get(key)
        if value is not None:
            number = fields[key].kind in {"integer", "year"}
            parts.append(f"{fields[key].title} {value}" if number else str(value))
    return " · ".join(parts)


def compound_names(connection: sa.Connection, uids: Iterable[str]) -> dict[str, str]:
    """Names of compounds by uid, those that are gone included."""
    wanted = sorted(set(uids))
    table = LAYER_TABLES["compounds"]
    found: dict[str, str | None] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        gone = sa.select(edit_history.c.uid, edit_history.c.attrs).where(
            edit_history.c.tbl == "compounds",
            edit_history.c.op == "D",
            edit_history.c.uid.in_(some),
        )
        found |= {uid: json.loads(attrs)["name"] for uid, attrs in connection.execute(gone)}
        there = sa.select(table.c.uid, table.c.name).where(table.c.uid.in_(some))
        found |= {row.uid: row.name for row in connection.execute(there)}
    return {uid: name for uid, name in found.items() if name}


def shown(value: Any) -> str:
    """Show a value as stored: what is not known as 未知, yes and no in Chinese."""
    if value is None:
        return _UNKNOWN
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (list, tuple)):
        return "、".join(shown(item) for item in value) or _EMPTY
    if isinstance(value, dict):
        return "，".join(f"{key} {shown(item)}" for key, item in value.items()) or _EMPTY
    return str(value)
