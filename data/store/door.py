"""The door of the plan file: what comes in is made uniform or refused, all problems of a batch at once.

Text: Unicode NFC, no control characters, no blanks at the ends, nothing instead of an empty text.
Numbers: finite and within ±1e12; counts, areas and money are not negative; counts and money are whole.
Geometry: two-dimensional, valid, finite, multi-part where the layer is; empty means none.
"""

from __future__ import annotations

import datetime
import json
import math
import numbers
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from data.schema import LAYERS, TABLES, Field
from errors import RecordError

__all__ = [
    "LARGEST_NUMBER",
    "clean_actor",
    "clean_extra",
    "clean_geometries",
    "clean_json",
    "clean_text",
    "clean_value",
    "clean_values",
    "is_missing",
]

# Whole numbers up to here are exact in a double, in JSON and in a spreadsheet.
LARGEST_NUMBER = 1e12
LONGEST_TEXT = 20_000

# A line break in these is the planner's own; elsewhere it becomes a blank.
_MULTILINE = frozenset({"works_text", "remarks"})
_LINE_BREAK = re.compile(r"\r\n?|[\u0085\u2028\u2029]")
_WHOLE_KINDS = frozenset({"integer", "yuan", "year"})
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_EARLIEST_YEAR = 1800
_LATEST_YEAR = 2200

_PLAIN_TYPES = frozenset({str, int, float, bool})

_POLYGON, _MULTIPOLYGON = 3, 6


def clean_text(value: object, *, multiline: bool = False) -> str | None:
    """Text in its one form, None if nothing is left.

    Raises
    ------
    ValueError
        With a Chinese reason, if the value is not text or too long.
    """
    if is_missing(value):
        return None
    if not isinstance(value, str):
        raise ValueError(f"应是文字，现在是 {value!r}")  # noqa: TRY004 - one kind of refusal
    if value.isprintable() and len(value) <= LONGEST_TEXT:
        # Nothing to take out: the usual case, and ten times quicker.
        return unicodedata.normalize("NFC", value).strip() or None
    text = _LINE_BREAK.sub("\n", unicodedata.normalize("NFC", value))
    if not multiline:
        text = text.replace("\n", " ")
    text = text.replace("\t", " ")
    kept = (c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs"})
    text = "".join(kept).strip().strip("\ufeff\u200b").strip()
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"文字过长（{len(text)} 字，最多 {LONGEST_TEXT} 字）")
    return text or None


def clean_value(field: Field, value: object) -> Any:
    """One value as it is stored.

    Raises
    ------
    ValueError
        With a Chinese reason.
    """
    if is_missing(value):
        return 0 if field.kind == "flag" else None
    if field.kind == "text":
        return clean_text(value, multiline=field.name in _MULTILINE)
    if field.kind == "date":
        return _clean_date(value)
    if field.kind == "month":
        return _clean_month(value)
    if field.kind == "flag":
        return _clean_flag(value)
    return _clean_number(field, value)


def clean_values(layer: str, values: Mapping[str, object], where: str) -> dict[str, Any]:
    """Clean the attributes of one record (without geometry); unknown names are refused.

    Raises
    ------
    RecordError
        With one sentence for each problem.
    """
    fields = {field.name: field for field in TABLES[layer].fields}
    cleaned: dict[str, Any] = {}
    problems: list[str] = []
    for name, value in values.items():
        try:
            if name == "extra":
                cleaned["extra"] = clean_extra(value)
            elif name in fields:
                cleaned[name] = clean_value(fields[name], value)
            else:
                problems.append(f"{where}：没有“{name}”这个字段")
        except ValueError as reason:
            title = fields[name].title if name in fields else "自定义字段"
            problems.append(f"{where}：{title}{reason}")
    if problems:
        raise RecordError(TABLES[layer].title, problems)
    return cleaned


def clean_extra(value: object) -> str | None:
    """User-defined fields as JSON text; None if there are none."""
    if is_missing(value) or value == {}:
        return None
    if not isinstance(value, Mapping):
        raise ValueError("应是“名称: 值”的集合")  # noqa: TRY004 - one kind of refusal
    cleaned = {clean_text(str(name)) or "": _plain(item) for name, item in value.items()}
    return clean_json(cleaned)


def clean_json(value: object) -> str:
    """Any plain value as JSON text; NaN and infinity are refused.

    Raises
    ------
    ValueError
        If the value has no JSON form.
    """
    try:
        return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"的值无法保存（{error}）") from error


def clean_actor(actor: object) -> str:
    """Name of whoever edits; must not be empty nor the word kept for other programs."""
    try:
        name = clean_text(actor)
    except ValueError as reason:
        raise RecordError("修改人", [f"姓名{reason}"]) from reason
    if name is None or name == "external":
        raise RecordError("修改人", ["请先填写姓名，再保存修改（不能为空，也不能用 external）。"])
    return name[:100]


