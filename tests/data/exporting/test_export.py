"""Files out of a plan: what is in them, what is said about them, and that they appear whole or not at all."""

import csv
import io
import json
import zipfile

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely

from data.exporting import export, formats
from errors import ExportError


def attributes(feature):
    return feature["properties"]


@pytest.fixture(scope="module")
def cgcs(plan, tmp_path_factory):
    return export(plan, "geojson", crs="4490", out_dir=tmp_path_factory.mktemp("a"), actor="李工")


@pytest.fixture(scope="module")
def rfc(plan, tmp_path_factory):
    return export(
        plan, "geojson", crs="rfc7946", out_dir=tmp_path_factory.mktemp("b"), actor="李工"
    )


@pytest.fixture(scope="module")
def shape(plan, tmp_path_factory):
    return export(plan, "shapefile", out_dir=tmp_path_factory.mktemp("c"), actor="李工")


@pytest.fixture(scope="module")
def workbook(plan, tmp_path_factory):
    done = export(plan, "xlsx", out_dir=tmp_path_factory.mktemp("d"), actor="李工")
    return done, openpyxl.load_workbook(done.files[0]).active


def test_the_table_of_formats_holds_the_four():
    assert {"geojson", "gpkg", "shapefile", "xlsx"} <= set(formats())
    for how in formats().values():
        assert how.title
        assert how.extension.startswith(".")


# --- GeoJSON


