import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import recut, tree_cuts
from geo.bundle_problem import BREAKS, BundleLimits, BundleWeights
from geo.bundle_tables import bundle_costs, numbers_of
from geo.bundle_units import build_units
from geo.components import Components, components_of
from tests.geo.blocks import grid, row

LIMITS = BundleLimits(
    min_households=300, max_households=1_500, max_investment_yuan=30_000_000, max_diameter_m=420
)


def problem_of(made, limits=LIMITS, **options):
    return build_units(*made, limits=limits, **options).problem


def levels(problem, slot) -> tuple[float, float, float]:
    return tuple(bundle_costs(problem, numbers_of(slot))[0][:, 1:].sum(axis=0).tolist())


def alone(problem) -> np.ndarray:
    return np.arange(problem.size)


def connected(problem, slot) -> bool:
    """Whether every bundle is as many pieces as one."""
    owner = np.repeat(np.arange(problem.size), np.diff(problem.start))
    inside = slot[owner] == slot[problem.neighbour]
    kept = np.concatenate([[0], np.cumsum(np.bincount(owner[inside], minlength=problem.size))])
    pieces = components_of(problem._replace(start=kept, neighbour=problem.neighbour[inside]))
    return len(pieces.start) - 1 == len(np.unique(slot))


def test_a_bad_cut_of_a_row_is_mended() -> None:
    problem = problem_of(row([100, 200, 200, 100]), BundleLimits(min_households=300))
    slot = recut.improve(problem, components_of(problem), np.array([0, 1, 1, 1]), seed=0)
    assert numbers_of(slot).tolist() == [0, 0, 1, 1]


def test_single_compounds_grow_together_into_few_bundles() -> None:
    problem = problem_of(row([100] * 12), BundleLimits(max_households=400), aim="fewest")
    slot = recut.improve(problem, components_of(problem), alone(problem), seed=0)
    assert levels(problem, slot)[:2] == (0, 3)


def test_long_bundles_become_round_ones_where_only_shape_counts() -> None:
    frame, shapes, pairs = grid(6, 8)
    frame["households"] = 100
    shape = BundleWeights(compact=1, balanced=0, money=0, subdistrict=0)
    limits = BundleLimits(min_households=400, max_households=400)
    problem = problem_of((frame, shapes, pairs), limits, weights=shape, aim="free")
    found = tree_cuts.search(problem, components_of(problem), seed=0, effort=0.01)
    better = recut.improve(problem, components_of(problem), found, seed=0)
    assert levels(problem, better) < levels(problem, found)


@pytest.mark.parametrize("aim", ["most", "fewest", "free"])
@pytest.mark.parametrize("subdistricts", ["off", "prefer"])
def test_it_is_never_worse_never_breaks_a_limit_and_never_falls_apart(aim, subdistricts) -> None:
    limits = BundleLimits(**{**vars(LIMITS), "subdistricts": subdistricts})
    apart = [("g000", "g001"), ("g020", "g032"), ("g050", "g063")]
    problem = problem_of(grid(12, 9), limits, aim=aim, apart=apart)
    components = components_of(problem)
    found = tree_cuts.search(problem, components, seed=0, effort=0.02)
    better = recut.improve(problem, components, found, seed=0)
    assert levels(problem, better) <= levels(problem, found)
    assert connected(problem, better)
    judged, _ = bundle_costs(problem, numbers_of(better))
    assert not (judged[:, 0] == BREAKS).any()
    one = np.repeat(np.arange(problem.size), np.diff(problem.apart_start))
    assert len(one)
    assert (better[one] != better[problem.apart]).all()


def test_components_do_not_mind_each_other() -> None:
    frame, shapes, pairs = grid(12, 10)
    pairs = pairs[(pairs["i"] < "g072") == (pairs["j"] < "g072")]
    problem = problem_of((frame, shapes, pairs), aim="fewest")
    components = components_of(problem)
    together = recut.improve(problem, components, alone(problem), seed=3, effort=0.5)
    last = components.start[-2]
    only = Components(np.array([0, problem.size - last]), components.units[last:])
    # The temperature is that of the bundles at hand, which are the same single compounds.
    mean = problem.sums[:, 1].mean() / problem.sums[only.units, 1].mean()
    assert mean == pytest.approx(1, abs=0.2)
    by_itself = recut.improve(problem, only, alone(problem), seed=3, effort=0.5)
    outside = components.units[:last]
    assert (by_itself[outside] == outside).all()
    assert set(by_itself[only.units]) <= set(only.units)
    assert set(together[only.units]) <= set(only.units)


def test_moves_in_several_calls_are_the_same_as_in_one(monkeypatch) -> None:
    problem = problem_of(grid(10, 11), aim="free")
    components = components_of(problem)
    at_once = recut.improve(problem, components, alone(problem), seed=2, effort=0.2)
    monkeypatch.setattr(recut, "_A_CALL", 1_500)
    told: list[float] = []
    in_pieces = recut.improve(
        problem, components, alone(problem), seed=2, effort=0.2, progress=told.append
    )
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
    assert np.array_equal(in_pieces, at_once)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.sampled_from(["most", "fewest", "free"]))
def test_the_levels_kept_while_searching_are_those_of_the_result(seed, aim) -> None:
    problem = problem_of(grid(6, seed % 50), aim=aim)
    components = components_of(problem)
    slot = recut.improve(problem, components, alone(problem), seed=seed, effort=0.3)
    assert levels(problem, slot) <= levels(problem, alone(problem))
    assert connected(problem, slot)
