"""What the view 资金 reads and has worked out: sums, findings, verdicts, payments and the estimate, by policy alone."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import pandas as pd

from data.reports import Origin, Report, central_report
from errors import PlanningError, RecordError
from policy.central_fund import (
    DIFFICULTY,
    PERFORMANCE,
    CentralEstimate,
    central_estimate,
    factors,
    methods,
)
from policy.funding import SourceFinding, check_sources, judge_totals
from policy.money import parse_wan
from policy.own_rules import find_profile
from policy.payment_totals import PaymentTotals, Reported, payment_totals, reported
from policy.profiles import Profile
from policy.source_totals import MoneyTotals, money_totals
from policy.verdicts import Verdict
from policy.wording import format_wan
from ui.policy_scene import PolicyScene

__all__ = [
    "MOST",
    "EstimateOrder",
    "Estimated",
    "MoneyScope",
    "Payout",
    "Sources",
    "about_wan",
    "estimated",
    "lacking_factors",
    "payout",
    "profile_of",
    "read_wan",
    "scope_of",
    "sources",
    "verdicts",
]

T = TypeVar("T")

# Payments and the estimate are worked out compound by compound; more than these nobody reads.
MOST = 5_000
_SEVERITIES = ("错误", "提醒", "说明")
# More than any plan has, and less than 64 bits hold.
MOST_YUAN = 10**13
_AMOUNT = re.compile(r"\s*([\d,.]+\s*(万元?)?|/|-|—|无)?\s*")


@dataclass(frozen=True)
class MoneyScope:
    """Whose money is looked at.

    Attributes
    ----------
    scene : PolicyScene
    uids : tuple of str
        Compounds that are selected; empty for the whole plan.
    area : str
        What they are called together.
    pianqu : bool
        Whether they are a 片区, whole.
    """

    scene: PolicyScene
    uids: tuple[str, ...]
    area: str
    pianqu: bool = False

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Their records; not to be changed."""
        frame = self.scene.view.frame
        return frame.loc[list(self.uids)] if self.uids else frame

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.uids) or len(self.scene.view.frame)


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where the money comes from, and what does not add up.

    Attributes
    ----------
    totals : MoneyTotals
    findings : tuple of SourceFinding
    problem : str
        Why payments could not be looked at; empty if they were.
    """

    totals: MoneyTotals
    findings: tuple[SourceFinding, ...]
    problem: str


@dataclass(frozen=True, kw_only=True)
class Payout:
    """Payments of the scope, with what the records say has been paid.

    Attributes
    ----------
    totals : PaymentTotals
    paid_yuan : int or None
        As far as it is reported; None where nothing is.
    paid_unknown : int
        Compounds of which nobody has reported it.
    """

    totals: PaymentTotals
    paid_yuan: int | None
    paid_unknown: int


@dataclass(frozen=True, kw_only=True)
class EstimateOrder:
    """What the planner asks the estimate for.

    Attributes
    ----------
    method : str
    pool_yuan : int
    scores : tuple
        Uid, difficulty and performance of the compounds for which something was typed.
    """

    method: str
    pool_yuan: int
    scores: tuple[tuple[str, float | None, float | None], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Estimated:
    """The estimate, and the table to take along."""

    estimate: CentralEstimate
    report: Report


def scope_of(scene: PolicyScene) -> MoneyScope:
    """Whose money the view shows: the selection, or the whole plan."""
    uids = tuple(scene.selection)
    pianqu = _pianqu(scene, list(uids))
    area = _called(scene, list(uids)) if pianqu is None else pianqu
    return MoneyScope(scene=scene, uids=uids, area=area, pianqu=pianqu is not None)


def _called(scene: PolicyScene, uids: list[str]) -> str:
    if not uids:
        return str(scene.view.name)
    if len(uids) == 1:
        name = scene.record(uids[0])["name"]
        return str(name) if isinstance(name, str) and name else "未命名小区"
    return f"所选 {len(uids):,} 个小区"


def _pianqu(scene: PolicyScene, uids: list[str]) -> str | None:
    """Name of the 片区 whose members these are, all of them; None if they are none."""
    frame = scene.view.frame
    if len(uids) < 2:
        return None
    held = frame.loc[uids, "pianqu_uid"]
    if bool((held == held.iloc[0]).fillna(False).all()):
        members = int(frame["pianqu_uid"].eq(held.iloc[0]).fillna(False).sum())
        if members == len(uids) and held.iloc[0] in scene.view.pianqu.index:
            return str(scene.view.pianqu.loc[held.iloc[0], "name"])
    return None


def sources(scope: MoneyScope, *, today: dt.date) -> Sources:
    """Sum up by source, and give what `policy.sources` finds."""
    return _kept(scope, ("sources", today), lambda: _sources(scope, today))


def _sources(scope: MoneyScope, today: dt.date) -> Sources:
    problem, paid = "", None
    try:
        paid = _reported(scope, today).paid_yuan
    except PlanningError as error:
        problem = str(error)
    found = check_sources(scope.frame, paid=paid)
    return Sources(
        totals=money_totals(scope.frame),
        findings=tuple(sorted(found, key=lambda one: _SEVERITIES.index(one.severity))),
        problem=problem,
    )


def profile_of(scene: PolicyScene, key: str | None) -> Profile:
    """Profile by id, the plan's own by default.

    Raises
    ------
    PolicyError
        If there is none, or it is damaged.
    """
    return scene.profile if key is None else find_profile(key, scene.view.settings)


def verdicts(scope: MoneyScope, profile: Profile) -> tuple[Verdict, ...]:
    """Verdicts of a profile's rules about money on the sums of the scope."""
    return _kept(scope, ("verdicts", profile.id), lambda: judge_totals(scope.frame, profile))


