"""Measures of the bundles of a proposal, as tables by label and by number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse import csgraph

from geo.bundle_problem import (
    AREA,
    AREA_X,
    AREA_Y,
    FITS,
    HOUSEHOLDS,
    MOMENT,
    Floats,
    Ints,
    Problem,
    exact_diameter_m,
    judge_bundle,
)
from geo.bundle_units import Units
from geo.compiled import compiled

__all__ = ["Linked", "bundle_costs", "bundle_table", "linked", "numbers_of"]

# Sparse matrices take a stored 0 for no edge: touching compounds get this length instead.
_SHORTEST_M = 1e-3


@dataclass(frozen=True, kw_only=True, eq=False)
class Linked:
    """Compounds that take part, in the order of their labels, and their neighbours by position."""

    labels: pd.Index[Any]
    unit: Ints
    first: NDArray[np.intp]
    second: NDArray[np.intp]
    gap_m: Floats


def linked(units: Units, pairs: pd.DataFrame) -> Linked:
    """Half pairs between compounds that take part, each once."""
    labels = units.unit_of.index
    first, second = (labels.get_indexer(pd.Index(pairs[end])) for end in ("i", "j"))
    known = (first >= 0) & (second >= 0) & (first != second)
    low = np.minimum(first, second)[known]
    high = np.maximum(first, second)[known]
    gap = pairs["gap_m"].to_numpy(dtype=float)[known]
    order = np.lexsort((gap, high, low))
    low, high, gap = low[order], high[order], gap[order]
    fresh = np.ones(len(low), dtype=bool)
    fresh[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    return Linked(
        labels=labels,
        unit=units.unit_of.to_numpy().astype(np.int64),
        first=low[fresh],
        second=high[fresh],
        gap_m=gap[fresh],
    )


def numbers_of(slot: Ints) -> Ints:
    """Give the number of the bundle of each unit from 0, in the order of their first units."""
    _, first, inverse = np.unique(slot, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


def bundle_costs(problem: Problem, number: Ints) -> tuple[Floats, Floats]:
    """State and cost of every bundle.

    Parameters
    ----------
    problem : Problem
        Limits and weights.
    number : ndarray of int, (units,)
        Bundle of each unit, from 0.

    Returns
    -------
    tuple of ndarray
        ``(bundles, 4)``: state and the three levels as of :func:`geo.bundle_problem.judge_bundle`; diameters
        in metres.
    """
    count = int(number.max()) + 1 if len(number) else 0
    start = np.concatenate([[0], np.cumsum(np.bincount(number, minlength=count))])
    members = np.argsort(number, kind="stable")
    judged, diameter = np.zeros((count, 4)), np.zeros(count)
    extra = _subdistricts_of(problem, number, count)
    _judge_all(problem, (start.astype(np.int64), members.astype(np.int64)), extra, judged, diameter)
    return judged, diameter


@compiled
def _judge_all(
    problem: Problem, rows: tuple[Ints, Ints], subdistricts: Ints, judged: Floats, diameter: Floats
) -> None:
    start, members = rows
    for k in range(len(diameter)):
        units = members[start[k] : start[k + 1]]
        sums = np.zeros(problem.sums.shape[1])
        for unit in units:
            sums += problem.sums[unit]
        diameter[k] = exact_diameter_m(problem, units)
        state, left, total, soft = judge_bundle(problem, sums, diameter[k], subdistricts[k])
        judged[k, 0] = state
        judged[k, 1], judged[k, 2], judged[k, 3] = left, total, soft


def _subdistricts_of(problem: Problem, number: Ints, count: int) -> Ints:
    known = problem.subdistrict >= 0
    codes = int(problem.subdistrict.max()) + 1 if known.any() else 1
    found = np.unique(number[known] * codes + problem.subdistrict[known])
    return np.bincount(found // codes, minlength=count).astype(np.int64)


def bundle_table(
    units: Units,
    compounds: pd.DataFrame,
    graph: Linked,
    number: Ints,
    *,
    costs: tuple[Floats, Floats],
) -> pd.DataFrame:
    """Table of the bundles, by number from 1.

    Parameters
    ----------
    units : Units
        The problem.
    compounds : DataFrame
        The compounds that take part, in the order of `graph.labels`.
    graph : Linked
        Their neighbours.
    number : ndarray of int, (units,)
        Bundle of each unit, from 0.
    costs : tuple
        As of :func:`bundle_costs`.
    """
    judged, diameter = costs
    count = len(diameter)
    of = number[graph.unit]
    sums = np.zeros((count, units.problem.sums.shape[1]))
    for column in range(sums.shape[1]):
        sums[:, column] = np.bincount(
            number, weights=units.problem.sums[:, column], minlength=count
        )
    has_neighbour = np.zeros(len(of), dtype=bool)
    has_neighbour[graph.first] = has_neighbour[graph.second] = True
    members = np.bincount(of, minlength=count)
    beside = np.bincount(of, weights=has_neighbour, minlength=count)
    unknown = units.unknown_households.to_numpy()
    part, gap = _parts_and_gaps(graph, of, count)
    return pd.DataFrame(
        {
            "compounds": members,
            "households": sums[:, HOUSEHOLDS].astype(np.int64),
            "unknown_households": np.bincount(of[unknown], minlength=count),
            "investment_yuan": _money(compounds, "investment_yuan", of, count),
            "balance_yuan": _money(compounds, "balance_yuan", of, count),
            "diameter_m": diameter,
            "compactness": _compactness(sums),
            "subdistricts": _distinct(compounds, of, count),
            "link_gap_m": gap,
            "isolated": (members == 1) & (beside == 0),
            "parts": part,
            "state": np.where(judged[:, 0] == FITS, "符合", "户数不足").astype(object),
        },
        index=pd.RangeIndex(1, count + 1, name="bundle"),
    )


def _money(compounds: pd.DataFrame, name: str, of: Ints, count: int) -> Any:
    """Sum of what is known in whole yuan; missing where nothing is."""
    if name not in compounds:
        return pd.array([pd.NA] * count, dtype="Int64")
    yuan = pd.to_numeric(compounds[name]).to_numpy(dtype=float, na_value=np.nan)
    known = ~np.isnan(yuan)
    total = np.bincount(of[known], weights=yuan[known], minlength=count)
    found = np.bincount(of[known], minlength=count)
    return pd.arrays.IntegerArray(np.rint(total).astype(np.int64), found == 0)


def _compactness(sums: Floats) -> Floats:
    """A²/2πI: 1 for a circle."""
    area = np.where(sums[:, AREA] > 0, sums[:, AREA], 1.0)
    inertia = sums[:, MOMENT] - (sums[:, AREA_X] ** 2 + sums[:, AREA_Y] ** 2) / area
    round_one = np.where(
        inertia > 0, area**2 / (2 * math.pi * np.where(inertia > 0, inertia, 1)), 1
    )
    return np.clip(round_one, 0.0, 1.0)


def _distinct(compounds: pd.DataFrame, of: Ints, count: int) -> Ints:
    if "subdistrict" not in compounds:
        return np.zeros(count, dtype=np.int64)
    codes, names = pd.factorize(compounds["subdistrict"])
    known = codes >= 0
    found = np.unique(of[known] * max(len(names), 1) + codes[known])
    return np.bincount(found // max(len(names), 1), minlength=count).astype(np.int64)


def _parts_and_gaps(graph: Linked, of: Ints, count: int) -> tuple[Ints, Floats]:
    """Count the connected parts of each bundle, and add up the gaps to cross inside it along its shortest links."""
    inside = of[graph.first] == of[graph.second]
    ends = (graph.first[inside], graph.second[inside])
    links = sp.csr_array((graph.gap_m[inside] + _SHORTEST_M, ends), shape=(len(of), len(of)))
    pieces, piece = csgraph.connected_components(links, directed=False)
    owner = np.zeros(pieces, dtype=np.int64)
    owner[piece] = of
    tree = sp.coo_array(csgraph.minimum_spanning_tree(links))
    gap = np.bincount(of[tree.coords[0]], weights=tree.data - _SHORTEST_M, minlength=count)
    return np.bincount(owner, minlength=count).astype(np.int64), gap.astype(np.float64)
