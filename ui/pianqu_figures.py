"""Steps of the page 片区: neighbours, totals and warnings of 片区, worked out once for each state of the plan."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely

from data.barriers import BARRIER_LAYERS, BarrierSettings, neighbourhood_of
from data.pianqu import TOTALS, totals
from data.schema import COMPOUND_KINDS
from errors import RecordError
from geo.adjacency import DEFAULT_MAX_GAP_M, Neighbourhood
from geo.crs import plan_zone, to_plane
from geo.measure import polsby_popper, span_m
from ui.loaded import LoadedPlan, View

__all__ = [
    "DEFAULT_GAP_M",
    "GROUP",
    "UNGROUPED",
    "Bounds",
    "barrier_settings",
    "blocked_within",
    "bounds_of",
    "cut_most",
    "figures_of",
    "free_names",
    "leaving",
    "measured_shapes",
    "members_of",
    "neighbourhood_within",
    "other_kinds",
    "overview",
    "pairs_within",
    "partial_totals",
    "pianqu_table",
]

Bounds = tuple[float, float, float, float]

DEFAULT_GAP_M = DEFAULT_MAX_GAP_M
# 柳州 五(一) lets a 片区 take in other kinds; they are told apart from the old compounds all the same.
OLD_COMPOUND = COMPOUND_KINDS[0]
# Stands for the uid of a 片区 where there is none: compounds that are in no 片区.
UNGROUPED = ""
# Label under which some compounds are added up as if they were one 片区.
GROUP = "所选"
NAME = "片区"
# A 片区 of a single hut is not shown at the scale of a doormat: about 60 m round it.
MARGIN_DEG = 0.0006


@dataclass(frozen=True)
class _Shapes:
    """Boundaries and a digest of them: the same digest, the same neighbours."""

    digest: str
    drawn: gpd.GeoSeries


@dataclass(frozen=True)
class _Barriers:
    """State of the layers that hold barriers, and what counts: the same, the same pairs are cut."""

    revisions: tuple[int, ...]
    settings: BarrierSettings


def pairs_within(loaded: LoadedPlan, view: View, gap_m: float) -> pd.DataFrame:
    """Neighbours among the drawn compounds that no barrier of the plan cuts off from each other.

    Kept by the content of the boundaries, so that grouping compounds or editing their figures does not
    measure anything anew.
    """
    return neighbourhood_within(loaded, view, gap_m).pairs


def blocked_within(loaded: LoadedPlan, view: View, gap_m: float) -> pd.DataFrame:
    """Pairs that would be neighbours if no barrier cut them: as of :func:`geo.adjacency.neighbourhood`."""
    return neighbourhood_within(loaded, view, gap_m).blocked


def neighbourhood_within(loaded: LoadedPlan, view: View, gap_m: float) -> Neighbourhood:
    """Neighbours, and the pairs that the barriers of the plan cut; kept by content."""
    shapes = loaded.kept(("shapes", view.revision), lambda: _shapes(view.frame))
    barriers = loaded.kept(("barriers", view.revision), lambda: _barriers(loaded, view))
    zone = view.settings.get("zone")
    return loaded.kept(
        ("neighbours", shapes.digest, gap_m, zone, barriers),
        lambda: neighbourhood_of(
            shapes.drawn,
            {name: loaded.plan.read(name) for name in BARRIER_LAYERS},
            barriers.settings,
            max_gap_m=gap_m,
            zone=zone,
        ),
    )


def cut_most(blocked: pd.DataFrame) -> pd.DataFrame:
    """Count the pairs that each barrier cuts: ``name`` (empty where it has none), ``kind``, ``pairs``, the most first.

    The pieces of one road are many features of one name and count together.
    """
    named = blocked.assign(name=blocked["name"].astype(object).fillna(""))
    counts = named.groupby(["name", "kind"]).size().rename("pairs").reset_index()
    return counts.sort_values(["pairs", "name"], ascending=[False, True], ignore_index=True)


def barrier_settings(view: View) -> BarrierSettings:
    """Return what counts as a barrier in the plan; as in a new plan if what is kept there can not be read."""
    try:
        return BarrierSettings.from_settings(view.settings)
    except RecordError:
        return BarrierSettings()


def _barriers(loaded: LoadedPlan, view: View) -> _Barriers:
    revisions = tuple(loaded.plan.layer_revision(name) for name in BARRIER_LAYERS)
    return _Barriers(revisions=revisions, settings=barrier_settings(view))


def _shapes(frame: gpd.GeoDataFrame) -> _Shapes:
    drawn = frame.geometry[frame.geometry.notna()]
    digest = hashlib.blake2b(digest_size=16)
    digest.update("\n".join(map(str, drawn.index)).encode())
    for shape in shapely.to_wkb(drawn.to_numpy()):
        digest.update(shape)
    return _Shapes(digest=digest.hexdigest(), drawn=drawn)


def pianqu_table(loaded: LoadedPlan, view: View, gap_m: float) -> pd.DataFrame:
    """Every 片区 with its totals, in the order of the names.

    Returns
    -------
    DataFrame
        Index uid. ``name``, ``color``, ``remarks``, the columns of :func:`data.pianqu.totals` (0 compounds
        for an empty 片区), ``parts`` counting only members with a boundary (missing if none has one),
        ``other_kinds``, the number of members that are no old compounds, ``locked``,
        ``locked_members``, ``span_m`` (largest distance between two points) and ``polsby_popper`` of the
        union of the members.
    """
    return loaded.kept(
        ("pianqu_table", view.revision, gap_m),
        lambda: _table(view, pairs_within(loaded, view, gap_m), _measures(loaded, view)),
    )


def _measures(loaded: LoadedPlan, view: View) -> pd.DataFrame:
    """Span and compactness of the 片区 by uid, measured anew only where a boundary has changed."""
    held: dict[tuple[str, int], tuple[float, float]] = loaded.kept(("pianqu_measures",), dict)
    versions = view.pianqu["version"]
    keys = [(str(uid), int(version)) for uid, version in versions.items()]
    fresh = [uid for uid, key in zip(versions.index, keys, strict=True) if key not in held]
    if fresh:
        measured = measured_shapes(view.pianqu.geometry.loc[fresh])
        for uid, row in zip(fresh, measured.itertuples(index=False), strict=True):
            held[str(uid), int(versions[uid])] = row
    return pd.DataFrame(
        [held[key] for key in keys], index=versions.index, columns=["span_m", "polsby_popper"]
    )


def measured_shapes(shapes: gpd.GeoSeries) -> pd.DataFrame:
    """``span_m`` and ``polsby_popper`` of boundaries in degrees; missing where there is none."""
    drawn = shapes[shapes.notna()]
    table = pd.DataFrame(
        {"span_m": float("nan"), "polsby_popper": float("nan")}, index=shapes.index
    )
    if len(drawn):
        plane = to_plane(drawn, plan_zone(drawn).epsg)
        table.loc[drawn.index, "span_m"] = span_m(plane)
        table.loc[drawn.index, "polsby_popper"] = polsby_popper(plane)
    return table


def _table(view: View, pairs: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    frame = view.frame
    found = _drawn_parts(totals(frame, pairs=pairs))
    keys = frame["pianqu_uid"]
    found["other_kinds"] = _is_other(frame).groupby(keys).sum()
    found["locked_members"] = frame["locked"].astype(bool).groupby(keys).sum()
    table = view.pianqu[["name", "color", "remarks", "locked"]].join(found).join(measures)
    counts = ["compounds", "without_boundary", "other_kinds", "locked_members"]
    table[counts] = table[counts].astype("Int64").fillna(0)
    by_number = table["name"].astype(str).str.replace(r"\d+", lambda n: n[0].zfill(9), regex=True)
    return table.loc[by_number.sort_values(kind="stable").index]


def figures_of(records: pd.DataFrame, pairs: pd.DataFrame | None = None) -> pd.Series:
    """Totals of some compounds as if they were one 片区; a row as of :func:`pianqu_table`."""
    one = records.assign(pianqu_uid=GROUP)
    found = _drawn_parts(totals(one, pairs=pairs))
    found["other_kinds"] = int(_is_other(records).sum())
    found["locked_members"] = int(records["locked"].astype(bool).sum())
    drawn = records.geometry.dropna() if isinstance(records, gpd.GeoDataFrame) else []
    if len(drawn):
        union = shapely.disjoint_subset_union_all(drawn.to_numpy())
        measured = measured_shapes(gpd.GeoSeries([union], index=[GROUP], crs=drawn.crs))
        found = found.join(measured)
    else:
        found[["span_m", "polsby_popper"]] = float("nan")
    return found.loc[GROUP]


def partial_totals(records: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Totals by 片区 of some compounds, ``parts`` counting only members with a boundary."""
    return _drawn_parts(totals(records, pairs=pairs))


