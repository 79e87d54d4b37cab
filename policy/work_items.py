"""Numbered items of works in a plan's own table (阳江 附件1: 25 items in four groups), with their standards.

A plan's items are finer than its classes: the ledger's works are told by them, and a standard to build to
stands beside each. The last group of 阳江 is about governance and has no works.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from errors import PolicyError
from policy.documents import cite, document
from policy.reader import STANDARDS, check_date, check_keys, check_text, check_texts, read_rules
from policy.works import works

__all__ = ["Item", "ItemTable", "item_of", "item_table", "item_tables", "items"]


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item of a plan's table.

    Attributes
    ----------
    number : int
        As the plan counts them.
    group, title : str
        As the plan names them.
    standard : str
        What has to be reached, in our words.
    works : tuple of str
        Works of the catalogue that belong to it; none in a group about governance.
    also : tuple of str
        Works that it touches as well, though they belong to another item.
    document, section : str
        The table.
    """

    number: int
    group: str
    title: str
    standard: str
    works: tuple[str, ...]
    also: tuple[str, ...]
    document: str
    section: str

    @property
    def clause(self) -> str:
        """Reference as shown behind it.

        Examples
        --------
        >>> items("yangjiang-2021")[13].clause
        '〔阳江市2021-2025年实施方案（征求意见稿） 附件1第14项〕'
        """
        return cite(self.document, f"{self.section}第{self.number}项")


@dataclass(frozen=True, kw_only=True)
class ItemTable:
    """The items of one plan.

    Attributes
    ----------
    items : tuple of Item
        In the order of the plan.
    judged : mapping
        Works that their item does not name, to the reason why they are put there.
    without : mapping
        Works that the table has no item for, to the reason.
    """

    items: tuple[Item, ...] = ()
    judged: Mapping[str, str]
    without: Mapping[str, str]


def items(key: str) -> tuple[Item, ...]:
    """Items of a plan; none if the plan does not number its works.

    Raises
    ------
    PolicyError
        If the document is not known.

    Examples
    --------
    >>> [len([i for i in items("yangjiang-2021") if i.group == g])
    ...  for g in dict.fromkeys(i.group for i in items("yangjiang-2021"))]
    [13, 7, 3, 2]
    >>> items("yuncheng-2024")
    ()
    """
    return item_table(key).items


def item_of(work: str, key: str) -> Item | None:
    """Item of a plan's table that a work belongs to; None if the table has none.

    Raises
    ------
    PolicyError
        If the work or the document is not known.

    Examples
    --------
    >>> item_of("facade", "yangjiang-2021").title, item_of("notice_board", "yangjiang-2021")
    ('立面整治', None)
    """
    if work not in works():
        raise PolicyError(f"改造内容清单里没有“{work}”，请从清单中选择。")
    return next((item for item in items(key) if work in item.works), None)


def item_table(key: str) -> ItemTable:
    """Table of a plan; empty if it has none.

    Raises
    ------
    PolicyError
        If the document is not known.
    """
    document(key)
    return item_tables().get(key, ItemTable(judged={}, without={}))


@cache
def item_tables(path: Path = STANDARDS / "work_items.yaml") -> Mapping[str, ItemTable]:
    """Tables of all plans that have one.

    Raises
    ------
    PolicyError
        If the file is malformed, the numbers do not run from 1, or a work is missing or stands twice.
    """
    return {key: _table(key, entry, path.name) for key, entry in read_rules(path).items()}


def _table(key: str, entry: object, file: str) -> ItemTable:
    document(key)
    where = f"{file}：{key}"
    values = check_keys(
        entry, where=where, required=("section", "checked_on", "groups", "judged", "without")
    )
    check_date(values["checked_on"], where=f"{where}.checked_on")
    section = check_text(values["section"], where=f"{where}.section")
    if not isinstance(values["groups"], list) or not values["groups"]:
        raise PolicyError(f"{where}.groups 应是列表，每组有 title 和 items。")
    found = tuple(
        item
        for k, group in enumerate(values["groups"])
        for item in _group(group, key, section, f"{where}.groups[{k}]")
    )
    table = ItemTable(
        items=found,
        judged=_reasons(values["judged"], f"{where}.judged"),
        without=_reasons(values["without"], f"{where}.without"),
    )
    _refuse_gaps(table, where)
    return table


def _group(entry: object, key: str, section: str, where: str) -> list[Item]:
    values = check_keys(entry, where=where, required=("title", "items"), optional=("governance",))
    group = check_text(values["title"], where=f"{where}.title")
    if not isinstance(values["items"], list):
        raise PolicyError(f"{where}.items 应是列表，每项有 number、title、standard、works。")
    has_works = values.get("governance") is not True
    source = {"group": group, "document": key, "section": section}
    return [
        _item(item, source, f"{where}.items[{k}]", has_works=has_works)
        for k, item in enumerate(values["items"])
    ]


def _item(entry: object, source: Mapping[str, Any], where: str, *, has_works: bool) -> Item:
    required = ("number", "title", "standard", *(["works"] if has_works else []))
    values = check_keys(
        entry, where=where, required=required, optional=("also",) if has_works else ()
    )
    number = values["number"]
    if not isinstance(number, int) or isinstance(number, bool):
        raise PolicyError(f"{where}.number 应是整数，现在是 {number!r}。")
    return Item(
        number=number,
        title=check_text(values["title"], where=f"{where}.title"),
        standard=check_text(values["standard"], where=f"{where}.standard"),
        works=tuple(check_texts(values.get("works", []), where=f"{where}.works")),
        also=tuple(check_texts(values.get("also", []), where=f"{where}.also")),
        **source,
    )


def _reasons(entry: object, where: str) -> dict[str, str]:
    if not isinstance(entry, dict):
        raise PolicyError(f"{where} 应是“改造内容: 理由”。")
    return {str(work): check_text(why, where=f"{where}.{work}") for work, why in entry.items()}


def _refuse_gaps(table: ItemTable, where: str) -> None:
    numbers = [item.number for item in table.items]
    if numbers != list(range(1, len(numbers) + 1)):
        raise PolicyError(f"{where} 的 number 应从 1 起连续编号，现在是 {numbers}。")
    placed = [work for item in table.items for work in item.works]
    count = Counter([*placed, *table.without])
    also = {work for item in table.items for work in item.also}
    problems = {
        "重复": [work for work, times in count.items() if times > 1],
        "清单里没有": [work for work in {*count, *also, *table.judged} if work not in works()],
        "没有写到": [work for work in works() if work not in count],
        "写了理由却不在任何一项里": [work for work in table.judged if work not in placed],
    }
    said = "；".join(
        f"{what}：{'、'.join(sorted(found))}" for what, found in problems.items() if found
    )
    if said:
        raise PolicyError(f"{where} {said}。每项改造内容应归入一项，或在 without 里写明理由。")
