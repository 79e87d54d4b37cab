"""Saved sites of a plan: written from a proposal in one edit, read back, with the works and rooms of each.

A site of a public building (沙子小学, 实用5篇·篇二) has rooms with ㎡ and 万元 each: they are works of the site.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from data.layer_rows import column, tags_of
from data.site_choice import SITE_LAYERS, Origin, SiteProposal
from data.store import Plan
from errors import RecordError, StoreError
from geo.crs import to_cgcs2000
from policy.facility_rules import facility_rules

__all__ = [
    "SiteWork",
    "basis_revision",
    "origin_of",
    "save_sites",
    "saved_sites",
    "set_site_works",
]

# Keys of a site's `extra`.
_WORKS, _POPULATION, _SERVES, _REMARKS = "works", "population", "serves", "remarks"
_MOST_YUAN = 10**13


@dataclass(frozen=True, kw_only=True)
class SiteWork:
    """A room or other work of a site.

    Attributes
    ----------
    name : str
        As 教室, 食堂.
    area_m2 : float or None
    yuan : int or None
        Whole yuan; None: not known.
    """

    name: str
    area_m2: float | None = None
    yuan: int | None = None


def basis_revision(plan: Plan) -> int:
    """Revision at which that was last changed which proposals of sites rest on."""
    return max(plan.layer_revision(name) for name in (*SITE_LAYERS, "settings"))


def origin_of(plan: Plan) -> Origin:
    """State of a plan, for a proposal that is made of it; to be taken before its layers are read."""
    return Origin(plan_id=str(plan.plan_id), revision=basis_revision(plan), edition=plan.edition())


def save_sites(
    plan: Plan, proposal: SiteProposal, actor: str, *, replace: bool = False
) -> dict[int, str]:
    """Write the sites of a proposal into the plan, in one edit.

    Parameters
    ----------
    plan : Plan
    proposal : SiteProposal
        Made of this plan as it stands.
    actor : str
    replace : bool
        Take away saved sites of the same kind that came from a proposal.

    Returns
    -------
    dict
        Number of the site to its uid.

    Raises
    ------
    StoreError
        If the proposal is of another plan or has no sites, or the plan has moved on since.
    """
    if not len(proposal.sites):
        raise StoreError("方案里没有选址，没有可保存的内容。")
    kind = proposal.settings.kind
    label = f"保存选址（{proposal.settings.words}）"
    with plan.edit(actor, label) as tx:
        _refuse_stale(plan, proposal.origin)
        held = tx.read("sites")
        mine = held[(column(held, "kind") == kind.title) & column(held, "settings").notna()]
        if replace and len(mine):
            tx.delete_many("sites", [(str(uid), int(row.version)) for uid, row in mine.iterrows()])
        taken = held if not replace else held.drop(index=mine.index)
        records = _records(proposal, _next_number(taken, kind.title))
        uids = tx.insert("sites", records)
    return dict(zip(map(int, proposal.sites.index), uids, strict=True))


def saved_sites(plan: Plan) -> gpd.GeoDataFrame:
    """Sites of a plan, those drawn by hand among them.

    Returns
    -------
    GeoDataFrame
        By uid: fields of the layer, and ``facility`` (id of the kind; missing if none is called so), ``works``
        (tuple of SiteWork), ``works_m2``, ``works_yuan`` (sums; NA if one is not known or there is none),
        ``population`` (NA: unknown), ``serves`` (tuple of uids of compounds), ``remarks`` (tuple); EPSG:4490.
    """
    sites = plan.read("sites")
    tags = tags_of(sites)
    works = [_works(one.get(_WORKS)) for one in tags]
    titles = {kind.title: kind.id for kind in facility_rules().kinds.values()}
    population = [one.get(_POPULATION) for one in tags]
    return sites.assign(
        facility=column(sites, "kind").map(titles).astype(object),
        works=pd.Series(works, index=sites.index, dtype=object),
        works_m2=pd.Series(
            [_sum([one.area_m2 for one in rows]) for rows in works], index=sites.index
        ).astype("Float64"),
        works_yuan=pd.Series(
            [_sum([one.yuan for one in rows]) for rows in works], index=sites.index
        ).astype("Int64"),
        population=pd.to_numeric(pd.Series(population, index=sites.index), errors="coerce")
        .round()
        .astype("Int64"),
        serves=pd.Series(
            [tuple(map(str, one.get(_SERVES, ()))) for one in tags], index=sites.index, dtype=object
        ),
        remarks=pd.Series(
            [tuple(map(str, one.get(_REMARKS, ()))) for one in tags],
            index=sites.index,
            dtype=object,
        ),
    )


def set_site_works(
    plan: Plan,
    uid: str,
    works: Sequence[SiteWork],
    actor: str,
    *,
    population: int | None = None,
) -> None:
    """Say which rooms and works a site has, and how many people it serves.

    Parameters
    ----------
    plan : Plan
    uid : str
        Of a saved site.
    works : sequence of SiteWork
    actor : str
    population : int, optional
        People that are served; None: not known.

    Raises
    ------
    RecordError
        If a work has no name, or a figure makes no sense, or there is no such site; all of them are named.
    """
    problems = [problem for at, work in enumerate(works, 1) for problem in _problems(at, work)]
    if population is not None and not _is_whole(population, 10**9):
        problems.append(f"服务人口 {population!r} 应是 0 或以上的整数。")
    if problems:
        raise RecordError("选址的改造内容", problems)
    with plan.edit(actor, "填写选址的建设内容") as tx:
        held = tx.read("sites", uids=[uid])
        if uid not in held.index:
            raise RecordError("选址", [f"没有标识码为“{uid}”的选址，可能已被删除。"])
        extra = dict(tags_of(held)[0])
        extra[_WORKS] = [asdict(work) for work in works]
        extra[_POPULATION] = population
        area = _sum([work.area_m2 for work in works])
        values: dict[str, Any] = {"extra": extra}
        if area is not None:
            values["floor_m2"] = area
        tx.update("sites", uid, int(held.loc[uid, "version"]), values)


def _refuse_stale(plan: Plan, origin: Origin | None) -> None:
    if origin is None or str(plan.plan_id) != origin.plan_id:
        raise StoreError("选址方案不是从这个计划算出来的，没有保存。请重新计算。")
    if basis_revision(plan) != origin.revision:
        raise StoreError("计划在选址算出之后又有修改，方案已过时，没有保存。请重新计算。")


def _next_number(sites: gpd.GeoDataFrame, title: str) -> int:
    """First number that no saved site of the kind has in its name."""
    names = column(sites, "name").dropna().astype(str)
    numbers = [
        int(name.removeprefix(title))
        for name in names
        if name.startswith(title) and name.removeprefix(title).isdecimal()
    ]
    return max(numbers, default=0) + 1


def _records(proposal: SiteProposal, first: int) -> list[dict[str, Any]]:
    title = proposal.settings.kind.title
    shapes = to_cgcs2000(proposal.sites.geometry, str(proposal.epsg))
    written = json.dumps(proposal.settings.to_dict(), ensure_ascii=False)
    unknown = proposal.by_compounds or proposal.households is None
    return [
        {
            "name": f"{title}{first + at}",
            "kind": title,
            "compound_uid": _given(row["compound_uid"]),
            "pianqu_uid": _given(row["pianqu_uid"]),
            "site_m2": _given(row["site_m2"]),
            "floor_m2": _given(row["floor_m2"]),
            "households": None if unknown else int(row["households"]),
            "settings": written,
            "geometry": shape,
            "extra": {
                _SERVES: list(row["compounds"]),
                _REMARKS: list(row["remarks"]),
                "source": row["source"],
                "place_uid": _given(row["place_uid"]),
            },
        }
        for at, (row, shape) in enumerate(
            zip(proposal.sites.to_dict("records"), shapes, strict=True)
        )
    ]


def _given(value: Any) -> Any:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    return round(float(value), 1) if isinstance(value, float | np.floating) else value


def _works(held: Any) -> tuple[SiteWork, ...]:
    """Works as they were kept; what another program wrote into the file and makes no sense is left out."""
    if not isinstance(held, list):
        return ()
    found = []
    for one in held:
        if not isinstance(one, Mapping) or not isinstance(one.get("name"), str):
            continue
        work = SiteWork(name=one["name"], area_m2=one.get("area_m2"), yuan=one.get("yuan"))
        if not _problems(1, work):
            found.append(work)
    return tuple(found)


def _sum(values: Sequence[float | None]) -> float | None:
    """Sum of what is known; None if there is nothing or something is not known."""
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _problems(at: int, work: SiteWork) -> list[str]:
    problems = []
    if not isinstance(work.name, str) or not work.name.strip():
        problems.append(f"第 {at} 项没有名称。")
    area = work.area_m2
    number = isinstance(area, int | float) and not isinstance(area, bool)
    if area is not None and not (number and 0 < area < 10**7):
        problems.append(f"第 {at} 项的面积 {area!r} 应是大于 0 的 ㎡ 数。")
    if work.yuan is not None and not _is_whole(work.yuan, _MOST_YUAN):
        problems.append(f"第 {at} 项的投资 {work.yuan!r} 应是 0 或以上的整数元。")
    return problems


def _is_whole(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
