"""Proposals of 片区 against the optimisers of PySAL, on the same neighbours and the same floor.

    python -m bench.bundling [--sizes 500 2000 5000] [--alone 50000 220000] [--cut-off 600]

The city of the generator with its roads, river and railway as barriers; at least 300 households a 片区. Every
measurement is a process of its own, which is ended after so many CPU seconds. ``ours`` is `geo.bundling.propose`, the
kernels compiled and kept before; ``maxp`` and ``skater`` are spopt's MaxPHeuristic and Skater with their
defaults, the centroids as attributes. A second task for ours: all limits (300–3,000 households, 8,000 万元,
800 m). All partitions are measured by the same code below.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.barriers import BarrierSettings, neighbourhood_of
from data.samples import sample_plan
from geo.bundle_problem import BundleLimits
from geo.bundling import propose
from geo.crs import plan_zone, to_plane
from geo.joining import parts

FLOOR = BundleLimits(min_households=300)
ALL = BundleLimits(
    min_households=300, max_households=3000, max_investment_yuan=80_000_000, max_diameter_m=800.0
)
LIMITS = {"floor": FLOOR, "all": ALL}
SEED = 1


class Town(NamedTuple):
    """An instance."""

    compounds: pd.DataFrame
    shapes: gpd.GeoSeries
    pairs: pd.DataFrame


def town(compounds: int) -> Town:
    """Make the city and its neighbours."""
    made = sample_plan(f"city:{compounds}:{SEED}")
    frame = made.layers["compounds"]
    near = neighbourhood_of(frame.geometry, made.layers, BarrierSettings())
    rng = np.random.default_rng(SEED)
    figures = pd.DataFrame(frame[["households", "investment_yuan", "subdistrict"]])
    figures["balance_yuan"] = rng.integers(-300, 200, len(frame)) * 10_000
    return Town(figures, to_plane(frame.geometry, plan_zone(frame.geometry).epsg), near.pairs)


def ours(task: str) -> Callable[[Town], pd.Series[Any]]:
    """`propose` under some limits."""

    def run(made: Town) -> pd.Series[Any]:
        (best,) = propose(*made, limits=LIMITS[task], seed=SEED)
        return best.labels.rename(f"{best.proof}；{best.seconds:.2f}")

    return run


def maxp(made: Town) -> pd.Series[Any]:
    """Spopt's heuristic for the most regions above a floor (Wei, Rey and Knaap 2021)."""
    from spopt.region import MaxPHeuristic

    frame, graph = _for_pysal(made)
    model = MaxPHeuristic(frame, graph, ["x", "y"], "households", FLOOR.min_households)
    model.solve()
    return pd.Series(model.labels_, index=frame.index)


def skater(made: Town) -> pd.Series[Any]:
    """Spopt's pruning of the smallest spanning tree, with the floor as its quorum."""
    from spopt.region import Skater

    frame, graph = _for_pysal(made)
    model = Skater(frame, graph, ["x", "y"], n_clusters=len(frame), floor=2)
    model.solve()
    return pd.Series(model.labels_, index=frame.index)


def _for_pysal(made: Town) -> tuple[gpd.GeoDataFrame, Any]:
    from libpysal.weights import W

    centres = made.shapes.centroid
    columns = {
        "households": made.compounds["households"].fillna(0).astype(int),
        "x": centres.x,
        "y": centres.y,
    }
    around: dict[Any, list[Any]] = {label: [] for label in made.shapes.index}
    for one, other in zip(made.pairs["i"], made.pairs["j"], strict=True):
        around[one].append(other)
        around[other].append(one)
    frame = gpd.GeoDataFrame(columns, geometry=made.shapes)
    frame = frame.reset_index(drop=True)
    at = {label: position for position, label in enumerate(made.shapes.index)}
    by_position = {at[label]: [at[o] for o in others] for label, others in around.items()}
    frame.index = range(len(frame))
    return frame, W(by_position, silence_warnings=True)


WAYS: dict[str, Callable[[Town], pd.Series[Any]]] = {
    "ours": ours("floor"),
    "ours, all limits": ours("all"),
    "maxp": maxp,
    "skater": skater,
}


