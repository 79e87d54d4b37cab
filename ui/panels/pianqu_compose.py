"""Tab 组成: what the selection would add up to as a 片区, and making it one."""

from __future__ import annotations

import streamlit as st

from ui import messages, pianqu_edits, pianqu_page
from ui.panels.pianqu_totals import totals_html, warnings_html
from ui.pianqu_figures import figures_of, free_names, leaving, pairs_within
from ui.scene import Scene
from ui.words import safe

__all__ = ["show"]

MAX_NAME_CHARS, MAX_REMARKS_CHARS = 60, 500


def show(scene: Scene) -> None:
    """Draw the form and the preview."""
    records = scene.selected
    if not len(records):
        st.info(
            "先在地图上选小区：点选，按住 Shift 加选，或用左边的框选、多边形、套索。"
            "选好后，这里先给出合计，再组成片区。"
        )
        return
    _form(scene)
    _moving(scene)
    gap_m = pianqu_page.gap_m()
    figures = figures_of(records, pairs_within(scene.loaded, scene.view, gap_m))
    st.markdown("##### 组成后的合计")
    st.html(totals_html(figures))
    flags = warnings_html(figures, records, gap_m=gap_m)
    if flags:
        st.html(flags)


def _form(scene: Scene) -> None:
    first = free_names(scene.view, 1)[0]
    with st.form("pianqu_compose", border=False):
        name = st.text_input("片区名称", placeholder=first, max_chars=MAX_NAME_CHARS)
        remarks = st.text_input(
            "备注", placeholder="可不填，例如：先行实施", max_chars=MAX_REMARKS_CHARS
        )
        pressed = st.form_submit_button(
            f"用所选 {len(scene.selection):,} 个小区组成片区", type="primary", width="stretch"
        )
    if pressed:
        messages.guarded(pianqu_edits.make)(
            scene, name.strip() or first, scene.selection, remarks=remarks
        )
        st.rerun()


def _moving(scene: Scene) -> None:
    from_others = leaving(scene.selected, scene.view.pianqu["name"].to_dict())
    if len(from_others):
        said = "、".join(f"“{safe(name)}”{count} 个" for name, count in from_others.items())
        st.warning(f"其中有小区已在别的片区，将移过来：{said}。")
