"""Figures of layouts, of one compound or of several together, and the difference between two of them.

Nothing is worked out here that a layout does not say: sums, least and mean of what stands in its record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from policy.wording import UNKNOWN, format_area, format_count, format_share, format_width

__all__ = ["COLUMNS", "LINES", "Line", "per_household", "summed"]

_SUMS = (
    "households",
    "existing",
    "shortage",
    "capacity",
    "stalls",
    "accessible",
    "charging",
    "mechanical",
    "open_m2",
    "used_m2",
    "aisle_m2",
    "green_lost_m2",
)
# Every figure of a layout that is shown, by compound.
COLUMNS = (*_SUMS, "m2_per_stall", "unpaved_share", "fire_clear_m")


def summed(table: pd.DataFrame) -> pd.Series:
    """Figures of several compounds together.

    Parameters
    ----------
    table : DataFrame
        By uid, with :data:`COLUMNS`; NA is unknown.

    Returns
    -------
    Series
        The same, with ``after`` (stalls when all is built) and ``left`` (still short then); what is unknown of
        one compound is left out of the sum, and of all is NA.
    """
    numbers = table[list(COLUMNS)].apply(pd.to_numeric).astype("Float64")
    made = numbers[list(_SUMS)].sum(min_count=1)
    added = numbers["stalls"] + numbers["mechanical"].fillna(0)
    made["m2_per_stall"] = _ratio(numbers["used_m2"].sum(min_count=1), numbers["stalls"].sum())
    kept = numbers["unpaved_share"] * numbers["open_m2"]
    ground = numbers["open_m2"].where(kept.notna())
    made["unpaved_share"] = _ratio(kept.sum(min_count=1), ground.sum())
    made["fire_clear_m"] = numbers["fire_clear_m"].min()
    made["added"] = added.sum(min_count=1)
    made["after"] = (numbers["existing"] + added).sum(min_count=1)
    made["left"] = (numbers["shortage"] - added).clip(lower=0).sum(min_count=1)
    made["short"] = numbers["shortage"].clip(lower=0).sum(min_count=1)
    made["before_ratio"] = per_household(numbers["existing"], numbers["households"])
    made["after_ratio"] = per_household(numbers["existing"] + added, numbers["households"])
    return made


def per_household(stalls: pd.Series, households: pd.Series) -> Any:
    """Stalls to a household over the compounds of which both are known; NA if there are none."""
    both = stalls.notna() & households.notna()
    return _ratio(stalls[both].sum(min_count=1), households[both].sum())


def _ratio(part: Any, whole: Any) -> Any:
    return pd.NA if pd.isna(part) or pd.isna(whole) or whole <= 0 else part / whole


def _decimal(unit: str, digits: int) -> Callable[[Any], str]:
    def write(value: Any) -> str:
        return UNKNOWN if pd.isna(value) else f"{value:,.{digits}f} {unit}".rstrip()

    return write


def _width(value: Any) -> str:
    return UNKNOWN if pd.isna(value) else f"{format_width(value)} 米"


def _whole(unit: str) -> Callable[[Any], str]:
    def write(value: Any) -> str:
        return UNKNOWN if pd.isna(value) else f"{format_count(value)} {unit}"

    return write


def _area(value: Any) -> str:
    return UNKNOWN if pd.isna(value) else f"{format_area(value)} ㎡"


def _share(value: Any) -> str:
    return UNKNOWN if pd.isna(value) else format_share(value)


@dataclass(frozen=True)
class Line:
    """A figure of a layout as it is told.

    Attributes
    ----------
    name, title : str
        Entry of :func:`summed`, and its Chinese name.
    write : callable
        Figure to text.
    better : int
        1 where more is better, -1 where less is, 0 where neither.
    """

    name: str
    title: str
    write: Callable[[Any], str]
    better: int = 0


LINES: tuple[Line, ...] = (
    Line("capacity", "几何容量", _whole("个")),
    Line("stalls", "新增车位", _whole("个"), 1),
    Line("mechanical", "立体再增加", _whole("个")),
    Line("left", "还缺", _whole("个"), -1),
    Line("after_ratio", "改造后户均", _decimal("个", 2), 1),
    Line("m2_per_stall", "每个车位用地", _decimal("㎡", 1), -1),
    Line("used_m2", "占用空地", _area, -1),
    Line("aisle_m2", "其中通道", _area, -1),
    Line("green_lost_m2", "占用绿地", _area, -1),
    Line("unpaved_share", "空地保留不铺装", _share, 1),
    Line("fire_clear_m", "消防净宽最小", _width, 1),
    Line("accessible", "无障碍车位", _whole("个")),
    Line("charging", "充电车位", _whole("个")),
)
