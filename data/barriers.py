"""Barriers of a plan: which of its roads, waters and drawn lines cut neighbours off, and what leads across.

What counts is a setting of the plan, ``barriers``; the starting values are in `policy.barrier_rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.held_settings import FLAG, Check, held_values, real, some_of
from data.layer_rows import column, drawn, goes_over, goes_under, width_m
from geo.adjacency import DEFAULT_MAX_GAP_M, Neighbourhood, neighbourhood
from geo.crs import plan_zone, to_plane, zone_epsg
from policy.barrier_rules import BarrierRules, barrier_rules

__all__ = [
    "BARRIER_KINDS",
    "BARRIER_LAYERS",
    "BARRIER_SETTING",
    "ROAD_CLASSES",
    "BarrierSettings",
    "barriers_of",
    "neighbourhood_of",
]

# Key of the plan's settings, and the layers that hold barriers.
BARRIER_SETTING = "barriers"
BARRIER_LAYERS = ("roads", "water", "barriers")

BARRIER_KINDS: dict[str, str] = {kind.id: kind.title for kind in barrier_rules().kinds}
ROAD_CLASSES: dict[str, str] = {road.id: road.title for road in barrier_rules().roads}

_ANY_ZONE = 37

# A river is longer than wide; (half the outline)² / area of a strip six times as long as wide.
_STRIP = 8.0

Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class BarrierSettings:
    """What cuts neighbours off in a plan.

    Attributes
    ----------
    kinds : tuple of str
        Kinds that count, of :data:`BARRIER_KINDS`; none: nothing cuts.
    road_classes : tuple of str
        Classes that are main roads, of :data:`ROAD_CLASSES`.
    min_road_width_m : float
        From this width on a road of unknown class is a main road; a 次干路 known to be narrower is none.
    min_river_width_m : float
        From this width on a ditch, or water of unknown kind, is a river.
    openings : bool
        Footbridges, underpasses and gates let pairs through.
    opening_reach_m : float
        Farthest that both compounds may lie from one.
    """

    kinds: tuple[str, ...] = tuple(kind.id for kind in barrier_rules().kinds if kind.counts)
    road_classes: tuple[str, ...] = tuple(road.id for road in barrier_rules().roads if road.counts)
    min_road_width_m: float = barrier_rules().figures["min_road_width_m"].value
    min_river_width_m: float = barrier_rules().figures["min_river_width_m"].value
    openings: bool = True
    opening_reach_m: float = barrier_rules().figures["opening_reach_m"].value

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> BarrierSettings:
        """Read the setting of a plan; what is not there is as in a new plan.

        Raises
        ------
        RecordError
            If a value makes no sense; all of them are named.

        Examples
        --------
        >>> BarrierSettings.from_settings({"barriers": {"kinds": ["river"]}}).kinds
        ('river',)
        """
        known = held_values(
            settings, BARRIER_SETTING, _checks(), what="阻隔设置", page="相邻与阻隔"
        )
        return cls(**{name: _as_held(value) for name, value in known.items()})

    def to_settings(self) -> dict[str, Any]:
        """Give the setting as it is kept in the plan, ready for JSON."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @property
    def words(self) -> str:
        """The settings in a few words, as proposals and the history carry them.

        Examples
        --------
        >>> BarrierSettings().words
        '阻隔：主干道（快速路、主干路、次干路，或宽 20 米以上）、河流、铁路、其他阻隔；天桥等 50 米内可通'
        """
        told = [title for kind, title in BARRIER_KINDS.items() if kind in self.kinds]
        if not told:
            return "不计阻隔"
        roads = "、".join(
            title for road, title in ROAD_CLASSES.items() if road in self.road_classes
        )
        main = f"主干道（{roads + '，或' if roads else ''}宽 {self.min_road_width_m:g} 米以上）"
        listed = "、".join(main if title == BARRIER_KINDS["main_road"] else title for title in told)
        through = f"天桥等 {self.opening_reach_m:g} 米内可通" if self.openings else "不计天桥等通道"
        return f"阻隔：{listed}；{through}"


