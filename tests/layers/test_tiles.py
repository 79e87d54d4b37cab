"""Tiles show what is there, where it is; changing a part is the same as starting anew."""

import threading

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from layers.cut import LayerCut, extent_at
from layers.rings import degrees, mercator
from layers.tile_layer import tile_layer
from layers.tiles import HIDDEN, SELECTED, TileIndex, TileLayer

COMPOUNDS = LayerCut(min_zoom=9, keep_small=True)

# Blocks of a made-up town around 云城, in steps of 1e-4 degrees (about 10 m).
blocks = st.tuples(
    st.integers(0, 400), st.integers(0, 400), st.integers(1, 60), st.integers(1, 60)
).map(lambda b: _block(*b))
towns = st.lists(blocks, min_size=1, max_size=25)


def _block(x, y, width, height):
    west, south = 112.0 + x * 1e-4, 22.9 + y * 1e-4
    return box(west, south, west + width * 1e-4, south + height * 1e-4)


def _series(geometries, prefix="u"):
    return gpd.GeoSeries(
        list(geometries), index=[f"{prefix}{n}" for n in range(len(geometries))], crs=4490
    )


def _index(geometries, kinds=None, cut=COMPOUNDS):
    layer = TileLayer(geometries=_series(geometries), kinds=kinds, cut=cut)
    return TileIndex({"compounds": layer})


def _tile_of(lon, lat, z):
    x, y = (mercator(np.array([[lon, lat]]))[0] * 2**z).astype(int)
    return int(x), int(y)


def _decoded(index, z, x, y):
    """Features by id with shapely geometries in pixels of the tile, y to the south."""
    data = index.tile(z, x, y)
    if not data:
        return {}
    layer = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})["compounds"]
    scale = 256 / layer["extent"]
    return {
        f["id"]: shapely.transform(
            shapely.geometry.shape(f["geometry"]), lambda points: points * scale
        )
        for f in layer["features"]
    }


def _in_pixels(geometry, z, x, y):
    return shapely.transform(geometry, lambda c: (mercator(c) * 2**z - (x, y)) * 256)


@settings(deadline=None, max_examples=60)
@given(towns, st.integers(9, 18))
def test_every_compound_is_in_the_tile_of_its_middle_and_within_a_pixel_of_its_place(town, z):
    index = _index(town)
    for row, compound in enumerate(town):
        tile = _tile_of(compound.centroid.x, compound.centroid.y, z)
        drawn = _decoded(index, z, *tile)
        true = _in_pixels(compound, z, *tile)
        west, north, east, south = true.bounds
        if max(east - west, south - north) >= 2:
            assert row in drawn
            assert drawn[row].hausdorff_distance(true) <= 1
        else:
            nearest = min(shape.distance(true) for shape in drawn.values())
            assert nearest <= 2 * np.sqrt(2)


def test_tiny_compounds_stay_one_to_a_cell_of_two_pixels():
    town = [_block(x, y, 1, 1) for x in range(0, 40, 2) for y in range(0, 40, 2)]
    z = 9
    tile = _tile_of(112.002, 22.902, z)
    drawn = _decoded(_index(town), z, *tile)
    centres = np.array([_in_pixels(g, z, *tile).centroid.coords[0] for g in town])
    cells = {tuple(c) for c in np.floor(centres / 2).astype(int)}
    assert len(drawn) == len(cells)
    assert all(
        min(s.bounds[2] - s.bounds[0], s.bounds[3] - s.bounds[1]) >= 1 for s in drawn.values()
    )


def test_above_the_thinning_zoom_no_tiny_compound_is_left_out():
    town = [_block(x, y, 1, 1) for x in range(0, 8, 2) for y in range(0, 8, 2)]
    drawn = _decoded(_index(town), 12, *_tile_of(112.0003, 22.9003, 12))
    assert set(drawn) == set(range(len(town)))


def _features(data):
    if not data:
        return []
    layer = mapbox_vector_tile.decode(data)["compounds"]
    return sorted(
        ((f["id"], f["properties"].get("k"), str(f["geometry"])) for f in layer["features"]),
        key=str,
    )


