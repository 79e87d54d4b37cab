"""What choices of sites promise: nothing depends on the order of rows, bounds hold, bad input is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from errors import GeometryError
from geo import siting_capacity
from geo.reach import straight_reach
from geo.siting import Choice, cover_all, cover_most, median, warm
from tests.geo.siting_models import fewest, least_ways, least_ways_with_capacity

Way = Callable[..., Choice]


class Town:
    """Sites and clients at random in a square, with a radius that leaves some out."""

    def __init__(self, sites: int, clients: int, *, seed: int = 0, radius: float = 320.0) -> None:
        rng = np.random.default_rng(seed)
        self.weights = rng.integers(0, 400, clients).astype(float)
        self.capacity = rng.integers(400, 2500, sites).astype(float)
        self.reach = straight_reach(
            rng.uniform(0, 2000, (clients, 2)), rng.uniform(0, 2000, (sites, 2)), radius
        )
        self.reach.data = self.reach.data.round(1)


def all_ways(town: Town) -> dict[str, Way]:
    weights = town.weights

    def with_capacity(reach: Any, order: Any, client: Any) -> Choice:
        capacity = town.capacity[order]
        return median(
            reach,
            weights=weights[client],
            count=8,
            capacity=capacity,
            fixed=fixed(order),
            effort=0.2,
        )

    def fixed(order: Any) -> list[int]:
        return np.flatnonzero(np.isin(order, [3, 5])).tolist()

    return {
        "all": lambda r, s, c: cover_all(r, weights=weights[c], fixed=fixed(s)),
        "dear": lambda r, s, c: cover_all(r, weights=weights[c], cost=town.capacity[s]),
        "most": lambda r, s, c: cover_most(r, weights=weights[c], fixed=fixed(s), count=9),
        "median": lambda r, s, c: median(r, weights=weights[c], fixed=fixed(s), count=9),
        "capacity": with_capacity,
    }


@pytest.mark.parametrize("name", ["all", "dear", "most", "median", "capacity"])
def test_the_order_of_rows_changes_nothing(name: str) -> None:
    town = Town(60, 150)
    way = all_ways(town)[name]
    sites, clients = np.arange(60), np.arange(150)
    one = way(town.reach, sites, clients)
    again = way(town.reach, sites, clients)
    rng = np.random.default_rng(1)
    site, client = rng.permutation(60), rng.permutation(150)
    other = way(sp.csr_array(town.reach[site][:, client]), site, client)
    assert again.sites.tolist() == one.sites.tolist()
    assert sorted(site[other.sites].tolist()) == one.sites.tolist()
    assert other.objective == pytest.approx(one.objective, rel=1e-12)
    assert other.proof == one.proof
    mapped = np.where(other.assigned >= 0, site[other.assigned], -1)
    assert mapped.tolist() == one.assigned[client].tolist()


@pytest.mark.parametrize("seed", [0, 1])
def test_sizes_that_no_list_holds_agree_with_a_plain_model(seed: int) -> None:
    town = Town(40, 90, seed=seed)
    dense = town.reach.toarray()
    near = np.zeros(dense.shape, dtype=bool)
    near[town.reach.nonzero()] = True
    able, weights = near.any(axis=0), town.weights
    needed = able & (weights > 0)
    assert cover_all(town.reach, weights=weights).objective == fewest(near[:, needed])
    lost = np.where(near, 0.0, 1.0) * weights
    most = weights[able].sum() - least_ways(lost[:, able], 7)
    found = cover_most(town.reach, weights=weights, count=7)
    assert found.objective == pytest.approx(most)
    ways = np.where(near, dense, 640.0)
    short = least_ways((ways * weights)[:, able], 7)
    found = median(town.reach, weights=weights, count=7, penalty_m=640.0)
    assert found.objective == pytest.approx(short, rel=1e-6)
    assert found.proof == "已证明最优"


@pytest.mark.parametrize("seed", [0, 1])
def test_with_capacity_a_plain_model_finds_nothing_shorter(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Neighbourhoods small enough that this town has several.
    monkeypatch.setattr(siting_capacity, "WINDOW_ENTRIES", 40)
    town = Town(16, 40, seed=seed, radius=500.0)
    metres = np.full(town.reach.shape, np.inf)
    metres[town.reach.nonzero()] = town.reach.data
    best = least_ways_with_capacity(metres, town.weights, town.capacity, 5, 640.0)
    asked = {"weights": town.weights, "count": 5, "capacity": town.capacity, "penalty_m": 640.0}
    found = median(town.reach, **asked)
    assert found.objective == pytest.approx(best, rel=1e-5)
    assert found.proof == "已证明最优"
    # Without branch and bound: swaps and neighbourhoods alone come near, and the bound still holds.
    monkeypatch.setattr(siting_capacity, "MOST_ENTRIES", 0)
    searched = median(town.reach, **asked)
    assert best * (1 - 1e-6) <= searched.objective <= best * 1.01
    assert searched.bound <= best * (1 + 1e-6)


def test_a_bound_holds_however_little_is_tried() -> None:
    town = Town(60, 150, seed=4)
    weights, capacity = town.weights, town.capacity
    ways: list[Way] = [
        lambda **more: cover_all(town.reach, weights=weights, **more),
        lambda **more: cover_most(town.reach, weights=weights, count=9, **more),
        lambda **more: median(town.reach, weights=weights, count=9, **more),
        lambda **more: median(town.reach, weights=weights, count=9, capacity=capacity, **more),
    ]
    for turn, way in enumerate(ways):
        best = way()
        assert best.optimal
        for effort in (0.0, 0.02):
            choice = way(effort=effort)
            low, high = sorted([choice.bound, choice.objective])
            assert low - 1e-6 * low <= best.objective <= high + 1e-6 * high
            assert (choice.bound >= choice.objective) == (turn == 1 or choice.optimal)
            if not choice.optimal:
                assert choice.proof.startswith("距上界" if turn == 1 else "距下界")


def test_as_many_sites_as_there_are_serve_everybody_from_the_nearest() -> None:
    town = Town(30, 60)
    dense = np.where(town.reach.toarray() > 0, town.reach.toarray(), np.inf)
    able = np.isfinite(dense).any(axis=0)
    for count in (30, 99):
        choice = median(town.reach, weights=town.weights, count=count)
        assert choice.optimal
        assert choice.distance_m[able] == pytest.approx(dense.min(axis=0)[able])
        # Sites that would serve nobody are not chosen.
        assert set(choice.sites) == set(choice.assigned[able & (town.weights > 0)])
    assert (
        cover_most(town.reach, weights=town.weights, count=99).covered == town.weights[able].sum()
    )


def test_duplicates_of_sites_and_clients_change_no_objective() -> None:
    town = Town(30, 60)
    twice = sp.csr_array(sp.vstack([town.reach, town.reach]))
    doubled = sp.csr_array(sp.hstack([town.reach, town.reach]))
    weights, pairs = town.weights, np.tile(town.weights, 2)
    assert cover_all(twice).objective == cover_all(town.reach).objective
    for way in (cover_most, median):
        one = way(town.reach, weights=weights, count=5).objective
        assert way(twice, weights=weights, count=5).objective == pytest.approx(one)
        assert way(doubled, weights=pairs, count=5).objective == pytest.approx(2 * one)


def test_no_sites_no_clients_no_weights_and_no_count_give_nothing() -> None:
    for shape in ((0, 0), (0, 3), (3, 0), (3, 4)):
        empty = sp.csr_array(shape)
        for choice in (
            cover_all(empty),
            cover_most(empty, count=2),
            median(empty, count=2),
            median(empty, count=2, capacity=np.ones(shape[0])),
        ):
            assert choice.sites.tolist() == []
            assert choice.assigned.tolist() == [-1] * shape[1]
            assert (choice.objective, choice.covered, choice.optimal) == (0, 0, True)
            assert choice.out_of_reach.tolist() == list(range(shape[1]))
    town = Town(30, 60)
    nobody = np.zeros(60)
    assert cover_all(town.reach, weights=nobody).sites.tolist() == []
    assert cover_most(town.reach, weights=nobody, count=5).sites.tolist() == []
    assert median(town.reach, weights=nobody, count=5).objective == 0
    assert cover_most(town.reach, weights=town.weights, count=0).covered == 0


def test_with_capacity_nobody_takes_more_than_it_can_and_shares_make_up_the_objective() -> None:
    town = Town(40, 90)
    choice = median(
        town.reach, weights=town.weights, count=10, capacity=town.capacity, penalty_m=640.0
    )
    shares = choice.shares
    assert shares is not None
    assert (shares.sum(axis=1) <= town.capacity + 1e-6).all()
    served = shares.sum(axis=0)
    assert (served <= town.weights + 1e-6).all()
    assert set(np.flatnonzero(shares.sum(axis=1))) <= set(choice.sites)
    reached = np.bincount(town.reach.indices, minlength=90) > 0
    total = (town.reach * shares).sum() + 640 * (town.weights - served)[reached].sum()
    assert choice.objective == pytest.approx(total)
    assert choice.covered == pytest.approx(served.sum())
    assert choice.bound <= choice.objective


def test_progress_rises_to_the_end_and_what_it_raises_ends_the_work() -> None:
    town = Town(40, 90)
    ways: list[Way] = [
        lambda **more: cover_all(town.reach, **more),
        lambda **more: cover_most(town.reach, weights=town.weights, count=5, **more),
        lambda **more: median(town.reach, count=5, capacity=town.capacity, **more),
    ]
    for way in ways:
        told: list[float] = []
        way(progress=told.append)
        assert told
        assert 0 <= min(told) <= max(told) <= 1
        with pytest.raises(InterruptedError):
            way(progress=stop)


def stop(share: float) -> None:
    raise InterruptedError


def test_the_machine_code_is_warmed_by_every_way_there_is() -> None:
    warm()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weights": [1, 2]}, "户数有 2 个，应有 3 个"),
        ({"weights": [1, np.nan, 2]}, "缺失或负数"),
        ({"weights": [1, -1, 2]}, "缺失或负数"),
        ({"fixed": [2]}, "不在候选点之内"),
        ({"fixed": [0, 1], "count": 1}, "多于选址数量"),
        ({"count": -1}, "不能是负数"),
        ({"penalty_m": -1.0}, "折算距离"),
        ({"capacity": [1]}, "候选点的指标有 1 个"),
        ({"reach": [[1, -2, 3], [1, 2, 3]]}, "负数"),
        ({"reach": [1, 2, 3]}, "二维表"),
    ],
)
def test_bad_input_is_said_in_words(change: dict[str, Any], words: str) -> None:
    asked: dict[str, Any] = {"reach": np.ones((2, 3)), "count": 1} | change
    with pytest.raises(GeometryError, match=words):
        median(asked.pop("reach"), **asked)
