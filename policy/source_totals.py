"""Where the money of a 片区 or a plan comes from: sums by source, with what nobody knows counted beside them.

A sum with an unknown part is only known to be at least so much; unknown is never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from policy.money import (
    CONTRIBUTION_COLUMNS,
    GRANT_COLUMNS,
    INVESTMENT_COLUMN,
    funding_gap_yuan,
)
from policy.rule_units import MONEY_SOURCES

__all__ = ["MoneyTotals", "SourceTotal", "money_totals"]

INVESTMENT = "investment"


@dataclass(frozen=True, kw_only=True)
class SourceTotal:
    """One source of money, or the investment, summed over compounds.

    Attributes
    ----------
    id : str
        Key of `policy.rule_units.MONEY_SOURCES`, or ``investment``.
    title : str
    grant : bool
        Whether a budget gives it.
    yuan : int or None
        Sum of what is known; None where nothing is.
    unknown : int
        Compounds of which it is unknown.
    """

    id: str
    title: str
    grant: bool
    yuan: int | None
    unknown: int

    def share_of(self, whole: SourceTotal) -> Fraction | None:
        """Part of another sum, exact; None unless both are known wholly.

        Examples
        --------
        >>> rows = pd.DataFrame({"investment_yuan": [400_000], "grant_central_yuan": [100_000]})
        >>> found = money_totals(rows)
        >>> found.sources[0].share_of(found.investment), found.sources[1].share_of(found.investment)
        (Fraction(1, 4), None)
        """
        if self.yuan is None or self.unknown or whole.unknown or not whole.yuan:
            return None
        return Fraction(self.yuan, whole.yuan)


@dataclass(frozen=True, kw_only=True)
class MoneyTotals:
    """The money of some compounds.

    Attributes
    ----------
    count : int
        Compounds.
    investment : SourceTotal
    sources : tuple of SourceTotal
        All of them, grants first.
    gap_yuan : int or None
        Investment that no source is named for, over the compounds that have such a gap; None where no
        compound's is known.
    over_yuan : int
        What the sources of other compounds exceed their investment by: it does not close the gap.
    gap_unknown : int
        Compounds whose gap is unknown: no investment, or no source at all.
    gap_open : int
        Compounds whose gap may be smaller, as one of their sources is unknown.
    """

    count: int
    investment: SourceTotal
    sources: tuple[SourceTotal, ...]
    gap_yuan: int | None
    over_yuan: int
    gap_unknown: int
    gap_open: int


def money_totals(frame: pd.DataFrame) -> MoneyTotals:
    """Sum investment and sources over compounds.

    Parameters
    ----------
    frame : DataFrame
        Columns of the compounds layer, whole yuan, missing = unknown.

    Returns
    -------
    MoneyTotals

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"investment_yuan": [1_100_000, 400_000], "grant_central_yuan": [1_000_000, None]}
    ... )
    >>> found = money_totals(rows)
    >>> found.investment.yuan, found.sources[0].yuan, found.sources[0].unknown
    (1500000, 1000000, 1)
    >>> found.gap_yuan, found.gap_unknown, found.gap_open
    (100000, 1, 1)
    """
    columns = (*GRANT_COLUMNS, *CONTRIBUTION_COLUMNS)
    gap = funding_gap_yuan(frame).astype("Int64")
    known = gap.dropna()
    return MoneyTotals(
        count=len(frame),
        investment=_total(frame, INVESTMENT_COLUMN, INVESTMENT, "总投资"),
        sources=tuple(
            _total(frame, name, _source(name), MONEY_SOURCES[_source(name)]) for name in columns
        ),
        gap_yuan=_sum(known.clip(lower=0)),
        over_yuan=-(_sum(known.clip(upper=0)) or 0),
        gap_unknown=len(gap) - len(known),
        gap_open=int((_partly(frame, columns) & gap.notna()).sum()),
    )


def _source(column: str) -> str:
    return column.partition("_")[2].removesuffix("_yuan")


def _total(frame: pd.DataFrame, column: str, key: str, title: str) -> SourceTotal:
    amounts = _amounts(frame, column)
    known = amounts.dropna()
    return SourceTotal(
        id=key,
        title=title,
        grant=column in GRANT_COLUMNS,
        yuan=_sum(known),
        unknown=len(amounts) - len(known),
    )


def _amounts(frame: pd.DataFrame, column: str) -> pd.Series[int]:
    if column not in frame:
        return pd.Series(pd.NA, index=frame.index, dtype="Int64")
    return frame[column].astype("Int64")


def _sum(known: pd.Series[int]) -> int | None:
    """Exact sum; None of nothing."""
    return sum(known.tolist()) if len(known) else None


def _partly(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series[bool]:
    """Whether any source of a compound is unknown."""
    unknown = pd.Series(False, index=frame.index)
    for name in columns:
        unknown |= _amounts(frame, name).isna()
    return unknown
