"""Whether incoming boundaries lie where a plan can have them; the planner is asked, nothing is moved."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import KDTree

from data.findings import Finding
from data.reading.text import SHOWN, listed
from geo.offshore import offshore

__all__ = ["FAR_KM", "reach_findings"]

# A district is some 50 km across: what lies farther from everything else was read in the wrong system or
# belongs to another plan.
FAR_KM = 100.0

_EARTH_KM = 6371.0

Points = npt.NDArray[np.float64]


def reach_findings(incoming: gpd.GeoSeries, present: gpd.GeoSeries) -> list[Finding]:
    """Find incoming boundaries at sea, or far from every other compound of the plan.

    Parameters
    ----------
    incoming : GeoSeries
        EPSG:4490; index = number of the feature in the file.
    present : GeoSeries
        Boundaries of the plan that stay; with none the incoming ones are held against each other.

    Returns
    -------
    list of Finding
        Rules ``offshore`` and ``far_away``, severity 提醒: both ask before anything is imported.
    """
    drawn = incoming[~shapely.is_missing(incoming.to_numpy())]
    at_sea = offshore(drawn)
    rows = [int(str(row)) for row in at_sea.index[at_sea]]
    found = []
    if rows:
        text = f"第 {listed(rows)} 个图形落在海上或国境之外（粗略判断），请检查坐标系或位置，确认无误再导入。"
        found.append(
            Finding(rule="offshore", severity="提醒", rows=tuple(rows[:SHOWN]), message=text)
        )
    distance_km = _distance_km(drawn, present)
    far = [int(str(row)) for row in drawn.index[distance_km > FAR_KM] if int(str(row)) not in rows]
    if far:
        nearest = float(distance_km[distance_km > FAR_KM].min())
        text = (
            f"第 {listed(far)} 个图形离方案里其他小区都超过 {FAR_KM:.0f} 公里（最近 {nearest:.0f} 公里），"
            "请检查坐标系或是否选错了文件，确认无误再导入。"
        )
        found.append(
            Finding(rule="far_away", severity="提醒", rows=tuple(far[:SHOWN]), message=text)
        )
    return found


def _distance_km(incoming: gpd.GeoSeries, present: gpd.GeoSeries) -> Points:
    """Distance of each middle to the nearest other one; 0 if there is nothing to be far from."""
    theirs, ours = _on_sphere(incoming), _on_sphere(present)
    if not len(theirs) or (not len(ours) and len(theirs) < 2):
        return np.zeros(len(theirs))
    alone = not len(ours)
    chord = KDTree(theirs).query(theirs, k=2)[0][:, 1] if alone else KDTree(ours).query(theirs)[0]
    angle: Points = 2 * np.arcsin(np.clip(chord / 2, 0, 1))
    return angle * _EARTH_KM


def _on_sphere(geoms: gpd.GeoSeries) -> Points:
    boxes = shapely.bounds(geoms.to_numpy()).reshape(-1, 4)
    boxes = boxes[~np.isnan(boxes).any(axis=1)]
    lon, lat = np.radians((boxes[:, :2] + boxes[:, 2:]).T / 2)
    return np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))
