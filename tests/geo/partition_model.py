"""What a partition into 片区 has to keep and what it is worth, a second time and by other means.

Written from the issue and the docstrings of geo/bundle_problem.py, not from its code: sets of labels, plain
searches, every corner against every corner, fractions where figures are whole. Slow on purpose.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.optimize as so
import shapely

from geo.bundle_problem import Aim, BundleLimits, BundleWeights


@dataclass(frozen=True)
class Instance:
    """What `propose` and `build_units` are asked."""

    compounds: pd.DataFrame
    shapes: gpd.GeoSeries
    pairs: pd.DataFrame
    limits: BundleLimits
    weights: BundleWeights = field(default_factory=BundleWeights)
    aim: Aim = "most"
    together: tuple[tuple[str, str], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()

    @property
    def asked(self) -> dict:
        """Keywords of the engine."""
        return {
            "limits": self.limits,
            "weights": self.weights,
            "aim": self.aim,
            "together": self.together,
            "apart": self.apart,
        }

    @cached_property
    def units(self) -> list[frozenset[str]]:
        """Compounds that have to stay together, by first label."""
        unit = {label: {label} for label in self.compounds.index}
        for a, b in self.together:
            if unit[a] is not unit[b]:
                unit[a] |= unit[b]
                for label in unit[b]:
                    unit[label] = unit[a]
        return sorted({frozenset(members) for members in unit.values()}, key=min)

    @cached_property
    def links(self) -> set[frozenset[frozenset[str]]]:
        """Pairs of units that count as neighbours."""
        of = {label: unit for unit in self.units for label in unit}
        both = {frozenset((of[i], of[j])) for i, j in zip(self.pairs.i, self.pairs.j, strict=True)}
        both = {pair for pair in both if len(pair) == 2}
        if self.limits.subdistricts == "hard":
            both = {pair for pair in both if len(self._names(frozenset().union(*pair))) == 1}
        return both

    @cached_property
    def corners(self) -> dict[str, np.ndarray]:
        return {label: shapely.get_coordinates(shape) for label, shape in self.shapes.items()}

    def _names(self, members: frozenset[str]) -> set[object]:
        """Subdistricts; an unknown one is like no other."""
        return {self._name[label] for label in members}

    @cached_property
    def _name(self) -> dict[str, str]:
        names = self.compounds["subdistrict"].items()
        return {label: label if pd.isna(name) else name for label, name in names}

    def total(self, column: str, members: frozenset[str]) -> int:
        """Sum of what is known."""
        return sum(self._known[column][label] for label in members)

    @cached_property
    def _known(self) -> dict[str, dict[str, int]]:
        columns = ("households", "investment_yuan", "balance_yuan")
        return {name: self.compounds[name].fillna(0).astype(int).to_dict() for name in columns}

    @cached_property
    def _balances(self) -> int:
        return sum(abs(self.total("balance_yuan", unit)) for unit in self.units)

    @cached_property
    def _circles(self) -> dict[str, tuple[float, float, float]]:
        """Area and centroid."""
        return {k: (s.area, s.centroid.x, s.centroid.y) for k, s in self.shapes.items()}

    def diameter(self, members: frozenset[str]) -> float:
        points = np.concatenate([self.corners[label] for label in sorted(members)])
        apart = points[:, None] - points[None]
        return float(np.sqrt((apart**2).sum(axis=2)).max())

    def allowed(self, units: frozenset[frozenset[str]]) -> bool:
        """Whether units may form a bundle, be it too small."""
        members = frozenset().union(*units)
        limits = self.limits
        too_much = (
            (limits.max_households, self.total("households", members)),
            (limits.max_investment_yuan, self.total("investment_yuan", members)),
            (limits.max_diameter_m, self.diameter(members)),
        )
        if any(most is not None and figure > most for most, figure in too_much):
            return False
        if any({a, b} <= members for a, b in self.apart):
            return False
        return self.in_one_piece(units)

    def in_one_piece(self, units: frozenset[frozenset[str]]) -> bool:
        reached, new = set(), {min(units, key=min)}
        while new:
            reached |= new
            new = {
                other
                for pair in self.links
                for unit, other in itertools.permutations(pair)
                if unit in reached and other in units and other not in reached
            }
        return reached == units

    def worth(self, units: frozenset[frozenset[str]]) -> tuple[int, int, Fraction]:
        """What a bundle adds to the three levels."""
        members = frozenset().union(*units)
        households = self.total("households", members)
        short = households < (self.limits.min_households or 0)
        left = max(households, len(members)) if short else 0
        number = {"most": 0 if short else -1, "fewest": 1, "free": 0}[self.aim]
        score = self._score(members, households)
        if short:
            score += self._cost_of_a_short_one()
        return left, number, score

    def _score(self, members: frozenset[str], households: int) -> Fraction:
        weights = self.weights
        share = Fraction(households, max(self.total("households", self._all), 1))
        score = Fraction(weights.compact) * share * Fraction(1 - self.compactness(members))
        if target := self._target():
            score += Fraction(weights.balanced) * share * abs(households - target) / target
        deficit = max(0, -self.total("balance_yuan", members))
        score += Fraction(weights.money) * Fraction(deficit, max(self._balances, 1))
        if self.limits.subdistricts == "prefer":
            named = len(self._names(members) - members)
            score += Fraction(weights.subdistrict) * share * max(0, named - 1)
        return score

    def _cost_of_a_short_one(self) -> Fraction:
        """More than two short ones can lose by being joined, so that they are joined where they may be."""
        lost = Fraction(self.weights.compact) + Fraction(1, 100)
        if self.limits.subdistricts == "prefer":
            lost += Fraction(self.weights.subdistrict)
        everybody = max(self.total("households", self._all), 1)
        return lost * Fraction(self.limits.min_households or 0, everybody)

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset(self.compounds.index)

    def _target(self) -> Fraction:
        low, high = self.limits.min_households, self.limits.max_households
        if low and high:
            return Fraction(low + high, 2)
        return Fraction(high * 3, 4) if high else Fraction((low or 0) * 3, 2)

    def compactness(self, members: frozenset[str]) -> float:
        """A²/2πI with every compound as a circle about its centroid."""
        areas, x, y = np.array([self._circles[label] for label in sorted(members)]).T
        middle_x, middle_y = (areas * x).sum() / areas.sum(), (areas * y).sum() / areas.sum()
        own = (areas**2).sum() / (2 * math.pi)
        inertia = (areas * ((x - middle_x) ** 2 + (y - middle_y) ** 2)).sum() + own
        return min(1.0, float(areas.sum() ** 2 / (2 * math.pi * inertia)))


def objective(instance: Instance, bundles) -> tuple[int, int, float]:
    """The three levels of a partition given as sets of units."""
    rows = [instance.worth(bundle) for bundle in bundles]
    left, number, score = (sum(column) for column in zip(*rows, strict=True))
    return left, number, float(score)


def best_by_listing(instance: Instance) -> tuple[int, int, float]:
    """Best of all partitions, one after the other: up to 8 units or so."""
    worth = {}
    for size in range(1, len(instance.units) + 1):
        for some in itertools.combinations(instance.units, size):
            units = frozenset(some)
            if instance.allowed(units):
                worth[units] = instance.worth(units)

    def partitions(rest):
        if not rest:
            yield (0, 0, Fraction(0))
            return
        first, others = rest[0], rest[1:]
        for size in range(len(others) + 1):
            for some in itertools.combinations(others, size):
                if (own := worth.get(frozenset((first, *some)))) is None:
                    continue
                left = [unit for unit in others if unit not in some]
                for tail in partitions(left):
                    yield tuple(a + b for a, b in zip(own, tail, strict=True))

    left, number, score = min(partitions(instance.units))
    return left, number, float(score)


def best_by_flow(instance: Instance) -> tuple[int, int]:
    """First two levels by a model of flows: each unit goes to a root, a good from the root reaches it.

    Shirabe 2005, doi:10.1111/j.1538-4632.2005.00605.x: contiguity as a flow inside the bundle.
    """
    model = _Flows(instance)
    left = model.least(model.left)
    if instance.aim == "free":
        return left, 0
    return left, model.least(model.number, held=(model.left, left))


class _Flows:
    """Columns: x[u, r] unit u is in the bundle of root r ≤ u; fits[r]; left[r]; flow[r, a, b]."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.size = len(instance.units)
        at = {unit: k for k, unit in enumerate(instance.units)}
        self.arcs = [
            (at[a], at[b]) for pair in instance.links for a, b in itertools.permutations(pair)
        ]
        pairs = [(u, r) for r in range(self.size) for u in range(r, self.size)]
        self.x = {pair: k for k, pair in enumerate(pairs)}
        self.fits = {r: len(pairs) + r for r in range(self.size)}
        self.left_of = {r: len(pairs) + self.size + r for r in range(self.size)}
        arcs = [(r, a, b) for r in range(self.size) for a, b in sorted(self.arcs) if min(a, b) >= r]
        first = len(pairs) + 2 * self.size
        self.flow = {arc: first + k for k, arc in enumerate(arcs)}
        self.columns = first + len(arcs)
        self.households = [instance.total("households", unit) for unit in instance.units]
        self.rows: list[tuple[dict[int, float], float, float]] = []
        self._build()

    @property
    def left(self) -> dict[int, float]:
        return dict.fromkeys(self.left_of.values(), 1.0)

    @property
    def number(self) -> dict[int, float]:
        if self.instance.aim == "most":
            return dict.fromkeys(self.fits.values(), -1.0)
        return {self.x[r, r]: 1.0 for r in range(self.size)}

    def least(self, cost: dict[int, float], *, held=None) -> int:
        rows = [*self.rows, *([(held[0], -np.inf, held[1] + 0.5)] if held else [])]
        matrix = np.zeros((len(rows), self.columns))
        for k, (row, _, _) in enumerate(rows):
            for column, figure in row.items():
                matrix[k, column] = figure
        whole = np.zeros(self.columns)
        whole[: len(self.x) + self.size] = 1
        top = np.full(self.columns, np.inf)
        top[: len(self.x) + self.size] = 1
        objective_row = np.zeros(self.columns)
        objective_row[list(cost)] = list(cost.values())
        found = so.milp(
            objective_row,
            integrality=whole,
            bounds=so.Bounds(np.zeros(self.columns), top),
            constraints=so.LinearConstraint(
                matrix, [low for _, low, _ in rows], [high for _, _, high in rows]
            ),
            options={"mip_rel_gap": 0},
        )
        assert found.success, found.message
        return round(found.fun)

    def _build(self) -> None:
        floor = self.instance.limits.min_households or 0
        for u in range(self.size):
            self.rows.append(({self.x[u, r]: 1.0 for r in range(u + 1)}, 1, 1))
        for r in range(self.size):
            inside = range(r, self.size)
            for u in inside:
                self.rows.append(({self.x[u, r]: 1.0, self.x[r, r]: -1.0}, -1, 0))
            held = {self.x[u, r]: float(self.households[u]) for u in inside}
            count = {self.x[u, r]: float(len(self.instance.units[u])) for u in inside}
            self.rows.append(({**held, self.fits[r]: -float(floor)}, 0, np.inf))
            self.rows.append(({self.fits[r]: 1.0, self.x[r, r]: -1.0}, -1, 0))
            for figures in (held, count):
                most = sum(figures.values())
                row = {**figures, self.fits[r]: -most, self.left_of[r]: -1.0}
                self.rows.append((row, -np.inf, 0))
            self._limit(r)
            self._contiguous(r)

    def _limit(self, r: int) -> None:
        instance, limits = self.instance, self.instance.limits
        inside = range(r, self.size)
        for most, column in (
            (limits.max_households, "households"),
            (limits.max_investment_yuan, "investment_yuan"),
        ):
            if most is not None:
                row = {
                    self.x[u, r]: instance.total(column, instance.units[u]) / most for u in inside
                }
                self.rows.append((row, -np.inf, 1))
        for u, v in itertools.combinations(inside, 2):
            both = instance.units[u] | instance.units[v]
            too_far = limits.max_diameter_m and instance.diameter(both) > limits.max_diameter_m
            if too_far or any({a, b} <= both for a, b in instance.apart):
                self.rows.append(({self.x[u, r]: 1.0, self.x[v, r]: 1.0}, 0, 1))

    def _contiguous(self, r: int) -> None:
        most = self.size - r
        for u in range(r, self.size):
            into = {self.flow[r, a, b]: 1.0 for a, b in self.arcs if b == u and min(a, b) >= r}
            away = {self.flow[r, a, b]: -1.0 for a, b in self.arcs if a == u and min(a, b) >= r}
            if u > r:
                self.rows.append(({**into, **away, self.x[u, r]: -1.0}, 0, 0))
            self.rows.append(({**into, self.x[u, r]: -float(most)}, -np.inf, 0))


