"""Demand for stalls: households × target less what there is, per compound and 片区.

Unknown stays unknown: a compound of which households or stalls are not known has no shortage, and a 片区 says
how many of its members could not be counted. What there is comes from the ledger (现状停车位), else from stalls
that are drawn, else from the capacity of the parking that is drawn; each says which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.stall_settings import StallSettings
from data.stall_sharing import share

__all__ = ["EXISTING_FROM", "Demand", "demand", "existing_stalls"]

EXISTING_FROM = {
    "ledger": "台账的现状停车位",
    "stalls": "已画的停车位",
    "parking": "停车场地的容量",
}
# What a capacity is called beside a parking ground, as OSM and drawings have it; lower case.
_CAPACITY = ("capacity", "车位数", "停车位数", "停车位", "车位", "容量", "泊位数", "泊位")
# Households × ratio is held as a binary fraction: 500 × 0.7 may be 350.00000000000006.
_DIGITS = 6


@dataclass(frozen=True, kw_only=True, eq=False)
class Demand:
    """What is needed, what there is and what is short, in whole stalls.

    Attributes
    ----------
    compounds : DataFrame
        By uid: ``pianqu_uid``, ``households``, ``existing``, ``existing_from`` (words, None if unknown), ``target``
        (per household), ``need``, ``shortage`` (below zero: to spare; NA if households or stalls are unknown),
        ``per_household``, ``from_pianqu`` and ``from_near`` (stalls of other members of the 片区, and of others
        nearby, that cover it), ``lent`` (its own that cover others), ``left`` (short after sharing, 0 or more).
    pianqu : DataFrame
        By uid of the 片区: ``households``, ``existing``, ``need``, ``shortage`` (sums over the members that are
        known; surplus of one covers shortage of another only as far as it may be shared: ``left``), ``per_household``,
        ``unknown`` (members without a shortage), ``compounds``.
    flows : DataFrame
        ``lender``, ``borrower``, ``stalls``, ``distance_m`` (NaN without a boundary), ``within`` (片区, 步行范围).
    words : str
        The target with where it is from, and how stalls may be shared.
    """

    compounds: pd.DataFrame
    pianqu: pd.DataFrame
    flows: pd.DataFrame
    words: str


def demand(
    frame: gpd.GeoDataFrame,
    settings: StallSettings,
    *,
    stalls: gpd.GeoDataFrame | None = None,
    parking: gpd.GeoDataFrame | None = None,
    zone: int | None = None,
) -> Demand:
    """Work out what each compound and 片区 is short of.

    Parameters
    ----------
    frame : GeoDataFrame
        Compounds of the plan, index uid, EPSG:4490.
    settings : StallSettings
        Target, and how stalls may be shared.
    stalls, parking : GeoDataFrame, optional
        These layers of the plan, for compounds whose stalls the ledger does not know.
    zone : int, optional
        Zone of the plan, if the planner has chosen one.

    Returns
    -------
    Demand
    """
    table = _of_compounds(frame, settings, existing_stalls(frame, stalls=stalls, parking=parking))
    flows = share(
        frame.geometry, table["shortage"], table["pianqu_uid"], settings=settings, zone=zone
    )
    table = _shared(table, flows)
    return Demand(
        compounds=table,
        pianqu=_of_pianqu(table),
        flows=flows,
        words=f"{settings.target_words}；{_sharing_words(settings)}",
    )


def existing_stalls(
    frame: gpd.GeoDataFrame,
    *,
    stalls: gpd.GeoDataFrame | None = None,
    parking: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Count what there is: ``existing`` (NA where unknown) and ``existing_from`` (words), by uid.

    Parking ground of unknown capacity makes what there is unknown, not 0; so does a compound without any.
    """
    ledger = pd.to_numeric(frame["stalls_existing"]).astype("Int64")
    known: dict[str, pd.Series[Any]] = {"ledger": ledger}
    if stalls is not None:
        # What came with a saved layout is new, not there yet.
        drawn = stalls[stalls["layout_uid"].isna() & ~stalls["by_hand"].astype(bool)]
        known["stalls"] = _summed(frame, drawn.geometry, pd.Series(1, index=drawn.index))
    if parking is not None:
        known["parking"] = _summed(frame, parking.geometry, parking["extra"].map(_capacity))
    existing = pd.Series(pd.NA, index=frame.index, dtype="Int64")
    source = np.full(len(frame), None, dtype=object)
    for name, counted in known.items():
        new = existing.isna() & counted.notna()
        existing = existing.where(~new, counted)
        source[new.to_numpy()] = EXISTING_FROM[name]
    told = pd.Series(source, index=frame.index, dtype=object)
    return pd.DataFrame({"existing": existing, "existing_from": told})


