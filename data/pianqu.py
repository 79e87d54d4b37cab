"""片区: making, filling, naming, colouring and taking apart; totals of their members.

Each action is one transaction with an entry of its own in the history. Compounds carry the uid of their
片区; the boundary of a 片区 is put together from its members by the store, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from data.pianqu_locks import set_locked
from data.pianqu_reshaping import merge, split_off, split_parts
from data.pianqu_steps import (
    PALETTE_SIZE,
    TITLE,
    Seen,
    change,
    clean_name,
    clean_remarks,
    delete_empty,
    found_or_made,
    give_colours,
    members_of,
    move,
    named,
    refuse_taken,
)
from data.pianqu_totals import TOTALS, totals
from data.store import Plan
from errors import LockedError, RecordError

__all__ = [
    "PALETTE_SIZE",
    "TOTALS",
    "Seen",
    "add_members",
    "annotate",
    "assign",
    "dissolve",
    "make_pianqu",
    "merge",
    "recolour",
    "release",
    "remove_members",
    "rename",
    "set_locked",
    "split_off",
    "split_parts",
    "totals",
]


def make_pianqu(
    plan: Plan,
    name: str,
    uids: Sequence[str],
    actor: str,
    *,
    remarks: str | None = None,
    color: int | None = None,
    seen: Seen | None = None,
) -> str:
    """Make a 片区 of compounds; those in another 片区 move, and the history shows from where.

    Parameters
    ----------
    plan : Plan
        Open plan.
    name : str
        Name, not taken by another 片区.
    uids : sequence of str
        Members, one or more; members without a boundary are allowed.
    actor : str
        Who does it.
    remarks : str, optional
        备注 of the 片区.
    color : int, optional
        Number in the palette; by default one that the neighbours do not have.
    seen : Seen, optional
        What the planner has seen: refused if a compound has moved since.

    Returns
    -------
    str
        Uid of the 片区.

    Raises
    ------
    RecordError
        If the name is empty or taken, or a compound is unknown.
    LockedError
        If a compound is locked, or leaves a locked 片区. So for every action that moves compounds.
    StoreError
        If what was seen has changed. So for every action that takes `seen`.
    """
    name = clean_name(name)
    with plan.edit(actor, f"组成片区：{name}") as tx:
        refuse_taken(tx, name)
        if seen is not None:
            seen.same_members(tx, uids)
        members = members_of(tx, uids)
        values = {"name": name, "remarks": clean_remarks(remarks), "color": color}
        uid = tx.insert("pianqu", [values])[0]
        move(tx, members, uid)
        if color is None:
            give_colours(tx, [uid])
    return uid


def add_members(
    plan: Plan, pianqu_uid: str, uids: Sequence[str], actor: str, *, seen: Seen | None = None
) -> int:
    """Take compounds into a 片区; returns how many were not in it before."""
    name = named(plan.read("pianqu", uids=[pianqu_uid]), pianqu_uid)
    with plan.edit(actor, f"加入片区：{name}") as tx:
        named(tx.read("pianqu", uids=[pianqu_uid]), pianqu_uid)
        if seen is not None:
            seen.same_pianqu(tx, [pianqu_uid])
            seen.same_members(tx, uids)
        return move(tx, members_of(tx, uids), pianqu_uid)


def remove_members(
    plan: Plan, pianqu_uid: str, uids: Sequence[str], actor: str, *, seen: Seen | None = None
) -> int:
    """Take compounds out of a 片区; returns how many were in it. An empty 片区 stays until dissolved."""
    name = named(plan.read("pianqu", uids=[pianqu_uid]), pianqu_uid)
    with plan.edit(actor, f"移出片区：{name}") as tx:
        if seen is not None:
            seen.same_members(tx, uids)
        members = members_of(tx, uids)
        return move(tx, members[members["pianqu_uid"] == pianqu_uid], None)


def release(plan: Plan, uids: Sequence[str], actor: str, *, seen: Seen | None = None) -> int:
    """Take compounds out of whatever 片区 they are in; returns how many were in one."""
    with plan.edit(actor, "移到未分组") as tx:
        if seen is not None:
            seen.same_members(tx, uids)
        return move(tx, members_of(tx, uids), None)


def rename(plan: Plan, pianqu_uid: str, name: str, actor: str, *, seen: Seen | None = None) -> None:
    """Give a 片区 another name.

    Raises
    ------
    RecordError
        If the name is empty or taken, or the 片区 is gone.
    """
    name = clean_name(name)
    with plan.edit(actor, f"片区改名：{name}") as tx:
        if seen is not None:
            seen.same_pianqu(tx, [pianqu_uid])
        refuse_taken(tx, name, but=pianqu_uid)
        change(tx, pianqu_uid, {"name": name})


def annotate(plan: Plan, pianqu_uid: str, remarks: str | None, actor: str) -> None:
    """Write the 备注 of a 片区; empty or None takes it away."""
    name = named(plan.read("pianqu", uids=[pianqu_uid]), pianqu_uid)
    with plan.edit(actor, f"片区备注：{name}") as tx:
        change(tx, pianqu_uid, {"remarks": clean_remarks(remarks)})


def recolour(
    plan: Plan, pianqu_uid: str, color: int, actor: str, *, seen: Seen | None = None
) -> None:
    """Give a 片区 another colour of the palette, by the planner's wish (0 … ``PALETTE_SIZE`` − 1)."""
    if not 0 <= color < PALETTE_SIZE:
        raise RecordError(TITLE, [f"没有第 {color} 号颜色，请选 0–{PALETTE_SIZE - 1}。"])
    name = named(plan.read("pianqu", uids=[pianqu_uid]), pianqu_uid)
    with plan.edit(actor, f"片区换颜色：{name}") as tx:
        if seen is not None:
            seen.same_pianqu(tx, [pianqu_uid])
        change(tx, pianqu_uid, {"color": color})


