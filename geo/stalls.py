"""Layouts of stalls on open ground, along roads that are there and along new aisles.

A stall stands wholly on the ground, opens to a road or an aisle that is wide enough for its arrangement, and is
reached from a road over aisles of real width. Sizes after JGJ 100-2015 table 4.3.4.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

import shapely

from geo.stall_lot import Ready, make_ready, own_areas
from geo.stall_proposal import propose, without_dead_ends
from geo.stall_shapes import Plan, draw
from geo.stall_sizes import DEFAULT_SIZES, Layout, LayoutLimits, StallSize, no_stalls
from geo.stall_solve import solve, thrifty
from geo.stall_trim import trimmed

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = [
    "DEFAULT_SIZES",
    "Layout",
    "LayoutLimits",
    "StallSize",
    "lay_out",
    "lay_out_many",
    "propose_layout",
    "warm",
]

Progress = Callable[[float], None]

NO_GROUND = "没有可以停车的空地"
NO_STALLS = "空地放不下停车位，或车辆到不了"
NO_ROADS = "无路网数据：附近没有可供车辆通行的道路"


def lay_out(
    ground: shapely.Geometry | None,
    *,
    roads: shapely.Geometry | None = None,
    streets: shapely.Geometry | None = None,
    paved: shapely.Geometry | None = None,
    limits: LayoutLimits | None = None,
    effort: float = 1.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Layout:
    """Lay out as many stalls as can be found: the capacity of the ground, not a proposal.

    Parameters
    ----------
    ground : Polygon or MultiPolygon
        Where stalls may stand, metres. Anything else counts as empty, what is invalid is mended.
    roads : geometry, optional
        Driven on already, and may serve as aisles.
    streets : geometry, optional
        Lead here, but are no aisles.
    paved : geometry, optional
        Not minded here.
    limits : LayoutLimits
        Sizes and widths.
    effort : float
        1 is meant for a screen that waits; the number of changes that are tried.
    seed : int
        Of the random changes.
    progress : callable, optional
        Called with 0–1; what it raises ends the work.

    Returns
    -------
    Layout
        Without stalls, and with a note, where nothing fits or no road is near.
    """
    del paved  # what is paved already may be used like the rest
    limits = limits or LayoutLimits()
    ready = _ready(ground, roads, streets, limits, progress)
    if isinstance(ready, Layout):
        return ready
    layout = _drawn(ready, solve(ready, effort=effort, seed=seed, progress=progress), limits)
    if progress:
        progress(1.0)
    return layout


def _ready(
    ground: shapely.Geometry | None,
    roads: shapely.Geometry | None,
    streets: shapely.Geometry | None,
    limits: LayoutLimits,
    progress: Progress | None,
) -> Ready | Layout:
    """Make a lot ready, or an empty layout that says why not."""
    if progress:
        progress(0.0)
    ready = make_ready(ground, roads, streets, limits)
    if ready is None:
        return no_stalls(NO_GROUND)
    if ready.roads.is_empty and ready.streets.is_empty:
        return no_stalls(NO_ROADS)
    return ready


def _proposed(ready: Ready, plan: Plan, limits: LayoutLimits, paved: shapely.Geometry) -> Layout:
    longest_m = limits.longest_dead_end_m
    chosen = propose(ready, trimmed(ready, plan, longest_m)[0], limits, paved)
    short, dead_end_m = trimmed(ready, chosen, longest_m)
    # A ring may have gone with rows that were not chosen.
    while (left := without_dead_ends(ready, short, longest_m)) is not short:
        short, dead_end_m = trimmed(ready, left, longest_m)
    return draw(ready, short, limits, dead_end_m)


def _drawn(ready: Ready, plan: Plan, limits: LayoutLimits) -> Layout:
    """Draw a plan with its aisles cut to what is needed, or whole if that loses a stall."""
    short, dead_end_m = trimmed(ready, plan)
    layout = draw(ready, short, limits, dead_end_m)
    if layout.dropped or layout.count < int(plan.rows[:, 5].sum()):
        whole = draw(ready, plan, limits)
        if whole.count > layout.count:
            layout = whole
    return layout if layout.count else no_stalls(NO_STALLS)


def lay_out_many(
    grounds: gpd.GeoSeries,
    *,
    roads: gpd.GeoSeries,
    streets: gpd.GeoSeries | None = None,
    paved: gpd.GeoSeries | None = None,
    limits: LayoutLimits | Sequence[LayoutLimits] | None = None,
    effort: float = 1.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[Hashable, Layout]:
    """Lay out many pieces of ground, on all processors.

    Parameters
    ----------
    grounds, roads, streets, paved : GeoSeries
        By label; labels that are not in `roads` have none.
    limits : LayoutLimits or sequence of them
        For all, or one each.

    Returns
    -------
    dict
        Layout by label, in the order of `grounds`.
    """
    each = (
        list(limits) if isinstance(limits, Sequence) else [limits or LayoutLimits()] * len(grounds)
    )

    def of(series: gpd.GeoSeries | None, label: Hashable) -> shapely.Geometry | None:
        found = None if series is None else series.get(label)
        return found if isinstance(found, shapely.Geometry) else None

    def one(label: Hashable, ground: shapely.Geometry, its: LayoutLimits) -> Layout:
        return lay_out(
            ground,
            roads=of(roads, label),
            streets=of(streets, label),
            paved=of(paved, label),
            limits=its,
            effort=effort,
            seed=seed,
        )

    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        tasks = {
            label: pool.submit(one, label, ground, its)
            for (label, ground), its in zip(grounds.items(), each, strict=True)
        }
        waiting = set(tasks.values())
        try:
            while waiting:
                _, waiting = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
                if progress:
                    progress(1.0 - len(waiting) / len(tasks))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return {label: task.result() for label, task in tasks.items()}


def propose_layout(
    capacity: Layout | None,
    ground: shapely.Geometry | None,
    *,
    roads: shapely.Geometry | None = None,
    streets: shapely.Geometry | None = None,
    paved: shapely.Geometry | None = None,
    limits: LayoutLimits | None = None,
    effort: float = 1.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Layout:
    """Lay out what could be asked for: no more than needed, with what has to be kept.

    Whole rows along roads that are there come first, then those on paved ground, then those that take
    the least ground for a stall.

    Parameters
    ----------
    capacity : Layout, optional
        Of the same ground: an empty one ends the work at once.
    ground, roads, streets, limits, effort, seed, progress
        As for `lay_out`; all of the limits count here.
    paved : geometry, optional
        Ground that is paved already.

    Returns
    -------
    Layout
        Within the limits.
    """
    limits = limits or LayoutLimits()
    if capacity is not None and not capacity.count:
        return capacity
    if limits.most is not None and limits.most <= 0:
        return no_stalls()
    ready = _ready(ground, roads, streets, limits, progress)
    if isinstance(ready, Layout):
        return ready
    there = own_areas(ready, paved)
    layout = _proposed(ready, thrifty(ready, seed=seed), limits, there)
    if limits.most is None or layout.count < limits.most:
        plan = solve(ready, effort=effort, seed=seed, progress=progress)
        fuller = _proposed(ready, plan, limits, there)
        layout = fuller if fuller.count > layout.count else layout
    if progress:
        progress(1.0)
    return layout if layout.count else no_stalls(NO_STALLS)


def warm() -> None:
    """Compile all kernels on a tiny lot, so that the first layout of a planner does not wait."""
    lay_out(shapely.box(0, 0, 20, 12), roads=shapely.box(0, -6, 20, 0), effort=0.01)
