"""Open ground as it is usually written: a loop over compounds and over what is taken off, one difference each."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.ground import Deduction

__all__ = ["ground_by_loop"]


def ground_by_loop(
    compounds: gpd.GeoSeries, deductions: Sequence[Deduction]
) -> tuple[gpd.GeoSeries, pd.DataFrame]:
    """Open ground and areas as `geo.ground.open_ground` gives them, for valid shapes.

    What a compound meets is found by a tree, so that only the cutting is naive.
    """
    shapes = np.concatenate([one.shapes.to_numpy() for one in deductions])
    turn = np.repeat(np.arange(len(deductions)), [len(one.shapes) for one in deductions])
    tree = shapely.STRtree(shapes)
    rows, left = [], []
    for outline in compounds:
        ground, taken = outline, [0.0] * len(deductions)
        # In order of the deductions, which is that of the positions.
        for position in np.sort(tree.query(outline, predicate="intersects")):
            before = ground.area
            ground = ground.difference(shapes[position])
            taken[turn[position]] += before - ground.area
        rows.append([outline.area, *taken, ground.area])
        left.append(ground)
    columns = ["area_m2", *[one.kind for one in deductions], "open_m2"]
    return (
        gpd.GeoSeries(left, index=compounds.index, crs=compounds.crs),
        pd.DataFrame(rows, index=compounds.index, columns=columns),
    )
