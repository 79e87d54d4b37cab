"""Six compounds to draw on squared paper, in metres (every test states what it expects from it).

::

    200.02  ┌───────┐
            │   D   │
    100.02  └───────┘  2 cm
    100     ┌───────┬───────┐  12 m ┌──────┐  30 m ┌───────┐          ┌───────┐
            │   A   │   B   │       │  C   │       │   E   │          │   F   │
    0       └───────┴───────┘       └──────┘       └───────┘          └───────┘
            0      100     200     212    300     330     430  470 m  900    1000

A and B share an edge; D lies 2 cm above A; C is across a lane of 12 m; E is exactly 30 m from C; F is alone.
"""

import geopandas as gpd
import pandas as pd
from shapely import box
from shapely.affinity import translate

# The middle of zone 37's map: Gauss-Krüger numbers as a real plan has them.
EAST, NORTH = 500_000.0, 2_536_000.0
CRS = "EPSG:4546"

SHAPES = {
    "A": box(0, 0, 100, 100),
    "B": box(100, 0, 200, 100),
    "C": box(212, 0, 300, 100),
    "D": box(0, 100.02, 100, 200.02),
    "E": box(330, 0, 430, 100),
    "F": box(900, 0, 1000, 100),
}
HOUSEHOLDS = {"A": 120, "B": 200, "C": 150, "D": 90, "E": 310, "F": 40}


def compounds() -> gpd.GeoSeries:
    """Return the town's compounds where a plan of Yunfu would have them."""
    shapes = {name: translate(shape, EAST, NORTH) for name, shape in SHAPES.items()}
    return gpd.GeoSeries(shapes, crs=CRS)


def households() -> pd.Series:
    """Return the households of each compound."""
    return pd.Series(HOUSEHOLDS, dtype="Int64")
