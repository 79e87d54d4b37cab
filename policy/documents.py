"""The documents that rules, works and figures are cited from, and how a citation is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from errors import PolicyError
from policy.reader import STANDARDS, check_date, check_keys, check_text, read_rules

__all__ = ["Document", "cite", "document", "documents", "own_document"]

# A planner's own paper (minutes, a notice of the city) is cited by its name, not by an entry of the file.
_OWN = "own:"


@dataclass(frozen=True, kw_only=True)
class Document:
    """One source.

    Attributes
    ----------
    id : str
        Short name that files and rules cite it with.
    title : str
        Full title.
    short : str
        As a clause names it: the document number if it has one.
    issued_on : date or None
        Day of issue, if the source gives it.
    link : str or None
        Address, if known.
    checked_on : date or None
        When the entry was last held against the source; None for a planner's own paper.
    """

    id: str
    title: str
    short: str
    issued_on: dt.date | None
    link: str | None
    checked_on: dt.date | None


@cache
def documents() -> Mapping[str, Document]:
    """All documents by id.

    Raises
    ------
    PolicyError
        If the file is malformed.
    """
    entries = read_rules(STANDARDS / "documents.yaml")
    return {key: _document(key, entry) for key, entry in entries.items()}


def own_document(name: str) -> str:
    """Id under which a planner's own paper is cited.

    Examples
    --------
    >>> cite(own_document("市长办公会纪要〔2026〕3号"), "第二条")
    '〔市长办公会纪要〔2026〕3号 第二条〕'
    """
    return f"{_OWN}{name}"


def document(key: str) -> Document:
    """Find a document.

    Raises
    ------
    PolicyError
        If there is none of that id.
    """
    if key.startswith(_OWN):
        name = key.removeprefix(_OWN)
        return Document(id=key, title=name, short=name, issued_on=None, link=None, checked_on=None)
    if key not in documents():
        raise PolicyError(f"没有登记文件“{key}”，可用的有：{'、'.join(documents())}。")
    return documents()[key]


def cite(key: str, section: str) -> str:
    """Write a clause as it stands behind a verdict.

    Examples
    --------
    >>> cite("chuxiong-2020", "三(一)")
    '〔楚市政办通〔2020〕5号 三(一)〕'
    """
    return f"〔{document(key).short} {section}〕"


def _document(key: str, entry: object) -> Document:
    where = f"documents.yaml：{key}"
    values = check_keys(
        entry,
        where=where,
        required=("title", "short", "checked_on"),
        optional=("issued_on", "link"),
    )
    issued, link = values.get("issued_on"), values.get("link")
    return Document(
        id=key,
        title=check_text(values["title"], where=f"{where}.title"),
        short=check_text(values["short"], where=f"{where}.short"),
        issued_on=None if issued is None else check_date(issued, where=f"{where}.issued_on"),
        link=None if link is None else check_text(link, where=f"{where}.link"),
        checked_on=check_date(values["checked_on"], where=f"{where}.checked_on"),
    )
