"""What the page 空间 shows: the compounds in a quiet fill under what is laid over them, or by their shortage.

The colouring that the planner has chosen on 总图 stays in the workspace untouched.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from data.stall_settings import StallSettings
from layers import themes
from ui import filtering, rule_profiles
from ui.scene import Scene
from ui.space_demand import shortage_of

__all__ = ["PLAIN", "SHORTAGE", "SpaceScene"]

PLAIN, SHORTAGE = "none", "stall_shortage"


@dataclass(frozen=True)
class SpaceScene(Scene):
    """A scene under open ground, stalls or demand.

    Attributes
    ----------
    theme : str
        What the compounds are coloured by.
    asked : StallSettings
        Target by which they are short of stalls: the planner's draft.
    coloured : Painted or None
        Their colours where the page has worked them out itself.
    """

    theme: str = PLAIN
    asked: StallSettings = field(default_factory=StallSettings)
    coloured: themes.Painted | None = None

    @property
    def theme_options(self) -> dict[str, Any]:
        """Options of the theme: none."""
        return {"rules": rule_profiles.works_rules(self.view.settings)}

    @property
    def paint_options(self) -> dict[str, Any]:
        """Everything that painting asks for, the shortage by what the page asks."""
        asked = self.asked
        return {
            **super().paint_options,
            "shortage": lambda: shortage_of(self.loaded, self.view, asked),
        }

    @cached_property
    def painted(self) -> themes.Painted:
        """The compounds painted by the page's own theme."""
        if self.coloured is not None:
            return self.coloured
        ratio = self.asked.target_ratio if self.theme == SHORTAGE else None
        return self.loaded.kept(
            ("space_paint", self.view.revision, self.theme, ratio),
            lambda: themes.paint(self.view.frame, self.theme, **self.paint_options),
        )

    @cached_property
    def key(self) -> str:
        """A text that is the same as long as theme and filters are."""
        return f"{self.theme}|{filtering.key(self.workspace.filters)}"
