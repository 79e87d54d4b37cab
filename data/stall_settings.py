"""What a plan asks of stalls: sizes, target, limits of a proposal, uses; kept under ``stalls`` and told in words.

Starting values are those of `policy.parking_rules`; each has its source there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from data.held_settings import FLAG, Check, held_values, one_of, real, some_of, whole
from policy.figures import Figure
from policy.parking_rules import Arrangement, Preset, Target, parking_rules

__all__ = [
    "ARRANGEMENTS",
    "OWN_TARGET",
    "PRESETS",
    "SHARING",
    "STALL_SETTING",
    "TARGETS",
    "UP_TO",
    "Sharing",
    "StallSettings",
    "UpTo",
]

STALL_SETTING = "stalls"
OWN_TARGET = "own"

UpTo = Literal["pianqu", "compound", "all"]
Sharing = Literal["both", "pianqu", "radius", "off"]

UP_TO: dict[UpTo, str] = {
    "pianqu": "到片区的缺口为止",
    "compound": "到本小区的缺口为止",
    "all": "不按缺口封顶",
}
SHARING: dict[Sharing, str] = {
    "both": "片区内和步行范围内共用",
    "pianqu": "只在片区内共用",
    "radius": "只在步行范围内共用",
    "off": "不共用",
}

_RULES = parking_rules()
PRESETS: dict[str, str] = {one.id: one.title for one in _RULES.presets}
ARRANGEMENTS: dict[str, str] = {
    one.id: one.title for preset in _RULES.presets for one in preset.arrangements
}
TARGETS: dict[str, str] = {
    **{one.id: one.title for one in _RULES.targets},
    OWN_TARGET: "自定的指标",
}
# Plans of before have arrangements by other names.
_FORMERLY = {
    "square": "perpendicular",
    "square_forward": "perpendicular_forward",
    "angled60": "angled_60",
    "angled60_forward": "angled_60_forward",
    "angled45": "angled_45",
    "angled30": "angled_30",
}
_USUAL = tuple(one.id for one in _RULES.arrangements if one.usual)


def _start(name: str) -> float:
    return _RULES.figures[name].value


@dataclass(frozen=True, kw_only=True)
class StallSettings:
    """What is asked of the stalls of a plan; lengths in metres, shares 0 to 1.

    Attributes
    ----------
    preset : str
        Sizes, one of :data:`PRESETS`.
    arrangements : tuple of str
        Of :data:`ARRANGEMENTS`; those that the preset does not have are passed over.
    target : str
        Where the target is from, one of :data:`TARGETS`.
    target_ratio : float
        Stalls wanted per household.
    up_to : str
        Where a proposal stops, one of :data:`UP_TO`.
    sharing : str
        Whether what one compound has to spare counts for another, one of :data:`SHARING`.
    share_radius_m : float
        Farthest that a stall which is shared may lie, from boundary to boundary.
    unpaved_share : float
        Of the open ground, kept without stalls and aisles.
    min_aisle_m, access_m : float
        Least width of an aisle, and of its contact with the road.
    dead_end_m : float or None
        Longest aisle without a way out or a turning place; None is no limit.
    turning_place_m : float
        Side of a turning place.
    group_most : int or None
        Stalls in a group; None is no limit.
    group_gap_m : float
        Between groups.
    accessible_share, accessible_aisle_m : float
        Of the new stalls, and the width of the wheelchair aisle beside them.
    charging_share : float
        Of the new stalls.
    mechanical : bool
        Whether lots that can carry it are reckoned with mechanical parking (立体).
    mechanical_multiplier : float
        Stalls for one on the ground.
    mechanical_from_stalls : int
        Fewest stalls of a lot that can carry it.
    effort : float
        How long the search for a layout is; 1 as usual.
    seed : int
        Start of the search; the same gives the same layout.
    """

    preset: str = _RULES.presets[0].id
    arrangements: tuple[str, ...] = _USUAL
    target: str = _RULES.target.id
    target_ratio: float = _RULES.target.figure.value
    up_to: UpTo = "pianqu"
    sharing: Sharing = "both"
    share_radius_m: float = _start("share_radius_m")
    unpaved_share: float = _start("unpaved_share")
    min_aisle_m: float = _start("min_aisle_m")
    access_m: float = _start("access_m")
    dead_end_m: float | None = _start("dead_end_m")
    turning_place_m: float = _start("turning_place_m")
    group_most: int | None = int(_start("group_most"))
    group_gap_m: float = _start("group_gap_m")
    accessible_share: float = _start("accessible_share")
    accessible_aisle_m: float = _start("accessible_aisle_m")
    charging_share: float = _start("charging_share")
    mechanical: bool = False
    mechanical_multiplier: float = _start("mechanical_multiplier")
    mechanical_from_stalls: int = int(_start("mechanical_from_stalls"))
    effort: float = 1.0
    seed: int = 0

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> StallSettings:
        """Read the setting of a plan; what is not there is as in a new plan.

        Raises
        ------
        RecordError
            If a value makes no sense; all of them are named.

        Examples
        --------
        >>> StallSettings.from_settings({"stalls": {"target": "jiangmen_outer"}}).target_ratio
        0.7
        """
        known = held_values(settings, STALL_SETTING, _CHECKS, what="车位设置", page="空间")
        made: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in known.items()
        }
        if "arrangements" in made:
            made["arrangements"] = tuple(_FORMERLY.get(one, one) for one in made["arrangements"])
        # A target from a document brings its figure along; one's own has none to bring.
        if "target_ratio" not in made and made.get("target", OWN_TARGET) != OWN_TARGET:
            made["target_ratio"] = _target(made["target"]).figure.value
        return cls(**made)

    def to_settings(self) -> dict[str, Any]:
        """Give the setting as it is kept in the plan, ready for JSON."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @property
    def sizes(self) -> tuple[Arrangement, ...]:
        """Arrangements that may be laid out, in the sizes of the preset."""
        preset: Preset = _RULES.preset(self.preset)
        return tuple(one for one in preset.arrangements if one.id in self.arrangements)

    @property
    def target_words(self) -> str:
        """The target with where it is from.

        Examples
        --------
        >>> StallSettings().target_words
        '每户 0.8 个〔老旧小区（软件取值），软件的起始值〕'
        >>> StallSettings(target_ratio=1.0).target_words
        '每户 1 个〔本计划自定〕'
        """
        figure = self._target_figure()
        if figure is None:
            return f"每户 {self.target_ratio:g} 个〔本计划自定〕"
        cited = figure.cited.strip("〔〕")
        return f"每户 {self.target_ratio:g} 个〔{TARGETS[self.target]}，{cited}〕"

    @property
    def words(self) -> str:
        """The settings in a few words, as layouts and the history carry them.

        Examples
        --------
        >>> StallSettings().words.split("；")[0]
        '规范最小尺寸（垂直式、斜列式60°、斜列式45°、斜列式30°、平行式）'
        """
        kinds = "、".join(one.title for one in self.sizes)
        dead_end = "不限" if self.dead_end_m is None else f"不超过 {self.dead_end_m:g} 米"
        group = "不限" if self.group_most is None else f"不超过 {self.group_most} 个"
        told = [
            f"{PRESETS[self.preset]}（{kinds or '没有选排列方式'}）",
            self.target_words,
            UP_TO[self.up_to],
            f"保留不铺装 {self.unpaved_share:.0%}",
            f"尽端{dead_end}、每组{group}",
            f"无障碍 {self.accessible_share:.1%}、充电 {self.charging_share:.0%}",
        ]
        if self.mechanical:
            told.append(
                f"{self.mechanical_from_stalls} 个以上的停车场按立体 {self.mechanical_multiplier:g} 倍"
            )
        return "；".join(told)

    def _target_figure(self) -> Figure | None:
        """Give the figure of the target's document, if the ratio is still that of it."""
        if self.target == OWN_TARGET:
            return None
        figure = _target(self.target).figure
        return figure if figure.value == self.target_ratio else None


def _target(name: str) -> Target:
    return next(one for one in _RULES.targets if one.id == name)


# --- what plain values have to be -----------------------------------------------------------------

_CHECKS: dict[str, Check] = {
    "preset": one_of(PRESETS),
    "arrangements": some_of({**ARRANGEMENTS, **_FORMERLY}),
    "target": one_of(TARGETS),
    "target_ratio": real(0, 10),
    "up_to": one_of(UP_TO),
    "sharing": one_of(SHARING),
    "share_radius_m": real(0, 5_000),
    "unpaved_share": real(0, 1),
    "min_aisle_m": real(2, 12),
    "access_m": real(2, 12),
    "dead_end_m": real(0, 10_000, may_lack=True),
    "turning_place_m": real(0, 50),
    "group_most": whole(1, 10_000, may_lack=True),
    "group_gap_m": real(0, 50),
    "accessible_share": real(0, 1),
    "accessible_aisle_m": real(0, 3),
    "charging_share": real(0, 1),
    "mechanical": FLAG,
    "mechanical_multiplier": real(1, 10),
    "mechanical_from_stalls": whole(1, 10_000),
    "effort": real(0, 4),
    "seed": whole(0, 2**31),
}
