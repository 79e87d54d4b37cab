import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import RecordError
from geo.adjacency import neighbours
from geo.bundle_problem import BundleLimits, BundleWeights
from geo.bundling import Bundling, propose
from geo.joining import parts
from tests.geo import town
from tests.geo.blocks import CRS, grid, row

OPEN = BundleLimits()


def graph() -> pd.DataFrame:
    return neighbours(town.compounds(), max_gap_m=30)


def ledger(**columns) -> pd.DataFrame:
    return pd.DataFrame({"households": town.households(), **columns})


def groups(labels: pd.Series) -> set[str]:
    members = labels.dropna()
    return {"".join(sorted(members.index[members == number])) for number in members.unique()}


def in_town(limits: BundleLimits, frame: pd.DataFrame | None = None, **options) -> Bundling:
    frame = ledger() if frame is None else frame
    (found,) = propose(frame, town.compounds(), graph(), limits=limits, **options)
    return found


def test_the_town_falls_into_the_groups_a_planner_would_draw() -> None:
    # A 120, B 200, C 150, D 90 | E 310 | F 40 alone: two full ones at most, and F.
    found = in_town(BundleLimits(min_households=300, max_households=600))
    assert found.bundles["state"].tolist().count("符合") == 2
    assert found.bundles["isolated"].sum() == 1
    assert found.labels["F"] == found.bundles.index[found.bundles["isolated"]][0]
    assert found.optimal
    assert found.proof == "已证明最优"
    assert (found.objective.left, found.objective.number, found.gap) == (40, -2, 0.0)
    assert not found.feasible
    assert any("单独成片" in note for note in found.notes)


def test_fewest_without_limits_joins_each_connected_group() -> None:
    found = in_town(OPEN, aim="fewest")
    assert groups(found.labels) == {"ABCDE", "F"}
    # A-B 0, A-D 0.02, B-C 12, C-E 30.
    assert found.bundles["link_gap_m"].round(6).tolist() == [42.02, 0]
    assert found.feasible


def test_a_row_of_six_gives_three_pairs_at_most() -> None:
    frame, shapes, pairs = row([150] * 6)
    (found,) = propose(frame, shapes, pairs, limits=BundleLimits(min_households=300))
    assert groups(found.labels) == {"c00c01", "c02c03", "c04c05"}
    assert found.bundles["diameter_m"].round(3).tolist() == [round(float(np.hypot(110, 50)), 3)] * 3
    assert found.objective.number == -3


def test_the_diameter_is_kept_to_the_metre() -> None:
    frame, shapes, pairs = row([100] * 6)
    reach = float(np.hypot(170, 50))
    for most, largest in ((reach + 1e-6, 3), (reach - 1e-3, 2)):
        limits = BundleLimits(max_diameter_m=most)
        (found,) = propose(frame, shapes, pairs, limits=limits, aim="fewest")
        assert found.bundles["compounds"].max() == largest
        assert (found.bundles["diameter_m"] <= most).all()


def test_the_investment_is_kept_and_added_up() -> None:
    frame, shapes, pairs = row([100] * 4)
    frame["investment_yuan"] = pd.array([3_000_000, 3_000_000, pd.NA, 5_000_000], dtype="Int64")
    limits = BundleLimits(max_investment_yuan=6_000_000)
    (found,) = propose(frame, shapes, pairs, limits=limits, aim="fewest")
    assert groups(found.labels) == {"c00c01", "c02c03"} or len(found.bundles) == 2
    assert found.bundles["investment_yuan"].max() <= 6_000_000
    assert found.bundles["investment_yuan"].sum() == 11_000_000
    assert found.bundles["balance_yuan"].isna().all()


def test_money_is_balanced_inside_where_only_money_counts() -> None:
    frame, shapes, pairs = row([100] * 4)
    frame["balance_yuan"] = [900, -1000, -500, 600]
    only_money = BundleWeights(compact=0, balanced=0, money=1, subdistrict=0)
    (found,) = propose(
        frame,
        shapes,
        pairs,
        limits=BundleLimits(min_households=200, max_households=200),
        weights=only_money,
        aim="free",
    )
    assert groups(found.labels) == {"c00c01", "c02c03"}
    assert found.bundles["balance_yuan"].tolist() == [-100, 100]
    # Of 3,000 in all, 100 are not covered.
    assert found.objective.score == pytest.approx(100 / 3000)


