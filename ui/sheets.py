"""What a print sheet of a plan is made of: the same for the page and for the shell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any

import geopandas as gpd

from data.store import Plan
from errors import GeometryError
from geo.crs import PlanZone, plan_zone, zone_epsg
from layers.sheet import SheetContent
from layers.themes import paint
from ui import rule_profiles
from ui.judged import plan_judgement
from ui.space_demand import plan_shortage

__all__ = ["sheet_content"]

BASE_LAYERS = ("water", "green", "roads", "buildings")


def sheet_content(
    plan: Plan,
    *,
    theme: str = "built",
    title: str | None = None,
    made_on: dt.date | None = None,
    uids: Sequence[str] | None = None,
    notes: Sequence[str] = (),
    **options: Any,
) -> SheetContent:
    """Gather a sheet of a plan as it is now.

    Parameters
    ----------
    plan : Plan
        Open plan.
    theme : str
        A key of ``layers.themes.THEMES``, or ``work:<id>``, or ``verdict:<name of a rule>``.
    title : str, optional
        图名; the plan's name by default.
    made_on : date, optional
        编制日期; today by default.
    uids : sequence of str, optional
        Only these compounds, as after filters; all by default.
    notes : sequence of str
        Settings to print beside the rules: filters, thresholds.
    **options
        Options of the theme.

    Returns
    -------
    SheetContent

    Raises
    ------
    PlanningError
        If there is no boundary to draw, or the theme, or the rule that it names, is unknown.
    """
    known = plan.settings()
    compounds = plan.read("compounds", uids=uids)
    _check_drawable(compounds, whole=uids is None)
    pianqu = plan.read("pianqu")
    given = {
        "pianqu": pianqu[["name", "color"]],
        "rules": rule_profiles.works_rules(known),
        # Of the whole plan, whatever is drawn: a cap is counted over all of the year's task.
        "judgement": cache(lambda: plan_judgement(plan)),
        "shortage": cache(lambda: plan_shortage(plan)),
    }
    painted = paint(compounds, theme, **{**given, **options})
    return SheetContent(
        title=title or str(known["name"]),
        compounds=compounds,
        painted=painted,
        zone=_zone(compounds, known.get("zone")),
        plan_name=str(known["name"]),
        revision=plan.edition(),
        maker=str(known.get("maker") or ""),
        made_on=made_on or dt.datetime.now().astimezone().date(),
        pianqu=pianqu if len(pianqu) else None,
        base={name: frame for name in BASE_LAYERS if len(frame := plan.read(name))},
        review_number=known.get("review_number"),
        settings=(f"规则方案：{rule_profiles.profile_title(known)}", *_source(known), *notes),
    )


def _check_drawable(compounds: gpd.GeoDataFrame, *, whole: bool) -> None:
    """Say what is missing, before anything is asked of boundaries that are not there."""
    shapes = compounds.geometry
    if not (shapes.isna() | shapes.is_empty).all():
        return
    if whole:
        raise GeometryError("还没有任何边界，画不出图纸。请先在“数据”页导入边界，或在“总图”上画。")
    if not len(compounds):
        raise GeometryError(
            "筛选后（或所选）的范围里一个小区也没有，画不出图纸。请到“总图”放宽筛选，或把范围换成“全部”。"
        )
    raise GeometryError(
        f"范围里的 {len(compounds):,} 个小区都还没有边界，画不出图纸。"
        "请换一个范围，或先导入、绘制边界。"
    )


def _source(known: dict[str, Any]) -> tuple[str, ...]:
    """Whom the base data is from: open data asks to be named wherever it is shown."""
    attribution = known.get("attribution")
    return (f"资料来源：{attribution}",) if attribution else ()


def _zone(compounds: Any, chosen: int | None) -> PlanZone:
    found = plan_zone(compounds.geometry)
    if chosen is None or int(chosen) == found.zone:
        return found
    zone = int(chosen)
    return PlanZone(
        zone=zone, central_meridian=zone * 3, epsg=zone_epsg(zone), straddles=found.straddles
    )
