"""Sums of money by source: exact, with what is unknown counted and never taken for 0."""

from fractions import Fraction

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from policy.money import CONTRIBUTION_COLUMNS, GRANT_COLUMNS, INVESTMENT_COLUMN
from policy.source_totals import money_totals

SOURCES = (*GRANT_COLUMNS, *CONTRIBUTION_COLUMNS)
AMOUNT = st.one_of(st.none(), st.integers(0, 10**12))
ROW = st.fixed_dictionaries(dict.fromkeys((INVESTMENT_COLUMN, *SOURCES), AMOUNT))


def frame(*rows: dict[str, int | None]) -> pd.DataFrame:
    return pd.DataFrame(list(rows)).astype("Int64")


def total(found, key: str):
    return next(one for one in found.sources if one.id == key)


def test_a_source_that_nobody_has_filled_in_is_unknown_and_not_0():
    found = money_totals(frame({INVESTMENT_COLUMN: 100, "grant_central_yuan": None}))
    assert total(found, "central").yuan is None
    assert total(found, "central").unknown == 1
    assert total(found, "residents").yuan is None


def test_a_source_that_gives_nothing_is_0_and_known():
    found = money_totals(frame({INVESTMENT_COLUMN: 100, "grant_central_yuan": 0}))
    assert (total(found, "central").yuan, total(found, "central").unknown) == (0, 0)


def test_a_sum_with_an_unknown_part_has_no_share():
    rows = frame(
        {INVESTMENT_COLUMN: 100, "grant_central_yuan": 20},
        {INVESTMENT_COLUMN: 100, "grant_central_yuan": None},
    )
    found = money_totals(rows)
    assert total(found, "central").share_of(found.investment) is None
    known = money_totals(rows.iloc[:1])
    assert total(known, "central").share_of(known.investment) == Fraction(1, 5)


def test_too_much_in_one_compound_does_not_close_the_gap_of_another():
    rows = frame(
        {INVESTMENT_COLUMN: 100, "grant_central_yuan": 130},
        {INVESTMENT_COLUMN: 100, "grant_central_yuan": 70},
    )
    found = money_totals(rows)
    assert (found.gap_yuan, found.over_yuan) == (30, 30)


def test_a_gap_is_open_until_every_source_is_filled_in():
    row = {INVESTMENT_COLUMN: 100, **dict.fromkeys(SOURCES, 0)}
    assert money_totals(frame(row)).gap_open == 0
    found = money_totals(frame({**row, "contribution_bond_yuan": None}))
    assert (found.gap_yuan, found.gap_open, found.gap_unknown) == (100, 1, 0)


def test_nothing_known_is_a_gap_unknown():
    found = money_totals(frame({INVESTMENT_COLUMN: None, "grant_central_yuan": None}))
    assert (found.gap_yuan, found.gap_unknown, found.gap_open) == (None, 1, 0)
    assert found.investment.yuan is None


@given(st.lists(ROW, min_size=1, max_size=6))
def test_every_compound_is_counted_once_as_known_or_unknown(rows):
    found = money_totals(frame(*rows))
    for column, one in zip(SOURCES, found.sources, strict=True):
        held = [row[column] for row in rows]
        assert one.unknown == held.count(None)
        known = [yuan for yuan in held if yuan is not None]
        assert one.yuan == (sum(known) if known else None)
    if not any(one.unknown for one in (found.investment, *found.sources)):
        paid = sum(one.yuan for one in found.sources)
        assert found.investment.yuan - paid == found.gap_yuan - found.over_yuan
