"""What goes to the browser of an overlay: all shapes, exactly, and text that stays text."""

import gzip
import json
from dataclasses import asdict

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import CrsError
from layers.webmap_overlay import Overlay, OverlayClass, overlay_state
from tests.layers.hostile import PAYLOADS

LOOKS = (
    OverlayClass(name="open", title="空地", color="#8fbf7f"),
    OverlayClass(name="stall", title="停车位", color="#ffffff", clickable=True),
)
HOLED = shapely.Polygon(
    shapely.box(113, 23, 113.01, 23.01).exterior.coords,
    [shapely.box(113.004, 23.004, 113.006, 23.006).exterior.coords],
)


def _overlay(shapes, kinds=None, labels=None, uids=None):
    table = {
        "class": kinds or ["open"] * len(shapes),
        "label": labels or [f"空地 {n}" for n in range(len(shapes))],
        "uid": uids or [f"u{n}" for n in range(len(shapes))],
    }
    return Overlay(features=gpd.GeoDataFrame(table, geometry=shapes, crs=4490), classes=LOOKS)


def _read(overlay):
    """The shapes as the map's script reads them: (uid, class, type, rings) of each."""
    wire = json.loads(overlay.content)
    places = np.cumsum(np.array(wire["steps"], float).reshape(-1, 2), axis=0) * wire["step"]
    places += wire["origin"]
    found, ring, point = [], 0, 0
    for of, kind, count in zip(wire["of"], wire["types"], wire["rings"], strict=True):
        rings = []
        for size in wire["points"][ring : ring + count]:
            rings.append(places[point : point + size])
            point += size
        ring += count
        found.append((wire["uids"][of], wire["classes"][wire["kinds"][of]], kind, rings))
    return found


def test_polygons_with_holes_lines_and_points_come_through_to_a_millimetre():
    line, point = shapely.LineString([(113, 23), (113.02, 23.03)]), shapely.Point(113.5, 23.5)
    read = _read(_overlay([HOLED, line, point], ["open", "stall", "open"]))
    assert [(uid, name, kind) for uid, name, kind, _ in read] == [
        ("u0", "open", 3),
        ("u1", "stall", 2),
        ("u2", "open", 1),
    ]
    outer, hole = read[0][3]
    again = shapely.Polygon(outer, [hole])
    assert again.symmetric_difference(HOLED).area < 1e-9
    assert read[1][3][0] == pytest.approx(np.array(line.coords), abs=1e-8)
    assert read[2][3][0] == pytest.approx(np.array(point.coords), abs=1e-8)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(73, 135), st.floats(4, 53), st.floats(2e-5, 2)), max_size=30))
def test_any_boxes_come_through(boxes):
    shapes = [shapely.box(x, y, x + side, y + side) for x, y, side in boxes]
    read = _read(_overlay(shapes))
    assert len(read) == len(shapes)
    for shape, (_, _, _, rings) in zip(shapes, read, strict=True):
        assert rings[0].min(axis=0) == pytest.approx(shape.bounds[:2], abs=1.1e-8)
        assert rings[0].max(axis=0) == pytest.approx(shape.bounds[2:], abs=1.1e-8)


def test_parts_keep_the_words_of_their_feature():
    both = shapely.MultiPolygon([shapely.box(113, 23, 113.1, 23.1), HOLED])
    mixed = shapely.GeometryCollection([both, shapely.Point(113, 23)])
    read = _read(_overlay([shapely.Point(1, 1), mixed]))
    assert [(uid, kind) for uid, _, kind, _ in read] == [("u0", 1), ("u1", 3), ("u1", 3), ("u1", 1)]


def test_what_can_not_be_drawn_is_left_out():
    broken = shapely.transform(
        shapely.LineString([(113, 23), (114, 24)]),
        lambda points: np.where(points == 114, np.nan, points),
    )
    read = _read(_overlay([None, shapely.Polygon(), broken, HOLED]))
    assert [uid for uid, *_ in read] == ["u3"]
    assert _read(_overlay([])) == []
    assert _overlay([None]).bounds is None


def test_unknown_words_are_empty_words():
    wire = json.loads(_overlay([HOLED, HOLED], labels=[None, pd.NA], uids=["a", None]).content)
    assert wire["labels"] == [] and wire["uids"] == ["a", ""] and wire["texts"] == []


def test_the_tag_changes_with_the_content_only():
    one, same, other = _overlay([HOLED]), _overlay([HOLED]), _overlay([HOLED], labels=["别的"])
    assert one.tag == same.tag != other.tag
    assert gzip.decompress(one.packed) == one.content


def test_a_class_without_a_look_and_metres_are_refused():
    with pytest.raises(ValueError, match="unheard"):
        _overlay([HOLED], ["unheard"])
    metres = gpd.GeoDataFrame(
        {"class": ["open"], "label": [""], "uid": [""]}, geometry=[HOLED], crs=4547
    )
    with pytest.raises(CrsError, match="经纬度"):
        Overlay(features=metres, classes=LOOKS)


@pytest.mark.parametrize("text", PAYLOADS)
def test_text_of_records_comes_as_it_is_in_json(text):
    wire = json.loads(_overlay([HOLED], labels=[text], uids=[text]).content)
    assert wire["labels"] == wire["uids"] == [text]


def test_the_map_is_told_an_address_and_looks_and_no_shape():
    told = overlay_state(_overlay([HOLED] * 500), "overlay?v=1", ("u3",))
    assert told is not None and told.selected == ("u3",)
    assert len(json.dumps(asdict(told))) < 1_500
    assert overlay_state(None, "overlay?v=1") is None