@settings(deadline=None, max_examples=40)
@given(towns, towns, st.lists(st.integers(0, 24), max_size=8), st.integers(9, 17))
def test_replacing_rows_is_the_same_as_building_anew(town, newer, places, z):
    series = _series(town)
    names = list(dict.fromkeys([*(f"u{p}" for p in places), "new0", "new1"]))
    changed = gpd.GeoSeries(
        [newer[n % len(newer)] if n % 3 else None for n in range(len(names))], index=names, crs=4490
    )
    index = TileIndex({"compounds": TileLayer(geometries=series, cut=COMPOUNDS)})
    index.warm()
    index.replace("compounds", changed)
    after = series.reindex(index.ids())
    after[changed.index] = changed
    anew = TileIndex({"compounds": TileLayer(geometries=after, cut=COMPOUNDS)})
    for geometry in [*town, *newer]:
        lon, lat = geometry.centroid.x, geometry.centroid.y
        tile = _tile_of(lon, lat, z)
        assert _features(index.tile(z, *tile)) == _features(anew.tile(z, *tile))
        assert index.pick(lon, lat) == anew.pick(lon, lat)
        assert list(index.within(geometry)) == list(anew.within(geometry))
    assert index.aggregates(8).equals(anew.aggregates(8))


def test_many_changes_are_laid_out_anew_and_nothing_is_lost():
    town = [_block(x * 2, y * 2, 1, 1) for x in range(40) for y in range(40)]
    index = _index(town)
    moved = _series([shapely.affinity.translate(g, xoff=0.02) for g in town])
    index.replace("compounds", moved)
    assert len(index.within(box(112.0195, 22.8, 112.1, 23.1))) == len(town)
    assert len(index.within(box(111.9, 22.8, 112.0195, 23.1))) == 0


def test_rows_are_kept_when_a_compound_is_removed_and_new_ones_come_last():
    index = _index([_block(0, 0, 20, 20), _block(30, 0, 20, 20)])
    index.remove("compounds", ["u0", "not there"])
    index.replace("compounds", gpd.GeoSeries([_block(0, 0, 9, 9)], index=["u9"], crs=4490))
    assert list(index.ids()) == ["u0", "u1", "u9"]
    assert index.pick(112.0005, 22.9005) == [2]
    assert index.geometry("compounds", 0) is None


def test_missing_and_empty_geometries_take_a_row_and_draw_nothing():
    index = _index([None, Polygon(), _block(0, 0, 20, 20)])
    drawn = _decoded(index, 15, *_tile_of(112.001, 22.901, 15))
    assert set(drawn) == {2}
    assert len(index.ids()) == 3
    assert index.extent() == pytest.approx((112.0, 22.9, 112.002, 22.902))


def test_a_plan_without_any_boundary_has_tiles_and_no_extent():
    index = _index([None, None])
    assert index.tile(12, *_tile_of(112, 22.9, 12)) == b""
    assert index.extent() is None
    assert index.pick(112, 22.9, z=12) == []
    assert len(index.aggregates(7)) == 0
    empty = TileIndex({"compounds": TileLayer(geometries=_series([]))})
    assert empty.tile(12, 0, 0) == b""
    assert empty.class_table(pd.Series(dtype=np.uint8)) == b""


def test_holes_and_parts_survive():
    ring = Polygon(_block(0, 0, 60, 60).exterior, [_block(20, 20, 20, 20).exterior.coords])
    both = MultiPolygon([ring, _block(80, 0, 20, 20)])
    z = 16
    tile = _tile_of(112.003, 22.903, z)
    drawn = _decoded(_index([both]), z, *tile)[0]
    assert drawn.symmetric_difference(_in_pixels(both, z, *tile)).area < drawn.area * 0.01
    assert sum(len(part.interiors) for part in drawn.geoms) == 1


