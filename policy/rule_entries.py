"""Figures of a rule that are lists of entries: instalments, yearly targets, amounts by name, a timetable."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from errors import PolicyError
from policy import rule_scalars as scalars
from policy.reader import check_keys
from policy.wording import UNKNOWN, format_share, format_yuan

__all__ = [
    "Figure",
    "Instalment",
    "Step",
    "Target",
    "entry_text",
    "figures",
    "instalments",
    "steps",
    "targets",
]

_YEAR = scalars.whole(scalars.FIRST_DAY.year, scalars.LAST_DAY.year, "年度任务")
_COUNT = scalars.whole(0, 1_000_000, "个")
_MONTHS = scalars.whole(1, 600, "个")
BLANK = "原文留空"


@dataclass(frozen=True, kw_only=True)
class Instalment:
    """One payment of a schedule.

    Attributes
    ----------
    when : {"进度", "验收", "质保"}
        By progress, on acceptance, or so many months after it.
    progress : Fraction or None
        Share of the works done, for 进度.
    months : int or None
        After acceptance, for 质保.
    share : Fraction
        Of the sum.
    payer : str
        Who pays, as far as the plan says.
    """

    when: str
    share: Fraction
    progress: Fraction | None = None
    months: int | None = None
    payer: str = ""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a plan sets itself for some years.

    Attributes
    ----------
    years : tuple of int
        First and last.
    compounds : int or None
    text : str
        In words, where it is no number.
    """

    years: tuple[int, int]
    compounds: int | None = None
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure with its name: a budget, an area, a number of stalls.

    Attributes
    ----------
    name : str
    amount : int, Fraction or None
        In the unit of the table; None where the source leaves it blank.
    """

    name: str
    amount: int | Fraction | None


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of a timetable whose year the source leaves blank.

    Attributes
    ----------
    what : str
    first, last : str
        ``05`` for a month or ``06-20`` for a day.
    """

    what: str
    first: str
    last: str


def instalments(raw: Any, where: str) -> tuple[Instalment, ...]:
    """Read a schedule of payments; they add up to the whole."""
    paid = tuple(_instalment(entry, at) for entry, at in _entries(raw, where, "拨付"))
    total = sum((step.share for step in paid), Fraction(0))
    if total != 1:
        raise PolicyError(f"{where} 各次拨付合计 {format_share(total)}，应为 100%，请核对。")
    return paid


def targets(raw: Any, where: str) -> tuple[Target, ...]:
    """Read yearly targets."""
    return tuple(_target(entry, at) for entry, at in _entries(raw, where, "年度任务"))


