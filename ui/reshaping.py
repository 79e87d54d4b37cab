"""What becomes of the records when boundaries are split or joined: the figures of the ledger stay whole.

Nothing is written here: the result is shown first and written by :mod:`ui.edits` when the planner says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from data.schema import COMPOUND_FIELDS
from errors import GeometryError
from geo import editing
from geo.crs import plan_zone, to_plane
from geo.snapping import snap
from policy.money import share_exactly

__all__ = ["Joined", "Parted", "join_compounds", "part_compound", "snapped"]

STORED_CRS = 4490
SUMMED = tuple(
    f.name for f in COMPOUND_FIELDS if f.kind in {"integer", "area", "yuan"} and f.editable
)
COPIED = tuple(
    f.name for f in COMPOUND_FIELDS if f.name not in SUMMED and f.name not in {"uid", "name"}
)
# Neighbours closer than this are joined without a slit between them: walls, footpaths.
JOIN_GAP_M = 10.0
SCHEMATIC, DRAWN = "示意", "手绘"


@dataclass(frozen=True, kw_only=True)
class Parted:
    """A compound in pieces.

    Attributes
    ----------
    uid, version : str, int
        The compound as it was read; the first piece keeps its id.
    records : list of dict
        One a piece, with ``geometry``; figures are shared out by area and add up exactly.
    areas_m2 : list of float
        Plane areas.
    """

    uid: str
    version: int
    records: list[dict[str, Any]]
    areas_m2: list[float]


@dataclass(frozen=True, kw_only=True)
class Joined:
    """Compounds as one.

    Attributes
    ----------
    uid : str
        The compound that stays: the first selected.
    versions : dict
        Version of each compound as it was read, by id.
    record : dict
        The joined record, with ``geometry``.
    unknown : list of str
        Fields that become unknown because one compound's figure is.
    """

    uid: str
    versions: dict[str, int]
    record: dict[str, Any]
    unknown: list[str]


def part_compound(record: pd.Series, line: BaseGeometry) -> Parted:
    """Cut a compound along a line.

    Parameters
    ----------
    record : Series
        The compound, named by its id, with ``geometry`` in EPSG:4490.
    line : LineString
        EPSG:4490.

    Raises
    ------
    GeometryError
        If the line does not cut it.
    """
    zone = plan_zone(_series([record["geometry"]])).epsg
    shape, cutter = to_plane(_series([record["geometry"], line]), zone)
    pieces = editing.split(shape, cutter)
    areas = [piece.area for piece in pieces]
    back = gpd.GeoSeries(pieces, crs=zone).to_crs(STORED_CRS)
    shares = {name: _shared(record[name], areas) for name in SUMMED}
    records = []
    for k, piece in enumerate(back):
        values = {name: _plain(record[name]) for name in COPIED if name in record}
        values |= {name: parts[k] for name, parts in shares.items()}
        values |= {"geometry": piece, "boundary_state": _state([record["boundary_state"]])}
        values["name"] = record["name"] if k == 0 else f"{record['name']}（{k + 1}）"
        records.append(values)
    return Parted(
        uid=str(record.name), version=int(record["version"]), records=records, areas_m2=areas
    )


def join_compounds(records: pd.DataFrame, *, gap_m: float = JOIN_GAP_M) -> Joined:
    """Make one compound of several; the first one gives its id and name.

    Parameters
    ----------
    records : GeoDataFrame
        Two or more compounds, EPSG:4490.
    gap_m : float
        Gaps up to this width between them are filled.

    Raises
    ------
    GeometryError
        If there are fewer than two.
    """
    if len(records) < 2:
        raise GeometryError("合并需要至少两个小区。请按住 Shift 再点选一个。")
    first = records.iloc[0]
    sums = {name: records[name].sum(skipna=False) for name in SUMMED}
    values = {name: _plain(first[name]) for name in COPIED}
    values |= {name: _plain(total) for name, total in sums.items()}
    values["name"] = first["name"]
    values["works_text"] = _joined_text(records["works_text"])
    values["remarks"] = _joined_text(records["remarks"])
    values["boundary_state"] = _state(records["boundary_state"])
    values["geometry"] = _union(records.geometry, gap_m)
    unknown = [name for name in SUMMED if pd.isna(sums[name]) and records[name].notna().any()]
    versions = {str(uid): int(v) for uid, v in records["version"].items()}
    return Joined(uid=str(first.name), versions=versions, record=values, unknown=unknown)


def snapped(shape: BaseGeometry, neighbours: gpd.GeoSeries) -> BaseGeometry:
    """Pull a drawn boundary onto its neighbours, so that no sliver stays between them.

    Parameters
    ----------
    shape : Polygon or MultiPolygon
        EPSG:4490.
    neighbours : GeoSeries
        EPSG:4490.
    """
    if not len(neighbours):
        return shape
    zone = plan_zone(_series([shape])).epsg
    plane = to_plane(_series([shape, *neighbours]), zone)
    moved = snap(plane.iloc[0], list(plane.iloc[1:]))
    if moved.equals_exact(plane.iloc[0], 0):
        return shape
    back: BaseGeometry = gpd.GeoSeries([moved], crs=zone).to_crs(STORED_CRS).iloc[0]
    return back


def _series(shapes: Sequence[BaseGeometry]) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes), crs=STORED_CRS)


def _union(shapes: gpd.GeoSeries, gap_m: float) -> BaseGeometry | None:
    drawn = shapes[shapes.notna()]
    if not len(drawn):
        return None
    zone = plan_zone(drawn).epsg
    union = editing.merge(list(to_plane(drawn, zone)), gap_m=gap_m)
    back: BaseGeometry = gpd.GeoSeries([union], crs=zone).to_crs(STORED_CRS).iloc[0]
    return back


def _shared(value: Any, areas: Sequence[float]) -> list[Any]:
    if pd.isna(value):
        return [None] * len(areas)
    if float(value).is_integer():
        return share_exactly(int(value), areas)
    # Floor areas of the ledgers may have decimals: hundredths are shared out.
    return [part / 100 for part in share_exactly(round(float(value) * 100), areas)]


def _joined_text(texts: pd.Series) -> str | None:
    different = list(dict.fromkeys(t.strip() for t in texts.dropna() if t.strip()))
    return "；".join(different) or None


def _state(states: Sequence[Any] | pd.Series) -> str:
    # What was only sketched stays marked, whatever is cut from it or joined to it.
    return SCHEMATIC if SCHEMATIC in set(states) else DRAWN


def _plain(value: Any) -> Any:
    if value is None or (not isinstance(value, dict | list) and pd.isna(value)):
        return None
    return value.item() if hasattr(value, "item") else value