def quality(made: Town, labels: pd.Series[Any], limits: BundleLimits) -> dict[str, float]:
    """Feasible 片区 (in one piece, within the limits), households in them, and their shapes."""
    labels = pd.Series(labels.to_numpy(), index=made.compounds.index).astype("Int64")
    figures = made.compounds[["households", "investment_yuan"]].fillna(0).astype(float)
    shapes = made.shapes
    figures["area"] = shapes.area
    figures["ax"] = figures["area"] * shapes.centroid.x
    figures["ay"] = figures["area"] * shapes.centroid.y
    figures["moment"] = (figures["ax"] ** 2 + figures["ay"] ** 2) / figures["area"] + figures[
        "area"
    ] ** 2 / (2 * np.pi)
    by = figures.groupby(labels).sum()
    fits = by["households"] >= (limits.min_households or 0)
    fits &= parts(labels, made.pairs).reindex(by.index) == 1
    fits &= by["households"] <= (limits.max_households or np.inf)
    fits &= by["investment_yuan"] <= (limits.max_investment_yuan or np.inf)
    unions = _united(shapes, labels)
    fits &= _widest(unions.convex_hull).reindex(by.index) <= (limits.max_diameter_m or np.inf)
    inertia = by["moment"] - (by["ax"] ** 2 + by["ay"] ** 2) / by["area"]
    polsby = 4 * np.pi * unions.area / unions.length**2
    return {
        "fit": int(fits.sum()),
        "placed": float(by.loc[fits, "households"].sum() / figures["households"].sum()),
        "inertia": float((by["area"] ** 2 / (2 * np.pi * inertia))[fits].mean()),
        "polsby": float(polsby[fits].mean()),
    }


def _united(shapes: gpd.GeoSeries, labels: pd.Series[Any]) -> gpd.GeoSeries:
    """Unions of the compounds of each 片区, gaps left open."""
    known = labels.notna().to_numpy()
    codes, numbers = pd.factorize(labels[known], sort=True)
    order = np.argsort(codes, kind="stable")
    together = shapely.geometrycollections(shapes.to_numpy()[known][order], indices=codes[order])
    return gpd.GeoSeries(shapely.union_all(together[:, None], axis=1), index=pd.Index(numbers))


def _widest(hulls: gpd.GeoSeries) -> pd.Series[float]:
    widest = []
    for hull in hulls:
        corners = shapely.get_coordinates(hull)
        widest.append(np.sqrt(((corners[:, None] - corners[None]) ** 2).sum(axis=2)).max())
    return pd.Series(widest, index=hulls.index)


def measure(way: str, compounds: int) -> dict[str, Any]:
    """One measurement in this process."""
    warnings.filterwarnings("ignore")
    if way.startswith("ours"):
        WAYS[way](town(300))  # brings the kernels
    made = town(compounds)
    wall, cpu = time.perf_counter(), time.process_time()
    labels = WAYS[way](made)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = quality(made, labels, ALL if "all" in way else FLOOR)
    proof = labels.name if way.startswith("ours") else ""
    return {"wall": wall, "cpu": cpu, "peak": peak, "proof": proof, **found}


def in_a_child(way: str, compounds: int, cut_off: float) -> dict[str, Any]:
    """Measure in a process of its own, ended at the cut-off of CPU seconds."""
    command = [sys.executable, "-m", "bench.bundling", "--one", way, str(compounds)]
    most = int(cut_off)
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (most, most)),
    )
    if done.returncode in {-signal.SIGXCPU, -signal.SIGKILL}:
        return {"ended": f"not done after {most} CPU s"}
    if done.returncode:
        return {"ended": done.stderr.strip().splitlines()[-1]}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def told(compounds: int, way: str, row: dict[str, Any], own: dict[str, Any] | None) -> str:
    """Write a row of the table."""
    head = f"| {compounds:,} | {way} | "
    if "ended" in row:
        return head + f"{row['ended']} |" + " – |" * 7
    ratio = f"{row['cpu'] / own['cpu']:,.0f}×" if own and own is not row else ""
    return head + (
        f"{row['cpu']:.2f} | {row['wall']:.2f} | {row['fit']:,} | {row['placed']:.2%} | "
        f"{row['inertia']:.3f} | {row['polsby']:.3f} | {row['peak']:,.0f} | {ratio}{row['proof']} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[500, 2000, 5000])
    parser.add_argument("--alone", type=int, nargs="*", default=[50_000, 220_000])
    parser.add_argument("--cut-off", type=float, default=600.0)
    parser.add_argument("--one", nargs=2, metavar=("WAY", "N"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measure(asked.one[0], int(asked.one[1])), ensure_ascii=False))
        return
    print(f"load {os.getloadavg()[0]:.1f}")
    print("| compounds | | CPU s | s | feasible | placed | A²/2πI | Polsby–Popper | peak MB | |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for compounds in asked.sizes:
        own = None
        for way in WAYS:
            row = in_a_child(way, compounds, asked.cut_off)
            own = own or row
            print(told(compounds, way, row, own if way in {"maxp", "skater"} else None), flush=True)
    for compounds in asked.alone:
        for way in ("ours", "ours, all limits"):
            print(told(compounds, way, in_a_child(way, compounds, asked.cut_off), None), flush=True)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
