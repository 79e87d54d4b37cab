"""What a sheet is made of: frames, the painted theme, and the words around the map."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from errors import PlanningError
from geo.crs import PlanZone
from layers.fonts import printable

if TYPE_CHECKING:
    from layers.themes import Painted

__all__ = ["SCHEMATIC", "SheetContent", "checked"]

SCHEMATIC = "示意"


@dataclass(frozen=True, kw_only=True)
class SheetContent:
    """One sheet's input; plain frames and settings, no store.

    Attributes
    ----------
    title : str
        图名.
    compounds : GeoDataFrame
        Those shown (after filters), with the columns of the schema, any CRS.
    painted : Painted
        Of exactly these compounds, in their order.
    zone : PlanZone
        The plan's plane; the map is drawn in it.
    pianqu : GeoDataFrame, optional
        Index uid, columns name and color, geometry the union of the members.
    base : mapping of str to GeoDataFrame
        Any of buildings, roads, green, water.
    plan_name, revision : str, int
        Where the figures come from: the plan and its 修订, the number of its edits.
    maker, made_on : str, date
        制图单位 and 编制日期, printed as given.
    review_number : str, optional
        审图号. Without one the sheet is stamped 内部用图.
    settings : tuple of str
        Rule profile, filters, thresholds: each figure names the setting that it came from.
    """

    title: str
    compounds: gpd.GeoDataFrame
    painted: Painted
    zone: PlanZone
    plan_name: str
    revision: int
    maker: str
    made_on: dt.date
    pianqu: gpd.GeoDataFrame | None = None
    base: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    review_number: str | None = None
    settings: tuple[str, ...] = ()

    @property
    def drawn(self) -> np.ndarray:
        """Mask of the compounds that have a boundary."""
        geoms = self.compounds.geometry
        return ~(geoms.isna() | geoms.is_empty).to_numpy()

    @property
    def marks(self) -> list[str] | None:
        """Sign before the name of each compound; None if the theme has none."""
        signs = getattr(self.painted.scale, "marks", {})
        return [signs.get(int(at), "") for at in self.painted.classes] if signs else None

    @property
    def schematic(self) -> np.ndarray:
        """Mask of the compounds whose boundary nobody has surveyed."""
        states = self.compounds.get("boundary_state")
        if states is None:
            return np.zeros(len(self.compounds), dtype=bool)
        return self.drawn & (states == SCHEMATIC).fillna(False).to_numpy(dtype=bool)

    @property
    def numbers(self) -> list[int]:
        """Number of each compound on the map and in the list, from 1."""
        return list(range(1, len(self.compounds) + 1))


def checked(content: SheetContent) -> SheetContent:
    """Refuse what can not become a sheet, in words.

    Raises
    ------
    PlanningError
        If there is nothing to draw, the colours are of other compounds, or title or maker is empty.
    """
    if not len(content.compounds):
        raise PlanningError("没有小区可以出图。请先导入台账和边界，或放宽筛选条件。")
    if not content.drawn.any():
        raise PlanningError(
            f"{len(content.compounds)} 个小区都没有边界，无法出图。请先导入边界，或在地图上画出边界。"
        )
    if len(content.painted.classes) != len(content.compounds):
        raise PlanningError("图上的小区与着色不一致。请刷新地图后再出图。")
    if not printable(content.title):
        raise PlanningError("图名是空的。请填写图名后再出图。")
    return content
