"""Work of an import that takes longer than a click: done beside the page, which shows how it goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from data.reading.stopping import StopSwitch, under
from errors import PlanningError
from ui import messages, session

__all__ = ["Job", "begin", "poll", "settle", "show_waiting"]

# What is done within this time needs no sign of waiting.
QUICK_S = 0.7
POLL_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Job:
    """One piece of work under way.

    Attributes
    ----------
    title : str
        What is being done, for the planner.
    then : callable
        Gets the result, in the run of the page that finds the work done.
    failed : callable
        Gets the error that a planner may see.
    stoppable : bool
        False for what is written to the plan: it ends whole or not at all.
    switch : StopSwitch
        Ends the process that reads the file.
    """

    title: str
    then: Callable[[Any], None]
    failed: Callable[[PlanningError], None]
    stoppable: bool
    switch: StopSwitch = field(default_factory=StopSwitch)
    result: Future[Any] = field(default_factory=Future)
    started: float = field(default_factory=time.monotonic)


def begin(
    title: str,
    action: Callable[[], Any],
    then: Callable[[Any], None],
    *,
    failed: Callable[[PlanningError], None] | None = None,
    stoppable: bool = True,
) -> None:
    """Start work in a thread of its own, which must not touch the page.

    Parameters
    ----------
    title : str
        What is being done, without a full stop.
    action : callable
        The work.
    then : callable
        Gets what `action` returns, in a later run of the page.
    failed : callable, optional
        Gets a :class:`errors.PlanningError`; by default it is shown over the page.
    stoppable : bool
        Whether the planner may stop it.
    """
    _stop()
    job = Job(
        title=title,
        then=then,
        failed=failed or (lambda error: messages.problem(str(error))),
        stoppable=stoppable,
    )
    session.put(session.IMPORT_JOB, job)
    threading.Thread(target=_work, args=(job, action), name="import-job", daemon=True).start()
    end = job.started + QUICK_S
    while not job.result.done() and time.monotonic() < end:
        time.sleep(0.02)


def settle() -> bool:
    """Hand over the result of work that is done; tell whether there was any."""
    job: Job | None = session.get(session.IMPORT_JOB)
    if job is None or not job.result.done():
        return False
    session.take(session.IMPORT_JOB)
    try:
        result = job.result.result()
    except PlanningError as error:
        job.failed(error)
    else:
        job.then(result)
    return True


def show_waiting() -> bool:
    """Draw what is under way and a way to stop it; tell whether there is anything."""
    job: Job | None = session.get(session.IMPORT_JOB)
    if job is None:
        return False
    st.info(f"{job.title}…　已用 {int(time.monotonic() - job.started)} 秒")
    if job.stoppable:
        st.button("停止", width="stretch", key=session.widget("import_job", "stop"), on_click=_stop)
    else:
        st.caption("正在写入计划：全部写入或一点不写，请稍候。")
    return True


def poll() -> None:
    """Look again in a moment, at the end of a page that shows work under way.

    A fragment that runs by itself would do, but its late answers meet a page that has gone on.
    """
    job: Job | None = session.get(session.IMPORT_JOB)
    if job is None:
        return
    end = time.monotonic() + POLL_S
    while not job.result.done() and time.monotonic() < end:
        time.sleep(0.02)
    st.rerun()


def _stop() -> None:
    """End the work that is under way, if there is any: its process is gone when this returns."""
    job: Job | None = session.take(session.IMPORT_JOB)
    if job is not None and job.stoppable:
        job.switch.press()


def _work(job: Job, action: Callable[[], Any]) -> None:
    try:
        with under(job.switch):
            result = action()
        job.result.set_result(result)
    except BaseException as error:  # noqa: BLE001 - raised again in the page's own thread
        job.result.set_exception(error)
