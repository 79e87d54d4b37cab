"""Payments of several compounds together: each by its own progress and acceptance, then summed by instalment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from errors import RecordError
from policy.money import INVESTMENT_COLUMN, share_exactly
from policy.payment import PAYMENT_STATES, Payment, PaymentState, payments
from policy.profiles import Rule
from policy.progress import latest_progress, progress_problems
from policy.stage_list import stage_ids

__all__ = [
    "InstalmentTotal",
    "PaymentTotals",
    "Reported",
    "StateTotal",
    "payment_totals",
    "reported",
]

ACCEPTANCE = "acceptance"
_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Reported:
    """What the records say of compounds, by the index of the frame.

    Attributes
    ----------
    progress : Series
        Float64, share of the works done; NA where nobody has reported.
    paid_yuan : Series
        Int64, paid so far; NA where nobody has reported.
    accepted_on : mapping of str to date
        Only the compounds whose acceptance has a day.
    """

    progress: pd.Series[float]
    paid_yuan: pd.Series[int]
    accepted_on: Mapping[str, dt.date]


@dataclass(frozen=True, kw_only=True)
class StateTotal:
    """The compounds whose instalment is in one state.

    Attributes
    ----------
    state : {"可拨付", "未到", "未知"}
    count : int
    yuan : int or None
        Sum of what is known; None where nothing is.
    """

    state: PaymentState
    count: int
    yuan: int | None


@dataclass(frozen=True, kw_only=True)
class InstalmentTotal:
    """One instalment of all compounds.

    Attributes
    ----------
    number : int
    payments : tuple of Payment
        One a compound, in their order.
    """

    number: int
    payments: tuple[Payment, ...]

    @property
    def when(self) -> str:
        """What it waits for."""
        return self.payments[0].when

    @property
    def payer(self) -> str:
        """Who pays, as far as the plan says."""
        return self.payments[0].payer

    @property
    def share(self) -> Fraction | None:
        """Share of the sum, if it is the same for all."""
        shares = {one.share for one in self.payments}
        return shares.pop() if len(shares) == 1 else None

    @property
    def yuan(self) -> int | None:
        """Sum of what is known; None where nothing is."""
        return _sum(self.payments)

    @property
    def unknown(self) -> int:
        """Compounds whose amount is unknown."""
        return sum(one.yuan is None for one in self.payments)

    @property
    def states(self) -> tuple[StateTotal, ...]:
        """Compounds and sums of each state that occurs."""
        found = []
        for state in PAYMENT_STATES:
            there = [one for one in self.payments if one.state == state]
            if there:
                found.append(StateTotal(state=state, count=len(there), yuan=_sum(there)))
        return tuple(found)

    @property
    def next_due(self) -> dt.date | None:
        """First day on which one more compound may be paid, where the calendar decides."""
        days = [one.due_on for one in self.payments if one.due_on and not one.due]
        return min(days, default=None)


@dataclass(frozen=True, kw_only=True)
class PaymentTotals:
    """The payments of some compounds.

    Attributes
    ----------
    total_yuan : int or None
        What is paid out in all, as far as it is known.
    unknown : int
        Compounds whose sum is unknown.
    instalments : tuple of InstalmentTotal
    clause : str
        Where the schedule stands; empty if the plan has none.
    scheduled : bool
        Whether the plan says the shares; if not, money is drawn by progress.
    """

    total_yuan: int | None
    unknown: int
    instalments: tuple[InstalmentTotal, ...]
    clause: str
    scheduled: bool


def reported(
    frame: pd.DataFrame, progress: pd.DataFrame, stages: pd.DataFrame, *, today: dt.date
) -> Reported:
    """Read off the records how far compounds are, what they have been paid, and when they were accepted.

    Parameters
    ----------
    frame : DataFrame
        Compounds, index uid.
    progress, stages : DataFrame
        Records with `policy.progress.PROGRESS_COLUMNS` and `policy.stages.STAGE_COLUMNS`; those of other
        compounds, and of months still to come, are passed over.
    today : date

    Raises
    ------
    RecordError
        If a record of progress can not be.

    Notes
    -----
    Of two days of acceptance the later counts, as it does in `policy.standing`.
    """
    mine = progress[progress["compound_uid"].isin(frame.index)]
    _refuse_impossible(frame, mine)
    latest = latest_progress(mine, month=f"{today:%Y-%m}").reindex(frame.index)
    return Reported(
        progress=latest["progress"].astype("Float64"),
        paid_yuan=latest["paid_yuan"].astype("Int64"),
        accepted_on=_accepted(frame, stages),
    )


def payment_totals(
    rule: Rule | None,
    frame: pd.DataFrame,
    facts: Reported,
    *,
    today: dt.date,
    total_yuan: int | None = None,
) -> PaymentTotals:
    """Tell which payments of compounds may be made, of how much.

    Parameters
    ----------
    rule : Rule or None
        Of kind ``payment``; as for `policy.payment.payments`.
    frame : DataFrame
        Compounds, index uid; at least one.
    facts : Reported
        From `reported`, of the same compounds.
    today : date
    total_yuan : int, optional
        What is paid out in all; shared over the compounds by investment. By default the investment of each.

    Returns
    -------
    PaymentTotals
        The instalments of each compound add up to its sum to the yuan, and so do those of all.

    Raises
    ------
    RecordError
        If there is no compound, or a sum can not be shared since an investment is unknown.
    """
    amounts = _amounts(frame, total_yuan)
    each = [
        payments(
            rule,
            amount,
            progress=None if pd.isna(done) else done,
            accepted_on=facts.accepted_on.get(str(uid)),
            today=today,
        )
        for uid, amount, done in zip(frame.index, amounts, facts.progress.tolist(), strict=True)
    ]
    known = [amount for amount in amounts if amount is not None]
    return PaymentTotals(
        total_yuan=sum(known) if known else None,
        unknown=len(amounts) - len(known),
        instalments=tuple(
            InstalmentTotal(number=number, payments=row)
            for number, row in enumerate(zip(*each, strict=True), start=1)
        ),
        clause="" if rule is None else rule.clause,
        scheduled=rule is not None and bool(rule.get("schedule")),
    )


def _refuse_impossible(frame: pd.DataFrame, records: pd.DataFrame) -> None:
    # What exceeds the investment is for `policy.sources`; it does not keep anybody from being paid.
    unlimited = pd.Series(np.nan, index=records.index)
    problems = [
        f"{_name(frame, str(records['compound_uid'].iloc[at]))} {records['month'].iloc[at]}：{text}"
        for at, text in progress_problems(records, unlimited)
    ]
    if problems:
        raise RecordError("进度记录", problems)


def _accepted(frame: pd.DataFrame, stages: pd.DataFrame) -> dict[str, dt.date]:
    mine = stages[stages["compound_uid"].isin(frame.index) & stages["reached_on"].notna()]
    mine = mine[(stage_ids(mine["stage"]) == ACCEPTANCE).to_numpy(dtype=bool)]
    days = pd.to_datetime(mine["reached_on"], format="%Y-%m-%d", errors="coerce").dropna()
    last = days.groupby(mine.loc[days.index, "compound_uid"]).max()
    return {str(uid): day.date() for uid, day in last.items()}


def _amounts(frame: pd.DataFrame, total: int | None) -> list[int | None]:
    """Sum of each compound."""
    if frame.empty:
        raise RecordError("拨付", ["没有小区，请至少选一个。"])
    investment: list[Any] = [None] * len(frame)
    if INVESTMENT_COLUMN in frame:
        investment = frame[INVESTMENT_COLUMN].astype("Int64").tolist()
    known: list[int | None] = [None if pd.isna(yuan) else int(yuan) for yuan in investment]
    if total is None:
        return known
    if len(known) == 1:
        return [total]
    lacking = [
        _name(frame, str(uid)) for uid, yuan in zip(frame.index, known, strict=True) if yuan is None
    ]
    if lacking:
        more = f"等{len(lacking)}个小区" if len(lacking) > _NAMED else ""
        raise RecordError(
            "拨付",
            [
                f"{'、'.join(lacking[:_NAMED])}{more}的投资未知，所填总额无法按投资分到各小区，"
                "请补填投资，或点选一个小区。"
            ],
        )
    return list(share_exactly(total, [Fraction(yuan or 0) for yuan in known]))


def _name(frame: pd.DataFrame, uid: str) -> str:
    name = frame.loc[uid, "name"] if "name" in frame else None
    return f"“{name}”" if isinstance(name, str) and name else f"“{uid}”"


def _sum(found: tuple[Payment, ...] | list[Payment]) -> int | None:
    known = [one.yuan for one in found if one.yuan is not None]
    return sum(known) if known else None
