"""The best few 片区 instead of a partition of all: chosen among the bundles of several partitions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geo.bundle_problem import COMPOUNDS, FITS, HOUSEHOLDS, Ints, Problem
from geo.bundle_tables import bundle_costs, numbers_of
from geo.exact_bundles import best_packing

__all__ = ["best_few"]

# Bundles among which the best few are chosen: so many for each, and at least so many.
_POOL_EACH, _POOL = 10, 400


def best_few(
    problem: Problem, slots: Sequence[Ints], count: int
) -> tuple[Ints, NDArray[np.bool_], int]:
    """Choose so many bundles that share no unit and cost least per household.

    Parameters
    ----------
    problem : Problem
        Limits and weights.
    slots : sequence of ndarray of int
        Partitions: for each unit the number of its bundle.
    count : int
        How many; fewer if no more keep all limits and the floor. Single compounds are taken only where
        there are not enough others.

    Returns
    -------
    tuple
        For each unit its bundle, units that are not chosen by themselves; True for the units chosen; the
        number of bundles that there were to choose from.
    """
    bundles: dict[bytes, tuple[float, Ints]] = {}
    for slot in slots:
        number = numbers_of(slot)
        judged, _ = bundle_costs(problem, number)
        order = np.argsort(number, kind="stable")
        ends = np.cumsum(np.bincount(number, minlength=len(judged)))[:-1]
        for cost, units in zip(judged, np.split(order, ends), strict=True):
            households = float(problem.sums[units, HOUSEHOLDS].sum())
            if cost[0] == FITS and households > 0:
                bundles.setdefault(units.tobytes(), (float(cost[3]) / households, units))
    # Larger ones first where two cost the same, then by their first units.
    ranked = sorted(bundles.values(), key=lambda bundle: (bundle[0], -len(bundle[1]), bundle[1][0]))
    most = max(_POOL, _POOL_EACH * count)
    pool = [units for _, units in ranked]
    # One compound by itself is as compact as can be, but nothing is bundled by it.
    several = [units for units in pool if problem.sums[units, COMPOUNDS].sum() > 1]
    taken: list[Ints] = []
    for offered in (several[:most], pool[:most]):
        if len(taken) < count:
            taken = [offered[position] for position in best_packing(problem, offered, count)]
    slot, chosen = np.arange(problem.size), np.zeros(problem.size, dtype=bool)
    for units in taken:
        slot[units] = units.min()
        chosen[units] = True
    return slot, chosen, len(bundles)
