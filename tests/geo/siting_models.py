"""Plain models of the problems of siting, with nothing of the tool's own steps."""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp


def cheapest_flows(
    metres: np.ndarray, weights: np.ndarray, capacity: np.ndarray, far: float
) -> float:
    """Weight times metres if sites take so much; what is not taken counts as `far`, if it could be at all."""
    able = np.isfinite(metres).any(axis=0)
    rows, columns = np.nonzero(np.isfinite(metres) & (metres < far))
    base = far * weights[able].sum()
    if not len(rows):
        return float(base)
    shared = np.zeros((len(metres) + len(weights), len(rows)))
    shared[rows, range(len(rows))] = 1
    shared[len(metres) + columns, range(len(rows))] = 1
    found = linprog(
        metres[rows, columns] - far, A_ub=shared, b_ub=np.concatenate([capacity, weights])
    )
    return float(base + found.fun)


def fewest(reaches: np.ndarray) -> float:
    """Sites that cover all clients."""
    sites = len(reaches)
    return float(
        milp(
            np.ones(sites),
            integrality=np.ones(sites),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(reaches.T.astype(float), lb=1),
        ).fun
    )


def least_ways(cost: np.ndarray, count: int) -> float:
    """Smallest sum of costs (sites × clients) if every client has one of `count` open sites."""
    sites, clients = cost.shape
    size = sites + sites * clients
    links, sums, number = [], [], np.zeros((1, size))
    number[0, :sites] = 1
    for client in range(clients):
        row = np.zeros(size)
        row[[sites + site * clients + client for site in range(sites)]] = 1
        sums.append(row)
        for site in range(sites):
            link = np.zeros(size)
            link[site], link[sites + site * clients + client] = -1, 1
            links.append(link)
    found = milp(
        np.concatenate([np.zeros(sites), cost.ravel()]),
        integrality=np.append(np.ones(sites), np.zeros(sites * clients)),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(np.array(links), ub=0),
            LinearConstraint(np.array(sums), lb=1, ub=1),
            LinearConstraint(number, ub=count),
        ],
    )
    return float(found.fun)


def least_ways_with_capacity(
    metres: np.ndarray, weights: np.ndarray, capacity: np.ndarray, count: int, far: float
) -> float:
    """Smallest weight times metres if `count` sites take so much each and shares count as `far` that none takes."""
    sites, clients = metres.shape
    rows, columns = np.nonzero(np.isfinite(metres) & (metres < far))
    size, at = sites + len(rows), sites + np.arange(len(rows))
    given, taken, number = (np.zeros((many, size)) for many in (clients, sites, 1))
    given[columns, at] = 1
    taken[rows, at] = 1
    taken[range(sites), range(sites)] = -capacity
    number[0, :sites] = 1
    found = milp(
        np.concatenate([np.zeros(sites), metres[rows, columns] - far]),
        integrality=np.append(np.ones(sites), np.zeros(len(rows))),
        bounds=Bounds(0, np.append(np.ones(sites), np.full(len(rows), np.inf))),
        constraints=[
            LinearConstraint(given, ub=weights),
            LinearConstraint(taken, ub=0),
            LinearConstraint(number, ub=count),
        ],
        options={"mip_rel_gap": 1e-7},
    )
    return float(found.fun + far * weights[np.isfinite(metres).any(axis=0)].sum())
