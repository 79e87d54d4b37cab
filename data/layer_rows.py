"""Rows of the plan's context layers as they are told apart: columns that may not be there, widths, tags kept aside.

Roads, water and barriers come from surveys with their own columns and from OpenStreetMap with tags in ``extra``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["column", "drawn", "goes_over", "goes_under", "tags_of", "width_m"]

# OSM's keys for what leads over or under something else, kept beside the record as they came.
_OVER, _UNDER = "bridge", "tunnel"
_NO = {"", "no", "0", "false", "none", "否", "nan"}

Flags = NDArray[np.bool_]
Tags = Sequence[Mapping[str, Any]]


def drawn(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out rows without geometry."""
    return frame[~(frame.geometry.isna() | frame.geometry.is_empty)]


def column(frame: gpd.GeoDataFrame, name: str) -> pd.Series[Any]:
    """Return a column as objects; unknown throughout where a file has brought none."""
    if name not in frame:
        return pd.Series(None, index=frame.index, dtype=object)
    held: pd.Series[Any] = frame[name].astype(object)
    return held


def tags_of(frame: gpd.GeoDataFrame) -> Tags:
    """Fields outside the schema, row by row."""
    return [one if isinstance(one, dict) else {} for one in column(frame, "extra")]


def width_m(frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Width of each row by its own field, else by the tag ``width``; NaN where neither is known."""
    told = pd.to_numeric(pd.Series([one.get("width") for one in tags_of(frame)]), errors="coerce")
    if "width_m" in frame:
        told = frame["width_m"].reset_index(drop=True).astype(float).fillna(told)
    return told.to_numpy(float)


def goes_over(frame: gpd.GeoDataFrame) -> Flags:
    """Whether a row is tagged as a bridge."""
    return _said_yes(tags_of(frame), _OVER)


def goes_under(frame: gpd.GeoDataFrame) -> Flags:
    """Whether a row is tagged as a tunnel."""
    return _said_yes(tags_of(frame), _UNDER)


def _said_yes(tags: Tags, key: str) -> Flags:
    return np.array([str(one.get(key, "")).strip().lower() not in _NO for one in tags], dtype=bool)
