"""Scales: half-open classes, no-data apart, round breaks, colours that keep their order in grey."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import PlanningError
from layers.breaks import equal_breaks, make_breaks, natural_breaks, roundest
from layers.palettes import PIANQU_COLORS, RAMPS, ramp, two_sided
from layers.scale import (
    MAX_CLASSES,
    NO_DATA_CLASS,
    CategoryScale,
    ClassScale,
    amount_scale,
    count_classes,
    gap_scale,
)

# 元/户 of the five compounds of 云城区, 2024.
YUNCHENG = [16666.67, 11340.21, 3481.01, 5813.95, 3958.69]


def luminance(color: str) -> float:
    red, green, blue = (int(color[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_classes_are_half_open_and_unknown_is_apart() -> None:
    scale = ClassScale(
        title="户数", unit="户", breaks=(100, 300), colors=("#aaaaaa", "#888888", "#444444")
    )
    assert scale.classes([0, 99.9, 100, 299, 300, None, np.inf]).tolist() == [
        *(0, 0, 1, 1, 2),
        *(NO_DATA_CLASS, NO_DATA_CLASS),
    ]
    assert scale.labels == ("100 户以下", "100–300 户", "300 户及以上")
    assert scale.color(100) == "#888888"
    assert scale.color(None) == scale.no_data


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "float64", "object"])
def test_every_nullable_column_is_read(dtype: str) -> None:
    values = pd.Series([24, None, 581], dtype=dtype)
    scale = amount_scale(values, title="户数", unit="户")
    assert scale.classes(values).tolist()[1] == NO_DATA_CLASS
    assert len(set(scale.classes(values).tolist())) == 3


def test_breaks_of_the_source_are_round() -> None:
    scale = amount_scale(YUNCHENG, title="户均投资", unit="元/户")
    assert scale.labels == (
        "3,500 元/户以下",
        "3,500–5,000 元/户",
        "5,000–10,000 元/户",
        "10,000–15,000 元/户",
        "15,000 元/户及以上",
    )
    assert scale.classes(YUNCHENG).tolist() == [4, 3, 0, 2, 1]


def test_yuan_are_labelled_in_wan() -> None:
    scale = amount_scale([400_000, 1_100_000, 2_300_000], title="投资", unit="万元", per=10_000)
    assert scale.labels[-1].endswith("万元及以上")
    assert scale.breaks[-1] % 10_000 == 0


def test_breaks_chosen_by_the_planner_stay_whatever_the_values() -> None:
    few = amount_scale([1.0], title="户均", unit="元/户", breaks=(10_000, 5_000))
    many = amount_scale(YUNCHENG, title="户均", unit="元/户", breaks=(5_000, 10_000))
    assert few == many
    assert many.method == "自定"


def test_all_equal_and_all_unknown_and_nothing_at_all() -> None:
    equal = amount_scale([50, 50, None], title="户数", unit="户")
    assert [row.label for row in equal.legend({0: 2, 126: 1})] == ["50 户", "未知"]
    unknown = amount_scale([None, None], title="户数", unit="户")
    assert unknown.classes([None, None]).tolist() == [NO_DATA_CLASS] * 2
    rows = unknown.legend({NO_DATA_CLASS: 2})
    assert [(row.label, row.pattern) for row in rows] == [("未知", "hatch")]
    assert amount_scale([], title="户数", unit="户").breaks == ()


def test_zero_has_its_own_class_and_is_not_unknown() -> None:
    values = [0, 0, 100.0, 200.0, None]
    scale = amount_scale(values, title="补助", unit="元", zero_label="无补助")
    legend = scale.legend(count_classes(scale.classes(values)))
    assert [(row.label, row.count) for row in legend] == [
        ("无补助", 2),
        ("200 元以下", 1),
        ("200 元及以上", 1),
        ("未知", 1),
    ]
    below = amount_scale([-5, 0, 10], title="补助", unit="元", zero_label="无补助")
    assert below.labels == ("负值", "无补助", "10 元")
    assert amount_scale([0, 0], title="补助", unit="元", zero_label="无补助").classes([0]) == [0]


def test_gap_has_neutral_zero_and_the_same_limits_on_both_sides() -> None:
    values = [0, 100_000, 100_000, 0, 300_000, -200_000]
    scale = gap_scale(values, title="资金缺口", unit="万元", per=10_000)
    at_zero = int(scale.classes([0])[0])
    assert scale.labels[at_zero] == "收支相抵"
    assert scale.classes([-1])[0] < at_zero < scale.classes([1])[0]
    assert scale.labels[0].startswith("多筹")
    assert scale.labels[-1] == "缺 30 万元及以上"
    inner = np.array([b for b in scale.breaks if abs(b) > 1])
    assert sorted(inner[inner > 0]) == sorted(-inner[inner < 0])


def test_gap_without_surplus_keeps_zero_in_the_middle() -> None:
    scale = gap_scale([0, 100_000, None], title="资金缺口", unit="万元", per=10_000)
    assert scale.labels == ("多筹", "收支相抵", "缺")
    assert scale.classes([0, 100_000, None]).tolist() == [1, 2, NO_DATA_CLASS]
    assert len(scale.legend({1: 1, 2: 1, 126: 1})) == 4


def test_wrong_scales_are_refused_in_words() -> None:
    with pytest.raises(PlanningError, match="颜色数"):
        ClassScale(title="x", unit="", breaks=(1.0,), colors=("#000000",))
    with pytest.raises(PlanningError, match="从小到大"):
        ClassScale(title="x", unit="", breaks=(2.0, 1.0), colors=("#0", "#1", "#2"))
    with pytest.raises(PlanningError, match="类别"):
        CategoryScale(title="x", keys=("a",), labels=(), colors=())
    with pytest.raises(PlanningError, match="可选：分位数"):
        amount_scale([1, 2], title="x", unit="", method="magic")


def test_legend_counts_only_what_is_shown() -> None:
    scale = CategoryScale(title="类", keys=("a", "b"), labels=("甲", "乙"), colors=("#1", "#2"))
    classes = scale.classes(["a", "b", "b", None])
    counts = count_classes(classes, [True, True, False, True])
    assert [row.count for row in scale.legend(counts)] == [1, 1, 1]
    assert [row.count for row in scale.legend()] == [None, None, None]


def test_several_keys_may_share_a_class() -> None:
    scale = CategoryScale(
        title="类", keys=("a", "b", "c"), at=(1, 0, 1), labels=("甲", "乙"), colors=("#1", "#2")
    )
    assert scale.classes(["a", "b", "c", "d"]).tolist() == [1, 0, 1, NO_DATA_CLASS]


@pytest.mark.parametrize("name", RAMPS)
@pytest.mark.parametrize("count", range(1, 8))
def test_ramps_darken_step_by_step(name: str, count: int) -> None:
    grey = [luminance(color) for color in ramp(name, count)]
    assert len(set(ramp(name, count))) == count
    assert all(lighter - darker > 0.04 for lighter, darker in itertools.pairwise(grey))


def test_two_sided_ramp_is_lightest_in_the_middle() -> None:
    grey = [luminance(color) for color in two_sided(3, 3)]
    assert grey.index(max(grey)) == 3
    assert grey[:4] == sorted(grey[:4])
    assert grey[3:] == sorted(grey[3:], reverse=True)


def test_colours_of_pianqu_differ() -> None:
    rgb = np.array([[int(c[k : k + 2], 16) for k in (1, 3, 5)] for c in PIANQU_COLORS], float)
    apart = np.linalg.norm(rgb[:, None] - rgb[None], axis=2)[np.triu_indices(12, 1)]
    assert len(PIANQU_COLORS) == 12
    assert apart.min() > 35
    assert all(luminance(color) > 0.45 for color in PIANQU_COLORS)  # black labels stay readable


def test_natural_breaks_find_the_gaps_and_equal_steps_are_even() -> None:
    ordered = np.array([1.0, 2, 3, 40, 41, 42, 300, 310])
    assert np.searchsorted(ordered, natural_breaks(ordered, 3)).tolist() == [3, 6]
    steps = np.diff(equal_breaks(np.array([3.0, 1000.0]), 5))
    assert np.allclose(steps, steps[0])


amounts = st.lists(
    st.floats(0, 1e9, allow_nan=False) | st.integers(0, 50).map(float), min_size=1, max_size=60
)


@settings(deadline=None)
@given(amounts, st.sampled_from(["quantile", "equal", "natural"]), st.integers(2, 7))
def test_every_known_value_has_one_class_and_order_is_kept(
    values: list[float], method: str, class_count: int
) -> None:
    scale = amount_scale(values, title="x", unit="", method=method, class_count=class_count)
    classes = scale.classes(values)
    assert len(scale.colors) <= class_count
    assert classes.max() < MAX_CLASSES
    by_value = classes[np.argsort(values, kind="stable")].astype(int)
    assert (np.diff(by_value) >= 0).all()
    if len(set(values)) > 1:
        assert len(set(classes.tolist())) > 1 or method == "equal"


@settings(deadline=None)
@given(amounts, st.randoms())
def test_breaks_do_not_depend_on_the_order_of_rows(values: list[float], rnd: object) -> None:
    shuffled = list(values)
    rnd.shuffle(shuffled)
    for method in ("quantile", "equal", "natural"):
        assert make_breaks(np.array(values), method, 5) == make_breaks(
            np.array(shuffled), method, 5
        )


def test_grains_of_the_computer_are_parted_too() -> None:
    assert roundest(0.0, 2.225073858507e-311) == 2.225073858507e-311


@settings(deadline=None)
@given(st.floats(-1e7, 1e7), st.floats(1e-3, 1e7))
def test_a_round_break_parts_its_neighbours(low: float, width: float) -> None:
    assert low < roundest(low, low + width) <= low + width


def test_many_rows_are_classed_at_once() -> None:
    values = np.random.default_rng(7).lognormal(9, 1, 220_000)
    scale = amount_scale(values, title="x", unit="元/户")
    shares = np.bincount(scale.classes(values)) / values.size
    assert len(shares) == 5
    assert (np.abs(shares - 0.2) < 0.06).all()
    assert all(b == float(f"{b:.2g}") for b in scale.breaks)
