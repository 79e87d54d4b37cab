"""Geometry blobs: what is written is read, by us and by others."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from data.store.blob import blob_box, decode, encode
from tests.data.store.oracle import gpkg_blob

degrees = st.floats(-180, 180, allow_nan=False)


def array(*geometries: shapely.Geometry | None) -> np.ndarray:
    found = np.empty(len(geometries), dtype=object)
    found[:] = geometries
    return found


@given(st.lists(st.tuples(degrees, degrees), min_size=3, max_size=30), degrees)
def test_every_bit_of_a_coordinate_survives(points: list[tuple[float, float]], x: float) -> None:
    line = shapely.LineString(points)
    given_shapes = array(line, None, shapely.Point(x, x), shapely.MultiPolygon())
    blobs = encode(given_shapes)
    found = decode(blobs)
    assert shapely.to_wkb(found[0]) == shapely.to_wkb(line)
    assert found[1] is None
    assert shapely.to_wkb(found[2]) == shapely.to_wkb(given_shapes[2])
    # Empty means none.
    assert blobs[3] is None
    west, south, east, north = line.bounds
    assert blob_box(blobs[0]) == (west, east, south, north)


def test_the_header_is_that_of_gdal() -> None:
    # Found in a file that GDAL 3.12 wrote for this shape.
    expected = bytes.fromhex(
        "475000038A1100000000000000805B400000000000C05B400000000000003E400000000000003F40"
        "01060000000100000001030000000100000005"
    )
    [blob] = encode(array(shapely.MultiPolygon([shapely.box(110, 30, 111, 31)])))
    assert blob is not None
    assert blob[: len(expected)] == expected


def test_blobs_of_others_are_read_too() -> None:
    point = shapely.Point(112.5, 22.5)
    bare = gpkg_blob(shapely.to_wkb(point), box=None)
    # Big endian header, box of three dimensions.
    header = struct.pack(">2sBBi6d", b"GP", 0, 0b0100, 4490, 112.5, 112.5, 22.5, 22.5, 0, 9)
    deep = header + shapely.to_wkb(point, byte_order=0)
    empty = struct.pack("<2sBBi", b"GP", 0, 0b10001, 4490) + shapely.to_wkb(shapely.Polygon())
    assert decode([bare, deep, empty, None]).tolist() == [point, point, None, None]
    assert blob_box(bare) == blob_box(deep) == (112.5, 112.5, 22.5, 22.5)
    assert blob_box(empty) is None
    assert blob_box(None) is None


def test_what_is_no_geometry_is_no_geometry() -> None:
    with pytest.raises(ValueError, match="not a GeoPackage geometry"):
        decode([b"XX\0\1" + b"\0" * 60])
