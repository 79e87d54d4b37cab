"""Sums of a ledger: columns against stated totals, parts against their compound, sources against money.

Where a stated total does not tie, the rows are searched for the few that were left out of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from data.findings import Finding
from data.ledger_batches import StatedTotals
from data.ledger_parts import PartRows, part_rows
from data.ledger_texts import COMPOUNDS
from data.ledger_words import Quantity, named, quantity_of
from policy.ledger_rules import because, ledger_rule
from policy.money import grant_yuan
from policy.sources import check_sources

__all__ = ["check_funding", "check_totals", "omitted_rows"]

# What a ledger without a row of totals is told that its rows come to.
_SUMMED = (
    "households",
    "building_count",
    "floor_area_m2",
    "investment_yuan",
    "grant_yuan",
    "stalls_new",
)

# Beyond these numbers of rows a search over pairs, triples, fours would take long and find chance hits.
_MOST_ROWS = {1: 1_000_000, 2: 4_000, 3: 250, 4: 40}
# More subsets than this that fit equally well explain nothing.
_MOST_ANSWERS = 3


def check_totals(frame: pd.DataFrame, stated: Sequence[StatedTotals]) -> list[Finding]:
    """Hold the totals that ledgers state, in rows of totals and in words, against the sums of their rows.

    Parameters
    ----------
    frame : DataFrame
        Rows of the ledger, index uid or row number, columns of the schema in yuan and ㎡.
    stated : sequence of StatedTotals
        Totals in the same units; ``grant_yuan`` stands for 合计补助, ``compounds`` for the number of rows.

    Returns
    -------
    list of Finding
        Rules ``sum_of_rows``, ``sum_in_text``, ``text_and_totals``, ``no_totals``, ``sum_not_checkable``,
        and quotients of totals. The tolerance is half of the last digit of the total as it is written.
    """
    loose = _loose(frame, stated)
    findings = []
    for ledger in stated:
        part = ledger.part_of(frame)
        whole = _Whole(
            rows=part,
            loose=None if ledger.rows is None else loose,
            gone=0 if ledger.rows is None else len(ledger.rows) - len(part),
            where=f"台账“{ledger.file_name}”的" if len(stated) > 1 and ledger.file_name else "",
        )
        findings += _of_one(whole, ledger)
    return findings


def omitted_rows(values: pd.Series[Any], difference: float, *, tolerance: float) -> list[list[Any]]:
    """Find the smallest sets of rows whose values add up to a difference.

    Parameters
    ----------
    values : Series
        One number for each row; missing and zero ones can explain nothing.
    difference : float
        Sum of the rows less the stated total.
    tolerance : float
        How far off still counts.

    Returns
    -------
    list of list
        Index labels, all sets of the smallest size that fits (at most four rows); empty if there is
        none, or if so many fit that it would be a guess.

    Examples
    --------
    >>> omitted_rows(pd.Series({"a": 643, "b": 12, "c": 302}), 302, tolerance=0.05)
    [['c']]
    """
    known = values[values.notna() & (values != 0)].astype(float).sort_index()
    numbers, labels = known.to_numpy(), list(known.index)
    for size, most in _MOST_ROWS.items():
        if size >= len(numbers) or len(numbers) > most:
            continue
        found = _subsets(numbers, difference, size, tolerance)
        if found:
            return (
                [[labels[i] for i in one] for one in found] if len(found) <= _MOST_ANSWERS else []
            )
    return []


def check_funding(frame: pd.DataFrame, paid: pd.Series[Any] | None = None) -> list[Finding]:
    """Hold grants, contributions and payments against the investment; see ``policy.sources``."""
    return [Finding(**one.to_dict()) for one in check_sources(frame, paid=paid)]


@dataclass(frozen=True, kw_only=True)
class _Whole:
    """What totals are held against.

    Rows that no ledger has brought may have been split from one that did, and rows that are gone may have
    been merged into another: a difference that they explain is nobody's slip.
    """

    rows: pd.DataFrame
    loose: pd.DataFrame | None
    gone: int
    where: str

    @cached_property
    def parts(self) -> list[PartRows]:
        """Rows that are parts of one compound."""
        return part_rows(self.rows)

    def numbers(self, name: str) -> pd.Series[Any] | None:
        """Figures of the rows, each compound once; None if there are none."""
        return _numbers(self.rows, name, self.parts)

    def ties(self, name: str, difference: float, tolerance: float) -> bool:
        """Whether the loose rows make up for what is missing."""
        if self.loose is None or self.loose.empty or difference >= 0:
            return False
        more = _numbers(self.loose, name, [])
        return more is not None and abs(difference + float(more.sum())) <= tolerance


def _of_one(whole: _Whole, ledger: StatedTotals) -> list[Finding]:
    findings = []
    for name, stated in ledger.totals.items():
        findings += _one_total(whole, name, stated, ("sum_of_rows", "所列合计"))
    told = dict(ledger.totals)
    for text in ledger.texts:
        for name, stated in text.totals.items():
            said = f"第{text.row}行文字写的合计"
            if name in told and _same(name, told[name], stated):
                continue
            if name in told:
                findings.append(_contradiction(whole, name, (told[name], stated), text.row))
            told.setdefault(name, stated)
            findings += _one_total(whole, name, stated, ("sum_in_text", said))
    if ledger.expected and not ledger.totals:
        findings.append(_no_totals(whole, in_words=bool(ledger.texts)))
    return findings + _unit_costs(told)


def _one_total(whole: _Whole, name: str, stated: float, rule: tuple[str, str]) -> list[Finding]:
    frame, numbers, quantity = whole.rows, whole.numbers(name), quantity_of(name)
    if numbers is None:
        return []
    unknown, tolerance = numbers.isna(), quantity.tolerance(stated)
    together = float(numbers.sum()) if len(numbers) else 0.0
    difference = together - stated
    if abs(difference) <= tolerance or whole.ties(name, difference, tolerance):
        return []
    if whole.gone and difference < 0:
        return [_rows_gone(whole, together, stated, quantity)]
    if unknown.any() and difference < 0:
        return [_not_checkable(frame, unknown, together, stated, quantity)]
    sets = [] if name == COMPOUNDS else omitted_rows(numbers, difference, tolerance=tolerance)
    rows = tuple(dict.fromkeys(label for one in sets for label in one))
    why = (
        "请核对是否漏列或多列"
        if name == COMPOUNDS
        else _explained(frame, numbers, sets, difference, quantity)
    )
    return [
        Finding(
            rule=rule[0],
            severity="错误",
            rows=rows,
            found=quantity.text(stated),
            expected=quantity.text(together),
            message=f"{whole.where}{quantity.title}：{rule[1]}为{quantity.text(stated)}，各行相加为"
            f"{quantity.text(together)}，相差{quantity.text(abs(difference))}。"
            f"{why}{because(rule[0])}。",
        )
    ]


def _numbers(frame: pd.DataFrame, name: str, groups: Sequence[PartRows]) -> pd.Series[Any] | None:
    """Figures to be added up: parts whose compound stands beside them are not counted twice."""
    if name == COMPOUNDS:
        ones = pd.Series(1.0, index=frame.index, dtype="Float64")
        for group in groups:
            extra = group.parts if group.parent is not None else group.parts[1:]
            ones = ones.drop(list(extra))
        return ones
    values = grant_yuan(frame) if name == "grant_yuan" else frame.get(name)
    if values is None:
        return None
    numbers = pd.to_numeric(values).astype("Float64")
    doubled = [row for group in groups if group.ties for row in group.parts]
    known = [row for row in doubled if row in numbers.index]
    return numbers.drop(known) if known else numbers


def _loose(frame: pd.DataFrame, stated: Sequence[StatedTotals]) -> pd.DataFrame:
    """Rows that no ledger has brought."""
    brought = [label for one in stated for label in one.rows or ()]
    return frame.loc[~frame.index.isin(brought)]


def _same(name: str, one: float, other: float) -> bool:
    quantity = quantity_of(name)
    return abs(one - other) <= max(quantity.tolerance(one), quantity.tolerance(other))


def _contradiction(whole: _Whole, name: str, both: tuple[float, float], row: int) -> Finding:
    quantity = quantity_of(name)
    return Finding(
        rule="text_and_totals",
        severity="错误",
        found=quantity.text(both[1]),
        expected=quantity.text(both[0]),
        message=f"{whole.where}{quantity.title}：第{row}行文字写的是{quantity.text(both[1])}，合计行（或前文）是"
        f"{quantity.text(both[0])}，请改成一致{because('text_and_totals')}。",
    )


def _no_totals(whole: _Whole, *, in_words: bool) -> Finding:
    """Say that there is nothing to check against, and what the rows come to."""
    sums = []
    for name in (COMPOUNDS, *_SUMMED):
        numbers = whole.numbers(name)
        if numbers is not None and numbers.notna().any():
            some = "（有未知）" if numbers.isna().any() else ""
            sums.append(f"{quantity_of(name).title}{quantity_of(name).text(numbers.sum())}{some}")
    instead = "已改用标题、说明里写的合计核对" if in_words else "无法核对各行之和"
    return Finding(
        rule="no_totals",
        severity="说明",
        found="没有合计行",
        expected="、".join(sums),
        message=f"{whole.where or '台账'}没有合计行，{instead}。各行相加：{'、'.join(sums)}，"
        f"请与方案正文核对，或在台账末尾补上合计行{because('no_totals')}。",
    )


def _rows_gone(whole: _Whole, together: float, stated: float, quantity: Quantity) -> Finding:
    return Finding(
        rule="sum_not_checkable",
        severity="说明",
        found=quantity.text(stated),
        expected=quantity.text(together),
        message=f"{whole.where}{quantity.title}：所列合计为{quantity.text(stated)}，台账中有{whole.gone}个小区已不在"
        f"计划里（删除或合并了），余下各行相加为{quantity.text(together)}，无法核对合计。",
    )


def _explained(
    frame: pd.DataFrame,
    numbers: pd.Series[Any],
    sets: Sequence[Sequence[Any]],
    difference: float,
    quantity: Quantity,
) -> str:
    if len(sets) == 1:
        together = "" if len(sets[0]) == 1 else "之和"
        return f"差额正好等于“{named(frame, sets[0])}”{together}，合计中很可能漏计，请核对合计"
    if sets:
        answers = "，或".join(f"“{named(frame, one)}”" for one in sets)
        return f"差额可能来自漏计{answers}，请逐一核对"
    twice = numbers.index[(numbers + difference).abs() <= quantity.tolerance(difference)]
    if difference < 0 and len(twice) == 1:
        return f"差额正好等于“{named(frame, list(twice))}”，合计中可能重复计了一次，请核对合计"
    return "没有找到能解释差额的少数几行，请逐行核对后改正"


def _not_checkable(
    frame: pd.DataFrame,
    unknown: pd.Series[bool],
    together: float,
    stated: float,
    quantity: Quantity,
) -> Finding:
    rows = tuple(frame.index[unknown])
    lacking = "各行都没有填写" if unknown.all() else f"{len(rows)}行没有填写"
    return Finding(
        rule="sum_not_checkable",
        severity="说明",
        rows=rows,
        found=quantity.text(stated),
        expected="" if unknown.all() else quantity.text(together),
        message=f"{quantity.title}：所列合计为{quantity.text(stated)}，{lacking}，无法核对合计。"
        "请补填后再检查；未知不会按0计。",
    )


def _subsets(
    numbers: np.ndarray[Any, Any], wanted: float, size: int, tolerance: float
) -> list[tuple[int, ...]]:
    """Positions of all sets of one size that add up to what is wanted, a few beyond the limit at most."""
    if size == 1:
        return [(int(i),) for i in np.flatnonzero(np.abs(numbers - wanted) <= tolerance)]
    found: list[tuple[int, ...]] = []
    if size == 4:
        for chosen in itertools.combinations(range(len(numbers)), 4):
            if abs(numbers[list(chosen)].sum() - wanted) <= tolerance:
                found.append(chosen)
        return found
    for i in range(len(numbers)):
        rest = _subsets(numbers[i + 1 :], wanted - numbers[i], size - 1, tolerance)
        found += [(i, *(i + 1 + j for j in one)) for one in rest]
        if len(found) > _MOST_ANSWERS:
            break
    return found


def _unit_costs(totals: Mapping[str, float]) -> list[Finding]:
    """Find stated totals that do not go together (利通区: 16.5 元/㎡, 4074 ㎡/栋)."""
    floor, money = totals.get("floor_area_m2"), totals.get("investment_yuan")
    houses = totals.get("building_count")
    findings = []
    if floor and money:
        findings += _total_ratio("total_cost", "cost_per_area", money / floor, "元/㎡")
    if floor and houses:
        findings += _total_ratio("total_house", "area_per_building", floor / houses, "㎡/栋")
    return findings


def _total_ratio(rule: str, basis: str, value: float, unit: str) -> list[Finding]:
    limits = ledger_rule(basis)
    low, high = limits.number("low"), limits.number("high")
    if low <= value <= high:
        return []
    shown = f"{value:.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}"
    what = "投资与面积" if rule == "total_cost" else "面积与栋数"
    return [
        Finding(
            rule=rule,
            severity="提醒",
            found=shown,
            expected=f"{low:g}–{high:g} {unit}",
            message=f"{limits.title}：所列合计中{what}相除为{shown}，一般在{low:g}–{high:g} {unit}之间，请核对单位和"
            f"数字{limits.because}。",
        )
    ]
