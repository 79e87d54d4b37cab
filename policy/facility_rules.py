"""Service facilities: how large, how far, for how many, what they are called; the noon shadow that screens sites.

The entries are in `standards/facilities.yaml`, each with its source and how sure it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from errors import PolicyError
from policy.facility_kinds import FacilityKind, LivingCircle, read_circle, read_kind
from policy.figures import (
    Basis,
    Figure,
    check_each,
    check_words,
    longest_word,
    read_basis,
    read_figures,
)
from policy.reader import STANDARDS, check_date, check_keys, read_rules

__all__ = ["FacilityKind", "FacilityRules", "LivingCircle", "facility_rules", "noon_spacing"]

FIGURES = (
    "persons_per_household",
    "solstice_declination_deg",
    "great_cold_declination_deg",
    "storeys_most",
    "aspect_most",
    "building_gap_m",
    "least_site_m2",
)
_UNSURE = "unsure"
_ZENITH_DEG = 90.0


@dataclass(frozen=True, kw_only=True)
class FacilityRules:
    """All of the file.

    Attributes
    ----------
    kinds : mapping of str to FacilityKind
        By id, in the order in which they are shown.
    circles : tuple of LivingCircle
        From the smallest up.
    figures : mapping of str to Figure
        By the names of `FIGURES`.
    opinion : Basis
        Why works that touch green or sunlight first ask the residents.
    idle_rooms : Basis
        The document that sends services to idle rooms.
    idle_words : tuple of str
        What idle rooms are called.
    words : mapping of str to str
        Id by word; ``unsure`` where the name must tell.
    """

    kinds: Mapping[str, FacilityKind]
    circles: tuple[LivingCircle, ...]
    figures: Mapping[str, Figure]
    opinion: Basis
    idle_rooms: Basis
    idle_words: tuple[str, ...]
    words: Mapping[str, str]

    def kind(self, named: str) -> FacilityKind:
        """Find a kind by its id or title, else by what it is called too, else by a part of its title.

        Raises
        ------
        PolicyError
            If there is none, or a part fits several; all of them are named.

        Examples
        --------
        >>> kind = facility_rules().kind
        >>> [kind(text).title for text in ("托儿所", "market", "养老", "健身", "托育园")]
        ['托儿所', '菜市场', '老年人日间照料中心', '室外综合健身场地', '托儿所']
        """
        text = named.strip()
        for kind in self.kinds.values():
            if text in (kind.id, kind.title):
                return kind
        said = longest_word(text, self.words)
        if said is not None and said in self.kinds:
            return self.kinds[said]
        partly = [kind for kind in self.kinds.values() if text and text in kind.title]
        if len(partly) == 1:
            return partly[0]
        known = "、".join(f"{kind.title}（{kind.id}）" for kind in self.kinds.values())
        raise PolicyError(f"没有“{text}”这种服务设施，可用的有：{known}。")

    def called(self, kind: object, name: object = None) -> str | None:
        """Id of the kind that an existing facility's 类型 and 名称 tell; None if they say nothing.

        The name is asked only where the 类型 leaves it open: a bus stop called after a kindergarten is none.

        Examples
        --------
        >>> called = facility_rules().called
        >>> called("amenity=kindergarten"), called("社区卫生服务中心"), called("amenity=school", "实验小学")
        ('kindergarten', 'health_station', 'primary_school')
        >>> called("highway=bus_stop", "幼儿园站"), called(None, "阳光幼儿园"), called("amenity=school")
        (None, 'kindergarten', None)
        """
        text = kind.strip() if isinstance(kind, str) else ""
        # OpenStreetMap's tags come as key=value.
        said = longest_word(text.rpartition("=")[2], self.words)
        if said is not None and said != _UNSURE:
            return said
        if text.isascii() and text and said is None:
            return None
        found = longest_word(name, self.words)
        return None if found == _UNSURE else found

    def is_idle(self, text: object) -> bool:
        """Whether a 类型 or 名称 speaks of rooms that stand idle.

        Examples
        --------
        >>> [facility_rules().is_idle(text) for text in ("闲置公房", "居委会用房", "住宅")]
        [True, True, False]
        """
        return longest_word(text, dict.fromkeys(self.idle_words, "idle")) is not None


@cache
def facility_rules(path: Path = STANDARDS / "facilities.yaml") -> FacilityRules:
    """Read the file.

    Raises
    ------
    PolicyError
        If it is malformed, or a word stands for two things.

    Examples
    --------
    >>> kind = facility_rules().kinds["elderly_care"]
    >>> kind.floor_m2, kind.radius_m, kind.demand.value, kind.clause
    ((350.0, 750.0), 300.0, 15.0, '公共服务设施表（第13—15页）')
    >>> [circle.radius_m for circle in facility_rules().circles]
    [300.0, 500.0, 1000.0]
    """
    name = path.name
    parts = ("kinds", "circles", "figures", "opinion", "idle_rooms", "words", _UNSURE)
    rules = check_keys(read_rules(path), where=name, required=("checked_on", *parts))
    check_date(rules["checked_on"], where=f"{name}：checked_on")
    kinds = _by_id(check_each(rules["kinds"], read_kind, where=f"{name}：kinds"), name)
    words = check_keys(rules["words"], where=f"{name}：words", required=tuple(kinds))
    idle, idle_words = _idle(rules["idle_rooms"], f"{name}：idle_rooms")
    basis = ("source", "clause", "confidence", "text")
    opinion = check_keys(rules["opinion"], where=f"{name}：opinion", required=basis)
    return FacilityRules(
        kinds=kinds,
        circles=check_each(rules["circles"], read_circle, where=f"{name}：circles"),
        figures=read_figures(rules["figures"], where=f"{name}：figures", names=FIGURES),
        opinion=Basis(**read_basis(opinion, where=f"{name}：opinion")),
        idle_rooms=idle,
        idle_words=idle_words,
        words=check_words(
            {**words, _UNSURE: rules[_UNSURE]}, (*kinds, _UNSURE), where=f"{name}：words"
        ),
    )


def noon_spacing(latitude_deg: float, *, great_cold: bool = False) -> float:
    """Noon shadow of a thing one metre high, in metres: a screen, not an analysis of hours of sun.

    Parameters
    ----------
    latitude_deg : float
        Northern latitude.
    great_cold : bool
        On 大寒日 instead of 冬至日.

    Returns
    -------
    float
        1 / tan(90° − latitude − declination); infinite where the sun does not rise at noon.

    Examples
    --------
    The places of the source plans, 冬至日 and 大寒日:

    >>> places = {"云浮": 22.93, "阳江": 21.86, "楚雄": 25.03, "柳州": 24.33, "吴忠": 37.98}
    >>> [round(noon_spacing(latitude), 2) for latitude in places.values()]
    [1.05, 1.01, 1.13, 1.1, 1.84]
    >>> [round(noon_spacing(latitude, great_cold=True), 2) for latitude in places.values()]
    [0.93, 0.9, 1.0, 0.98, 1.61]
    """
    day = "great_cold_declination_deg" if great_cold else "solstice_declination_deg"
    altitude = _ZENITH_DEG - latitude_deg - facility_rules().figures[day].value
    return 1 / math.tan(math.radians(altitude)) if altitude > 0 else math.inf


def _by_id(kinds: tuple[FacilityKind, ...], name: str) -> dict[str, FacilityKind]:
    named = [*(kind.id for kind in kinds), *(kind.title for kind in kinds)]
    doubled = sorted({one for one in named if named.count(one) > 1})
    if doubled:
        raise PolicyError(f"{name}：设施 {'、'.join(doubled)} 写了两次，请删去一个。")
    return {kind.id: kind for kind in kinds}


def _idle(entry: object, where: str) -> tuple[Basis, tuple[str, ...]]:
    keys = ("source", "clause", "confidence", "text", "words")
    values: dict[str, Any] = check_keys(entry, where=where, required=keys)
    words = check_words({"words": values["words"]}, ("words",), where=where)
    return Basis(**read_basis(values, where=where)), tuple(words)
