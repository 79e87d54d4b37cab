"""One run of a page: whose workspace it is, which plan it shows, what it may fetch."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import streamlit as st
from streamlit.runtime import Runtime, exists
from streamlit.runtime.scriptrunner import get_script_run_ctx

from errors import StoreError
from ui import loaded, session, settings
from ui.tokens import XSRF_COOKIE, Grant, Grants, browser_mark
from ui.workspace import Workspace, WorkspaceStore, new_id

__all__ = ["GRANTS", "current", "grant", "opened", "store", "visit"]

ADDRESS_KEY = "w"

_OWNERS: dict[str, str] = {}  # workspace id -> session that has it open
_OWNERS_LOCK = threading.Lock()


def _alive(session_id: str) -> bool:
    return exists() and Runtime.instance().is_active_session(session_id)


GRANTS = Grants(_alive)


@lru_cache(maxsize=1)
def store() -> WorkspaceStore:
    """Return where workspaces are kept."""
    return WorkspaceStore(settings.state_folder() / "workspaces.sqlite")


def current() -> Workspace:
    """Return the workspace of the running session; for buttons' callbacks."""
    workspace: Workspace = session.get(session.WORKSPACE)
    return workspace


@contextmanager
def visit() -> Iterator[Workspace]:
    """Give the session's workspace, and keep it afterwards if the run has changed it."""
    workspace = session.get(session.WORKSPACE) or _arrive()
    # The address is set at each run: Streamlit clears it when the page is changed.
    if st.query_params.get(ADDRESS_KEY) != workspace.wid:
        st.query_params[ADDRESS_KEY] = workspace.wid
    try:
        yield workspace
    finally:
        # Also when a new click cuts this run short.
        _keep(workspace)


def opened(workspace: Workspace) -> loaded.LoadedPlan | None:
    """Return the workspace's plan, loaded; None if none is open."""
    if not workspace.plan:
        return None
    if not Path(workspace.plan).is_file():
        missing = workspace.plan
        workspace.open_plan("")
        raise StoreError(f"找不到计划文件：{missing}。它可能已被移动或删除，请重新选择计划。")
    return loaded.load(Path(workspace.plan))


def grant(workspace: Workspace, plan: loaded.LoadedPlan) -> Grant:
    """Return the session's right to the plan's routes."""
    held: Grant | None = session.get(session.TOKEN)
    if held is None or not GRANTS.holds(held):
        held = GRANTS.give(
            _session_id(), mark=browser_mark(st.context.cookies.get(XSRF_COOKIE)), wid=workspace.wid
        )
        session.put(session.TOKEN, held)
    held.loaded = plan
    return held


def _arrive() -> Workspace:
    """Find the workspace that the address names, copy it if it is in use, or begin a new one."""
    wid = st.query_params.get(ADDRESS_KEY, "")
    workspace = _claim(wid) if wid else None
    if workspace is None:
        given = settings.opened_plan()
        workspace = Workspace(wid=new_id(), plan=str(given) if given else "")
        store().save(workspace)
    workspace.actor = workspace.actor or settings.default_actor()
    _OWNERS[workspace.wid] = _session_id()
    session.put(session.WORKSPACE, workspace)
    return workspace


def _claim(wid: str) -> Workspace | None:
    with _OWNERS_LOCK:
        owner = _OWNERS.get(wid)
        if owner is not None and owner != _session_id() and _alive(owner):
            return store().copy(wid)
        return store().load(wid)


def _keep(workspace: Workspace) -> None:
    text = workspace.to_json()
    if session.get(session.SAVED) != text:
        store().save(workspace)
        session.put(session.SAVED, text)


def _session_id() -> str:
    context = get_script_run_ctx()
    return context.session_id if context is not None else ""
