import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import GeometryError
from geo.colouring import assign_colours


def pairs(*names: str) -> pd.DataFrame:
    return pd.DataFrame([tuple(name) for name in names], columns=["i", "j"])


def none(labels: str) -> pd.Series:
    return pd.Series(pd.NA, index=list(labels), dtype="Int64")


def test_neighbours_differ() -> None:
    found = assign_colours(pairs("AB", "BC", "CA"), none("ABC"), palette_size=8)
    assert sorted(found) == [0, 1, 2]


def test_a_colour_is_kept_for_life_even_when_neighbours_come_to_share_it() -> None:
    existing = pd.Series({"A": 3, "B": 3, "C": None}, dtype="Int64")
    found = assign_colours(pairs("AB", "BC"), existing, palette_size=8)
    assert found.loc[["A", "B"]].tolist() == [3, 3]
    assert found["C"] != 3
    assert existing.isna().sum() == 1


def test_the_whole_palette_is_used_where_nothing_forces_a_choice() -> None:
    assert sorted(assign_colours(pairs(), none("ABCD"), palette_size=4)) == [0, 1, 2, 3]


def test_a_short_palette_repeats_the_colour_that_fewest_neighbours_have() -> None:
    found = assign_colours(pairs("AB", "BC", "CA"), none("ABC"), palette_size=2)
    assert set(found) == {0, 1}
    with pytest.raises(GeometryError, match="色板"):
        assign_colours(pairs(), none("A"), palette_size=0)


@settings(deadline=None, max_examples=60)
@given(
    st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30),
    st.randoms(use_true_random=False),
)
def test_with_more_colours_than_neighbours_all_differ_whatever_the_order(edges, rnd) -> None:
    frame = pd.DataFrame([edge for edge in edges if edge[0] != edge[1]], columns=["i", "j"])
    existing = pd.Series(pd.NA, index=range(12), dtype="Int64")
    found = assign_colours(frame, existing, palette_size=12)
    assert all(found[i] != found[j] for i, j in frame.itertuples(index=False))
    mixed = existing[rnd.sample(range(12), 12)]
    assert assign_colours(frame, mixed, palette_size=12).sort_index().equals(found)
