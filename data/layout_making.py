"""Layouts of stalls for compounds of a plan: all that fits, and what is proposed up to the need, under all limits."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from data.ground import GroundOf, ground_of
from data.ground_settings import GroundSettings
from data.layout_assessing import assess, mechanical_of, used_stalls, with_uses
from data.layout_needs import Need, needs_of, spread
from data.layout_records import BASIS_LAYERS, LayoutFigures, Origin, Site, StallLayout, limits_of
from data.layout_work import Progress, buildings_near, in_threads, labelled_as, part_of
from data.stall_settings import StallSettings
from geo.crs import plan_zone, zone_epsg
from geo.stall_pruning import keep_within
from geo.stall_sizes import Layout, no_stalls
from geo.stall_uses import StallUses
from geo.stalls import lay_out_many, propose_layout

__all__ = ["LAYOUT_LAYERS", "figures_before", "make_layouts"]


# Layers of the plan that are read.
LAYOUT_LAYERS = ("compounds", *BASIS_LAYERS, "stalls")

_FEW = 60
# Rounds in which a proposal is fitted to the need: accessible stalls cost places, mechanical parking adds some.
_ROUNDS = 3

NO_BOUNDARY = "该小区还没有边界，请先画出或导入边界。"
NO_BUILDINGS = (
    "该小区没有建筑数据，分不清空地和楼房占地，不给出数字。"
    "请先导入建筑；确实没有建筑的，请确认是空地。"
)
NO_ROADS = "无路网数据：边界内外没有可通车的道路，车位无从进出。请先导入道路。"
NO_KINDS = "没有选车位的排列方式，请在设置里至少选一种。"
NOTHING_FITS = "空地太窄、太碎，或离道路太远，放不下车位"
NO_NEED = "不缺停车位，没有提出新增。"


def make_layouts(
    layers: Mapping[str, gpd.GeoDataFrame],
    uids: Sequence[str] | None,
    ground_settings: GroundSettings,
    stall_settings: StallSettings,
    *,
    origin: Origin,
    zone: int | None = None,
    saved: pd.DataFrame | None = None,
    together: bool = False,
    bare_ground: bool = False,
    progress: Progress | None = None,
) -> dict[str, StallLayout]:
    """Lay out stalls on compounds.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        Layers of the plan, EPSG:4490: ``compounds``, and of `LAYOUT_LAYERS` those that there are.
    uids : sequence of str, optional
        Which compounds; by default all.
    ground_settings, stall_settings
        What is taken off the ground; sizes, target and limits.
    origin : Origin
        State of the plan that the layers are of.
    zone : int, optional
        Zone of the plan, if the planner has chosen one.
    saved : DataFrame, optional
        Records of saved layouts: those of other members of a 片区 count towards its need.
    together : bool
        Take the walls between members of a 片区 down.
    bare_ground : bool
        Compounds without mapped buildings have none.
    progress : callable, optional
        Told the share done, 0 to 1; what it raises ends the work.

    Returns
    -------
    dict of str to StallLayout
        By uid, in the order asked for.

    Raises
    ------
    RecordError
        If there is no such compound.
    """
    tell = progress or (lambda _share: None)
    compounds = layers["compounds"]
    named: Sequence[Any] = list(compounds.index) if uids is None else uids
    asked = list(dict.fromkeys(str(uid) for uid in named))
    drawn = compounds.geometry[~(compounds.geometry.isna() | compounds.geometry.is_empty)]
    if not len(drawn):
        blank = StallLayout(
            uid="",
            name="",
            origin=origin,
            ground_settings=ground_settings,
            stall_settings=stall_settings,
            figures=LayoutFigures(),
            reason=NO_BOUNDARY,
        )
        return {uid: replace(blank, uid=uid, name=_name(compounds, uid)) for uid in asked}
    run = _Run(
        layers=layers,
        asked=asked,
        ground_settings=ground_settings,
        settings=stall_settings,
        origin=origin,
        epsg=plan_zone(drawn).epsg if zone is None else zone_epsg(zone),
        zone=zone,
        together=_labels(compounds, asked) if together else None,
        bare_ground=bare_ground,
        saved=saved,
    )
    return run.made(tell)


def _labels(compounds: pd.DataFrame, asked: Sequence[str]) -> pd.Series[Any]:
    labels: pd.Series[Any] = compounds["pianqu_uid"].reindex(pd.Index(asked)).astype(object)
    return labels


@dataclass(frozen=True, kw_only=True, eq=False)
class _Run:
    """One run over compounds."""

    layers: Mapping[str, gpd.GeoDataFrame]
    asked: list[str]
    ground_settings: GroundSettings
    settings: StallSettings
    origin: Origin
    epsg: int
    zone: int | None
    together: pd.Series[Any] | None
    bare_ground: bool
    saved: pd.DataFrame | None

    def made(self, tell: Progress) -> dict[str, StallLayout]:
        """Ground, capacity, proposals, figures."""
        widest = self._ground("capacity", part_of(tell, 0.0, 0.15))
        strict = self._ground("proposal", part_of(tell, 0.15, 0.3))
        reasons = self._reasons(widest)
        usable = [uid for uid in self.asked if not reasons[uid]]
        capacity = self._capacity(widest, usable, part_of(tell, 0.3, 0.65))
        needs = needs_of(self.layers, self.asked, self.settings, saved=self.saved, zone=self.zone)
        sites = self._sites(strict, usable)
        proposals = self._proposals(capacity, sites, needs, part_of(tell, 0.65, 0.97))
        done = {uid: self._draft(uid, widest, reasons[uid], needs[uid]) for uid in self.asked}
        for uid, site in sites.items():
            done[uid] = _filled(done[uid], capacity[uid], site, proposals[uid], needs[uid])
        tell(1.0)
        return done

    def _ground(self, purpose: Any, tell: Progress) -> GroundOf:
        return ground_of(
            self.layers,
            self.asked,
            self.ground_settings,
            purpose=purpose,
            epsg=self.epsg,
            together=self.together,
            bare_ground=self.bare_ground,
            # To say what a stall that is added by hand would stand on; too much for thousands.
            with_shapes=purpose == "proposal" and len(self.asked) <= _FEW,
            progress=tell,
        )

    def _reasons(self, ground: GroundOf) -> dict[str, str]:
        """Why a compound gets no figure, or no stall."""
        drawn = ground.ground.areas["area_m2"].gt(0)
        unknown = ground.unreliable.ne("")
        few = ground.unreliable.where(ground.buildings.gt(0), "")
        told = pd.Series("" if self.settings.sizes else NO_KINDS, index=drawn.index, dtype=object)
        # The last that holds is told.
        for reason, holds in (
            (NO_ROADS, ground.no_roads),
            (NO_BUILDINGS, unknown),
            (few, few.ne("")),
            (NO_BOUNDARY, ~drawn),
        ):
            told = told.mask(holds.astype(bool), reason)
        return {str(uid): str(reason) for uid, reason in told.items()}

    def _capacity(
        self, ground: GroundOf, usable: list[str], tell: Progress
    ) -> dict[Hashable, Layout]:
        if not usable:
            return {}
        return lay_out_many(
            ground.ground.open.loc[usable],
            roads=ground.roads.loc[usable],
            streets=ground.streets.loc[usable],
            paved=ground.paved.loc[usable],
            limits=limits_of(self.settings, capacity=True),
            effort=self.settings.effort,
            seed=self.settings.seed,
            progress=tell,
        )

    def _sites(self, ground: GroundOf, usable: list[str]) -> dict[str, Site]:
        taken = ground.ground.taken
        near = buildings_near(self.layers.get("buildings"), ground.compounds.loc[usable])
        return {
            uid: Site(
                ground=ground.ground.open[uid],
                roads=ground.roads[uid],
                streets=ground.streets[uid],
                paved=ground.paved[uid],
                green=ground.green[uid],
                buildings=near[uid],
                epsg=self.epsg,
                taken=None if taken is None else taken[taken["compound"] == uid],
            )
            for uid in usable
        }

    def _proposals(
        self,
        capacity: Mapping[Hashable, Layout],
        sites: Mapping[str, Site],
        needs: Mapping[str, Need],
        tell: Progress,
    ) -> dict[str, _Proposal]:
        """Propose up to the need of each, then share what the 片区 needs among those that have room."""

        def propose(uid: str, most: int | None) -> _Proposal:
            return _fitted(capacity[uid], sites[uid], self.settings, most)

        first = {uid: needs[uid].most for uid in sites}
        found: dict[str, _Proposal] = in_threads(propose, first, part_of(tell, 0.0, 0.7))
        counts = {uid: proposal.total for uid, proposal in found.items()}
        less = {uid: part for uid, part in spread(counts, needs).items() if part < counts[uid]}
        return found | in_threads(propose, less, part_of(tell, 0.7, 1.0))

    def _draft(self, uid: str, ground: GroundOf, reason: str, need: Need) -> StallLayout:
        """Say what is known before anything is laid out."""
        # Without a road, or a kind of stall, there is room for none; without buildings nobody knows.
        none = 0 if reason in (NO_ROADS, NO_KINDS) else None
        return StallLayout(
            uid=uid,
            name=_name(self.layers["compounds"], uid),
            origin=self.origin,
            ground_settings=self.ground_settings,
            stall_settings=self.settings,
            figures=replace(_with_areas(need.figures, ground, uid), capacity=none),
            joined=labelled_as(self.together, uid),
            notes=tuple(ground.notes[uid]),
            reason=reason,
        )


def figures_before(
    layers: Mapping[str, gpd.GeoDataFrame],
    uid: str,
    ground: GroundOf,
    settings: StallSettings,
    zone: int | None,
) -> LayoutFigures:
    """Give what is known of a compound before anything is laid out."""
    need = needs_of(layers, [uid], settings, saved=None, zone=zone)[uid]
    return _with_areas(need.figures, ground, uid)


def _with_areas(figures: LayoutFigures, ground: GroundOf, uid: str) -> LayoutFigures:
    areas = ground.ground.areas.loc[[uid]].iloc[0]
    kinds = areas.drop(["area_m2", "open_m2"])
    return replace(
        figures,
        area_m2=float(areas["area_m2"]),
        open_m2=float(areas["open_m2"]),
        deductions={str(kind): float(area) for kind, area in kinds.items()},
    )


def _filled(
    draft: StallLayout, capacity: Layout, site: Site, proposal: _Proposal, need: Need
) -> StallLayout:
    """Add capacity and proposal, measured and judged."""
    uses = proposal.uses
    known = replace(
        draft.figures,
        capacity=capacity.count,
        limit=proposal.most,
        capacity_m2_per_stall=capacity.m2_per_stall,
    )
    figures, verdicts = assess(
        proposal.layout,
        uses.use,
        uses.wheelchair,
        site=site,
        settings=draft.stall_settings,
        known=known,
    )
    return replace(
        draft,
        site=site,
        capacity=capacity,
        layout=proposal.layout,
        use=uses.use,
        by_hand=np.zeros(proposal.layout.count, dtype=bool),
        wheelchair=uses.wheelchair,
        figures=figures,
        verdicts=verdicts,
        notes=(*draft.notes, *_notes(need, figures, proposal)),
        reason="" if capacity.count else _sentence([*capacity.notes, NOTHING_FITS][0]),
    )


def _fitted(capacity: Layout, site: Site, settings: StallSettings, most: int | None) -> _Proposal:
    """Propose up to the need, after accessible stalls have taken their places and platforms have added some."""
    if most == 0:
        return _Proposal.of(no_stalls(), site, settings, most)
    # A few more than needed, of which accessible stalls take their places.
    laid = propose_layout(
        capacity,
        site.ground,
        roads=site.roads,
        streets=site.streets,
        paved=site.paved,
        limits=limits_of(settings, most=None if most is None else most + _spare(most)),
        effort=settings.effort,
        seed=settings.seed,
    )
    asked = most
    best: _Proposal | None = None
    for _ in range(_ROUNDS):
        kept = keep_within(
            laid,
            ground=site.ground,
            roads=site.roads,
            streets=site.streets,
            paved=site.paved,
            limits=limits_of(settings, most=asked),
        )
        made = _Proposal.of(kept, site, settings, most)
        best = made if best is None or made.off < best.off else best
        if most is None or asked is None or made.total == most:
            break
        if made.total < most and kept.count < asked:
            # All that fits under the limits.
            break
        asked = max(1, asked + most - made.total)
    return best or made


def _spare(most: int) -> int:
    return 8 + most // 20


@dataclass(frozen=True, kw_only=True, eq=False)
class _Proposal:
    """A proposal, what its stalls are for, and how many were asked for."""

    layout: Layout
    uses: StallUses
    total: int
    most: int | None

    @classmethod
    def of(cls, laid: Layout, site: Site, settings: StallSettings, most: int | None) -> _Proposal:
        """Choose the uses of a layout."""
        uses = used_stalls(laid, site, settings)
        layout = with_uses(laid, uses)
        total = layout.count + mechanical_of(layout, uses.use, site, settings)
        return cls(layout=layout, uses=uses, total=total, most=most)

    @property
    def off(self) -> tuple[bool, int]:
        """How far it is from what was asked for; more than that is worse than less."""
        over = self.total - (self.most or 0)
        return over > 0, abs(over)


def _notes(need: Need, figures: LayoutFigures, proposal: _Proposal) -> list[str]:
    told = [*need.notes, *(_sentence(note) for note in proposal.layout.notes)]
    if figures.limit == 0:
        told.append(NO_NEED)
    wanted, found = proposal.uses.wanted, proposal.uses.accessible
    if found < wanted:
        told.append(f"应设无障碍车位 {wanted} 个，只有 {found} 个车位旁边放得下轮椅通道。")
    return told


def _sentence(note: str) -> str:
    return note if note.endswith("。") else f"{note}。"


def _name(compounds: pd.DataFrame, uid: str) -> str:
    name = compounds["name"].get(uid)
    return str(name) if isinstance(name, str) and name else uid
