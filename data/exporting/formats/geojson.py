"""GeoJSON in two dialects: with the CRS member of CGCS2000, and RFC 7946."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

from data.exporting.comparing import differences
from data.exporting.content import Content
from data.exporting.registry import Format, Job, Loss, Prepared
from data.exporting.rounding import rounded

__all__ = ["FORMAT"]

# 8 decimals are a millimetre; RFC 7946 files are written with 7, as GDAL does.
_DECIMALS = {"4490": 8, "rfc7946": 7}
# Coordinates come rounded. Asked for just these decimals, GDAL takes 22.95999994 for noise and writes
# 22.96, which is 6 mm off; asked for more, it writes the digits that are there.
_WRITTEN_DECIMALS = 12
_MULTIPOLYGON = shapely.GeometryType.MULTIPOLYGON


def _prepare(content: Content, crs: str, options: dict[str, Any]) -> Prepared:  # noqa: ARG001
    before = content.frame.geometry.to_numpy()
    shapes, mended = rounded(before, _DECIMALS[crs])
    shapes = _kept_multi(before, shapes)
    gone = ~shapely.is_missing(before) & (shapely.is_empty(shapes) | shapely.is_missing(shapes))
    shapes[gone] = None
    frame = content.frame.set_geometry(shapes, crs=content.frame.crs)
    notes = (
        (f"{int(mended.sum())}个边界有小于{_DECIMALS[crs]}位小数的细部，取位时已去除。",)
        if mended.any()
        else ()
    )
    losses = tuple(
        Loss(
            uid=uid,
            field="边界",
            value="小于1厘米的边界",
            becomes="没有边界",
            reason="边界太小，取位后消失",
        )
        for uid in content.frame["uid"][gone]
    )
    return Prepared(content=dataclasses.replace(content, frame=frame), losses=losses, notes=notes)


def _kept_multi(before: Any, shapes: Any) -> Any:
    """Polygons that mending made of MultiPolygons, as MultiPolygons again: one kind a layer."""
    result = shapes.copy()
    single = (shapely.get_type_id(before) == _MULTIPOLYGON) & (
        shapely.get_type_id(result) == shapely.GeometryType.POLYGON
    )
    if single.any():
        result[single] = shapely.multipolygons(result[single], indices=np.arange(single.sum()))
    return result


def _options(contents: Sequence[Content], crs: str, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return {"crs": crs, "layer": contents[0].title, "description": contents[0].stamp}


def _write(job: Job) -> None:
    ((_, frame),) = job.frames.items()
    # A text that looks like JSON stays a text.
    layer_options = {
        "AUTODETECT_JSON_STRINGS": "NO",
        "COORDINATE_PRECISION": str(_WRITTEN_DECIMALS),
    }
    if job.options["crs"] == "rfc7946":
        layer_options["RFC7946"] = "YES"
    if job.options["description"]:
        layer_options["DESCRIPTION"] = job.options["description"]
    pyogrio.write_dataframe(
        frame,
        job.path,
        driver="GeoJSON",
        layer=job.options["layer"],
        use_arrow=True,
        layer_options=layer_options,
    )
    _state_resolution(job.path, _DECIMALS[job.options["crs"]])


def _state_resolution(path: Path, decimals: int) -> None:
    """Let the head of the file state the decimals that are there, not those that GDAL was asked for."""
    said = f'"xy_coordinate_resolution": 1e-{_WRITTEN_DECIMALS:02d}'.encode()
    with path.open("r+b") as file:
        place = file.read(4096).find(said)
        if place >= 0:
            file.seek(place)
            # Of the same length, so nothing else moves.
            file.write(f'"xy_coordinate_resolution": 1e-{decimals:02d}'.encode())


def _read(path: Path, options: dict[str, Any]) -> dict[str, Any]:
    frame = pyogrio.read_dataframe(path, DATE_AS_STRING="YES", use_arrow=False)
    return {options["layer_name"]: frame}


def _compare(content: Content, found: Any, crs: str) -> list[str]:
    wanted = "EPSG:4490" if crs == "4490" else "EPSG:4326"
    problems = differences(content, found, tolerance_deg=10.0 ** -(_DECIMALS[crs] + 3))
    if found.crs is None or found.crs != wanted:
        problems.append(f"坐标系应为 {wanted}，文件里是 {found.crs}")
    return problems


FORMAT = Format(
    id="geojson",
    title="GeoJSON",
    extension=".geojson",
    crs_choices={"4490": "CGCS2000（EPSG:4490，带坐标系声明）", "rfc7946": "RFC 7946（通用）"},
    prepare=_prepare,
    options=_options,
    write=_write,
    read=_read,
    compare=_compare,
)
