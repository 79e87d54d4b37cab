import datetime as dt

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import RecordError
from policy.workdays import COVERED, last_day, workdays

DAYS = st.dates(dt.date(2004, 1, 1), dt.date(2026, 6, 30))
AFTER = dt.date(COVERED[1] + 1, 3, 1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        # An ordinary week: posted on Monday, the day of posting does not count.
        ("2024-03-11", "2024-03-11", 0),
        ("2024-03-11", "2024-03-15", 4),
        ("2024-03-11", "2024-03-17", 4),
        ("2024-03-11", "2024-03-18", 5),
        # Posted on a Saturday: Monday is the first to count.
        ("2024-03-16", "2024-03-22", 5),
        # National Day 2024: 1–7 October off, Sunday 29 September and Saturday 12 October worked.
        ("2024-09-27", "2024-09-30", 2),
        ("2024-09-30", "2024-10-07", 0),
        ("2024-09-30", "2024-10-08", 1),
        ("2024-09-30", "2024-10-11", 4),
        ("2024-09-30", "2024-10-12", 5),
        # Spring Festival 2025: 28 January to 4 February off, Sunday 26 January and Saturday 8 February worked.
        ("2025-01-24", "2025-01-27", 2),
        ("2025-01-27", "2025-02-04", 0),
        ("2025-01-27", "2025-02-07", 3),
        ("2025-01-27", "2025-02-08", 4),
        ("2025-01-27", "2025-02-10", 5),
        # A working Sunday on which the notice is posted does not count either.
        ("2025-01-26", "2025-01-27", 1),
        # Over the turn of the year: 1 January 2025 alone was off.
        ("2024-12-31", "2025-01-02", 1),
    ],
)
def test_holidays_and_working_weekends_count_as_the_state_council_set_them(
    first, last, count
) -> None:
    found = workdays(day(first), day(last))
    assert (found.count, found.beyond, found.note) == (count, False, "")


@pytest.mark.parametrize(
    ("first", "wanted", "last"),
    [
        ("2024-03-11", 5, "2024-03-18"),
        ("2024-09-30", 5, "2024-10-12"),
        ("2025-01-27", 5, "2025-02-10"),
        ("2025-01-24", 1, "2025-01-26"),
        ("2024-03-11", 0, "2024-03-11"),
    ],
)
def test_the_earliest_last_day_is_named(first, wanted, last) -> None:
    assert last_day(day(first), wanted) == day(last)


@given(DAYS, st.integers(1, 60))
def test_the_earliest_last_day_suffices_and_the_day_before_does_not(first, wanted) -> None:
    last = last_day(first, wanted)
    assert workdays(first, last).count == wanted
    assert workdays(first, last - dt.timedelta(days=1)).count == wanted - 1


@given(DAYS, st.integers(0, 40), st.integers(0, 40))
def test_a_period_is_the_sum_of_its_parts(first, one, other) -> None:
    middle = first + dt.timedelta(days=one)
    last = middle + dt.timedelta(days=other)
    assert (
        workdays(first, last).count == workdays(first, middle).count + workdays(middle, last).count
    )


def test_a_year_beyond_the_calendar_is_counted_by_weekdays_and_said() -> None:
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(AFTER)
    found = workdays(AFTER, AFTER + dt.timedelta(days=7))
    assert (found.count, found.beyond) == (5, True)
    assert f"{COVERED[0]}—{COVERED[1]}" in found.note
    assert f"{AFTER.year} 年按周一至周五计" in found.note
    assert last_day(AFTER, 250) > AFTER


def test_a_period_that_only_ends_beyond_the_calendar_says_so_too() -> None:
    eve = dt.date(COVERED[1], 12, 31)
    assert not workdays(eve - dt.timedelta(days=7), eve).beyond
    assert workdays(eve, eve + dt.timedelta(days=1)).beyond
    before = dt.date(COVERED[0] - 1, 12, 31)
    assert not workdays(before, before + dt.timedelta(days=9)).beyond
    assert workdays(dt.date(1999, 1, 1), dt.date(2003, 1, 1)).note.startswith("节假日安排只收录")


def test_a_time_of_day_is_taken_as_its_day() -> None:
    assert workdays(dt.datetime(2024, 3, 11, 18), dt.datetime(2024, 3, 18, 9)).count == 5


def test_periods_that_can_not_be_are_refused() -> None:
    with pytest.raises(RecordError, match="结束日期 2024-03-10 早于开始日期 2024-03-11"):
        workdays(day("2024-03-11"), day("2024-03-10"))
    with pytest.raises(RecordError, match="2099-01-01"):
        workdays(day("2024-03-11"), day("2099-01-01"))
    for wrong in (-1, 251):
        with pytest.raises(RecordError, match="应在 0 到 250 之间"):
            last_day(day("2024-03-11"), wrong)
