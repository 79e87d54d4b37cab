"""边界, last step: repairs, places and matches that need consent, and the import itself."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from data.importing import Imported
from data.schema import LAYERS
from ui import import_job, messages, session
from ui.import_boundaries import NEW, SKIP, BoundaryImport, BoundaryPreview
from ui.panels import data_done, data_findings, data_picture
from ui.scene import Scene
from ui.words import safe

__all__ = ["show"]

PANEL = "data_boundaries"
TAB = "边界"


def show(scene: Scene, draft: BoundaryImport) -> None:
    """Draw what the import would do, and the button that does it."""
    preview = draft.preview(scene.view.frame, scene.view.revision)
    ready = all([_repairs_agreed(draft), _reach_agreed(draft, preview), _matched(scene, preview)])
    _said(draft, preview)
    with st.container(horizontal=True, key="import_buttons"):
        st.button(
            "导入",
            type="primary",
            disabled=not ready,
            key=session.widget(PANEL, "apply"),
            on_click=messages.guarded(_apply),
            args=(scene, draft, preview),
        )
        st.button("返回改图层", key=session.widget(PANEL, "back"), on_click=_back, args=(draft,))
    st.caption("要么全部导入，要么一个也不导入。导入后可用“撤销”一次退回。")
    if preview is not None and draft.compounds is not None:
        data_picture.show(scene.view.frame.geometry, draft.compounds.frame.geometry)
    findings = [*draft.findings(), *(preview.far if preview else ())]
    st.markdown(f"##### 读到的问题（{data_findings.counts(findings)}）")
    data_findings.show(findings)


def _repairs_agreed(draft: BoundaryImport) -> bool:
    repaired = draft.repairs()
    asked = int(repaired["ask"].sum()) if len(repaired) else 0
    if not asked:
        return True
    draft.accept_repairs = st.checkbox(
        f"接受 {asked} 处修复（面积变化超过 1%，见下表“修复”）",
        value=draft.accept_repairs,
        key=session.widget(PANEL, "repairs"),
    )
    return draft.accept_repairs


def _reach_agreed(draft: BoundaryImport, preview: BoundaryPreview | None) -> bool:
    if preview is None or not preview.far:
        return True
    for finding in preview.far:
        st.warning(safe(finding.message))
    draft.accept_far = st.checkbox(
        "位置已核对，确认无误", value=draft.accept_far, key=session.widget(PANEL, "far")
    )
    return draft.accept_far


def _matched(scene: Scene, preview: BoundaryPreview | None) -> bool:
    if preview is None:
        return True
    if preview.open:
        st.warning(f"有 {len(preview.open)} 个图形不能自动对应，请在下表“对应”里选小区。")
    for uid in preview.twice:
        name = safe(scene.view.frame.loc[uid, "name"] or "未命名小区")
        st.warning(f"有几个图形都对应“{name}”，请在下表只留一个。")
    return not preview.open and not preview.twice


def _said(draft: BoundaryImport, preview: BoundaryPreview | None) -> None:
    parts = []
    if preview is not None:
        parts.append(
            f"小区：对应已有 **{preview.count('uid'):,}** · 新建 **{preview.count(NEW):,}**"
            f" · 不导入 **{preview.count(SKIP):,}**"
        )
    others = [f"{LAYERS[n].title} {len(b.frame):,}" for n, b in draft.layers.items() if n != "compounds"]  # fmt: skip
    if others:
        parts.append(" · ".join(others))
    st.markdown("  \n".join(parts))


def _back(draft: BoundaryImport) -> None:
    draft.layers = {}
    draft.decisions = {}
    draft.accept_repairs = draft.accept_far = False


def _apply(scene: Scene, draft: BoundaryImport, preview: BoundaryPreview | None) -> None:
    actor, plan = scene.workspace.actor, scene.plan

    def done(results: dict[str, Imported]) -> None:
        session.take(session.BOUNDARY_IMPORT)
        session.forget(PANEL)
        data_done.tell(TAB, Path(draft.upload.name).name, results.values(), plan.revision())
        data_done.look_at(one.frame for one in draft.layers.values())

    import_job.begin(
        "正在导入边界", lambda: draft.apply(plan, preview, actor), done, stoppable=False
    )
