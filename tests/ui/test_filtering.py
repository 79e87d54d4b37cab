"""Filters: every one alone, and all of them together."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from policy.judging import judge
from policy.profiles import profiles
from ui import filtering

# Drawn by hand: four compounds; the last has neither figures nor boundary.
FRAME = gpd.GeoDataFrame(
    {
        "name": ["东街一号院", "西街二号院", "南里", None],
        "subdistrict": ["东街道", "西街道", "东街道", None],
        "community": ["甲", "乙", "丙", None],
        "kind": ["老旧小区", "老旧小区", "城中村", None],
        "built_on": ["1995-12-31", "2000-06-30", "2004-12-31", None],
        "households": pd.array([100, 300, 50, None], dtype="Int64"),
        "investment_yuan": pd.array([1_000_000, 0, 500_000, None], dtype="Int64"),
        "works_text": ["外墙修缮、路面沥青", "外墙修缮", "未曾见过的字样", None],
        "pianqu_uid": ["p1", None, "p2", None],
        "boundary_state": ["导入", "示意", "手绘", None],
    },
    geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1), box(2, 0, 3, 1), None],
    index=pd.Index(["a", "b", "c", "d"], name="uid"),
    crs=4490,
)


def left(filters: dict) -> str:
    """Ids that pass, as one word."""
    return "".join(FRAME.index[filtering.mask(FRAME, filters)])


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "abcd"),
        ({"subdistricts": ["东街道"]}, "ac"),
        ({"communities": ["甲", "乙"]}, "ab"),
        ({"kinds": ["城中村"]}, "c"),
        ({"bands": ["unknown"]}, "d"),
        ({"households": [100, None]}, "ab"),
        ({"households": [None, 99]}, "c"),
        ({"households": [100, 100]}, "a"),
        ({"investment": [1, None]}, "ac"),
        ({"investment": [0, 0]}, "b"),
        ({"work": {"id": "facade", "has": True}}, "ab"),
        ({"work": {"id": "facade", "has": False}}, ""),
        ({"pianqu": ["p1"]}, "a"),
        ({"pianqu": [filtering.NO_PIANQU]}, "bd"),
        ({"boundary": ["示意"]}, "b"),
        ({"boundary": [filtering.NO_BOUNDARY]}, "d"),
        ({"words": "街"}, "ab"),
        ({"words": ".*"}, ""),
    ],
)
def test_each_filter_alone(filters, expected):
    assert left(filters) == expected


@pytest.mark.parametrize(
    ("rule", "states", "expected"),
    [
        ("build_date", ["符合"], "a"),
        ("build_date", ["不符合"], "bc"),
        ("build_date", ["需论证"], "d"),
        ("build_date", ["需论证", "符合"], "ad"),
        # 南里 is a 城中村 beside being too young; nothing is known of the rest.
        ("not_urban_village", ["不符合"], "c"),
        ("", ["不符合"], "bc"),
        (None, ["需论证"], "ad"),
        ("", ["符合"], ""),
    ],
)
def test_verdicts_of_a_rule_or_of_admission_filter(rule, states, expected):
    frame = FRAME.assign(extra=[{}] * 4)
    judgement = judge(frame, profiles()["chuxiong-2020"])
    passed = filtering.mask(
        frame, {"verdict": {"rule": rule, "states": states}}, judgement=lambda: judgement
    )
    assert "".join(frame.index[passed]) == expected


def test_a_filter_by_verdicts_that_can_not_be_told_leaves_nothing_out():
    chosen = {"verdict": {"rule": "build_date", "states": ["符合"]}}
    assert left(chosen) == "abcd"
    assert filtering.mask(FRAME, chosen, judgement=lambda: None).all()
    other = judge(FRAME.assign(extra=[{}] * 4), profiles()["provincial-review"])
    assert filtering.mask(FRAME, chosen, judgement=lambda: other).all()
    assert left({"verdict": {"rule": "build_date", "states": []}}) == "abcd"


def test_without_a_filter_by_verdicts_nobody_judges():
    def judging():
        raise AssertionError("judged for nothing")

    assert filtering.mask(FRAME, {"words": "街"}, judgement=judging).sum() == 2


def test_all_filters_must_hold():
    assert left({"subdistricts": ["东街道"], "households": [60, None]}) == "a"


@pytest.mark.parametrize("value", [None, "", [], [None, None], {}])
def test_an_empty_filter_leaves_nothing_out(value):
    assert left({"words": value}) == "abcd"
    assert filtering.active({"words": value}) == {}


filters = st.fixed_dictionaries(
    {},
    optional={
        "subdistricts": st.lists(st.sampled_from(["东街道", "西街道"])),
        "households": st.tuples(
            st.none() | st.integers(0, 400), st.none() | st.integers(0, 400)
        ).map(list),
        "boundary": st.lists(st.sampled_from(["导入", "示意", "手绘", "无边界"])),
    },
)


@given(filters)
def test_a_further_filter_never_lets_more_through(chosen):
    alone = [filtering.mask(FRAME, {name: value}) for name, value in chosen.items()]
    together = filtering.mask(FRAME, chosen)
    for mask in alone:
        assert not (together & ~mask).any()


@given(filters)
def test_the_key_tells_filters_apart_whatever_their_order(chosen):
    turned = dict(reversed(chosen.items()))
    assert filtering.key(chosen) == filtering.key(turned)
