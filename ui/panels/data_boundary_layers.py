"""边界, second step: what each layer of the file is, and the coordinate system."""

from __future__ import annotations

import streamlit as st

from data.reading import LayerHead
from data.schema import LAYERS
from ui import import_job, import_systems, session
from ui.import_boundaries import INTO, BoundaryImport
from ui.panels import data_done, data_findings
from ui.scene import Scene
from ui.words import safe

__all__ = ["show"]

PANEL = "data_boundaries"
TAB = "边界"
LEFT_OUT = "不导入"


def show(scene: Scene, draft: BoundaryImport) -> None:
    """Draw the layers, the system, and the button that reads them."""
    heads = [head for head in draft.inspection.layers if head.count]
    # Above the layers, however many there are; what it may do is known below them.
    place = st.container()
    _system(scene, draft, heads)
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


def _system(scene: Scene, draft: BoundaryImport, heads: list[LayerHead]) -> None:
    chosen = [head for head in heads if head.name in draft.into] or heads
    # One silent layer, and the question is open for all.
    declared = chosen[0].crs if all(head.crs for head in chosen) else None
    for question in dict.fromkeys(head.question for head in chosen if head.question):
        st.warning(safe(question))
    guesses = [guess for head in chosen for guess in head.guesses]
    same = import_systems.of_plan(scene.view.frame.geometry, scene.view.settings.get("zone"))
    options = import_systems.choices([*guesses, *([same] if same else [])], declared)
    held = draft.system or declared

    def title(text: str) -> str:
        if text == declared:
            mark = "（文件声明）"
        elif text in guesses:
            mark = "（数值相符）"
        else:
            mark = "·计划所在" if text == same else ""
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
        f"正在读取{titles}",
        draft.read,
        done,
        failed=lambda error: data_done.refuse_for(TAB, draft.upload.name, error),
    )
