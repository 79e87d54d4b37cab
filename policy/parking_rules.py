"""Sizes of stalls, targets per household, and the figures that a layout is held against.

The entries are in `standards/parking.yaml`, each with its source and how sure it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from errors import PolicyError
from policy.figures import (
    Basis,
    Figure,
    Span,
    check_each,
    check_flag,
    check_number,
    read_basis,
    read_figure,
    read_figures,
    read_span,
)
from policy.reader import STANDARDS, check_date, check_keys, check_text, read_rules

__all__ = ["Arrangement", "ParkingRules", "Preset", "Target", "parking_rules"]

FIGURES = (
    "min_aisle_m",
    "one_way_lane_m",
    "two_way_lane_m",
    "two_way_from_stalls",
    "access_m",
    "accessible_share",
    "accessible_aisle_m",
    "charging_share",
    "charging_share_new",
    "group_most",
    "group_gap_m",
    "lot_to_building_m",
    "roadside_to_wall_m",
    "fire_lane_m",
    "dead_end_m",
    "turning_place_m",
    "unpaved_share",
    "share_radius_m",
    "mechanical_multiplier",
    "mechanical_from_stalls",
)
SPANS = ("lot_m2", "roadside_m2")

_SIZES = (
    "width_m",
    "length_m",
    "depth_wall_m",
    "depth_back_m",
    "pitch_m",
    "aisle_m",
)
_RIGHT_ANGLE = 90

_Named = TypeVar("_Named", "Arrangement", "Preset", "Target")


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """How cars stand at an aisle, sizes in metres.

    Attributes
    ----------
    id, title : str
    usual : bool
        Laid out unless the plan says otherwise.
    angle_deg : float
        90 square to the aisle, 0 along it.
    width_m, length_m : float
        Of the stall itself.
    depth_wall_m, depth_back_m : float
        Depth of a row at a wall (We1) and of one back to back with another (We2).
    pitch_m : float
        Along the aisle from stall to stall (Lt).
    aisle_m : float
        Least width of the aisle (Wd).
    """

    id: str
    title: str
    usual: bool
    angle_deg: float
    width_m: float
    length_m: float
    depth_wall_m: float
    depth_back_m: float
    pitch_m: float
    aisle_m: float


@dataclass(frozen=True, kw_only=True)
class Preset(Basis):
    """Sizes of all arrangements from one source."""

    id: str
    title: str
    arrangements: tuple[Arrangement, ...]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Stalls wanted per household: where it is asked for, and the figure."""

    id: str
    title: str
    figure: Figure


@dataclass(frozen=True, kw_only=True)
class ParkingRules:
    """All of the file.

    Attributes
    ----------
    presets : tuple of Preset
        The starting one first.
    figures : mapping of str to Figure
        By the names of `FIGURES`.
    spans : mapping of str to Span
        ``lot_m2`` and ``roadside_m2``, ground per stall.
    targets : tuple of Target
        The starting one first.
    """

    presets: tuple[Preset, ...]
    figures: Mapping[str, Figure]
    spans: Mapping[str, Span]
    targets: tuple[Target, ...]

    @property
    def arrangements(self) -> tuple[Arrangement, ...]:
        """Those of the standard (JGJ 100-2015 table 4.3.4)."""
        return self.presets[0].arrangements

    def preset(self, name: str) -> Preset:
        """Find a preset by its id.

        Raises
        ------
        PolicyError
            If there is none of that id.

        Examples
        --------
        >>> [one.width_m for one in parking_rules().preset("comfort").arrangements][:2]
        [2.5, 2.5]
        """
        found = {one.id: one for one in self.presets}
        if name not in found:
            known = "、".join(f"{one.id}（{one.title}）" for one in self.presets)
            raise PolicyError(f"没有车位尺寸“{name}”，可用的有：{known}。")
        return found[name]

    @property
    def target(self) -> Target:
        """The starting target."""
        return self.targets[0]


@cache
def parking_rules(path: Path = STANDARDS / "parking.yaml") -> ParkingRules:
    """Read the file.

    Raises
    ------
    PolicyError
        If it is malformed, or sizes do not fit each other.

    Examples
    --------
    >>> parking_rules().figures["min_aisle_m"].cited
    '〔JGJ 100-2015 4.3.4〕'
    >>> {one.title: one.aisle_m for one in parking_rules().arrangements if one.usual}
    {'垂直式': 5.5, '斜列式60°': 4.2, '斜列式45°': 3.8, '斜列式30°': 3.8, '平行式': 3.8}
    """
    required = ("checked_on", "presets", "figures", "spans", "targets")
    rules = check_keys(read_rules(path), where=path.name, required=required)
    check_date(rules["checked_on"], where=f"{path.name}：checked_on")
    spans = check_keys(rules["spans"], where=f"{path.name}：spans", required=SPANS)
    return ParkingRules(
        presets=_once(check_each(rules["presets"], _preset, where=f"{path.name}：presets")),
        figures=read_figures(rules["figures"], where=f"{path.name}：figures", names=FIGURES),
        spans={name: read_span(spans[name], where=f"{path.name}：spans.{name}") for name in SPANS},
        targets=_once(check_each(rules["targets"], _target, where=f"{path.name}：targets")),
    )


def _preset(entry: object, *, where: str) -> Preset:
    keys = ("id", "title", "source", "clause", "confidence", "text", "arrangements")
    values = check_keys(entry, where=where, required=keys)
    found = check_each(values["arrangements"], _arrangement, where=f"{where}.arrangements")
    return Preset(
        id=check_text(values["id"], where=f"{where}.id"),
        title=check_text(values["title"], where=f"{where}.title"),
        arrangements=_once(found),
        **read_basis(values, where=where),
    )


def _arrangement(entry: object, *, where: str) -> Arrangement:
    values = check_keys(entry, where=where, required=("id", "title", "usual", "angle_deg", *_SIZES))
    sizes = {name: check_number(values[name], where=f"{where}.{name}") for name in _SIZES}
    angle = check_number(values["angle_deg"], where=f"{where}.angle_deg")
    if angle > _RIGHT_ANGLE:
        raise PolicyError(f"{where}.angle_deg 是 {angle:g}，应在 0 到 90 之间。")
    for low, high in (("depth_back_m", "depth_wall_m"), ("width_m", "pitch_m")):
        if not 0 < sizes[low] <= sizes[high]:
            raise PolicyError(f"{where}：{low} 应大于 0，且不大于 {high}，请核对。")
    return Arrangement(
        id=check_text(values["id"], where=f"{where}.id"),
        title=check_text(values["title"], where=f"{where}.title"),
        usual=check_flag(values["usual"], where=f"{where}.usual"),
        angle_deg=angle,
        **sizes,
    )


def _target(entry: object, *, where: str) -> Target:
    values = check_keys(entry, where=where, required=("id", "title", "figure"))
    return Target(
        id=check_text(values["id"], where=f"{where}.id"),
        title=check_text(values["title"], where=f"{where}.title"),
        figure=read_figure(values["figure"], where=f"{where}.figure"),
    )


def _once(entries: Collection[_Named]) -> tuple[_Named, ...]:
    ids = [entry.id for entry in entries]
    doubled = sorted({name for name in ids if ids.count(name) > 1})
    if doubled:
        raise PolicyError(f"规则里的编号 {'、'.join(doubled)} 写了两次，请改成不同的。")
    return tuple(entries)
