"""`pianqu bundle` as a script meets it: limits, codes, what is told, saving and taking it back."""

from __future__ import annotations

import pytest

from data.pianqu import make_pianqu, set_locked
from data.store import open_plan

SAMPLE, COMMAND = "city:120:3", "bundle"


def test_limits_are_kept_and_every_compound_is_told_of_once(run, plan):
    code, told = run(
        "--min-households", 400, "--max-households", 2500, "--max-investment-yuan", 60_000_000,
        "--max-diameter-m", 900, "--subdistricts", "hard", "--aim", "fewest", "--proposals", 1,
    )  # fmt: skip
    with open_plan(plan) as opened:
        frame = opened.read("compounds")
    members = [uid for one in told["bundles"] for uid in one["members"]]
    out = [one["compound"] for one in told["unassigned"]]
    assert sorted([*members, *out]) == sorted(frame.index)
    for one in told["bundles"]:
        rows = frame.loc[one["members"]]
        assert one["households"] in (None, int(rows["households"].sum()))
        assert rows["households"].sum() <= 2500
        assert rows["investment_yuan"].sum() <= 60_000_000
        assert one["diameter_m"] <= 900
        assert one["subdistricts"] <= 1
        assert (one["state"] == "符合") == (rows["households"].sum() >= 400)
    assert [one["number"] for one in told["bundles"]] == list(range(1, len(told["bundles"]) + 1))
    assert told["feasible"] == (not out and all(o["state"] == "符合" for o in told["bundles"]))
    assert code == (0 if told["feasible"] else 1)
    assert set(told["objective"]) == set(told["bound"]) == {"left", "number", "score"}
    assert told["objective"]["left"] >= told["bound"]["left"]


def test_the_best_of_several_comes_first_and_stands_for_itself(run):
    _, told = run("--aim", "fewest", "--min-households", 0, "--proposals", 4, "--seed", 5)
    assert 1 <= len(told["proposals"]) <= 4
    assert told["bundles"] == told["proposals"][0]["bundles"]
    best, *others = [tuple(one["objective"].values()) for one in told["proposals"]]
    assert all(best <= other for other in others)
    _, again = run("--aim", "fewest", "--min-households", 0, "--proposals", 4, "--seed", 5)
    assert again["bundles"] == told["bundles"]
    assert told["settings"]["seed"] == 5
    assert told["settings"]["min_households"] is None


def test_without_roads_and_rivers_more_hangs_together(run):
    asked = ("--aim", "fewest", "--min-households", 0, "--max-households", 0, "--proposals", 1)
    _, parted = run(*asked)
    _, whole = run(*asked, "--no-barriers")
    assert len(whole["bundles"]) < len(parted["bundles"])


def test_saving_is_one_step_and_locks_are_left_alone(run, plan):
    with open_plan(plan) as opened:
        first = list(opened.read("compounds").index[:3])
        locked = make_pianqu(opened, "锁定片", first[:2], "王工")
        set_locked(opened, "pianqu", [locked], True, "王工")
        set_locked(opened, "compounds", [first[2]], True, "王工")
    _, told = run("--save", "--actor", "王工", "--proposals", 1)
    assert told["already_in_pianqu"] == 2
    assert {"compound": first[2], "reason": "已锁定为未分组"} in told["unassigned"]
    with open_plan(plan) as opened:
        held = opened.read("compounds")["pianqu_uid"]
        for one in told["bundles"]:
            assert set(held.index[held == one["pianqu"]]) == set(one["members"])
        assert list(held.index[held == locked]) == first[:2]
        opened.undo("王工")
        assert opened.count("pianqu") == 1


def test_one_limit_by_hand_lifts_the_other_where_they_contradict(run):
    code, told = run("--min-households", 5_000, "--proposals", 1)
    assert code in (0, 1)
    assert told["settings"]["max_households"] is None
    code, told = run("--max-households", 300, "--proposals", 1)
    assert told["settings"]["min_households"] is None
    code, told = run("--min-households", 900, "--max-households", 300)
    assert code == 2
    assert "900 大于" in told["error"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("--proposals", 9), "1 至 4"),
        (("--aim", "best"), "--aim"),
        (("--max-diameter-m", "nan"), "正数"),
    ],
)
def test_what_makes_no_sense_is_refused(run, plan, wrong, words):
    before = plan.read_bytes()
    code, told = run(*wrong, "--save")
    assert code == 2
    assert words in told["error"]
    assert plan.read_bytes() == before


def test_nobody_to_group_is_no_mistake_if_all_are_grouped(run, plan):
    run("--save", "--min-households", 0, "--max-households", 0, "--proposals", 1)
    code, told = run()
    assert (code, told["bundles"], told["unassigned"]) == (0, [], [])
    assert "全部小区都在片区里" in told["notes"][0]
