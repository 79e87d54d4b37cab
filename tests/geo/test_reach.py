"""Reach in a straight line."""

from __future__ import annotations

import numpy as np
import pytest

from errors import GeometryError
from geo.reach import straight_reach


def test_straight_reach_holds_all_pairs_within_the_radius_and_their_distances() -> None:
    rng = np.random.default_rng(3)
    clients, sites = rng.uniform(0, 2000, (400, 2)), rng.uniform(0, 2000, (90, 2))
    apart = np.hypot(*(sites[:, None] - clients[None]).transpose(2, 0, 1))
    found = straight_reach(clients, sites, 300)
    rows, columns = found.nonzero()
    wanted = np.nonzero(apart <= 300)
    assert rows.tolist() == wanted[0].tolist()
    assert columns.tolist() == wanted[1].tolist()
    assert found.data == pytest.approx(apart[wanted])
    assert found.has_sorted_indices


def test_a_client_at_the_site_and_one_on_the_circle_are_reached() -> None:
    found = straight_reach(
        [[500_000, 3_000_000], [500_300, 3_000_400]], [[500_000, 3_000_000]], 500
    )
    assert found.nnz == 2
    assert found.data.tolist() == [0, 500]


def test_points_that_are_no_numbers_reach_nothing_and_keep_their_place() -> None:
    found = straight_reach([[np.nan, 0], [1, 1]], [[0, 0], [np.inf, 0]], 10)
    assert found.shape == (2, 2)
    assert list(zip(*found.nonzero(), strict=True)) == [(0, 1)]


@pytest.mark.parametrize("clients", [[], np.empty((0, 2))])
def test_nobody_gives_an_empty_table(clients: object) -> None:
    assert straight_reach(clients, [[0, 0]], 10).shape == (1, 0)  # type: ignore[arg-type]
    assert straight_reach([[0, 0]], [], 10).shape == (0, 1)


def test_progress_is_told_and_can_end_the_work() -> None:
    told: list[float] = []
    straight_reach(np.zeros((3, 2)), np.zeros((4500, 2)), 1, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    with pytest.raises(KeyboardInterrupt):
        straight_reach([[0, 0]], [[0, 0]], 1, progress=_stop)


def _stop(share: float) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("radius", [-1, np.nan, np.inf])
def test_a_radius_that_is_none_is_refused(radius: float) -> None:
    with pytest.raises(GeometryError, match="服务半径"):
        straight_reach([[0, 0]], [[0, 0]], radius)


def test_what_is_no_list_of_pairs_is_refused() -> None:
    with pytest.raises(GeometryError, match="一对平面坐标"):
        straight_reach([[0, 0, 0]], [[0, 0]], 10)
