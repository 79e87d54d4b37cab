"""Colours of the maps: ramps for amounts, two-sided ramps for gaps, and twelve colours for 片区.

The ramps were computed for this tool in OKLCH (one hue, lightness falling evenly from 0.94 to 0.34), so
that they keep their order when printed in grey and for colour-blind readers.
"""

from __future__ import annotations

import numpy as np

__all__ = [
    "NEUTRAL",
    "NO_DATA",
    "PIANQU_COLORS",
    "PLAIN",
    "RAMPS",
    "pianqu_color",
    "pianqu_ink",
    "ramp",
    "two_sided",
]

NO_DATA = "#d9d9d9"
# The middle of a two-sided ramp, and "none" in a ramp of amounts.
NEUTRAL = "#f3f2ee"
# A map without a theme: one quiet fill.
PLAIN = "#c9d7e3"

RAMPS: dict[str, tuple[str, ...]] = {
    "blue": ("#d7efff", "#94d3ff", "#5eb3f4", "#3c91dc", "#2b70ba", "#26528f", "#22375e"),
    "green": ("#d6f5db", "#9fdcaf", "#69c18a", "#35a36c", "#008455", "#016242", "#03432f"),
    "orange": ("#fce9c2", "#f0c27d", "#e19a3f", "#ca7407", "#a95401", "#863806", "#5a2716"),
    "purple": ("#f3e5fe", "#ddb9fe", "#c193ed", "#a272d4", "#8156b2", "#5f3f89", "#3f2d5b"),
    "red": ("#fee6d8", "#ffb897", "#fa865b", "#df5e3b", "#bb3e2b", "#8f2a26", "#5e2022"),
    "teal": ("#d0f4f1", "#96d9d7", "#5ebcbf", "#289ea6", "#0b7d89", "#075d6a", "#0d3f49"),
}

# Light enough for black labels; neighbours in the list differ in hue and in lightness.
PIANQU_COLORS = (
    "#7fb8e6",
    "#f2a65a",
    "#83c66f",
    "#d98fc6",
    "#f7dc6f",
    "#5dbcae",
    "#e2786a",
    "#a896e6",
    "#bcc95a",
    "#c49a72",
    "#5a8fb5",
    "#f0b6c0",
)


def ramp(name: str, count: int) -> tuple[str, ...]:
    """``count`` colours of one hue, light to dark (seven at most differ).

    Examples
    --------
    >>> ramp("blue", 3)
    ('#d7efff', '#3c91dc', '#22375e')
    >>> ramp("blue", 1)
    ('#5eb3f4',)
    """
    colors = RAMPS[name]
    if count == 1:
        return (colors[2],)
    # Few classes leave out the darkest step, on which labels can not be read.
    last = len(colors) - (1 if count in (2, 4, 5) else 0) - 1
    return tuple(colors[round(at)] for at in np.linspace(0, last, count))


def pianqu_color(index: float | None) -> str:
    """Fill of a 片区 from the index stored with it; the palette comes round again after twelve.

    Examples
    --------
    >>> pianqu_color(13) == pianqu_color(1)
    True
    """
    known = index is not None and index == index  # noqa: PLR0124 (NaN)
    return PIANQU_COLORS[int(index) % len(PIANQU_COLORS) if known else 0]  # type: ignore[arg-type]


def pianqu_ink(index: float | None) -> str:
    """Outline and name of a 片区: its colour, dark enough to read on white."""
    fill = pianqu_color(index)
    parts = [int(fill[k : k + 2], 16) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(part * 0.55):02x}" for part in parts)


def two_sided(below: int, above: int) -> tuple[str, ...]:
    """Colours round zero: ``below`` greens dark to light, the neutral one, ``above`` oranges."""
    greens = tuple(RAMPS["teal"][step] for step in _steps(below))
    reds = tuple(RAMPS["red"][step] for step in _steps(above))
    return (*reversed(greens), NEUTRAL, *reds)


def _steps(count: int) -> list[int]:
    return [round(at) for at in np.linspace(1, 4, count)] if count > 1 else [2] * count
