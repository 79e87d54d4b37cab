"""Taking a layer out of a plan, complete for the hand-over, from one state of the plan."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.exporting.content import Content
from data.exporting.fields import fields_of_layer, typed
from data.pianqu import TOTALS, totals
from data.schema import LAYERS
from data.store import Plan
from errors import CrsError, ExportError
from geo.crs import STORED_EPSG, plan_zone, to_plane, zone_epsg
from geo.measure import area_geodesic_m2, area_plane_m2
from policy.money import contribution_yuan, funding_gap_yuan, grant_yuan

__all__ = ["content_of", "contents_of"]

# Somebody who saves once a second does not keep an export from finding a quiet moment.
_TRIES = 5


def contents_of(
    plan: Plan, layers: Sequence[str], *, uids: Iterable[str] | None = None
) -> list[Content]:
    """Take layers out of a plan, all of them from the same state.

    Parameters as for :func:`content_of`.

    Raises
    ------
    ExportError
        If there is no such layer, or the plan changes all the time.
    """
    wanted = None if uids is None else list(uids)
    for _ in range(_TRIES):
        before = plan.revision()
        taken = [content_of(plan, layer, uids=wanted) for layer in layers]
        if plan.revision() == before:
            return taken
    raise ExportError("计划正在被其他人频繁修改，没有导出。请稍后再试。")


def content_of(plan: Plan, layer: str, *, uids: Iterable[str] | None = None) -> Content:
    """Take a layer out of a plan, complete for the hand-over.

    Parameters
    ----------
    plan : Plan
        Open plan.
    layer : str
        Name in ``data.schema.LAYERS``.
    uids : iterable of str, optional
        Only these rows.

    Returns
    -------
    Content

    Raises
    ------
    ExportError
        If there is no such layer.
    """
    if layer not in LAYERS:
        known = "、".join(LAYERS)
        raise ExportError(f"没有名为“{layer}”的图层。可以导出：{known}。")
    settings = plan.settings()
    rows = plan.read(layer, uids=uids)
    zone = _zone(plan, settings)
    attributes = pd.DataFrame(rows.drop(columns=rows.geometry.name))
    attributes["uid"] = attributes.index
    derived = _derived(plan, layer, rows, attributes, zone)
    table = pd.concat([attributes, derived], axis=1)
    return _assembled(plan, layer, rows, table, settings=settings, zone=zone)


def _assembled(
    plan: Plan,
    layer: str,
    rows: gpd.GeoDataFrame,
    table: pd.DataFrame,
    *,
    settings: dict[str, Any],
    zone: int | None,
) -> Content:
    with_extra = any(bool(extra) for extra in table["extra"])
    table["extra"] = [
        json.dumps(extra, ensure_ascii=False) if extra else None for extra in table["extra"]
    ]
    fields = fields_of_layer(layer, with_extra=with_extra)
    columns = {item.name: typed(table[item.name].to_numpy(), item) for item in fields}
    shapes = shapely.orient_polygons(rows.geometry.to_numpy())
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=STORED_EPSG)
    frame.loc[frame.geometry.is_empty.to_numpy(), "geometry"] = None
    names = table["name"].fillna(table["uid"]).astype(str)
    missing = frame.geometry.isna().to_numpy()
    totals, unknown = _totals(frame)
    return Content(
        plan_name=str(settings.get("name") or plan.path.stem),
        plan_id=plan.plan_id,
        revision=plan.edition(),
        settings=settings,
        layer=layer,
        title=LAYERS[layer].title,
        frame=frame,
        fields=fields,
        totals=totals,
        unknown=unknown,
        without_boundary=tuple(names[missing]),
        schematic=tuple(names[_schematic(table) & ~missing]),
        zone=zone,
    )


def _zone(plan: Plan, settings: dict[str, Any]) -> int | None:
    chosen = settings.get("zone")
    if chosen is not None:
        return zone_epsg(int(chosen))
    extent = plan.extent()
    if extent is None:
        return None
    # The middle of the compounds, as everywhere else in the plan.
    try:
        return plan_zone(plan.read("compounds").geometry).epsg
    except CrsError:
        return plan_zone(gpd.GeoSeries([shapely.box(*extent)], crs=STORED_EPSG)).epsg


def _derived(
    plan: Plan, layer: str, rows: gpd.GeoDataFrame, table: pd.DataFrame, zone: int | None
) -> pd.DataFrame:
    if layer not in ("compounds", "pianqu"):
        return pd.DataFrame(index=rows.index)
    columns: dict[str, Any] = {"area_plane_m2": _plane_area(rows, zone)}
    if layer == "compounds":
        names = plan.read("pianqu")["name"]
        columns |= {
            "pianqu_name": table["pianqu_uid"].map(names.to_dict()),
            "grant_yuan": grant_yuan(table),
            "contribution_yuan": contribution_yuan(table),
            "funding_gap_yuan": funding_gap_yuan(table),
        }
        # Measured now: what is handed over is the area of the boundary that is handed over.
        table["area_geodesic_m2"] = area_geodesic_m2(rows.geometry)
        return pd.DataFrame(columns, index=rows.index)
    columns["area_geodesic_m2"] = area_geodesic_m2(rows.geometry)
    members = _member_columns(plan.read("compounds"), rows.index)
    return pd.concat([pd.DataFrame(columns, index=rows.index), members], axis=1)


def _plane_area(rows: gpd.GeoDataFrame, zone: int | None) -> pd.Series[float]:
    if zone is None:
        return pd.Series(np.nan, index=rows.index)
    return area_plane_m2(to_plane(rows.geometry, zone))


def _member_columns(compounds: gpd.GeoDataFrame, index: pd.Index[Any]) -> pd.DataFrame:
    """Members and totals of each 片区: sums of what is known, and how many are not."""
    figures = totals(compounds)
    groups = compounds[compounds["pianqu_uid"].notna()].groupby("pianqu_uid")
    schematic = compounds["boundary_state"].eq("示意") & compounds.geometry.notna()
    columns: dict[str, pd.Series[Any]] = {name: figures[name] for name in TOTALS}
    columns |= {
        "compound_count": figures["compounds"],
        "households_unknown": figures["households_unknown"],
        "investment_unknown": figures["investment_yuan_unknown"],
        "schematic_count": schematic.groupby(compounds["pianqu_uid"]).sum().astype("Int64"),
        "member_uids": groups["name"].agg(lambda names: list(names.index)),
        "member_names": groups["name"].agg(
            lambda names: [n if isinstance(n, str) else uid for uid, n in names.items()]
        ),
    }
    found = pd.DataFrame(columns).reindex(index)
    counts = ["compound_count", "households_unknown", "investment_unknown", "schematic_count"]
    found[counts] = found[counts].fillna(0)
    for name in ("member_uids", "member_names"):
        found[name] = [item if isinstance(item, list) else [] for item in found[name]]
    return found


def _schematic(table: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    if "schematic_count" in table:
        return np.asarray(table["schematic_count"] > 0)
    if "boundary_state" not in table:
        return np.zeros(len(table), dtype=bool)
    return np.asarray(table["boundary_state"] == "示意")


def _totals(
    frame: gpd.GeoDataFrame,
) -> tuple[dict[str, int | float | None], dict[str, int]]:
    totals: dict[str, int | float | None] = {"features": len(frame)}
    unknown: dict[str, int] = {}
    for name in TOTALS:
        if name not in frame:
            continue
        known = frame[name].dropna()
        add = float if name == "floor_area_m2" else int
        # Nothing known is not 0.
        totals[name] = add(known.sum()) if len(known) else None
        blank = int(frame[name].isna().sum())
        if blank:
            unknown[name] = blank
    return totals, unknown
