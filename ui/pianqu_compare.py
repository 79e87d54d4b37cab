"""What the tab 比较 puts side by side: the plan as it is, saved 方案, proposals that wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.pianqu import PALETTE_SIZE
from data.proposing import Proposal, is_stale
from data.scheme_matching import changes, match_pianqu
from data.scheme_measures import GroupingMeasures, measure_grouping, pianqu_figures
from data.schemes import Grouping, Scheme, grouping_now, grouping_of, proposed_grouping, schemes
from geo.colouring import assign_colours
from geo.crs import plan_zone, to_plane
from ui import pianqu_page
from ui.pianqu_figures import pairs_within
from ui.pianqu_proposal import basis_of
from ui.scene import Scene

__all__ = [
    "LETTERS",
    "MOST",
    "NOW",
    "Compared",
    "State",
    "compared",
    "grouping",
    "labels",
    "offered",
]

NOW = "now"
LETTERS = "ABCD"
MOST = len(LETTERS)
# As many names of 片区 as one map can be told.
MAX_LABELS = 4_000


@dataclass(frozen=True, kw_only=True, eq=False)
class State:
    """One grouping that can be chosen.

    Attributes
    ----------
    key : str
        :data:`NOW`, ``scheme:<uid>`` or ``proposal:<key>``.
    title, note : str
        How it is called, and from when it is.
    scheme : Scheme or None
        Head of a saved 方案.
    proposal : Proposal or None
        A proposal that waits.
    stale : bool
        A proposal of a plan that has moved on since.
    """

    key: str
    title: str
    note: str
    scheme: Scheme | None = None
    proposal: Proposal | None = None
    stale: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Compared:
    """Groupings side by side.

    Attributes
    ----------
    states : tuple of State
        In the order of the maps.
    households : Series
        Households by uid of the compounds of the plan as it is.
    names : tuple of Series
        Name of the 片区 by uid of the compounds of the plan as it is, None for 未分组.
    tables : tuple of DataFrame
        Figures of each 片区, as of :func:`data.scheme_measures.pianqu_figures`, and ``color``: the same for
        counterparts.
    measures : tuple of GroupingMeasures
        Their sums.
    unknown : tuple of int
        Compounds that are new since a 方案 was saved.
    """

    states: tuple[State, ...]
    households: pd.Series
    names: tuple[pd.Series, ...]
    tables: tuple[pd.DataFrame, ...]
    measures: tuple[GroupingMeasures, ...]
    unknown: tuple[int, ...]

    @property
    def key(self) -> str:
        """Tells these states from any others, of one revision."""
        return "|".join(state.key for state in self.states)

    def changes(self, before: int, after: int) -> pd.DataFrame:
        """Compounds that are in another 片区 in one state than in another, by their positions."""
        one, other = self.names[before], self.names[after]
        return changes(one, other, match_pianqu(one, other, self.households))


def offered(scene: Scene) -> tuple[State, ...]:
    """Give all that can be compared: the plan as it is, proposals that wait, saved 方案 from the newest."""
    return (
        State(key=NOW, title="现状", note=f"修订 {scene.view.edition:,}"),
        *(_waiting(scene, number, one) for number, one in enumerate(_proposals(scene), start=1)),
        *(_saved(scheme) for scheme in _schemes(scene)),
    )


def _proposals(scene: Scene) -> tuple[Proposal, ...]:
    return pianqu_page.proposals(scene)


def _schemes(scene: Scene) -> tuple[Scheme, ...]:
    return scene.loaded.kept(("schemes", scene.view.revision), lambda: schemes(scene.plan))


def _waiting(scene: Scene, number: int, proposal: Proposal) -> State:
    stale = is_stale(proposal, basis_of(scene.loaded, scene.view))
    note = f"{proposal.emphasis}，按修订 {proposal.origin.edition:,}"
    return State(
        key=f"proposal:{proposal.key}",
        title=f"自动方案 {number}",
        note=f"{note}，已过时" if stale else f"{note}，未采用",
        proposal=proposal,
        stale=stale,
    )


def _saved(scheme: Scheme) -> State:
    edition = "" if scheme.edition is None else f"，修订 {scheme.edition:,}"
    note = f"{scheme.saved_at[:10]} {scheme.saved_by}{edition}"
    return State(key=f"scheme:{scheme.uid}", title=scheme.name, note=note, scheme=scheme)


def grouping(scene: Scene, state: State) -> Grouping:
    """Read the grouping of a state.

    Raises
    ------
    StoreError
        If another program has spoilt a saved 方案.
    """
    view = scene.view
    if state.scheme is not None:
        uid = state.scheme.uid
        # Written once: it stays as it is, whatever happens to the plan.
        return scene.loaded.kept(("scheme", uid), lambda: grouping_of(scene.plan, uid))
    now = scene.loaded.kept(
        ("grouping_now", view.revision), lambda: grouping_now(view.frame, view.pianqu)
    )
    if state.proposal is None:
        return now
    return proposed_grouping(now, state.proposal.names, state.proposal.colors)


def compared(scene: Scene, states: Sequence[State]) -> Compared:
    """Put states side by side, worked out once for each revision, limits and choice.

    Raises
    ------
    StoreError
        If another program has spoilt a saved 方案.
    """
    limits = pianqu_page.proposal_settings().limits
    gap_m = pianqu_page.gap_m()
    facts = (scene.view.revision, tuple(state.key for state in states), gap_m, limits)
    return scene.loaded.kept(
        ("compared", *facts), lambda: _compared(scene, states, gap_m=gap_m, limits=limits)
    )


def _compared(scene: Scene, states: Sequence[State], *, gap_m: float, limits: Any) -> Compared:
    frame = scene.view.frame
    groupings = [grouping(scene, state) for state in states]
    names = tuple(_of_now(one.names, frame.index) for one in groupings)
    shapes = scene.loaded.kept(("plane", scene.view.revision), lambda: _plane(frame))
    pairs = pairs_within(scene.loaded, scene.view, gap_m)
    tables = tuple(
        scene.loaded.kept(
            ("compared_figures", scene.view.revision, state.key, gap_m, limits),
            lambda held=held: pianqu_figures(frame, held, shapes, pairs, limits),
        )
        for state, held in zip(states, names, strict=True)
    )
    colors = _colors(groupings, names, pairs, frame["households"])
    coloured = tuple(
        table.assign(color=color.reindex(table.index))
        for table, color in zip(tables, colors, strict=True)
    )
    return Compared(
        states=tuple(states),
        households=frame["households"],
        names=names,
        tables=coloured,
        measures=tuple(
            measure_grouping(frame, held, table) for held, table in zip(names, tables, strict=True)
        ),
        unknown=tuple(int((~frame.index.isin(one.names.index)).sum()) for one in groupings),
    )


def _of_now(names: pd.Series, index: pd.Index) -> pd.Series:
    held = names.reindex(index).astype(object)
    return held.where(held.notna(), None)


def _plane(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    drawn = frame.geometry[frame.geometry.notna()]
    if not len(drawn):
        return gpd.GeoSeries([], crs="EPSG:4547", index=drawn.index)
    return to_plane(drawn, plan_zone(drawn).epsg)


def _colors(
    groupings: Sequence[Grouping],
    names: Sequence[pd.Series],
    pairs: pd.DataFrame,
    households: pd.Series,
) -> list[pd.Series]:
    """Colours of the first state are its own; counterparts have them too, and neighbours still differ."""
    base = groupings[0].table["color"].astype("Int64")
    base = assign_colours(_beside(names[0], pairs), base, palette_size=PALETTE_SIZE)
    found = [base]
    for one, held in zip(groupings[1:], names[1:], strict=True):
        matched = match_pianqu(names[0], held, households)
        wanted = pd.Series(
            [base.get(matched.get(name), pd.NA) for name in one.table.index],
            index=one.table.index,
            dtype="Int64",
        )
        beside = _beside(held, pairs)
        wanted[_doubled(beside, wanted, held.value_counts())] = pd.NA
        found.append(assign_colours(beside, wanted, palette_size=PALETTE_SIZE))
    return found


def _beside(names: pd.Series, pairs: pd.DataFrame) -> pd.DataFrame:
    ends = pd.DataFrame({end: pairs[end].map(names) for end in ("i", "j")}).dropna()
    return ends[ends["i"] != ends["j"]].drop_duplicates()


def _doubled(beside: pd.DataFrame, colors: pd.Series, size: pd.Series) -> list[Any]:
    """片区 beside one of the same colour: the smaller of the two gets another."""
    first, second = (beside[end].map(colors) for end in ("i", "j"))
    same = beside[(first.notna() & (first == second)).to_numpy(bool, na_value=False)]
    return [
        min((one, other), key=lambda name: (int(size.get(name, 0)), str(name)))
        for one, other in zip(same["i"], same["j"], strict=True)
    ]


def labels(frame: gpd.GeoDataFrame, names: pd.Series, table: pd.DataFrame) -> list[list[Any]]:
    """Names of 片区 with longitude, latitude and colour, each on the member nearest to its middle."""
    drawn = (names.notna() & frame.geometry.notna()).to_numpy()
    if not drawn.any():
        return []
    west, south, east, north = shapely.bounds(frame.geometry.to_numpy()[drawn]).T
    middle = np.column_stack([(west + east) / 2, (south + north) / 2])
    codes, called = pd.factorize(names[drawn], sort=True)
    count = np.bincount(codes)
    centre = np.column_stack([np.bincount(codes, axis) / count for axis in middle.T])
    off = ((middle - centre[codes]) ** 2).sum(axis=1)
    order = np.lexsort((off, codes))
    nearest = order[np.searchsorted(codes[order], np.arange(len(called)))]
    colors = table["color"].reindex(called)
    rows = [
        [str(name), round(float(lon), 6), round(float(lat), 6), 0 if pd.isna(color) else int(color)]
        for name, (lon, lat), color in zip(called, middle[nearest], colors, strict=True)
    ]
    largest = np.argsort(-count, kind="stable")[:MAX_LABELS]
    return [rows[at] for at in largest]
