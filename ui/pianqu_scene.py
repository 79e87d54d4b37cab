"""What the page 片区 shows: the plan coloured by 片区, or by a proposal that waits to be taken over.

The colouring that the planner has chosen on 总图 stays in the workspace untouched.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from data.proposing import Proposal
from layers import themes
from ui import filtering, rule_profiles
from ui.pianqu_pending import Pending, pending_frame
from ui.pianqu_proposal import proposed_frame
from ui.scene import Scene

__all__ = ["PianquScene"]

THEME = "pianqu"
PREVIEW_TITLE = "方案预览（未采用）：{}"
PENDING_TITLE = "分配预览（未应用）"


@dataclass(frozen=True)
class PianquScene(Scene):
    """A scene in the colours of the 片区.

    Attributes
    ----------
    proposal : Proposal or None
        Coloured instead of the 片区 of the plan.
    pending : Pending or None
        An assignment that waits to be applied: coloured as it would be.
    gathers : bool
        Whether clicks and areas add to what is selected, as in 分配.
    """

    proposal: Proposal | None = None
    pending: Pending | None = None
    gathers: bool = False

    @property
    def theme_options(self) -> dict[str, Any]:
        """Options of the theme: none."""
        return {"rules": rule_profiles.works_rules(self.view.settings)}

    @cached_property
    def painted(self) -> themes.Painted:
        """The compounds painted by 片区."""
        if self.pending is not None and self.pending.moves:
            pending = self.pending
            return self.loaded.kept(
                ("pending_paint", self.view.revision, pending.key), lambda: self._assigned(pending)
            )
        if self.proposal is None:
            return self.loaded.kept(
                ("pianqu_paint", self.view.revision),
                lambda: themes.paint(self.view.frame, THEME, **self.paint_options),
            )
        proposal = self.proposal
        return self.loaded.kept(
            ("proposal_paint", self.view.revision, proposal.key), lambda: self._preview(proposal)
        )

    def _preview(self, proposal: Proposal) -> themes.Painted:
        frame, table = proposed_frame(self.view, proposal)
        painted = themes.paint(frame, THEME, **{**self.paint_options, "pianqu": table})
        return replace(painted, title=PREVIEW_TITLE.format(proposal.emphasis))

    def _assigned(self, pending: Pending) -> themes.Painted:
        frame, table = pending_frame(self.view, pending)
        painted = themes.paint(frame, THEME, **{**self.paint_options, "pianqu": table})
        return replace(painted, title=PENDING_TITLE)

    @cached_property
    def key(self) -> str:
        """A text that is the same as long as the filters are."""
        return f"{THEME}|{filtering.key(self.workspace.filters)}"
