"""Taking a 方案 over: what would change, what stands in the way, and doing it in one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.pianqu_steps import delete_empty, give_colours, move, neighbours_of
from data.schemes import Grouping, grouping_now, grouping_of, schemes
from data.store import Edit, Plan
from errors import StoreError

__all__ = ["Adoption", "adopt_scheme", "plan_adoption"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Adoption:
    """What taking a grouping over would do to a plan.

    Attributes
    ----------
    moves : DataFrame
        Index uid of the compounds that change their 片区: ``before``, ``after`` (names, None for 未分组),
        ``lock`` (what keeps it where it is, in Chinese; None if nothing does).
    targets : Series
        By name in the grouping: uid of the 片区 that it means, missing if it has to be made.
    made, emptied : tuple of str
        片区 that would be made, and that would be left without a compound and deleted.
    gone : int
        Compounds of the grouping that the plan has no more.
    new : tuple of str
        Compounds that the grouping does not know yet; they stay where they are.
    """

    moves: pd.DataFrame
    targets: pd.Series[Any]
    made: tuple[str, ...]
    emptied: tuple[str, ...]
    gone: int
    new: tuple[str, ...]

    @property
    def held(self) -> pd.DataFrame:
        """Moves that a lock forbids."""
        return self.moves[self.moves["lock"].notna()]


def plan_adoption(
    compounds: pd.DataFrame,
    pianqu: pd.DataFrame,
    grouping: Grouping,
    *,
    keep_locked: bool = False,
) -> Adoption:
    """Work out what taking a grouping over would do.

    Parameters
    ----------
    compounds, pianqu : DataFrame
        Layers of the plan as it is, index uid.
    grouping : Grouping
        A saved 方案 or a proposal. A 片区 that is still there is known by its uid and keeps the name it has
        now; else the name counts.
    keep_locked : bool
        Moves that a lock forbids are not made: 片区 are emptied and made without them.
    """
    now = grouping_now(compounds, pianqu)
    uid_named = dict(zip(now.table.index, now.table["pianqu_uid"], strict=True))
    targets = _targets(grouping.table, uid_named, set(pianqu.index))
    wanted = grouping.names[grouping.names.index.isin(compounds.index)]
    before = now.names.reindex(wanted.index)
    name_of = {uid: name for name, uid in uid_named.items()}
    called = {name: name_of.get(uid, name) for name, uid in targets.items()}
    after = wanted.map(called).astype(object)
    moves = pd.DataFrame({"before": before, "after": after.where(after.notna(), None)})
    to = wanted.map(targets.to_dict())
    made_now = wanted.notna() & to.isna()
    same = (moves["before"] == moves["after"]) | (moves["before"].isna() & moves["after"].isna())
    moves = moves[(~same | made_now).to_numpy(bool)]
    moves = moves.assign(lock=_locks(moves, compounds, now.table))
    done = moves[moves["lock"].isna()] if keep_locked else moves
    left = now.names.copy()
    left.loc[done.index] = done["after"].to_numpy()
    used = set(wanted.loc[done.index].dropna())
    made = [str(name) for name, uid in targets.items() if uid is None and name in used]
    return Adoption(
        moves=moves,
        targets=targets,
        made=tuple(made),
        emptied=tuple(sorted(set(done["before"].dropna()) - set(left.dropna()))),
        gone=len(grouping.names) - len(wanted),
        new=tuple(str(uid) for uid in compounds.index.difference(grouping.names.index, sort=False)),
    )


def _targets(table: pd.DataFrame, uid_named: dict[Any, Any], present: set[Any]) -> pd.Series[Any]:
    """By uid first; by name only what no uid has claimed."""
    found: dict[Any, Any] = {
        name: uid for name, uid in table["pianqu_uid"].items() if uid in present
    }
    claimed = set(found.values())
    for name in table.index:
        uid = uid_named.get(name)
        if name not in found:
            found[name] = uid if uid is not None and uid not in claimed else None
    return pd.Series([found[name] for name in table.index], index=table.index, dtype=object)


def _locks(moves: pd.DataFrame, compounds: pd.DataFrame, table: pd.DataFrame) -> pd.Series[Any]:
    fixed = set(table.index[table["locked"]])
    own = compounds["locked"].reindex(moves.index).fillna(False).astype(bool)
    told = pd.Series(None, index=moves.index, dtype=object)
    for end, words in (("after", "要加入的片区“{}”已锁定"), ("before", "所在的片区“{}”已锁定")):
        inside = moves[end].isin(fixed)
        told[inside] = [words.format(name) for name in moves.loc[inside, end]]
    told[own] = "小区已锁定"
    return told


def adopt_scheme(
    plan: Plan,
    scheme_uid: str,
    actor: str,
    *,
    keep_locked: bool = False,
    revision: int | None = None,
) -> Adoption:
    """Take a saved 方案 over in one transaction.

    Parameters
    ----------
    plan : Plan
        Open plan.
    scheme_uid : str
        The 方案.
    actor : str
        Who does it.
    keep_locked : bool
        Leave compounds that a lock holds where they are, and take the rest over; else a lock refuses all.
    revision : int, optional
        Revision of the plan whose preview was shown; if it has moved on, nothing is done.

    Returns
    -------
    Adoption
        What was done; `held` is what a lock kept.

    Raises
    ------
    LockedError
        What has to be unlocked.
    StoreError
        If the 方案 or what it was previewed on is no more.
    """
    head = next((scheme for scheme in schemes(plan) if scheme.uid == scheme_uid), None)
    if head is None:
        raise StoreError("这个方案已经不存在（可能刚被他人删除），请刷新后再试。")
    if revision is not None and plan.revision() != revision:
        raise StoreError("计划在您看到之后又有修改，方案没有采用。请再看一次会改变什么，然后采用。")
    grouping = grouping_of(plan, scheme_uid)
    with plan.edit(actor, f"采用方案：{head.name}") as tx:
        compounds, pianqu = tx.read("compounds"), tx.read("pianqu")
        adoption = plan_adoption(compounds, pianqu, grouping, keep_locked=keep_locked)
        moving = adoption.moves
        if keep_locked:
            moving = moving[moving["lock"].isna()]
        _write(tx, compounds.loc[moving.index], grouping, adoption.targets)
    return adoption


def _write(tx: Edit, moving: pd.DataFrame, grouping: Grouping, targets: pd.Series[Any]) -> None:
    wanted = grouping.names.reindex(moving.index)
    missing = [str(name) for name in wanted.dropna().unique() if targets[name] is None]
    uid_of: dict[Any, Any] = targets.to_dict()
    uid_of.update(_make(tx, missing, grouping.table))
    before = set(moving["pianqu_uid"].dropna())
    move(tx, moving, {uid: uid_of.get(name) for uid, name in wanted.to_dict().items()})
    delete_empty(tx, before)
    _colour(tx, {uid_of[name]: grouping.table["color"][name] for name in missing})


def _colour(tx: Edit, saved: dict[str, Any]) -> None:
    """Give 片区 made anew the colour that they had, unless a neighbour has it by now."""
    if not saved:
        return
    tx.settle_pianqu()
    present = tx.read("pianqu")
    held = present["color"].astype("Int64").to_dict()
    beside = neighbours_of(present)
    both = pd.concat([beside, beside.rename(columns={"i": "j", "j": "i"})])
    around = both.groupby("i")["j"].agg(list).to_dict()
    changes = []
    for uid, color in saved.items():
        if pd.notna(color) and color not in {held[other] for other in around.get(uid, [])}:
            held[uid] = int(color)
            version = int(present["version"][uid])
            changes.append({"uid": uid, "version": version, "color": held[uid]})
    tx.update_many("pianqu", changes)
    give_colours(tx, [uid for uid in saved if pd.isna(held[uid])])


def _make(tx: Edit, names: list[str], table: pd.DataFrame) -> dict[str, str]:
    """Make 片区 anew, with the 备注 that they had."""
    if not names:
        return {}
    taken = set(tx.read("pianqu")["name"].dropna())
    records = []
    for name in names:
        remarks = table["remarks"][name]
        records.append(
            {
                "name": _free(name, taken),
                "remarks": remarks if isinstance(remarks, str) else None,
            }
        )
    return dict(zip(names, tx.insert("pianqu", records), strict=True))


def _free(name: str, taken: set[Any]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name}（{number}）", number + 1
    taken.add(free)
    return free
