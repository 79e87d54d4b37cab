"""What working by hand on the page 片区 keeps between two runs: target, filter, last problem; and its acts."""

from __future__ import annotations

from typing import Any

from ui import edits, messages, pianqu_edits, pianqu_page, session, visit
from ui.pianqu_figures import UNGROUPED
from ui.pianqu_pending import NEW, TAKES, Pending, Takes, chosen_target, pending_of
from ui.pianqu_problems import EMPTY, FREE, Problem, chain_for
from ui.scene import Scene

__all__ = [
    "aim",
    "apply",
    "drop",
    "join_up",
    "keep_takes",
    "last_problem",
    "pending",
    "show_problem",
    "takes",
    "target",
]

PAGE = "pianqu_hands"


def _kept() -> dict[str, Any]:
    return visit.current().pages.setdefault(PAGE, {})


def target(scene: Scene) -> str:
    """Where the gathered compounds shall go: the uid of a 片区, ``NEW`` or ``UNGROUPED``."""
    return chosen_target(scene.view, _kept().get("target"))


def aim(uid: str) -> None:
    """Choose where the gathered compounds shall go."""
    _kept()["target"] = uid


def takes() -> Takes:
    """Whether only compounds of no 片区 are taken."""
    held = _kept().get("takes")
    return held if held in TAKES else "any"


def keep_takes(held: Takes) -> None:
    """Keep the filter."""
    _kept()["takes"] = held


def pending(scene: Scene) -> Pending | None:
    """Return what assigning the selection would change; None if nothing is selected."""
    if not scene.selection:
        return None
    return pending_of(
        scene.loaded,
        scene.view,
        scene.selection,
        target=target(scene),
        takes=takes(),
        gap_m=pianqu_page.gap_m(),
    )


def apply(scene: Scene, waiting: Pending, *, name: str = "", remarks: str = "") -> None:
    """Write what was previewed; the gathered compounds are let go."""
    if waiting.target == NEW:
        uid = pianqu_edits.make(
            scene, name or waiting.name, waiting.moves, remarks=remarks, color=waiting.color
        )
        aim(uid)
    elif waiting.target == UNGROUPED:
        pianqu_edits.release(scene, waiting.moves)
    else:
        pianqu_edits.add(scene, waiting.target, waiting.moves, name=waiting.name)
    edits.select([])


def drop() -> None:
    """Let the gathered compounds go; nothing was written."""
    edits.select([])


def join_up(scene: Scene, uid: str) -> None:
    """Gather the shortest chain that joins the parts of a 片区, as a preview in 分配."""
    chain = chain_for(scene.loaded, scene.view, uid, pianqu_page.gap_m())
    if not chain.steps:
        messages.note(
            "没有可以连起来的小区：两处之间没有相邻的、未锁定的小区，或被道路、河流隔开。"
            "可以调大相邻间距，或就这样打捆。"
        )
        return
    edits.select([str(step) for step in chain.steps])
    aim(uid)
    keep_takes("any")
    pianqu_page.turn(pianqu_page.ASSIGN)
    pianqu_page.zoom_to(scene, [*pianqu_page.members_of(scene.view, uid), *map(str, chain.steps)])
    if chain.left > 1:
        messages.note(f"加入后仍分成 {chain.left:,} 处：其余的没有可走的相邻小区。")


def last_problem() -> tuple[int, str] | None:
    """Place and key of the problem that was shown last."""
    held = _kept().get("problem")
    return None if not held else (int(held[0]), str(held[1]))


def show_problem(scene: Scene, problems: tuple[Problem, ...], at: int) -> None:
    """Select what a problem is about, open it and move the map there."""
    problem = problems[at]
    _kept()["problem"] = [at, problem.key]
    if problem.kind == FREE:
        pianqu_page.open_pianqu(None)
        edits.select([problem.uid])
        pianqu_page.zoom_to(scene, [problem.uid])
        return
    pianqu_page.open_pianqu(problem.uid)
    if problem.kind == EMPTY:
        edits.select([])
    else:
        pianqu_page.show_members(scene, [problem.uid])
    session.forget("pianqu_problems")
