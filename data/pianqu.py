"""片区: making, filling, naming, colouring and taking apart; totals of their members.

Each action is one transaction with an entry of its own in the history. Compounds carry the uid of their
片区; the boundary of a 片区 is put together from its members by the store, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from data.schema import LAYERS
from data.store import Edit, Plan
from data.store.door import clean_text
from errors import RecordError
from geo.adjacency import neighbours
from geo.bundling import parts
from geo.colouring import assign_colours
from geo.crs import plan_zone, to_plane
from policy.money import contribution_yuan, funding_gap_yuan, grant_yuan, per_household

__all__ = [
    "PALETTE_SIZE",
    "TOTALS",
    "add_members",
    "annotate",
    "assign",
    "dissolve",
    "make_pianqu",
    "recolour",
    "remove_members",
    "rename",
    "totals",
]

# As many colours as a legend can tell apart; what they look like is the affair of the drawing side.
PALETTE_SIZE = 12

# 片区 across a main road still look like neighbours on a sheet: their colours must differ.
COLOUR_GAP_M = 60.0

# Columns of `totals` that add up figures of the members; each has a column <name>_unknown beside it.
TOTALS = (
    "households",
    "building_count",
    "floor_area_m2",
    "investment_yuan",
    "grant_yuan",
    "contribution_yuan",
    "funding_gap_yuan",
)

_TITLE = LAYERS["pianqu"].title


def make_pianqu(
    plan: Plan, name: str, uids: Sequence[str], actor: str, *, remarks: str | None = None
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

    Returns
    -------
    str
        Uid of the 片区.

    Raises
    ------
    RecordError
        If the name is empty or taken, or a compound is unknown.
    """
    name = _clean_name(name)
    with plan.edit(actor, f"组成片区：{name}") as tx:
        _refuse_taken(tx, name)
        members = _members(tx, uids)
        uid = tx.insert("pianqu", [{"name": name, "remarks": _clean_remarks(remarks)}])[0]
        _move(tx, members, uid)
        _give_colours(tx, [uid])
    return uid


def add_members(plan: Plan, pianqu_uid: str, uids: Sequence[str], actor: str) -> int:
    """Take compounds into a 片区; returns how many were not in it before."""
    name = _named(plan.read("pianqu", uids=[pianqu_uid]), pianqu_uid)
    with plan.edit(actor, f"加入片区：{name}") as tx:
        _named(tx.read("pianqu", uids=[pianqu_uid]), pianqu_uid)
        return _move(tx, _members(tx, uids), pianqu_uid)


def remove_members(plan: Plan, pianqu_uid: str, uids: Sequence[str], actor: str) -> int:
    """Take compounds out of a 片区; returns how many were in it. An empty 片区 stays until dissolved."""
    name = _named(plan.read("pianqu", uids=[pianqu_uid]), pianqu_uid)
    with plan.edit(actor, f"移出片区：{name}") as tx:
        members = _members(tx, uids)
        return _move(tx, members[members["pianqu_uid"] == pianqu_uid], None)


def rename(plan: Plan, pianqu_uid: str, name: str, actor: str) -> None:
    """Give a 片区 another name.

    Raises
    ------
    RecordError
        If the name is empty or taken, or the 片区 is gone.
    """
    name = _clean_name(name)
    with plan.edit(actor, f"片区改名：{name}") as tx:
        _refuse_taken(tx, name, but=pianqu_uid)
        _change(tx, pianqu_uid, {"name": name})


def annotate(plan: Plan, pianqu_uid: str, remarks: str | None, actor: str) -> None:
    """Write the 备注 of a 片区; empty or None takes it away."""
    name = _named(plan.read("pianqu", uids=[pianqu_uid]), pianqu_uid)
    with plan.edit(actor, f"片区备注：{name}") as tx:
        _change(tx, pianqu_uid, {"remarks": _clean_remarks(remarks)})


def recolour(plan: Plan, pianqu_uid: str, color: int, actor: str) -> None:
    """Give a 片区 another colour of the palette, by the planner's wish (0 … ``PALETTE_SIZE`` − 1)."""
    if not 0 <= color < PALETTE_SIZE:
        raise RecordError(_TITLE, [f"没有第 {color} 号颜色，请选 0–{PALETTE_SIZE - 1}。"])
    name = _named(plan.read("pianqu", uids=[pianqu_uid]), pianqu_uid)
    with plan.edit(actor, f"片区换颜色：{name}") as tx:
        _change(tx, pianqu_uid, {"color": color})


