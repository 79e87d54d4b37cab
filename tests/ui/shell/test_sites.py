"""`pianqu sites` as a script meets it: what is told, codes, refusals, saving and taking it back."""

from __future__ import annotations

import json

import pytest

import cli
from data.store import open_plan

SAMPLE, COMMAND = "yuncheng-2024", "sites"


def test_all_are_covered_by_as_few_as_can_be(run) -> None:
    code, told = run("--facility", "老年人日间照料中心", "--radius-m", 500)
    assert code == 0
    assert told["facility"] == "elderly_care"
    assert told["covered_households"] == told["households"] == 1061
    assert (told["covered_before"], told["covered_compounds"]) == (0, 5)
    assert told["optimal"]
    assert told["gap"] == 0
    assert len(told["sites"]) == 1
    site = told["sites"][0]
    assert site["households"] == 1061
    assert len(site["serves"]) == 5
    assert site["site_m2"] >= 175
    assert 111 < site["lon"] < 113


def test_more_sites_and_a_longer_way_never_serve_fewer(run) -> None:
    of_one = run("--facility", "nursery", "--radius-m", 120, "--count", 1)[1]
    of_two = run("--facility", "nursery", "--radius-m", 120, "--count", 2)[1]
    farther = run("--facility", "nursery", "--radius-m", 300, "--count", 1)[1]
    assert 0 < of_one["covered_households"] <= of_two["covered_households"] <= 1061
    assert of_one["covered_households"] <= farther["covered_households"]
    assert len(of_two["sites"]) <= 2
    assert sum(site["households"] for site in of_two["sites"]) == of_two["covered_households"]


def test_who_can_not_be_served_is_named_and_the_code_says_so(run) -> None:
    code, told = run("--facility", "托儿所", "--radius-m", 20)
    assert code == 1
    assert told["unserved"]
    assert {one["reason"] for one in told["unserved"]} == {"服务半径内没有合适的场地。"}
    assert told["covered_compounds"] + len(told["unserved"]) == told["compounds"]


def test_ways_along_roads_serve_no_more_than_straight_lines(run) -> None:
    straight = run("--facility", "托儿所", "--radius-m", 250, "--count", 1)[1]
    along = run("--facility", "托儿所", "--radius-m", 250, "--count", 1, "--network")[1]
    assert along["settings"]["network"]
    assert along["covered_households"] <= straight["covered_households"]


def test_saved_sites_serve_from_then_on_and_one_undo_takes_them_back(run, plan, capsys) -> None:
    asked = ("--facility", "社区卫生服务站", "--radius-m", 500)
    first = run(*asked, "--save")[1]
    with open_plan(plan) as opened:
        held = opened.read("sites")
        assert list(held.index) == [site["uid"] for site in first["sites"]]
        assert set(held["kind"]) == {"社区卫生服务站"}
    code, again = run(*asked)
    assert (code, again["sites"]) == (0, [])
    assert again["covered_before"] == first["covered_households"]
    assert run(*asked, "--from-nothing")[1]["covered_before"] == 0
    assert cli.main(["undo", str(plan)]) == 0
    capsys.readouterr()
    assert run(*asked)[1]["covered_before"] == 0


def test_the_same_input_gives_the_same_sites(run) -> None:
    one, other = (run("--facility", "market", "--count", 2)[1] for _ in range(2))
    assert {**one, "seconds": 0} == {**other, "seconds": 0}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--facility", "影院"), "没有“影院”这种服务设施，可用的有：社区服务站（service_station）"),
        ((), "--facility"),
        (("--facility", "公共厕所"), "没有规定服务半径"),
        (("--facility", "托儿所", "--count", 0), "--count 至少是 1"),
        (("--facility", "托儿所", "--count", "三"), "--count"),
        (("--facility", "托儿所", "--radius-m", -5), "--radius-m"),
        (("--facility", "托儿所", "--radius-m", "nan"), "--radius-m"),
        (("--facility", "托儿所", "--radius-m", 90_000), "radius_m"),
        (("--facility", "托儿所", "--shortest"), "--count 一起用"),
        (("--facility", "托儿所", "--count", 1, "--capacity", 9), "--shortest 一起用"),
        (("--facility", "托儿所", "--sources", "roof"), "ground、vacant、rooms"),
    ],
)
def test_what_can_not_be_asked_is_refused_with_what_can(run, plan, arguments, says) -> None:
    code, told = run(*arguments)
    assert code == 2
    assert says in told["error"]
    with open_plan(plan) as opened:
        assert opened.count("sites") == 0


def test_a_plan_without_boundaries_has_nothing_to_choose_for(tmp_path, capsys) -> None:
    empty = tmp_path / "empty.gpkg"
    assert cli.main(["new", str(empty)]) == 0
    capsys.readouterr()
    code = cli.main(["sites", str(empty), "--facility", "托儿所", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert (told["sites"], told["households"], told["covered_households"]) == ([], None, None)
