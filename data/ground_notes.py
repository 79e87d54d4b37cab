"""What is missing or doubtful about the ground of a compound, in words for the planner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

__all__ = ["ground_notes", "unreliable_ground"]

# Ways take a twelfth to a sixth of an old compound; with so little most are not drawn.
_FEW_ROADS = 0.02
# Between the share of houses that is too little and so many times of it not all are likely to be drawn.
_SOME_HOUSES = 2.0


def unreliable_ground(found: pd.DataFrame, least_share: float) -> pd.Series[Any]:
    """Say why the ground of a compound is not to be relied on: houses are missing; empty where it is.

    Parameters
    ----------
    found : DataFrame
        As in `ground_notes`.
    least_share : float
        Where houses cover less of a compound, most are missing.
    """
    said = np.full(len(found), "", dtype=object)
    drawn = found["area_m2"].gt(0) & ~found["known_bare"]
    none = drawn & found["buildings"].eq(0)
    thin = drawn & ~none & found["buildings_m2"].lt(least_share * found["area_m2"])
    said[none] = "没有建筑数据，空地只是边界内的面积，不能作数。请先导入建筑。"
    share = found["buildings_m2"] / found["area_m2"]
    per_ha = found["buildings"] / found["area_m2"] * 1e4
    for row in np.flatnonzero(thin):
        said[row] = (
            f"建筑数据不全：只画出 {found['buildings'].iloc[row]} 栋，每公顷 {per_ha.iloc[row]:.2g} 栋，"
            f"建筑密度 {share.iloc[row]:.1%}，不到 {100 * least_share:.3g}%；空地不能作数。"
            "请先补全建筑；确实这样空的，请确认是空地。"
        )
    return pd.Series(said, index=found.index, name="unreliable", dtype=object)


def ground_notes(
    found: pd.DataFrame,
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    least_share: float,
    bare_ground: bool,
) -> pd.Series[Any]:
    """Tell what is not known.

    Parameters
    ----------
    found : DataFrame
        By uid: ``area_m2``, ``mended`` (its outline was broken), ``buildings``, ``buildings_m2``, ``known_bare``
        (a vacant parcel, or the planner says so), ``unreliable`` (see `unreliable_ground`), ``no_roads``, ``roads_m2``
        (ways inside), ``green_m2``, ``without_way`` (names of houses from which no path to a road could be kept).
    layers : mapping of str to GeoDataFrame
        To tell a layer that is not there at all from one that has nothing here.
    least_share : float
        Of the area under houses, below which most are missing.
    bare_ground : bool
        The planner said that what is not drawn is not there.

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
        "画出的建筑很少，多半不全，空地可能偏大。请先补全建筑。": drawn
        & found["buildings"].gt(0)
        & found["unreliable"].eq("")
        & found["buildings_m2"].lt(_SOME_HOUSES * least_share * found["area_m2"]),
        "没有画出建筑，按空地计算。": drawn & found["buildings"].eq(0) & bare_ground,
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
    ways = [
        f"到道路留不出入户通道，没有为它留：{names}。请核对道路，或补画步行道。"
        if names and not none
        else ""
        for names, none in zip(found["without_way"], found["no_roads"], strict=True)
    ]
    told = [
        tuple(one for one in (why, *texts[row], way) if one)
        for why, row, way in zip(found["unreliable"], table.to_numpy(bool), ways, strict=True)
    ]
    return pd.Series(told, index=found.index, name="notes", dtype=object)
