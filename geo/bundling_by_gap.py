"""Bundling of neighbouring compounds into 片区: a first proposal by gap and household limits.

It never fails: a compound without neighbours is a 片区 of one and is said to be so, and what can not be
placed is listed with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from errors import RecordError
from geo.adjacency import sorted_positions
from geo.tree_cuts_by_gap import Graph, cut_trees, link_gaps_m

__all__ = ["BundleSettings", "Bundling", "bundle_by_gap"]

# About a second of search on an office computer, at least one of each way to grow a tree.
_NODES_TO_VISIT = 200_000
_FEWEST_RESTARTS, _MOST_RESTARTS = 4, 200


@dataclass(frozen=True, kw_only=True)
class BundleSettings:
    """Limits of a proposal; it carries them, so that one can see what it came from.

    Attributes
    ----------
    min_households, max_households : int or None
        Limits of a 片区; None is no limit.
    seed : int
        Start of the random search.
    restarts : int
        Spanning forests tried.
    """

    min_households: int | None
    max_households: int | None
    seed: int = 0
    restarts: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Bundling:
    """A proposal.

    Attributes
    ----------
    labels : Series
        ``Int64``: number of the 片区 from 1, by label of the compound; missing for 未分组.
    bundles : DataFrame
        By number: ``compounds``, ``households``, ``unknown_households`` (compounds counted as 0),
        ``link_gap_m`` (gaps to cross inside), ``isolated`` and ``state`` (符合, 户数不足).
    unassigned : Series
        Reason (Chinese) by label of the compound.
    feasible : bool
        All compounds are in a 片区 and all 片区 keep the limits.
    notes : tuple of str
        What a planner has to know, in Chinese.
    settings : BundleSettings
    """

    labels: pd.Series[int]
    bundles: pd.DataFrame
    unassigned: pd.Series[str]
    feasible: bool
    notes: tuple[str, ...]
    settings: BundleSettings


def bundle_by_gap(
    households: pd.Series[Any],
    pairs: pd.DataFrame,
    *,
    min_households: int | None = None,
    max_households: int | None = None,
    seed: int = 0,
    restarts: int | None = None,
    drawn: pd.Series[bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Bundling:
    """Propose 片区 of neighbouring compounds with at least and at most so many households.

    Parameters
    ----------
    households : Series
        By compound, unique labels; missing is unknown, counted as 0 and reported.
    pairs : DataFrame
        Neighbours with ``i``, ``j``, ``gap_m``, as from `neighbours`. Pairs with labels that are not in
        `households` are passed over, so that a selection can be bundled.
    min_households, max_households : int, optional
        Without a minimum the 片区 are filled up towards the maximum; without both each connected group
        is one.
    seed : int
        The same seed gives the same proposal, whatever the order of the rows.
    restarts : int, optional
        Trees to try; by default as many as about a second allows.
    drawn : Series of bool, optional
        False where a compound has no boundary: it stays 未分组 and says so.
    progress : callable, optional
        Told the share done, 0 to 1. What it raises ends the search.

    Returns
    -------
    Bundling

    Raises
    ------
    RecordError
        If a label occurs twice, households are negative, or the limits contradict each other.

    Examples
    --------
    >>> homes = pd.Series({"A": 200, "B": 150, "C": 400, "D": 20})
    >>> pairs = pd.DataFrame({"i": ["A", "B"], "j": ["B", "C"], "gap_m": [12.0, 5.0]})
    >>> bundle_by_gap(homes, pairs, min_households=300, max_households=600).labels.tolist()
    [1, 1, 2, 3]
    """
    settings = BundleSettings(
        min_households=min_households or None,
        max_households=max_households,
        seed=seed,
        restarts=restarts if restarts is not None else _restarts(len(households)),
    )
    _check(households, settings)
    unassigned = _unassigned(households, drawn, settings)
    kept = households[~households.index.isin(unassigned.index)]
    kept = kept.iloc[sorted_positions(kept.index)]
    graph = _graph(kept, pairs)
    floor, ceiling = _limits(graph, settings)
    heads = cut_trees(
        graph,
        floor=floor,
        ceiling=ceiling,
        restarts=settings.restarts,
        seed=seed,
        progress=progress,
    )
    return _bundling(households, kept, graph, heads, unassigned=unassigned, settings=settings)


def _restarts(size: int) -> int:
    return int(np.clip(_NODES_TO_VISIT // max(size, 1), _FEWEST_RESTARTS, _MOST_RESTARTS))


def _check(households: pd.Series[Any], settings: BundleSettings) -> None:
    low, high = settings.min_households, settings.max_households
    problems = []
    if not households.index.is_unique:
        problems.append("小区标识码重复，请先处理重复的行。")
    negative = households.index[(households < 0).fillna(False).astype(bool)]
    problems += [f"小区 {label} 的户数是负数，请在台账中改正。" for label in negative]
    if low is not None and low < 0:
        problems.append(f"最少户数是 {low}，应为 0 或更大。")
    if high is not None and high < 1:
        problems.append(f"最多户数是 {high}，应为 1 或更大。")
    elif low is not None and high is not None and low > high:
        problems.append(f"最少户数 {low} 大于最多户数 {high}，请改小最少户数或改大最多户数。")
    if problems:
        raise RecordError("片区划分", problems)


def _unassigned(
    households: pd.Series[Any], drawn: pd.Series[bool] | None, settings: BundleSettings
) -> pd.Series[str]:
    reasons = pd.Series(None, index=households.index, dtype=object)
    high = settings.max_households
    if high is not None:
        reasons[(households > high).fillna(False).astype(bool)] = (
            f"本小区户数已超过片区上限 {high} 户"
        )
    if drawn is not None:
        reasons[~drawn.reindex(households.index, fill_value=True).astype(bool)] = "还没有边界"
    return reasons.dropna().rename("reason")


def _positions(
    labels: pd.Index[Any], pairs: pd.DataFrame
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    first, second = (
        labels.get_indexer(pd.Index(pairs["i"])),
        labels.get_indexer(pd.Index(pairs["j"])),
    )
    known = (first >= 0) & (second >= 0) & (first != second)
    return first[known], second[known], known


def _graph(households: pd.Series[Any], pairs: pd.DataFrame) -> Graph:
    """Half pairs in the order of the positions, each once, with its smallest gap."""
    first, second, known = _positions(households.index, pairs)
    low, high = np.minimum(first, second), np.maximum(first, second)
    gap = pairs["gap_m"].to_numpy(dtype=float)[known]
    order = np.lexsort((gap, high, low))
    low, high, gap = low[order], high[order], gap[order]
    fresh = np.ones(len(low), dtype=bool)
    fresh[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    loads = households.fillna(0).to_numpy(dtype=np.int64)
    return Graph(first=low[fresh], second=high[fresh], gap_m=gap[fresh], loads=loads)


def _limits(graph: Graph, settings: BundleSettings) -> tuple[int, int]:
    """Floor and ceiling of the search; beyond all households there is nothing to limit."""
    everything = int(graph.loads.sum()) + 1
    ceiling = everything if settings.max_households is None else settings.max_households
    if settings.min_households is not None:
        return settings.min_households, ceiling
    # Two halves of the maximum always join, so that this fills up towards it.
    return (everything if settings.max_households is None else ceiling // 2 + 1), ceiling


def _bundling(
    households: pd.Series[Any],
    kept: pd.Series[Any],
    graph: Graph,
    heads: NDArray[np.intp],
    *,
    unassigned: pd.Series[str],
    settings: BundleSettings,
) -> Bundling:
    # Numbered by the first compound in the order of the labels.
    _, number = np.unique(heads, return_inverse=True)
    labels = pd.Series(number + 1, index=kept.index, dtype="Int64")
    bundles = _table(graph, number, heads, kept, settings)
    return Bundling(
        labels=labels.reindex(households.index).rename("bundle"),
        bundles=bundles,
        unassigned=unassigned,
        feasible=bool(unassigned.empty and (bundles["state"] == "符合").all()),
        notes=_notes(bundles, unassigned, settings),
        settings=settings,
    )


def _table(
    graph: Graph,
    number: NDArray[np.intp],
    heads: NDArray[np.intp],
    kept: pd.Series[Any],
    settings: BundleSettings,
) -> pd.DataFrame:
    has_neighbour = np.zeros(graph.size, dtype=bool)
    has_neighbour[graph.first] = has_neighbour[graph.second] = True
    members = pd.DataFrame(
        {
            "number": number + 1,
            "households": graph.loads,
            "unknown": kept.isna().to_numpy(),
            "link_gap_m": link_gaps_m(graph, heads),
            "alone": ~has_neighbour,
        }
    ).groupby("number")
    bundles = pd.DataFrame(
        {
            "compounds": members.size(),
            "households": members["households"].sum(),
            "unknown_households": members["unknown"].sum(),
            "link_gap_m": members["link_gap_m"].sum(),
            "isolated": members["alone"].all(),
        }
    )
    short = bundles["households"] < (settings.min_households or 0)
    return bundles.assign(state=np.where(short, "户数不足", "符合"))


def _notes(
    bundles: pd.DataFrame, unassigned: pd.Series[str], settings: BundleSettings
) -> tuple[str, ...]:
    notes = []
    unknown = int(bundles["unknown_households"].sum())
    if unknown:
        notes.append(f"{unknown} 个小区户数未知，按 0 户计算，请在台账中补全。")
    isolated = int(bundles["isolated"].sum())
    if isolated:
        notes.append(f"{isolated} 个小区在相邻间距内没有其他小区，单独成片。")
    short = int(((bundles["state"] == "户数不足") & ~bundles["isolated"]).sum())
    if short:
        notes.append(f"{short} 个片区不足 {settings.min_households} 户，周边没有可以并入的片区。")
    notes += [
        f"{count} 个小区未分组：{reason}。"
        for reason, count in unassigned.value_counts(sort=False).items()
    ]
    return tuple(notes)
