"""The stages of a compound's way through the programme: the union of what the plans name.

Data is in `standards/stages.yaml`. The plans do not agree on the order (阳江 asks for opinions on a plan that is
drawn up, 柳州 before): the union has one order, and each plan keeps its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd

from errors import PolicyError, RecordError
from policy.documents import cite, document
from policy.reader import STANDARDS, check_date, check_keys, check_text, check_texts, read_rules

__all__ = [
    "Named",
    "Need",
    "Stage",
    "find_stage",
    "read_stages",
    "stage_fields",
    "stage_ids",
    "stages",
]

NeedKind = Literal[
    "fields",
    "facts",
    "tier",
    "vote",
    "notice",
    "papers",
    "review_number",
    "sources",
    "approvals",
    "works_done",
    "reached",
]


@dataclass(frozen=True, kw_only=True)
class Named:
    """Where a plan names a stage, and under which word."""

    document: str
    section: str
    word: str

    @property
    def clause(self) -> str:
        """Reference as the screen shows it."""
        return cite(self.document, self.section)


@dataclass(frozen=True, kw_only=True)
class Need:
    """One thing that a stage wants before it is left.

    Attributes
    ----------
    kind : str
        See the head of ``standards/stages.yaml``.
    of : tuple of str
        Columns, facts or tiers.
    round : int or None
        Of votes and notices.
    """

    kind: NeedKind
    of: tuple[str, ...] = ()
    round: int | None = None


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage.

    Attributes
    ----------
    id, title : str
    named : tuple of Named
        Which plans name it; of one plan only, where a plan was asked for.
    needs : tuple of Need
    """

    id: str
    title: str
    named: tuple[Named, ...]
    needs: tuple[Need, ...]

    def named_by(self, document: str) -> Named | None:
        """Where that plan names it, or None."""
        return next((named for named in self.named if named.document == document), None)


def stages(document: str | None = None) -> tuple[Stage, ...]:
    """Stages in order.

    Parameters
    ----------
    document : str, optional
        A plan: only what it names, in its own order. By default the union of all plans.

    Raises
    ------
    PolicyError
        If the file is malformed, or names no such plan.

    Examples
    --------
    >>> [stage.title for stage in stages("litong-parking")]
    ['宣传发动', '初步方案', '公示', '招投标', '施工', '资金落实', '竣工验收']
    >>> len([stage for stage in stages("yangjiang-2021") if "六(" in stage.named[0].section])
    17
    """
    union, plans = read_stages()
    if document is None:
        return union
    if document not in plans:
        # A plan without stages of its own (三旧, school works) is no mistake.
        return () if _is_document(document) else union
    by_id = {stage.id: stage for stage in union}
    found = []
    for key, named in plans[document]:
        stage = by_id[key]
        found.append(Stage(id=key, title=stage.title, named=(named,), needs=stage.needs))
    return tuple(found)


def find_stage(key: str) -> Stage:
    """Find a stage by id or title.

    Raises
    ------
    RecordError
        If there is none; the message lists those that there are.

    Examples
    --------
    >>> find_stage("竣工验收").id
    'acceptance'
    """
    for stage in stages():
        if key in (stage.id, stage.title):
            return stage
    known = "、".join(stage.title for stage in stages())
    raise RecordError("阶段", [f"没有“{key}”这个阶段，可用的有：{known}。"])


Plans = Mapping[str, tuple[tuple[str, Named], ...]]


def stage_ids(column: pd.Series[Any]) -> pd.Series[Any]:
    """Ids of the stages that records name by id or title; None for what is no stage.

    Examples
    --------
    >>> stage_ids(pd.Series(["tender", "施工", "开张"])).tolist()
    ['tender', 'construction', None]
    """
    by_name = {name: stage.id for stage in stages() for name in (stage.id, stage.title)}
    found = [by_name.get(name) for name in column]
    return pd.Series(found, index=column.index, name=column.name, dtype=object)


