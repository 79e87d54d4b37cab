"""The p-median against problems whose optima are published."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from geo.siting import median
from tests.geo.pmed import OPTIMA, pmed

pytestmark = pytest.mark.realdata


@pytest.mark.parametrize("number", [1, 5, 10, 20, 30, 40])
def test_published_optimum_is_reached_and_proven(number: int) -> None:
    folder = Path(os.environ["PIANQU_GEODATA"]) / "peers" / "pmed"
    ways, count = pmed(folder, number)
    choice = median(ways, count=count)
    assert choice.objective == OPTIMA[number] == choice.bound
    assert len(choice.sites) == count
    assert ways[choice.sites].min(axis=0).sum() == OPTIMA[number]
    assert choice.proof == "已证明最优"
