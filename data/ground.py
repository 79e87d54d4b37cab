"""Open ground of the compounds of a plan: from its layers to what is taken off, roads beside it, and what is not known.

Capacity asks what would fit at most: no distance to the wall and no paths to doors are kept. A proposal keeps both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.ground_beside import houses_on, inside, roads_beside
from data.ground_context import CONTEXT_LAYERS, Context, Purpose, context_of, deductions_of
from data.ground_doorways import doorways_of, houses_without
from data.ground_joining import joined_outlines, led_through
from data.ground_notes import ground_notes, unreliable_ground
from data.ground_settings import GroundSettings
from data.layer_rows import column
from errors import RecordError
from geo.crs import plan_zone, to_plane
from geo.ground import Ground, open_ground
from geo.repair import repair
from geo.stacking import joined_by
from policy.ground_rules import ground_rules

__all__ = ["GroundOf", "Purpose", "ground_of"]

Progress = Callable[[float], None]
Positions = NDArray[np.intp]
Shapes = NDArray[np.object_]

# What lies farther from every compound asked for has no part in it.
_CONTEXT_M = 20.0
# Compounds between two calls of the progress: about 0.2 s.
_AT_ONCE = 50


@dataclass(frozen=True, kw_only=True, eq=False)
class GroundOf:
    """Open ground of compounds, and what is beside it; all by uid, in the plane of the plan.

    Attributes
    ----------
    compounds : GeoSeries
        Outlines as they were measured: repaired, and joined to other members where walls are taken down.
    ground : Ground
        Open ground and what each deduction took, of the kinds of `data.ground_settings.GROUND_KINDS`.
    roads : GeoSeries
        Ground that cars drive on and that may serve as an aisle, also outside the boundary within reach.
    streets : GeoSeries
        Public streets within reach: a way in, never an aisle.
    fire_lanes : GeoSeries
        The part of `roads` that is fire lanes.
    paved : GeoSeries
        Ground inside that is known to be hard.
    green : GeoSeries
        All green that is drawn inside, whether it stays or not.
    buildings : Series of int
        Mapped buildings that stand on the compound, wholly or in part.
    bare : Series of bool
        Without mapped buildings and known to be so: the planner says it, or it is a vacant parcel.
    unreliable : Series of str
        Why the ground is not to be relied on, since houses are missing: no figure may rest on it; empty where it is.
    no_roads : Series of bool
        No road that cars use comes near: 无路网数据.
    notes : Series of tuple of str
        What is missing or doubtful, for the planner.
    epsg : int
        The plane.
    """

    compounds: gpd.GeoSeries
    ground: Ground
    roads: gpd.GeoSeries
    streets: gpd.GeoSeries
    fire_lanes: gpd.GeoSeries
    paved: gpd.GeoSeries
    green: gpd.GeoSeries
    buildings: pd.Series[int]
    bare: pd.Series[bool]
    unreliable: pd.Series[Any]
    no_roads: pd.Series[bool]
    notes: pd.Series[Any]
    epsg: int


def ground_of(
    layers: Mapping[str, gpd.GeoDataFrame],
    uids: Sequence[str] | None,
    settings: GroundSettings,
    *,
    purpose: Purpose,
    epsg: int | None = None,
    with_shapes: bool = False,
    together: pd.Series | None = None,
    bare_ground: bool = False,
    progress: Progress | None = None,
) -> GroundOf:
    """Find the open ground of compounds of a plan.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        Layers of the plan, EPSG:4490, by uid: ``compounds``, and of ``buildings``, ``roads``, ``green``, ``water``,
        ``parking``, ``facilities`` and ``sites`` those that there are.
    uids : sequence of str, optional
        Which compounds; by default all. The result is in this order.
    settings : GroundSettings
        What is taken off.
    purpose : {"capacity", "proposal"}
        Whether distances to the wall and paths to doors are kept.
    epsg : int, optional
        Plane of the plan; by default that of the middle of its compounds.
    with_shapes : bool
        Also give the pieces that were taken off.
    together : Series, optional
        Label of the 片区 by uid, missing for none: members that lie next to each other are joined, and vacant parcels
        beside them are added.
    bare_ground : bool
        The planner says that compounds without mapped buildings, or with few, have no more.
    progress : callable, optional
        Called with the share done, 0 to 1; what it raises ends the work.

    Returns
    -------
    GroundOf

    Raises
    ------
    RecordError
        If there is no such compound, or one is asked for twice.
    CrsError
        If no compound has a boundary and `epsg` is not given, or a layer has no coordinate system.
    """
    tell = progress or (lambda _share: None)
    if epsg is None:
        epsg = plan_zone(layers["compounds"].geometry).epsg
    names = [name for name in ("compounds", *CONTEXT_LAYERS) if name in layers]
    plane = {name: to_plane(layers[name], epsg) for name in names}
    asked = _Asked.of(plane["compounds"], uids, together, epsg)
    tell(0.02)
    batches = asked.batches(_AT_ONCE)
    done = []
    for number, some in enumerate(batches):
        done.append(
            _ground_of(
                plane, some, settings, purpose=purpose, with_shapes=with_shapes, bare=bare_ground
            )
        )
        tell(0.02 + 0.97 * (number + 1) / len(batches))
    ground = _together(done, layers["compounds"].index[asked.wanted], epsg)
    tell(1.0)
    return ground


def _ground_of(
    layers: Mapping[str, gpd.GeoDataFrame],
    asked: _Asked,
    settings: GroundSettings,
    *,
    purpose: Purpose,
    with_shapes: bool,
    bare: bool,
) -> GroundOf:
    """Ground of a few compounds; the layers are in the plane already."""
    compounds, wanted, epsg = layers["compounds"], asked.wanted, asked.epsg
    index = compounds.index[wanted]
    context = context_of(layers, asked.everyone, asked.near(settings), settings, epsg=epsg)
    context = asked.led_through(context, settings.shared_wall_gap_m)
    outlines = asked.joined(context.vacant, settings.shared_wall_gap_m)
    foreign = asked.foreign(settings.road_reach_m)
    beside = roads_beside(context.roads, outlines, foreign, reach_m=settings.road_reach_m)
    doorways = None
    if purpose == "proposal":
        doorways = doorways_of(context.buildings, context.roads, outlines, settings, epsg=epsg)
    deductions = deductions_of(
        context, outlines, asked.group, settings, doorways=doorways, epsg=epsg
    )
    ground = open_ground(
        gpd.GeoSeries(outlines, index=index, crs=epsg), deductions, with_shapes=with_shapes
    )
    green, houses = inside(context.green, outlines), houses_on(context.buildings, outlines)
    vacant = [ground_rules().is_vacant(kind) for kind in column(compounds, "kind").iloc[wanted]]
    known_bare = np.array(vacant, dtype=bool) | bare
    found = pd.DataFrame(
        {
            "area_m2": shapely.area(outlines),
            "mended": ~shapely.is_valid(compounds.geometry.iloc[wanted].to_numpy()),
            "buildings": houses,
            "buildings_m2": ground.areas["buildings"].to_numpy(),
            "known_bare": known_bare,
            "no_roads": beside.none,
            "without_way": houses_without(
                doorways, context.buildings, context.building_names, outlines
            ),
            "roads_m2": shapely.area(shapely.intersection(beside.ways, outlines)),
            "green_m2": shapely.area(green),
        },
        index=index,
    )

    least = settings.least_built_share
    found["unreliable"] = unreliable_ground(found, least)

    def series(shapes: Shapes) -> gpd.GeoSeries:
        return gpd.GeoSeries(shapes, index=index, crs=epsg)

    return GroundOf(
        compounds=series(outlines),
        ground=ground,
        roads=series(beside.ways),
        streets=series(beside.streets),
        fire_lanes=series(beside.fire),
        paved=series(inside(context.paved, outlines)),
        green=series(green),
        buildings=found["buildings"],
        bare=found["known_bare"] & found["buildings"].eq(0),
        unreliable=found["unreliable"],
        no_roads=found["no_roads"],
        notes=ground_notes(found, layers, least_share=least, bare_ground=bare),
        epsg=epsg,
    )


def _together(parts: Sequence[GroundOf], index: pd.Index, epsg: int) -> GroundOf:
    """Join the parts, in the order that was asked for."""
    by_uid = {
        one.name: pd.concat([getattr(part, one.name) for part in parts]).loc[index]
        for one in fields(GroundOf)
        if one.name not in ("ground", "epsg")
    }
    grounds = [part.ground for part in parts]
    taken = [one.taken for one in grounds if one.taken is not None]
    return GroundOf(
        **by_uid,
        ground=Ground(
            open=pd.concat([one.open for one in grounds]).loc[index],
            areas=pd.concat([one.areas for one in grounds]).loc[index],
            taken=pd.concat(taken, ignore_index=True) if taken else None,
        ),
        epsg=epsg,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Asked:
    """Compounds that are asked for among all of them.

    `group` has a number for each one asked for, the same for members of one 片区; `member` marks those.
    """

    everyone: Shapes
    uids: NDArray[np.object_]
    wanted: Positions
    group: Positions
    member: NDArray[np.bool_]
    epsg: int

    @classmethod
    def of(
        cls,
        compounds: gpd.GeoDataFrame,
        uids: Sequence[str] | None,
        together: pd.Series | None,
        epsg: int,
    ) -> _Asked:
        mended, _ = repair(to_plane(compounds.geometry, epsg))
        wanted = _wanted(compounds.index, uids)
        index = compounds.index[wanted]
        labels = pd.Series(None, index=index, dtype=object)
        if together is not None:
            labels = together.astype(object).reindex(index)
        member = labels.notna().to_numpy(bool)
        own = [
            f"p{label}" if one else f"u{uid}"
            for uid, label, one in zip(index, labels, member, strict=True)
        ]
        return cls(
            everyone=np.where(mended.isna(), shapely.Polygon(), mended.to_numpy()),
            uids=compounds.index.to_numpy(dtype=object),
            wanted=wanted,
            group=pd.factorize(np.array(own, dtype=object), sort=True)[0].astype(np.intp),
            member=member,
            epsg=epsg,
        )

    def batches(self, size: int) -> list[_Asked]:
        """Parts of about so many compounds that lie near to each other; members of a 片区 stay together."""
        outlines = gpd.GeoSeries(self.everyone[self.wanted])
        along = np.zeros(len(outlines))
        if (there := ~outlines.is_empty.to_numpy()).any():
            along[there] = outlines[there].hilbert_distance()
        first = pd.Series(along).groupby(self.group).transform("min").to_numpy()
        order = np.lexsort((along, self.group, first))
        starts = np.flatnonzero(np.append(True, np.diff(self.group[order]) != 0))
        number = np.repeat(starts // size, np.diff(np.append(starts, len(order))))
        parts = np.split(order, np.flatnonzero(np.diff(number)) + 1)
        return [
            replace(
                self, wanted=self.wanted[part], group=self.group[part], member=self.member[part]
            )
            for part in parts
        ]

    def near(self, settings: GroundSettings) -> Shapes:
        """Boxes around them, which hold all that has a part in their ground."""
        reach = settings.road_reach_m + settings.setback_m + _CONTEXT_M
        outlines = self.everyone[self.wanted]
        west, south, east, north = shapely.bounds(outlines[~shapely.is_empty(outlines)]).T
        boxes = shapely.box(west - reach, south - reach, east + reach, north + reach)
        return np.asarray(boxes, dtype=object)

    def joined(self, vacant: Shapes, gap_m: float) -> Shapes:
        """Their outlines; members of a 片区 joined to each other and to vacant parcels beside them."""
        outlines: Shapes = self.everyone[self.wanted].copy()
        members = np.flatnonzero(self.member)
        if len(members):
            # By uid, so that what lies between goes to the same one in whatever order they come.
            members = members[np.argsort(self.uids[self.wanted[members]].astype(str))]
            others = np.delete(self.everyone, self.wanted[members])
            outlines[members] = joined_outlines(
                outlines[members], self.group[members], others, vacant, gap_m=gap_m
            )
        return outlines

    def led_through(self, context: Context, gap_m: float) -> Context:
        """Ways of members of a 片区 lead through the walls between them."""
        if not self.member.any():
            return context
        own = self.wanted[self.member]
        ways = led_through(
            context.roads.ways.to_numpy(),
            self.everyone[own],
            self.group[self.member],
            context.buildings,
            gap_m=gap_m,
        )
        led = gpd.GeoSeries(ways, index=context.roads.ways.index, crs=context.roads.ways.crs)
        return replace(context, roads=replace(context.roads, ways=led))

    def foreign(self, reach_m: float) -> Shapes:
        """Ground behind the walls of others, around each."""
        label = np.full(len(self.everyone), -1, dtype=np.intp)
        label[self.wanted] = self.group
        outlines = self.everyone[self.wanted]
        row, other = shapely.STRtree(self.everyone).query(
            outlines, predicate="dwithin", distance=reach_m
        )
        behind = label[other] != self.group[row]
        return joined_by(self.everyone[other[behind]], row[behind], len(outlines))


def _wanted(held: pd.Index, uids: Sequence[str] | None) -> Positions:
    if uids is None:
        return np.arange(len(held))
    asked = pd.Index(list(uids), dtype=object)
    rows = held.get_indexer(asked)
    problems = [
        f"没有标识码为“{uid}”的小区，请重新选择。"
        for uid, row in zip(asked, rows, strict=True)
        if row < 0
    ]
    problems += [f"标识码“{uid}”写了两次，请去掉一个。" for uid in asked[asked.duplicated()]]
    if problems:
        raise RecordError("小区", problems)
    return np.asarray(rows, dtype=np.intp)
