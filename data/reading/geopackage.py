"""GeoPackage from outside: only real tables are read; views and triggers in it are not trusted."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from data.reading.gdal import read_with_gdal
from data.reading.source import RawLayer, SourceLayer
from errors import UploadError

__all__ = ["GeoPackageSource", "open_source"]

# sqlite_master says what is a table: a view may call functions when it is read.
_LAYERS = """
SELECT c.table_name, c.srs_id
FROM gpkg_contents AS c
JOIN sqlite_master AS m ON m.name = c.table_name AND m.type = 'table'
WHERE c.data_type = 'features'
ORDER BY c.table_name
"""

# 0 and -1 are GeoPackage's ways to say that nothing is known.
_UNDEFINED = {0, -1}


class GeoPackageSource:
    """One opened GeoPackage."""

    def __init__(self, path: Path, srs: dict[str, int], counts: dict[str, int]) -> None:
        self._path = path
        self._srs = srs
        self.layers = [SourceLayer(name=name, count=counts[name]) for name in srs]

    def read(self, layer: str) -> RawLayer:
        """Read one layer."""
        raw = read_with_gdal(self._path, layer=layer)
        if self._srs.get(layer) in _UNDEFINED:
            raw.crs = None
        return raw


def open_source(path: Path, folder: Path, *, name: str) -> GeoPackageSource:  # noqa: ARG001 - as all
    """List the layers of a GeoPackage.

    Raises
    ------
    UploadError
        If it is another SQLite database, damaged, or without layers.
    """
    target = path.with_name("file.gpkg")
    path.rename(target)
    try:
        with contextlib.closing(sqlite3.connect(f"{target.as_uri()}?mode=ro", uri=True)) as db:
            db.execute("PRAGMA trusted_schema=OFF")
            db.execute("PRAGMA cell_size_check=ON")
            srs = {str(table): int(code) for table, code in db.execute(_LAYERS)}
            counts = {table: _count(db, table) for table in srs}
    except (sqlite3.Error, UnicodeDecodeError, TypeError, ValueError) as err:
        if "no such table" in str(err):
            raise UploadError(f"“{name}”是 SQLite 数据库，但不是 GeoPackage。") from err
        raise UploadError(f"“{name}”已损坏，打不开。请重新导出后再上传。") from err
    if not srs:
        raise UploadError(f"“{name}”里没有图层。")
    return GeoPackageSource(target, srs, counts)


def _count(db: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    (count,) = db.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()  # noqa: S608 - quoted
    return int(count)
