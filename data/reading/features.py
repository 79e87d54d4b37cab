"""From a layer as it stands in the file to boundaries in CGCS2000: asked, checked, repaired, told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from data.findings import Finding
from data.reading.source import RawLayer
from data.reading.text import SHOWN, listed
from errors import CrsError, RecordError, UploadError
from geo.crs import CHINA_BOUNDS, SourceSystem, parse_system, to_cgcs2000
from geo.repair import repair
from geo.system_guess import SystemGuess, guess_system

__all__ = ["Features", "declared_system", "finish", "undeclared"]

_POINT, _LINE, _RING, _POLYGON, _POINTS, _LINES, _POLYGONS, _COLLECTION = range(8)
_RFC7946 = "EPSG:4326"
_LARGEST_DEGREE = 180.0

Mask = npt.NDArray[np.bool_]


@dataclass(kw_only=True)
class Features:
    """One layer, ready to be handed over.

    Attributes
    ----------
    geoms : GeoSeries
        EPSG:4490; index = number of the feature in the file, from 1.
    repaired : DataFrame
        As ``geo.repair.repair`` gives it, labels as in `geoms`.
    system : str
        The system that the coordinates were read in.
    findings : list of Finding
    """

    geoms: gpd.GeoSeries
    repaired: pd.DataFrame
    system: str
    findings: list[Finding] = field(default_factory=list)


def declared_system(raw: RawLayer) -> SourceSystem | None:
    """System that the file declares, or that its format means by its silence; None if to be asked."""
    if raw.crs is not None:
        return parse_system(raw.crs)
    # What may be degrees, swapped or abroad, is: the checks that follow say what is wrong with it.
    if raw.lonlat_if_silent and np.abs(shapely.total_bounds(raw.geoms)).max() <= _LARGEST_DEGREE:
        return parse_system(_RFC7946)
    return None


def undeclared(raw: RawLayer) -> str:
    """Sentence that asks for the system of a layer that has none."""
    guess = _guess(raw)
    if raw.lonlat_if_silent:
        x, y = shapely.bounds(raw.geoms[~shapely.is_missing(raw.geoms)])[0][:2]
        return f"坐标不是经纬度（约 {x:.0f}, {y:.0f}），请选择坐标系（{guess.text}）"
    return f"缺少坐标系，{guess.text}，请确认"


def finish(raw: RawLayer, *, crs: str | None, name: str, polygonal: bool) -> Features:
    """Bring a layer into CGCS2000 and repair it.

    Parameters
    ----------
    raw : RawLayer
        As read.
    crs : str or None
        What the planner says; outranks what the file says.
    name : str
        File, for messages.
    polygonal : bool
        True for layers of areas: points and lines are left out and counted.

    Raises
    ------
    UploadError
        If nothing is left, or some of it lies outside China.
    CrsError
        If the system has to be asked for, or does not fit the numbers.
    RecordError
        If geometries can not be read; all are told.
    """
    findings = list(raw.findings)
    _refuse_nothing(raw, name)
    _refuse_not_finite(raw.geoms, name)
    system = _system(raw, crs, findings)
    geoms = gpd.GeoSeries(raw.geoms, index=pd.RangeIndex(1, len(raw.geoms) + 1, name="row"))
    geoms = _areas_only(geoms, name, findings) if polygonal else _drop_missing(geoms, findings)
    geoms = _turned(geoms, system, findings)
    _refuse_no_degrees(geoms, system)
    stored = to_cgcs2000(geoms, system)
    _refuse_abroad(stored, system, name)
    if polygonal:
        stored, changes = repair(stored)
    else:
        changes = repair(stored.iloc[:0])[1]
    findings += _repair_findings(changes)
    return Features(geoms=stored, repaired=changes, system=system.text, findings=findings)


def _guess(raw: RawLayer) -> SystemGuess:
    box = shapely.total_bounds(raw.geoms)
    return guess_system((float(box[0]), float(box[1]), float(box[2]), float(box[3])))


def _refuse_nothing(raw: RawLayer, name: str) -> None:
    if not len(raw.geoms):
        raise UploadError(f"“{name}”里没有任何图形，没有可以导入的内容。")
    if shapely.is_missing(raw.geoms).all():
        raise UploadError(f"“{name}”有 {len(raw.geoms)} 条记录，但没有一个图形能读出来。")


def _refuse_not_finite(geoms: npt.NDArray[np.object_], name: str) -> None:
    coords, owner = shapely.get_coordinates(geoms, return_index=True)
    bad = np.unique(owner[~np.isfinite(coords).all(axis=1)])
    if len(bad):
        raise RecordError(
            name, [f"第 {i + 1} 个图形的坐标里有空值（NaN），请重新导出。" for i in bad[:SHOWN]]
        )


def _system(raw: RawLayer, crs: str | None, findings: list[Finding]) -> SourceSystem:
    if crs is None:
        system = declared_system(raw)
        if system is None:
            raise CrsError(undeclared(raw))
        if raw.crs is None:
            text = "GeoJSON 没有写坐标系，按标准读作 WGS84 经纬度。若取自高德、腾讯或百度地图，请改选 GCJ-02 或 BD-09。"
            findings.append(Finding(rule="crs_by_format", severity="说明", message=text))
        return system
    system = parse_system(crs)
    if system.shifted is not None:
        text = f"由 {system.title} 转换到 CGCS2000，精度约 1 米，不作权属依据。"
        findings.append(Finding(rule="shifted_system", severity="说明", message=text))
    elif raw.crs is not None and _text_of(raw.crs) != system.text:
        text = (
            f"文件写的坐标系是“{_title_of(raw.crs)}”，已按所选的“{system.title}”读取，请核对位置。"
        )
        findings.append(Finding(rule="crs_overruled", severity="提醒", message=text))
    return system


def _text_of(declared: str) -> str:
    try:
        return parse_system(declared).text
    except CrsError:
        return ""


def _title_of(declared: str) -> str:
    try:
        return parse_system(declared).title
    except CrsError:
        return declared[:40]


def _areas_only(geoms: gpd.GeoSeries, name: str, findings: list[Finding]) -> gpd.GeoSeries:
    """Leave out what is no area, and count it."""
    kinds = shapely.get_type_id(geoms.to_numpy())
    points = int(np.isin(kinds, (_POINT, _POINTS)).sum())
    lines = int(np.isin(kinds, (_LINE, _RING, _LINES)).sum())
    areal = np.isin(kinds, (_POLYGON, _POLYGONS, _COLLECTION))
    words = [f"{points} 个点"] * bool(points) + [f"{lines} 条线"] * bool(lines)
    if not areal.any():
        raise UploadError(f"“{name}”里没有面，只有{'、'.join(words)}，不能当作边界导入。")
    if words:
        text = f"忽略 {'、'.join(words)}"
        rows = tuple(geoms.index[~areal & (kinds >= 0)][:SHOWN].tolist())
        findings.append(Finding(rule="not_areas", severity="提醒", rows=rows, message=text))
    return _drop_missing(geoms[areal | (kinds < 0)], findings)


def _drop_missing(geoms: gpd.GeoSeries, findings: list[Finding]) -> gpd.GeoSeries:
    missing = shapely.is_missing(geoms.to_numpy())
    if missing.any():
        rows = geoms.index[missing].tolist()
        text = f"第 {listed(rows)} 条记录没有图形，已略过，请核对。"
        findings.append(
            Finding(rule="no_geometry", severity="提醒", rows=tuple(rows[:SHOWN]), message=text)
        )
    return geoms[~missing]


def _turned(geoms: gpd.GeoSeries, system: SourceSystem, findings: list[Finding]) -> gpd.GeoSeries:
    """Put x and y back in their places where they can only have been swapped."""
    values = geoms.to_numpy().copy()
    if _in_degrees(system):
        swapped = _swapped_degrees(values)
        text = "经纬度写反了，已对调，请核对位置"
    else:
        box = shapely.total_bounds(values)
        whole = guess_system((float(box[0]), float(box[1]), float(box[2]), float(box[3]))).swapped
        swapped = np.full(len(values), whole)
        text = "X 与 Y 写反了，已对调，请核对位置"
    if not swapped.any():
        return geoms
    values[swapped] = shapely.transform(values[swapped], lambda xy: xy[:, ::-1])
    rows = tuple(geoms.index[swapped][:SHOWN].tolist())
    findings.append(Finding(rule="axes_swapped", severity="提醒", rows=rows, message=text))
    return gpd.GeoSeries(values, index=geoms.index)


def _in_degrees(system: SourceSystem) -> bool:
    return system.shifted is not None or (system.crs is not None and system.crs.is_geographic)


def _swapped_degrees(values: npt.NDArray[np.object_]) -> Mask:
    west, south, east, north = CHINA_BOUNDS
    boxes = shapely.bounds(values)
    x_is_lat = (boxes[:, 0] >= south) & (boxes[:, 2] <= north)
    y_is_lon = (boxes[:, 1] >= west) & (boxes[:, 3] <= east)
    return np.asarray(x_is_lat & y_is_lon)


def _refuse_no_degrees(geoms: gpd.GeoSeries, system: SourceSystem) -> None:
    if not _in_degrees(system):
        return
    boxes = shapely.bounds(geoms.to_numpy())
    outside = (np.abs(boxes) > [180.0, 90.0, 180.0, 90.0]).any(axis=1)
    if outside.any():
        x, y = boxes[outside][0][:2]
        raise CrsError(
            f"坐标不是经纬度（约 {x:.0f}, {y:.0f}），与坐标系“{system.title}”不符，请选择正确的坐标系。"
        )


def _refuse_abroad(geoms: gpd.GeoSeries, system: SourceSystem, name: str) -> None:
    west, south, east, north = CHINA_BOUNDS
    boxes = shapely.bounds(geoms.to_numpy())
    inside = (boxes[:, :2] >= [west, south]).all(axis=1) & (boxes[:, 2:] <= [east, north]).all(
        axis=1
    )
    wrong = ~inside & ~np.isnan(boxes).any(axis=1)
    if not wrong.any():
        return
    numbers = geoms.index[wrong].tolist()
    x, y = boxes[wrong][0][:2]
    raise UploadError(
        f"“{name}”第 {listed(numbers)} 个图形不在中国范围内（约东经 {x:.2f}°、北纬 {y:.2f}°）。"
        f"请检查坐标系是否选对（现按“{system.title}”读取）或图形是否画错。"
    )


def _repair_findings(changes: pd.DataFrame) -> list[Finding]:
    return [
        _repair_finding(number, row) for number, row in changes.head(SHOWN * 4).iterrows()
    ] + _and_more(len(changes) - SHOWN * 4, "个图形也作了修复，见修复清单")


def _and_more(count: int, words: str) -> list[Finding]:
    if count <= 0:
        return []
    return [Finding(rule="repaired", severity="提醒", message=f"另有 {count} {words}。")]


def _repair_finding(number: Any, row: pd.Series) -> Finding:
    before, after = f"{row['area_before_m2']:,.0f}", f"{row['area_after_m2']:,.0f}"
    text = f"第 {number} 个图形{row['problem']}，修复后面积 {before}→{after} ㎡"
    if row["ask"]:
        text += "，是否接受"
    return Finding(
        rule="repaired",
        severity="提醒" if row["ask"] else "说明",
        rows=(int(number),),
        found=f"{before} ㎡",
        expected=f"{after} ㎡",
        message=text,
    )
