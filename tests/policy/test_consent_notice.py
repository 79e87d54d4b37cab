import datetime as dt

import pytest

from errors import PolicyError, RecordError
from policy.consent import civil_code, notice_verdict
from policy.profiles import Rule, Value
from policy.workdays import COVERED


def rule(workdays: int | None = 5) -> Rule:
    base = civil_code("一般")
    values = {
        "what": Value(value="初步改造方案", unit="文字"),
        "workdays": Value(value=workdays, unit="工作日"),
    }
    return Rule(**{**vars(base), "kind": "notice", "id": "x/notice", "values": values})


@pytest.mark.parametrize(
    ("first", "last", "state", "told"),
    [
        # 柳州 三(一)4 and 楚雄 六(四): no fewer than five working days, the day of posting not counted.
        ("2024-03-11", "2024-03-15", "不符合", "共 4 个工作日"),
        ("2024-03-11", "2024-03-17", "不符合", "满 5 个工作日最早到 2024年3月18日。"),
        (
            "2024-03-11",
            "2024-03-18",
            "符合",
            "共 5 个工作日（张贴当日不计，民法典第二百零一条），达到 5 个",
        ),
        ("2024-03-11", "2024-03-19", "符合", "共 6 个工作日"),
        # Twelve days of the calendar over National Day are four working days, thirteen five.
        ("2024-09-30", "2024-10-11", "不符合", "最早到 2024年10月12日"),
        ("2024-09-30", "2024-10-12", "符合", "共 5 个工作日"),
        # Spring Festival 2025.
        ("2025-01-27", "2025-02-08", "不符合", "最早到 2025年2月10日"),
        ("2025-01-27", "2025-02-10", "符合", "共 5 个工作日"),
        ("2024-03-11", None, "需论证", "未录入公示结束日期。满 5 个工作日最早到 2024年3月18日。"),
        (None, None, "需论证", "未录入初步改造方案的公示起止日期"),
    ],
)
def test_a_notice_is_judged_in_working_days(first, last, state, told) -> None:
    verdict = notice_verdict(rule(), {"notice_from": first, "notice_to": last})
    assert verdict.state == state
    assert told in verdict.message
    assert verdict.limit == "≥5 个工作日"


def test_beyond_the_calendar_only_what_is_surely_too_short_fails() -> None:
    first = dt.date(COVERED[1] + 1, 3, 1)
    long = notice_verdict(rule(), {"notice_from": first, "notice_to": first + dt.timedelta(days=9)})
    assert long.state == "需论证"
    assert f"{first.year} 年按周一至周五计" in long.message
    short = notice_verdict(
        rule(), {"notice_from": first, "notice_to": first + dt.timedelta(days=4)}
    )
    assert short.state == "不符合"
    assert f"{first.year} 年按周一至周五计" in short.message


def test_a_period_that_the_plan_leaves_blank_is_open() -> None:
    verdict = notice_verdict(rule(None), {"notice_from": "2024-03-11", "notice_to": "2024-03-18"})
    assert (verdict.state, verdict.limit) == ("需论证", "原文留空")
    assert "没有写明公示期限" in verdict.message
    begun = notice_verdict(rule(None), {"notice_from": "2024-03-11"})
    assert begun.message.endswith("未录入公示结束日期。")
    none = notice_verdict(rule(0), {"notice_from": "2024-03-11", "notice_to": "2024-03-11"})
    assert none.state == "符合"


def test_what_is_no_notice_is_refused() -> None:
    with pytest.raises(RecordError, match="结束日期 2024-03-10 早于开始日期"):
        notice_verdict(rule(), {"notice_from": "2024-03-11", "notice_to": "2024-03-10"})
    with pytest.raises(RecordError, match="公示结束日期是 2099-01-01，不在"):
        notice_verdict(rule(), {"notice_from": "2024-03-11", "notice_to": "2099-01-01"})
    with pytest.raises(PolicyError, match="不是公示规则"):
        notice_verdict(civil_code("一般"), {})
