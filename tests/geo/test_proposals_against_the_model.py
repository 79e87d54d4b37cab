"""What `propose` says of its proposals, against the second model."""

from __future__ import annotations

import pytest

from geo import bundle_search
from geo.bundle_problem import BundleLimits
from geo.bundling import Bundling, propose
from tests.geo.partition_model import (
    Instance,
    best_by_flow,
    best_by_listing,
    check_bundling,
)
from tests.geo.random_instances import random_instance
from tests.geo.test_exact_bundles import AIMS, CITY, TIED, asked, solved


def proposed(instance: Instance, **more) -> Bundling:
    return propose(instance.compounds, instance.shapes, instance.pairs, **instance.asked, **more)[0]


@pytest.fixture
def search_alone(monkeypatch) -> None:
    """Nothing is proven: trees are cut and re-cut in every component."""
    monkeypatch.setattr(bundle_search, "MOST_SMALL", 1)
    monkeypatch.setattr(bundle_search, "_MOST_SOLVED", 0)


@pytest.mark.parametrize("seed", range(18))
def test_a_small_proposal_is_the_best_and_says_so(seed):
    instance = asked(seed, 5 + seed % 3)
    bundling = proposed(instance)
    assert check_bundling(instance, bundling) == pytest.approx(best_by_listing(instance), abs=1e-8)
    assert bundling.optimal
    assert bundling.gap == 0
    assert bundling.proof == "已证明最优"


@pytest.mark.parametrize("seed", range(3))
def test_a_proposal_keeps_together_and_apart(seed):
    limits = BundleLimits(min_households=300, max_households=2500)
    instance = random_instance(seed, 8, density=0.9, limits=limits, aim=AIMS[seed % 3], **TIED)
    bundling = proposed(instance)
    assert check_bundling(instance, bundling) == pytest.approx(best_by_listing(instance), abs=1e-8)


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_a_larger_proposal_is_as_good_as_the_model_of_flows(seed):
    instance = asked(seed, 12)
    assert check_bundling(instance, proposed(instance))[:2] == best_by_flow(instance)


@pytest.mark.parametrize(("seed", "aim"), [(0, "most"), (1, "most"), (2, "free")])
def test_forty_compounds_are_bundled_as_well_as_can_be(seed, aim):
    instance = random_instance(seed, 40, density=0.45, limits=CITY, aim=aim)
    bundling = proposed(instance)
    assert check_bundling(instance, bundling) == pytest.approx(solved(instance)[1], abs=1e-8)
    assert bundling.optimal


@pytest.mark.usefixtures("search_alone")
@pytest.mark.parametrize("seed", range(9))
def test_search_alone_keeps_all_limits_and_its_bound_holds(seed):
    small = asked(seed, 8)
    limits = small.limits if seed < 5 else CITY
    instance = random_instance(seed, 8 + 3 * seed, density=0.6, limits=limits, aim=small.aim)
    bundling = proposed(instance)
    reached, best = check_bundling(instance, bundling), solved(instance)[1]
    assert (*reached[:2], reached[2] + 1e-9) >= best
    for low, figure in zip(bundling.bound, best, strict=True):
        assert low <= figure + 1e-9
    assert bundling.optimal <= (reached == pytest.approx(best, abs=1e-8))


@pytest.mark.usefixtures("search_alone")
@pytest.mark.parametrize("seed", range(4))
def test_search_alone_comes_near_the_best_of_forty(seed):
    instance = random_instance(seed, 40, density=0.5, limits=CITY)
    reached, best = check_bundling(instance, proposed(instance)), solved(instance)[1]
    assert reached[0] == best[0]
    assert reached[1] <= 0.9 * best[1]