def dissolve(plan: Plan, pianqu_uid: str, actor: str) -> int:
    """Take a 片区 apart: it is deleted, its compounds stay, without 片区. Returns how many they were."""
    name = _named(plan.read("pianqu", uids=[pianqu_uid]), pianqu_uid)
    with plan.edit(actor, f"解散片区：{name}") as tx:
        present = tx.read("pianqu", uids=[pianqu_uid])
        _named(present, pianqu_uid)
        compounds = tx.read("compounds")
        freed = _move(tx, compounds[compounds["pianqu_uid"] == pianqu_uid], None)
        tx.delete("pianqu", pianqu_uid, int(present["version"].iloc[0]))
    return freed


def assign(
    plan: Plan,
    labels: pd.Series[Any],
    actor: str,
    *,
    label: str = "采用片区方案",
    remove_empty: bool = True,
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
        raise RecordError(_TITLE, ["方案里有小区出现了两次，请检查。"])
    wanted = labels.map(_clean_name, na_action="ignore").astype(object)
    with plan.edit(actor, label) as tx:
        members = _members(tx, list(wanted.index))
        before = set(members["pianqu_uid"].dropna())
        uid_of, new = _found_or_made(tx, sorted(wanted.dropna().unique()))
        _move(tx, members, {uid: uid_of.get(name) for uid, name in wanted.to_dict().items()})
        if remove_empty:
            _delete_empty(tx, before)
        _give_colours(tx, new)
    return uid_of


def totals(frame: pd.DataFrame, *, pairs: pd.DataFrame | None = None) -> pd.DataFrame:
    """Figures of each 片区, added up over its members; what is unknown is counted, not taken for 0.

    Parameters
    ----------
    frame : DataFrame
        Compounds, with ``pianqu_uid``.
    pairs : DataFrame, optional
        Neighbours (``i``, ``j``) as ``geo.adjacency.neighbours`` gives them, for ``parts``.

    Returns
    -------
    DataFrame
        Index ``pianqu_uid``, sorted. ``compounds``; the columns of ``TOTALS`` (missing if unknown for all
        members), each with ``<name>_unknown``, the number of members without that figure;
        ``investment_per_household`` (元/户, over the members of which both are known) with
        ``investment_per_household_unknown``; ``without_boundary``; ``parts``, the number of connected
        parts (1: 连片; missing without `pairs`).
    """
    grouped = frame[frame["pianqu_uid"].notna()]
    keys = grouped["pianqu_uid"]
    figures = _figures(grouped)
    table = pd.DataFrame({"compounds": keys.groupby(keys).size().astype("Int64")})
    for name in TOTALS:
        table[name] = figures[name].groupby(keys).sum(min_count=1)
        table[f"{name}_unknown"] = _unknown(figures[name].isna(), keys)
    both = figures["investment_yuan"].notna() & figures["households"].notna()
    invested = figures["investment_yuan"].where(both).groupby(keys).sum(min_count=1)
    housed = figures["households"].where(both).groupby(keys).sum(min_count=1)
    table["investment_per_household"] = per_household(invested, housed)
    table["investment_per_household_unknown"] = _unknown(~both, keys)
    table["without_boundary"] = _unknown(_no_boundary(grouped), keys)
    table["parts"] = pd.array([pd.NA] * len(table), dtype="Int64")
    if pairs is not None and len(table):
        table["parts"] = (
            parts(keys, _inside(pairs, keys.index)).reindex(table.index).astype("Int64")
        )
    return table.rename_axis("pianqu_uid").sort_index()


def _figures(frame: pd.DataFrame) -> pd.DataFrame:
    computed = {
        "grant_yuan": grant_yuan(frame),
        "contribution_yuan": contribution_yuan(frame),
        "funding_gap_yuan": funding_gap_yuan(frame),
    }
    kinds = {"floor_area_m2": "Float64"}
    return pd.DataFrame(
        {name: computed.get(name, frame.get(name)) for name in TOTALS}, index=frame.index
    ).astype({name: kinds.get(name, "Int64") for name in TOTALS})


def _unknown(missing: pd.Series[bool], keys: pd.Series[Any]) -> pd.Series[int]:
    return missing.groupby(keys).sum().astype("Int64")


def _no_boundary(frame: pd.DataFrame) -> pd.Series[bool]:
    if not isinstance(frame, gpd.GeoDataFrame):
        return pd.Series(True, index=frame.index)
    return pd.Series(frame.geometry.isna().to_numpy(), index=frame.index)


def _inside(pairs: pd.DataFrame, labels: pd.Index[Any]) -> pd.DataFrame:
    """Pairs whose both ends are members of some 片区."""
    return pairs[pairs["i"].isin(labels) & pairs["j"].isin(labels)]


def _clean_name(name: object) -> str:
    try:
        cleaned = clean_text(name)
    except ValueError as reason:
        raise RecordError(_TITLE, [f"片区名称{reason}"]) from reason
    if cleaned is None:
        raise RecordError(_TITLE, ["请填写片区名称。"])
    return cleaned


def _clean_remarks(remarks: str | None) -> str | None:
    return (remarks or "").strip() or None


def _refuse_taken(tx: Edit, name: str, *, but: str | None = None) -> None:
    present = tx.read("pianqu")
    if (present["name"].drop(labels=[but] if but in present.index else []) == name).any():
        raise RecordError(_TITLE, [f"已经有名为“{name}”的片区，请换一个名称。"])


def _named(present: pd.DataFrame, uid: str) -> str:
    if uid not in present.index:
        raise RecordError(_TITLE, ["这个片区已经不存在（可能刚被他人解散），请刷新后再试。"])
    return str(present.loc[uid, "name"])


def _change(tx: Edit, uid: str, values: dict[str, Any]) -> None:
    present = tx.read("pianqu", uids=[uid])
    _named(present, uid)
    tx.update("pianqu", uid, int(present["version"].iloc[0]), values)


def _members(tx: Edit, uids: Iterable[str]) -> gpd.GeoDataFrame:
    wanted = list(dict.fromkeys(uids))
    if not wanted:
        raise RecordError(_TITLE, ["没有选中小区，请先在地图或表格里选择。"])
    found = tx.read("compounds", uids=wanted)
    gone = len(wanted) - len(found)
    if gone:
        raise RecordError(_TITLE, [f"选中的小区有 {gone} 个已经不存在，请刷新后重新选择。"])
    return found


def _move(tx: Edit, members: pd.DataFrame, to: str | dict[Any, str | None] | None) -> int:
    """Set the 片区 of members where it differs; returns how many moved."""
    wanted = to if isinstance(to, dict) else dict.fromkeys(members.index, to)
    held = zip(members.index, members["version"], members["pianqu_uid"], strict=True)
    changes: list[dict[str, Any]] = [
        {"uid": uid, "version": int(version), "pianqu_uid": wanted[uid]}
        for uid, version, now in held
        if wanted[uid] != now
    ]
    tx.update_many("compounds", changes)
    return len(changes)


def _found_or_made(tx: Edit, names: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    present = tx.read("pianqu")
    uid_of = {name: uid for uid, name in present["name"].items() if name in set(names)}
    missing = [name for name in names if name not in uid_of]
    new = tx.insert("pianqu", [{"name": name} for name in missing]) if missing else []
    return uid_of | dict(zip(missing, new, strict=True)), new


def _delete_empty(tx: Edit, uids: set[str]) -> None:
    still = set(tx.read("compounds")["pianqu_uid"].dropna())
    empty = tx.read("pianqu", uids=sorted(uids - still))
    tx.delete_many("pianqu", [(str(uid), int(v)) for uid, v in empty["version"].items()])


def _give_colours(tx: Edit, uids: Sequence[str]) -> None:
    """Give new 片区 colours that their neighbours do not have; the others keep theirs for life."""
    tx.settle_pianqu()
    present = tx.read("pianqu")
    # By name, not by uid: uids are drawn by lot, and the same proposal shall get the same colours.
    named = present.set_index(present["name"] + "\n" + present.index)
    colours = assign_colours(_beside(named), named["color"], palette_size=PALETTE_SIZE)
    given = zip(present.index, present["version"], colours, strict=True)
    changes: list[dict[str, Any]] = [
        {"uid": uid, "version": int(version), "color": int(color)}
        for uid, version, color in given
        if uid in set(uids)
    ]
    tx.update_many("pianqu", changes)


def _beside(present: gpd.GeoDataFrame) -> pd.DataFrame:
    drawn = present.geometry.dropna()
    if len(drawn) < 2:
        return pd.DataFrame({"i": [], "j": []})
    plane = to_plane(drawn, plan_zone(drawn).epsg)
    return neighbours(plane, max_gap_m=COLOUR_GAP_M)
