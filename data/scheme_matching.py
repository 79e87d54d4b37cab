"""Which 片区 of one grouping is which of another, and which compounds change between the two."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csgraph

__all__ = ["changes", "match_pianqu"]

# Beyond it the best assignment takes seconds and gigabytes; the largest overlaps come first instead.
MOST_EXACT = 1_500


def match_pianqu(
    base: pd.Series[Any], other: pd.Series[Any], households: pd.Series[Any]
) -> dict[Any, Any]:
    """Pair the 片区 of two groupings so that the households in both of a pair are as many as can be.

    Parameters
    ----------
    base, other : Series
        Name of the 片区 by uid of the compound, missing for 未分组.
    households : Series
        By uid; a compound of which they are unknown, or 0, counts as one household.

    Returns
    -------
    dict
        Name in `base` by name in `other`; 片区 without a counterpart are left out.

    Notes
    -----
    The assignment problem (Crouse 2016, as in scipy) in each group of 片区 that overlap in a chain.

    Examples
    --------
    >>> base = pd.Series({"a": "甲", "b": "甲", "c": "乙"})
    >>> match_pianqu(base, pd.Series({"a": "1", "b": "2", "c": "2"}), pd.Series({"a": 5, "b": 3, "c": 9}))
    {'1': '甲', '2': '乙'}
    """
    joined = pd.DataFrame({"base": base, "other": other}).dropna()
    if not len(joined):
        return {}
    weight = (
        pd.to_numeric(households.reindex(joined.index)).astype("Float64").fillna(0).clip(lower=1)
    )
    rows, row_names = pd.factorize(joined["other"], sort=True)
    columns, column_names = pd.factorize(joined["base"], sort=True)
    size = (len(row_names), len(column_names))
    overlap = sp.coo_array((weight.to_numpy(float), (rows, columns)), shape=size).tocsr()
    return {
        row_names[row]: column_names[column]
        for row, column in _best(overlap)
        if overlap[row, column]
    }


def _best(overlap: sp.csr_array) -> list[tuple[int, int]]:
    count = overlap.shape[0]
    both = sp.block_array([[None, overlap], [overlap.T, None]])
    _, group = csgraph.connected_components(both, directed=False)
    pairs: list[tuple[int, int]] = []
    for rows, columns in _groups(group, count):
        part = overlap[rows][:, columns]
        found = _exact(part) if max(part.shape) <= MOST_EXACT else _greedy(part)
        pairs += [(int(rows[row]), int(columns[column])) for row, column in found]
    return sorted(pairs)


def _groups(
    group: NDArray[np.int32], count: int
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    order = np.argsort(group, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    return [(part[part < count], part[part >= count] - count) for part in parts]


def _exact(part: sp.csr_array) -> list[tuple[int, int]]:
    return list(zip(*linear_sum_assignment(part.toarray(), maximize=True), strict=True))


def _greedy(part: sp.csr_array) -> list[tuple[int, int]]:
    """Pair by the largest overlap first."""
    cells = part.tocoo()
    rows, columns = cells.coords
    taken: tuple[set[int], set[int]] = (set(), set())
    found = []
    for at in np.lexsort((columns, rows, -cells.data)):
        row, column = int(rows[at]), int(columns[at])
        if row not in taken[0] and column not in taken[1]:
            taken[0].add(row)
            taken[1].add(column)
            found.append((row, column))
    return found


def changes(base: pd.Series[Any], other: pd.Series[Any], matched: dict[Any, Any]) -> pd.DataFrame:
    """Compounds that are in another 片区, a counterpart being the same.

    Parameters
    ----------
    base, other : Series
        As for :func:`match_pianqu`.
    matched : dict
        What that gave.

    Returns
    -------
    DataFrame
        Index uid, in the order of `base`, of compounds that both know: ``before`` and ``after``, names or
        None for 未分组.
    """
    joined = pd.DataFrame({"before": base, "after": other.reindex(base.index)})
    joined = joined[base.index.isin(other.index)].astype(object)
    joined = joined.where(joined.notna(), None)
    counterpart = joined["after"].map(matched).astype(object)
    stays = joined["before"].isna() & joined["after"].isna()
    stays |= joined["before"].notna() & (joined["before"] == counterpart)
    return joined[~stays.to_numpy(bool)]
