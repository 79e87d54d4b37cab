import math

import numpy as np
import pandas as pd
import pytest

from errors import RecordError
from geo.bundle_problem import (
    AREA,
    AREA_X,
    AREA_Y,
    BALANCE,
    COMPOUNDS,
    DIRECTIONS,
    HOUSEHOLDS,
    INVESTMENT,
    MOMENT,
    NARROWEST,
    BundleLimits,
    BundleWeights,
    exact_diameter_m,
    judge_bundle,
)
from geo.bundle_units import build_units
from tests.geo.blocks import grid, row

WIDE = BundleLimits(min_households=300, max_diameter_m=1_000)


def test_a_square_has_its_area_its_middle_and_its_reach() -> None:
    frame, shapes, pairs = row([120], gap=0)
    problem = build_units(frame, shapes, pairs, limits=WIDE).problem
    sums = problem.sums[0]
    assert sums[[COMPOUNDS, HOUSEHOLDS, AREA]].tolist() == [1, 120, 2500]
    # Coordinates count from the middle of all.
    assert sums[[AREA_X, AREA_Y]].tolist() == pytest.approx([0, 0])
    assert sums[MOMENT] == pytest.approx(2500**2 / (2 * math.pi))
    assert problem.support[0, 0] == pytest.approx(25)
    assert problem.support[0, DIRECTIONS // 8] == pytest.approx(25 * math.sqrt(2))


def test_sums_of_units_that_stay_together_add_up() -> None:
    frame, shapes, pairs = row([100, 200, 50])
    frame["investment_yuan"] = pd.array([10, pd.NA, 5], dtype="Int64")
    frame["balance_yuan"] = [1.0, -4.0, np.nan]
    units = build_units(frame, shapes, pairs, limits=WIDE, together=[("c00", "c02")])
    assert units.unit_of.to_dict() == {"c00": 0, "c01": 1, "c02": 0}
    problem = units.problem
    assert problem.sums[0, [COMPOUNDS, HOUSEHOLDS, INVESTMENT, BALANCE]].tolist() == [2, 150, 15, 1]
    # Both its compounds are beside c01: one edge.
    assert problem.neighbour.tolist() == [1, 0]
    assert exact_diameter_m(problem, np.array([0])) == pytest.approx(math.hypot(170, 50))


def test_reaches_hold_the_diameter_within_half_a_percent() -> None:
    frame, shapes, pairs = grid(4, 1)
    problem = build_units(frame, shapes, pairs, limits=WIDE).problem
    rng = np.random.default_rng(5)
    for _ in range(20):
        members = np.sort(rng.choice(16, 3, replace=False))
        reach = problem.support[members].max(axis=0)
        width = (reach[: DIRECTIONS // 2] + reach[DIRECTIONS // 2 :]).max()
        hull = shapes.iloc[members].union_all().convex_hull
        corners = np.array(hull.exterior.coords)
        diameter = np.hypot(*(corners[:, None] - corners[None]).transpose(2, 0, 1)).max()
        assert exact_diameter_m(problem, members) == pytest.approx(diameter)
        assert diameter * NARROWEST - 1e-9 <= width <= diameter + 1e-9


def test_a_bundle_is_judged_level_by_level() -> None:
    frame, shapes, pairs = row([100, 200, 50])
    weights = BundleWeights(compact=0, balanced=1, money=0)
    limits = BundleLimits(min_households=250, max_households=350)
    problem = build_units(frame, shapes, pairs, limits=limits, weights=weights).problem
    whole = problem.sums.sum(axis=0)
    # 350 of 350 households, 50 from the middle of the limits.
    assert judge_bundle(problem, whole, 0.0, 1) == (0, 0, -1, pytest.approx(50 / 300))
    assert judge_bundle(problem, problem.sums[0], 0.0, 1)[:3] == (1, 100, 0)
    assert judge_bundle(problem, whole * 2, 0.0, 1)[0] == 2
    assert judge_bundle(problem, whole, 1e9, 1)[0] == 0


def test_a_subdistrict_cuts_where_it_is_hard() -> None:
    frame, shapes, pairs = row([100] * 4)
    frame["subdistrict"] = ["x", "x", None, None]
    limits = BundleLimits(subdistricts="hard")
    problem = build_units(frame, shapes, pairs, limits=limits).problem
    # What lies in no known one is like nobody.
    assert problem.neighbour.tolist() == [1, 0]


def test_what_can_be_in_no_bundle_is_named_with_the_reason() -> None:
    frame, shapes, pairs = row([500, 100, 100])
    frame["investment_yuan"] = [1, 90_000_000, 1]
    limits = BundleLimits(max_households=400, max_investment_yuan=80_000_000)
    units = build_units(frame, shapes, pairs, limits=limits, apart=[("c00", "c02")])
    assert units.unassigned.to_dict() == {
        "c00": "本小区户数已超过片区上限 400 户",
        "c01": "本小区投资已超过片区上限 8,000.0 万元",
    }
    assert units.unit_of.to_dict() == {"c02": 0}
    small = BundleLimits(max_diameter_m=60)
    assert set(build_units(frame, shapes, pairs, limits=small).unassigned) == {
        "本小区跨度已超过片区上限 60 米"
    }


def test_all_that_is_wrong_is_said_at_once() -> None:
    frame, shapes, pairs = row([100, -1, 100])
    limits = BundleLimits(min_households=10, max_households=0, max_diameter_m=-5.0)
    with pytest.raises(RecordError) as caught:
        build_units(frame, shapes, pairs, limits=limits, together=[("c00", "x")])
    assert len(caught.value.problems) == 4
    both = [("c00", "c02")]
    with pytest.raises(RecordError, match="既要求同片又要求分开"):
        build_units(frame.abs(), shapes, pairs, limits=WIDE, together=both, apart=both)


def test_rows_in_any_order_give_the_same_problem() -> None:
    frame, shapes, pairs = grid(5, 2)
    one = build_units(frame, shapes, pairs, limits=WIDE).problem
    turned = pairs.rename(columns={"i": "j", "j": "i"}).iloc[::-1]
    other = build_units(frame.iloc[::-1], shapes.sample(frac=1), turned, limits=WIDE).problem
    for field, a, b in zip(one._fields, one, other, strict=True):
        np.testing.assert_array_equal(a, b, err_msg=field)
