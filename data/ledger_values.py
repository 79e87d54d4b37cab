"""Values of a ledger one by one and against each other: blanks, impossible, unlikely, repeated."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.findings import Finding, Severity
from data.ledger_parts import parts_of
from data.ledger_words import named, quantity_of, significant_digits
from data.schema import CONTRIBUTION_FIELDS, FIELDS, GRANT_FIELDS
from policy.ledger_rules import because, ledger_rule

__all__ = ["check_blanks", "check_impossible", "check_repeated", "check_unlikely"]

# The columns of 云城区's ledger, and the year without which no cut-off date can be judged.
_REQUIRED: tuple[tuple[str, Severity], ...] = (
    ("name", "错误"),
    ("subdistrict", "提醒"),
    ("community", "提醒"),
    ("households", "提醒"),
    ("building_count", "提醒"),
    ("floor_area_m2", "提醒"),
    ("works_text", "提醒"),
    ("investment_yuan", "提醒"),
    ("built_on", "提醒"),
)
_MONEY = ("investment_yuan", *GRANT_FIELDS, *CONTRIBUTION_FIELDS)
_COUNTED = ("households", "building_count", "floor_area_m2")
_STALLS = ("stalls_existing", "stalls_new")

_REPEAT_COLUMNS = ("households", "floor_area_m2", "stalls_new", "investment_yuan")


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """A quotient of two columns; where it usually lies is in ``policy.ledger_rules``."""

    rule: str
    above: str
    below: str
    unit: str
    # Whether a few rows are held against their own median: what is done differs too much for cost a
    # household, and how many live in a building too much for the rest.
    few: bool = True
    # Whether limits of the rule count for rows, and not only for totals.
    fixed: bool = True

    @property
    def limits(self) -> tuple[float, float] | None:
        """Where it usually lies, if anybody has said so."""
        rule = ledger_rule(self.rule)
        if not self.fixed or not rule.values:
            return None
        return rule.number("low"), rule.number("high")


_RATIOS = (
    Ratio(rule="area_per_household", above="floor_area_m2", below="households", unit="㎡/户"),
    Ratio(
        rule="cost_per_area",
        above="investment_yuan",
        below="floor_area_m2",
        unit="元/㎡",
        fixed=False,
    ),
    Ratio(
        rule="cost_per_household",
        above="investment_yuan",
        below="households",
        unit="元/户",
        few=False,
    ),
    Ratio(
        rule="households_per_building",
        above="households",
        below="building_count",
        unit="户/栋",
        few=False,
    ),
    Ratio(
        rule="area_per_building",
        above="floor_area_m2",
        below="building_count",
        unit="㎡/栋",
        few=False,
    ),
)


def check_blanks(frame: pd.DataFrame) -> list[Finding]:
    """Find required fields that are blank: rule ``blank``, one finding a column."""
    findings = []
    for name, severity in _REQUIRED:
        values = frame.get(name, pd.Series(None, index=frame.index, dtype=object))
        blank = values.isna() | values.astype("string").str.strip().eq("").fillna(False)
        rows = list(frame.index[blank])
        if not rows:
            continue
        title = FIELDS[name].title
        whole = len(rows) == len(frame)
        where = "整列没有填写" if whole else f"{len(rows)}行没有填写：“{named(frame, rows)}”"
        why = "，无法判断是否在建成年代界线以内" if name == "built_on" else ""
        findings.append(
            Finding(
                rule="blank",
                severity=severity,
                rows=tuple(rows),
                found="空白",
                expected=title,
                message=f"{title}{where}{why}。请补填；空白按未知处理，不按0计{because('blank')}。",
            )
        )
    return findings


def check_impossible(frame: pd.DataFrame, *, today: dt.date | None = None) -> list[Finding]:
    """Find values that can not be: rules ``negative``, ``zero`` and ``future_date``, one finding a column."""
    findings = _future(frame, today or dt.date.today())
    for name in (*_COUNTED, *_MONEY, *_STALLS):
        if name not in frame:
            continue
        numbers = pd.to_numeric(frame[name]).astype("Float64")
        findings += _impossible(frame, name, (numbers < 0).fillna(False), "negative", "小于0")
        # No grant and no new stall is a fact; no households or no house is a slip.
        if name in (*_COUNTED, "investment_yuan"):
            findings += _impossible(frame, name, (numbers == 0).fillna(False), "zero", "等于0")
    return findings


def check_unlikely(frame: pd.DataFrame) -> list[Finding]:
    """Find quotients out of the usual: outside fixed limits, or far from the other rows.

    Returns
    -------
    list of Finding
        One for each quotient, rules ``area_per_household``, ``cost_per_area``, ``cost_per_household``,
        ``households_per_building``, ``area_per_building``. With 12 rows or more the measure is the median
        absolute deviation of the logarithm, with fewer a third off the median.
    """
    return [finding for ratio in _RATIOS for finding in _unlikely(frame, ratio)]


def check_repeated(frame: pd.DataFrame) -> list[Finding]:
    """Find numbers that look copied: rule ``repeated_number``.

    A number of three or more digits that comes again in a short table or among the parts of one
    compound; in a longer table households, area and investment that come again together.
    """
    findings = []
    for label, parts in parts_of(frame):
        for name in _REPEAT_COLUMNS:
            values = [part.get(name) for part in parts]
            for value, places in _repeats(enumerate(values)).items():
                which = "、".join(str(parts[i].get("part", i + 1)) for i in places)
                findings.append(
                    _repeated((label,), name, value, f"“{named(frame, [label])}”的{which}")
                )
    names = [name for name in _REPEAT_COLUMNS if name in frame]
    # In a long table single numbers come again by chance.
    if len(frame) <= ledger_rule("repeated_number").values["long_table"]:
        for name in names:
            for value, rows in _repeats(frame[name].items()).items():
                findings.append(_repeated(tuple(rows), name, value, f"“{named(frame, rows)}”"))
        return findings
    return findings + _repeated_together(frame)


def _impossible(
    frame: pd.DataFrame, name: str, wrong: pd.Series[bool], rule: str, says: str
) -> list[Finding]:
    rows = list(frame.index[wrong])
    if not rows:
        return []
    quantity = quantity_of(name)
    return [
        Finding(
            rule=rule,
            severity="错误",
            rows=tuple(rows),
            found="、".join(quantity.text(frame.loc[row, name]) for row in rows[:5]),
            expected="大于0" if rule == "zero" or name in _COUNTED else "0或以上",
            message=f"{quantity.title}{says}：“{named(frame, rows)}”。请改正；不知道的请留空"
            f"{because(rule)}。",
        )
    ]


def _future(frame: pd.DataFrame, today: dt.date) -> list[Finding]:
    """Find days of completion that have not come: a compound of 2099 is no old one."""
    if "built_on" not in frame:
        return []
    days = pd.to_datetime(frame["built_on"], format="%Y-%m-%d", errors="coerce")
    # A bare year stands for its last day, and may be the current one.
    rows = list(frame.index[(days > pd.Timestamp(today.year, 12, 31)).fillna(False)])
    if not rows:
        return []
    return [
        Finding(
            rule="future_date",
            severity="错误",
            rows=tuple(rows),
            found="、".join(str(frame.loc[row, "built_on"]) for row in rows[:5]),
            expected=f"≤ {today.isoformat()}",
            message=f"建成日期在将来：“{named(frame, rows)}”。请核对年份，不清楚的请留空"
            f"{because('future_date')}。",
        )
    ]


def _unlikely(frame: pd.DataFrame, ratio: Ratio) -> list[Finding]:
    if ratio.above not in frame or ratio.below not in frame:
        return []
    above = pd.to_numeric(frame[ratio.above]).astype("Float64").astype("float64")
    below = pd.to_numeric(frame[ratio.below]).astype("Float64").astype("float64")
    values = (above / below)[(above > 0) & (below > 0)].sort_index()
    if values.empty:
        return []
    middle, limits = float(values.median()), ratio.limits
    far = _far_off(values, few=ratio.few)
    usual = f"中位数 {middle:.1f} {ratio.unit}"
    basis = because("outlier")
    if limits is not None:
        low, high = limits
        outside = (values < low) | (values > high)
        usual = f"{low:g}–{high:g} {ratio.unit}，中位数 {middle:.1f}"
        basis = because(ratio.rule) if not (far & ~outside).any() else basis
        far |= outside
    rows = list(values.index[far])
    if not rows:
        return []
    found = "、".join(f"{values[row]:.1f}" for row in rows[:5])
    titles = f"{quantity_of(ratio.above).title}或{quantity_of(ratio.below).title}"
    return [
        Finding(
            rule=ratio.rule,
            severity="提醒",
            rows=tuple(rows),
            found=f"{found} {ratio.unit}",
            expected=usual,
            message=f"“{named(frame, rows)}”的{ratio.unit}为{found}，与其他小区"
            f"（中位数 {middle:.1f}）相差较大，请核对{titles}{basis}。",
        )
    ]


def _far_off(values: pd.Series[float], *, few: bool) -> pd.Series[bool]:
    """Which values lie far from the others: by the median deviation, or a third off where rows are few."""
    rule, middle = ledger_rule("outlier"), float(values.median())
    if len(values) >= rule.values["rows"]:
        distance = pd.Series(np.log(values / middle), index=values.index).abs()
        # More than half of the rows alike: the deviation is 0 and would condemn every other row.
        spread = float(distance.median()) * rule.number("mad_factor")
        return distance > (rule.number("mad_limit") * spread if spread > 0 else np.inf)
    if few and len(values) > 2:
        return (values / middle - 1).abs() > rule.number("few_share")
    return pd.Series(data=False, index=values.index)


def _repeats(pairs: Iterable[tuple[Any, Any]]) -> dict[float, list[Any]]:
    digits = ledger_rule("repeated_number").values["digits"]
    places: dict[float, list[Any]] = defaultdict(list)
    for place, value in pairs:
        if value is not None and not pd.isna(value) and significant_digits(value) >= digits:
            places[float(value)].append(place)
    return {value: where for value, where in sorted(places.items()) if len(where) > 1}


def _repeated(rows: Sequence[Any], name: str, value: float, where: str) -> Finding:
    quantity = quantity_of(name)
    return Finding(
        rule="repeated_number",
        severity="提醒",
        rows=tuple(rows),
        found=quantity.text(value),
        expected="各不相同",
        message=f"{where}的{quantity.title}都是{quantity.text(value)}，可能是复制粘贴所致，"
        f"请核对{because('repeated_number')}。",
    )


def _repeated_together(frame: pd.DataFrame) -> list[Finding]:
    names = ["households", "floor_area_m2", "investment_yuan"]
    if not set(names) <= set(frame.columns):
        return []
    known = frame[names].dropna().astype("float64")
    again = known[known.duplicated(keep=False)]
    findings = []
    for _, group in again.groupby(names):
        rows = sorted(group.index)
        where = f"“{named(frame, rows)}”的面积、投资相同，并且它们"
        value = float(group["households"].iloc[0])
        findings.append(_repeated(tuple(rows), "households", value, where))
    return findings
