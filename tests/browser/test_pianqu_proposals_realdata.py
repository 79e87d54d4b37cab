"""自动方案 on boundaries of real places, kept outside the repository; households and money are made up here.

Boundaries: © OpenStreetMap contributors, ODbL 1.0.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
import shapely

import cli
from data.store import open_plan
from tests.browser.conftest import Server, read_copy
from tests.browser.test_pianqu_proposals import compared, propose, turn, visit

pytestmark = [pytest.mark.browser, pytest.mark.realdata]


def imported(server: Server, name: str) -> Path:
    """A plan with all layers of a file, and figures made up by the order of the uids."""
    path = server.plans / f"{name}_{time.monotonic_ns()}.gpkg"
    source = Path(os.environ["PIANQU_GEODATA"]) / f"{name}.gpkg"
    assert cli.main(["new", str(path), "--name", "真实边界试验"]) == 0
    assert cli.main(["import", str(path), str(source), "--accept-far"]) in (0, 1)
    with open_plan(path) as plan:
        versions = plan.read("compounds")["version"].sort_index()
        with plan.edit("测试员", "编造数字") as tx:
            tx.update_many(
                "compounds",
                [
                    {
                        "uid": uid,
                        "version": int(version),
                        "households": 20 + (k * 137) % 880,
                        "investment_yuan": (20 + k % 300) * 10_000,
                        "grant_central_yuan": (10 + (k * 7) % 200) * 10_000,
                    }
                    for k, (uid, version) in enumerate(versions.items())
                ],
            )
    return path


def test_hangzhou_and_shaoxing_with_overlaps_and_repeated_names(window, server, tmp_path):
    path = imported(server, "hangzhou_shaoxing")
    visit(window, path, min_households=300, max_households=3000, max_diameter_m=3000)
    propose(window)
    shown = compared(window)
    assert len(shown["侧重"]) >= 2
    assert all(float(cell.rstrip("%")) > 90 for cell in shown["安排户数"])
    turn(window, "方案 2")
    window.press("采用")
    window.wait_for("已采用自动方案")
    window.settle()
    with read_copy(path, tmp_path) as plan:
        frame, groups = plan.read("compounds"), plan.read("pianqu")
    assert len(groups) == int(shown["片区数"][1].replace(",", ""))
    # The one compound of 5.6 km can be in no 片区 of at most 3 km.
    assert int(frame["pianqu_uid"].isna().sum()) == int(shown["未分组小区"][1])
    assert frame.groupby("pianqu_uid")["households"].sum().max() <= 3000
    assert groups.geometry.is_valid.all()
    # Each is drawn from its members alone: the outlines cover them and little else.
    members = frame.dissolve("pianqu_uid").geometry
    missing = shapely.difference(members.to_numpy(), groups.geometry[members.index].to_numpy())
    assert shapely.area(missing).max() < 1e-9


def test_wangjing_is_not_bundled_across_its_roads(window, server, tmp_path):
    path = imported(server, "beijing_wangjing")
    # As few and as large as can be: only roads keep what lies within 60 m of each other apart.
    visit(window, path, gap_m=60.0, min_households=None, max_households=None, aim="fewest")
    propose(window)
    window.press("采用")
    window.wait_for("已采用自动方案")
    window.settle()
    with read_copy(path, tmp_path) as plan:
        frame, roads = plan.read("compounds"), plan.read("roads")
    group = frame.set_index("name")["pianqu_uid"]
    assert group["望京西园一区"] != group["望京西园三区"]
    plane = frame.to_crs(frame.estimate_utm_crs())
    street = roads[roads["name"] == "望京街"].to_crs(plane.crs).union_all()
    for _, members in plane.groupby("pianqu_uid"):
        for one in members.geometry:
            for other in members.geometry:
                assert not shapely.shortest_line(one, other).crosses(street)
    # Without the roads they are one: it is the roads that part them.
    copy = Path(shutil.copy(path, tmp_path / "copy.gpkg"))
    with open_plan(copy) as plan:
        plan.undo("测试员")
    lifted = ("--min-households", "0", "--max-households", "0")
    asked = ("--max-gap", "60", "--aim", "fewest", "--no-barriers", *lifted, "--save")
    assert cli.main(["bundle", str(copy), *asked]) == 0
    with open_plan(copy) as plan:
        group = plan.read("compounds").set_index("name")["pianqu_uid"]
    assert group["望京西园一区"] == group["望京西园三区"]
