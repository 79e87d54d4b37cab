import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import RecordError
from geo.adjacency import neighbours
from geo.bundling import parts
from geo.bundling_by_gap import bundle_by_gap
from tests.geo import town


def graph() -> pd.DataFrame:
    return neighbours(town.compounds(), max_gap_m=30)


def groups(labels: pd.Series) -> set[str]:
    members = labels.dropna()
    return {"".join(sorted(members.index[members == number])) for number in members.unique()}


def test_the_town_falls_into_the_groups_a_planner_would_draw() -> None:
    # A 120, B 200, C 150, D 90 | E 310 | F 40 alone. At least 300: ABD + CE, or ABCD + E, and so on;
    # two full ones at most beside F, and the links of ABD (0 + 0.02) + CE (30) or AB.. are the shortest.
    found = bundle_by_gap(town.households(), graph(), min_households=300, max_households=600)
    assert groups(found.labels) == {"ABCD", "E", "F"}
    assert not found.feasible
    assert found.bundles["state"].tolist() == ["符合", "符合", "户数不足"]
    assert found.bundles["isolated"].tolist() == [False, False, True]
    assert any("单独成片" in note for note in found.notes)


def test_a_maximum_alone_fills_up_and_is_never_broken() -> None:
    found = bundle_by_gap(town.households(), graph(), max_households=400)
    assert found.bundles["households"].max() <= 400
    assert found.feasible


def test_without_limits_each_connected_group_is_one() -> None:
    found = bundle_by_gap(town.households(), graph())
    assert groups(found.labels) == {"ABCDE", "F"}
    # A-B 0, A-D 0.02, B-C 12, C-E 30.
    assert found.bundles["link_gap_m"].round(6).tolist() == [42.02, 0]


def test_of_two_ways_with_as_many_groups_the_shorter_gaps_win() -> None:
    row = pd.DataFrame({"i": list("ABC"), "j": list("BCD"), "gap_m": [1.0, 25.0, 1.0]})
    ring = pd.concat([row, pd.DataFrame({"i": ["A"], "j": ["D"], "gap_m": [25.0]})])
    homes = pd.Series(150, index=list("ABCD"))
    found = bundle_by_gap(homes, ring, min_households=300, max_households=300)
    assert groups(found.labels) == {"AB", "CD"}


def test_unknown_households_count_as_none_and_are_said() -> None:
    homes = town.households()
    homes["B"] = pd.NA
    found = bundle_by_gap(homes, graph(), min_households=200, max_households=600)
    assert found.labels.notna().all()
    assert found.bundles["unknown_households"].sum() == 1
    assert any("户数未知" in note for note in found.notes)


def test_what_is_too_big_or_not_drawn_stays_out_with_the_reason() -> None:
    drawn = pd.Series({"F": False})
    found = bundle_by_gap(
        town.households(), graph(), min_households=100, max_households=300, drawn=drawn
    )
    assert found.labels[["E", "F"]].isna().all()
    assert found.unassigned.to_dict() == {"E": "本小区户数已超过片区上限 300 户", "F": "还没有边界"}
    assert not found.feasible


def test_a_star_of_branches_does_not_break_the_maximum() -> None:
    star = pd.DataFrame({"i": "M", "j": [f"S{k}" for k in range(6)], "gap_m": 5.0})
    homes = pd.Series({"M": 10, **{f"S{k}": 250 for k in range(6)}})
    found = bundle_by_gap(homes, star, min_households=300, max_households=600)
    assert found.bundles["households"].max() <= 600
    # The middle joins two branches; the other four have no other neighbour and stay small.
    assert sorted(found.bundles["households"]) == [250, 250, 250, 250, 510]
    assert any("周边没有可以并入" in note for note in found.notes)


def test_bad_limits_and_ledgers_are_refused_all_at_once() -> None:
    with pytest.raises(RecordError) as caught:
        bundle_by_gap(pd.Series({"A": -3}), graph(), min_households=500, max_households=300)
    assert len(caught.value.problems) == 2
    with pytest.raises(RecordError, match="重复"):
        bundle_by_gap(pd.Series([1, 2], index=["A", "A"]), graph())


def test_no_compounds_no_bundles() -> None:
    found = bundle_by_gap(pd.Series([], dtype="Int64"), graph(), min_households=300)
    assert found.labels.empty
    assert found.bundles.empty
    assert found.feasible


def test_progress_ends_at_one_and_can_stop_the_search() -> None:
    told: list[float] = []
    bundle_by_gap(town.households(), graph(), min_households=300, restarts=5, progress=told.append)
    assert told == [0.2, 0.4, 0.6, 0.8, 1.0]

    class StopError(Exception):
        pass

    def stop(share: float) -> None:
        raise StopError

    with pytest.raises(StopError):
        bundle_by_gap(town.households(), graph(), min_households=300, progress=stop)


def test_parts_counts_what_hangs_together() -> None:
    labels = pd.Series({"A": 1, "D": 1, "F": 1, "C": 2, "E": 2, "B": None}, dtype="Int64")
    assert parts(labels, graph()).to_dict() == {1: 2, 2: 1}
    assert parts(labels[:0], graph()).empty


edges = st.sets(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=50)
homes = st.lists(st.one_of(st.none(), st.integers(0, 500)), min_size=20, max_size=20)


@settings(deadline=None, max_examples=60)
@given(edges, homes, st.integers(1, 400), st.integers(0, 500), st.randoms(use_true_random=False))
def test_a_proposal_is_a_partition_into_connected_groups_within_the_maximum(
    links, loads, low, more, rnd
) -> None:
    names = [f"c{k:02d}" for k in range(20)]
    households = pd.Series(loads, index=names, dtype="Int64")
    rows = sorted((a, b) for a, b in links if a < b)
    pairs = pd.DataFrame(
        {
            "i": [names[a] for a, _ in rows],
            "j": [names[b] for _, b in rows],
            "gap_m": [float(a + b) for a, b in rows],
        }
    )
    options = {"min_households": low, "max_households": low + more, "restarts": 4, "seed": 7}
    found = bundle_by_gap(households, pairs, **options)
    assert list(found.labels.index) == names
    assert set(found.labels.index[found.labels.isna()]) == set(found.unassigned.index)
    assert (parts(found.labels, pairs) == 1).all()
    assert (found.bundles["households"] <= low + more).all()
    assert (
        found.bundles["households"].sum() + households[found.unassigned.index].sum()
        == households.sum()
    )
    # A group below the minimum has no neighbour that could have taken it whole.
    total = found.bundles["households"]
    for a, b in pairs[["i", "j"]].itertuples(index=False):
        one, other = found.labels[a], found.labels[b]
        if pd.notna(one) and pd.notna(other) and one != other:
            assert min(total[one], total[other]) >= low or total[one] + total[other] > low + more
    mixed = rnd.sample(names, 20)
    again = bundle_by_gap(households[mixed], pairs.sample(frac=1, random_state=1), **options)
    assert again.labels[names].equals(found.labels)
