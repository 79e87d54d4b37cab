"""What the buttons of 空间 write to the plan, each one step that 撤销 takes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.layouts import delete_layouts, save_layouts
from ui import messages, space_layouts, visit
from ui.scene import Scene
from ui.space_scope import Scope

__all__ = ["delete", "fill_existing", "save", "take_back"]


def fill_existing(scene: Scene, stalls: Mapping[str, int]) -> None:
    """Write how many stalls compounds have now."""
    if not stalls:
        messages.note("没有填数字。")
        return
    versions = scene.view.frame["version"]
    with scene.plan.edit(visit.current().actor, f"填现状停车位（{len(stalls):,} 个小区）") as tx:
        tx.update_many(
            "compounds",
            [
                {"uid": uid, "version": int(versions[uid]), "stalls_existing": count}
                for uid, count in stalls.items()
            ],
        )
    messages.done(f"已填 {len(stalls):,} 个小区的现状停车位（可撤销）")


def save(scene: Scene, scope: Scope) -> None:
    """Put the layouts of this session into the plan; from then on they are shown from there."""
    laid = space_layouts.held(scene, scope)
    saved = save_layouts(scene.plan, [one.layout for one in laid.values()], visit.current().actor)
    total = sum(laid[uid].layout.figures.proposed for uid in saved)
    space_layouts.drop(scene, saved)
    messages.done(f"已存进计划：{len(saved):,} 个小区，新增 {total:,} 个车位（可撤销）")


def delete(scene: Scene, uids: Sequence[str]) -> None:
    """Take saved layouts out of the plan."""
    gone = delete_layouts(scene.plan, uids, visit.current().actor)
    messages.done(f"已删除 {gone:,} 个车位方案（可撤销）")


def take_back(scene: Scene, scope: Scope) -> None:
    """Take the last change by hand back, of the layout that was changed last."""
    laid = [one for one in space_layouts.held(scene, scope).values() if one.before is not None]
    if laid:
        last = max(laid, key=lambda one: one.serial)
        space_layouts.put(scene, {last.layout.uid: last.before})