def overview(view: View) -> pd.Series:
    """Totals of all compounds that are in no 片区; 0 of everything if there are none."""
    records = view.frame[view.frame["pianqu_uid"].isna()]
    if len(records):
        # Not as one 片区: what it would measure as a shape means nothing, and takes long.
        return totals(records.assign(pianqu_uid=GROUP)).loc[GROUP]
    return pd.Series({"compounds": 0, **dict.fromkeys(TOTALS, 0)})


def _drawn_parts(table: pd.DataFrame) -> pd.DataFrame:
    """Take off members without a boundary: they have no neighbours and were counted as parts."""
    parts = table["parts"] - table["without_boundary"]
    return table.assign(parts=parts.mask(parts < 1))


def members_of(view: View, uid: str) -> list[str]:
    """Members of a 片区, or the compounds in none for :data:`UNGROUPED`."""
    held = view.frame["pianqu_uid"]
    chosen = held.isna() if uid == UNGROUPED else held == uid
    return [str(member) for member in view.frame.index[chosen.to_numpy(bool, na_value=False)]]


def leaving(records: pd.DataFrame, names: dict[str, str], *, to: str | None = None) -> pd.Series:
    """Count which 片区 some compounds would leave, by name, if they went to the 片区 `to`."""
    held = records["pianqu_uid"].dropna()
    return held[held != to].map(names).value_counts(sort=False)


def other_kinds(records: pd.DataFrame) -> pd.Series:
    """Members that are no old compounds, counted by kind (旧城区, 棚户区, 城中村, 危旧房)."""
    return records.loc[_is_other(records), "kind"].value_counts()


def _is_other(records: pd.DataFrame) -> pd.Series:
    kinds = records["kind"].astype(object)
    return (kinds.notna() & (kinds != OLD_COMPOUND)).astype(bool)


def bounds_of(view: View, uids: Sequence[str]) -> Bounds | None:
    """West, south, east, north of some compounds with a margin; None if none has a boundary."""
    shapes = view.frame.geometry.loc[list(uids)].dropna()
    if not len(shapes):
        return None
    west, south, east, north = (float(side) for side in shapes.total_bounds)
    return west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG


def free_names(view: View, count: int) -> list[str]:
    """片区 1, 片区 2, … after the highest number that a 片区 has: a taken name would mean that 片区."""
    numbers = [
        int(found[1]) for name in view.pianqu["name"] if (found := re.search(r"(\d{1,9})$", name))
    ]
    first = max(numbers, default=0) + 1
    return [f"{NAME} {number}" for number in range(first, first + count)]
