"""What goes into a choice of sites and what comes out: checked input, an order that no row order changes, a result."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from errors import GeometryError

__all__ = ["Asked", "Choice", "asked", "choice_of", "choice_with_shares", "nearest", "proof_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
Progress = Callable[[float], None]

NONE = -1
# A bound that is nearer than this share is reached, for figures that are no whole numbers.
NEAR = 1e-6
# Rounds in which sites and clients tell each other what they are.
ROUNDS = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """Sites that were chosen, whom they serve, and how good the choice is known to be.

    Attributes
    ----------
    sites : ndarray of int
        Positions of the sites, ascending; fixed ones included.
    assigned : ndarray of int, (clients,)
        Position of the site that serves a client (the nearest; with capacity the one that takes most of it);
        -1 for nobody.
    distance_m : ndarray of float, (clients,)
        Distance to that site (with capacity the mean over all that serve it); NaN for nobody.
    covered : float
        Weight that is served.
    objective : float
        What was optimised: number or cost of the sites, weight covered, or weight times metres.
    bound : float
        What no choice can better: below the objective where that is to be small, above it where large.
    optimal : bool
        Whether the choice is proven best.
    gap : float or None
        Share by which the bound is off the objective, of the larger of the two; None without a bound.
    proof : str
        The same in words.
    out_of_reach : ndarray of int
        Clients with a weight that no site reaches, ascending.
    shares : csr_array or None, (sites, clients)
        Weight that a site takes of a client; only with capacity.
    """

    sites: Ints
    assigned: Ints
    distance_m: Floats
    covered: float
    objective: float
    bound: float
    optimal: bool
    gap: float | None
    proof: str
    out_of_reach: Ints
    shares: sp.csr_array | None = None


class Asked(NamedTuple):
    """Input in an order of its own.

    Attributes
    ----------
    reach : csr_array, (sites, clients)
        Distances.
    weights : ndarray of float, (clients,)
    marks : ndarray of float, (sites, k)
        What else sites differ in.
    sites, clients : ndarray of int
        Positions in the input.
    """

    reach: sp.csr_array
    weights: Floats
    marks: Floats
    sites: Ints
    clients: Ints

    @property
    def is_open(self) -> Flags:
        """Sites that are open anyhow."""
        return self.marks[:, 0] > 0

    @property
    def is_reached(self) -> Flags:
        """Clients that any site reaches."""
        return np.bincount(self.reach.indices, minlength=len(self.weights)) > 0


def asked(
    reach: sp.sparray | sp.spmatrix | ArrayLike,
    weights: ArrayLike | None,
    *,
    fixed: Sequence[int] | Ints,
    marks: Sequence[ArrayLike] = (),
) -> Asked:
    """Check the input and bring it into an order that depends on nothing but what it says.

    Parameters
    ----------
    reach : sparse array or array_like, (sites, clients)
        Distances in metres; no entry, infinity or NaN where a site does not reach.
    weights : array_like or None
        0 or more; 1 each if None.
    fixed : sequence of int
        Sites that are open anyhow: the first mark, 1 or 0.
    marks : sequence of array_like
        Further figures of sites.
    """
    table = _table(reach)
    size, many = table.shape
    weight = _figures(np.ones(many) if weights is None else weights, many, "服务对象的户数")
    is_fixed = np.zeros(size)
    positions = np.asarray(fixed, dtype=np.int64).reshape(-1)
    if len(positions) and (positions.min() < 0 or positions.max() >= size):
        raise GeometryError("已定的选址不在候选点之内，请检查名单。")
    is_fixed[positions] = 1.0
    columns = [is_fixed, *(_figures(mark, size, "候选点的指标") for mark in marks)]
    at_sites, at_clients = _own_order(table, weight, np.column_stack(columns))
    ordered = table[at_sites][:, at_clients]
    ordered.sort_indices()
    return Asked(
        ordered, weight[at_clients], np.column_stack(columns)[at_sites], at_sites, at_clients
    )


def _table(reach: sp.sparray | sp.spmatrix | ArrayLike) -> sp.csr_array:
    if sp.issparse(reach):
        table = sp.csr_array(reach, dtype=float, copy=True)
        table.sum_duplicates()
    else:
        dense = np.asarray(reach, dtype=float)
        if dense.ndim != 2:
            raise GeometryError("距离表应为候选点 × 服务对象的二维表，请检查输入。")
        rows, columns = np.nonzero(np.isfinite(dense))
        table = sp.csr_array((dense[rows, columns], (rows, columns)), shape=dense.shape)
    if not np.isfinite(table.data).all() or (table.data < 0).any():
        raise GeometryError("距离表里有负数或不是数字的值，请检查距离计算。")
    table.data += 0.0  # no -0
    return table


def _figures(values: ArrayLike, size: int, what: str) -> Floats:
    figures = np.asarray(values, dtype=float).reshape(-1)
    if len(figures) != size:
        raise GeometryError(f"{what}有 {len(figures)} 个，应有 {size} 个，请检查输入。")
    if not np.isfinite(figures).all() or (figures < 0).any():
        raise GeometryError(f"{what}有缺失或负数，请先补全。")
    return figures + 0.0


def _own_order(table: sp.csr_array, weights: Floats, marks: Floats) -> tuple[Ints, Ints]:
    """Sort sites and clients by what they are and reach, not by where they stand."""
    across = sp.csc_array(table)
    by_row, by_column = _mixed(table.data.view(np.uint64)), _mixed(across.data.view(np.uint64))
    site = np.zeros(table.shape[0], dtype=np.uint64)
    for column in marks.T:
        site = _mixed(np.bitwise_xor(site, np.ascontiguousarray(column).view(np.uint64)))
    client = _mixed(np.ascontiguousarray(weights).view(np.uint64))
    for _ in range(ROUNDS):
        heard = _summed(_mixed(client[table.indices] ^ by_row), table.indptr)
        told = _summed(_mixed(site[across.indices] ^ by_column), across.indptr)
        site, client = _mixed(site + heard), _mixed(client + told)
    return np.argsort(site, kind="stable"), np.argsort(client, kind="stable")


def _mixed(values: Hashes) -> Hashes:
    """Spread bits (the finaliser of SplitMix64, Steele et al. 2014)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Hashes = values ^ (values >> np.uint64(31))
    return mixed


