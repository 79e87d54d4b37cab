"""GeoJSON, read feature by feature so that a message can name the one that is wrong.

GDAL is not asked: it turns text coordinates into missing geometry without a word, fails on an unclosed
ring without saying which, and takes projected coordinates for degrees (reliability report 3.1).
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from data.findings import Finding
from data.reading.source import RawLayer, SourceLayer
from data.reading.text import SHOWN, clean, decode_text
from errors import RecordError, UploadError
from geo.crs import GEOD

__all__ = ["GeoJsonSource", "open_source"]

# A ring whose ends lie this close was meant to be closed (reliability report 3.1).
CLOSE_GAP_M = 0.1

_GEOMETRIES = {
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
}

Points = npt.NDArray[np.float64]


class _Problem(Exception):  # noqa: N818 - caught in this file, never an error of its own
    """What is wrong with one geometry, without its number."""


class GeoJsonSource:
    """One opened GeoJSON file; its single layer bears the file's name."""

    def __init__(self, document: dict[str, Any], *, name: str, encoding: str) -> None:
        self._document = document
        self._name = name
        self._encoding = encoding
        self._features = _features(document, name)
        self.layers = [SourceLayer(name=Path(name).stem, count=len(self._features))]

    def read(self, layer: str) -> RawLayer:  # noqa: ARG002 - there is only one
        """Read all features; all problems are told at once."""
        crs = _declared(self._document, self._name)
        reader = _GeometryReader()
        geoms = np.empty(len(self._features), dtype=object)
        problems = []
        for index, feature in enumerate(self._features):
            try:
                geoms[index] = reader.geometry(feature.get("geometry"), number=index + 1)
            except _Problem as problem:
                problems.append(f"第 {index + 1} 个图形{problem}")
        if problems:
            more = len(problems) - SHOWN
            tail = [f"……另有 {more} 处同类问题。"] if more > 0 else []
            raise RecordError(self._name, problems[:SHOWN] + tail)
        raw = RawLayer(
            geoms=geoms,
            columns=_columns(self._features),
            crs=crs,
            lonlat_if_silent=True,
            encoding=self._encoding,
        )
        raw.findings += reader.findings()
        return raw


def open_source(path: Path, folder: Path, *, name: str) -> GeoJsonSource:  # noqa: ARG001 - as all readers
    """Parse a GeoJSON file.

    Raises
    ------
    UploadError
        If it is not GeoJSON.
    """
    try:
        text, encoding = decode_text(path.read_bytes())
    except UnicodeDecodeError as err:
        raise UploadError(
            f"“{name}”的文字编码无法识别，请另存为 UTF-8 编码的 GeoJSON 再上传。"
        ) from err
    try:
        document = json.loads(text)
    except json.JSONDecodeError as err:
        raise UploadError(
            f"“{name}”不是完整的 GeoJSON，第 {err.lineno} 行第 {err.colno} 个字符处读不下去，"
            "文件可能没有拷贝完整。"
        ) from err
    except RecursionError as err:
        raise UploadError(f"“{name}”的括号嵌套太深，不是正常的 GeoJSON。") from err
    if not isinstance(document, dict):
        raise UploadError(f"“{name}”不是 GeoJSON：缺少 type 和 features。")
    return GeoJsonSource(document, name=name, encoding=encoding)


def _features(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
            raise UploadError(f"“{name}”不是完整的 GeoJSON：features 不是要素的列表。")
        return features
    if kind == "Feature":
        return [document]
    if isinstance(kind, str) and kind in _GEOMETRIES:
        return [{"type": "Feature", "geometry": document, "properties": {}}]
    shown = clean(str(kind))[:40] if kind is not None else "没有写"
    raise UploadError(f"“{name}”不是 GeoJSON，type 是“{shown}”。")


def _declared(document: dict[str, Any], name: str) -> str | None:
    member = document.get("crs")
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, dict) else None
    text = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(text, str):
        raise UploadError(
            f"“{name}”的 crs 写法看不懂，请在导入时选择坐标系，或删去 crs 后重新导出。"
        )
    return text


def _columns(features: list[dict[str, Any]]) -> list[tuple[str, list[Any]]]:
    records = [p if isinstance(p := f.get("properties"), dict) else {} for f in features]
    names = dict.fromkeys(key for record in records for key in record)
    return [(name, [_plain(record.get(name)) for record in records]) for name in names]


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value