def barriers_of(
    layers: Mapping[str, gpd.GeoDataFrame], settings: BarrierSettings, *, epsg: int
) -> tuple[gpd.GeoDataFrame, gpd.GeoSeries]:
    """Pick barriers and openings from the layers of a plan.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        Any of ``roads``, ``water`` and ``barriers``, EPSG:4490, with ``kind``, ``name``, ``width_m`` and
        ``extra`` as of the schema; a column that is not there is unknown.
    settings : BarrierSettings
        What counts.
    epsg : int
        Plane in which the plan is measured.

    Returns
    -------
    barriers : GeoDataFrame
        By uid: ``kind`` (of :data:`BARRIER_KINDS`), ``name`` (missing where it has none), ``layer``, lines and
        polygons in `epsg`.
    openings : GeoSeries
        Points and lines in `epsg`; empty if the settings leave them out.
    """
    found = [
        _picked(layers[layer], layer, settings, epsg=epsg)
        for layer in BARRIER_LAYERS
        if layer in layers and len(layers[layer])
    ]
    barriers = [one.barriers for one in found if len(one.barriers)]
    openings = [one.openings for one in found if len(one.openings) and settings.openings]
    nothing = gpd.GeoDataFrame({"kind": [], "name": [], "layer": []}, geometry=[], crs=epsg)
    return (
        gpd.GeoDataFrame(pd.concat(barriers), crs=epsg) if barriers else nothing,
        gpd.GeoSeries(pd.concat(openings), crs=epsg) if openings else gpd.GeoSeries([], crs=epsg),
    )


