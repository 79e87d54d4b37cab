"""边界: boundaries and base layers in three steps: file, layers and system, match and import."""

from __future__ import annotations

import streamlit as st

from ui import import_boundaries, import_job, import_upload, session
from ui.import_boundaries import BoundaryImport
from ui.panels import data_boundary_check, data_boundary_layers, data_done, data_findings
from ui.scene import Scene
from ui.words import safe

__all__ = ["show"]

PANEL = "data_boundaries"
TAB = "边界"
STEPS = ("选文件", "图层与坐标系", "对应导入")
KINDS = (
    "GeoJSON、GeoPackage（.gpkg），或装着 .shp、.shx、.dbf、.prj 的压缩包（.zip）。"
    "GeoPackage 还可带建筑、道路、绿地、水系、阻隔、停车场地、服务设施等图层。"
)


def show(scene: Scene) -> None:
    """Draw the step that the planner is at."""
    draft = import_boundaries.current(scene.workspace.plan)
    data_findings.steps(STEPS, 0 if draft is None else 2 if draft.layers else 1)
    if import_job.show_waiting():
        return
    if draft is None:
        _ask_file(scene)
    elif draft.layers:
        _file(draft)
        data_boundary_check.show(scene, draft)
    else:
        _file(draft)
        data_boundary_layers.show(scene, draft)


# --- 选文件 ----------------------------------------------------------------------------------------


def _ask_file(scene: Scene) -> None:
    upload = import_upload.ask(PANEL, "边界文件", kinds=KINDS)
    if upload is not None:
        session.take(session.IMPORT_DONE)
        plan = scene.workspace.plan
        import_job.begin(
            f"正在查看“{safe(upload.name)}”",
            lambda: import_boundaries.inspect(plan, upload),
            lambda draft: session.put(session.BOUNDARY_IMPORT, draft),
            failed=lambda error: data_done.refuse_for(TAB, upload.name, error),
        )
        st.rerun()
    data_done.show(TAB)


def _file(draft: BoundaryImport) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="import_file"):
        st.markdown(f"**{safe(draft.upload.name)}** · {len(draft.inspection.layers)} 个图层")
        st.button("换文件", key=session.widget(PANEL, "again"), type="tertiary", on_click=_drop)


def _drop() -> None:
    session.take(session.BOUNDARY_IMPORT)
    session.forget(PANEL)
