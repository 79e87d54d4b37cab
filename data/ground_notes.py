"""What is missing or doubtful about the ground of a compound, in words for the planner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

__all__ = ["ground_notes"]

# Ways take a twelfth to a sixth of an old compound; with so little most are not drawn.
_FEW_ROADS = 0.02
# Houses stand on a sixth to a third of it.
_FEW_BUILDINGS = 0.05


def ground_notes(
    found: pd.DataFrame, layers: Mapping[str, gpd.GeoDataFrame], *, bare_ground: bool
) -> pd.Series[Any]:
    """Tell what is not known.

    Parameters
    ----------
    found : DataFrame
        By uid: ``area_m2``, ``mended`` (its outline was broken), ``buildings``, ``buildings_m2``, ``bare``,
        ``no_roads``, ``roads_m2`` (ways inside), ``green_m2``.
    layers : mapping of str to GeoDataFrame
        To tell a layer that is not there at all from one that has nothing here.
    bare_ground : bool
        The planner said that what has no buildings is bare.

    Returns
    -------
    Series of tuple of str
        By uid; empty where nothing is missing.
    """
    there = {name: len(frame) > 0 for name, frame in layers.items()}
    drawn = found["area_m2"].gt(0)
    said = {
        "没有边界，算不出空地。请先导入或绘制边界。": ~drawn,
        "边界有自相交等问题，已修复后计算。请核对边界。": drawn & found["mended"],
        "没有建筑数据，空地只是边界内的面积，不能作数。请先导入建筑。": drawn
        & found["buildings"].eq(0)
        & ~found["bare"],
        "画出的建筑很少，多半不全，空地可能偏大。请先补全建筑。": drawn
        & found["buildings"].gt(0)
        & found["buildings_m2"].lt(_FEW_BUILDINGS * found["area_m2"]),
        "没有画出建筑，按空地计算。": drawn & found["bare"] & bare_ground,
        "无路网数据：边界内外没有可通车的道路，车位无从进出。请先导入道路。": drawn
        & found["no_roads"],
        "小区内画出的道路很少，路网多半不全，空地可能偏大。": drawn
        & ~found["no_roads"]
        & found["roads_m2"].lt(_FEW_ROADS * found["area_m2"]),
        (
            "没有绿地数据，没有画出的绿地都算作空地，空地可能偏大。"
            if there.get("green")
            else "计划里没有绿地图层，绿地都算作空地，空地可能偏大。"
        ): drawn & found["green_m2"].eq(0),
    }
    table = pd.DataFrame(
        {text: flag.to_numpy(bool) for text, flag in said.items()}, index=found.index
    )
    texts = np.array(table.columns, dtype=object)
    told = [tuple(texts[row]) for row in table.to_numpy(bool)]
    return pd.Series(told, index=found.index, name="notes", dtype=object)
