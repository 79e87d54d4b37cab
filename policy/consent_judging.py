"""What the rules on votes and notices say about all compounds of a plan.

Most compounds have no vote recorded; only those that have are counted, and words are made when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from errors import RecordError
from policy.consent_measures import measures, state_of
from policy.consent_notice import notice_limit, notice_verdict
from policy.consent_reading import AREAS, HEADS
from policy.consent_tally import NO_OWNERS, no_owners, tally
from policy.consent_words import limit_text
from policy.judged import UNSURE, Codes, Judging, Rows
from policy.profiles import Rule
from policy.verdicts import OPEN, STATES, State, Verdict

__all__ = ["CONSENT", "judge_consent", "judge_notice"]

# Latest record of a compound by its position in the frame.
Latest = Mapping[int, Mapping[str, Any]]

FIRST_ROUND = 1
NOTICE = ("notice_from", "notice_to")


def judge_consent(rule: Rule, judging: Judging) -> Rows:
    """Judge a majority over the latest vote of each compound in the rule's round.

    Parameters
    ----------
    rule : Rule
        Of the kind ``consent``.
    judging : Judging

    Returns
    -------
    Rows
        需论证 where no vote is recorded, a figure is missing or contradicts another, or owners are asked of a
        compound of 公租房.
    """
    votes = _of_round(judging.votes, rule)
    latest = _latest(votes[_given(votes, (*HEADS, *AREAS))], judging.frame.index)
    tenures = judging.facts.values("tenure").to_numpy(dtype=object)

    def state(at: int) -> State:
        if no_owners(rule, tenures[at]):
            return OPEN
        return state_of(measures(rule, latest[at]))

    def say(at: int) -> tuple[str, str]:
        if at in latest:
            return _said(lambda: tally(rule, latest[at], tenure=tenures[at]).verdict)
        if no_owners(rule, tenures[at]):
            return str(tenures[at]), NO_OWNERS
        return "未录入", f"“{rule.title}”未录入表决结果，请录入后再判断。"

    return Rows(
        rule=rule,
        index=judging.frame.index,
        codes=_codes(state, latest, len(judging.frame)),
        limit=limit_text(measures(rule, {})),
        say=say,
    )


def judge_notice(rule: Rule, judging: Judging) -> Rows:
    """Judge the notice of each compound in the rule's round.

    Parameters
    ----------
    rule : Rule
        Of the kind ``notice``.
    judging : Judging

    Returns
    -------
    Rows
        The notice of the latest vote, or of a later record that holds a notice alone; 需论证 where none is
        recorded.
    """
    votes = _of_round(judging.votes, rule)
    latest = _latest(votes[_given(votes, NOTICE) & ~_superseded(votes)], judging.frame.index)

    def say(at: int) -> tuple[str, str]:
        if at in latest:
            return _said(lambda: notice_verdict(rule, latest[at]))
        return "未录入", f"未录入{rule.get('what')}的公示起止日期，请录入后再判断。"

    return Rows(
        rule=rule,
        index=judging.frame.index,
        codes=_codes(lambda at: notice_verdict(rule, latest[at]).state, latest, len(judging.frame)),
        limit=notice_limit(rule),
        say=say,
    )


def _of_round(votes: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Give the records of the rule's round from old to new; one that names no round is of the first.

    The day of a record is that of the vote, else of the notice; the uid decides between equal days, so that the
    order of the rows does not.
    """
    rounds = pd.to_numeric(votes["round"], errors="coerce").astype("Float64").fillna(FIRST_ROUND)
    mine = votes[(rounds == (rule.get("round") or FIRST_ROUND)).to_numpy(dtype=bool)]
    days = pd.Series("", index=mine.index, dtype=object)
    for column in ("notice_from", "notice_to", "held_on"):
        text = mine[column].map(lambda day: "" if pd.isna(day) else str(day)[:10])
        days = text.where(text != "", days)
    # By place: the index of the records may itself be called uid.
    order = pd.DataFrame({"day": days.to_numpy(), "uid": mine.index.astype(str).to_numpy()})
    return mine.iloc[order.sort_values(["day", "uid"]).index]


def _given(votes: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series[bool]:
    """Mark the records with something in one of the columns."""
    part = votes[list(columns)]
    return (part.notna() & (part != "").fillna(value=False)).any(axis=1).astype(bool)


def _superseded(votes: pd.DataFrame) -> pd.Series[bool]:
    """Mark the votes after which another was held: their notices are no longer those of the plan."""
    held = votes[_given(votes, (*HEADS, *AREAS))]
    old = held.index[held["compound_uid"].duplicated(keep="last")]
    return pd.Series(votes.index.isin(old), index=votes.index)


def _latest(votes: pd.DataFrame, uids: pd.Index[Any]) -> Latest:
    """Last record of each compound of the frame, by the compound's position."""
    last = votes.drop_duplicates("compound_uid", keep="last")
    positions = uids.get_indexer(pd.Index(last["compound_uid"], dtype=object))
    records = last.to_dict("records")
    return {
        int(at): {str(key): value for key, value in record.items()}
        for at, record in zip(positions, records, strict=True)
        if at >= 0
    }


def _codes(state: Callable[[int], State], latest: Latest, size: int) -> Codes:
    """Weigh the compounds that have a record; all others are 需论证."""
    codes = np.full(size, UNSURE, dtype=np.int8)
    for at in latest:
        try:
            codes[at] = STATES.index(state(at))
        except RecordError:  # told by `_said` to whoever looks at the compound
            codes[at] = UNSURE
    return codes


def _said(weigh: Callable[[], Verdict]) -> tuple[str, str]:
    """Give the words of a verdict, or say what is wrong with the record."""
    try:
        verdict = weigh()
    except RecordError as err:
        return "记录有误", f"已录入的记录有误，请改正：{' '.join(err.problems)}"
    return verdict.found, verdict.message


CONSENT: dict[str, Callable[[Rule, Judging], Rows]] = {
    "consent": judge_consent,
    "notice": judge_notice,
}
