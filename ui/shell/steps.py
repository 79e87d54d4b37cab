"""The steps of the shell that look at a plan, or go back in its history."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from errors import StoreError
from ui import settings

# What a step needs is imported when it runs, so that `--help` and a refused argument answer at once.
if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.findings import Finding
    from data.store import Plan

__all__ = [
    "DONE",
    "FOUND",
    "REFUSED",
    "Outcome",
    "actor_of",
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
    path = Path(options.plan)
    with _made(options, path) as plan:
        name, compounds = plan.settings()["name"], plan.count("compounds")
    return DONE, {"plan": path, "name": name, "compounds": compounds}


def _made(options: argparse.Namespace, path: Path) -> Plan:
    rules = _known_rules(options.rules)
    if options.sample:
        from data.samples import write_sample

        plan = write_sample(path, options.sample, actor_of(options))
        if options.rules:
            with plan.edit(actor_of(options), "选定规则方案") as edit:
                edit.set_setting("rules", rules)
        return plan
    from data.store import create_plan

    name = options.name or path.stem
    return create_plan(path, name=name, actor=actor_of(options), settings={"rules": rules})


def _known_rules(rules: str | None) -> str:
    from policy.catalogue import DEFAULT_RULES
    from policy.own_rules import find_profile

    return DEFAULT_RULES if rules is None else find_profile(rules).id


def check(options: argparse.Namespace) -> Outcome:
    """Check a ledger file, or ledger and boundaries of a plan."""
    from data.ledger_check import check_ledger

    path = Path(options.plan)
    if path.suffix.lower() in TABLES:
        from data.ledger_batches import stated_in
        from data.reading import ledger_frame, read_ledger

        sheet = read_ledger(path)
        rows, findings = ledger_frame(sheet)
        findings = [*findings, *check_ledger(rows, totals=stated_in(sheet, rows))]
    else:
        from data.boundary_check import check_boundaries

        with opened(options) as plan:
            known, compounds = plan.settings(), plan.read("compounds")
            progress = plan.records("progress")
        findings = [
            *check_ledger(compounds, totals=known.get("ledger_totals"), progress=progress),
            *check_boundaries(compounds, zone=known.get("zone")),
        ]
    return code_of(findings), {"findings": [item.to_dict() for item in findings]}


def neighbours(options: argparse.Namespace) -> Outcome:
    """List the pairs of compounds within a gap, and those that a barrier cuts off from each other."""
    from data.barriers import BARRIER_LAYERS, BarrierSettings, neighbourhood_of
    from geo.adjacency import DEFAULT_MAX_GAP_M

    with opened(options) as plan:
        known, compounds = plan.settings(), plan.read("compounds")
        layers = {} if options.no_barriers else {name: plan.read(name) for name in BARRIER_LAYERS}
    found = neighbourhood_of(
        compounds.geometry,
        layers,
        BarrierSettings.from_settings(known) if layers else BarrierSettings(),
        max_gap_m=DEFAULT_MAX_GAP_M if options.max_gap is None else options.max_gap,
        zone=known.get("zone"),
    )
    return DONE, {"pairs": found.pairs, "blocked": found.blocked}


def undo(options: argparse.Namespace) -> Outcome:
    """Take the last edit back."""
    with opened(options) as plan:
        undone = plan.undo(actor_of(options))
    if undone is None:
        return FOUND, {"edits": [], "notes": ["没有可以撤销的修改。"]}
    return DONE, {"edits": [undone]}


def history(options: argparse.Namespace) -> Outcome:
    """List who did what, the last first."""
    with opened(options) as plan:
        return DONE, {"edits": plan.history(limit=options.limit)}


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
