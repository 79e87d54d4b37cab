"""What a layout is asked for: the plan's setting, and the planner's own draft of it until it is put into the plan.

A draft belongs to one window and one plan; it is what the next layout is made by. The plan's setting is what
everybody starts from, the shell too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from data.ground_settings import GROUND_SETTING, GroundSettings
from data.stall_settings import STALL_SETTING, StallSettings
from errors import RecordError
from ui import messages, session, space_page, visit
from ui.loaded import View
from ui.space_demand import readable_stalls

if TYPE_CHECKING:
    from ui.scene import Scene

__all__ = [
    "adopt",
    "change",
    "draft",
    "forget",
    "ground_settings",
    "is_own",
    "keep_ground",
    "stall_settings",
    "unreadable",
]

DRAFT = "draft"


def ground_settings(view: View) -> GroundSettings:
    """Return the plan's settings of open ground; the starting values where they can not be read."""
    try:
        return GroundSettings.from_settings(view.settings)
    except RecordError:
        return GroundSettings()


def stall_settings(view: View) -> StallSettings:
    """Return the plan's settings of stalls; the starting values where they can not be read."""
    return readable_stalls(view.settings)


def unreadable(view: View) -> list[str]:
    """Say what is wrong with settings that can not be read, so that the starting values stand in for them."""
    told = []
    for kind in (GroundSettings, StallSettings):
        try:
            kind.from_settings(view.settings)
        except RecordError as error:
            told.append(f"{error} 现按起始值计算。")
    return told


def draft(view: View) -> StallSettings:
    """Return what the next layout is made by."""
    held = space_page.held(DRAFT, {})
    if held.get("plan") != visit.current().plan:
        return stall_settings(view)
    try:
        return StallSettings.from_settings({STALL_SETTING: held["settings"]})
    except RecordError:
        # Kept by another version of the program.
        return stall_settings(view)


def is_own(view: View) -> bool:
    """Tell whether the draft differs from the plan's setting."""
    return draft(view) != stall_settings(view)


def change(**values: Any) -> None:
    """Change some values of the draft."""
    scene: Scene = session.get(session.SCENE)
    made = replace(draft(scene.view), **values).to_settings()
    space_page.keep(DRAFT, {"plan": visit.current().plan, "settings": made})


def forget() -> None:
    """Drop the draft: the plan's setting holds again."""
    space_page.keep(DRAFT, {})
    session.forget("space_stalls_form")


def adopt(scene: Scene) -> None:
    """Put the draft into the plan, in one step."""
    made = draft(scene.view)
    with scene.plan.edit(visit.current().actor, "车位设置") as tx:
        tx.set_setting(STALL_SETTING, made.to_settings())
    forget()
    messages.done("已存为本计划的车位设置（可撤销）")


def keep_ground(scene: Scene, made: GroundSettings) -> None:
    """Put settings of open ground into the plan, in one step."""
    with scene.plan.edit(visit.current().actor, "空地设置") as tx:
        tx.set_setting(GROUND_SETTING, made.to_settings())
    messages.done("已保存空地设置（可撤销）")
