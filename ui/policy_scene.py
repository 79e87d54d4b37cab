"""What the page 政策 shows: the plan coloured by verdicts, held to the compounds that are looked at alone.

The colouring that the planner has chosen on 总图 stays in the workspace untouched.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from layers import themes
from layers.themes_verdicts import GROUP
from policy.judging import Judgement
from policy.profiles import Profile
from policy.verdicts import STATES
from ui import filtering, judged, rule_profiles
from ui.policy_page import Focus
from ui.scene import Scene

__all__ = ["PolicyScene"]

THEME = "verdict"


@dataclass(frozen=True)
class PolicyScene(Scene):
    """A scene in the colours of verdicts.

    Attributes
    ----------
    rule : str
        Name of the rule that the map is coloured by; empty for the whole of 准入.
    focus : Focus or None
        Compounds that are looked at alone.
    """

    rule: str = ""
    focus: Focus | None = None

    @cached_property
    def profile(self) -> Profile:
        """The plan's rules."""
        return rule_profiles.adopted_profile(self.view.settings)

    @cached_property
    def judgement(self) -> Judgement:
        """Verdicts by the plan's rules."""
        return judged.judgement(self)

    @cached_property
    def coloured(self) -> str:
        """Name of the rule that colours; empty for the whole of 准入.

        A profile without rules of 准入 is seen by the first of those that it has.
        """
        if self.rule in self.rules or self.admits:
            return self.rule if self.rule in self.rules else ""
        return next(iter(self.rules), "")

    @cached_property
    def admits(self) -> bool:
        """Whether the profile says who may go in at all."""
        return any(rule.group == GROUP for rule in self.rules.values())

    @cached_property
    def shown(self) -> npt.NDArray[np.bool_]:
        """Which compounds the filters leave, and of these those that are looked at alone."""
        # The same for all pages; only what is looked at alone is this page's own.
        passed = Scene(self.workspace, self.loaded, self.view).shown
        if self.focus is None or self.focus.rule not in self.rules:
            return passed
        codes = self.judgement.rule_rows(self.focus.rule).codes
        return passed & (codes == STATES.index(self.focus.state))

    @property
    def theme_options(self) -> dict[str, Any]:
        """Options of the theme: the rule."""
        rules = rule_profiles.works_rules(self.view.settings)
        return {"rules": rules, "rule": self.coloured or None}

    @cached_property
    def painted(self) -> themes.Painted:
        """The compounds painted by their verdicts."""
        return self.loaded.kept(
            ("verdict_paint", self.view.revision, self.coloured),
            lambda: themes.paint(self.view.frame, THEME, **self.paint_options),
        )

    @cached_property
    def key(self) -> str:
        """A text that is the same as long as rule, profile and filters are."""
        focus = "" if self.focus is None else f"{self.focus.rule}={self.focus.state}"
        filters = filtering.key(self.workspace.filters)
        return (
            f"{THEME}:{self.coloured}|{rule_profiles.adopted(self.view.settings)}|{focus}|{filters}"
        )
