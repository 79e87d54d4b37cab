"""Sums of a ledger: columns against stated totals, parts against their compound, sources against money.

Where a stated total does not tie, the rows are searched for the few that were left out of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from data.findings import Finding
from data.ledger_words import Quantity, named, quantity_of, wan
from data.schema import GRANT_FIELDS
from policy.money import contribution_yuan, funding_gap_yuan, grant_yuan

__all__ = ["check_funding", "check_parts", "check_totals", "omitted_rows"]

# Beyond these numbers of rows a search over pairs, triples, fours would take long and find chance hits.
_MOST_ROWS = {1: 1_000_000, 2: 4_000, 3: 250, 4: 40}
# More subsets than this that fit equally well explain nothing.
_MOST_ANSWERS = 3


def check_totals(frame: pd.DataFrame, totals: Mapping[str, float]) -> list[Finding]:
    """Hold the stated totals against the sums of the rows.

    Parameters
    ----------
    frame : DataFrame
        Rows of the ledger, index uid or row number, columns of the schema in yuan and ㎡.
    totals : mapping
        Stated totals by field name, same units; ``grant_yuan`` stands for 合计补助.

    Returns
    -------
    list of Finding
        Rules ``sum_of_rows`` and ``sum_not_checkable``. The tolerance is half of the last digit of the
        total as the ledger writes it.
    """
    findings = []
    for name, stated in totals.items():
        values = grant_yuan(frame) if name == "grant_yuan" else frame.get(name)
        if stated is None or pd.isna(stated) or values is None:
            continue
        quantity = quantity_of(name)
        numbers = pd.to_numeric(values).astype("Float64")
        findings += _one_total(frame, numbers, float(stated), quantity)
    return findings + _unit_costs(totals)


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


def check_parts(frame: pd.DataFrame) -> list[Finding]:
    """Hold the parts of a compound (``extra["parts"]``) against its own figures.

    Returns
    -------
    list of Finding
        Rule ``sum_of_parts``.
    """
    findings = []
    for label, parts in parts_of(frame):
        for name in sorted({key for part in parts for key in part} & set(frame.columns)):
            quantity = quantity_of(name)
            if not quantity.unit:
                continue
            whole = frame[name].get(label)
            values = [float(part[name]) for part in parts if part.get(name) is not None]
            known = len(values) == len(parts)
            if whole is None or pd.isna(whole) or not known:
                continue
            together = sum(values)
            if abs(together - float(whole)) <= quantity.tolerance(float(whole)):
                continue
            findings.append(
                Finding(
                    rule="sum_of_parts",
                    severity="错误",
                    rows=(label,),
                    found=quantity.text(whole),
                    expected=quantity.text(together),
                    message=f"“{named(frame, [label])}”的{quantity.title}是{quantity.text(whole)}，"
                    f"而它的{len(parts)}个分区合计为{quantity.text(together)}。请核对后改正其中之一"
                    "（依据：分区之和应等于小区数）。",
                )
            )
    return findings


def parts_of(frame: pd.DataFrame) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Compounds that are made of parts, with their parts."""
    if "extra" not in frame:
        return []
    return [
        (label, extra["parts"])
        for label, extra in frame["extra"].items()
        if isinstance(extra, Mapping) and isinstance(extra.get("parts"), list)
    ]


def check_funding(frame: pd.DataFrame) -> list[Finding]:
    """Hold grants and contributions against 合计补助 and the investment.

    Returns
    -------
    list of Finding
        Rules ``grant_total``, ``grant_above_investment``, ``funding_above_investment``,
        ``gap_without_source``, ``fully_granted``.
    """
    findings = _stated_grants(frame)
    if "investment_yuan" not in frame:
        return findings
    investment = frame["investment_yuan"].astype("Int64")
    grants, others = grant_yuan(frame), contribution_yuan(frame)
    over = (grants > investment).fillna(False)
    findings += [
        _over(frame, label, grants[label], "grant_above_investment", "补助合计")
        for label in frame.index[over]
    ]
    both = grants.fillna(0) + others.fillna(0)
    findings += [
        _over(frame, label, both[label], "funding_above_investment", "补助与出资合计")
        for label in frame.index[(both > investment).fillna(False) & ~over]
    ]
    return findings + _gaps(frame, investment, grants)


