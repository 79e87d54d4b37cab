"""The table under the map while the tab 办理 is open: what the view says, compound by compound."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from policy.approvals import approvals
from policy.progress import latest_progress
from policy.wording import format_share
from ui import policy_flow
from ui.policy_flow import NONE_GIVEN, NOT_IN
from ui.policy_money_table import money_table
from ui.policy_scene import PolicyScene
from ui.words import wan

__all__ = ["flow_table"]

MAX_ROWS = 500
# The last month there is: whatever has been reported counts.
LAST_MONTH = "2060-12"
Widths = Mapping[str, int]


def flow_table(scene: PolicyScene) -> tuple[str, pd.DataFrame, Widths]:
    """Give the note, the table (index uid) and the widths of its columns."""
    frame = scene.view.frame
    shown = frame.index[scene.shown]
    chosen = set(scene.selection)
    # The selected ones first, so that they are found.
    listed = [*scene.selection, *(uid for uid in shown if uid not in chosen)][:MAX_ROWS]
    table, widths = _TABLES[policy_flow.view()](scene, [str(uid) for uid in listed])
    names = [str(name or "未命名小区") for name in frame.loc[listed, "name"]]
    table.insert(0, "小区名称", names)
    table.index.name = "uid"
    more = f"，列出 {MAX_ROWS} 个" if len(shown) > MAX_ROWS else ""
    return f"{len(shown):,} 个小区{more}", table, {"小区名称": 180, **widths}


def _stages(scene: PolicyScene, uids: list[str]) -> tuple[pd.DataFrame, Widths]:
    now = policy_flow.stage_now(scene).loc[uids].astype(object)
    table = pd.DataFrame({"正在办的阶段": now, "批次": policy_flow.tiers(scene, uids)})
    return table, {"正在办的阶段": 200, "批次": 80}


def _progress(scene: PolicyScene, uids: list[str]) -> tuple[pd.DataFrame, Widths]:
    records = policy_flow.records(scene, "progress")
    mine = records[records["compound_uid"].isin(uids)]
    latest = latest_progress(mine, month=LAST_MONTH).reindex(uids)
    table = pd.DataFrame(
        {
            "最近一月": latest["month"].fillna("尚未报过"),
            "形象进度": [
                "未知" if pd.isna(one) else format_share(one) for one in latest["progress"]
            ],
            "累计已付": [wan(one, none="0 万元") for one in latest["paid_yuan"]],
            "备注": latest["remarks"].fillna(""),
        },
        index=pd.Index(uids),
    )
    return table, {"最近一月": 90, "形象进度": 90, "累计已付": 110, "备注": 260}


def _tiers(scene: PolicyScene, uids: list[str]) -> tuple[pd.DataFrame, Widths]:
    table = pd.DataFrame({"批次": policy_flow.tiers(scene, uids)})
    suggested = policy_flow.suggestions(scene)
    if suggested is not None:
        mine = suggested.loc[uids]
        table["建议"] = mine["suggested"].fillna(NOT_IN)
        table["理由"] = mine["reason"]
    scores = policy_flow.priority_scores(scene, uids)
    if scores is not None:
        table["优先条件"] = [
            f"{score}/{of}" for score, of in zip(scores["score"], scores["of"], strict=True)
        ]
        table["优先理由"] = scores["reasons"]
    return table, {"批次": 60, "建议": 60, "理由": 380, "优先条件": 70, "优先理由": 320}


def _approvals(scene: PolicyScene, uids: list[str]) -> tuple[pd.DataFrame, Widths]:
    profile = policy_flow.approval_profile(scene)
    if not profile.of_kind("approvals"):
        return pd.DataFrame(index=pd.Index(uids)), {}
    frame = scene.view.frame
    rows = [{one.title: one.state for one in approvals(frame.loc[uid], profile)} for uid in uids]
    return pd.DataFrame(rows, index=pd.Index(uids)).fillna(NONE_GIVEN), {}


_TABLES: Mapping[str, Callable[[PolicyScene, list[str]], tuple[pd.DataFrame, Widths]]] = {
    policy_flow.STAGES: _stages,
    policy_flow.PROGRESS: _progress,
    policy_flow.TIERS: _tiers,
    policy_flow.APPROVALS: _approvals,
    policy_flow.MONEY: money_table,
}
