"""Demand for stalls: unknown stays unknown, figures add up, and what is to spare is shared as well as it can be."""

from __future__ import annotations

from itertools import product
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from data.layout_records import sizes_of
from data.stall_demand import demand
from data.stall_settings import StallSettings
from data.stall_sharing import share
from errors import RecordError
from geo.stall_sizes import DEFAULT_SIZES

WEST, SOUTH = 606_700.0, 2_535_900.0
# A ratio of 1 makes the numbers readable.
ONE = StallSettings(target="own", target_ratio=1.0)


def town(*rows: tuple[Any, Any, Any, float | None]) -> gpd.GeoDataFrame:
    """Compounds of 50 m × 50 m: households, stalls, 片区 and the x of the west side in metres."""
    shapes = gpd.GeoSeries(
        [None if x is None else box(WEST + x, SOUTH, WEST + x + 50, SOUTH + 50) for *_, x in rows],
        index=[f"c{n}" for n in range(len(rows))],
        crs=4546,
    ).to_crs(4490)
    columns = {
        "households": pd.array([row[0] for row in rows], dtype="Int64"),
        "stalls_existing": pd.array([row[1] for row in rows], dtype="Int64"),
        "pianqu_uid": np.array([row[2] for row in rows], dtype=object),
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, index=shapes.index)


def drawn(*shapes: Any, **columns: Any) -> gpd.GeoDataFrame:
    series = gpd.GeoSeries(list(shapes), crs=4546).to_crs(4490)
    return gpd.GeoDataFrame(columns, geometry=series)


def test_need_is_households_times_the_target_rounded_up_less_what_there_is():
    found = demand(town((500, 120, None, 0), (3, 0, None, 900)), StallSettings()).compounds
    assert found["need"].tolist() == [400, 3]
    assert found["shortage"].tolist() == [280, 3]
    assert found["per_household"].tolist() == [0.24, 0.0]
    assert found["existing_from"].tolist() == ["台账的现状停车位"] * 2
    # 500 × 0.7 is 350.00000000000006 in binary.
    outer = StallSettings.from_settings({"stalls": {"target": "jiangmen_outer"}})
    assert demand(town((500, 0, None, 0)), outer).compounds["need"].tolist() == [350]


def test_what_is_not_known_is_not_0():
    found = demand(town((None, 10, "p", 0), (100, None, "p", 60), (50, 20, "p", 120)), ONE)
    assert found.compounds["shortage"].isna().tolist() == [True, True, False]
    assert found.compounds["left"].isna().tolist() == [True, True, False]
    row = found.pianqu.loc["p"]
    assert (row["shortage"], row["unknown"], row["compounds"]) == (30, 2, 3)
    assert row["per_household"] == pytest.approx(0.4)
    assert demand(town((None, 1, "p", 0)), ONE).pianqu["shortage"].isna().all()


def test_without_a_ledger_figure_drawn_stalls_count_and_then_the_capacity_of_parking_ground():
    frame = town(
        (100, None, None, 0), (100, None, None, 100), (100, None, None, 200), (100, 7, None, 300)
    )
    spots = [Point(WEST + 10 + n, SOUTH + 10).buffer(0.4) for n in range(3)]
    new, by_hand = (Point(WEST + 20 + n, SOUTH + 20).buffer(0.4) for n in range(2))
    stalls = drawn(
        *spots, new, by_hand,
        layout_uid=[None, None, None, "layout", None], by_hand=[False] * 4 + [True],
    )  # fmt: skip
    parking = drawn(
        *(box(WEST + x, SOUTH + 30, WEST + x + 9, SOUTH + 40) for x in (101, 120, 201, 220, 301)),
        extra=[{"capacity": "12"}, {"车位数": 8}, {"capacity": "12"}, {}, {"capacity": "99"}],
    )
    found = demand(frame, ONE, stalls=stalls, parking=parking).compounds
    # One parking ground of the third compound does not say what it holds.
    assert found["existing"].tolist()[:2] == [3, 20]
    assert found["existing"].isna().tolist() == [False, False, True, False]
    assert found["existing"].iloc[3] == 7
    assert found["existing_from"].tolist() == [
        "已画的停车位", "停车场地的容量", None, "台账的现状停车位",
    ]  # fmt: skip


def test_what_is_to_spare_is_shared_in_the_pianqu_first_and_within_300_m():
    # c0 lends 30. c1 (片区 p) lacks 20, c2 (none, 10 m away) lacks 50, c3 lies too far away.
    frame = town((10, 40, "p", 0), (20, 0, "p", 2000), (50, 0, None, 60), (9, 0, None, 500))
    found = demand(frame, ONE)
    flows = [
        tuple(row)
        for row in found.flows[["lender", "borrower", "stalls", "within"]].itertuples(index=False)
    ]
    assert flows == [("c0", "c1", 20, "片区"), ("c0", "c2", 10, "步行范围")]
    assert found.flows["distance_m"].round().tolist() == [1950.0, 10.0]
    table = found.compounds
    assert table["left"].tolist() == [0, 0, 40, 9]
    assert table["lent"].tolist() == [30, 0, 0, 0]
    assert (table["from_pianqu"].tolist(), table["from_near"].tolist()) == (
        [0, 20, 0, 0],
        [0, 0, 10, 0],
    )
    assert found.pianqu.loc["p", ["shortage", "left"]].tolist() == [-10, 0]
    only = StallSettings(target="own", target_ratio=1.0, sharing="radius")
    assert demand(frame, only).flows["borrower"].tolist() == ["c2"]
    off = StallSettings(target="own", target_ratio=1.0, sharing="off")
    assert demand(frame, off).flows.empty
    assert demand(frame, off).words == "每户 1 个〔本计划自定〕；各小区的富余车位不共用"


