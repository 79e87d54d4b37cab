"""Long work beside the page: it shows how far it is, can be stopped, and hands its result over.

A search is of one kind, for one session and one plan. A page that is turned away from finds the result when
it is turned to again; searches of two kinds do not know of each other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from errors import PlanningError
from ui import messages, session
from ui.scene import Scene

__all__ = [
    "FIRST_WORDS",
    "Search",
    "Tell",
    "begin",
    "poll",
    "progress_of",
    "settle",
    "stop",
    "under_way",
]

Tell = Callable[[float, str], None]

# What is done within this time needs no sign of waiting.
QUICK_S, LOOK_S = 0.6, 0.02
POLL_S = 0.5
FIRST_WORDS = "正在准备…"


class _StoppedError(Exception):
    """Ends a search that nobody waits for any more."""


@dataclass(eq=False)
class Search:
    """One search under way.

    Attributes
    ----------
    plan_id : str
        Plan that it is for.
    share, said : float, str
        How far it is, and what is being done.
    stopped : Event
        Set when nobody waits for it any more.
    result : Future
        What it gives, or why it gives nothing.
    """

    plan_id: str
    share: float = 0.0
    said: str = FIRST_WORDS
    stopped: threading.Event = field(default_factory=threading.Event)
    result: Future[Any] = field(default_factory=Future)

    def tell(self, share: float, said: str) -> None:
        """Take a step's word; ends the search if it was stopped."""
        if self.stopped.is_set():
            raise _StoppedError
        self.share, self.said = min(max(share, 0.0), 1.0), said

    def run(self, work: Callable[[Tell], Any]) -> None:
        """Do the work in this thread; what it raises is raised again where the result is asked for."""
        try:
            self.result.set_result(work(self.tell))
        except BaseException as error:  # noqa: BLE001 - raised again in the page's own thread
            self.result.set_exception(error)


def begin(kind: str, scene: Scene, work: Callable[[Tell], Any]) -> None:
    """Start a search in a thread of its own; one of this kind that is under way ends.

    Parameters
    ----------
    kind : str
        Which search: a page has one of a kind at a time.
    scene : Scene
        For whose plan.
    work : callable
        Told how to say how far it is; called in another thread, so it asks nothing of the session.
    """
    stop(kind)
    search = Search(plan_id=str(scene.plan.plan_id))
    session.put(_key(kind), search)
    threading.Thread(target=search.run, args=(work,), name=kind, daemon=True).start()
    end = time.monotonic() + QUICK_S
    while not search.result.done() and time.monotonic() < end:
        time.sleep(LOOK_S)


def stop(kind: str) -> None:
    """End the search of a kind that is under way, if there is any; at its next step it is gone."""
    search: Search | None = session.take(_key(kind))
    if search is not None:
        search.stopped.set()


def under_way(kind: str, scene: Scene) -> bool:
    """Tell whether a search of a kind for this plan goes on."""
    return _search(kind, scene) is not None


def progress_of(kind: str, scene: Scene) -> tuple[float, str]:
    """Share done, and what is being done with the share in per cent: of a thousand compounds the bar hardly moves."""
    search = _search(kind, scene)
    return (search.share, f"{search.said} {search.share:.0%}") if search else (0.0, FIRST_WORDS)


def settle(kind: str, scene: Scene, take: Callable[[Any], None]) -> None:
    """Hand over the result of a search that is done; what stood in its way is said."""
    search = _search(kind, scene)
    if search is None or not search.result.done():
        return
    session.take(_key(kind))
    try:
        made = search.result.result()
    except PlanningError as error:
        messages.problem(str(error))
    else:
        take(made)


def poll(kind: str, scene: Scene) -> None:
    """Look again in a moment, at the end of a page that shows a search under way."""
    search = _search(kind, scene)
    if search is None:
        return
    end = time.monotonic() + POLL_S
    while not search.result.done() and time.monotonic() < end:
        time.sleep(LOOK_S)
    st.rerun()


def _key(kind: str) -> str:
    return f"{session.SEARCH}:{kind}"


def _search(kind: str, scene: Scene) -> Search | None:
    search: Search | None = session.get(_key(kind))
    return search if search is not None and search.plan_id == scene.plan.plan_id else None
