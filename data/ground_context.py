"""What lies on and beside the compounds of a plan, read from its layers: houses, roads, green, water and the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.ground_doorways import Doorways
from data.ground_joining import outer_edges
from data.ground_roads import RoadGround, road_ground
from data.ground_settings import GroundSettings
from data.layer_rows import column, drawn, goes_under, width_m
from geo.crs import to_plane
from geo.ground import Deduction
from geo.repair import repair
from geo.roadside import roadside_strips
from geo.stacking import areas_only, joined_by
from policy.ground_rules import ground_rules
from policy.parking_rules import parking_rules

__all__ = ["CONTEXT_LAYERS", "Context", "Purpose", "context_of", "deductions_of"]

Purpose = Literal["capacity", "proposal"]
Flags = NDArray[np.bool_]
Positions = NDArray[np.intp]
Shapes = NDArray[np.object_]

CONTEXT_LAYERS = ("buildings", "roads", "green", "water", "parking", "facilities", "sites")

# Cars beside each other in the direction of the road, at their widest.
_STRIP = max(
    (one for preset in parking_rules().presets for one in preset.arrangements if not one.angle_deg),
    key=lambda one: one.depth_wall_m,
)
# Along a road that passes outside, no distance is kept: stalls and gates open onto it.
_OPEN_TO_ROAD_M = 0.3


@dataclass(frozen=True, kw_only=True, eq=False)
class Context:
    """Valid areas near the compounds, in metres.

    Attributes
    ----------
    buildings : ndarray of geometry
    building_names : ndarray of object
        Their names, anything where they have none.
    roads : RoadGround
    green, kept : ndarray of geometry
        All green that is drawn, and what of it stays.
    water, parking, facilities : ndarray of geometry
        Parking is what stays; facilities are those that are there and those that sites are chosen for.
    vacant, paved : ndarray of geometry
        Parcels that stand free; ground known to be hard that may be used.
    """

    buildings: Shapes
    building_names: NDArray[np.object_]
    roads: RoadGround
    green: Shapes
    kept: Shapes
    water: Shapes
    parking: Shapes
    facilities: Shapes
    vacant: Shapes
    paved: Shapes


@dataclass(frozen=True, kw_only=True)
class _Areas:
    kinds: NDArray[np.object_]
    names: NDArray[np.object_]
    shapes: Shapes

    def are(self, rule: Callable[[object], bool]) -> Flags:
        """Ask a rule about each kind; it is asked once about each word."""
        said = {kind: rule(kind) for kind in set(self.kinds)}
        return np.array([said[kind] for kind in self.kinds], dtype=bool)


def context_of(
    layers: Mapping[str, gpd.GeoDataFrame],
    outlines: Shapes,
    near: Shapes,
    settings: GroundSettings,
    *,
    epsg: int,
) -> Context:
    """Read the layers.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        EPSG:4490; any of `CONTEXT_LAYERS`.
    outlines : ndarray of geometry
        All compounds of the plan, valid, in `epsg`.
    near : ndarray of geometry
        Areas in `epsg`: what meets none of them is left out.
    settings : GroundSettings
    epsg : int
        Plane of the result.
    """
    beside = {name: _beside(layers.get(name), near, epsg) for name in CONTEXT_LAYERS}
    rules = ground_rules()
    green, sites = _areas(beside["green"], epsg), _areas(beside["sites"], epsg)
    fallow, free = green.are(rules.is_vacant), sites.are(rules.is_vacant)
    hard = sites.are(rules.is_paved) & ~free
    parking = _areas(beside["parking"], epsg).shapes
    stays = settings.parking_stays
    roads = road_ground(beside["roads"], outlines, settings, epsg=epsg)
    facilities = [_areas(beside["facilities"], epsg).shapes, sites.shapes[~free & ~hard]]
    paved = [
        roads.paved.to_numpy(),
        green.shapes[green.are(rules.is_paved)],
        sites.shapes[hard],
        parking[: 0 if stays else None],
    ]
    houses = _areas(beside["buildings"], epsg)
    context = Context(
        buildings=houses.shapes,
        building_names=houses.names,
        roads=roads,
        green=green.shapes[~fallow],
        kept=green.shapes[~fallow & _stays(green, settings)],
        water=_water(beside["water"], settings, epsg),
        parking=parking[: None if stays else 0],
        facilities=np.concatenate(facilities),
        vacant=np.concatenate([green.shapes[fallow], sites.shapes[free]]),
        paved=np.concatenate(paved),
    )
    return _with_roadside(context, outlines, settings) if settings.roadside else context


def deductions_of(
    context: Context,
    outlines: Shapes,
    group: Positions,
    settings: GroundSettings,
    *,
    doorways: Doorways | None,
    epsg: int,
) -> list[Deduction]:
    """Name what is taken off, in order.

    Parameters
    ----------
    context : Context
    outlines : ndarray of geometry
        The compounds that are measured.
    group : ndarray of int
        The same for compounds without a wall between them.
    settings : GroundSettings
    doorways : Doorways or None
        Paths that are kept, and distances to the wall with them; None for what would fit at most.
    epsg : int
        Plane of all of them.
    """
    roads = context.roads
    ways, streets = roads.ways.to_numpy(), roads.streets.to_numpy()
    taken: dict[str, list[Shapes]] = {
        "buildings": [context.buildings],
        "setback": [_around(context.buildings, settings.setback_m)],
        "fire_lane": [ways[roads.fire]],
        "carriageway": [ways[~roads.fire], streets],
        "paths": [_paths(context, doorways)] if doorways else [],
        "green": [_around(context.kept, settings.green_setback_m)],
        "water": [_around(context.water, settings.water_setback_m)],
        "parking": [context.parking],
        "facilities": [context.facilities],
        "boundary": [_boundary(context, outlines, group, settings)] if doorways else [],
    }
    return [
        Deduction(
            kind=rule.id,
            shapes=gpd.GeoSeries(
                np.concatenate([np.array([], dtype=object), *taken[rule.id]]), crs=epsg
            ),
        )
        for rule in ground_rules().deductions
    ]


def _with_roadside(context: Context, outlines: Shapes, settings: GroundSettings) -> Context:
    """Let ways inside that are wide enough give a strip to stalls; what stays of them is clear."""
    roads = context.roads
    ways = roads.ways.to_numpy()
    taken = [
        _around(context.buildings, settings.setback_m),
        _around(context.kept, settings.green_setback_m),
        _around(context.water, settings.water_setback_m),
        context.parking,
        context.facilities,
    ]
    strips = roadside_strips(
        roads.lines,
        # What is only assumed to be wide gives nothing away.
        pd.Series(np.where(roads.known, roads.width_m, np.nan)),
        strip_m=_STRIP.depth_wall_m,
        clear_m=max(settings.fire_lane_m, _STRIP.aisle_m),
        least_m=_STRIP.pitch_m,
        within=outlines,
        roads=np.concatenate([ways, roads.streets.to_numpy()]),
        keep_off=np.concatenate(taken),
    ).to_numpy()
    # Of two ways that lie over each other neither keeps what the other gives.
    row, strip = shapely.STRtree(strips).query(ways, predicate="intersects")
    left = areas_only(shapely.difference(ways, joined_by(strips[strip], row, len(ways))))
    narrowed = roads.width_m - np.where(shapely.is_empty(strips), 0.0, _STRIP.depth_wall_m)
    changed = replace(roads, ways=gpd.GeoSeries(left, crs=roads.ways.crs), width_m=narrowed)
    return replace(context, roads=changed)


def _beside(frame: gpd.GeoDataFrame | None, near: Shapes, epsg: int) -> gpd.GeoDataFrame | None:
    """Rows of a layer near the compounds, still in degrees; None where there is none."""
    if frame is None or not len(frame):
        return None
    rows = drawn(frame)
    tree = shapely.STRtree(to_plane(rows.geometry, epsg).to_numpy())
    found = np.unique(tree.query(near)[1])
    return rows.iloc[found] if len(found) else None


def _areas(frame: gpd.GeoDataFrame | None, epsg: int) -> _Areas:
    """Pick the areas of a layer, repaired, with their kinds."""
    if frame is None:
        nothing = np.array([], dtype=object)
        return _Areas(kinds=nothing, names=nothing, shapes=nothing)
    mended, _ = repair(to_plane(frame.geometry, epsg))
    there = mended.notna().to_numpy()
    kinds = column(frame, "kind").to_numpy(dtype=object)[there]
    told = np.array([kind if isinstance(kind, str) else None for kind in kinds], dtype=object)
    names = column(frame, "name").to_numpy(dtype=object)[there]
    return _Areas(kinds=told, names=names, shapes=mended.to_numpy()[there])


def _stays(green: _Areas, settings: GroundSettings) -> Flags:
    if settings.green == "kept":
        return ~green.are(ground_rules().green_may_go)
    return np.full(len(green.shapes), settings.green == "all")


def _water(frame: gpd.GeoDataFrame | None, settings: GroundSettings, epsg: int) -> Shapes:
    """Areas of water, and lines as wide as they are said to be; what runs under the ground is none."""
    if frame is None:
        return np.array([], dtype=object)
    above = frame[~goes_under(frame)]
    wide = width_m(above)
    lines = (above.geometry.geom_type.str.contains("Line")).to_numpy(bool)
    half = np.where(np.isfinite(wide) & (wide > 0), wide, settings.water_line_m)[lines] / 2
    courses = to_plane(above.geometry[lines], epsg).to_numpy()
    return np.concatenate(
        [_areas(above[~lines], epsg).shapes, shapely.buffer(courses, half, cap_style="flat")]
    )


def _around(shapes: Shapes, margin_m: float) -> Shapes:
    """Grow areas by sharp corners, which keep at least the distance and add no short edges."""
    if margin_m <= 0:
        return shapes
    return np.asarray(
        shapely.buffer(shapes, margin_m, join_style="mitre", mitre_limit=2.0), dtype=object
    )


def _paths(context: Context, doorways: Doorways) -> Shapes:
    """Give ways for feet that are drawn, and a path from each house; not where nobody may park anyway."""
    paths = np.concatenate([context.roads.foot.to_numpy(), doorways.paths])
    free = np.concatenate([context.kept, context.water, context.facilities])
    row, other = shapely.STRtree(free).query(paths, predicate="intersects")
    left: Shapes = shapely.difference(paths, joined_by(free[other], row, len(paths)))
    return left


def _boundary(
    context: Context, outlines: Shapes, group: Positions, settings: GroundSettings
) -> Shapes:
    """Take strips along the wall, but not where a road runs along outside."""
    depth_m = settings.boundary_setback_m
    edges = outer_edges(outlines, group, depth_m=depth_m)
    roads = np.concatenate([context.roads.ways.to_numpy(), context.roads.streets.to_numpy()])
    beside = _around(roads, depth_m + _OPEN_TO_ROAD_M)
    row, road = shapely.STRtree(beside).query(edges, predicate="intersects")
    open_to: Shapes = joined_by(beside[road], row, len(edges))
    strips: Shapes = shapely.difference(edges, open_to)
    return strips