def figures(unit: str, read: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    """Make a reader of tables of named figures.

    Parameters
    ----------
    unit : str
        Name of the table's unit, for messages.
    read : callable
        Reads one amount.
    """

    def read_table(raw: Any, where: str) -> tuple[Figure, ...]:
        table = tuple(_figure(entry, at, read) for entry, at in _entries(raw, where, unit))
        _refuse_doubles([figure.name for figure in table], where)
        return table

    return read_table


def steps(raw: Any, where: str) -> tuple[Step, ...]:
    """Read a timetable."""
    return tuple(_step(entry, at) for entry, at in _entries(raw, where, "日程"))


def entry_text(entry: Instalment | Target | Figure | Step, unit: str) -> str:
    """Write one entry for the page."""
    if isinstance(entry, Instalment):
        return _instalment_text(entry)
    if isinstance(entry, Target):
        return _target_text(entry)
    if isinstance(entry, Figure):
        return f"{entry.name} {_amount_text(entry.amount, unit)}"
    first, last = _day_text(entry.first), _day_text(entry.last)
    return f"{entry.what}（{first if first == last else f'{first}—{last}'}）"


def _instalment(entry: Mapping[str, Any], at: str) -> Instalment:
    allowed = {"进度": ("progress",), "验收": (), "质保": ("months",)}
    when = entry.get("when")
    if not isinstance(when, str) or when not in allowed:
        raise scalars.wrong(entry, at, "拨付")
    needed = ("months",) if when == "质保" else ()
    check_keys(
        entry,
        where=at,
        required=("when", "share", *needed),
        optional=(*allowed[when], "payer"),
    )
    progress, months = entry.get("progress"), entry.get("months")
    return Instalment(
        when=when,
        share=scalars.share(entry["share"], f"{at}.share"),
        progress=None if progress is None else scalars.share(progress, f"{at}.progress"),
        months=None if months is None else _MONTHS(months, f"{at}.months"),
        payer=scalars.text(entry["payer"], f"{at}.payer") if "payer" in entry else "",
    )


def _target(entry: Mapping[str, Any], at: str) -> Target:
    check_keys(entry, where=at, required=("years",), optional=("compounds", "text"))
    years, compounds = entry["years"], entry.get("compounds")
    if not isinstance(years, list) or len(years) != 2:
        raise scalars.wrong(entry, at, "年度任务")
    first, last = (_YEAR(year, f"{at}.years") for year in years)
    if first > last:
        raise PolicyError(f"{at}.years 是 {first} 到 {last}，先后颠倒，请改正。")
    return Target(
        years=(first, last),
        compounds=None if compounds is None else _COUNT(compounds, f"{at}.compounds"),
        text=scalars.text(entry["text"], f"{at}.text") if "text" in entry else "",
    )


def _figure(entry: Mapping[str, Any], at: str, read: Callable[[Any, str], Any]) -> Figure:
    check_keys(entry, where=at, required=("name", "amount"))
    amount = entry["amount"]
    return Figure(
        name=scalars.text(entry["name"], f"{at}.name"),
        amount=None if amount is None else read(amount, f"{at}.amount"),
    )


def _step(entry: Mapping[str, Any], at: str) -> Step:
    check_keys(entry, where=at, required=("what", "first"), optional=("last",))
    first, last = entry["first"], entry.get("last", entry["first"])
    for key, day in (("first", first), ("last", last)):
        if not isinstance(day, str) or not re.fullmatch(r"\d\d(-\d\d)?", day):
            raise scalars.wrong(day, f"{at}.{key}", "日程")
        scalars.month_day(day if "-" in day else f"{day}-01", f"{at}.{key}")
    if first[: len(last)] > last[: len(first)]:
        raise PolicyError(f"{at} 的起止 {first}、{last} 先后颠倒，请改正。")
    return Step(what=scalars.text(entry["what"], f"{at}.what"), first=first, last=last)


def _entries(raw: Any, where: str, unit: str) -> list[tuple[Mapping[str, Any], str]]:
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw) or not raw:
        raise scalars.wrong(raw, where, unit)
    return [(entry, f"{where}[{k}]") for k, entry in enumerate(raw)]


def _refuse_doubles(names: Collection[str], where: str) -> None:
    doubled = sorted({name for name in names if list(names).count(name) > 1})
    if doubled:
        raise PolicyError(f"{where} 里 {'、'.join(doubled)} 写了两次，请删去一个。")


def _instalment_text(entry: Instalment) -> str:
    when = {
        "进度": "按进度" if entry.progress is None else f"进度达{format_share(entry.progress)}",
        "验收": "竣工验收合格",
        "质保": f"质保满{entry.months}个月",
    }[entry.when]
    payer = f"（{entry.payer}）" if entry.payer else ""
    return f"{when}拨付{format_share(entry.share)}{payer}"


def _target_text(entry: Target) -> str:
    first, last = entry.years
    years = f"{first}年" if first == last else f"{first}—{last}年"
    number = UNKNOWN if entry.compounds is None else f"{entry.compounds} 个小区"
    return f"{years} {entry.text or number}"


def _amount_text(amount: int | Fraction | None, unit: str) -> str:
    if amount is None:
        return BLANK
    if unit == "金额表":
        return f"{format_yuan(amount, none='0')} 元"
    return f"{float(amount):,.12g} ㎡" if unit == "面积表" else f"{amount}"


def _day_text(day: str) -> str:
    month, _, date = day.partition("-")
    return f"{int(month)}月{int(date)}日" if date else f"{int(month)}月"
