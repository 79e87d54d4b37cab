"""Choice of sites for a service facility: who is not served, where it could stand, which places serve most.

What exists serves first, saved sites of the kind included; only households that are left are chosen for. Every
proposal says how good it is known to be, and of each compound that stays without a facility why.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse as sp
import shapely
from numpy.typing import NDArray

from data.facility_gaps import serving
from data.facility_points import Demand, Layers, demand_points, facilities_of, inner_points
from data.facility_reach import reach, walking_network
from data.ground_settings import GroundSettings
from data.layer_rows import column, drawn
from data.site_candidates import site_candidates
from data.site_proposal import Origin, SiteProposal, served_table, site_table
from data.site_settings import AIMS, SOURCES, SiteSettings
from geo.crs import to_plane
from geo.road_network import RoadNetwork
from geo.siting import Choice, cover_all, cover_most, median

__all__ = [
    "AIMS",
    "SITE_LAYERS",
    "SOURCES",
    "Origin",
    "SiteProposal",
    "SiteSettings",
    "choose_sites",
]

Progress = Callable[[float], None]
Flags = NDArray[np.bool_]

# What a choice rests on.
SITE_LAYERS = (
    "compounds",
    "buildings",
    "roads",
    "green",
    "water",
    "parking",
    "facilities",
    "sites",
)
# Shares of the work: ground and candidates, the choice itself.
_LOOKED, _REACHED = 0.7, 0.75
# Of sites that may be full, the last per cent of the proof takes minutes and hardly changes the choice.
_FULL_EFFORT = 0.02


def choose_sites(
    layers: Layers,
    settings: SiteSettings,
    *,
    ground_settings: GroundSettings | None = None,
    zone: int | None = None,
    origin: Origin | None = None,
    progress: Progress | None = None,
) -> SiteProposal:
    """Choose sites for a kind of facility.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        Layers of the plan, EPSG:4490: ``compounds`` and of :data:`SITE_LAYERS` those that there are.
    settings : SiteSettings
    ground_settings : GroundSettings, optional
        What is taken off the ground; by default as in a new plan.
    zone : int, optional
        Zone that the plan is measured in.
    origin : Origin, optional
        State of the plan, for whoever saves the proposal.
    progress : callable, optional
        Called with the share done, 0 to 1; what it raises ends the work.

    Returns
    -------
    SiteProposal
        Without sites where nothing is lacking or nothing fits; its notes say which.

    Raises
    ------
    GeometryError
        If distances along roads are asked for and there are none.
    """
    tell = progress or (lambda _share: None)
    demand = demand_points(layers, zone=zone)
    ways = walking_network(layers.get("roads"), epsg=demand.epsg) if settings.network else None
    before = _served_now(layers, demand, settings, ways)
    lacking = ~before["served"].to_numpy(bool) & _wants(demand)
    candidates = site_candidates(
        layers,
        settings,
        epsg=demand.epsg,
        ground_settings=ground_settings,
        uids=_near(layers, demand, lacking, settings),
        progress=lambda share: tell(_LOOKED * share),
    )
    table = candidates.table
    if settings.clear_only:
        table = table[~table["opinion"]].reset_index(drop=True)
    within = reach(
        demand.xy[lacking],
        inner_points(table.geometry),
        settings.reach_m,
        network=ways,
    )
    tell(_REACHED)
    # What reaches nobody, or nobody else than a better place does, only slows the choice.
    useful = _useful(within, table, alike=settings.aim != "median")
    weights, by_compounds = _weights(demand, lacking, settings)
    choice = _chosen(
        sp.csr_array(within[useful]),
        weights,
        settings,
        progress=lambda share: tell(_REACHED + (1 - _REACHED) * share),
    )
    sites = site_table(table.iloc[useful[choice.sites]], choice, demand, lacking)
    reached = np.isin(np.arange(within.shape[1]), within.indices)
    served = served_table(demand, before, lacking, choice, reached)
    tell(1.0)
    notes = [*candidates.notes, *_unknown(demand, by_compounds=by_compounds)]
    notes += _lacking(before, served, len(table), settings)
    return SiteProposal(
        settings=settings,
        sites=sites,
        compounds=served,
        candidates=table,
        optimal=choice.optimal,
        gap=choice.gap,
        proof=choice.proof,
        objective=choice.objective,
        bound=choice.bound,
        by_compounds=by_compounds,
        notes=tuple(notes),
        origin=origin,
        epsg=demand.epsg,
    )


def _served_now(
    layers: Layers, demand: Demand, settings: SiteSettings, ways: RoadNetwork | None
) -> pd.DataFrame:
    """Tell who is served by what is there or already decided on, by compound."""
    mine = _there(layers, demand, settings)
    within = reach(demand.xy, mine["xy"], settings.reach_m, network=ways)
    nearest, distance = serving(within, demand.households)
    uids = np.array([*mine["uids"], None], dtype=object)
    return pd.DataFrame(
        {
            "served": nearest >= 0,
            "by": uids[nearest],
            "planned": (nearest >= mine["existing"]),
            "distance_m": distance,
        },
        index=demand.table.index,
    )


def _there(layers: Layers, demand: Demand, settings: SiteSettings) -> dict[str, Any]:
    """Existing facilities of the kind, then its saved sites."""
    if not settings.existing:
        return {"uids": [], "xy": np.empty((0, 2)), "existing": 0}
    found = facilities_of(layers, epsg=demand.epsg)
    existing = found[found["facility"] == settings.facility].sort_index()
    uids = list(existing.index)
    xy = existing.get_coordinates().to_numpy()
    saved = drawn(layers["sites"]) if len(layers.get("sites", ())) else None
    if saved is not None:
        saved = saved[column(saved, "kind") == settings.kind.title].sort_index()
        xy = np.vstack((xy, inner_points(to_plane(saved.geometry, demand.epsg))))
        uids += list(saved.index)
    return {"uids": uids, "xy": xy, "existing": len(existing)}


def _wants(demand: Demand) -> Flags:
    """Compounds in which somebody lives, as far as is known."""
    return demand.unknown | (demand.households > 0)


def _near(layers: Layers, demand: Demand, lacking: Flags, settings: SiteSettings) -> list[str]:
    """Compounds from which somebody who lacks the facility can be reached at all."""
    if not lacking.any():
        return []
    shapes = to_plane(drawn(layers["compounds"]).geometry, demand.epsg)
    homes = shapely.STRtree(shapely.points(demand.xy[lacking]))
    near, _ = homes.query(shapes.to_numpy(), predicate="dwithin", distance=settings.reach_m)
    return [str(uid) for uid in shapes.index[np.unique(near)]]


def _useful(within: sp.csr_array, table: gpd.GeoDataFrame, *, alike: bool) -> NDArray[np.int64]:
    """Positions of the candidates worth a choice: of several that reach the same homes one is enough.

    Kept is what needs no public opinion, then the place with most room around it.
    """
    some = np.flatnonzero(np.diff(within.indptr) > 0)
    if not alike or not len(some):
        return some
    room = table["piece_m2"].fillna(0).round(1).to_numpy(float)
    order = some[np.lexsort((some, -room[some], table["opinion"].to_numpy(bool)[some]))]
    within.sort_indices()
    first: dict[bytes, int] = {}
    for at in order:
        homes = within.indices[within.indptr[at] : within.indptr[at + 1]]
        first.setdefault(homes.tobytes(), int(at))
    return np.array(sorted(first.values()), dtype=np.int64)


def _weights(
    demand: Demand, lacking: Flags, settings: SiteSettings
) -> tuple[NDArray[np.float64], bool]:
    """Say what each lacking compound counts, and whether compounds are counted for want of households."""
    households = demand.households[lacking]
    if settings.aim == "all":
        return np.ones(len(households)), False
    if demand.unknown[lacking].all():
        return np.ones(len(households)), True
    return households, False


def _chosen(
    within: sp.csr_array,
    weights: NDArray[np.float64],
    settings: SiteSettings,
    *,
    progress: Progress,
) -> Choice:
    if settings.aim == "all":
        return cover_all(within, weights=weights, seed=settings.seed, progress=progress)
    count = int(settings.count or 0)
    if settings.aim == "most":
        return cover_most(
            within, weights=weights, count=count, seed=settings.seed, progress=progress
        )
    capacity = settings.capacity_households
    return median(
        within,
        weights=weights,
        count=count,
        capacity=None if capacity is None else np.full(within.shape[0], float(capacity)),
        penalty_m=2 * settings.reach_m,
        seed=settings.seed,
        effort=1.0 if capacity is None else _FULL_EFFORT,
        progress=progress,
    )


def _unknown(demand: Demand, *, by_compounds: bool) -> list[str]:
    """Say what of the compounds is not known."""
    known = [
        (len(demand.undrawn), "个小区没有边界，没有计入。"),
        (int(demand.unknown.sum()), "个小区户数未知，没有计入户数。"),
    ]
    notes = [f"{count} {text}" for count, text in known if count]
    return [*notes, "要服务的小区户数都未知，按小区个数选择。"] if by_compounds else notes


def _lacking(
    before: pd.DataFrame, served: pd.DataFrame, candidates: int, settings: SiteSettings
) -> list[str]:
    """Say what is lacking of facilities and of ground, and who stays without."""
    title = settings.kind.title
    notes = []
    if settings.existing and not before["served"].any():
        notes.append(f"没有现有的{title}服务到这些小区；现状资料不全的，请先导入或补画“服务设施”。")
    if before["served"].all():
        notes.append(f"全部小区已有{title}服务，不需要新的选址。")
    elif not candidates:
        notes.append(f"没有放得下{title}的场地：可减小占地面积，或补画空置地块、闲置用房。")
    left = served["reason"].value_counts().sort_index()
    return [*notes, *(f"{count} 个小区没有服务到：{reason}" for reason, count in left.items())]
