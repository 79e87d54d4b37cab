"""A ledger's rows as values of the compounds layer, by the mapping that the planner confirmed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pandas as pd

from data.findings import Finding
from data.reading.columns import MAPPABLE, PIANQU, SERIAL, SUBDISTRICT_COMMUNITY, stored_kind
from data.reading.ledger import LedgerColumn, LedgerRow, LedgerSheet
from data.reading.numbers import NotReadable, read_number
from data.reading.text import listed
from data.reading.units import UNITS, normal
from data.reading.values import Value, read_value
from errors import RecordError

__all__ = ["ledger_frame", "ledger_totals", "split_place"]

# 0.05-50 万㎡ is what compounds have; nobody has one of under 500 ㎡.
_WAN_M2_BELOW = 500

_PLACE = re.compile(
    r"^(?P<subdistrict>.+?(?:街道办事处|街道办|办事处|街道|镇|乡))(?P<community>.*)$"
)
_SHORT_PLACE = re.compile(r"^(?P<subdistrict>.+?街)(?P<community>.+(?:社区|居委会|村))$")
_NOT_STORED = {SERIAL, PIANQU}

Frame = tuple[pd.DataFrame, list[Finding]]


def ledger_frame(
    sheet: LedgerSheet,
    mapping: Mapping[int, str] | None = None,
    *,
    units: Mapping[int, str] | None = None,
    take_suggestions: bool = False,
) -> Frame:
    """Turn the rows of a ledger into values.

    Parameters
    ----------
    sheet : LedgerSheet
        As ``read_ledger`` gives it.
    mapping : mapping of int to str, optional
        Column index to field: a key of ``data.reading.columns.MAPPABLE``. By default the sheet's own
        proposals, as far as they are certain. Columns without a field go to ``extra``.
    units : mapping of int to str, optional
        Column index to unit, where the planner knows better than the head.
    take_suggestions : bool
        True reads ``约三百`` as the 300 that the message proposes; else such a cell is an error.

    Returns
    -------
    frame : DataFrame
        Index ``row`` = row number in the file; only the mapped fields, in stored units, unknown = missing;
        ``extra`` (dict) and, where the ledger states it, ``grant_yuan`` (合计补助, for the check only).
    findings : list of Finding
        All problems at once, severity 错误 for what must be put right before the import.

    Raises
    ------
    RecordError
        If the mapping has no 小区名称, or one field twice, or an unknown field.
    """
    chosen = dict(sheet.mapping() if mapping is None else mapping)
    _check_mapping(chosen, sheet)
    reader = _Reader(sheet, chosen, dict(units or {}), take_suggestions=take_suggestions)
    records = [reader.record(row) for row in sheet.rows]
    frame = _frame(records, [row.number for row in sheet.rows])
    findings = [
        *sheet.findings,
        *reader.findings,
        *_repeated_names(frame),
        *_repeated_ids(frame),
        *_merged_numbers(sheet, chosen),
        *_dropped(sheet, chosen),
    ]
    # The import looks here too: an error must not get lost on the way from one call to the next.
    frame.attrs["findings"] = findings
    frame.attrs["totals"] = ledger_totals(sheet, chosen, units=units)
    return frame, findings


def ledger_totals(
    sheet: LedgerSheet,
    mapping: Mapping[int, str] | None = None,
    *,
    units: Mapping[int, str] | None = None,
) -> dict[str, float]:
    """Totals that the ledger states in its last 合计 row, by field, in stored units.

    Parameters
    ----------
    sheet : LedgerSheet
    mapping, units : mapping of int to str, optional
        As for :func:`ledger_frame`.

    Returns
    -------
    dict of str to float
        Empty if there is no such row; ``grant_yuan`` for 合计补助. For ``check_ledger``.
    """
    chosen = dict(sheet.mapping() if mapping is None else mapping)
    whole = [row for row in sheet.totals if not _is_subtotal(row)]
    if not whole:
        return {}
    reader = _Reader(sheet, chosen, dict(units or {}), take_suggestions=False)
    totals = {}
    for index, field in chosen.items():
        if stored_kind(field) in {"text", "date", "flag"} or index >= len(whole[-1].cells):
            continue
        value = read_value(field, whole[-1].cells[index], unit=reader.unit(index)).value
        if value is not None:
            totals[field] = float(value)
    return totals


def split_place(text: str | None) -> tuple[str | None, str | None]:
    """Split 所在街道及社区 into 街道 and 社区.

    Examples
    --------
    >>> split_place("云城街道天马社区")
    ('云城街道', '天马社区')
    >>> split_place("天马社区")
    (None, '天马社区')
    """
    if text is None:
        return None, None
    plain = re.sub(r"\s+", "", text)
    found = _PLACE.match(plain) or _SHORT_PLACE.match(plain)
    if found is None:
        return None, plain or None
    community = found["community"].strip("、/，,-—·及和")
    return found["subdistrict"], community or None


class _Reader:
    """Reads cells by their columns and collects what there is to say."""

    def __init__(
        self,
        sheet: LedgerSheet,
        mapping: dict[int, str],
        units: dict[int, str],
        *,
        take_suggestions: bool,
    ) -> None:
        self.findings: list[Finding] = []
        self._sheet = sheet
        self._mapping = mapping
        self._units = units
        self._take = take_suggestions
        self._columns = {column.index: column for column in sheet.columns}
        self._above = _merged_text(sheet, mapping)
        # Two columns of one title must not overwrite each other.
        titles = [column.title for column in sheet.columns]
        self._labels = {
            c.index: c.title if titles.count(c.title) == 1 else f"{c.title}（第{c.index + 1}列）"
            for c in sheet.columns
        }
        self._has_place = {"subdistrict", SUBDISTRICT_COMMUNITY} & set(mapping.values())

    def unit(self, index: int) -> str | None:
        """Give the unit of a column: the planner's, the head's, or what is usual, which a finding has said."""
        if index in self._units:
            return self._units[index]
        column = self._columns[index]
        if column.unit is not None and _fits(column.unit, self._mapping.get(index)):
            return column.unit
        kind = stored_kind(self._mapping[index])
        if kind == "yuan":
            return "万元"
        return self._area_unit(index) if kind == "area" else None

    def record(self, row: LedgerRow) -> dict[str, Any]:
        """Values of one row."""
        record: dict[str, Any] = {"extra": {}}
        for index, column in self._columns.items():
            raw = self._above.get((row.number, index), _cell(row, index))
            field = self._mapping.get(index)
            if field is None:
                if raw is not None:
                    record["extra"][self._labels[index]] = raw
            elif field not in _NOT_STORED:
                self._take_in(record, field, raw, row, column)
        if row.group and not self._has_place:
            record["subdistrict"] = row.group
        self._need_name(record, row)
        return record

    def _take_in(
        self, record: dict[str, Any], field: str, raw: Any, row: LedgerRow, column: LedgerColumn
    ) -> None:
        if field == SUBDISTRICT_COMMUNITY:
            text = read_value("subdistrict", raw).value
            record["subdistrict"], record["community"] = split_place(text)
            return
        value = read_value(field, raw, unit=self.unit(column.index))
        record[field] = self._settled(value, row, column)
        if field == "built_on":
            record["built_on_is_year"] = value.is_year if record[field] is not None else None

    def _settled(self, value: Value, row: LedgerRow, column: LedgerColumn) -> Any:
        where = f"台账第 {row.number} 行“{column.title}”"
        if not value.problem:
            if value.note:
                self._say("read_with_care", "提醒", row, where + value.note)
            return value.value
        if self._take and value.suggestion is not None:
            shown = _cell(row, column.index)
            text = f"{where}写的是“{shown}”，已按 {_plain(value, column, self.unit(column.index))} 处理。"
            self._say("suggestion_taken", "提醒", row, text)
            return value.suggestion
        self._say("bad_value", "错误", row, where + value.problem)
        return None

    def _need_name(self, record: dict[str, Any], row: LedgerRow) -> None:
        if not record.get("name"):
            text = f"台账第 {row.number} 行没有小区名称。请补上名称，或删除这一行。"
            self._say("no_name", "错误", row, text)

    def _say(self, rule: str, severity: Any, row: LedgerRow, text: str) -> None:
        self.findings.append(
            Finding(rule=rule, severity=severity, rows=(row.number,), message=text)
        )

    def _area_unit(self, index: int) -> str:
        values = []
        for row in self._sheet.rows:
            try:
                number = read_number(_cell(row, index))
            except NotReadable:
                continue
            if number is not None:
                values.append(number.value)
        return "万平方米" if values and max(values) < _WAN_M2_BELOW else "平方米"


def _cell(row: LedgerRow, index: int) -> Any:
    return row.cells[index] if index < len(row.cells) else None


def _fits(unit: str, field: str | None) -> bool:
    kind = stored_kind(field) if field else "text"
    return UNITS[unit].dimension == {"yuan": "money", "area": "area"}.get(kind, "count")


def _plain(value: Value, column: LedgerColumn, unit: str | None) -> str:
    if isinstance(value.suggestion, str):
        return value.suggestion
    factor = UNITS[unit].factor if unit else 1
    title = UNITS[unit].title if unit else (UNITS[column.unit].title if column.unit else "")
    return f"{float(value.suggestion / factor):.10g}{title}"


def _check_mapping(mapping: dict[int, str], sheet: LedgerSheet) -> None:
    problems = []
    titles = {column.index: column.title for column in sheet.columns}
    seen: dict[str, list[int]] = defaultdict(list)
    for index, field in mapping.items():
        if field not in MAPPABLE or index not in titles:
            problems.append(f"第 {index + 1} 列对应的字段“{field}”不存在，请重新选择。")
        seen[field].append(index)
    for field, indexes in seen.items():
        if len(indexes) > 1 and field not in _NOT_STORED:
            columns = "、".join(f"“{titles.get(index, index + 1)}”" for index in indexes)
            problems.append(f"{columns}都对应“{MAPPABLE.get(field, field)}”，请只保留一栏。")
    if "name" not in seen:
        problems.append("没有一栏对应“小区名称”。请把写着小区名称的那一栏选为“小区名称”。")
    if problems:
        raise RecordError(sheet.file_name, problems)


def _frame(records: list[dict[str, Any]], numbers: list[int]) -> pd.DataFrame:
    names = list(dict.fromkeys(name for record in records for name in record if name != "extra"))
    index = pd.Index(numbers, name="row")
    columns = {
        name: pd.Series([r.get(name) for r in records], index=index, dtype=_dtype(name))
        for name in [*names, "extra"]
    }
    return pd.DataFrame(columns, index=index)


def _dtype(name: str) -> str:
    kind = "text" if name == "extra" else stored_kind(name)
    return {"integer": "Int64", "yuan": "Int64", "area": "float64", "real": "float64"}.get(
        kind, "object"
    )


def _merged_text(sheet: LedgerSheet, mapping: dict[int, str]) -> dict[tuple[int, int], Any]:
    """Text of cells that a merge over several rows covers: a 街道 is written once for all its rows.

    Numbers are not repeated: 100 万元 over two rows are 100 万元, not 200.
    """
    rows = {row.number: row for row in sheet.rows}
    filled: dict[tuple[int, int], Any] = {}
    for top, left, bottom, _ in sheet.merged:
        field = mapping.get(left)
        if top not in rows or (field is not None and stored_kind(field) != "text"):
            continue
        value = _cell(rows[top], left)
        # A name stays where it is: the rows below then are parts that need names of their own.
        if isinstance(value, str) and field != "name":
            filled |= {(number, left): value for number in range(top + 1, bottom + 1)}
    return filled


def _merged_numbers(sheet: LedgerSheet, mapping: dict[int, str]) -> list[Finding]:
    titles = {column.index: column.title for column in sheet.columns}
    rows = {row.number for row in sheet.rows}
    found = []
    for top, left, bottom, _ in sheet.merged:
        field = mapping.get(left)
        if field is None or stored_kind(field) == "text" or top not in rows:
            continue
        text = (
            f"台账第 {top}–{bottom} 行“{titles[left]}”是合并单元格，数字只记在第 {top} 行，"
            "其余各行按未知处理，请核对。"
        )
        found.append(
            Finding(rule="merged_number", severity="提醒", rows=(top, bottom), message=text)
        )
    return found


def _repeated_names(frame: pd.DataFrame) -> list[Finding]:
    if "name" not in frame:
        return []
    places: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for number, record in zip(frame.index, frame.to_dict("records"), strict=True):
        if record["name"]:
            where = [normal(record.get(key) or "") for key in ("subdistrict", "community")]
            places[normal(record["name"]), where[0], where[1]].append(int(number))
    names = {int(str(number)): str(name) for number, name in frame["name"].items()}
    return [
        Finding(
            rule="repeated_name",
            severity="错误",
            rows=tuple(rows),
            found=names[rows[0]],
            message=f"台账第 {listed(rows)} 行的小区名称重复：{names[rows[0]]}。"
            "请改成能区分的名称，或合并成一行。",
        )
        for rows in places.values()
        if len(rows) > 1
    ]


def _repeated_ids(frame: pd.DataFrame) -> list[Finding]:
    places: dict[str, list[int]] = defaultdict(list)
    for number, uid in frame.get("uid", pd.Series(dtype=object)).items():
        if uid:
            places[str(uid)].append(int(str(number)))
    return [
        Finding(
            rule="repeated_id",
            severity="错误",
            rows=tuple(rows),
            found=uid,
            message=f"台账第 {listed(rows)} 行的标识码重复：{uid}。每个小区要有自己的标识码。",
        )
        for uid, rows in places.items()
        if len(rows) > 1
    ]


def _dropped(sheet: LedgerSheet, mapping: dict[int, str]) -> list[Finding]:
    found = []
    reasons: dict[str, list[int]] = defaultdict(list)
    for number, reason in sheet.dropped:
        reasons[reason].append(number)
    for reason, numbers in reasons.items():
        text = f"略过 {len(numbers)} 行{reason}（第 {listed(numbers)} 行）。"
        found.append(
            Finding(rule="dropped_rows", severity="说明", rows=tuple(numbers), message=text)
        )
    if sheet.totals:
        numbers = [row.number for row in sheet.totals]
        text = f"第 {listed(numbers)} 行是合计或小计，只用来核对，不作为小区导入。"
        found.append(
            Finding(rule="totals_rows", severity="说明", rows=tuple(numbers), message=text)
        )
    if PIANQU in mapping.values():
        text = "“片区”一栏不导入：片区在程序里划分。"
        found.append(Finding(rule="pianqu_column", severity="说明", message=text))
    return found


def _is_subtotal(row: LedgerRow) -> bool:
    return any(isinstance(v, str) and "小计" in v for v in row.cells[:3])