def _one_total(
    frame: pd.DataFrame, numbers: pd.Series[Any], stated: float, quantity: Quantity
) -> list[Finding]:
    unknown = numbers.isna()
    together = float(numbers.sum()) if len(numbers) else 0.0
    difference = together - stated
    if abs(difference) <= quantity.tolerance(stated):
        return []
    if unknown.any() and difference < 0:
        return [_not_checkable(frame, unknown, together, stated, quantity)]
    sets = omitted_rows(numbers, difference, tolerance=quantity.tolerance(stated))
    rows = tuple(dict.fromkeys(label for one in sets for label in one))
    return [
        Finding(
            rule="sum_of_rows",
            severity="错误",
            rows=rows,
            found=quantity.text(stated),
            expected=quantity.text(together),
            message=f"{quantity.title}：所列合计为{quantity.text(stated)}，各行相加为"
            f"{quantity.text(together)}，相差{quantity.text(abs(difference))}。"
            f"{_explained(frame, numbers, sets, difference, quantity)}"
            "（依据：台账各行之和应等于所列合计，容差为合计末位的一半）。",
        )
    ]


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
    if floor and money and not 30 <= money / floor <= 3_000:
        findings.append(
            _total_ratio("total_cost", f"{money / floor:.1f} 元/㎡", "30–3000 元/㎡", "投资与面积")
        )
    if floor and houses and not 200 <= floor / houses <= 4_000:
        findings.append(
            _total_ratio(
                "total_house", f"{floor / houses:.0f} ㎡/栋", "200–4000 ㎡/栋", "面积与栋数"
            )
        )
    return findings


def _total_ratio(rule: str, found: str, expected: str, what: str) -> Finding:
    return Finding(
        rule=rule,
        severity="提醒",
        found=found,
        expected=expected,
        message=f"所列合计中{what}相除为{found}，一般在{expected}之间，请核对单位和数字（经验值）。",
    )


def _stated_grants(frame: pd.DataFrame) -> list[Finding]:
    """合计补助 as a row states it against the sum of its sources, to the yuan."""
    if "grant_yuan" not in frame or not set(GRANT_FIELDS) & set(frame.columns):
        return []
    stated = pd.to_numeric(frame["grant_yuan"]).astype("Int64")
    together = grant_yuan(frame)
    findings = []
    for label in frame.index[(stated != together).fillna(False)]:
        findings.append(
            Finding(
                rule="grant_total",
                severity="错误",
                rows=(label,),
                found=wan(stated[label]),
                expected=wan(together[label]),
                message=f"“{named(frame, [label])}”的合计补助写的是{wan(stated[label])}，各项补助相加为"
                f"{wan(together[label])}，请核对（依据：合计补助＝各级补助之和）。",
            )
        )
    return findings


def _over(frame: pd.DataFrame, label: Any, amount: int, rule: str, what: str) -> Finding:
    investment = frame.loc[label, "investment_yuan"]
    return Finding(
        rule=rule,
        severity="错误",
        rows=(label,),
        found=wan(amount),
        expected=f"≤ {wan(investment)}",
        message=f"“{named(frame, [label])}”的{what}{wan(amount)}，超过预计投资额{wan(investment)}，"
        "请核对两者（依据：补助和出资之和不应超过投资）。",
    )


def _gaps(
    frame: pd.DataFrame,
    investment: pd.Series[Any],
    grants: pd.Series[Any],
) -> list[Finding]:
    findings = []
    gap = funding_gap_yuan(frame)
    open_gap = (gap > 0).fillna(False)
    if open_gap.any():
        amount = int(gap[open_gap].sum())
        whole = int(investment[gap.notna()].sum())
        share = f"{Decimal(amount) * 100 / Decimal(whole):.1f}%"
        rows = list(frame.index[open_gap])
        findings.append(
            Finding(
                rule="gap_without_source",
                severity="提醒",
                rows=tuple(rows),
                found=wan(amount),
                expected="写明出资方",
                message=f"{len(rows)}个小区有资金缺口，合计{wan(amount)}，占投资的{share}，没有写明由谁"
                f"出资：“{named(frame, rows)}”。请填写居民、专营单位等出资（依据：谁受益、谁出资）。",
            )
        )
    full = ((grants == investment) & (investment > 0)).fillna(False)
    # Only worth a word where the others do leave something to the residents.
    if full.any() and not full.all():
        rows = list(frame.index[full])
        findings.append(
            Finding(
                rule="fully_granted",
                severity="说明",
                rows=tuple(rows),
                found="补助占投资的100%",
                expected="居民合理分担",
                message=f"“{named(frame, rows)}”的投资全部由补助承担，居民没有出资。若方案写明由居民自筹，"
                "请核对（依据：谁受益、谁出资）。",
            )
        )
    return findings
