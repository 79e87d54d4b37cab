"""A drawing board in metres: schematic compounds, streets and houses for plans that have no map.

A drawing is made in local metres around a place, east and north, and handed out in EPSG:4490. What is
drawn here is a sketch: boundaries are marked 示意 wherever they go.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely import Polygon, affinity, box
from shapely.geometry.base import BaseGeometry

from data.samples.plan import layer_frame
from geo.crs import STORED_EPSG, to_cgcs2000, to_plane, zone_epsg, zone_of

__all__ = ["SLAB_DEPTH_M", "Drawing", "Slabs", "from_local_metres", "lay_slabs"]

# South-facing slabs of the years 1975-2000 are about 12 m deep.
SLAB_DEPTH_M = 12.0
STOREY_M = 3.0
_SETBACK_M = 6.0
_SIDE_GAP_M = 8.0


@dataclass(frozen=True, kw_only=True)
class Slabs:
    """A site with rows of slabs on it, in local metres."""

    site: Polygon
    houses: tuple[Polygon, ...]
    storeys: int


@dataclass
class Drawing:
    """Collects features in local metres; y points north.

    Parameters
    ----------
    lon, lat : float
        Degrees (EPSG:4490) of the local origin.
    turned_deg : float
        Turn of the whole drawing, anticlockwise.
    prefix : str
        Start of the uids of context features.
    """

    lon: float
    lat: float
    prefix: str
    turned_deg: float = 0.0
    _features: dict[str, list[tuple[BaseGeometry, dict[str, Any]]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, layer: str, shape: BaseGeometry, **values: Any) -> None:
        """Put one feature on the board."""
        self._features[layer].append((shape, values))

    def frames(self) -> dict[str, gpd.GeoDataFrame]:
        """Frames of all layers drawn on, in EPSG:4490."""
        return {name: self._frame(name, rows) for name, rows in self._features.items()}

    def _frame(
        self, layer: str, rows: Sequence[tuple[BaseGeometry, dict[str, Any]]]
    ) -> gpd.GeoDataFrame:
        turned = [affinity.rotate(shape, self.turned_deg, origin=(0.0, 0.0)) for shape, _ in rows]
        shapes = from_local_metres(np.array(turned, dtype=object), lon=self.lon, lat=self.lat)
        columns = {
            key: [values.get(key) for _, values in rows]
            for key in dict.fromkeys(key for _, values in rows for key in values)
        }
        made = [f"{self.prefix}-{layer[:2].upper()}{i + 1:03d}" for i in range(len(rows))]
        uids = [uid or new for uid, new in zip(columns.pop("uid", made), made, strict=True)]
        extra = [note or {} for note in columns.pop("extra", [None] * len(rows))]
        return layer_frame(layer, uids, columns, shapes, extra=extra)


def from_local_metres(shapes: Any, *, lon: float, lat: float) -> gpd.GeoSeries:
    """Shapes in metres around a place, in EPSG:4490.

    Parameters
    ----------
    shapes : array of geometries
        East and north of the place, in the plane of its 3° zone.
    lon, lat : float
        The place, degrees.

    Returns
    -------
    GeoSeries
        EPSG:4490, in the order of `shapes`.
    """
    epsg = zone_epsg(zone_of(lon))
    place = to_plane(gpd.GeoSeries.from_xy([lon], [lat], crs=STORED_EPSG), epsg)
    middle = np.array([place.x.iloc[0], place.y.iloc[0]])
    moved = shapely.transform(shapes, lambda xy: xy + middle)
    return to_cgcs2000(gpd.GeoSeries(moved), f"EPSG:{epsg}")


def lay_slabs(
    corner: tuple[float, float],
    *,
    count: int,
    floor_area_m2: float,
    rows: int,
    storeys: int,
) -> Slabs:
    """Rows of south-facing slabs whose floor area is the one asked for, and the site around them.

    Parameters
    ----------
    corner : tuple of float
        South-west corner of the site, local metres.
    count : int
        Number of slabs; the last row is left open where they do not fill it.
    floor_area_m2 : float
        Of all slabs together.
    rows : int
        From south to north.
    storeys : int
        Of each slab.

    Returns
    -------
    Slabs
    """
    west, south = corner
    columns = math.ceil(count / rows)
    length = floor_area_m2 / count / storeys / SLAB_DEPTH_M
    # One height of clear ground between rows: the usual sunlight distance of the far south.
    pitch = SLAB_DEPTH_M + storeys * STOREY_M
    houses = []
    for i in range(count):
        row, column = divmod(i, columns)
        x = west + _SETBACK_M + column * (length + _SIDE_GAP_M)
        y = south + _SETBACK_M + row * pitch
        houses.append(box(x, y, x + length, y + SLAB_DEPTH_M))
    width = 2 * _SETBACK_M + columns * length + (columns - 1) * _SIDE_GAP_M
    depth = 2 * _SETBACK_M + SLAB_DEPTH_M + (rows - 1) * pitch
    return Slabs(
        site=box(west, south, west + width, south + depth), houses=tuple(houses), storeys=storeys
    )
