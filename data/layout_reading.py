"""A saved layout of stalls read back, with what is around it as it is now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.ground import ground_of
from data.ground_settings import GroundSettings
from data.layout_assessing import again
from data.layout_making import LAYOUT_LAYERS, figures_before
from data.layout_records import AISLE, USES, LayoutFigures, Origin, Site, StallLayout, basis_of
from data.layout_saving import SavedLayout, saved_layouts
from data.layout_work import buildings_near
from data.stall_settings import ARRANGEMENTS, StallSettings
from data.store import Plan
from errors import RecordError
from geo.crs import plan_zone, to_plane, zone_epsg
from geo.stall_corners import bearing_of, mouths_of
from geo.stall_measures import served_by
from geo.stall_sizes import Layout
from geo.stall_uses import ORDINARY

__all__ = ["NO_SAVED", "open_layout", "opened"]

Shapes = NDArray[np.object_]

NO_SAVED = "这个小区还没有保存的车位方案，请先排布并保存，再增删车位。"
_CORNERS = 4


def open_layout(plan: Plan, compound_uid: str) -> StallLayout:
    """Read a saved layout back, with what is around it as it is now, to be shown and edited.

    Raises
    ------
    RecordError
        If the compound has no saved layout.
    """
    return opened(plan, compound_uid)[0]


def opened(plan: Plan, compound_uid: str) -> tuple[StallLayout, SavedLayout, list[str]]:
    """Read a saved layout, its record, and the uids of its stalls in order."""
    held = saved_layouts(plan, [compound_uid])
    if not held:
        raise RecordError("停车位", [NO_SAVED])
    saved = held[-1]
    layers = {name: plan.read(name) for name in LAYOUT_LAYERS}
    ground_settings = GroundSettings.from_settings({"ground": saved.ground})
    settings = StallSettings.from_settings({"stalls": saved.stalls})
    zone = plan.settings().get("zone")
    held_by = layers["compounds"].index
    joined = tuple(uid for uid in saved.joined if uid in held_by)
    site, figures = _site(layers, compound_uid, ground_settings, settings, zone, joined=joined)
    rows = layers["stalls"]
    stalls = rows[(rows["layout_uid"] == saved.uid) & rows.geometry.notna()]
    aisles = plan.read("aisles")
    lanes = aisles[(aisles["layout_uid"] == saved.uid) & aisles.geometry.notna()]
    laid, use, chairs = _read_back(stalls, lanes, site.epsg)
    blank = StallLayout(
        uid=compound_uid,
        name=str(layers["compounds"]["name"].get(compound_uid) or compound_uid),
        origin=Origin(plan_id=str(plan.plan_id), basis=basis_of(plan), edition=plan.edition()),
        ground_settings=ground_settings,
        stall_settings=settings,
        # Of the capacity, as they were saved: a hand on the stalls changes neither.
        figures=replace(
            figures,
            capacity=saved.figures["capacity"],
            open_m2=saved.figures["open_m2"] or figures.open_m2,
        ),
        site=site,
        layout=laid,
        wheelchair=chairs,
        joined=saved.joined,
        notes=saved.notes,
    )
    layout = again(blank, laid, use, stalls["by_hand"].to_numpy(bool))
    return layout, saved, [str(uid) for uid in stalls.index]


def _site(
    layers: dict[str, gpd.GeoDataFrame],
    uid: str,
    ground_settings: GroundSettings,
    settings: StallSettings,
    zone: Any,
    *,
    joined: tuple[str, ...],
) -> tuple[Site, LayoutFigures]:
    compounds = layers["compounds"]
    epsg = plan_zone(compounds.geometry).epsg if zone is None else zone_epsg(int(zone))
    # Saved with buildings, or without and the planner had said so.
    found = ground_of(
        layers,
        list(dict.fromkeys((uid, *joined))),
        ground_settings,
        purpose="proposal",
        epsg=epsg,
        with_shapes=True,
        together=pd.Series("joined", index=list(joined)) if joined else None,
        bare_ground=True,
    )
    taken = found.ground.taken
    site = Site(
        ground=found.ground.open[uid],
        roads=found.roads[uid],
        streets=found.streets[uid],
        paved=found.paved[uid],
        green=found.green[uid],
        buildings=buildings_near(layers.get("buildings"), found.compounds.loc[[uid]])[uid],
        epsg=epsg,
        taken=None if taken is None else taken[taken["compound"] == uid],
    )
    return site, figures_before(layers, uid, found, settings, zone)


def _read_back(
    stalls: gpd.GeoDataFrame, aisles: gpd.GeoDataFrame, epsg: int
) -> tuple[Layout, NDArray[np.str_], Shapes]:
    """Rows of the plan as a layout; shapes that another program has bent are straightened."""
    shapes = _rectangles(to_plane(stalls.geometry, epsg).to_numpy())
    lanes = to_plane(aisles.geometry, epsg).to_numpy()
    chair = (aisles["kind"] != AISLE).to_numpy(bool)
    mouths = mouths_of(shapes)
    kinds = {title: name for name, title in reversed(ARRANGEMENTS.items())}
    uses = {title: name for name, title in USES.items()}
    paths = shapely.get_parts(lanes[~chair])
    dead = np.repeat(
        np.nan_to_num(aisles["dead_end_m"].to_numpy(float)[~chair]),
        shapely.get_num_geometries(lanes[~chair]),
    )
    laid = Layout(
        stalls=shapes,
        arrangement=np.array([kinds.get(k, "perpendicular") for k in stalls["kind"]], dtype=str),
        angle_deg=np.array([bearing_of(shape) for shape in shapes], dtype=float),
        aisle=served_by(mouths, paths),
        mouth=mouths,
        aisles=paths,
        dead_end_m=dead,
    )
    use = np.array([uses.get(u, ORDINARY) for u in stalls["use"]], dtype=str)
    return laid, use, shapely.get_parts(lanes[chair])


def _rectangles(shapes: Shapes) -> Shapes:
    parts: Shapes = shapely.get_geometry(shapes, 0)
    four = shapely.get_num_coordinates(shapely.get_exterior_ring(parts)) == _CORNERS + 1
    return np.where(four, parts, shapely.minimum_rotated_rectangle(parts))
