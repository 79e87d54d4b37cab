"""Which compounds are served by which facilities, and where the gaps are: by kind, compound and 片区.

A compound is served by the nearest facility of a kind within the service radius, in a straight line or along roads.
What is not drawn is not there: a kind without a single facility says so, for missing data look like a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.spatial import KDTree

from data.facility_points import Demand, demand_points, facilities_of
from data.facility_reach import reach, walking_network
from errors import RecordError
from geo.road_network import RoadNetwork
from policy.facility_rules import FacilityKind, facility_rules

__all__ = ["Gaps", "gaps", "kinds_with_radius", "serving"]

Layers = Mapping[str, gpd.GeoDataFrame]
Progress = Callable[[float], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Gaps:
    """Who is served by what.

    Attributes
    ----------
    facilities : GeoDataFrame
        As of :func:`data.facility_points.facilities_of`.
    compounds : DataFrame
        One row for each compound with a boundary and kind: ``compound``, ``kind`` (id), ``title``, ``radius_m``,
        ``served``, ``facility`` (uid of the nearest within the radius, missing if none), ``facility_name``,
        ``distance_m`` (to it, as it was measured), ``nearest_m`` (straight to the nearest at all; NaN if there is
        none), ``households`` (NA: unknown), ``pianqu_uid``.
    kinds : DataFrame
        By id of the kind: ``title``, ``radius_m``, ``facilities``, ``households``, ``served``, ``unserved``
        (households of compounds that are known), ``compounds_unserved``, ``unknown`` (compounds of unknown
        households), ``share`` of households that is served (NaN if none is known), ``needed_m2`` (floor that the
        households ask for; NaN where no document says it).
    pianqu : DataFrame
        By 片区 and kind: the same figures.
    notes : tuple of str
        What the figures do not know.
    words : str
        How it was measured.
    """

    facilities: gpd.GeoDataFrame
    compounds: pd.DataFrame
    kinds: pd.DataFrame
    pianqu: pd.DataFrame
    notes: tuple[str, ...]
    words: str


def kinds_with_radius() -> tuple[FacilityKind, ...]:
    """Kinds that have a service radius."""
    return tuple(kind for kind in facility_rules().kinds.values() if kind.radius_m is not None)


def gaps(
    layers: Layers,
    *,
    kinds: Iterable[str] | None = None,
    radius_m: float | None = None,
    network: bool = False,
    zone: int | None = None,
    progress: Progress | None = None,
) -> Gaps:
    """Hold the households of a plan against its facilities.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        ``compounds``, any of ``facilities``, ``buildings`` and ``green``, and ``roads`` for `network`; EPSG:4490.
    kinds : iterable of str, optional
        Ids; by default all that have a service radius.
    radius_m : float, optional
        For all kinds, as 300, 500 or 1000 m of a living circle; by default each has its own.
    network : bool
        Along roads instead of in a straight line.
    zone : int, optional
        Zone that the plan is measured in.
    progress : callable, optional
        Called with the share done; what it raises ends the work.

    Returns
    -------
    Gaps

    Raises
    ------
    RecordError
        If a kind has no radius and none is given.
    GeometryError
        If distances along roads are asked for and there are none.

    Examples
    --------
    >>> import shapely
    >>> homes = gpd.GeoDataFrame(
    ...     {"name": ["甲", "乙"], "households": [100, 50], "pianqu_uid": [None, None]}, index=["a", "b"],
    ...     geometry=shapely.box([113, 113.02], 23, [113.001, 113.021], 23.001), crs="EPSG:4490")
    >>> one = gpd.GeoDataFrame({"kind": ["幼儿园"], "name": ["阳光"]}, index=["k"],
    ...     geometry=gpd.points_from_xy([113.001], [23.001]), crs="EPSG:4490")
    >>> found = gaps({"compounds": homes, "facilities": one}, kinds=["kindergarten"])
    >>> found.kinds.loc["kindergarten", ["served", "unserved"]].tolist()
    [100, 50]
    """
    asked = [facility_rules().kind(kind) for kind in kinds] if kinds else list(kinds_with_radius())
    without = [kind.title for kind in asked if (radius_m or kind.radius_m) is None]
    if without:
        raise RecordError("服务设施", [f"{'、'.join(without)}没有规定服务半径，请填写半径（米）。"])
    demand = demand_points(layers, zone=zone)
    there = facilities_of(layers, epsg=demand.epsg)
    ways = walking_network(layers.get("roads"), epsg=demand.epsg) if network else None
    tables = []
    for at, kind in enumerate(asked):
        radius = float(radius_m or kind.radius_m or 0)
        tables.append(_of_kind(kind, radius, demand, there, ways))
        if progress is not None:
            progress((at + 1) / len(asked))
    table = pd.concat(tables, ignore_index=True)
    return Gaps(
        facilities=there,
        compounds=table,
        kinds=_sums(table, ["kind"], there).reindex([kind.id for kind in asked]),
        pianqu=_sums(table[table["pianqu_uid"].notna()], ["pianqu_uid", "kind"], there),
        notes=_notes(demand, there, asked),
        words=f"{'沿道路' if network else '直线'}距离，"
        + (f"半径 {radius_m:g} 米" if radius_m else "半径按各类设施的服务半径"),
    )


def serving(
    within: sp.csr_array, households: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Nearest facility of each client and the distance to it.

    Parameters
    ----------
    within : csr_array, (facilities, clients)
        Distances in metres, nothing where it is too far.
    households : ndarray, (clients,)
        For the number of clients.

    Returns
    -------
    nearest : ndarray of int
        Positions of facilities, the first of equally near ones; -1 for none.
    distance_m : ndarray of float
        NaN for none.
    """
    table = within.tocoo()
    nearest = np.full(len(households), -1, dtype=np.int64)
    distance = np.full(len(households), np.nan)
    # Last is written what is nearest, and of that the first facility.
    order = np.lexsort((-table.row, -table.data))
    nearest[table.col[order]] = table.row[order]
    distance[table.col[order]] = table.data[order]
    return nearest, distance


