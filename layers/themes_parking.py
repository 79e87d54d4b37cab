"""Themes of parking: how many stalls a compound is short of, and how many stalls a household has."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers.scale import ClassScale, as_numbers, gap_scale
from layers.themes_options import PaintOptions

__all__ = ["shortage_of", "shortage_scale", "stalls_per_household"]


def shortage_of(frame: pd.DataFrame, options: PaintOptions) -> pd.Series:
    """Stalls that each compound is short of; below zero it has more than it needs, NaN where nobody knows."""
    if options.shortage is None:
        return pd.Series(np.nan, index=frame.index, dtype=float)
    found = options.shortage().reindex(frame.index)
    return pd.Series(as_numbers(found), index=frame.index)


def shortage_scale(values: pd.Series, _: PaintOptions) -> ClassScale:
    """Two-sided round zero: what is short in red, what is over in green."""
    return gap_scale(
        values, title="车位缺口", unit="个", signs=("富余", "缺"), zero_label="不缺不余"
    )


def stalls_per_household(frame: pd.DataFrame, _: PaintOptions) -> pd.Series:
    """Stalls there are to a household; NaN where either is unknown, or nobody lives there."""
    stalls, households = as_numbers(frame["stalls_existing"]), as_numbers(frame["households"])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(households > 0, stalls / households, np.nan)
    return pd.Series(share, index=frame.index)
