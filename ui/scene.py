"""What a page gets: the planner's workspace and the open plan at one revision."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.store import Plan
from layers import themes
from layers.webmap_overlay import Overlay, StallTool
from policy.profiles import Rule
from ui import filtering, judged, rule_profiles
from ui.loaded import LoadedPlan, View
from ui.space_demand import shortage_of
from ui.workspace import Workspace

__all__ = ["Act", "Scene"]

# Carries out an event of the map: the scene that the planner saw, and the event.
Act = Callable[["Scene", Mapping[str, Any]], None]


@dataclass(frozen=True)
class Scene:
    """One run of a page.

    Attributes
    ----------
    workspace : Workspace
        The planner's state; pages change it.
    loaded : LoadedPlan
        The plan with its tiles.
    view : View
        The plan at the revision that this run shows.
    overlay : Overlay or None
        What the page lays over the map.
    overlay_selected : tuple of str
        Ids of the overlay that are outlined.
    stalls : StallTool or None
        Tools for stalls, on pages that have a use for them.
    acts : mapping
        What this page does at events of the map, by name; before what every page does.
    """

    workspace: Workspace
    loaded: LoadedPlan
    view: View
    overlay: Overlay | None = field(default=None, kw_only=True)
    overlay_selected: tuple[str, ...] = field(default=(), kw_only=True)
    stalls: StallTool | None = field(default=None, kw_only=True)
    acts: Mapping[str, Act] = field(default_factory=dict, kw_only=True)

    @property
    def plan(self) -> Plan:
        """The plan file."""
        return self.loaded.plan

    @cached_property
    def selection(self) -> list[str]:
        """Selected compounds that are still there, in the order of selecting."""
        return self.view.known(self.workspace.selection)

    @cached_property
    def selected(self) -> pd.DataFrame:
        """Records of the selected compounds."""
        return self.view.frame.loc[self.selection]

    @cached_property
    def shown(self) -> npt.NDArray[np.bool_]:
        """Which compounds the filters leave, in the order of the frame."""
        return self.loaded.kept(
            ("filter", self.view.revision, filtering.key(self.workspace.filters)),
            lambda: filtering.mask(
                self.view.frame,
                self.workspace.filters,
                judgement=lambda: judged.readable_judgement(self),
            ),
        )

    @cached_property
    def painted(self) -> themes.Painted:
        """The compounds painted by the chosen theme."""
        options = json.dumps(self.theme_options, ensure_ascii=False, sort_keys=True)
        return self.loaded.kept(
            ("paint", self.view.revision, self.workspace.theme, options),
            lambda: themes.paint(self.view.frame, self.workspace.theme, **self.paint_options),
        )

    @property
    def theme_options(self) -> dict[str, Any]:
        """Options of the theme, with the plan whose classes of works hold."""
        options = {
            "rules": rule_profiles.works_rules(self.view.settings),
            **self.workspace.theme_options,
        }
        if options.get("rule") not in self.rules:
            # Of another profile: the plan has been given a new one since.
            options.pop("rule", None)
        return options

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """Rules of the plan's profile on which every compound gets a verdict, by name."""
        profile = judged.readable_profile(self.view.settings)
        return {} if profile is None else judged.judged_rules(profile)

    @property
    def paint_options(self) -> dict[str, Any]:
        """Everything that painting asks for beside the theme."""
        return {
            "pianqu": self.view.pianqu[["name", "color"]],
            "judgement": lambda: judged.readable_judgement(self),
            "shortage": lambda: shortage_of(self.loaded, self.view),
            **self.theme_options,
        }

    @cached_property
    def key(self) -> str:
        """A text that is the same as long as theme and filters are."""
        options = json.dumps(self.theme_options, ensure_ascii=False, sort_keys=True)
        return f"{self.workspace.theme}|{options}|{filtering.key(self.workspace.filters)}"

    def record(self, uid: str) -> pd.Series:
        """Return one compound."""
        found: pd.Series = self.view.frame.loc[uid]
        return found
