"""Roads of a plan as ground: what may serve as an aisle, what is only a way in, what is for feet."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.ground_settings import GroundSettings
from data.layer_rows import column, drawn, goes_under, width_m
from geo.carriageways import carriageways
from geo.crs import to_plane
from geo.stacking import joined_by
from policy.ground_rules import ground_rules

__all__ = ["RoadGround", "road_ground"]

# Of a strip the width is about twice its area by its outline.
_WIDTH_OF_AREA = 2.0

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, kw_only=True, eq=False)
class RoadGround:
    """Ground under the roads, row by row.

    Attributes
    ----------
    ways : GeoSeries
        Areas that cars drive on and that may serve as an aisle.
    lines : GeoSeries
        Middles of the ways; areas where they are drawn as such.
    width_m : ndarray of float
        Clear width of each way.
    known : ndarray of bool
        Ways whose width is their own, not that of their class.
    fire : ndarray of bool
        Ways that are fire lanes.
    streets : GeoSeries
        Public streets: a way in, never an aisle.
    foot : GeoSeries
        Ways for feet.
    paved : GeoSeries
        Areas in this layer that are squares and hard standing, not roads.
    """

    ways: gpd.GeoSeries
    lines: gpd.GeoSeries
    width_m: Floats
    known: Flags
    fire: Flags
    streets: gpd.GeoSeries
    foot: gpd.GeoSeries
    paved: gpd.GeoSeries


@dataclass(frozen=True, kw_only=True)
class _Rows:
    kind: NDArray[np.object_]
    width_m: Floats
    known: Flags
    shapes: Shapes

    def __getitem__(self, rows: NDArray[np.generic]) -> _Rows:
        return _Rows(
            kind=self.kind[rows],
            width_m=self.width_m[rows],
            known=self.known[rows],
            shapes=self.shapes[rows],
        )


def road_ground(
    roads: gpd.GeoDataFrame | None, outlines: Shapes, settings: GroundSettings, *, epsg: int
) -> RoadGround:
    """Tell roads apart and widen those that are lines.

    Parameters
    ----------
    roads : GeoDataFrame or None
        Layer of the plan, EPSG:4490.
    outlines : ndarray of geometry
        All compounds in `epsg`: a 支路 is a street outside of them and a way inside.
    settings : GroundSettings
    epsg : int
        Plane of the result.
    """
    if roads is None or not len(rows := drawn(roads)):
        nothing = gpd.GeoSeries([], crs=epsg)
        return RoadGround(
            ways=nothing,
            lines=nothing,
            width_m=np.array([]),
            known=np.array([], dtype=bool),
            fire=np.array([], dtype=bool),
            streets=nothing,
            foot=nothing,
            paved=nothing,
        )
    told, paved = _told(rows, settings, epsg)
    told, street = _split(told, outlines)
    ground = carriageways(gpd.GeoSeries(told.shapes, crs=epsg), pd.Series(told.width_m))
    foot = told.kind == "foot"
    # Streets may lie over ways and ways over paths at crossings; whoever asks joins them.
    way = ~foot & ~street & ~shapely.is_empty(ground.to_numpy())
    clear = _clear_width(told, ground.to_numpy())
    fire = told.kind == "fire"
    if settings.fire_lanes_inside:
        fire |= clear >= settings.fire_lane_m - 1e-9
    return RoadGround(
        ways=ground[way].reset_index(drop=True),
        lines=gpd.GeoSeries(told.shapes[way], crs=epsg),
        width_m=clear[way],
        known=told.known[way],
        fire=fire[way],
        streets=ground[street].reset_index(drop=True),
        foot=ground[foot].reset_index(drop=True),
        paved=gpd.GeoSeries(paved, crs=epsg),
    )


def _told(rows: gpd.GeoDataFrame, settings: GroundSettings, epsg: int) -> tuple[_Rows, Shapes]:
    """Rows on the ground with class and width; and the areas that are squares."""
    rules = ground_rules()
    kinds = column(rows, "kind")
    classes = {kind: rules.road(kind).id for kind in kinds.dropna().unique()}
    kind = np.array([classes.get(one, "unknown") for one in kinds], dtype=object)
    own = width_m(rows)
    by_class = pd.Series(kind).map(dict(settings.road_widths_m)).to_numpy(float)
    known = np.isfinite(own) & (own > 0)
    width = np.where(known, own, by_class)
    # A fire lane that is drawn narrower is to be cleared to what the code asks for.
    width = np.where(kind == "fire", np.maximum(width, settings.fire_lane_m), width)
    shapes = shapely.force_2d(to_plane(rows.geometry, epsg).to_numpy())
    areal = shapely.get_dimensions(shapes) == 2
    hard = {one: rules.is_paved(one) for one in kinds.dropna().unique()}
    square = areal & np.array([hard.get(one, False) for one in kinds], dtype=bool)
    # An area of a way for feet is a square as well.
    square |= areal & (kind == "foot")
    there = ~goes_under(rows) & ~square & (kind != "none")
    return _Rows(kind=kind, width_m=width, known=known, shapes=shapes)[there], shapes[square]


def _split(told: _Rows, outlines: Shapes) -> tuple[_Rows, Flags]:
    """Cut local roads at the compounds; which rows are streets."""
    public = np.array([ground_rules().roads[kind].public for kind in told.kind], dtype=bool)
    local = told.kind == "local"
    shapes = told.shapes[local]
    line, outline = shapely.STRtree(outlines).query(shapes, predicate="intersects")
    around = joined_by(outlines[outline], line, len(shapes))
    inside, outside = shapely.intersection(shapes, around), shapely.difference(shapes, around)
    parts = [told[~local], told[local], told[local]]
    together = _Rows(
        kind=np.concatenate([part.kind for part in parts]),
        width_m=np.concatenate([part.width_m for part in parts]),
        known=np.concatenate([part.known for part in parts]),
        shapes=np.concatenate([parts[0].shapes, inside, outside]),
    )
    street = np.concatenate(
        [public[~local], np.zeros(len(shapes), bool), np.ones(len(shapes), bool)]
    )
    drawn_ones = ~shapely.is_empty(together.shapes)
    return together[drawn_ones], street[drawn_ones]


def _clear_width(told: _Rows, ground: Shapes) -> Floats:
    """Width of a line as told; of an area without one, of the strip that it is."""
    area, around = shapely.area(ground), np.maximum(shapely.length(ground), 1e-9)
    areal = shapely.get_dimensions(told.shapes) == 2
    width: Floats = np.where(areal, _WIDTH_OF_AREA * area / around, told.width_m)
    return width
