"""Sums of money and households of each row, or of all rows together, with what is not known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from policy.fact_table import FactTable
from policy.money import INVESTMENT_COLUMN, grant_yuan

__all__ = [
    "Flags",
    "Numbers",
    "Sums",
    "grants_of",
    "households_of",
    "investment_of",
    "low_income_of",
    "residents_of",
    "summed",
]

_RESIDENTS = "contribution_residents_yuan"

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Sums:
    """A quantity of each row: what is known of it, and whether that is all.

    Attributes
    ----------
    least : array of int64
        What is known so far: of several sources some may be known.
    complete : array of bool
        Whether nothing is unknown.
    """

    least: Numbers
    complete: Flags

    def together(self) -> Sums:
        """Sum over all rows as one row."""
        return Sums(
            least=np.array([sum(self.least.tolist())], dtype=np.int64),
            complete=np.array([bool(self.complete.all())]),
        )


def summed(frame: pd.DataFrame, columns: Sequence[str]) -> Sums:
    """Sum of several contributions; complete only where all of them are known."""
    parts = [_sums_of(_column(frame, name)) for name in columns]
    least, complete = np.zeros(len(frame), dtype=np.int64), np.ones(len(frame), dtype=np.bool_)
    for part in parts:
        least, complete = np.add(least, part.least), complete & part.complete
    return Sums(least=least, complete=complete)


def investment_of(frame: pd.DataFrame) -> Sums:
    """Investment in yuan."""
    return _sums_of(_column(frame, INVESTMENT_COLUMN))


def grants_of(frame: pd.DataFrame) -> Sums:
    """Grants in yuan; known where one is: a ledger has no column for money that nobody gives."""
    return _sums_of(grant_yuan(frame))


def households_of(frame: pd.DataFrame) -> Sums:
    """Households."""
    return _sums_of(_column(frame, "households"))


def residents_of(frame: pd.DataFrame) -> Sums:
    """Contribution of the residents, in yuan."""
    return _sums_of(_column(frame, _RESIDENTS))


def low_income_of(facts: FactTable) -> Sums:
    """低保户, as a fact of the compound says."""
    return _sums_of(facts.values("low_income_households"))


def _sums_of(values: pd.Series[Any]) -> Sums:
    numbers = values.astype("Int64")
    least: Numbers = numbers.fillna(0).to_numpy(dtype="int64").astype(np.int64)
    return Sums(least=least, complete=numbers.notna().to_numpy(dtype=bool))


def _column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    if name in frame:
        return frame[name]
    return pd.Series(pd.NA, index=frame.index, dtype="Int64")
