"""p-median problems of the OR-Library (Beasley 1985) and their published optima."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import shortest_path

# Of its file pmedopt.
OPTIMA = {1: 5819, 5: 1355, 10: 1255, 20: 1789, 30: 1989, 38: 11060, 40: 5128}


def pmed(folder: Path, number: int) -> tuple[np.ndarray, int]:
    """Shortest ways between all vertices, and the number of medians."""
    figures = np.array((folder / f"pmed{number}.txt").read_text().split(), dtype=int)
    size, edges, count = figures[:3]
    # Of edges that are given twice the last one counts.
    length = {}
    for one, other, cost in figures[3 : 3 + 3 * edges].reshape(-1, 3) - [1, 1, 0]:
        length[min(one, other), max(one, other)] = cost
    ends = np.array(list(length))
    graph = sp.csr_array((np.array(list(length.values())), ends.T), shape=(size, size))
    return shortest_path(graph.astype(float), directed=False), int(count)
