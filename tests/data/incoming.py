"""A small plan, a ledger without a file and boundaries in one, for the tests of the import."""

from __future__ import annotations

import json

import geopandas as gpd
from shapely.geometry import box

from data.reading import ledger_frame
from data.reading.ledger import take_apart

HEAD = ["标识码", "街道", "社区", "小区名称", "户数", "总投资（万元）", "物业"]
ROWS = [
    ["A1", "云城街道", "天马社区", "旧中专宿舍", 24, 40, "甲物业"],
    ["A2", "云城街道", "金龙社区", "邮电新村", 97, 110.5, None],
    [None, "云城街道", "马坪社区", "玉皇路小区", 581, "/", None],
]
LON, LAT = 112.04, 22.92


def ledger(rows=None, *, head=None, name="台账.xlsx"):
    """A ledger as the reader gives it, without a file."""
    grid = {
        "sheets": [
            {"name": "S", "rows": [head or HEAD, *(ROWS if rows is None else rows)], "merges": []}
        ]
    }
    sheet = take_apart(grid, file_name=name, sha256="0" * 64)
    frame, _ = ledger_frame(sheet)
    return frame, sheet


def square(east=0.0, north=0.0, side=0.001):
    return box(LON + east, LAT + north, LON + east + side, LAT + north + side)


def boundary_file(folder, *features, name="边界.geojson"):
    path = folder / name
    frame = gpd.GeoDataFrame([f[0] for f in features], geometry=[f[1] for f in features], crs=4490)
    path.write_text(
        json.dumps(
            json.loads(frame.to_json())
            | {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}},
            ensure_ascii=False,
        ),
        encoding="utf-8",
    )
    return path
