"""What tab 设施 shows on the map: facilities and sites with whom they serve, over compounds by whether they are."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.facility_gaps import Gaps
from data.facility_points import inner_points
from data.site_proposal import SiteProposal
from data.site_settings import SOURCES, SiteSettings
from geo.crs import to_plane
from layers.facility_signs import FACILITY_SIGNS, facility_color
from layers.scale import CategoryScale, count_classes
from layers.themes import Painted
from layers.webmap_overlay import Overlay, OverlayClass
from policy.wording import format_area, format_count

__all__ = ["SITE_CLASSES", "saved_overlay", "served_overlay", "served_paint", "site_uid"]

DEGREES = 4490
SERVED, NEW, LEFT = "served", "new", "left"
# Classes that stand for a chosen site.
SITE_CLASSES = ("site", "site_sign")
_NEW_COLOR, _CIRCLE_COLOR = "#8a1f7d", "#2b70ba"
_ARC = 24
_MOST_CANDIDATES = 3_000

Rows = list[dict[str, Any]]


def site_uid(number: int) -> str:
    """Id of a chosen site on the map, by its number."""
    return f"site:{number}"


def served_paint(
    frame: pd.DataFrame, settings: SiteSettings, gaps: Gaps, proposal: SiteProposal | None
) -> Painted:
    """Paint the compounds by whether they are served, and by what.

    Parameters
    ----------
    frame : DataFrame
        Compounds of the plan.
    settings : SiteSettings
    gaps : Gaps
        Of the one kind.
    proposal : SiteProposal or None
        Tells who is served by new sites.
    """
    title = settings.kind.title
    if proposal is None:
        told = gaps.compounds.set_index("compound")["served"].map({True: SERVED, False: LEFT})
    else:
        after = proposal.compounds
        told = pd.Series(LEFT, index=after.index, dtype=object)
        told[after["after"]] = NEW
        told[after["before"]] = SERVED
    labels = {SERVED: "已有服务", NEW: "新选址服务到", LEFT: "没有服务到"}
    colors = {SERVED: "#b9dcc6", NEW: "#d9b8e0", LEFT: "#f6a58b"}
    keys = (SERVED, NEW, LEFT) if proposal is not None else (SERVED, LEFT)
    scale = CategoryScale(
        title=f"{title}：谁有服务",
        keys=keys,
        labels=tuple(labels[key] for key in keys),
        colors=tuple(colors[key] for key in keys),
        marks={keys.index(LEFT): "✗"},
        unknown_label="没有边界",
    )
    classes = scale.classes(told.reindex(frame.index))
    shown = np.ones(len(frame), dtype=bool)
    return Painted(
        classes=classes,
        scale=scale,
        legend=list(scale.legend(count_classes(classes, shown))),
        title=scale.title,
        unit="",
        settings=gaps.words,
    )


def served_overlay(
    frame: gpd.GeoDataFrame, settings: SiteSettings, gaps: Gaps, proposal: SiteProposal | None
) -> Overlay:
    """Lay facilities of the kind, chosen sites and their service over the map."""
    epsg = _epsg(gaps)
    there = gaps.facilities[gaps.facilities["facility"] == settings.facility]
    homes = _homes(frame, gaps, proposal, epsg)
    rows: Rows = []
    if not settings.network:
        rows += _circles(there.geometry, settings, "reach", "现有设施的服务范围")
    rows += _links(gaps, there, homes)
    if proposal is not None:
        rows += _proposed(proposal, settings, homes)
    rows += [
        {
            "class": "facility",
            "uid": str(uid),
            "label": f"{name if isinstance(name, str) else '未命名'}（现有{settings.kind.title}）",
            "geometry": point,
        }
        for uid, name, point in zip(there.index, there["name"], there.geometry, strict=True)
    ]
    features = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=["class", "uid", "label", "text", "geometry"]),
        geometry="geometry",
        crs=epsg,
    )
    return Overlay(
        features=features.to_crs(DEGREES),
        classes=tuple(
            look
            for look in _classes(settings, len(there), proposal)
            # A line of the legend that nothing on the map goes with is no help; that there is none, is.
            if look.name == "facility" or look.name in set(features["class"])
        ),
        title=f"{settings.kind.title}（{settings.reach_m:g} 米，{'沿道路' if settings.network else '直线'}）",
        covers=("facilities",),
    )


def saved_overlay(frame: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> Overlay:
    """Lay the sites of the plan over the map, with the compounds that each was chosen for."""
    drawn = sites[sites.geometry.notna() & ~sites.geometry.is_empty]
    points = shapely.points(inner_points(drawn.geometry))
    homes = frame.geometry.representative_point()
    rows: Rows = []
    for (uid, row), point in zip(drawn.iterrows(), points, strict=True):
        rows += [
            {"class": "link_new", "uid": "", "label": "", "geometry": _line(homes[home], point)}
            for home in row["serves"]
            if home in homes.index and homes[home] is not None
        ]
        told = {
            "uid": str(uid),
            "label": f"{row['name'] if isinstance(row['name'], str) else '未命名选址'}（已存）",
            "text": FACILITY_SIGNS.get(row["facility"], "址"),
        }
        if row["geometry"].geom_type not in {"Point", "MultiPoint"}:
            rows.append({**told, "class": "site", "text": "", "geometry": row["geometry"]})
        rows.append({**told, "class": "site_sign", "geometry": point})
    features = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=["class", "uid", "label", "text", "geometry"]),
        geometry="geometry",
        crs=DEGREES,
    )
    return Overlay(
        features=features,
        classes=_site_classes("已存选址", f"{len(sites):,} 处"),
        title="选址",
        covers=("sites",),
    )


def _line(home: Any, site: Any) -> Any:
    return shapely.linestrings([home.coords[0], site.coords[0]])


def _epsg(gaps: Gaps) -> int:
    epsg = gaps.facilities.crs.to_epsg() if gaps.facilities.crs is not None else None
    return int(epsg or DEGREES)


def _homes(
    frame: gpd.GeoDataFrame, gaps: Gaps, proposal: SiteProposal | None, epsg: int
) -> dict[str, Any]:
    """Points of the compounds that links go to, by uid."""
    served = gaps.compounds.loc[gaps.compounds["served"], "compound"]
    wanted = set(map(str, served))
    if proposal is not None:
        wanted |= {uid for members in proposal.sites["compounds"] for uid in members}
    shapes = to_plane(frame.loc[frame.index.isin(wanted)].geometry, epsg)
    return dict(zip(shapes.index, shapely.points(inner_points(shapes)), strict=True))


def _circles(points: gpd.GeoSeries, settings: SiteSettings, kind: str, label: str) -> Rows:
    """One area for what all of them reach; along roads nobody can say it by a circle."""
    if not len(points):
        return []
    discs = shapely.buffer(points.to_numpy(), settings.reach_m, quad_segs=_ARC)
    return [{"class": kind, "uid": "", "label": label, "geometry": shapely.union_all(discs)}]


def _links(gaps: Gaps, there: gpd.GeoDataFrame, homes: dict[str, Any]) -> Rows:
    table = gaps.compounds[gaps.compounds["served"]]
    points = dict(zip(there.index, there.geometry, strict=True))
    return [
        _link("link", homes[row.compound], points[row.facility], row.distance_m)
        for row in table.itertuples(index=False)
        if row.compound in homes and row.facility in points
    ]


def _link(kind: str, home: Any, site: Any, distance_m: float) -> dict[str, Any]:
    label = "" if pd.isna(distance_m) else f"{distance_m:,.0f} 米"
    return {"class": kind, "uid": "", "label": label, "geometry": _line(home, site)}


def _proposed(proposal: SiteProposal, settings: SiteSettings, homes: dict[str, Any]) -> Rows:
    sites, rows = proposal.sites, []
    points = gpd.GeoSeries(shapely.points(inner_points(sites.geometry)), crs=sites.crs)
    left_over = proposal.candidates.head(_MOST_CANDIDATES)
    rows += [
        {
            "class": "candidate",
            "uid": "",
            "label": f"候选场地：{SOURCES[row.source]}，{format_area(row.site_m2)} ㎡",
            "geometry": row.geometry,
        }
        for row in left_over.itertuples(index=False)
    ]
    if not settings.network:
        rows += _circles(points, settings, "reach_new", "新选址的服务范围")
    distance = proposal.compounds["distance_m"]
    for (number, row), point in zip(sites.iterrows(), points, strict=True):
        rows += [
            _link("link_new", homes[uid], point, distance.get(uid, np.nan))
            for uid in row["compounds"]
            if uid in homes
        ]
        told = {
            "uid": site_uid(int(str(number))),
            "label": site_label(int(str(number)), row),
            "text": str(number),
        }
        rows.append({**told, "class": "site", "text": "", "geometry": row["geometry"]})
        rows.append({**told, "class": "site_sign", "geometry": point})
    return rows


def site_label(number: int, row: pd.Series) -> str:
    """Words of a chosen site for the pointer."""
    named = str(row["name"]) if isinstance(row["name"], str) else SOURCES[row["source"]]
    told = [f"选址 {number}：{named}", f"{format_area(row['site_m2'])} ㎡"]
    return "，".join([*told, f"服务 {format_count(row['households'])} 户", *row["remarks"]])


def _classes(
    settings: SiteSettings, there: int, proposal: SiteProposal | None
) -> tuple[OverlayClass, ...]:
    title = settings.kind.title
    shared: dict[str, Any] = {"told": False, "pattern": "none", "dashed": True}
    classes = [
        OverlayClass(
            name="reach",
            title="现有服务范围",
            color=_CIRCLE_COLOR,
            edge=_CIRCLE_COLOR,
            edge_px=1.4,
            **shared,
        ),
        OverlayClass(
            name="link",
            title="现有设施服务的小区",
            color="#6f8fb0",
            edge="#6f8fb0",
            hidden=proposal is not None,
            told=True,
        ),
    ]
    if proposal is not None:
        classes += _new_classes(proposal, shared)
    classes.append(
        OverlayClass(
            name="facility",
            title=f"现有{title}",
            detail=f"{there:,} 处",
            color=facility_color(settings.facility),
            sign=FACILITY_SIGNS.get(settings.facility, "设"),
            radius_px=8.5,
        )
    )
    return tuple(classes)


def _new_classes(proposal: SiteProposal, shared: dict[str, Any]) -> list[OverlayClass]:
    count = f"{len(proposal.sites):,} 处"
    return [
        OverlayClass(
            name="candidate",
            title="候选场地",
            detail=f"{len(proposal.candidates):,} 处",
            color="#7d858d",
            edge="#5d6770",
            pattern="dots",
        ),
        OverlayClass(
            name="reach_new",
            title="新选址服务范围",
            color=_NEW_COLOR,
            edge=_NEW_COLOR,
            edge_px=1.6,
            **shared,
        ),
        *_site_classes("新选址", count),
    ]


def _site_classes(title: str, count: str) -> tuple[OverlayClass, ...]:
    return (
        OverlayClass(
            name="link_new",
            title=f"{title}服务的小区",
            color=_NEW_COLOR,
            edge=_NEW_COLOR,
            edge_px=1.2,
        ),
        OverlayClass(
            name="site",
            title="选址用地",
            color=_NEW_COLOR,
            edge=_NEW_COLOR,
            edge_px=2.0,
            opacity=0.5,
            clickable=True,
            in_legend=False,
        ),
        OverlayClass(
            name="site_sign",
            title=title,
            detail=count,
            color=_NEW_COLOR,
            clickable=True,
            radius_px=9.5,
            sign="",
        ),
    )
