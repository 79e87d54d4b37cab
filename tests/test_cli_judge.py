"""``pianqu judge``: every verdict with its clause, codes for scripts, one profile or several."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cli
from data.store import open_plan
from policy.profiles import profiles

Run = Callable[..., tuple[int, Any, str]]
ALL_NINE = {
    "yuncheng-2024",
    "yangjiang-2021",
    "chuxiong-2020",
    "liuzhou-2022",
    "provincial-review",
    "school-works",
    "city-pilot",
    "sanjiu-dongguan",
    "litong-parking",
}
KEYS = {
    "compound",
    "name",
    "rule",
    "title",
    "state",
    "document",
    "section",
    "clause",
    "found",
    "limit",
    "message",
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: Any) -> Run:
    """Run a command with --json in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: object) -> tuple[int, Any, str]:
        code = cli.main([*map(str, arguments), "--json"])
        out, said = capsys.readouterr()
        assert out.count("\n") == 1
        assert "Traceback" not in said
        return code, json.loads(out), said

    return command


@pytest.fixture
def plan(run: Run, tmp_path: Path) -> Path:
    """云城区 with three days of completion; everything else is as the ledger has it."""
    assert run("new", "a.gpkg", "--sample", "yuncheng-2024", "--rules", "chuxiong-2020")[0] == 0
    path = tmp_path / "a.gpkg"
    days = ("1999-12-31", "2000-06-30", "2003-05-01")
    with open_plan(path) as opened, opened.edit("甲", "补建成日期") as tx:
        frame = tx.read("compounds")
        for uid, day in zip(frame.index, days, strict=False):
            tx.update("compounds", uid, int(frame.loc[uid, "version"]), {"built_on": day})
    return path


def states(result: Any, rule: str) -> list[str]:
    return [one["state"] for one in result["verdicts"] if one["rule"] == rule]


def test_every_compound_has_a_verdict_on_every_judged_rule(run: Run, plan: Path) -> None:
    code, result, _ = run("judge", plan)
    assert code == 1
    assert set(result) >= {"verdicts", "summary", "cap"}
    rules = {one["rule"] for one in result["verdicts"]}
    assert "chuxiong-2020/build_date" in rules
    assert len(result["verdicts"]) == 5 * len(rules)
    assert all(set(one) == KEYS for one in result["verdicts"])
    assert all(one["section"] and one["clause"] and one["message"] for one in result["verdicts"])
    first = result["verdicts"][0]
    assert (first["compound"], first["name"], first["state"]) == ("YC2024-01", "旧中专宿舍", "符合")
    assert first["clause"] == "〔楚市政办通〔2020〕5号 三(一)〕"


def test_the_same_compounds_under_three_plans(run: Run, plan: Path) -> None:
    code, result, _ = run("judge", plan, "--rules", "chuxiong-2020,yangjiang-2021,liuzhou-2022")
    assert code == 1
    assert states(result, "chuxiong-2020/build_date")[:3] == ["符合", "不符合", "不符合"]
    assert states(result, "yangjiang-2021/build_date")[:2] == ["符合", "符合"]
    assert states(result, "yangjiang-2021/build_date")[2] == "需论证"
    assert states(result, "liuzhou-2022/build_date")[:3] == ["符合", "符合", "符合"]
    assert list(result["summary"]) == ["chuxiong-2020", "yangjiang-2021", "liuzhou-2022"]


def test_the_summary_counts_by_state_and_profile(run: Run, plan: Path) -> None:
    _, result, _ = run("judge", plan, "--rules", "chuxiong-2020，liuzhou-2022")
    for key, summary in result["summary"].items():
        mine = [one for one in result["verdicts"] if one["rule"].startswith(f"{key}/")]
        for state in ("符合", "需论证", "不符合"):
            assert summary[state] == sum(one["state"] == state for one in mine)
        assert sum(summary["compounds"].values()) == 5
        assert summary["title"] == profiles()[key].title
    assert result["summary"]["chuxiong-2020"]["compounds"]["不符合"] == 2


def test_the_cap_says_how_many_more_could_go_in(run: Run, plan: Path) -> None:
    _, result, _ = run("judge", plan, "--rules", "yangjiang-2021,chuxiong-2020")
    cap = result["cap"]["yangjiang-2021"]
    assert (cap["cap"], cap["counted_by"], cap["late"]) == (0.15, "户数", 316.0)
    assert cap["more"] == 0
    assert cap["excess"] > 0
    assert cap["clause"]
    assert result["cap"]["chuxiong-2020"] is None


