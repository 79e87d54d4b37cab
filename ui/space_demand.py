"""Demand for stalls at one revision of the plan, worked out once for all sessions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from data.stall_demand import Demand, demand
from data.stall_settings import StallSettings
from data.store import Plan
from errors import RecordError
from ui.loaded import LoadedPlan, View

__all__ = ["demand_of", "plan_shortage", "readable_stalls", "shortage_of"]


def demand_of(loaded: LoadedPlan, view: View, settings: StallSettings | None = None) -> Demand:
    """Return what each compound and 片区 needs, has and is short of.

    Parameters
    ----------
    loaded, view : LoadedPlan, View
        The plan at one revision.
    settings : StallSettings, optional
        Those of the plan by default.
    """
    asked = settings or readable_stalls(view.settings)
    # Only what demand rests on: other settings of stalls do not work it out anew.
    rests_on = (asked.target, asked.target_ratio, asked.sharing, asked.share_radius_m)
    zone = view.settings.get("zone")

    def make() -> Demand:
        return demand(
            view.frame,
            asked,
            stalls=loaded.plan.read("stalls"),
            parking=loaded.plan.read("parking"),
            zone=None if zone is None else int(zone),
        )

    return loaded.kept(("demand", view.revision, json.dumps(rests_on)), make)


def shortage_of(loaded: LoadedPlan, view: View, settings: StallSettings | None = None) -> pd.Series:
    """Return stalls that each compound is short of, by uid; what the map is coloured by."""
    found: pd.Series = demand_of(loaded, view, settings).compounds["shortage"]
    return found


def plan_shortage(plan: Plan) -> pd.Series:
    """Return the same of a plan as it is now, without a session: for sheets from the shell."""
    known = plan.settings()
    zone = known.get("zone")
    made = demand(
        plan.read("compounds"),
        readable_stalls(known),
        stalls=plan.read("stalls"),
        parking=plan.read("parking"),
        zone=None if zone is None else int(zone),
    )
    found: pd.Series = made.compounds["shortage"]
    return found


def readable_stalls(settings: Mapping[str, Any]) -> StallSettings:
    """Read the settings of stalls among those of a plan; the starting values where they can not be read."""
    try:
        return StallSettings.from_settings(settings)
    except RecordError:
        return StallSettings()
