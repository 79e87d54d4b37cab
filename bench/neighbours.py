"""Neighbours within 30 m against geopandas' and libpysal's own ways, in one run.

    python -m bench.neighbours [--sizes 500 5000 50000] [--alone 220000] [--runs 3] [--seed 1]

On the generated city with rounded corners, CPU seconds (medians) of: this tool, this tool with the city's main
roads and river as barriers, ``geopandas.sjoin(predicate="dwithin")`` of the compounds with themselves,
``shapely.STRtree.query(predicate="dwithin")``, and ``libpysal.graph.Graph.build_fuzzy_contiguity(buffer=15)``.
All pairs are held against the exact distance; what a peer loses or finds too much is told. The machine code is
compiled before the clock starts.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import statistics
import time
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import libpysal
import pandas as pd
import shapely

from bench.city import rounded
from data.barriers import BarrierSettings, barriers_of
from data.samples import sample_plan
from geo.adjacency import MANY_SHAPES, neighbourhood, neighbours
from geo.crs import plan_zone, to_plane

GAP_M = 30.0
Pairs = set[tuple[str, str]]


def city(number: int, seed: int) -> tuple[gpd.GeoSeries, gpd.GeoDataFrame, gpd.GeoSeries]:
    """Compounds, barriers and openings in metres."""
    layers = sample_plan(f"city:{number}:{seed}").layers
    homes = rounded(layers["compounds"]).geometry
    epsg = plan_zone(homes).epsg
    barriers, openings = barriers_of(layers, BarrierSettings(), epsg=epsg)
    return to_plane(homes, epsg), barriers, openings


def median_s(step: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """CPU seconds of a step, and what it gives."""
    taken, done = [], None
    for _ in range(runs):
        start = time.process_time()
        done = step()
        taken.append(time.process_time() - start)
    return statistics.median(taken), done


def as_pairs(one: pd.Series, other: pd.Series) -> Pairs:
    """Half pairs, whichever way round they came."""
    ends = zip(one.astype(str), other.astype(str), strict=True)
    return {(a, b) if a < b else (b, a) for a, b in ends if a != b}


def by_sjoin(homes: gpd.GeoSeries) -> Pairs:
    """Pairs of geopandas."""
    frame = homes.to_frame("geometry")
    found = gpd.sjoin(frame, frame, predicate="dwithin", distance=GAP_M)
    right = next(name for name in found.columns if name.endswith("right"))
    return as_pairs(pd.Series(found.index), found[right].reset_index(drop=True))


PEERS: dict[str, Callable[[gpd.GeoSeries], Any]] = {
    "sjoin dwithin": lambda homes: gpd.sjoin(
        homes.to_frame("geometry"), homes.to_frame("geometry"), predicate="dwithin", distance=GAP_M
    ),
    "STRtree dwithin": lambda homes: shapely.STRtree(homes.to_numpy()).query(
        homes.to_numpy(), predicate="dwithin", distance=GAP_M
    ),
    "fuzzy contiguity": lambda homes: libpysal.graph.Graph.build_fuzzy_contiguity(
        homes, buffer=GAP_M / 2
    ),
}


def compare(number: int, *, runs: int, seed: int, alone: bool) -> None:
    """Print one row: this tool, and its peers unless it runs alone."""
    homes, barriers, openings = city(number, seed)
    ours_s, ours = median_s(lambda: neighbours(homes, max_gap_m=GAP_M), runs)
    cut_s, cut = median_s(
        lambda: neighbourhood(homes, max_gap_m=GAP_M, barriers=barriers, openings=openings), runs
    )
    print(
        f"{number:>8,}  {len(ours):>8,} pairs  {ours_s:.4f} s   with {len(barriers):,} barriers "
        f"{cut_s:.4f} s, {len(cut.blocked):,} cut",
        flush=True,
    )
    if alone:
        return
    mine, exact = as_pairs(ours["i"], ours["j"]), by_sjoin(homes)
    print(
        f"          lacking {len(exact - mine)}, too many {len(mine - exact)} against the distance"
    )
    for name, peer in PEERS.items():
        taken, found = median_s(lambda peer=peer: peer(homes), runs)
        lost = ""
        if name == "fuzzy contiguity":
            links = found.adjacency.index.to_frame(index=False)
            theirs = as_pairs(links["focal"], links["neighbor"])
            lost = f", lacking {len(exact - theirs)}, too many {len(theirs - exact)}"
        print(f"          {name:<18} {taken:.4f} s  {taken / ours_s:.1f}x{lost}", flush=True)


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--sizes", type=int, nargs="*", default=[500, 5_000, 50_000])
    ask.add_argument("--alone", type=int, nargs="*", default=[220_000])
    ask.add_argument("--runs", type=int, default=3)
    ask.add_argument("--seed", type=int, default=1)
    options = ask.parse_args()
    for name in ("geopandas", "shapely", "libpysal", "numba"):
        print(name, importlib.metadata.version(name), end="  ")
    print()
    homes, barriers, _ = city(MANY_SHAPES, options.seed)
    neighbourhood(homes, max_gap_m=GAP_M, barriers=barriers)
    for number in options.sizes:
        compare(number, runs=options.runs, seed=options.seed, alone=False)
    for number in options.alone:
        compare(number, runs=options.runs, seed=options.seed, alone=True)


if __name__ == "__main__":
    main()
