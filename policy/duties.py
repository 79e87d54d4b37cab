"""Which department answers for which work and step (责任分工), as the plans' own lists of duties say.

A duty names the works it answers for, or none where it is general (money, approvals, publicity). Works that a plan
lists without naming anybody are gaps: they are said, with the unit that leads and has to settle it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from errors import PolicyError
from policy.catalogue import read_works, work_titles
from policy.documents import cite, document
from policy.reader import STANDARDS, check_date, check_keys, check_text, check_texts, read_rules
from policy.works import classes, works

__all__ = [
    "COLUMNS",
    "GENERAL",
    "UNNAMED",
    "Duty",
    "DutyList",
    "duties",
    "duty_list",
    "duty_table",
    "read_duties",
]

COLUMNS = ("责任单位", "职责", "涉及改造内容", "依据")
# What stands under 涉及改造内容 for a duty that belongs to no single work.
GENERAL = "综合职责，不限于某项改造内容"
# What stands under 责任单位 where the plan names nobody.
UNNAMED = "方案未写明"


@dataclass(frozen=True, kw_only=True)
class Duty:
    """One duty of one unit.

    Attributes
    ----------
    unit, what : str
        Who, as the plan names it; and the duty, in our words.
    works : tuple of str
        Works it answers for, in the order of the catalogue; none where it is general.
    stages : tuple of str
        Stages at which it is wanted; none where throughout or with its works.
    document, section : str
    why : str
        Reason where the source does not name these works itself; else empty.
    """

    unit: str
    what: str
    works: tuple[str, ...]
    stages: tuple[str, ...]
    document: str
    section: str
    why: str = ""

    @property
    def clause(self) -> str:
        """Reference, with our reasoning where the source leaves it open."""
        return cite(self.document, self.section) + (f"（{self.why}）" if self.why else "")


@dataclass(frozen=True, kw_only=True)
class DutyList:
    """The duties of one plan.

    Attributes
    ----------
    document : str
    duties : tuple of Duty
        In the order of the plan.
    lead, lead_section : str
        Unit that has to settle what the plan leaves open; empty if the plan names nobody.
    gaps : mapping
        Works that the plan lists and names nobody for, to the reason.
    """

    document: str
    duties: tuple[Duty, ...] = ()
    lead: str = ""
    lead_section: str = ""
    gaps: Mapping[str, str]


def duties(key: str) -> tuple[Duty, ...]:
    """Duties of a plan; none if it lists none.

    Raises
    ------
    PolicyError
        If the document is not known.

    Examples
    --------
    >>> [duty.unit for duty in duties("liuzhou-2022") if "fire_lane" in duty.works]
    ['市消防救援支队']
    >>> duties("litong-parking")
    ()
    """
    return duty_list(key).duties


def duty_list(key: str) -> DutyList:
    """Duties and gaps of a plan; empty if it lists none.

    Raises
    ------
    PolicyError
        If the document is not known.
    """
    document(key)
    return _duty_lists().get(key, DutyList(document=key, gaps={}))


def duty_table(texts: pd.DataFrame | Iterable[str | None], key: str) -> pd.DataFrame:
    """Make the 责任分工 table of a 片区: who answers for the works that its compounds plan.

    Parameters
    ----------
    texts : DataFrame or iterable of str or None
        Compounds with ``works_text`` (and ``name``), or the texts themselves.
    key : str
        Document whose duties they are.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`. First the units that answer for a work, in the order of the plan; then, under
        `UNNAMED`, works that it names nobody for, works that it does not list, and phrases that could not be
        read; then the general duties, whose 涉及改造内容 is `GENERAL`.

    Raises
    ------
    PolicyError
        If the document is not known.

    Examples
    --------
    >>> table = duty_table(["安防、消防、党建宣传栏、许愿池"], "chuxiong-2020")
    >>> table.iloc[:4, [0, 2]].values.tolist()
    ... # doctest: +NORMALIZE_WHITESPACE
    [['市公安局', '安防'], ['方案未写明（由鹿城镇人民政府统筹）', '消防'],
     ['方案未写明（由鹿城镇人民政府统筹）', '党建宣传栏'], ['方案未写明（由鹿城镇人民政府统筹）', '许愿池']]
    """
    listed = duty_list(key)
    found, unread = _planned(texts)
    rows = [
        (duty.unit, duty.what, _titles(mine), duty.clause)
        for duty in listed.duties
        if (mine := [work for work in duty.works if work in found])
    ]
    rows += _unanswered(listed, found, unread)
    rows += [
        (duty.unit, duty.what, GENERAL, duty.clause) for duty in listed.duties if not duty.works
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def _planned(texts: pd.DataFrame | Iterable[str | None]) -> tuple[list[str], list[str]]:
    """Works of all texts in the order of the catalogue, and what could not be read, each once."""
    if isinstance(texts, pd.DataFrame):
        names = texts["name"] if "name" in texts else pd.Series(None, index=texts.index)
        pairs = list(zip(texts["works_text"], names, strict=True)) if "works_text" in texts else []
    else:
        pairs = [(text, None) for text in texts]
    readings = [
        read_works(text, names=[name] if isinstance(name, str) else ())
        for text, name in dict.fromkeys(pairs)
    ]
    asked = {work for reading in readings for work in reading.works}
    unread = dict.fromkeys(phrase for reading in readings for phrase in reading.unread)
    return [work for work in works() if work in asked], list(unread)


def _unanswered(
    listed: DutyList, found: list[str], unread: list[str]
) -> list[tuple[str, str, str, str]]:
    """Rows of what nobody answers for, by reason."""
    answered = {work for duty in listed.duties for work in duty.works}
    by_reason: dict[str, list[str]] = {}
    for work in found:
        if work not in answered:
            by_reason.setdefault(_reason(listed, work), []).append(work_titles()[work])
    if unread:
        by_reason["没有读懂，请在台账里改写后再分工"] = unread
    unit = f"{UNNAMED}（由{listed.lead}统筹）" if listed.lead else UNNAMED
    clause = cite(listed.document, listed.lead_section) if listed.lead else ""
    return [(unit, why, "、".join(titles), clause) for why, titles in by_reason.items()]


def _reason(listed: DutyList, work: str) -> str:
    if not listed.duties:
        return "方案没有列出部门分工"
    return listed.gaps.get(work, "方案的改造内容清单没有这一项，也没有写明归哪个单位")


def _titles(found: Iterable[str]) -> str:
    return "、".join(work_titles()[work] for work in found)


@cache
def _duty_lists() -> Mapping[str, DutyList]:
    found = [read_duties(path) for path in sorted(STANDARDS.glob("duties_*.yaml"))]
    twice = [key for key, n in Counter(listed.document for listed in found).items() if n > 1]
    if twice:
        raise PolicyError(f"{'、'.join(twice)} 的责任分工写在两个文件里，请合并。")
    return {listed.document: listed for listed in found}


def read_duties(path: Path) -> DutyList:
    """Read the duties of one plan.

    Parameters
    ----------
    path : Path
        ``duties_*.yaml``.

    Raises
    ------
    PolicyError
        If the file is malformed, names an unknown work, or leaves a work that the plan lists neither answered
        for nor among the gaps.
    """
    file = path.name
    values = check_keys(
        read_rules(path),
        where=file,
        required=("document", "checked_on", "duties", "lead", "gaps"),
        optional=("section",),
    )
    key = document(check_text(values["document"], where=f"{file}：document")).id
    check_date(values["checked_on"], where=f"{file}：checked_on")
    if not isinstance(values["duties"], list) or not values["duties"]:
        raise PolicyError(f"{file}：duties 应是列表，每条有 unit、what，可有 works、stages。")
    lead = check_keys(values["lead"], where=f"{file}：lead", required=("unit", "section"))
    listed = DutyList(
        document=key,
        duties=tuple(
            _duty(entry, key, values.get("section"), f"{file}：duties[{k}]")
            for k, entry in enumerate(values["duties"])
        ),
        lead=check_text(lead["unit"], where=f"{file}：lead.unit"),
        lead_section=check_text(lead["section"], where=f"{file}：lead.section"),
        gaps=_gaps(values["gaps"], f"{file}：gaps"),
    )
    _refuse_forgotten(listed, file)
    return listed


def _duty(entry: object, key: str, section: str | None, where: str) -> Duty:
    values = check_keys(
        entry,
        where=where,
        required=("unit", "what", *(() if section else ("section",))),
        optional=("works", "stages", "why", "section"),
    )
    asked = check_texts(values.get("works", []), where=f"{where}.works")
    _refuse_unknown(asked, where)
    why = values.get("why")
    return Duty(
        unit=check_text(values["unit"], where=f"{where}.unit"),
        what=check_text(values["what"], where=f"{where}.what"),
        works=tuple(work for work in works() if work in asked),
        stages=tuple(check_texts(values.get("stages", []), where=f"{where}.stages")),
        document=key,
        section=check_text(values.get("section", section), where=f"{where}.section"),
        why="" if why is None else check_text(why, where=f"{where}.why"),
    )


def _gaps(entry: object, where: str) -> dict[str, str]:
    if not isinstance(entry, dict):
        raise PolicyError(f"{where} 应是“理由: [改造内容]”。")
    found: dict[str, str] = {}
    for why, listed in entry.items():
        asked = check_texts(listed, where=f"{where}.{why}")
        _refuse_unknown(asked, f"{where}.{why}")
        found.update((work, why) for work in asked)
    return found


def _refuse_unknown(asked: list[str], where: str) -> None:
    unknown = [work for work in asked if work not in works()]
    if unknown:
        raise PolicyError(f"{where} 用了清单里没有的改造内容：{'、'.join(unknown)}。")


def _refuse_forgotten(listed: DutyList, file: str) -> None:
    answered = {work for duty in listed.duties for work in duty.works}
    both = sorted(answered & set(listed.gaps))
    if both:
        raise PolicyError(f"{file}：{'、'.join(both)} 已有单位负责，请从 gaps 里删去。")
    by_work = classes().get(listed.document, {})
    forgotten = [
        work
        for work, slot in by_work.items()
        if slot is not None and work not in answered and work not in listed.gaps
    ]
    if forgotten:
        raise PolicyError(
            f"{file}：{'、'.join(forgotten)} 没有单位负责；请写给一个单位，或在 gaps 里写明理由。"
        )
