"""Locking 片区 and compounds, and unlocking them; what a lock means is held by ``data.store.locks``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from data.schema import LAYERS
from data.store import Plan
from errors import RecordError

__all__ = ["Lockable", "set_locked"]

Lockable = Literal["pianqu", "compounds"]


def set_locked(plan: Plan, layer: Lockable, uids: Sequence[str], locked: bool, actor: str) -> int:
    """Lock or unlock some 片区 or compounds in one step; returns how many were not so before.

    Parameters
    ----------
    plan : Plan
        Open plan.
    layer : str
        ``pianqu``: they neither gain nor lose members; ``compounds``: they keep their 片区, or stay in none.
    uids : sequence of str
        Which, one or more.
    locked : bool
        True locks.
    actor : str
        Who does it.

    Raises
    ------
    RecordError
        If one is gone, or none is named; nothing is changed.
    """
    title = LAYERS[layer].title
    wanted = list(dict.fromkeys(uids))
    if not wanted:
        raise RecordError(title, [f"没有选中{title}，请先选择。"])
    found = plan.read(layer, uids=wanted)
    with plan.edit(actor, _label(title, found, locked)) as tx:
        held = tx.read(layer, uids=wanted)
        gone = len(wanted) - len(held)
        if gone:
            raise RecordError(title, [f"有 {gone:,} 个{title}已经不存在，请刷新后再试。"])
        other = held[held["locked"] != locked]
        tx.update_many(
            layer,
            [
                {"uid": uid, "version": int(version), "locked": locked}
                for uid, version in other["version"].items()
            ],
        )
        return len(other)


def _label(title: str, found: pd.DataFrame, locked: bool) -> str:
    doing = "锁定" if locked else "解锁"
    if len(found) == 1:
        return f"{doing}{title}：{found['name'].iloc[0] or '未命名'}"
    return f"{doing} {len(found):,} 个{title}"
