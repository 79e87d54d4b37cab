"""Attributes of boundary files: what a plan has a field for, and the rest kept under its own name."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from data.exporting.fields import fields_of_layer
from data.findings import Finding
from data.reading.columns import (
    CERTAIN,
    GRANT_TOTAL,
    PIANQU,
    SERIAL,
    SUBDISTRICT_COMMUNITY,
    field_of,
    propose,
)
from data.reading.ledger_values import split_place
from data.reading.text import SHOWN, listed
from data.reading.units import normal, split_head
from data.reading.values import read_value
from data.schema import BOUNDARY_STATES, COMPOUND_FIELDS, LAYERS

__all__ = ["compound_columns", "context_columns"]

Columns = list[tuple[str, list[Any]]]
Read = tuple[dict[str, list[Any]], list[Finding]]

_DROPPED = {SERIAL, PIANQU, GRANT_TOTAL}

_USER_FIELDS = "extra"


def _own_names() -> dict[str, str]:
    """Columns that the tool itself works out and writes, by every name that they go out under."""
    given = {field.name for field in COMPOUND_FIELDS if field.editable} | {"uid"}
    names = {
        normal(text): field.name
        for field in fields_of_layer("compounds", with_extra=True)
        if field.name not in given
        for text in (field.name, field.title, field.short)
    }
    return names | {"version": "version", "edited_by": "edited_by", "fid": "fid"}


_OWN = _own_names()

# What other programs call the few fields of the context layers; OSM's keys among them, likeliest first.
_CONTEXT = {
    "name": ("name", "名称", "mc", "name_zh", "name:zh", "建筑名称", "道路名称"),
    "kind": (
        "kind", "类型", "lx", "highway", "building", "barrier", "parking", "amenity", "shop", "leisure",
        "healthcare", "office", "tourism", "public_transport", "railway", "waterway", "natural", "water",
        "landuse", "fclass",
    ),
    "storeys": ("storeys", "层数", "cs", "levels", "building:levels", "building_levels", "floors", "floor"),
    "width_m": ("width_m", "宽度", "kd", "width", "路宽", "道路宽度"),
}  # fmt: skip


def compound_columns(columns: Columns, *, rows: Sequence[int], layer: str) -> Read:  # noqa: ARG001
    """Read the attributes of compounds by the same heads as a ledger's.

    Parameters
    ----------
    columns : list of (str, list)
        Attribute names and values.
    rows : sequence of int
        Numbers of the features.
    layer : str
        ``compounds``.

    Returns
    -------
    values : dict of str to list
        Fields in stored units, and ``extra``.
    findings : list of Finding
        A value that can not be read is unknown, and kept as it stands in ``extra``.
    """
    proposed = propose([field_of(name) for name, _ in columns])
    values: dict[str, list[Any]] = {}
    extra: list[dict[str, Any]] = [{} for _ in rows]
    findings: list[Finding] = []
    for (name, cells), (field, confidence) in zip(columns, proposed, strict=True):
        if field in _DROPPED or normal(name) in _OWN:
            continue
        if field is None or confidence < CERTAIN:
            _keep(extra, name, cells)
        elif field == SUBDISTRICT_COMMUNITY:
            places = [split_place(read_value("subdistrict", cell).value) for cell in cells]
            values.setdefault("subdistrict", [place[0] for place in places])
            values.setdefault("community", [place[1] for place in places])
        else:
            values |= _field(field, name, cells, (rows, extra), findings)
    taken_back = _own(columns, values, extra)
    return values | taken_back | {"extra": extra}, findings


def context_columns(columns: Columns, *, rows: Sequence[int], layer: str) -> Read:
    """Read the attributes of buildings, roads and the like.

    Parameters
    ----------
    columns, rows : as for :func:`compound_columns`
    layer : str
        Layer of the plan.

    Returns
    -------
    values : dict of str to list
        ``name``, ``kind`` and where the layer has them ``storeys`` and ``width_m``; ``extra``.
    findings : list of Finding
        Numbers that could not be read are unknown and counted.
    """
    fields = {field.name: field.kind for field in LAYERS[layer].fields if field.name != "uid"}
    by_name = {name.lower(): cells for name, cells in columns}
    values: dict[str, list[Any]] = {}
    used: set[str] = set()
    findings: list[Finding] = []
    for field, kind in fields.items():
        sources = [name for name in _CONTEXT.get(field, ()) if name in by_name]
        if not sources:
            continue
        # A key such as highway is told by its name; kind takes the first that holds something.
        cells = [_first(by_name, sources, at) for at in range(len(rows))]
        values[field] = [_plain(kind, cell) for cell in cells]
        unread = [
            row
            for row, cell, value in zip(rows, cells, values[field], strict=True)
            if cell not in (None, "") and value is None
        ]
        if unread:
            title = next(one.title for one in LAYERS[layer].fields if one.name == field)
            text = f"{LAYERS[layer].title}有 {len(unread)} 个“{title}”不是数字，按未知处理。"
            findings.append(
                Finding(
                    rule="not_a_number", severity="说明", rows=tuple(unread[:SHOWN]), message=text
                )
            )
        used.update(sources[:1])
    extra: list[dict[str, Any]] = [{} for _ in rows]
    for name, cells in columns:
        if name.lower() not in used:
            _keep(extra, name, cells)
    return values | {"extra": extra}, findings


def _own(
    columns: Columns, values: dict[str, list[Any]], extra: list[dict[str, Any]]
) -> dict[str, list[Any]]:
    """Take back what this tool itself wrote: 示意 must not get lost by a round trip."""
    own = {_OWN[plain]: cells for name, cells in columns if (plain := normal(name)) in _OWN}
    found: dict[str, list[Any]] = {}
    for one, cell in zip(extra, own.get(_USER_FIELDS, []), strict=False):
        one.update(_user_fields(cell))
    if "boundary_state" in own:
        states = own["boundary_state"]
        found["boundary_state"] = [one if one in BOUNDARY_STATES else None for one in states]
    if "built_on_is_year" in own and "built_on" in values:
        flags = [one in {True, "是", "true", "True", "1"} for one in own["built_on_is_year"]]
        found["built_on_is_year"] = [
            flag if date else None for flag, date in zip(flags, values["built_on"], strict=True)
        ]
    return found


def _user_fields(cell: Any) -> dict[str, Any]:
    """User-defined fields of an exported record; other text under that name is left out."""
    try:
        found = json.loads(cell) if isinstance(cell, str) else cell
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _first(by_name: dict[str, list[Any]], sources: list[str], at: int) -> Any:
    return next((c for name in sources if (c := by_name[name][at]) not in (None, "")), None)


def _plain(kind: str, cell: Any) -> Any:
    if cell is None or kind == "text":
        return None if cell is None else str(cell)
    try:
        number = float(str(cell).strip().removesuffix("m").strip())
    except ValueError:
        return None
    if not 0 <= number < 1e6:
        return None
    # OSM counts a half storey; the roof is no storey.
    return int(number) if kind == "integer" else number


def _keep(extra: list[dict[str, Any]], name: str, cells: list[Any]) -> None:
    for one, cell in zip(extra, cells, strict=True):
        if cell is not None and cell != "":
            one[name] = cell


def _field(
    field: str,
    name: str,
    cells: list[Any],
    where: tuple[Sequence[int], list[dict[str, Any]]],
    findings: list[Finding],
) -> dict[str, list[Any]]:
    """Read one field; what can not be read stays beside the record and is told."""
    rows, extra = where
    unit = split_head(name)[1]
    read = [read_value(field, cell, unit=unit) for cell in cells]
    problems = Counter[str]()
    bad = []
    for row, cell, value, kept in zip(rows, cells, read, extra, strict=True):
        if value.problem:
            kept[name] = cell
            problems[value.problem] += 1
            bad.append(row)
    if bad:
        text = f"第 {listed(bad)} 个图形的“{name}”{next(iter(problems))}原值已存入“其他属性”。"
        findings.append(
            Finding(rule="bad_value", severity="提醒", rows=tuple(bad[:SHOWN]), message=text)
        )
    done = {field: [value.value for value in read]}
    if field == "built_on":
        done["built_on_is_year"] = [value.is_year if value.value else None for value in read]
    return done