def test_compounds_without_a_boundary_share_in_their_pianqu_only():
    found = demand(town((10, 20, "p", None), (30, 10, "p", 0), (30, 10, None, 60)), ONE).flows
    assert found["borrower"].tolist() == ["c1"]
    assert found["distance_m"].isna().all()


AMOUNTS = st.lists(st.integers(-3, 3), min_size=2, max_size=4)


@settings(max_examples=30)
@given(
    short=AMOUNTS,
    pianqu=st.lists(st.sampled_from(["p", "q", None]), min_size=4, max_size=4),
    places=st.lists(st.integers(0, 8), min_size=4, max_size=4),
    turned=st.permutations(range(4)),
)
def test_no_sharing_is_better_and_the_order_of_rows_changes_nothing(short, pianqu, places, turned):
    frame = town(*((1, None, pianqu[n], places[n] * 100) for n in range(len(short))))
    lacking = pd.Series(short, index=frame.index, dtype="Int64")
    found = share(frame.geometry, lacking, frame["pianqu_uid"], settings=ONE)
    assert worth(found) == pytest.approx(best_worth(lacking, frame["pianqu_uid"], places), abs=1e-3)
    order = [n for n in turned if n < len(short)]
    again = share(
        frame.geometry.iloc[order],
        lacking.iloc[order],
        frame["pianqu_uid"].iloc[order],
        settings=ONE,
    )
    pd.testing.assert_frame_equal(found, again)


def worth(flows: pd.DataFrame) -> tuple[int, int, float]:
    inside = int(flows.loc[flows["within"] == "片区", "stalls"].sum())
    return int(flows["stalls"].sum()), inside, -float((flows["stalls"] * flows["distance_m"]).sum())


def best_worth(
    lacking: pd.Series[Any], pianqu: pd.Series[Any], places: list[int]
) -> tuple[int, int, float]:
    """Try every whole flow."""
    uids = list(lacking.index)
    arcs = []
    for i, j in product(range(len(uids)), repeat=2):
        if lacking.iloc[i] < 0 < lacking.iloc[j]:
            way = max(0.0, abs(places[i] - places[j]) * 100.0 - 50)
            same = pianqu.iloc[i] is not None and pianqu.iloc[i] == pianqu.iloc[j]
            if same or way <= 300:
                arcs.append((i, j, way, same))
    best = (0, 0, 0.0)
    for flow in product(*(range(min(-lacking.iloc[i], lacking.iloc[j]) + 1) for i, j, *_ in arcs)):
        out, into = np.zeros(len(uids)), np.zeros(len(uids))
        for amount, (i, j, *_) in zip(flow, arcs, strict=True):
            out[i] += amount
            into[j] += amount
        if (out <= np.abs(lacking)).all() and (into <= np.abs(lacking)).all():
            reached = (
                sum(flow),
                sum(f for f, arc in zip(flow, arcs, strict=True) if arc[3]),
                -sum(f * arc[2] for f, arc in zip(flow, arcs, strict=True)),
            )
            best = max(best, reached)
    return best


def test_settings_come_back_from_the_plan_as_they_went_in():
    made = StallSettings(
        arrangements=("perpendicular",), mechanical=True, group_most=None, target_ratio=1.1
    )
    assert StallSettings.from_settings({"stalls": made.to_settings()}) == made
    assert StallSettings.from_settings({}) == StallSettings()
    assert "立体 2 倍" in made.words
    assert "每户 1.1 个〔本计划自定〕" in made.words
    assert [one.id for one in made.sizes] == ["perpendicular"]


def test_arrangements_are_named_once_and_plans_of_before_still_open():
    assert sizes_of(StallSettings()) == DEFAULT_SIZES
    former = ["square", "angled60", "angled45", "angled30", "parallel"]
    names = ("perpendicular", "angled_60", "angled_45", "angled_30", "parallel")
    for own in (former, tuple(former), list(names)):
        read = StallSettings.from_settings({"stalls": {"arrangements": own}})
        assert read.arrangements == names
        assert read.to_settings()["arrangements"] == list(names)
    forward = {"arrangements": ["square_forward", "angled60_forward"]}
    assert [one.angle_deg for one in StallSettings.from_settings({"stalls": forward}).sizes] == [
        90,
        60,
    ]
    with pytest.raises(RecordError, match="arrangements 不能是"):
        StallSettings.from_settings({"stalls": {"arrangements": ["angled75", 3]}})


def test_settings_that_make_no_sense_are_refused_all_at_once():
    with pytest.raises(RecordError) as told:
        StallSettings.from_settings(
            {"stalls": {"unpaved_share": 30, "preset": "x", "group_most": 0, "mechanical": 1}}
        )
    text = str(told.value)
    for name in ("unpaved_share", "preset", "group_most", "mechanical"):
        assert f"{name} 不能是" in text
    with pytest.raises(RecordError, match="应是"):
        StallSettings.from_settings({"stalls": [1]})
