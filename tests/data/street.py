"""A street of ten compounds and their proposals, without a plan file."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

from data.proposing import Origin, Proposal, ProposalSettings, make_proposals, prepare
from geo.adjacency import neighbours

LIMITS = ProposalSettings(min_households=300, max_households=1_500, proposals=1)
# Half a street of ten compounds of 200 households, 20 m apart, seen from a corner at 30.5° N.
SUBDISTRICT: list[str | None] = [*[" 东街道 "] * 5, "", None, *["西街道"] * 3]
LON, LAT, STEP, SIDE = 120.0, 30.5, 0.0012, 0.001


def street(count: int = 10) -> gpd.GeoDataFrame:
    """甲, 乙, … from west to east, about 96 m wide and 19 m apart."""
    names = list("甲乙丙丁戊己庚辛壬癸"[:count])
    shapes = [box(LON + STEP * k, LAT, LON + STEP * k + SIDE, LAT + SIDE) for k in range(count)]
    return gpd.GeoDataFrame(
        {
            "name": names,
            "households": pd.array([200] * count, dtype="Int64"),
            "investment_yuan": pd.array([1_000_000] * count, dtype="Int64"),
            "grant_central_yuan": pd.array([400_000] * count, dtype="Int64"),
            "subdistrict": SUBDISTRICT[:count],
            "pianqu_uid": pd.Series([None] * count, dtype=object).to_numpy(),
            "locked": False,
        },
        geometry=shapes,
        index=[f"U{k}" for k in range(count)],
        crs="EPSG:4490",
    )


def groups(names: dict[str, str]) -> pd.DataFrame:
    """A table of 片区 by uid."""
    return pd.DataFrame(
        {"name": list(names.values()), "color": range(len(names)), "locked": False},
        index=list(names),
    )


NONE = groups({})


def made(
    frame: gpd.GeoDataFrame, asked: ProposalSettings, held: pd.DataFrame = NONE, **given
) -> tuple[Proposal, ...]:
    prepared = prepare(frame, held, asked, **given)
    pairs = neighbours(prepared.shapes, max_gap_m=asked.gap_m)
    origin = Origin(plan_id="p", revision=1, edition=1)
    return make_proposals(prepared, pairs, asked, frame=frame, pianqu=held, origin=origin)
