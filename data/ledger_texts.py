"""Totals that a ledger states in words, in its title or its notes: 5个小区、1061户、总投资515万元."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["COMPOUNDS", "TextTotals", "text_totals"]

# How many compounds there are: a total of no column, but of the rows themselves.
COMPOUNDS = "compounds"

_NUMBER = r"(\d[\d,]*(?:\.\d+)?)"
_ABOUT = r"(?:约|共|共计|合计|总计|达|为|是|:|计)*"
_WAN_YUAN = rf"{_ABOUT}{_NUMBER}(万元|亿元|元)"
# A sentence speaks of the whole only with one of these; 玉皇路小区投资230万元 speaks of one compound.
_WHOLE = re.compile(
    r"合计|总计|共计|共有|总投资|全区|全市|全县|以上|\d+个(?:城镇)?(?:老旧)?小区|小区\d+个|小区共"
)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (COMPOUNDS, rf"{_NUMBER}()个(?:城镇)?(?:老旧)?小区"),
        (COMPOUNDS, rf"小区{_ABOUT}{_NUMBER}()个"),
        ("households", rf"{_NUMBER}(万?)户"),
        ("building_count", rf"{_NUMBER}()(?:栋|幢)"),
        ("floor_area_m2", rf"面积{_ABOUT}{_NUMBER}(万?)(?:平方米|平米|平方|m2)"),
        (
            "investment_yuan",
            rf"(?:总投资|投资预算|预算投资|投资估算|投资概算|投资总额|预计投资)(?:总?额)?{_WAN_YUAN}",
        ),
        ("grant_central_yuan", rf"中央(?:财政)?(?:补助)?(?:资金)?{_WAN_YUAN}"),
        ("grant_provincial_yuan", rf"省级?(?:财政|专项)?(?:补助)?(?:资金)?{_WAN_YUAN}"),
        ("grant_yuan", rf"(?:合计补助|补助合计|补助资金合计|补助总额){_WAN_YUAN}"),
        ("stalls_new", rf"新增(?:停车位|车位|停车泊位){_ABOUT}{_NUMBER}()个"),
    )
)
_FACTORS = {"": 1, "万": 10_000, "元": 1, "万元": 10_000, "亿元": 100_000_000}


@dataclass(frozen=True, kw_only=True)
class TextTotals:
    """What one line states.

    Attributes
    ----------
    row : int
        Number of the row in the sheet.
    text : str
        The line.
    totals : dict
        By field name (or ``compounds``), in stored units.
    """

    row: int
    text: str
    totals: dict[str, float]


def text_totals(lines: Iterable[tuple[int, str]]) -> tuple[TextTotals, ...]:
    """Read the totals that lines of text state.

    Parameters
    ----------
    lines : iterable of (int, str)
        Row number and words, as ``LedgerSheet.texts``.

    Returns
    -------
    tuple of TextTotals
        Only lines that state any.

    Examples
    --------
    >>> line = "以上7个小区整治改造242栋楼，建设改造面积98.6万平方米，投资预算为1626.8万元。"
    >>> text_totals([(11, line)])[0].totals == {
    ...     "compounds": 7, "building_count": 242, "floor_area_m2": 986_000, "investment_yuan": 16_268_000
    ... }
    True
    """
    found = []
    for row, text in lines:
        totals: dict[str, float] = {}
        for sentence in re.split(r"[。;；!！]", unicodedata.normalize("NFKC", text)):
            plain = re.sub(r"\s+", "", sentence)
            if _WHOLE.search(plain):
                totals = _read(plain) | totals
        if totals:
            found.append(TextTotals(row=row, text=text, totals=totals))
    return tuple(found)


def _read(sentence: str) -> dict[str, float]:
    """Totals of one sentence; what it states twice with different figures is left alone."""
    values: dict[str, set[Decimal]] = {}
    for name, pattern in _PATTERNS:
        for number, unit in pattern.findall(sentence):
            value = Decimal(number.replace(",", "")) * _FACTORS[unit]
            values.setdefault(name, set()).add(value)
    return {name: float(next(iter(one))) for name, one in values.items() if len(one) == 1}
