"""What stages want before they are left, one function for each kind of need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from policy.approvals import approvals
from policy.checklist import missing_papers
from policy.facts import fact_value, facts
from policy.judged import HOLD, Judging
from policy.judging import JUDGES
from policy.money import CONTRIBUTION_COLUMNS, GRANT_COLUMNS, funding_gap_yuan
from policy.profiles import Profile, Rule
from policy.progress import latest_progress
from policy.stage_list import Need, Stage, stage_fields, stage_ids
from policy.verdicts import HOLDS
from policy.wording import UNKNOWN, format_share, format_wan

__all__ = ["NEEDS", "NO_STAGES", "STAGE_COLUMNS", "Case", "Missing"]

# Columns of the plan's table of stages; the index is the uid of the record.
STAGE_COLUMNS = ("compound_uid", "stage", "planned_on", "reached_on", "remarks")
NO_STAGES = pd.DataFrame(columns=list(STAGE_COLUMNS))


@dataclass(frozen=True, kw_only=True)
class Missing:
    """One thing that keeps a compound in its stage.

    Attributes
    ----------
    what : str
        Chinese sentence: what is missing, and what would be right.
    clause : str
        On what it rests, as 〔…〕.
    where : str
        Where in the tool it is filled in.
    facts : tuple of str
        Ids of the facts that are to be filled in.
    """

    what: str
    clause: str
    where: str
    facts: tuple[str, ...] = ()


# Where in the tool things are filled in.
CARD = "小区卡片"
FACTS = "小区情况"
VOTES = "表决记录"
STAGES = "阶段记录"
PROGRESS = "进度记录"

# The last month there is: whatever has been reported counts.
LAST_MONTH = "2060-12"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One compound in one stage, with all that may speak for or against leaving it."""

    stage: Stage
    row: pd.Series[Any]
    profile: Profile
    votes: pd.DataFrame
    reached: pd.DataFrame
    progress: pd.DataFrame | None
    frame: pd.DataFrame | None

    @property
    def uid(self) -> Any:
        """Uid of the compound."""
        return self.row.name

    @property
    def clause(self) -> str:
        """Where the plan names the stage; empty if it does not."""
        named = self.stage.named_by(self.profile.document)
        return "" if named is None else named.clause

    @property
    def alone(self) -> pd.DataFrame:
        """The compound as a frame of one row."""
        return self.row.to_frame().T.infer_objects()


def _fields(need: Need, case: Case) -> list[Missing]:
    if not case.clause:
        return []
    titles = stage_fields()
    lacking = [titles[name] for name in need.of if _empty(case.row.get(name))]
    if not lacking:
        return []
    return [Missing(what=f"未填写{'、'.join(lacking)}。", clause=case.clause, where=CARD)]


def _facts(need: Need, case: Case) -> list[Missing]:
    if not case.clause:
        return []
    lacking = tuple(key for key in need.of if fact_value(case.row, key) is None)
    if not lacking:
        return []
    titles = "、".join(facts()[key].title for key in lacking)
    return [Missing(what=f"未填写{titles}。", clause=case.clause, where=FACTS, facts=lacking)]


def _tier(need: Need, case: Case) -> list[Missing]:
    rule = case.profile.one("tiers")
    tier = fact_value(case.row, "tier")
    if not case.clause or rule is None or tier in need.of:
        return []
    now = "未填写" if tier is None else f"是“{tier}”"
    wanted = "或".join(f"“{one}”" for one in need.of)
    what = f"{facts()['tier'].title}{now}，列入{wanted}后才能离开这一阶段。"
    return [Missing(what=what, clause=rule.clause, where=FACTS, facts=("tier",))]


def _vote(need: Need, case: Case) -> list[Missing]:
    rules = [rule for rule in case.profile.of_kind("consent") if _round(rule) == need.round]
    return [found for rule in rules for found in _judged(rule, case, VOTES)]


def _notice(need: Need, case: Case) -> list[Missing]:
    rules = [rule for rule in case.profile.of_kind("notice") if _round(rule) == need.round]
    return [found for rule in rules for found in _judged(rule, case, VOTES)]


def _papers(need: Need, case: Case) -> list[Missing]:  # noqa: ARG001
    found = []
    for rule in case.profile.of_kind("checklist"):
        held = missing_papers(case.row, rule)
        if held.state != HOLDS:
            asked = _ids((held.condition, *held.missing, *held.unknown))
            found.append(Missing(what=held.message, clause=rule.clause, where=FACTS, facts=asked))
    return found


