"""What the buttons of the page 片区 write to the plan, one transaction each, and what is said afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from data import pianqu
from data.proposing import Proposal
from data.proposing import adopt as write_proposal
from ui import messages, pianqu_page, visit
from ui.scene import Scene

__all__ = ["add", "adopt", "annotate", "dissolve", "make", "remove", "rename"]


def make(scene: Scene, name: str, uids: Sequence[str], *, remarks: str = "") -> None:
    """Make a 片区 of compounds and open it."""
    uid = pianqu.make_pianqu(scene.plan, name, list(uids), _actor(), remarks=remarks)
    messages.done(f"已组成片区“{name}”（{len(uids):,} 个小区，可撤销）")
    pianqu_page.open_pianqu(uid)
    pianqu_page.turn(pianqu_page.LIST)


def add(scene: Scene, uid: str, members: Sequence[str], *, name: str) -> None:
    """Take compounds into a 片区."""
    count = pianqu.add_members(scene.plan, uid, list(members), _actor())
    messages.done(f"已把 {count:,} 个小区加入“{name}”（可撤销）")


def remove(scene: Scene, uid: str, members: Sequence[str], *, name: str) -> None:
    """Take compounds out of a 片区."""
    count = pianqu.remove_members(scene.plan, uid, list(members), _actor())
    messages.done(f"已把 {count:,} 个小区移出“{name}”（可撤销）")


def rename(scene: Scene, uid: str, name: str) -> None:
    """Give a 片区 another name."""
    pianqu.rename(scene.plan, uid, name, _actor())
    messages.done(f"已改名为“{name.strip()}”")


def annotate(scene: Scene, uid: str, remarks: str) -> None:
    """Write the 备注 of a 片区."""
    pianqu.annotate(scene.plan, uid, remarks, _actor())
    messages.done("已保存备注")


def dissolve(scene: Scene, uid: str, *, name: str) -> None:
    """Take a 片区 apart."""
    count = pianqu.dissolve(scene.plan, uid, _actor())
    messages.done(f"已解散片区“{name}”，{count:,} 个小区回到未分组（可撤销）")
    pianqu_page.open_pianqu(None)


def adopt(scene: Scene, proposal: Proposal) -> None:
    """Write a proposal, all at once."""
    made = write_proposal(scene.plan, proposal, actor=_actor())
    messages.done(f"已采用自动方案“{proposal.emphasis}”：{len(made):,} 个片区（可撤销）")
    pianqu_page.forget_proposals()
    pianqu_page.open_pianqu(None)
    pianqu_page.turn(pianqu_page.LIST)


def _actor() -> str:
    return visit.current().actor