def test_lines_carry_their_width_and_keep_their_ends():
    road = LineString([(112.0, 22.9), (112.001, 22.9), (112.002, 22.9), (112.003, 22.903)])
    frame = gpd.GeoDataFrame({"width_m": [12.4], "geometry": [road]}, index=["r"], crs="EPSG:4490")
    index = TileIndex({"roads": tile_layer("roads", frame)})
    z = 17
    x, y = _tile_of(112.001, 22.9005, z)
    layer = mapbox_vector_tile.decode(index.tile(z, x, y), default_options={"y_coord_down": True})[
        "roads"
    ]
    (feature,) = layer["features"]
    assert feature["properties"] == {"k": 12}
    drawn = shapely.geometry.shape(feature["geometry"])
    assert len(drawn.coords) == 3  # the point on the straight way is left out
    true = _in_pixels(road, z, x, y)
    assert np.allclose(
        np.array(drawn.coords) * 256 / extent_at(z), np.array(true.coords)[[0, 2, 3]], atol=0.1
    )


def test_a_lake_larger_than_the_tile_is_clipped_outside_of_it():
    angle = np.linspace(0, 2 * np.pi, 2_000, endpoint=False)
    lake = Polygon(np.column_stack([112 + 0.05 * np.cos(angle), 22.9 + 0.05 * np.sin(angle)]))
    index = _index([lake], kinds=np.array([7]))
    z = 17
    tile = _tile_of(112.0, 22.95 - 0.00005, z)
    drawn = _decoded(index, z, *tile)[0]
    seen = box(0, 0, 256, 256)
    true = _in_pixels(lake, z, *tile).intersection(seen)
    assert drawn.intersection(seen).symmetric_difference(true).area < 0.01 * 256**2
    assert len(index.tile(z, *tile)) < 500


def test_layers_begin_at_their_zoom():
    index = _index([_block(0, 0, 60, 60)])
    assert index.tile(8, *_tile_of(112.001, 22.901, 8)) == b""
    assert index.tile(9, *_tile_of(112.001, 22.901, 9)) != b""


def test_the_smallest_of_nested_compounds_is_hit_first_and_a_near_miss_counts_at_low_zoom():
    index = _index([_block(0, 0, 60, 60), _block(20, 20, 5, 5)])
    assert index.pick(112.0022, 22.9022) == [1, 0]
    assert index.pick(111.9999, 22.903) == []
    assert index.pick(111.9999, 22.903, z=14) == [0]


def test_the_lasso_takes_what_it_touches_or_what_is_mostly_inside():
    index = _index([_block(0, 0, 20, 20), _block(30, 0, 20, 20)])
    lasso = box(111.99, 22.89, 112.0035, 22.91)  # all of the first, a quarter of the second
    assert list(index.within(lasso)) == [0, 1]
    assert list(index.within(lasso, "mostly")) == [0]


def test_a_lasso_that_crosses_itself_still_selects():
    index = _index([_block(60, 0, 20, 20)])
    bow_tie = Polygon([(111.99, 22.89), (112.01, 22.92), (112.01, 22.89), (111.99, 22.92)])
    assert list(index.within(bow_tie)) == [0]


@settings(deadline=None, max_examples=30)
@given(towns)
def test_labels_lie_inside_their_compounds_largest_first(town):
    index = _index(town)
    rows, points = index.labels((111.9, 22.8, 112.2, 23.1))
    assert sorted(rows) == list(range(len(town)))
    areas = [town[r].area for r in rows]
    assert areas == sorted(areas, reverse=True)
    assert all(town[r].contains(shapely.Point(p)) for r, p in zip(rows, points, strict=True))


def test_labels_are_limited_to_the_largest():
    index = _index([_block(0, 0, n + 1, 1) for n in range(20)])
    rows, _ = index.labels((111.9, 22.8, 112.2, 23.1), limit=3)
    assert list(rows) == [19, 18, 17]
    assert list(index.in_bbox((111.9, 22.8, 112.2, 23.1), limit=2)) == [19, 18]


@settings(deadline=None, max_examples=30)
@given(towns, st.integers(3, 9))
def test_aggregates_count_every_shown_compound_once(town, z):
    index = _index([*town, None])
    households = pd.Series(10.0, index=index.ids())
    households.iloc[0] = np.nan
    table = index.aggregates(z, values={"households": households})
    assert table["count"].sum() == len(town)
    assert table["households"].sum() == 10 * (len(town) - 1)
    shown = np.zeros(len(town) + 1, bool)
    shown[0] = True
    assert index.aggregates(z, shown=shown)["count"].sum() == 1


