"""What the tab 办理 of the page 政策 reads: its views, records, where compounds stand, tiers, approvals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd

from policy.own_rules import find_profile, known_profiles
from policy.profiles import Profile, Rule
from policy.programme import priority_score, suggested_tier, tier_of
from policy.programme_overview import approving
from policy.stages import Missing, missing_to_leave
from policy.standing import Standing, Step, current_stages, standing
from ui import policy_page
from ui.policy_scene import PolicyScene

__all__ = [
    "APPROVALS",
    "MONEY",
    "MOST",
    "NONE_GIVEN",
    "NOT_IN",
    "PROGRESS",
    "STAGES",
    "TIERS",
    "VIEWS",
    "approval_profile",
    "chosen_step",
    "lacking",
    "priority_rule",
    "priority_scores",
    "records",
    "see_approvals_under",
    "stage_now",
    "stands",
    "subjects",
    "suggestions",
    "tiers",
    "turn",
    "view",
]

STAGES, PROGRESS, TIERS, APPROVALS, MONEY = "阶段", "进度", "批次", "审批", "资金"
VIEWS = (STAGES, PROGRESS, TIERS, APPROVALS, MONEY)
# What is worked out one compound after another is so for these at most.
MOST = 3_000
NONE_GIVEN, NOT_IN = "未知", "不列入"


def view() -> str:
    """View within the tab."""
    found = policy_page.held("flow")
    return found if found in VIEWS else STAGES


def turn(to: str) -> None:
    """Turn to the tab and one of its views."""
    policy_page.keep("flow", to)
    policy_page.turn(policy_page.FLOW)


def subjects(scene: PolicyScene) -> list[str]:
    """Uids that the tab is about: the selection, else all."""
    return scene.selection or [str(uid) for uid in scene.view.frame.index]


def records(scene: PolicyScene, table: str) -> pd.DataFrame:
    """All records of a table, read once for each revision."""
    found: pd.DataFrame = scene.loaded.kept(
        ("records", table, scene.view.revision), lambda: scene.plan.records(table)
    )
    return found


# --- stages ----------------------------------------------------------------------------------------


def stands(scene: PolicyScene, uid: str) -> Standing:
    """Where one compound stands under the plan's profile."""
    mine = scene.plan.records("stages", compound_uids=[uid])
    return standing(mine, uid, document=scene.profile.document)


def chosen_step(found: Standing, uid: str) -> Step:
    """Return the stage that is open: the planner's choice for this compound, else the one under way."""
    held = policy_page.held("stage")
    if held and held[0] == uid:
        for step in found.steps:
            if step.stage.id == held[1]:
                return step
    return found.current or found.steps[-1]


def lacking(scene: PolicyScene, uid: str, step: Step) -> list[Missing]:
    """List what the compound lacks before it can leave the stage."""
    plan = scene.plan
    return missing_to_leave(
        step.stage,
        scene.record(uid),
        profile=scene.profile,
        votes=plan.records("votes", compound_uids=[uid]),
        stages_reached=plan.records("stages", compound_uids=[uid]),
        progress=plan.records("progress", compound_uids=[uid]),
        frame=scene.view.frame,
    )


def stage_now(scene: PolicyScene) -> pd.Series[Any]:
    """Stage under way of all compounds, in the order of the plan."""
    found: pd.Series[Any] = scene.loaded.kept(
        ("stage_now", scene.view.revision, scene.profile.document),
        lambda: current_stages(
            scene.view.frame.index, records(scene, "stages"), document=scene.profile.document
        ),
    )
    return found


# --- tiers -----------------------------------------------------------------------------------------


def tiers(scene: PolicyScene, uids: Sequence[str]) -> pd.Series[Any]:
    """Tier of compounds in words."""
    found: pd.Series[Any] = scene.loaded.kept(
        ("tiers", scene.view.revision), lambda: tier_of(scene.view.frame).fillna(NONE_GIVEN)
    )
    return found.loc[list(uids)]


def suggestions(scene: PolicyScene) -> pd.DataFrame | None:
    """Suggested tiers of all compounds; None where the profile judges nothing."""
    if not scene.judgement.rows:
        return None
    found: pd.DataFrame = scene.loaded.kept(
        ("suggested", scene.view.revision, scene.profile.id, dt.date.today()),
        lambda: suggested_tier(scene.judgement),
    )
    return found


def priority_rule(profile: Profile) -> Rule | None:
    """Rule on who comes first, if the profile has one that asks for facts."""
    return next((rule for rule in profile.of_kind("priority") if rule.get("facts")), None)


def priority_scores(scene: PolicyScene, uids: Sequence[str]) -> pd.DataFrame | None:
    """Count what speaks for taking compounds first; None without such a rule."""
    rule = priority_rule(scene.profile)
    if rule is None:
        return None
    found: pd.DataFrame = scene.loaded.kept(
        ("priority", scene.view.revision, scene.profile.id),
        lambda: priority_score(scene.view.frame, rule),
    )
    return found.loc[list(uids)]


# --- approvals -------------------------------------------------------------------------------------


def approval_profile(scene: PolicyScene) -> Profile:
    """Profile that approvals are seen under: the plan's own, unless the planner looks under another."""
    settings = scene.view.settings
    held = policy_page.held("approvals_under")
    if held in approving(known_profiles(settings)) and not scene.profile.of_kind("approvals"):
        return find_profile(held, settings)
    return scene.profile


def see_approvals_under(profile_id: str | None) -> None:
    """See approvals under another profile; None for the plan's own."""
    policy_page.keep("approvals_under", profile_id)
