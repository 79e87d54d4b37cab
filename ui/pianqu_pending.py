"""What assigning the gathered compounds would change, before it is applied: who moves, who is left out and why.

The gathered compounds are the selection. Nothing here writes; the page shows a :class:`Pending` and its
buttons hand it to :mod:`ui.pianqu_edits`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import pandas as pd

from data.pianqu import PALETTE_SIZE
from geo.colouring import assign_colours
from ui.loaded import LoadedPlan, View
from ui.pianqu_figures import (
    UNGROUPED,
    figures_of,
    free_names,
    pairs_within,
    partial_totals,
)

__all__ = ["NEW", "TAKES", "Pending", "Takes", "chosen_target", "pending_frame", "pending_of"]

Takes = Literal["any", "ungrouped"]
TAKES: dict[Takes, str] = {"any": "任意小区", "ungrouped": "仅未分组"}
# Stands for the uid of a 片区 that is still to be made; no uid looks like it.
NEW = "+"
UNGROUPED_NAME = "未分组"


@dataclass(frozen=True, kw_only=True, eq=False)
class Pending:
    """An assignment that waits to be applied.

    Attributes
    ----------
    target : str
        Uid of the 片区, :data:`NEW`, or :data:`ui.pianqu_figures.UNGROUPED`.
    name : str
        Its name; that of a new one is the first free.
    color : int or None
        Its colour number.
    moves : list of str
        Compounds that would change their 片区.
    stays : dict
        Why others of the gathered ones stay, sentence to number.
    before, after : DataFrame
        Totals by uid of every 片区 that is touched, the target first; 未分组 is among them where it is.
    figures : Series or None
        All totals of the target as it would be; None for 未分组.
    key : str
        Tells it from every other of this revision.
    """

    target: str
    name: str
    color: int | None
    moves: list[str]
    stays: dict[str, int]
    before: pd.DataFrame
    after: pd.DataFrame
    figures: pd.Series | None
    key: str


def chosen_target(view: View, held: str | None) -> str:
    """Target that holds: what was chosen, or a new 片区 where that is gone."""
    known = held in {NEW, UNGROUPED} or held in view.pianqu.index
    return str(held) if held is not None and known else NEW


def pending_of(
    loaded: LoadedPlan,
    view: View,
    selection: list[str],
    *,
    target: str,
    takes: Takes,
    gap_m: float,
) -> Pending:
    """Work out what assigning `selection` to `target` would change; kept until something differs."""
    told = "\n".join([target, takes, str(gap_m), *selection])
    key = hashlib.blake2b(told.encode(), digest_size=12).hexdigest()
    return loaded.kept(
        ("pianqu_pending", view.revision, key),
        lambda: _pending(
            view, selection, pairs_within(loaded, view, gap_m), target=target, takes=takes, key=key
        ),
    )


def _pending(
    view: View,
    selection: list[str],
    pairs: pd.DataFrame,
    *,
    target: str,
    takes: Takes,
    key: str,
) -> Pending:
    moves, stays = _sorted_out(view, selection, target, takes)
    keys = _keys(view, moves, target)
    new_color = _new_color(view, keys, pairs) if target == NEW else None
    before, after = _before_after(view, keys, moves, target, pairs)
    names = {NEW: free_names(view, 1)[0], UNGROUPED: UNGROUPED_NAME, **view.pianqu["name"]}
    figures = None
    if target != UNGROUPED and moves:
        members = keys.index[(keys == target).fillna(False).astype(bool)]
        figures = figures_of(view.frame.loc[members], pairs)
    for table in (before, after):
        table["name"] = [names[uid] for uid in table.index]
        table["color"] = [
            new_color if uid == NEW else None if uid == UNGROUPED else view.pianqu["color"][uid]
            for uid in table.index
        ]
    color = new_color if target in {NEW, UNGROUPED} else int(view.pianqu["color"][target] or 0)
    return Pending(
        target=target,
        name=str(names[target]),
        color=color,
        moves=moves,
        stays=stays,
        before=before,
        after=after,
        figures=figures,
        key=key,
    )


def _sorted_out(
    view: View, selection: list[str], target: str, takes: Takes
) -> tuple[list[str], dict[str, int]]:
    """Compounds that may move, and why the others do not."""
    records = view.frame.loc[selection, ["pianqu_uid", "locked"]]
    held = records["pianqu_uid"].astype(object)
    held = held.where(held.notna(), UNGROUPED)
    closed = set(view.pianqu.index[view.pianqu["locked"].astype(bool)])
    left = pd.Series(True, index=records.index)
    stays: dict[str, int] = {}

    def leave(reason: str, which: pd.Series) -> None:
        count = int((left & which).sum())
        if count:
            stays[reason] = count
        left[which] = False

    leave("已经在那里，不用动", held == target)
    if target in closed:
        leave(f"“{view.pianqu['name'][target]}”已锁定，不能加入", left)
    leave("已锁定的小区，留在原处", records["locked"].astype(bool))
    leave("在已锁定的片区里，留在原处", held.isin(closed))
    if takes == "ungrouped":
        leave("已有片区，这次只取未分组的", held != UNGROUPED)
    return [str(uid) for uid in records.index[left]], stays


def _keys(view: View, moves: list[str], target: str) -> pd.Series:
    """片区 of every compound as it would be; missing for 未分组."""
    keys = view.frame["pianqu_uid"].astype(object).copy()
    keys.loc[moves] = None if target == UNGROUPED else target
    return keys.where(keys.notna(), None)


def _before_after(
    view: View, keys: pd.Series, moves: list[str], target: str, pairs: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    held = view.frame["pianqu_uid"].astype(object)
    sources = held.loc[moves]
    touched = [target, *dict.fromkeys(sources.where(sources.notna(), UNGROUPED))]
    touched = list(dict.fromkeys(touched))
    tables = []
    for now in (held, keys):
        named = now.where(now.notna(), UNGROUPED)
        part = view.frame[named.isin(touched).to_numpy()]
        found = partial_totals(part.assign(pianqu_uid=named.loc[part.index]), pairs)
        tables.append(found.reindex(touched))
    for table in tables:
        table["compounds"] = table["compounds"].astype("Int64").fillna(0)
        if UNGROUPED in table.index:
            table.loc[UNGROUPED, "parts"] = pd.NA
    return tables[0], tables[1]


def _new_color(view: View, keys: pd.Series, pairs: pd.DataFrame) -> int:
    """Colour that a new 片区 gets: one that its neighbours do not have."""
    beside = pd.DataFrame({end: pairs[end].map(keys) for end in ("i", "j")}).dropna()
    beside = beside[beside["i"] != beside["j"]].drop_duplicates()
    held = pd.concat(
        [view.pianqu["color"].astype("Int64"), pd.Series(pd.NA, index=[NEW], dtype="Int64")]
    )
    return int(assign_colours(beside, held, palette_size=PALETTE_SIZE)[NEW])


def pending_frame(view: View, pending: Pending) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Compounds and 片区 as they would be, for painting.

    Returns
    -------
    tuple of DataFrame
        The compounds with the 片区 that they would have, and the table of 片区 with name and colour.
    """
    frame = view.frame.assign(pianqu_uid=_keys(view, pending.moves, pending.target))
    table = pd.DataFrame(view.pianqu[["name", "color"]])
    if pending.target == NEW:
        new = pd.DataFrame({"name": [pending.name], "color": [pending.color]}, index=[NEW])
        table = pd.concat([table.astype(object), new.astype(object)])
    return frame, table
