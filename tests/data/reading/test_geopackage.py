"""GeoPackage: layers by name, only real tables, systems that are not said."""

from __future__ import annotations

import contextlib
import sqlite3
import warnings

import geopandas as gpd
import pytest
from shapely.geometry import LineString, Point, box

from data.reading import inspect_upload, read_boundaries, read_layers
from data.reading.boundaries import layer_of
from errors import UploadError
from tests.data.reading.conftest import NAMES, SQUARES


@pytest.fixture
def city(tmp_path):
    """Compounds, buildings, roads, shops and an extent, as an extract has them."""
    path = tmp_path / "城区.gpkg"
    layers = {
        "compounds": ({"name": NAMES, "osm_id": ["1", "2", "3"]}, SQUARES),
        "buildings": ({"levels": ["6", "6", "多层"], "building": ["residential"] * 3}, SQUARES),
        "roads": (
            {
                "highway": ["service", "residential"],
                "width": ["5", "7.5 m"],
                "name": [None, "天马路"],
            },
            [LineString([(606690, 2535955), (606990, 2535955)])] * 2,
        ),
        "pois": ({"amenity": ["school"], "name": ["天马小学"]}, [Point(606690, 2535955)]),
        "extent": ({"source": ["made up"]}, [box(606690, 2535955, 607290, 2536055)]),
    }
    for layer, (columns, geoms) in layers.items():
        gpd.GeoDataFrame(columns, geometry=geoms, crs=4546).to_file(path, layer=layer)
    return path


def test_all_layers_that_a_plan_knows_come_in_with_their_own_fields(city):
    done = read_layers(city)
    assert list(done) == ["compounds", "buildings", "roads", "facilities"]
    assert done["compounds"].frame["name"].tolist() == NAMES
    assert done["compounds"].frame["extra"].tolist()[0] == {"osm_id": "1"}
    assert done["buildings"].frame["storeys"].tolist() == [6, 6, None]
    assert done["buildings"].frame["extra"].tolist()[2] == {}
    assert done["buildings"].findings[0].message == "建筑有 1 个“层数”不是数字，按未知处理。"
    roads = done["roads"].frame
    assert roads["kind"].tolist() == ["service", "residential"]
    assert roads["width_m"].tolist() == [5.0, 7.5]
    assert roads["name"].tolist() == [None, "天马路"]
    assert roads.geom_type.tolist() == ["LineString"] * 2
    assert done["facilities"].frame["kind"].tolist() == ["school"]
    assert all(one.frame.crs.to_epsg() == 4490 for one in done.values())


def test_one_layer_is_taken_if_it_is_named_or_called_what_is_wanted(city):
    assert read_boundaries(city).source_layer == "compounds"
    assert read_boundaries(city, layer="extent").source_layer == "extent"
    roads = read_boundaries(city, into="roads")
    assert (roads.source_layer, len(roads.frame)) == ("roads", 2)
    assert [layer.name for layer in inspect_upload(city).layers] == [
        "buildings", "compounds", "extent", "pois", "roads",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("compounds", "compounds"),
        ("小区", "compounds"),
        ("POIs", "facilities"),
        ("道路", "roads"),
        ("pianqu", None),
        ("stalls", None),
        ("停车通道", None),
        ("别的", None),
    ],
)
def test_layers_are_known_by_name_or_title_but_results_are_not_taken_in(name, layer):
    assert layer_of(name) == layer


def test_a_file_without_a_known_layer_says_what_it_has(tmp_path):
    path = tmp_path / "x.gpkg"
    gpd.GeoDataFrame({"a": [1]}, geometry=SQUARES[:1], crs=4546).to_file(path, layer="红线")
    with pytest.raises(UploadError, match=r"没有认识的图层（有：红线）。请选择要导入的图层和用途"):
        read_layers(path)
    assert len(read_boundaries(path).frame) == 1


def test_views_are_not_read(city):
    with contextlib.closing(sqlite3.connect(city)) as db:
        db.execute("CREATE VIEW spy AS SELECT fid, geom, load_extension('x') AS a FROM compounds")
        db.execute(
            "INSERT INTO gpkg_contents(table_name, data_type, identifier, srs_id) "
            "VALUES ('spy', 'features', 'spy', 4546)"
        )
        db.execute(
            "INSERT INTO gpkg_geometry_columns VALUES ('spy', 'geom', 'POLYGON', 4546, 0, 0)"
        )
        db.commit()
    assert "spy" not in [layer.name for layer in inspect_upload(city).layers]
    with pytest.raises(UploadError, match="没有图层“spy”"):
        read_boundaries(city, layer="spy")


def test_another_database_and_a_damaged_one_are_refused(tmp_path):
    path = tmp_path / "x.gpkg"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t(a)")
        db.commit()
    with pytest.raises(UploadError, match=r"“x\.gpkg”是 SQLite 数据库，但不是 GeoPackage。"):
        read_boundaries(path)
    path.write_bytes(path.read_bytes()[:100] + b"\x00" * 500)
    with pytest.raises(UploadError, match="已损坏"):
        read_boundaries(path)


def test_an_undefined_system_is_asked_for(tmp_path):
    path = tmp_path / "x.gpkg"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyogrio warns of the missing system: that is the fixture
        gpd.GeoDataFrame({"name": NAMES}, geometry=SQUARES).to_file(path, layer="小区")
    assert inspect_upload(path).crs is None
    assert read_boundaries(path, crs="4546").crs == "EPSG:4546"