def dissolve(plan: Plan, pianqu_uid: str, actor: str, *, seen: Seen | None = None) -> int:
    """Take a 片区 apart: it is deleted, its compounds stay, without 片区. Returns how many they were."""
    name = named(plan.read("pianqu", uids=[pianqu_uid]), pianqu_uid)
    with plan.edit(actor, f"解散片区：{name}") as tx:
        present = tx.read("pianqu", uids=[pianqu_uid])
        named(present, pianqu_uid)
        if seen is not None:
            seen.same_pianqu(tx, [pianqu_uid], members=True)
        if present["locked"].iloc[0]:
            raise LockedError(TITLE, [f"片区“{name}”已锁定，不能解散。请先解锁，再做。"])
        compounds = tx.read("compounds")
        freed = move(tx, compounds[compounds["pianqu_uid"] == pianqu_uid], None)
        tx.delete("pianqu", pianqu_uid, int(present["version"].iloc[0]))
    return freed


def assign(
    plan: Plan,
    labels: pd.Series[Any],
    actor: str,
    *,
    label: str = "采用片区方案",
    remove_empty: bool = True,
    check: Callable[[], None] | None = None,
) -> dict[str, str]:
    """Write a whole proposal in one transaction.

    Parameters
    ----------
    plan : Plan
        Open plan.
    labels : Series
        Name of the 片区 (missing: none) by uid of the compound; compounds that are not in the index stay
        where they are. A name that exists means that 片区, with its colour; others are made.
    actor : str
        Who does it.
    label : str
        Entry in the history.
    remove_empty : bool
        Delete 片区 that this leaves without a compound.
    check : callable, optional
        Called inside the edit before anything is written; what it raises ends it.

    Returns
    -------
    dict
        Name to uid of the 片区 named in `labels`.

    Raises
    ------
    RecordError
        If a compound is unknown or occurs twice, or a name is empty.
    """
    if labels.index.has_duplicates:
        raise RecordError(TITLE, ["方案里有小区出现了两次，请检查。"])
    wanted = labels.map(clean_name, na_action="ignore").astype(object)
    with plan.edit(actor, label) as tx:
        if check is not None:
            check()
        members = members_of(tx, list(wanted.index))
        before = set(members["pianqu_uid"].dropna())
        uid_of, new = found_or_made(tx, sorted(wanted.dropna().unique()))
        move(tx, members, {uid: uid_of.get(name) for uid, name in wanted.to_dict().items()})
        if remove_empty:
            delete_empty(tx, before)
        give_colours(tx, new)
    return uid_of