def check_partition(instance: Instance, labels: pd.Series) -> tuple[int, int, float]:
    """Every compound once, bundles in one piece and within the limits; returns the three levels."""
    assert sorted(labels.index) == sorted(instance.compounds.index)
    of = defaultdict(set)
    for label, number in labels.dropna().items():
        of[number].add(label)
    bundles = []
    for number, members in of.items():
        units = frozenset(unit for unit in instance.units if unit & members)
        assert frozenset().union(*units) == members, f"{number} tears what has to stay together"
        assert instance.in_one_piece(units), f"{number} is not in one piece"
        assert instance.allowed(units), f"{number} breaks a limit"
        bundles.append(units)
    return objective(instance, bundles) if bundles else (0, 0, 0.0)


def check_bundling(instance: Instance, bundling) -> tuple[int, int, float]:
    """Check a `Bundling` with its table, reasons and objective."""
    levels = check_partition(instance, bundling.labels)
    numbers = bundling.labels.dropna()
    assert sorted(numbers.unique()) == list(range(1, len(bundling.bundles) + 1))
    assert set(bundling.unassigned.index) == set(bundling.labels.index[bundling.labels.isna()])
    count = Counter(numbers)
    for number, row in bundling.bundles.iterrows():
        members = frozenset(numbers.index[numbers == number])
        assert row["compounds"] == count[number] == len(members)
        for column in ("households", "investment_yuan", "balance_yuan"):
            assert row[column] == instance.total(column, members), column
        assert math.isclose(row["diameter_m"], instance.diameter(members), abs_tol=1e-6)
        assert math.isclose(row["compactness"], instance.compactness(members), rel_tol=1e-6)
        short = row["households"] < (instance.limits.min_households or 0)
        assert row["state"] == ("户数不足" if short else "符合")
    assert bundling.objective[:2] == levels[:2]
    assert math.isclose(bundling.objective[2], levels[2], rel_tol=1e-6, abs_tol=1e-9)
    return levels
