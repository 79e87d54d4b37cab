"""The step of the shell that proposes 片区 for the compounds that are in none."""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ui.shell.parser import count, positive
from ui.shell.steps import DONE, FOUND, Outcome, actor_of, opened

# What a step needs is imported when it runs, so that `--help` and a refused argument answer at once.
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from data.proposing import Prepared, Proposal, ProposalSettings
    from data.store import Plan
    from ui.shell.parser import ShellParser

__all__ = ["add_arguments", "bundle"]

_SUBDISTRICTS, _AIMS = ("off", "prefer", "hard"), ("most", "fewest", "free")
_ELIGIBLE = ("arguable", "clear", "all")


def add_arguments(bundle: ShellParser) -> None:
    """Name what may be asked of a proposal; what is not given is as on the page."""
    add = bundle.shown.add_argument
    add("--min-households", type=count, metavar="户", help="每个片区至少，默认 500，0 为不限")
    add("--max-households", type=count, metavar="户", help="每个片区至多，默认 2000，0 为不限")
    add("--max-investment-yuan", type=count, metavar="元", help="每个片区的投资至多，默认不限")
    add("--max-diameter-m", type=positive, metavar="米", help="片区最远两点至多相距，默认不限")
    add(
        "--subdistricts",
        choices=_SUBDISTRICTS,
        help="off 可跨街道（默认），prefer 尽量不跨，hard 不得跨",
    )
    add("--aim", choices=_AIMS, help="片区数：most 尽量多（默认），fewest 尽量少，free 不论")
    add("--pick", type=count, metavar="N", help="只取最好的 N 个片区，其余留在未分组")
    add("--proposals", type=count, metavar="N", help="几个方案，1 至 4，默认 3")
    add(
        "--eligible",
        choices=_ELIGIBLE,
        help="准入：arguable 符合或需论证的（默认），clear 符合的，all 不看准入",
    )
    add("--no-barriers", action="store_true", help="不计道路、河流等阻隔")
    add("--seed", type=count, metavar="N", help="随机种子，默认 0")
    add("--save", action="store_true", help="把最好的方案存成片区")


def bundle(options: argparse.Namespace) -> Outcome:
    """Propose 片区 for the compounds that are in none, and save the best proposal if asked to."""
    with opened(options) as plan:
        began = time.perf_counter()
        proposals, rest = _proposals(plan, options)
        if not proposals:
            return (FOUND if rest["unassigned"] else DONE), {**_NOTHING, **rest}
        best = proposals[0]
        result = {
            **_told(best),
            **rest,
            "proposals": [_told(one) for one in proposals],
            "seconds": round(time.perf_counter() - began, 3),
            "notes": list(best.notes),
        }
        if options.save:
            _save(plan, best, result, actor_of(options))
    return (DONE if best.feasible else FOUND), result


# Told where there is nothing to propose.
_NOTHING: dict[str, Any] = {
    "bundles": [],
    "optimal": True,
    "gap": 0.0,
    "objective": None,
    "bound": None,
    "proposals": [],
    "seconds": 0.0,
}
_ALL_GROUPED = "没有需要分组的小区：全部小区都在片区里。"


def settings_of(options: argparse.Namespace) -> ProposalSettings:
    """Read what is asked for; what is not given is as on the page, over the compounds that are in no 片区.

    Raises
    ------
    RecordError
        If a limit makes no sense.
    """
    from data.proposing import ProposalSettings

    given = {
        "gap_m": options.max_gap,
        "min_households": options.min_households,
        "max_households": options.max_households,
        "max_investment_yuan": options.max_investment_yuan,
        "max_diameter_m": options.max_diameter_m,
        "subdistricts": options.subdistricts,
        "aim": options.aim,
        "pick": options.pick,
        "proposals": options.proposals,
        "seed": options.seed,
        "only_eligible": options.eligible,
    }
    # 0 lifts a limit that the page sets at first.
    lifted = {name: None for name, value in given.items() if name in _LIMITS and value == 0}
    asked = {name: value for name, value in given.items() if value is not None} | lifted
    asked = _without_clash(asked)
    return replace(ProposalSettings.from_dict(asked), over="ungrouped")


def _without_clash(asked: dict[str, Any]) -> dict[str, Any]:
    """Lift the first limit of the page where the other one, given by hand, contradicts it."""
    from data.proposing import ProposalSettings

    low, high = "min_households", "max_households"
    first = ProposalSettings()
    if high not in asked and (asked.get(low) or 0) > (first.max_households or 0):
        return {**asked, high: None}
    if low not in asked and (asked.get(high) or math.inf) < (first.min_households or 0):
        return {**asked, low: None}
    return asked


