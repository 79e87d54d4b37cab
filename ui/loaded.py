"""The plans that are open in this process: one copy of each, shared by all sessions.

A plan's compounds and its tile index are read once and kept up to date from the plan's own list of
changes. What a session gets is a :class:`View`: a frozen picture of one revision that no other session
changes under its hands.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import pandas as pd
import shapely

from data.store import Plan, open_plan
from errors import PlanningError
from layers.tiles import TileIndex

__all__ = ["LoadedPlan", "View", "close_all", "load", "warm"]

T = TypeVar("T")
_LOG = logging.getLogger("pianqu.ui")

COMPOUNDS = "compounds"
PIANQU = "pianqu"
# In the order of drawing: what lies under the compounds, the compounds, the outlines of 片区 over them, signs.
DRAWN_LAYERS = (
    "water",
    "green",
    "parking",
    "roads",
    "aisles",
    "stalls",
    "barriers",
    "buildings",
    COMPOUNDS,
    PIANQU,
    "sites",
    "facilities",
)
# Painted themes and filters that are kept per revision; ten planners rarely look in more ways.
KEPT_RESULTS = 32


@dataclass(frozen=True, kw_only=True)
class View:
    """A plan at one revision.

    Attributes
    ----------
    revision : int
        Revision of the plan: what results are kept by.
    edition : int
        修订 as planners are told: number of edits.
    frame : GeoDataFrame
        Compounds as of the schema; not to be changed.
    pianqu : GeoDataFrame
        片区 as of the schema; not to be changed.
    settings : dict
        Settings of the plan.
    """

    revision: int
    edition: int
    frame: gpd.GeoDataFrame
    pianqu: gpd.GeoDataFrame
    settings: dict[str, Any]

    @property
    def name(self) -> str:
        """Name of the plan."""
        return str(self.settings.get("name") or "未命名计划")

    def known(self, uids: list[str]) -> list[str]:
        """Those of `uids` that are there, in their order."""
        at = self.frame.index.get_indexer(pd.Index(uids, dtype=object))
        return [uid for uid, place in zip(uids, at, strict=True) if place >= 0]


class LoadedPlan:
    """A plan with what is drawn of it.

    Parameters
    ----------
    plan : Plan
        The open plan.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._lock = threading.Lock()
        self._results: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        self._revisions = {name: plan.layer_revision(name) for name in DRAWN_LAYERS}
        revision = plan.revision()
        frames = {name: plan.read(name) for name in DRAWN_LAYERS}
        self.tiles = TileIndex.of_frames(frames)
        self.tiles.warm()
        # Part of the tiles' address: browsers keep tiles for as long as nothing is drawn anew.
        self.tiles_revision = revision
        self._view = View(
            revision=revision,
            edition=plan.edition(revision),
            frame=frames[COMPOUNDS],
            pianqu=frames[PIANQU],
            settings=plan.settings(),
        )

    def view(self) -> View:
        """Return the plan as it is now."""
        if self.plan.revision() != self._view.revision:
            with self._lock:
                if self.plan.revision() != self._view.revision:
                    self._refresh()
        return self._view

    def at_hand(self) -> View:
        """Return the plan as of the last page run, without asking the file; for routes."""
        return self._view

    def kept(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """Return what `make` makes, once for each key; the key holds the revision it belongs to."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                found: T = self._results[key]
                return found
        made = make()
        with self._lock:
            self._results[key] = made
            while len(self._results) > KEPT_RESULTS:
                self._results.popitem(last=False)
        return made

    def _refresh(self) -> None:
        revision = self.plan.revision()
        frames = {COMPOUNDS: self._view.frame, PIANQU: self._view.pianqu}
        for name in DRAWN_LAYERS:
            changes = self.plan.changed_since(name, self._revisions[name])
            self._revisions[name] = changes.revision
            if not len(changes.frame) and not changes.deleted:
                continue
            before = frames.get(name)
            if before is not None:
                frames[name] = _merged(before, changes.frame, changes.deleted)
            self._redraw(name, _drawn_anew(before, changes.frame), changes.deleted, revision)
        self._view = View(
            revision=revision,
            edition=self.plan.edition(revision),
            frame=frames[COMPOUNDS],
            pianqu=frames[PIANQU],
            settings=self.plan.settings(),
        )

    def _redraw(
        self, name: str, changed: gpd.GeoDataFrame, deleted: list[str], revision: int
    ) -> None:
        if not len(changed) and not deleted:
            return
        self.tiles.remove(name, deleted)
        self.tiles.put(name, changed)
        self.tiles_revision = revision


def _drawn_anew(before: gpd.GeoDataFrame | None, changed: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rows of `changed` that look different: an edit of households must not fetch tiles again."""
    if before is None:
        return changed
    old = before.reindex(changed.index)
    same = shapely.equals_identical(old.geometry.to_numpy(), changed.geometry.to_numpy())
    same |= (old.geometry.isna() & changed.geometry.isna()).to_numpy()
    for column in [c for c in ("boundary_state", "color", "locked") if c in changed]:
        # As objects: missing ones compare as unequal, and both missing is the same.
        one, other = old[column].astype(object), changed[column].astype(object)
        same &= ((one == other).fillna(False) | (one.isna() & other.isna())).to_numpy(bool)
    return changed[~same | ~changed.index.isin(before.index)]


def _merged(
    frame: gpd.GeoDataFrame, changed: gpd.GeoDataFrame, deleted: list[str]
) -> gpd.GeoDataFrame:
    """`frame` with changed rows in their places, new ones at the end and deleted ones left out."""
    gone = frame.index.isin([*deleted, *changed.index])
    if not len(changed):
        return frame[~gone]
    places = pd.Series(range(len(frame)), index=frame.index, dtype=float)
    order = pd.concat([places[~gone], places.reindex(changed.index).fillna(float(len(frame)))])
    joined = pd.concat([frame[~gone], changed[frame.columns]])
    joined.index = joined.index.astype(frame.index.dtype)
    return joined.iloc[order.to_numpy().argsort(kind="stable")]


# --- the open plans -------------------------------------------------------------------------------

_OPEN: dict[Path, LoadedPlan] = {}
_PATH_LOCKS: dict[Path, threading.Lock] = {}
_OPEN_LOCK = threading.Lock()


def load(path: Path) -> LoadedPlan:
    """Return the plan at `path`, read at the first call; who asks meanwhile waits for it.

    Raises
    ------
    StoreError
        If the file can not be opened.
    """
    real = path.resolve()
    with _OPEN_LOCK:
        lock = _PATH_LOCKS.setdefault(real, threading.Lock())
    with lock:
        if real not in _OPEN:
            _OPEN[real] = LoadedPlan(open_plan(real))
        return _OPEN[real]


def is_loaded(path: Path) -> bool:
    """Tell whether :func:`load` would answer at once."""
    return path.resolve() in _OPEN


def warm(path: Path) -> None:
    """Read a plan in the background, so that the first planner does not wait for it."""

    def read() -> None:
        try:
            load(path)
        except PlanningError as error:
            # The page that asks for the plan shows the same message.
            _LOG.warning("could not open the plan in advance: %s", error)

    threading.Thread(target=read, name="warm-plan", daemon=True).start()


def close_all() -> None:
    """Close all plans; when the server stops."""
    with _OPEN_LOCK:
        while _OPEN:
            _, loaded = _OPEN.popitem()
            loaded.plan.close()
