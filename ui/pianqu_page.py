"""What the page 片区 keeps between two runs: in the workspace what F5 must find again, the rest in the session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data.proposing import Proposal, ProposalSettings
from errors import RecordError
from ui import edits, session, visit
from ui.pianqu_figures import DEFAULT_GAP_M, UNGROUPED, bounds_of, members_of
from ui.scene import Scene

__all__ = [
    "ASSIGN",
    "COMPARE",
    "LIST",
    "PROPOSE",
    "PROPOSE_VIEWS",
    "RESULTS",
    "SETTINGS",
    "TABS",
    "forget_proposals",
    "gap_m",
    "keep_proposals",
    "keep_settings",
    "open_pianqu",
    "opened",
    "proposal",
    "proposal_settings",
    "proposals",
    "propose_view",
    "show_members",
    "show_proposal",
    "tab",
    "turn",
    "turn_propose",
    "zoom_to",
]

PAGE = "pianqu"
LIST, ASSIGN, PROPOSE, COMPARE = "片区", "分配", "自动方案", "比较"
TABS = (LIST, ASSIGN, PROPOSE, COMPARE)
SETTINGS, RESULTS = "设置", "方案"
PROPOSE_VIEWS = (SETTINGS, RESULTS)
# Parts of the settings that name compounds.
PAIRS = ("together", "apart")


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
    """Return the settings of the automatic proposal as they were last; pairs only of this plan."""
    held = dict(_kept().get("settings", {}))
    pairs = _kept().get("pairs", {})
    if pairs.get("plan") == visit.current().plan:
        held |= {name: pairs[name] for name in PAIRS}
    try:
        return ProposalSettings.from_dict(held)
    except RecordError:
        # Kept by another version of the program.
        return ProposalSettings()


def keep_settings(settings: ProposalSettings) -> None:
    """Keep the settings of the automatic proposal; what names compounds belongs to the plan that is open."""
    plain = settings.to_dict()
    _kept()["pairs"] = {"plan": visit.current().plan, **{name: plain.pop(name) for name in PAIRS}}
    _kept()["settings"] = plain


def gap_m() -> float:
    """Distance within which compounds are neighbours, in metres: one figure for the whole page."""
    return float(_kept().get("settings", {}).get("gap_m", DEFAULT_GAP_M))


def proposals(scene: Scene) -> tuple[Proposal, ...]:
    """Proposals for this plan that wait to be taken over, the best first."""
    held: tuple[Proposal, ...] = session.get(session.PROPOSALS, ())
    plan_id = str(scene.plan.plan_id)
    return held if held and held[0].origin.plan_id == plan_id else ()


def proposal(scene: Scene) -> Proposal | None:
    """Return the one of them that is shown."""
    held = proposals(scene)
    chosen = _kept().get("shown_proposal")
    return next((one for one in held if one.key == chosen), held[0] if held else None)


def keep_proposals(made: tuple[Proposal, ...]) -> None:
    """Show proposals, the first of them on the map."""
    session.put(session.PROPOSALS, made)
    turn_propose(RESULTS)


def show_proposal(key: str) -> None:
    """Show one of them on the map."""
    _kept()["shown_proposal"] = key


def forget_proposals() -> None:
    """Drop them; the plan was never touched."""
    session.take(session.PROPOSALS)


def propose_view() -> str:
    """Which view of the tab 自动方案 is up, where there are proposals to look at."""
    return str(_kept().get("propose_view", RESULTS))


def turn_propose(to: str) -> None:
    """Turn the tab 自动方案 to its settings, or to the proposals."""
    _kept()["propose_view"] = to


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
