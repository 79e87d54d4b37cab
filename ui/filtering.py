"""Filters of the map and the table: all that are set must hold.

A filter is a plain dictionary, so that it is kept with the workspace as it is.

==============  ==============================================================================
subdistricts    names of 街道, any of them
communities     names of 社区, any of them
kinds           类型, any of them
bands           ids of the build-year bands, any of them; ``unknown`` is one
households      [least, most], either may be None; unknown ones fall out
investment      [least, most] in yuan
work            id of a work, with ``has`` (True: planned, False: not planned)
pianqu          uids of 片区, ``""`` is none of them
boundary        ``示意``, ``导入``, ``手绘``, ``无边界``, any of them
verdict         ``states`` (any of 符合, 需论证, 不符合) under the ``rule`` of a name, without one under all
                of 准入; a rule that the plan's profile does not have lets everything through
words           part of the name
==============  ==============================================================================
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.themes import theme_value
from policy import build_bands
from policy.judging import Judgement

__all__ = ["NO_BOUNDARY", "NO_PIANQU", "VERDICT", "active", "key", "mask"]

NO_BOUNDARY = "无边界"
NO_PIANQU = ""
VERDICT = "verdict"

Mask = npt.NDArray[np.bool_]


def active(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filters that leave something out."""
    return {name: value for name, value in filters.items() if not _is_empty(value)}


def key(filters: Mapping[str, Any]) -> str:
    """Return a text that is the same for the same filters."""
    return json.dumps(active(filters), ensure_ascii=False, sort_keys=True)


def mask(
    frame: gpd.GeoDataFrame,
    filters: Mapping[str, Any],
    *,
    judgement: Callable[[], Judgement | None] | None = None,
) -> Mask:
    """Tell which compounds pass all filters, in the order of the frame.

    Parameters
    ----------
    frame : GeoDataFrame
        Compounds as of the schema.
    filters : mapping
        See the table above; what is not there does not filter.
    judgement : callable, optional
        Gives the verdicts, for ``verdict``; None if the plan's rules can not be read.
    """
    passed = np.ones(len(frame), bool)
    for name, value in active(filters).items():
        if name == VERDICT:
            passed &= _verdict(frame, value, None if judgement is None else judgement())
        else:
            passed &= _TESTS[name](frame, value)
    return passed


def _verdict(frame: gpd.GeoDataFrame, wanted: dict[str, Any], found: Judgement | None) -> Mask:
    rule = wanted.get("rule") or None
    names = {rows.rule.name for rows in found.rows} if found else set()
    if not wanted.get("states") or found is None or (rule and rule not in names):
        return np.ones(len(frame), bool)
    state = theme_value(frame, VERDICT, rule=rule, judgement=lambda: found)
    return state.isin(wanted["states"]).to_numpy(bool)


def _is_empty(value: Any) -> bool:
    if isinstance(value, list):
        return not [v for v in value if v is not None]
    return value is None or value in ("", {})


def _any_of(column: str) -> Callable[[gpd.GeoDataFrame, Any], Mask]:
    def test(frame: gpd.GeoDataFrame, wanted: list[str]) -> Mask:
        return frame[column].isin(wanted).to_numpy(bool)

    return test


def _between(column: str) -> Callable[[gpd.GeoDataFrame, Any], Mask]:
    def test(frame: gpd.GeoDataFrame, limits: list[float | None]) -> Mask:
        numbers = frame[column].to_numpy(dtype=float, na_value=np.nan)
        low, high = limits
        passed = ~np.isnan(numbers)
        passed &= numbers >= (-np.inf if low is None else low)
        return passed & (numbers <= (np.inf if high is None else high))

    return test


def _bands(frame: gpd.GeoDataFrame, wanted: list[str]) -> Mask:
    return build_bands.build_band(frame["built_on"]).isin(wanted).to_numpy(bool)


def _work(frame: gpd.GeoDataFrame, wanted: dict[str, Any]) -> Mask:
    state = theme_value(frame, f"work:{wanted['id']}")
    # 未识别 is neither: nobody can say that the work is not among the words that were not read.
    return (state == ("有" if wanted["has"] else "无")).to_numpy(bool)


def _pianqu(frame: gpd.GeoDataFrame, wanted: list[str]) -> Mask:
    uids = frame["pianqu_uid"].astype(object)
    return uids.where(uids.notna(), NO_PIANQU).isin(wanted).to_numpy(bool)


def _boundary(frame: gpd.GeoDataFrame, wanted: list[str]) -> Mask:
    states = frame["boundary_state"].astype(object).where(frame.geometry.notna(), NO_BOUNDARY)
    return states.isin(wanted).to_numpy(bool)


def _words(frame: gpd.GeoDataFrame, words: str) -> Mask:
    names = frame["name"].fillna("").astype(str)
    found: pd.Series = names.str.contains(words.strip(), case=False, regex=False)
    return found.to_numpy(bool)


_TESTS: dict[str, Callable[[gpd.GeoDataFrame, Any], Mask]] = {
    "subdistricts": _any_of("subdistrict"),
    "communities": _any_of("community"),
    "kinds": _any_of("kind"),
    "bands": _bands,
    "households": _between("households"),
    "investment": _between("investment_yuan"),
    "work": _work,
    "pianqu": _pianqu,
    "boundary": _boundary,
    "words": _words,
}
