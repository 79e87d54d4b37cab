"""方案: groupings of all compounds into 片区, kept in the plan file under a name.

A 方案 is two things. Its head (table ``schemes``) is a record with version, history and undo. What it holds
(table ``scheme_pianqu``) is one row a 片区 with the uids of its members as a JSON list, and one row without
a name for 未分组; it is written once and never changed, so that renaming, deleting and undoing a 方案 copy no
members into the history, and GIS programs read it as a plain table.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.schema import RECORD_TABLES
from data.store import Edit, Plan
from data.store.door import clean_text
from errors import RecordError, StoreError

__all__ = [
    "Grouping",
    "Scheme",
    "delete_scheme",
    "grouping_now",
    "grouping_of",
    "proposed_grouping",
    "rename_scheme",
    "save_scheme",
    "schemes",
]

NOW = "现状"
_HEADS, _CONTENT = "schemes", "scheme_pianqu"
_TITLE = RECORD_TABLES[_HEADS].title
_UNNAMED = "未命名片区"
_COLUMNS = ("pianqu_uid", "color", "locked", "remarks")


@dataclass(frozen=True, kw_only=True, eq=False)
class Grouping:
    """Which compound is in which 片区.

    Attributes
    ----------
    names : Series
        Name of the 片区 by uid of the compound, None for 未分组; all compounds of the plan at that time.
    table : DataFrame
        By name, no name twice: ``pianqu_uid`` (missing for one that was only proposed), ``color``,
        ``locked``, ``remarks``. 片区 without a compound are in it, too.
    """

    names: pd.Series[Any]
    table: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """Head of a saved 方案.

    Attributes
    ----------
    uid, version : str, int
        Of the record.
    name, remarks : str
        As the planner gave them.
    saved_at : str
        UTC, as ``2026-11-21T08:30:00Z``.
    saved_by : str
        Who saved it.
    edition : int or None
        修订 of the plan when it was saved.
    origin : str
        What was saved: 现状 or an automatic proposal.
    settings : str
        Settings that made it, in words; may be empty.
    pianqu, compounds, ungrouped : int or None
        片区 with compounds, compounds in all, and those in no 片区.
    """

    uid: str
    version: int
    name: str
    remarks: str
    saved_at: str
    saved_by: str
    edition: int | None
    origin: str
    settings: str
    pianqu: int | None
    compounds: int | None
    ungrouped: int | None


def grouping_now(compounds: pd.DataFrame, pianqu: pd.DataFrame) -> Grouping:
    """Give the grouping of a plan as it is.

    Parameters
    ----------
    compounds, pianqu : DataFrame
        Layers of the plan, index uid. A 片区 that another program has left without a name, or with that of
        another, is given one here.
    """
    names = _unique_names(pianqu["name"])
    held = compounds["pianqu_uid"].astype(object).map(names.to_dict()).astype(object)
    table = pd.DataFrame(
        {
            "pianqu_uid": pianqu.index.to_numpy(object),
            "color": pianqu["color"].astype("Int64").to_numpy(),
            "locked": pianqu["locked"].fillna(False).astype(bool).to_numpy(),
            "remarks": pianqu["remarks"].to_numpy(object),
        },
        index=pd.Index(names.to_numpy(object), name="name", dtype=object),
    )
    return Grouping(names=_plain(held), table=table)


def _unique_names(given: pd.Series[Any]) -> pd.Series[Any]:
    names = given.astype(object).where(given.notna(), _UNNAMED)
    taken: set[str] = set()
    found = []
    for name in names:
        free, number = str(name), 2
        while free in taken:
            free, number = f"{name}（{number}）", number + 1
        taken.add(free)
        found.append(free)
    return pd.Series(found, index=given.index, dtype=object)


def _plain(names: pd.Series[Any]) -> pd.Series[Any]:
    """Names as objects, None where there is none."""
    return names.astype(object).where(names.notna(), None).rename("name")


def proposed_grouping(
    now: Grouping, names: pd.Series[Any], colors: Mapping[Any, Any] | pd.Series[Any]
) -> Grouping:
    """Give the grouping as it would be with a proposal.

    Parameters
    ----------
    now : Grouping
        The plan as it is: compounds that do not take part stay as they are.
    names : Series
        Name of the 片区 by uid of the compounds that take part, missing for 未分组. A name that the plan has
        means that 片区.
    colors : mapping
        Colour number by name, for names that are new.
    """
    part = names[names.index.isin(now.names.index)]
    joined = now.names.copy()
    joined.loc[part.index] = _plain(part).to_numpy()
    new = [name for name in dict.fromkeys(part.dropna()) if name not in now.table.index]
    added = pd.DataFrame(
        {
            "pianqu_uid": pd.Series(None, index=new, dtype=object),
            "color": pd.array([_known(colors.get(name)) for name in new], dtype="Int64"),
            "locked": pd.Series(False, index=new, dtype=bool),
            "remarks": pd.Series(None, index=new, dtype=object),
        }
    )
    used = now.table[now.table.index.isin(set(joined.dropna())) | now.table["locked"]]
    table = pd.concat([used, added]) if len(used) else added
    return Grouping(names=joined, table=table.rename_axis("name"))


def save_scheme(
    plan: Plan,
    name: str,
    grouping: Grouping,
    actor: str,
    *,
    origin: str = NOW,
    settings: str = "",
    remarks: str | None = None,
) -> str:
    """Keep a grouping under a name; returns the uid of the 方案.

    Parameters
    ----------
    plan : Plan
        Open plan.
    name : str
        Name, not taken by another 方案 of the plan.
    grouping : Grouping
        What is saved.
    actor : str
        Who saves it.
    origin, settings : str
        What it is, and the settings that made it in words.
    remarks : str, optional
        备注.

    Raises
    ------
    RecordError
        If the name is empty or taken, or there is no compound.
    """
    name = _clean_name(name)
    if not len(grouping.names):
        raise RecordError(_TITLE, ["计划里还没有小区，没有可保存的分组。"])
    edition = plan.edition()
    with plan.edit(actor, f"保存方案：{name}") as tx:
        _refuse_taken(tx, name)
        head = {
            "name": name,
            "saved_at": dt.datetime.now(dt.UTC)
            .isoformat(timespec="seconds")
            .replace("+00:00", "Z"),
            "saved_by": tx.actor,
            "edition": edition,
            "origin": origin,
            "settings": settings,
            "pianqu": int(grouping.names.nunique()),
            "compounds": len(grouping.names),
            "ungrouped": int(grouping.names.isna().sum()),
            "remarks": (remarks or "").strip() or None,
        }
        uid = tx.add_record(_HEADS, head)
        tx.append(_CONTENT, _content(uid, grouping))
    return uid


def _content(scheme_uid: str, grouping: Grouping) -> list[dict[str, Any]]:
    """Lay a grouping out as rows: each 片区 by name, 未分组 last."""
    names = [*grouping.table.index, None]
    place = {name: number for number, name in enumerate(grouping.table.index)}
    codes = grouping.names.map(place).fillna(len(place)).to_numpy(np.int64)
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(len(names) + 1))
    uids = grouping.names.index.to_numpy(object)[order]
    about = grouping.table[list(_COLUMNS)].to_dict("records")
    rows = []
    for number, name in enumerate(names):
        members = uids[ends[number] : ends[number + 1]].tolist()
        row: dict[str, Any] = {"scheme_uid": scheme_uid, "name": name}
        if name is not None:
            row |= {str(column): _known(value) for column, value in about[number].items()}
        rows.append(row | {"compounds": len(members), "members": members})
    return rows


def _known(value: Any) -> Any:
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 (NaN)
        return None
    return value.item() if isinstance(value, np.generic) else value


def schemes(plan: Plan) -> tuple[Scheme, ...]:
    """Heads of the saved 方案, the newest first."""
    heads = plan.records(_HEADS).sort_values("saved_at", ascending=False, kind="stable")
    return tuple(_scheme(str(uid), row) for uid, row in heads.to_dict("index").items())


def _scheme(uid: str, row: Mapping[Any, Any]) -> Scheme:
    texts = {
        name: str(row[name] or "")
        for name in ("remarks", "saved_at", "saved_by", "origin", "settings")
    }
    return Scheme(
        uid=uid,
        version=int(row["version"]),
        name=str(row["name"] or _TITLE),
        edition=_known(row["edition"]),
        pianqu=_known(row["pianqu"]),
        compounds=_known(row["compounds"]),
        ungrouped=_known(row["ungrouped"]),
        **texts,
    )


def grouping_of(plan: Plan, scheme_uid: str) -> Grouping:
    """Read what a 方案 holds.

    Raises
    ------
    StoreError
        If there is nothing, or another program has spoilt it.
    """
    spoilt = StoreError(
        "这个方案的内容不见了，或被其他程序改坏了，不能使用。请删除它；需要时可从快照或备份里找回。"
    )
    try:
        rows = plan.read_table(_CONTENT, scheme_uid=scheme_uid)
    except json.JSONDecodeError as error:
        raise spoilt from error
    lists = list(rows["members"])
    if not len(rows) or not all(isinstance(members, list) for members in lists):
        raise spoilt
    sizes = [len(members) for members in lists]
    uids = pd.Index([uid for members in lists for uid in members], dtype=object, name="uid")
    found = np.repeat(rows["name"].to_numpy(object), sizes)
    names = pd.Series(found, index=uids, dtype=object)
    named = rows[rows["name"].notna()].drop_duplicates("name")
    table = pd.DataFrame(
        {
            "pianqu_uid": named["pianqu_uid"].to_numpy(object),
            "color": named["color"].astype("Int64").to_numpy(),
            "locked": named["locked"].fillna(0).astype(bool).to_numpy(),
            "remarks": named["remarks"].to_numpy(object),
        },
        index=pd.Index(named["name"].to_numpy(object), name="name", dtype=object),
    )
    return Grouping(names=_plain(names[~uids.duplicated()]), table=table)


def rename_scheme(
    plan: Plan, uid: str, version: int, name: str, actor: str, *, remarks: str | None = None
) -> None:
    """Give a 方案 another name and 备注.

    Raises
    ------
    RecordError
        If the name is empty or taken.
    ConflictError
        If it has been changed since `version`.
    """
    name = _clean_name(name)
    with plan.edit(actor, f"方案改名：{name}") as tx:
        _refuse_taken(tx, name, but=uid)
        values = {"name": name, "remarks": (remarks or "").strip() or None}
        tx.update_record(_HEADS, uid, version, values)


def delete_scheme(plan: Plan, uid: str, version: int, actor: str) -> None:
    """Delete a 方案; 片区 and compounds are not touched, and undo brings it back.

    Raises
    ------
    ConflictError
        If it has been changed since `version`.
    """
    held = plan.records(_HEADS)
    name = held["name"].get(uid) or _TITLE
    with plan.edit(actor, f"删除方案：{name}") as tx:
        tx.delete_record(_HEADS, uid, version)


def _clean_name(name: object) -> str:
    try:
        cleaned = clean_text(name)
    except ValueError as reason:
        raise RecordError(_TITLE, [f"方案名称{reason}"]) from reason
    if cleaned is None:
        raise RecordError(_TITLE, ["请填写方案名称。"])
    return cleaned


def _refuse_taken(tx: Edit, name: str, *, but: str | None = None) -> None:
    held = tx.records(_HEADS)["name"]
    if (held.drop(labels=[but] if but in held.index else []) == name).any():
        raise RecordError(_TITLE, [f"已经有名为“{name}”的方案，请换一个名称。"])
