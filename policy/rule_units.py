"""Units of the values in a rule profile, and the strict reading of one value.

A value is written in YAML by us, or arrives as JSON from a plan in which a planner has changed it; both are read
by the same functions, so that nothing enters by the second door that the first would refuse.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from errors import PolicyError
from policy.wording import UNKNOWN, format_share, format_yuan

__all__ = ["UNITS", "Instalment", "Target", "Unit", "plain_value", "read_value", "value_text"]

# Dates of these plans lie between the founding of the housing bureaus and the end of the next plans.
FIRST_DAY, LAST_DAY = dt.date(1949, 10, 1), dt.date(2060, 12, 31)
DENOMINATOR = 10


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
class Unit:
    """A unit of the closed list.

    Attributes
    ----------
    name : str
        As in the files and on the page.
    read : callable
        Raw value and place to the value, or PolicyError.
    example : str
        How to write it, for messages.
    """

    name: str
    read: Callable[[Any, str], Any]
    example: str


def read_value(raw: Any, unit: str, *, where: str) -> Any:
    """Read one value.

    Parameters
    ----------
    raw : object
        From YAML or JSON; None is a figure that the plan leaves blank.
    unit : str
        One of `UNITS`.
    where : str
        File and key, for the message.

    Returns
    -------
    date, tuple, int, Fraction, bool, str or None

    Raises
    ------
    PolicyError
        If the unit is not in the list, or the value does not fit it.

    Examples
    --------
    >>> read_value("2/3", "比例", where="例"), read_value("20%", "比例", where="例")
    (Fraction(2, 3), Fraction(1, 5))
    >>> read_value("10-31", "月日", where="例")
    (10, 31)
    """
    if unit not in UNITS:
        raise PolicyError(f"{where} 的单位“{unit}”不在单位表里，可用的是：{'、'.join(UNITS)}。")
    return None if raw is None else UNITS[unit].read(raw, where)


def plain_value(value: Any) -> Any:
    """Turn a value into plain ones for JSON, such that `read_value` reads the same again.

    Examples
    --------
    >>> plain_value(Fraction(2, 3)), plain_value((10, 31)), plain_value(dt.date(2000, 12, 31))
    ('2/3', '10-31', '2000-12-31')
    """
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        if value and isinstance(value[0], int):
            return "-".join(f"{part:02d}" for part in value)
        return [plain_value(item) for item in value]
    if isinstance(value, Instalment | Target):
        return {
            key: list(item) if key == "years" else plain_value(item)
            for key, item in vars(value).items()
            if item not in (None, "")
        }
    return value


def value_text(value: Any, unit: str) -> str:
    """Write a value for the page.

    Examples
    --------
    >>> value_text(Fraction(3, 20), "比例"), value_text(Fraction(2, 3), "比例"), value_text(None, "年")
    ('15.0%', '2/3', '原文留空')
    """
    if value is None:
        return "原文留空"
    written = _WRITTEN.get(unit)
    if written is not None:
        return written(value)
    number = f"{float(value):,g}" if isinstance(value, Fraction) else f"{value}"
    return number if unit == "数" else f"{number} {unit}"


def _share_text(share: Fraction) -> str:
    """Write per cent where that is exact to a decimal, else the fraction of the source."""
    return format_share(share) if DENOMINATOR % (100 * share).denominator == 0 else str(share)


def _entry_text(entry: Instalment | Target) -> str:
    if isinstance(entry, Target):
        first, last = entry.years
        years = f"{first}年" if first == last else f"{first}—{last}年"
        return f"{years}{entry.text or f'{entry.compounds} 个小区'}"
    when = {
        "进度": f"进度达{format_share(entry.progress)}" if entry.progress else "按进度",
        "验收": "竣工验收合格",
        "质保": f"质保满{entry.months}个月",
    }[entry.when]
    payer = f"（{entry.payer}）" if entry.payer else ""
    return f"{when}拨付{format_share(entry.share)}{payer}"


def _date(raw: Any, where: str) -> dt.date:
    if isinstance(raw, str):
        try:
            raw = dt.date.fromisoformat(raw)
        except ValueError as err:
            raise _wrong(raw, where, "日期") from err
    if not isinstance(raw, dt.date) or isinstance(raw, dt.datetime):
        raise _wrong(raw, where, "日期")
    if not FIRST_DAY <= raw <= LAST_DAY:
        raise PolicyError(
            f"{where} 的日期 {raw} 不在 {FIRST_DAY.year}—{LAST_DAY.year} 年之间，请核对年份。"
        )
    return raw


def _month_day(raw: Any, where: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,2})-(\d{1,2})", raw) if isinstance(raw, str) else None
    if not found:
        raise _wrong(raw, where, "月日")
    month, day = int(found[1]), int(found[2])
    try:
        dt.date(2000, month, day)
    except ValueError as err:
        raise _wrong(raw, where, "月日") from err
    return month, day


def _whole(least: int, most: int, unit: str) -> Callable[[Any, str], int]:
    def read(raw: Any, where: str) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise _wrong(raw, where, unit)
        if not least <= raw <= most:
            raise PolicyError(f"{where} 是 {raw}，应在 {least} 到 {most} 之间，请核对。")
        return raw

    return read


def _share(raw: Any, where: str) -> Fraction:
    text = raw if isinstance(raw, str) else repr(raw)
    try:
        share = (
            Fraction(text.removesuffix("%").strip()) / 100
            if text.endswith("%")
            else Fraction(text.strip())
        )
    except (ValueError, ZeroDivisionError) as err:
        raise _wrong(raw, where, "比例") from err
    if isinstance(raw, bool) or not 0 <= share <= 1:
        raise PolicyError(f"{where} 是 {raw}，比例应在 0 到 1 之间（如 2/3、0.15、20%），请改正。")
    return share


def _number(raw: Any, where: str) -> Fraction:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise _wrong(raw, where, "㎡")
    try:
        number = Fraction(str(raw))
    except (ValueError, ZeroDivisionError) as err:
        raise _wrong(raw, where, "㎡") from err
    if number < 0:
        raise PolicyError(f"{where} 是 {raw}，不能小于 0，请改正。")
    return number


def _flag(raw: Any, where: str) -> bool:
    if not isinstance(raw, bool):
        raise _wrong(raw, where, "是否")
    return raw


def _text(raw: Any, where: str) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise _wrong(raw, where, "文字")
    return raw


def _texts(raw: Any, where: str) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple):
        raise _wrong(raw, where, "列表")
    return tuple(_text(item, f"{where}[{k}]") for k, item in enumerate(raw))


def _entries(raw: Any, where: str, unit: str) -> list[Mapping[str, Any]]:
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw) or not raw:
        raise _wrong(raw, where, unit)
    return raw


def _known_keys(entry: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    unknown = [key for key in entry if key not in allowed]
    if unknown:
        raise PolicyError(
            f"{where} 有不认识的键 {'、'.join(map(str, unknown))}，可用的是：{'、'.join(allowed)}。"
        )


def _instalments(raw: Any, where: str) -> tuple[Instalment, ...]:
    steps = []
    for k, entry in enumerate(_entries(raw, where, "拨付")):
        at = f"{where}[{k}]"
        _known_keys(entry, ("when", "progress", "months", "share", "payer"), at)
        if entry.get("when") not in ("进度", "验收", "质保") or "share" not in entry:
            raise _wrong(entry, at, "拨付")
        progress, months = entry.get("progress"), entry.get("months")
        steps.append(
            Instalment(
                when=entry["when"],
                share=_share(entry["share"], f"{at}.share"),
                progress=None if progress is None else _share(progress, f"{at}.progress"),
                months=None if months is None else _whole(1, 600, "个")(months, f"{at}.months"),
                payer=str(entry.get("payer", "")),
            )
        )
    if sum(step.share for step in steps) != 1:
        total = format_share(sum((step.share for step in steps), Fraction(0)))
        raise PolicyError(f"{where} 各次拨付合计 {total}，应为 100%，请核对。")
    return tuple(steps)


def _targets(raw: Any, where: str) -> tuple[Target, ...]:
    targets = []
    for k, entry in enumerate(_entries(raw, where, "年度任务")):
        at = f"{where}[{k}]"
        _known_keys(entry, ("years", "compounds", "text"), at)
        years, compounds = entry.get("years"), entry.get("compounds")
        if not isinstance(years, list) or len(years) != 2 or not years[0] <= years[1]:
            raise _wrong(entry, at, "年度任务")
        number = None if compounds is None else _whole(0, 1_000_000, "个")(compounds, at)
        targets.append(
            Target(years=(years[0], years[1]), compounds=number, text=str(entry.get("text", "")))
        )
    return tuple(targets)


def _wrong(raw: Any, where: str, unit: str) -> PolicyError:
    return PolicyError(f"{where} 是 {raw!r}，单位是“{unit}”，应写成 {UNITS[unit].example} 的样子。")


_AMOUNT = 10**13
_LIST = (
    Unit(name="日期", read=_date, example="2000-12-31"),
    Unit(name="月日", read=_month_day, example='"10-31"'),
    Unit(name="日", read=_whole(1, 31, "日"), example="25"),
    Unit(name="工作日", read=_whole(0, 250, "工作日"), example="5"),
    Unit(name="年", read=_whole(0, 2060, "年"), example="5"),
    Unit(name="比例", read=_share, example="2/3、0.15 或 20%"),
    Unit(name="元", read=_whole(0, _AMOUNT, "元"), example="1000"),
    Unit(name="户", read=_whole(0, _AMOUNT, "户"), example="1061"),
    Unit(name="个", read=_whole(0, _AMOUNT, "个"), example="5"),
    Unit(name="㎡", read=_number, example="7225"),
    Unit(name="米", read=_number, example="4.5"),
    Unit(name="数", read=_number, example="1.5"),
    Unit(name="是否", read=_flag, example="true 或 false"),
    Unit(name="文字", read=_text, example="一句话"),
    Unit(name="列表", read=_texts, example="[甲, 乙]"),
    Unit(name="拨付", read=_instalments, example="[{when: 进度, progress: 50%, share: 30%}, …]"),
    Unit(name="年度任务", read=_targets, example="[{years: [2020, 2020], compounds: 79}]"),
)
UNITS: dict[str, Unit] = {unit.name: unit for unit in _LIST}

_WRITTEN: dict[str, Callable[[Any], str]] = {
    "比例": _share_text,
    "日期": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "月日": lambda day: f"{day[0]}月{day[1]}日",
    "日": lambda day: f"{day}日",
    "是否": lambda flag: "是" if flag else "否",
    "列表": lambda items: "、".join(items) or UNKNOWN,
    "拨付": lambda steps: "；".join(map(_entry_text, steps)),
    "年度任务": lambda targets: "；".join(map(_entry_text, targets)),
    "文字": str,
    "元": lambda yuan: f"{format_yuan(yuan, none='0')} 元",
}
