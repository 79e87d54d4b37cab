"""A grouping in figures: what two of them are compared by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from data.pianqu import totals
from geo.bundle_problem import BundleLimits
from geo.group_figures import group_figures

__all__ = ["GroupingMeasures", "measure_grouping", "pianqu_figures"]


@dataclass(frozen=True, kw_only=True)
class GroupingMeasures:
    """Figures of one grouping; None where nobody knows.

    Attributes
    ----------
    pianqu : int
        片区 with compounds.
    placed, ungrouped : int
        Compounds in 片区, and in none.
    placed_households, ungrouped_households : int
        Their known households.
    fewest, middle, most : int, float, int or None
        Households of the smallest 片区, the median, and the largest, of those of which some are known.
    investment_yuan, gap_yuan : int or None
        预计投资 and 资金缺口 of the compounds in 片区.
    compactness, diameter_m : float or None
        Mean A²/2πI of the 片区; reach of the widest.
    apart : int
        片区 that are not 连片.
    broken : int
        片区 that break a limit.
    """

    pianqu: int
    placed: int
    ungrouped: int
    placed_households: int
    ungrouped_households: int
    fewest: int | None
    middle: float | None
    most: int | None
    investment_yuan: int | None
    gap_yuan: int | None
    compactness: float | None
    diameter_m: float | None
    apart: int
    broken: int


def pianqu_figures(
    frame: pd.DataFrame,
    names: pd.Series[Any],
    shapes: gpd.GeoSeries,
    pairs: pd.DataFrame,
    limits: BundleLimits,
) -> pd.DataFrame:
    """Figures of each 片区 of a grouping.

    Parameters
    ----------
    frame : DataFrame
        Compounds of the plan.
    names : Series
        Name of the 片区 by uid, missing for 未分组.
    shapes : GeoSeries
        Boundaries by uid, in metres.
    pairs : DataFrame
        Neighbours ``i``, ``j``.
    limits : BundleLimits
        What a 片区 should keep.

    Returns
    -------
    DataFrame
        By name: the columns of :func:`data.pianqu.totals`, ``diameter_m``, ``compactness``, ``apart`` and
        ``broken`` (bool).
    """
    held = names.reindex(frame.index).astype(object)
    held = held.where(held.notna(), None)
    table = totals(frame.assign(pianqu_uid=held), pairs=pairs)
    table = table.join(group_figures(shapes, held.reindex(shapes.index)))
    # Members without a boundary have no neighbours and were counted as parts.
    apart = (table["parts"] - table["without_boundary"]) > 1
    return table.assign(apart=apart.fillna(False).astype(bool), broken=_broken(table, limits))


def _broken(table: pd.DataFrame, limits: BundleLimits) -> pd.Series[bool]:
    broken = pd.Series(False, index=table.index)
    for column, low, high in (
        ("households", limits.min_households, limits.max_households),
        ("investment_yuan", None, limits.max_investment_yuan),
        ("diameter_m", None, limits.max_diameter_m),
    ):
        figures = pd.to_numeric(table[column]).astype("Float64")
        if low is not None:
            broken |= (figures < low).fillna(False).astype(bool)
        if high is not None:
            broken |= (figures > high).fillna(False).astype(bool)
    return broken


def measure_grouping(
    frame: pd.DataFrame, names: pd.Series[Any], table: pd.DataFrame
) -> GroupingMeasures:
    """Sum a grouping up.

    Parameters
    ----------
    frame, names
        As for :func:`pianqu_figures`.
    table : DataFrame
        What that gave.
    """
    free = names.reindex(frame.index).isna().to_numpy()
    households = table["households"].astype("Float64").dropna()
    return GroupingMeasures(
        pianqu=len(table),
        placed=int((~free).sum()),
        ungrouped=int(free.sum()),
        placed_households=int(frame["households"][~free].sum()),
        ungrouped_households=int(frame["households"][free].sum()),
        fewest=_whole(households.min()),
        middle=None if not len(households) else float(households.median()),
        most=_whole(households.max()),
        investment_yuan=_whole(table["investment_yuan"].sum(min_count=1)),
        gap_yuan=_whole(table["funding_gap_yuan"].sum(min_count=1)),
        compactness=_real(table["compactness"].mean()),
        diameter_m=_real(table["diameter_m"].max()),
        apart=int(table["apart"].sum()),
        broken=int(table["broken"].sum()),
    )


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _real(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
