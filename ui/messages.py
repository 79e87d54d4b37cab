"""What went wrong or well, said to the planner: the one place that shows an error.

Whatever a page or a button raises ends here. A :class:`errors.PlanningError` is shown as it is; anything
else is a bug: the planner is told so in one sentence and the traceback goes to the log.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

from errors import ConflictError, PlanningError
from ui import session
from ui.words import safe

__all__ = ["done", "guarded", "note", "problem", "show_error", "show_pending"]

P = ParamSpec("P")
_LOG = logging.getLogger("pianqu.ui")

BUG = "程序出错了，刚才的操作没有完成，计划文件未受影响。详情已记入日志，请把操作步骤告诉维护人员。"


def done(text: str) -> None:
    """Say at the next run that something was done."""
    _say("done", text)


def note(text: str) -> None:
    """Say at the next run what the planner should know."""
    _say("note", text)


def problem(text: str) -> None:
    """Say at the next run what went wrong and what to do."""
    _say("problem", text)


def _say(kind: str, text: str) -> None:
    session.put(session.MESSAGES, [*session.get(session.MESSAGES, []), (kind, text)])


def show_pending() -> None:
    """Show and forget what was said since the last run."""
    for kind, text in session.take(session.MESSAGES, []):
        if kind == "done":
            st.toast(_plain(text))
        elif kind == "note":
            st.toast(_plain(text), duration="long")
        else:
            st.error(_plain(text))


def _plain(text: str) -> str:
    """Names of records stand in messages: nothing in them is mark-up, lines stay lines."""
    return "\n".join(safe(line) for line in text.split("\n"))


def show_error(error: Exception) -> bool:
    """Show an error that nobody caught; for ``st.App(on_script_error=…)``.

    Returns
    -------
    bool
        True: Streamlit's own (English) message is not shown.
    """
    if isinstance(error, PlanningError):
        st.error(_plain(str(error)))
    else:
        _LOG.error("uncaught error in a page", exc_info=error)
        st.error(BUG)
    with st.container(horizontal=True, key="error_ways"):
        st.button("重新打开本页", key="error_again", on_click=_begin_again)
        st.button("回到计划列表", key="error_plans", on_click=_to_plans)
    return True


def _begin_again() -> None:
    """Forget what waits in the session; what is in the workspace stays."""
    for key in (session.CONFLICT, session.DRAFT, session.EDITING, session.TOOL):
        session.take(key)


def _to_plans() -> None:
    _begin_again()
    workspace = session.get(session.WORKSPACE)
    if workspace is not None:
        workspace.open_plan("")


def guarded(action: Callable[P, None]) -> Callable[P, None]:
    """For buttons' callbacks: an error is shown over the page, which is drawn all the same.

    A stale save is kept for the dialog that shows both versions.
    """

    @functools.wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            action(*args, **kwargs)
        except ConflictError as error:
            session.put(session.CONFLICT, error)
        except PlanningError as error:
            problem(str(error))

    return run
