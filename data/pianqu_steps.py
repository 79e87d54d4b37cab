"""Steps that the actions on 片区 are made of: names, members, moves, colours; each inside an edit.

Locks are held by the store itself (``data.store.locks``): a move that breaks one is refused there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from data.schema import LAYERS
from data.store import Edit
from data.store.door import clean_text
from errors import RecordError, StoreError
from geo.adjacency import neighbours
from geo.colouring import assign_colours
from geo.crs import plan_zone, to_plane

__all__ = [
    "COLOUR_GAP_M",
    "PALETTE_SIZE",
    "TITLE",
    "Seen",
    "change",
    "clean_name",
    "clean_remarks",
    "delete_empty",
    "found_or_made",
    "give_colours",
    "members_of",
    "move",
    "named",
    "neighbours_of",
    "refuse_taken",
]

# As many colours as a legend can tell apart; what they look like is the affair of the drawing side.
PALETTE_SIZE = 12

# 片区 across a main road still look like neighbours on a sheet: their colours must differ.
COLOUR_GAP_M = 60.0

TITLE = LAYERS["pianqu"].title

_WORDS = ("name", "color", "remarks", "locked")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a page has shown when the planner pressed: an action on what has changed since is refused.

    Attributes
    ----------
    pianqu, compounds : DataFrame
        As of the schema, index uid.
    """

    pianqu: pd.DataFrame
    compounds: pd.DataFrame

    def same_pianqu(self, tx: Edit, uids: Iterable[str], *, members: bool = False) -> None:
        """Refuse if one of some 片区 is gone, renamed, recoloured, locked or unlocked since.

        Parameters
        ----------
        tx : Edit
            The edit under way.
        uids : iterable of str
            The 片区.
        members : bool
            Also if a compound has come or gone since.

        Raises
        ------
        StoreError
            With the name that the planner has seen.
        """
        wanted = [uid for uid in dict.fromkeys(uids) if uid in self.pianqu.index]
        now = tx.read("pianqu", uids=wanted)
        held = tx.read("compounds")["pianqu_uid"] if members else None
        for uid in wanted:
            seen = self.pianqu.loc[uid]
            known = uid in now.index and all(_same(now.loc[uid, w], seen[w]) for w in _WORDS)
            if known and held is not None:
                before = self.compounds.index[self.compounds["pianqu_uid"] == uid]
                known = set(before) == set(held.index[held == uid])
            if not known:
                raise StoreError(
                    f"片区“{seen['name']}”在您看到之后已被他人修改，这一步没有做。"
                    "页面已换成现在的样子，请看过再试。"
                )

    def same_members(self, tx: Edit, uids: Iterable[str]) -> None:
        """Refuse if one of some compounds is in another 片区, locked or unlocked since."""
        wanted = [uid for uid in dict.fromkeys(uids) if uid in self.compounds.index]
        now = tx.read("compounds", uids=wanted)
        columns = ["pianqu_uid", "locked"]
        seen = self.compounds.loc[now.index, columns].astype(object)
        other = (now[columns].astype(object) != seen) & ~(now[columns].isna() & seen.isna())
        changed = now.index[other.any(axis=1)]
        if len(changed):
            names = "、".join(f"“{name or '未命名小区'}”" for name in now.loc[changed[:5], "name"])
            raise StoreError(
                f"小区{names}{'等' if len(changed) > 5 else ''}在您看到之后已被他人换了片区或锁定、"
                "解锁，这一步没有做。页面已换成现在的样子，请看过再试。"
            )


def _same(one: object, other: object) -> bool:
    missing = pd.isna(one), pd.isna(other)  # type: ignore[call-overload]
    return bool(missing[0] and missing[1]) if any(missing) else bool(one == other)


def clean_name(name: object) -> str:
    """Clean a name; RecordError if it is empty."""
    try:
        cleaned = clean_text(name)
    except ValueError as reason:
        raise RecordError(TITLE, [f"片区名称{reason}"]) from reason
    if cleaned is None:
        raise RecordError(TITLE, ["请填写片区名称。"])
    return cleaned


def clean_remarks(remarks: str | None) -> str | None:
    """Clean a 备注; empty is none."""
    return (remarks or "").strip() or None


