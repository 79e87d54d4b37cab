"""The shell refuses in Chinese, whatever argparse would have said."""

from __future__ import annotations

import re

import pytest

from ui.shell.parser import ShellParser, UsageError, count, positive


def parser() -> ShellParser:
    made = ShellParser(prog="片")
    made.shown.add_argument("--colour", choices=["red"])
    made.shown.add_argument("--many", nargs="+")
    commands = made.add_subparsers(title="命令", metavar="命令", dest="命令", required=True)
    draw = commands.add_parser("draw")
    draw.shown.add_argument("plan", metavar="PLAN")
    draw.shown.add_argument("--size", type=count)
    draw.shown.add_argument("--gap", type=positive)
    return made


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["judge"], "没有“judge”这个命令。现有命令：draw。"),
        ([], "缺少参数：命令。"),
        (["draw"], "缺少参数：PLAN。"),
        (["draw", "a", "--bogus"], "不认识的参数：--bogus。"),
        (["--colour", "blue", "draw", "a"], "参数 --colour 不能是 blue，可选：red。"),
        (["draw", "a", "--size"], "参数 --size 后面要跟一个值。"),
        (["--many"], "参数 --many 至少要有一个值。"),
        (["draw", "a", "--size", "1.5"], "参数 --size：“1.5”不是 0 或正整数。"),
        (["draw", "a", "--gap", "nan"], "参数 --gap：“nan”不是 0 或正数。"),
        (["draw", "a", "--si", "3"], "不认识的参数：--si 3。"),
    ],
)
def test_a_wrong_command_line_is_refused_in_chinese(arguments: list[str], said: str) -> None:
    with pytest.raises(UsageError) as refused:
        parser().parse_args(arguments)
    assert str(refused.value).startswith(said)
    assert str(refused.value).endswith("--help 查看用法。")


def test_help_is_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(["draw", "--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    assert shown.startswith("用法：")
    assert not re.search(r"usage|options|positional|show this", shown)


def test_numbers_are_read_and_refused() -> None:
    assert (count("0"), count("300")) == (0, 300)
    assert (positive("30"), positive("0.5")) == (30.0, 0.5)