def test_cgcs2000_geojson_carries_the_crs_member_and_8_decimals(cgcs):
    text = cgcs.files[0].read_text(encoding="utf-8")
    data = json.loads(text)
    assert data["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::4490"
    assert pyogrio.read_info(cgcs.files[0])["crs"] == "EPSG:4490"
    ordinates = shapely.get_coordinates(
        [shapely.geometry.shape(f["geometry"]) for f in data["features"] if f["geometry"]]
    )
    assert np.allclose(ordinates, ordinates.round(8), rtol=0, atol=1e-12)
    assert not np.allclose(ordinates, ordinates.round(7), rtol=0, atol=1e-12)
    assert data["xy_coordinate_resolution"] == 1e-8
    assert "云浮中学教师宿舍" in text  # UTF-8, not \\u escapes


def test_rfc7946_has_no_crs_member_and_7_decimals(rfc):
    data = json.loads(rfc.files[0].read_text(encoding="utf-8"))
    assert "crs" not in data
    ordinates = shapely.get_coordinates(
        [shapely.geometry.shape(f["geometry"]) for f in data["features"] if f["geometry"]]
    )
    assert np.allclose(ordinates, ordinates.round(7), rtol=0, atol=1e-12)


@pytest.mark.parametrize("which", ["cgcs", "rfc"])
def test_rings_are_right_handed(which, request):
    done = request.getfixturevalue(which)
    polygons = gpd.read_file(done.files[0]).geometry.dropna().explode()
    assert len(polygons) == 4
    assert all(polygon.exterior.is_ccw for polygon in polygons)


def test_totals_of_the_file_are_those_of_the_ledger_to_the_yuan(cgcs):
    frame = gpd.read_file(cgcs.files[0])
    assert frame["households"].sum() == 1061
    assert frame["investment_yuan"].sum() == 5_150_000
    assert frame["grant_yuan"].sum() == 4_650_000
    assert frame["funding_gap_yuan"].sum() == 500_000
    assert cgcs.totals["investment_yuan"] == 5_150_000
    assert cgcs.totals["features"] == 5


def test_what_nobody_knows_is_null_in_the_file_and_in_the_totals(cgcs):
    features = json.loads(cgcs.files[0].read_text(encoding="utf-8"))["features"]
    assert {attributes(f)["grant_city_yuan"] for f in features} == {None}
    assert cgcs.totals["contribution_yuan"] is None


def test_areas_are_given_on_the_ellipsoid_and_in_the_plane(cgcs):
    frame = gpd.read_file(cgcs.files[0]).dropna(subset=["area_plane_m2"])
    ratio = frame["area_plane_m2"] / frame["area_geodesic_m2"]
    assert ratio.between(1.0002, 1.0004).all()  # 云浮, domain report 3.1
    plane = frame.to_crs(4546).area
    assert np.allclose(plane, frame["area_plane_m2"], rtol=5e-5)  # 8 decimals are a millimetre


def test_a_row_without_a_boundary_goes_out_and_is_told(cgcs):
    features = json.loads(cgcs.files[0].read_text(encoding="utf-8"))["features"]
    assert [f["geometry"] is None for f in features].count(True) == 1
    assert cgcs.without_boundary == ("玉皇路小区",)
    assert any("没有边界" in note and "玉皇路小区" in note for note in cgcs.notes)


def test_sketched_boundaries_are_stamped_in_file_and_metadata(cgcs):
    data = json.loads(cgcs.files[0].read_text(encoding="utf-8"))
    assert data["description"].startswith("示意：含4个示意边界")
    drawn = [f for f in data["features"] if f["geometry"]]
    assert {attributes(f)["boundary_state"] for f in drawn} == {"示意"}
    sheet = json.loads(cgcs.files[1].read_text(encoding="utf-8"))
    assert sheet["layers"][0]["stamp"].startswith("示意")
    assert len(cgcs.schematic) == 4


def test_the_metadata_say_what_the_file_is(plan, cgcs):
    import hashlib

    sheet = json.loads(cgcs.files[1].read_text(encoding="utf-8"))
    assert cgcs.files[1].name.endswith("_元数据.json")
    assert sheet["sha256"] == hashlib.sha256(cgcs.files[0].read_bytes()).hexdigest()
    assert sheet["plan"]["revision"] == plan.edition()
    assert sheet["plan"]["settings"]["rules"] == "yuncheng-2024"
    assert sheet["crs"]["plane_area_measured_in"] == "EPSG:4546"
    assert sheet["layers"][0]["totals"]["households"] == 1061
    assert {
        "name": "investment_yuan",
        "title": "预计投资额",
        "unit": "元",
        "kind": "yuan",
    } in sheet["layers"][0]["fields"]
    assert sheet["checks_passed"]


def test_pianqu_carry_members_and_totals(plan, tmp_path):
    done = export(plan, "geojson", layer="pianqu", out_dir=tmp_path, actor="李工")
    (feature,) = json.loads(done.files[0].read_text(encoding="utf-8"))["features"]
    found = attributes(feature)
    assert found["name"] == "金龙{{7*7}}片区"
    assert found["member_uids"] == ["YC2024-01", "YC2024-02", "YC2024-03"]
    assert found["member_names"] == ["旧中专宿舍", "邮电新村", "云浮中学教师宿舍"]
    assert (found["compound_count"], found["households"]) == (3, 437)
    assert (found["investment_yuan"], found["grant_yuan"]) == (2_600_000, 2_400_000)
    assert found["schematic_count"] == 3
    assert "示意" in json.loads(done.files[0].read_text(encoding="utf-8"))["description"]


# --- GeoPackage


def test_geopackage_is_a_fresh_file_with_the_layers_asked_for(plan, tmp_path):
    done = export(
        plan,
        "gpkg",
        layer=["compounds", "pianqu", "buildings", "roads"],
        out_dir=tmp_path,
        actor="李工",
    )
    layers = dict(pyogrio.list_layers(done.files[0]))
    assert layers == {
        "compounds": "MultiPolygon",
        "pianqu": "MultiPolygon",
        "buildings": "MultiPolygon",
        "roads": "Unknown",
    }
    frame = pyogrio.read_dataframe(done.files[0], layer="compounds")
    assert frame.crs == "EPSG:4490"
    assert frame["investment_yuan"].sum() == 5_150_000
    # The plan's own tables stay in the plan.
    assert "edit_history" not in layers


# --- Shapefile


def test_shapefile_has_short_ascii_names_gbk_and_a_dictionary(shape):
    with zipfile.ZipFile(shape.files[0]) as archive:
        names = set(archive.namelist())
        assert {"LJXQGZ.shp", "LJXQGZ.dbf", "LJXQGZ.shx", "LJXQGZ.prj", "LJXQGZ.cpg"} <= names
        assert archive.read("LJXQGZ.cpg") == b"GBK"
        assert "云浮中学教师宿舍".encode("gbk") in archive.read("LJXQGZ.dbf")
        table = list(csv.reader(io.StringIO(archive.read("字段对照表.csv").decode("utf-8-sig"))))
        assert archive.read("示意说明.txt").decode("utf-8-sig").startswith("示意")
    short = [row[0] for row in table[1:]]
    assert all(name.isascii() and len(name) <= 10 for name in short)
    assert len(set(short)) == len(short)
    assert ["HS", "居民户数", "households", "int:13", "户", "整数"] in table
    assert [row[1] for row in table if row[0] == "YJTZ"] == ["预计投资额"]
    frame = gpd.read_file(f"/vsizip/{shape.files[0]}/LJXQGZ.shp")
    assert list(frame.columns[:-1]) == short
    assert frame["YJTZ"].sum() == 5_150_000
    assert frame.crs.to_epsg() == 4490


def test_every_layer_has_short_names_that_are_unique_within_ten_characters():
    from data.exporting.fields import fields_of_layer
    from data.schema import LAYERS

    for layer in LAYERS:
        short = [item.short for item in fields_of_layer(layer, with_extra=True)]
        assert len({name.upper() for name in short}) == len(short), layer
        assert all(name.isascii() and 0 < len(name) <= 10 for name in short), layer


def test_text_that_a_shapefile_can_not_hold_is_refused_and_listed(plan, tmp_path):
    uid = "YC2024-02"
    version = int(plan.read("compounds", uids=[uid])["version"].iloc[0])
    with plan.edit("王工", "长文字") as tx:
        tx.update("compounds", uid, version, {"remarks": "改" * 200, "name": "邮电𠮷村"})
    try:
        with pytest.raises(ExportError, match="没有导出") as told:
            export(plan, "shapefile", out_dir=tmp_path, actor="李工")
        assert "超过254字节" in str(told.value)
        assert "𠮷" in str(told.value)
        assert not list(tmp_path.iterdir())
        done = export(plan, "shapefile", out_dir=tmp_path, actor="李工", accept_losses=True)
        assert {(loss.uid, loss.field) for loss in done.losses} == {
            (uid, "备注"),
            (uid, "小区名称"),
        }
        with zipfile.ZipFile(done.files[0]) as archive:
            assert "改" * 127 in archive.read("损失清单.csv").decode("utf-8-sig")
        frame = gpd.read_file(f"/vsizip/{done.files[0]}/LJXQGZ.shp").set_index("BSM")
        assert frame.loc[uid, "XQMC"] == "邮电？村"
        assert frame.loc[uid, "BZ"] == "改" * 127
        kept = export(
            plan,
            "shapefile",
            out_dir=tmp_path / "u",
            actor="李工",
            encoding="utf-8",
            accept_losses=True,
        )
        frame = gpd.read_file(f"/vsizip/{kept.files[0]}/LJXQGZ.shp").set_index("BSM")
        assert frame.loc[uid, "XQMC"] == "邮电𠮷村"
    finally:
        plan.undo("王工")


def test_members_of_a_pianqu_go_into_a_table_beside_the_shapes(plan, tmp_path):
    done = export(plan, "shapefile", layer="pianqu", out_dir=tmp_path, actor="李工")
    with zipfile.ZipFile(done.files[0]) as archive:
        rows = list(csv.reader(io.StringIO(archive.read("片区成员表.csv").decode("utf-8-sig"))))
    assert [row[2] for row in rows[1:]] == ["YC2024-01", "YC2024-02", "YC2024-03"]


def test_roads_go_out_as_lines(plan, tmp_path):
    done = export(plan, "shapefile", layer="roads", out_dir=tmp_path, actor="李工")
    frame = gpd.read_file(f"/vsizip/{done.files[0]}/LJXQGZ_ROADS.shp")
    assert set(frame.geom_type) == {"LineString"}
    assert len(frame) == plan.count("roads")


# --- the ledger back


def test_the_ledger_comes_back_in_the_layout_of_the_source(workbook):
    _, sheet = workbook
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[1][0] == "2024年云城区城镇老旧小区改造计划项目台账和中央、省补助资金分配情况表"
    heads = [head.replace("\n", "") for head in rows[2]]
    assert heads == [
        "序号",
        "所在街道及社区",
        "小区名称",
        "居民户数（户）",
        "楼栋数（栋）",
        "住宅建筑面积（万平方米）",
        "建成日期",
        "计划改造内容",
        "预计投资额（万元）",
        "中央财政补助资金（万元）",
        "省级专项资金（万元）",
        "合计补助（万元）",
        "审核编号",
        "备注",
        "片区",
    ]
    assert rows[3][:6] == [1, "云城街道天马社区", "旧中专宿舍", 24, 3, 0.3]
    assert rows[3][8:12] == [40, 40, "/", 40]
    assert [row[-1] for row in rows[3:8]] == ["金龙{{7*7}}片区"] * 3 + [None, None]
    assert rows[8][0] == "合计"
    assert [rows[8][i] for i in (3, 4, 5, 8, 9, 10, 11)] == [1061, 65, 8.45, 515, 295, 170, 465]
    assert {str(merged) for merged in sheet.merged_cells.ranges} == {"A2:O2", "A9:C9"}


def test_no_cell_of_the_workbook_is_a_formula(workbook):
    _, sheet = workbook
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    (link,) = [cell for cell in cells if str(cell.value).startswith("=HYPERLINK")]
    assert link.data_type == "s"
    assert link.number_format == "@"


# --- payloads


def test_payloads_come_out_as_the_text_they_are(plan, cgcs, rfc, shape, tmp_path):
    for source in (
        cgcs.files[0],
        rfc.files[0],
        export(plan, "gpkg", out_dir=tmp_path, actor="李工").files[0],
    ):
        frame = gpd.read_file(source).set_index("uid")
        assert frame.loc["YC2024-04", "remarks"] == '=HYPERLINK("http://x","点")'
        assert frame.loc["YC2024-04", "review_number"] == "<img src=x onerror=alert(1)>"
        assert json.loads(frame.loc["YC2024-04", "extra"]) == {"电梯": "[1]", "@SUM(A1)": "+1"}
        assert frame.loc["YC2024-01", "pianqu_name"] == "金龙{{7*7}}片区"
    frame = gpd.read_file(f"/vsizip/{shape.files[0]}/LJXQGZ.shp").set_index("BSM")
    assert frame.loc["YC2024-04", "BZ"] == '=HYPERLINK("http://x","点")'


def test_cells_of_the_dictionary_are_inert():
    from data.exporting.formats.shapefile import _csv

    assert b"'=1+1" in _csv([["=1+1", "@x", "正常"]])
    assert b"'@x" in _csv([["=1+1", "@x", "正常"]])
