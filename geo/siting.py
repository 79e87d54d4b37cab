"""Choice of sites: few that cover all, so many that cover most, so many with the shortest ways.

Toregas et al. 1971 (location set covering), Church and ReVelle 1974 (maximal covering), Hakimi 1964 (p-median).
Every choice says how good it is known to be: proven best, or how far from a bound. Work is limited by counts, so
that the same input gives the same choice on every machine, whatever the order of its rows.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from errors import GeometryError
from geo.siting_capacity import median_with_capacity
from geo.siting_cover import least_cover
from geo.siting_layers import prove
from geo.siting_problem import Asked, Choice, asked, choice_of, nearest
from geo.siting_savings import Saved, Savings, most_saved, savings_of

__all__ = ["Choice", "cover_all", "cover_most", "median", "warm"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Reach: TypeAlias = "sp.sparray | sp.spmatrix | ArrayLike"
Progress = Callable[[float], None]


def cover_all(
    reach: Reach,
    *,
    weights: ArrayLike | None = None,
    fixed: Sequence[int] | Ints = (),
    cost: ArrayLike | None = None,
    seed: int = 0,
    effort: float = 1.0,
    progress: Progress | None = None,
) -> Choice:
    """Choose the fewest, or cheapest, sites so that every client that can be reached is.

    Parameters
    ----------
    reach : sparse array or array_like, (sites, clients)
        Distance in metres; no entry (or infinity, NaN) where a site does not reach a client. See `geo.reach`.
    weights : array_like, (clients,), optional
        Households; a client with 0 need not be covered. 1 each if not given.
    fixed : sequence of int
        Sites that are open anyhow; where cost or number is counted, they count.
    cost : array_like, (sites,), optional
        Cost of each site, 0 or more; 1 each if not given, so that the objective is their number.
    seed : int
        Of the random search.
    effort : float
        How much is tried: 1 is seconds for a city of 5,000 clients and sites.
    progress
        Called with the share done; what it raises ends the work.

    Returns
    -------
    Choice
        Its objective is the cost, its bound lies below. Clients out of reach are listed and left out.

    Raises
    ------
    GeometryError
        If lengths do not match, figures are missing or negative, or a fixed site does not exist.

    Examples
    --------
    >>> cover_all([[10.0, 20.0], [15.0, np.inf]]).proof
    '已证明最优'
    """
    figures = () if cost is None else (cost,)
    problem = asked(reach, weights, fixed=fixed, marks=figures)
    price = np.ones(len(problem.sites)) if cost is None else problem.marks[:, 1]
    whole = bool((price == np.round(price)).all())
    is_open = problem.is_open
    needed = (problem.weights > 0) & problem.is_reached
    needed &= ~_reached(problem.reach, np.flatnonzero(is_open))
    # What costs nothing is open; what of it nobody needs is closed again.
    free = ~is_open & (price == 0)
    part = problem.reach[:, needed]
    served = _reached(part, np.flatnonzero(free))
    part = sp.csr_array(part[:, ~served])
    able = np.flatnonzero(~is_open & ~free & (np.diff(part.indptr) > 0))
    found = least_cover(part[able], price[able], seed=seed, effort=effort, progress=progress)
    gratis, _ = nearest(problem.reach[:, needed], np.flatnonzero(free))
    chosen = np.unique(
        np.concatenate([np.flatnonzero(is_open), gratis[gratis >= 0], able[found.chosen]])
    )
    spent = float(price[is_open].sum())
    return choice_of(
        problem,
        chosen,
        objective=spent + found.cost,
        bound=spent + found.bound,
        whole=whole,
        upward=False,
    )


def cover_most(
    reach: Reach,
    *,
    weights: ArrayLike | None = None,
    count: int,
    fixed: Sequence[int] | Ints = (),
    seed: int = 0,
    effort: float = 1.0,
    progress: Progress | None = None,
) -> Choice:
    """Choose at most `count` sites so that most weight is covered.

    Parameters
    ----------
    reach, weights, fixed, seed, effort, progress
        See :func:`cover_all`.
    count : int
        Sites in all, fixed ones included. Sites that would cover nobody on top are not chosen.

    Returns
    -------
    Choice
        Its objective is the weight covered, its bound lies above.

    Raises
    ------
    GeometryError
        As :func:`cover_all`; also if there are more fixed sites than `count`.
    """
    problem = asked(reach, weights, fixed=fixed)
    opened = np.flatnonzero(problem.is_open)
    left = _left(count, problem)
    done = _reached(problem.reach, opened)
    part, weight = _merged(sp.csr_array(problem.reach[:, ~done]), problem.weights[~done])
    whole = _is_whole(problem.weights)
    how = _How(seed, effort, progress)
    found = how.most_saved(_savings(part, weight[part.indices]), left, whole=whole)
    base = float(problem.weights[done].sum())
    return choice_of(
        problem,
        np.concatenate([opened, found.chosen]),
        objective=base + found.value,
        bound=base + found.bound,
        whole=whole,
        upward=True,
    )


def median(
    reach: Reach,
    *,
    weights: ArrayLike | None = None,
    count: int,
    capacity: ArrayLike | None = None,
    penalty_m: float | None = None,
    fixed: Sequence[int] | Ints = (),
    seed: int = 0,
    effort: float = 1.0,
    progress: Progress | None = None,
) -> Choice:
    """Choose at most `count` sites so that the ways to them, times weights, are shortest in sum.

    Parameters
    ----------
    reach, weights, count, fixed, seed, effort, progress
        See :func:`cover_most`; a dense table of all distances will do as well.
    capacity : array_like, (sites,), optional
        Weight that a site can take. Clients may then be split between sites (``shares``).
    penalty_m : float, optional
        Metres that are counted for a client that is not served though a site reaches it: one further away
        stays without. Twice the longest distance if not given.

    Returns
    -------
    Choice
        Its objective is weight times metres, penalties included, over all clients that a site reaches; its
        bound lies below.

    Raises
    ------
    GeometryError
        As :func:`cover_most`; also if the penalty is below 0.
    """
    marks = () if capacity is None else (capacity,)
    problem = asked(reach, weights, fixed=fixed, marks=marks)
    left = _left(count, problem)
    far = _penalty(problem.reach, penalty_m)
    if capacity is not None:
        return median_with_capacity(
            problem, count=left, penalty_m=far, seed=seed, effort=effort, progress=progress
        )
    return _median(problem, left, far, _How(seed, effort, progress))


def warm() -> None:
    """Bring the machine code, so that the first choice does not wait for it."""
    # A ring of clients between sites: nothing follows by itself, so every kernel is called.
    near = np.abs((np.arange(9)[:, None] - np.arange(9)[None] + 4) % 9 - 4.0)
    table = np.where(near <= 1, near * 100, np.inf)
    cover_all(table)
    cover_most(table, count=2)
    median(table, weights=np.arange(1.0, 10.0), count=2, effort=0.1)


class _How(NamedTuple):
    """Seed of the random search, how much is tried, and who is told of it."""

    seed: int
    effort: float
    progress: Progress | None

    def most_saved(self, savings: Savings, count: int, *, whole: bool) -> Saved:
        """Search for the sites that save most."""
        late = None if self.progress is None else self._late
        return most_saved(
            savings,
            count,
            whole=whole,
            seed=self.seed,
            effort=self.effort,
            prove=functools.partial(prove, effort=self.effort, progress=late),
            progress=self.progress,
        )

    def _late(self, _: float) -> None:
        """Tell of the last part as it goes on, of which nobody knows how long it takes."""
        if self.progress is not None:
            self.progress(0.7)


def _median(problem: Asked, left: int, far: float, how: _How) -> Choice:
    is_open, able = problem.is_open, problem.is_reached
    reach, weights = problem.reach, problem.weights
    _, near = nearest(reach, np.flatnonzero(is_open))
    limit = np.minimum(np.fmin(far, near), _last_needed(reach, ~is_open, left))
    saving = weights[reach.indices] * (limit[reach.indices] - reach.data)
    saving[np.repeat(is_open, np.diff(reach.indptr))] = 0.0
    whole = _is_whole(weights) and _is_whole(reach.data) and _is_whole(limit[able])
    found = how.most_saved(_savings(reach, saving), left, whole=whole)
    # What the limit takes for granted holds if as many sites are open as may be; idle ones are closed again.
    idle = np.setdiff1d(np.flatnonzero(~is_open), found.chosen)[: left - len(found.chosen)]
    served, way = nearest(reach, np.sort(np.r_[np.flatnonzero(is_open), found.chosen, idle]))
    served[~(way <= far)] = -1
    chosen = np.union1d(np.flatnonzero(is_open), served[(served >= 0) & (weights > 0)])
    served[~np.isin(served, chosen)] = -1
    most = float((weights * limit)[able].sum())
    way = np.where(served >= 0, way, far)
    return choice_of(
        problem,
        chosen,
        objective=float((weights * way)[able].sum()),
        bound=most - found.bound,
        whole=whole,
        upward=False,
        served=served,
    )


def _savings(reach: sp.csr_array, saving: Floats) -> Savings:
    """Build the savings of the entries of a table."""
    site = np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))
    return savings_of(site, reach.indices, saving, *reach.shape)


def _reached(reach: sp.csr_array, sites: Ints) -> NDArray[np.bool_]:
    """Clients that any of the sites reaches."""
    return np.bincount(reach[sites].indices, minlength=reach.shape[1]) > 0


def _left(count: int, problem: Asked) -> int:
    """Sites that may still be opened."""
    if count < 0:
        raise GeometryError("选址数量不能是负数，请填写 0 或以上的整数。")
    left = int(count) - int(problem.is_open.sum())
    if left < 0:
        raise GeometryError(f"已定的选址有 {count - left} 处，多于选址数量 {count}，请调大数量。")
    return left


def _penalty(reach: sp.csr_array, penalty_m: float | None) -> float:
    if penalty_m is None:
        return 2.0 * float(reach.data.max(initial=0.0))
    if not (np.isfinite(penalty_m) and penalty_m >= 0):
        raise GeometryError("未服务的折算距离不是有效的数字，请填写 0 或以上的米数。")
    return float(penalty_m)


def _last_needed(reach: sp.csr_array, able: NDArray[np.bool_], count: int) -> Floats:
    """Distance within which a client is served anyhow, if `count` sites that may be opened are.

    Of ``m`` sites ``m - count`` are closed, so one of the ``m - count + 1`` nearest is open.
    """
    closed = int(able.sum()) - count
    last = np.full(reach.shape[1], np.inf)
    if closed < 0 or count <= 0:
        return last
    across = sp.csc_array(reach if able.all() else reach[able])
    size = np.diff(across.indptr)
    if len(size) and (size == able.sum()).all():
        table: Floats = across.data.reshape(len(size), -1)
        return np.partition(table, closed, axis=1)[:, closed]
    for client in np.flatnonzero(size > closed):
        part = across.data[across.indptr[client] : across.indptr[client + 1]]
        last[client] = np.partition(part, closed)[closed]
    return last


def _merged(reach: sp.csr_array, weights: Floats) -> tuple[sp.csr_array, Floats]:
    """Make clients that the same sites reach one, and drop those without weight or site."""
    across = sp.csc_array(reach)
    sign = np.random.default_rng(0).integers(0, 2**63, reach.shape[0], dtype=np.uint64)
    total = np.append(np.uint64(0), np.cumsum(sign[across.indices], dtype=np.uint64))
    name = total[across.indptr[1:]] - total[across.indptr[:-1]]
    useful = np.flatnonzero((weights > 0) & (np.diff(across.indptr) > 0))
    _, first, group = np.unique(name[useful], return_index=True, return_inverse=True)
    return sp.csr_array(reach[:, useful[first]]), np.bincount(group, weights[useful]).astype(float)


def _is_whole(values: Floats) -> bool:
    return bool((values == np.round(values)).all())
