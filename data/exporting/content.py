"""What goes out: the rows of a layer with everything the receiver needs.

Kept apart from the taking of it (``taking.py``): the worker process needs no store and starts sooner so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd

from data.exporting.fields import OutField

__all__ = ["Content"]


@dataclass(frozen=True, kw_only=True)
class Content:
    """One layer as it is handed over.

    Attributes
    ----------
    plan_name, plan_id : str
        The plan.
    revision : int
        修订 of the plan: its number of edits, ``Plan.edition``.
    settings : dict
        The plan's settings.
    layer, title : str
        Layer's name and Chinese title.
    frame : GeoDataFrame
        EPSG:4490, a column for each field, geometry may be missing; plain index.
    fields : tuple of OutField
        In order.
    totals : dict
        ``features``, and sums of the known values for compounds and 片区; None if none is known.
    unknown : dict
        For each sum, how many rows it could not count (only where there are any).
    without_boundary, schematic : tuple of str
        Names of rows without a boundary and with a sketched one.
    zone : int or None
        EPSG code of the plan's plane; None if nothing is drawn.
    """

    plan_name: str
    plan_id: str
    revision: int
    settings: dict[str, Any]
    layer: str
    title: str
    frame: gpd.GeoDataFrame
    fields: tuple[OutField, ...]
    totals: dict[str, int | float | None]
    unknown: dict[str, int] = field(default_factory=dict)
    without_boundary: tuple[str, ...] = ()
    schematic: tuple[str, ...] = ()
    zone: int | None = None

    @property
    def stamp(self) -> str:
        """What must be said about sketched boundaries; empty if there are none."""
        if not self.schematic:
            return ""
        return f"示意：含{len(self.schematic)}个示意边界，不是测绘成果，不作权属和审批依据"
