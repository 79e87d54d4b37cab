"""Which rule profile a plan goes by, what it is called, and whose classes of works go with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from errors import PolicyError
from policy.catalogue import DEFAULT_RULES, rules_titles
from policy.own_rules import damaged_profiles, find_profile, known_profiles
from policy.profiles import Profile

__all__ = ["RULES", "adopted", "adopted_profile", "profile_title", "titles", "works_rules"]

# Setting of a plan that names its profile.
RULES = "rules"


def adopted(settings: Mapping[str, Any]) -> str | None:
    """Id of the profile that the plan has adopted; None if it has not chosen yet."""
    return settings.get(RULES) or None


def adopted_profile(settings: Mapping[str, Any]) -> Profile:
    """Profile that the plan is judged by: the adopted one, else that of 云城区.

    Raises
    ------
    PolicyError
        If the adopted one can not be read.
    """
    return find_profile(adopted(settings) or DEFAULT_RULES, settings)


def titles(settings: Mapping[str, Any]) -> dict[str, str]:
    """Titles of the profiles that the plan may adopt, the planner's own first."""
    known = known_profiles(settings)
    own = {key: f"我市方案：{one.title}" for key, one in known.items() if one.parent}
    return own | {key: one.title for key, one in known.items() if not one.parent}


def profile_title(settings: Mapping[str, Any], key: str | None = None) -> str:
    """Title of a profile, of the adopted one by default; a damaged one is said to be damaged."""
    key = key or adopted(settings) or DEFAULT_RULES
    if key in damaged_profiles(settings):
        return f"{key}（已损坏）"
    found = known_profiles(settings).get(key)
    return key if found is None else found.title


def works_rules(settings: Mapping[str, Any]) -> str:
    """Id of the plan whose classes of works are used: a copy has those of its parent.

    Profiles that have no classes of works leave those of 云城区.
    """
    try:
        document = adopted_profile(settings).document
    except PolicyError:
        return DEFAULT_RULES
    return document if document in rules_titles() else DEFAULT_RULES
