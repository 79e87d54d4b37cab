"""台账: a ledger in three steps: file, columns, check and import."""

from __future__ import annotations

import streamlit as st

from ui import import_job, import_ledger, import_upload, session
from ui.import_ledger import LedgerImport
from ui.panels import data_done, data_findings, data_ledger_check
from ui.scene import Scene
from ui.words import safe

__all__ = ["show"]

PANEL = "data_ledger"
TAB = "台账"
STEPS = ("选文件", "对应字段", "核对导入")
KINDS = "Excel 工作簿（.xlsx）或 CSV 表格。表头可以有标题行、单位和合计行，“/”表示没有。"


def show(scene: Scene) -> None:
    """Draw the step that the planner is at."""
    draft = import_ledger.current(scene.workspace.plan)
    data_findings.steps(STEPS, 0 if draft is None else 2 if draft.confirmed else 1)
    if import_job.show_waiting():
        return
    if draft is None:
        _ask_file(scene)
    elif draft.confirmed:
        _file(draft)
        data_ledger_check.show(scene, draft)
    else:
        _columns(draft)


# --- 选文件 ----------------------------------------------------------------------------------------


def _ask_file(scene: Scene) -> None:
    upload = import_upload.ask(PANEL, "台账文件", kinds=KINDS)
    if upload is not None:
        session.take(session.IMPORT_DONE)
        _read(scene.workspace.plan, upload)
        st.rerun()
    data_done.show(TAB)


def _read(plan: str, upload: import_upload.Upload, sheet: str | None = None) -> None:
    import_job.begin(
        f"正在读取“{safe(upload.name)}”",
        lambda: import_ledger.read(plan, upload, sheet),
        lambda draft: session.put(session.LEDGER_IMPORT, draft),
        failed=lambda error: data_done.refuse_for(TAB, upload.name, error),
    )


def _file(draft: LedgerImport) -> None:
    rows = f"{len(draft.sheet.rows):,} 行"
    with st.container(horizontal=True, vertical_alignment="center", key="import_file"):
        st.markdown(f"**{safe(draft.upload.name)}** · {rows}")
        st.button("换文件", key=session.widget(PANEL, "again"), type="tertiary", on_click=_drop)


def _drop() -> None:
    session.take(session.LEDGER_IMPORT)


# --- 对应字段 --------------------------------------------------------------------------------------


def _columns(draft: LedgerImport) -> None:
    _file(draft)
    _sheet(draft)
    said = [draft.sheet.title, f"编码 {draft.sheet.encoding}" if draft.sheet.encoding else ""]
    if any(said):
        st.caption(safe(" · ".join(part for part in said if part)))
    problems = draft.problems()
    used = sum(name is not None for name in draft.mapping.values())
    st.markdown(
        f"下表列出台账的 {len(draft.sheet.columns)} 栏，已认出 {used} 栏。"
        "请逐行核对“导入为”，不对的点开改；单位不对也在表里改。"
    )
    st.button(
        "字段无误，下一步",
        type="primary",
        width="stretch",
        disabled=bool(problems),
        key=session.widget(PANEL, "confirm"),
        on_click=draft.confirm,
        args=(True,),
    )
    if problems:
        data_findings.problem(problems, title="还不能进行下一步")
    data_findings.show(draft.sheet.findings)


def _sheet(draft: LedgerImport) -> None:
    sheets = draft.sheet.sheets
    if len(sheets) < 2:
        return
    key = session.widget(PANEL, "sheet", draft.sheet.sheet)

    def turn() -> None:
        _read(draft.plan, draft.upload, st.session_state[key])

    st.selectbox(
        f"工作簿有 {len(sheets)} 张表，导入哪一张",
        sheets,
        index=sheets.index(draft.sheet.sheet),
        key=key,
        on_change=turn,
        filter_mode=None,
    )