def payout(scope: MoneyScope, *, total_yuan: int | None, today: dt.date) -> Payout:
    """Payments by the plan's profile.

    Parameters
    ----------
    scope : MoneyScope
    total_yuan : int or None
        What is paid out in all; None for the investment.
    today : date

    Raises
    ------
    RecordError
        If records of progress can not be, or a sum can not be shared.
    """
    return _kept(
        scope,
        ("payout", scope.scene.profile.id, total_yuan, today),
        lambda: _payout(scope, total_yuan, today),
    )


def _payout(scope: MoneyScope, total_yuan: int | None, today: dt.date) -> Payout:
    facts = _reported(scope, today)
    rule = scope.scene.profile.one("payment")
    paid = facts.paid_yuan.dropna()
    return Payout(
        totals=payment_totals(rule, scope.frame, facts, today=today, total_yuan=total_yuan),
        paid_yuan=sum(paid.tolist()) if len(paid) else None,
        paid_unknown=len(facts.paid_yuan) - len(paid),
    )


def _reported(scope: MoneyScope, today: dt.date) -> Reported:
    plan = scope.scene.plan
    return reported(scope.frame, plan.records("progress"), plan.records("stages"), today=today)


def estimated(scope: MoneyScope, order: EstimateOrder, *, today: dt.date) -> Estimated:
    """Share a pool over the compounds of the scope.

    Raises
    ------
    RecordError
        If a factor of a compound is unknown, with who lacks what.
    """
    return _kept(scope, ("estimate", order, today), lambda: _estimated(scope, order, today))


def _estimated(scope: MoneyScope, order: EstimateOrder, today: dt.date) -> Estimated:
    frame = _factored(scope.frame, order)
    estimate = central_estimate(frame, order.pool_yuan, method=order.method)
    view = scope.scene.view
    origin = Origin(
        plan=view.name,
        revision=view.edition,
        made_on=today,
        settings=(
            f"范围：{scope.area}（{scope.count} 个小区）",
            f"资金总额 {format_wan(order.pool_yuan, none='0.0')} 万元",
        ),
    )
    return Estimated(
        estimate=estimate,
        report=central_report(frame, estimate, area=scope.area, origin=origin),
    )


def _factored(frame: pd.DataFrame, order: EstimateOrder) -> pd.DataFrame:
    """Give the factors, with the scores that were typed; a column without any counts as the same for all."""
    known = frame[["name", *(name for name in factors() if name in frame)]].copy()
    typed = {uid: scores for uid, *scores in order.scores if uid in known.index}
    asked = (
        (DIFFICULTY, PERFORMANCE) if methods()[order.method].performance_share else (DIFFICULTY,)
    )
    for at, name in enumerate(asked):
        given = {uid: scores[at] for uid, scores in typed.items() if scores[at] is not None}
        if given:
            known[name] = pd.Series(given, dtype="Float64").reindex(known.index)
    return known


def lacking_factors(scope: MoneyScope) -> list[str]:
    """Compounds of which a factor of the estimate is unknown."""
    frame = scope.frame
    there = [name for name in factors() if name in frame]
    return [str(uid) for uid in frame.index[frame[there].isna().any(axis=1)]]


def read_wan(text: str, where: str) -> int | None:
    """Read a sum that the planner has typed in 万元, as whole yuan; None for nothing.

    Raises
    ------
    RecordError
        If it is no sum, or more than any plan has.

    Examples
    --------
    >>> read_wan("1,928.8 万元", "资金总额"), read_wan(" ", "资金总额")
    (19288000, None)
    """
    plain = unicodedata.normalize("NFKC", text)
    if not _AMOUNT.fullmatch(plain):
        raise RecordError(where, [f"“{text}”不是金额，请填以万元为单位的数字，如 1,928.8。"])
    yuan = parse_wan(plain, where=where)
    if yuan is not None and yuan > MOST_YUAN:
        raise RecordError(where, ["金额太大，请核对单位：这里按万元填写。"])
    return yuan


def about_wan(yuan: int) -> str:
    """万元 rounded to one decimal, for a figure whose yuan stand beside it.

    Examples
    --------
    >>> about_wan(1_234_567), about_wan(400)
    ('123.5', '0.0')
    """
    return format_wan((yuan + 500) // 1_000 * 1_000, none="0.0")


def _kept(scope: MoneyScope, what: tuple[Any, ...], make: Callable[[], T]) -> T:
    view = scope.scene.view
    return scope.scene.loaded.kept(("money", view.revision, scope.uids, *what), make)
