"""The shell's door as a script meets it: codes, JSON, refusals, and a whole job on a sample plan."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import cli
from data.store import open_plan

COMMANDS = (
    "new",
    "import",
    "check",
    "judge",
    "neighbours",
    "bundle",
    "stalls",
    "sites",
    "export",
    "sheet",
    "undo",
    "history",
    "serve",
)
LATER = ("density", "programme")


@dataclass(frozen=True)
class Ran:
    code: int
    result: dict[str, Any]
    said: str


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


@pytest.fixture
def sample(shell: Shell, tmp_path: Path) -> Path:
    assert shell("new", "云城.gpkg", "--sample", "yuncheng-2024").code == 0
    return tmp_path / "云城.gpkg"


def state(plan: Path) -> tuple[int, bytes]:
    with open_plan(plan) as opened:
        revision = opened.revision()
    return revision, plan.read_bytes()


def test_new_plan_is_empty_or_holds_a_sample(shell: Shell, tmp_path: Path) -> None:
    assert shell("new", "空.gpkg").result == {"plan": "空.gpkg", "name": "空", "compounds": 0}
    ran = shell("new", "云城.gpkg", "--sample", "yuncheng-2024")
    assert (ran.code, ran.result["compounds"]) == (0, 5)
    assert shell("new", "c.gpkg", "--sample", "city:40:3").result["compounds"] == 40
    assert {p.name for p in tmp_path.iterdir()} == {"空.gpkg", "云城.gpkg", "c.gpkg"}


def test_new_keeps_the_rules_it_is_given(shell: Shell) -> None:
    assert shell("new", "a.gpkg", "--rules", "liuzhou-2022").code == 0
    with open_plan("a.gpkg") as plan:
        assert plan.settings()["rules"] == "liuzhou-2022"


@pytest.mark.parametrize(
    "arguments",
    [
        ("new", "new.gpkg", "--sample", "nowhere-2030"),
        ("new", "new.gpkg", "--sample", "city:many:1"),
        ("new", "new.gpkg", "--sample", "city:0:1"),
        ("new", "new.gpkg", "--rules", "nowhere-2030"),
        ("new", "no/such/folder/new.gpkg"),
        ("new", "there.gpkg"),
        ("check", "new.gpkg"),
        ("undo", "new.gpkg"),
        ("bundle", "text.gpkg"),
        ("history", "empty.gpkg"),
        ("neighbours", "."),
        ("serve", "new.gpkg"),
        ("check", "text.xlsx"),
        ("export", "new.gpkg", "--format", "geojson", "--out", "out"),
    ],
)
def test_bad_input_is_refused_with_one_message_and_leaves_nothing(
    shell: Shell, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    shell("new", "there.gpkg")
    (tmp_path / "text.gpkg").write_text("not a plan", encoding="utf-8")
    (tmp_path / "text.xlsx").write_text("not a ledger", encoding="utf-8")
    (tmp_path / "empty.gpkg").touch()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    ran = shell(*arguments)
    assert ran.code == 2
    assert list(ran.result) == ["error"]
    assert ran.said == f"错误：{ran.result['error']}\n"
    assert "程序内部出错" not in ran.said
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", LATER)
def test_commands_that_do_not_exist_yet_are_unknown(shell: Shell, name: str) -> None:
    ran = shell(name, "a.gpkg")
    assert ran.code == 2
    assert ran.result["error"].startswith(f"没有“{name}”这个命令。")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself_in_chinese(name: str, capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    assert shown.startswith(f"用法：pianqu {name}")
    assert "usage" not in shown
    assert "--json" in shown


def test_handbook_names_every_command_and_option(root: Path, capsys: Any) -> None:
    text = (root / "docs" / "命令行.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        with pytest.raises(SystemExit):
            cli.main([name, "--help"])
        shown = capsys.readouterr().out
        options = {word.strip("[],") for word in shown.split() if word.strip("[],")[:2] == "--"}
        assert f"`{name} " in text
        assert [option for option in options - {"--help"} if option not in text] == []


def test_without_json_the_result_is_for_the_eye(tmp_path: Path, capsys: Any) -> None:
    assert cli.main(["new", str(tmp_path / "a.gpkg")]) == 0
    shown = capsys.readouterr()
    assert 'name: "a"\ncompounds: 0\n' in shown.out
    assert shown.err == ""


def test_a_bug_is_logged_and_told_in_one_line(shell: Shell, monkeypatch: Any) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(cli.steps, "undo", broken)
    ran = shell("undo", "a.gpkg")
    assert ran.code == 2
    assert ran.said.count("\n") == 1
    assert "secret detail" not in ran.said
    log = Path(ran.said.split("详情已记入 ")[1].split("。")[0])
    assert "secret detail" in log.read_text(encoding="utf-8")


def test_the_door_stands_in_the_environment(root: Path) -> None:
    door = Path(sys.executable).with_name("pianqu")
    shown = subprocess.run(
        [door, "--version"], cwd=root, capture_output=True, text=True, check=True
    )
    assert shown.stdout.startswith("pianqu 0.")


def test_neighbours_of_the_sample_are_within_the_gap(shell: Shell, sample: Path) -> None:
    found = shell("neighbours", sample, "--max-gap", 30).result
    assert found["pairs"]
    assert all(0 <= pair["gap_m"] <= 30 for pair in [*found["pairs"], *found["blocked"]])
    wide = ("neighbours", sample, "--max-gap", 1000)
    assert len(shell(*wide, "--no-barriers").result["pairs"]) == 10
    assert shell(*wide, "--no-barriers").result["blocked"] == []
    assert shell("neighbours", sample, "--max-gap", 0.01).result == {"pairs": [], "blocked": []}


def test_neighbours_tell_what_cuts_a_pair_by_the_settings_of_the_plan(
    shell: Shell, sample: Path
) -> None:
    wide = ("neighbours", sample, "--max-gap", 1000)
    found = shell(*wide).result
    # The sketched 主干路 runs between the two compounds in the south and the three in the north.
    assert len(found["pairs"]) + len(found["blocked"]) == 10
    assert {pair["name"] for pair in found["blocked"]} == {"主干路（示意）"}
    assert {pair["kind"] for pair in found["blocked"]} == {"main_road"}
    assert set(found["blocked"][0]) == {"i", "j", "gap_m", "kind", "name", "barrier"}
    with open_plan(sample) as plan, plan.edit("甲", "只计河流") as tx:
        tx.set_setting("barriers", {"kinds": ["river"]})
    assert shell(*wide).result["blocked"] == []
    with open_plan(sample) as plan, plan.edit("甲", "写坏") as tx:
        tx.set_setting("barriers", {"kinds": ["moat"]})
    refused = shell(*wide)
    assert refused.code == 2
    assert "阻隔设置" in refused.result["error"]


def test_bundle_proposes_and_saves_only_when_told(shell: Shell, sample: Path) -> None:
    before = state(sample)
    proposed = shell("bundle", sample, "--max-gap", 60)
    assert state(sample)[0] == before[0]
    members = [uid for item in proposed.result["bundles"] for uid in item["members"]]
    assert len(members) == len(set(members)) == 5
    assert proposed.result["feasible"] == (proposed.code == 0)
    again = shell("bundle", sample, "--max-gap", 60)
    assert again.result["bundles"] == proposed.result["bundles"]

    saved = shell("bundle", sample, "--max-gap", 60, "--save", "--actor", "王工")
    with open_plan(sample) as plan:
        assert plan.count("pianqu") == len(saved.result["bundles"])
        assert plan.read("compounds")["pianqu_uid"].notna().all()
        assert set(plan.read("pianqu")["edited_by"]) == {"王工"}
    rest = shell("bundle", sample)
    assert (rest.result["bundles"], rest.result["already_in_pianqu"]) == ([], 5)


def test_limits_that_can_not_be_met_are_told_by_the_code(shell: Shell, sample: Path) -> None:
    ran = shell("bundle", sample, "--max-gap", 1, "--min-households", 100_000)
    assert ran.code == 1
    assert ran.result["feasible"] is False


def test_check_tells_findings_and_their_weight(shell: Shell, sample: Path) -> None:
    ran = shell("check", sample)
    findings = ran.result["findings"]
    assert {"rule", "severity", "rows", "found", "expected", "message"} == set(findings[0])
    assert "boundary_schematic" in {item["rule"] for item in findings}
    assert ran.code == int(any(item["severity"] != "说明" for item in findings))


def test_what_was_done_is_in_the_history_and_can_be_taken_back(shell: Shell, sample: Path) -> None:
    shell("bundle", sample, "--max-gap", 60, "--save", "--actor", "王工")
    edits = shell("history", sample).result["edits"]
    assert {"seq", "at", "actor", "label", "op", "layer", "uid"} <= set(edits[0])
    assert edits[0]["actor"] == "王工"
    assert len(shell("history", sample, "--limit", 1).result["edits"]) == 1

    undone = shell("undo", sample, "--actor", "李工")
    assert (undone.code, len(undone.result["edits"])) == (0, 1)
    with open_plan(sample) as plan:
        assert plan.count("pianqu") == 0
        assert plan.read("compounds")["pianqu_uid"].isna().all()
    assert shell("history", sample).result["edits"][0]["actor"] == "李工"


def test_a_sample_has_nothing_to_take_back(shell: Shell, sample: Path) -> None:
    ran = shell("undo", sample)
    assert (ran.code, ran.result["edits"]) == (1, [])
    with open_plan(sample) as plan:
        assert plan.count("compounds") == 5
