"""The frame around every page: navigation, strip, and the places for map, panel and table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from errors import PlanningError
from ui import loaded, messages, visit
from ui.panels import plan_chooser, strip
from ui.scene import Scene
from ui.workspace import Workspace

if TYPE_CHECKING:
    from ui.pages import PageEntry

__all__ = ["FAVICON", "Body", "body", "show"]

FAVICON = Path(__file__).parent / "assets" / "favicon.svg"


@dataclass(frozen=True)
class Body:
    """Places of a page.

    Attributes
    ----------
    map, panel, drawer : container
        The map, the panel at its right that scrolls, the table under it.
    """

    map: DeltaGenerator
    panel: DeltaGenerator
    drawer: DeltaGenerator


def show(workspace: Workspace, entry: PageEntry) -> None:
    """Draw the strip and the page; without a plan, the choice of plans."""
    place = st.container(key="messages")
    scene = _opened(workspace)
    if scene is None:
        plan_chooser.show(workspace)
    else:
        strip.show(scene)
        try:
            entry.show(scene)
        except PlanningError as error:
            messages.problem(str(error))
    with place:
        messages.show_pending()


@contextmanager
def body() -> Iterator[Body]:
    """Places for a page's parts, below the strip."""
    with st.container(key="body"):
        yield Body(
            map=st.container(key="map"),
            panel=st.container(key="panel"),
            drawer=st.container(key="drawer"),
        )


def _opened(workspace: Workspace) -> Scene | None:
    try:
        return _scene(workspace)
    except PlanningError as error:
        # A file that can not be opened must not lock the planner out of the choice of plans.
        messages.problem(str(error))
        workspace.open_plan("")
        return None


def _scene(workspace: Workspace) -> Scene | None:
    if workspace.plan and not loaded.is_loaded(Path(workspace.plan)):
        with st.spinner("正在读取计划文件…"):
            opened = visit.opened(workspace)
    else:
        opened = visit.opened(workspace)
    return None if opened is None else Scene(workspace, opened, opened.view())