def neighbourhood_of(
    compounds: gpd.GeoSeries,
    layers: Mapping[str, gpd.GeoDataFrame],
    settings: BarrierSettings,
    *,
    max_gap_m: float = DEFAULT_MAX_GAP_M,
    zone: int | None = None,
) -> Neighbourhood:
    """Neighbours among the compounds of a plan, and the pairs that its barriers cut.

    Parameters
    ----------
    compounds : GeoSeries
        Boundaries by uid, EPSG:4490; missing ones have no neighbours.
    layers, settings : as for :func:`barriers_of`
    max_gap_m : float
        Largest gap.
    zone : int, optional
        Zone that the plan is measured in; by default that of its middle.
    """
    outlines = compounds[~(compounds.isna() | compounds.is_empty)]
    if not len(outlines):
        # Nothing to choose a zone by and nothing to measure.
        return neighbourhood(gpd.GeoSeries([], crs=zone_epsg(_ANY_ZONE)), max_gap_m=max_gap_m)
    epsg = plan_zone(outlines).epsg if zone is None else zone_epsg(int(zone))
    barriers, openings = barriers_of(layers, settings, epsg=epsg)
    return neighbourhood(
        to_plane(outlines, epsg),
        max_gap_m=max_gap_m,
        barriers=barriers,
        openings=openings,
        opening_reach_m=settings.opening_reach_m,
    )


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Rows of a layer as their kinds are told from."""

    called: NDArray[np.object_]
    width_m: NDArray[np.float64]
    over: Flags
    under: Flags
    dimension: NDArray[np.int_]
    shapes: gpd.GeoSeries

    def are(self, *names: str | None) -> Flags:
        return np.asarray(pd.Series(self.called).isin(names), dtype=bool)


@dataclass(frozen=True, kw_only=True)
class _Picked:
    barriers: gpd.GeoDataFrame
    openings: gpd.GeoSeries


def _picked(
    frame: gpd.GeoDataFrame, layer: str, settings: BarrierSettings, *, epsg: int
) -> _Picked:
    rows = drawn(frame)
    kinds, opens = _PICK[layer](_rows(rows, barrier_rules(), epsg), settings)
    counts = pd.Series(kinds).isin(settings.kinds).to_numpy()
    barriers = gpd.GeoDataFrame(
        {"kind": kinds[counts], "name": column(rows, "name")[counts], "layer": layer},
        geometry=to_plane(rows.geometry[counts], epsg),
    )
    return _Picked(barriers=barriers, openings=to_plane(rows.geometry[opens], epsg))


_Pick = Callable[[_Rows, BarrierSettings], tuple[NDArray[np.object_], Flags]]


def _rows(rows: gpd.GeoDataFrame, rules: BarrierRules, epsg: int) -> _Rows:
    kinds = column(rows, "kind")
    said = {kind: rules.called(kind) for kind in kinds.dropna().unique()}
    called = np.array([said.get(kind) for kind in kinds], dtype=object)
    return _Rows(
        called=called,
        width_m=width_m(rows),
        over=goes_over(rows),
        under=goes_under(rows),
        dimension=shapely.get_dimensions(rows.geometry.to_numpy()),
        shapes=to_plane(rows.geometry, epsg),
    )


def _of_roads(rows: _Rows, settings: BarrierSettings) -> tuple[NDArray[np.object_], Flags]:
    """Tell main roads by class, by width where the class is unknown; tunnels cut nothing."""
    by_width = [road.id for road in barrier_rules().roads if road.by_width]
    narrow = rows.width_m < settings.min_road_width_m
    main = rows.are(*settings.road_classes) & ~(rows.are(*by_width) & narrow)
    main |= rows.are(None, "other") & (rows.width_m >= settings.min_road_width_m)
    railway = rows.are("railway")
    kinds = np.select([main & ~rows.under, railway & ~rows.under], ["main_road", "railway"], "")
    # A lesser road that goes over or under something leads across it.
    crosses = (rows.over | rows.under) & ~main & ~railway & ~rows.are("none")
    return kinds.astype(object), (rows.are("opening") | crosses) & (rows.dimension < 2)


def _of_water(rows: _Rows, settings: BarrierSettings) -> tuple[NDArray[np.object_], Flags]:
    """Rivers by kind; ditches and water of unknown kind by width; ponds and culverts are none."""
    area, line = rows.dimension == 2, rows.dimension == 1
    half = shapely.length(rows.shapes.to_numpy()) / 2
    ground = np.maximum(shapely.area(rows.shapes.to_numpy()), 1e-9)
    strip = area & (half**2 / ground >= _STRIP)
    # Of a long strip the width is its area by its length.
    width = np.where(area & np.isnan(rows.width_m), ground / np.maximum(half, 1e-9), rows.width_m)
    wide = width >= settings.min_river_width_m
    unknown = ~rows.are("river", "stream", "still", "none", "opening")
    river = rows.are("river") | (rows.are("stream") & wide) | (unknown & strip & wide)
    # Who draws a line without a word into this layer means a river.
    river |= unknown & line & ~(width < settings.min_river_width_m)
    return np.where(river & ~rows.under, "river", "").astype(object), rows.are("opening")


def _of_barriers(rows: _Rows, settings: BarrierSettings) -> tuple[NDArray[np.object_], Flags]:
    """Tell what planners draw by its kind, if that is known, else it is 其他阻隔; passages open."""
    roads, _ = _of_roads(rows, settings)
    solid = (rows.dimension >= 1) & ~rows.under
    plain = ~rows.are(*ROAD_CLASSES, "opening", "none", "railway", "river", "stream", "wall")
    kinds = np.select(
        [rows.are("river", "stream") & solid, rows.are("wall") & solid, plain & solid],
        ["river", "wall", "other"],
        roads.astype(str),
    )
    return kinds.astype(object), rows.are("opening") | (plain & rows.over)


_PICK: dict[str, _Pick] = {"roads": _of_roads, "water": _of_water, "barriers": _of_barriers}


def _checks() -> dict[str, Check]:
    """Say what each plain value has to be."""
    return {
        "kinds": some_of(BARRIER_KINDS),
        "road_classes": some_of(ROAD_CLASSES),
        "min_road_width_m": real(0),
        "min_river_width_m": real(0),
        "openings": FLAG,
        "opening_reach_m": real(0),
    }


def _as_held(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(value)
    return value if isinstance(value, bool) else float(value)
