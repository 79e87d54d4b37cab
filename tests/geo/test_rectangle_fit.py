"""Rectangles that fit are found and lie inside; those that do not are not; turning the ground changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import rotate, translate

from geo.rectangle_fit import corner_places, fit_rectangle, sides_of

L_SHAPE = shapely.Polygon([(0, 0), (40, 0), (40, 12), (12, 12), (12, 40), (0, 40)])
RING = shapely.box(0, 0, 40, 40).difference(shapely.box(10, 10, 30, 30))


def is_inside(piece, fit) -> bool:
    return bool(shapely.covers(piece.buffer(0.01), fit.places).all())


@pytest.mark.parametrize(
    ("piece", "area", "width", "fits"),
    [
        (shapely.box(0, 0, 20, 20), 400, 20, True),
        (shapely.box(0, 0, 20, 20), 401, 20, False),
        (shapely.box(0, 0, 30, 10), 300, 10, True),
        (shapely.box(0, 0, 31, 10), 310, 10, False),  # longer than three times as wide
        (L_SHAPE, 480, 12, False),
        (L_SHAPE, 430, 11.9, True),
        (L_SHAPE, 144, 12, True),
        (L_SHAPE, 200, 13, False),
        (RING, 300, 10, True),
        (RING, 90, 10.1, False),
        (shapely.box(0, 0, 100, 1.5), 5, 2, False),
        (shapely.Polygon([(0, 0), (30, 0), (0, 30)]), 225, 5, True),
        (shapely.Polygon([(0, 0), (30, 0), (0, 30)]), 230, 5, False),
        (shapely.Polygon(), 10, 2, False),
    ],
)
def test_known_pieces_of_ground(piece, area, width, fits) -> None:
    fit = fit_rectangle(piece, area_m2=area, width_m=width)
    assert (fit is not None) == fits
    if fit is not None:
        assert fit.width_m * fit.length_m >= area - 1e-6
        assert fit.width_m >= width - 1e-9
        assert is_inside(piece, fit)


@pytest.mark.parametrize("turn", [0, 17, 45, 61.3, 89])
@pytest.mark.parametrize("move", [0, 400_000])
def test_turned_and_moved_ground_gives_the_same_rectangle(turn, move) -> None:
    piece = translate(rotate(L_SHAPE, turn, origin=(0, 0)), move, 10 * move)
    fit = fit_rectangle(piece, area_m2=430, width_m=11.9)
    assert fit is not None
    assert fit.width_m == pytest.approx(11.972, abs=1e-3)
    assert is_inside(piece, fit)
    off = (fit.angle_deg - turn) % 90
    assert min(off, 90 - off) < 1e-6


def test_the_squarest_that_fits_is_taken() -> None:
    fit = fit_rectangle(shapely.box(0, 0, 50, 20), area_m2=300, width_m=5)
    assert fit is not None
    assert fit.width_m == pytest.approx(fit.length_m)


def test_of_several_parts_the_largest_that_takes_it_is_used_whatever_their_order() -> None:
    small, large = shapely.box(0, 0, 15, 15), shapely.box(100, 0, 120, 18)
    found = [
        fit_rectangle(shapely.MultiPolygon(parts), area_m2=200, width_m=10)
        for parts in ([small, large], [large, small])
    ]
    assert all(one is not None and one.places[0].within(large.buffer(0.01)) for one in found)
    assert shapely.equals_exact(found[0].places, found[1].places).all()


def test_a_fine_outline_is_smoothed_and_nothing_leaves_it() -> None:
    disc = shapely.Point(0, 0).buffer(20, quad_segs=2500)
    fit = fit_rectangle(disc, area_m2=700, width_m=10)
    assert fit is not None
    assert is_inside(disc, fit)
    assert fit_rectangle(disc, area_m2=801, width_m=10) is None  # a square of 28.3 m is the largest


@st.composite
def stairs(draw):
    """Pieces of one-metre squares: what fits can be counted."""
    heights = draw(st.lists(st.integers(1, 7), min_size=2, max_size=8))
    floor = draw(st.lists(st.integers(0, 3), min_size=len(heights), max_size=len(heights)))
    cells = np.zeros((11, len(heights)), dtype=bool)
    for column, (low, high) in enumerate(zip(floor, heights, strict=True)):
        cells[low : low + high, column] = True
    return cells


@settings(max_examples=60)
@given(cells=stairs(), x=st.integers(1, 5), y=st.integers(1, 5))
def test_corners_are_exactly_where_whole_squares_leave_room(cells, x, y) -> None:
    rows, columns = np.nonzero(cells)
    piece = shapely.union_all(shapely.box(columns, rows, columns + 1, rows + 1))
    room = corner_places(piece, x, y)
    wanted = [
        (column, row)
        for row in range(cells.shape[0] - y + 1)
        for column in range(cells.shape[1] - x + 1)
        if cells[row : row + y, column : column + x].all()
    ]
    # A corner on the grid is feasible if and only if all squares above and right of it are there.
    grid = [(c, r) for r in range(cells.shape[0]) for c in range(cells.shape[1])]
    near = shapely.dwithin(shapely.points(grid), room, 0.01) if not room.is_empty else []
    found = [place for place, inside in zip(grid, near, strict=False) if inside]
    assert found == wanted


def test_sides_hold_the_area_and_the_limits() -> None:
    for width, length in sides_of(777, 18, 3):
        assert width * length == pytest.approx(777)
        assert 18 - 1e-9 <= width <= length + 1e-9
        assert length / width <= 3 + 1e-9
