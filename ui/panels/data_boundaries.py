"""边界: boundaries and base layers in three steps: file, layers and system, match and import."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from data.importing import Imported
from data.reading import LayerHead
from data.schema import LAYERS
from errors import PlanningError, RecordError
from ui import import_boundaries, import_job, import_systems, import_upload, messages, session
from ui.import_boundaries import INTO, NEW, SKIP, BoundaryImport, BoundaryPreview
from ui.panels import data_done, data_findings, data_picture
from ui.scene import Scene
from ui.words import safe

__all__ = ["current", "show"]

PANEL = "data_boundaries"
TAB = "边界"
STEPS = ("选文件", "图层与坐标系", "对应导入")
KINDS = (
    "GeoJSON、GeoPackage（.gpkg），或装着 .shp、.shx、.dbf、.prj 的压缩包（.zip）。"
    "GeoPackage 还可带建筑、道路、绿地、水系、阻隔、停车场地、服务设施等图层。"
)
LEFT_OUT = "不导入"


def current(scene: Scene) -> BoundaryImport | None:
    """Return the import under way for the open plan."""
    draft: BoundaryImport | None = session.get(session.BOUNDARY_IMPORT)
    return draft if draft is not None and draft.plan == scene.workspace.plan else None


def show(scene: Scene) -> None:
    """Draw the step that the planner is at."""
    draft = current(scene)
    data_findings.steps(STEPS, 0 if draft is None else 2 if draft.layers else 1)
    if import_job.show_waiting():
        return
    if draft is None:
        _ask_file(scene)
    elif draft.layers:
        _check(scene, draft)
    else:
        _layers(draft)


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
            failed=lambda error: _refused(upload.name, error),
        )
        st.rerun()
    data_done.show(TAB)


def _refused(name: str, error: PlanningError) -> None:
    problems = error.problems if isinstance(error, RecordError) else (str(error),)
    data_done.refuse(TAB, name, problems)


def _file(draft: BoundaryImport) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="import_file"):
        st.markdown(f"**{safe(draft.upload.name)}** · {len(draft.inspection.layers)} 个图层")
        st.button("换文件", key=session.widget(PANEL, "again"), type="tertiary", on_click=_drop)


def _drop() -> None:
    session.take(session.BOUNDARY_IMPORT)
    session.forget(PANEL)


# --- 图层与坐标系 ----------------------------------------------------------------------------------


def _layers(draft: BoundaryImport) -> None:
    _file(draft)
    heads = [head for head in draft.inspection.layers if head.count]
    # Above the layers, however many there are; what it may do is known below them.
    place = st.container()
    _system(draft, heads)
    for head in heads:
        _into(draft, head)
    with place:
        _reading(draft)
    data_findings.show(finding for head in heads for finding in head.findings)


def _reading(draft: BoundaryImport) -> None:
    problems = [f"两个图层都导入为“{LAYERS[name].title}”，请只留一个。" for name in draft.doubled()]
    st.button(
        "读取所选图层",
        type="primary",
        width="stretch",
        disabled=not draft.into or bool(problems) or draft.needs_system(),
        key=session.widget(PANEL, "read"),
        on_click=_read,
        args=(draft,),
    )
    data_done.show(TAB)
    if problems:
        data_findings.problem(problems, title="还不能读取")
    elif not draft.into:
        st.caption("请至少选一个图层导入。")
    elif draft.needs_system():
        st.caption("文件没有写坐标系，请先选定；选错会使边界偏移几十到几百米。")


def _into(draft: BoundaryImport, head: LayerHead) -> None:
    options = [LEFT_OUT, *INTO]

    kinds = "、".join(f"{count:,} 个{kind}" for kind, count in head.geometry.items())
    chosen = st.selectbox(
        f"图层“{safe(head.name)}”（{kinds or '没有图形'}）导入为",
        options,
        index=options.index(draft.into.get(head.name, LEFT_OUT)),
        format_func=lambda name: LAYERS[name].title if name in LAYERS else name,
        key=session.widget(PANEL, "into", head.name),
        filter_mode=None,
    )
    draft.into = {name: into for name, into in draft.into.items() if name != head.name}
    if chosen != LEFT_OUT:
        draft.into[head.name] = chosen


def _system(draft: BoundaryImport, heads: list[LayerHead]) -> None:
    chosen = [head for head in heads if head.name in draft.into] or heads
    # One silent layer, and the question is open for all.
    declared = chosen[0].crs if all(head.crs for head in chosen) else None
    for question in dict.fromkeys(head.question for head in chosen if head.question):
        st.warning(safe(question))
    guesses = [guess for head in chosen for guess in head.guesses]
    options = import_systems.choices(guesses, declared)
    held = draft.system or declared

    def title(text: str) -> str:
        mark = "（文件声明）" if text == declared else "（数值相符）" if text in guesses else ""
        return import_systems.title_of(text) + mark

    picked = st.selectbox(
        "坐标系",
        options,
        index=options.index(held) if held in options else None,
        format_func=title,
        placeholder="请选择坐标系",
        key=session.widget(PANEL, "system", declared),
    )
    draft.system = None if picked == declared else picked
    encodings = dict.fromkeys(head.encoding for head in chosen if head.encoding)
    if encodings:
        st.caption(
            f"属性文字按 {safe('、'.join(encodings))} 读取；若下表是乱码，请换一种编码重新导出。"
        )


def _read(draft: BoundaryImport) -> None:
    session.take(session.IMPORT_DONE)
    titles = "、".join(LAYERS[name].title for name in draft.into.values())

    def done(layers: object) -> None:
        draft.layers = layers  # type: ignore[assignment]

    import_job.begin(
        f"正在读取{titles}", draft.read, done, failed=lambda e: _refused(draft.upload.name, e)
    )


# --- 对应导入 --------------------------------------------------------------------------------------


def _check(scene: Scene, draft: BoundaryImport) -> None:
    _file(draft)
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