def refuse_taken(tx: Edit, name: str, *, but: str | None = None) -> None:
    """Refuse a name that another 片区 has."""
    present = tx.read("pianqu")
    if (present["name"].drop(labels=[but] if but in present.index else []) == name).any():
        raise RecordError(TITLE, [f"已经有名为“{name}”的片区，请换一个名称。"])


def named(present: pd.DataFrame, uid: str) -> str:
    """Name of a 片区 that is there; RecordError if it is gone."""
    if uid not in present.index:
        raise RecordError(TITLE, ["这个片区已经不存在（可能刚被他人解散），请刷新后再试。"])
    return str(present.loc[uid, "name"])


def change(tx: Edit, uid: str, values: dict[str, Any]) -> None:
    """Change fields of a 片区."""
    present = tx.read("pianqu", uids=[uid])
    named(present, uid)
    tx.update("pianqu", uid, int(present["version"].iloc[0]), values)


def members_of(tx: Edit, uids: Iterable[str]) -> gpd.GeoDataFrame:
    """Read compounds; RecordError if there are none, or one is gone."""
    wanted = list(dict.fromkeys(uids))
    if not wanted:
        raise RecordError(TITLE, ["没有选中小区，请先在地图或表格里选择。"])
    found = tx.read("compounds", uids=wanted)
    gone = len(wanted) - len(found)
    if gone:
        raise RecordError(TITLE, [f"选中的小区有 {gone} 个已经不存在，请刷新后重新选择。"])
    return found


def move(tx: Edit, moving: pd.DataFrame, to: str | dict[Any, str | None] | None) -> int:
    """Set the 片区 of members where it differs; returns how many moved."""
    wanted = to if isinstance(to, dict) else dict.fromkeys(moving.index, to)
    held = zip(moving.index, moving["version"], moving["pianqu_uid"], strict=True)
    changes: list[dict[str, Any]] = [
        {"uid": uid, "version": int(version), "pianqu_uid": wanted[uid]}
        for uid, version, now in held
        if wanted[uid] != now
    ]
    tx.update_many("compounds", changes)
    return len(changes)


def found_or_made(tx: Edit, names: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Uids of 片区 by name; those that are not there are made. Also gives the uids of the new ones."""
    present = tx.read("pianqu")
    uid_of = {name: uid for uid, name in present["name"].items() if name in set(names)}
    missing = [name for name in names if name not in uid_of]
    new = tx.insert("pianqu", [{"name": name} for name in missing]) if missing else []
    return uid_of | dict(zip(missing, new, strict=True)), new


def delete_empty(tx: Edit, uids: set[str]) -> None:
    """Delete those of some 片区 that have no member."""
    still = set(tx.read("compounds")["pianqu_uid"].dropna())
    empty = tx.read("pianqu", uids=sorted(uids - still))
    tx.delete_many("pianqu", [(str(uid), int(v)) for uid, v in empty["version"].items()])


def give_colours(tx: Edit, uids: Sequence[str]) -> None:
    """Give new 片区 colours that their neighbours do not have; the others keep theirs for life."""
    tx.settle_pianqu()
    present = tx.read("pianqu")
    # By name, not by uid: uids are drawn by lot, and the same proposal shall get the same colours.
    called = present.set_index(present["name"] + "\n" + present.index)
    colours = assign_colours(neighbours_of(called), called["color"], palette_size=PALETTE_SIZE)
    given = zip(present.index, present["version"], colours, strict=True)
    changes: list[dict[str, Any]] = [
        {"uid": uid, "version": int(version), "color": int(color)}
        for uid, version, color in given
        if uid in set(uids)
    ]
    tx.update_many("pianqu", changes)


def neighbours_of(present: gpd.GeoDataFrame) -> pd.DataFrame:
    """片区 that lie so near to each other that their colours must differ: pairs ``i``, ``j`` of uids."""
    drawn = present.geometry.dropna()
    if len(drawn) < 2:
        return pd.DataFrame({"i": [], "j": []})
    plane = to_plane(drawn, plan_zone(drawn).epsg)
    return neighbours(plane, max_gap_m=COLOUR_GAP_M)
