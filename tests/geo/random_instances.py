"""Made-up instances for the independent model: round compounds on a random part of their triangulation."""

from __future__ import annotations

import itertools
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Delaunay

from tests.geo.partition_model import Instance

CRS = "EPSG:4546"
EAST, NORTH = 500_000.0, 2_536_000.0


def random_instance(seed: int, size: int, *, density: float = 0.6, **asked) -> Instance:
    """Round compounds, linked by a random part of their triangulation, with figures some of which are missing."""
    rng = np.random.default_rng(seed)
    points = rng.random((size, 2)) * math.sqrt(size) * 150 + [EAST, NORTH]
    labels = [f"u{k:03}" for k in range(size)]
    discs = shapely.buffer(shapely.points(points), rng.uniform(20, 70, size), quad_segs=2)
    households = pd.array(rng.integers(40, 900, size), dtype="Int64")
    small = rng.random(size) < 0.2
    households[small] = rng.integers(0, 3, int(small.sum()))
    households[rng.random(size) < 0.05] = pd.NA
    compounds = pd.DataFrame(
        {
            "households": households,
            "investment_yuan": pd.array(rng.integers(0, 200, size) * 100_000, dtype="Int64"),
            "balance_yuan": pd.array(rng.integers(-30, 25, size) * 100_000, dtype="Int64"),
            "subdistrict": rng.choice(
                np.array(["甲", "乙", None], dtype=object), size, p=[0.5, 0.4, 0.1]
            ),
        },
        index=pd.Index(labels, name="uid"),
    )
    ends = _ends(points) if size > 3 else np.array([*itertools.combinations(range(size), 2)])
    ends = ends[rng.random(len(ends)) < density]
    pairs = pd.DataFrame(
        {"i": [labels[a] for a, _ in ends], "j": [labels[b] for _, b in ends], "gap_m": 10.0}
    )
    return Instance(compounds, gpd.GeoSeries(discs, index=compounds.index, crs=CRS), pairs, **asked)


def _ends(points: np.ndarray) -> np.ndarray:
    corners = Delaunay(points).simplices
    ends = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    return np.unique(np.sort(ends, axis=1), axis=0)
