"""Check a ledger before anybody relies on it: sums, money, values, names, land.

Nothing is changed. Each finding says what, where, what was expected, what to do, and on what it is
based: a clause, or a rule of thumb (经验值). Bases and figures are data in ``policy.ledger_rules``.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from data.findings import SEVERITIES, Finding
from data.ledger_batches import stated_totals
from data.ledger_names import check_names
from data.ledger_parcels import check_far_stated, check_parcels
from data.ledger_parts import check_part_rows, check_parts
from data.ledger_sums import check_funding, check_totals
from data.ledger_values import check_blanks, check_impossible, check_repeated, check_unlikely

__all__ = ["check_ledger"]


def check_ledger(
    frame: pd.DataFrame,
    *,
    totals: object = None,
    progress: pd.DataFrame | None = None,
    today: dt.date | None = None,
) -> list[Finding]:
    """Run all checks of a ledger.

    Parameters
    ----------
    frame : DataFrame
        One row a compound; index uid or row number; columns of the compounds layer, whole yuan and ㎡,
        missing = unknown. A column ``grant_yuan`` is taken as 合计补助 as the ledger states it. Columns
        that are not there are not checked, except that required ones count as blank. Geometry is not
        looked at.
    totals : mapping or list, optional
        Totals that the source states, by field name, same units; ``grant_yuan`` for 合计补助. Or the plan's
        setting ``ledger_totals``, or what ``stated_in`` makes of a sheet: totals of each ledger.
    progress : DataFrame, optional
        The plan's records of progress: ``compound_uid`` and ``paid_yuan`` so far.
    today : date, optional
        Days of completion after this year can not be.

    Returns
    -------
    list of Finding
        Errors first, then what to look at, then what is only said; empty if all is well. The same
        findings come out whatever the order of the rows.

    Examples
    --------
    >>> rows = pd.DataFrame({"name": ["甲", "乙"], "households": [24, 97]})
    >>> [f.found for f in check_ledger(rows, totals={"households": 97}) if f.rule == "sum_of_rows"]
    ['97 户']
    """
    rows = pd.DataFrame(frame).sort_index()
    findings = [
        *check_totals(rows, stated_totals(totals)),
        *check_parts(rows),
        *check_part_rows(rows),
        *check_funding(rows, _paid(progress)),
        *check_impossible(rows, today=today),
        *check_names(rows),
        *check_unlikely(rows),
        *check_repeated(rows),
        *check_far_stated(rows),
        *check_parcels(rows),
        *check_blanks(rows),
    ]
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


def _paid(progress: pd.DataFrame | None) -> pd.Series[int] | None:
    """Paid for each compound so far: what is reported only grows."""
    if progress is None or progress.empty:
        return None
    return progress["paid_yuan"].astype("Int64").groupby(progress["compound_uid"]).max()
