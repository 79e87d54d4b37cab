"""`pianqu stalls`: lots of known capacity through the files that planners hand in, saved and undone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from shapely import affinity, box

import cli
from data.store import create_plan, open_plan

# Near the middle of zone 38 (114°E), in metres of EPSG:4547.
EAST, NORTH = 503_000.0, 3_300_000.0


@dataclass(frozen=True)
class Ran:
    code: int
    result: dict[str, Any]
    said: str

    def __getitem__(self, name: str) -> dict[str, Any]:
        """The compound of a name."""
        return next(one for one in self.result["compounds"] if one["name"] == name)


Shell = Callable[..., Ran]


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: Any) -> Shell:
    """Run a command with --json in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Ran:
        code = cli.main([*map(str, arguments), "--json"])
        out, said = capsys.readouterr()
        assert out.count("\n") == 1, "not one JSON object on standard output"
        assert "Traceback" not in out + said
        return Ran(code=code, result=json.loads(out), said=said)

    return run


@dataclass(frozen=True)
class Lot:
    """Ground, and a road strip 5 m deep just outside its south side."""

    wide: float
    deep: float
    road: bool = True
    turned: float = 0.0

    def shapes(self, place: int) -> tuple[Any, Any]:
        ground, strip = box(0, 0, self.wide, self.deep), box(0, -5, self.wide, 0)
        x, y = EAST + 200.0 * (place % 6), NORTH + 200.0 * (place // 6)
        both = (affinity.rotate(one, self.turned, origin=(0, 0)) for one in (ground, strip))
        ground, strip = (affinity.translate(one, x, y) for one in both)
        return ground, strip if self.road else None


def handed_in(
    path: Path, lots: dict[str, Lot], crs: object = 4547, kind: str | None = None
) -> Path:
    """Write lots as a GeoPackage with the layers compounds and roads."""
    shapes = [lot.shapes(place) for place, lot in enumerate(lots.values())]
    grounds = gpd.GeoDataFrame(
        {"name": list(lots)}, geometry=[ground for ground, _ in shapes], crs=4547
    )
    strips = [strip for _, strip in shapes if strip is not None]
    roads = gpd.GeoDataFrame({"kind": [kind] * len(strips)}, geometry=strips, crs=4547)
    grounds.to_crs(crs).to_file(path, layer="compounds")
    roads.to_crs(crs).to_file(path, layer="roads")
    return path


def made(shell: Shell, file: Path) -> None:
    assert shell("new", "计划.gpkg").code == 0
    assert shell("import", "计划.gpkg", file, "--accept-far").code in (0, 1)


def drawn(folder: Path, lots: dict[str, Lot]) -> None:
    """Put lots into a plan without files between, where these are not the point."""
    shapes = [lot.shapes(place) for place, lot in enumerate(lots.values())]
    grounds, roads = (
        gpd.GeoSeries(part, crs=4547).to_crs(4490) for part in zip(*shapes, strict=True)
    )
    with (
        create_plan(folder / "计划.gpkg", name="计划", actor="张三") as plan,
        plan.edit("张三", "录入") as tx,
    ):
        named = zip(lots, grounds, strict=True)
        tx.insert("compounds", [{"name": name, "geometry": shape} for name, shape in named])
        tx.insert("roads", [{"geometry": road} for road in roads])


KNOWN = {
    "16.1×100": (Lot(16.1, 100), 82),
    "10.8×48": (Lot(10.8, 48), 20),
    "20×40": (Lot(20, 40), 32),
    "32.2×60": (Lot(32.2, 60), 100),
    "60×2.4": (Lot(60, 2.4), 10),
    "1.5×60": (Lot(1.5, 60), 0),
    "30×30": (Lot(30, 30, road=False), 0),
    "16.1×100，转 23.7°": (Lot(16.1, 100, turned=23.7), 82),
    "60×2.4，转 71°": (Lot(60, 2.4, turned=71), 10),
}


@pytest.mark.parametrize(("crs", "kind"), [(4547, None), (4326, "小区路")])
def test_lots_of_known_capacity_are_filled_in_whatever_system_they_come(
    shell: Shell, tmp_path: Path, crs: int, kind: str | None
) -> None:
    lots = {name: lot for name, (lot, _) in KNOWN.items()}
    made(shell, handed_in(tmp_path / "地块.gpkg", lots, crs, kind))
    ran = shell("stalls", "计划.gpkg", "--bare-ground")
    assert ran.code == 1  # 30×30 has no road
    for name, (lot, count) in KNOWN.items():
        told = ran[name]
        # More may fit where a front along the road is used as well.
        assert count <= told["capacity"] <= 1.15 * count + 1, name
        assert 0 <= told["proposed"] <= told["capacity"], name
        assert told["area_m2"] == pytest.approx(lot.wide * lot.deep, rel=1e-3), name
        if told["capacity"]:
            assert told["reason"] is None
            assert 12 < told["m2_per_stall"] < 30, name
    assert ran["16.1×100"]["m2_per_stall"] == pytest.approx(19.6, abs=0.35)
    assert "无路网数据" in ran["30×30"]["reason"]
    assert ran["1.5×60"]["reason"]
    assert "无路网数据" in ran.said


def test_a_road_that_is_drawn_as_a_line_serves_like_its_carriageway(
    shell: Shell, tmp_path: Path
) -> None:
    lot = Lot(60, 2.4)
    ground, strip = lot.shapes(0)
    file = handed_in(tmp_path / "地块.gpkg", {"路边": lot})
    west, _, east, north = strip.bounds
    from shapely.geometry import LineString

    line = LineString([(west - 10, north - 2.5), (east + 10, north - 2.5)])
    gpd.GeoDataFrame({"width_m": [5.0]}, geometry=[line], crs=4547).to_file(file, layer="roads")
    made(shell, file)
    assert shell("stalls", "计划.gpkg", "--bare-ground")["路边"]["capacity"] == 10
    assert ground.area == pytest.approx(144)


def test_without_mapped_buildings_there_is_no_figure_unless_the_ground_is_said_to_be_bare(
    shell: Shell, tmp_path: Path
) -> None:
    drawn(tmp_path, {"甲": Lot(16.1, 50)})
    ran = shell("stalls", "计划.gpkg")
    told = ran["甲"]
    assert ran.code == 1
    assert (told["capacity"], told["proposed"], told["m2_per_stall"]) == (None, None, None)
    assert "没有建筑数据" in told["reason"]
    assert shell("stalls", "计划.gpkg", "--bare-ground")["甲"]["capacity"] >= 40


def test_one_compound_is_named_by_uid_or_name_and_an_unknown_one_is_refused(
    shell: Shell, tmp_path: Path
) -> None:
    drawn(tmp_path, {"甲": Lot(16.1, 50), "乙": Lot(10.8, 48)})
    ran = shell("stalls", "计划.gpkg", "--bare-ground", "--compound", "乙")
    assert [one["name"] for one in ran.result["compounds"]] == ["乙"]
    uid = ran["乙"]["id"]
    again = shell("stalls", "计划.gpkg", "--bare-ground", "--compound", uid)
    assert again["乙"]["capacity"] == ran["乙"]["capacity"] == 20
    refused = shell("stalls", "计划.gpkg", "--compound", "丙")
    assert refused.code == 2
    assert "没有标识码或名称为“丙”的小区" in refused.result["error"]


def test_what_is_saved_stands_in_the_plan_and_one_undo_takes_it_back(
    shell: Shell, tmp_path: Path
) -> None:
    drawn(tmp_path, {"甲": Lot(16.1, 50), "乙": Lot(10.8, 48)})
    ran = shell("stalls", "计划.gpkg", "--bare-ground", "--save", "--actor", "李工")
    with open_plan(tmp_path / "计划.gpkg") as plan:
        compounds = plan.read("compounds").set_index("name")
        stalls, records = plan.read("stalls"), plan.records("layouts")
        assert len(records) == 2
        for name in ("甲", "乙"):
            told = ran[name]
            own = stalls[stalls["compound_uid"] == told["id"]]
            assert len(own) == told["stalls"] == compounds.loc[name, "stalls_new"]
            assert set(own["layout_uid"]) == {told["layout"]}
            assert (own["use"] == "无障碍").sum() == told["accessible"]
        assert ran["甲"]["accessible"] >= 1
    undone = shell("undo", "计划.gpkg")
    assert undone.result["edits"][0]["label"].startswith("保存车位方案：2 个小区")
    with open_plan(tmp_path / "计划.gpkg") as plan:
        assert plan.count("stalls") == plan.count("aisles") == len(plan.records("layouts")) == 0
        assert plan.read("compounds")["stalls_new"].isna().all()


def test_a_sample_with_need_is_proposed_no_more_than_that(shell: Shell, tmp_path: Path) -> None:
    drawn(tmp_path, {"甲": Lot(32.2, 60)})
    with open_plan(tmp_path / "计划.gpkg") as plan, plan.edit("张三", "户数") as tx:
        uid = plan.read("compounds").index[0]
        version = int(plan.read("compounds")["version"].iloc[0])
        tx.update("compounds", uid, version, {"households": 50, "stalls_existing": 27})
    told = shell("stalls", "计划.gpkg", "--bare-ground")["甲"]
    # 50 × 0.8 = 40, of which 27 are there.
    assert (told["shortage"], told["limit"], told["existing"]) == (13, 13, 27)
    assert told["proposed"] == 13
    assert told["per_household_after"] == pytest.approx(0.8)
    assert told["capacity"] >= 100
    assert np.isclose(sum(told["deductions"].values()) + told["open_m2"], told["area_m2"], atol=1)


def test_walls_between_members_of_a_pianqu_come_down_together(shell: Shell, tmp_path: Path) -> None:
    from data.stall_settings import STALL_SETTING, StallSettings

    # 前 with a lane through it to the wall of 后, which has no road of its own; 旁 belongs to nobody.
    shapes = [box(0, 0, 40, 20), box(0, 20.4, 40, 50), box(40.4, 0, 60, 50)]
    lanes = [box(-20, -7, 80, 0), box(10, -1, 16, 20)]
    file = tmp_path / "地块.gpkg"
    for layer, drawn, columns in (
        ("compounds", shapes, {"name": ["前", "后", "旁"]}),
        ("roads", lanes, {"kind": ["小区路"] * 2}),
    ):
        moved = [affinity.translate(one, EAST, NORTH) for one in drawn]
        gpd.GeoDataFrame(columns, geometry=moved, crs=4547).to_file(file, layer=layer)
    made(shell, file)
    with open_plan(tmp_path / "计划.gpkg") as plan, plan.edit("张三", "片区") as tx:
        members = plan.read("compounds").set_index("name", append=True).reset_index("name")
        pianqu = tx.insert("pianqu", [{"name": "东片"}])[0]
        # A short search: what is tested is the wall.
        tx.set_setting(STALL_SETTING, StallSettings(effort=0.0).to_settings())
        for uid, row in members[members["name"] != "旁"].iterrows():
            tx.update("compounds", str(uid), int(row["version"]), {"pianqu_uid": pianqu})
    apart = shell("stalls", "计划.gpkg", "--bare-ground")
    assert apart.code == 1
    assert (apart["后"]["capacity"], apart["后"]["area_m2"]) == (0, pytest.approx(40 * 29.6, abs=1))
    assert "无路网数据" in apart["后"]["reason"]
    joined = shell("stalls", "计划.gpkg", "--bare-ground", "--together", "--save")
    assert joined.code == 0
    assert joined["后"]["reason"] is None
    assert joined["后"]["capacity"] >= 40
    # The strip between them is counted once; who is no member gains nothing.
    areas = {one["name"]: one["area_m2"] for one in joined.result["compounds"]}
    assert areas["前"] + areas["后"] == pytest.approx(40 * 50, abs=2)
    assert joined["旁"]["capacity"] == apart["旁"]["capacity"]
    with open_plan(tmp_path / "计划.gpkg") as plan:
        saved = {
            str(one["compound_uid"]): one["settings"]
            for _, one in plan.records("layouts").iterrows()
        }
    ids = {one["name"]: one["id"] for one in joined.result["compounds"]}
    told = {name: set(json.loads(saved[uid])["joined"]) for name, uid in ids.items()}
    assert told == {"前": {ids["前"], ids["后"]}, "后": {ids["前"], ids["后"]}, "旁": set()}
