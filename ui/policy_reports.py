"""The three forms of the page 政策, made of the plan as it is: 责任分工, 申报清单 and 月报."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from data.reports import (
    Origin,
    Report,
    checklist_report,
    duty_report,
    monthly_report_document,
    to_docx,
    to_xlsx,
)
from errors import PolicyError
from policy.checklist import missing_papers
from policy.duties import duty_list, duty_table
from policy.monthly import monthly
from policy.profiles import Profile, Rule, profiles
from ui.policy_scene import PolicyScene

__all__ = ["CHECKLIST", "DUTIES", "FORMATS", "FORMS", "MONTHLY", "FormOrder", "form_of", "lists_of"]

DUTIES, CHECKLIST, MONTHLY = "责任分工", "申报清单", "月报"
FORMS = (DUTIES, CHECKLIST, MONTHLY)
FORMATS: dict[str, tuple[Callable[[Report], bytes], str]] = {
    "xlsx": (to_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "docx": (
        to_docx,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
}
# Only 篇一 lists papers; a plan without a list of its own uses that one.
PAPERS = "provincial-review"


@dataclass(frozen=True, kw_only=True)
class FormOrder:
    """What the planner has asked for.

    Attributes
    ----------
    form : str
        One of `FORMS`.
    uids : tuple of str
        Compounds.
    area : str
        What they are called together: 片区 or plan.
    month : str
        ``2026-11``, for 月报.
    rule : str
        Name of the list of papers, for 申报清单.
    """

    form: str
    uids: tuple[str, ...]
    area: str
    month: str = ""
    rule: str = ""


def lists_of(profile: Profile) -> tuple[Rule, ...]:
    """Give the lists of papers of a profile, or those of 篇一 where it has none."""
    found = profile.of_kind("checklist") or profiles()[PAPERS].of_kind("checklist")
    # Those for all compounds before those for a few.
    return tuple(sorted(found, key=lambda rule: rule.get("only_if") is not None))


def form_of(scene: PolicyScene, order: FormOrder, *, today: dt.date) -> Report:
    """Lay out a form.

    Raises
    ------
    PlanningError
        If there is nothing to lay out, or records contradict each other.
    """
    return _MADE[order.form](scene, order, today)


def _origin(scene: PolicyScene, today: dt.date, *settings: str) -> Origin:
    return Origin(
        plan=scene.view.name,
        revision=scene.view.edition,
        made_on=today,
        profile=scene.profile.title,
        settings=settings,
    )


def _duties(scene: PolicyScene, order: FormOrder, today: dt.date) -> Report:
    document = scene.profile.document
    if not duty_list(document).duties:
        raise PolicyError(
            f"“{scene.profile.title}”没有列出部门分工。请在“规则”里选云城、阳江、楚雄、柳州或市级试点方案。"
        )
    frame = scene.view.frame.loc[list(order.uids)]
    table = duty_table(frame, document)
    origin = _origin(scene, today, _range(order))
    return duty_report(table, document, area=order.area, origin=origin)


def _checklist(scene: PolicyScene, order: FormOrder, today: dt.date) -> Report:
    rule = next(one for one in lists_of(scene.profile) if one.name == order.rule)
    frame = scene.view.frame.loc[list(order.uids)]
    checks = [
        (None if record["name"] is None else str(record["name"]), missing_papers(record, rule))
        for _, record in frame.iterrows()
    ]
    origin = _origin(scene, today, _range(order))
    return checklist_report(checks, rule, area=order.area, origin=origin)


def _monthly(scene: PolicyScene, order: FormOrder, today: dt.date) -> Report:
    plan = scene.plan
    found = monthly(
        scene.view.frame.loc[list(order.uids)],
        plan.records("progress"),
        month=order.month,
        profile=scene.profile,
        today=today,
        stages=plan.records("stages"),
    )
    return monthly_report_document(
        found, area=order.area, origin=_origin(scene, today, _range(order))
    )


def _range(order: FormOrder) -> str:
    return f"范围：{order.area}（{len(order.uids)} 个小区）"


_MADE: dict[str, Callable[[PolicyScene, FormOrder, dt.date], Report]] = {
    DUTIES: _duties,
    CHECKLIST: _checklist,
    MONTHLY: _monthly,
}
