"""What the last import did, or why it was refused, and the next step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import streamlit as st

from data.importing import Imported
from data.schema import LAYERS
from errors import PlanningError, RecordError
from ui import messages, session, visit
from ui.panels import data_findings
from ui.scene import Scene
from ui.words import safe

__all__ = ["look_at", "place", "refuse_for", "show", "tell", "turn_to"]

PAGE = "data"


def tell(tab: str, file_name: str, results: Iterable[Imported], revision: int) -> None:
    """Say at the next runs what was imported, as long as the plan is at `revision`."""
    done = list(results)
    lines = [
        f"{LAYERS[one.layer].title}：新增 {len(one.new):,}，更新 {len(one.changed):,}，"
        f"不变 {one.unchanged:,}"
        for one in done
    ]
    said = [finding for one in done for finding in one.findings if finding.severity != "说明"]
    session.put(session.IMPORT_DONE, (tab, revision, file_name, lines, said))
    messages.done(f"已导入“{file_name}”，可用“撤销”退回")


def refuse_for(tab: str, file_name: str, error: PlanningError) -> None:
    """Say at the next runs why a file was not taken in."""
    problems = error.problems if isinstance(error, RecordError) else (str(error),)
    session.put(session.IMPORT_DONE, (tab, None, file_name, list(problems), []))


def show(tab: str) -> None:
    """Draw what there is to say about the last file of this step."""
    told = session.get(session.IMPORT_DONE)
    if told is None or told[0] != tab:
        return
    _, revision, file_name, lines, findings = told
    if revision is None:
        data_findings.problem(lines, title=f"“{file_name}”没有导入，计划未改动")
        return
    scene: Scene = session.get(session.SCENE)
    if scene.view.revision != revision:
        # Undone, or the planner has gone on: nothing to be proud of any more.
        return
    st.success(f"已导入“{safe(file_name)}”  \n" + "  \n".join(lines))
    left, right = st.columns(2)
    other = "边界" if tab == "台账" else "台账"
    left.button(
        "看待补的边界",
        width="stretch",
        key=session.widget(PAGE, "to_missing"),
        on_click=turn_to,
        args=("待补",),
    )
    right.button(
        f"导入{other}",
        width="stretch",
        key=session.widget(PAGE, "to_other"),
        on_click=turn_to,
        args=(other,),
    )
    if findings:
        st.markdown(f"##### 导入时的提醒（{data_findings.counts(findings)}）")
        data_findings.show(findings)


def turn_to(tab: str) -> None:
    """Open another step of the page."""
    visit.current().pages.setdefault(PAGE, {})["tab"] = tab


def place(record: Any) -> str:
    """Name of a compound with its 街道 and 社区, to tell compounds of one name apart."""
    parts = [record["name"] or "未命名小区", record["subdistrict"], record["community"]]
    return " ".join(str(part) for part in parts if isinstance(part, str) and part)


def look_at(frames: Iterable[gpd.GeoDataFrame]) -> None:
    """Move the map to what came in."""
    boxes = [frame.total_bounds for frame in frames if frame.geometry.notna().any()]
    if boxes:
        lows, highs = np.array(boxes)[:, :2].min(axis=0), np.array(boxes)[:, 2:].max(axis=0)
        sequence = session.get(session.FIT, (0, None))[0] + 1
        box = tuple(round(float(v), 7) for v in (*lows, *highs))
        session.put(session.FIT, (sequence, box))
