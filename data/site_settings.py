"""What is asked of new sites for a service facility: which kind, how far, how many, where they may stand."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from errors import PolicyError, RecordError
from policy.facility_rules import FacilityKind, facility_rules

__all__ = ["AIMS", "SITE_SETTING", "SOURCES", "Aim", "SiteSettings"]

# Key of the plan's settings, for who works on a page.
SITE_SETTING = "sites"

Aim = Literal["all", "most", "median"]

AIMS: dict[Aim, str] = {
    "all": "全部覆盖，选址最少",
    "most": "给定个数，覆盖户数最多",
    "median": "给定个数，总路程最短",
}
SOURCES: dict[str, str] = {
    "ground": "小区内空地",
    "vacant": "空置地块",
    "rooms": "闲置用房",
}
_WHAT = "选址设置"


@dataclass(frozen=True, kw_only=True)
class SiteSettings:
    """What is asked of sites.

    Attributes
    ----------
    facility : str
        Id of the kind.
    radius_m : float or None
        Farthest that a household may have to go; None: the service radius of the kind.
    network : bool
        Along roads instead of in a straight line.
    aim : {"all", "most", "median"}
        See :data:`AIMS`.
    count : int or None
        New sites at most; None only where all are to be covered.
    capacity_households : int or None
        Households that one site serves at most; of the shortest ways only.
    sources : tuple of str
        Of :data:`SOURCES`.
    min_area_m2, min_width_m, height_m : float or None
        Ground that it takes, its narrowest side, height of what is built; None: as of the kind.
    existing : bool
        Existing facilities of the kind serve as they are.
    clear_only : bool
        Leave out sites that need public opinion or throw a shadow.
    great_cold : bool
        Noon shadow of 大寒日 instead of 冬至日.
    bare_ground : bool
        Compounds without mapped buildings have none.
    seed : int
        Of the search.
    """

    facility: str
    radius_m: float | None = None
    network: bool = False
    aim: Aim = "all"
    count: int | None = None
    capacity_households: int | None = None
    sources: tuple[str, ...] = tuple(SOURCES)
    min_area_m2: float | None = None
    min_width_m: float | None = None
    height_m: float | None = None
    existing: bool = True
    clear_only: bool = False
    great_cold: bool = False
    bare_ground: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        problems = [
            f"{name} 不能是 {getattr(self, name)!r}，{should}。"
            for name, (fits, should) in _CHECKS.items()
            if not fits(getattr(self, name))
        ]
        if self.aim != "all" and self.count is None:
            problems.append(f"“{AIMS[self.aim]}”要填写选址个数。" if self.aim in AIMS else "")
        if self.capacity_households is not None and self.aim != "median":
            problems.append(f"每处至多服务户数只用于“{AIMS['median']}”。")
        if not any(problems) and self.radius_m is None and self.kind.radius_m is None:
            problems.append(f"{self.kind.title}没有规定服务半径，请填写半径（米）。")
        if any(problems):
            raise RecordError(_WHAT, [one for one in problems if one])

    @classmethod
    def from_dict(cls, held: Mapping[str, Any]) -> SiteSettings:
        """Read settings from plain values; what is not there is as at first.

        Raises
        ------
        RecordError
            If a value makes no sense, or no kind is given; all of them are named.

        Examples
        --------
        >>> SiteSettings.from_dict({"facility": "nursery", "aim": "most", "count": 3}).count
        3
        """
        known = {one.name: held[one.name] for one in fields(cls) if one.name in held}
        if "facility" not in known:
            raise RecordError(_WHAT, ["没有写明是哪一种服务设施。"])
        sources = known.get("sources")
        if isinstance(sources, list):
            known["sources"] = tuple(sources)
        return cls(**known)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values, ready for JSON.

        Examples
        --------
        >>> one = SiteSettings(facility="market", radius_m=400.0)
        >>> SiteSettings.from_dict(one.to_dict()) == one
        True
        """
        return {**asdict(self), "sources": list(self.sources)}

    @property
    def kind(self) -> FacilityKind:
        """The kind of facility."""
        return facility_rules().kinds[self.facility]

    @property
    def reach_m(self) -> float:
        """The radius that holds."""
        radius = self.kind.radius_m if self.radius_m is None else self.radius_m
        return float(radius or 0.0)

    @property
    def ground_m2(self) -> float:
        """Ground that a site takes."""
        if self.min_area_m2 is not None:
            return float(self.min_area_m2)
        figures = facility_rules().figures
        return self.kind.ground_m2(
            storeys=figures["storeys_most"].value, least_m2=figures["least_site_m2"].value
        )

    @property
    def width_m(self) -> float:
        """Narrowest side of the ground; never more than the square of the area asked for has."""
        if self.min_width_m is not None:
            return float(self.min_width_m)
        return min(self.kind.width_m, math.sqrt(self.ground_m2))

    @property
    def floor_m2(self) -> float | None:
        """Least floor; None for open grounds and where no document says it."""
        return None if self.kind.floor_m2 is None else self.kind.floor_m2[0]

    @property
    def tall_m(self) -> float:
        """Height for the noon shadow."""
        return self.kind.height_m if self.height_m is None else float(self.height_m)

    @property
    def words(self) -> str:
        """The settings in a few words, as the history and saved sites carry them.

        Examples
        --------
        >>> SiteSettings(facility="elderly_care", aim="most", count=2).words
        '老年人日间照料中心，直线 300 米，2 处，给定个数，覆盖户数最多，占地 175 ㎡ 以上'
        """
        told = [self.kind.title, f"{'沿道路' if self.network else '直线'} {self.reach_m:g} 米"]
        told += [] if self.count is None else [f"{self.count} 处"]
        told += [AIMS[self.aim], f"占地 {self.ground_m2:g} ㎡ 以上"]
        if self.capacity_households is not None:
            told.append(f"每处至多 {self.capacity_households} 户")
        if set(self.sources) != set(SOURCES):
            told.append("只用" + "、".join(SOURCES[one] for one in SOURCES if one in self.sources))
        told += ["不计现有设施"] if not self.existing else []
        told += ["不用需征求意见的"] if self.clear_only else []
        return "，".join(told)


