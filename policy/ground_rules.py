"""What is taken off a compound to find its open ground: setbacks, widths of roads, words of kinds.

The entries are in `standards/ground.yaml`, each figure with its source and how sure it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from errors import PolicyError
from policy.figures import (
    Basis,
    Figure,
    check_each,
    check_flag,
    check_number,
    check_words,
    longest_word,
    read_basis,
    read_figures,
)
from policy.reader import STANDARDS, check_date, check_keys, check_text, read_rules

__all__ = ["DeductionRule", "GroundRoad", "GroundRules", "ground_rules"]

FIGURES = (
    "setback_m",
    "lot_setback_m",
    "fire_lane_m",
    "fire_lane_to_wall_m",
    "project_fire_lane_m",
    "dead_end_m",
    "turning_place_m",
    "doorway_path_m",
    "boundary_setback_m",
    "green_setback_m",
    "water_setback_m",
    "water_line_m",
    "unpaved_share",
    "road_reach_m",
    "shared_wall_gap_m",
    "least_built_share",
    "min_piece_m2",
)
UNKNOWN_ROAD = "unknown"


@dataclass(frozen=True, kw_only=True)
class DeductionRule:
    """Something that is taken off the ground.

    Attributes
    ----------
    id, title : str
    figure : str or None
        Name of the figure that says how much; None where the thing itself is taken.
    text : str
        What is taken.
    """

    id: str
    title: str
    figure: str | None
    text: str


@dataclass(frozen=True, kw_only=True)
class GroundRoad:
    """A class of roads.

    Attributes
    ----------
    id, title : str
    width_m : float
        Of the carriageway, where the road itself has no width.
    drivable : bool
        Whether cars may go there.
    public : bool
        A street with through traffic: a way in, never an aisle.
    """

    id: str
    title: str
    width_m: float
    drivable: bool
    public: bool


@dataclass(frozen=True, kw_only=True)
class GroundRules:
    """All of the file.

    Attributes
    ----------
    deductions : tuple of DeductionRule
        In the order in which they are taken.
    figures : mapping of str to Figure
        By the names of `FIGURES`.
    roads : mapping of str to GroundRoad
        By id, from the widest down.
    road_words, green_words : mapping of str to str
        Ids by word; of green ``kept`` and ``convertible``.
    paved_words : tuple of str
        What ground that is known to be hard is called.
    vacant : Basis
        The document that sends facilities to vacant parcels.
    vacant_words : tuple of str
        What vacant parcels are called.
    """

    deductions: tuple[DeductionRule, ...]
    figures: Mapping[str, Figure]
    roads: Mapping[str, GroundRoad]
    road_words: Mapping[str, str]
    green_words: Mapping[str, str]
    paved_words: tuple[str, ...]
    vacant: Basis
    vacant_words: tuple[str, ...]

    def road(self, text: object) -> GroundRoad:
        """Class of a road by what its 类型 says; ``unknown`` if it says nothing.

        Examples
        --------
        >>> [ground_rules().road(text).title for text in ("支路（规划）", "footway", "footpath?", None, "小区内部道路")]
        ['不通车', '步行道', '未知道路', '未知道路', '小区道路']
        """
        found = longest_word(text, self.road_words)
        # What is only planned or torn up is no way whatever it will be.
        if isinstance(text, str) and any(
            word in text for word, of in self.road_words.items() if of == "none" and word >= "一"
        ):
            found = "none"
        return self.roads[found or UNKNOWN_ROAD]

    def green_may_go(self, text: object) -> bool:
        """Whether green of a kind may be given up where the plan allows it; unknown kinds are kept.

        Examples
        --------
        >>> [ground_rules().green_may_go(text) for text in ("grass", "街头公园", "绿化带", None)]
        [True, False, True, False]
        """
        return longest_word(text, self.green_words) == "convertible"

    def is_paved(self, text: object) -> bool:
        """Whether a kind is ground known to be hard."""
        return longest_word(text, dict.fromkeys(self.paved_words, "paved")) is not None

    def is_vacant(self, text: object) -> bool:
        """Whether a kind is a parcel that stands free.

        Examples
        --------
        >>> [ground_rules().is_vacant(text) for text in ("拆违腾空地", "brownfield", "花园")]
        [True, True, False]
        """
        return longest_word(text, dict.fromkeys(self.vacant_words, "vacant")) is not None


@cache
def ground_rules(path: Path = STANDARDS / "ground.yaml") -> GroundRules:
    """Read the file.

    Raises
    ------
    PolicyError
        If it is malformed, or a word stands for two things.

    Examples
    --------
    >>> ground_rules().figures["fire_lane_m"].value, ground_rules().figures["setback_m"].cited
    (4.0, '软件的起始值')
    >>> [one.title for one in ground_rules().deductions][:3]
    ['建筑', '建筑退距', '消防车道']
    """
    name = path.name
    required = ("checked_on", "deductions", "figures", "roads", "words", "green", "paved", "vacant")
    rules = check_keys(read_rules(path), where=name, required=required)
    check_date(rules["checked_on"], where=f"{name}：checked_on")
    roads = {one.id: one for one in check_each(rules["roads"], _road, where=f"{name}：roads")}
    vacant, words = _vacant(rules["vacant"], f"{name}：vacant")
    return GroundRules(
        deductions=check_each(rules["deductions"], _deduction, where=f"{name}：deductions"),
        figures=read_figures(rules["figures"], where=f"{name}：figures", names=FIGURES),
        roads=roads,
        road_words=check_words(rules["words"], roads, where=f"{name}：words"),
        green_words=check_words(rules["green"], ("kept", "convertible"), where=f"{name}：green"),
        paved_words=_listed(rules["paved"], f"{name}：paved"),
        vacant=vacant,
        vacant_words=words,
    )


def _deduction(entry: object, *, where: str) -> DeductionRule:
    values = check_keys(entry, where=where, required=("id", "title", "figure", "text"))
    figure = values["figure"]
    if figure is not None and figure not in FIGURES:
        raise PolicyError(f"{where}.figure 是 {figure!r}，应是 {'、'.join(FIGURES)} 之一或 null。")
    return DeductionRule(
        id=check_text(values["id"], where=f"{where}.id"),
        title=check_text(values["title"], where=f"{where}.title"),
        figure=figure,
        text=check_text(values["text"], where=f"{where}.text"),
    )


def _road(entry: object, *, where: str) -> GroundRoad:
    keys = ("id", "title", "width_m", "drivable", "public")
    values = check_keys(entry, where=where, required=keys)
    return GroundRoad(
        id=check_text(values["id"], where=f"{where}.id"),
        title=check_text(values["title"], where=f"{where}.title"),
        width_m=check_number(values["width_m"], where=f"{where}.width_m"),
        drivable=check_flag(values["drivable"], where=f"{where}.drivable"),
        public=check_flag(values["public"], where=f"{where}.public"),
    )


def _vacant(entry: object, where: str) -> tuple[Basis, tuple[str, ...]]:
    keys = ("source", "clause", "confidence", "text", "words")
    values: dict[str, Any] = check_keys(entry, where=where, required=keys)
    basis = Basis(**read_basis(values, where=where))
    return basis, _listed(values["words"], f"{where}.words")


def _listed(value: object, where: str) -> tuple[str, ...]:
    return tuple(check_words({"words": value}, ("words",), where=where))