def _capacity(extra: Any) -> float:
    """Stalls that a parking ground says that it holds; NaN if it does not."""
    named = {str(key).strip().lower(): value for key, value in (extra or {}).items()}
    for key in _CAPACITY:
        try:
            value = float(named[key])
        except (KeyError, TypeError, ValueError):
            continue
        if 0 <= value < np.inf:
            return value
    return np.nan


def _summed(
    frame: gpd.GeoDataFrame, shapes: gpd.GeoSeries, counts: pd.Series[Any]
) -> pd.Series[Any]:
    """Add counts up over the compound that each shape's inner point lies in; NA if none, or one is unknown."""
    blank = pd.Series(pd.NA, index=frame.index, dtype="Int64")
    there = np.flatnonzero(~(shapes.isna() | shapes.is_empty).to_numpy())
    outlines = frame.geometry.to_numpy()
    if not len(there) or not len(frame):
        return blank
    points = shapely.point_on_surface(shapes.to_numpy()[there])
    at, compound = shapely.STRtree(outlines).query(points, predicate="intersects")
    # A point on a common boundary counts once, with the compound of the first uid.
    order = np.lexsort((frame.index.to_numpy(str)[compound], at))
    at, compound = at[order], compound[order]
    first = np.r_[True, at[1:] != at[:-1]] if len(at) else np.zeros(0, bool)
    held = pd.DataFrame(
        {
            "compound": frame.index.to_numpy()[compound[first]],
            "count": counts.to_numpy(float)[there[at[first]]],
        }
    )
    sums = held.groupby("compound")["count"].agg(lambda one: one.sum(skipna=False))
    return sums.round().astype("Int64").reindex(frame.index)


def _of_compounds(
    frame: gpd.GeoDataFrame, settings: StallSettings, there: pd.DataFrame
) -> pd.DataFrame:
    households = pd.to_numeric(frame["households"]).astype("Int64")
    wanted = (households.astype("Float64") * settings.target_ratio).round(_DIGITS)
    need = pd.Series(np.ceil(wanted.to_numpy(float, na_value=np.nan)), index=frame.index)
    table = pd.DataFrame(
        {
            "pianqu_uid": frame["pianqu_uid"].astype(object),
            "households": households,
            "existing": there["existing"],
            "existing_from": there["existing_from"],
            "target": settings.target_ratio,
            "need": need.astype("Int64"),
        },
        index=frame.index,
    )
    table["shortage"] = table["need"] - table["existing"]
    table["per_household"] = _per_household(table)
    return table


def _per_household(table: pd.DataFrame) -> pd.Series[Any]:
    """Stalls per household; NA where either is unknown or nobody lives there."""
    housed = table["households"].where(table["households"] > 0).astype("Float64")
    ratio: pd.Series[Any] = table["existing"].astype("Float64") / housed
    return ratio


def _shared(table: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    """Add what flows between compounds."""
    inside = flows["within"] == "片区"
    sums = {
        "from_pianqu": flows[inside].groupby("borrower")["stalls"].sum(),
        "from_near": flows[~inside].groupby("borrower")["stalls"].sum(),
        "lent": flows.groupby("lender")["stalls"].sum(),
    }
    known = table["shortage"].notna()
    for name, moved in sums.items():
        table[name] = moved.reindex(table.index).fillna(0).astype("Int64").where(known)
    covered = table["from_pianqu"] + table["from_near"]
    table["left"] = table["shortage"].clip(lower=0) - covered
    return table


def _of_pianqu(table: pd.DataFrame) -> pd.DataFrame:
    members = table[table["pianqu_uid"].notna()]
    keys = members["pianqu_uid"]
    made = pd.DataFrame({"compounds": keys.groupby(keys).size().astype("Int64")})
    for name in ("households", "existing", "need", "shortage", "left"):
        made[name] = members[name].groupby(keys).sum(min_count=1).astype("Int64")
    made["unknown"] = members["shortage"].isna().groupby(keys).sum().astype("Int64")
    # Stalls per household over the members of which both are known.
    both = members[members["households"].notna() & members["existing"].notna()]
    both_keys = both["pianqu_uid"]
    sums = both[["households", "existing"]].groupby(both_keys).sum()
    made["per_household"] = _per_household(sums).reindex(made.index)
    return made.rename_axis("pianqu_uid").sort_index()


def _sharing_words(settings: StallSettings) -> str:
    if settings.sharing == "off":
        return "各小区的富余车位不共用"
    near = f"边界相距 {settings.share_radius_m:g} 米以内"
    places = {"both": f"同一片区内、或{near}", "pianqu": "同一片区内", "radius": near}
    return f"{places[settings.sharing]}的富余车位可共用"
