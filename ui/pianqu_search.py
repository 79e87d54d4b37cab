"""The search for proposals, beside the page: it shows how far it is, can be stopped, and hands its result over.

A search belongs to one session and one plan; a page that is turned away from finds the result when it is
turned to again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache

import pandas as pd
import streamlit as st

from data.proposing import Proposal, ProposalSettings
from errors import PlanningError
from geo import bundling
from ui import judged, messages, pianqu_page, session
from ui.pianqu_proposal import propose
from ui.scene import Scene

__all__ = ["begin", "poll", "progress_of", "settle", "stop", "under_way", "warm"]

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
    """

    plan_id: str
    share: float = 0.0
    said: str = FIRST_WORDS
    stopped: threading.Event = field(default_factory=threading.Event)
    result: Future[tuple[Proposal, ...]] = field(default_factory=Future)

    def tell(self, share: float, said: str) -> None:
        """Take a step's word; ends the search if it was stopped."""
        if self.stopped.is_set():
            raise _StoppedError
        self.share, self.said = min(max(share, 0.0), 1.0), said


@cache
def warm() -> None:
    """Have the search compiled beside the page, once: else the first planner of an installation waits for it."""
    threading.Thread(target=bundling.warm, name="warm-search", daemon=True).start()


def begin(scene: Scene, settings: ProposalSettings) -> None:
    """Start a search in a thread of its own; one that is under way ends."""
    stop()
    search = Search(plan_id=str(scene.plan.plan_id))
    session.put(session.SEARCH, search)
    selection = tuple(scene.selection)

    def work() -> tuple[Proposal, ...]:
        return propose(
            scene.loaded,
            scene.view,
            settings,
            selection=selection,
            states=_states(scene, settings),
            progress=search.tell,
        )

    threading.Thread(target=_run, args=(search, work), name="propose", daemon=True).start()
    end = time.monotonic() + QUICK_S
    while not search.result.done() and time.monotonic() < end:
        time.sleep(LOOK_S)


def _states(scene: Scene, settings: ProposalSettings) -> Callable[[], pd.Series | None]:
    def states() -> pd.Series | None:
        if settings.only_eligible == "all":
            return None
        judgement = judged.readable_judgement(scene)
        return None if judgement is None else judgement.overall("准入")

    return states


def _run(search: Search, work: Callable[[], tuple[Proposal, ...]]) -> None:
    try:
        search.result.set_result(work())
    except BaseException as error:  # noqa: BLE001 - raised again in the page's own thread
        search.result.set_exception(error)


def stop() -> None:
    """End the search that is under way, if there is any; at its next step it is gone."""
    search: Search | None = session.take(session.SEARCH)
    if search is not None:
        search.stopped.set()


def _search(scene: Scene) -> Search | None:
    search: Search | None = session.get(session.SEARCH)
    return search if search is not None and search.plan_id == scene.plan.plan_id else None


def under_way(scene: Scene) -> bool:
    """Tell whether a search for this plan goes on."""
    return _search(scene) is not None


def progress_of(scene: Scene) -> tuple[float, str]:
    """Share done, and what is being done."""
    search = _search(scene)
    return (search.share, search.said) if search else (0.0, FIRST_WORDS)


def settle(scene: Scene) -> None:
    """Hand over the result of a search that is done."""
    search = _search(scene)
    if search is None or not search.result.done():
        return
    session.take(session.SEARCH)
    try:
        made = search.result.result()
    except PlanningError as error:
        messages.problem(str(error))
    else:
        pianqu_page.keep_proposals(made)


def poll(scene: Scene) -> None:
    """Look again in a moment, at the end of a page that shows a search under way."""
    search = _search(scene)
    if search is None:
        return
    end = time.monotonic() + POLL_S
    while not search.result.done() and time.monotonic() < end:
        time.sleep(LOOK_S)
    st.rerun()
