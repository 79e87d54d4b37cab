"""GeoJSON: every feature is looked at by itself, and what is wrong is said with its number."""

from __future__ import annotations

import json

import pytest
from shapely.geometry import box

from data.reading import inspect_upload, read_boundaries
from data.reading.features import finish
from data.reading.geojson import open_source
from errors import CrsError, PlanningError, RecordError, UploadError
from tests.data.reading.conftest import LAT, LON, feature, square


def read(path, *, crs=None):
    """As the worker does, in this process: the reader itself needs no GDAL."""
    source = open_source(path, path.parent, name=path.name)
    return finish(source.read(source.layers[0].name), crs=crs, name=path.name, polygonal=True)


def said(path, **options):
    with pytest.raises(PlanningError) as refused:
        read(path, **options)
    return str(refused.value)


def messages(done):
    return [finding.message for finding in done.findings]


def test_through_the_worker_names_and_numbers_arrive(geojson):
    path = geojson(
        feature(
            square(LON, LAT),
            小区名称="幸福里小区",
            户数="约300户",
            备注="{{7*7}}",
            物业="<img onerror>",
        ),
        crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}},
    )
    done = read_boundaries(path)
    row = done.frame.loc[1]
    assert (row["name"], row["households"], row["remarks"]) == ("幸福里小区", 300, "{{7*7}}")
    assert row["extra"] == {"物业": "<img onerror>"}
    assert done.frame.crs.to_epsg() == 4490
    assert (done.crs, done.layer, len(done.sha256)) == ("EPSG:4490", "compounds", 64)
    assert done.repaired.empty
    looked = inspect_upload(path)
    assert (looked.kind, looked.crs, looked.layers[0].geometry) == (
        "boundaries",
        "EPSG:4490",
        {"面": 1},
    )
    assert looked.columns == ("小区名称", "户数", "备注", "物业")


def test_without_a_system_degrees_are_read_as_the_standard_says_and_it_is_told(geojson):
    done = read(geojson(feature(square(LON, LAT))))
    assert done.system == "EPSG:4326"
    assert messages(done) == [
        "GeoJSON 没有写坐标系，按标准读作 WGS84 经纬度。若取自高德、腾讯或百度地图，请改选 GCJ-02 或 BD-09。"
    ]


def test_projected_coordinates_without_a_system_are_asked_about(geojson):
    ring = [[39500000, 4300000], [39500100, 4300000], [39500100, 4300100], [39500000, 4300000]]
    path = geojson(feature(ring))
    assert said(path) == (
        "坐标不是经纬度（约 39500000, 4300000），请选择坐标系（坐标像是 CGCS2000 3°带第39带（EPSG:4527））"
    )
    assert read(path, crs="4527").geoms.iloc[0].centroid.x == pytest.approx(117, abs=0.01)


def test_swapped_degrees_are_turned_and_told(geojson):
    ring = [[y, x] for x, y in square(LON, LAT)]
    done = read(geojson(feature(ring), feature(square(LON + 0.01, LAT))))
    assert done.geoms.loc[1].equals(box(LON, LAT, LON + 0.001, LAT + 0.001))
    assert "经纬度写反了，已对调，请核对位置" in messages(done)
    assert next(f.rows for f in done.findings if f.rule == "axes_swapped") == (1,)


def test_a_declared_web_map_system_is_undone_and_marked(geojson):
    done = read(geojson(feature(square(LON, LAT))), crs="gcj02")
    assert done.geoms.iloc[0].bounds[0] == pytest.approx(LON - 0.0053, abs=5e-4)
    assert messages(done) == [
        "由 GCJ-02（高德、腾讯） 转换到 CGCS2000，精度约 1 米，不作权属依据。"
    ]


@pytest.mark.parametrize(
    ("ring", "sentence"),
    [
        (
            [["112.04", "22.92"], ["112.05", "22.92"], ["112.05", "22.93"], ["112.04", "22.92"]],
            "第 1 个图形的坐标是文字而不是数字，请重新导出。",
        ),
        (
            [[LON, LAT], [LON + 0.001, LAT], [LON + 0.001, LAT + 0.001], [LON, LAT + 0.000108]],
            "第 1 个图形首尾不闭合（相差 12 m），请补画后再导入。",
        ),
        (
            [[LON, LAT], [LON + 0.001, LAT]],
            "第 1 个图形的一个环只有 2 个点，围不成面，请补画后再导入。",
        ),
        ([[LON, None], [LON, LAT], [LON, LAT]], "第 1 个图形的坐标不是成对的数字，请重新导出。"),
        ([LON, LAT], "第 1 个图形的坐标层数不对，请重新导出。"),
        (
            [[LON, float("nan")], [LON + 0.001, LAT], [LON, LAT + 0.001], [LON, LAT]],
            "第 1 个图形的坐标里有空值（NaN），请重新导出。",
        ),
    ],
)
def test_a_ring_that_can_not_be_read_is_named(geojson, ring, sentence):
    assert said(geojson(feature(ring))) == f"边界.geojson：{sentence}"


