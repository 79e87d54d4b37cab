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

from geo.stall_sizes import DEFAULT_SIZES, Layout, LayoutLimits, StallSize, no_stalls
from geo.stall_work import Work

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
    tell = progress or (lambda _: None)
    tell(0.0)
    work = Work.of(ground, roads, streets, limits=limits, effort=effort, seed=seed)
    layout = work.laid_out(tell)
    tell(1.0)
    return layout


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
    tell = progress or (lambda _: None)
    tell(0.0)
    work = Work.of(ground, roads, streets, limits=limits, effort=effort, seed=seed)
    layout = work.proposed(paved, tell)
    tell(1.0)
    return layout


def warm() -> None:
    """Compile all kernels on a tiny lot, so that the first layout of a planner does not wait."""
    lay_out(shapely.box(0, 0, 20, 12), roads=shapely.box(0, -6, 20, 0), effort=0.01)