def _summed(values: Hashes, start: NDArray[np.integer]) -> Hashes:
    """Sum up runs; sums wrap around, so that the order does not matter."""
    total = np.append(np.uint64(0), np.cumsum(values, dtype=np.uint64))
    sums: Hashes = total[start[1:]] - total[start[:-1]]
    return sums


def nearest(reach: sp.csr_array, sites: Ints) -> tuple[Ints, Floats]:
    """Nearest of some sites to each client, of equally near ones the first; -1 and NaN for none."""
    part = reach[sites]
    site = np.repeat(sites, np.diff(part.indptr))
    order = np.lexsort((site, part.data, part.indices))
    client, first = np.unique(part.indices[order], return_index=True)
    assigned = np.full(reach.shape[1], NONE, dtype=np.int64)
    distance = np.full(reach.shape[1], np.nan)
    assigned[client] = site[order][first]
    distance[client] = part.data[order][first]
    return assigned, distance


def choice_of(
    problem: Asked,
    chosen: Ints,
    *,
    objective: float,
    bound: float,
    whole: bool,
    upward: bool,
    served: Ints | None = None,
) -> Choice:
    """Bring a choice back into the order of the input.

    Parameters
    ----------
    problem : Asked
        The problem.
    chosen : ndarray of int
        Sites, in the order of the problem.
    objective, bound : float
        See :class:`Choice`.
    whole : bool
        Whether the objective can only be a whole number.
    upward : bool
        Whether it is to be large.
    served : ndarray of int, optional
        Site of each client, -1 for none, if it is not the nearest.
    """
    here, way = nearest(problem.reach, np.sort(chosen))
    if served is not None:
        dropped = served == NONE
        here[dropped], way[dropped] = NONE, np.nan
    assigned, distance = np.empty_like(here), np.empty_like(way)
    assigned[problem.clients] = np.append(problem.sites, NONE)[here]
    distance[problem.clients] = way
    optimal, bound, gap = proof_of(objective, bound, whole=whole, upward=upward)
    return Choice(
        sites=np.sort(problem.sites[chosen]),
        assigned=assigned,
        distance_m=distance,
        covered=float(problem.weights[here != NONE].sum()),
        objective=objective,
        bound=bound,
        optimal=optimal,
        gap=gap,
        proof=words_of(optimal=optimal, gap=gap, upward=upward),
        out_of_reach=np.sort(problem.clients[~problem.is_reached & (problem.weights > 0)]),
    )