def test_all_problems_are_told_at_once_with_their_numbers(geojson):
    text = [["a", "b"], ["c", "d"], ["e", "f"], ["a", "b"]]
    path = geojson(feature(square(LON, LAT)), feature(text), feature([[LON, LAT]]))
    with pytest.raises(RecordError) as refused:
        read(path)
    assert [problem[:5] for problem in refused.value.problems] == ["第 2 个", "第 3 个"]


def test_a_gap_of_centimetres_is_closed_and_told(geojson):
    ring = [*square(LON, LAT)[:-1], [LON, LAT + 5e-7]]
    done = read(geojson(feature(ring)))
    assert "1 个图形首尾相差不到 0.1 米，已自动闭合。" in messages(done)
    assert done.geoms.iloc[0].is_valid


def test_a_bow_tie_is_repaired_listed_and_asked_about(geojson):
    tie = [
        [LON, LAT],
        [LON + 0.001, LAT + 0.001],
        [LON + 0.001, LAT],
        [LON, LAT + 0.001],
        [LON, LAT],
    ]
    done = read(geojson(feature(square(LON + 0.01, LAT)), feature(tie)))
    assert list(done.repaired.index) == [2]
    after = done.repaired.loc[2, "area_after_m2"]
    assert after == pytest.approx(102.6 * 110.8 / 2, rel=0.01)
    assert messages(done)[-1] == f"第 2 个图形自相交，修复后面积 0→{after:,.0f} ㎡，是否接受"


def test_heights_and_points_and_lines_are_left_out_and_counted(geojson):
    high = [[x, y, 35.0] for x, y in square(LON, LAT)]
    others = [
        {
            "type": "Feature",
            "properties": None,
            "geometry": {"type": "Point", "coordinates": [LON, LAT]},
        },
        {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "Point", "coordinates": [LON, LAT]},
        },
        {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "LineString", "coordinates": [[LON, LAT], [LON, LAT + 1e-3]]},
        },
        {"type": "Feature", "properties": {}, "geometry": None},
    ]
    done = read(geojson(feature(high), *others))
    assert list(done.geoms.index) == [1]
    assert not done.geoms.iloc[0].has_z
    assert "忽略 2 个点、1 条线" in messages(done)
    assert "第 5 条记录没有图形，已略过，请核对。" in messages(done)


def test_a_file_of_lines_alone_is_refused(geojson):
    line = {"type": "LineString", "coordinates": [[LON, LAT], [LON, LAT + 1e-3]]}
    path = geojson({"type": "Feature", "properties": {}, "geometry": line})
    assert said(path) == "“边界.geojson”里没有面，只有1 条线，不能当作边界导入。"


def test_no_features_are_a_refusal(geojson):
    assert said(geojson()) == "“边界.geojson”里没有任何图形，没有可以导入的内容。"


@pytest.mark.parametrize(
    ("lon", "lat"), [(0.0, 0.0), (2.35, 48.85), (-112.0, 22.9), (150.0, -33.0)]
)
def test_a_boundary_outside_china_is_refused(geojson, lon, lat):
    sentence = said(geojson(feature(square(LON, LAT)), feature(square(lon, lat))), crs="4490")
    assert sentence.startswith("“边界.geojson”第 2 个图形不在中国范围内（约东经 ")
    assert "请检查坐标系是否选对" in sentence


def test_a_system_that_does_not_fit_the_numbers_is_refused(geojson):
    ring = [[39500000, 4300000], [39500100, 4300000], [39500100, 4300100], [39500000, 4300000]]
    with pytest.raises(CrsError, match="坐标不是经纬度"):
        read(geojson(feature(ring)), crs="bd09")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"type": "FeatureCollection", "features": [{"type": "Fea', "不是完整的 GeoJSON"),
        ('{"type": "Topology", "objects": {}}', "不是 GeoJSON，type 是“Topology”"),
        ('{"a": 1}', "不是 GeoJSON，type 是“没有写”"),
        ("[1, 2]", "缺少 type 和 features"),
        ("[" * 100_000, "嵌套太深"),
        ('{"type": "FeatureCollection", "features": [1]}', "features 不是要素的列表"),
    ],
)
def test_json_that_is_no_geojson_is_refused(tmp_path, text, sentence):
    path = tmp_path / "x.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UploadError, match=sentence):
        open_source(path, tmp_path, name="x.geojson")


def test_gbk_text_is_read(tmp_path):
    path = tmp_path / "x.geojson"
    document = {
        "type": "FeatureCollection",
        "features": [feature(square(LON, LAT), 名称="幸福里小区")],
    }
    path.write_bytes(json.dumps(document, ensure_ascii=False).encode("gbk"))
    source = open_source(path, tmp_path, name="x.geojson")
    raw = source.read("x")
    assert (raw.encoding, raw.columns) == ("GBK", [("名称", ["幸福里小区"])])
