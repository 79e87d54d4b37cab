"""Scales: which class a value is in, its colour and its words. One feeds map, legend, table and sheet.

Classes are half-open (lower limit in, upper limit out) and numbered from 0. What nobody knows is a
class of its own, hatched grey, and stands in the legend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from errors import PlanningError
from layers.breaks import METHODS, make_breaks
from layers.palettes import NEUTRAL, NO_DATA, ramp, two_sided

__all__ = [
    "HIDDEN_CLASS",
    "MAX_CLASSES",
    "NO_DATA_CLASS",
    "CategoryScale",
    "ClassScale",
    "LegendRow",
    "Scale",
    "amount_scale",
    "count_classes",
    "gap_scale",
    "plain_number",
]

# One byte a compound on the way to the browser: bit 7 says "selected", 127 "hidden by a filter".
MAX_CLASSES = 126
NO_DATA_CLASS = 126
HIDDEN_CLASS = 127

UNKNOWN = "未知"
# The least number above zero closes the class that holds nothing but zero.
ABOVE_ZERO = float(np.nextafter(0.0, 1.0))

Classes = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class LegendRow:
    """One line of a legend.

    Attributes
    ----------
    class_index : int
        As in the class table; 126 is no data.
    color, label : str
        Fill as ``#rrggbb``; Chinese words with the unit.
    count : int or None
        Compounds of the class, None if they were not counted.
    pattern : str
        ``solid``, ``hatch`` (no data) or ``none`` (outline only).
    mark : str
        Sign that is written before the names of these compounds; may be empty.
    """

    class_index: int
    color: str
    label: str
    count: int | None = None
    pattern: str = "solid"
    mark: str = ""


@dataclass(frozen=True, kw_only=True)
class ClassScale:
    """Classes of a number.

    Attributes
    ----------
    title, unit : str
        What is shown, and the unit of the labels (``万元``).
    breaks : tuple of float
        Ascending inner breaks in the unit of the values (yuan).
    colors : tuple of str
        One more than breaks.
    per : float
        Values to one unit of the labels: 10 000 for yuan shown in 万元.
    words : mapping
        Labels that are not made from the breaks, by class.
    signs : pair of str, optional
        Words for below and above zero of a two-sided scale.
    method : str
        How the breaks were found, in Chinese, for the sheet.
    """

    title: str
    unit: str
    breaks: tuple[float, ...]
    colors: tuple[str, ...]
    per: float = 1.0
    words: Mapping[int, str] = field(default_factory=dict)
    signs: tuple[str, str] | None = None
    method: str = ""
    no_data: str = NO_DATA

    def __post_init__(self) -> None:
        if len(self.colors) != len(self.breaks) + 1 or len(self.colors) > MAX_CLASSES:
            raise PlanningError(
                f"图例“{self.title}”的颜色数应比分级界限多一个，且不超过 {MAX_CLASSES} 级。"
            )
        if list(self.breaks) != sorted(set(self.breaks)) or not np.isfinite(self.breaks).all():
            raise PlanningError(
                f"图例“{self.title}”的分级界限应从小到大、互不相同。请检查后重新填写。"
            )

    @property
    def labels(self) -> tuple[str, ...]:
        """Words of each class, with the unit."""
        return tuple(
            self.words.get(k) or self._label(low, high)
            for k, (low, high) in enumerate(
                zip((-np.inf, *self.breaks), (*self.breaks, np.inf), strict=True)
            )
        )

    def classes(self, values: pd.Series | npt.ArrayLike) -> Classes:
        """Class of each value, in its order; 126 where it is not known.

        Examples
        --------
        >>> scale = ClassScale(title="户数", unit="户", breaks=(100.0,), colors=("#fff", "#000"))
        >>> scale.classes([99, 100, None])
        array([  0,   1, 126], dtype=uint8)
        """
        numbers = as_numbers(values)
        found = np.searchsorted(np.asarray(self.breaks), numbers, side="right").astype(np.uint8)
        found[~np.isfinite(numbers)] = NO_DATA_CLASS
        return found

    def color(self, value: float | None) -> str:
        """Fill of one value."""
        at = int(self.classes([value])[0])
        return self.no_data if at == NO_DATA_CLASS else self.colors[at]

    def legend(self, counts: Mapping[int, int] | None = None) -> list[LegendRow]:
        """All classes from low to high, then no data (left out where counted and none)."""
        return _legend(self, counts, patterns={})

    def _label(self, low: float, high: float) -> str:
        unit = f" {self.unit}" if self.unit else ""
        if not self.breaks:
            return f"全部{unit}"
        if self.signs and high <= 0:
            return f"{self.signs[0]}{_range(-high, -low, self.per, unit)}"
        if self.signs and low >= 0:
            return f"{self.signs[1]}{_range(low, high, self.per, unit)}"
        return _range(low, high, self.per, unit).strip()


@dataclass(frozen=True, kw_only=True)
class CategoryScale:
    """Classes of a word: one class a key.

    Attributes
    ----------
    keys : tuple
        Values that are known; the class is the position, unless ``at`` says otherwise.
    labels, colors : tuple of str
        One a class.
    at : tuple of int
        Class of each key, where several keys share a class.
    patterns : mapping
        Patterns other than ``solid``, by class.
    marks : mapping
        Signs before the names of the compounds, by class.
    unknown_label : str
        Words for values that are empty or not among the keys.
    """

    title: str
    keys: tuple[Any, ...]
    labels: tuple[str, ...]
    colors: tuple[str, ...]
    at: tuple[int, ...] = ()
    unit: str = ""
    patterns: Mapping[int, str] = field(default_factory=dict)
    marks: Mapping[int, str] = field(default_factory=dict)
    method: str = ""
    no_data: str = NO_DATA
    unknown_label: str = UNKNOWN

    def __post_init__(self) -> None:
        fits = len(self.at) == len(self.keys) if self.at else len(self.keys) == len(self.labels)
        if not fits or not len(self.labels) == len(self.colors) <= MAX_CLASSES:
            raise PlanningError(
                f"图例“{self.title}”的类别、名称与颜色数目不一致，或多于 {MAX_CLASSES} 类。"
            )

    def classes(self, values: pd.Series | npt.ArrayLike) -> Classes:
        """Class of each value, in its order; 126 if it is empty or not among the keys."""
        series = values if isinstance(values, pd.Series) else pd.Series(values, dtype=object)
        found = pd.Index(self.keys, dtype=object).get_indexer(series.astype(object))
        classes = np.append(self.at or np.arange(len(self.keys)), NO_DATA_CLASS)
        return classes[found].astype(np.uint8)

    def color(self, value: Any) -> str:
        """Fill of one value."""
        at = int(self.classes([value])[0])
        return self.no_data if at == NO_DATA_CLASS else self.colors[at]

    def legend(self, counts: Mapping[int, int] | None = None) -> list[LegendRow]:
        """All classes in their order, then no data (left out where counted and none)."""
        return _legend(self, counts, patterns=self.patterns)


Scale = ClassScale | CategoryScale


def amount_scale(
    values: pd.Series | npt.ArrayLike,
    *,
    title: str,
    unit: str,
    per: float = 1.0,
    method: str = "quantile",
    class_count: int = 5,
    breaks: Sequence[float] | None = None,
    ramp_name: str = "blue",
    zero_label: str | None = None,
) -> ClassScale:
    """Scale of amounts, light to dark, with round breaks.

    Parameters
    ----------
    values : Series or array
        In stored units; missing ones do not count.
    unit, per : str, float
        Unit of the labels and how many stored units make one of it.
    method : str
        ``quantile``, ``equal`` or ``natural``; not used when ``breaks`` are given.
    breaks : sequence of float, optional
        Chosen by the planner, in units of the labels; kept whatever the values.
    zero_label : str, optional
        Give zero a class of its own with these words (a ledger's "/" is not a small amount).

    Returns
    -------
    ClassScale
        With one class when all values are equal, or none is known.
    """
    numbers = as_numbers(values)
    numbers = numbers[np.isfinite(numbers)]
    apart = zero_label is not None and bool((numbers <= 0).any())
    body = numbers[numbers > 0] if apart else numbers
    if breaks is not None:
        inner = tuple(sorted({float(b) * per for b in breaks}))
        method = "manual"
    else:
        _check_method(method)
        inner = tuple(b * per for b in make_breaks(body / per, method, min(class_count, 7)))
    words: dict[int, str] = {}
    colors = ramp(ramp_name, len(inner) + 1)
    if not inner and body.size:
        words[0] = f"{plain_number(float(body[0]) / per)} {unit}"
    if apart:
        inner, colors, words = _with_zero(inner, colors, words, numbers, str(zero_label))
    return ClassScale(
        title=title,
        unit=unit,
        per=per,
        breaks=inner,
        colors=colors,
        words=words,
        method=METHODS[method],
    )


def gap_scale(
    values: pd.Series | npt.ArrayLike,
    *,
    title: str,
    unit: str,
    per: float = 1.0,
    signs: tuple[str, str] = ("多筹", "缺"),
    zero_label: str = "收支相抵",
) -> ClassScale:
    """Two-sided scale round zero with the same limits on both sides; zero is a class of its own."""
    numbers = as_numbers(values)
    numbers = numbers[np.isfinite(numbers)] / per
    sizes = np.abs(numbers[numbers != 0])
    limits = make_breaks(sizes, "quantile", 3)
    below = limits if (numbers < 0).any() else ()
    above = limits if (numbers > 0).any() else ()
    inner = (*(-b * per for b in reversed(below)), 0.0, ABOVE_ZERO, *(b * per for b in above))
    words = {len(below) + 1: zero_label}
    if not below:
        words[0] = signs[0]
    if not above:
        words[len(below) + 2] = signs[1]
    return ClassScale(
        title=title,
        unit=unit,
        per=per,
        breaks=inner,
        colors=two_sided(len(below) + 1, len(above) + 1),
        words=words,
        signs=signs,
        method="以 0 为界，分位数",
    )


def count_classes(classes: Classes, shown: npt.ArrayLike | None = None) -> dict[int, int]:
    """Members of each class, of those ``shown`` by the filters only if a mask is given."""
    kept = classes if shown is None else classes[np.asarray(shown, dtype=bool)]
    return {k: int(n) for k, n in enumerate(np.bincount(kept, minlength=1)) if n}


def as_numbers(values: pd.Series | npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Floats with NaN for what is not known, from any nullable column."""
    series = values if isinstance(values, pd.Series) else pd.Series(values)
    if series.dtype == object:
        series = pd.to_numeric(series)
    return np.asarray(series.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan))


