"""Partitions that are said to be the best, against a second model of the same question."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csgraph, csr_array

from geo import exact_bundles
from geo.bundle_problem import BundleLimits, BundleWeights
from geo.bundle_units import Units, build_units
from geo.exact_bundles import best_packing, solve_exactly
from geo.small_components import solve_small
from tests.geo.partition_model import (
    Instance,
    best_by_flow,
    best_by_listing,
    check_partition,
)
from tests.geo.random_instances import random_instance

AIMS = ("most", "fewest", "free")
LIMITS = (
    BundleLimits(min_households=300),
    BundleLimits(min_households=300, max_households=1500, subdistricts="prefer"),
    BundleLimits(min_households=500, max_investment_yuan=30_000_000, max_diameter_m=400.0),
    BundleLimits(max_households=1000, max_diameter_m=350.0, subdistricts="hard"),
    BundleLimits(min_households=2000, max_investment_yuan=40_000_000),
)
WEIGHTS = (BundleWeights(), BundleWeights(compact=0.1, balanced=0.0, money=2.0, subdistrict=1.0))
TIED = {"together": (("u000", "u001"),), "apart": (("u002", "u003"), ("u001", "u004"))}


def asked(seed: int, size: int, **more) -> Instance:
    """One of all mixtures of aim, limits and weights."""
    return random_instance(
        seed,
        size,
        density=(0.4, 0.7, 1.0)[seed % 3],
        aim=AIMS[seed % 3],
        limits=LIMITS[seed % 5],
        weights=WEIGHTS[seed % 2],
        **more,
    )


def units_of(instance: Instance) -> Units:
    return build_units(instance.compounds, instance.shapes, instance.pairs, **instance.asked)


def components(units: Units) -> list[np.ndarray]:
    problem = units.problem
    links = csr_array(
        (np.ones(len(problem.neighbour)), problem.neighbour, problem.start),
        shape=(problem.size, problem.size),
    )
    count, component = csgraph.connected_components(links, directed=False)
    return [np.flatnonzero(component == k) for k in range(count)]


def solved(instance: Instance) -> tuple[pd.Series, tuple[float, float, float]]:
    """Bundle of each compound and the sums of the levels, all components solved."""
    units = units_of(instance)
    assert units.unassigned.empty
    group = np.empty(units.problem.size, dtype=int)
    levels = np.zeros(3)
    for component in components(units):
        exact = solve_exactly(units.problem, component)
        assert exact is not None
        group[component] = exact.group + component[0] * units.problem.size
        levels += exact[1:]
    return units.unit_of.map(pd.Series(group)).reindex(instance.compounds.index), tuple(levels)


@pytest.fixture(params=["all covers compared", "layers", "layers in a budget", "set partitioning"])
def way(request, monkeypatch) -> None:
    """All ways to prove, whatever the size."""
    if request.param != "all covers compared":
        monkeypatch.setattr(exact_bundles, "MOST_SMALL", 0)
    if request.param == "layers in a budget":
        inner = exact_bundles.cover_in_layers

        def within(*pool, budget=np.inf, **more):
            return None if np.isinf(budget) else inner(*pool, budget=budget, **more)

        monkeypatch.setattr(exact_bundles, "cover_in_layers", within)
    if request.param == "set partitioning":
        monkeypatch.setattr(exact_bundles, "cover_in_layers", lambda *_, **__: None)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("seed", range(24))
def test_the_best_of_all_partitions_is_found(seed):
    instance = asked(seed, 5 + seed % 3)
    labels, levels = solved(instance)
    assert levels == pytest.approx(best_by_listing(instance), abs=1e-8)
    assert check_partition(instance, labels) == pytest.approx(levels, abs=1e-8)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("seed", range(6))
def test_what_stays_together_or_apart_is_kept_by_the_best(seed):
    limits = BundleLimits(min_households=300, max_households=2500)
    instance = random_instance(seed, 7, density=0.9, limits=limits, aim=AIMS[seed % 3], **TIED)
    labels, levels = solved(instance)
    assert levels == pytest.approx(best_by_listing(instance), abs=1e-8)
    assert check_partition(instance, labels) == pytest.approx(levels, abs=1e-8)


@pytest.mark.slow
@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("seed", range(30, 180))
def test_the_best_of_all_partitions_is_found_many_times(seed):
    instance = asked(seed, 4 + seed % 5)
    labels, levels = solved(instance)
    assert levels == pytest.approx(best_by_listing(instance), abs=1e-8)
    assert check_partition(instance, labels) == pytest.approx(levels, abs=1e-8)


def agrees_with_flows(instance: Instance) -> None:
    labels, levels = solved(instance)
    assert levels[:2] == best_by_flow(instance)
    assert check_partition(instance, labels) == pytest.approx(levels, abs=1e-8)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_model_of_flows_leaves_as_few_and_makes_as_many(seed):
    agrees_with_flows(asked(seed, 11))


@pytest.mark.slow
@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("seed", range(3, 33))
def test_a_model_of_flows_leaves_as_few_and_makes_as_many_in_larger_ones(seed):
    agrees_with_flows(asked(seed, 12 + seed % 7))


CITY = BundleLimits(
    min_households=300, max_households=3000, max_investment_yuan=80_000_000, max_diameter_m=800.0
)


@pytest.mark.parametrize(("seed", "aim"), [(0, "most"), (1, "most"), (2, "free"), (3, "fewest")])
def test_forty_compounds_are_solved_and_no_exchange_betters_them(seed, aim):
    instance = random_instance(seed, 40, density=0.45, limits=CITY, aim=aim)
    labels, levels = solved(instance)
    assert check_partition(instance, labels) == pytest.approx(levels, abs=1e-8)
    for moved in one_moved(instance, labels, 25):
        assert tuple(moved) >= (levels[0], levels[1], levels[2] - 1e-9)


def one_moved(instance: Instance, labels: pd.Series, count: int):
    """Objective after a compound goes to a neighbour's bundle, where that keeps the limits."""
    ends = list(zip(instance.pairs.i, instance.pairs.j, strict=True))
    for i, j in itertools.islice(
        (pair for pair in ends if labels[pair[0]] != labels[pair[1]]), count
    ):
        moved = labels.copy()
        moved[i] = labels[j]
        try:
            yield check_partition(instance, moved)
        except AssertionError:
            continue


