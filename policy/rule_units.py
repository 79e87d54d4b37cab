"""Units of the values in a rule profile, and the strict reading of one value.

A value is written in YAML by us, or arrives as JSON from a plan in which a planner has changed it; both are read
by the same functions, so that nothing enters by the second door that the first would refuse.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from errors import PolicyError
from policy import rule_entries as entries
from policy import rule_scalars as scalars
from policy.fact_list import facts
from policy.rule_entries import BLANK, Figure, Instalment, Step, Target
from policy.rule_scalars import FIRST_DAY, LAST_DAY
from policy.wording import format_share, format_yuan

__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "MONEY_SOURCES",
    "UNITS",
    "Figure",
    "Instalment",
    "Step",
    "Target",
    "Unit",
    "plain_value",
    "read_value",
    "value_text",
]

DENOMINATOR = 10

# Who pays, by the middle of the ledger's columns (grant_central_yuan, contribution_residents_yuan).
MONEY_SOURCES = {
    "central": "中央财政",
    "provincial": "省级财政",
    "city": "市级财政",
    "district": "区县财政",
    "residents": "居民",
    "utilities": "专营单位",
    "former_owner": "原产权单位",
    "private": "社会资本",
    "bond": "专项债",
}


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit of the closed list.

    Attributes
    ----------
    name : str
        As in the files and on the page.
    read : callable
        Raw value and place to the value, or PolicyError.
    """

    name: str
    read: Callable[[Any, str], Any]

    @property
    def example(self) -> str:
        """How to write it, for messages."""
        return scalars.EXAMPLES[self.name]


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
    if isinstance(value, Instalment | Target | Figure | Step):
        return {
            key: list(item) if key == "years" else plain_value(item)
            for key, item in vars(value).items()
            # A blank amount is said to be blank; what an entry does not have is left out.
            if item not in (None, "") or key == "amount"
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
        return BLANK
    if unit in _TABLES:
        return "；".join(entries.entry_text(entry, unit) for entry in value)
    written = _WRITTEN.get(unit)
    if written is not None:
        return written(value)
    number = f"{float(value):,.12g}" if isinstance(value, Fraction) else f"{value}"
    return number if unit == "数" else f"{number} {unit}"


def _share_text(share: Fraction) -> str:
    """Write per cent where that is exact to a decimal, else the fraction of the source."""
    return format_share(share) if DENOMINATOR % (100 * share).denominator == 0 else str(share)


def _sources(raw: Any, where: str) -> tuple[str, ...]:
    found = scalars.texts(raw, where, "资金来源")
    unknown = [source for source in found if source not in MONEY_SOURCES]
    if unknown:
        known = "、".join(f"{key}（{title}）" for key, title in MONEY_SOURCES.items())
        raise PolicyError(f"{where} 有不认识的资金来源 {'、'.join(unknown)}，可用的是：{known}。")
    return found


def _fact(raw: Any, where: str) -> str:
    found = scalars.text(raw, where, "小区情况")
    if found not in facts():
        raise PolicyError(
            f"{where} 有不认识的小区情况 {found}，可用的是：{_fact_titles(facts(), key=True)}。"
        )
    return found


def _facts(raw: Any, where: str) -> tuple[str, ...]:
    return tuple(_fact(key, where) for key in scalars.texts(raw, where, "小区情况表"))


def _fact_titles(keys: Iterable[str], *, key: bool = False) -> str:
    titles = (f"{k}（{facts()[k].title}）" if key else facts()[k].title for k in keys)
    return "、".join(titles)


def _joined(items: tuple[str, ...]) -> str:
    """Items one by one; those that hold a 、 themselves are kept apart by a semicolon."""
    return ("；" if any("、" in item for item in items) else "、").join(items)


_AMOUNT = 10**13
_YUAN = scalars.whole(0, _AMOUNT, "元")
_COUNT = scalars.whole(0, _AMOUNT, "个")
_LIST = (
    Unit(name="日期", read=scalars.date),
    Unit(name="月日", read=scalars.month_day),
    Unit(name="日", read=scalars.whole(1, 31, "日")),
    Unit(name="工作日", read=scalars.whole(0, 250, "工作日")),
    Unit(name="年", read=scalars.whole(0, LAST_DAY.year, "年")),
    Unit(name="比例", read=scalars.share),
    Unit(name="元", read=_YUAN),
    Unit(name="户", read=scalars.whole(0, _AMOUNT, "户")),
    Unit(name="人", read=scalars.whole(0, _AMOUNT, "人")),
    Unit(name="个", read=_COUNT),
    Unit(name="轮", read=scalars.whole(1, 9, "轮")),
    Unit(name="㎡", read=scalars.number("㎡")),
    Unit(name="米", read=scalars.number("米")),
    Unit(name="数", read=scalars.number("数")),
    Unit(name="是否", read=scalars.flag),
    Unit(name="文字", read=scalars.text),
    Unit(name="列表", read=scalars.texts),
    Unit(name="小区情况", read=_fact),
    Unit(name="小区情况表", read=_facts),
    Unit(name="资金来源", read=_sources),
    Unit(name="拨付", read=entries.instalments),
    Unit(name="年度任务", read=entries.targets),
    Unit(name="金额表", read=entries.figures("金额表", _YUAN)),
    Unit(name="面积表", read=entries.figures("面积表", scalars.number("㎡"))),
    Unit(name="数量表", read=entries.figures("数量表", _COUNT)),
    Unit(name="日程", read=entries.steps),
)
UNITS: dict[str, Unit] = {unit.name: unit for unit in _LIST}
_TABLES = ("拨付", "年度任务", "金额表", "面积表", "数量表", "日程")

_WRITTEN: dict[str, Callable[[Any], str]] = {
    "比例": _share_text,
    "日期": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "月日": lambda day: f"{day[0]}月{day[1]}日",
    "日": lambda day: f"{day}日",
    "是否": lambda flag: "是" if flag else "否",
    "列表": _joined,
    "小区情况": lambda fact: _fact_titles([fact]),
    "小区情况表": _fact_titles,
    "资金来源": lambda sources: "、".join(MONEY_SOURCES[source] for source in sources),
    "文字": str,
    "轮": lambda number: f"第{number}轮",
    "元": lambda yuan: f"{format_yuan(yuan, none='0')} 元",
}
