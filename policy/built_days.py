"""Days of completion, from the texts of the plan; a bare year is any day of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from policy.wording import UNKNOWN, format_date

__all__ = ["EARLIEST", "BuiltDays", "built_days"]

# As the form of a compound takes them: what is older is a slip of the keyboard.
EARLIEST = dt.date(1900, 1, 1)

Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True, kw_only=True)
class BuiltDays:
    """First and last day on which each compound may have been completed.

    Attributes
    ----------
    first, last : array of datetime64[D]
        The same day where the date is known, 1 January and 31 December of a bare year; NaT where nothing
        usable is known.
    texts : Series
        As they stand in the plan.
    is_year : array of bool
    today : date
        Later days are mistakes.
    """

    first: Days
    last: Days
    texts: pd.Series[Any]
    is_year: npt.NDArray[np.bool_]
    today: dt.date

    @property
    def unknown(self) -> npt.NDArray[np.bool_]:
        """Where neither day nor year is known."""
        return np.isnat(self.first)

    def text(self, at: int) -> str:
        """Write the date at a position as it is shown; as it stands where it is no date."""
        raw = self.texts.iloc[at]
        if _blank(raw):
            return UNKNOWN
        if np.isnat(self.first[at]) and _day(raw) is None:
            return str(raw)
        return format_date(str(raw), is_year=bool(self.is_year[at]))

    def problem(self, at: int) -> str:
        """Say why the date at a position is not known, and what to do; empty if it is."""
        if not np.isnat(self.first[at]):
            return ""
        raw = self.texts.iloc[at]
        if _blank(raw):
            return "没有填写建成日期，请在小区资料里补填（如 2000-12-31，或只填年份）"
        day = _day(raw)
        if day is None:
            return f"建成日期“{raw}”不是日期，请改成 2000-12-31 的样子"
        if day < EARLIEST:
            return f"建成日期{self.text(at)}早于{EARLIEST.year}年，请核对后改正"
        return f"建成日期{self.text(at)}晚于今天，请核对后改正"


def built_days(texts: pd.Series[Any], is_year: pd.Series[Any], *, today: dt.date) -> BuiltDays:
    """Read days of completion.

    Parameters
    ----------
    texts : Series
        ISO texts such as ``2000-12-31``; a bare year is stored as its 31 December.
    is_year : Series of bool
        Where only the year is known; missing is no. Index of `texts`.
    today : date
        Later days are taken as unknown, and so are those before `EARLIEST`.

    Examples
    --------
    >>> days = built_days(pd.Series(["2000-06-30", "2000-12-31"]), pd.Series([False, True]),
    ...                   today=dt.date(2026, 11, 1))
    >>> days.first.astype(str).tolist(), days.last.astype(str).tolist()
    (['2000-06-30', '2000-01-01'], ['2000-06-30', '2000-12-31'])
    """
    bare = np.array(pd.array(is_year.to_numpy(dtype=object), dtype="boolean").fillna(False), bool)
    read = pd.to_datetime(texts.astype(object), format="%Y-%m-%d", errors="coerce")
    last = read.to_numpy().astype("datetime64[D]")
    year = last.astype("datetime64[Y]")
    first = np.where(bare, year.astype("datetime64[D]"), last)
    last = np.where(bare, (year + 1).astype("datetime64[D]") - 1, last)
    # The running year is no mistake though its 31 December is still to come.
    wrong = (first < np.datetime64(EARLIEST)) | (first > np.datetime64(today))
    nothing = np.datetime64("NaT", "D")
    return BuiltDays(
        first=np.where(wrong, nothing, first),
        last=np.where(wrong, nothing, last),
        texts=texts,
        is_year=bare,
        today=today,
    )


def _blank(raw: object) -> bool:
    return raw is None or bool(pd.isna(raw)) or not str(raw).strip()  # type: ignore[call-overload]


def _day(raw: object) -> dt.date | None:
    try:
        return dt.datetime.strptime(str(raw), "%Y-%m-%d").date()
    except ValueError:
        return None
