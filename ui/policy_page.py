"""What the page 政策 keeps between two runs: in the workspace what F5 must find again, the rest in the session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from policy.verdicts import FAILS, STATES, State
from ui import session, visit

__all__ = [
    "CHECK",
    "CHECK_VIEWS",
    "COMPARE",
    "FACTS",
    "FLOW",
    "FORMS",
    "OWN_VERDICTS",
    "RULES",
    "TABS",
    "VOTES",
    "WHY",
    "Focus",
    "check_view",
    "colour",
    "colour_by",
    "compared",
    "fact",
    "fill_in",
    "focus",
    "focus_on",
    "group",
    "held",
    "keep",
    "open_group",
    "tab",
    "turn",
    "why_group",
    "why_state",
]

PAGE = "policy"
RULES, CHECK, WHY, FLOW, FORMS = "规则", "核对", "不符合原因", "办理", "表单"
TABS = (RULES, CHECK, WHY, FLOW, FORMS)
OWN_VERDICTS, COMPARE, FACTS, VOTES = "判定", "几套对照", "小区情况", "表决公示"
CHECK_VIEWS = (OWN_VERDICTS, COMPARE, FACTS, VOTES)


@dataclass(frozen=True)
class Focus:
    """Compounds that are looked at alone: those to which a rule says one thing."""

    rule: str
    state: State


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
    return found if found in TABS else RULES


def turn(to: str) -> None:
    """Turn the panel to a tab."""
    keep("tab", to)


def check_view() -> str:
    """View within the tab 核对."""
    found = held("check")
    return found if found in CHECK_VIEWS else OWN_VERDICTS


def group(known: list[str]) -> str:
    """Heading whose rules are open."""
    found = held("group")
    return found if found in known else known[0]


def open_group(name: str) -> None:
    """Open a heading."""
    keep("group", name)


def colour() -> str:
    """Name of the rule that the map is coloured by; empty for the whole of 准入."""
    return str(held("colour") or "")


def colour_by(rule: str) -> None:
    """Colour the map by a rule, or by the whole of 准入."""
    keep("colour", rule)


def compared() -> list[str] | None:
    """Ids of the profiles that stand side by side; None until the planner has chosen."""
    return held("compared")


def focus() -> Focus | None:
    """Return what is looked at alone."""
    found = held("focus")
    return Focus(*found) if found and found[1] in STATES else None


def focus_on(found: Focus | None) -> None:
    """Look at some compounds alone, or at all again."""
    keep("focus", None if found is None else [found.rule, found.state])
    if found is not None:
        colour_by(found.rule)


def why_state() -> State:
    """Which state the list of reasons shows."""
    found = held("why_state")
    return found if found in STATES else FAILS


def why_group() -> str | None:
    """Heading that the list of reasons is held to; None for all."""
    return held("why_group", "准入") or None


def fact() -> str | None:
    """Fact that is to be filled in."""
    return held("fact")


def fill_in(fact_id: str) -> None:
    """Go to where a fact is filled in."""
    keep("fact", fact_id)
    keep("check", FACTS)
    turn(CHECK)
    session.forget("policy_facts")
