"""Matching: by id, by name and place; what is not certain is listed, never guessed."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from data.matching import match, name_key


def plan(*rows):
    columns = ["uid", "name", "subdistrict", "community"]
    return pd.DataFrame(
        [(*row, *[None] * (4 - len(row))) for row in rows], columns=columns
    ).set_index("uid")


def incoming(*rows, **columns):
    names = ["name", "subdistrict", "community"]
    frame = pd.DataFrame([(*row, *[None] * (3 - len(row))) for row in rows], columns=names)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="row")
    return frame.assign(**columns)


def test_the_id_comes_before_the_name():
    found = match(
        plan(("A", "甲小区"), ("B", "乙小区")), incoming(("乙小区",), ("甲小区",), uid=["A", None])
    )
    assert found.pairs == {1: "A"}
    assert found.how == {1: "标识码"}
    assert (found.new, found.unmatched) == ((2,), ("B",))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("幸福里小区", "幸福里小区"),
        ("幸福里小区", " 幸福里 小区 "),
        ("幸福里（一期）", "幸福里(一期)"),
        ("幸福里小区", "幸福里"),
        ("幸福里", "幸福里住宅小区"),
        ("ABC公寓", "ＡＢＣ公寓"),
        ("云浮中学教师宿舍", "云浮中学教师宿舍小区"),
    ],
)
def test_the_same_name_written_otherwise_is_the_same(ours, theirs):
    assert match(plan(("A", ours)), incoming((theirs,))).pairs == {1: "A"}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("金花园A区", "金花园B区"),
        ("幸福里一区", "幸福里二区"),
        ("小区", "甲小区"),
        ("金星小区1区", "金星小区"),
    ],
)
def test_different_places_stay_different(ours, theirs):
    found = match(plan(("A", ours)), incoming((theirs,)))
    assert (found.pairs, found.new, found.unmatched) == ({}, (1,), ("A",))


def test_the_whole_name_wins_over_the_short_one():
    found = match(
        plan(("A", "幸福里"), ("B", "幸福里小区")), incoming(("幸福里小区",), ("幸福里",))
    )
    assert found.pairs == {1: "B", 2: "A"}


def test_the_community_decides_between_two_of_a_name():
    ours = plan(
        ("A", "机关宿舍", "云城街道", "天马社区"), ("B", "机关宿舍", "云城街道", "金龙社区")
    )
    found = match(
        ours, incoming(("机关宿舍", "云城街", "金龙"), ("机关宿舍", "云城街道", "天马社区"))
    )
    assert found.pairs == {1: "B", 2: "A"}


def test_another_subdistrict_is_another_compound():
    found = match(plan(("A", "机关宿舍", "云城街道")), incoming(("机关宿舍", "高峰街道")))
    assert (found.pairs, found.new) == ({}, (1,))


def test_what_the_place_does_not_decide_is_ambiguous_as_a_whole():
    ours = plan(("A", "机关宿舍"), ("B", "机关宿舍"), ("C", "甲小区"))
    found = match(ours, incoming(("机关宿舍",), ("甲小区",)))
    assert found.pairs == {2: "C"}
    assert found.new == ()
    (one,) = found.ambiguous
    assert (one.incoming, one.candidates) == ((1,), ("A", "B"))
    assert one.message == "“机关宿舍”有 1 条导入记录、2 个同名小区，无法自动对应，请逐个指定。"
    twins = match(plan(("A", "机关宿舍")), incoming(("机关宿舍",), ("机关宿舍",)))
    assert twins.pairs == {}
    assert twins.ambiguous[0].incoming == (1, 2)


def test_records_without_a_name_are_new():
    found = match(plan(("A", None), ("B", "甲")), incoming((None,), ("",)))
    assert (found.pairs, found.new) == ({}, (1, 2))


def test_the_same_boundary_is_the_same_compound_whatever_its_name():
    squares = [box(112, 22, 112.001, 22.001), box(112.01, 22, 112.011, 22.001)]
    ours = gpd.GeoDataFrame(plan(("A", None), ("B", "机关宿舍")), geometry=squares, crs=4490)
    theirs = gpd.GeoDataFrame(incoming(("机关宿舍",), (None,)), geometry=squares[::-1], crs=4490)
    found = match(ours, theirs)
    assert found.pairs == {1: "B", 2: "A"}
    assert set(found.how.values()) == {"图形相同"}


names = st.sampled_from(["甲小区", "甲", "乙", "乙小区", "丙（一期）", None])
places = st.sampled_from([None, "天马社区", "金龙社区"])
rows = st.lists(st.tuples(names, places), max_size=8)


@given(rows, rows, st.randoms())
def test_each_is_matched_once_and_the_order_of_rows_does_not_matter(ours, theirs, rnd):
    have = plan(*((f"U{i}", name, None, place) for i, (name, place) in enumerate(ours)))
    come = incoming(*((name, None, place) for name, place in theirs))
    found = match(have, come)
    assert len(set(found.pairs.values())) == len(found.pairs)
    asked = {label for one in found.ambiguous for label in one.incoming}
    assert set(found.pairs) | set(found.new) | asked == set(come.index)
    assert len(found.pairs) + len(found.new) + len(asked) == len(come)
    assert set(found.pairs.values()) | set(found.unmatched) == set(have.index)
    mixed = match(
        have.sample(frac=1, random_state=rnd.randrange(99)), come.sample(frac=1, random_state=1)
    )
    assert mixed.pairs == found.pairs
    assert set(mixed.new) == set(found.new)


def test_empty_sides():
    assert match(plan(), incoming(("甲",))).new == (1,)
    assert match(plan(("A", "甲")), incoming()).unmatched == ("A",)


def test_name_keys():
    assert name_key("小区", loose=True) == "小区"
    assert name_key("老旧小区", loose=True) == "老旧小区"
