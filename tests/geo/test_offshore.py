"""The rough line off the coast: asks about the open sea, leaves the coast alone."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely.geometry import box

from errors import CrsError
from geo.offshore import offshore


def test_only_what_lies_wholly_in_the_open_sea_is_at_sea():
    geoms = gpd.GeoSeries(
        [box(125.5, 30, 125.6, 30.1), box(121.4, 31.2, 121.5, 31.3), box(121, 30, 126, 31), None],
        index=["东海", "上海", "跨海", "无边界"],
        crs=4490,
    )
    found = offshore(geoms)
    assert found.to_dict() == {"东海": True, "上海": False, "跨海": False, "无边界": False}
    assert found.name == "offshore"


@pytest.mark.parametrize("crs", [None, 4546])
def test_only_degrees_are_taken(crs):
    with pytest.raises(CrsError, match="需要经纬度"):
        offshore(gpd.GeoSeries([box(0, 0, 1, 1)], crs=crs))
