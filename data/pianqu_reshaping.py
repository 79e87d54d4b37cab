"""Merging 片区 into one and splitting one into several; each one transaction, undone as a whole."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from data.pianqu_steps import (
    TITLE,
    Seen,
    clean_name,
    give_colours,
    members_of,
    move,
    named,
    refuse_taken,
)
from data.store import Edit, Plan
from errors import LockedError, RecordError

__all__ = ["merge", "split_off", "split_parts"]


def merge(plan: Plan, uids: Sequence[str], actor: str, *, seen: Seen | None = None) -> int:
    """Make one 片区 of several: the first keeps name, colour and 备注, the others go.

    Parameters
    ----------
    plan : Plan
        Open plan.
    uids : sequence of str
        Two 片区 or more; the first stays.
    actor : str
        Who does it.
    seen : Seen, optional
        What the planner has seen; refused if one of them has changed since, members included.

    Returns
    -------
    int
        Compounds that came to the first.

    Raises
    ------
    RecordError
        If there are fewer than two, or one is gone.
    LockedError
        If one of them, or a compound that would move, is locked.
    """
    wanted = list(dict.fromkeys(uids))
    if len(wanted) < 2:
        raise RecordError(TITLE, ["合并需要至少两个片区，请再选一个。"])
    name = named(plan.read("pianqu", uids=wanted[:1]), wanted[0])
    with plan.edit(actor, f"合并 {len(wanted)} 个片区为：{name}") as tx:
        if seen is not None:
            seen.same_pianqu(tx, wanted, members=True)
        present = tx.read("pianqu", uids=wanted)
        for uid in wanted:
            named(present, uid)
        _refuse_locked(present, "不能合并")
        compounds = tx.read("compounds")
        coming = compounds[compounds["pianqu_uid"].isin(wanted[1:])]
        moved = move(tx, coming, wanted[0])
        # Empty now: their boundaries are put together before they go, so that nothing is left stale.
        tx.settle_pianqu()
        left = tx.read("pianqu", uids=wanted[1:])
        tx.delete_many("pianqu", [(str(uid), int(v)) for uid, v in left["version"].items()])
    return moved


def split_off(
    plan: Plan,
    pianqu_uid: str,
    uids: Sequence[str],
    name: str,
    actor: str,
    *,
    seen: Seen | None = None,
) -> str:
    """Make some members of a 片区 a 片区 of their own.

    Parameters
    ----------
    plan : Plan
        Open plan.
    pianqu_uid : str
        The 片区 that they leave.
    uids : sequence of str
        Some of its members, not all.
    name : str
        Name of the new 片区, not taken.
    actor : str
        Who does it.
    seen : Seen, optional
        What the planner has seen.

    Returns
    -------
    str
        Uid of the new 片区.

    Raises
    ------
    RecordError
        If the name is taken, or not some but none or all of the members are named.
    LockedError
        If the 片区 or one of the compounds is locked.
    """
    name = clean_name(name)
    old = named(plan.read("pianqu", uids=[pianqu_uid]), pianqu_uid)
    with plan.edit(actor, f"拆分片区：{old}，分出{name}") as tx:
        if seen is not None:
            seen.same_pianqu(tx, [pianqu_uid])
            seen.same_members(tx, uids)
        return _split(tx, pianqu_uid, [(name, uids)])[0]


def split_parts(
    plan: Plan,
    pianqu_uid: str,
    groups: Sequence[tuple[str, Sequence[str]]],
    actor: str,
    *,
    seen: Seen | None = None,
) -> list[str]:
    """Split a 片区 into its parts: each group gets a 片区 of its own, what is in none stays.

    Parameters
    ----------
    plan : Plan
        Open plan.
    pianqu_uid : str
        The 片区.
    groups : sequence of (str, sequence of str)
        Name and members of each part that goes.
    actor : str
        Who does it.
    seen : Seen, optional
        What the planner has seen, members included.

    Returns
    -------
    list of str
        Uids of the new 片区, in the order of the groups.
    """
    named_groups = [(clean_name(name), uids) for name, uids in groups]
    old = named(plan.read("pianqu", uids=[pianqu_uid]), pianqu_uid)
    with plan.edit(actor, f"按连片拆分片区：{old}，共 {len(named_groups) + 1} 个") as tx:
        if seen is not None:
            seen.same_pianqu(tx, [pianqu_uid], members=True)
        return _split(tx, pianqu_uid, named_groups)


def _split(tx: Edit, pianqu_uid: str, groups: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    present = tx.read("pianqu", uids=[pianqu_uid])
    named(present, pianqu_uid)
    _refuse_locked(present, "不能拆分")
    compounds = tx.read("compounds")
    held = set(compounds.index[compounds["pianqu_uid"] == pianqu_uid])
    going = [uid for _, uids in groups for uid in uids]
    if not going or not set(going) <= held:
        raise RecordError(TITLE, ["要分出去的小区须是本片区的成员，请先选中其中几个。"])
    if len(set(going)) != len(going):
        raise RecordError(TITLE, ["一个小区不能同时分到两个片区，请检查。"])
    if set(going) == held:
        raise RecordError(
            TITLE, ["不能把全部小区都分出去，请至少留下一个；要改名请用“改名、备注”。"]
        )
    made = []
    for name, uids in groups:
        refuse_taken(tx, name)
        uid = tx.insert("pianqu", [{"name": name}])[0]
        move(tx, members_of(tx, uids), uid)
        made.append(uid)
    give_colours(tx, made)
    return made


def _refuse_locked(present: pd.DataFrame, verb: str) -> None:
    locked = present.loc[present["locked"].astype(bool), "name"]
    if len(locked):
        names = "、".join(f"“{name}”" for name in locked)
        raise LockedError(TITLE, [f"片区{names}已锁定，{verb}。请先解锁，再做。"])
