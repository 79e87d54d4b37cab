"""申报清单: which papers of an application each compound has, lacks, or has said nothing about."""

from __future__ import annotations

from collections.abc import Sequence

from data.reports.report import Column, Origin, Report, Row
from policy.checklist import Papers, papers
from policy.profiles import Rule

__all__ = ["checklist_report"]

_HAS, _LACKS, _UNKNOWN, _NOT_ASKED = "有", "缺", "未知", "—"


def checklist_report(
    checks: Sequence[tuple[str | None, Papers]], rule: Rule, *, area: str, origin: Origin
) -> Report:
    """Lay out the papers of compounds under one list.

    Parameters
    ----------
    checks : sequence of tuple
        Name of each compound and what `policy.checklist.missing_papers` says of it under `rule`.
    rule : Rule
        Of kind ``checklist``; its papers are the columns.
    area : str
        片区 or plan that it is for; goes into the title.
    origin : Origin
        What it was made from.

    Returns
    -------
    Report

    Raises
    ------
    PolicyError
        If the rule lists what is no paper.
    """
    asked = tuple(fact.title for fact in papers(rule))
    rows: list[Row] = [
        (number, name or "（未命名）", *_signs(found, asked), found.message)
        for number, (name, found) in enumerate(checks, start=1)
    ]
    return Report(
        title=f"{area}{rule.title}清单",
        subtitles=(f"依据：{rule.clause}", _summary([found for _, found in checks])),
        columns=(
            Column(head="序号", width=6, middle=True),
            Column(head="小区名称", width=24),
            *(Column(head=title, width=11, middle=True) for title in asked),
            Column(head="结论", width=40),
        ),
        rows=tuple(rows) or ("没有小区",),
        notes=(
            rule.text,
            f"{_HAS}：已备；{_LACKS}：没有；{_UNKNOWN}：没有填写；{_NOT_ASKED}：不需要。",
            origin.note,
        ),
        made_on=origin.made_on,
    )


def _signs(found: Papers, asked: Sequence[str]) -> list[str]:
    signs = {
        **dict.fromkeys(found.present, _HAS),
        **dict.fromkeys(found.missing, _LACKS),
        **dict.fromkeys(found.unknown, _UNKNOWN),
    }
    return [signs.get(title, _NOT_ASKED) for title in asked]


def _summary(checks: Sequence[Papers]) -> str:
    asked = [found for found in checks if found.applies is not False]
    complete = sum(not (found.missing or found.unknown) for found in asked)
    lacking = sum(bool(found.missing) for found in asked)
    said = [
        f"共 {len(checks)} 个小区",
        f"材料齐全 {complete} 个",
        f"缺材料 {lacking} 个",
        f"只有未填写的 {len(asked) - complete - lacking} 个",
    ]
    if len(asked) < len(checks):
        said.append(f"清单不适用 {len(checks) - len(asked)} 个")
    return "，".join(said) + "。"
