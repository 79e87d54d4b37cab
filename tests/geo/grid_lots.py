"""Rectilinear lots of 2.4 m cells, from north to south: how often a row stands, and the row."""

from __future__ import annotations

from tests.geo.grid_model import Grid

_MAPS = {
    "rect 9x7, road along it": (
        (2, "RRRRRRRRR"),
        (7, "........."),
    ),
    "rect 7x10, road on the short side": (
        (2, "RRRRRRR"),
        (10, "......."),
    ),
    "rect 6x12, road on the short side": (
        (2, "RRRRRR"),
        (12, "......"),
    ),
    "rect 12x5, road along it": (
        (2, "RRRRRRRRRRRR"),
        (5, "............"),
    ),
    "L, road along it": (
        (2, "RRRRRRRRRR"),
        (4, ".........."),
        (5, "......####"),
    ),
    "T, road along it": (
        (2, "RRRRRRRRRRRR"),
        (5, "............"),
        (4, "####....####"),
    ),
    "U, road along it": (
        (2, "RRRRRRRRRRR"),
        (4, "..........."),
        (4, "....###...."),
    ),
    "notch, road along it": (
        (2, "RRRRRRRRRR"),
        (2, "...###...."),
        (6, ".........."),
    ),
    "ring round a building, road along it": (
        (2, "RRRRRRRRRRRR"),
        (4, "............"),
        (3, "....####...."),
        (3, "............"),
    ),
    "stairs, road along it": (
        (2, "RRRRRRRRR"),
        (3, "........."),
        (3, "......###"),
        (3, "...######"),
    ),
    "pillar, road along it": (
        (2, "RRRRRRRR"),
        (5, "........"),
        (1, "....#..."),
        (2, "........"),
    ),
    "Z, road along it": (
        (2, "RRRRRRRRRR"),
        (2, ".........."),
        (2, ".......###"),
        (4, "###......."),
    ),
    "rect 8x7, gate": (
        (2, "RRRRRRRR"),
        (1, "###..###"),
        (7, "........"),
    ),
    "rect 10x6, gate": (
        (2, "RRRRRRRRRR"),
        (1, "..########"),
        (6, ".........."),
    ),
    "rect 6x11, gate": (
        (2, "RRRRRR"),
        (1, "##..##"),
        (11, "......"),
    ),
    "rect 7x9, gate in a corner": (
        (2, "RRRRRRR"),
        (1, "#####.."),
        (9, "......."),
    ),
    "rect 11x8, gate": (
        (2, "RRRRRRRRRRR"),
        (1, "####..#####"),
        (8, "..........."),
    ),
    "L, gate": (
        (2, "RRRRRRRRR"),
        (1, "##..#####"),
        (4, "........."),
        (5, ".....####"),
    ),
    "L turned, gate": (
        (2, "RRRRRRRRR"),
        (1, "#..######"),
        (4, "........."),
        (4, "####....."),
    ),
    "T, gate": (
        (2, "RRRRRRRRRR"),
        (1, "####..####"),
        (4, ".........."),
        (5, "###....###"),
    ),
    "U, gate": (
        (2, "RRRRRRRRRR"),
        (1, "####..####"),
        (4, ".........."),
        (4, "....##...."),
    ),
    "notch, gate": (
        (2, "RRRRRRRR"),
        (1, "#..#####"),
        (3, "........"),
        (2, ".....###"),
        (4, "........"),
    ),
    "ring round a building, gate": (
        (2, "RRRRRRRRRRR"),
        (1, "####..#####"),
        (4, "..........."),
        (2, "....###...."),
        (3, "..........."),
    ),
    "long, gate at the end": (
        (2, "RRRRR"),
        (1, "#..##"),
        (14, "....."),
    ),
}

GRIDS = {
    name: Grid(tuple(row for times, row in rows for _ in range(times)))
    for name, rows in _MAPS.items()
}
