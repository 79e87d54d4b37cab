"""Square compounds in a row, and blocks of a city: what proposals of 片区 are tried on."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.adjacency import neighbours

CRS = "EPSG:4547"


def row(households: list[int], *, side: float = 50.0, gap: float = 10.0):
    """Square compounds in a row, each beside the next."""
    names = [f"c{k:02d}" for k in range(len(households))]
    boxes = [
        shapely.box(k * (side + gap), 0, k * (side + gap) + side, side) for k in range(len(names))
    ]
    pairs = pd.DataFrame({"i": names[:-1], "j": names[1:], "gap_m": gap})
    return (
        pd.DataFrame({"households": households}, index=names),
        gpd.GeoSeries(boxes, index=names, crs=CRS),
        pairs,
    )


def grid(side: int, seed: int):
    """Blocks of a city: squares of 80 m at 100 m, some without a way to a neighbour."""
    rng = np.random.default_rng(seed)
    names = [f"g{k:03d}" for k in range(side * side)]
    boxes = [
        shapely.box(
            100 * (k % side), 100 * (k // side), 100 * (k % side) + 80, 100 * (k // side) + 80
        )
        for k in range(side * side)
    ]
    shapes = gpd.GeoSeries(boxes, index=names, crs=CRS)
    pairs = neighbours(shapes, max_gap_m=25)
    pairs = pairs[rng.random(len(pairs)) < 0.9].reset_index(drop=True)
    households = rng.integers(30, 400, len(names))
    frame = pd.DataFrame(
        {
            "households": households,
            "investment_yuan": households * rng.integers(5_000, 40_000, len(names)),
            "balance_yuan": rng.integers(-900_000, 900_000, len(names)),
            "subdistrict": [f"s{k % side // 4}" for k in range(side * side)],
        },
        index=names,
    )
    return frame, shapes, pairs
