"""The verdicts on a plan: judged once for each revision of it, whoever asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from data.store import Plan
from errors import PolicyError
from policy.judging import JUDGES, Judgement, judge
from policy.own_rules import find_profile
from policy.profiles import Profile, Rule
from ui import rule_profiles

if TYPE_CHECKING:
    from ui.scene import Scene

__all__ = ["judged_rules", "judgement", "plan_judgement", "readable_judgement", "readable_profile"]


def readable_profile(settings: Mapping[str, Any]) -> Profile | None:
    """Profile that the plan goes by; None if it is gone or damaged."""
    try:
        return rule_profiles.adopted_profile(settings)
    except PolicyError:
        return None


def judged_rules(profile: Profile) -> dict[str, Rule]:
    """Rules of a profile on which every compound gets a verdict, by name, in its order."""
    return {name: rule for name, rule in profile.rules.items() if rule.kind in JUDGES}


def judgement(scene: Scene, profile_id: str | None = None) -> Judgement:
    """Verdicts on all compounds of the plan, judged once for each revision, profile and day.

    Parameters
    ----------
    scene : Scene
    profile_id : str, optional
        Source plan or the planner's own; the plan's by default.

    Raises
    ------
    PolicyError
        If there is no such profile.
    """
    view = scene.view
    profile = _profile(view.settings, profile_id)
    return scene.loaded.kept(
        ("judgement", view.revision, profile.id, dt.date.today()),
        lambda: judge(view.frame, profile, votes=scene.plan.records("votes")),
    )


def readable_judgement(scene: Scene) -> Judgement | None:
    """Verdicts by the plan's own profile; None if that can not be read."""
    return None if readable_profile(scene.view.settings) is None else judgement(scene)


def plan_judgement(plan: Plan, profile_id: str | None = None) -> Judgement:
    """Verdicts on all compounds of a plan file, for sheets and for the shell.

    Raises
    ------
    PolicyError
        If there is no such profile.
    """
    profile = _profile(plan.settings(), profile_id)
    return judge(plan.read("compounds"), profile, votes=plan.records("votes"))


def _profile(settings: Mapping[str, Any], profile_id: str | None) -> Profile:
    if profile_id is None:
        return rule_profiles.adopted_profile(settings)
    return find_profile(profile_id, settings)
