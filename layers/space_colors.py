"""Colours and patterns of what the page 空间 lays over the map: deductions, open ground, stalls, aisles.

Open ground is the one strong fill; what is taken off it is paler, each kind told from the next by hue and by
pattern, so that the map can be read in grey too.
"""

from __future__ import annotations

from dataclasses import dataclass

from layers.webmap_overlay import Pattern

__all__ = [
    "AISLE",
    "GROUND_LOOKS",
    "OPEN",
    "OTHER",
    "STALL_LOOKS",
    "Look",
    "ground_look",
    "stall_look",
]


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a class is filled: colour, pattern, opacity, outline."""

    color: str
    pattern: Pattern = "solid"
    opacity: float = 0.8
    edge: str | None = None


OPEN = Look(color="#8fd175", opacity=0.85, edge="#3d8a2a")
OTHER = Look(color="#b9c0c7", pattern="cross")

# By kind of deduction, as in data.ground.GROUND_KINDS.
GROUND_LOOKS: dict[str, Look] = {
    "buildings": Look(color="#8d7b6c", edge="#5d5046"),
    "setback": Look(color="#d3b59c", pattern="hatch"),
    "fire_lane": Look(color="#e0604a", pattern="hatch"),
    "carriageway": Look(color="#a9b4be"),
    "paths": Look(color="#c58fd0", pattern="dots"),
    "green": Look(color="#2f8f62", pattern="back"),
    "water": Look(color="#6db3e8"),
    "parking": Look(color="#3f6fb5", pattern="cross"),
    "facilities": Look(color="#e3a13a"),
    "boundary": Look(color="#7c8894", pattern="back"),
}

AISLE = Look(color="#dfe4e8", opacity=0.9, edge="#93a0ac")
CHAIR = Look(color="#f6c945", pattern="hatch", edge="#7a5a00")
# By use of a stall.
STALL_LOOKS: dict[str, Look] = {
    "普通": Look(color="#9ec5ec", opacity=0.95, edge="#1d4f85"),
    "无障碍": Look(color="#f6c945", opacity=0.95, edge="#7a5a00"),
    "充电": Look(color="#7ccf9b", opacity=0.95, edge="#0f6a3c"),
}


def ground_look(kind: str) -> Look:
    """Look of a kind of deduction; of one that nobody has given a colour, grey."""
    return GROUND_LOOKS.get(kind, OTHER)


def stall_look(use: str) -> Look:
    """Look of a stall by its use; of one that nobody has given a colour, grey."""
    return STALL_LOOKS.get(use, OTHER)