def test_the_class_table_has_a_byte_per_row():
    index = _index([_block(0, 0, 9, 9), _block(20, 0, 9, 9), _block(40, 0, 9, 9)])
    classes = pd.Series([3, 5], index=["u2", "u0"], dtype=np.uint8)
    table = index.class_table(classes, selected=["u0", "u1", "gone"])
    assert list(table) == [5 | SELECTED, HIDDEN | SELECTED, 3]


def test_repeated_ids_are_refused():
    twice = gpd.GeoSeries([_block(0, 0, 1, 1)] * 2, index=["a", "a"], crs=4490)
    with pytest.raises(ValueError, match="repeated"):
        TileIndex({"compounds": TileLayer(geometries=twice)})


def test_readers_see_whole_states_while_rows_are_replaced():
    index = _index([_block(0, 0, 20, 20), _block(30, 0, 20, 20)])
    tile = _tile_of(112.002, 22.901, 15)
    problems, done = [], threading.Event()

    def read():
        while not done.is_set():
            drawn = _decoded(index, 15, *tile)
            if 0 not in drawn or not drawn[0].is_valid:
                problems.append(drawn)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for n in range(40):
        index.replace(
            "compounds", gpd.GeoSeries([_block(0, 0, 15 + n % 5, 20)], index=["u0"], crs=4490)
        )
    done.set()
    for reader in readers:
        reader.join()
    assert problems == []


@settings(deadline=None, max_examples=50)
@given(st.floats(-179, 179), st.floats(-80, 80))
def test_mercator_and_back(lon, lat):
    there = mercator(np.array([[lon, lat]]))
    assert degrees(there)[0] == pytest.approx((lon, lat), abs=1e-9)


def _plan_frame(states, geometries):
    uids = [f"u{n}" for n in range(len(states))]
    return gpd.GeoDataFrame(
        {"boundary_state": states}, geometry=list(geometries), index=uids, crs="EPSG:4490"
    )


def _kinds(index, z, x, y):
    layer = mapbox_vector_tile.decode(index.tile(z, x, y))["compounds"]
    return {f["id"]: f["properties"].get("k", 0) for f in layer["features"]}


def test_schematic_boundaries_are_marked_in_the_tile_until_they_are_drawn():
    blocks_there = [_block(0, 0, 20, 20), _block(30, 0, 20, 20)]
    index = TileIndex.of_frames({"compounds": _plan_frame(["示意", "导入"], blocks_there)})
    tile = _tile_of(112.002, 22.901, 15)
    assert _kinds(index, 15, *tile) == {0: 1, 1: 0}
    index.put("compounds", _plan_frame(["手绘"], blocks_there[:1]))
    assert _kinds(index, 15, *tile) == {0: 0, 1: 0}


def test_a_tile_without_kinds_is_as_small_as_one_that_never_had_any():
    there = [_block(n * 3, 0, 2, 2) for n in range(30)]
    marked = TileIndex.of_frames({"compounds": _plan_frame(["导入"] * 30, there)})
    tile = _tile_of(112.002, 22.9001, 14)
    assert marked.tile(14, *tile) == _index(there).tile(14, *tile)


def test_colours_of_pianqu_go_with_new_ones_and_stay_with_old_ones():
    frame = gpd.GeoDataFrame(
        {"color": [4]}, geometry=[_block(0, 0, 30, 30)], index=["p0"], crs="EPSG:4490"
    )
    index = TileIndex.of_frames({"pianqu": frame})
    index.put("pianqu", frame.rename(index={"p0": "p1"}).assign(color=7))
    layer = mapbox_vector_tile.decode(index.tile(14, *_tile_of(112.001, 22.901, 14)))["pianqu"]
    assert {f["id"]: f["properties"]["k"] for f in layer["features"]} == {0: 4, 1: 7}
