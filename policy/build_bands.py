"""Bands of build year, drawn at the dates at which the plans draw their lines.

The dates and their sources are in `standards/build_bands.yaml`. A date is compared as a full date: a compound
completed on 2000-06-30 is out in 楚雄 and in elsewhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from errors import PolicyError
from policy.reader import STANDARDS, check_date, check_keys, check_source, check_text, read_rules

__all__ = ["UNKNOWN_BAND", "BuildBand", "BuildLimit", "build_band", "build_bands", "build_limits"]

UNKNOWN_BAND = "unknown"


@dataclass(frozen=True, kw_only=True)
class BuildLimit:
    """A date of a plan.

    Attributes
    ----------
    last_day : date
        The last day of completion that the rule takes in.
    text : str
        The rule in short.
    document, section : str
        Where it stands.
    """

    last_day: dt.date
    text: str
    document: str
    section: str


@dataclass(frozen=True, kw_only=True)
class BuildBand:
    """A band of the map.

    Attributes
    ----------
    id, title : str
        For code and legend.
    last_day : date or None
        Last day of the band; None for the last one and for unknown.
    limits : tuple of BuildLimit
        Rules that draw the line at its end.
    """

    id: str
    title: str
    last_day: dt.date | None
    limits: tuple[BuildLimit, ...]


def build_band(built_on: pd.Series[str]) -> pd.Series[str]:
    """Band of each compound.

    Parameters
    ----------
    built_on : Series
        ISO texts such as ``2000-12-31``; a bare year is stored as its 31 December. Missing is unknown, and
        so is what is no date.

    Returns
    -------
    Series
        Ids of bands, index of `built_on`, name ``build_band``.

    Examples
    --------
    >>> build_band(pd.Series(["1999-12-31", "2000-01-01", "2003-06-30", None])).tolist()
    ['before_2000', 'in_2000', 'until_2005', 'unknown']
    """
    known = [band for band in build_bands() if band.id != UNKNOWN_BAND]
    ends = np.array([band.last_day for band in known[:-1]], dtype="datetime64[D]")
    days = pd.to_datetime(built_on, format="%Y-%m-%d", errors="coerce")
    ids = np.array([band.id for band in known], dtype=object)
    band = np.searchsorted(ends, days.to_numpy().astype("datetime64[D]"), side="left")
    found = pd.Series(ids[band], index=built_on.index, name="build_band", dtype="str")
    return found.mask(days.isna(), UNKNOWN_BAND)


@cache
def build_bands(path: Path = STANDARDS / "build_bands.yaml") -> tuple[BuildBand, ...]:
    """Bands from the oldest to the latest, unknown at the end.

    Raises
    ------
    PolicyError
        If the file is malformed, or a rule draws a line where no band ends.

    Examples
    --------
    >>> [band.title for band in build_bands()]
    ['2000年以前', '2000年', '2001—2005年', '2006年及以后', '未知']
    """
    rules = check_keys(
        read_rules(path), where=path.name, required=("checked_on", "limits", "bands")
    )
    check_date(rules["checked_on"], where=f"{path.name}：checked_on")
    limits = build_limits(path)
    bands = [
        _band(entry, limits, f"{path.name}：bands[{k}]")
        for k, entry in enumerate(_list(rules["bands"], f"{path.name}：bands"))
    ]
    _check_bands(bands, limits, path.name)
    return tuple(bands)


@cache
def build_limits(path: Path = STANDARDS / "build_bands.yaml") -> tuple[BuildLimit, ...]:
    """Dates of the plans with their sources.

    Raises
    ------
    PolicyError
        If the file is malformed.

    Examples
    --------
    >>> sorted({limit.last_day.isoformat() for limit in build_limits()})
    ['1999-12-31', '2000-12-31', '2005-12-31']
    """
    entries = _list(read_rules(path).get("limits"), f"{path.name}：limits")
    return tuple(_limit(entry, f"{path.name}：limits[{k}]") for k, entry in enumerate(entries))


def _limit(entry: object, where: str) -> BuildLimit:
    values: Mapping[str, object] = check_keys(
        entry, where=where, required=("date", "before", "text", "source")
    )
    day = check_date(values["date"], where=f"{where}.date")
    if not isinstance(values["before"], bool):
        raise PolicyError(f"{where}.before 应是 true（当日不算在内）或 false（当日算在内）。")
    document, section = check_source(values["source"], where=f"{where}.source")
    return BuildLimit(
        last_day=day - dt.timedelta(days=1) if values["before"] else day,
        text=check_text(values["text"], where=f"{where}.text"),
        document=document,
        section=section,
    )


def _band(entry: object, limits: Sequence[BuildLimit], where: str) -> BuildBand:
    values = check_keys(entry, where=where, required=("id", "title", "until"))
    until = values["until"]
    last_day = None if until is None else check_date(until, where=f"{where}.until")
    return BuildBand(
        id=check_text(values["id"], where=f"{where}.id"),
        title=check_text(values["title"], where=f"{where}.title"),
        last_day=last_day,
        limits=tuple(limit for limit in limits if limit.last_day == last_day),
    )


def _check_bands(bands: Sequence[BuildBand], limits: Sequence[BuildLimit], file: str) -> None:
    ends = [band.last_day for band in bands if band.last_day is not None]
    lines_up = [band.last_day is None for band in bands] == [False] * len(ends) + [True, True]
    if not lines_up or ends != sorted(set(ends)) or bands[-1].id != UNKNOWN_BAND:
        raise PolicyError(
            f"{file}：bands 应按 until 从早到晚排列，倒数第二段和最后的 {UNKNOWN_BAND} 的 until 为 null。"
        )
    open_ends = {limit.last_day for limit in limits} - set(ends)
    if open_ends:
        days = "、".join(sorted(day.isoformat() for day in open_ends))
        raise PolicyError(
            f"{file}：limits 里有界限 {days}，但没有一段以它结束，请在 bands 里补上。"
        )


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list) or not value:
        raise PolicyError(f"{where} 应是列表，至少一项。")
    return value
