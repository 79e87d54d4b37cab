"""Choices of sites against all choices there are."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.siting import Choice, cover_all, cover_most, median
from tests.geo.siting_models import cheapest_flows

FAR = 60.0


@st.composite
def towns(draw: st.DrawFn) -> dict[str, Any]:
    """A few sites and clients; whole metres or not, weights of 0, sites that reach nobody, fixed ones."""
    sites, clients = draw(st.integers(1, 6)), draw(st.integers(1, 8))
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    metres = rng.integers(0, 50, (sites, clients)).astype(float)
    if draw(st.booleans()):
        metres += rng.random((sites, clients)).round(3)
    metres[rng.random((sites, clients)) < draw(st.sampled_from([0.0, 0.4, 0.8]))] = np.inf
    weights = rng.integers(0, 6, clients).astype(float)
    fixed = sorted(rng.choice(sites, rng.integers(0, min(sites, 2) + 1), replace=False).tolist())
    count = len(fixed) + draw(st.integers(0, 4))
    return {"metres": metres, "weights": weights, "fixed": fixed, "count": count, "rng": rng}


def subsets(town: dict[str, Any], most: int) -> list[list[int]]:
    others = [k for k in range(len(town["metres"])) if k not in town["fixed"]]
    free = max(min(most - len(town["fixed"]), len(others)), 0)
    return [
        [*town["fixed"], *more]
        for size in range(free + 1)
        for more in itertools.combinations(others, size)
    ]


def nearest(metres: np.ndarray, sites: list[int]) -> np.ndarray:
    return metres[sites].min(axis=0) if sites else np.full(metres.shape[1], np.inf)


def sound(choice: Choice, town: dict[str, Any]) -> None:
    """What holds for every choice."""
    metres, weights = town["metres"], town["weights"]
    assert set(town["fixed"]) <= set(choice.sites.tolist())
    assert (np.diff(choice.sites) > 0).all()
    lost = ~np.isfinite(metres).any(axis=0) & (weights > 0)
    assert choice.out_of_reach.tolist() == np.flatnonzero(lost).tolist()
    served = choice.assigned >= 0
    assert set(choice.assigned[served].tolist()) <= set(choice.sites.tolist())
    assert np.isnan(choice.distance_m[~served]).all()


@given(towns())
@settings(max_examples=60)
def test_cover_all_is_the_cheapest_of_all_covers(town: dict[str, Any]) -> None:
    metres, weights = town["metres"], town["weights"]
    needed = np.isfinite(metres).any(axis=0) & (weights > 0)
    for cost in (None, town["rng"].integers(0, 5, len(metres)).astype(float)):
        price = np.ones(len(metres)) if cost is None else cost
        best = min(
            price[sites].sum()
            for sites in subsets(town, len(metres))
            if np.isfinite(nearest(metres, sites))[needed].all()
        )
        choice = cover_all(metres, weights=weights, fixed=town["fixed"], cost=cost)
        sound(choice, town)
        assert (choice.assigned[needed] >= 0).all()
        assert choice.objective == pytest.approx(best) == price[choice.sites].sum()
        assert choice.optimal
        assert choice.covered == weights[needed].sum()


@given(towns())
@settings(max_examples=60)
def test_cover_most_covers_as_much_as_any_choice_can(town: dict[str, Any]) -> None:
    metres, weights = town["metres"], town["weights"]
    best = max(
        weights[np.isfinite(nearest(metres, sites))].sum() for sites in subsets(town, town["count"])
    )
    choice = cover_most(metres, weights=weights, fixed=town["fixed"], count=town["count"])
    sound(choice, town)
    assert len(choice.sites) <= town["count"]
    assert choice.objective == choice.covered == best
    assert choice.optimal
    assert choice.proof == "已证明最优"


@given(towns(), st.sampled_from([None, 0.0, 20.0, FAR]))
@settings(max_examples=80)
def test_median_is_the_shortest_of_all_choices(town: dict[str, Any], far: float | None) -> None:
    metres, weights = town["metres"], town["weights"]
    able = np.isfinite(metres).any(axis=0)
    limit = 2 * metres[np.isfinite(metres)].max(initial=0.0) if far is None else far
    best = min(
        (weights * np.minimum(nearest(metres, sites), limit))[able].sum()
        for sites in subsets(town, town["count"])
    )
    choice = median(
        metres, weights=weights, fixed=town["fixed"], count=town["count"], penalty_m=far
    )
    sound(choice, town)
    assert len(choice.sites) <= town["count"]
    assert choice.objective == pytest.approx(best)
    assert choice.optimal


@given(towns())
@settings(max_examples=30)
def test_median_with_capacity_is_the_shortest_of_all_choices(town: dict[str, Any]) -> None:
    metres, weights = town["metres"], town["weights"]
    capacity = town["rng"].integers(0, 12, len(metres)).astype(float)
    best = min(
        cheapest_flows(
            metres, weights, np.where(np.isin(range(len(metres)), sites), capacity, 0), FAR
        )
        for sites in subsets(town, town["count"])
    )
    choice = median(
        metres,
        weights=weights,
        fixed=town["fixed"],
        count=town["count"],
        capacity=capacity,
        penalty_m=FAR,
    )
    sound(choice, town)
    assert choice.objective == pytest.approx(best, rel=1e-5, abs=1e-5)
    assert choice.bound <= choice.objective
    assert choice.gap is not None
    assert choice.gap < 1e-4
    assert choice.shares is not None
    assert (choice.shares.sum(axis=1) <= capacity + 1e-6).all()
    assert (choice.shares.sum(axis=0) <= weights + 1e-6).all()
    assert np.isfinite(metres[choice.shares.nonzero()]).all()
