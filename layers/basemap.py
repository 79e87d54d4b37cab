"""Pictures under the plan: a local raster of the planner's own, or 天地图 with the planner's key.

A local raster is a GeoTIFF or an MBTiles file on the computer that serves the plan. Its tiles are cut when
they are asked for; nothing of it is copied. The file is opened with its own driver only, never with
whatever GDAL would guess from its content.
"""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from matplotlib.image import imsave
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT

from errors import PlanningError
from layers.webmap import BaseLayer, Ground

__all__ = ["check_raster", "local_ground", "media_type", "raster_tile", "tianditu"]

_TILE_PX = 256
_MERCATOR_HALF_M = 20037508.342789244
_MERCATOR_EPSG = 3857
_MBTILES = ".mbtiles"
_GEOTIFF = (".tif", ".tiff")
_KEPT_TILES = 512
# Rasters of more than 8 bits are stretched between these shares of their values.
_STRETCH_PERCENT = (2, 98)
_SAMPLE_PX = 512
_OPAQUE = 255
_RGB_BANDS = 3

_TIANDITU = "https://t{n}.tianditu.gov.cn/{layer}_w/wmts"
_TIANDITU_QUERY = (
    "SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default&TILEMATRIXSET=w"
    "&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)
_TIANDITU_SOURCE = "天地图（国家地理信息公共服务平台）"
_TIANDITU_MAX_ZOOM = 18


def tianditu(key: str) -> tuple[Ground, ...]:
    """Offer the base maps of 天地图: streets and pictures, each with its names. Needs a network and a key.

    Parameters
    ----------
    key : str
        The planner's own key (tk), letters and digits.

    Raises
    ------
    PlanningError
        If the key has other characters.
    """
    if not (key.isascii() and key.isalnum()):
        raise PlanningError(
            "天地图密钥只含字母和数字。请在 天地图 网站“我的应用”里复制密钥（tk）。"
        )
    pairs = (("天地图矢量", ("vec", "cva")), ("天地图影像", ("img", "cia")))
    return tuple(
        Ground(title=title, layers=tuple(_tianditu_layer(name, key) for name in names))
        for title, names in pairs
    )


def _tianditu_layer(layer: str, key: str) -> BaseLayer:
    address = _TIANDITU.format(n=0, layer=layer)
    query = _TIANDITU_QUERY.format(layer=layer, key=key)
    return BaseLayer(
        url=f"{address}?{query}", attribution=_TIANDITU_SOURCE, max_zoom=_TIANDITU_MAX_ZOOM
    )


def local_ground(title: str = "本地影像", *, attribution: str = "") -> Ground:
    """Offer the base map of the session's own route ``raster/{z}/{x}/{y}``."""
    return Ground(
        title=title,
        layers=(BaseLayer(url="raster/{z}/{x}/{y}", attribution=attribution, max_zoom=20),),
    )


def check_raster(path: Path) -> None:
    """Refuse a file that can not be used under the plan.

    Raises
    ------
    PlanningError
        If it is not there, not of a known kind, damaged, or without a coordinate system.
    """
    if not path.is_file():
        raise PlanningError(f"没有找到底图文件 {path}。请检查路径。")
    if path.suffix.lower() == _MBTILES:
        _read_mbtiles(path, 0, 0, 0)
    elif path.suffix.lower() in _GEOTIFF:
        with _open_geotiff(path):
            pass
    else:
        raise PlanningError(f"底图文件 {path.name} 不是 GeoTIFF（.tif）或 MBTiles。请转换后再用。")


def media_type(tile: bytes) -> str:
    """Kind of a picture by its first bytes.

    Examples
    --------
    >>> media_type(bytes([0xFF, 0xD8, 0xFF]))
    'image/jpeg'
    """
    if tile.startswith(b"\xff\xd8"):
        return "image/jpeg"
    return "image/webp" if tile[8:12] == b"WEBP" else "image/png"


def raster_tile(path: Path, z: int, x: int, y: int) -> bytes | None:
    """One tile of a local raster as an image, None where the raster has nothing.

    Parameters
    ----------
    path : Path
        GeoTIFF in any coordinate system, or MBTiles.
    z, x, y : int
        Number of the tile in Web Mercator, y to the south.

    Raises
    ------
    PlanningError
        As :func:`check_raster`.
    """
    check = path.stat().st_mtime_ns if path.is_file() else 0
    return _tile(path, check, z, x, y)


@lru_cache(maxsize=_KEPT_TILES)
def _tile(path: Path, changed_ns: int, z: int, x: int, y: int) -> bytes | None:
    if changed_ns == 0:
        check_raster(path)
    if path.suffix.lower() == _MBTILES:
        return _read_mbtiles(path, z, x, y)
    with _open_geotiff(path) as source:
        return _cut_geotiff(source, z, x, y)


def _read_mbtiles(path: Path, z: int, x: int, y: int) -> bytes | None:
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as base:
            found = base.execute(
                "SELECT tile_data FROM tiles WHERE zoom_level=? AND tile_column=? AND tile_row=?",
                (z, x, 2**z - 1 - y),  # rows of MBTiles count from the south
            ).fetchone()
    except sqlite3.Error as error:
        raise PlanningError(
            f"底图文件 {path.name} 打不开或已损坏。请换一个 MBTiles 文件。"
        ) from error
    return None if found is None else bytes(found[0])


def _open_geotiff(path: Path) -> DatasetReader:
    try:
        source = rasterio.open(path, driver="GTiff")
    except rasterio.errors.RasterioIOError as error:
        raise PlanningError(
            f"底图文件 {path.name} 打不开或已损坏。请换一个 GeoTIFF 文件。"
        ) from error
    if source.crs is None:
        source.close()
        raise PlanningError(f"底图文件 {path.name} 没有坐标系。请在 GIS 软件里定义坐标系后再用。")
    return source


def _cut_geotiff(source: DatasetReader, z: int, x: int, y: int) -> bytes | None:
    side = 2 * _MERCATOR_HALF_M / 2**z
    west, north = x * side - _MERCATOR_HALF_M, _MERCATOR_HALF_M - y * side
    step = side / _TILE_PX
    transform = Affine(step, 0, west, 0, -step, north)
    with WarpedVRT(
        source,
        crs=_MERCATOR_EPSG,
        transform=transform,
        width=_TILE_PX,
        height=_TILE_PX,
        resampling=Resampling.bilinear,
        add_alpha=source.nodata is None and not _has_alpha(source),
    ) as tile:
        alpha = tile.dataset_mask()
        if not alpha.any():
            return None
        bands = min(source.count, _RGB_BANDS) if source.count >= _RGB_BANDS else 1
        colours = tile.read(list(range(1, bands + 1)))
    return _png(_eight_bits(colours, source), alpha)


def _has_alpha(source: DatasetReader) -> bool:
    return rasterio.enums.ColorInterp.alpha in source.colorinterp


def _eight_bits(colours: NDArray[np.generic], source: DatasetReader) -> NDArray[np.uint8]:
    if colours.dtype == np.uint8:
        return colours.astype(np.uint8)
    shape = (len(colours), min(source.height, _SAMPLE_PX), min(source.width, _SAMPLE_PX))
    sample = source.read(list(range(1, len(colours) + 1)), out_shape=shape, masked=True)
    low, high = np.percentile(sample.compressed().astype(float), _STRETCH_PERCENT)
    stretched = (colours.astype(float) - low) / max(high - low, 1e-9) * _OPAQUE
    return stretched.clip(0, _OPAQUE).astype(np.uint8)


def _png(colours: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> bytes:
    rgb = np.broadcast_to(colours, (_RGB_BANDS, _TILE_PX, _TILE_PX))
    picture = np.ascontiguousarray(np.moveaxis(np.concatenate([rgb, alpha[np.newaxis]]), 0, -1))
    file = io.BytesIO()
    imsave(file, picture, format="png")
    return file.getvalue()
