"""Shapefiles in a zip: the rows of the reliability report's table 3.1, each with its sentence."""

from __future__ import annotations

import zipfile

import pytest
from shapely.geometry import Point, box

from data.reading import inspect_upload, read_boundaries
from errors import CrsError, PlanningError, UploadError
from tests.data.reading.conftest import NAMES

ROWS = {"名称": NAMES, "户数": [100, 200, 300]}
PARTS = "请上传完整的 shp 压缩包"


def said(path, **options):
    with pytest.raises(PlanningError) as refused:
        read_boundaries(path, **options)
    return str(refused.value)


@pytest.mark.parametrize(
    ("columns", "options", "encoding", "sentences"),
    [
        (
            ROWS,
            {"encoding": "GBK", "drop": (".cpg",)},
            "GBK",
            ["文件没有编码说明，已按 GBK 读取，请核对：“幸福里小区…”"],
        ),
        (ROWS, {"encoding": "GBK", "cpg": "UTF-8"}, "GBK", ["编码说明与内容不符，已改按 GBK 读取"]),
        (ROWS, {"encoding": "GBK"}, "GBK", []),
        (ROWS, {"encoding": "UTF-8"}, "UTF-8", []),
        ({"小区名称": NAMES}, {"encoding": "UTF-8"}, "UTF-8", ["字段名被截断，已恢复为“小区名…”"]),
    ],
)
def test_names_come_out_right_whatever_the_encoding_says(
    shapefile, columns, options, encoding, sentences
):
    done = read_boundaries(shapefile(columns, **options))
    assert done.frame["name"].tolist() == NAMES
    assert done.encoding == encoding
    assert [finding.message for finding in done.findings] == sentences
    assert done.crs == "EPSG:4546"
    assert done.frame.geometry.iloc[0].centroid.x == pytest.approx(112.04, abs=0.002)
    if "户数" in columns:
        assert done.frame["households"].tolist() == [100, 200, 300]


def test_big5_is_told_from_gbk(shapefile):
    names = ["幸福里社區", "陽光花園", "碼頭新村"]
    done = read_boundaries(shapefile({"NAME": names}, encoding="BIG5", drop=(".cpg",)))
    assert done.frame["name"].tolist() == names
    assert done.encoding == "Big5"


def test_without_a_prj_the_system_is_asked_for_with_a_hint(shapefile):
    squares = [box(39500000 + i, 4300000, 39500100 + i, 4300100) for i in range(3)]
    path = shapefile(ROWS, geoms=squares, drop=(".prj",))
    assert said(path) == "缺少坐标系，坐标像是 CGCS2000 3°带第39带（EPSG:4527），请确认"
    looked = inspect_upload(path).layers[0]
    assert looked.crs is None
    assert looked.guesses == ("EPSG:4527",)
    assert looked.question == "缺少坐标系，坐标像是 CGCS2000 3°带第39带（EPSG:4527），请确认"
    assert looked.sample[0] == ("幸福里小区", 100)
    assert read_boundaries(path, crs="4527").crs == "EPSG:4527"


def test_the_system_of_the_planner_outranks_the_prj_and_it_is_told(shapefile):
    done = read_boundaries(shapefile(ROWS), crs="4547")
    assert done.frame.geometry.iloc[0].centroid.x == pytest.approx(115.04, abs=0.002)
    assert done.findings[0].message == (
        "文件写的坐标系是“CGCS2000 / 3-degree Gauss-Kruger CM 111E”，"
        "已按所选的“CGCS2000 / 3-degree Gauss-Kruger CM 114E”读取，请核对位置。"
    )


@pytest.mark.parametrize(
    ("drop", "sentence"),
    [
        ((".dbf",), f"“边界”缺少 .dbf，属性会全部丢失，{PARTS}"),
        ((".shx",), f"“边界”缺少 .shx，{PARTS}"),
        ((".dbf", ".shx"), f"“边界”缺少 .shx、.dbf，{PARTS}"),
        (
            (".shp",),
            "压缩包“边界.zip”里没有 .shp 文件。请把 .shp、.shx、.dbf、.prj 一起压缩后上传。",
        ),
    ],
)
def test_missing_parts_are_named(shapefile, drop, sentence):
    assert said(shapefile(ROWS, drop=drop)) == sentence


def test_a_cut_off_shp_is_refused_with_the_numbers_that_are_lost(shapefile):
    assert said(shapefile(ROWS, cut=150)) == "第 2–3 个图形读不出来，文件可能没有拷贝完整"


def test_subfolders_and_gbk_member_names_are_read(shapefile):
    path = shapefile(ROWS, stems=("红线/2024/云城边界",))
    # Windows writes member names in GBK and does not set the flag for UTF-8.
    raw = path.read_bytes()
    utf8, gbk = "云城边界".encode(), "云城边界".encode("gbk")
    with zipfile.ZipFile(path) as archive:
        contents = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in contents.items():
            inner = zipfile.ZipInfo(name.replace("红线/2024/云城边界", "hx/" + "A" * len(gbk)))
            archive.writestr(inner, data)
    path.write_bytes(path.read_bytes().replace(b"A" * len(gbk), gbk))
    assert utf8 in raw
    done = read_boundaries(path)
    assert done.source_layer == "云城边界"
    assert done.frame["name"].tolist() == NAMES


def test_of_two_layers_one_is_to_be_chosen(shapefile):
    path = shapefile(ROWS, stems=("一期", "二期"))
    assert said(path) == "压缩包内有 2 个图层，请选择：“一期”（3 个）、“二期”（3 个）"
    assert [layer.name for layer in inspect_upload(path).layers] == ["一期", "二期"]
    assert read_boundaries(path, layer="二期").source_layer == "二期"
    assert said(path, layer="三期") == "“边界.zip”里没有图层“三期”，只有：一期、二期。"


def test_a_lone_shp_is_read_with_what_lies_beside_it(shapefile, tmp_path):
    shapefile(ROWS)
    assert read_boundaries(tmp_path / "shp" / "a.shp").frame["name"].tolist() == NAMES
    (tmp_path / "shp" / "a.dbf").unlink()
    (tmp_path / "shp" / "a.shx").unlink()
    assert said(tmp_path / "shp" / "a.shp") == f"“a”缺少 .shx、.dbf，{PARTS}"


def test_points_are_no_boundaries(shapefile):
    path = shapefile(ROWS, geoms=[Point(606690, 2535955)] * 3)
    assert said(path) == "“边界.zip”里没有面，只有3 个点，不能当作边界导入。"


def test_an_old_datum_is_refused_with_the_reason(shapefile):
    path = shapefile(ROWS, crs=2385)
    with pytest.raises(CrsError, match="不是 CGCS2000 或 WGS84 基准"):
        read_boundaries(path)
    assert "不是 CGCS2000 或 WGS84 基准" in inspect_upload(path).layers[0].question


def test_records_that_do_not_match_the_shapes_are_refused(shapefile, tmp_path):
    shapefile(ROWS)
    dbf = tmp_path / "shp" / "a.dbf"
    data = bytearray(dbf.read_bytes())
    data[4] = 7
    dbf.write_bytes(data)
    with pytest.raises(UploadError, match="的属性表有 3 条记录，图形有 3 个，对不上"):
        read_boundaries(tmp_path / "shp" / "a.shp")
