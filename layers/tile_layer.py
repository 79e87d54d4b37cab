"""State of one layer of the tiles: its rows, and the blocks in which they are laid out.

A state is never changed. A change of some rows gives a new state that keeps the big block and lays the
changed rows out beside it, so that an edit costs milliseconds at 220,000 compounds and readers need no lock.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.cut import LayerCut, Source, cut, extent_at
from layers.facility_signs import facility_number
from layers.mvt import encode_layer
from layers.rings import PackedRings, pack, ranges

__all__ = ["Block", "LayerState", "TileLayer", "layer_bytes", "new_state", "replaced", "tile_layer"]

Ints = NDArray[np.int64]

# More changed rows than this and the layer is laid out anew instead of keeping them beside.
_REPACK_AFTER = 1_000

# Zooms from which a layer can be told from noise on an office screen.
_CUTS = {
    "compounds": LayerCut(min_zoom=9, keep_small=True),
    "pianqu": LayerCut(min_zoom=6, keep_small=True),
    "water": LayerCut(min_zoom=8),
    "green": LayerCut(min_zoom=10),
    "roads": LayerCut(min_zoom=11),
    "barriers": LayerCut(min_zoom=13),
    "parking": LayerCut(min_zoom=14),
    "aisles": LayerCut(min_zoom=15),
    "stalls": LayerCut(min_zoom=16),
    "buildings": LayerCut(min_zoom=13),
    "sites": LayerCut(min_zoom=12, keep_small=True),
    "facilities": LayerCut(min_zoom=13, keep_small=True),
}

# Column whose small number the style reads as `k`: width of a road in metres, colour of a 片区.
_KIND_COLUMNS = {"roads": "width_m", "water": "width_m", "pianqu": "color"}
# Uses of a stall that look different from the common one, by the number that the style reads.
_STALL_USES = {"无障碍": 1, "充电": 2}
# A compound whose kind has bit 1 has a boundary that nobody has surveyed.
_SCHEMATIC = "示意"
# Bits that mark what is locked, beside the boundary state of a compound and the colour of a 片区.
_LOCKED_COMPOUND, _LOCKED_PIANQU = 2, 64


@dataclass(frozen=True, kw_only=True)
class TileLayer:
    """One layer of the map.

    Attributes
    ----------
    geometries : GeoSeries
        Polygons, lines or points in EPSG:4490 (drawn as 4326 without a shift), index = unique ids; missing geometries
        take a row and draw nothing.
    kinds : array of int, optional
        Small number per geometry that the map's style reads as ``k``: width of a road in metres, colour of a
        片区, kind of a facility, use of a stall.
    cut : LayerCut
        From which zoom the layer is drawn, and what happens to features of less than two pixels.
    """

    geometries: gpd.GeoSeries
    kinds: NDArray[np.integer[Any]] | None = None
    cut: LayerCut = field(default_factory=LayerCut)


class Block:
    """Rows that were laid out together. Never changed; built when first asked for."""

    def __init__(self, rows: Ints, geometries: NDArray[np.object_], kinds: Ints | None) -> None:
        drawn = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
        self.rows = rows[drawn]
        self.geometries = geometries[drawn]
        self.kinds = None if kinds is None else kinds[drawn]
        self._lock = threading.Lock()
        self._tree: shapely.STRtree | None = None
        self._packed: PackedRings | None = None

    @property
    def tree(self) -> shapely.STRtree:
        """Tree of the geometries, in degrees."""
        if self._tree is None:
            with self._lock:
                if self._tree is None:
                    tree = shapely.STRtree(self.geometries)
                    tree.query(
                        shapely.Point(0, 0)
                    )  # GEOS builds at the first question, not thread-safe
                    self._tree = tree
        return self._tree

    @property
    def packed(self) -> PackedRings:
        """Flat coordinates of the geometries."""
        if self._packed is None:
            with self._lock:
                if self._packed is None:
                    self._packed = pack(self.geometries)
        return self._packed

    def features_of(self, positions: Ints) -> Ints:
        """Features of the packed rings that belong to some geometries."""
        owner = self.packed.owner
        first = np.searchsorted(owner, positions, side="left")
        return ranges(first, np.searchsorted(owner, positions, side="right") - first)


@dataclass(frozen=True)
class LayerState:
    """State of a layer; replaced as a whole, so that readers need no lock."""

    name: str
    cut: LayerCut
    ids: pd.Index
    geometries: NDArray[np.object_]  # by row
    kinds: Ints | None  # by row
    blocks: tuple[Block, ...]  # the big one, then the changed rows
    stale: NDArray[np.bool_]  # rows of the big block that a later block holds

    def hits(
        self, geometry: shapely.Geometry, predicate: str | None = None
    ) -> list[tuple[Block, Ints]]:
        """Positions in each block that meet a geometry (its extent, without a predicate)."""
        found = []
        for number, block in enumerate(self.blocks):
            positions = np.sort(block.tree.query(geometry, predicate=predicate))
            if number == 0 and len(self.blocks) > 1:
                positions = positions[~self.stale[block.rows[positions]]]
            found.append((block, positions))
        return found

    def rows(self, geometry: shapely.Geometry, predicate: str | None = None) -> Ints:
        """Row numbers that meet a geometry."""
        return np.concatenate([block.rows[at] for block, at in self.hits(geometry, predicate)])


def tile_layer(name: str, frame: gpd.GeoDataFrame) -> TileLayer:
    """Describe a layer of the plan file for the tiles.

    Parameters
    ----------
    name : str
        Layer of the plan, as ``compounds`` or ``roads``.
    frame : GeoDataFrame
        Index = uid, EPSG:4490.
    """
    return TileLayer(
        geometries=gpd.GeoSeries(frame.geometry),
        kinds=_kinds(name, frame),
        cut=_CUTS.get(name, LayerCut()),
    )


def _kinds(name: str, frame: pd.DataFrame) -> Ints | None:
    if name == "compounds" and "boundary_state" in frame:
        schematic = frame["boundary_state"].eq(_SCHEMATIC).fillna(False).to_numpy(np.int64)
        return schematic + _LOCKED_COMPOUND * _locked(frame)
    if name in {"facilities", "sites"}:
        return _facility_numbers(frame)
    if name == "stalls" and "use" in frame:
        return frame["use"].map(_STALL_USES).fillna(0).to_numpy(np.int64)
    column = _KIND_COLUMNS.get(name)
    if column is None:
        return None
    values = frame[column] if column in frame else pd.Series(0, index=frame.index)
    numbers = pd.to_numeric(values, errors="coerce").astype(float).fillna(0).clip(0, 250)
    kinds = numbers.round().to_numpy(np.int64)
    if name == "pianqu":
        return kinds % _LOCKED_PIANQU + _LOCKED_PIANQU * _locked(frame)
    return kinds


def _facility_numbers(frame: pd.DataFrame) -> Ints:
    told = [
        tuple(None if pd.isna(text) else text for text in pair)
        for pair in zip(frame["kind"], frame["name"], strict=True)
    ]
    # A town has thousands of facilities and a few hundred ways to call them.
    known = {pair: facility_number(*pair) for pair in set(told)}
    return np.array([known[pair] for pair in told], np.int64)


def _locked(frame: pd.DataFrame) -> Ints:
    if "locked" not in frame:
        return np.zeros(len(frame), np.int64)
    return frame["locked"].astype(bool).to_numpy(np.int64)


def new_state(name: str, layer: TileLayer) -> LayerState:
    """State of a layer as it is given; repeated ids raise ValueError."""
    ids = pd.Index(layer.geometries.index, dtype=object)
    if ids.has_duplicates:
        raise ValueError(f"ids of layer {name} are repeated")
    geometries = layer.geometries.to_numpy()
    kinds = None if layer.kinds is None else np.asarray(layer.kinds).astype(np.int64)
    return LayerState(
        name=name,
        cut=layer.cut,
        ids=ids,
        geometries=geometries,
        kinds=kinds,
        blocks=(Block(np.arange(len(ids)), geometries, kinds),),
        stale=np.zeros(len(ids), bool),
    )


def replaced(
    layer: LayerState, changed: gpd.GeoSeries, kinds: Mapping[str, int] | None
) -> LayerState:
    """State with some rows changed and new ones at the end; what is given stays as it is."""
    new_ids = changed.index.difference(layer.ids, sort=False)
    ids = layer.ids.append(pd.Index(new_ids, dtype=object))
    rows = ids.get_indexer(changed.index).astype(np.int64)
    geometries = np.concatenate([layer.geometries, np.full(len(new_ids), None, object)])
    geometries[rows] = changed.to_numpy()
    stale = np.concatenate([layer.stale, np.ones(len(new_ids), bool)])
    stale[rows] = True
    row_kinds = layer.kinds
    if row_kinds is not None:
        row_kinds = np.concatenate([row_kinds, np.zeros(len(new_ids), np.int64)])
        row_kinds[rows] = [
            (kinds or {}).get(uid, int(row_kinds[r]))
            for uid, r in zip(changed.index, rows, strict=True)
        ]
    beside = np.flatnonzero(stale)
    if len(beside) > _REPACK_AFTER:
        blocks: tuple[Block, ...] = (Block(np.arange(len(ids)), geometries, row_kinds),)
        stale = np.zeros(len(ids), bool)
    else:
        blocks = (
            layer.blocks[0],
            Block(beside, geometries[beside], None if row_kinds is None else row_kinds[beside]),
        )
    return LayerState(layer.name, layer.cut, ids, geometries, row_kinds, blocks, stale)


def layer_bytes(layer: LayerState, z: int, x: int, y: int) -> bytes:
    """One layer of one tile; empty below its zoom."""
    if z < layer.cut.min_zoom:
        return b""
    sources = [
        _source(block, positions) for block, positions in layer.hits(layer.cut.query_box(z, x, y))
    ]
    return encode_layer(layer.name, extent_at(z), cut(sources, z, x, y, layer.cut))


def _source(block: Block, positions: Ints) -> Source:
    features = block.features_of(positions)
    owner = block.packed.owner[features]
    return Source(
        packed=block.packed,
        features=features,
        ids=block.rows[owner],
        kinds=None if block.kinds is None else block.kinds[owner],
        geometries=block.geometries,
    )
