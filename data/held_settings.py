"""Settings as a plan keeps them, plain values by name, and what each of them has to be."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from errors import RecordError

__all__ = ["FLAG", "Check", "held_values", "one_of", "real", "some_of", "whole"]

_LONGEST = 60


@dataclass(frozen=True)
class Check:
    """What a value has to be.

    Attributes
    ----------
    fits : callable
        Tells whether a value is that.
    words : str
        It, after “应为”.
    """

    fits: Callable[[Any], bool]
    words: str


FLAG = Check(lambda value: isinstance(value, bool), "是或否")


def held_values(
    settings: Mapping[str, Any], key: str, checks: Mapping[str, Check], *, what: str, page: str
) -> dict[str, Any]:
    """Values of a setting that are there; all of them make sense.

    Parameters
    ----------
    settings : mapping
        Of the plan.
    key : str
        Of the setting.
    checks : mapping of str to Check
        By name; what has another name is of another version, and passed over.
    what, page : str
        The setting, and the page on which it is made, as planners know them.

    Raises
    ------
    RecordError
        If a value makes no sense; all of them are named.

    Examples
    --------
    >>> held_values({"a": {"x": 2, "y": 3}}, "a", {"x": real(0, 9)}, what="设置", page="空间")
    {'x': 2}
    """
    held = settings.get(key)
    if held is None:
        return {}
    if not isinstance(held, Mapping):
        raise RecordError(what, [f"应是“键: 值”。请在“{page}”里重新设置。"])
    known = {name: held[name] for name in checks if name in held}
    problems = [
        f"{name} 不能是 {_short(value)}，应为{checks[name].words}。"
        for name, value in known.items()
        if not checks[name].fits(value)
    ]
    if problems:
        raise RecordError(what, problems)
    return known


def real(low: float, high: float = math.inf, *, may_lack: bool = False) -> Check:
    """Make the check of a number."""

    def fits(value: Any) -> bool:
        if value is None:
            return may_lack
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and math.isfinite(value) and low <= value <= high

    span = f" {low:g} 到 {high:g} 的数" if math.isfinite(high) else f" {low:g} 或更大的数"
    return Check(fits, f"{span}{'，或空（不限）' if may_lack else ''}")


def whole(low: int, high: int, *, may_lack: bool = False) -> Check:
    """Make the check of a whole number."""

    def fits(value: Any) -> bool:
        if value is None:
            return may_lack
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return Check(fits, f" {low} 到 {high} 的整数{'，或空（不限）' if may_lack else ''}")


def one_of(known: Mapping[Any, str]) -> Check:
    """Make the check of one of some words."""
    words = "、".join(known) + " 之一"
    return Check(lambda value: isinstance(value, str) and value in known, words)


def some_of(known: Mapping[Any, str]) -> Check:
    """Make the check of several of some words."""

    def fits(value: Any) -> bool:
        return isinstance(value, list | tuple) and all(
            isinstance(one, str) and one in known for one in value
        )

    return Check(fits, "列表，取自 " + "、".join(known))


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
