"""How many stalls a proposal may have: the need of the compound, or what its 片区 still lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from data.layout_records import LayoutFigures
from data.stall_demand import demand
from data.stall_settings import StallSettings

__all__ = ["Need", "needs_of", "spread"]

UNKNOWN = "户数未知，算不出缺口，方案没有按缺口封顶。"
# What there is can not be less than nothing: the whole need is the most that may be lacking.
AT_MOST = (
    "现状停车位未知，算不出缺口，方案按全部需要 {need:,} 个封顶；请补现状停车位（没有就填 0）。"
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Need:
    """Need of one compound.

    Attributes
    ----------
    most : int or None
        Stalls that it may have at most; None where nobody knows what is needed, or nobody asks.
    own : int or None
        What it is short of itself, after sharing.
    group : str or None
        片区 whose need it may serve.
    figures : LayoutFigures
        Households, existing and shortage.
    notes : tuple of str
    """

    most: int | None
    own: int | None
    group: str | None
    figures: LayoutFigures
    notes: tuple[str, ...]


def needs_of(
    layers: Mapping[str, gpd.GeoDataFrame],
    uids: Sequence[str],
    settings: StallSettings,
    *,
    saved: pd.DataFrame | None,
    zone: int | None,
) -> dict[str, Need]:
    """Find the need of compounds.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        ``compounds``, and ``stalls`` and ``parking`` where there are.
    uids : sequence of str
        Compounds that are laid out in this run.
    settings : StallSettings
    saved : DataFrame, optional
        Records of saved layouts.
    zone : int or None
        Zone of the plan, if the planner has chosen one.
    """
    found = demand(
        layers["compounds"],
        settings,
        stalls=layers.get("stalls"),
        parking=layers.get("parking"),
        zone=zone,
    )
    table, groups = found.compounds, found.pianqu
    coming = _coming(table, uids, saved)
    groups = found.pianqu.assign(coming=pd.Series(coming, dtype="Int64"))
    return {str(uid): _need(table.loc[[uid]].iloc[0], groups, settings) for uid in uids}


def spread(counts: Mapping[str, int], needs: Mapping[str, Need]) -> dict[str, int]:
    """Share the need of each 片区 among its members: each first for itself, the rest where most room is.

    Parameters
    ----------
    counts : mapping
        Stalls that could be proposed on each compound, up to the need of its 片区.
    needs : mapping
        Their needs.

    Returns
    -------
    dict
        Stalls by compound of a 片区 with a known need; never more than the count.
    """
    members: dict[str, list[str]] = {}
    for uid in sorted(counts):
        group = needs[uid].group
        if group is not None and needs[uid].most is not None:
            members.setdefault(group, []).append(uid)
    shares: dict[str, int] = {}
    for uids in members.values():
        left = needs[uids[0]].most or 0
        for uid in uids:
            shares[uid] = min(counts[uid], needs[uid].own or 0, left)
            left -= shares[uid]
        for uid in sorted(uids, key=lambda uid: (shares[uid] - counts[uid], uid)):
            more = min(counts[uid] - shares[uid], left)
            shares[uid] += more
            left -= more
    return shares


def _need(row: pd.Series[Any], groups: pd.DataFrame, settings: StallSettings) -> Need:
    own = _whole(row["left"])
    figures = LayoutFigures(
        households=_whole(row["households"]),
        existing=_whole(row["existing"]),
        shortage=_whole(row["shortage"]),
        left=own,
    )
    alone = Need(most=None, own=own, group=None, figures=figures, notes=())
    if settings.up_to == "all":
        return alone
    if settings.up_to == "pianqu" and row["pianqu_uid"] in groups.index:
        return _of_group(alone, str(row["pianqu_uid"]), groups)
    if own is not None:
        return replace(alone, most=own)
    return _capped(alone, _whole(row["need"]))


def _capped(alone: Need, need: int | None) -> Need:
    """Cap by the whole need where nobody knows how much of it is met."""
    if need is None:
        return replace(alone, notes=(UNKNOWN,))
    return replace(alone, most=need, notes=(AT_MOST.format(need=need),))


def _of_group(alone: Need, group: str, groups: pd.DataFrame) -> Need:
    """Serve the need of a 片区, less what saved layouts of its other members bring."""
    whole = groups.loc[[group]].iloc[0]
    lacking = _whole(whole["left"])
    if lacking is None:
        return replace(_capped(alone, _whole(whole["need"])), group=group)
    unknown, coming = int(whole["unknown"]), _whole(whole["coming"]) or 0
    told = []
    if unknown:
        told.append(f"片区里有 {unknown} 个小区的缺口未知，片区缺口只按其余小区计。")
    if coming:
        told.append(f"片区里其他小区已存的车位方案新增 {coming:,} 个，已从缺口里减去。")
    return replace(alone, most=max(0, lacking - coming), group=group, notes=tuple(told))


def _coming(table: pd.DataFrame, uids: Sequence[str], saved: pd.DataFrame | None) -> dict[str, int]:
    """Stalls that saved layouts of other compounds bring, by 片区."""
    if saved is None or not len(saved):
        return {}
    others = saved[~saved["compound_uid"].isin(list(uids))]
    total = others["stalls"].fillna(0) + others["mechanical"].fillna(0)
    group = others["compound_uid"].map(table["pianqu_uid"].to_dict())
    sums = total.groupby(group).sum()
    return {str(name): int(count) for name, count in sums.items()}


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)
