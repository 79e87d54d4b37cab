"""What a proposal of 片区 is asked for, as arrays: units, their graph, limits, and what makes a bundle good.

A unit is a compound, or several that have to stay together. The objective has three levels, the first
decides: households left over in bundles below the floor; the number of bundles (most, fewest, or free);
a weighted sum of compactness, balance of size, balance of money and subdistricts. Each level adds up over
the bundles, so that a partition can be proven best by set partitioning. Bundles below the floor that may be
joined are joined: what stays short costs, in the third level, more than what joining can cost there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.compiled import compiled, lean

__all__ = [
    "BREAKS",
    "COLUMNS",
    "DIRECTIONS",
    "FITS",
    "SHORT",
    "Aim",
    "BundleLimits",
    "BundleWeights",
    "Problem",
    "Subdistricts",
    "Terms",
    "exact_diameter_m",
    "judge",
    "judge_bundle",
    "middle_households",
    "short_cost",
    "support_width_m",
    "terms_of",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Aim = Literal["most", "fewest", "free"]
Subdistricts = Literal["hard", "prefer", "off"]

# Directions in which the reach of a unit is kept: the widest of them is the diameter up to 0.5 %.
DIRECTIONS = 32
NARROWEST = math.cos(math.pi / DIRECTIONS)

# Columns of `Problem.sums`, which add up over the units of a bundle.
COLUMNS = ("compounds", "households", "investment", "balance", "area", "area_x", "area_y", "moment")
COMPOUNDS, HOUSEHOLDS, INVESTMENT, BALANCE, AREA, AREA_X, AREA_Y, MOMENT = range(len(COLUMNS))

# Of a mean over the households: joins what is short also where nothing else is weighed.
_LITTLE = 0.01

# States of a bundle.
FITS, SHORT, BREAKS = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class BundleLimits:
    """Limits of a 片区; None is no limit.

    Attributes
    ----------
    min_households, max_households : int or None
        A bundle below the minimum is left over and said to be; none is above the maximum.
    max_investment_yuan : int or None
        Unknown investment counts as 0.
    max_diameter_m : float or None
        Largest distance between two points of the boundaries of a bundle.
    subdistricts : str
        ``hard``: a bundle lies in one subdistrict; ``prefer``: by its weight; ``off``.
    """

    min_households: int | None = None
    max_households: int | None = None
    max_investment_yuan: int | None = None
    max_diameter_m: float | None = None
    subdistricts: Subdistricts = "off"


@dataclass(frozen=True, kw_only=True)
class BundleWeights:
    """Weights of the third level of the objective, 0 or more; each term lies between 0 and about 1.

    Attributes
    ----------
    compact : float
        1 − A²/(2πI), the moment of inertia against that of a circle (Li, Goodchild and Church 2013,
        doi:10.1080/13658816.2012.752093), as a mean over the households.
    balanced : float
        Distance of the households from the middle of the limits, in shares of it, as a mean over the
        households.
    money : float
        Deficits that a bundle can not cover by its own surpluses, as a share of all balances.
    subdistrict : float
        Subdistricts beyond the first, as a mean over the households; counts with ``subdistricts="prefer"``.
    """

    compact: float = 1.0
    balanced: float = 0.5
    money: float = 0.5
    subdistrict: float = 0.5


def middle_households(limits: BundleLimits) -> float:
    """Middle of the limits; one limit alone tells no middle, half as much again or three quarters stand in."""
    low, high = limits.min_households, limits.max_households
    if low and high:
        return (low + high) / 2
    if high:
        return high * 0.75
    return low * 1.5 if low else 0.0


def short_cost(limits: BundleLimits, weights: BundleWeights) -> float:
    """Give what short bundles could lose in compactness and subdistricts by joining, and a little more.

    What they are joined to has less than the floor, or it would not be short.
    """
    split = weights.subdistrict if limits.subdistricts == "prefer" else 0.0
    return (_LITTLE + weights.compact + split) * (limits.min_households or 0)


class Problem(NamedTuple):
    """Arrays of a problem, as the kernels take them; units by position in the order of their labels.

    Attributes
    ----------
    start, neighbour, gap_m : ndarray
        Graph as rows: the neighbours of unit ``k`` are ``neighbour[start[k]:start[k + 1]]``, sorted;
        ``gap_m`` beside each.
    sums : ndarray of float, (n, 8)
        :data:`COLUMNS`; coordinates in metres from the middle, so that the moments keep their digits.
    support : ndarray of float, (n, DIRECTIONS)
        How far a unit reaches in each direction; zeros where there is no limit of the diameter.
    hull_start, hull : ndarray
        Corners of the hulls: ``hull[hull_start[k]:hull_start[k + 1]]`` is (m, 2).
    subdistrict : ndarray of int
        Code from 0, −1 unknown.
    apart_start, apart : ndarray of int
        Units that a unit may not be with, as rows.
    floor, ceiling, max_investment, max_diameter : float
        Limits; 0 and inf where there is none.
    aim : int
        −1 most, 1 fewest, 0 free.
    compact, balanced, money, split : float
        Weights, divided by what makes each term a mean or a share.
    short : float
        What each bundle below the floor costs besides.
    target : float
        Households that a bundle of middle size has; 0 if there is no limit to tell.
    """

    start: Ints
    neighbour: Ints
    gap_m: Floats
    sums: Floats
    support: Floats
    hull_start: Ints
    hull: Floats
    subdistrict: Ints
    apart_start: Ints
    apart: Ints
    floor: float
    ceiling: float
    max_investment: float
    max_diameter: float
    aim: int
    compact: float
    balanced: float
    money: float
    split: float
    short: float
    target: float

    @property
    def size(self) -> int:
        """Number of units."""
        return len(self.sums)


class Terms(NamedTuple):
    """Limits and weights of a problem without its arrays, which cost time to hand over; see `Problem`."""

    floor: float
    ceiling: float
    max_investment: float
    max_diameter: float
    aim: int
    compact: float
    balanced: float
    money: float
    split: float
    short: float
    target: float


@lean
def terms_of(problem: Problem) -> Terms:
    """Take the limits and weights out of a problem."""
    return Terms(
        problem.floor,
        problem.ceiling,
        problem.max_investment,
        problem.max_diameter,
        problem.aim,
        problem.compact,
        problem.balanced,
        problem.money,
        problem.split,
        problem.short,
        problem.target,
    )


@lean
def support_width_m(support: Floats) -> float:
    """Widest of the directions: at most the diameter, and at least ``NARROWEST`` of it.

    Parameters
    ----------
    support : ndarray of float, (DIRECTIONS,)
        Largest reach of the bundle in each direction.
    """
    half = len(support) // 2
    width = 0.0
    for k in range(half):
        width = max(width, support[k] + support[k + half])
    return width


@compiled
def exact_diameter_m(problem: Problem, members: Ints) -> float:
    """Largest distance between two corners of the hulls of some units, in metres."""
    widest = 0.0
    for a in range(len(members)):
        one = problem.hull[problem.hull_start[members[a]] : problem.hull_start[members[a] + 1]]
        for b in range(a, len(members)):
            other = problem.hull[
                problem.hull_start[members[b]] : problem.hull_start[members[b] + 1]
            ]
            for i in range(len(one)):
                for j in range(len(other)):
                    dx, dy = one[i, 0] - other[j, 0], one[i, 1] - other[j, 1]
                    widest = max(widest, dx * dx + dy * dy)
    return math.sqrt(widest)


@compiled
def judge_bundle(
    problem: Problem, sums: Floats, diameter_m: float, subdistricts: int
) -> tuple[int, float, float, float]:
    """State of a bundle and what it adds to the three levels of the objective.

    Parameters
    ----------
    problem : Problem
        Limits and weights.
    sums : ndarray of float, (8,)
        Sums over its units.
    diameter_m : float
        Its diameter, or a bound of it that is known to lie on the same side of the limit.
    subdistricts : int
        How many known subdistricts it lies in.

    Returns
    -------
    tuple
        :data:`FITS`, :data:`SHORT` or :data:`BREAKS`; households left over (a compound counts at least 1);
        number; weighted sum. What breaks a limit is left over as well.
    """
    return judge(terms_of(problem), sums, diameter_m, subdistricts)


@lean
def judge(
    terms: Terms, sums: Floats, diameter_m: float, subdistricts: int
) -> tuple[int, float, float, float]:
    """Judge as :func:`judge_bundle` does."""
    households = sums[HOUSEHOLDS]
    state = FITS
    if households < terms.floor:
        state = SHORT
    if (
        households > terms.ceiling
        or sums[INVESTMENT] > terms.max_investment
        or diameter_m > terms.max_diameter
    ):
        state = BREAKS
    left = 0.0 if state == FITS else max(households, sums[COMPOUNDS])
    number = 0.0
    if terms.aim > 0:
        number = 1.0
    elif terms.aim < 0 and state == FITS:
        number = -1.0
    soft = terms.compact * households * _sprawl(sums)
    if terms.target > 0:
        soft += terms.balanced * households * abs(households - terms.target) / terms.target
    soft += terms.money * max(0.0, -sums[BALANCE])
    soft += terms.split * households * max(0, subdistricts - 1)
    if state == SHORT:
        soft += terms.short
    return state, left, number, soft


@lean
def _sprawl(sums: Floats) -> float:
    """0 for a circle, towards 1 the longer or the more scattered."""
    area = sums[AREA]
    if area <= 0.0:
        return 0.0
    inertia = sums[MOMENT] - (sums[AREA_X] ** 2 + sums[AREA_Y] ** 2) / area
    if inertia <= 0.0:
        return 0.0
    sprawl: float = 1.0 - area * area / (2 * math.pi * inertia)
    return max(0.0, sprawl)
