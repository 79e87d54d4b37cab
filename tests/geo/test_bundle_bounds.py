"""No partition is better than its bound."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from geo.bundle_bounds import bound, bounds, fewest_left, unit_weights
from geo.bundle_problem import BundleLimits
from geo.exact_bundles import solve_exactly
from tests.geo.random_instances import random_instance
from tests.geo.test_exact_bundles import CITY, LIMITS, TIED, asked, components, units_of

SMALL = 1e-9


def below_the_best(instance) -> None:
    problem = units_of(instance).problem
    component_of, rows = bounds(problem)
    for component in components(units_of(instance)):
        exact = solve_exactly(problem, component)
        low = bound(problem, component)
        # Rows for all components at once say the same.
        assert low == pytest.approx(rows[component_of[component[0]]], abs=1e-12)
        assert low[0] == fewest_left(problem, component)
        assert low[0] <= exact.left
        assert low[1] <= exact.number
        assert low[2] <= exact.score + SMALL


@pytest.mark.parametrize("seed", range(60))
def test_the_best_partition_is_not_below_its_bound(seed):
    below_the_best(asked(seed, 4 + seed % 11))


@pytest.mark.parametrize("seed", range(6))
def test_nor_is_it_where_compounds_are_tied_or_kept_apart(seed):
    aim = ("most", "fewest", "free")[seed % 3]
    limits = BundleLimits(min_households=300, max_households=2500)
    below_the_best(random_instance(seed, 9, density=0.8, limits=limits, aim=aim, **TIED))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60, 500))
def test_the_best_partition_is_not_below_its_bound_many_times(seed):
    below_the_best(asked(seed, 4 + seed % 11))


@pytest.mark.parametrize("seed", range(8))
def test_every_partition_is_above_the_bound_not_only_the_best(seed):
    instance = asked(seed, 6)
    problem = units_of(instance).problem
    for component in components(units_of(instance)):
        low = bound(problem, component)
        single = solve_exactly(problem, component, most_sets=1000)
        # The score of any partition, here of the best by another aim.
        other = solve_exactly(problem._replace(aim=1 - abs(problem.aim)), component)
        assert min(single.score, other.score) >= low[2] - SMALL


def test_weights_add_up_to_one_in_every_bundle_that_reaches_the_floor():
    instance = random_instance(7, 12, density=0.6, limits=LIMITS[0])
    problem = units_of(instance).problem
    weight = unit_weights(problem, np.arange(12))
    reaching = 0
    for size in range(1, 6):
        for some in itertools.combinations(range(12), size):
            units = frozenset(instance.units[k] for k in some)
            members = frozenset().union(*units)
            if instance.total("households", members) >= 300 and instance.in_one_piece(units):
                reaching += 1
                assert weight[list(some)].sum() >= 1 - 1e-6
    assert reaching > 20
    assert 0 < weight.sum() <= np.minimum(problem.sums[:, 1], 300).sum() / 300


def test_the_bound_of_the_number_is_met_in_most_components_of_a_town():
    instance = random_instance(1, 120, density=0.4, limits=CITY)
    problem = units_of(instance).problem
    met = [
        bound(problem, component)[1] == solve_exactly(problem, component).number
        for component in components(units_of(instance))
        if len(component) <= 40
    ]
    assert len(met) > 5
    assert np.mean(met) > 0.7


def test_compounds_that_reach_nobody_they_may_be_with_are_left_over():
    instance = random_instance(0, 3, density=1.0, limits=BundleLimits(min_households=300))
    compounds = instance.compounds.assign(households=[100, 950, 120])
    far = BundleLimits(min_households=300, max_households=1000)
    pairs = instance.pairs[instance.pairs.i.eq("u000") | instance.pairs.j.eq("u001")]
    problem = units_of(type(instance)(compounds, instance.shapes, pairs, far)).problem
    assert fewest_left(problem, np.arange(3)) == 220
    near = BundleLimits(min_households=300, max_households=1200)
    problem = units_of(type(instance)(compounds, instance.shapes, pairs, near)).problem
    assert fewest_left(problem, np.arange(3)) == 0


def test_compounds_too_far_for_one_bundle_bound_the_fewest():
    instance = random_instance(4, 30, density=1.0, limits=BundleLimits(max_diameter_m=300.0))
    fewest = type(instance)(
        instance.compounds, instance.shapes, instance.pairs, instance.limits, aim="fewest"
    )
    problem = units_of(fewest).problem
    low = bound(problem, np.arange(30))[1]
    wide = instance.diameter(frozenset(instance.compounds.index))
    assert low >= (wide / 300 / 2) ** 2 / 2
    assert low > 3
