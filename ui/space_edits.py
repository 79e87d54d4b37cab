"""What the buttons of 空间 write to the plan, each one step that 撤销 takes back."""

from __future__ import annotations

from collections.abc import Mapping

from ui import messages, visit
from ui.scene import Scene

__all__ = ["fill_existing"]


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
