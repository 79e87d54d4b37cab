"""Do the sources of money add up: grants, contributions, and what has been paid, against the investment.

Sums come from `policy.money`; each finding names its rule in `standards/ledger_rules.yaml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pandas as pd

from policy.ledger_rules import because
from policy.money import GRANT_COLUMNS, contribution_yuan, funding_gap_yuan, grant_yuan
from policy.wording import format_share, format_wan

__all__ = ["SourceFinding", "check_sources"]

# A message names so many compounds; the finding's rows name all.
_NAMED = 5

Severity = Literal["错误", "提醒", "说明"]


@dataclass(frozen=True, kw_only=True)
class SourceFinding:
    """Something about the sources of money that a planner should look at.

    Attributes
    ----------
    rule : str
        Key of `policy.ledger_rules`.
    severity : {"错误", "提醒", "说明"}
    rows : tuple
        Labels of the frame's index.
    found, expected : str
        Both figures, with units.
    message : str
        What, where, what to do, on what basis.
    """

    rule: str
    severity: Severity
    rows: tuple[Any, ...]
    found: str
    expected: str
    message: str

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain values."""
        return asdict(self)


def check_sources(
    frame: pd.DataFrame, *, paid: pd.Series[Any] | None = None
) -> tuple[SourceFinding, ...]:
    """Hold grants, contributions and payments against the investment of each compound.

    Parameters
    ----------
    frame : DataFrame
        Columns of the compounds layer, whole yuan, missing = unknown; ``grant_yuan`` is 合计补助 as the
        ledger states it.
    paid : Series, optional
        Yuan paid for each compound so far, same labels.

    Returns
    -------
    tuple of SourceFinding
        Rules ``grant_total``, ``grant_above_investment``, ``funding_above_investment``,
        ``gap_without_source``, ``fully_granted``, ``grant_without_works``, ``paid_above_funding``.

    Examples
    --------
    >>> rows = pd.DataFrame({"name": ["甲"], "investment_yuan": [1_100_000], "grant_central_yuan": [1_000_000]})
    >>> [(one.rule, one.found) for one in check_sources(rows)]
    [('gap_without_source', '10.0 万元')]
    """
    found = [*_stated_grants(frame), *_without_works(frame)]
    if "investment_yuan" in frame:
        found += [*_too_much(frame), *_gaps(frame), *_full(frame)]
    if paid is not None:
        found += _paid(frame, paid)
    return tuple(found)


def _stated_grants(frame: pd.DataFrame) -> list[SourceFinding]:
    """合计补助 as a row states it against the sum of its sources, to the yuan."""
    if "grant_yuan" not in frame or not set(GRANT_COLUMNS) & set(frame.columns):
        return []
    stated = pd.to_numeric(frame["grant_yuan"]).astype("Int64")
    together = grant_yuan(frame)
    return [
        _finding(
            "grant_total",
            "错误",
            [label],
            (_wan(stated[label]), _wan(together[label])),
            f"“{_named(frame, [label])}”的合计补助写的是{_wan(stated[label])}，各项补助相加为"
            f"{_wan(together[label])}，相差{_wan(abs(stated[label] - together[label]))}，请核对",
        )
        for label in frame.index[(stated != together).fillna(False)]
    ]


def _too_much(frame: pd.DataFrame) -> list[SourceFinding]:
    investment = frame["investment_yuan"].astype("Int64")
    grants, others = grant_yuan(frame), contribution_yuan(frame)
    over = (grants > investment).fillna(False)
    both = grants.fillna(0) + others.fillna(0)
    beyond = (both > investment).fillna(False) & ~over
    kinds = (
        (over, grants, "grant_above_investment", "补助合计"),
        (beyond, both, "funding_above_investment", "补助与出资合计"),
    )
    return [
        _finding(
            rule,
            "错误",
            [label],
            (_wan(amounts[label]), f"≤ {_wan(investment[label])}"),
            f"“{_named(frame, [label])}”的{what}{_wan(amounts[label])}，超过预计投资额"
            f"{_wan(investment[label])}，请核对两者",
        )
        for which, amounts, rule, what in kinds
        for label in frame.index[which]
    ]