def test_the_plans_own_rules_and_its_choice_hold(run: Run, plan: Path) -> None:
    own = {
        "title": "我市方案",
        "parent": "chuxiong-2020",
        "changes": {"build_date": {"values": {"limit": "2003-12-31"}, "why": "会议纪要"}},
    }
    with open_plan(plan) as opened, opened.edit("甲", "我市方案") as tx:
        tx.set_setting("own_rules", {"own-1": own})
        tx.set_setting("rules", "own-1")
    for arguments in ((), ("--rules", "own-1")):
        _, result, _ = run("judge", plan, *arguments)
        assert states(result, "own-1/build_date")[:3] == ["符合", "符合", "符合"]
        assert result["summary"]["own-1"]["title"] == "我市方案"


def test_all_that_holds_ends_with_0(run: Run, plan: Path) -> None:
    with open_plan(plan) as opened, opened.edit("甲", "编号") as tx:
        frame = tx.read("compounds")
        for number, uid in enumerate(frame.index):
            values = {"review_number": f"粤改-{number}"}
            tx.update("compounds", uid, int(frame.loc[uid, "version"]), values)
        bare = {
            "title": "只看编号",
            "parent": "provincial-review",
            "changes": {
                name: {"dropped": True}
                for name in profiles()["provincial-review"].rules
                if name != "review_number"
            },
        }
        tx.set_setting("own_rules", {"own-1": bare})
    code, result, _ = run("judge", plan, "--rules", "own-1")
    assert {one["state"] for one in result["verdicts"]} == {"符合"}
    assert code == 0


def test_a_profile_that_judges_no_compound_says_so(run: Run, plan: Path) -> None:
    code, result, said = run("judge", plan, "--rules", "sanjiu-dongguan")
    assert (code, result["verdicts"]) == (0, [])
    assert "没有可以逐个小区判定的规则" in said


@pytest.mark.parametrize(
    ("rules", "said"),
    [("nowhere-2030", "可选：chuxiong-2020"), ("liuzhou-2022,", "逗号"), ("", "逗号")],
)
def test_bad_rules_are_refused_and_nothing_is_changed(
    run: Run, plan: Path, rules: str, said: str
) -> None:
    before = plan.read_bytes()
    code, result, errors = run("judge", plan, "--rules", rules)
    assert code == 2
    assert said in result["error"]
    assert said in errors
    assert plan.read_bytes() == before


def test_an_unknown_id_lists_all_that_there_are(run: Run, plan: Path) -> None:
    _, result, _ = run("judge", plan, "--rules", "nowhere-2030")
    assert all(key in result["error"] for key in ALL_NINE)


def test_a_plan_whose_chosen_rules_are_gone_is_refused(run: Run, plan: Path) -> None:
    with open_plan(plan) as opened, opened.edit("甲", "改") as tx:
        tx.set_setting("rules", "own-9")
    code, result, _ = run("judge", plan)
    assert code == 2
    assert "own-9" in result["error"]


def test_on_the_screen_what_holds_is_left_out_unless_asked_for(
    plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["judge", str(plan)]) == 1
    short, said = capsys.readouterr()
    assert '"符合"' not in short.split("summary")[0]
    assert "加 --all 列出" in said
    assert cli.main(["judge", str(plan), "--all"]) == 1
    full, said = capsys.readouterr()
    assert '"state": "符合"' in full
    assert "--all" not in said


@pytest.mark.parametrize("rules", sorted(ALL_NINE))
def test_a_new_plan_takes_any_of_the_nine_profiles(run: Run, rules: str) -> None:
    assert set(profiles()) == ALL_NINE
    assert run("new", "n.gpkg", "--rules", rules)[0] == 0
    code, result, _ = run("judge", "n.gpkg")
    assert (code, result["verdicts"], list(result["summary"])) == (0, [], [rules])


def test_a_sheet_of_verdicts(run: Run, plan: Path) -> None:
    for number, theme in enumerate(("verdict", "verdict:build_date")):
        out = f"{number}.pdf"
        code, _, _ = run("sheet", plan, "--kind", "总图", "--out", out, "--theme", theme)
        assert code == 0
        assert Path(out).read_bytes().startswith(b"%PDF")
    code, result, _ = run(
        "sheet", plan, "--kind", "总图", "--out", "x.pdf", "--theme", "verdict:nothing"
    )
    assert code == 2
    assert "build_date" in result["error"]
    assert not Path("x.pdf").exists()
