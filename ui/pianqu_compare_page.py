"""What the tab 比较 keeps between two runs, and what its buttons write to the plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data import schemes
from data.scheme_adopting import adopt_scheme
from errors import StoreError
from ui import messages, pianqu_edits, visit
from ui.pianqu_compare import MOST, NOW, Compared, State, grouping, offered
from ui.scene import Scene

__all__ = [
    "adopt",
    "chosen",
    "delete",
    "drop",
    "fold",
    "folded",
    "keep_pair",
    "pair",
    "rename",
    "save",
    "take",
]

PAGE, KEY = "pianqu", "compare"


def _kept() -> dict[str, Any]:
    return visit.current().pages.setdefault(PAGE, {}).setdefault(KEY, {})


def chosen(offered: Sequence[State]) -> list[State]:
    """States side by side, in the order of choosing; at first the plan as it is and what came last."""
    by_key = {state.key: state for state in offered}
    held = [by_key[key] for key in _kept().get("states", []) if key in by_key]
    if "states" not in _kept() or (len(held) < 2 and len(offered) > 1 and not _kept().get("own")):
        held = list(offered[:2])
    return held[:MOST]


def take(state: State, offered: Sequence[State]) -> None:
    """Put a state beside the others."""
    others = [one.key for one in chosen(offered) if one.key != state.key]
    _keep([*others[: MOST - 1], state.key])


def drop(state: State, offered: Sequence[State]) -> None:
    """Take a state out."""
    _keep([one.key for one in chosen(offered) if one.key != state.key])


def _keep(keys: list[str]) -> None:
    _kept()["states"] = keys
    _kept()["own"] = True


def pair(made: Compared) -> tuple[int, int]:
    """Positions of the two states whose differences are listed and outlined."""
    keys = [state.key for state in made.states]
    before, after = _kept().get("pair", (None, None))
    if before in keys and after in keys and before != after:
        return keys.index(before), keys.index(after)
    return 0, 1


def keep_pair(before: str, after: str) -> None:
    """Keep which two."""
    _kept()["pair"] = [before, after]


def folded() -> bool:
    """Whether the table of differences is folded."""
    return bool(_kept().get("folded"))


def fold() -> None:
    """Fold it, or unfold it."""
    _kept()["folded"] = not folded()


def save(scene: Scene, state: State, name: str, remarks: str) -> None:
    """Keep the plan as it is, or a proposal, as a 方案."""
    if state.stale:
        raise StoreError("这个自动方案已过时，没有保存。请重新生成方案。")
    proposal = state.proposal
    held = [one.key for one in chosen(offered(scene))]
    uid = schemes.save_scheme(
        scene.plan,
        name,
        grouping(scene, state),
        _actor(),
        origin="现状" if proposal is None else f"自动方案（{proposal.emphasis}）",
        settings="" if proposal is None else proposal.settings.words,
        remarks=remarks,
    )
    key = f"scheme:{uid}"
    if state.key != NOW:
        # What was looked at stays in sight, now under its name.
        _keep([key if one == state.key else one for one in held])
    else:
        _keep(held if len(held) > 1 else [*held, key])
    messages.done(f"已保存方案“{name.strip()}”（可撤销）")


def rename(scene: Scene, state: State, name: str, remarks: str) -> None:
    """Give a saved 方案 another name and 备注."""
    if state.scheme is None:
        return
    head = state.scheme
    schemes.rename_scheme(scene.plan, head.uid, head.version, name, _actor(), remarks=remarks)
    messages.done(f"已改方案名为“{name.strip()}”")


def delete(scene: Scene, state: State) -> None:
    """Delete a saved 方案."""
    if state.scheme is None:
        return
    schemes.delete_scheme(scene.plan, state.scheme.uid, state.scheme.version, _actor())
    messages.done(f"已删除方案“{state.scheme.name}”（可撤销）；片区和小区没有改动")


def adopt(scene: Scene, state: State, *, keep_locked: bool) -> None:
    """Make the plan what a saved 方案 or a proposal says, in one step."""
    if state.proposal is not None:
        pianqu_edits.adopt(scene, state.proposal)
        return
    if state.scheme is None:
        return
    done = adopt_scheme(
        scene.plan,
        state.scheme.uid,
        _actor(),
        keep_locked=keep_locked,
        revision=scene.view.revision,
    )
    count = len(done.moves) - (len(done.held) if keep_locked else 0)
    messages.done(f"已采用方案“{state.scheme.name}”：{count:,} 个小区换了片区（可撤销）")


def _actor() -> str:
    return visit.current().actor
