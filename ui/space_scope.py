"""Which compounds the page 空间 is about: those selected, or all members of a 片区.

A 片区 is chosen by selecting its members, since the selection is one thing on all pages. As soon as something
else is selected, the page is about that.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ui import pianqu_page, space_page
from ui.pianqu_figures import members_of
from ui.scene import Scene

__all__ = ["Scope", "choose", "scope_of", "take_walls_down"]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Compounds that the page is about.

    Attributes
    ----------
    uids : tuple of str
        Those with a boundary, in the order of the plan.
    pianqu : str or None
        The 片区 whose members they are.
    title : str
        As the planner reads it.
    without_boundary : int
        Compounds that are left out, since nobody knows where they are.
    walls_down : bool
        Whether the walls between them are taken down.
    """

    uids: tuple[str, ...]
    pianqu: str | None
    title: str
    without_boundary: int
    walls_down: bool

    @property
    def together(self) -> pd.Series | None:
        """One label for all of them where the walls between them come down; None where each is by itself."""
        if not self.walls_down:
            return None
        return pd.Series(self.pianqu, index=pd.Index(self.uids, dtype=object), dtype=object)


def scope_of(scene: Scene) -> Scope:
    """Return what the page is about now."""
    records = scene.selected
    drawn = records.geometry.notna()
    order = scene.view.frame.index.get_indexer(records.index[drawn])
    uids = tuple(str(scene.view.frame.index[at]) for at in sorted(order))
    pianqu = _whole_pianqu(scene)
    return Scope(
        uids=uids,
        pianqu=pianqu,
        title=_title(scene, pianqu, records),
        without_boundary=int((~drawn).sum()),
        walls_down=pianqu is not None and len(uids) > 1 and bool(space_page.held("walls_down")),
    )


def choose(scene: Scene, pianqu: str | None) -> None:
    """Turn to all members of a 片区, or to what is selected without regard to any."""
    space_page.keep("pianqu", pianqu)
    if pianqu is not None:
        pianqu_page.show_members(scene, [pianqu])


def take_walls_down(*, down: bool) -> None:
    """Take the walls between the members of a 片区 down, or leave them."""
    space_page.keep("walls_down", down)


def _whole_pianqu(scene: Scene) -> str | None:
    """Return the chosen 片区 as long as exactly its members are selected."""
    chosen = space_page.held("pianqu")
    if chosen not in scene.view.pianqu.index or not scene.selection:
        return None
    return str(chosen) if set(members_of(scene.view, chosen)) == set(scene.selection) else None


def _title(scene: Scene, pianqu: str | None, records: pd.DataFrame) -> str:
    if pianqu is not None:
        return f"片区“{scene.view.pianqu.loc[pianqu, 'name']}”（{len(records):,} 个小区）"
    if len(records) == 1:
        return str(records["name"].iloc[0] or "未命名小区")
    return f"所选 {len(records):,} 个小区"
