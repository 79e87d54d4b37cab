"""One cell to the value of one field: converted exactly, or a sentence that says why not."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from data.reading.columns import stored_kind
from data.reading.numbers import NotReadable, Number, read_date, read_number
from data.reading.text import clean
from data.reading.units import UNITS

__all__ = ["Value", "read_value"]

_DIMENSIONS = {"yuan": "money", "area": "area", "integer": "count", "real": "count"}
_BASE_UNITS = {"money": "元", "area": "平方米", "count": "个"}
_SHOWN = 40


@dataclass(frozen=True, kw_only=True)
class Value:
    """What a cell came to.

    Attributes
    ----------
    value : object
        In stored units; None if unknown or wrong.
    problem : str
        Why it can not be read and what to do; a sentence that goes behind the name of the column.
    note : str
        What was read with good will; likewise.
    suggestion : object
        What the cell may mean, in stored units.
    is_year : bool
        For dates: only the year stood there.
    """

    value: Any = None
    problem: str = ""
    note: str = ""
    suggestion: Any = None
    is_year: bool = False


def read_value(field: str, raw: Any, *, unit: str | None = None) -> Value:
    """Read a cell as a field of a compound.

    Parameters
    ----------
    field : str
        Name of the field, or a ledger's own column.
    raw : str, int, float, bool or None
        The cell.
    unit : str, optional
        Key of ``UNITS``: of the column; by default the stored unit.

    Returns
    -------
    Value
    """
    kind = stored_kind(field)
    if kind == "text":
        return Value(value=_plain_text(raw))
    if kind == "date":
        return _date(raw)
    dimension = _DIMENSIONS.get(kind)
    if dimension is None:
        return Value()
    return _number(raw, kind, dimension, unit or _BASE_UNITS[dimension])


def _plain_text(raw: Any) -> str | None:
    if raw is None:
        return None
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        raw = int(raw)
    return clean(str(raw)) or None


def _date(raw: Any) -> Value:
    try:
        found = read_date(raw)
    except NotReadable as err:
        year = err.suggestion
        advice = (
            f"请改成 {year}，或留空。" if year else "请改成年份（如 1998）或日期，不清楚就留空。"
        )
        suggestion = f"{year}-12-31" if year else None
        return Value(
            problem=f"不是日期：{_shown(raw)}。{advice}", suggestion=suggestion, is_year=bool(year)
        )
    if found is None:
        return Value()
    note = f"{found.note}读取。" if found.note else ""
    return Value(value=found.value, is_year=found.is_year, note=note)


def _number(raw: Any, kind: str, dimension: str, unit: str) -> Value:
    try:
        number = read_number(raw)
    except NotReadable as err:
        return _not_a_number(raw, err.suggestion, kind, dimension, unit)
    if number is None:
        return Value()
    amount = _amount(number, dimension, unit)
    if amount is None:
        return Value(
            problem=f"的单位不对：{_shown(raw)}。请改成以{UNITS[unit].title or '个'}计的数字。"
        )
    if amount < 0:
        return Value(problem=f"是负数：{_shown(raw)}。请改成 0 或正数。")
    value = _stored(amount, kind)
    if kind == "integer" and amount.denominator != 1:
        return Value(problem=f"不是整数：{_shown(raw)}。请改成整数。", suggestion=value)
    notes = []
    if number.about:
        notes.append(f"写的是“{_shown(raw)}”，已按 {_in_unit(amount, unit)} 读取，请核对。")
    if kind == "yuan" and amount.denominator != 1:
        notes.append(f"有不足 1 元的零头：{_shown(raw)}，已四舍五入到 {value:,} 元。")
    return Value(value=value, note="".join(notes))


def _not_a_number(
    raw: Any, suggestion: Decimal | None, kind: str, dimension: str, unit: str
) -> Value:
    amount = None if suggestion is None else _amount(Number(value=suggestion), dimension, unit)
    if amount is None:
        advice = "请改成数字；没有就填“/”，不清楚就留空。"
        return Value(problem=f"不是数字：{_shown(raw)}。{advice}")
    advice = f"请改成 {suggestion}，或在导入时按 {suggestion} 处理。"
    return Value(problem=f"不是数字：{_shown(raw)}。{advice}", suggestion=_stored(amount, kind))


def _amount(number: Number, dimension: str, unit: str) -> Fraction | None:
    """Amount in stored units; None if the unit behind the number is of another kind."""
    written = number.unit
    if written is None:
        return Fraction(number.value) * UNITS[unit].factor
    if written in {"万", "亿"}:
        return Fraction(number.value) * (10_000 if written == "万" else 100_000_000)
    if UNITS[written].dimension != dimension:
        return None
    return Fraction(number.value) * UNITS[written].factor


def _stored(amount: Fraction, kind: str) -> int | float:
    if kind in {"yuan", "integer"}:
        # Half up, as in accounts; round() would go to the even neighbour.
        return int(amount + Fraction(1, 2))
    return float(amount)


def _in_unit(amount: Fraction, unit: str) -> str:
    number = float(amount / UNITS[unit].factor)
    return f"{number:.10g}{UNITS[unit].title}"


def _shown(raw: Any) -> str:
    text = clean(str(raw))
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