def choice_with_shares(
    problem: Asked, chosen: Ints, taken: sp.csr_array, *, penalty_m: float, bound: float
) -> Choice:
    """Bring a choice back whose sites take shares of the clients.

    Parameters
    ----------
    problem : Asked
        The problem.
    chosen : ndarray of int
        Sites, in the order of the problem.
    taken : csr_array, (sites, clients)
        Weight that sites take, in the order of the problem.
    penalty_m : float
        Metres counted for what is not taken.
    bound : float
        No choice is below it.
    """
    many = len(problem.weights)
    back = np.empty(many, dtype=np.int64)
    back[problem.clients] = np.arange(many)
    to_row = np.empty(len(problem.sites), dtype=np.int64)
    to_row[problem.sites] = np.arange(len(problem.sites))
    taken.data[taken.data < NEAR] = 0.0
    taken.eliminate_zeros()
    shares = sp.csr_array(taken[to_row][:, back])
    served = np.asarray(shares.sum(axis=0))
    ways = sp.csr_array(sp.csr_array(problem.reach)[to_row][:, back])
    metres = _metres(ways, shares)
    weights = problem.weights[back]
    reached = np.bincount(ways.indices, minlength=many) > 0
    lacking = float(np.maximum(weights - served, 0.0)[reached].sum())
    objective = float(metres.sum()) + penalty_m * lacking
    across = sp.csc_array(shares)
    assigned = np.full(many, NONE, dtype=np.int64)
    order = np.lexsort(
        (across.indices, -across.data, np.repeat(np.arange(many), np.diff(across.indptr)))
    )
    some = np.flatnonzero(np.diff(across.indptr))
    assigned[some] = across.indices[order][across.indptr[some]]
    with np.errstate(invalid="ignore"):
        distance = np.where(served > 0, metres / served, np.nan)
    optimal, bound, gap = proof_of(objective, bound, whole=False, upward=False)
    return Choice(
        sites=np.sort(problem.sites[chosen]),
        assigned=assigned,
        distance_m=distance,
        covered=float(served.sum()),
        objective=objective,
        bound=bound,
        optimal=optimal,
        gap=gap,
        proof=words_of(optimal=optimal, gap=gap, upward=False),
        out_of_reach=np.flatnonzero(~reached & (weights > 0)),
        shares=shares,
    )


def _metres(ways: sp.csr_array, shares: sp.csr_array) -> Floats:
    """Weight times metres of each client."""
    return np.asarray((ways * shares).sum(axis=0))


def proof_of(
    objective: float, bound: float, *, whole: bool, upward: bool
) -> tuple[bool, float, float | None]:
    """Whether the objective is proven best, the bound as it can be told, and the share between the two."""
    if not math.isfinite(bound):
        return False, bound, None
    if whole:
        slack = NEAR * max(1.0, abs(bound) * 1e-3)
        bound = math.floor(bound + slack) if upward else math.ceil(bound - slack)
    apart = (bound - objective) if upward else (objective - bound)
    largest = max(abs(bound), abs(objective))
    if apart <= NEAR * largest * (1e-3 if whole else 1.0):
        return True, objective, 0.0
    return False, float(bound), float(apart / largest)


def words_of(*, optimal: bool, gap: float | None, upward: bool) -> str:
    """Say how good a choice is known to be."""
    side = "上界" if upward else "下界"
    if optimal:
        return "已证明最优"
    if gap is None:
        return f"未求得{side}"
    # Rounded up: what is told is never better than what is known.
    return f"距{side} {max(math.ceil(gap * 1000) / 10, 0.1):.1f} %"
