"""What buttons and map tools do: selecting, and writing to the plan under the record's version.

Every function is one transaction of the plan, named so that 撤销 can say what it takes back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry

from data import pianqu
from data.store import Plan, Undone
from errors import ConflictError, StoreError
from ui import loaded, messages, session, visit
from ui.reshaping import DRAWN, Joined, Parted, snapped

__all__ = [
    "add_to_pianqu",
    "delete",
    "join",
    "make_pianqu",
    "new_compound",
    "open_card",
    "own_steps",
    "part",
    "redo",
    "remove_from_pianqu",
    "save_boundary",
    "save_record",
    "select",
    "undo",
]

COMPOUNDS = "compounds"
# As wide as a wall: what a hand on a screen can not mean.
NEIGHBOURHOOD_DEG = 0.0005


def select(uids: Iterable[str], *, add: bool = False, from_table: bool = False) -> None:
    """Make `uids` the selection, or add them to it.

    Parameters
    ----------
    uids : iterable of str
        Compounds; with `add`, ones that are selected already are taken out if all of them are.
    add : bool
        Keep what is selected.
    from_table : bool
        The table made the selection and shows it already.
    """
    workspace = visit.current()
    wanted = list(dict.fromkeys(uids))
    before = workspace.selection
    if add and wanted and set(wanted) <= set(before):
        workspace.selection = [uid for uid in before if uid not in set(wanted)]
    elif add:
        workspace.selection = list(dict.fromkeys([*before, *wanted]))
    else:
        workspace.selection = wanted
    if not from_table:
        session.put(session.TABLE_EPOCH, session.get(session.TABLE_EPOCH, 0) + 1)


def open_card(uid: str | None) -> None:
    """Show the card of a compound in the panel."""
    workspace = visit.current()
    if workspace.card != uid:
        session.forget("record")
        session.take(session.EDITING)
    workspace.card = uid
    if uid is not None:
        workspace.panel = "小区"


def own_steps(plan: Plan) -> tuple[str | None, str | None]:
    """Labels of the planner's own edits that 撤销 would take back and 重做 make again."""
    return plan.can_undo(of=_actor()), plan.can_redo(of=_actor())


def undo() -> None:
    """Take back the planner's own last edit; those of others stay."""
    done = _unless_changed(_plan().undo)
    messages.done(f"已撤销：{done.label}" if done else "没有您可撤销的操作")


def redo() -> None:
    """Do again what the planner took back last."""
    done = _unless_changed(_plan().redo)
    messages.done(f"已重做：{done.label}" if done else "没有您可重做的操作")


def _unless_changed(revert: Callable[..., Undone | None]) -> Undone | None:
    session.forget("record")
    try:
        return revert(_actor(), of=_actor())
    except ConflictError as error:
        # Nothing to choose between field by field, as with a stale save: it is said and no more.
        raise StoreError(str(error)) from error


def save_record(uid: str, version: int, values: dict[str, Any], *, name: str) -> None:
    """Write attributes of a compound."""
    with _plan().edit(_actor(), f"修改属性：{name}") as tx:
        tx.update(COMPOUNDS, uid, version, values)
    messages.done(f"已保存：{name}")


def save_boundary(uid: str, version: int, shape: BaseGeometry, *, name: str) -> None:
    """Write a boundary that was drawn or moved by hand."""
    values = {"geometry": _snapped(shape, uid), "boundary_state": DRAWN}
    with _plan().edit(_actor(), f"修改边界：{name}") as tx:
        tx.update(COMPOUNDS, uid, version, values)
    messages.done(f"已保存边界：{name}")


def new_compound(name: str, shape: BaseGeometry) -> str:
    """Write a compound for a boundary that has no row in the ledger."""
    record = {"name": name, "geometry": _snapped(shape, None), "boundary_state": DRAWN}
    with _plan().edit(_actor(), f"新画小区：{name}") as tx:
        uid = tx.insert(COMPOUNDS, [record])[0]
    messages.done(f"已新建小区：{name}")
    select([uid])
    open_card(uid)
    return uid


def part(parted: Parted, *, name: str) -> None:
    """Write a compound that was cut into pieces."""
    first, *others = parted.records
    with _plan().edit(_actor(), f"分割小区：{name}") as tx:
        tx.update(COMPOUNDS, parted.uid, parted.version, first)
        new = tx.insert(COMPOUNDS, others)
    messages.done(f"已把“{name}”分割为 {len(parted.records)} 个")
    select([parted.uid, *new])


def join(joined: Joined, *, name: str) -> None:
    """Write compounds that were made one."""
    record = {**joined.record, "name": name}
    plan = _plan()
    with plan.edit(_actor(), f"合并小区：{name}") as tx:
        for uid, version in joined.versions.items():
            if uid != joined.uid:
                tx.delete(COMPOUNDS, uid, version)
        tx.update(COMPOUNDS, joined.uid, joined.versions[joined.uid], record)
    messages.done(f"已合并 {len(joined.versions)} 个小区为“{name}”")
    select([joined.uid])
    open_card(joined.uid)


def delete(versions: dict[str, int], *, name: str) -> None:
    """Delete compounds that the planner has seen in these versions."""
    with _plan().edit(_actor(), f"删除小区：{name}") as tx:
        for uid, version in versions.items():
            tx.delete(COMPOUNDS, uid, version)
    messages.done(f"已删除：{name}（可撤销）")
    select([])
    open_card(None)


def make_pianqu(name: str, uids: Sequence[str]) -> None:
    """Make a 片区 of compounds."""
    pianqu.make_pianqu(_plan(), name, list(uids), _actor())
    messages.done(f"已组成片区“{name}”（{len(uids)} 个小区）")


def add_to_pianqu(uid: str, members: Sequence[str], *, name: str) -> None:
    """Take compounds into a 片区."""
    pianqu.add_members(_plan(), uid, list(members), _actor())
    messages.done(f"已加入片区“{name}”")


def remove_from_pianqu(members: Sequence[str]) -> None:
    """Take compounds out of their 片区."""
    plan = _plan()
    frame = loaded.load(_path()).view().frame
    of = frame.loc[[uid for uid in members if uid in frame.index], "pianqu_uid"].dropna()
    if not len(of):
        raise StoreError("所选小区都不在片区里。")
    # In one step: where one of them is locked none of them moves.
    pianqu.release(plan, [str(uid) for uid in of.index], _actor())
    messages.done(f"已把 {len(of)} 个小区移出片区")


def _snapped(shape: BaseGeometry, uid: str | None) -> BaseGeometry:
    opened = loaded.load(_path())
    west, south, east, north = shape.bounds
    reach = NEIGHBOURHOOD_DEG
    rows = opened.tiles.in_bbox((west - reach, south - reach, east + reach, north + reach))
    frame = opened.view().frame
    near = [u for u in opened.tiles.ids()[rows] if u != uid and u in frame.index]
    return snapped(shape, frame.geometry.loc[near])


def _path() -> Path:
    return Path(visit.current().plan)


def _plan() -> Plan:
    return loaded.load(_path()).plan


def _actor() -> str:
    return visit.current().actor
