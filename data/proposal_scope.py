"""Who takes part in an automatic proposal, and what is settled before: locks, verdicts, the planner's own pairs."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from data.proposal_settings import OVER, ProposalSettings
from errors import RecordError
from geo.crs import plan_zone, to_plane, zone_epsg
from policy.money import funding_gap_yuan

__all__ = ["Prepared", "in_scope", "prepare"]

_WHAT = "自动方案"
UNNAMED = "未命名小区"
_ANY_ZONE = 37
# Verdicts that let a compound take part, by what the settings say of 准入.
_ADMITTED = {"arguable": ("符合", "需论证"), "clear": ("符合",)}


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """What a proposal is worked out from.

    Attributes
    ----------
    records : GeoDataFrame
        The compounds that take part, as in the plan.
    compounds : DataFrame
        Their ``households``, ``investment_yuan``, ``balance_yuan`` (−资金缺口) and ``subdistrict``.
    shapes : GeoSeries
        Their boundaries in metres.
    together, apart : tuple of pairs of str
        Uids that have to be, or may not be, in one 片区.
    held : Series
        Name of the 片区 by uid of a locked compound that takes part: it stays in that 片区.
    staying : Series
        Reason by uid of a compound in the range that does not take part: it stays where it is.
    nobody : str
        Why nobody can be grouped and what to do; empty if somebody can.
    notes : tuple of str
        What a planner has to know of all this.
    """

    records: gpd.GeoDataFrame
    compounds: pd.DataFrame
    shapes: gpd.GeoSeries
    together: tuple[tuple[str, str], ...]
    apart: tuple[tuple[str, str], ...]
    held: pd.Series[str]
    staying: pd.Series[str]
    nobody: str
    notes: tuple[str, ...]

    def refuse_nobody(self) -> None:
        """Raise a RecordError if nobody can be grouped."""
        if self.nobody:
            raise RecordError(_WHAT, [self.nobody])


def prepare(
    frame: gpd.GeoDataFrame,
    pianqu: pd.DataFrame,
    settings: ProposalSettings,
    *,
    selection: Sequence[str] = (),
    states: pd.Series[str] | None = None,
    zone: int | None = None,
) -> Prepared:
    """Tell who takes part, and what is settled before.

    Members of a locked 片区 and locked compounds of none stay. Locked members of one unlocked 片区 stay
    together in it, those of different ones apart; where others of that 片区 do not take part, its locked
    members do not either, or the 片区 would be larger than the proposal says.

    Parameters
    ----------
    frame, pianqu : GeoDataFrame, DataFrame
        Compounds and 片区 of the plan by uid; ``locked`` may be lacking.
    settings : ProposalSettings
        What is asked for.
    selection : sequence of str
        Selected compounds, for ``over="selection"``.
    states : Series of str, optional
        准入 of every compound (符合, 需论证, 不符合); without it nobody is left out for it.
    zone : int, optional
        3° zone in which is measured; by default that of the middle of the plan.

    Raises
    ------
    RecordError
        If the planner's pairs contradict each other or the locks.
    """
    range_ = frame[in_scope(frame, settings, selection)]
    staying = _staying(frame, pianqu, range_, settings, states)
    records = range_[~range_.index.isin(staying.index)]
    held = _held(records, pianqu)
    groups = _groups(settings.together, held, records.index)
    apart = _apart(settings.apart, held, records.index)
    _refuse_contradictions(records, groups, apart)
    return Prepared(
        records=records,
        compounds=_figures(records),
        shapes=_plane(records, frame, zone),
        together=tuple(pair for group in groups for pair in itertools.pairwise(group)),
        apart=apart,
        held=held,
        staying=staying,
        nobody="" if records.geometry.notna().any() else _nobody(range_, staying, settings),
        notes=_notes(settings, records.index, frame),
    )


def in_scope(
    frame: gpd.GeoDataFrame, settings: ProposalSettings, selection: Sequence[str] = ()
) -> pd.Series[bool]:
    """Which compounds the planner means, index of `frame`; before locks and verdicts."""
    if settings.over == "selection":
        return pd.Series(frame.index.isin(list(selection)), index=frame.index)
    # Without a boundary there is nothing to go by: such compounds stay where they are.
    meant = frame["pianqu_uid"].isna() if settings.over == "ungrouped" else frame.geometry.notna()
    return pd.Series(meant.to_numpy(bool), index=frame.index)


def _staying(
    frame: gpd.GeoDataFrame,
    pianqu: pd.DataFrame,
    range_: gpd.GeoDataFrame,
    settings: ProposalSettings,
    states: pd.Series[str] | None,
) -> pd.Series[str]:
    reasons = pd.Series(None, index=range_.index, dtype=object, name="reason")
    locked, keys = _locked(range_), range_["pianqu_uid"]
    names = keys.map(pianqu["name"].to_dict())
    if states is not None and settings.only_eligible != "all":
        found = states.reindex(range_.index)
        # What a planner has locked in place is settled already.
        out = ~found.isin(_ADMITTED[settings.only_eligible]) & ~locked
        reasons[out] = "准入：" + found[out].fillna("未判定").astype(str)
    closed = keys.isin(pianqu.index[_locked(pianqu)])
    reasons[closed] = "所在片区“" + names[closed].astype(str) + "”已锁定"
    reasons[locked & keys.isna()] = "已锁定为未分组"
    taking = range_.index[reasons.isna()]
    crowd = frame["pianqu_uid"].dropna()
    torn = set(crowd[~crowd.index.isin(taking)])
    core = locked & reasons.isna() & keys.isin(torn)
    reasons[core] = "已锁定在“" + names[core].astype(str) + "”，那里还有小区不参加"
    return reasons.dropna()


def _locked(table: pd.DataFrame) -> pd.Series[bool]:
    if "locked" not in table:
        return pd.Series(False, index=table.index)
    return table["locked"].astype("boolean").fillna(False).astype(bool)


def _held(records: pd.DataFrame, pianqu: pd.DataFrame) -> pd.Series[str]:
    keys = records.loc[_locked(records), "pianqu_uid"].dropna()
    return keys.map(pianqu["name"].to_dict()).astype(object).rename("name")


def _groups(
    asked: Iterable[Sequence[str]], held: pd.Series[str], known: pd.Index[Any]
) -> list[list[str]]:
    """Compounds that have to stay together, of those that take part."""
    cores = [[str(uid) for uid in members] for members in held.groupby(held).groups.values()]
    wanted = [[uid for uid in group if uid in known] for group in asked]
    return [group for group in (*cores, *wanted) if len(group) > 1]


def _apart(
    asked: Iterable[tuple[str, str]], held: pd.Series[str], known: pd.Index[Any]
) -> tuple[tuple[str, str], ...]:
    firsts = [str(uid) for uid in held[~held.duplicated()].index]
    wanted = [(a, b) for a, b in asked if a in known and b in known]
    return (*itertools.combinations(firsts, 2), *wanted)


def _refuse_contradictions(
    records: pd.DataFrame, groups: Iterable[Sequence[str]], apart: Iterable[tuple[str, str]]
) -> None:
    joined = _Joined()
    for group in groups:
        for uid in group[1:]:
            joined.join(group[0], uid)
    torn = [(a, b) for a, b in apart if joined.first(a) == joined.first(b)]
    if torn:
        name = _names(records)
        raise RecordError(
            _WHAT,
            [
                f"“{name(a)}”与“{name(b)}”既要同片又要分开（含锁定在不同片区的）。请去掉其中一条，或解锁。"
                for a, b in torn
            ],
        )


class _Joined:
    """Which things hang together, each told by the first of its group."""

    def __init__(self) -> None:
        self._above: dict[Hashable, Hashable] = {}

    def first(self, one: Hashable) -> Hashable:
        while (above := self._above.get(one, one)) != one:
            one = above
        return one

    def join(self, one: Hashable, other: Hashable) -> None:
        self._above[self.first(other)] = self.first(one)


def _names(records: pd.DataFrame) -> Any:
    names: Mapping[Any, Any] = records["name"].to_dict()
    return lambda uid: names.get(uid) or UNNAMED


def _figures(records: pd.DataFrame) -> pd.DataFrame:
    subdistrict = records["subdistrict"].astype("string").str.strip()
    known = subdistrict.notna() & (subdistrict != "").fillna(False)
    return pd.DataFrame(
        {
            "households": records["households"].astype("Int64"),
            "investment_yuan": records["investment_yuan"].astype("Int64"),
            "balance_yuan": -funding_gap_yuan(records),
            "subdistrict": subdistrict.astype(object).where(known.astype(bool), None),
        },
        index=records.index,
    )


def _plane(records: gpd.GeoDataFrame, frame: gpd.GeoDataFrame, zone: int | None) -> gpd.GeoSeries:
    drawn = frame.geometry.dropna()
    # Without a boundary there is nothing to choose a zone by, and nothing to measure.
    middle = plan_zone(drawn).epsg if len(drawn) else zone_epsg(_ANY_ZONE)
    return to_plane(records.geometry, middle if zone is None else zone_epsg(zone))


def _nobody(range_: gpd.GeoDataFrame, staying: pd.Series[str], settings: ProposalSettings) -> str:
    why = [f"{count:,} 个{reason}" for reason, count in staying.value_counts().head(3).items()]
    undrawn = int((range_.geometry.isna() & ~range_.index.isin(staying.index)).sum())
    if undrawn:
        why.append(f"{undrawn:,} 个还没有边界")
    told = f"（{'；'.join(why)}）" if why else ""
    return f"“{OVER[settings.over]}”里没有可以分组的小区{told}。请换一个范围，或先画边界、解锁、改准入条件。"


def _notes(
    settings: ProposalSettings, taking: pd.Index[Any], frame: pd.DataFrame
) -> tuple[str, ...]:
    idle = [
        pair
        for pair in (*settings.together, *settings.apart)
        if not {uid for uid in pair if uid in frame.index} <= set(taking)
    ]
    return (
        (f"{len(idle):,} 条“必须同片、必须分开”里有小区不参加，只对参加的起作用。",) if idle else ()
    )
