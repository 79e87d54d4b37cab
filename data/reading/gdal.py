"""The only place where GDAL opens a file from outside, and only inside the worker process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import pyogrio.raw
import shapely

from data.reading.formats import DRIVERS
from data.reading.source import RawLayer
from errors import UploadError

__all__ = ["read_with_gdal"]


def read_with_gdal(path: Path, *, layer: str, encoding: str | None = None) -> RawLayer:
    """Read one layer through GDAL.

    Parameters
    ----------
    path : Path
        A file under a name of our own.
    layer : str
        Its layer.
    encoding : str, optional
        For Shapefile: how to turn bytes into characters.

    Returns
    -------
    RawLayer
        A geometry that can not be parsed is None.

    Raises
    ------
    UploadError
        If more drivers are loaded than the table of formats allows: then this is not the worker.
    """
    if "GDAL_SKIP" not in os.environ or set(pyogrio.list_drivers()) - DRIVERS:
        raise UploadError("读取程序没有按安全要求启动，已停止。请联系管理员。")
    meta, _fids, wkb, fields = pyogrio.raw.read(
        path, layer=layer, encoding=encoding, datetime_as_string=True
    )
    with np.errstate(
        invalid="ignore"
    ):  # NaN coordinates are told later, with the number of the feature
        geoms = shapely.from_wkb(wkb, on_invalid="ignore")
    names = [str(name) for name in meta["fields"]]
    columns = [(name, _plain(values)) for name, values in zip(names, fields, strict=True)]
    return RawLayer(geoms=np.asarray(geoms, dtype=object), columns=columns, crs=meta["crs"])


def _plain(values: npt.NDArray[Any]) -> list[Any]:
    """Values as plain Python objects, missing ones as None."""
    if values.dtype.kind == "f":
        return [None if np.isnan(value) else float(value) for value in values]
    if values.dtype.kind == "M":
        return [None if np.isnat(value) else str(value) for value in values]
    if values.dtype.kind in "iub":
        plain: list[Any] = values.tolist()
        return plain
    return [_object(value) for value in values]


def _object(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return None if np.isnan(value) else value
    if isinstance(value, bytes):
        return None
    return str(value)
