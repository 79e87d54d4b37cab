"""Local rasters are cut where they lie; files that can not be used are refused in words."""

import io
import sqlite3

import numpy as np
import pytest
import rasterio
from affine import Affine
from matplotlib.image import imread

from errors import PlanningError
from layers.basemap import check_raster, local_ground, media_type, raster_tile, tianditu
from layers.rings import mercator

# rasterio still multiplies transforms in the way that affine 3 announces to drop.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

WEST, SOUTH, EAST, NORTH = 112.0, 22.9, 112.04, 22.94


def _tile_of(lon, lat, z):
    x, y = (mercator(np.array([[lon, lat]]))[0] * 2**z).astype(int)
    return z, int(x), int(y)


def _geotiff(path, values, crs="EPSG:4490", **profile):
    bands, height, width = values.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=width,
        height=height,
        count=bands,
        dtype=values.dtype,
        crs=crs,
        transform=Affine((EAST - WEST) / width, 0, WEST, 0, (SOUTH - NORTH) / height, NORTH),
        **profile,
    ) as file:
        file.write(values)
    return path


def _pixels(png):
    picture = imread(io.BytesIO(png), format="png")
    return np.moveaxis(np.rint(picture * 255).astype(int), -1, 0)


@pytest.fixture
def picture(tmp_path):
    """Red in the west, blue in the east."""
    values = np.zeros((3, 200, 200), np.uint8)
    values[0, :, :100] = 200
    values[2, :, 100:] = 200
    return _geotiff(tmp_path / "pic.tif", values)


def test_a_geotiff_is_cut_into_tiles_at_its_place(picture):
    west = _pixels(raster_tile(picture, *_tile_of(112.005, 22.92, 15)))
    east = _pixels(raster_tile(picture, *_tile_of(112.035, 22.92, 15)))
    assert west.shape == (4, 256, 256)
    assert west[:, 128, 128].tolist() == [200, 0, 0, 255]
    assert east[:, 128, 128].tolist() == [0, 0, 200, 255]
    assert media_type(raster_tile(picture, *_tile_of(112.02, 22.92, 15))) == "image/png"


def test_the_edge_of_the_raster_is_transparent_and_outside_there_is_no_tile(picture):
    z, x, y = _tile_of(112.0, 22.92, 15)
    edge = _pixels(raster_tile(picture, z, x, y))
    assert {0, 255} <= set(edge[3].ravel())
    assert raster_tile(picture, z, x - 3, y) is None


def test_the_colours_change_where_the_picture_does_within_a_pixel(picture):
    z, x, y = _tile_of(112.02, 22.92, 17)
    tile = _pixels(raster_tile(picture, z, x, y))[:, 128]
    border = (mercator(np.array([[112.02, 22.92]]))[0, 0] * 2**z - x) * 256
    red_ends = np.flatnonzero(tile[0].astype(int) > tile[2].astype(int)).max()
    source_pixel_px = 0.04 / 200 / (360 / 2**z / 256)
    assert abs(red_ends - border) <= source_pixel_px


def test_sixteen_bits_and_one_band_become_a_grey_picture(tmp_path):
    values = np.linspace(100, 4000, 200 * 200).reshape(1, 200, 200).astype(np.uint16)
    path = _geotiff(tmp_path / "grey.tif", values)
    north = _pixels(raster_tile(path, *_tile_of(112.01, 22.938, 16)))
    south = _pixels(raster_tile(path, *_tile_of(112.01, 22.902, 16)))
    assert (north[0] == north[1]).all()
    assert north[0][north[3] == 255].min() < 40
    assert south[0][south[3] == 255].max() > 215


def test_mbtiles_are_given_out_as_they_are(tmp_path):
    path = tmp_path / "map.mbtiles"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)")
        base.execute("INSERT INTO tiles VALUES (3, 6, ?, ?)", (2**3 - 1 - 3, b"\xff\xd8jpeg"))
    base.close()
    assert raster_tile(path, 3, 6, 3) == b"\xff\xd8jpeg"
    assert media_type(b"\xff\xd8jpeg") == "image/jpeg"
    assert raster_tile(path, 3, 6, 4) is None


def test_files_that_can_not_be_used_are_refused_in_words(tmp_path):
    broken, vrt = tmp_path / "broken.tif", tmp_path / "sly.tif"
    broken.write_bytes(b"nothing")
    vrt.write_text('<VRTDataset rasterXSize="1" rasterYSize="1"></VRTDataset>')
    base = tmp_path / "broken.mbtiles"
    base.write_bytes(b"nothing at all, and not a database either" * 40)
    no_crs = _geotiff(tmp_path / "nowhere.tif", np.zeros((1, 4, 4), np.uint8), crs=None)
    with pytest.raises(PlanningError, match="没有找到"):
        raster_tile(tmp_path / "none.tif", 1, 0, 0)
    for path in (broken, vrt, base):
        with pytest.raises(PlanningError, match="打不开或已损坏"):
            check_raster(path)
    with pytest.raises(PlanningError, match="没有坐标系"):
        check_raster(no_crs)
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(PlanningError, match="不是 GeoTIFF"):
        check_raster(tmp_path / "a.txt")


def test_tianditu_needs_a_plain_key_and_names_its_source():
    grounds = tianditu("0a1b2c")
    assert [g.title for g in grounds] == ["天地图矢量", "天地图影像"]
    for layer in (layer for ground in grounds for layer in ground.layers):
        assert layer.url.endswith("tk=0a1b2c")
        assert all(part in layer.url for part in ("{z}", "{x}", "{y}"))
        assert "天地图" in layer.attribution
    with pytest.raises(PlanningError, match="密钥"):
        tianditu("abc&x=<script>")


def test_a_local_raster_lies_below_the_sessions_address():
    assert local_ground().layers[0].url == "raster/{z}/{x}/{y}"
