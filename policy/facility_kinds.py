"""One kind of service facility and one living circle, and their strict reading."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from errors import PolicyError
from policy.figures import Basis, Figure, check_number, read_basis, read_figure
from policy.reader import check_keys, check_text

__all__ = ["FacilityKind", "LivingCircle", "read_circle", "read_kind"]

_BASIS = ("source", "clause", "confidence", "text")
_PAIR = 2


@dataclass(frozen=True, kw_only=True)
class FacilityKind(Basis):
    """A kind of service facility.

    Attributes
    ----------
    id, title : str
    floor_m2, site_m2 : tuple of float or None
        Least and most; most is infinite where only a least value is given; None where none is.
    radius_m : float or None
        Service radius.
    demand : Figure or None
        Floor per 100 households, ㎡.
    width_m : float
        Narrowest side of the ground it stands on; the tool's own value.
    height_m : float
        For the noon shadow; 0 for open ground; the tool's own value.
    """

    id: str
    title: str
    floor_m2: tuple[float, float] | None
    site_m2: tuple[float, float] | None
    radius_m: float | None
    demand: Figure | None
    width_m: float
    height_m: float

    def ground_m2(self, *, storeys: float, least_m2: float) -> float:
        """Ground that it takes: its site, else its floor on so many storeys, else `least_m2`.

        Parameters
        ----------
        storeys : float
            1 or more.
        least_m2 : float
            Where no document gives an area.
        """
        if self.site_m2 is not None:
            return self.site_m2[0]
        return least_m2 if self.floor_m2 is None else self.floor_m2[0] / storeys

    def households_served(self, floor_m2: float) -> float | None:
        """Households that so much floor is enough for; None where no document says it.

        Examples
        --------
        >>> from policy.facility_rules import facility_rules
        >>> facility_rules().kinds["elderly_care"].households_served(450)
        3000.0
        """
        return None if self.demand is None else floor_m2 / self.demand.value * 100


@dataclass(frozen=True, kw_only=True)
class LivingCircle(Basis):
    """A living circle: how far, and for how many people (least, most)."""

    id: str
    title: str
    radius_m: float
    people: tuple[float, float]


def read_kind(entry: object, *, where: str) -> FacilityKind:
    """Read one entry of ``kinds``.

    Raises
    ------
    PolicyError
        If a key is missing or unknown, or a value is not what it should be.
    """
    keys = ("id", "title", "floor_m2", "site_m2", "radius_m", "demand", "width_m", "height_m")
    values = check_keys(entry, where=where, required=(*keys, *_BASIS))
    radius, demand = values["radius_m"], values["demand"]
    return FacilityKind(
        id=check_text(values["id"], where=f"{where}.id"),
        title=check_text(values["title"], where=f"{where}.title"),
        floor_m2=_areas(values["floor_m2"], f"{where}.floor_m2"),
        site_m2=_areas(values["site_m2"], f"{where}.site_m2"),
        radius_m=None if radius is None else check_number(radius, where=f"{where}.radius_m"),
        demand=None if demand is None else read_figure(demand, where=f"{where}.demand"),
        width_m=check_number(values["width_m"], where=f"{where}.width_m"),
        height_m=check_number(values["height_m"], where=f"{where}.height_m"),
        **read_basis(values, where=where),
    )


def read_circle(entry: object, *, where: str) -> LivingCircle:
    """Read one entry of ``circles``.

    Raises
    ------
    PolicyError
        As `read_kind`.
    """
    keys = ("id", "title", "radius_m", "people")
    values = check_keys(entry, where=where, required=(*keys, *_BASIS))
    people = _areas(values["people"], f"{where}.people")
    if people is None:
        raise PolicyError(f"{where}.people 应写成 [最少, 最多]。")
    return LivingCircle(
        id=check_text(values["id"], where=f"{where}.id"),
        title=check_text(values["title"], where=f"{where}.title"),
        radius_m=check_number(values["radius_m"], where=f"{where}.radius_m"),
        people=people,
        **read_basis(values, where=where),
    )


def _areas(value: Any, where: str) -> tuple[float, float] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != _PAIR:
        raise PolicyError(f"{where} 应写成 [最小, 最大]（没有上限写 null），现在是 {value!r}。")
    low = check_number(value[0], where=where)
    high = math.inf if value[1] is None else check_number(value[1], where=where)
    if not 0 < low <= high:
        raise PolicyError(f"{where}：最小 {low:g} 应大于 0，且不超过最大 {high:g}。")
    return low, high
