"""Stalls of a layout deleted and added by hand, each checked at once: what is wrong is said, not saved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from data.ground_settings import GROUND_KINDS
from data.layout_assessing import again
from data.layout_reading import NO_SAVED, opened
from data.layout_records import Site, StallLayout
from data.layout_saving import SavedLayout, drawn_rows, figures_record
from data.stall_settings import ARRANGEMENTS
from data.store import Plan
from errors import RecordError
from geo.stall_checks import Fault, Standing, check_stall, snapped
from geo.stall_corners import bearing_of, corners_of
from geo.stall_measures import served_by
from geo.stall_sizes import Layout, StallSize
from geo.stall_uses import ORDINARY

__all__ = ["Added", "add_stall", "edit_stalls", "remove_stalls", "standing_of"]

Shapes = NDArray[np.object_]

_TITLE = "停车位"
# Nearer to a place in a row nobody draws a stall beside it.
_MEANT_M = 0.5


@dataclass(frozen=True, kw_only=True, eq=False)
class Added:
    """What came of adding a stall.

    Attributes
    ----------
    layout : StallLayout
        With the stall; as it was if there are `reasons`.
    reasons : tuple of str
        Why it can not stand there, as sentences; none if it can.
    stall : Polygon
        As it would stand, EPSG:4490.
    kind : str
        Title of its arrangement.
    """

    layout: StallLayout
    reasons: tuple[str, ...]
    stall: shapely.Geometry
    kind: str


def remove_stalls(layout: StallLayout, positions: Iterable[int]) -> StallLayout:
    """Take stalls out of a layout; it is measured and judged anew.

    Raises
    ------
    RecordError
        If there is no such stall.
    """
    laid, _ = _laid(layout)
    gone = sorted(set(positions))
    if any(not 0 <= at < laid.count for at in gone):
        raise RecordError(_TITLE, ["没有这个车位，可能已经删除。请刷新后再选。"])
    kept = np.delete(np.arange(laid.count), gone)
    return again(layout, _taken(laid, kept), layout.use[kept], layout.by_hand[kept])


def add_stall(layout: StallLayout, place: shapely.Geometry, *, kind: str | None = None) -> Added:
    """Add a stall by hand.

    Parameters
    ----------
    layout : StallLayout
    place : Point or Polygon
        EPSG:4490. A point is put down in the row that is there, else square to the nearest aisle or road; a polygon of
        four corners is taken as it is, or as its row has a place for it if it stands all but there.
    kind : str, optional
        Arrangement, one of `data.stall_settings.ARRANGEMENTS`; by default the first that fits.

    Raises
    ------
    RecordError
        If `place` is neither, or the plan does not allow the arrangement.
    """
    laid, site = _laid(layout)
    around = standing_of(layout)
    plane = gpd.GeoSeries([place], crs=4490).to_crs(site.epsg).iloc[0]
    tried = _tried(plane, _sizes(layout, kind), around)
    stall, mouth, size, faults = min(tried, key=lambda one: _badness(one[3]))
    reasons = [_told(fault, size, layout, stall) for fault in faults]
    if shapely.area(shapely.intersection(layout.wheelchair, stall)).sum() > 0.05:
        reasons.append("压在轮椅通道上。")
    drawn = gpd.GeoSeries([stall], crs=site.epsg).to_crs(4490).iloc[0]
    made = layout if reasons else _with_stall(layout, laid, stall, mouth, size)
    return Added(layout=made, reasons=tuple(reasons), stall=drawn, kind=ARRANGEMENTS[size.id])


def edit_stalls(
    plan: Plan,
    compound_uid: str,
    actor: str,
    *,
    remove: Sequence[str] = (),
    add: Sequence[shapely.Geometry] = (),
    kind: str | None = None,
) -> tuple[StallLayout, tuple[str, ...]]:
    """Delete and add stalls of a saved layout, in one step that can be undone.

    Parameters
    ----------
    plan : Plan
    compound_uid : str
    actor : str
    remove : sequence of str
        Uids of rows of the layer ``stalls``.
    add : sequence of Point or Polygon
        EPSG:4490, see :func:`add_stall`.
    kind : str, optional

    Returns
    -------
    layout, reasons
        The layout as it is now, and why a stall can not be added; then nothing at all is changed.

    Raises
    ------
    RecordError
        If there is no saved layout, or no such stall in it.
    """
    layout, saved, uids = opened(plan, compound_uid)
    unknown = sorted(set(remove) - set(uids))
    if unknown:
        raise RecordError(_TITLE, [f"这个方案里没有标识码为“{uid}”的车位。" for uid in unknown])
    changed = remove_stalls(layout, [uids.index(uid) for uid in remove]) if remove else layout
    reasons: list[str] = []
    for place in add:
        done = add_stall(changed, place, kind=kind)
        changed = done.layout
        reasons += done.reasons
    if reasons:
        return layout, tuple(reasons)
    _write(plan, changed, saved, actor, removed=list(remove), added=len(add))
    return changed, ()


def standing_of(layout: StallLayout) -> Standing:
    """Give what there is around a stall of a layout."""
    laid, site = _laid(layout)
    return Standing(
        ground=site.ground,
        roads=site.roads,
        streets=site.streets,
        stalls=laid.stalls,
        mouths=laid.mouth,
        arrangement=laid.arrangement,
        aisles=laid.aisles,
        limits=layout.limits,
    )


def _laid(layout: StallLayout) -> tuple[Layout, Site]:
    if layout.layout is None or layout.site is None:
        raise RecordError(_TITLE, [layout.reason or NO_SAVED])
    return layout.layout, layout.site


def _sizes(layout: StallLayout, kind: str | None) -> tuple[StallSize, ...]:
    sizes = layout.limits.sizes
    found = tuple(size for size in sizes if kind in (None, size.id))
    if not found:
        title = ARRANGEMENTS.get(str(kind), str(kind))
        raise RecordError(_TITLE, [f"计划的设置里没有选“{title}”，请先在车位设置里选上。"])
    return found


_Tried = tuple[shapely.Polygon, shapely.LineString, StallSize, tuple[Fault, ...]]


def _tried(place: shapely.Geometry, sizes: tuple[StallSize, ...], around: Standing) -> list[_Tried]:
    """Stand a stall at a place in all ways that the place leaves open; the first without fault ends it."""
    tried: list[_Tried] = []
    for size in sizes:
        for stall, mouth in _ways(place, size, around):
            tried.append((stall, mouth, size, check_stall(stall, mouth, size, around)))
            if not tried[-1][3]:
                return tried
    return tried


def _ways(
    place: shapely.Geometry, size: StallSize, around: Standing
) -> list[tuple[shapely.Polygon, shapely.LineString]]:
    if isinstance(place, shapely.Point) and not place.is_empty:
        return [snapped(place, size, around)]
    if isinstance(place, shapely.MultiPolygon) and len(place.geoms) == 1:
        place = place.geoms[0]
    if not isinstance(place, shapely.Polygon) or place.is_empty:
        raise RecordError(_TITLE, ["车位应是一个点，或四个角的面。"])
    xy = corners_of(np.array([place], dtype=object))[0]
    long = np.linalg.norm(np.roll(xy, -1, axis=0) - xy, axis=1)
    # Stalls along the aisle open over a long side, others over a short one.
    first = int(np.argmax(long[:2]) if size.angle_deg == 0 else np.argmin(long[:2]))
    drawn = [(place, shapely.linestrings([xy[at], xy[(at + 1) % 4]])) for at in (first, first + 2)]
    in_row = snapped(place.centroid, size, around)
    # Drawn all but where its row has a place for it, it is meant to stand there.
    near = shapely.hausdorff_distance(in_row[0], place) < _MEANT_M
    return [*drawn, in_row] if near else drawn


def _badness(faults: tuple[Fault, ...]) -> tuple[int, int, float]:
    """Sort what is tried: nothing wrong, little wrong, much wrong; a wrong size last."""
    return (
        sum(fault.kind == "shape" for fault in faults),
        len(faults),
        sum(fault.amount for fault in faults),
    )


def _told(fault: Fault, size: StallSize, layout: StallLayout, stall: shapely.Polygon) -> str:
    title, amount = ARRANGEMENTS[size.id], fault.amount
    wide, long = size.width_m, size.length_m
    return {
        "shape": f"尺寸不够：{title}应是 {wide:g}×{long:g} 米的矩形{_back_to_back(size)}。",
        "overlap": f"与 {amount:.0f} 个车位重叠。",
        "outside": f"有 {amount:.1f} ㎡ 不在空地上{_where(layout, stall)}。",
        "aisle": f"占了停车通道 {amount:.1f} ㎡。",
        "blocks": f"挡住 {amount:.0f} 个车位的出入。",
        "blocked": f"车位前的通道不够宽：{title}要 {size.aisle_m:g} 米，还差 {amount:.2f} 米。",
        "unreachable": f"没有宽 {layout.limits.min_aisle_m:g} 米的通道连到道路。",
    }[fault.kind]


def _back_to_back(size: StallSize) -> str:
    if size.angle_deg not in (0, 90) or size.depth_back_m >= size.depth_wall_m:
        return ""
    return f"，背靠另一排车位的可以深 {size.depth_back_m:g} 米"


def _where(layout: StallLayout, stall: shapely.Polygon) -> str:
    """Say what the ground was taken for, as far as that is known."""
    taken = None if layout.site is None else layout.site.taken
    if taken is None or not len(taken):
        return ""
    over = shapely.area(shapely.intersection(taken.geometry.to_numpy(), stall)) > 0.01
    kinds = [GROUND_KINDS[kind] for kind in dict.fromkeys(taken.loc[over, "kind"])]
    return f"（{'、'.join(kinds)}）" if kinds else "（在小区边界以外）"


def _with_stall(
    layout: StallLayout,
    laid: Layout,
    stall: shapely.Polygon,
    mouth: shapely.LineString,
    size: StallSize,
) -> StallLayout:
    mouths = _one(mouth)
    made = replace(
        laid,
        stalls=np.append(laid.stalls, _one(stall)),
        mouth=np.append(laid.mouth, mouths),
        arrangement=np.append(laid.arrangement.astype(object), size.id).astype(str),
        angle_deg=np.append(laid.angle_deg, bearing_of(stall)),
        aisle=np.append(laid.aisle, served_by(mouths, laid.aisles)),
    )
    use = np.append(layout.use.astype(object), ORDINARY).astype(str)
    return again(layout, made, use, np.append(layout.by_hand, True))


def _taken(laid: Layout, kept: NDArray[np.intp]) -> Layout:
    return replace(
        laid,
        stalls=laid.stalls[kept],
        mouth=laid.mouth[kept],
        arrangement=laid.arrangement[kept],
        angle_deg=laid.angle_deg[kept],
        aisle=laid.aisle[kept],
    )


def _one(shape: shapely.Geometry) -> Shapes:
    made = np.empty(1, dtype=object)
    made[0] = shape
    return made


def _write(
    plan: Plan,
    layout: StallLayout,
    saved: SavedLayout,
    actor: str,
    *,
    removed: list[str],
    added: int,
) -> None:
    """Write what was changed, the figures, and 新增停车位."""
    told = [f"删 {len(removed)} 个"] * bool(removed) + [f"加 {added} 个"] * bool(added)
    if not told:
        return
    label = f"改车位：{layout.name}，{'、'.join(told)}"
    with plan.edit(actor, label) as tx:
        versions = tx.read("stalls", uids=removed)["version"]
        tx.delete_many("stalls", [(uid, int(versions[uid])) for uid in removed])
        if added:
            tx.insert("stalls", drawn_rows(layout, saved.uid)["stalls"].iloc[-added:])
        tx.update_record("layouts", saved.uid, saved.version, figures_record(layout))
        version = int(tx.read("compounds", uids=[layout.uid])["version"].iloc[0])
        tx.update("compounds", layout.uid, version, {"stalls_new": layout.figures.proposed})
