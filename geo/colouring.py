"""Colours of 片区: numbers into a palette, so that neighbours differ and a colour is kept for life.

What the numbers look like is the affair of `layers`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable

import pandas as pd

from errors import GeometryError
from geo.adjacency import sorted_positions

__all__ = ["assign_colours"]


def assign_colours(
    pairs: pd.DataFrame, existing: pd.Series[int], *, palette_size: int
) -> pd.Series[int]:
    """Give each 片区 without a colour one that its neighbours do not have.

    Parameters
    ----------
    pairs : DataFrame
        Columns ``i`` and ``j``: labels of 片区 that lie next to each other.
    existing : Series
        Colour numbers by label, missing for new ones. A colour once given is never changed, even where
        two neighbours turn out to share it.
    palette_size : int
        Number of colours, 1 or more.

    Returns
    -------
    Series
        ``Int64``, index of `existing`, name ``assign_colours``. Of the free colours the least used is
        taken, so that the whole palette is in use; when all are taken around, the one fewest neighbours have.

    Raises
    ------
    GeometryError
        If `palette_size` is below 1.

    Examples
    --------
    >>> pairs = pd.DataFrame({"i": ["甲"], "j": ["乙"]})
    >>> assign_colours(pairs, pd.Series({"甲": 0, "乙": None}, dtype="Int64"), palette_size=4).tolist()
    [0, 1]
    """
    if palette_size < 1:
        raise GeometryError("色板里没有颜色，至少需要一种，请检查配色设置。")
    around = _around(pairs)
    colours: dict[Hashable, int] = {
        label: int(colour) for label, colour in existing.items() if pd.notna(colour)
    }
    used = Counter(colours.values())
    for label in existing.index[sorted_positions(existing.index)]:
        if label not in colours:
            taken = Counter(colours[other] for other in around[label] if other in colours)
            colours[label] = min(
                range(palette_size), key=lambda colour: (taken[colour], used[colour], colour)
            )
            used[colours[label]] += 1
    return pd.Series(
        [colours[label] for label in existing.index],
        index=existing.index,
        dtype="Int64",
        name="assign_colours",
    )


def _around(pairs: pd.DataFrame) -> defaultdict[Hashable, set[Hashable]]:
    around: defaultdict[Hashable, set[Hashable]] = defaultdict(set)
    for first, second in zip(pairs["i"], pairs["j"], strict=True):
        if first != second:
            around[first].add(second)
            around[second].add(first)
    return around
