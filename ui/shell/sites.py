"""The step of the shell that chooses sites for a service facility."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

from errors import PolicyError
from ui.shell.parser import UsageError, count, positive
from ui.shell.steps import DONE, FOUND, Outcome, actor_of, opened

# What a step needs is imported when it runs, so that `--help` and a refused argument answer at once.
if TYPE_CHECKING:
    from data.site_choice import SiteProposal, SiteSettings
    from ui.shell.parser import ShellParser

__all__ = ["add_arguments", "sites"]

_SOURCES = ("ground", "vacant", "rooms")


def add_arguments(parser: ShellParser) -> None:
    """Name what may be asked of sites; what is not given is as the kind has it."""
    add = parser.shown.add_argument
    add("--facility", required=True, metavar="KIND", help="设施种类，如 托儿所 或 nursery")
    add("--radius-m", type=positive, metavar="米", help="服务半径，默认为这种设施的半径")
    add("--count", type=count, metavar="N", help="新增选址的个数；不写时用最少的选址覆盖全部")
    add("--network", action="store_true", help="沿道路算距离，不按直线")
    add("--shortest", action="store_true", help="要总路程最短，而不是覆盖最多户（同 --count 用）")
    add("--capacity", type=count, metavar="户", help="每处至多服务多少户（同 --shortest 用）")
    add("--min-area-m2", type=positive, metavar="㎡", help="场地至少多大，默认按设施种类")
    add("--sources", metavar="来源", help="ground 空地、vacant 空置地块、rooms 闲置用房，逗号隔开")
    add("--from-nothing", action="store_true", help="不计现有设施和已保存的选址")
    add("--clear-only", action="store_true", help="不用占绿地、影响日照而需征求意见的场地")
    add("--bare-ground", action="store_true", help="没有建筑资料的小区确实没有建筑")
    add("--seed", type=count, metavar="N", help="随机种子，默认 0")
    add("--save", action="store_true", help="把选址存进计划")


def sites(options: argparse.Namespace) -> Outcome:
    """Choose sites for a kind of facility, and save them if asked to."""
    settings = _settings(options)
    with opened(options) as plan:
        from data.ground_settings import GroundSettings
        from data.site_choice import SITE_LAYERS, choose_sites
        from data.site_records import origin_of, save_sites

        began = time.perf_counter()
        known, origin = plan.settings(), origin_of(plan)
        proposal = choose_sites(
            {name: plan.read(name) for name in SITE_LAYERS},
            settings,
            ground_settings=GroundSettings.from_settings(known),
            zone=None if known.get("zone") is None else int(known["zone"]),
            origin=origin,
        )
        result = {
            **_told(proposal),
            "seconds": round(time.perf_counter() - began, 3),
            "notes": list(proposal.notes),
        }
        if options.save and len(proposal.sites):
            uid_of = save_sites(plan, proposal, actor_of(options))
            for site in result["sites"]:
                site["uid"] = uid_of[site["number"]]
    return _code(proposal), result


def _settings(options: argparse.Namespace) -> SiteSettings:
    """Read what is asked for.

    Raises
    ------
    UsageError
        If there is no such kind (all of them are named), or arguments do not go together.
    RecordError
        If a value makes no sense.
    """
    from data.site_settings import SiteSettings
    from policy.facility_rules import facility_rules

    try:
        facility = facility_rules().kind(options.facility).id
    except PolicyError as error:
        raise UsageError(str(error)) from error
    if options.count == 0:
        raise UsageError("参数 --count 至少是 1；不写时用最少的选址覆盖全部。")
    if options.shortest and options.count is None:
        raise UsageError("参数 --shortest 要同 --count 一起用：写明新增几处。")
    if options.capacity is not None and not options.shortest:
        raise UsageError("参数 --capacity 要同 --shortest 一起用。")
    aim = "all" if options.count is None else ("median" if options.shortest else "most")
    given = {
        "facility": facility,
        "radius_m": options.radius_m,
        "network": options.network,
        "aim": aim,
        "count": options.count,
        "capacity_households": options.capacity,
        "min_area_m2": options.min_area_m2,
        "sources": _sources(options.sources),
        "existing": not options.from_nothing,
        "clear_only": options.clear_only,
        "bare_ground": options.bare_ground,
        "seed": options.seed,
    }
    return SiteSettings.from_dict({key: value for key, value in given.items() if value is not None})


def _sources(text: str | None) -> list[str] | None:
    if text is None:
        return None
    asked = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [part for part in asked if part not in _SOURCES]
    if unknown or not asked:
        raise UsageError(
            f"参数 --sources 不认识“{'、'.join(unknown) or text}”，可用的是：{'、'.join(_SOURCES)}。"
        )
    return asked


def _code(proposal: SiteProposal) -> int:
    """Give 1 where all were to be covered and some are not, or so many sites could not be found."""
    asked = proposal.settings.count
    if asked is None:
        return FOUND if len(proposal.unserved) else DONE
    short = len(proposal.sites) < asked and len(proposal.unserved) > 0
    return FOUND if short else DONE


def _told(proposal: SiteProposal) -> dict[str, Any]:
    """Write a proposal as the shell tells it."""
    settings = proposal.settings
    served = proposal.compounds
    return {
        "facility": settings.facility,
        "title": settings.kind.title,
        "radius_m": settings.reach_m,
        "households": proposal.households,
        "covered_before": proposal.covered_before,
        "covered_households": proposal.covered_after,
        "compounds": len(served),
        "covered_compounds": int(served["after"].sum()),
        "sites": _sites(proposal),
        "unserved": [
            {"compound": str(uid), "name": row["name"], "reason": row["reason"]}
            for uid, row in proposal.unserved.iterrows()
        ],
        "candidates": len(proposal.candidates),
        "optimal": proposal.optimal,
        "gap": proposal.gap,
        "proof": proposal.proof,
        "objective": proposal.objective,
        "bound": proposal.bound,
        "settings": settings.to_dict(),
    }


def _sites(proposal: SiteProposal) -> list[dict[str, Any]]:
    from data.site_settings import SOURCES
    from geo.crs import to_cgcs2000

    points = to_cgcs2000(proposal.sites.geometry.representative_point(), str(proposal.epsg))
    unknown = proposal.by_compounds or proposal.households is None
    return [
        {
            "number": int(number),
            "name": row["name"],
            "source": SOURCES[row["source"]],
            "compound": row["compound_uid"],
            "pianqu": row["pianqu_uid"],
            "lon": round(points[number].x, 7),
            "lat": round(points[number].y, 7),
            "site_m2": _rounded(row["site_m2"]),
            "width_m": _rounded(row["width_m"]),
            "length_m": _rounded(row["length_m"]),
            "floor_m2": _rounded(row["floor_m2"]),
            "households": None if unknown else int(row["households"]),
            "serves": list(row["compounds"]),
            "mean_m": _rounded(row["mean_m"]),
            "needs_opinion": bool(row["opinion"]),
            "remarks": list(row["remarks"]),
        }
        for number, row in proposal.sites.iterrows()
    ]


def _rounded(value: float) -> float | None:
    return None if value != value else round(float(value), 1)  # noqa: PLR0124 - NaN is not itself
