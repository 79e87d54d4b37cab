"""The estimate of the central grant as a table: labelled, adding up to the pool, with how each figure came about."""

import datetime as dt
import io

import openpyxl
import pandas as pd
import pytest

from data.reports import Origin, central_report, to_xlsx
from policy.central_fund import central_estimate, methods

DAY = dt.date(2026, 11, 21)
ORIGIN = Origin(plan="云城", revision=3, made_on=DAY, profile="云城方案")


def rows(**more):
    return pd.DataFrame(
        {
            "name": ["甲", "=HYPERLINK(1)", None],
            "floor_area_m2": [3000.0, 1000.5, 10.0],
            "households": pd.array([30, 10, 1], dtype="Int64"),
            "building_count": pd.array([3, 1, 1], dtype="Int64"),
            **more,
        },
        index=["a", "b", "c"],
    )


@pytest.mark.parametrize("method", methods())
def test_the_sums_of_the_compounds_are_the_pool_to_the_yuan(method):
    frame = rows(difficulty=[0.8, 0.9, 1.0], performance=[90, 80, 70])
    found = central_report(
        frame, central_estimate(frame, 1_000_001, method=method), area="甲片区", origin=ORIGIN
    )
    at = found.heads.index("估算（元）")
    amounts = [row[at] for row in found.body]
    assert sum(amounts[:-1]) == amounts[-1] == 1_000_001


def test_every_amount_is_labelled_and_explained():
    frame = rows()
    found = central_report(frame, central_estimate(frame, 500_000), area="甲片区", origin=ORIGIN)
    assert "估算" in found.title
    assert {"估算（元）", "估算（万元）", "占总额（估算）"} <= set(found.heads)
    assert all(str(row[-1]).startswith("估算 ") for row in found.body[:-1])
    assert "可信度：低" in "".join(found.subtitles)
    assert "不是下达数" in found.notes[0]
    assert "修订 3" in found.notes[-1]


def test_what_was_typed_stands_in_the_table_and_only_then():
    plain = rows()
    typed = rows(difficulty=[0.8, 0.9, 1.0])
    for frame, there in ((plain, False), (typed, True)):
        found = central_report(frame, central_estimate(frame, 10), area="甲", origin=ORIGIN)
        assert ("财政困难程度系数" in found.heads) is there


def test_hostile_names_are_text_in_the_workbook():
    frame = rows()
    data = to_xlsx(central_report(frame, central_estimate(frame, 10), area="甲", origin=ORIGIN))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    cell = next(c for row in sheet.iter_rows() for c in row if c.value == "=HYPERLINK(1)")
    assert cell.data_type == "s"
    assert any(c.value == "（未命名）" for row in sheet.iter_rows() for c in row)
