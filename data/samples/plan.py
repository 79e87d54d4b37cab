"""What a sample plan is made of, and frames of the plan's layers from plain columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.schema import LAYERS
from geo.crs import STORED_EPSG
from geo.measure import area_geodesic_m2

__all__ = ["SAMPLE_AUTHOR", "SamplePlan", "layer_frame"]

SAMPLE_AUTHOR = "示例数据"


@dataclass(frozen=True, kw_only=True)
class SamplePlan:
    """A plan before it is written to a file.

    Attributes
    ----------
    name : str
        Title of the plan.
    settings : dict
        Values for the settings table, ready for JSON: year, rules, maker, zone, stated totals.
    layers : dict of GeoDataFrame
        By layer name; index uid, EPSG:4490, columns of the schema.
    ledger_rows : tuple of dict
        The rows of the source as it states them: yuan and ㎡ under the schema's names. Empty where
        there is no source.
    totals : dict
        The totals that the source states, same names and units; may differ from the sum of the rows.
    """

    name: str
    settings: dict[str, Any]
    layers: dict[str, gpd.GeoDataFrame]
    ledger_rows: tuple[dict[str, Any], ...] = ()
    totals: dict[str, float] = field(default_factory=dict)


def layer_frame(
    layer: str,
    uids: Sequence[str] | NDArray[Any],
    columns: Mapping[str, Any],
    geometry: gpd.GeoSeries | NDArray[Any],
    *,
    extra: Sequence[dict[str, Any]] | None = None,
) -> gpd.GeoDataFrame:
    """Frame of one layer with all fields of the schema; what is not given is unknown.

    Parameters
    ----------
    layer : str
        Name in ``data.schema.LAYERS``.
    uids : sequence of str
        Index.
    columns : mapping
        Values by field name, scalars or as long as `uids`.
    geometry : GeoSeries or array of geometries
        In EPSG:4490, in the order of `uids`. Polygons become MultiPolygons.
    extra : sequence of dict, optional
        Fields outside the schema.

    Returns
    -------
    GeoDataFrame
        EPSG:4490, index named ``uid``; for compounds ``area_geodesic_m2`` is filled.
    """
    index = pd.Index(np.asarray(uids, dtype=object), name="uid")
    shapes = _multi(np.asarray(geometry, dtype=object))
    values: dict[str, pd.Series] = {}
    for item in LAYERS[layer].fields:
        if item.name != "uid":
            values[item.name] = _typed(columns.get(item.name), item.kind, index)
    if layer == "compounds":
        outline = gpd.GeoSeries(shapes, index=index, crs=STORED_EPSG)
        values["area_geodesic_m2"] = area_geodesic_m2(outline)
    values["version"] = pd.Series(1, index=index, dtype="int64")
    values["edited_by"] = pd.Series(SAMPLE_AUTHOR, index=index, dtype=object)
    notes = [{} for _ in range(len(index))] if extra is None else list(extra)
    values["extra"] = pd.Series(notes, index=index, dtype=object)
    return gpd.GeoDataFrame(values, index=index, geometry=shapes, crs=STORED_EPSG)


def _typed(value: Any, kind: str, index: pd.Index) -> pd.Series:
    if isinstance(value, pd.Series):
        value = value.to_numpy()
    if kind in ("integer", "yuan"):
        return pd.Series(pd.NA if value is None else value, index=index, dtype="Int64")
    if kind in ("real", "area"):
        return pd.Series(np.nan if value is None else value, index=index, dtype="float64")
    if kind == "flag":
        return pd.Series(False if value is None else value, index=index, dtype="bool")
    # A bare None would become NaN, which is no text.
    texts = np.full(len(index), None, dtype=object) if value is None else value
    return pd.Series(texts, index=index, dtype=object)


def _multi(shapes: NDArray[Any]) -> NDArray[Any]:
    """Single polygons as MultiPolygons, as the layers are registered; other kinds as they are."""
    result = shapes.copy()
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    if single.any():
        result[single] = shapely.multipolygons(shapes[single], indices=np.arange(single.sum()))
    return result
