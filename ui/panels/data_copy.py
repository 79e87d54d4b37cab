"""A copy of the plan for backup and for QGIS; the file in use is never handed out."""

from __future__ import annotations

import tempfile

import streamlit as st

from ui import messages, session, visit
from ui.scene import Scene
from ui.words import safe

__all__ = ["show"]

PANEL = "data_copy"


def show(scene: Scene) -> None:
    """Draw the button that makes a copy, or the copy that was made."""
    st.markdown("##### 备份与在 QGIS 中查看")
    held = session.get(session.BACKUP)
    if held is not None and held[0] == (scene.workspace.plan, scene.view.revision):
        st.download_button(
            f"下载 {held[1]}",
            held[2],
            file_name=held[1],
            mime="application/geopackage+sqlite3",
            on_click="ignore",
            width="stretch",
            key=session.widget(PANEL, "download"),
        )
    else:
        st.button(
            "制作备份副本",
            width="stretch",
            key=session.widget(PANEL, "copy"),
            on_click=messages.guarded(_make_copy),
        )
    st.caption(
        f"副本是一个 .gpkg 文件，可直接用 QGIS 打开。正在使用的计划文件（{safe(scene.plan.path)}）"
        "请不要直接拷贝或用其他软件打开。"
    )


def _make_copy() -> None:
    scene: Scene = session.get(session.SCENE)
    with tempfile.TemporaryDirectory(prefix="pianqu-copy-") as folder:
        made = scene.plan.snapshot(folder)
        content = made.read_bytes()
    scene.plan.audit(visit.current().actor, "备份副本", {"file": made.name})
    session.put(session.BACKUP, ((scene.workspace.plan, scene.view.revision), made.name, content))