def plain_number(value: float) -> str:
    """As few decimals as say it, with thousands separators.

    Examples
    --------
    >>> plain_number(15000.0), plain_number(0.35), plain_number(400.8)
    ('15,000', '0.35', '400.8')
    """
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def _range(low: float, high: float, per: float, unit: str) -> str:
    if low <= 0 and not np.isfinite(high):
        return ""
    if not np.isfinite(high):
        return f" {plain_number(low / per)}{unit}及以上"
    if low <= ABOVE_ZERO:
        return f" {plain_number(high / per)}{unit}以下"
    return f" {plain_number(low / per)}–{plain_number(high / per)}{unit}"


def _with_zero(
    inner: tuple[float, ...],
    colors: tuple[str, ...],
    words: dict[int, str],
    numbers: npt.NDArray[np.float64],
    zero_label: str,
) -> tuple[tuple[float, ...], tuple[str, ...], dict[int, str]]:
    """Put the class of zero, and below it one for negative values if there are any."""
    negative = bool((numbers < 0).any())
    front = (0.0, ABOVE_ZERO) if negative else (ABOVE_ZERO,)
    inner = (*front, *(b for b in inner if b > ABOVE_ZERO))
    fills = ("#b9a7c7", NEUTRAL) if negative else (NEUTRAL,)
    moved = {k + len(front): word for k, word in words.items()}
    moved[len(front) - 1] = zero_label
    if negative:
        moved[0] = "负值"
    return inner, (*fills, *colors[len(colors) + len(front) - 1 - len(inner) :]), moved


def _legend(
    scale: Scale, counts: Mapping[int, int] | None, *, patterns: Mapping[int, str]
) -> list[LegendRow]:
    rows = [
        LegendRow(
            class_index=k,
            color=color,
            label=label,
            count=None if counts is None else counts.get(k, 0),
            pattern=patterns.get(k, "solid"),
            mark=getattr(scale, "marks", {}).get(k, ""),
        )
        for k, (label, color) in enumerate(zip(scale.labels, scale.colors, strict=True))
    ]
    unknown = None if counts is None else counts.get(NO_DATA_CLASS, 0)
    if unknown and len(rows) == 1 and not rows[0].count:
        rows = []  # nothing is known: the one class would say nothing
    if unknown != 0:
        rows.append(
            LegendRow(
                class_index=NO_DATA_CLASS,
                color=scale.no_data,
                label=getattr(scale, "unknown_label", UNKNOWN),
                count=unknown,
                pattern="hatch",
            )
        )
    return rows


def _check_method(method: str) -> None:
    if method not in METHODS or method == "manual":
        known = "、".join(METHODS[m] for m in METHODS if m != "manual")
        raise PlanningError(f"没有“{method}”这种分级方法。可选：{known}，或直接填写分级界限。")
