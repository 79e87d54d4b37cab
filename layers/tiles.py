"""Vector tiles of a plan, made in memory from 5 to 220,000 compounds, and what the pointer hits.

A tile carries geometry and the row number of each feature, nothing else: colour, filter and selection
travel as one byte per compound (:meth:`TileIndex.class_table`), so that they never resend geometry.
Row numbers are given once and kept for the life of the index, also when a compound is deleted.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.rings import mercator
from layers.tile_layer import TileLayer, layer_bytes, new_state, replaced, tile_layer

__all__ = ["AGGREGATE_BELOW_ZOOM", "HIDDEN", "SELECTED", "TileIndex", "TileLayer"]

Ints = NDArray[np.int64]
Predicate = Literal["intersects", "mostly"]

AGGREGATE_BELOW_ZOOM = 9
"""Below this zoom compounds are dots of no width: the map shows counts per cell instead."""

HIDDEN = 127
"""Byte of the class table for a compound that a filter hides."""

SELECTED = 128
"""Bit of the class table for a selected compound."""

_AGGREGATE_CELL_PX = 64
_PICK_RADIUS_PX = 4
_TILE_PX = 256
# Half of it inside: the switch of the lasso between "touches" and "mostly inside".
_MOSTLY = 0.5


class TileIndex:
    """Tiles, hits, labels and aggregates of the layers of one plan.

    Reading is safe from many threads while :meth:`replace` and :meth:`remove` run in another.

    Parameters
    ----------
    layers : mapping of str to TileLayer
        In the order in which they are put into a tile.

    Raises
    ------
    ValueError
        If ids of a layer are repeated.
    """

    def __init__(self, layers: Mapping[str, TileLayer]) -> None:
        self._lock = threading.Lock()
        self._layers = {name: new_state(name, layer) for name, layer in layers.items()}

    @classmethod
    def of_frames(cls, frames: Mapping[str, gpd.GeoDataFrame]) -> TileIndex:
        """Index of layers of the plan file, in the order in which they are put into a tile."""
        return cls({name: tile_layer(name, frame) for name, frame in frames.items()})

    def put(self, layer: str, changed: gpd.GeoDataFrame) -> None:
        """Take over changed and new records of a layer of the plan file (see :meth:`replace`)."""
        told = tile_layer(layer, changed)
        kinds = None
        if told.kinds is not None:
            kinds = dict(zip(changed.index, told.kinds.tolist(), strict=True))
        self.replace(layer, told.geometries, kinds)

    def ids(self, layer: str = "compounds") -> pd.Index:
        """Ids of a layer in the order of its rows, deleted ones among them."""
        return self._layers[layer].ids

    def rows_of(self, ids: Iterable[str], layer: str = "compounds") -> Ints:
        """Row numbers of ids; ids that are not there fall out."""
        rows = self._layers[layer].ids.get_indexer(pd.Index(list(ids), dtype=object))
        return rows[rows >= 0].astype(np.int64)

    def warm(self) -> None:
        """Lay everything out now, so that the first tile does not wait for it."""
        for layer in self._layers.values():
            for block in layer.blocks:
                _ = block.tree, block.packed

    def extent(self, layer: str = "compounds") -> tuple[float, float, float, float] | None:
        """West, south, east, north of what a layer draws, in degrees; None if it draws nothing."""
        geometries = self._layers[layer].geometries
        bounds = shapely.total_bounds(geometries) if len(geometries) else np.array([np.nan])
        return None if np.isnan(bounds).any() else tuple(float(v) for v in bounds)  # type: ignore[return-value]

    def tile(self, z: int, x: int, y: int, *, layers: Iterable[str] | None = None) -> bytes:
        """One vector tile with all layers, or some.

        Parameters
        ----------
        z, x, y : int
            Number of the tile, y to the south.
        layers : iterable of str, optional
            Only these.

        Returns
        -------
        bytes
            Empty if nothing is there.
        """
        names = self._layers if layers is None else layers
        return b"".join(layer_bytes(self._layers[name], z, x, y) for name in names)

    def replace(
        self, layer: str, geometries: gpd.GeoSeries, kinds: Mapping[str, int] | None = None
    ) -> None:
        """Put new geometries in place of old ones; new ids take new rows at the end.

        Parameters
        ----------
        layer : str
            Name of the layer.
        geometries : GeoSeries
            EPSG:4490, index = ids; only what has changed. A missing geometry draws nothing.
        kinds : mapping, optional
            Kind by id, for layers with kinds.
        """
        with self._lock:
            self._layers = {
                **self._layers,
                layer: replaced(self._layers[layer], geometries, kinds),
            }

    def remove(self, layer: str, ids: Iterable[str]) -> None:
        """Stop drawing some ids; their rows stay taken."""
        known = self.ids(layer)[self.rows_of(ids, layer)]
        self.replace(layer, gpd.GeoSeries([None] * len(known), index=known, crs=4490))

    def geometry(self, layer: str, row: int) -> shapely.Geometry | None:
        """Geometry of a row, in degrees."""
        found: shapely.Geometry | None = self._layers[layer].geometries[row]
        return found

    def pick(
        self,
        lon: float,
        lat: float,
        *,
        z: int | None = None,
        layer: str = "compounds",
        reach_px: float = _PICK_RADIUS_PX,
    ) -> list[int]:
        """Rows under a point, the smallest first, so that a compound inside another can be hit.

        Parameters
        ----------
        lon, lat : float
            Degrees.
        z : int, optional
            Zoom of the map: if nothing is under the point, what is within `reach_px` of it.
        layer : str
            Name of the layer.
        reach_px : float
            In pixels of the map.
        """
        state, point = self._layers[layer], shapely.Point(lon, lat)
        rows = state.rows(point, "intersects")
        if len(rows) == 0 and z is not None:
            reach = reach_px * 360 / (_TILE_PX * 2**z)
            rows = state.rows(
                shapely.box(lon - reach, lat - reach, lon + reach, lat + reach), "intersects"
            )
        order = np.lexsort([rows, shapely.area(state.geometries[rows])])
        return [int(row) for row in rows[order]]

    def within(
        self,
        geometry: shapely.Geometry,
        predicate: Predicate = "intersects",
        *,
        layer: str = "compounds",
    ) -> Ints:
        """Rows that a drawn area takes in, ascending.

        Parameters
        ----------
        geometry : Polygon or MultiPolygon
            Degrees; a lasso that crosses itself is taken as what it encloses.
        predicate : str
            ``intersects``: whatever it touches; ``mostly``: at least half of the area inside.
        layer : str
            Name of the layer.
        """
        state = self._layers[layer]
        area = shapely.make_valid(geometry, method="structure")
        shapely.prepare(area)
        rows = np.sort(state.rows(area, "intersects"))
        if predicate == "mostly":
            candidates = state.geometries[rows]
            share = shapely.area(shapely.intersection(candidates, area)) / shapely.area(candidates)
            rows = rows[share >= _MOSTLY]
        return rows

    def in_bbox(
        self,
        bbox: tuple[float, float, float, float],
        *,
        layer: str = "compounds",
        limit: int | None = None,
    ) -> Ints:
        """Rows whose extent meets a box (west, south, east, north), the largest first if there is a limit."""
        state = self._layers[layer]
        rows = np.sort(state.rows(shapely.box(*bbox)))
        if limit is not None and len(rows) > limit:
            largest = np.argsort(-shapely.area(state.geometries[rows]), kind="stable")[:limit]
            rows = rows[largest]
        return rows

    def labels(
        self, bbox: tuple[float, float, float, float], *, layer: str = "compounds", limit: int = 400
    ) -> tuple[Ints, NDArray[np.float64]]:
        """Where names are written: rows, the largest first, and a point inside each (degrees, shape (n, 2))."""
        state = self._layers[layer]
        rows = self.in_bbox(bbox, layer=layer)
        largest = np.argsort(-shapely.area(state.geometries[rows]), kind="stable")[:limit]
        rows = rows[largest]
        points = shapely.get_coordinates(shapely.point_on_surface(state.geometries[rows]))
        west, south, east, north = bbox
        inside = ((points >= (west, south)) & (points <= (east, north))).all(axis=1)
        return rows[inside], points[inside]

    def aggregates(
        self,
        z: int,
        *,
        values: Mapping[str, pd.Series] | None = None,
        shown: NDArray[np.bool_] | None = None,
        layer: str = "compounds",
    ) -> pd.DataFrame:
        """Count and sum per cell of 64 pixels, for zooms at which single compounds can not be seen.

        Parameters
        ----------
        z : int
            Zoom of the map.
        values : mapping of str to Series, optional
            Amounts by id to be summed; missing ones are left out of the sum.
        shown : array of bool, optional
            By row: what the filter leaves.
        layer : str
            Name of the layer.

        Returns
        -------
        DataFrame
            lon, lat (mean of the members, degrees), count, and a column per amount; largest count first.
        """
        state = self._layers[layer]
        rows = np.flatnonzero(
            ~(shapely.is_missing(state.geometries) | shapely.is_empty(state.geometries))
        )
        rows = rows if shown is None else rows[shown[rows]]
        bounds = shapely.bounds(state.geometries[rows])
        centre = (bounds[:, :2] + bounds[:, 2:]) / 2
        cell = np.floor(mercator(centre) * 2**z * _TILE_PX / _AGGREGATE_CELL_PX).astype(np.int64)
        table = pd.DataFrame({"lon": centre[:, 0], "lat": centre[:, 1], "count": 1})
        for name, series in (values or {}).items():
            table[name] = series.reindex(state.ids[rows]).to_numpy(dtype=float, na_value=np.nan)
        how = dict.fromkeys(table.columns, "sum") | {"lon": "mean", "lat": "mean"}
        grouped = table.groupby([cell[:, 0], cell[:, 1]]).agg(how)
        return grouped.sort_values("count", ascending=False, kind="stable").reset_index(drop=True)

    def class_table(
        self, classes: pd.Series, *, selected: Iterable[str] = (), layer: str = "compounds"
    ) -> bytes:
        """One byte per row: class, :data:`HIDDEN` for what `classes` does not hold, bit 7 if selected.

        Parameters
        ----------
        classes : Series
            Class numbers 0–125 by id; a filter leaves ids out.
        selected : iterable of str
            Ids.
        layer : str
            Name of the layer.
        """
        ids = self.ids(layer)
        table = np.full(len(ids), HIDDEN, np.uint8)
        rows = ids.get_indexer(classes.index)
        table[rows[rows >= 0]] = classes.to_numpy(np.uint8)[rows >= 0]
        table[self.rows_of(selected, layer)] |= SELECTED
        return table.tobytes()
