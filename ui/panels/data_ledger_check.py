"""台账, last step: what was read, what is in doubt, what would change, and the import itself."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import streamlit as st

from data.importing import Imported
from ui import import_job, messages, session
from ui.import_ledger import NEW, LedgerImport, LedgerPreview
from ui.panels import data_done, data_findings
from ui.scene import Scene
from ui.words import safe

__all__ = ["show"]

PANEL = "data_ledger"
TAB = "台账"
ASKED = 20


def show(scene: Scene, draft: LedgerImport) -> None:
    """Draw what the import would do, and the button that does it."""
    preview = draft.preview(scene.view.frame, scene.view.revision)
    _suggestions(draft, preview)
    if preview.doubtful:
        draft.accept_doubtful = st.checkbox(
            f"{len(preview.doubtful)} 处核对不上，已看过，仍按台账导入",
            value=draft.accept_doubtful,
            key=session.widget(PANEL, "doubtful", draft.serial),
        )
    ready = not preview.blocking and not preview.open and not preview.twice
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
            on_click=draft.confirm,
            args=(False,),
        )
    if preview.blocking:
        st.caption("有错误，还不能导入；计划没有任何改动。请改好台账后点“换文件”重新选。")
    elif preview.open:
        st.caption("请先在下面指定同名的行各是哪个小区。")
    elif preview.twice:
        st.caption("有几行指定为同一个小区，请在下面改正：一个小区只能对应台账的一行。")
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
