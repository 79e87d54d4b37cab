"""One sign and colour for each kind of service facility: on the map, in the legend, on the sheet."""

from __future__ import annotations

from policy.facility_rules import facility_rules

__all__ = ["FACILITY_COLORS", "FACILITY_SIGNS", "facility_color", "facility_number", "sign_table"]

_TEACHING, _CARE, _SPORT = "#2b70ba", "#b8382c", "#1e8058"
_SERVICE, _SHOP, _CLEANING = "#6a4796", "#a85d00", "#5d6770"

# By id, as in policy/standards/facilities.yaml: one character, and the colour of its group.
_LOOKS: dict[str, tuple[str, str]] = {
    "service_station": ("服", _SERVICE),
    "culture_station": ("文", _SPORT),
    "kindergarten": ("幼", _TEACHING),
    "small_court": ("球", _SPORT),
    "fitness_ground": ("健", _SPORT),
    "health_station": ("医", _CARE),
    "elderly_care": ("老", _CARE),
    "nursery": ("托", _TEACHING),
    "playing_field": ("场", _SPORT),
    "market": ("菜", _SHOP),
    "primary_school": ("小", _TEACHING),
    "middle_school": ("中", _TEACHING),
    "property_office": ("物", _SERVICE),
    "parcel_service": ("件", _SERVICE),
    "waste_point": ("垃", _CLEANING),
    "public_toilet": ("厕", _CLEANING),
    "activity_ground": ("活", _SPORT),
    "service_complex": ("综", _SERVICE),
    "canteen": ("食", _SHOP),
    "convenience_shop": ("超", _SHOP),
}
FACILITY_SIGNS: dict[str, str] = {kind: sign for kind, (sign, _) in _LOOKS.items()}
FACILITY_COLORS: dict[str, str] = {kind: color for kind, (_, color) in _LOOKS.items()}
_NUMBERS = {kind: number for number, kind in enumerate(_LOOKS, start=1)}


def facility_color(kind: str) -> str:
    """Colour of a kind; of one that has none, that of services."""
    return FACILITY_COLORS.get(kind, _SERVICE)


def facility_number(kind: object, name: object = None) -> int:
    """Tell the number of the kind that a 类型 and 名称 tell, as tiles carry it; 0 if they tell none.

    Examples
    --------
    >>> facility_number("社区服务站"), facility_number("amenity=bank")
    (1, 0)
    """
    return _NUMBERS.get(facility_rules().called(kind, name) or "", 0)


def sign_table() -> tuple[tuple[str, str], ...]:
    """Sign and colour by number, from 1 on."""
    return tuple(_LOOKS.values())
