"""改造内容清单: what a ledger's text asks for, and which class that has under a plan.

The list, the classes and the words around them are data in `standards/`, each with its source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

from errors import PolicyError
from policy.reader import document_titles
from policy.works import Work, WorkClass, classes, works
from policy.works_reading import Reading, WorkItem, read_works

__all__ = [
    "DEFAULT_RULES",
    "UNLISTED",
    "Reading",
    "Work",
    "WorkClass",
    "WorkItem",
    "class_names",
    "class_of",
    "class_share_frame",
    "class_shares",
    "has_work",
    "read_works",
    "rules_titles",
    "work_class",
    "work_titles",
    "works",
]

DEFAULT_RULES = "yuncheng-2024"

# Works that the plan has no slot for; shown beside its classes, so that shares add up to 1.
UNLISTED = "未列入"


def work_titles() -> dict[str, str]:
    """Titles of all works by id, in the order of the catalogue.

    Examples
    --------
    >>> work_titles()["facade"]
    '外墙修缮'
    """
    return {work.id: work.title for work in works().values()}


def rules_titles() -> dict[str, str]:
    """Plans that have classes of works, with their titles.

    Examples
    --------
    >>> "yuncheng-2024" in rules_titles()
    True
    """
    return {rules: document_titles()[rules] for rules in classes()}


def class_of(work: str, rules: str = DEFAULT_RULES) -> str | None:
    """Class of a work under a plan: 基础, 完善, 提升 (or the plan's own group), None if it has no slot.

    Parameters
    ----------
    work : str
        Id in the catalogue.
    rules : str
        Plan.

    Returns
    -------
    str or None

    Raises
    ------
    PolicyError
        If the work or the plan is not known.

    Examples
    --------
    >>> class_of("facade"), class_of("facade", "liuzhou-2022"), class_of("notice_board")
    ('完善', '基础', None)
    """
    found = work_class(work, rules)
    return None if found is None else found.name


def work_class(work: str, rules: str = DEFAULT_RULES) -> WorkClass | None:
    """Class of a work with the plan, the section and the word of the plan's list it rests on.

    Raises
    ------
    PolicyError
        If the work or the plan is not known.

    Examples
    --------
    >>> found = work_class("overhead_lines")
    >>> found.document, found.section, found.item
    ('yuncheng-2024', '三', '管线规整')
    """
    by_work = _classes(rules)
    if work not in by_work:
        raise PolicyError(f"改造内容清单里没有“{work}”，请从清单中选择。")
    return by_work[work]


def class_names(rules: str = DEFAULT_RULES) -> tuple[str, ...]:
    """Classes of a plan in its own order.

    Raises
    ------
    PolicyError
        If the plan is not known.

    Examples
    --------
    >>> class_names()
    ('基础', '完善', '提升')
    """
    found = _classes(rules).values()
    return tuple(dict.fromkeys(entry.name for entry in found if entry is not None))


def class_shares(text: str | None, rules: str = DEFAULT_RULES) -> dict[str, float]:
    """Share of each class among the works of a text, each work counted once.

    Parameters
    ----------
    text : str or None
        改造内容.
    rules : str
        Plan.

    Returns
    -------
    dict
        By class, with 未列入 for works that the plan has no slot for; together 1. Empty if no work was
        read, for then nothing is known.

    Raises
    ------
    PolicyError
        If the plan is not known.

    Examples
    --------
    >>> class_shares("路灯、消防、安防、党建宣传栏")
    {'基础': 0.5, '完善': 0.25, '提升': 0.0, '未列入': 0.25}
    """
    names = class_names(rules)
    found = _works_of(text) if isinstance(text, str) else ()
    if not found:
        return {}
    count = Counter(class_of(work, rules) or UNLISTED for work in found)
    return {name: count[name] / len(found) for name in (*names, UNLISTED)}


def class_share_frame(texts: pd.Series[str], rules: str = DEFAULT_RULES) -> pd.DataFrame:
    """Shares of the classes of many texts.

    Parameters
    ----------
    texts : Series
        改造内容, missing allowed.
    rules : str
        Plan.

    Returns
    -------
    DataFrame
        Index of `texts`, one column a class and 未列入; NaN where no work was read.

    Raises
    ------
    PolicyError
        If the plan is not known.
    """
    columns = [*class_names(rules), UNLISTED]
    codes, different = pd.factorize(texts)
    rows = [class_shares(text, rules) for text in different]
    # One more row, all missing, is what the code -1 of a missing text picks.
    shares = [[row.get(name, np.nan) for name in columns] for row in [*rows, {}]]
    return pd.DataFrame(
        np.array(shares, dtype=float)[codes], index=texts.index, columns=pd.Index(columns)
    )


def has_work(texts: pd.Series[str], work: str) -> pd.Series[bool]:
    """Whether each text asks for a work.

    Parameters
    ----------
    texts : Series
        改造内容, missing allowed.
    work : str
        Id in the catalogue.

    Returns
    -------
    Series
        ``boolean``, index of `texts`, name ``has_work``; missing where there is no text.

    Raises
    ------
    PolicyError
        If the work is not known.

    Examples
    --------
    >>> has_work(pd.Series(["划线、路灯", "消防", None]), "parking_marking").tolist()
    [True, False, <NA>]
    """
    if work not in works():
        raise PolicyError(f"改造内容清单里没有“{work}”，请从清单中选择。")
    codes, different = pd.factorize(texts)
    asked = pd.array([work in _works_of(text) for text in different] + [pd.NA], dtype="boolean")
    return pd.Series(asked[codes], index=texts.index, name="has_work")


def _classes(rules: str) -> Mapping[str, WorkClass | None]:
    if rules not in classes():
        raise PolicyError(f"没有“{rules}”这个方案的分类，可选：{'、'.join(classes())}。")
    return classes()[rules]


@lru_cache(maxsize=100_000)
def _works_of(text: str) -> tuple[str, ...]:
    return read_works(text).works
