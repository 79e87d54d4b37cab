"""The review number: the key of a compound or 片区 in the provincial programme (篇一 3).

It belongs to one compound, or to one 片区 and then to all of its members. Anybody else with the same number is a
mistake.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from policy.judged import FAIL, HOLD, UNSURE, Judging, Rows
from policy.profiles import Rule

__all__ = ["judge_review_number", "review_numbers"]

# A message names so many others.
NAMED = 5


def review_numbers(frame: pd.DataFrame) -> pd.Series[Any]:
    """Review numbers as they are compared: half width, upper case, without spaces; None where there is none.

    Parameters
    ----------
    frame : DataFrame
        With ``review_number``, if anybody has one.

    Returns
    -------
    Series of str or None
        Index of `frame`, name ``review_number``.

    Examples
    --------
    >>> review_numbers(pd.DataFrame({"review_number": ["ｘ-０１ ", "X-01", " ", None]})).tolist()
    ['X-01', 'X-01', None, None]
    """
    if "review_number" not in frame:
        cleaned: list[str | None] = [None] * len(frame)
        return pd.Series(cleaned, index=frame.index, dtype=object, name="review_number")
    column = frame["review_number"].astype(object)
    # A number per compound, or a few thousand 片区: each spelling is cleaned once.
    spelt = {value: _cleaned(value) for value in column.dropna().unique()}
    cleaned = [spelt.get(value) if pd.notna(value) else None for value in column]
    return pd.Series(cleaned, index=frame.index, dtype=object, name="review_number")


def judge_review_number(rule: Rule, judging: Judging) -> Rows:
    """Judge whether each compound has a review number that nobody else has."""
    frame = judging.frame
    numbers, holders = review_numbers(frame).to_numpy(), _holders(frame)
    holders_of: dict[str, set[str]] = {}
    for number, holder in zip(numbers, holders, strict=True):
        if number is not None:
            holders_of.setdefault(number, set()).add(holder)
    codes = [
        UNSURE if number is None else FAIL if len(holders_of[number]) > 1 else HOLD
        for number in numbers
    ]

    def say(at: int) -> tuple[str, str]:
        number, mine = numbers[at], holders == holders[at]
        if number is None:
            return "", _none(sorted({other for other in numbers[mine] if other is not None}))
        others = np.flatnonzero((numbers == number) & ~mine)
        if others.size:
            return number, (
                f"审核编号 {number} 与{_names(frame, others.tolist())}重复；"
                f"编号是小区或片区的唯一识别码，请核对。"
            )
        return number, f"审核编号 {number} 在本计划内唯一。"

    return Rows(rule=rule, index=frame.index, codes=np.array(codes, np.int8), limit="唯一", say=say)


def _cleaned(value: object) -> str | None:
    text = "".join(unicodedata.normalize("NFKC", str(value)).split()).upper()
    return text or None


def _holders(frame: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Whom a number belongs to: the 片区 of a compound, else the compound itself."""
    alone = [f"小区 {uid}" for uid in frame.index]
    bundles = frame["pianqu_uid"] if "pianqu_uid" in frame else [None] * len(frame)
    return np.array(
        [
            f"片区 {bundle}" if isinstance(bundle, str) and bundle else single
            for bundle, single in zip(bundles, alone, strict=True)
        ],
        dtype=object,
    )


def _none(of_pianqu: list[str]) -> str:
    if of_pianqu:
        return (
            f"未取得审核编号；同片区其他小区的编号是 {'、'.join(of_pianqu[:NAMED])}，"
            f"若为片区编号请填上同一编号。"
        )
    return "未取得审核编号，方案通过省级审核后请填写。"


def _names(frame: pd.DataFrame, places: list[int]) -> str:
    names = frame["name"] if "name" in frame else frame.index.to_series()
    named = "、".join(f"“{names.iloc[k]}”" for k in places[:NAMED])
    return named if len(places) <= NAMED else f"{named}等 {len(places)} 个小区"
