"""How the shell speaks: arguments explained and refused in Chinese, results as plain JSON values."""

from __future__ import annotations

import argparse
import dataclasses
import math
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import PurePath
from typing import Any, NoReturn

from errors import PlanningError

__all__ = ["ShellParser", "UsageError", "count", "plain", "positive"]


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


def plain(value: Any) -> Any:
    """Turn a result into values that JSON knows; what is unknown becomes None.

    Parameters
    ----------
    value : object
        Dicts, sequences, dataclasses, paths, dates, numpy and pandas scalars, and what has ``to_dict``.

    Returns
    -------
    object
        Dicts, lists, str, int, float, bool and None only.

    Examples
    --------
    >>> plain({"a": (1, float("nan"))})
    {'a': [1, None]}
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    # pandas' NA and NaT; the latter calls itself a date.
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return _plain_object(value)


def _plain_object(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    # numpy scalars; before sequences, for an array has both.
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        return plain(value.item())
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return [plain(row) for row in value.to_dict("records")]
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    return str(value)
