"""One record for whatever a check or an import has to say about a row.

A finding is data: the shell prints it as JSON, a page as a table. It never raises.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

__all__ = ["SEVERITIES", "Finding", "Severity"]

Severity = Literal["错误", "提醒", "说明"]

# In the order in which a list of findings is shown.
SEVERITIES: tuple[Severity, ...] = ("错误", "提醒", "说明")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something a planner should look at.

    Attributes
    ----------
    rule : str
        Short ASCII id of the rule, such as ``sum_of_rows``; stable, others script against it.
    severity : {"错误", "提醒", "说明"}
        Wrong for certain, to be looked at, or only said.
    rows : tuple of str or int
        The uids of the compounds, or the row numbers of the sheet where there is no uid yet.
    found, expected : str
        The value met and the value or limit it was held against, with units; may be empty.
    message : str
        A whole Chinese sentence: what, where, what to do, and on what basis.
    """

    rule: str
    severity: Severity
    rows: tuple[str | int, ...] = ()
    found: str = ""
    expected: str = ""
    message: str

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain values, ready for JSON."""
        return {**asdict(self), "rows": list(self.rows)}
