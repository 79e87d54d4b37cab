"""Works against a plan's list: the judge of the kind ``works_list``.

A closed list (楚雄 四) allows nothing else: a work that it does not name fails the compound. An open list
(“主要是……等”) says what there usually is: a work beyond it fails nothing, and the verdict names it, so that the
plan of the compound can give the reason. What the reader could not read is known to nobody and leaves the verdict
open under either.

Each distinct text is read and judged once, however many compounds share it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from errors import PolicyError
from policy.catalogue import class_names, read_works, work_titles
from policy.judged import FAIL, HOLD, UNSURE, Judging, Rows
from policy.profiles import Rule
from policy.works import WorkClass, classes

__all__ = ["WORKS", "ListCheck", "check_works", "judge_works"]

# A sentence names so many works or phrases, cut to so many characters; the card shows all.
_NAMED, _CHARACTERS = 12, 24


@dataclass(frozen=True, kw_only=True)
class ListCheck:
    """What a plan's list says about one text.

    Attributes
    ----------
    code : int
        `HOLD`, `UNSURE` or `FAIL`.
    listed, judged, outside : tuple of str
        Works that the list names, that we put under one of its groups, and that it has no slot for.
    unread : tuple of str
        Phrases that were not understood.
    """

    code: int
    listed: tuple[str, ...]
    judged: tuple[str, ...]
    outside: tuple[str, ...]
    unread: tuple[str, ...]

    @property
    def works(self) -> int:
        """Number of works read."""
        return len(self.listed) + len(self.judged) + len(self.outside)


def check_works(
    text: str | None, document: str, *, closed: bool, names: Sequence[str] = ()
) -> ListCheck:
    """Hold a text against a plan's list.

    Parameters
    ----------
    text : str or None
        改造内容.
    document : str
        Plan whose classes are the list; one without classes lists nothing.
    closed : bool
        Nothing else is allowed.
    names : sequence of str
        Names of the compound, which are places and no works.

    Returns
    -------
    ListCheck

    Raises
    ------
    PolicyError
        If the list is closed and the plan has none.

    Examples
    --------
    >>> check = check_works("路灯、党建宣传栏", "chuxiong-2020", closed=True)
    >>> check.code, check.outside
    (2, ('notice_board',))
    >>> check_works("路灯、党建宣传栏", "yuncheng-2024", closed=False).code
    0
    """
    by_work = _list_of(document, closed=closed)
    reading = read_works(text, names=names)
    slots = {work: by_work.get(work) for work in reading.works}
    outside = tuple(work for work, slot in slots.items() if slot is None)
    known = HOLD if slots and not reading.unread else UNSURE
    return ListCheck(
        code=FAIL if closed and outside else known,
        listed=tuple(work for work, slot in slots.items() if slot and not slot.judged),
        judged=tuple(work for work, slot in slots.items() if slot and slot.judged),
        outside=outside,
        unread=reading.unread,
    )


def judge_works(rule: Rule, judging: Judging) -> Rows:
    """Judge the planned works of all compounds by the list of the profile's document.

    Parameters
    ----------
    rule : Rule
        Of kind ``works_list``.
    judging : Judging
        ``works_text`` of the frame is read, its ``name`` too; a frame without them knows no works.

    Returns
    -------
    Rows

    Raises
    ------
    PolicyError
        If the rule closes a list that the document does not have.
    """
    frame, document = judging.frame, judging.profile.document
    closed = bool(rule.get("closed"))
    _list_of(document, closed=closed)
    keys = _texts(frame)
    codes, different = pd.factorize(pd.Series(keys, index=frame.index, dtype=object))
    checks = [
        check_works(text, document, closed=closed, names=(name,) if name else ())
        for text, name in different
    ]
    # One more, for the code -1 of a missing text.
    checks.append(check_works(None, document, closed=closed))

    def say(at: int) -> tuple[str, str]:
        return _found(check := checks[codes[at]]), _message(check, document, closed=closed)

    return Rows(
        rule=rule,
        index=frame.index,
        codes=np.array([check.code for check in checks], dtype=np.int8)[codes],
        limit=_limit(document, closed=closed),
        say=say,
    )


WORKS: dict[str, Callable[[Rule, Judging], Rows]] = {"works_list": judge_works}


def _list_of(document: str, *, closed: bool) -> Mapping[str, WorkClass | None]:
    listed = classes().get(document)
    if listed is None and closed:
        raise PolicyError(
            f"“{document}”没有改造内容清单，不能规定“清单以外不得改造”；"
            f"请改为开放清单，或以有清单的方案为底本：{'、'.join(classes())}。"
        )
    return listed or {}


def _texts(frame: pd.DataFrame) -> list[tuple[str, str] | None]:
    """Text of each compound, with its name where the text holds it; None where there is no text."""
    if "works_text" not in frame:
        return [None] * len(frame)
    names: Iterable[Any] = frame["name"] if "name" in frame else [None] * len(frame)
    return [
        (text, name if isinstance(name, str) and name and name in text else "")
        if isinstance(text, str)
        else None
        for text, name in zip(frame["works_text"], names, strict=True)
    ]


def _limit(document: str, *, closed: bool) -> str:
    if document not in classes():
        return "方案未列清单"
    return f"{'、'.join(class_names(document))}" + (
        "，清单以外不得改造" if closed else "，可以增列"
    )


def _found(check: ListCheck) -> str:
    if check.code == FAIL:
        return f"清单以外：{_titles(check.outside)}"
    if not check.works and not check.unread:
        return ""
    unread = f"，{len(check.unread)} 处未读懂" if check.unread else ""
    return f"{check.works} 项改造内容{unread}"


def _message(check: ListCheck, document: str, *, closed: bool) -> str:
    if not check.works and not check.unread:
        return "没有填写计划改造内容，不能判断；请在台账里补上。"
    said = [_about_outside(check, document, closed=closed), _about_unread(check)]
    if check.judged and closed:
        said.append(f"{_titles(check.judged)}不是清单原词，由本工具归入相近的一类，请核对。")
    return "".join(said)


def _about_outside(check: ListCheck, document: str, *, closed: bool) -> str:
    if closed and check.outside:
        return f"{_titles(check.outside)}不在清单内，清单以外不得改造；请从方案中去掉，或另行立项。"
    if check.outside and document in classes():
        return (
            f"{check.works} 项改造内容中，{_titles(check.outside)}未列入清单；清单是开放的，可以增列，"
            "请在小区的改造方案里写明理由。"
        )
    if check.outside:
        return f"方案没有列出改造内容清单，读到 {check.works} 项，不作限制。"
    return f"{check.works} 项改造内容都在清单内。" if check.works else ""


def _about_unread(check: ListCheck) -> str:
    if not check.unread:
        return ""
    return f"“{_named(check.unread)}”没有读懂，不能判断是否属于清单；请改用清单里的说法。"


def _titles(found: Sequence[str]) -> str:
    return _named([work_titles()[work] for work in found])


def _named(words: Sequence[str]) -> str:
    shown = [w if len(w) <= _CHARACTERS else f"{w[:_CHARACTERS]}…" for w in words[:_NAMED]]
    more = f"等 {len(words)} 处" if len(words) > _NAMED else ""
    return "、".join(shown) + more
