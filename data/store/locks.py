"""Locks: a locked 片区 neither gains nor loses members, a locked compound keeps its 片区 or stays in none.

Held wherever members are written, by whatever page or script of this tool; undo writes old images and is
kept from breaking a lock by the versions of the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from errors import LockedError

if TYPE_CHECKING:
    from data.store.edit import Edit

__all__ = ["Move", "refuse_locked"]

_WHERE = "片区"
_MOST_NAMES = 5


class Move(NamedTuple):
    """A compound that comes, goes, or changes its 片区.

    Attributes
    ----------
    name : str or None
        Name of the compound.
    locked : bool
        Whether it is locked.
    of, to : str or None
        片区 that it leaves and comes into.
    deleted : bool
        Whether it goes altogether.
    """

    name: str | None
    locked: bool
    of: str | None
    to: str | None
    deleted: bool = False


def refuse_locked(edit: Edit, moves: Sequence[Move]) -> None:
    """Refuse an edit that breaks a lock.

    Raises
    ------
    LockedError
        Which compounds, which 片区, and where to unlock; all problems at once.
    """
    moves = [move for move in moves if move.of != move.to or move.deleted]
    if not moves:
        return
    held = sorted({uid for move in moves for uid in (move.of, move.to) if uid is not None})
    locked = edit.locked_pianqu(held)
    problems = _of_compounds([move for move in moves if move.locked])
    for uid, name in locked.items():
        leaving = [move.name for move in moves if move.of == uid]
        coming = [move.name for move in moves if move.to == uid]
        problems += _of_pianqu(name, leaving, "不能移出")
        problems += _of_pianqu(name, coming, "不能加入")
    if problems:
        raise LockedError(_WHERE, problems)


def _of_compounds(moves: Sequence[Move]) -> list[str]:
    if not moves:
        return []
    doing = "删除" if all(move.deleted for move in moves) else "换片区"
    return [
        f"小区{_listed([move.name for move in moves])}已锁定，不能{doing}。"
        "请选中它，在“片区”页的“分配”里解锁，再做。"
    ]


def _of_pianqu(name: str, compounds: Sequence[str | None], verb: str) -> list[str]:
    if not compounds:
        return []
    return [
        f"片区“{name}”已锁定，{verb}小区{_listed(compounds)}。请在“片区”页打开它，先解锁，再做。"
    ]


def _listed(names: Iterable[str | None]) -> str:
    known = [name or "未命名小区" for name in names]
    shown = "、".join(f"“{name}”" for name in known[:_MOST_NAMES])
    return shown if len(known) <= _MOST_NAMES else f"{shown}等 {len(known):,} 个"
