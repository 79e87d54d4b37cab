"""What a layout of stalls is made of: its site, its figures, and the state of the plan that it rests on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.ground_settings import GroundSettings
from data.stall_settings import ARRANGEMENTS, StallSettings
from data.store import Plan
from geo.stall_corners import turned_to_mouth
from geo.stall_sizes import Layout, LayoutLimits, StallSize
from geo.stall_uses import ACCESSIBLE, CHARGING, ORDINARY
from policy.verdicts import Verdict

__all__ = [
    "BASIS_LAYERS",
    "USES",
    "LayoutFigures",
    "Origin",
    "Site",
    "StallLayout",
    "basis_of",
    "is_stale",
    "layout_frame",
    "limits_of",
    "origin_of",
    "sizes_of",
]

Shapes = NDArray[np.object_]

USES: dict[str, str] = {ORDINARY: "普通", ACCESSIBLE: "无障碍", CHARGING: "充电"}
AISLE, WHEELCHAIR = "停车通道", "轮椅通道"

# Beside the compounds themselves; saved stalls change none of them.
BASIS_LAYERS = ("buildings", "roads", "green", "water", "parking", "facilities", "sites")
_BASIS_FIELDS = ("kind", "households", "stalls_existing", "pianqu_uid")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """State of the plan that a layout is made of.

    Attributes
    ----------
    plan_id : str
    basis : str
        As of :func:`basis_of`.
    edition : int
        修订 as planners are told.
    """

    plan_id: str
    basis: str
    edition: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Site:
    """What there is on and around a compound, in the plane `epsg`.

    Attributes
    ----------
    ground : geometry
        Open ground of a proposal.
    roads, streets, paved, green : geometry
        As of `data.ground.GroundOf`.
    buildings : array of geometry
        On the compound and near to it.
    epsg : int
    taken : GeoDataFrame or None
        Pieces that deductions took (``kind``, geometry), where they were asked for.
    """

    ground: shapely.Geometry
    roads: shapely.Geometry
    streets: shapely.Geometry
    paved: shapely.Geometry
    green: shapely.Geometry
    buildings: Shapes
    epsg: int
    taken: gpd.GeoDataFrame | None = None


@dataclass(frozen=True, kw_only=True)
class LayoutFigures:
    """A layout in figures; None is unknown.

    Attributes
    ----------
    households, existing : int or None
        Households, and stalls that there are.
    shortage, left : int or None
        Stalls that the compound is short of (below zero: to spare), and what of it sharing does not cover.
    limit : int or None
        Where the proposal stops for want of need; None is no limit.
    capacity : int or None
        All that fits.
    stalls : int
        New stalls on the ground.
    mechanical : int
        Added by mechanical parking.
    accessible, charging : int
        Of the stalls on the ground.
    area_m2, open_m2 : float
        The compound, and its open ground as of the capacity.
    deductions : dict
        m² by id of `data.ground_settings.GROUND_KINDS`.
    used_m2, aisle_m2 : float
        Open ground under stalls and new aisles; of the aisles alone.
    capacity_m2_per_stall, m2_per_stall : float or None
        Ground of stalls and new aisles by stall: of the capacity, of the proposal.
    green_lost_m2 : float or None
        Green that is drawn and would go; None if none is drawn.
    unpaved_share : float or None
        Of the open ground that is not paved, what stays so.
    fire_clear_m : float or None
        Narrowest clear width of roads beside stalls.
    """

    households: int | None = None
    existing: int | None = None
    shortage: int | None = None
    left: int | None = None
    limit: int | None = None
    capacity: int | None = None
    stalls: int = 0
    mechanical: int = 0
    accessible: int = 0
    charging: int = 0
    area_m2: float = 0.0
    open_m2: float = 0.0
    deductions: dict[str, float] = field(default_factory=dict)
    used_m2: float = 0.0
    aisle_m2: float = 0.0
    capacity_m2_per_stall: float | None = None
    m2_per_stall: float | None = None
    green_lost_m2: float | None = None
    unpaved_share: float | None = None
    fire_clear_m: float | None = None

    @property
    def proposed(self) -> int:
        """New stalls in all."""
        return self.stalls + self.mechanical

    @property
    def before(self) -> float | None:
        """Stalls per household as it is."""
        return _ratio(self.existing, self.households)

    @property
    def after(self) -> float | None:
        """Stalls per household with the new ones."""
        return _ratio(
            None if self.existing is None else self.existing + self.proposed, self.households
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class StallLayout:
    """What fits on a compound and what is proposed; nothing of it is in the plan yet.

    Attributes
    ----------
    uid, name : str
        The compound.
    origin : Origin
        State of the plan that it was made of.
    ground_settings, stall_settings
        What it came from.
    site : Site or None
        None where there are no figures.
    capacity : Layout or None
        All that fits.
    layout : Layout or None
        The proposal, without the stalls that became wheelchair aisles.
    use : array of str
        Of its stalls, a key of :data:`USES`.
    by_hand : array of bool
        Stalls that the planner has added.
    wheelchair : array of Polygon
        Wheelchair aisles.
    joined : tuple of str
        Members of the 片区, itself among them, between which walls were taken down; none where they stay.
    figures : LayoutFigures
    verdicts : tuple of Verdict
    notes : tuple of str
        What the planner has to know.
    reason : str
        Why there is no figure, or no stall; empty if there is one.
    """

    uid: str
    name: str
    origin: Origin
    ground_settings: GroundSettings
    stall_settings: StallSettings
    figures: LayoutFigures
    site: Site | None = None
    capacity: Layout | None = None
    layout: Layout | None = None
    use: NDArray[np.str_] = field(default_factory=lambda: np.empty(0, dtype=str))
    by_hand: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))
    wheelchair: Shapes = field(default_factory=lambda: np.empty(0, dtype=object))
    joined: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""

    @property
    def known(self) -> bool:
        """Whether there are figures."""
        return self.figures.capacity is not None

    @property
    def words(self) -> str:
        """The settings in words, as the history carries them."""
        return f"{self.ground_settings.words}；{self.stall_settings.words}"

    @property
    def limits(self) -> LayoutLimits:
        """What its stalls have to keep, but for the need."""
        return limits_of(self.stall_settings)


def sizes_of(settings: StallSettings) -> tuple[StallSize, ...]:
    """Give the sizes that a plan allows, as geometry knows them."""
    return tuple(
        StallSize(
            id=one.id,
            angle_deg=one.angle_deg,
            width_m=one.width_m,
            length_m=one.length_m,
            depth_wall_m=one.depth_wall_m,
            depth_back_m=one.depth_back_m,
            pitch_m=one.pitch_m,
            aisle_m=one.aisle_m,
        )
        for one in settings.sizes
    )


def limits_of(
    settings: StallSettings, *, capacity: bool = False, most: int | None = None
) -> LayoutLimits:
    """Give the limits of a layout: of the capacity only what no layout can do without."""
    needs: dict[str, Any] = {
        "sizes": sizes_of(settings),
        "min_aisle_m": settings.min_aisle_m,
        "access_m": settings.access_m,
    }
    if capacity:
        return LayoutLimits(**needs)
    return LayoutLimits(
        **needs,
        most=most,
        keep_unpaved_share=settings.unpaved_share,
        longest_dead_end_m=settings.dead_end_m,
        turning_place_m=settings.turning_place_m,
        group_most=settings.group_most,
        group_gap_m=settings.group_gap_m,
    )


def basis_of(plan: Plan) -> str:
    """Tell one state of all that layouts rest on from another; what saving them writes is not part of it."""
    told = hashlib.sha256()
    compounds = plan.read("compounds")
    order = np.argsort(compounds.index.to_numpy(str), kind="stable")
    told.update("\n".join(compounds.index.to_numpy(str)[order]).encode())
    for blob in shapely.to_wkb(compounds.geometry.to_numpy()[order]):
        told.update(b"-" if blob is None else blob)
    facts = pd.DataFrame(compounds[list(_BASIS_FIELDS)]).iloc[order]
    told.update(facts.to_csv(index=False).encode())
    revisions = [plan.layer_revision(name) for name in BASIS_LAYERS]
    told.update(repr((revisions, plan.settings().get("zone"))).encode())
    return told.hexdigest()[:16]


def origin_of(plan: Plan) -> Origin:
    """Give the state of a plan as it is now."""
    return Origin(plan_id=str(plan.plan_id), basis=basis_of(plan), edition=plan.edition())


def is_stale(layout: StallLayout, basis: str) -> bool:
    """Tell by its basis whether the plan has moved on since the layout was made."""
    return layout.origin.basis != basis


def layout_frame(layout: StallLayout) -> gpd.GeoDataFrame:
    """Give what a layout draws: stalls, aisles, wheelchair aisles, EPSG:4490.

    Returns
    -------
    GeoDataFrame
        ``part`` (stall, aisle, wheelchair), ``kind`` (title), ``use`` (title), ``angle_deg``, ``by_hand``,
        ``dead_end_m``; the first side of each stall is its mouth.
    """
    laid, site = layout.layout, layout.site
    if laid is None or site is None:
        return gpd.GeoDataFrame({"part": [], "kind": [], "use": []}, geometry=[], crs=4490)
    stalls, aisles = laid.count, len(laid.aisles)
    chairs = len(layout.wheelchair)
    table = pd.DataFrame(
        {
            "part": ["stall"] * stalls + ["aisle"] * aisles + ["wheelchair"] * chairs,
            "kind": [
                *(ARRANGEMENTS[name] for name in laid.arrangement),
                *[AISLE] * aisles,
                *[WHEELCHAIR] * chairs,
            ],
            "use": [*(USES[name] for name in layout.use), *[None] * (aisles + chairs)],
            "angle_deg": np.r_[laid.angle_deg % 180.0, np.full(aisles + chairs, np.nan)],
            "by_hand": np.r_[layout.by_hand, np.zeros(aisles + chairs, dtype=bool)],
            "dead_end_m": np.r_[np.full(stalls, np.nan), laid.dead_end_m, np.full(chairs, np.nan)],
        }
    )
    shapes = np.concatenate(
        [turned_to_mouth(laid.stalls, laid.mouth), laid.aisles, layout.wheelchair]
    )
    plane = gpd.GeoSeries(shapes, index=table.index, crs=site.epsg)
    return gpd.GeoDataFrame(table, geometry=plane.to_crs(4490))


def _ratio(stalls: int | None, households: int | None) -> float | None:
    if stalls is None or not households:
        return None
    return stalls / households
