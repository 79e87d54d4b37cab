"""Themes of parking: shortage round zero, stalls a household, and what nobody knows hatched."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layers.palettes import NEUTRAL, RAMPS
from layers.scale import NO_DATA_CLASS
from layers.themes import paint, theme_value

FRAME = pd.DataFrame(
    {
        "households": pd.array([100, 200, pd.NA, 0, 50], dtype="Int64"),
        "stalls_existing": pd.array([20, 0, 10, 5, pd.NA], dtype="Int64"),
    },
    index=list("甲乙丙丁戊"),
)
SHORT = pd.Series([60.0, 160.0, np.nan, -5.0, 0.0], index=list("甲乙丙丁戊"))


def words(theme: str, **options) -> list[str]:
    painted = paint(FRAME, theme, **options)
    labels = {row.class_index: row.label for row in painted.legend}
    return [labels[int(k)] for k in painted.classes]


def test_what_is_short_is_red_what_is_over_green_and_neither_is_neutral():
    painted = paint(FRAME, "stall_shortage", shortage=lambda: SHORT)
    colors = [painted.scale.color(value) for value in SHORT]
    assert colors[0] in RAMPS["red"]
    assert colors[1] in RAMPS["red"]
    assert colors[3] in RAMPS["teal"]
    assert colors[4] == NEUTRAL
    assert painted.classes[2] == NO_DATA_CLASS
    assert painted.legend[-1].pattern == "hatch"
    told = words("stall_shortage", shortage=lambda: SHORT)
    assert told[1].startswith("缺")
    assert told[3].startswith("富余")
    assert told[4] == "不缺不余"


def test_shortages_are_found_by_uid_whatever_their_order():
    turned = SHORT.iloc[::-1]
    one, other = (
        theme_value(FRAME, "stall_shortage", shortage=lambda s=s: s) for s in (SHORT, turned)
    )
    pd.testing.assert_series_equal(one, other)


def test_without_a_demand_everything_is_unknown_and_hatched():
    painted = paint(FRAME, "stall_shortage")
    assert set(painted.classes) == {NO_DATA_CLASS}
    assert painted.legend[-1].pattern == "hatch"


def test_none_is_a_class_of_its_own_and_an_empty_compound_is_unknown():
    value = theme_value(FRAME, "stalls_per_household")
    assert value["甲"] == pytest.approx(0.2)
    assert value.isna().tolist() == [False, False, True, True, True]
    assert words("stalls_per_household")[1:] == ["没有车位", "未知", "未知", "未知"]
