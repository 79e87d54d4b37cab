"""2,112 real compounds of Hangzhou and Shaoxing (OpenStreetMap), kept outside the repository."""

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.adjacency import neighbours
from geo.bundle_problem import BundleLimits
from geo.bundling import propose
from geo.crs import plan_zone, to_plane
from geo.editing import dissolve, split
from geo.joining import parts
from geo.measure import area_geodesic_m2, area_plane_m2, polsby_popper

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def stored() -> gpd.GeoSeries:
    path = Path(os.environ["PIANQU_GEODATA"]) / "hangzhou_shaoxing.gpkg"
    return gpd.read_file(path, layer="compounds").geometry.to_crs(4490)


@pytest.fixture(scope="module")
def plane(stored: gpd.GeoSeries) -> gpd.GeoSeries:
    return to_plane(stored, plan_zone(stored).epsg)


@pytest.fixture(scope="module")
def pairs(plane: gpd.GeoSeries) -> pd.DataFrame:
    return neighbours(plane, max_gap_m=30)


def test_the_pairs_are_those_of_geopandas(plane, pairs) -> None:
    frame = plane.to_frame("geometry")
    joined = gpd.sjoin(frame, frame, predicate="dwithin", distance=30).reset_index(names="i")
    other = joined[joined["i"] < joined["index_right"]]
    assert set(zip(pairs["i"], pairs["j"], strict=True)) == set(
        zip(other["i"], other["index_right"], strict=True)
    )


def test_a_proposal_keeps_its_promises_and_its_outlines_are_valid(plane, pairs) -> None:
    homes = np.random.default_rng(1).integers(20, 900, len(plane))
    ledger = pd.DataFrame({"households": homes}, index=plane.index)
    limits = BundleLimits(min_households=300, max_households=3000)
    (found,) = propose(ledger, plane, pairs, limits=limits)
    assert found.labels.notna().all()
    assert (parts(found.labels, pairs) == 1).all()
    assert found.bundles["households"].max() <= 3000
    short = found.bundles["state"] == "户数不足"
    # Most of the short ones are alone within 30 m; hardly any that have a neighbour stay short.
    assert (short & ~found.bundles["isolated"]).sum() <= 12
    largest = found.bundles["compounds"].nlargest(40).index
    outlines = [dissolve(plane[found.labels == number]) for number in largest]
    assert all(outline.is_valid and outline.area > 0 for outline in outlines)


def test_measures_are_plausible(stored, plane) -> None:
    ratio = area_geodesic_m2(stored) / area_plane_m2(plane)
    # Within a zone of 3 degrees the plane is at most 0.04 % too large.
    assert ratio.between(0.9996, 1.00001).all()
    assert polsby_popper(plane).between(0, 1).all()


def test_every_compound_can_be_split_across_its_middle(plane) -> None:
    for shape in plane.iloc[::20]:
        west, _, east, _ = shapely.get_parts(shape)[0].bounds
        middle = shapely.get_parts(shape)[0].representative_point().y
        pieces = split(shape, shapely.LineString([(west - 5, middle), (east + 5, middle)]))
        assert sum(piece.area for piece in pieces) == pytest.approx(shape.area, rel=1e-9)
