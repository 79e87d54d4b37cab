"""The one table of file formats that may come in: a new format is a new row and a module.

The GDAL driver of a row is what the worker process is allowed to load; formats without one are read by
our own code or by openpyxl.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["BOUNDARY_TITLES", "DRIVERS", "FORMATS", "LEDGER_TITLES", "Format", "FormatId"]

FormatId = Literal["geojson", "geopackage", "shapefile", "xlsx", "csv"]


@dataclass(frozen=True, kw_only=True)
class Format:
    """One file format.

    Attributes
    ----------
    id : str
        Short name.
    title : str
        What the planner reads.
    kind : {"boundaries", "ledger"}
        What is in such a file.
    suffix : str
        Name under which the worker keeps its copy.
    driver : str or None
        GDAL driver, if GDAL reads it.
    reader : str
        Module of this package with ``open_source(path, folder)`` (boundaries) or ``sheets(path)`` (ledger).
    """

    id: FormatId
    title: str
    kind: Literal["boundaries", "ledger"]
    suffix: str
    driver: str | None
    reader: str


_ROWS = (
    Format(
        id="geojson",
        title="GeoJSON",
        kind="boundaries",
        suffix=".geojson",
        # Own reader: GDAL turns text coordinates into nothing and names no feature when it fails.
        driver=None,
        reader="geojson",
    ),
    Format(
        id="geopackage",
        title="GeoPackage",
        kind="boundaries",
        suffix=".gpkg",
        driver="GPKG",
        reader="geopackage",
    ),
    Format(
        id="shapefile",
        title="Shapefile 压缩包",
        kind="boundaries",
        suffix=".zip",
        driver="ESRI Shapefile",
        reader="shapefile",
    ),
    Format(
        id="xlsx", title="Excel 工作簿", kind="ledger", suffix=".xlsx", driver=None, reader="xlsx"
    ),
    Format(
        id="csv", title="CSV 表格", kind="ledger", suffix=".csv", driver=None, reader="delimited"
    ),
)

FORMATS: dict[str, Format] = {row.id: row for row in _ROWS}

# What the worker's GDAL may load; everything else is taken out before GDAL is imported.
DRIVERS = frozenset(row.driver for row in _ROWS if row.driver)

BOUNDARY_TITLES = "、".join(row.title for row in _ROWS if row.kind == "boundaries")
LEDGER_TITLES = "、".join(row.title for row in _ROWS if row.kind == "ledger")
