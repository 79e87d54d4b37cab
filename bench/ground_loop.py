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
) -> tuple[gpd.GeoSeries, pd.DataFrame, gpd.GeoDataFrame]:
    """Open ground, areas and pieces as `geo.ground.open_ground` gives them with shapes, for valid shapes.

    What a compound meets is found by a tree, so that only the cutting is naive.
    """
    shapes = np.concatenate([one.shapes.to_numpy() for one in deductions])
    turn = np.repeat(np.arange(len(deductions)), [len(one.shapes) for one in deductions])
    tree = shapely.STRtree(shapes)
    rows, left, pieces = [], [], []
    for label, outline in compounds.items():
        ground, taken = outline, [0.0] * len(deductions)
        # In order of the deductions, which is that of the positions.
        for position in np.sort(tree.query(outline, predicate="intersects")):
            piece = ground.intersection(shapes[position])
            ground = ground.difference(shapes[position])
            taken[turn[position]] += piece.area
            if piece.area > 0:
                pieces.append((label, deductions[turn[position]].kind, piece.area, piece))
        rows.append([outline.area, *taken, ground.area])
        left.append(ground)
    columns = ["area_m2", *[one.kind for one in deductions], "open_m2"]
    return (
        gpd.GeoSeries(left, index=compounds.index, crs=compounds.crs),
        pd.DataFrame(rows, index=compounds.index, columns=columns),
        gpd.GeoDataFrame(
            pieces, columns=["compound", "kind", "area_m2", "geometry"], crs=compounds.crs
        ),
    )
