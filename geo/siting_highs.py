"""HiGHS for siting: branch and bound from a known choice, within counts, and what of its answer may be told.

The objective of a relaxation that was cut short is no bound, and a search that was cut short may have no choice
at all: both are looked at before they are used.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

__all__ = ["Branched", "Flows", "Model", "branch", "row_prices"]

Floats = NDArray[np.float64]
Progress = Callable[[float], None]

# How long a look at the clock of the caller waits; nothing that is found depends on it.
WAIT_S = 0.2


class Model(NamedTuple):
    """Smallest ``cost @ x`` with ``low <= rows @ x <= high``, ``0 <= x <= top``; the first `whole` are integer."""

    cost: Floats
    top: Floats
    rows: sp.csr_array
    low: Floats
    high: Floats
    whole: int


class Branched(NamedTuple):
    """What branch and bound found (None if nothing), a bound from below that holds, and whether it ended."""

    values: Floats | None
    bound: float
    ended: bool


def branch(
    model: Model,
    *,
    start: Floats | None = None,
    nodes: int,
    abs_gap: float = 1e-9,
    rel_gap: float = 0.0,
    progress: Progress | None = None,
) -> Branched:
    """Solve by branch and bound.

    Parameters
    ----------
    model : Model
        The problem.
    start : ndarray of float, optional
        A known solution.
    nodes : int
        Nodes of the tree, at the most. A large relaxation takes long by itself: keep the model small.
    abs_gap, rel_gap : float
        How far from the optimum is near enough.
    progress
        Called a few times a second; what it raises ends the work.
    """
    solver = _solver(model)
    solver.changeColsIntegrality(
        model.whole,
        np.arange(model.whole, dtype=np.int32),
        np.full(model.whole, int(highspy.HighsVarType.kInteger), dtype=np.uint8),
    )
    solver.setOptionValue("mip_rel_gap", rel_gap)
    solver.setOptionValue("mip_abs_gap", abs_gap)
    solver.setOptionValue("mip_max_nodes", nodes)
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = start.tolist()
        solver.setSolution(known)
    _run(solver, progress)
    info = solver.getInfo()
    has_values = math.isfinite(info.objective_function_value) and (
        info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    )
    values = np.array(solver.getSolution().col_value) if has_values else None
    ended = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    bound = info.mip_dual_bound if math.isfinite(info.mip_dual_bound) else -math.inf
    return Branched(values, bound, ended)


def row_prices(model: Model, *, progress: Progress | None = None) -> Floats | None:
    """Prices of the rows in the relaxation; None if it has none. They give a bound only with own arithmetic.

    By the method of inner points: covers are so degenerate that the simplex method takes fifty times as long.
    """
    solver = _solver(model)
    solver.setOptionValue("solver", "ipx")
    solver.setOptionValue("run_crossover", "off")
    _run(solver, progress)
    prices = np.array(solver.getSolution().row_dual)
    return prices if len(prices) == len(model.low) and np.isfinite(prices).all() else None


def _run(solver: highspy.Highs, progress: Progress | None) -> None:
    """Run, and in between ask the caller whether to go on."""
    if progress is None:
        solver.run()
        return
    solver.HandleUserInterrupt = True
    thread = solver.startSolve()
    try:
        while thread.is_alive():
            progress(0.0)
            thread.join(WAIT_S)
    finally:
        solver.cancelSolve()  # type: ignore[no-untyped-call]
        thread.join()


def _solver(model: Model) -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("parallel", "off")
    solver.setOptionValue("random_seed", 0)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.cost), len(model.low)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.cost, np.zeros(len(model.cost)), model.top
    lp.row_lower_, lp.row_upper_ = model.low, model.high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = model.rows.indptr.astype(np.int32)
    lp.a_matrix_.index_ = model.rows.indices.astype(np.int32)
    lp.a_matrix_.value_ = model.rows.data.astype(float)
    solver.passModel(lp)
    return solver


class Flows:
    """Best flows from clients to open sites, solved again from the last answer for each choice of sites."""

    def __init__(
        self,
        site: NDArray[np.int64],
        client: NDArray[np.int64],
        saving: Floats,
        weights: Floats,
        size: int,
    ) -> None:
        many, entries = len(weights), np.arange(len(site))
        rows = sp.csr_array(
            (
                np.ones(2 * len(site)),
                (np.concatenate([client, many + site]), np.concatenate([entries, entries])),
            ),
            shape=(many + size, len(site)),
        )
        high = np.concatenate([weights, np.zeros(size)])
        top = np.full(len(site), np.inf)
        self.many, self.sites = many, np.arange(many, many + size, dtype=np.int32)
        self.saving = saving
        self.solver = _solver(Model(-saving, top, rows, np.full(len(high), -np.inf), high, 0))

    def solve(self, capacity: Floats) -> float:
        """Value of the best flows if sites take so much."""
        self.solver.changeRowsBounds(  # type: ignore[attr-defined]
            len(self.sites), self.sites, np.full(len(self.sites), -np.inf), capacity
        )
        self.solver.run()
        return float(self.saving @ self.taken())

    def taken(self) -> Floats:
        """Tell what each entry takes in the last answer."""
        taken: Floats = np.maximum(np.array(self.solver.getSolution().col_value), 0.0)
        return taken

    def prices(self) -> Floats:
        """Prices of the clients in the last answer, 0 or more."""
        dual = np.array(self.solver.getSolution().row_dual)[: self.many]
        prices: Floats = np.maximum(-dual, 0.0)
        return prices
