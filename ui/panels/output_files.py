"""导出文件: what to hand over, in which format, and the checked file."""

from __future__ import annotations

import io
import zipfile

import streamlit as st

from data.exporting import formats
from data.schema import LAYERS
from errors import PlanningError
from ui import messages, session
from ui.handover import FileOrder, ReadyFile, make_file
from ui.panels import output_range
from ui.scene import Scene
from ui.words import grouped, safe, wan

__all__ = ["show"]

PANEL = "output_files"
HANDED_OVER = ("compounds", "pianqu")
ENCODINGS = {"gbk": "GBK（ArcGIS、SuperMap 通用）", "utf-8": "UTF-8（附 .cpg）"}
ZIP, JSON = "application/zip", "application/json"
# Figures of the check, with how they are written.
TOTALS = (
    ("households", "居民户数", lambda value: grouped(value, "户")),
    ("building_count", "楼栋数", lambda value: grouped(value, "栋")),
    ("investment_yuan", "预计投资额", wan),
    ("grant_yuan", "补助合计", wan),
)


def show(scene: Scene) -> None:
    """Draw the order, and the file once it is made."""
    order = _order(scene)
    if order is None:
        return
    if st.button("生成文件", type="primary", width="stretch", key=session.widget(PANEL, "make")):
        _make(scene, order)
    ready: ReadyFile | None = session.get(session.READY_FILE)
    if ready is None:
        st.caption("文件写完后由另一个进程读回，逐个图形、逐个数字与计划核对，一致才交付。")
    else:
        _show_ready(scene, order, ready)


def _order(scene: Scene) -> FileOrder | None:
    layer = st.segmented_control(
        "导出什么",
        HANDED_OVER,
        default="compounds",
        required=True,
        format_func=lambda name: LAYERS[name].title,
        key=session.widget(PANEL, "layer"),
    )
    if layer == "pianqu" and not len(scene.view.pianqu):
        st.info("还没有片区。请先在“总图”上选小区，再“组成片区”。")
        return None
    if not len(scene.view.frame):
        st.info("计划里还没有小区。请先在“数据”页导入台账或边界。")
        return None
    known = {name: how for name, how in formats().items() if not how.layers or layer in how.layers}
    name = st.selectbox(
        "格式",
        list(known),
        format_func=lambda one: known[one].title,
        key=session.widget(PANEL, "format", layer),
        filter_mode=None,
    )
    how = known[name]
    crs = _crs(name, how.crs_choices)
    encoding, accept = _shapefile() if name == "shapefile" else ("gbk", False)
    uids = None
    if layer == "compounds":
        uids = output_range.chosen_uids(scene, output_range.show(scene, PANEL))
    return FileOrder(
        layer=layer, format=name, crs=crs, uids=uids, encoding=encoding, accept_losses=accept
    )


def _crs(name: str, choices: dict[str, str]) -> str:
    if not choices:
        return ""
    if len(choices) == 1:
        st.caption(f"坐标系：{next(iter(choices.values()))}")
        return next(iter(choices))
    return st.radio(
        "坐标系", list(choices), format_func=choices.get, key=session.widget(PANEL, "crs", name)
    )


def _shapefile() -> tuple[str, bool]:
    encoding = st.radio(
        "文字编码",
        list(ENCODINGS),
        format_func=ENCODINGS.get,
        key=session.widget(PANEL, "encoding"),
    )
    accept = st.checkbox(
        "放不下的文字允许截短（逐条列出）",
        key=session.widget(PANEL, "accept"),
        help="Shapefile 的文字最长 254 字节。不勾选时，有放不下的内容就不导出，并逐条说明。",
    )
    return encoding, accept


def _make(scene: Scene, order: FileOrder) -> None:
    bar = st.progress(0.0, "准备")
    # A click here begins a new run of the page, which ends this one at the next step.
    st.button("停止", key=session.widget(PANEL, "stop"), width="stretch")
    session.take(session.READY_FILE)
    try:
        ready = make_file(
            scene.plan, order, actor=scene.workspace.actor, progress=lambda s, t: bar.progress(s, t)
        )
    except PlanningError as error:
        messages.problem(str(error))
    else:
        session.put(session.READY_FILE, ready)
    st.rerun()


def _show_ready(scene: Scene, order: FileOrder, ready: ReadyFile) -> None:
    if ready.order != order or ready.revision != scene.view.revision:
        why = "设置已改" if ready.order != order else "计划又有修改"
        st.warning(f"{why}，下面的文件是之前生成的（修订 {ready.edition:,}）。请重新生成。")
    exported = ready.exported
    file = exported.files[0].name
    st.success(f"已读回核对，与计划一致（修订 {ready.edition:,}）")
    st.html(_totals(ready))
    for note in _notes(ready):
        st.caption(safe(note))
    st.download_button(
        "下载文件和元数据（zip）",
        _packed(ready.contents),
        file_name=f"{file.rpartition('.')[0]}_交付.zip",
        mime=ZIP,
        type="primary",
        width="stretch",
        on_click="ignore",
        key=session.widget(PANEL, "both"),
    )
    st.download_button(
        "只下载文件",
        ready.contents[file],
        file_name=file,
        mime=JSON if file.endswith("json") else ZIP if file.endswith("zip") else None,
        width="stretch",
        on_click="ignore",
        key=session.widget(PANEL, "file"),
    )
    st.caption(f"文件名：{safe(file)}")


def _totals(ready: ReadyFile) -> str:
    totals = ready.exported.totals
    title = LAYERS[ready.order.layer].title
    rows = [(title, grouped(totals.get("features"), "个"))]
    rows += [(head, write(totals[name])) for name, head, write in TOTALS if name in totals]
    body = "".join(f"<tr><td>{head}</td><td>{text}</td></tr>" for head, text in rows)
    return f"<table class='record'>{body}</table>"


def _notes(ready: ReadyFile) -> list[str]:
    exported = ready.exported
    told = list(exported.notes)
    told += [
        f"{loss.uid}的{loss.field}：{loss.reason}，写成“{loss.becomes}”" for loss in exported.losses
    ]
    return told


def _packed(contents: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return buffer.getvalue()
