"""Files as planners send them, made on the spot; every bad one is a good one with one thing wrong."""

from __future__ import annotations

import json
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
from openpyxl import Workbook
from shapely.geometry import box

# Three compounds side by side in 云浮, 150 m x 100 m each, in CGCS2000 3° zone CM 111°E.
SQUARES = [box(606690 + i * 200, 2535955, 606840 + i * 200, 2536055) for i in range(3)]
NAMES = ["幸福里小区", "阳光花园", "和平新村"]
# The same corner in degrees: 0.001 degrees are about 100 m.
LON, LAT = 112.04, 22.92

LEDGER_HEAD = [
    "序号",
    "所在街道\n及社区",
    "小区名称",
    "居民户\n数（户）",
    "楼栋数\n（栋）",
    "住宅建筑\n面积（万\n平方米）",
    "计划改造内容",
    "预计投资\n额（万元）",
    "中央财\n政补助\n资金（万\n元）",
    "省级专项\n资金（万\n元）",
    "合计补\n助（万\n元）",
    "备注",
]
LEDGER_ROWS = [
    [1, "云城街道天马社区", "旧中专宿舍", 24, 3, 0.3, "地面沥青、路灯", 40, 40, "/", 40, None],
    [2, "云城街道金龙社区", "邮电新村", 97, 8, 1.1, "地面沥青、消防", 110, 30, 70, 100, None],
    [3, "云城街道金龙社区", "云浮中学教师宿舍", 316, 20, 2.1, "安防", 110, "/", 100, 100, None],
    [4, "云城街道马坪社区", "云城财政所宿舍", 43, 3, 0.35, "路灯", 25, 25, "/", 25, None],
    [5, "云城街道马坪社区", "玉皇路小区", 581, 31, 4.6, "划线", 230, 200, "/", 200, None],
]
LEDGER_TOTALS = ["合计", None, None, 1061, 65, 8.45, None, 515, 295, 170, 465, None]


def square(lon: float, lat: float, side: float = 0.001) -> list[list[float]]:
    """A closed ring, counter-clockwise."""
    return [
        [lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]
    ]  # fmt: skip


def feature(ring, **properties):
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture
def geojson(tmp_path):
    """Write features as a GeoJSON file."""

    def make(*features, name="边界.geojson", **members) -> Path:
        path = tmp_path / name
        document = {"type": "FeatureCollection", **members, "features": list(features)}
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        return path

    return make


@pytest.fixture
def shapefile(tmp_path):
    """Write a zip of a Shapefile, then take parts away or put a wrong .cpg in."""

    def make(
        columns,
        *,
        encoding="UTF-8",
        crs=4546,
        geoms=None,
        drop=(),
        cpg=None,
        stems=("边界",),
        cut=0,
    ):
        folder = tmp_path / "shp"
        folder.mkdir(exist_ok=True)
        frame = gpd.GeoDataFrame(columns, geometry=geoms or SQUARES, crs=crs)
        with warnings.catch_warnings():
            # GDAL says in broken UTF-8 that it has cut a name: that is the fixture.
            warnings.simplefilter("ignore")
            frame.to_file(folder / "a.shp", encoding=encoding, engine="pyogrio")
        if cpg is not None:
            (folder / "a.cpg").write_text(cpg)
        if cut:
            shp = folder / "a.shp"
            shp.write_bytes(shp.read_bytes()[:-cut])
        target = tmp_path / "边界.zip"
        with zipfile.ZipFile(target, "w") as archive:
            for path in sorted(folder.iterdir()):
                if path.suffix not in drop:
                    for stem in stems:
                        archive.write(path, f"{stem}{path.suffix}")
        return target

    return make


@pytest.fixture
def workbook(tmp_path):
    """Write a ledger in 云城's layout, with other rows or heads if asked."""

    def make(rows=None, *, head=None, name="台账.xlsx", title=True, totals=True) -> Path:
        book = Workbook()
        sheet = book.active
        sheet.title = "台账"
        if title:
            sheet.append(["2024年云城区城镇老旧小区改造计划项目台账"])
            sheet.merge_cells("A1:L1")
        sheet.append(LEDGER_HEAD if head is None else head)
        for row in LEDGER_ROWS if rows is None else rows:
            sheet.append(row)
        if totals:
            sheet.append(LEDGER_TOTALS)
            sheet.append(["注：本表由区住建局填报"])
        path = tmp_path / name
        book.save(path)
        return path

    return make
