"""The search for proposals, beside the page: what it works on, and where its result goes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache

import pandas as pd

from data.proposing import Proposal, ProposalSettings
from geo import bundling
from ui import judged, pianqu_page, search
from ui.pianqu_proposal import propose
from ui.scene import Scene

__all__ = ["begin", "poll", "progress_of", "settle", "stop", "under_way", "warm"]

KIND = "propose"


@cache
def warm() -> None:
    """Have the search compiled beside the page, once: else the first planner of an installation waits for it."""
    threading.Thread(target=bundling.warm, name="warm-search", daemon=True).start()


def begin(scene: Scene, settings: ProposalSettings) -> None:
    """Start a search; one that is under way ends."""
    selection = tuple(scene.selection)

    def work(tell: search.Tell) -> tuple[Proposal, ...]:
        return propose(
            scene.loaded,
            scene.view,
            settings,
            selection=selection,
            states=_states(scene, settings),
            progress=tell,
        )

    search.begin(KIND, scene, work)


def _states(scene: Scene, settings: ProposalSettings) -> Callable[[], pd.Series | None]:
    def states() -> pd.Series | None:
        if settings.only_eligible == "all":
            return None
        judgement = judged.readable_judgement(scene)
        return None if judgement is None else judgement.overall("准入")

    return states


def stop() -> None:
    """End the search that is under way, if there is any."""
    search.stop(KIND)


def under_way(scene: Scene) -> bool:
    """Tell whether a search for this plan goes on."""
    return search.under_way(KIND, scene)


def progress_of(scene: Scene) -> tuple[float, str]:
    """Share done, and what is being done."""
    return search.progress_of(KIND, scene)


def settle(scene: Scene) -> None:
    """Show the proposals of a search that is done."""
    search.settle(KIND, scene, pianqu_page.keep_proposals)


def poll(scene: Scene) -> None:
    """Look again in a moment, at the end of a page that shows a search under way."""
    search.poll(KIND, scene)
