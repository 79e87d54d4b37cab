"""Features that a page lays over the tiles: open ground, stalls, sites, catchments.

Tiles hold what the plan holds. What a page has only worked out, or what is to be seen on that page alone,
is an :class:`Overlay`: shapes in classes, each with a label for the pointer and an id for clicks. The map
is told its address and its legend; the shapes themselves are fetched as JSON from the session's own route
and drawn on a canvas, so that text of records never meets a template or HTML. A new overlay takes the
place of the old one without the map being mounted again.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from errors import CrsError

__all__ = [
    "Overlay",
    "OverlayClass",
    "OverlayState",
    "Pattern",
    "StallShape",
    "StallTool",
    "overlay_state",
]

Pattern = Literal["solid", "hatch", "back", "cross", "dots", "none"]
Ints = NDArray[np.int64]

# Shapes of the wire: 1 point, 2 line, 3 polygon, as in a vector tile.
_POINT, _LINE, _POLYGON = 1, 2, 3
_TYPE_OF = np.array([_POINT, _LINE, _LINE, _POLYGON])  # by shapely.GeometryType
_LAST_SINGLE_TYPE = 3
# Steps of the wire, in degrees: 1.1 mm, so that a stall keeps its width.
_STEP_DEG = 1e-8
_COMPRESSION = 5


@dataclass(frozen=True, kw_only=True)
class OverlayClass:
    """How the features of one class are drawn, and their line of the legend.

    Attributes
    ----------
    name : str
        Value of the column ``class``.
    title, detail : str
        Words of the legend, and what stands at the end of its line (number or area).
    color : str
        Fill, stripes or dots as ``#rrggbb``.
    pattern : str
        ``solid``, ``hatch`` (／), ``back`` (＼), ``cross``, ``dots`` or ``none`` (outline only).
    opacity : float
        Of the fill, 0–1.
    edge : str or None
        Outline as ``#rrggbb``; None draws none.
    edge_px : float
        Width of outlines and lines on the screen.
    dashed : bool
        Whether outlines and lines are dashed.
    from_zoom : int
        Below this zoom the class is not drawn.
    text_from : int or None
        From this zoom on the column ``text`` is written into shapes that have room for it.
    clickable : bool
        Whether a click asks Python; what is not clickable lets clicks through to the compounds.
    told : bool
        Whether the pointer is told the label.
    radius_px : float
        Size of points; those with a `sign` or a ``text`` have it written inside.
    sign : str
        One character in a point.
    hidden : bool
        Not shown at first; the planner shows it by its line of the legend.
    in_legend : bool
        Whether it has a line at all.
    """

    name: str
    title: str
    color: str
    detail: str = ""
    pattern: Pattern = "solid"
    opacity: float = 0.85
    edge: str | None = None
    edge_px: float = 1.0
    dashed: bool = False
    from_zoom: int = 0
    text_from: int | None = None
    clickable: bool = False
    told: bool = True
    radius_px: float = 7.0
    sign: str = ""
    hidden: bool = False
    in_legend: bool = True


@dataclass(frozen=True, kw_only=True, eq=False)
class Overlay:
    """What a page lays over the map; made once and kept for as long as it holds.

    Attributes
    ----------
    features : GeoDataFrame
        In degrees (EPSG:4490), with columns ``class``, ``label``, ``uid`` and, if something is to be written
        into the shapes, ``text``. Missing and empty geometries are left out.
    classes : tuple of OverlayClass
        The lowest first.
    title : str
        Over the lines of the legend.
    notes : tuple of str
        Lines under the legend.
    covers : tuple of str
        Layers of the plan that are not drawn meanwhile, since the overlay shows the same things as they may be.

    Raises
    ------
    CrsError
        If the features are not in degrees.
    ValueError
        If a feature has a class that is not among `classes`.
    """

    features: gpd.GeoDataFrame
    classes: tuple[OverlayClass, ...]
    title: str = ""
    notes: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        crs = self.features.crs
        if crs is None or not crs.is_geographic:
            raise CrsError("叠加图层要用经纬度（EPSG:4490）。请先转换坐标系。")
        known = {one.name for one in self.classes}
        strange = set(self.features["class"]) - known
        if strange:
            raise ValueError(f"classes without a look: {sorted(map(str, strange))}")

    @cached_property
    def content(self) -> bytes:
        """The shapes as JSON; what the route gives out, before it is packed."""
        wire = _wire(self.features, [one.name for one in self.classes])
        return json.dumps(wire, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

    @cached_property
    def packed(self) -> bytes:
        """The same with gzip."""
        return gzip.compress(self.content, _COMPRESSION, mtime=0)

    @cached_property
    def tag(self) -> str:
        """Changes with the content; part of the address."""
        return hashlib.blake2b(self.content, digest_size=8).hexdigest()

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north in degrees; None if there is nothing to see."""
        found = self.features.total_bounds
        return None if np.isnan(found).any() else tuple(float(v) for v in found)  # type: ignore[return-value]


