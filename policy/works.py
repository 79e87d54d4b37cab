"""The catalogue of works as records, read from the standards' files and checked as a whole."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from errors import PolicyError
from policy.reader import (
    STANDARDS,
    check_date,
    check_keys,
    check_source,
    check_text,
    check_texts,
    document_titles,
    read_rules,
)

__all__ = [
    "ReadingWords",
    "Work",
    "WorkClass",
    "classes",
    "half_width",
    "reading_words",
    "spelling",
    "works",
]


@dataclass(frozen=True, kw_only=True)
class Work:
    """One item of the catalogue.

    Attributes
    ----------
    id : str
        For ever.
    title : str
        Chinese name.
    words : tuple of str
        How ledgers write it, in the spelling of `spelling`, the title included.
    document, section : str
        Where it is named.
    """

    id: str
    title: str
    words: tuple[str, ...]
    document: str
    section: str


@dataclass(frozen=True, kw_only=True)
class WorkClass:
    """Class of one work under one plan.

    Attributes
    ----------
    name : str
        基础, 完善 or 提升; other plans have their own groups.
    item : str
        Word of the plan's list, or the reason where the class is judged.
    judged : bool
        The plan's list has no such word; the class is ours.
    document, section : str
        The plan's list.
    """

    name: str
    item: str
    judged: bool
    document: str
    section: str


@dataclass(frozen=True, kw_only=True)
class ReadingWords:
    """Words around the works in a text: what they say is how, where and how many.

    ``headings`` stand over a list of works and name none (完善类); ``name_ends`` are how names of places end.
    """

    fillers: tuple[str, ...]
    places: tuple[str, ...]
    name_ends: tuple[str, ...]
    headings: tuple[str, ...]
    units: tuple[str, ...]


def half_width(text: str) -> str:
    """Write half-width letters, digits and signs, without blanks and line breaks.

    Examples
    --------
    >>> half_width("Ａ区 车位划线，５Ｍ")
    'A区车位划线,5M'
    """
    return "".join(unicodedata.normalize("NFKC", text).split())


def spelling(text: str) -> str:
    """Spell a word for comparison: half-width, small letters.

    Examples
    --------
    >>> spelling("５Ｍ")
    '5m'
    """
    return half_width(text).lower()


@cache
def works(path: Path = STANDARDS / "works.yaml") -> Mapping[str, Work]:
    """All works by id, in the order of the catalogue.

    Raises
    ------
    PolicyError
        If the file is malformed, or a word stands for two works.
    """
    rules = check_keys(read_rules(path), where=path.name, required=("checked_on", "works"))
    check_date(rules["checked_on"], where=f"{path.name}：checked_on")
    if not isinstance(rules["works"], list):
        raise PolicyError(f"{path.name}：works 应是列表，每项有 id、title、words、source。")
    found = [_work(entry, f"{path.name}：works[{k}]") for k, entry in enumerate(rules["works"])]
    _refuse_twice([work.id for work in found], where=f"{path.name}：works 的 id")
    _refuse_twice([word for work in found for word in work.words], where=f"{path.name}：words")
    return {work.id: work for work in found}


@cache
def classes(
    path: Path = STANDARDS / "work_classes.yaml",
) -> Mapping[str, Mapping[str, WorkClass | None]]:
    """Class of every work, by plan and work; None where the plan has no slot for it.

    Raises
    ------
    PolicyError
        If the file is malformed, or a work is missing or stands twice under a plan.
    """
    return {
        document: _plan_classes(document, entry, path.name)
        for document, entry in read_rules(path).items()
    }


@cache
def reading_words(path: Path = STANDARDS / "reading_words.yaml") -> ReadingWords:
    """Words around the works.

    Raises
    ------
    PolicyError
        If the file is malformed.
    """
    kinds = ("fillers", "places", "name_ends", "headings", "units")
    rules = check_keys(read_rules(path), where=path.name, required=("sources", *kinds))
    for source in check_texts(rules["sources"], where=f"{path.name}：sources"):
        check_source(source, where=f"{path.name}：sources")
    texts = {
        key: tuple(spelling(word) for word in check_texts(rules[key], where=f"{path.name}：{key}"))
        for key in kinds
    }
    return ReadingWords(**texts)


def _work(entry: object, where: str) -> Work:
    values = check_keys(entry, where=where, required=("id", "title", "words", "source"))
    document, section = check_source(values["source"], where=f"{where}.source")
    title = check_text(values["title"], where=f"{where}.title")
    words = check_texts(values["words"], where=f"{where}.words")
    return Work(
        id=check_text(values["id"], where=f"{where}.id"),
        title=title,
        words=tuple(spelling(word) for word in (title, *words)),
        document=document,
        section=section,
    )


def _plan_classes(document: str, entry: object, file: str) -> dict[str, WorkClass | None]:
    where = f"{file}：{document}"
    if document not in document_titles():
        raise PolicyError(f"{where} 不是已登记的文件，请先在 documents.yaml 里登记。")
    values = check_keys(
        entry,
        where=where,
        required=("section", "checked_on", "classes", "judged", "unlisted"),
    )
    check_date(values["checked_on"], where=f"{where}.checked_on")
    section = check_text(values["section"], where=f"{where}.section")
    rows: list[tuple[str, WorkClass | None]] = [
        (work, WorkClass(name=name, item=item, judged=judged, document=document, section=section))
        for key, judged in (("classes", False), ("judged", True))
        for name, item, work in _listed(values[key], f"{where}.{key}")
    ]
    rows += [(work, None) for work in check_texts(values["unlisted"], where=f"{where}.unlisted")]
    _refuse_twice([work for work, _ in rows], where=where)
    _refuse_incomplete({work for work, _ in rows}, where)
    return dict(rows)


def _listed(entry: object, where: str) -> list[tuple[str, str, str]]:
    """Rows of class, word of the list, work."""
    if not isinstance(entry, dict) or not all(isinstance(items, dict) for items in entry.values()):
        raise PolicyError(f"{where} 应写成“类别: {{清单用词: [改造内容]}}”的样子。")
    return [
        (str(name), str(item), work)
        for name, items in entry.items()
        for item, listed in items.items()
        for work in check_texts(listed, where=f"{where}.{name}.{item}")
    ]


def _refuse_twice(values: list[str], *, where: str) -> None:
    twice = sorted(value for value, count in Counter(values).items() if count > 1)
    if twice:
        raise PolicyError(f"{where} 里重复：{'、'.join(twice)}。每个只能出现一次，请删去多余的。")


def _refuse_incomplete(found: set[str], where: str) -> None:
    unknown, missing = sorted(found - set(works())), sorted(set(works()) - found)
    if unknown:
        raise PolicyError(f"{where} 用了清单里没有的改造内容：{'、'.join(unknown)}。")
    if missing:
        raise PolicyError(
            f"{where} 没有给出这些改造内容的类别：{'、'.join(missing)}；没有对应的请列入 unlisted。"
        )