@cache
def read_stages(
    path: Path = STANDARDS / "stages.yaml",
) -> tuple[tuple[Stage, ...], Plans]:
    """Read stages and plans.

    Returns
    -------
    tuple of tuple of Stage and mapping
        The union; and for each plan its stages with where it names them, in its order.

    Raises
    ------
    PolicyError
        With file, key and what would be right.
    """
    file = path.name
    rules = check_keys(
        read_rules(path),
        where=file,
        required=("checked_on", "fields", "stages", "plans"),
    )
    check_date(rules["checked_on"], where=f"{file}：checked_on")
    fields = stage_fields(path)
    entries = [
        _stage(entry, fields, f"{file}：stages[{k}]")
        for k, entry in enumerate(_list(rules["stages"], f"{file}：stages"))
    ]
    ids = [key for key, _, _ in entries]
    if len(set(ids)) != len(ids):
        raise PolicyError(f"{file}：stages 里有重复的 id，请删去一个。")
    if not isinstance(rules["plans"], dict):
        raise PolicyError(f"{file}：plans 应是“文件: 阶段列表”。")
    plans = {
        document(key).id: _plan(key, entry, ids, f"{file}：plans.{key}")
        for key, entry in rules["plans"].items()
    }
    union = tuple(
        Stage(
            id=key,
            title=title,
            named=tuple(named for plan in plans.values() for at, named in plan if at == key),
            needs=needs,
        )
        for key, title, needs in entries
    )
    unnamed = [stage.id for stage in union if not stage.named]
    if unnamed:
        raise PolicyError(f"{file}：没有方案提到阶段 {'、'.join(unnamed)}，请补上出处或删去。")
    return union, plans


@cache
def stage_fields(path: Path = STANDARDS / "stages.yaml") -> Mapping[str, str]:
    """Columns that stages may ask for, with their Chinese names.

    Examples
    --------
    >>> stage_fields()["households"]
    '居民户数'
    """
    where = f"{path.name}：fields"
    entry = read_rules(path).get("fields")
    if not isinstance(entry, dict):
        raise PolicyError(f"{where} 应是“列: 中文名”。")
    return {key: check_text(title, where=f"{where}.{key}") for key, title in entry.items()}


def _is_document(key: str) -> bool:
    return document(key).id == key


def _stage(
    entry: object, fields: Mapping[str, str], where: str
) -> tuple[str, str, tuple[Need, ...]]:
    values = check_keys(entry, where=where, required=("id", "title", "needs"))
    needs = values["needs"]
    if not isinstance(needs, list):
        raise PolicyError(f"{where}.needs 应是列表，没有时写 []。")
    return (
        check_text(values["id"], where=f"{where}.id"),
        check_text(values["title"], where=f"{where}.title"),
        tuple(_need(need, fields, f"{where}.needs[{k}]") for k, need in enumerate(needs)),
    )


def _need(entry: object, fields: Mapping[str, str], where: str) -> Need:
    values = check_keys(entry, where=where, required=("need",), optional=("of", "round"))
    kind = values["need"]
    if kind not in get_args(NeedKind):
        raise PolicyError(f"{where}.need 是“{kind}”，可用的是：{'、'.join(get_args(NeedKind))}。")
    of = tuple(check_texts(values.get("of", []), where=f"{where}.of"))
    unknown = [name for name in of if kind == "fields" and name not in fields]
    if unknown:
        raise PolicyError(f"{where}.of 有不认识的列 {'、'.join(unknown)}，请先写进 fields。")
    turn = values.get("round")
    if turn is not None and (isinstance(turn, bool) or not isinstance(turn, int)):
        raise PolicyError(f"{where}.round 应是整数，现在是 {turn!r}。")
    return Need(kind=kind, of=of, round=turn)


def _plan(plan: str, entry: object, ids: list[str], where: str) -> tuple[tuple[str, Named], ...]:
    steps = []
    for k, item in enumerate(_list(entry, where)):
        at = f"{where}[{k}]"
        values = check_keys(item, where=at, required=("stage", "section", "word"))
        if values["stage"] not in ids:
            raise PolicyError(f"{at}.stage 是“{values['stage']}”，stages 里没有，请改正。")
        named = Named(
            document=plan,
            section=check_text(values["section"], where=f"{at}.section"),
            word=check_text(values["word"], where=f"{at}.word"),
        )
        steps.append((values["stage"], named))
    return tuple(steps)


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list) or not value:
        raise PolicyError(f"{where} 应是列表，至少一项。")
    return value
