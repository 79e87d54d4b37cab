"""Cutting packed rings into the coordinates of one tile: rounding, thinning out, what is too small, what too large.

Polygons reach over the edge of a tile whole, since a cut edge would be drawn as a line; only what is very
much larger than the tile is clipped, far outside of what can be seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.mvt import POINT, POLYGON, TileLayerData
from layers.rings import PackedRings, degrees, pack

__all__ = ["LayerCut", "Source", "cut", "extent_at"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_TILE_PX = 256
# Strokes and signs reach over the edge: what lies within this of a tile is part of it.
_MARGIN_PX = 12
# Clipped edges lie this far outside of the tile.
_CLIP_PX = 64
# Clipping costs more than it saves below these.
_CLIP_TILES = 3
_CLIP_POINTS = 300
# Smaller than this in both directions a polygon has no shape any more.
_SMALL_PX = 2.0
# Side of the box that stands for a small one: seen, yet no larger than the cell it shares.
_BOX_PX = 1.6
# Steps of a quarter pixel are enough while shapes are small, and drop points that nobody sees.
_COARSE_EXTENT = 1024
_FINE_EXTENT = 4096
_FINE_FROM_ZOOM = 14
# Of a ring, by the type of its feature: a point, a line, a polygon.
_LEAST_POINTS = np.array([0, 1, 2, 3])


@dataclass(frozen=True, kw_only=True)
class LayerCut:
    """How a layer is cut into tiles.

    Attributes
    ----------
    min_zoom : int
        Tiles below this zoom do not hold the layer.
    keep_small : bool
        Polygons of less than 2 pixels stay as little boxes; otherwise they are left out.
    thin_below_zoom : int
        Below this zoom one box per cell of 2 pixels is kept.
    """

    min_zoom: int = 0
    keep_small: bool = False
    thin_below_zoom: int = 12

    def query_box(self, z: int, x: int, y: int) -> shapely.Geometry:
        """Extent of a tile in degrees, with the margin that strokes need."""
        return _tile_box(z, x, y, _MARGIN_PX)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Features that meet a tile.

    Attributes
    ----------
    packed : PackedRings
        Where their coordinates are.
    features : array of int
        Which of the packed features.
    ids : array of int
        Id of each of `features`.
    kinds : array of int or None
        Kind of each of `features`.
    geometries : array of Geometry
        By owner of the packed features, in degrees: needed where they are clipped.
    """

    packed: PackedRings
    features: Ints
    ids: Ints
    kinds: Ints | None
    geometries: NDArray[np.object_]


@dataclass(frozen=True)
class _Cut:
    """Shapes of a source, and the small ones with their extents (west, north, east, south)."""

    shapes: TileLayerData
    small: Bools
    bounds_px: Floats


def extent_at(z: int) -> int:
    """Width of a tile in tile coordinates."""
    return _FINE_EXTENT if z >= _FINE_FROM_ZOOM else _COARSE_EXTENT


def cut(sources: list[Source], z: int, x: int, y: int, settings: LayerCut) -> TileLayerData:
    """Put the features of some sources into the coordinates of a tile.

    Parameters
    ----------
    sources : list of Source
        All of one layer, all with kinds or all without.
    z, x, y : int
        Number of the tile.
    settings : LayerCut
        What is kept.

    Returns
    -------
    TileLayerData
        Shapes in the order of the sources, then the boxes of the small ones in the order of their ids.
    """
    sources = [piece for source in sources for piece in _clipped(source, z, x, y)]
    extent = extent_at(z)
    cuts = [_cut_source(source, z, x, y, extent) for source in sources]
    shapes = [part.shapes for part in cuts]
    if settings.keep_small:
        shapes.append(_boxes(sources, cuts, extent, thin=z < settings.thin_below_zoom))
    return _joined(shapes)


def _tile_box(z: int, x: int, y: int, margin_px: float) -> shapely.Geometry:
    margin = margin_px / _TILE_PX
    corners = np.array([[x - margin, y + 1 + margin], [x + 1 + margin, y - margin]]) / 2**z
    (west, south), (east, north) = degrees(corners)
    return shapely.box(west, south, east, north)


def _clipped(source: Source, z: int, x: int, y: int) -> list[Source]:
    """Split off the features that are far larger than the tile and clip them."""
    bounds = source.packed.bounds[source.features] * 2**z
    wide = (bounds[:, 2:] - bounds[:, :2]).max(axis=1, initial=0) > _CLIP_TILES
    large = wide & (source.packed.point_counts()[source.features] > _CLIP_POINTS)
    if not large.any():
        return [source]
    owners, first = np.unique(source.packed.owner[source.features[large]], return_index=True)
    box = shapely.bounds(_tile_box(z, x, y, _CLIP_PX))
    inside = shapely.clip_by_rect(source.geometries[owners], *box)
    packed = pack(inside)
    at = np.flatnonzero(large)[first][packed.owner]
    rest = Source(
        packed=source.packed,
        features=source.features[~large],
        ids=source.ids[~large],
        kinds=None if source.kinds is None else source.kinds[~large],
        geometries=source.geometries,
    )
    clipped = Source(
        packed=packed,
        features=np.arange(len(packed.owner)),
        ids=source.ids[at],
        kinds=None if source.kinds is None else source.kinds[at],
        geometries=inside,
    )
    return [rest, clipped]


