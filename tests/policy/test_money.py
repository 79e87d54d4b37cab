from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.schema import CONTRIBUTION_FIELDS, FIELDS, GRANT_FIELDS
from errors import RecordError
from policy import money
from policy.wording import (
    format_area,
    format_count,
    format_date,
    format_hectares,
    format_per_household,
    format_share,
    format_wan,
    format_wan_m2,
    format_yuan,
)


def yuncheng() -> pd.DataFrame:
    """Return the five rows of 云城's annex; "/" is 0."""
    return pd.DataFrame(
        {
            "households": [24, 97, 316, 43, 581],
            "investment_yuan": [400_000, 1_100_000, 1_100_000, 250_000, 2_300_000],
            "grant_central_yuan": [400_000, 300_000, 0, 250_000, 2_000_000],
            "grant_provincial_yuan": [0, 700_000, 1_000_000, 0, 0],
        },
        index=["旧中专宿舍", "邮电新村", "云浮中学教师宿舍", "云城财政所宿舍", "玉皇路小区"],
        dtype="Int64",
    )


def test_the_columns_are_those_of_the_schema() -> None:
    assert money.GRANT_COLUMNS == GRANT_FIELDS
    assert money.CONTRIBUTION_COLUMNS == CONTRIBUTION_FIELDS
    assert money.INVESTMENT_COLUMN in FIELDS


def test_yuncheng_gets_465_wan_and_lacks_50() -> None:
    rows = yuncheng()
    assert format_wan(money.grant_yuan(rows).sum()) == "465.0"
    gaps = money.funding_gap_yuan(rows)
    assert [format_wan(gap, none="0.0") for gap in gaps] == ["0.0", "10.0", "10.0", "0.0", "30.0"]
    assert gaps.sum() == 500_000
    assert money.contribution_yuan(rows).isna().all()


def test_yuncheng_costs_so_much_a_household() -> None:
    rows = yuncheng()
    each = money.per_household(rows["investment_yuan"], rows["households"])
    assert [format_per_household(value) for value in each] == [
        "16,667",
        "11,340",
        "3,481",
        "5,814",
        "3,959",
    ]
    assert each.name == "investment_yuan_per_household"


def test_unknown_is_not_none() -> None:
    rows = pd.DataFrame(
        {
            "investment_yuan": [100, 100, None, 100],
            "grant_central_yuan": [None, 0, 50, 80],
            "contribution_residents_yuan": [None, None, None, 30],
        },
        dtype="Int64",
    )
    before = rows.copy()
    assert money.grant_yuan(rows).tolist() == [pd.NA, 0, 50, 80]
    # Nobody knows a source: unknown. No source: the whole sum. More than needed: below 0.
    assert money.funding_gap_yuan(rows).tolist() == [pd.NA, 100, pd.NA, -10]
    assert money.grant_yuan(rows[["investment_yuan"]]).isna().all()
    assert money.funding_gap_yuan(rows[["grant_central_yuan"]]).isna().all()
    pd.testing.assert_frame_equal(rows, before)


def test_per_household_is_unknown_without_households() -> None:
    amounts = pd.Series([10, 10, 10, None], index=list("abcd"), name="x", dtype="Int64")
    homes = pd.Series({"a": 4, "b": 0, "d": 2}, dtype="Int64")
    assert money.per_household(amounts, homes).tolist() == [2.5, pd.NA, pd.NA, pd.NA]


def test_money_columns_may_come_as_float_from_a_spreadsheet() -> None:
    rows = pd.DataFrame({"investment_yuan": [3.0, float("nan")], "grant_city_yuan": [1.0, 2.0]})
    assert money.funding_gap_yuan(rows).tolist() == [2, pd.NA]


