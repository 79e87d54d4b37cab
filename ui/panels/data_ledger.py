"""台账: a ledger in three steps: file, columns, check and import."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import streamlit as st

from data.importing import Imported
from errors import PlanningError, RecordError
from ui import import_job, import_ledger, import_upload, messages, session
from ui.import_ledger import NEW, LedgerImport, LedgerPreview
from ui.panels import data_done, data_findings
from ui.scene import Scene
from ui.words import safe

__all__ = ["current", "show"]

PANEL = "data_ledger"
TAB = "台账"
STEPS = ("选文件", "对应字段", "核对导入")
KINDS = "Excel 工作簿（.xlsx）或 CSV 表格。表头可以有标题行、单位和合计行，“/”表示没有。"
ASKED = 20


def current(scene: Scene) -> LedgerImport | None:
    """Return the import under way for the open plan."""
    draft: LedgerImport | None = session.get(session.LEDGER_IMPORT)
    return draft if draft is not None and draft.plan == scene.workspace.plan else None


def show(scene: Scene) -> None:
    """Draw the step that the planner is at."""
    draft = current(scene)
    data_findings.steps(STEPS, 0 if draft is None else 2 if draft.confirmed else 1)
    if import_job.show_waiting():
        return
    if draft is None:
        _ask_file(scene)
    elif draft.confirmed:
        _check(scene, draft)
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
    def refused(error: PlanningError) -> None:
        problems = error.problems if isinstance(error, RecordError) else (str(error),)
        data_done.refuse(TAB, upload.name, problems)

    import_job.begin(
        f"正在读取“{safe(upload.name)}”",
        lambda: import_ledger.read(plan, upload, sheet),
        lambda draft: session.put(session.LEDGER_IMPORT, draft),
        failed=refused,
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
        on_click=_confirm,
        args=(draft, True),
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


def _confirm(draft: LedgerImport, settled: bool) -> None:
    draft.confirmed = settled
    draft.serial += 1


# --- 核对导入 --------------------------------------------------------------------------------------


def _check(scene: Scene, draft: LedgerImport) -> None:
    _file(draft)
    preview = draft.preview(scene.view.frame, scene.view.revision)
    _suggestions(draft, preview)
    if preview.doubtful:
        draft.accept_doubtful = st.checkbox(
            f"{len(preview.doubtful)} 处核对不上，已看过，仍按台账导入",
            value=draft.accept_doubtful,
            key=session.widget(PANEL, "doubtful", draft.serial),
        )
    ready = not preview.blocking and not preview.open
    ready = ready and (draft.accept_doubtful or not preview.doubtful)
    st.markdown(
        f"新增 **{preview.new:,}** · 更新 **{preview.updated:,}** · 不变 **{preview.unchanged:,}**"
    )
    with st.container(horizontal=True, key="import_buttons"):
        st.button(
            f"导入 {len(preview.frame):,} 行",
            type="primary",
            disabled=not ready,
            key=session.widget(PANEL, "apply"),
            on_click=messages.guarded(_apply),
            args=(scene, draft, preview),
        )
        st.button(
            "返回改字段",
            key=session.widget(PANEL, "back"),
            on_click=_confirm,
            args=(draft, False),
        )
    if preview.blocking:
        st.caption("有错误，还不能导入；计划没有任何改动。请改好台账后点“换文件”重新选。")
    elif preview.open:
        st.caption("请先在下面指定同名的行各是哪个小区。")
    else:
        st.caption("要么全部导入，要么一行也不导入。导入后可用“撤销”一次退回。")
    _decide(scene, draft, preview)
    st.markdown(f"##### 读到的问题（{data_findings.counts(preview.findings)}）")
    data_findings.show(preview.findings)


def _suggestions(draft: LedgerImport, preview: LedgerPreview) -> None:
    if not preview.suggestions and not draft.take_suggestions:
        return
    count = len(preview.suggestions)
    draft.take_suggestions = st.checkbox(
        f"按建议的数字处理（{count} 处）" if count else "按建议的数字处理",
        value=draft.take_suggestions,
        key=session.widget(PANEL, "suggestions", draft.serial),
        help="例如“约三百”按 300 处理；没有建议的仍需改台账。",
        on_change=lambda: _take(draft),
    )


def _take(draft: LedgerImport) -> None:
    key = session.widget(PANEL, "suggestions", draft.serial)
    draft.take_suggestions = st.session_state[key]


def _decide(scene: Scene, draft: LedgerImport, preview: LedgerPreview) -> None:
    """Ask about rows that may be more than one compound."""
    for one in preview.matching.ambiguous:
        st.warning(safe(one.message))
        for label in one.incoming[:ASKED]:
            _ask_which(scene, draft, label, one.candidates)


def _ask_which(
    scene: Scene, draft: LedgerImport, label: Hashable, candidates: tuple[str, ...]
) -> None:
    frame = scene.view.frame
    options = [*(uid for uid in candidates if uid in frame.index), NEW]
    key = session.widget(PANEL, "which", label)

    def choose() -> None:
        if st.session_state[key] is not None:
            draft.decisions[label] = st.session_state[key]

    held = draft.decisions.get(label)
    st.selectbox(
        f"台账第 {label} 行对应",
        options,
        index=options.index(held) if held in options else None,
        format_func=lambda uid: "作为新小区" if uid == NEW else data_done.place(frame.loc[uid]),
        placeholder="请选择",
        key=key,
        on_change=choose,
        filter_mode=None,
    )


def _apply(scene: Scene, draft: LedgerImport, preview: LedgerPreview) -> None:
    actor, plan = scene.workspace.actor, scene.plan

    def done(result: Imported) -> None:
        session.take(session.LEDGER_IMPORT)
        data_done.tell(TAB, Path(draft.upload.name).name, [result], plan.revision())

    import_job.begin(
        "正在导入台账", lambda: draft.apply(plan, preview, actor), done, stoppable=False
    )
