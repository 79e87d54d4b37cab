"""Rows of the plan file as frames, and frames as rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from data.schema import LAYERS, RECORD_TABLES, TABLES
from data.store.blob import SRS_ID, decode
from data.store.door import clean_geometries, clean_values, is_missing
from data.store.tables import JSON_COLUMNS
from errors import CrsError, RecordError, StoreError

__all__ = [
    "Records",
    "boxes_meet",
    "layer_columns",
    "layer_frame",
    "plain_records",
    "record_columns",
    "record_frame",
    "records_of",
    "table_frame",
]

CRS = f"EPSG:{SRS_ID}"

# What a frame of a layer carries beside its fields; never written from a frame.
_MANAGED = ("fid", "version", "edited_by")

Records = pd.DataFrame | Iterable[Mapping[str, Any]]


def layer_columns(layer: str) -> list[str]:
    """Columns in the order in which :func:`layer_frame` expects them."""
    names = [field.name for field in LAYERS[layer].fields if field.name != "uid"]
    return ["uid", "geom", *names, "extra", "version", "edited_by"]


def layer_frame(layer: str, rows: Sequence[Sequence[Any]]) -> gpd.GeoDataFrame:
    """Build the frame of a layer from rows with :func:`layer_columns`."""
    frame, by_name = _fields_frame(layer, layer_columns(layer), rows)
    return gpd.GeoDataFrame(frame, geometry=decode(by_name["geom"]), crs=CRS)


def record_columns(table: str) -> list[str]:
    """Columns in the order in which :func:`record_frame` expects them."""
    return [*(field.name for field in RECORD_TABLES[table].fields), "extra", "version", "edited_by"]


def record_frame(table: str, rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Build the frame of a table of records from rows with :func:`record_columns`."""
    return _fields_frame(table, record_columns(table), rows)[0]


def boxes_meet(frame: gpd.GeoDataFrame, bbox: tuple[float, float, float, float]) -> pd.Series[bool]:
    """Test exactly, after the R-tree, whose numbers are rounded outwards."""
    west, south, east, north = bbox
    box = frame.geometry.bounds
    met: pd.Series[bool] = (
        (box["maxx"] >= west)
        & (box["minx"] <= east)
        & (box["maxy"] >= south)
        & (box["miny"] <= north)
    )
    return met


