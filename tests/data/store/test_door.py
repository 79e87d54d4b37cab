"""The door: what comes in is made uniform or refused."""

from __future__ import annotations

import datetime
import math
import struct
import unicodedata
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon

from data.schema import FIELDS, LAYERS
from data.store.door import (
    LARGEST_NUMBER,
    clean_extra,
    clean_geometries,
    clean_text,
    clean_value,
    clean_values,
    is_missing,
)
from errors import RecordError
from tests.data.store.conftest import square

HOUSEHOLDS, AREA, NAME = FIELDS["households"], FIELDS["floor_area_m2"], FIELDS["name"]
BUILT, FLAG, YUAN = FIELDS["built_on"], FIELDS["built_on_is_year"], FIELDS["investment_yuan"]


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("  甲 小区\u3000", "甲 小区"),
        ("甲\x00\x1b小区", "甲小区"),
        ("甲\t乙\r\n丙", "甲 乙 丙"),
        ("e\u0301", "é"),
        ("\ufeff甲", "甲"),
        ("", None),
        (" \n\t", None),
        ("𠮷野家", "𠮷野家"),
        ("\ud800甲", "甲"),
        (None, None),
        (float("nan"), None),
        (pd.NA, None),
        ("{{7*7}}<img onerror=x>", "{{7*7}}<img onerror=x>"),
    ],
)
def test_text_has_one_form(given_text: Any, kept: str | None) -> None:
    assert clean_text(given_text) == kept


def test_line_breaks_stay_where_planners_write_them() -> None:
    assert clean_value(FIELDS["works_text"], "道路\r\n绿化") == "道路\n绿化"
    assert clean_value(NAME, "道路\r\n绿化") == "道路 绿化"


@given(st.text(alphabet=st.characters(), max_size=60))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    if once is not None:
        assert once == once.strip() != ""
        assert unicodedata.is_normalized("NFC", once)
        assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in once)
        once.encode("utf-8")


@given(st.one_of(st.integers(), st.floats(), st.decimals(allow_nan=False).map(float)))
def test_numbers_are_in_range_or_refused(number: float) -> None:
    for field in (HOUSEHOLDS, AREA):
        try:
            stored = clean_value(field, number)
        except ValueError:
            whole = math.isfinite(number) and float(number).is_integer()
            ok = math.isfinite(number) and 0 <= number <= LARGEST_NUMBER
            assert not ok or (field is HOUSEHOLDS and not whole)
        else:
            assert stored is None or (stored == number and 0 <= stored <= LARGEST_NUMBER)
            assert stored is None or isinstance(stored, int if field is HOUSEHOLDS else float)


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        (HOUSEHOLDS, np.int64(5), 5),
        (HOUSEHOLDS, 5.0, 5),
        (HOUSEHOLDS, pd.NA, None),
        (YUAN, np.float64(4008000.0), 4008000),
        (AREA, -0.0, 0.0),
        (BUILT, datetime.date(2000, 12, 31), "2000-12-31"),
        (BUILT, pd.Timestamp("1999-05-01"), "1999-05-01"),
        (BUILT, pd.NaT, None),
        (FLAG, np.True_, 1),
        (FLAG, None, 0),
    ],
)
def test_values_of_every_usual_type_come_in(field: Any, value: Any, stored: Any) -> None:
    found = clean_value(field, value)
    assert found == stored
    assert type(found) is type(stored)
    assert math.copysign(1, found) == 1 if isinstance(found, float) else True


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        (HOUSEHOLDS, "5", "应是数字"),
        (HOUSEHOLDS, True, "应是数字"),
        (HOUSEHOLDS, 5.5, "应是整数"),
        (HOUSEHOLDS, -1, "不能为负"),
        (YUAN, 2e12, "超出范围"),
        (AREA, math.inf, "超出范围"),
        (BUILT, "2000", "应是日期"),
        (BUILT, "2000-13-01", "应是日期"),
        (BUILT, "0001-01-01", "年份不合理"),
        (NAME, 5, "应是文字"),
        (NAME, "长" * 20_001, "文字过长"),
        (FLAG, "是", "应是“是”或“否”"),
    ],
)
def test_the_rest_is_refused_with_a_reason(field: Any, value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        clean_value(field, value)


def test_all_problems_of_a_record_are_told() -> None:
    with pytest.raises(RecordError) as caught:
        clean_values("compounds", {"households": -1, "name": 5, "none": 1}, "第 3 行")
    assert caught.value.problems == (
        "第 3 行：居民户数不能为负（现在是 -1）",
        "第 3 行：小区名称应是文字，现在是 5",
        "第 3 行：没有“none”这个字段",
    )


def test_user_fields_are_plain_json() -> None:
    extra = {"电梯": np.int64(3), " 名\x00 ": "甲\x07", "无": float("nan"), "表": (1, None)}
    assert clean_extra(extra) == '{"电梯": 3, "名": "甲", "无": null, "表": [1, null]}'
    assert clean_extra({}) is None
    for bad in ([1], {"a": {1}}, {"a": math.inf}):
        with pytest.raises(ValueError, match=r"应是|无法保存"):
            clean_extra(bad)


@pytest.mark.parametrize("value", [None, math.nan, np.nan, pd.NA, pd.NaT, np.float64("nan")])
def test_every_form_of_missing(value: Any) -> None:
    assert is_missing(value)


@pytest.mark.parametrize("value", [0, "", False, {}, [], np.int64(0), square(0)])
def test_nothing_else_is_missing(value: Any) -> None:
    assert not is_missing(value)


def cleaned(layer: str, *geometries: Any) -> list[Any]:
    names = [f"第 {i + 1} 条" for i in range(len(geometries))]
    return clean_geometries(layer, geometries, names).tolist()


def test_polygons_become_multipolygons_in_two_dimensions() -> None:
    flat = square(0)
    raised = shapely.force_3d(flat, 7.0)
    multi = MultiPolygon([flat, square(3)])
    found = cleaned("compounds", flat, raised, multi, Polygon(), None, math.nan)
    assert found[:3] == [MultiPolygon([flat]), MultiPolygon([flat]), multi]
    assert not found[1].has_z
    assert found[3:] == [None, None, None]


def test_layers_of_any_type_take_lines() -> None:
    line = shapely.LineString([(112, 23), (113, 23)])
    assert cleaned("roads", line) == [line]
    assert LAYERS["roads"].geometry_type == "GEOMETRY"


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "自相交"),
        (shapely.Point(0, 0), "应是面"),
        (Polygon([(0, 0), (1, math.inf), (1, 0)]), "不是有限的数"),
        ("POLYGON ((0 0, 1 1, 1 0))", "不是图形"),
    ],
)
def test_geometries_that_can_not_be_stored(geometry: Any, reason: str) -> None:
    with pytest.raises(RecordError, match=f"第 2 条：.*{reason}"):
        cleaned("compounds", square(0), geometry)


def test_a_coordinate_that_is_no_number() -> None:
    wkb = shapely.to_wkb(shapely.LineString([(112, 23), (7, 7)]))
    with np.errstate(invalid="ignore"):
        line = shapely.from_wkb(
            wkb.replace(struct.pack("<dd", 7, 7), struct.pack("<dd", math.nan, 7))
        )
    with pytest.raises(RecordError, match="不是有限的数"):
        cleaned("roads", line)
