"""Facilities, chosen sites and stalls in the tiles: points where they are, and what the style reads of them."""

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from layers.facility_signs import FACILITY_SIGNS, facility_color, facility_number, sign_table
from layers.rings import mercator
from layers.tiles import TileIndex
from policy.facility_rules import facility_rules

HERE = (113.0, 23.0)


def _frame(shapes, **columns):
    index = [f"u{n}" for n in range(len(shapes))]
    table = {"kind": [None] * len(shapes), "name": [None] * len(shapes)} | columns
    return gpd.GeoDataFrame(table, geometry=shapes, index=index, crs=4490)


def _tile(layer, frame, z, lon=HERE[0], lat=HERE[1]):
    """Features of the tile at a place: [(id, kind, shape in pixels)]."""
    x, y = (mercator(np.array([[lon, lat]]))[0] * 2**z).astype(int)
    data = TileIndex.of_frames({layer: frame}).tile(z, int(x), int(y))
    if not data:
        return []
    found = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})[layer]
    scale = 256 / found["extent"]
    return [
        (
            one["id"],
            one["properties"].get("k", 0),
            shapely.transform(shapely.geometry.shape(one["geometry"]), lambda p: p * scale),
        )
        for one in found["features"]
    ]


def _pixel(lon, lat, z):
    place = mercator(np.array([[lon, lat]]))[0] * 2**z
    return (place - np.floor(place)) * 256


def test_a_facility_that_is_a_point_lies_where_it_is():
    frame = _frame([shapely.Point(*HERE)], kind=["幼儿园"])
    [(row, kind, shape)] = _tile("facilities", frame, 17)
    assert (row, kind) == (0, facility_number("幼儿园"))
    assert shape.coords[0] == pytest.approx(_pixel(*HERE, 17), abs=0.1)


def test_points_lines_and_areas_of_one_layer_come_together():
    x, y = HERE
    court = shapely.box(x, y, x + 2e-4, y + 2e-4)
    many = shapely.MultiPoint([(x, y), (x + 1e-4, y)])
    mixed = shapely.GeometryCollection([court, shapely.Point(x, y)])
    found = _tile("facilities", _frame([court, many, mixed, None, shapely.Point()]), 17)
    assert sorted((row, shape.geom_type) for row, _, shape in found) == [
        (0, "Polygon"),
        (1, "MultiPoint"),
        (2, "Point"),
        (2, "Polygon"),
    ]


def test_a_sign_at_the_edge_of_a_tile_is_drawn_in_both():
    z = 17
    x = np.ceil(mercator(np.array([HERE]))[0][0] * 2**z) / 2**z  # the next edge
    lon = (x - 0.5) * 360
    frame = _frame([shapely.Point(lon - 1e-6, HERE[1])])
    west, east = (_tile("facilities", frame, z, lon=lon + by) for by in (-1e-5, 1e-5))
    assert len(west) == len(east) == 1
    assert west[0][2].x == pytest.approx(256, abs=1) and east[0][2].x == pytest.approx(0, abs=1)


def test_a_changed_and_a_removed_facility_are_drawn_so():
    index = TileIndex.of_frames({"facilities": _frame([shapely.Point(*HERE)] * 2)})
    index.put("facilities", _frame([shapely.Point(*HERE)] * 1, kind=["菜市场"]))
    index.remove("facilities", ["u1"])
    x, y = (mercator(np.array([HERE]))[0] * 2**17).astype(int)
    read = mapbox_vector_tile.decode(index.tile(17, int(x), int(y)))["facilities"]["features"]
    assert [(one["id"], one["properties"]["k"]) for one in read] == [(0, facility_number("菜市场"))]


def test_a_click_beside_a_sign_still_hits_it():
    index = TileIndex.of_frames({"facilities": _frame([shapely.Point(*HERE)])})
    six_px = 6 * 360 / (256 * 2**17)
    near = (HERE[0] + six_px, HERE[1])
    assert index.pick(*near, z=17, layer="facilities", reach_px=8) == [0]
    assert index.pick(*near, z=17, layer="facilities") == []


def test_every_kind_of_facility_has_a_sign_of_its_own():
    kinds = list(facility_rules().kinds)
    assert list(FACILITY_SIGNS) == kinds
    assert len(set(FACILITY_SIGNS.values())) == len(kinds), "two kinds with one sign"
    assert all(len(sign) == 1 for sign in FACILITY_SIGNS.values())
    for kind in facility_rules().kinds.values():
        number = facility_number(kind.title)
        assert sign_table()[number - 1] == (FACILITY_SIGNS[kind.id], facility_color(kind.id))


def test_what_no_kind_is_known_of_has_no_sign():
    assert facility_number("highway=bus_stop", "幼儿园站") == 0
    assert facility_number(None, None) == 0


def test_stalls_tell_their_use():
    x, y = HERE
    stall = shapely.box(x, y, x + 5e-5, y + 5e-5)
    frame = _frame([stall] * 4, use=["普通", "无障碍", "充电", None])
    assert [kind for _, kind, _ in _tile("stalls", frame, 18)] == [0, 1, 2, 0]