def _gaps(frame: pd.DataFrame) -> list[SourceFinding]:
    gap = funding_gap_yuan(frame)
    rows = list(frame.index[(gap > 0).fillna(False)])
    if not rows:
        return []
    amount = int(gap[rows].sum())
    whole = int(frame["investment_yuan"].astype("Int64")[gap.notna()].sum())
    each = "、".join(f"{_name(frame, row)}{_wan(gap[row])}" for row in rows[:_NAMED])
    more = f"等{len(rows)}个" if len(rows) > _NAMED else ""
    return [
        _finding(
            "gap_without_source",
            "提醒",
            rows,
            (_wan(amount), "写明出资方"),
            f"{len(rows)}个小区有资金缺口，合计{_wan(amount)}，占投资的{format_share(amount / whole)}，"
            f"没有写明由谁出资：{each}{more}。请填写居民、专营单位等出资",
        )
    ]


def _full(frame: pd.DataFrame) -> list[SourceFinding]:
    investment, grants = frame["investment_yuan"].astype("Int64"), grant_yuan(frame)
    rows = list(frame.index[((grants == investment) & (investment > 0)).fillna(False)])
    if not rows:
        return []
    return [
        _finding(
            "fully_granted",
            "提醒",
            rows,
            ("补助占投资的100%", "居民合理分担"),
            f"“{_named(frame, rows)}”的投资全部由补助承担，居民没有出资。请说明理由，或落实居民出资",
        )
    ]


def _without_works(frame: pd.DataFrame) -> list[SourceFinding]:
    """Granted money that nothing is planned for: earmarked money needs works to go to."""
    # A ledger that names no works at all lacks the column, which is told elsewhere.
    if "works_text" not in frame or frame["works_text"].isna().all():
        return []
    blank = frame["works_text"].astype("string").str.strip().fillna("").eq("")
    grants = grant_yuan(frame)
    rows = list(frame.index[blank & (grants > 0).fillna(False)])
    if not rows:
        return []
    return [
        _finding(
            "grant_without_works",
            "提醒",
            rows,
            (_wan(int(grants[rows].sum())), "写明改造内容"),
            f"“{_named(frame, rows)}”有补助而没有写改造内容，请补填",
        )
    ]


def _paid(frame: pd.DataFrame, paid: pd.Series[Any]) -> list[SourceFinding]:
    """Find what was paid beyond the compound's own sources: it can only be another's money."""
    grants, others = grant_yuan(frame), contribution_yuan(frame)
    known = grants.notna() | others.notna()
    covered = grants.fillna(0) + others.fillna(0)
    spent = paid.reindex(frame.index).astype("Int64")
    return [
        _finding(
            "paid_above_funding",
            # Contributions that nobody has filled in may yet explain it.
            "错误" if pd.notna(others[label]) else "提醒",
            [label],
            (_wan(spent[label]), f"≤ {_wan(covered[label])}"),
            f"“{_named(frame, [label])}”已拨付{_wan(spent[label])}，超过它的补助和出资合计"
            f"{_wan(covered[label])}{'' if pd.notna(others[label]) else '（出资没有填写）'}，请核对拨付和资金来源",
        )
        for label in frame.index[(known & (spent > covered)).fillna(False)]
    ]


def _finding(
    rule: str, severity: Severity, rows: Sequence[Any], figures: tuple[str, str], text: str
) -> SourceFinding:
    return SourceFinding(
        rule=rule,
        severity=severity,
        rows=tuple(rows),
        found=figures[0],
        expected=figures[1],
        message=f"{text}{because(rule)}。",
    )


def _named(frame: pd.DataFrame, rows: Sequence[Any]) -> str:
    more = f"等{len(rows)}个" if len(rows) > _NAMED else ""
    return "、".join(_name(frame, row) for row in rows[:_NAMED]) + more


def _name(frame: pd.DataFrame, row: Any) -> str:
    name = frame.loc[row, "name"] if "name" in frame else None
    return name if isinstance(name, str) and name else f"第{row}行"


def _wan(yuan: Any) -> str:
    return f"{format_wan(yuan, none='0.0')} 万元"
