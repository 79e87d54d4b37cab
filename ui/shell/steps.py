"""The steps of the shell that look at a plan, bundle it, or go back in its history."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from errors import StoreError
from ui import settings

# What a step needs is imported when it runs, so that `--help` and a refused argument answer at once.
if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    import pandas as pd

    from data.findings import Finding
    from data.store import Plan
    from geo.bundling import Bundling

__all__ = [
    "DONE",
    "FOUND",
    "REFUSED",
    "Outcome",
    "actor_of",
    "bundle",
    "check",
    "code_of",
    "history",
    "neighbours",
    "new",
    "opened",
    "undo",
]

DONE, FOUND, REFUSED = 0, 1, 2
TABLES = (".xlsx", ".xlsm", ".csv")  # what `check` takes for a ledger; all else is a plan

Outcome = tuple[int, dict[str, Any]]


def new(options: argparse.Namespace) -> Outcome:
    """Make a plan file, empty or with a sample."""
    from data.samples import write_sample
    from data.store import create_plan

    path = Path(options.plan)
    if options.sample:
        plan = write_sample(path, options.sample, actor_of(options))
    else:
        plan = create_plan(path, name=options.name or path.stem, actor=actor_of(options))
    return DONE, {
        "plan": path,
        "name": plan.settings()["name"],
        "compounds": plan.count("compounds"),
    }


def check(options: argparse.Namespace) -> Outcome:
    """Check a ledger file, or ledger and boundaries of a plan."""
    from data.ledger_check import check_ledger

    path = Path(options.plan)
    if path.suffix.lower() in TABLES:
        from ui.shell.exchange import read_ledger_file

        read = read_ledger_file(path)
        findings = [*read.findings, *check_ledger(read.frame, totals=read.totals)]
    else:
        from data.boundary_check import check_boundaries

        plan = opened(options)
        known = plan.settings()
        compounds = plan.read("compounds")
        findings = [
            *check_ledger(compounds, totals=known.get("ledger_totals")),
            *check_boundaries(compounds, zone=known.get("zone")),
        ]
    return code_of(findings), {"findings": [item.to_dict() for item in findings]}


def neighbours(options: argparse.Namespace) -> Outcome:
    """List the pairs of compounds within a gap."""
    plan = opened(options)
    _, pairs = _graph(plan, plan.read("compounds"), options.max_gap)
    # A plan knows no barriers yet, so none blocks a pair.
    return DONE, {"pairs": pairs, "blocked": []}


def bundle(options: argparse.Namespace) -> Outcome:
    """Propose 片区 for the compounds that are in none, and save them if asked to."""
    from geo.bundling import bundle_by_gap

    plan = opened(options)
    started = time.perf_counter()
    compounds = plan.read("compounds")
    free = compounds[compounds["pianqu_uid"].isna()]
    drawn, pairs = _graph(plan, free, options.max_gap)
    proposal = bundle_by_gap(
        free["households"],
        pairs,
        min_households=options.min_households,
        max_households=options.max_households,
        seed=options.seed,
        drawn=drawn,
    )
    seconds = round(time.perf_counter() - started, 3)
    bundles = _bundles(proposal)
    if options.save:
        _save(plan, bundles, actor_of(options))
    return (DONE if proposal.feasible else FOUND), {
        "bundles": bundles,
        "feasible": proposal.feasible,
        "unassigned": [
            {"compound": uid, "reason": reason} for uid, reason in proposal.unassigned.items()
        ],
        "already_in_pianqu": len(compounds) - len(free),
        # A first proposal by gap: no bound is proved, so there is no gap to one.
        "optimal": False,
        "gap": None,
        "seconds": seconds,
        "notes": proposal.notes,
    }


def undo(options: argparse.Namespace) -> Outcome:
    """Take the last edit back."""
    undone = opened(options).undo(actor_of(options))
    if undone is None:
        return FOUND, {"edits": [], "notes": ["没有可以撤销的修改。"]}
    return DONE, {"edits": [undone]}


def history(options: argparse.Namespace) -> Outcome:
    """List who did what, the last first."""
    return DONE, {"edits": opened(options).history(limit=options.limit)}


def actor_of(options: argparse.Namespace) -> str:
    """Name that an edit carries."""
    return options.actor or settings.default_actor()


def opened(options: argparse.Namespace) -> Plan:
    """Open the plan that a command names.

    Raises
    ------
    StoreError
        If there is no such file, or it is not a plan.
    """
    path = Path(options.plan)
    if not path.is_file():
        raise StoreError(f"没有找到计划文件 {path}。请检查路径，或用 pianqu new 新建。")
    from data.store import open_plan

    return open_plan(path)


def code_of(findings: Sequence[Finding]) -> int:
    """Exit code: 1 if there is something to look at; what is only said (说明) does not count."""
    return FOUND if any(item.severity != "说明" for item in findings) else DONE


def _graph(
    plan: Plan, compounds: gpd.GeoDataFrame, max_gap_m: float | None
) -> tuple[pd.Series[bool], pd.DataFrame]:
    """Which compounds have a boundary, and the pairs of neighbours among them."""
    from geo import adjacency
    from geo.crs import plan_zone, to_plane, zone_epsg

    shapes = compounds.geometry
    drawn = ~(shapes.isna() | shapes.is_empty)
    zone = plan.settings().get("zone")
    if zone is None and not drawn.any():
        # Nothing is drawn: there is no middle to choose a zone by, and no neighbour to measure.
        zone = 37
    epsg = plan_zone(shapes).epsg if zone is None else zone_epsg(int(zone))
    gap_m = adjacency.DEFAULT_MAX_GAP_M if max_gap_m is None else max_gap_m
    return drawn, adjacency.neighbours(to_plane(shapes, epsg), max_gap_m=gap_m)


def _bundles(proposal: Bundling) -> list[dict[str, Any]]:
    placed = proposal.labels.dropna()
    members = placed.groupby(placed).groups
    return [
        {"number": number, "members": sorted(members[number]), **row}
        for number, row in proposal.bundles.to_dict("index").items()
    ]


def _save(plan: Plan, bundles: list[dict[str, Any]], actor: str) -> None:
    from data.pianqu import make_pianqu

    taken = set(plan.read("pianqu")["name"])
    for item in bundles:
        name = next(f"片区{n}" for n in range(1, 10**6) if f"片区{n}" not in taken)
        taken.add(name)
        item["pianqu"] = make_pianqu(plan, name, item["members"], actor)
        item["name"] = name