def clean_geometries(
    layer: str, geometries: Iterable[object], names: list[str]
) -> npt.NDArray[np.object_]:
    """Geometries as the layer stores them, EPSG:4490.

    Parameters
    ----------
    layer : str
        Layer's name.
    geometries : iterable
        shapely geometries or missing.
    names : list of str
        What to call each record in a message.

    Raises
    ------
    RecordError
        With one sentence for each geometry that can not be stored.
    """
    given = list(geometries)
    array = np.empty(len(given), dtype=object)
    array[:] = [None if is_missing(item) else item for item in given]
    known = np.array([isinstance(item, shapely.Geometry) or item is None for item in array], bool)
    if not known.all():
        raise RecordError(
            LAYERS[layer].title, [f"{names[i]}：边界不是图形" for i in np.flatnonzero(~known)]
        )
    array = np.asarray(shapely.force_2d(array), dtype=object)
    array[shapely.is_empty(array)] = None
    if LAYERS[layer].geometry_type == "MULTIPOLYGON":
        array = _multi(array)
    problems = _geometry_problems(layer, array, names)
    if problems:
        raise RecordError(LAYERS[layer].title, problems)
    return array


def is_missing(value: object) -> bool:
    """None, NaN, NaT and pandas' NA all mean: not known."""
    if value is None:
        return True
    if type(value) in _PLAIN_TYPES:
        return value != value  # noqa: PLR0124 - NaN, without the slow look at abstract classes
    if isinstance(value, (str, Mapping, shapely.Geometry)):
        return False
    if isinstance(value, numbers.Real):
        return math.isnan(value)
    return type(value).__name__ in {"NAType", "NaTType"}


def _clean_number(field: Field, value: object) -> int | float:
    # int and float first: the look at the abstract class is slow.
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, numbers.Real)):
        raise ValueError(f"应是数字，现在是 {value!r}")  # noqa: TRY004 - one kind of refusal
    number = float(value)
    if not abs(number) <= LARGEST_NUMBER:
        raise ValueError(f"超出范围（{value}，绝对值最大 1 万亿）")
    if number < 0:
        raise ValueError(f"不能为负（现在是 {value}）")
    if field.kind == "share" and number > 1:
        raise ValueError(f"应在 0 与 1 之间（现在是 {value}；50% 写作 0.5）")
    if field.kind not in _WHOLE_KINDS:
        # -0.0 would read back as another value than it was.
        return number + 0.0
    if not number.is_integer():
        raise ValueError(f"应是整数，现在是 {value}")
    if field.kind == "year":
        _require_year(int(number))
    # Exact: 1e12 is far below the 2^53 up to which a double holds every whole number.
    return int(number)


def _clean_date(value: object) -> str:
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date):
        value = value.isoformat()
    try:
        day = datetime.date.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError(f"应是日期（如 2000-12-31），现在是 {value!r}") from None
    _require_year(day.year)
    return day.isoformat()


def _clean_month(value: object) -> str:
    text = str(value).strip()
    found = _MONTH.fullmatch(text)
    if found is None:
        raise ValueError(f"应是月份（如 2026-11），现在是 {value!r}")
    _require_year(int(found[1]))
    return text


def _require_year(year: int) -> None:
    if not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
        raise ValueError(f"年份不合理（{year}）")


def _clean_flag(value: object) -> int:
    if isinstance(value, (bool, np.bool_, numbers.Integral)) and int(value) in {0, 1}:
        return int(value)
    raise ValueError(f"应是“是”或“否”，现在是 {value!r}")


def _plain(value: object) -> Any:
    """JSON-ready copy: numpy scalars become Python's, missing becomes None, text is cleaned."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return clean_text(value, multiline=True)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return None if is_missing(value) else value


def _multi(array: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    single = np.flatnonzero(shapely.get_type_id(array) == _POLYGON)
    if single.size:
        array = array.copy()
        array[single] = shapely.multipolygons(array[single], indices=np.arange(single.size))
    return array


def _geometry_problems(layer: str, array: npt.NDArray[np.object_], names: list[str]) -> list[str]:
    problems: list[str] = []
    present = np.array([item is not None for item in array], bool)
    kinds = shapely.get_type_id(array)
    coordinates, owner = shapely.get_coordinates(array, return_index=True)
    infinite = np.zeros(len(array), bool)
    infinite[owner[~np.isfinite(coordinates).all(axis=1)]] = True
    wrong_kind = np.zeros(len(array), bool)
    if LAYERS[layer].geometry_type == "MULTIPOLYGON":
        wrong_kind = present & (kinds != _MULTIPOLYGON)
    checkable = present & ~infinite & ~wrong_kind
    invalid = np.zeros(len(array), bool)
    invalid[checkable] = ~shapely.is_valid(array[checkable])
    for i in np.flatnonzero(infinite | wrong_kind | invalid):
        if infinite[i]:
            problems.append(f"{names[i]}：边界的坐标不是有限的数")
        elif wrong_kind[i]:
            problems.append(f"{names[i]}：边界应是面，现在是 {array[i].geom_type}")
        else:
            reason = shapely.is_valid_reason(array[i])
            problems.append(f"{names[i]}：边界自相交或不合规（{reason}），请修复后再保存")
    return problems