def test_together_and_apart_are_kept_also_across_a_gap() -> None:
    frame, shapes, pairs = row([150] * 6)
    (found,) = propose(
        frame,
        shapes,
        pairs,
        limits=BundleLimits(min_households=300),
        together=[("c00", "c03")],
        apart=[("c04", "c05")],
    )
    assert found.labels["c00"] == found.labels["c03"]
    assert found.labels["c04"] != found.labels["c05"]
    joined = found.labels["c00"]
    assert found.bundles.loc[joined, "parts"] == parts(found.labels, pairs)[joined]


def test_one_subdistrict_each_if_it_is_asked_for() -> None:
    frame, shapes, pairs = row([150] * 6)
    frame["subdistrict"] = list("xxxyyy")
    hard = BundleLimits(min_households=300, subdistricts="hard")
    (found,) = propose(frame, shapes, pairs, limits=hard)
    assert (found.bundles["subdistricts"] == 1).all()
    assert groups(found.labels) == {"c00c01c02", "c03c04c05"}


def test_what_is_too_big_or_not_drawn_stays_out_with_the_reason() -> None:
    shapes = town.compounds()
    shapes["F"] = None
    (found,) = propose(
        ledger(), shapes, graph(), limits=BundleLimits(min_households=100, max_households=300)
    )
    assert found.labels[["E", "F"]].isna().all()
    assert found.unassigned.to_dict() == {"E": "本小区户数已超过片区上限 300 户", "F": "还没有边界"}
    assert not found.feasible


def test_unknown_households_count_as_none_and_are_said() -> None:
    homes = town.households()
    homes["B"] = pd.NA
    found = in_town(BundleLimits(min_households=200), pd.DataFrame({"households": homes}))
    assert found.labels.notna().all()
    assert found.bundles["unknown_households"].sum() == 1
    assert any("户数未知" in note for note in found.notes)


def test_pick_keeps_the_best_few_and_says_so_of_the_others() -> None:
    frame, shapes, pairs = row([150, 150, 100, 200, 150, 150, 20])
    (found,) = propose(frame, shapes, pairs, limits=BundleLimits(min_households=300), pick=2)
    assert found.bundles.index.tolist() == [1, 2]
    assert (found.bundles["state"] == "符合").all()
    assert found.labels.isna().sum() == len(found.unassigned) > 0
    assert set(found.unassigned) == {"不在选出的 2 个片区内"}
    assert found.gap is None
    assert "选出" in found.proof


def test_picks_of_several_proposals_differ_and_none_is_no_failure() -> None:
    frame, shapes, pairs = grid(12, 6)
    limits = BundleLimits(min_households=300, max_households=900)
    found = propose(frame, shapes, pairs, limits=limits, pick=3, proposals=3, effort=0.2)
    scores = [one.objective.score for one in found]
    assert all((one.bundles["state"] == "符合").sum() == 3 for one in found)
    assert scores[0] <= min(scores) + 1e-9
    assert not any(a.labels.equals(b.labels) for a in found for b in found if a is not b)
    frame, shapes, pairs = row([10, 10])
    (nothing,) = propose(frame, shapes, pairs, limits=limits, pick=2)
    assert nothing.labels.isna().all()
    assert nothing.bundles.empty
    assert not nothing.feasible


def test_bad_limits_and_ledgers_are_refused_all_at_once() -> None:
    with pytest.raises(RecordError) as caught:
        in_town(BundleLimits(min_households=500, max_households=300), ledger() * -1)
    assert len(caught.value.problems) == 7


def test_no_compounds_no_bundles() -> None:
    nothing = ledger().iloc[:0]
    (found,) = propose(nothing, town.compounds().iloc[:0], graph(), limits=OPEN)
    assert found.labels.empty
    assert found.bundles.empty
    assert found.feasible


ALL_LIMITS = BundleLimits(
    min_households=300,
    max_households=2_000,
    max_investment_yuan=40_000_000,
    max_diameter_m=450,
    subdistricts="prefer",
)


@pytest.mark.parametrize("aim", ["most", "fewest", "free"])
def test_more_search_is_never_worse_than_cut_trees(aim) -> None:
    frame, shapes, pairs = grid(12, 3)
    (quick,) = propose(frame, shapes, pairs, limits=ALL_LIMITS, aim=aim, effort=0)
    (better,) = propose(frame, shapes, pairs, limits=ALL_LIMITS, aim=aim, effort=0.3)
    assert better.objective <= quick.objective
    for found in (quick, better):
        assert found.bound <= found.objective
        assert found.bundles["diameter_m"].max() <= 450
        assert found.bundles["investment_yuan"].max() <= 40_000_000
        assert found.bundles["households"].max() <= 2_000
        assert (found.bundles["parts"] == 1).all()


