"""打印图纸: the A3 sheet of the current colouring, seen before it is fetched."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from errors import PlanningError
from layers import themes
from ui import filtering, session
from ui.handover import ReadySheet, SheetOrder, make_picture, make_sheet
from ui.panels import output_range
from ui.scene import Scene
from ui.words import safe

__all__ = ["show", "show_preview"]

PANEL = "output_sheet"
PRINT_DPI = 300
MAX_TITLE_CHARS = 40
# Up to here a sheet takes a few seconds and is drawn unasked; above, the planner says when.
DRAWN_UNASKED = 3_000


def show(scene: Scene) -> None:
    """Draw the order and the downloads."""
    st.session_state.setdefault(session.widget(PANEL, "title"), scene.view.name)
    title = st.text_input("图名", max_chars=MAX_TITLE_CHARS, key=session.widget(PANEL, "title"))
    made_on = st.date_input(
        "编制日期",
        value=_today(),
        format="YYYY-MM-DD",
        key=session.widget(PANEL, "date"),
    )
    choice = output_range.show(scene, PANEL)
    st.caption(f"着色：{_theme_title(scene)}（在“总图”的“着色”里换）")
    st.caption(
        f"编制单位：{safe(scene.view.settings.get('maker') or '未填')}（在“数据”页的计划设置里填）"
    )
    order = _order(scene, title.strip() or scene.view.name, made_on or _today(), choice)
    session.put(session.SHEET_ORDER, order)
    ready: ReadySheet | None = session.get(session.READY_SHEET)
    fresh = ready is not None and ready.order == order and ready.revision == scene.view.revision
    wanted = st.button(
        "重新绘制" if fresh else "绘制图纸",
        type="secondary" if fresh else "primary",
        width="stretch",
        key=session.widget(PANEL, "draw"),
    )
    if wanted or (not fresh and len(scene.view.frame) <= DRAWN_UNASKED):
        ready = _draw(scene, order)
        if ready is not None:
            # The button and the preview say what stands now.
            st.rerun()
    if ready is not None:
        _downloads(scene, ready)


def show_preview(scene: Scene) -> None:
    """Show the sheet as it will be printed."""
    ready: ReadySheet | None = session.get(session.READY_SHEET)
    with st.container(key="sheet_preview"):
        if ready is None:
            st.info("这里显示打印出来的样子。小区很多时，请按右侧“绘制图纸”。")
            return
        if ready.order != session.get(session.SHEET_ORDER) or ready.revision != scene.view.revision:
            st.warning("设置或计划已有修改，这是之前画的图。请按“绘制图纸”。")
        st.image(ready.preview, width="stretch")


def _order(scene: Scene, title: str, made_on: dt.date, choice: str) -> SheetOrder:
    notes = ()
    if choice != output_range.ALL:
        notes = (f"范围：{choice}，{_range_words(scene, choice)}",)
    return SheetOrder(
        title=title,
        theme=scene.workspace.theme,
        made_on=made_on,
        uids=output_range.chosen_uids(scene, choice),
        notes=notes,
        options=tuple(sorted(scene.theme_options.items())),
    )


def _range_words(scene: Scene, choice: str) -> str:
    if choice == output_range.SELECTED:
        return f"{len(scene.selection)} 个小区"
    active = len(filtering.active(scene.workspace.filters))
    return f"{active} 个筛选条件，{int(scene.shown.sum())} 个小区"


def _theme_title(scene: Scene) -> str:
    return themes.theme_of(scene.workspace.theme).title


def _draw(scene: Scene, order: SheetOrder) -> ReadySheet | None:
    try:
        with st.spinner("正在绘制图纸…"):
            ready = make_sheet(scene.plan, order)
    except PlanningError as error:
        session.take(session.READY_SHEET)
        st.error(safe(error))
        return None
    session.put(session.READY_SHEET, ready)
    return ready


def _downloads(scene: Scene, ready: ReadySheet) -> None:
    stem = f"{ready.order.title}_总图_{ready.order.made_on.isoformat()}"
    st.download_button(
        "下载 PDF（A3）",
        ready.pdf,
        file_name=f"{stem}.pdf",
        mime="application/pdf",
        type="primary",
        width="stretch",
        on_click="ignore",
        key=session.widget(PANEL, "pdf"),
    )
    plan, order = scene.plan, ready.order
    st.download_button(
        f"下载 PNG（{PRINT_DPI} dpi）",
        lambda: make_picture(plan, order, dpi=PRINT_DPI),
        file_name=f"{stem}.png",
        mime="image/png",
        width="stretch",
        on_click="ignore",
        key=session.widget(PANEL, "png"),
    )
    st.caption(f"图上数字来自计划的修订 {ready.edition:,}，PDF 里的文字可以选取和检索。")


def _today() -> dt.date:
    return dt.datetime.now().astimezone().date()