def test_forty_without_upper_limits_are_solved_for_the_most():
    instance = random_instance(5, 40, density=0.9, limits=BundleLimits(min_households=300))
    labels, levels = solved(instance)
    assert check_partition(instance, labels) == pytest.approx(levels, abs=1e-8)
    free = random_instance(5, 40, density=0.9, limits=BundleLimits(), aim="free")
    problem = units_of(free).problem
    assert solve_exactly(problem, max(components(units_of(free)), key=len), most_sets=5000) is None


def test_components_are_solved_at_once_as_one_by_one():
    instance = random_instance(11, 60, density=0.2, limits=LIMITS[1])
    units = units_of(instance)
    each = components(units)
    start = np.cumsum([0, *map(len, each)])
    slot, levels, proven = solve_small(units.problem, start, np.concatenate(each))
    assert proven.sum() >= 10
    for k in np.flatnonzero(proven):
        exact = solve_exactly(units.problem, each[k])
        assert levels[k].tolist() == list(exact[1:])
        own = slot[start[k] : start[k + 1]]
        assert set(own) <= set(each[k])
        assert len(set(zip(own, exact.group, strict=True))) == len(set(own))


def test_the_order_of_the_rows_does_not_matter():
    instance = asked(4, 13)
    labels, levels = solved(instance)
    order = np.random.default_rng(0).permutation(13)
    turned = Instance(
        instance.compounds.iloc[order],
        instance.shapes.iloc[order[::-1]],
        instance.pairs.sample(frac=1, random_state=0).rename(columns={"i": "j", "j": "i"}),
        **instance.asked,
    )
    again, same = solved(turned)
    assert levels == same
    pd.testing.assert_series_equal(again.sort_index(), labels.sort_index())


def test_progress_is_told_and_what_it_raises_ends_the_work():
    units = units_of(random_instance(1, 30, density=0.5, limits=CITY))
    largest = max(components(units), key=len)
    told: list[float] = []
    solve_exactly(units.problem, largest, progress=told.append)
    assert told
    assert 0 <= min(told) <= max(told) <= 1

    def stop(_share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solve_exactly(units.problem, largest, progress=stop)


def test_the_best_few_bundles_share_no_compound_and_reach_the_floor():
    instance = random_instance(3, 9, density=1.0, limits=LIMITS[0])
    problem = units_of(instance).problem
    pool = [np.array(pair) for pair in itertools.combinations(range(9), 2)]
    enough = [problem.sums[pair, 1].sum() >= 300 for pair in pool]
    two = best_packing(problem, pool, 2)
    assert len(two) == 2
    assert all(enough[k] for k in two)
    assert not set(pool[two[0]]) & set(pool[two[1]])
    many = best_packing(problem, pool, 100)
    assert 2 < len(many) <= 4
    assert best_packing(problem, pool, 0) == best_packing(problem, [], 3) == []