class _GeometryReader:
    """Builds geometries and remembers which rings it closed."""

    def __init__(self) -> None:
        self._closed: dict[int, float] = {}

    def findings(self) -> list[Finding]:
        if not self._closed:
            return []
        worst = max(self._closed.values())
        return [
            Finding(
                rule="ring_closed",
                severity="说明",
                rows=tuple(self._closed),
                found=f"{worst:.3f} m",
                expected=f"≤ {CLOSE_GAP_M} m",
                message=f"{len(self._closed)} 个图形首尾相差不到 {CLOSE_GAP_M} 米，已自动闭合。",
            )
        ]

    def geometry(self, value: Any, *, number: int) -> BaseGeometry | None:
        if value is None:
            return None
        if not isinstance(value, dict) or value.get("type") not in _GEOMETRIES:
            raise _Problem("的类型看不懂，请重新导出。")
        kind = value["type"]
        if kind == "GeometryCollection":
            members = value.get("geometries")
            if not isinstance(members, list):
                raise _Problem("是几何集合，但里面没有图形。")
            parts = [self.geometry(member, number=number) for member in members]
            return shapely.geometrycollections([part for part in parts if part is not None])
        return self._simple(kind, value.get("coordinates"), number)

    def _simple(self, kind: str, coords: Any, number: int) -> BaseGeometry | None:
        if not isinstance(coords, list):
            raise _Problem("没有坐标。")
        if not coords:
            return None
        if kind == "Point":
            return shapely.points(_points([coords])[0])
        if kind == "MultiPoint":
            return shapely.multipoints(_points(coords))
        if kind == "LineString":
            return _line(coords)
        if kind == "MultiLineString":
            return shapely.multilinestrings([_line(part) for part in coords])
        if kind == "Polygon":
            return self._polygon(coords, number)
        return shapely.multipolygons([self._polygon(part, number) for part in coords])

    def _polygon(self, rings: Any, number: int) -> BaseGeometry:
        if not isinstance(rings, list) or not rings:
            raise _Problem("的坐标层数不对，请重新导出。")
        closed = [self._ring(ring, number) for ring in rings]
        return shapely.polygons(closed[0], holes=closed[1:] or None)

    def _ring(self, ring: Any, number: int) -> BaseGeometry:
        points = _points(ring)
        if len(points) < 3:
            raise _Problem(f"的一个环只有 {len(points)} 个点，围不成面，请补画后再导入。")
        if (points[0] != points[-1]).any():
            gap_m = _distance_m(points[0], points[-1])
            if gap_m > CLOSE_GAP_M:
                raise _Problem(f"首尾不闭合（相差 {_metres(gap_m)}），请补画后再导入。")
            self._closed[number] = max(gap_m, self._closed.get(number, 0.0))
            # A sliver of an end is the start written twice: moved, not added to.
            points = np.vstack((points, points[:1]))
        return shapely.linearrings(points)


def _line(coords: Any) -> BaseGeometry:
    points = _points(coords)
    if len(points) < 2:
        raise _Problem("是一条只有 1 个点的线，请重新导出。")
    return shapely.linestrings(points)


def _points(coords: Any) -> Points:
    """Return an (n, 2) array: heights are dropped, text and NaN are refused."""
    try:
        flat = [position[:2] for position in coords]
        array = np.array(flat)
    except (TypeError, ValueError, KeyError) as err:
        raise _Problem("的坐标层数不对，请重新导出。") from err
    if array.dtype.kind in "US":
        raise _Problem("的坐标是文字而不是数字，请重新导出。")
    if array.dtype.kind not in "iuf" or array.ndim != 2 or array.shape[1] != 2:
        raise _Problem("的坐标不是成对的数字，请重新导出。")
    points = array.astype(float)
    if not np.isfinite(points).all():
        raise _Problem("的坐标里有空值（NaN），请重新导出。")
    return points


def _distance_m(start: Points, end: Points) -> float:
    # Degrees if they can be, else a plane in metres: the system may not be known yet.
    if (np.abs([start, end]) <= [180.0, 90.0]).all():
        return float(GEOD.inv(*start, *end)[2])
    return float(np.hypot(*(start - end)))


def _metres(gap_m: float) -> str:
    return f"{gap_m:.0f} m" if gap_m >= 10 else f"{gap_m:.2g} m"
