"""What counts as a barrier between neighbouring compounds: kinds, classes of roads, figures and words.

The entries are in `standards/barriers.yaml`; no source plan gives any, so each says how sure it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from errors import PolicyError
from policy.reader import (
    STANDARDS,
    check_date,
    check_keys,
    check_source,
    check_text,
    check_texts,
    read_rules,
)

__all__ = ["BarrierRules", "Figure", "Kind", "RoadClass", "barrier_rules"]

Entry = TypeVar("Entry")

# Given by no document: the tool's own starting value.
OWN_SOURCE = "tool"
CONFIDENCES = ("高", "中", "低")
# Words beside those of the kinds and road classes: lesser roads, narrow and still water, passages, no barrier.
MORE_WORDS = ("local", "stream", "still", "opening", "none")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of barrier that can be switched.

    Attributes
    ----------
    id, title : str
    counts : bool
        Whether it cuts pairs in a new plan.
    text : str
        What it takes in.
    source, confidence : str
        ``tool`` where no document gives it; 高, 中, 低.
    """

    id: str
    title: str
    counts: bool
    text: str
    source: str
    confidence: str


@dataclass(frozen=True, kw_only=True)
class RoadClass:
    """A class of roads; with `by_width` one that is known to be narrow is no main road."""

    id: str
    title: str
    counts: bool
    by_width: bool


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A starting value with its source, clause (None where no document gives it) and confidence."""

    value: float
    unit: str
    text: str
    source: str
    clause: str | None
    confidence: str


@dataclass(frozen=True, kw_only=True)
class BarrierRules:
    """All of the file.

    Attributes
    ----------
    kinds, roads : tuple
        In the order in which they are shown.
    figures : mapping of str to Figure
        ``min_road_width_m``, ``min_river_width_m``, ``opening_reach_m``.
    words : mapping of str to str
        Id of the kind or class by the word for it.
    """

    kinds: tuple[Kind, ...]
    roads: tuple[RoadClass, ...]
    figures: Mapping[str, Figure]
    words: Mapping[str, str]

    def called(self, text: str | None) -> str | None:
        """Id of the kind or class that a feature's 类型 names; None if the text says nothing.

        Examples
        --------
        >>> rules = barrier_rules()
        >>> [rules.called(text) for text in ("城市主干路（规划）", "secondary", "过街天桥", "某物", None)]
        ['none', 'collector', 'opening', None, None]
        """
        plain = (text or "").strip().lower()
        if plain in self.words:
            return self.words[plain]
        inside = [word for word in self.words if not word.isascii() and word in plain]
        # What is only planned is no barrier whatever it will be; else the longest word decides.
        if any(self.words[word] == "none" for word in inside):
            return "none"
        return self.words[max(inside, key=len)] if inside else None


@cache
def barrier_rules(path: Path = STANDARDS / "barriers.yaml") -> BarrierRules:
    """Read the file.

    Raises
    ------
    PolicyError
        If it is malformed, or a word stands for two things.

    Examples
    --------
    >>> [kind.title for kind in barrier_rules().kinds if kind.counts]
    ['主干道', '河流', '铁路', '其他阻隔']
    """
    required = ("checked_on", "kinds", "roads", "figures", "words")
    rules = check_keys(read_rules(path), where=path.name, required=required)
    check_date(rules["checked_on"], where=f"{path.name}：checked_on")
    kinds = _each(rules["kinds"], _kind, f"{path.name}：kinds")
    roads = _each(rules["roads"], _road, f"{path.name}：roads")
    names = ("min_road_width_m", "min_river_width_m", "opening_reach_m")
    figures = check_keys(rules["figures"], where=f"{path.name}：figures", required=names)
    ids = {kind.id for kind in kinds} - {"main_road", "other"}
    ids |= {road.id for road in roads} | set(MORE_WORDS)
    return BarrierRules(
        kinds=kinds,
        roads=roads,
        figures={
            name: _figure(figures[name], where=f"{path.name}：figures.{name}") for name in names
        },
        words=_words(rules["words"], sorted(ids), f"{path.name}：words"),
    )


def _each(value: object, read: Callable[..., Entry], where: str) -> tuple[Entry, ...]:
    if not isinstance(value, list) or not value:
        raise PolicyError(f"{where} 应是列表，至少一项。")
    return tuple(read(entry, where=f"{where}[{k}]") for k, entry in enumerate(value))


def _kind(entry: object, *, where: str) -> Kind:
    keys = ("id", "title", "counts", "confidence", "source", "text")
    values = check_keys(entry, where=where, required=keys)
    return Kind(
        id=check_text(values["id"], where=f"{where}.id"),
        title=check_text(values["title"], where=f"{where}.title"),
        counts=_flag(values["counts"], f"{where}.counts"),
        text=check_text(values["text"], where=f"{where}.text"),
        source=_source(values["source"], f"{where}.source"),
        confidence=_confidence(values["confidence"], where),
    )


def _road(entry: object, *, where: str) -> RoadClass:
    values = check_keys(entry, where=where, required=("id", "title", "counts", "by_width"))
    return RoadClass(
        id=check_text(values["id"], where=f"{where}.id"),
        title=check_text(values["title"], where=f"{where}.title"),
        counts=_flag(values["counts"], f"{where}.counts"),
        by_width=_flag(values["by_width"], f"{where}.by_width"),
    )


def _figure(entry: object, *, where: str) -> Figure:
    keys = ("value", "unit", "source", "clause", "confidence", "text")
    values = check_keys(entry, where=where, required=keys)
    value, clause = values["value"], values["clause"]
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise PolicyError(f"{where}.value 应是 0 或更大的数，现在是 {value!r}。")
    return Figure(
        value=float(value),
        unit=check_text(values["unit"], where=f"{where}.unit"),
        text=check_text(values["text"], where=f"{where}.text"),
        source=_source(values["source"], f"{where}.source"),
        clause=None if clause is None else check_text(clause, where=f"{where}.clause"),
        confidence=_confidence(values["confidence"], where),
    )


def _flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise PolicyError(f"{where} 应是 true 或 false，现在是 {value!r}。")
    return value


def _confidence(value: object, where: str) -> str:
    if value not in CONFIDENCES:
        raise PolicyError(
            f"{where}.confidence 应是 {'、'.join(CONFIDENCES)} 之一，现在是 {value!r}。"
        )
    return str(value)


def _source(value: object, where: str) -> str:
    if value == OWN_SOURCE:
        return OWN_SOURCE
    return " ".join(check_source(value, where=where))


def _words(value: Any, ids: list[str], where: str) -> dict[str, str]:
    words: dict[str, str] = {}
    for of, listed in check_keys(value, where=where, required=ids).items():
        for word in check_texts(listed, where=f"{where}.{of}"):
            if word in words:
                raise PolicyError(
                    f"{where} 里“{word}”写了两次（{words[word]}、{of}），请删去一个。"
                )
            words[word] = of
    return words
