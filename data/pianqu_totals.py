"""Totals of 片区: the figures of their members added up; what is unknown is counted, not taken for 0."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from geo.joining import parts
from policy.money import contribution_yuan, funding_gap_yuan, grant_yuan, per_household

__all__ = ["TOTALS", "totals"]

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
        table["parts"] = parts(keys, pairs).reindex(table.index).astype("Int64")
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
