"""Edges of boundaries: those of their rings and no others, and gaps as the geometry engine measures them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, box

from geo.edges import edges_of, gaps_m

RING = box(0, 0, 30, 30).difference(box(10, 10, 20, 20))
SHAPES = {
    "one part": box(0, 0, 4, 3),
    "a hole": RING,
    "two parts": MultiPolygon([box(0, 0, 1, 1), box(5, 0, 6, 1)]),
    "one part stored as many": MultiPolygon([box(0, 0, 4, 3)]),
    "parts with holes": MultiPolygon([RING, shapely.affinity.translate(RING, 50, 0)]),
}


def drawn(shape: shapely.Geometry) -> set[tuple[float, ...]]:
    rings = shapely.get_rings(shapely.get_parts(shape))
    corners = [shapely.get_coordinates(ring) for ring in rings]
    return {(*a, *b) for ring in corners for a, b in itertools.pairwise(ring)}


@pytest.mark.parametrize("name", SHAPES)
def test_edges_are_those_of_the_rings(name) -> None:
    # Among others, so that what is taken apart stands between what is not.
    shapes = np.array([box(90, 0, 91, 1), SHAPES[name], RING, SHAPES[name]], dtype=object)
    edges = edges_of(shapes)
    for k, shape in enumerate(shapes):
        found = [tuple(row) for row in edges.ends[edges.start[k] : edges.start[k + 1]].tolist()]
        assert len(found) == len(set(found))
        assert set(found) == drawn(shape)


discs = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 200), st.integers(1, 25)), min_size=1, max_size=4
)


@settings(deadline=None, max_examples=60)
@given(discs, discs)
def test_gaps_of_shapes_of_several_parts_are_the_distances(one, other) -> None:
    shapes = np.array(
        [
            shapely.union_all([Point(x, y).buffer(r, quad_segs=2) for x, y, r in parts])
            for parts in (one, other)
        ],
        dtype=object,
    )
    gap = gaps_m(np.array([0]), np.array([1]), edges_of(shapes), 1_000.0)[0]
    assert gap == pytest.approx(shapely.distance(*shapes), abs=1e-6)
