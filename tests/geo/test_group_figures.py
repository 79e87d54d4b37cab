"""Reach and compactness of groups, against the plain definitions."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from errors import CrsError
from geo.group_figures import group_figures

CRS = "EPSG:4547"


def test_the_diameter_is_the_largest_distance_between_two_corners() -> None:
    lots = np.random.default_rng(1).uniform(0, 900, (60, 2))
    shapes = gpd.GeoSeries([shapely.box(x, y, x + 40, y + 25) for x, y in lots], crs=CRS)
    groups = pd.Series([f"g{n % 7}" for n in range(60)])
    found = group_figures(shapes, groups)["diameter_m"]
    for name, members in shapes.groupby(groups):
        corners = shapely.get_coordinates(members.to_numpy())
        widest = max(math.dist(one, other) for one in corners for other in corners)
        assert found[name] == pytest.approx(widest, abs=1e-6)


def test_compactness_is_1_for_one_shape_and_falls_with_distance_wherever_the_group_lies() -> None:
    def pair(gap: float, at: float) -> float:
        shapes = [shapely.box(at, at, at + 10, at + 10)]
        shapes.append(shapely.box(at + 10 + gap, at, at + 20 + gap, at + 10))
        series = gpd.GeoSeries(shapes, crs=CRS)
        return float(group_figures(series, pd.Series(["a", "a"]))["compactness"].iloc[0])

    one = gpd.GeoSeries([shapely.box(0, 0, 10, 10)], crs=CRS)
    assert group_figures(one, pd.Series(["a"]))["compactness"].iloc[0] == pytest.approx(1)
    assert pair(0, 0) > pair(10, 0) > pair(100, 0) > 0
    assert pair(10, 0) == pytest.approx(pair(10, 4_000_000), rel=1e-6)
    # Two circles of area A, d apart: I = 2 (A²/2π + A (d/2)²).
    area, apart = 100, 20
    inertia = 2 * (area**2 / (2 * math.pi) + area * (apart / 2) ** 2)
    assert pair(10, 0) == pytest.approx((2 * area) ** 2 / (2 * math.pi * inertia))


def test_what_has_no_boundary_or_no_group_does_not_count() -> None:
    shapes = gpd.GeoSeries([shapely.box(0, 0, 3, 4), None, shapely.box(90, 0, 93, 4)], crs=CRS)
    found = group_figures(shapes, pd.Series(["a", "b", None]))
    assert found["diameter_m"].to_dict() == {"a": 5.0}
    empty = group_figures(shapes, pd.Series([None, None, None], dtype=object))
    assert list(empty.columns) == ["diameter_m", "compactness"]
    assert not len(empty)


def test_degrees_are_refused() -> None:
    with pytest.raises(CrsError):
        group_figures(gpd.GeoSeries([shapely.box(0, 0, 1, 1)], crs="EPSG:4490"), pd.Series(["a"]))
