"""The map of a sheet: base layers, coloured compounds, 片区 outlines, in the plan's plane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.path import Path

from geo.crs import to_plane
from layers.palettes import pianqu_ink
from layers.scale import NO_DATA_CLASS
from layers.sheet_content import SheetContent
from layers.sheet_scale import MapView

__all__ = [
    "BASE_STYLES",
    "EDGE",
    "OUTLINE_REACH_M",
    "PIANQU_EDGE",
    "SCHEMATIC_EDGE",
    "draw_map",
    "plane_frames",
    "polygon_paths",
    "shown_base",
]

# Above this scale figure a building is smaller than a pen's line.
BUILDINGS_UP_TO = 25_000
# So many outlines make a vector file too heavy to open: the fills become a picture, text stays text.
VECTOR_LIMIT = 20_000
# Vertices nearer than this on paper can not be told apart.
SIMPLIFY_MM = 0.05

EDGE = "#4a4a4a"
SCHEMATIC_EDGE = "#b0302a"
PIANQU_EDGE = "#5b1a6b"
# The outline of a 片区 bridges lanes and streets between members, or it would be many small ones.
OUTLINE_REACH_M = 15.0
OUTLINE_REACH_MM = 0.5
BASE_STYLES: dict[str, dict[str, Any]] = {
    "green": {"facecolor": "#dcebd0", "edgecolor": "#c3d9b2", "linewidth": 0.2, "zorder": 1},
    "water": {"facecolor": "#cfe3f3", "edgecolor": "#9fc3de", "linewidth": 0.3, "zorder": 2},
    "roads": {"facecolor": "#eeebe3", "edgecolor": "#cfc9bb", "linewidth": 0.25, "zorder": 3},
    "buildings": {
        "facecolor": "#00000020",
        "edgecolor": "#00000066",
        "linewidth": 0.2,
        "zorder": 6,
    },
}
# Width of a road whose width nobody gave, on the ground.
ROAD_WIDTH_M = 8.0
POINTS_PER_MM = 72 / 25.4


def draw_map(
    axes: Axes, content: SheetContent, view: MapView, plane: Mapping[str, gpd.GeoDataFrame]
) -> None:
    """Draw everything but the labels.

    Parameters
    ----------
    axes : Axes
        Of exactly the frame of `view`.
    content : SheetContent
        Colours and states.
    view : MapView
        What is shown.
    plane : mapping
        Compounds, pianqu and base layers in the plan's plane (metres).
    """
    axes.set(xlim=(view.west, view.east), ylim=(view.south, view.north))
    for name, frame in shown_base(plane, view).items():
        _draw_base(axes, name, frame, view)
    _draw_compounds(axes, content, plane["compounds"], view)
    if "pianqu" in plane:
        _draw_pianqu(axes, plane["pianqu"], view)


def shown_base(plane: Mapping[str, gpd.GeoDataFrame], view: MapView) -> dict[str, gpd.GeoDataFrame]:
    """Pick base layers with something inside the frame, in the order of drawing."""
    found = {}
    for name in BASE_STYLES:
        frame = plane.get(name)
        if frame is None or (name == "buildings" and view.denominator > BUILDINGS_UP_TO):
            continue
        inside = frame[shapely.intersects(frame.geometry.to_numpy(), view.window)]
        if len(inside):
            found[name] = inside
    return found


def plane_frames(content: SheetContent) -> dict[str, gpd.GeoDataFrame]:
    """All frames of a sheet in the plan's plane."""
    frames = {"compounds": content.compounds, **content.base}
    if content.pianqu is not None and len(content.pianqu):
        frames["pianqu"] = content.pianqu
    return {
        name: to_plane(frame.set_geometry(frame.geometry), content.zone.epsg)
        for name, frame in frames.items()
        if len(frame)
    }


def polygon_paths(geoms: npt.NDArray[np.object_], *, tolerance_m: float) -> list[Path]:
    """One path a geometry, holes cut out; lines and points of a mixed layer are left out."""
    simple = shapely.simplify(geoms, tolerance_m, preserve_topology=True)
    return [_path(geometry) for geometry in shapely.orient_polygons(simple)]


def _path(geometry: shapely.Geometry) -> Path:
    rings = shapely.get_rings(shapely.get_parts(geometry))
    points = [shapely.get_coordinates(ring) for ring in rings]
    if not points:
        return Path(np.empty((0, 2)))
    codes = []
    for ring in points:
        code = np.full(len(ring), Path.LINETO, dtype=Path.code_type)
        code[0], code[-1] = Path.MOVETO, Path.CLOSEPOLY
        codes.append(code)
    return Path(np.concatenate(points), np.concatenate(codes))


