"""Check a ledger before anybody relies on it: sums, money, values, names.

Nothing is changed. Each finding says what, where, what was expected, what to do, and on what it is
based: a sum that has to tie, a clause, or a rule of thumb (经验值).
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from data.findings import SEVERITIES, Finding
from data.ledger_names import check_names
from data.ledger_sums import check_funding, check_parts, check_totals
from data.ledger_values import check_blanks, check_impossible, check_repeated, check_unlikely

__all__ = ["check_ledger"]


def check_ledger(
    frame: pd.DataFrame, *, totals: Mapping[str, float] | None = None
) -> list[Finding]:
    """Run all checks of a ledger.

    Parameters
    ----------
    frame : DataFrame
        One row a compound; index uid or row number; columns of the compounds layer, whole yuan and ㎡,
        missing = unknown. A column ``grant_yuan`` is taken as 合计补助 as the ledger states it. Columns
        that are not there are not checked, except that required ones count as blank. Geometry is not
        looked at.
    totals : mapping, optional
        Totals that the source states, by field name, same units; ``grant_yuan`` for 合计补助.

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
        *check_totals(rows, totals or {}),
        *check_parts(rows),
        *check_funding(rows),
        *check_impossible(rows),
        *check_names(rows),
        *check_unlikely(rows),
        *check_repeated(rows),
        *check_blanks(rows),
    ]
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
