"""月报: progress, 开工 and 竣工 shares and payments of one month."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd

from data.reports.report import Cell, Column, Origin, Report
from policy.monthly import MonthlyReport
from policy.wording import UNKNOWN, format_share

__all__ = ["monthly_report_document"]

_COLUMNS = (
    Column(head="序号", width=6, middle=True),
    Column(head="小区名称", width=26),
    Column(head="居民户数（户）", width=10, middle=True),
    Column(head="投资额（万元）", width=11, middle=True),
    Column(head="数字截至", width=10, middle=True),
    Column(head="开工", width=7, middle=True),
    Column(head="竣工", width=7, middle=True),
    Column(head="工程进度", width=10, middle=True),
    Column(head="已拨付（万元）", width=11, middle=True),
    Column(head="拨付比例", width=10, middle=True),
    Column(head="备注", width=40),
)
_YUAN_PER_WAN = 10_000


def monthly_report_document(monthly: MonthlyReport, *, area: str, origin: Origin) -> Report:
    """Lay out the report of a month.

    Parameters
    ----------
    monthly : MonthlyReport
        From `policy.monthly.monthly`.
    area : str
        District or plan that reports; goes into the title.
    origin : Origin
        What it was made from.

    Returns
    -------
    Report
        One row a compound; the figures of the foot stand under the title. What is not known says 未知.
    """
    month = dt.date.fromisoformat(f"{monthly.month}-01")
    rows = tuple(
        _row(number, row)
        for number, row in enumerate(monthly.rows.to_dict(orient="records"), start=1)
    )
    return Report(
        title=f"{area}老旧小区改造月报（{month.year}年{month.month}月）",
        subtitles=(
            monthly.due_text,
            *(f"{total.title}：{total.text}" for total in monthly.totals.values()),
        ),
        columns=_COLUMNS,
        rows=rows or ("没有小区",),
        notes=(*monthly.messages, origin.note),
        made_on=origin.made_on,
    )


def _row(number: int, row: dict[Any, Any]) -> tuple[Cell, ...]:
    texts = [row["note"], row["remarks"]]
    return (
        number,
        "（未命名）" if _unknown(row["name"]) else str(row["name"]),
        UNKNOWN if _unknown(row["households"]) else int(row["households"]),
        _wan(row["investment_yuan"]),
        UNKNOWN if _unknown(row["as_of"]) else str(row["as_of"]),
        _flag(row["started"]),
        _flag(row["completed"]),
        format_share(row["progress"]),
        _wan(row["paid_yuan"]),
        format_share(row["paid_share"]),
        "；".join(str(text) for text in texts if not _unknown(text) and str(text)),
    )


def _wan(yuan: Any) -> Cell:
    """万元 as a number that a spreadsheet adds up."""
    if _unknown(yuan):
        return UNKNOWN
    whole, rest = divmod(int(yuan), _YUAN_PER_WAN)
    return float(Decimal(int(yuan)) / _YUAN_PER_WAN) if rest else whole


def _flag(value: Any) -> str:
    return UNKNOWN if _unknown(value) else "是" if value else "否"


def _unknown(value: Any) -> bool:
    return value is None or bool(pd.isna(value))
