"""What one rule says about many compounds at once, and what rules are judged on.

220,000 compounds under ten rules are two million verdicts: states are kept as one byte each, and the words of a
verdict are made when somebody looks at it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from policy.fact_table import FactTable
from policy.profiles import Profile, Rule
from policy.verdicts import STATES, State, Verdict

__all__ = ["FAIL", "HOLD", "NO_VOTES", "UNSURE", "VOTE_COLUMNS", "Codes", "Judging", "Rows"]

Codes = npt.NDArray[np.int8]

# Codes are positions in `STATES`.
HOLD, UNSURE, FAIL = range(3)

# Columns of the plan's table of votes; the index is the uid of the vote.
VOTE_COLUMNS = (
    "compound_uid",
    "round",
    "topic",
    "held_on",
    "owners_total",
    "owners_voted",
    "owners_agreed",
    "area_total_m2",
    "area_voted_m2",
    "area_agreed_m2",
    "notice_from",
    "notice_to",
    "remarks",
)
NO_VOTES = pd.DataFrame(columns=list(VOTE_COLUMNS))


@dataclass(frozen=True, kw_only=True)
class Judging:
    """What rules are judged on.

    Attributes
    ----------
    frame : DataFrame
        Compounds with the columns of the schema, index uid; ``extra`` holds the facts.
    profile : Profile
        The plan whose rules judge.
    votes : DataFrame
        Columns `VOTE_COLUMNS`, index uid of the vote.
    task : Series of bool
        Compounds of the year's task, index of `frame`: what the 15 % cap is counted over.
    today : date
        Later days of completion are mistakes.
    known_facts : FactTable, optional
        Facts of the frame, where they have been collected already.
    """

    frame: pd.DataFrame
    profile: Profile
    votes: pd.DataFrame
    task: pd.Series[bool]
    today: dt.date = field(default_factory=dt.date.today)
    known_facts: FactTable | None = None

    @cached_property
    def facts(self) -> FactTable:
        """Facts of the compounds."""
        return self.known_facts or FactTable.of(self.frame)

    def column(self, name: str) -> pd.Series[Any]:
        """Column of the compounds; unknown throughout where the frame has none of that name."""
        if name in self.frame:
            return self.frame[name]
        return pd.Series(None, index=self.frame.index, name=name, dtype=object)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What one rule says about the compounds of a frame.

    Attributes
    ----------
    rule : Rule
    index : Index
        Uids, in the order of the frame.
    codes : array of int8
        0 符合, 1 需论证, 2 不符合, in that order.
    limit : str
        What values were held against, with its unit; may be empty.
    say : callable
        Position in the index to the value found (with unit) and the whole sentence.
    """

    rule: Rule
    index: pd.Index[Any]
    codes: Codes
    limit: str
    say: Callable[[int], tuple[str, str]]

    @property
    def states(self) -> pd.Series[str]:
        """State of every compound, index as given, name the rule's id."""
        words = np.array(STATES, dtype=object)[self.codes]
        return pd.Series(words, index=self.index, name=self.rule.id, dtype=object)

    def verdict(self, at: int) -> Verdict:
        """Verdict on the compound at a position of the index."""
        found, message = self.say(at)
        state: State = STATES[int(self.codes[at])]
        return self.rule.verdict(
            state,
            found=found,
            limit=self.limit,
            message=message,
        )