def _review_number(need: Need, case: Case) -> list[Missing]:  # noqa: ARG001
    return [
        found
        for rule in case.profile.of_kind("unique_number")
        for found in _judged(rule, case, CARD, frame=case.frame)
    ]


def _sources(need: Need, case: Case) -> list[Missing]:  # noqa: ARG001
    if not case.clause:
        return []
    given = {"investment_yuan", *GRANT_COLUMNS, *CONTRIBUTION_COLUMNS}
    known = {name: case.row.get(name) for name in given}
    money = pd.DataFrame(
        [{name: None if _empty(value) else value for name, value in known.items()}]
    )
    gap = funding_gap_yuan(money.astype("Int64")).iloc[0]
    rule = case.profile.one("sources")
    clause = case.clause if rule is None else rule.clause
    if pd.isna(gap):
        what = "预计投资额或资金来源未知，无法判断资金是否落实，请填写。"
    elif gap > 0:
        what = f"资金缺口 {format_wan(int(gap))} 万元，请落实来源。"
    elif gap < 0:
        what = f"各项资金比预计投资额多 {format_wan(-int(gap))} 万元，请核对。"
    else:
        return []
    return [Missing(what=what, clause=clause, where=CARD)]


def _approvals(need: Need, case: Case) -> list[Missing]:  # noqa: ARG001
    return [
        Missing(
            what=f"{one.title}：{one.why}",
            clause=one.clause,
            where=FACTS,
            facts=_ids(one.unknown),
        )
        for one in approvals(case.row, case.profile)
        if one.state == "需论证"
    ]


def _works_done(need: Need, case: Case) -> list[Missing]:  # noqa: ARG001
    if not case.clause:
        return []
    done = None
    if case.progress is not None and len(case.progress):
        latest = latest_progress(case.progress, month=LAST_MONTH)
        if case.uid in latest.index:
            done = latest.loc[case.uid, "progress"]
    if not _empty(done) and done == 1:
        return []
    said = UNKNOWN if _empty(done) else format_share(done)
    what = f"工程进度{said}，完工（100%）后才能验收。"
    return [Missing(what=what, clause=case.clause, where=PROGRESS)]


def _reached(need: Need, case: Case) -> list[Missing]:  # noqa: ARG001
    if not case.clause:
        return []
    mine = case.reached[
        (case.reached["compound_uid"] == case.uid)
        & (stage_ids(case.reached["stage"]) == case.stage.id)
    ]
    if mine["reached_on"].notna().any():
        return []
    what = f"未填写“{case.stage.title}”的完成日期。"
    return [Missing(what=what, clause=case.clause, where=STAGES)]


NEEDS: Mapping[str, Callable[[Need, Case], list[Missing]]] = {
    "fields": _fields,
    "facts": _facts,
    "tier": _tier,
    "vote": _vote,
    "notice": _notice,
    "papers": _papers,
    "review_number": _review_number,
    "sources": _sources,
    "approvals": _approvals,
    "works_done": _works_done,
    "reached": _reached,
}


def _judged(
    rule: Rule, case: Case, where: str, *, frame: pd.DataFrame | None = None
) -> list[Missing]:
    """Give what a rule says against the compound; nothing if it holds."""
    frame = case.alone if frame is None else frame
    judging = Judging(
        frame=frame,
        profile=case.profile,
        votes=case.votes,
        task=pd.Series(True, index=frame.index),
    )
    rows = JUDGES[rule.kind](rule, judging)
    at = int(frame.index.get_indexer(pd.Index([case.uid]))[0])
    if rows.codes[at] == HOLD:
        return []
    return [Missing(what=rows.say(at)[1], clause=rule.clause, where=where)]


def _ids(titles: Iterable[str]) -> tuple[str, ...]:
    """Ids of facts by their titles, in the order of the list of facts."""
    wanted = set(titles)
    return tuple(key for key, one in facts().items() if one.title in wanted)


def _round(rule: Rule) -> int:
    """Round of a vote or notice; a plan with one round does not number it."""
    return int(rule.get("round") or 1)


def _empty(value: Any) -> bool:
    return value is None or bool(pd.isna(value)) or (isinstance(value, str) and not value.strip())
