"""The estimate of the central grant shares a pool by the published factors, exactly, and says how."""

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import PolicyError, RecordError
from policy.central_fund import central_estimate, factors, methods

YUNCHENG = pd.DataFrame(
    {
        "name": ["旧中专宿舍", "邮电新村", "云浮中学教师宿舍", "云城财政所宿舍", "玉皇路小区"],
        "households": [24, 97, 316, 43, 581],
        "building_count": [3, 8, 20, 3, 31],
        "floor_area_m2": [3_000, 11_000, 21_000, 3_500, 46_000],
    }
)


def cities(**columns):
    return pd.DataFrame(
        {
            "name": ["甲市", "乙市"],
            "floor_area_m2": [100, 100],
            "households": [10, 10],
            "building_count": [2, 2],
            "compounds": [1, 1],
            **columns,
        }
    )


@pytest.mark.parametrize("method", list(methods()))
def test_every_method_has_weights_and_parts_that_make_a_whole(method):
    one = methods()[method]
    assert sum(one.weights.values()) == 1
    assert one.task_share + one.performance_share == 1
    assert set(one.weights) == set(factors())


def test_published_weights_are_40_40_10_10_and_then_40_30_10_10_10():
    first, later, latest = (methods()[key] for key in ("2019", "2020", "2024"))
    assert [first.weights[name] * first.task_share for name in factors()] == [
        Fraction(4, 10), Fraction(4, 10), Fraction(1, 10), Fraction(1, 10),
    ]  # fmt: skip
    assert [later.weights[name] * later.task_share for name in factors()] == [
        Fraction(4, 10), Fraction(3, 10), Fraction(1, 10), Fraction(1, 10),
    ]  # fmt: skip
    assert later.performance_share == Fraction(1, 10)
    assert (latest.task_share, latest.performance_share) == (Fraction(4, 5), Fraction(1, 5))
    assert latest.confidence == "低"


def test_the_295_wan_of_yuncheng_by_the_factors_of_2019():
    done = central_estimate(YUNCHENG, 2_950_000, method="2019")
    # By hand: 2 950 000 × (0.4×3000/84500 + 0.4×24/1061 + 0.1×3/65 + 0.1/5) = 141 202.0…
    exact = [
        2_950_000
        * (
            Fraction(4 * area, 10 * 84_500)
            + Fraction(4 * homes, 10 * 1_061)
            + Fraction(houses, 10 * 65)
            + Fraction(1, 50)
        )
        for area, homes, houses in ((3_000, 24, 3), (46_000, 581, 31))
    ]
    assert abs(done.yuan[0] - exact[0]) < 1
    assert abs(done.yuan[4] - exact[1]) < 1
    assert done.yuan.sum() == 2_950_000


def test_it_is_labelled_as_an_estimate_and_explains_each_figure():
    done = central_estimate(YUNCHENG, 2_950_000)
    assert done.label == "估算"
    assert done.explained.str.startswith("估算 ").all()
    assert "改造面积" in done.explained[0]
    assert any("不是下达数" in note for note in done.notes)
    assert any("没有公布" in note for note in done.notes)
    assert any("财政困难程度" in note for note in done.notes)


@given(pool=st.integers(0, 10**11), method=st.sampled_from(list(methods())))
def test_the_figures_add_up_to_the_pool_to_the_yuan(pool, method):
    done = central_estimate(YUNCHENG, pool, method=method)
    assert done.yuan.sum() == pool
    assert sum(done.shares.to_numpy().ravel()) == 1


def test_the_poorer_of_two_like_cities_receives_more_by_its_coefficient():
    done = central_estimate(cities(difficulty=[1.5, 0.5]), 1_000_000, method="2019")
    assert done.yuan.tolist() == [750_000, 250_000]


def test_results_count_by_their_score_since_2020_and_times_the_task_in_2024():
    scored = cities(performance=[90, 60])
    assert central_estimate(scored, 1_000_000, method="2020").yuan.tolist() == [510_000, 490_000]
    assert central_estimate(scored, 1_000_000, method="2024").yuan.tolist() == [520_000, 480_000]
    assert central_estimate(scored, 1_000_000, method="2019").yuan.tolist() == [500_000, 500_000]


def test_unknown_factors_are_all_told_and_never_taken_for_0():
    rows = YUNCHENG.assign(households=pd.array([24, None, 316, 43, 581], dtype="Int64"))
    rows = rows.drop(columns="building_count")
    with pytest.raises(RecordError) as refused:
        central_estimate(rows, 1_000_000)
    assert refused.value.problems == (
        "“邮电新村”的改造户数未知或小于 0，请先补填；未知不会按 0 计。",
        "“旧中专宿舍”、“邮电新村”、“云浮中学教师宿舍”、“云城财政所宿舍”、“玉皇路小区”的改造楼栋数未知或小于 0，"
        "请先补填；未知不会按 0 计。",
    )


def test_a_negative_pool_no_rows_and_an_unknown_method_are_refused():
    with pytest.raises(RecordError, match="负数"):
        central_estimate(YUNCHENG, -1)
    with pytest.raises(RecordError, match="没有可以分配"):
        central_estimate(YUNCHENG.iloc[:0], 1)
    with pytest.raises(PolicyError, match="2019、2020、2024"):
        central_estimate(YUNCHENG, 1, method="1999")
