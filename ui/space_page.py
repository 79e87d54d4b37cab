"""What the page 空间 keeps between two runs: in the workspace what F5 must find again, the rest in the session."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ui import session, visit

__all__ = [
    "DEMAND",
    "GROUND",
    "LAID_OUT",
    "SAVED",
    "SETTINGS",
    "SITES",
    "STALLS",
    "STALL_VIEWS",
    "TABS",
    "assert_bare",
    "bare",
    "held",
    "keep",
    "stall_view",
    "tab",
    "turn",
    "turn_stalls",
]

PAGE = "space"
GROUND, STALLS, DEMAND, SITES = "空地", "车位", "需求", "设施"
TABS = (GROUND, STALLS, DEMAND, SITES)
LAID_OUT, SETTINGS, SAVED = "结果", "设置", "已存"
STALL_VIEWS = (LAID_OUT, SETTINGS, SAVED)


def _kept() -> dict[str, Any]:
    return visit.current().pages.setdefault(PAGE, {})


def keep(name: str, value: Any) -> None:
    """Keep a choice of the page."""
    _kept()[name] = value


def held(name: str, default: Any = None) -> Any:
    """Return a choice of the page."""
    return _kept().get(name, default)


def tab() -> str:
    """Tab of the panel."""
    found = held("tab")
    return found if found in TABS else GROUND


def turn(to: str) -> None:
    """Turn the panel to a tab."""
    keep("tab", to)


def stall_view() -> str:
    """View within the tab 车位."""
    found = held("stalls")
    return found if found in STALL_VIEWS else LAID_OUT


def turn_stalls(to: str) -> None:
    """Turn the tab 车位 to a view."""
    keep("stalls", to)


def bare() -> frozenset[str]:
    """Compounds of the open plan of which the planner has said that they have no buildings."""
    said = held("bare", {})
    return (
        frozenset(said.get("uids", ())) if said.get("plan") == visit.current().plan else frozenset()
    )


def assert_bare(uids: Iterable[str], *, yes: bool = True) -> None:
    """Say of compounds that they have no buildings, or take it back."""
    now = bare() | set(uids) if yes else bare() - set(uids)
    keep("bare", {"plan": visit.current().plan, "uids": sorted(now)})
    session.forget("space_ground")
