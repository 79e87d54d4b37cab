"""Arguments explained and refused in Chinese."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Iterable
from typing import Any, NoReturn

from errors import PlanningError

__all__ = ["ShellParser", "UsageError", "count", "positive"]


class UsageError(PlanningError):
    """The command line itself is wrong: unknown command, missing or malformed argument."""


# What argparse says in English (CPython's wording), and what is said instead.
_SAYINGS = (
    (
        r"argument 命令: invalid choice: '(?P<a>[^']*)' \(choose from (?P<b>.*)\)",
        "没有“{a}”这个命令。现有命令：{b}。",
    ),
    (r"the following arguments are required: (?P<a>.*)", "缺少参数：{a}。"),
    (r"unrecognized arguments: (?P<a>.*)", "不认识的参数：{a}。"),
    (
        r"argument (?P<a>.*?): invalid choice: (?P<b>\S+) \(choose from (?P<c>.*)\)",
        "参数 {a} 不能是 {b}，可选：{c}。",
    ),
    (r"argument (?P<a>.*?): expected one argument", "参数 {a} 后面要跟一个值。"),
    (r"argument (?P<a>.*?): expected at least one argument", "参数 {a} 至少要有一个值。"),
    (r"argument (?P<a>.*?): (?P<b>.*)", "参数 {a}：{b}"),
)


class _Formatter(argparse.HelpFormatter):
    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


class ShellParser(argparse.ArgumentParser):
    """An argument parser that explains and refuses in Chinese and never ends the process on an error.

    Raises
    ------
    UsageError
        Instead of argparse's ``SystemExit`` when the command line is wrong.
    """

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", _Formatter)
        # An abbreviation that works today may be ambiguous tomorrow, and scripts would break.
        super().__init__(**options, allow_abbrev=False, add_help=False)
        self.shown = self.add_argument_group("参数")
        self.shown.add_argument("-h", "--help", action="help", help="显示本说明")

    def error(self, message: str) -> NoReturn:
        """Refuse the command line in Chinese."""
        raise UsageError(f"{_in_chinese(message)}运行 {self.prog} --help 查看用法。")


def _in_chinese(message: str) -> str:
    for pattern, saying in _SAYINGS:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return saying.format(**{k: v.replace("'", "") for k, v in found.groupdict().items()})
    return f"命令写法有误（{message}）。"


def count(text: str) -> int:
    """Whole number of 0 or more, for argparse."""
    if not re.fullmatch(r"\d{1,15}", text):
        raise argparse.ArgumentTypeError(f"“{text}”不是 0 或正整数。")
    return int(text)


def positive(text: str) -> float:
    """Finite number of 0 or more, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"“{text}”不是 0 或正数。")
    return value
