"""Steps of the page 片区: proposals worked out beside the plan, and what the map shows of one.

What a proposal is and how it is taken over stands in :mod:`data.proposing`, which the shell uses too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from data.proposing import (
    Origin,
    Proposal,
    ProposalSettings,
    basis_revision,
    make_proposals,
    prepare,
)
from ui.loaded import LoadedPlan, View
from ui.pianqu_figures import pairs_within

__all__ = ["Progress", "basis_of", "propose", "proposed_frame"]

Progress = Callable[[float, str], None]

# Key of a 片区 that is only proposed, in the colouring; no uid looks like it.
PROPOSED = "方案:"
# Shares of the whole that come before the search.
NEIGHBOURS_FROM, SEARCH_FROM = 0.05, 0.1


def propose(
    loaded: LoadedPlan,
    view: View,
    settings: ProposalSettings,
    *,
    selection: Sequence[str] = (),
    states: Callable[[], pd.Series | None] = lambda: None,
    progress: Progress,
) -> tuple[Proposal, ...]:
    """Work out proposals for the compounds that the settings name, the best first.

    Parameters
    ----------
    loaded, view : LoadedPlan, View
        The plan at one revision.
    settings : ProposalSettings
        What is asked for.
    selection : sequence of str
        Selected compounds, for ``over="selection"``.
    states : callable
        Gives 准入 of every compound, or None if there is none to go by.
    progress : callable
        Told the share done and what is being done; what it raises ends the search.

    Raises
    ------
    RecordError
        If there is no compound to group, or what is asked for contradicts itself.
    """
    progress(0.0, "正在看哪些小区参加…")
    prepared = prepare(
        view.frame, view.pianqu, settings, selection=selection, states=states(), zone=_zone(view)
    )
    progress(NEIGHBOURS_FROM, "正在量小区之间的间距…")
    pairs = pairs_within(loaded, view, settings.gap_m)
    progress(SEARCH_FROM, "正在试各种分法…")
    return make_proposals(
        prepared,
        pairs,
        settings,
        frame=view.frame,
        pianqu=view.pianqu,
        origin=Origin(
            plan_id=str(loaded.plan.plan_id),
            revision=basis_of(loaded, view),
            edition=view.edition,
        ),
        progress=lambda done: progress(SEARCH_FROM + (1 - SEARCH_FROM) * done, "正在试各种分法…"),
    )


def basis_of(loaded: LoadedPlan, view: View) -> int:
    """Tell what proposals of a view rest on, as :func:`data.proposing.basis_revision` tells it."""
    # Where the plan has moved on since the view, no proposal is of the view any more.
    return loaded.kept(
        ("basis", view.revision), lambda: min(basis_revision(loaded.plan), view.revision)
    )


def _zone(view: View) -> int | None:
    zone = view.settings.get("zone")
    return None if zone is None else int(zone)


def proposed_frame(view: View, proposal: Proposal) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compounds and 片区 as they would be, for painting.

    Returns
    -------
    tuple of DataFrame
        The compounds with the proposed 片区, and the table of 片区 with name and colour.
    """
    names = proposal.names.reindex(view.frame.index.intersection(proposal.names.index))
    keys = view.frame["pianqu_uid"].astype(object).copy()
    proposed = names.map(lambda name: f"{PROPOSED}{name}", na_action="ignore")
    keys.loc[names.index] = proposed.where(proposed.notna(), None).to_numpy()
    made = pd.DataFrame({"name": proposal.colors.index, "color": proposal.colors.to_numpy()})
    made.index = pd.Index([f"{PROPOSED}{name}" for name in made["name"]])
    staying = view.pianqu.loc[view.pianqu.index.isin(set(keys.dropna())), ["name", "color"]]
    return view.frame.assign(pianqu_uid=keys), pd.concat([pd.DataFrame(staying), made])
