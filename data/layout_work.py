"""Work on many compounds side by side, and what of the plan lies near them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import to_plane
from geo.repair import repair

__all__ = ["Progress", "buildings_near", "in_threads", "labelled_as", "part_of"]

Progress = Callable[[float], None]
Shapes = NDArray[np.object_]

# Buildings that lie farther away are neither a fire risk nor a door.
_NEAR_M = 60.0


def buildings_near(
    buildings: gpd.GeoDataFrame | None, outlines: gpd.GeoSeries
) -> dict[str, Shapes]:
    """Find buildings on and near each compound, in its plane."""
    none = np.empty(0, dtype=object)
    if buildings is None or not len(buildings) or not len(outlines):
        return dict.fromkeys(map(str, outlines.index), none)
    mended, _ = repair(to_plane(buildings.geometry, int(outlines.crs.to_epsg())))
    shapes = mended.dropna().to_numpy()
    at, row = shapely.STRtree(shapes).query(
        outlines.to_numpy(), predicate="dwithin", distance=_NEAR_M
    )
    order = np.lexsort((row, at))
    ends = np.searchsorted(at[order], np.arange(len(outlines) + 1))
    return {
        str(uid): shapes[row[order[ends[k] : ends[k + 1]]]] for k, uid in enumerate(outlines.index)
    }


def labelled_as(labels: pd.Series[Any] | None, uid: str) -> tuple[str, ...]:
    """Give all that have the label of one, itself among them; none where it has no label."""
    if labels is None or pd.isna(labels[uid]):
        return ()
    return tuple(str(one) for one in labels.index[labels == labels[uid]])


def part_of(tell: Progress, start: float, stop: float) -> Progress:
    """Let a step of the work tell its share of the whole."""
    return lambda share: tell(start + (stop - start) * share)


def in_threads(
    work: Callable[[str, int | None], Any], tasks: Mapping[str, int | None], tell: Progress
) -> dict[str, Any]:
    """Work on compounds side by side; the geometry is done without the interpreter's lock."""
    if not tasks:
        return {}
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        running: dict[str, Future[Any]] = {
            uid: pool.submit(work, uid, most) for uid, most in tasks.items()
        }
        waiting = set(running.values())
        try:
            while waiting:
                _, waiting = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
                tell(1.0 - len(waiting) / len(running))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return {uid: future.result() for uid, future in running.items()}
