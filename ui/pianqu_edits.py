"""What the buttons of the page 片区 write to the plan, one transaction each, and what is said afterwards."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from data import pianqu, schemes
from data.proposing import Proposal
from data.proposing import adopt as write_proposal
from ui import messages, pianqu_page, visit
from ui.scene import Scene

__all__ = [
    "add",
    "adopt",
    "annotate",
    "dissolve",
    "lock",
    "lock_compounds",
    "make",
    "merge",
    "recolour",
    "release",
    "remove",
    "rename",
    "save_proposal",
    "split_off",
    "split_parts",
]


def make(
    scene: Scene,
    name: str,
    uids: Sequence[str],
    *,
    remarks: str = "",
    color: int | None = None,
) -> str:
    """Make a 片区 of compounds and open it; returns its uid."""
    uid = pianqu.make_pianqu(
        scene.plan, name, list(uids), _actor(), remarks=remarks, color=color, seen=_seen(scene)
    )
    messages.done(f"已组成片区“{name}”（{len(uids):,} 个小区，可撤销）")
    pianqu_page.open_pianqu(uid)
    return uid


def add(scene: Scene, uid: str, members: Sequence[str], *, name: str) -> None:
    """Take compounds into a 片区."""
    count = pianqu.add_members(scene.plan, uid, list(members), _actor(), seen=_seen(scene))
    messages.done(f"已把 {count:,} 个小区加入“{name}”（可撤销）")


def remove(scene: Scene, uid: str, members: Sequence[str], *, name: str) -> None:
    """Take compounds out of a 片区."""
    count = pianqu.remove_members(scene.plan, uid, list(members), _actor(), seen=_seen(scene))
    messages.done(f"已把 {count:,} 个小区移出“{name}”（可撤销）")


def release(scene: Scene, members: Sequence[str]) -> None:
    """Take compounds out of whatever 片区 they are in."""
    count = pianqu.release(scene.plan, list(members), _actor(), seen=_seen(scene))
    messages.done(f"已把 {count:,} 个小区移到未分组（可撤销）")


def rename(scene: Scene, uid: str, name: str) -> None:
    """Give a 片区 another name."""
    pianqu.rename(scene.plan, uid, name, _actor(), seen=_seen(scene))
    messages.done(f"已改名为“{name.strip()}”（可撤销）")


def annotate(scene: Scene, uid: str, remarks: str) -> None:
    """Write the 备注 of a 片区."""
    pianqu.annotate(scene.plan, uid, remarks, _actor())
    messages.done("已保存备注（可撤销）")


def recolour(scene: Scene, uid: str, color: int, *, name: str) -> None:
    """Give a 片区 another colour, which it keeps."""
    pianqu.recolour(scene.plan, uid, color, _actor(), seen=_seen(scene))
    messages.done(f"已换“{name}”的颜色（可撤销）")


def lock(scene: Scene, uids: Sequence[str], locked: bool) -> None:
    """Lock or unlock 片区."""
    count = pianqu.set_locked(scene.plan, "pianqu", list(uids), locked, _actor())
    messages.done(f"已{_doing(locked)} {count:,} 个片区（可撤销）")


def lock_compounds(scene: Scene, uids: Sequence[str], locked: bool) -> None:
    """Lock or unlock compounds."""
    count = pianqu.set_locked(scene.plan, "compounds", list(uids), locked, _actor())
    messages.done(f"已{_doing(locked)} {count:,} 个小区（可撤销）")


def merge(scene: Scene, uids: Sequence[str], *, name: str) -> None:
    """Make one 片区 of several; the first stays."""
    pianqu.merge(scene.plan, list(uids), _actor(), seen=_seen(scene))
    messages.done(f"已把 {len(uids):,} 个片区合并为“{name}”（可撤销）")
    pianqu_page.open_pianqu(uids[0])


def split_off(scene: Scene, uid: str, members: Sequence[str], name: str) -> None:
    """Make some members of a 片区 a 片区 of their own."""
    new = pianqu.split_off(scene.plan, uid, list(members), name, _actor(), seen=_seen(scene))
    messages.done(f"已分出片区“{name}”（{len(members):,} 个小区，可撤销）")
    pianqu_page.open_pianqu(new)


def split_parts(scene: Scene, uid: str, groups: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Give each part of a 片区 but the largest a 片区 of its own."""
    made = pianqu.split_parts(scene.plan, uid, groups, _actor(), seen=_seen(scene))
    messages.done(f"已按连片拆分，新增 {len(made):,} 个片区（可撤销）")


def dissolve(scene: Scene, uid: str, *, name: str) -> None:
    """Take a 片区 apart."""
    count = pianqu.dissolve(scene.plan, uid, _actor(), seen=_seen(scene))
    messages.done(f"已解散片区“{name}”，{count:,} 个小区回到未分组（可撤销）")
    pianqu_page.open_pianqu(None)


def adopt(scene: Scene, proposal: Proposal) -> None:
    """Write a proposal, all at once."""
    made = write_proposal(scene.plan, proposal, actor=_actor())
    messages.done(f"已采用自动方案“{proposal.emphasis}”：{len(made):,} 个片区（可撤销）")
    pianqu_page.forget_proposals()
    pianqu_page.open_pianqu(None)
    pianqu_page.turn(pianqu_page.LIST)


def _seen(scene: Scene) -> pianqu.Seen:
    """Return what the planner saw when pressing."""
    return pianqu.Seen(pianqu=scene.view.pianqu, compounds=scene.view.frame)


def _doing(locked: bool) -> str:
    return "锁定" if locked else "解锁"


def save_proposal(scene: Scene, proposal: Proposal) -> None:
    """Keep a proposal as a 方案, under a name that is free."""
    taken = {one.name for one in schemes.schemes(scene.plan)}
    first = f"{proposal.emphasis} {proposal.measures.pianqu:,} 片"
    name = next(
        name
        for at in itertools.count(1)
        if (name := first if at == 1 else f"{first}（{at}）") not in taken
    )
    now = schemes.grouping_now(scene.view.frame, scene.view.pianqu)
    schemes.save_scheme(
        scene.plan,
        name,
        schemes.proposed_grouping(now, proposal.names, proposal.colors),
        _actor(),
        origin=f"自动方案（{proposal.emphasis}）",
        settings=proposal.settings.words,
    )
    messages.done(f"已存为方案“{name}”（可撤销），可在“比较”里看")


def _actor() -> str:
    return visit.current().actor