def table_frame(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Build the frame of a plain table; JSON columns come back as values."""
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    data = {}
    for name, values in zip(names, columns, strict=True):
        if name in JSON_COLUMNS:
            read = [None if text is None else json.loads(text) for text in values]
            data[name] = pd.Series(_objects(read), dtype=object)
        elif all(isinstance(value, str) or value is None for value in values):
            data[name] = pd.Series(_objects(values), dtype=object)
        elif any(isinstance(value, float) for value in values):
            data[name] = pd.Series(list(values), dtype="Float64")
        else:
            data[name] = pd.Series(list(values), dtype="Int64")
    return pd.DataFrame(data)


def _fields_frame(
    name: str, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> tuple[pd.DataFrame, dict[str, Sequence[Any]]]:
    """Give the frame without geometry, index uid, and the columns as read."""
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    by_name: dict[str, Sequence[Any]] = dict(zip(names, columns, strict=True))
    index = pd.Index(np.array(by_name["uid"], dtype=object), name="uid", dtype=object)
    kinds = {field.name: field.kind for field in TABLES[name].fields if field.name != "uid"}
    data = {one: _typed(name, one, kinds[one], by_name[one]) for one in names if one in kinds}
    data["version"] = np.array(by_name["version"], dtype=np.int64)
    data["edited_by"] = _objects(by_name["edited_by"])
    data["extra"] = _objects([json.loads(text) if text else {} for text in by_name["extra"]])
    frame = pd.DataFrame({one: _series(values, index) for one, values in data.items()}, index=index)
    return frame, by_name


def records_of(layer: str, given: Records) -> list[dict[str, Any]]:
    """Clean records of a frame or of mappings; ``geom`` is present only if geometry was given.

    Parameters
    ----------
    layer : str
        Layer's name.
    given : DataFrame, GeoDataFrame or iterable of mappings
        A frame's index named ``uid`` (or its column ``uid``) gives the uids; a mapping's geometry is
        under ``geometry``. ``version`` comes through as it is; other managed columns are left out.

    Raises
    ------
    RecordError
        All problems of all records.
    CrsError
        If a frame with geometry is not in EPSG:4490.
    """
    raw = plain_records(given)
    title = LAYERS[layer].title
    problems: list[str] = []
    cleaned: list[dict[str, Any]] = []
    names = [_called(record, row) for row, record in enumerate(raw)]
    for record, name in zip(raw, names, strict=True):
        values = {
            key: value
            for key, value in record.items()
            if key not in _MANAGED and key not in {"geometry", "geom"}
        }
        try:
            cleaned.append(clean_values(layer, values, name))
        except RecordError as error:
            problems += error.problems
            cleaned.append({})
    with_geometry = [row for row, record in enumerate(raw) if "geometry" in record]
    try:
        geometries = clean_geometries(
            layer,
            [raw[row]["geometry"] for row in with_geometry],
            [names[r] for r in with_geometry],
        )
        for row, geometry in zip(with_geometry, geometries, strict=True):
            cleaned[row]["geom"] = geometry
    except RecordError as error:
        problems += error.problems
    if problems:
        raise RecordError(title, problems)
    for record, clean in zip(raw, cleaned, strict=True):
        if "version" in record:
            clean["version"] = record["version"]
    return cleaned


def plain_records(given: Records) -> list[dict[str, Any]]:
    """Give the rows of a frame, or mappings, as plain dicts; a frame's geometry is under ``geometry``."""
    if not isinstance(given, pd.DataFrame):
        return [dict(record) for record in given]
    columns: dict[str, list[Any]] = {}
    if given.index.name == "uid" and "uid" not in given.columns:
        columns["uid"] = given.index.tolist()
    geometry = _geometry_name(given)
    for name in given.columns:
        columns["geometry" if name == geometry else str(name)] = given[name].tolist()
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _geometry_name(given: pd.DataFrame) -> str | None:
    if not isinstance(given, gpd.GeoDataFrame):
        return "geometry" if "geometry" in given.columns else None
    name = given._geometry_column_name
    if name not in given.columns:
        return None
    if given.crs is None and not given.geometry.isna().all():
        raise CrsError(
            "图层没有坐标系，不能写入实施方案；请先声明坐标系并转换到 CGCS2000（EPSG:4490）。"
        )
    if given.crs is not None and given.crs.to_epsg() != SRS_ID:
        raise CrsError(
            f"图层的坐标系是 {given.crs.to_string()}，实施方案只存 CGCS2000（EPSG:4490）；请先转换。"
        )
    return str(name)


def _called(record: Mapping[str, Any], row: int) -> str:
    name = record.get("name")
    if not is_missing(name) and str(name).strip():
        return f"第 {row + 1} 条“{str(name).strip()[:40]}”"
    uid = record.get("uid")
    return f"第 {row + 1} 条" if is_missing(uid) else f"第 {row + 1} 条（{uid}）"


def _typed(layer: str, name: str, kind: str, values: Sequence[Any]) -> Any:
    if kind in {"text", "date", "month"}:
        return _objects(values)
    if kind == "flag":
        return np.array([bool(value) for value in values], dtype=bool)
    try:
        numbers = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        title = TABLES[layer].title
        raise StoreError(
            f"{title}的“{name}”列里有不是数字的值，可能是外部程序写入的。请在 QGIS 中改正后再打开。"
        ) from error
    if kind in {"real", "area", "share"}:
        return numbers
    missing = np.isnan(numbers)
    whole = np.where(missing, 0, numbers).astype(np.int64)
    return pd.arrays.IntegerArray(whole, missing)


def _series(values: Any, index: pd.Index[Any]) -> pd.Series[Any]:
    # Said outright: pandas would make a text column of objects, and NaN of None.
    series: pd.Series[Any] = pd.Series(values, index=index, dtype=values.dtype)
    return series


def _objects(values: Sequence[Any]) -> Any:
    return np.fromiter(values, dtype=object, count=len(values))
