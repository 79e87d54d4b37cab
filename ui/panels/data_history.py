"""记录: who changed what and when; imports, exports and other events; the last step back."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from data.schema import LAYERS
from data.store.conflicts import actor_title
from data.store.history import label_of
from policy.own_rules import OWN_RULES
from ui import edits, messages, session
from ui.panels import data_tables
from ui.scene import Scene
from ui.words import safe

__all__ = ["show", "tables"]

PANEL = "data_history"
ENTRIES = 300
IMPORTS = 30
SETTINGS = {
    "name": "计划名称",
    "year": "年度",
    "maker": "编制单位",
    "rules": "政策规则",
    "zone": "3°带",
    "attribution": "资料来源",
    "tianditu_key": "天地图密钥",
    "base_raster": "本地底图文件",
}


def show(scene: Scene) -> None:
    """Draw the steps of the plan, newest first, and the buttons to go back and forth."""
    back, forth = edits.own_steps(scene.plan)
    with st.container(horizontal=True, key="history_buttons"):
        st.button(
            "撤销我的上一步",
            type="primary",
            icon=":material/undo:",
            disabled=not back,
            key=session.widget(PANEL, "undo"),
            on_click=messages.guarded(edits.undo),
        )
        st.button(
            "重做",
            icon=":material/redo:",
            disabled=not forth,
            key=session.widget(PANEL, "redo"),
            on_click=messages.guarded(edits.redo),
        )
    st.caption(f"我的上一步：{safe(back)}" if back else "没有您可撤销的操作。")
    imports = scene.plan.read_table("import_batch")
    st.markdown(f"##### 导入（{len(imports)}）")
    if not len(imports):
        st.caption("还没有导入过文件。")
    undone = _undone(scene.plan.read_table("edit_tx"))
    for one in imports.iloc[::-1].head(IMPORTS).to_dict("records"):
        mark = "（已撤销）" if one["txid"] in undone else ""
        st.markdown(f"**{safe(one['file_name'])}**{mark}  \n{_import_line(one)}")
    st.caption("每次导入前自动留一份快照，放在计划文件旁的“导入前快照”文件夹。")


def tables(scene: Scene) -> None:
    """Draw the table of changes, or of events that changed nothing."""
    revision = scene.view.revision
    history = scene.loaded.kept(("history", revision), lambda: scene.plan.history(limit=ENTRIES))
    more = f"最近 {ENTRIES} 条；点一行选中小区" if len(history) == ENTRIES else "点一行选中小区"
    data_tables.chosen_table(
        PANEL,
        {
            "操作步骤": partial(_steps, scene),
            "逐条修改": partial(_changes, scene, history),
            "导出等事件": partial(_events, scene),
        },
        {"逐条修改": more},
    )


def _steps(scene: Scene) -> None:
    """List what was done, one line a step, however many records it changed."""
    steps = scene.plan.read_table("edit_tx")
    undone = _undone(steps)
    shown = steps.iloc[::-1].head(ENTRIES)
    table = pd.DataFrame(
        {
            "时间": [_local(at) for at in shown["at"]],
            "操作人": [actor_title(actor) for actor in shown["actor"]],
            "操作": [label_of(*one) for one in zip(shown["kind"], shown["label"], strict=True)],
            "状态": ["已撤销" if txid in undone else "" for txid in shown["txid"]],
        }
    )
    widths = {"时间": 150, "操作人": 120, "操作": 640, "状态": 90}
    data_tables.texts(table, widths=widths, key=session.widget(PANEL, "steps"))


def _changes(scene: Scene, history: pd.DataFrame) -> None:
    def choose(rows: list[int]) -> None:
        uids = scene.view.known([str(history.iloc[row]["compound"]) for row in rows])
        if uids:
            edits.select(uids)

    table = pd.DataFrame(
        {
            "时间": [_local(at) for at in history["at"]],
            "操作人": history["actor"].astype(str),
            "操作": history["label"].astype(str),
            "内容": [
                _summary(*one)
                for one in zip(history["layer"], history["uid"], history["summary"], strict=True)
            ],
        }
    )
    data_tables.texts(
        table,
        widths={"时间": 150, "操作人": 90, "操作": 220, "内容": 560},
        key=session.widget(PANEL, "changes", scene.view.revision),
        on_select=choose,
    )


def _events(scene: Scene) -> None:
    events = scene.plan.read_table("audit_event").iloc[::-1].head(ENTRIES)
    table = pd.DataFrame(
        {
            "时间": [_local(at) for at in events["at"]],
            "操作人": events["actor"].astype(str),
            "事件": events["action"].astype(str),
            "详情": [_detail(detail) for detail in events["detail"]],
        }
    )
    if table.empty:
        st.info("还没有导出过文件。")
        return
    data_tables.texts(table, widths={"详情": 560}, key=session.widget(PANEL, "events"))


def _import_line(one: Mapping[Hashable, Any]) -> str:
    kind = LAYERS[one["kind"]].title if one["kind"] in LAYERS else "台账"
    return (
        f"{_local(one['at'])}　{safe(one['actor'])}　{kind}  \n"
        f"读 {one['rows_read']:,}，新增 {one['rows_new']:,}，更新 {one['rows_changed']:,}"
    )


def _undone(steps: pd.DataFrame) -> set[int]:
    """Edits that were taken back and not made again."""
    again = set(steps.loc[steps["kind"] == "redo", "undoes"])
    back = steps[(steps["kind"] == "undo") & ~steps["txid"].isin(again)]
    return {int(txid) for txid in back["undoes"]}


def _detail(detail: Any) -> str:
    if not isinstance(detail, dict):
        return "" if detail is None else str(detail)
    layers = [LAYERS[name].title for name in detail.get("layers") or [] if name in LAYERS]
    return " ".join(str(part) for part in ("、".join(layers), detail.get("file")) if part)


def _summary(layer: str, uid: str, summary: str) -> str:
    if layer == "settings" and uid == OWN_RULES:
        # All copies in one value: the step says which rule of which copy was changed.
        return "我市方案"
    if layer == "settings" and uid in SETTINGS:
        return summary.replace(f"“{uid}”", f"“{SETTINGS[uid]}”")
    return str(summary)


def _local(at: str) -> str:
    """Time of the plan file (UTC) as the clock on the wall shows it."""
    text = str(at).replace("Z", "+00:00")
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")
