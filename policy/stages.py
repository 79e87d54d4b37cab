"""Stages of the programme, and what keeps a compound in one.

The list of stages is in `policy.stage_list`, their dates are held against each other in `policy.schedule`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from policy.judged import NO_VOTES
from policy.profiles import Profile
from policy.stage_list import Named, Need, Stage, find_stage, stages
from policy.stage_needs import NEEDS, NO_STAGES, STAGE_COLUMNS, Case, Missing

__all__ = [
    "NO_STAGES",
    "STAGE_COLUMNS",
    "Missing",
    "Named",
    "Need",
    "Stage",
    "find_stage",
    "missing_to_leave",
    "stages",
]


def missing_to_leave(
    stage: Stage | str,
    row: pd.Series[Any],
    *,
    profile: Profile,
    votes: pd.DataFrame = NO_VOTES,
    stages_reached: pd.DataFrame = NO_STAGES,
    progress: pd.DataFrame | None = None,
    frame: pd.DataFrame | None = None,
) -> list[Missing]:
    """List what a compound lacks before it can leave a stage.

    Parameters
    ----------
    stage : Stage or str
        The stage, its id or its title.
    row : Series
        The compound: columns of the schema, name its uid.
    profile : Profile
        What does not rest on one of its rules is asked for only if its plan names the stage.
    votes, stages_reached, progress : DataFrame
        Records with `policy.judged.VOTE_COLUMNS`, `STAGE_COLUMNS`, `policy.progress.PROGRESS_COLUMNS`.
    frame : DataFrame, optional
        All compounds, to tell whether the review number is unique.

    Returns
    -------
    list of Missing
        Empty: the stage may be left.

    Raises
    ------
    RecordError
        If there is no such stage.
    """
    stage = find_stage(stage) if isinstance(stage, str) else stage
    case = Case(
        stage=stage,
        row=row,
        profile=profile,
        votes=votes,
        reached=stages_reached,
        progress=progress,
        frame=frame,
    )
    return [missing for need in stage.needs for missing in NEEDS[need.kind](need, case)]
