"""Most stalls of a small lot on a grid, by an exact model: what a layout off the grid is held against.

A stall is ``across`` × ``deep`` cells, its mouth has ``turn`` cells of aisle before it, aisles are unions of
squares of ``lane`` cells that flow reaches from the road. Solved by HiGHS, for minutes: the counts that tests
use are written down in `tests.geo.grid_lots` together with what was proven. Nothing of geo/stalls.py is used.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from itertools import product

import highspy
import numpy as np
import shapely

GROUND, ROAD = ".", "R"
# Steps from the mouth into the stall.
WAYS = ((1, 0), (-1, 0), (0, 1), (0, -1))
Cell = tuple[int, int]


@dataclass(frozen=True)
class Grid:
    """A lot drawn in letters, the first line in the north: ``.`` ground, ``R`` road, else neither."""

    rows: tuple[str, ...]
    cell_m: float = 2.4
    across: int = 1
    deep: int = 2
    turn: int = 2
    lane: int = 2

    def cells(self, *letters: str) -> set[Cell]:
        """Columns and lines, counted from the south-west."""
        lines = self.rows[::-1]
        return {(x, y) for y, row in enumerate(lines) for x, c in enumerate(row) if c in letters}

    def shape(self, letter: str) -> shapely.Geometry:
        """Ground or road as an area in metres."""
        boxes = [self.box(x, y, x + 1, y + 1) for x, y in sorted(self.cells(letter))]
        return shapely.union_all(boxes) if boxes else shapely.Polygon()

    def box(self, x0: int, y0: int, x1: int, y1: int) -> shapely.Polygon:
        """Cells as an area in metres."""
        return shapely.box(*(value * self.cell_m for value in (x0, y0, x1, y1)))


@dataclass(frozen=True)
class Stall:
    """Cells that a stall stands on and those before its mouth, by columns and lines."""

    stands: frozenset[Cell]
    before: frozenset[Cell]
    way: Cell


@dataclass(frozen=True)
class Found:
    """Stalls and aisle cells of the best layout found, and what no layout on the grid exceeds."""

    stalls: tuple[Stall, ...]
    aisle: frozenset[Cell]
    bound: int
    seconds: float

    @property
    def proven(self) -> bool:
        return self.bound == len(self.stalls)


def places(grid: Grid) -> list[Stall]:
    """Every stall that the ground has room for and that has room before it."""
    ground, usable = grid.cells(GROUND), grid.cells(GROUND, ROAD)
    found = []
    for (x, y), (dx, dy) in product(sorted(ground), WAYS):
        along = [(x + k * dy, y + k * dx) for k in range(grid.across)]
        stands = {(a + i * dx, b + i * dy) for a, b in along for i in range(grid.deep)}
        before = {(a - i * dx, b - i * dy) for a, b in along for i in range(1, grid.turn + 1)}
        if stands <= ground and before <= usable:
            found.append(Stall(frozenset(stands), frozenset(before), (dx, dy)))
    return found


class _Model:
    """Columns and lines of a model, written one after the other."""

    def __init__(self) -> None:
        self.gain: list[float] = []
        self.most: list[float] = []
        self.whole: list[bool] = []
        self.lines: list[tuple[float, float, dict[int, float]]] = []

    def column(self, *, gain: float = 0.0, most: float = 1.0, whole: bool = True) -> int:
        self.gain.append(gain)
        self.most.append(most)
        self.whole.append(whole)
        return len(self.gain) - 1

    def line(self, least: float, terms: dict[int, float], most: float) -> None:
        self.lines.append((least, most, terms))

    def lp(self) -> highspy.HighsLp:
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.gain), len(self.lines)
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.col_cost_ = np.array(self.gain)
        lp.col_lower_ = np.zeros(len(self.gain))
        lp.col_upper_ = np.array(self.most)
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[whole] for whole in self.whole]
        lp.row_lower_ = np.array([least for least, _, _ in self.lines])
        lp.row_upper_ = np.array([most for _, most, _ in self.lines])
        sizes = [len(terms) for _, _, terms in self.lines]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        columns = [c for _, _, terms in self.lines for c in terms]
        lp.a_matrix_.index_ = np.array(columns, dtype=np.int32)
        values = [v for _, _, terms in self.lines for v in terms.values()]
        lp.a_matrix_.value_ = np.array(values, dtype=float)
        return lp


def solve(grid: Grid, *, seconds: float) -> Found:
    """Lay out the most stalls that are found within so many seconds.

    Parameters
    ----------
    grid : Grid
        The lot.
    seconds : float
        Most time of the solver; the bound is what it has shown by then.

    Returns
    -------
    Found
        The best layout, its bound and the seconds taken.
    """
    began = time.perf_counter()
    stalls = places(grid)
    model = _Model()
    chosen = [model.column(gain=1.0) for _ in stalls]
    drives = {cell: model.column() for cell in sorted(grid.cells(GROUND))}
    _stand_apart(model, grid, stalls, chosen, drives)
    squares = _squares(grid, model, drives)
    _reach(model, grid, squares)
    _before_mouths(model, grid, stalls, chosen, drives, squares)
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("time_limit", seconds)
    solver.setOptionValue("mip_abs_gap", 0.999)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.passModel(model.lp())
    solver.run()
    values = np.array(solver.getSolution().col_value)
    picked = tuple(s for s, column in zip(stalls, chosen, strict=True) if values[column] > 0.5)
    aisle = frozenset(
        cell for sq, column in squares.items() if values[column] > 0.5 for cell in _covers(grid, sq)
    ) & frozenset(grid.cells(GROUND))
    bound = int(np.floor(solver.getInfo().mip_dual_bound + 1e-6))
    return Found(picked, aisle, max(bound, len(picked)), time.perf_counter() - began)


def _stand_apart(
    model: _Model, grid: Grid, stalls: list[Stall], chosen: list[int], drives: dict[Cell, int]
) -> None:
    """A cell carries one stall or an aisle."""
    on: dict[Cell, list[int]] = {cell: [] for cell in drives}
    for stall, column in zip(stalls, chosen, strict=True):
        for cell in stall.stands:
            on[cell].append(column)
    for cell, columns in on.items():
        model.line(0.0, dict.fromkeys([*columns, drives[cell]], 1.0), 1.0)


def _covers(grid: Grid, square: Cell) -> list[Cell]:
    x, y = square
    return [(x + i, y + j) for i in range(grid.lane) for j in range(grid.lane)]


def _squares(grid: Grid, model: _Model, drives: dict[Cell, int]) -> dict[Cell, int]:
    """Squares that a lane may take, and their columns; one on the road alone is always there."""
    usable = grid.cells(GROUND, ROAD)
    squares = {}
    for square in sorted(usable):
        covered = _covers(grid, square)
        if not usable.issuperset(covered):
            continue
        squares[square] = model.column()
        own = [drives[cell] for cell in covered if cell in drives]
        for column in own:
            model.line(-1.0, {squares[square]: 1.0, column: -1.0}, 0.0)
        if not own:
            model.line(1.0, {squares[square]: 1.0}, 1.0)
    return squares


def _reach(model: _Model, grid: Grid, squares: dict[Cell, int]) -> None:
    """What flows from the road comes to every square in use: one unit stays in each."""
    road = grid.cells(ROAD)
    roots = {sq for sq in squares if road.issuperset(_covers(grid, sq))}
    others = [sq for sq in squares if sq not in roots]
    most = float(len(others))
    kept: dict[Cell, dict[int, float]] = {sq: {squares[sq]: -1.0} for sq in others}
    for (x, y), (dx, dy) in product(sorted(squares), WAYS):
        target = (x + dx, y + dy)
        if target not in kept:
            continue
        flow = model.column(most=most, whole=False)
        kept[target][flow] = 1.0
        for end in ((x, y), target):
            if end in kept:
                model.line(-most, {flow: 1.0, squares[end]: -most}, 0.0)
        if (x, y) in kept:
            kept[x, y][flow] = -1.0
        else:
            continue
    for terms in kept.values():
        model.line(0.0, terms, 0.0)


def _before_mouths(
    model: _Model,
    grid: Grid,
    stalls: list[Stall],
    chosen: list[int],
    drives: dict[Cell, int],
    squares: dict[Cell, int],
) -> None:
    """Cells before a mouth are driven on, and each belongs to a square in use."""
    over: dict[Cell, list[int]] = {}
    for square, column in squares.items():
        for cell in _covers(grid, square):
            over.setdefault(cell, []).append(column)
    for stall, column in zip(stalls, chosen, strict=True):
        for cell in stall.before:
            if cell in drives:
                model.line(-1.0, {column: 1.0, drives[cell]: -1.0}, 0.0)
            terms = dict.fromkeys(over.get(cell, []), -1.0)
            model.line(-np.inf, {column: 1.0, **terms}, 0.0)


def main(arguments: list[str] | None = None) -> None:
    """Solve lots of `tests.geo.grid_lots` and print what was found: ``python -m tests.geo.grid_model``."""
    from tests.geo.grid_lots import GRIDS

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--skip", type=int, default=0)
    asked = parser.parse_args(arguments)
    for name, grid in list(GRIDS.items())[asked.skip :]:
        found = solve(grid, seconds=asked.seconds)
        said = f"{name} cells {len(grid.cells(GROUND))} stalls {len(found.stalls)}"
        sys.stdout.write(f"{said} bound {found.bound} s {found.seconds:.0f}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
