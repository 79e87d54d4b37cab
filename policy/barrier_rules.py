"""What counts as a barrier between neighbouring compounds: kinds, classes of roads, figures and words.

The entries are in `standards/barriers.yaml`; no source plan gives any, so each says how sure it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from policy.figures import (
    OWN_SOURCE,
    Figure,
    check_confidence,
    check_each,
    check_flag,
    check_words,
    read_figures,
)
from policy.reader import STANDARDS, check_date, check_keys, check_source, check_text, read_rules

__all__ = ["BarrierRules", "Kind", "RoadClass", "barrier_rules"]

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
    kinds = check_each(rules["kinds"], _kind, where=f"{path.name}：kinds")
    roads = check_each(rules["roads"], _road, where=f"{path.name}：roads")
    names = ("min_road_width_m", "min_river_width_m", "opening_reach_m")
    ids = {kind.id for kind in kinds} - {"main_road", "other"}
    ids |= {road.id for road in roads} | set(MORE_WORDS)
    return BarrierRules(
        kinds=kinds,
        roads=roads,
        figures=read_figures(rules["figures"], where=f"{path.name}：figures", names=names),
        words=check_words(rules["words"], sorted(ids), where=f"{path.name}：words"),
    )


def _kind(entry: object, *, where: str) -> Kind:
    keys = ("id", "title", "counts", "confidence", "source", "text")
    values = check_keys(entry, where=where, required=keys)
    return Kind(
        id=check_text(values["id"], where=f"{where}.id"),
        title=check_text(values["title"], where=f"{where}.title"),
        counts=check_flag(values["counts"], where=f"{where}.counts"),
        text=check_text(values["text"], where=f"{where}.text"),
        source=_source(values["source"], f"{where}.source"),
        confidence=check_confidence(values["confidence"], where=f"{where}.confidence"),
    )


def _road(entry: object, *, where: str) -> RoadClass:
    values = check_keys(entry, where=where, required=("id", "title", "counts", "by_width"))
    return RoadClass(
        id=check_text(values["id"], where=f"{where}.id"),
        title=check_text(values["title"], where=f"{where}.title"),
        counts=check_flag(values["counts"], where=f"{where}.counts"),
        by_width=check_flag(values["by_width"], where=f"{where}.by_width"),
    )


def _source(value: object, where: str) -> str:
    if value == OWN_SOURCE:
        return OWN_SOURCE
    return " ".join(check_source(value, where=where))
