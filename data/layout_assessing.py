"""A layout of stalls measured, reckoned and judged: figures, verdicts with their clauses, and notes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from data.layout_records import LayoutFigures, Site, StallLayout, limits_of
from data.stall_settings import StallSettings
from geo.stall_measures import LayoutMeasures, lots_of, measure_layout
from geo.stall_sizes import Layout
from geo.stall_uses import ACCESSIBLE, CHARGING, StallUses, choose_uses, stacked
from policy.stall_judging import LayoutFacts, judge_layout
from policy.verdicts import Verdict

__all__ = ["again", "assess", "mechanical_of", "used_stalls", "with_uses"]

Shapes = NDArray[np.object_]

_RIGHT_ANGLE = 90.0
_FIRE = "stalls/fire_clearance"


def used_stalls(layout: Layout, site: Site, settings: StallSettings) -> StallUses:
    """Choose accessible and charging stalls of a layout."""
    return choose_uses(
        layout.stalls,
        layout.mouth,
        lots_in(layout, site),
        layout.aisles,
        ground=site.ground,
        buildings=site.buildings,
        accessible_share=settings.accessible_share,
        accessible_aisle_m=settings.accessible_aisle_m,
        charging_share=settings.charging_share,
    )


def with_uses(layout: Layout, uses: StallUses) -> Layout:
    """Take the stalls out of a layout that became wheelchair aisles."""
    kept = uses.kept
    made = replace(
        layout,
        stalls=layout.stalls[kept],
        arrangement=layout.arrangement[kept],
        angle_deg=layout.angle_deg[kept],
        aisle=layout.aisle[kept],
        mouth=layout.mouth[kept],
        area_m2=layout.area_m2 - float(shapely.area(np.delete(layout.stalls, kept)).sum()),
    )
    return replace(made, m2_per_stall=made.area_m2 / made.count if made.count else None)


def lots_in(layout: Layout, site: Site) -> NDArray[np.int64]:
    """Give the lots of a layout."""
    return lots_of(layout.stalls, layout.mouth, layout.aisle, layout.aisles, site.roads)


def mechanical_of(
    layout: Layout, use: NDArray[np.str_], site: Site, settings: StallSettings
) -> int:
    """Count the stalls that mechanical parking adds; 0 unless the plan asks for it."""
    if not settings.mechanical or not layout.count:
        return 0
    return stacked(
        lots_in(layout, site),
        slants_of(layout, settings) == _RIGHT_ANGLE,
        use,
        multiplier=settings.mechanical_multiplier,
        from_stalls=settings.mechanical_from_stalls,
    )


def slants_of(layout: Layout, settings: StallSettings) -> NDArray[np.float64]:
    """Angle between each stall and its aisle."""
    of = {size.id: size.angle_deg for size in limits_of(settings).sizes}
    return np.array([of.get(str(name), _RIGHT_ANGLE) for name in layout.arrangement], dtype=float)


def assess(
    layout: Layout,
    use: NDArray[np.str_],
    wheelchair: Shapes,
    *,
    site: Site,
    settings: StallSettings,
    known: LayoutFigures,
) -> tuple[LayoutFigures, tuple[Verdict, ...]]:
    """Measure and judge a proposal.

    Parameters
    ----------
    layout, use, wheelchair
        Stalls and aisles, what the stalls are for, and the wheelchair aisles.
    site : Site
    settings : StallSettings
        The limits that the plan sets itself are among them.
    known : LayoutFigures
        What does not depend on the proposal.
    """
    measures = measure_layout(
        layout.stalls,
        layout.mouth,
        layout.aisle,
        layout.aisles,
        slant_deg=slants_of(layout, settings),
        roads=site.roads,
        buildings=site.buildings,
        group_gap_m=settings.group_gap_m,
    )
    taken = shapely.union_all(np.concatenate([layout.stalls, layout.aisles, wheelchair]))
    used = float(shapely.area(taken))
    figures = replace(
        known,
        stalls=layout.count,
        mechanical=mechanical_of(layout, use, site, settings),
        accessible=int((use == ACCESSIBLE).sum()),
        charging=int((use == CHARGING).sum()),
        used_m2=used,
        aisle_m2=measures.aisle_area_m2,
        m2_per_stall=used / layout.count if layout.count else None,
        green_lost_m2=_green_lost(site, taken),
        unpaved_share=_unpaved(site, taken),
        fire_clear_m=measures.fire_clear_m,
    )
    facts = _facts(layout, figures, measures, chairs=len(wheelchair), settings=settings)
    said = judge_layout(facts, limits=_own_limits(settings))
    if figures.fire_clear_m is None:
        # No stall stands beside a road that is there: each keeps its width.
        said = tuple(one for one in said if one.rule != _FIRE)
    return figures, said


def _facts(
    layout: Layout,
    figures: LayoutFigures,
    measures: LayoutMeasures,
    *,
    chairs: int,
    settings: StallSettings,
) -> LayoutFacts:
    return LayoutFacts(
        count=figures.stalls,
        accessible=figures.accessible,
        charging=figures.charging,
        aisle_m=measures.aisle_m,
        fire_clear_m=figures.fire_clear_m,
        accessible_aisle_m=settings.accessible_aisle_m if chairs else None,
        largest_group=measures.largest_group,
        lot_to_building_m=measures.lot_to_building_m,
        roadside_to_wall_m=measures.roadside_to_wall_m,
        dead_end_m=float(layout.dead_end_m.max()) if len(layout.dead_end_m) else 0.0,
        unpaved_share=figures.unpaved_share,
        green_lost_m2=figures.green_lost_m2,
        lot_m2_per_stall=measures.lot_m2_per_stall,
        roadside_m2_per_stall=measures.roadside_m2_per_stall,
    )


def _own_limits(settings: StallSettings) -> dict[str, float]:
    """Limits that the plan sets, by the names of `policy.parking_rules`; one that it lifts is not judged by it."""
    given = {
        "min_aisle_m": settings.min_aisle_m,
        "accessible_share": settings.accessible_share,
        "accessible_aisle_m": settings.accessible_aisle_m,
        "charging_share": settings.charging_share,
        "group_most": settings.group_most,
        "group_gap_m": settings.group_gap_m,
        "dead_end_m": settings.dead_end_m,
        "turning_place_m": settings.turning_place_m,
        "unpaved_share": settings.unpaved_share,
    }
    return {name: float(value) for name, value in given.items() if value is not None}


def _green_lost(site: Site, taken: shapely.Geometry) -> float | None:
    if site.green.is_empty:
        return None
    return float(shapely.area(shapely.intersection(site.green, taken)))


def _unpaved(site: Site, taken: shapely.Geometry) -> float | None:
    """Share of the open ground that is not paved and stays so."""
    soft = shapely.difference(site.ground, site.paved)
    area = float(shapely.area(soft))
    if area <= 0:
        return None
    return 1.0 - float(shapely.area(shapely.intersection(soft, taken))) / area


def again(
    layout: StallLayout, laid: Layout, use: NDArray[np.str_], by_hand: NDArray[np.bool_]
) -> StallLayout:
    """Measure and judge a layout that was changed."""
    if layout.site is None:
        return layout
    figures, verdicts = assess(
        laid,
        use,
        layout.wheelchair,
        site=layout.site,
        settings=layout.stall_settings,
        known=layout.figures,
    )
    made = replace(laid, area_m2=figures.used_m2, m2_per_stall=figures.m2_per_stall)
    return replace(
        layout, layout=made, use=use, by_hand=by_hand, figures=figures, verdicts=verdicts
    )
