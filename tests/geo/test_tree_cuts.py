import numpy as np
import pytest

from geo import tree_cuts
from geo.bundle_problem import HOUSEHOLDS, BundleLimits
from geo.bundle_tables import bundle_costs, numbers_of
from geo.bundle_units import build_units
from geo.components import components_of
from tests.geo.blocks import grid, row

FLOOR = BundleLimits(min_households=300)


def search(made, limits=FLOOR, aim="most", **options):
    problem = build_units(*made, limits=limits, aim=aim).problem
    slot = tree_cuts.search(problem, components_of(problem), **{"seed": 1, **options})
    return problem, slot


def levels(problem, slot) -> tuple[float, float, float]:
    return tuple(bundle_costs(problem, numbers_of(slot))[0][:, 1:].sum(axis=0).tolist())


def test_components_are_found_in_the_order_of_their_first_units() -> None:
    frame, shapes, pairs = row([100] * 6)
    pairs = pairs.drop(index=[1, 3])
    found = components_of(build_units(frame, shapes, pairs, limits=FLOOR).problem)
    assert found.start.tolist() == [0, 2, 4, 6]
    assert found.units.tolist() == [0, 1, 2, 3, 4, 5]


def test_a_row_is_cut_into_as_many_as_there_can_be() -> None:
    problem, slot = search(row([150] * 8))
    assert levels(problem, slot)[:2] == (0, -4)
    assert numbers_of(slot).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_what_is_left_over_is_adopted_by_a_neighbour() -> None:
    problem, slot = search(row([300, 10, 300, 10, 300]))
    assert levels(problem, slot)[:2] == (0, -3)


def test_a_star_of_branches_does_not_break_the_maximum() -> None:
    frame, shapes, pairs = row([10, *[250] * 6])
    pairs["i"], pairs["j"] = "c00", [f"c{k:02d}" for k in range(1, 7)]
    limits = BundleLimits(min_households=300, max_households=600)
    problem, slot = search((frame, shapes, pairs), limits)
    households = np.bincount(numbers_of(slot), weights=problem.sums[:, HOUSEHOLDS])
    # The middle joins two branches; the other four have no other neighbour and stay small.
    assert sorted(households) == [250, 250, 250, 250, 510]


def test_the_same_seed_gives_the_same_and_more_turns_are_no_worse() -> None:
    made = grid(14, 6)
    few, many = (search(made, effort=effort) for effort in (0.02, 1.0))
    assert levels(*many) <= levels(*few)
    assert np.array_equal(search(made)[1], search(made)[1])


def test_turns_in_several_calls_are_the_same_as_in_one(monkeypatch) -> None:
    made = grid(14, 7)
    _, at_once = search(made)
    monkeypatch.setattr(tree_cuts, "_VISITS_A_CALL", 1_000)
    told: list[float] = []
    _, in_pieces = search(made, progress=told.append)
    assert np.array_equal(at_once, in_pieces)
    assert len(told) > 10
    assert told[-1] == pytest.approx(1.0)
    assert told == sorted(told)