_Check = tuple[Callable[[Any], bool], str]


def _is_kind(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return facility_rules().kind(value).id == value
    except PolicyError:
        return False


def _number(low: float, high: float, *, blank: bool = True) -> _Check:
    def fits(value: Any) -> bool:
        if value is None:
            return blank
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and low <= value <= high

    return fits, f"应是 {low:g} 到 {high:g} 的数"


def _whole(low: int, high: int, *, blank: bool = True) -> _Check:
    def fits(value: Any) -> bool:
        if value is None:
            return blank
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return fits, f"应是 {low} 到 {high} 的整数"


_FLAG: _Check = (lambda value: isinstance(value, bool), "应是 true 或 false")
_CHECKS: dict[str, _Check] = {
    "facility": (
        _is_kind,
        f"应是 {'、'.join(facility_rules().kinds)} 之一",
    ),
    "radius_m": _number(1, 20_000),
    "network": _FLAG,
    "aim": (lambda value: isinstance(value, str) and value in AIMS, f"应是 {'、'.join(AIMS)} 之一"),
    "count": _whole(1, 10_000),
    "capacity_households": _whole(1, 1_000_000),
    "sources": (
        lambda value: isinstance(value, tuple) and bool(value) and all(one in SOURCES for one in value),
        f"应是 {'、'.join(SOURCES)} 中的至少一个",
    ),
    "min_area_m2": _number(1, 1_000_000),
    "min_width_m": _number(1, 1_000),
    "height_m": _number(0, 200),
    "existing": _FLAG,
    "clear_only": _FLAG,
    "great_cold": _FLAG,
    "bare_ground": _FLAG,
    "seed": _whole(0, 2**31 - 1, blank=False),
}  # fmt: skip
