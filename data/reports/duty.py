"""责任分工表: which unit answers for the works of a 片区."""

from __future__ import annotations

import pandas as pd

from data.reports.report import Column, Origin, Report, Row
from policy.documents import document
from policy.duties import COLUMNS, GENERAL, UNNAMED

__all__ = ["duty_report"]

_COLUMNS = (
    Column(head="序号", width=6, middle=True),
    Column(head=COLUMNS[0], width=28),
    Column(head=COLUMNS[1], width=46),
    Column(head=COLUMNS[2], width=44),
    Column(head=COLUMNS[3], width=40),
)
# Parts of the table in their order.
_BY_WORK = "一、按改造内容"
_NOBODY = "二、方案未写明责任单位，需要明确"
_GENERAL = "三、综合职责"


def duty_report(table: pd.DataFrame, key: str, *, area: str, origin: Origin) -> Report:
    """Lay out a 责任分工 table.

    Parameters
    ----------
    table : DataFrame
        From `policy.duties.duty_table`.
    key : str
        Document whose duties they are.
    area : str
        片区 or compound that it is for; goes into the title.
    origin : Origin
        What it was made from.

    Returns
    -------
    Report

    Raises
    ------
    PolicyError
        If the document is not known.
    """
    source = document(key)
    unnamed = table[COLUMNS[0]].str.startswith(UNNAMED)
    general = table[COLUMNS[2]] == GENERAL
    rows: list[Row] = []
    for title, chosen in (
        (_BY_WORK, ~unnamed & ~general),
        (_NOBODY, unnamed),
        (_GENERAL, general),
    ):
        part = table.loc[chosen.to_numpy(dtype=bool), list(COLUMNS)]
        if len(part):
            rows.append(title)
            rows += [
                (number, *map(str, values))
                for number, values in enumerate(part.itertuples(index=False, name=None), start=1)
            ]
    return Report(
        title=f"{area}老旧小区改造责任分工表",
        subtitles=(f"依据：{source.title}",),
        columns=_COLUMNS,
        rows=tuple(rows) or ("没有读到改造内容，方案也没有列出部门分工",),
        notes=(
            "职责按方案原文归纳；括号内为本工具对应单位与改造内容的理由，请核对。",
            origin.note,
        ),
        made_on=origin.made_on,
    )
