"""A stall drawn by hand all but where its row has a place for it stands there, with the depth of its row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from shapely import affinity, box

from data.ground_settings import GroundSettings
from data.layouts import LAYOUT_LAYERS, add_stall, make_layouts, origin_of, remove_stalls
from data.stall_settings import StallSettings
from data.store import create_plan

EAST, NORTH = 503_000.0, 3_300_000.0
ZONE = 4547


def drawn(shape: Any) -> Any:
    return gpd.GeoSeries([shape], crs=ZONE).translate(EAST, NORTH).to_crs(4490).iloc[0]


def test_a_stall_drawn_too_deep_for_a_double_row_takes_the_depth_of_its_row(tmp_path: Path) -> None:
    settings = StallSettings(
        effort=0.05, up_to="all", unpaved_share=0.0, arrangements=("perpendicular",)
    )
    with create_plan(tmp_path / "双排.gpkg", name="双排", actor="张三") as plan:
        with plan.edit("张三", "录入") as tx:
            # Between two roads two rows stand back to back, 5.1 m deep each.
            lot = {"uid": "L", "kind": "空地", "geometry": drawn(box(0, 0, 24, 10.2))}
            tx.insert("compounds", [lot])
            roads = [box(-15, -7, 39, 0), box(-15, 10.2, 39, 17)]
            tx.insert("roads", [{"kind": "小区道路", "geometry": drawn(one)} for one in roads])
        layers = {name: plan.read(name) for name in LAYOUT_LAYERS}
        whole = make_layouts(
            layers, ["L"], GroundSettings(), settings, origin=origin_of(plan), bare_ground=True
        )["L"]
    stalls = whole.layout.stalls
    at = int(shapely.distance(stalls, shapely.union_all(stalls).centroid).argmin())
    own = stalls[at]
    assert own.area == pytest.approx(2.4 * 5.1, rel=1e-3)
    less = remove_stalls(whole, [at])
    # As the map draws one that does not know the row: 20 cm deeper, and a hand's breadth off.
    deep = affinity.translate(affinity.scale(own, 1.0, 5.3 / 5.1), 0.05, 0.05)
    back = add_stall(less, gpd.GeoSeries([deep], crs=ZONE).to_crs(4490).iloc[0])
    assert back.reasons == ()
    assert back.layout.layout.stalls[-1].hausdorff_distance(own) < 0.03
    off = gpd.GeoSeries([affinity.translate(deep, 1.0)], crs=ZONE).to_crs(4490).iloc[0]
    assert any("重叠" in reason for reason in add_stall(less, off).reasons)