@pytest.mark.parametrize(
    ("cell", "yuan"),
    [
        (400.8, 4_008_000),
        ("400.8", 4_008_000),
        ("４００．８ 万元", 4_008_000),
        ("1,928.8", 19_288_000),
        (0.1 + 0.2, 3_000),
        (515, 5_150_000),
        (Decimal("0.0001"), 1),
        ("/", 0),
        ("／", 0),
        ("-", 0),
        ("", None),
        (None, None),
        (float("nan"), None),
        (pd.NA, None),
        ("未知", None),
        (-3, -30_000),
    ],
)
def test_cells_in_wan_become_whole_yuan(cell, yuan) -> None:
    assert money.parse_wan(cell) == yuan


@pytest.mark.parametrize(
    "cell", ["约三百", "12万3千", 33.333333, "0.00001", "inf", float("inf"), "1e5万5"]
)
def test_cells_that_are_no_sum_are_refused_with_the_place(cell) -> None:
    with pytest.raises(RecordError, match="台账第 3 行“预计投资额”"):
        money.parse_wan(cell, where="台账第 3 行“预计投资额”")


@pytest.mark.parametrize("cell", ["1e999999", "-1E+400", "9" * 5000, "nan", "inf"])
def test_a_number_beyond_all_plans_is_refused_in_one_sentence(cell):
    with pytest.raises(RecordError, match="台账第 3 行") as caught:
        money.parse_wan(cell, where="台账第 3 行“预计投资额”")
    assert len(str(caught.value)) < 200


def test_floor_area_in_wan_m2() -> None:
    assert [money.parse_wan_m2(cell) for cell in (0.3, 1.1, "2.1万平方米", "/", None)] == [
        3000,
        11000,
        21000,
        0,
        None,
    ]


@settings(deadline=None)
@given(st.integers(-(10**12), 10**12))
def test_yuan_survive_being_shown_in_wan(yuan) -> None:
    assert money.parse_wan(format_wan(yuan)) == yuan


@settings(deadline=None)
@given(st.integers(-(10**9), 10**9), st.lists(st.floats(0, 1e9), min_size=1, max_size=30))
def test_shares_add_up_and_are_within_one_of_their_due(total, weights) -> None:
    shares = money.share_exactly(total, weights)
    assert sum(shares) == total
    whole = sum(map(Decimal, weights))
    for share, weight in zip(shares, weights, strict=True):
        due = total * Decimal(weight) / whole if whole else Decimal(total) / len(weights)
        assert abs(share - due) < Decimal("1.000001")


def test_shares_without_weights_or_with_a_negative_one_are_refused() -> None:
    for weights in ([], [1, -1], [float("nan")], [float("inf")]):
        with pytest.raises(RecordError, match="分摊"):
            money.share_exactly(5, weights)


def test_figures_are_written_as_the_plans_write_them() -> None:
    assert format_wan(5_150_000) == "515.0"
    assert format_wan(12_345) == "1.2345"
    assert format_wan(-500_000) == "-50.0"
    assert format_wan(1_000_000_000_000) == "100,000,000.0"
    assert format_yuan(1_061) == "1,061"
    assert format_per_household(0) == "0"
    assert format_area(84_500.5) == "84,501"
    assert format_hectares(166_218) == "16.62"
    assert format_hectares(166_218_000) == "16,621.80"
    assert format_wan_m2(98.6e4) == "98.60"
    assert format_wan_m2(12_345.6e4) == "12,345.60"
    assert format_share(1) == "100.0%"
    assert format_share(0.90291) == "90.3%"
    assert format_count(581.0) == "581"
    assert format_count(1_061) == "1,061"


@pytest.mark.parametrize(
    "write",
    [
        format_wan,
        format_yuan,
        format_per_household,
        format_area,
        format_hectares,
        format_wan_m2,
        format_share,
        format_count,
        format_date,
    ],
)
def test_unknown_is_said_and_never_nan(write) -> None:
    for value in (None, pd.NA, float("nan")):
        assert write(value) == "未知"


def test_dates_and_bare_years() -> None:
    assert format_date("2024-06-30") == "2024年6月30日"
    assert format_date("1998-12-31", is_year=True) == "1998年"
    with pytest.raises(RecordError, match="不是日期"):
        format_date("去年")
