"""Stalls of a layout that stands in the plan, taken away and set through the map: checked, written, taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from shapely import box

from data.ground_settings import GroundSettings
from data.layouts import LAYOUT_LAYERS, make_layouts, origin_of, save_layouts
from data.stall_settings import STALL_SETTING, StallSettings
from data.store import create_plan, open_plan
from tests.browser.conftest import Window, read_copy

pytestmark = pytest.mark.browser

EAST, NORTH = 503_000.0, 3_300_000.0
# Between two roads two rows stand back to back, 5.1 m deep each.
LOT = box(0, 0, 24, 10.2)
ROADS = (box(-15, -7, 39, 0), box(-15, 10.2, 39, 17))


def drawn(shape: Any) -> Any:
    moved = gpd.GeoSeries([shape], crs=4547).translate(EAST, NORTH)
    return moved.to_crs(4490).iloc[0]


@pytest.fixture(scope="module")
def lot_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare lot between two roads, with a layout saved that fills it."""
    path = tmp_path_factory.mktemp("lot") / "lot.gpkg"
    settings = StallSettings(
        effort=0.2, up_to="all", unpaved_share=0.0, arrangements=("perpendicular",)
    )
    with create_plan(path, name="空地", actor="测试员") as plan:
        with plan.edit("测试员", "录入") as tx:
            lot = {"uid": "L", "name": "北地块", "kind": "空地", "geometry": drawn(LOT)}
            tx.insert("compounds", [lot])
            roads = [{"kind": "小区道路", "geometry": drawn(one)} for one in ROADS]
            tx.insert("roads", roads)
            tx.set_setting(STALL_SETTING, settings.to_settings())
        layers = {name: plan.read(name) for name in LAYOUT_LAYERS}
        made = make_layouts(
            layers, ["L"], GroundSettings(), settings, origin=origin_of(plan), bare_ground=True
        )
        save_layouts(plan, made.values(), "测试员")
    return path


@pytest.fixture
def lot(server: Any, lot_file: Path, request: pytest.FixtureRequest) -> Path:
    path = server.plans / f"{request.node.name}.gpkg"
    path.write_bytes(lot_file.read_bytes())
    return path


def rows(path: Path, folder: Path) -> gpd.GeoDataFrame:
    with read_copy(path, folder) as plan:
        return plan.read("stalls")


def back_to_back(stalls: gpd.GeoDataFrame) -> str:
    """A stall in the middle of a row that is less deep than at a wall."""
    plane = stalls.to_crs(4547)
    shallow = plane[plane.area < 2.4 * 5.2]
    middle = shallow.geometry.union_all().centroid
    return str(shallow.distance(middle).idxmin())


def hold(window: Window, tool: str) -> None:
    window.map.click(f"[data-tool={tool}]")
    window.map.wait_for_function(
        "tool => window.pianqu.map.getContainer().dataset.mode === tool", arg=tool
    )


def press(window: Window, shape: Any) -> None:
    """Come to a place on the map, and click there."""
    x, y = window.at(shape.centroid.x, shape.centroid.y)
    window.page.mouse.move(x - 4, y - 3)
    window.page.mouse.move(x, y)
    window.page.mouse.click(x, y)


def test_a_stall_of_a_saved_double_row_goes_and_comes_back_through_the_map(window, lot, tmp_path):
    before = rows(lot, tmp_path)
    gone = back_to_back(before)
    place = before.geometry[gone]
    window.open(lot, page="space", selection=["L"], pages={"space": {"tab": "车位"}})
    window.map.evaluate(
        "([lon, lat]) => window.pianqu.map.setView([lat, lon], 20, {animate: false})",
        [place.centroid.x, place.centroid.y],
    )
    window.settle()
    hold(window, "stall_delete")
    press(window, place)
    window.wait_for("已删 1 个车位，已存进计划（可撤销）")
    window.settle()
    assert set(before.index) - set(rows(lot, tmp_path).index) == {gone}
    hold(window, "stall_add")
    press(window, place)
    window.wait_for("已加 1 个车位，已存进计划（可撤销）")
    window.settle()
    after = rows(lot, tmp_path)
    new = after.loc[list(set(after.index) - set(before.index))]
    assert new["by_hand"].tolist() == [True]
    there = new.to_crs(4547).geometry.iloc[0]
    assert there.hausdorff_distance(before.to_crs(4547).geometry[gone]) < 0.05
    # Over what stands there already nothing is set, and the reason is said.
    press(window, place)
    window.wait_for("不能放在这里：")
    said = window.page.locator(".st-key-messages").bounding_box()
    assert said["x"] + said["width"] < window.page.locator(".st-key-panel").bounding_box()["x"]
    window.settle()
    assert len(rows(lot, tmp_path)) == len(before)
    window.press("撤销")
    window.until(lambda: len(rows(lot, tmp_path)) == len(before) - 1, "the step back")
    window.settle()
    with open_plan(lot) as plan:
        assert int(plan.read("compounds").loc["L", "stalls_new"]) == len(before) - 1
