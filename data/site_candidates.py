"""Where a service facility could stand: open ground of compounds, vacant parcels, idle rooms.

A piece of ground is a candidate if a rectangle of the facility's area and width fits into it. Of the places where it
fits the one with most room to the north is taken, for the noon shadow; what touches green or the sun of a house is
marked 需征求意见 (阳江 九(三)).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.facility_points import Layers, inner_points
from data.ground import GroundOf, ground_of
from data.ground_settings import GroundSettings
from data.idle_rooms import idle_rooms
from data.layer_rows import column, drawn
from data.noon_screen import Houses
from data.site_settings import SiteSettings
from geo.crs import to_plane
from geo.rectangle_fit import fit_rectangle
from policy.facility_rules import facility_rules
from policy.ground_rules import ground_rules

__all__ = ["CANDIDATE_COLUMNS", "Candidates", "site_candidates"]

Progress = Callable[[float], None]

CANDIDATE_COLUMNS = (
    "source",
    "name",
    "compound_uid",
    "pianqu_uid",
    "place_uid",
    "piece_m2",
    "site_m2",
    "width_m",
    "length_m",
    "floor_m2",
    "green_m2",
    "north_m",
    "north_needed_m",
    "opinion",
    "remarks",
)
# A strip of green that only comes from rounding is none.
_SOME_GREEN_M2 = 0.5
# Of a vacant parcel so much inside a compound is that compound's open ground.
_MOSTLY = 0.5
_VACANT_LAYERS = ("sites", "green", "facilities")


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidates:
    """Candidate sites.

    Attributes
    ----------
    table : GeoDataFrame
        Numbered from 0: ``source`` (of :data:`data.site_settings.SOURCES`), ``name`` (of the compound, parcel or
        rooms), ``compound_uid``, ``pianqu_uid`` (missing where it lies in none), ``place_uid`` (compound, parcel or
        building), ``piece_m2`` (free ground around; NaN of rooms), ``site_m2``, ``width_m``, ``length_m`` (the
        rectangle; NaN of rooms), ``floor_m2`` (least floor there; NaN where none is asked for), ``green_m2`` (green
        that it takes), ``north_m`` (to the nearest house that the noon shadow could meet; infinite if none),
        ``north_needed_m`` (length of the shadow), ``opinion`` (需征求意见), ``remarks`` (tuple of Chinese words);
        the site itself, in the plane `epsg`.
    notes : tuple of str
        What could not be looked at.
    epsg : int
    """

    table: gpd.GeoDataFrame
    notes: tuple[str, ...]
    epsg: int


def site_candidates(
    layers: Layers,
    settings: SiteSettings,
    *,
    epsg: int,
    ground_settings: GroundSettings | None = None,
    uids: list[str] | None = None,
    progress: Progress | None = None,
) -> Candidates:
    """Find where a facility could stand.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        Layers of the plan, EPSG:4490.
    settings : SiteSettings
    epsg : int
        Plane of the plan.
    ground_settings : GroundSettings, optional
        What is taken off the ground; by default as in a new plan.
    uids : list of str, optional
        Compounds to look in; by default all. Parcels and rooms are looked at wherever they lie.
    progress : callable, optional
        Called with the share done; what it raises ends the work.

    Returns
    -------
    Candidates
        In order of source, place and size, whatever the order of the rows.
    """
    tell = progress or (lambda _share: None)
    rules = _apart(ground_settings or GroundSettings(), settings)
    find = _Finder(layers=layers, settings=settings, epsg=epsg)
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    if "ground" in settings.sources:
        compounds = drawn(layers["compounds"])
        wanted = sorted(compounds.index if uids is None else compounds.index.intersection(uids))
        found = ground_of(
            layers,
            wanted,
            rules,
            purpose="proposal",
            epsg=epsg,
            bare_ground=settings.bare_ground,
            progress=lambda share: tell(0.5 * share),
        )
        rows += find.pieces(found, layers["compounds"], "ground", lambda s: tell(0.5 + 0.4 * s))
        notes += _unknown(found)
    if "vacant" in settings.sources:
        parcels = _parcels(layers, epsg)
        if len(parcels):
            found = ground_of(
                _as_compounds(layers, parcels), None, rules, purpose="proposal", epsg=epsg
            )
            rows += find.pieces(found, parcels, "vacant", lambda share: tell(0.9 + 0.05 * share))
    if "rooms" in settings.sources and settings.floor_m2 is not None:
        rows += find.rooms()
    if find.narrow:
        notes.append(
            f"{find.narrow} 块空地面积够，但放不下宽 {settings.width_m:.3g} 米、"
            f"占地 {settings.ground_m2:g} ㎡ 的场地。"
        )
    tell(1.0)
    return Candidates(table=_table(rows, layers, epsg), notes=tuple(notes), epsg=epsg)


def _apart(rules: GroundSettings, settings: SiteSettings) -> GroundSettings:
    """Keep what is built as far from houses as houses are kept from each other."""
    if settings.tall_m <= 0:
        return rules
    gap = facility_rules().figures["building_gap_m"].value
    return replace(rules, setback_m=max(rules.setback_m, gap))


def _unknown(found: GroundOf) -> list[str]:
    """Compounds of which nobody knows where houses stand give no ground."""
    unknown = int(found.unreliable.ne("").sum())
    if not unknown:
        return []
    return [
        f"{unknown} 个小区没有建筑资料或建筑不全，没有在其中找空地；确实没有建筑的，请注明空地。"
    ]


def _parcels(layers: Layers, epsg: int) -> gpd.GeoDataFrame:
    """Vacant parcels that no compound holds, by uid."""
    compounds = to_plane(drawn(layers["compounds"]).geometry, epsg).to_numpy()
    tree = shapely.STRtree(shapely.make_valid(compounds))
    found = []
    for name in _VACANT_LAYERS:
        frame = drawn(layers[name]) if len(layers.get(name, ())) else None
        if frame is None:
            continue
        free = column(frame, "kind").map(ground_rules().is_vacant).astype(bool).to_numpy()
        picked = frame[free & (shapely.get_dimensions(frame.geometry.to_numpy()) == 2)]
        shapes = shapely.make_valid(to_plane(picked.geometry, epsg).to_numpy())
        row, at = tree.query(shapes, predicate="intersects")
        inside = np.zeros(len(picked))
        shared = shapely.area(shapely.intersection(shapes[row], tree.geometries[at]))
        np.add.at(inside, row, shared)
        outside = inside < _MOSTLY * shapely.area(shapes)
        found.append(picked.loc[outside, ["geometry"]].assign(name=column(picked, "name")[outside]))
    if not found:
        return gpd.GeoDataFrame({"name": []}, geometry=[], crs="EPSG:4490")
    together = gpd.GeoDataFrame(pd.concat(found), crs="EPSG:4490")
    return together[~together.index.duplicated()].sort_index()


def _as_compounds(layers: Layers, parcels: gpd.GeoDataFrame) -> Mapping[str, gpd.GeoDataFrame]:
    """Layers in which the parcels are what ground is looked for in, and take nothing off themselves."""
    kept = {
        name: frame[~frame.index.isin(parcels.index)]
        for name, frame in layers.items()
        if name in _VACANT_LAYERS
    }
    # Known to be free of houses by its kind.
    return {**layers, **kept, "compounds": parcels.assign(kind="空地")}


@dataclass(kw_only=True, eq=False)
class _Finder:
    """Places rectangles, looks north of them, counts what is too narrow."""

    layers: Layers
    settings: SiteSettings
    epsg: int
    narrow: int = 0

    def __post_init__(self) -> None:
        compounds = drawn(self.layers["compounds"]).geometry
        latitude = float(np.mean(compounds.total_bounds[[1, 3]])) if len(compounds) else 0.0
        self.houses = Houses.of(
            self.layers.get("buildings"),
            epsg=self.epsg,
            latitude_deg=latitude,
            height_m=self.settings.tall_m,
            great_cold=self.settings.great_cold,
        )

    def pieces(
        self, found: GroundOf, places: gpd.GeoDataFrame, source: str, progress: Progress
    ) -> list[dict[str, Any]]:
        """Candidates in pieces of open ground; ground of which nobody knows the houses is left out."""
        known = found.unreliable.eq("").to_numpy(bool)
        grounds, greens = found.ground.open[known], found.green
        parts, of = shapely.get_parts(grounds.to_numpy(), return_index=True)
        large = shapely.area(parts) >= self.settings.ground_m2 * (1 - 1e-9)
        parts, of = parts[large], of[large]
        rows = []
        for at, (part, compound) in enumerate(zip(parts, of, strict=True)):
            uid = grounds.index[compound]
            row = self._placed(part, greens[uid])
            if row is None:
                self.narrow += 1
            else:
                rows.append({**row, "source": source, "name": _name(places, uid), "place_uid": uid})
            progress((at + 1) / len(parts))
        return rows

    def rooms(self) -> list[dict[str, Any]]:
        """Candidates in idle rooms that are large enough."""
        rooms = idle_rooms(self.layers, epsg=self.epsg)
        enough = rooms[rooms["floor_m2"] >= float(self.settings.floor_m2 or 0)]
        return [
            {
                "source": "rooms",
                "name": row["name"],
                "place_uid": uid,
                "floor_m2": row["floor_m2"],
                "geometry": row["geometry"],
                "remarks": (),
            }
            for uid, row in enough.iterrows()
        ]

    def _placed(self, part: Any, green: Any) -> dict[str, Any] | None:
        asked = self.settings
        fit = fit_rectangle(
            part,
            area_m2=asked.ground_m2,
            width_m=asked.width_m,
            aspect=facility_rules().figures["aspect_most"].value,
        )
        if fit is None:
            return None
        north = self.houses.north_m(fit.places)
        taken = np.zeros(len(fit.places))
        if green is not None and not shapely.is_empty(green):
            taken = shapely.area(shapely.intersection(fit.places, green))
        # First off the green, then out of the way of the sun, then the first in the south-west.
        west, south, *_ = shapely.bounds(fit.places).T.round(2)
        best = int(np.lexsort((west, south, -np.minimum(north, 1e6), taken.round(2)))[0])
        return {
            "piece_m2": float(part.area),
            "site_m2": fit.width_m * fit.length_m,
            "width_m": fit.width_m,
            "length_m": fit.length_m,
            "floor_m2": np.nan if asked.floor_m2 is None else asked.floor_m2,
            "green_m2": float(taken[best]),
            "north_m": float(north[best]),
            "north_needed_m": self.houses.shadow_m,
            "remarks": _remarks(float(taken[best]), float(north[best]), self.houses.shadow_m),
            "geometry": fit.places[best],
        }


def _remarks(green_m2: float, north_m: float, shadow_m: float) -> tuple[str, ...]:
    remarks = []
    if green_m2 > _SOME_GREEN_M2:
        remarks.append(f"占用绿地 {green_m2:,.0f} ㎡")
    if north_m < shadow_m:
        remarks.append(f"北侧 {north_m:.1f} 米有建筑，正午日影长 {shadow_m:.1f} 米，须作日照分析")
    return tuple(remarks)


def _name(places: gpd.GeoDataFrame, uid: Any) -> Any:
    return column(places, "name")[uid]


def _table(rows: list[dict[str, Any]], layers: Layers, epsg: int) -> gpd.GeoDataFrame:
    """Rows in an order of their own, each with the compound and 片区 that it lies in."""
    shapes = gpd.GeoSeries([row["geometry"] for row in rows], crs=epsg)
    table = pd.DataFrame(rows, columns=[*CANDIDATE_COLUMNS, "geometry"]).drop(columns="geometry")
    made = gpd.GeoDataFrame(table, geometry=shapes)
    numbers = (
        "piece_m2",
        "site_m2",
        "width_m",
        "length_m",
        "floor_m2",
        "north_m",
        "north_needed_m",
    )
    for name in numbers:
        made[name] = pd.to_numeric(made[name]).astype(float)
    made["green_m2"] = pd.to_numeric(made["green_m2"]).astype(float).fillna(0.0)
    made["opinion"] = made["remarks"].map(bool).astype(bool)
    xy = inner_points(made.geometry)
    compounds = layers["compounds"]
    uid, pianqu = _where(xy, compounds, epsg)
    own = made["source"].eq("ground").to_numpy(bool)
    made["compound_uid"] = np.where(own, made["place_uid"].to_numpy(object), uid)
    made["pianqu_uid"] = column(compounds, "pianqu_uid").reindex(made["compound_uid"]).to_numpy()
    made.loc[made["compound_uid"].isna(), "pianqu_uid"] = pianqu[made["compound_uid"].isna()]
    rank = made["source"].map(["ground", "vacant", "rooms"].index).to_numpy(int)
    order = np.lexsort((xy[:, 1], xy[:, 0], made["place_uid"].astype(str), rank))
    return made.iloc[order].reset_index(drop=True)


def _where(
    xy: NDArray[np.float64], compounds: gpd.GeoDataFrame, epsg: int
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Compound that each point lies in, and the 片区 of the nearest compound within a stone's throw."""
    there = drawn(compounds).sort_index()
    shapes = shapely.make_valid(to_plane(there.geometry, epsg).to_numpy())
    points = shapely.points(xy) if len(xy) else np.empty(0, dtype=object)
    uid = np.full(len(points), None, dtype=object)
    pianqu = uid.copy()
    if not len(shapes) or not len(points):
        return uid, pianqu
    tree = shapely.STRtree(shapes)
    point, at = tree.query(points, predicate="intersects")
    first = np.lexsort((-at, point))
    uid[point[first]] = there.index.to_numpy(object)[at[first]]
    point, at = tree.query_nearest(points, max_distance=_BESIDE_M, all_matches=False)
    pianqu[point] = column(there, "pianqu_uid").to_numpy(object)[at]
    return uid, pianqu


# A parcel so near to a compound belongs to its 片区.
_BESIDE_M = 100.0
