"""Puts lots and made-up compounds to the engine."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from geo.stalls import Layout, LayoutLimits, StallSize, lay_out
from tests.geo.hand_layouts import Limits
from tests.geo.lots import Lot


def limits_of(limits: Limits) -> LayoutLimits:
    """Say limits in the words of the engine."""
    sizes = tuple(StallSize(**asdict(size)) for size in limits.sizes)
    rest = {one.name: getattr(limits, one.name) for one in fields(limits) if one.name != "sizes"}
    return LayoutLimits(sizes=sizes, **rest)


def laid_out(lot: Lot, **more: Any) -> Layout:
    """Lay stalls out on a lot."""
    limits = limits_of(lot.limits)
    return lay_out(lot.ground, roads=lot.roads, streets=lot.streets, limits=limits, **more)
