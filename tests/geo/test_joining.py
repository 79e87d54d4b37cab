"""Parts of a 片区 and the chain that joins them, on a small grid and on random graphs against all subsets."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.joining import part_labels, parts, shortest_chain


def pairs_of(*links: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(links, columns=["i", "j", "gap_m"])


# 甲 1 2 乙 in a row, 甲 3 乙 beside them, 丙 hangs on 4 behind 乙.
TOWN = pairs_of(
    ("甲", "1", 5.0), ("1", "2", 5.0), ("2", "乙", 5.0), ("甲", "3", 20.0), ("3", "乙", 20.0),
    ("乙", "4", 1.0), ("4", "丙", 1.0),
)  # fmt: skip
FREE = pd.Series(1.0, index=["1", "2", "3", "4"])


def test_the_fewest_compounds_win_over_the_smallest_gaps() -> None:
    chain = shortest_chain(pd.Index(["甲", "乙"]), TOWN, FREE)
    assert (chain.steps, chain.parts, chain.left, chain.gap_m) == (("3",), 2, 1, 40.0)


def test_what_is_dear_is_gone_around_and_what_has_no_cost_is_never_taken() -> None:
    dear = FREE.copy()
    dear["3"] = 2.5
    assert shortest_chain(pd.Index(["甲", "乙"]), TOWN, dear).steps == ("1", "2")
    assert shortest_chain(pd.Index(["甲", "乙"]), TOWN, FREE.drop("3")).steps == ("1", "2")
    dear["1"] = None
    assert shortest_chain(pd.Index(["甲", "乙"]), TOWN, dear).steps == ("3",)


def test_of_equal_chains_the_one_with_the_smaller_gaps_is_taken() -> None:
    town = pairs_of(("甲", "1", 9.0), ("1", "乙", 9.0), ("甲", "2", 2.0), ("2", "乙", 3.0))
    chain = shortest_chain(pd.Index(["甲", "乙"]), town, pd.Series(1.0, index=["1", "2"]))
    assert (chain.steps, chain.gap_m) == (("2",), 5.0)


def test_three_parts_are_joined_at_once() -> None:
    chain = shortest_chain(pd.Index(["甲", "乙", "丙"]), TOWN, FREE)
    assert (chain.steps, chain.parts, chain.left) == (("3", "4"), 3, 1)


def test_what_can_not_be_reached_stays_apart_and_is_counted() -> None:
    chain = shortest_chain(pd.Index(["甲", "乙", "远"]), TOWN, FREE)
    assert (chain.steps, chain.parts, chain.left) == (("3",), 3, 2)
    lost = shortest_chain(pd.Index(["甲", "远"]), TOWN, FREE)
    assert (lost.steps, lost.parts, lost.left) == ((), 2, 2)


def test_what_lies_together_needs_nothing() -> None:
    assert shortest_chain(pd.Index(["甲", "1"]), TOWN, FREE.drop("1")).steps == ()
    assert shortest_chain(pd.Index([]), TOWN, FREE).parts == 0


def test_parts_are_numbered_by_size_then_by_first_label() -> None:
    labels = pd.Series({"丙": "P", "甲": "P", "3": "P", "1": "Q", "乙": None, "4": "Q"})
    found = part_labels(labels, TOWN)
    assert found.to_dict() == {"丙": 1, "甲": 0, "3": 0, "1": 0, "4": 1}
    assert parts(labels, TOWN).to_dict() == {"P": 2, "Q": 2}


nodes = [chr(ord("a") + k) for k in range(8)]
graphs = st.lists(
    st.tuples(st.sampled_from(nodes), st.sampled_from(nodes), st.floats(0, 30)), max_size=16
)


def pieces(chosen: set[str], members: list[str], table: pd.DataFrame) -> int:
    links = {(i, j) for i, j in zip(table["i"], table["j"], strict=True)}
    left, count = set(members), 0
    while left:
        count += 1
        todo, seen = [left.pop()], set()
        while todo:
            at = todo.pop()
            seen.add(at)
            todo += [o for o in chosen - seen if (at, o) in links or (o, at) in links]
        left -= seen
    return count


@settings(max_examples=60)
@given(graphs, st.lists(st.sampled_from(nodes), min_size=2, max_size=3, unique=True), st.randoms())
def test_the_chain_is_the_cheapest_for_two_parts_and_whatever_the_row_order(
    links, members, random
) -> None:
    table = pairs_of(*links)
    costs = pd.Series({n: 1.0 + nodes.index(n) % 3 for n in nodes if n not in members})
    chain = shortest_chain(pd.Index(members), table, costs)
    assert pieces({*members, *chain.steps}, members, table) == chain.left
    shuffled = table.sample(frac=1, random_state=random.randint(0, 99))
    flipped = shuffled.rename(columns={"i": "j", "j": "i"})
    assert shortest_chain(pd.Index(members[::-1]), flipped, costs[::-1]) == chain
    options = [
        set(some) for size in range(len(costs) + 1) for some in combinations(costs.index, size)
    ]
    fewest = min(pieces({*members, *some}, members, table) for some in options)
    assert chain.left == fewest
    if chain.parts == 2:
        cheapest = min(
            costs[list(some)].sum()
            for some in options
            if pieces({*members, *some}, members, table) == fewest
        )
        assert costs[list(chain.steps)].sum() == cheapest
