"""Choosing a plan: open one of the folder, begin an empty one, or look at a sample."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import streamlit as st

from data import samples
from data.store import create_plan
from errors import PlanningError, StoreError
from ui import loaded, messages, session, settings
from ui.words import safe
from ui.workspace import Workspace

__all__ = ["SAMPLES", "show", "switch"]

SUFFIX = ".gpkg"
MAX_NAME_CHARS = 60
LIST_HEIGHT = 420
FITTING = 8

# Sample id, what the planner reads, what is in it.
SAMPLES = (
    (
        "yuncheng-2024",
        "云城区 2024 年示例",
        "5 个小区，1,061 户；资料出自 2024 年改造计划，边界为示意",
    ),
    ("litong-parking", "利通区停车改造示例", "7 个小区的停车与道路改造；边界为示意"),
    ("city:300:7", "示例城市（300 个小区）", "随机生成的城市，供试用和练习"),
)


def show(workspace: Workspace) -> None:
    """Draw the choice of plans over the whole page."""
    with st.container(key="chooser"):
        st.markdown("### 选择一个计划")
        st.caption("一个计划就是一个文件，其中有台账、边界、片区和全部修改记录。")
        left, right = st.columns([3, 2], gap="medium")
        with left, st.container(key="chooser_open", border=True):
            st.markdown("##### 打开已有计划")
            _existing(workspace)
        with right:
            with st.container(key="chooser_new", border=True):
                st.markdown("##### 新建空白计划")
                _new(workspace)
            with st.container(key="chooser_sample", border=True):
                st.markdown("##### 打开示例")
                _samples(workspace)


def switch(workspace: Workspace) -> None:
    """Draw what the strip's menu offers: another plan, or the choice of all."""
    for path in [p for p in _plan_files() if str(p) != workspace.plan][:6]:
        st.button(
            path.stem,
            key=session.widget("switch", path.name),
            width="stretch",
            on_click=messages.guarded(workspace.open_plan),
            args=(str(path),),
        )
    st.button(
        "新建、打开示例或其他计划…",
        key=session.widget("switch", "all"),
        width="stretch",
        on_click=workspace.open_plan,
        args=("",),
    )


def _plan_files() -> list[Path]:
    files = settings.plans_folder().glob(f"*{SUFFIX}")
    return sorted(files, key=lambda path: path.stat().st_mtime, reverse=True)


def _existing(workspace: Workspace) -> None:
    files = _plan_files()
    st.caption(f"文件夹：{safe(settings.plans_folder())}")
    if not files:
        st.info("这里还没有计划。请在右侧新建一个，或先打开示例看看。")
        return
    with st.container(height=LIST_HEIGHT if len(files) > FITTING else "content", border=False):
        for path in files:
            changed = datetime.fromtimestamp(path.stat().st_mtime).strftime("%Y年%m月%d日 %H:%M")
            st.button(
                f"**{safe(path.stem)}**　{changed} 修改",
                key=session.widget("open", path.name),
                width="stretch",
                on_click=messages.guarded(_open),
                args=(workspace, path),
            )


def _new(workspace: Workspace) -> None:
    with st.form("new_plan", border=False):
        name = st.text_input(
            "计划名称", placeholder="例如：云城区 2025 年改造计划", max_chars=MAX_NAME_CHARS
        )
        if st.form_submit_button("新建", type="primary"):
            _guarded_run(lambda: _create(workspace, name.strip()))


def _samples(workspace: Workspace) -> None:
    for sample, title, contents in SAMPLES:
        pressed = st.button(title, key=session.widget("sample", sample), width="stretch")
        st.caption(contents)
        if pressed:
            with st.spinner(f"正在准备“{title}”…"):
                _guarded_run(lambda s=sample, t=title: _open_sample(workspace, s, t))


def _guarded_run(action) -> None:  # noqa: ANN001 - a callable without arguments
    try:
        action()
    except PlanningError as error:
        messages.problem(str(error))
    st.rerun()


def _open(workspace: Workspace, path: Path) -> None:
    loaded.load(path)
    workspace.open_plan(str(path))


def _create(workspace: Workspace, name: str) -> None:
    if not name:
        raise StoreError("请先填写计划名称。")
    path = settings.plans_folder() / f"{_file_name(name)}{SUFFIX}"
    if path.exists():
        raise StoreError(f"文件夹里已有“{path.name}”。请换一个计划名称。")
    create_plan(path, name=name, actor=workspace.actor)
    _open(workspace, path)


def _open_sample(workspace: Workspace, sample: str, title: str) -> None:
    path = settings.plans_folder() / f"{_file_name(title)}{SUFFIX}"
    if not path.exists():
        samples.write_sample(path, sample, workspace.actor)
    _open(workspace, path)


def _file_name(name: str) -> str:
    """Name of a file on every system: what Windows forbids becomes a low line."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", name).strip(" .") or "计划"