def _cut_source(source: Source, z: int, x: int, y: int, extent: int) -> _Cut:
    packed, features = source.packed, source.features
    bounds_px = (packed.bounds[features] * 2**z - (x, y, x, y)) * _TILE_PX
    small = (bounds_px[:, 2:] - bounds_px[:, :2]).max(axis=1, initial=0) < _SMALL_PX
    small &= packed.types[features] != POINT
    shaped = np.flatnonzero(~small)
    feature_of_ring, ring_of_point, points = packed.take(features[shaped])
    rounded = np.rint((points * 2**z - (x, y)) * extent).astype(np.int64)
    closed = packed.types[features[shaped]][feature_of_ring] == POLYGON
    for needless in (_repeated, _on_the_way):
        kept = ~needless(rounded, ring_of_point, closed)
        rounded, ring_of_point = rounded[kept], ring_of_point[kept]
    shapes = _assembled(source, shaped, feature_of_ring, ring_of_point, rounded)
    lost = np.ones(len(features), bool)
    lost[shaped[np.isin(source.ids[shaped], shapes.ids)]] = False
    return _Cut(shapes, lost & (packed.types[features] == POLYGON), bounds_px)


def _neighbours(ring_of_point: Ints, count: int) -> tuple[Ints, Ints]:
    """Point before and after each point of its ring, going round."""
    first = np.searchsorted(ring_of_point, np.arange(count), side="left")
    last = np.searchsorted(ring_of_point, np.arange(count), side="right") - 1
    place = np.arange(len(ring_of_point))
    start, end = first[ring_of_point], last[ring_of_point]
    return np.where(place == start, end, place - 1), np.where(place == end, start, place + 1)


def _repeated(points: Ints, ring_of_point: Ints, closed: Bools) -> Bools:
    """Points equal to the one before; the first of a line has none before it."""
    before, _ = _neighbours(ring_of_point, len(closed))
    same = (points == points[before]).all(axis=1)
    same &= before != np.arange(len(points))
    return same & (closed[ring_of_point] | (before < np.arange(len(points))))


def _on_the_way(points: Ints, ring_of_point: Ints, closed: Bools) -> Bools:
    """Points on the straight way between their neighbours."""
    before, after = _neighbours(ring_of_point, len(closed))
    arrive, leave = points - points[before], points[after] - points
    straight = arrive[:, 0] * leave[:, 1] == arrive[:, 1] * leave[:, 0]
    onward = (arrive * leave).sum(axis=1) > 0
    place = np.arange(len(points))
    inner = (before < place) & (after > place)
    return straight & onward & (closed[ring_of_point] | inner)


def _assembled(
    source: Source, shaped: Ints, feature_of_ring: Ints, ring_of_point: Ints, points: Ints
) -> TileLayerData:
    """Leave out rings that have lost their shape, and features that have lost their rings."""
    types = source.packed.types[source.features[shaped]]
    count = np.bincount(ring_of_point, minlength=len(feature_of_ring))
    ring_kept = count >= _LEAST_POINTS[types[feature_of_ring]]
    feature_kept = np.isin(np.arange(len(shaped)), feature_of_ring[ring_kept])
    new_ring, new_feature = np.cumsum(ring_kept) - 1, np.cumsum(feature_kept) - 1
    point_kept = ring_kept[ring_of_point]
    at = shaped[feature_kept]
    return TileLayerData(
        ids=source.ids[at],
        kinds=None if source.kinds is None else source.kinds[at],
        types=types[feature_kept],
        feature_of_ring=new_feature[feature_of_ring[ring_kept]],
        ring_of_point=new_ring[ring_of_point[point_kept]],
        points=points[point_kept],
    )


def _boxes(sources: list[Source], cuts: list[_Cut], extent: int, *, thin: bool) -> TileLayerData:
    """Little boxes for polygons without a shape, each once; thinned to one per cell of 2 pixels."""
    ids = np.concatenate([s.ids[c.small] for s, c in zip(sources, cuts, strict=True)])
    bounds = np.concatenate([c.bounds_px[c.small] for c in cuts])
    kinds = None
    if sources[0].kinds is not None:
        kinds = np.concatenate(
            [s.kinds[c.small] for s, c in zip(sources, cuts, strict=True) if s.kinds is not None]
        )
    centre = (bounds[:, :2] + bounds[:, 2:]) / 2
    order = np.argsort(ids, kind="stable")
    if thin:
        cell = np.floor(centre[order] / _SMALL_PX).astype(np.int64)
        _, first = np.unique(cell, axis=0, return_index=True)
        order = order[np.sort(first)]
    half = np.maximum((bounds[:, 2:] - bounds[:, :2]) / 2, _BOX_PX / 2)[order]
    centre = centre[order]
    corners = np.stack(
        [centre + half * sign for sign in ((-1, -1), (1, -1), (1, 1), (-1, 1))], axis=1
    )
    count = len(order)
    return TileLayerData(
        ids=ids[order],
        kinds=None if kinds is None else kinds[order],
        types=np.full(count, POLYGON, np.int64),
        feature_of_ring=np.arange(count),
        ring_of_point=np.repeat(np.arange(count), 4),
        points=np.rint(corners.reshape(-1, 2) * extent / _TILE_PX).astype(np.int64),
    )


def _joined(parts: list[TileLayerData]) -> TileLayerData:
    features = np.cumsum([0, *(len(part.ids) for part in parts)])
    rings = np.cumsum([0, *(len(part.feature_of_ring) for part in parts)])
    kinds = [part.kinds for part in parts if part.kinds is not None]
    return TileLayerData(
        ids=np.concatenate([part.ids for part in parts]),
        kinds=np.concatenate(kinds) if kinds else None,
        types=np.concatenate([part.types for part in parts]),
        feature_of_ring=np.concatenate(
            [part.feature_of_ring + n for part, n in zip(parts, features, strict=False)]
        ),
        ring_of_point=np.concatenate(
            [part.ring_of_point + n for part, n in zip(parts, rings, strict=False)]
        ),
        points=np.concatenate([part.points for part in parts]),
    )
