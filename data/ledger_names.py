"""Names of a ledger that come twice, or so nearly that one compound may stand in two rows."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import Any

import pandas as pd

from data.findings import Finding
from data.ledger_words import named

__all__ = ["check_names", "core_name", "plain_name"]

# Words that only say that people live there: 金星小区 may be 金星花园小区, 工行小区 may be 工行家属院.
_ENDINGS = re.compile(
    r"(小区|花园|住宅小区|住宅区|家属院|家属楼|家属区|职工宿舍|宿舍|生活区|新村|新邨|大院|公寓|苑)+$"
)
_BARE = re.compile(r"^(小区|住宅小区|住宅区)?$")
# 一区 and 二区, 12号院 and 13号院, 东苑 and 西苑 are different places, however alike they read.
_TELLING = set(
    "0123456789零一二三四五六七八九十百甲乙丙丁东西南北中前后上下左右新老大小ABCDEFGHabcdefgh"
)
_SHORTEST_TYPO = 5
_ALIASES = re.compile(r"^(?:含|包括|包含)(.+)$")


def check_names(frame: pd.DataFrame) -> list[Finding]:
    """Find compounds that stand in the ledger twice, for certain or perhaps.

    Parameters
    ----------
    frame : DataFrame
        With ``name``; ``subdistrict`` and ``remarks`` are looked at where present.

    Returns
    -------
    list of Finding
        Rules ``duplicate_name`` (same name in the same 街道) and ``similar_name``.
    """
    if "name" not in frame:
        return []
    ordered = frame.sort_index()
    places = _places(ordered)
    same: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for label, (place, name) in places.items():
        same[place, plain_name(name)].append(label)
    findings = [_same(ordered, rows) for rows in same.values() if len(rows) > 1]
    told = {frozenset(rows) for rows in same.values() if len(rows) > 1}
    pairs = {**_alike(places), **_inside(ordered, places), **_typos(places)}
    return findings + [
        _similar(ordered, pair, why)
        for pair, why in pairs.items()
        if not any(set(pair) <= rows for rows in told)
    ]


def plain_name(name: str) -> str:
    """Name without what typing alone changes: width of letters, spaces, brackets' kind.

    Examples
    --------
    >>> plain_name(" 金星花园（１区） ")
    '金星花园(1区)'
    """
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name))


def core_name(name: str) -> str:
    """Name without the words that only say that people live there, unless too little is left.

    Examples
    --------
    >>> core_name("金星花园小区"), core_name("工行家属院"), core_name("金花园小区")
    ('金星', '工行', '金花园')
    """
    plain = plain_name(name)
    core = _ENDINGS.sub("", plain)
    return core if len(core) >= 2 else plain.removesuffix("小区") or plain


def _places(frame: pd.DataFrame) -> dict[Any, tuple[str, str]]:
    subdistricts = frame.get("subdistrict", pd.Series(None, index=frame.index, dtype=object))
    return {
        label: (place if isinstance(place, str) else "", name)
        for label, place, name in zip(frame.index, subdistricts, frame["name"], strict=True)
        if isinstance(name, str) and name.strip()
    }


def _alike(places: dict[Any, tuple[str, str]]) -> dict[tuple[Any, Any], str]:
    """Pairs that agree but for a word such as 花园, one of them being the bare name."""
    groups: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for label, (place, name) in places.items():
        groups[place, core_name(name)].append(label)
    pairs = {}
    for (_, core), rows in groups.items():
        bare = [row for row in rows if _BARE.match(plain_name(places[row][1])[len(core) :])]
        for one in bare:
            for other in rows:
                if other != one and plain_name(places[one][1]) != plain_name(places[other][1]):
                    pairs[_pair(rows, one, other)] = "只差“花园”“家属院”一类的词"
    return pairs


def _inside(frame: pd.DataFrame, places: dict[Any, tuple[str, str]]) -> dict[tuple[Any, Any], str]:
    """Pairs of which one says in its remarks that it takes in the other: 含银塔小区、工行家属院."""
    if "remarks" not in frame:
        return {}
    by_core: dict[str, list[Any]] = defaultdict(list)
    for label, (_, name) in places.items():
        by_core[core_name(name)].append(label)
    order = list(frame.index)
    pairs = {}
    for label, remark in frame["remarks"].items():
        told = _ALIASES.match(remark.strip()) if isinstance(remark, str) else None
        for alias in re.split(r"[、，,；;和及]", told.group(1)) if told else []:
            for other in by_core.get(core_name(alias), []) if alias.strip() else []:
                if other != label:
                    why = f"“{places[label][1]}”的备注写明已含“{alias.strip()}”"
                    pairs[_pair(order, label, other)] = why
    return pairs


def _typos(places: dict[Any, tuple[str, str]]) -> dict[tuple[Any, Any], str]:
    """Pairs of longer names that differ in one character, found by leaving out each in turn."""
    buckets: dict[tuple[str, str, int], list[tuple[Any, str]]] = defaultdict(list)
    for label, (place, name) in places.items():
        plain = plain_name(name)
        if len(plain.removesuffix("小区")) < _SHORTEST_TYPO:
            continue
        for i, character in enumerate(plain):
            buckets[place, plain[:i] + plain[i + 1 :], i].append((label, character))
    pairs = {}
    for members in buckets.values():
        for k, (one, here) in enumerate(members):
            for other, there in members[k + 1 :]:
                if here != there and here not in _TELLING and there not in _TELLING:
                    pairs[one, other] = "只差一个字"
    return pairs


def _pair(order: list[Any], one: Any, other: Any) -> tuple[Any, Any]:
    return (one, other) if order.index(one) < order.index(other) else (other, one)


def _same(frame: pd.DataFrame, rows: list[Any]) -> Finding:
    return Finding(
        rule="duplicate_name",
        severity="错误",
        rows=tuple(rows),
        found=f"{len(rows)}行",
        expected="1行",
        message=f"同一街道有{len(rows)}行都叫“{named(frame, rows[:1])}”。若是同一小区，请删去重复行；"
        "若不是，请改名加以区分（依据：台账一个小区一行）。",
    )


def _similar(frame: pd.DataFrame, pair: tuple[Any, Any], why: str) -> Finding:
    one, other = (named(frame, [row]) for row in pair)
    return Finding(
        rule="similar_name",
        severity="提醒",
        rows=pair,
        found=f"{one} / {other}",
        expected="不同的小区",
        message=f"“{one}”与“{other}”可能是同一个小区：{why}。请核对，是则合并为一行（经验值）。",
    )
