"""What the tab 办理 writes to the plan: stages, progress and tiers, one transaction each.

A stale save is refused; the planner is told who was first, and what he had typed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pandas as pd

from errors import ConflictError, RecordError, StoreError
from policy.facts import with_fact
from policy.progress import check_progress
from policy.progress_entry import read_progress
from policy.stage_list import stage_ids
from policy.standing import Step, check_stage
from policy.wording import UNKNOWN
from ui import messages, policy_page, visit
from ui.policy_edits import COMPOUNDS
from ui.policy_scene import PolicyScene

__all__ = [
    "delete_progress",
    "delete_stage",
    "name_of",
    "read_entry",
    "save_progress",
    "save_stage",
    "save_stage_today",
    "set_tiers",
]

STAGES, PROGRESS = "stages", "progress"
Values = dict[str, Any]


def name_of(scene: PolicyScene, uid: str) -> str:
    """Name of a compound for messages."""
    name = scene.record(uid)["name"]
    return str(name) if isinstance(name, str) and name.strip() else "未命名小区"


# --- stages ----------------------------------------------------------------------------------------


def save_stage(scene: PolicyScene, uid: str, step: Step, values: Values) -> None:
    """Write the days of one stage of a compound.

    Raises
    ------
    RecordError
        If a day is none, or nothing is filled in.
    StoreError
        If somebody else has written the same record since.
    """
    where = f"{name_of(scene, uid)} · {step.word}"
    read = check_stage(values, where)
    if step.record is None and not any(read.values()):
        raise RecordError(where, ["请至少填一个日期或备注。"])
    typed = f"计划 {values.get('planned_on') or '空'}，完成 {values.get('reached_on') or '空'}"
    with _telling(typed), _edit(scene, f"阶段：{where}") as tx:
        if step.record is None:
            held = tx.records(STAGES, compound_uids=[uid])
            _refuse_second(held[stage_ids(held["stage"]) == step.stage.id], f"阶段“{where}”", typed)
            tx.add_record(STAGES, {"compound_uid": uid, "stage": step.stage.title, **read})
        else:
            tx.update_record(STAGES, step.record, step.version, read)
    if read["reached_on"]:
        # On to what is under way now.
        policy_page.keep("stage", None)
    messages.done(f"已保存阶段：{where}（可撤销）")


def save_stage_today(scene: PolicyScene, uid: str, step: Step, values: Values) -> None:
    """Write that a stage was reached today; what else is typed goes along."""
    save_stage(scene, uid, step, {**values, "reached_on": dt.date.today().isoformat()})


def delete_stage(scene: PolicyScene, uid: str, step: Step) -> None:
    """Delete the record of a stage."""
    where = f"{name_of(scene, uid)} · {step.word}"
    with _edit(scene, f"删除阶段记录：{where}") as tx:
        tx.delete_record(STAGES, str(step.record), step.version)
    messages.done(f"已删除阶段记录：{where}（可撤销）")


# --- progress --------------------------------------------------------------------------------------


def read_entry(scene: PolicyScene, uid: str, month: str, typed: Values) -> Values:
    """Read and check what is typed for a month.

    Raises
    ------
    RecordError
        With all that is wrong.
    """
    where = f"{name_of(scene, uid)} {month}"
    read = read_progress(typed["percent"], typed["paid_wan"], where)
    values = {"compound_uid": uid, "month": month, **read, "remarks": typed["remarks"] or None}
    investment = scene.record(uid)["investment_yuan"]
    check_progress(values, where, investment_yuan=None if pd.isna(investment) else int(investment))
    return values


def save_progress(
    scene: PolicyScene, uid: str, month: str, typed: Values, held: pd.Series[Any] | None
) -> None:
    """Write the progress of one month, new or changed.

    Raises
    ------
    RecordError
        If it can not be.
    StoreError
        If somebody else has written the same month since.
    """
    values = read_entry(scene, uid, month, typed)
    where = f"{name_of(scene, uid)} {month}"
    said = f"形象进度 {typed['percent'] or UNKNOWN}，累计已付 {typed['paid_wan'] or UNKNOWN}"
    with _telling(said), _edit(scene, f"进度：{where}") as tx:
        if held is None:
            there = tx.records(PROGRESS, compound_uids=[uid])
            _refuse_second(there[there["month"] == month], f"“{where}”的进度", said)
            tx.add_record(PROGRESS, values)
        else:
            tx.update_record(PROGRESS, str(held.name), int(held["version"]), values)
    messages.done(f"已保存进度：{where}（可撤销）")


def delete_progress(scene: PolicyScene, uid: str, held: pd.Series[Any]) -> None:
    """Delete the progress of one month."""
    where = f"{name_of(scene, uid)} {held['month']}"
    with _edit(scene, f"删除进度：{where}") as tx:
        tx.delete_record(PROGRESS, str(held.name), int(held["version"]))
    messages.done(f"已删除进度：{where}（可撤销）")


# --- tiers -----------------------------------------------------------------------------------------


def set_tiers(scene: PolicyScene, tiers: Mapping[str, str], *, label: str) -> None:
    """Give compounds their tiers in one edit.

    Raises
    ------
    ConflictError
        If somebody else has changed one of them since; nothing is written.
    """
    frame = scene.view.frame
    changed = []
    for uid, tier in tiers.items():
        extra = frame.loc[uid, "extra"]
        held = extra if isinstance(extra, dict) else None
        version = int(frame.loc[uid, "version"])
        changed.append({"uid": uid, "version": version, "extra": with_fact(held, "tier", tier)})
    with _edit(scene, f"{label}（{len(tiers):,} 个小区）") as tx:
        tx.update_many(COMPOUNDS, changed)
    messages.done(f"{label}：{len(tiers):,} 个小区（可撤销）")


def _refuse_second(there: pd.DataFrame, what: str, typed: str) -> None:
    """Refuse a record of what somebody else has entered since the page was drawn."""
    if len(there):
        who = there["edited_by"].iloc[-1]
        raise StoreError(
            f"{what}在您打开之后已由 {who} 录入，您的没有保存。您填的是：{typed}。请看现在的值，要改就再填一次。"
        )


@contextmanager
def _telling(typed: str) -> Iterator[None]:
    """Say in a refusal what the planner had typed: the form now shows the other's values."""
    try:
        yield
    except ConflictError as error:
        raise StoreError(f"{error}您填的是：{typed}。") from error


def _edit(scene: PolicyScene, label: str) -> Any:
    return scene.plan.edit(visit.current().actor, label)