def test_several_proposals_differ_visibly_and_the_best_is_first() -> None:
    frame, shapes, pairs = grid(12, 4)
    found = propose(frame, shapes, pairs, limits=ALL_LIMITS, aim="free", proposals=3, effort=0.2)
    assert len(found) == 3
    assert found[0].emphasis == "综合"
    assert len({one.emphasis for one in found[:2]}) == 2
    assert all(found[0].objective <= other.objective for other in found[1:])
    together = [
        one.labels[pairs["i"]].to_numpy() == one.labels[pairs["j"]].to_numpy() for one in found
    ]
    for k in range(3):
        for other in range(k):
            assert (together[k] != together[other]).mean() >= 0.05


def test_progress_rises_to_one_and_can_stop_the_search() -> None:
    frame, shapes, pairs = grid(10, 5)
    told: list[float] = []
    propose(frame, shapes, pairs, limits=ALL_LIMITS, effort=0.2, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0

    class StopError(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.5:
            raise StopError

    with pytest.raises(StopError):
        propose(frame, shapes, pairs, limits=ALL_LIMITS, effort=0.2, progress=stop)


def test_parts_counts_what_hangs_together() -> None:
    labels = pd.Series({"A": 1, "D": 1, "F": 1, "C": 2, "E": 2, "B": None}, dtype="Int64")
    assert parts(labels, graph()).to_dict() == {1: 2, 2: 1}
    assert parts(labels[:0], graph()).empty


edges = st.sets(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=50)
homes = st.lists(st.one_of(st.none(), st.integers(0, 500)), min_size=20, max_size=20)
two = st.tuples(st.integers(0, 19), st.integers(0, 19)).filter(lambda pair: pair[0] < pair[1])


@settings(max_examples=25)
@given(
    links=edges,
    loads=homes,
    low=st.integers(0, 400),
    more=st.integers(0, 500),
    wide=st.sampled_from([None, 400.0, 900.0]),
    aim=st.sampled_from(["most", "fewest", "free"]),
    apart=st.sets(two, max_size=3),
    rnd=st.randoms(use_true_random=False),
)
def test_a_proposal_is_a_partition_into_connected_groups_within_the_limits(
    links, loads, low, more, wide, aim, apart, rnd
) -> None:
    names = [f"c{k:02d}" for k in range(20)]
    shapes = gpd.GeoSeries(
        [
            shapely.box(k % 5 * 120, k // 5 * 90, k % 5 * 120 + 100, k // 5 * 90 + 70)
            for k in range(20)
        ],
        index=names,
        crs=CRS,
    )
    frame = pd.DataFrame({"households": pd.array(loads, dtype="Int64")}, index=names)
    rows = sorted((a, b) for a, b in links if a < b)
    pairs = pd.DataFrame(
        {
            "i": [names[a] for a, _ in rows],
            "j": [names[b] for _, b in rows],
            "gap_m": [float(a + b) for a, b in rows],
        }
    )
    options = {
        "limits": BundleLimits(
            min_households=low, max_households=low + more or None, max_diameter_m=wide
        ),
        "aim": aim,
        "apart": [(names[a], names[b]) for a, b in apart],
        "seed": 7,
        "effort": 0.1,
    }
    (found,) = propose(frame, shapes, pairs, **options)
    assert list(found.labels.index) == names
    assert set(found.labels.index[found.labels.isna()]) == set(found.unassigned.index)
    assert (parts(found.labels, pairs) == 1).all()
    if low + more:
        assert (found.bundles["households"] <= low + more).all()
    if wide:
        assert (found.bundles["diameter_m"] <= wide).all()
    for a, b in apart:
        one, other = found.labels[names[a]], found.labels[names[b]]
        assert pd.isna(one) or pd.isna(other) or one != other
    placed = frame["households"].drop(found.unassigned.index)
    assert found.bundles["households"].sum() == placed.sum()
    assert found.bound <= found.objective
    mixed = rnd.sample(names, 20)
    (again,) = propose(
        frame.loc[mixed], shapes[mixed], pairs.sample(frac=1, random_state=1), **options
    )
    assert again.labels[names].equals(found.labels)
