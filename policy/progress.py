"""Progress of the works as reported month by month: what a record may say, and which one counts.

`progress` and `paid_yuan` are cumulative: how far the works are, and what has been paid so far.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from errors import RecordError
from policy.wording import format_wan

__all__ = [
    "NO_PROGRESS",
    "PROGRESS_COLUMNS",
    "check_month",
    "check_progress",
    "latest_progress",
    "progress_problems",
]

# Columns of the plan's table of progress; the index is the uid of the record.
PROGRESS_COLUMNS = ("compound_uid", "month", "progress", "paid_yuan", "remarks")
NO_PROGRESS = pd.DataFrame(columns=list(PROGRESS_COLUMNS))

# Months of these plans; what lies outside is a slip of the pen.
YEARS = range(2000, 2061)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def check_month(month: object, where: str = "月报") -> dt.date:
    """Read a month such as ``2026-11``.

    Returns
    -------
    date
        Its first day.

    Raises
    ------
    RecordError
        If it is no month between 2000 and 2060.

    Examples
    --------
    >>> check_month("2026-11")
    datetime.date(2026, 11, 1)
    """
    if not _is_month(month):
        raise RecordError(where, [_month_problem(month)])
    return dt.date.fromisoformat(f"{month}-01")


def check_progress(
    values: Mapping[str, Any], where: str, *, investment_yuan: int | None = None
) -> None:
    """Refuse a record of progress that cannot be.

    Parameters
    ----------
    values : mapping
        As in `PROGRESS_COLUMNS`; None where nothing is known.
    where : str
        The compound, as the planner knows it.
    investment_yuan : int, optional
        What the works cost, if known: more can not have been paid.

    Raises
    ------
    RecordError
        With all problems at once.
    """
    record = pd.DataFrame([{key: values.get(key) for key in PROGRESS_COLUMNS}])
    investment = pd.Series([investment_yuan], dtype="Int64")
    problems = [text for _, text in progress_problems(record, investment)]
    if problems:
        raise RecordError(where, problems)


def progress_problems(
    records: pd.DataFrame, investment: pd.Series[Any]
) -> Iterable[tuple[int, str]]:
    """Find what can not be in records of progress.

    Parameters
    ----------
    records : DataFrame
        With `PROGRESS_COLUMNS`.
    investment : Series
        Whole yuan for each record, by position; missing = unknown.

    Yields
    ------
    tuple of int and str
        Position of the record and one Chinese sentence.
    """
    limit = pd.to_numeric(investment, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    yield from _bad_months(records["month"])
    yield from _bad_shares(records["progress"])
    yield from _bad_sums(records["paid_yuan"], limit)
    known = records["month"].notna() & records["compound_uid"].notna()
    doubled = (records.duplicated(["compound_uid", "month"]) & known).to_numpy()
    for at in np.flatnonzero(doubled):
        yield int(at), f"{records['month'].iloc[at]} 有两条进度记录，请删去一条。"


def latest_progress(records: pd.DataFrame, *, month: str) -> pd.DataFrame:
    """Pick the record that counts for each compound: of the month, else the last one before it.

    Parameters
    ----------
    records : DataFrame
        With `PROGRESS_COLUMNS`, checked.
    month : str
        ``2026-11``.

    Returns
    -------
    DataFrame
        Index uid of the compound; columns ``month``, ``progress`` (Float64), ``paid_yuan`` (Int64),
        ``remarks``, and ``before`` (Float64): the highest progress of any earlier month, NA if none.

    Examples
    --------
    >>> records = pd.DataFrame(
    ...     [("a", "2026-09", 0.5, 100, None), ("a", "2026-12", 0.9, 200, None)], columns=PROGRESS_COLUMNS
    ... )
    >>> latest_progress(records, month="2026-11")[["month", "progress"]].to_dict("index")
    {'a': {'month': '2026-09', 'progress': 0.5}}
    """
    told = records.loc[records["month"].notna(), list(PROGRESS_COLUMNS)]
    told = told[told["month"].astype(str) <= month].sort_values("month", kind="stable")
    told["progress"] = pd.to_numeric(told["progress"]).astype("Float64")
    told["paid_yuan"] = pd.to_numeric(told["paid_yuan"]).astype("Int64")
    highest = told.groupby("compound_uid")["progress"].cummax()
    told["before"] = highest.groupby(told["compound_uid"]).shift()
    return told.drop_duplicates("compound_uid", keep="last").set_index("compound_uid")


def _is_month(month: object) -> bool:
    found = _MONTH.fullmatch(month) if isinstance(month, str) else None
    return found is not None and int(found[1]) in YEARS


def _month_problem(month: object) -> str:
    return f"月份“{month}”不对，应是 {YEARS[0]}—{YEARS[-1]} 年间的某月，写成 2026-11 的样子。"


def _bad_months(months: pd.Series[Any]) -> Iterable[tuple[int, str]]:
    good = {month for month in months.dropna().unique() if _is_month(month)}
    for at in np.flatnonzero(~months.isin(good).to_numpy()):
        yield int(at), _month_problem(months.iloc[at])


def _numbers(values: pd.Series[Any]) -> tuple[Any, Any]:
    """Give values as floats, NaN where unknown or no number, and a mask of what is no number."""
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = np.isnan(numbers) & values.notna().to_numpy()
    if values.dtype in (object, bool):
        wrong |= values.map(lambda value: isinstance(value, bool)).to_numpy(dtype=bool)
    return numbers, wrong


def _bad_shares(shares: pd.Series[Any]) -> Iterable[tuple[int, str]]:
    numbers, wrong = _numbers(shares)
    wrong |= (numbers < 0) | (numbers > 1)
    for at in np.flatnonzero(wrong):
        found = shares.iloc[at]
        yield int(at), f"形象进度是“{found}”，应在 0 到 1 之间，如 0.35 表示 35%。"


def _bad_sums(paid: pd.Series[Any], limit: Any) -> Iterable[tuple[int, str]]:
    numbers, wrong = _numbers(paid)
    wrong |= ~np.isnan(numbers) & ((numbers < 0) | (numbers != np.floor(numbers)))
    for at in np.flatnonzero(wrong):
        yield int(at), f"已拨付资金是“{paid.iloc[at]}”，应是不小于 0 的整元数，不知道时留空。"
    for at in np.flatnonzero(~wrong & (numbers > limit)):
        yield (
            int(at),
            f"已拨付资金 {format_wan(int(numbers[at]), none='0')} 万元，多于预计投资额 "
            f"{format_wan(int(limit[at]), none='0')} 万元，请核对这两个数。",
        )