_LIMITS = ("min_households", "max_households", "max_investment_yuan", "max_diameter_m", "pick")


def _proposals(
    plan: Plan, options: argparse.Namespace
) -> tuple[tuple[Proposal, ...], dict[str, Any]]:
    """Proposals, and what is told beside them; none if there is nothing to propose."""
    from data.proposing import Origin, basis_revision, make_proposals, prepare

    settings = settings_of(options)
    compounds, pianqu, known = plan.read("compounds"), plan.read("pianqu"), plan.settings()
    revision = basis_revision(plan)
    free = compounds["pianqu_uid"].isna()
    rest: dict[str, Any] = {"already_in_pianqu": int((~free).sum()), "settings": settings.to_dict()}
    if not free.any():
        return (), rest | _nothing(_ALL_GROUPED)
    prepared = prepare(
        compounds,
        pianqu,
        settings,
        states=_states(plan),
        zone=None if known.get("zone") is None else int(known["zone"]),
    )
    if prepared.nobody:
        return (), rest | _nothing(prepared.nobody, _left_out(prepared))
    found = make_proposals(
        prepared,
        _pairs(plan, prepared, settings, options),
        settings,
        frame=compounds,
        pianqu=pianqu,
        origin=Origin(plan_id=str(plan.plan_id), revision=revision, edition=plan.edition()),
    )
    return found, rest


def _nothing(why: str, left_out: Sequence[dict[str, str]] = ()) -> dict[str, Any]:
    return {
        "unassigned": list(left_out),
        "feasible": not left_out,
        "proof": why,
        "notes": [why],
    }


def _pairs(
    plan: Plan, prepared: Prepared, settings: ProposalSettings, options: argparse.Namespace
) -> pd.DataFrame:
    from data.barriers import BARRIER_LAYERS, BarrierSettings, barriers_of
    from geo.adjacency import neighbourhood, neighbours

    if options.no_barriers:
        return neighbours(prepared.shapes, max_gap_m=settings.gap_m)
    rules = BarrierSettings.from_settings(plan.settings())
    layers = {name: plan.read(name) for name in BARRIER_LAYERS}
    barriers, openings = barriers_of(layers, rules, epsg=int(prepared.shapes.crs.to_epsg()))
    return neighbourhood(
        prepared.shapes,
        max_gap_m=settings.gap_m,
        barriers=barriers,
        openings=openings,
        opening_reach_m=rules.opening_reach_m,
    ).pairs


def _left_out(prepared: Prepared) -> list[dict[str, str]]:
    undrawn = dict.fromkeys(prepared.records.index, "还没有边界")
    return _reasons({**undrawn, **prepared.staying.to_dict()})


def _states(plan: Plan) -> pd.Series | None:
    """准入 of all compounds; None if the plan's rules can not be read, as on the page."""
    from ui.judged import plan_judgement, readable_profile

    if readable_profile(plan.settings()) is None:
        return None
    return plan_judgement(plan).overall("准入")


def _told(proposal: Proposal) -> dict[str, Any]:
    """Write a proposal as the shell tells it."""
    members = proposal.names.dropna()
    of = members.groupby(members).groups
    return {
        "emphasis": proposal.emphasis,
        "bundles": [
            {"number": number, "name": name, "members": sorted(map(str, of[name])), **row}
            for number, (name, row) in enumerate(proposal.table.to_dict("index").items(), start=1)
        ],
        "feasible": proposal.feasible,
        "unassigned": _reasons({**proposal.unassigned.to_dict(), **proposal.staying.to_dict()}),
        "optimal": proposal.optimal,
        "gap": proposal.gap,
        "proof": proposal.proof,
        "objective": proposal.objective._asdict(),
        "bound": proposal.bound._asdict(),
    }


def _reasons(reasons: Mapping[Any, str]) -> list[dict[str, str]]:
    return [{"compound": str(uid), "reason": str(why)} for uid, why in reasons.items()]


def _save(plan: Plan, best: Proposal, result: dict[str, Any], actor: str) -> None:
    """Make the proposal 片区 in one edit, so that one undo takes it back."""
    from data.proposing import adopt

    uid_of = adopt(plan, best, actor=actor)
    for item in result["bundles"]:
        item["pianqu"] = uid_of[item["name"]]
