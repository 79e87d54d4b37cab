"""Attributes of a compound as the pages write them; the figures themselves are written by policy."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from data.schema import FIELDS
from policy.wording import UNKNOWN, format_area, format_count, format_date, format_wan

__all__ = ["field_text", "grouped", "safe", "wan"]

# What Markdown and Streamlit's own directives would take for mark-up.
_MARKUP = {ord(c): f"\\{c}" for c in "\\`*_{}[]<>()#+-!|$~:"}
# Icons and emoji (:material/home:) are looked for after the backslashes are gone; a sign of no width
# behind the colon keeps them from being found.
_SHORTCODE = re.compile(r":(?=[A-Za-z0-9_+-])")
_NO_WIDTH = "\u2060"


def grouped(number: Any, unit: str = "") -> str:
    """Whole number with thousands separators and its unit, for summaries.

    Examples
    --------
    >>> grouped(1061, "户")
    '1,061 户'
    """
    text = format_count(number)
    if text == UNKNOWN:
        return text
    return f"{text} {unit}".rstrip()


def wan(yuan: Any, *, none: str = "/") -> str:
    """Amount in 万元 with the unit, except for none and unknown.

    Examples
    --------
    >>> wan(4_008_000), wan(0), wan(None)
    ('400.8 万元', '/', '未知')
    """
    text = format_wan(yuan, none=none)
    return text if text in {UNKNOWN, none} else f"{text} 万元"


def field_text(name: str, record: Any) -> str:
    """One attribute of a compound as text with its unit.

    Parameters
    ----------
    name : str
        Field of the schema.
    record : mapping or Series
        The compound.
    """
    field, value = FIELDS[name], record[name]
    if field.kind == "yuan":
        return wan(value)
    if field.kind == "date":
        is_year = record.get("built_on_is_year")
        return format_date(value, is_year=not pd.isna(is_year) and bool(is_year))
    if field.kind in {"integer", "area"}:
        text = format_count(value) if field.kind == "integer" else format_area(value)
        return text if text == UNKNOWN else f"{text} {field.unit}".rstrip()
    return str(value) if isinstance(value, str) and value else UNKNOWN


def safe(text: Any) -> str:
    r"""Text of a record as plain text in Markdown: nothing in it is mark-up.

    Examples
    --------
    >>> safe("*甲* :red[乙]")
    '\\*甲\\* \\:\u2060red\\[乙\\]'
    """
    plain = _SHORTCODE.sub(f":{_NO_WIDTH}", str(text).replace("\n", " "))
    return plain.translate(_MARKUP)