@dataclass(frozen=True, kw_only=True)
class OverlayState:
    """The overlay as the map is told of it.

    Attributes
    ----------
    url : str
        Address of the shapes below the session's address; a new one fetches them.
    title, notes, classes, covers
        As in :class:`Overlay`.
    selected : tuple of str
        Ids that are outlined.
    """

    url: str
    title: str
    classes: tuple[OverlayClass, ...]
    notes: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    selected: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StallShape:
    """A stall that the planner can set: its id, its title, and its sides in metres."""

    id: str
    title: str
    width_m: float
    length_m: float


@dataclass(frozen=True, kw_only=True)
class StallTool:
    """The tools that set and take away stalls; a map that is given none does not show them.

    Attributes
    ----------
    shapes : tuple of StallShape
        What can be set; the first is in the hand at first.
    classes : tuple of str
        Classes of the overlay that are stalls: new ones snap to their rows, and they can be taken away.
    """

    shapes: tuple[StallShape, ...]
    classes: tuple[str, ...]


def overlay_state(
    overlay: Overlay | None, url: str, selected: tuple[str, ...] = ()
) -> OverlayState | None:
    """Tell the map of an overlay that is to be fetched from `url`."""
    if overlay is None:
        return None
    return OverlayState(
        url=url,
        title=overlay.title,
        classes=overlay.classes,
        notes=overlay.notes,
        covers=overlay.covers,
        selected=selected,
    )


def _wire(features: gpd.GeoDataFrame, classes: list[str]) -> dict[str, Any]:
    """Flat lists: each shape with its feature, type and rings; all coordinates as steps from point to point."""
    parts, owner = _parts(features.geometry.to_numpy())
    types = _TYPE_OF[shapely.get_type_id(parts)] if len(parts) else np.empty(0, np.int64)
    rings, shape_of_ring = _rings(parts, types)
    coordinates, ring_of_point = shapely.get_coordinates(rings, return_index=True)
    open_points = ~_closing(ring_of_point, types[shape_of_ring] == _POLYGON)
    points, ring_of_point = coordinates[open_points], ring_of_point[open_points]
    origin = points.min(axis=0) if len(points) else np.zeros(2)
    steps = np.rint((points - origin) / _STEP_DEG).astype(np.int64)
    steps[1:] -= steps[:-1].copy()
    used, at = np.unique(owner, return_inverse=True)
    told = features.iloc[used]
    return {
        "classes": classes,
        "origin": [float(v) for v in origin],
        "step": _STEP_DEG,
        "of": at.tolist(),
        "types": types.tolist(),
        "rings": np.bincount(shape_of_ring, minlength=len(parts)).tolist(),
        "points": np.bincount(ring_of_point, minlength=len(rings)).tolist(),
        "steps": steps.ravel().tolist(),
        "kinds": pd.Index(classes).get_indexer(pd.Index(told["class"].astype(str))).tolist(),
        "labels": _texts(told, "label"),
        "uids": _texts(told, "uid"),
        "texts": _texts(told, "text"),
    }


def _parts(geometries: NDArray[np.object_]) -> tuple[NDArray[np.object_], Ints]:
    """Single shapes with the position of the geometry that each is of; what can not be drawn is left out."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    while (shapely.get_type_id(parts) > _LAST_SINGLE_TYPE).any():
        parts, of_part = shapely.get_parts(parts, return_index=True)
        owner = owner[of_part]
    coordinates, of_point = shapely.get_coordinates(parts, return_index=True)
    broken = np.unique(of_point[~np.isfinite(coordinates).all(axis=1)])
    kept = ~(shapely.is_missing(parts) | shapely.is_empty(parts))
    kept[broken] = False
    return parts[kept], owner[kept].astype(np.int64)


def _rings(parts: NDArray[np.object_], types: Ints) -> tuple[NDArray[np.object_], Ints]:
    """Rings of polygons, and lines and points as they are, in the order of the shapes."""
    polygons = types == _POLYGON
    # Turned alike, so that overlapping shapes are filled as one and holes stay open.
    turned = shapely.orient_polygons(parts[polygons], exterior_cw=True)
    rings, of_polygon = shapely.get_rings(turned, return_index=True)
    every = np.concatenate([rings, parts[~polygons]])
    key = np.concatenate([np.flatnonzero(polygons)[of_polygon], np.flatnonzero(~polygons)])
    order = np.argsort(key, kind="stable")
    return every[order], key[order].astype(np.int64)


def _closing(ring_of_point: Ints, closed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Points that only repeat the first of their ring."""
    if not len(ring_of_point):
        return np.zeros(0, bool)
    last = np.concatenate([ring_of_point[1:] != ring_of_point[:-1], [True]])
    return last & closed[ring_of_point]


def _texts(frame: pd.DataFrame, column: str) -> list[str]:
    """Texts of a column; an empty list if there is none of them."""
    if column not in frame:
        return []
    texts = ["" if pd.isna(text) else str(text) for text in frame[column]]
    return texts if any(texts) else []
