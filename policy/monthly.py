"""The monthly report: progress, 开工 and 竣工 shares and what has been paid.

利通区 wants it by the 25th; 云城区 六(三) wants it every month and names no day. What nobody has reported stays
unknown: it is counted as unknown, never as 0.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import pandas as pd

from errors import RecordError
from policy.profiles import Profile, Rule
from policy.progress import check_month, latest_progress, progress_problems
from policy.stage_list import stage_ids
from policy.wording import UNKNOWN, format_date, format_share, format_wan

__all__ = ["MonthlyReport", "Total", "monthly"]

DueState = Literal["未规定", "未到期", "今日截止", "已过期"]

# Stages (standards/stages.yaml) whose being reached says that works have begun and that they are done.
STARTED_BY, COMPLETED_BY = "construction", "acceptance"

# Messages name so many compounds and count the rest; `missing` and the notes of the rows name them all.
NAMED = 10


@dataclass(frozen=True, kw_only=True)
class Total:
    """One figure of the foot of the report.

    Attributes
    ----------
    id, title : str
    unit : str
        个, 户 or 元: what `part` and `whole` are counted in.
    part, whole : Fraction
        Of the compounds of which both are known.
    unknown : int
        Compounds that are not in it because something is unknown.
    """

    id: str
    title: str
    unit: str
    part: Fraction
    whole: Fraction
    unknown: int

    @property
    def share(self) -> Fraction | None:
        """`part` of `whole`, exact; None where nothing is known."""
        return self.part / self.whole if self.whole else None

    @property
    def text(self) -> str:
        """As the report shows it, with what it does not cover.

        Examples
        --------
        >>> Total(id="a", title="开工比例", unit="个", part=Fraction(3), whole=Fraction(4), unknown=1).text
        '75.0%（3/4 个，另有 1 个小区未知）'
        """
        left = f"，另有 {self.unknown} 个小区未知" if self.unknown else ""
        if self.share is None:
            return f"{UNKNOWN}（{self.unknown} 个小区未知）" if self.unknown else UNKNOWN
        return f"{format_share(self.share)}（{self._amount}{left}）"

    @property
    def _amount(self) -> str:
        if self.unit == "元":
            part, whole = (format_wan(round(sum_), none="0") for sum_ in (self.part, self.whole))
            return f"{part}/{whole} 万元"
        return f"{int(self.part)}/{int(self.whole)} {self.unit}"


@dataclass(frozen=True, kw_only=True)
class MonthlyReport:
    """One month of a plan.

    Attributes
    ----------
    month : str
        ``2026-11``.
    profile : str
        Title of the rule profile.
    rows : DataFrame
        Index uid, in the order of the compounds. ``name``, ``households`` and ``investment_yuan`` (Int64),
        ``as_of`` (month of the figures, None if there are none), ``reported`` (bool: for this very month),
        ``started`` and ``completed`` (boolean, NA unknown), ``progress`` (Float64), ``paid_yuan`` (Int64),
        ``paid_share`` (Float64), ``remarks``, ``note`` (what to look at, may be empty).
    totals : mapping
        By id: started and completed by compounds, households and investment, progress, paid.
    due_on : date or None
        None where the plan names no day.
    due_state : {"未规定", "未到期", "今日截止", "已过期"}
    due_text : str
        Whole sentence.
    clause : str
        Where the duty to report stands; empty if the plan has none.
    missing : tuple of str
        Uids without figures for this month, save those completed before.
    late : tuple of str
        The same, once the day is past.
    messages : tuple of str
        What a planner should know before it goes out.
    """

    month: str
    profile: str
    rows: pd.DataFrame
    totals: Mapping[str, Total]
    due_on: dt.date | None
    due_state: DueState
    due_text: str
    clause: str
    missing: tuple[str, ...]
    late: tuple[str, ...]
    messages: tuple[str, ...]


def monthly(
    frame: pd.DataFrame,
    progress: pd.DataFrame,
    *,
    month: str,
    profile: Profile,
    today: dt.date,
    stages: pd.DataFrame | None = None,
) -> MonthlyReport:
    """Make the report of one month.

    Parameters
    ----------
    frame : DataFrame
        Compounds to report on, index uid.
    progress : DataFrame
        With `PROGRESS_COLUMNS`; cumulative. Records of other compounds are passed over.
    month : str
        ``2026-11``; not later than today's.
    profile : Profile
        Its rule of kind ``monthly_report`` gives the day.
    today : date
        What lateness is told by.
    stages : DataFrame, optional
        Records of stages: ``compound_uid``, ``stage``, ``reached_on``. 施工 reached is a start, 竣工验收
        reached a completion, whatever the figures.

    Raises
    ------
    RecordError
        If the month is none or still to come, or records can not be (progress above 1, negative payments,
        more paid than invested, two records of a month): all of them at once.
    """
    first = check_month(month)
    if first > today:
        raise RecordError("月报", [f"{month} 还没有到（今天是 {today.isoformat()}），请改月份。"])
    records = _checked(frame, progress)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    rows = _rows(frame, latest_progress(records, month=month), month)
    rows = _with_stages(rows, stages, last)
    rows["note"] = _notes(rows, month)
    rule = profile.one("monthly_report")
    due_on, due_state, due_text = _due(rule, last, today)
    # What is completed has nothing more to report.
    absent = ~rows["reported"] & ~rows["completed"].fillna(False).astype(bool)
    missing = tuple(str(uid) for uid in rows.index[absent])
    return MonthlyReport(
        month=month,
        profile=profile.title,
        rows=rows.drop(columns=["before", "accepted"]),
        totals=_totals(rows),
        due_on=due_on,
        due_state=due_state,
        due_text=due_text,
        clause="" if rule is None else rule.clause,
        missing=missing,
        late=missing if due_state == "已过期" else (),
        messages=tuple(_messages(rows, absent, due_state, month)),
    )


def _checked(frame: pd.DataFrame, progress: pd.DataFrame) -> pd.DataFrame:
    """Give the records of these compounds, or refuse them with compound and month."""
    records = progress[progress["compound_uid"].isin(frame.index)]
    investment = _column(frame, "investment_yuan", "Int64")
    names = _column(frame, "name", object)
    problems = [
        f"{_named(names, records['compound_uid'].iloc[at])} {records['month'].iloc[at]}：{text}"
        for at, text in progress_problems(records, records["compound_uid"].map(investment))
    ]
    if problems:
        raise RecordError("进度记录", problems)
    return records


def _column(frame: pd.DataFrame, name: str, dtype: Any) -> pd.Series[Any]:
    column: pd.Series[Any] = pd.Series(frame.get(name), index=frame.index, dtype=dtype, name=name)
    return column


def _named(names: pd.Series[Any], uid: str) -> str:
    name = names.get(uid)
    return str(uid) if name is None or pd.isna(name) or not str(name).strip() else str(name)


def _rows(frame: pd.DataFrame, latest: pd.DataFrame, month: str) -> pd.DataFrame:
    told = latest.reindex(frame.index)
    investment = _column(frame, "investment_yuan", "Int64")
    done = told["progress"].astype("Float64")
    paid = told["paid_yuan"].astype("Int64")
    return pd.DataFrame(
        {
            "name": _column(frame, "name", object),
            "households": _column(frame, "households", "Int64"),
            "investment_yuan": investment,
            "as_of": told["month"].astype(object).where(told["month"].notna(), None),
            "reported": (told["month"] == month).fillna(False).astype(bool),
            "started": (done > 0).astype("boolean"),
            "completed": (done >= 1).astype("boolean"),
            "progress": done,
            "paid_yuan": paid,
            "paid_share": (paid / investment.mask(investment == 0)).astype("Float64"),
            "remarks": told["remarks"].astype(object).where(told["remarks"].notna(), None),
            "before": told["before"].astype("Float64"),
        },
        index=frame.index,
    )


def _with_stages(rows: pd.DataFrame, stages: pd.DataFrame | None, last: dt.date) -> pd.DataFrame:
    """Let stages reached by the last day of the month say what figures do not."""
    reached = {STARTED_BY: rows.index[:0], COMPLETED_BY: rows.index[:0]}
    if stages is not None and len(stages):
        days = pd.to_datetime(stages["reached_on"], format="%Y-%m-%d", errors="coerce")
        past = stages[days <= pd.Timestamp(last)]
        reached = {
            stage: pd.Index(past.loc[stage_ids(past["stage"]) == stage, "compound_uid"])
            for stage in reached
        }
    completed = rows.index.isin(reached[COMPLETED_BY])
    started = rows.index.isin(reached[STARTED_BY]) | completed
    return rows.assign(
        started=rows["started"].mask(started, True),
        completed=rows["completed"].mask(completed, True),
        accepted=completed,
    )


def _notes(rows: pd.DataFrame, month: str) -> pd.Series[str]:
    """One note a compound, the gravest."""
    progress, before = rows["progress"], rows["before"]
    notes = pd.Series("", index=rows.index, dtype=object)
    notes[rows["as_of"].isna().to_numpy()] = "尚未报过进度"
    old = rows["as_of"].notna() & (rows["as_of"] != month)
    notes[old] = "为 " + rows.loc[old, "as_of"].astype(str) + " 的数字"
    for uid in rows.index[(progress < before).fillna(False).astype(bool)]:
        notes[uid] = (
            f"进度 {format_share(progress[uid])} 比以前报的 {format_share(before[uid])} 低，请核对"
        )
    for uid in rows.index[(rows["accepted"] & (progress < 1)).fillna(False).astype(bool)]:
        notes[uid] = f"已竣工验收，进度却是 {format_share(progress[uid])}，请核对"
    return notes


def _totals(rows: pd.DataFrame) -> dict[str, Total]:
    one = pd.Series(1, index=rows.index, dtype="Int64")
    weights = (
        ("compounds", "按小区", "个", one),
        ("households", "按户数", "户", rows["households"]),
        ("investment", "按投资", "元", rows["investment_yuan"]),
    )
    shares = (("started", "开工比例"), ("completed", "竣工比例"))
    totals = [
        _weighted(f"{key}_{by}", f"{title}（{words}）", unit, rows[key].astype("Float64"), weight)
        for key, title in shares
        for by, words, unit, weight in weights
    ]
    investment = rows["investment_yuan"]
    totals.append(
        _weighted("progress", "工程进度（按投资加权）", "元", rows["progress"], investment)
    )
    totals.append(_summed("paid", "拨付比例", rows["paid_yuan"], investment))
    return {total.id: total for total in totals}


def _weighted(
    key: str, title: str, unit: str, share: pd.Series[Any], weight: pd.Series[Any]
) -> Total:
    """Σ share × weight over Σ weight, exact: a share is taken as the decimal it prints as."""
    known = (share.notna() & weight.notna()).to_numpy(dtype=bool)
    sums = weight[known].groupby(share[known].map(str)).sum()
    return Total(
        id=key,
        title=title,
        unit=unit,
        part=sum((Fraction(str(at)) * int(of) for at, of in sums.items()), Fraction(0)),
        whole=Fraction(int(weight[known].sum())),
        unknown=int(np.count_nonzero(~known)),
    )


def _summed(key: str, title: str, part: pd.Series[Any], whole: pd.Series[Any]) -> Total:
    known = (part.notna() & whole.notna()).to_numpy(dtype=bool)
    return Total(
        id=key,
        title=title,
        unit="元",
        part=Fraction(int(part[known].sum())),
        whole=Fraction(int(whole[known].sum())),
        unknown=int(np.count_nonzero(~known)),
    )


def _due(rule: Rule | None, last: dt.date, today: dt.date) -> tuple[dt.date | None, DueState, str]:
    day = None if rule is None else rule.get("by_day")
    if rule is None or day is None:
        clause = "" if rule is None else rule.clause
        return None, "未规定", f"报送日期：未规定{clause}。"
    # The 31st of a short month is its last day.
    due = last.replace(day=min(day, last.day))
    state: DueState = "已过期" if today > due else "今日截止" if today == due else "未到期"
    gone = abs((due - today).days)
    said = {"已过期": f"已过 {gone} 天", "今日截止": "今天截止", "未到期": f"还有 {gone} 天"}[state]
    return due, state, f"{format_date(due.isoformat())}前报送，{said}{rule.clause}。"


def _messages(
    rows: pd.DataFrame, absent: pd.Series[bool], due_state: DueState, month: str
) -> list[str]:
    said = []
    if absent.any():
        lead = "逾期未报" if due_state == "已过期" else "尚未报送"
        said.append(f"{month} {lead}：{_listed(rows, absent)}，请补报进度和拨付。")
    look = rows["note"][rows["note"].str.endswith("请核对")]
    said += [
        f"{_named(rows['name'], str(uid))}：{note}。" for uid, note in look.iloc[:NAMED].items()
    ]
    if len(look) > NAMED:
        said.append(f"另有 {len(look) - NAMED} 个小区的进度请核对，见各小区的备注。")
    no_money = rows["investment_yuan"].isna()
    if no_money.any():
        said.append(f"投资额未知，按投资的各项没有计入：{_listed(rows, no_money)}。")
    return said


def _listed(rows: pd.DataFrame, mask: pd.Series[bool]) -> str:
    uids = rows.index[mask.to_numpy(dtype=bool)]
    names = "、".join(_named(rows["name"], uid) for uid in uids[:NAMED])
    return names if len(uids) <= NAMED else f"{names}等 {len(uids)} 个小区"