def _draw_base(axes: Axes, name: str, frame: gpd.GeoDataFrame, view: MapView) -> None:
    style = BASE_STYLES[name]
    geoms = frame.geometry.to_numpy()
    areal = shapely.get_dimensions(geoms) == 2
    _fill(axes, geoms[areal], view, style)
    lines = shapely.get_dimensions(geoms) == 1
    if lines.any():
        _draw_lines(axes, frame[lines], view, style)


def _draw_lines(axes: Axes, frame: gpd.GeoDataFrame, view: MapView, style: dict[str, Any]) -> None:
    """Centre lines at their width on the ground: a casing and a fill."""
    parts, index = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    widths = frame["width_m"].fillna(ROAD_WIDTH_M) if "width_m" in frame else ROAD_WIDTH_M
    metres = np.broadcast_to(np.asarray(widths, dtype=float), len(frame))[index]
    points = np.maximum(metres / view.metres_per_mm * POINTS_PER_MM, 0.35)
    lines = [shapely.get_coordinates(part) for part in parts]
    for extra, color, z in ((0.5, style["edgecolor"], 0.0), (0.0, style["facecolor"], 0.1)):
        axes.add_collection(
            LineCollection(
                lines,
                linewidths=points + extra,
                colors=color,
                zorder=style["zorder"] + z,
                capstyle="round",
                joinstyle="round",
            ),
            autolim=False,
        )


def _draw_compounds(
    axes: Axes, content: SheetContent, compounds: gpd.GeoDataFrame, view: MapView
) -> None:
    geoms = compounds.geometry.to_numpy()
    scale, drawn, schematic = content.painted.scale, content.drawn, content.schematic
    for at, color in [*enumerate(scale.colors), (NO_DATA_CLASS, scale.no_data)]:
        members = drawn & (content.painted.classes == at)
        unfilled = getattr(scale, "patterns", {}).get(at) == "none"
        style = {
            "facecolor": "none" if unfilled else color,
            "edgecolor": "#8a8a8a" if at == NO_DATA_CLASS else EDGE,
            "linewidth": _thin(0.45, view),
            "hatch": "//////" if at == NO_DATA_CLASS else None,
            "zorder": 4,
        }
        _fill(axes, geoms[members & ~schematic], view, style)
        # The outline of a schematic boundary is drawn over the fill, in its own way.
        _fill(axes, geoms[members & schematic], view, {**style, "linewidth": 0.0})
    _fill(
        axes,
        geoms[schematic],
        view,
        {
            "facecolor": "none",
            "edgecolor": SCHEMATIC_EDGE,
            "linewidth": _thin(0.9, view),
            "linestyle": (0, (4, 2)),
            "zorder": 5,
        },
    )


def _draw_pianqu(axes: Axes, pianqu: gpd.GeoDataFrame, view: MapView) -> None:
    """Outlines in the colours of the 片区; members up to two reaches apart share one."""
    known = pianqu[~(pianqu.geometry.isna() | pianqu.geometry.is_empty)]
    reach = max(OUTLINE_REACH_M, OUTLINE_REACH_MM * view.metres_per_mm)
    wide = shapely.buffer(known.geometry.to_numpy(), reach, join_style="mitre")
    outlines = shapely.buffer(wide, -reach * 0.9, join_style="mitre")
    inks = [pianqu_ink(color) for color in known["color"]]
    for width, colors, z in ((3.4, ["#ffffff"], 7.0), (1.7, inks, 7.1)):
        style = {"facecolor": "none", "edgecolor": colors, "linewidth": width, "zorder": z}
        _fill(axes, outlines, view, {**style, "joinstyle": "round"})


def _fill(axes: Axes, geoms: npt.NDArray[np.object_], view: MapView, style: dict[str, Any]) -> None:
    if not len(geoms):
        return
    paths = polygon_paths(geoms, tolerance_m=SIMPLIFY_MM * view.metres_per_mm)
    axes.add_collection(
        PathCollection(
            [path for path in paths if len(path.vertices)],
            rasterized=len(paths) > VECTOR_LIMIT,
            **style,
        ),
        autolim=False,
    )


def _thin(points: float, view: MapView) -> float:
    """Pens get finer on small scales, where boundaries stand close."""
    return (
        points
        if view.denominator <= 10_000
        else points * (0.6 if view.denominator <= 50_000 else 0.35)
    )
