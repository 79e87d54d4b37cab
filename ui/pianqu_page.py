"""What the page 片区 keeps between two runs: in the workspace what F5 must find again, the rest in the session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ui import edits, session, visit
from ui.pianqu_figures import DEFAULT_GAP_M, UNGROUPED, bounds_of, members_of
from ui.pianqu_proposal import Over, Proposal, ProposalSettings
from ui.scene import Scene

__all__ = [
    "COMPOSE",
    "LIST",
    "PROPOSE",
    "TABS",
    "forget_proposal",
    "gap_m",
    "keep_proposal",
    "keep_settings",
    "open_pianqu",
    "opened",
    "proposal",
    "proposal_settings",
    "show_members",
    "tab",
    "turn",
    "zoom_to",
]

PAGE = "pianqu"
LIST, COMPOSE, PROPOSE = "片区", "组成", "自动方案"
TABS = (LIST, COMPOSE, PROPOSE)


def _kept() -> dict[str, Any]:
    return visit.current().pages.setdefault(PAGE, {})


def tab() -> str:
    """Tab of the panel."""
    held = _kept().get("tab")
    return held if held in TABS else LIST


def turn(to: str) -> None:
    """Turn the panel to a tab."""
    _kept()["tab"] = to


def opened(scene: Scene) -> str | None:
    """片区 whose figures are open: its uid, :data:`UNGROUPED`, or None."""
    uid = _kept().get("open")
    return uid if uid == UNGROUPED or uid in scene.view.pianqu.index else None


def open_pianqu(uid: str | None) -> None:
    """Open the figures of a 片区, or close them."""
    _kept()["open"] = uid
    session.forget("pianqu_card")


def proposal_settings() -> ProposalSettings:
    """Return the settings of the automatic proposal as they were last."""
    return ProposalSettings(**_kept().get("settings", {}))


def keep_settings(
    *,
    gap_m: float,
    min_households: int | None,
    max_households: int | None,
    seed: int,
    over: Over,
) -> None:
    """Keep the settings of the automatic proposal."""
    _kept()["settings"] = {
        "gap_m": gap_m,
        "min_households": min_households,
        "max_households": max_households,
        "seed": seed,
        "over": over,
    }


def gap_m() -> float:
    """Distance within which compounds are neighbours, in metres: one figure for the whole page."""
    return float(_kept().get("settings", {}).get("gap_m", DEFAULT_GAP_M))


def proposal(scene: Scene) -> Proposal | None:
    """Return the proposal for this plan that waits to be taken over."""
    held: Proposal | None = session.get(session.PROPOSAL)
    return held if held is not None and held.plan_id == scene.plan.plan_id else None


def keep_proposal(made: Proposal) -> None:
    """Show a proposal."""
    session.put(session.PROPOSAL, made)


def forget_proposal() -> None:
    """Drop the proposal; the plan was never touched."""
    session.take(session.PROPOSAL)


def show_members(scene: Scene, uids: Sequence[str]) -> None:
    """Select all members of some 片区 and move the map to them."""
    members = [member for uid in uids for member in members_of(scene.view, uid)]
    edits.select(members)
    zoom_to(scene, members)


def zoom_to(scene: Scene, members: Sequence[str]) -> None:
    """Move the map to some compounds; it stays if none of them has a boundary."""
    bounds = bounds_of(scene.view, members)
    if bounds is not None:
        serial, _ = session.get(session.FIT, (0, None))
        session.put(session.FIT, (serial + 1, bounds))
