"""Boundaries and other layers of a plan, read from a file: in CGCS2000, repaired, with known attributes."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import shapely

from data.findings import Finding
from data.reading.attributes import compound_columns, context_columns
from data.reading.process import Answer, ask_worker
from data.schema import LAYERS
from errors import UploadError

__all__ = ["Boundaries", "layer_of", "read_boundaries", "read_layers"]

# Beside the plan's own names and titles: what public extracts and other programs call them.
_LAYER_ALIASES = {
    "pois": "facilities",
    "poi": "facilities",
    "facility": "facilities",
    "compound": "compounds",
    "building": "buildings",
    "road": "roads",
    "barrier": "barriers",
    "parkings": "parking",
    "小区边界": "compounds",
    "建筑物": "buildings",
    "楼栋": "buildings",
    "停车场": "parking",
    "水体": "water",
    "设施": "facilities",
}
# 片区 are made of compounds in the tool, sites, stalls and aisles are its results: none comes from a file.
_OWN_LAYERS = {"pianqu", "sites", "stalls", "aisles"}


@dataclass(frozen=True, kw_only=True)
class Boundaries:
    """One layer of a file, ready to be matched and taken in.

    Attributes
    ----------
    layer : str
        Layer of the plan that it is for.
    source_layer : str
        Its name in the file.
    frame : GeoDataFrame
        Index ``row`` = number of the feature in the file; EPSG:4490; fields of the layer that the file
        has, ``extra`` (dict) with the rest; MultiPolygon or None for layers of areas.
    repaired : DataFrame
        As ``geo.repair.repair`` gives it, labels as in `frame`.
    crs : str
        System that the file was read in.
    file_name, sha256 : str
    encoding : str
    findings : tuple of Finding
    """

    layer: str
    source_layer: str
    frame: gpd.GeoDataFrame
    repaired: pd.DataFrame
    crs: str
    file_name: str
    sha256: str
    encoding: str
    findings: tuple[Finding, ...]


def read_boundaries(
    path: str | os.PathLike[str],
    original_name: str | None = None,
    *,
    layer: str | None = None,
    crs: str | None = None,
    into: str = "compounds",
) -> Boundaries:
    """Read one layer of a boundary file, in a throw-away process.

    Parameters
    ----------
    path : path
        GeoJSON, GeoPackage, or a zip of Shapefiles.
    original_name : str, optional
        As the planner knows it.
    layer : str, optional
        Layer of the file; needed only if it has several and none is called what `into` is.
    crs : str, optional
        Text for ``geo.crs.parse_system``; outranks what the file says, and is needed if it says nothing.
    into : str
        Layer of the plan that it is for.

    Returns
    -------
    Boundaries

    Raises
    ------
    UploadError
        If the file can not be read, has no features, several layers, or lies outside China.
    CrsError
        If the system has to be asked for.
    RecordError
        If geometries can not be read; all are told.
    """
    name = original_name or Path(path).name
    options = {
        "layers": [layer] if layer is not None else None,
        "prefer": _names_of(into),
        "crs": crs,
        "polygonal": None if _is_areal(into) else ["\x00none"],
    }
    with ask_worker("boundaries", path, original_name=name, options=options) as answer:
        (told,) = answer.data["layers"]
        return _boundaries(answer, told, into=into, name=name, sha256=_sha256(path))


def read_layers(
    path: str | os.PathLike[str], original_name: str | None = None, *, crs: str | None = None
) -> dict[str, Boundaries]:
    """Read all layers of a file that a plan knows by name.

    Parameters
    ----------
    path : path
        A GeoPackage, or a zip of Shapefiles.
    original_name : str, optional
        As the planner knows it.
    crs : str, optional
        As for :func:`read_boundaries`; for all layers.

    Returns
    -------
    dict of str to Boundaries
        By layer of the plan; in the plan's order.

    Raises
    ------
    UploadError
        If the file can not be read, or no layer is known by its name.
    CrsError, RecordError
        As for :func:`read_boundaries`.
    """
    name = original_name or Path(path).name
    with ask_worker("layer_names", path, original_name=name) as answer:
        present = [str(one) for one, count in answer.data["layers"] if count]
    wanted = {layer: one for one in present if (layer := layer_of(one)) is not None}
    if not wanted:
        known = "、".join(layer for layer in LAYERS if layer not in _OWN_LAYERS)
        raise UploadError(
            f"“{name}”里没有认识的图层（有：{'、'.join(present) or '无'}）。"
            f"请选择要导入的图层和用途，或把图层改名为：{known}。"
        )
    options = {
        "layers": list(wanted.values()),
        "crs": crs,
        "polygonal": [one for layer, one in wanted.items() if _is_areal(layer)] or ["\x00none"],
    }
    sha256 = _sha256(path)
    with ask_worker("boundaries", path, original_name=name, options=options) as answer:
        told = {one["layer"]: one for one in answer.data["layers"]}
        return {
            layer: _boundaries(answer, told[wanted[layer]], into=layer, name=name, sha256=sha256)
            for layer in LAYERS
            if layer in wanted
        }


def layer_of(name: str) -> str | None:
    """Find the layer of a plan that a layer of a file means by its name; None if it means none."""
    plain = name.strip().lower()
    titles = {layer.title: layer.name for layer in LAYERS.values()}
    found = plain if plain in LAYERS else _LAYER_ALIASES.get(plain, titles.get(plain))
    return None if found in _OWN_LAYERS else found


def _names_of(layer: str) -> list[str]:
    aliases = [alias for alias, name in _LAYER_ALIASES.items() if name == layer]
    return [layer, LAYERS[layer].title, *aliases]


def _is_areal(layer: str) -> bool:
    return LAYERS[layer].geometry_type == "MULTIPOLYGON"


def _sha256(path: str | os.PathLike[str]) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _boundaries(
    answer: Answer, told: dict[str, Any], *, into: str, name: str, sha256: str
) -> Boundaries:
    table = answer.table(told["file"])
    index = pd.Index(table.column("row").to_pylist(), name="row")
    geoms = gpd.GeoSeries(
        shapely.from_wkb(table.column("geometry").to_numpy()), index=index, crs=4490
    )
    columns = _columns(table, told["columns"])
    reader: Callable[..., tuple[dict[str, list[Any]], list[Finding]]] = (
        compound_columns if into == "compounds" else context_columns
    )
    values, findings = reader(columns, rows=index.tolist(), layer=into)
    frame = gpd.GeoDataFrame(
        {key: pd.Series(value, index=index, dtype="object") for key, value in values.items()},
        geometry=geoms,
        index=index,
    )
    return Boundaries(
        layer=into,
        source_layer=told["layer"],
        frame=frame,
        repaired=_repaired(told["repaired"]),
        crs=told["crs"],
        file_name=name,
        sha256=sha256,
        encoding=told["encoding"],
        findings=(*(Finding(**one) for one in told["findings"]), *findings),
    )


def _columns(table: pa.Table, names: Sequence[str]) -> list[tuple[str, list[Any]]]:
    return [(name, table.column(f"c{number}").to_pylist()) for number, name in enumerate(names)]


def _repaired(rows: list[list[Any]]) -> pd.DataFrame:
    names = ["row", "problem", "area_before_m2", "area_after_m2", "share_changed", "ask"]
    frame = pd.DataFrame(rows, columns=names).set_index("row")
    frame["share_changed"] = [math.inf if share is None else share for *_, share, _ in rows]
    return frame.astype({"area_before_m2": float, "area_after_m2": float, "ask": bool})