def _of_kind(
    kind: FacilityKind,
    radius_m: float,
    demand: Demand,
    facilities: gpd.GeoDataFrame,
    ways: RoadNetwork | None,
) -> pd.DataFrame:
    mine = facilities[facilities["facility"] == kind.id].sort_index()
    xy = mine.get_coordinates().to_numpy()
    within = reach(demand.xy, xy, radius_m, network=ways)
    nearest, distance = serving(within, demand.households)
    served = nearest >= 0
    # Position -1, of nobody, is the last.
    uids = np.array([*mine.index, None], dtype=object)
    names = np.array([*mine["name"], None], dtype=object)
    return pd.DataFrame(
        {
            "compound": demand.table.index.astype(object),
            "kind": kind.id,
            "title": kind.title,
            "radius_m": radius_m,
            "served": served,
            "facility": uids[nearest],
            "facility_name": names[nearest],
            "distance_m": distance,
            "nearest_m": _nearest_m(demand.xy, xy),
            "households": demand.table["households"].to_numpy(),
            "pianqu_uid": demand.table["pianqu_uid"].to_numpy(dtype=object),
        }
    )


def _nearest_m(clients: NDArray[np.float64], facilities: NDArray[np.float64]) -> Any:
    found = np.full(len(clients), np.nan)
    sound = np.isfinite(clients).all(axis=1)
    there = facilities[np.isfinite(facilities).all(axis=1)]
    if len(there) and sound.any():
        found[sound] = KDTree(there).query(clients[sound])[0]
    return found


def _sums(table: pd.DataFrame, by: list[str], facilities: gpd.GeoDataFrame) -> pd.DataFrame:
    rows = table.assign(
        households=table["households"].fillna(0).astype("int64"),
        unknown=table["households"].isna().astype("int64"),
        compounds_unserved=(~table["served"]).astype("int64"),
    )
    rows["served_households"] = rows["households"].where(rows["served"], 0)
    groups = rows.groupby(by, sort=False)
    found = groups[["title", "radius_m"]].first()
    if by == ["kind"]:
        found["facilities"] = (
            facilities["facility"].value_counts().reindex(found.index).fillna(0).astype("int64")
        )
    sums = groups[["households", "served_households", "compounds_unserved", "unknown"]].sum()
    found["households"] = sums["households"]
    found["served"] = sums["served_households"]
    found["unserved"] = sums["households"] - sums["served_households"]
    found["compounds_unserved"] = sums["compounds_unserved"]
    found["unknown"] = sums["unknown"]
    found["share"] = sums["served_households"] / sums["households"].where(sums["households"] > 0)
    kinds = found.index.get_level_values("kind").map(facility_rules().kinds.get)
    asked = [np.nan if kind.demand is None else kind.demand.value / 100 for kind in kinds]
    found["needed_m2"] = sums["households"] * np.array(asked, dtype=float)
    return found


def _notes(
    demand: Demand,
    facilities: gpd.GeoDataFrame,
    asked: list[FacilityKind],
) -> tuple[str, ...]:
    notes = []
    missing = [kind.title for kind in asked if not (facilities["facility"] == kind.id).any()]
    if missing:
        notes.append(
            f"没有{'、'.join(missing)}的现状资料，这些设施按一处也没有计算；请先导入或补画“服务设施”。"
        )
    if demand.undrawn:
        notes.append(f"{len(demand.undrawn)} 个小区没有边界，没有计入。")
    unknown = int(demand.unknown.sum())
    if unknown:
        notes.append(f"{unknown} 个小区户数未知，没有计入户数。")
    return tuple(notes)
