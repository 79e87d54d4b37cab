"""A proposal of sites: what was chosen, whom each site serves, who is left and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from data.facility_points import Demand
    from data.site_settings import SiteSettings
    from geo.siting import Choice

__all__ = ["Origin", "SiteProposal", "served_table", "site_table"]

Flags = NDArray[np.bool_]

OUT_OF_REACH = "服务半径内没有合适的场地。"
NOT_CHOSEN = "选址个数有限，没有轮到。"
FULL = "每处至多服务的户数有限，没有服务到或只服务了一部分。"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """State of the plan that a proposal is made of.

    Attributes
    ----------
    plan_id : str
    revision : int
        As of :func:`data.site_records.basis_revision`.
    edition : int
        修订 as planners are told.
    """

    plan_id: str
    revision: int
    edition: int


@dataclass(frozen=True, kw_only=True, eq=False)
class SiteProposal:
    """Sites for a kind of facility.

    Attributes
    ----------
    settings : SiteSettings
        What was asked.
    sites : GeoDataFrame
        By number from 1, the most households first: columns of the candidates, ``households`` (served newly, whole;
        of compounds that are known), ``compounds`` (tuple of their uids), ``mean_m`` (mean way of the households, or
        of the compounds where none are known); in the plane `epsg`.
    compounds : DataFrame
        By uid: ``name``, ``pianqu_uid``, ``households`` (NA: unknown), ``before`` and ``after`` (served or not),
        ``by`` (uid of the facility or saved site that serves it already; missing if none), ``site`` (number of the
        new site that does; NA if none), ``distance_m``, ``served_households`` (after; less than its households only
        where sites are full; NA: unknown), ``reason`` (why it stays without; missing if it does not).
    candidates : GeoDataFrame
        All places that were held against each other.
    optimal, gap, proof, objective, bound
        As of :class:`geo.siting.Choice`: over the households (or compounds) that lacked the facility.
    by_compounds : bool
        No households were known: compounds were counted.
    notes : tuple of str
    origin : Origin or None
    epsg : int
    """

    settings: SiteSettings
    sites: gpd.GeoDataFrame
    compounds: pd.DataFrame
    candidates: gpd.GeoDataFrame
    optimal: bool
    gap: float | None
    proof: str
    objective: float
    bound: float
    by_compounds: bool
    notes: tuple[str, ...]
    origin: Origin | None
    epsg: int

    @property
    def households(self) -> int | None:
        """Households of the compounds that are known; None if of none."""
        known = self.compounds["households"].dropna()
        return int(known.sum()) if len(known) else None

    @property
    def covered_before(self) -> int | None:
        """Households that had the facility already."""
        if self.households is None:
            return None
        return int(self.compounds["households"].where(self.compounds["before"], 0).sum())

    @property
    def covered_after(self) -> int | None:
        """Households that have it with the new sites."""
        if self.households is None:
            return None
        return int(self.compounds["served_households"].sum())

    @property
    def unserved(self) -> pd.DataFrame:
        """Compounds that stay without, with the reason."""
        return self.compounds[self.compounds["reason"].notna()]

    @property
    def pianqu(self) -> pd.DataFrame:
        """By 片区: ``compounds``, ``households``, ``before``, ``after`` (households served)."""
        rows = self.compounds[self.compounds["pianqu_uid"].notna()]
        given = rows["households"].fillna(0).astype("int64")
        sums = pd.DataFrame(
            {
                "compounds": 1,
                "households": given,
                "before": given.where(rows["before"], 0),
                "after": rows["served_households"].fillna(0).astype("int64"),
            }
        )
        return sums.groupby(rows["pianqu_uid"]).sum().sort_index()


def site_table(
    picked: gpd.GeoDataFrame,
    choice: Choice,
    demand: Demand,
    lacking: Flags,
) -> gpd.GeoDataFrame:
    """Chosen sites with what they serve, numbered.

    Parameters
    ----------
    picked : GeoDataFrame
        Candidates in the order of ``choice.sites``.
    choice : Choice
        Over the lacking compounds.
    demand : Demand
    lacking : ndarray of bool
        Compounds that were chosen for.
    """
    uids = demand.table.index.to_numpy(object)[lacking]
    known = demand.households[lacking]
    taken = _taken(choice, known)
    sites = picked.copy()
    sites["households"] = [round(float(row.sum())) for row in taken]
    sites["compounds"] = [tuple(uids[homes]) for homes in _homes(choice)]
    sites["mean_m"] = [_mean_m(choice, homes, known) for homes in _homes(choice)]
    order = np.lexsort((np.arange(len(sites)), -sites["households"].to_numpy(float)))
    numbered = sites.iloc[order]
    numbered.index = pd.RangeIndex(1, len(sites) + 1, name="number")
    return numbered


def served_table(
    demand: Demand, before: pd.DataFrame, lacking: Flags, choice: Choice, reached: Flags
) -> pd.DataFrame:
    """Who is served by what, and who is not and why; see :class:`SiteProposal`.

    Parameters
    ----------
    demand : Demand
    before : DataFrame
        By compound: ``served``, ``by``, ``distance_m``.
    lacking, choice
        As for :func:`site_table`.
    reached : ndarray of bool
        Lacking compounds that some candidate reaches.
    """
    number = _numbers(choice, demand.households[lacking])
    of = np.full(len(demand.table), -1, dtype=np.int64)
    of[lacking] = choice.assigned
    site = pd.Series(pd.NA, index=demand.table.index, dtype="Int64")
    new = of >= 0
    site[new] = [number[at] for at in of[new]]
    distance = before["distance_m"].to_numpy(float).copy()
    distance[lacking] = choice.distance_m
    table = demand.table.assign(
        before=before["served"], after=before["served"] | new, by=before["by"], site=site
    )
    table["distance_m"] = distance
    table["served_households"] = _served_households(table, lacking, choice)
    table["reason"] = _reasons(table, lacking, choice, reached)
    return table


def _served_households(table: pd.DataFrame, lacking: Flags, choice: Choice) -> pd.Series[int]:
    whole = table["households"].where(table["after"], 0)
    if choice.shares is not None and choice.sites.size:
        part = np.asarray(choice.shares.sum(axis=0)).ravel().round()
        rows = table.index[lacking]
        whole[rows] = table.loc[rows, "households"].where(
            table.loc[rows, "households"].isna(), pd.Series(part, index=rows).astype("Int64")
        )
    served: pd.Series[int] = whole.astype("Int64")
    return served


def _reasons(table: pd.DataFrame, lacking: Flags, choice: Choice, reached: Flags) -> pd.Series[str]:
    reason = pd.Series(None, index=table.index, dtype=object)
    rows = table.index[lacking]
    without = ~table["after"].to_numpy(bool) & lacking
    reason[without] = NOT_CHOSEN if choice.shares is None else FULL
    reason[rows[~reached]] = OUT_OF_REACH
    partly = table["served_households"].lt(table["households"]).fillna(value=False)
    reason[(partly & table["after"]).to_numpy(bool)] = FULL
    return reason


def _taken(choice: Choice, known: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Households that each chosen site takes of each lacking compound."""
    if choice.shares is None:
        return [np.where(choice.assigned == at, known, 0.0) for at in choice.sites]
    return [np.asarray(choice.shares[[at]].todense()).ravel() for at in choice.sites]


def _homes(choice: Choice) -> list[NDArray[np.int64]]:
    """Lacking compounds of each chosen site."""
    if choice.shares is None:
        return [np.flatnonzero(choice.assigned == at) for at in choice.sites]
    rows = [np.asarray(choice.shares[[at]].todense()).ravel() for at in choice.sites]
    return [np.flatnonzero(row > 0) for row in rows]


def _mean_m(choice: Choice, homes: NDArray[np.int64], known: NDArray[np.float64]) -> float:
    ways, weight = choice.distance_m[homes], known[homes]
    if not len(homes):
        return float("nan")
    return float(np.average(ways, weights=weight if weight.sum() > 0 else None))


def _numbers(choice: Choice, known: NDArray[np.float64]) -> dict[int, int]:
    """Give the number of each chosen site, the most households first, as in :func:`site_table`."""
    sums = np.array([round(float(row.sum())) for row in _taken(choice, known)], dtype=float)
    order = np.lexsort((np.arange(len(sums)), -sums))
    return {int(choice.sites[at]): rank for rank, at in enumerate(order, start=1)}
