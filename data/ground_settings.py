"""What a planner decides about open ground: distances that are kept, which green stays, what roads carry.

The starting values are in `policy.ground_rules`, each with its source; the setting ``ground`` of a plan holds what was
changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from data.held_settings import FLAG, Check, held_values, one_of, real
from policy.figures import Basis, Figure
from policy.ground_rules import ground_rules

__all__ = [
    "GREENS",
    "GROUND_KINDS",
    "GROUND_SETTING",
    "ROAD_KINDS",
    "Green",
    "GroundSettings",
]

# Key of the plan's settings.
GROUND_SETTING = "ground"

Green = Literal["all", "kept", "none"]

# Deductions in the order in which they are taken, and classes of roads with a carriageway.
GROUND_KINDS: dict[str, str] = {one.id: one.title for one in ground_rules().deductions}
ROAD_KINDS: dict[str, str] = {
    road.id: road.title for road in ground_rules().roads.values() if road.width_m > 0
}
GREENS: dict[Green, str] = {
    "all": "画出的绿地全部保留",
    "kept": "保留公园、树林等，草坪、绿化带可占用",
    "none": "绿地都可占用",
}

# Wider than any road, farther than any setback.
_MOST_M = 200.0


def _figure(name: str) -> float:
    return ground_rules().figures[name].value


_WIDTHS = tuple((name, ground_rules().roads[name].width_m) for name in ROAD_KINDS)


@dataclass(frozen=True, kw_only=True)
class GroundSettings:
    """What is taken off the ground in a plan.

    Attributes
    ----------
    setback_m : float
        Kept free around buildings.
    fire_lane_m : float
        Clear width of fire lanes; a lane that is drawn narrower is cleared to it.
    fire_lanes_inside : bool
        Ways inside compounds that are at least so wide are their fire access.
    roadside : bool
        A way inside that is known to be wide enough may give a strip along one side to stalls.
    doorways : bool
        Keep a path from each building to a road; proposals only.
    doorway_path_m : float
        Its width.
    boundary_setback_m : float
        Kept free along the wall; proposals only.
    green : {"all", "kept", "none"}
        Which of the green that is drawn stays, see :data:`GREENS`.
    green_setback_m, water_setback_m : float
        Kept free around green that stays, and around water.
    water_line_m : float
        Width of water that is drawn as a line.
    parking_stays : bool
        Mapped parking stays as it is; if not, its ground is open, and paved.
    road_reach_m : float
        Roads so far outside the boundary count as ways in.
    shared_wall_gap_m : float
        Members of a 片区 that lie so near to each other are joined where their walls are taken down.
    least_built_share : float
        Where mapped buildings cover less of a compound, most are taken to be missing.
    road_widths_m : tuple of pairs of str and float
        Class and width, for roads without a width of their own.
    """

    setback_m: float = _figure("setback_m")
    fire_lane_m: float = _figure("fire_lane_m")
    fire_lanes_inside: bool = True
    roadside: bool = True
    doorways: bool = True
    doorway_path_m: float = _figure("doorway_path_m")
    boundary_setback_m: float = _figure("boundary_setback_m")
    green: Green = "all"
    green_setback_m: float = _figure("green_setback_m")
    water_setback_m: float = _figure("water_setback_m")
    water_line_m: float = _figure("water_line_m")
    parking_stays: bool = True
    road_reach_m: float = _figure("road_reach_m")
    shared_wall_gap_m: float = _figure("shared_wall_gap_m")
    least_built_share: float = _figure("least_built_share")
    road_widths_m: tuple[tuple[str, float], ...] = _WIDTHS

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> GroundSettings:
        """Read the setting of a plan; what is not there is as in a new plan.

        Raises
        ------
        RecordError
            If a value makes no sense; all of them are named.

        Examples
        --------
        >>> GroundSettings.from_settings({"ground": {"setback_m": 2, "green": "kept"}}).setback_m
        2.0
        """
        known = held_values(settings, GROUND_SETTING, _checks(), what="空地设置", page="空间")
        return cls(**{name: _as_held(value) for name, value in known.items()})

    def to_settings(self) -> dict[str, Any]:
        """Give the setting as it is kept in the plan, ready for JSON."""
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**plain, "road_widths_m": dict(self.road_widths_m)}

    @property
    def words(self) -> str:
        """The settings in a few words, as layouts and the history carry them.

        Examples
        --------
        >>> GroundSettings().words
        '建筑退距 1.5 米，消防车道净宽 4 米，画出的绿地全部保留，入户通道 1.5 米，围墙退距 0.5 米'
        """
        told = [
            f"建筑退距 {self.setback_m:g} 米",
            f"消防车道净宽 {self.fire_lane_m:g} 米",
            GREENS[self.green],
            f"入户通道 {self.doorway_path_m:g} 米" if self.doorways else "不留入户通道",
            f"围墙退距 {self.boundary_setback_m:g} 米",
        ]
        told += [] if self.parking_stays else ["现有停车场地重新布置"]
        told += [] if self.roadside else ["路内不设车位"]
        return "，".join(told)

    @property
    def rules(self) -> dict[str, tuple[float | None, Basis | None]]:
        """Of each deduction the value in this plan, if it has one, and where its starting value is from.

        Examples
        --------
        >>> value, basis = GroundSettings(fire_lane_m=5.0).rules["fire_lane"]
        >>> value, basis.cited
        (5.0, '〔GB 50016-2014（2018年版） 7.1.8〕')
        """
        found: dict[str, tuple[float | None, Basis | None]] = {}
        for rule in ground_rules().deductions:
            basis: Figure | None = ground_rules().figures[rule.figure] if rule.figure else None
            found[rule.id] = (getattr(self, rule.figure) if rule.figure else None, basis)
        return found


def _checks() -> dict[str, Check]:
    """Say what each plain value has to be."""
    own = {
        "green": one_of(GREENS),
        "road_widths_m": Check(_are_widths, f"{'、'.join(ROAD_KINDS)} 的宽度（大于 0 的米数）"),
        "least_built_share": real(0, 1),
    }
    usual = {
        one.name: FLAG
        if isinstance(getattr(GroundSettings(), one.name), bool)
        else real(0, _MOST_M)
        for one in fields(GroundSettings)
    }
    return {**usual, **own}


def _are_widths(value: Any) -> bool:
    width = real(0, _MOST_M)
    return isinstance(value, Mapping) and all(
        kind in ROAD_KINDS and width.fits(metres) and metres != 0 for kind, metres in value.items()
    )


def _as_held(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tuple({**dict(_WIDTHS), **{kind: float(m) for kind, m in value.items()}}.items())
    return value if isinstance(value, bool | str) else float(value)
