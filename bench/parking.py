"""Open ground against a loop of differences; layouts of stalls: time, stalls, ㎡ each; lots whose count is known.

    python -m bench.parking [--compounds 5000] [--sample 250] [--full] [--runs 3] [--seed 1]

Ground: the generated city, its buildings grown by 1.5 m, roads as wide as they are, green and water; the peer takes
off one shape after the other, compound by compound, with a tree that finds them, and grows them as they come. Layouts:
`data.ground.ground_of` and `geo.stalls.lay_out_many` on a seeded sample of compounds, or with ``--full`` on all of
them; the time for all is then measured, otherwise it is told from the sample. Lots are those of the tests. The
machine code is compiled before the clock starts.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from data.ground import GroundOf, ground_of
from data.ground_settings import GroundSettings
from data.samples import sample_plan
from geo.crs import plan_zone, to_plane
from geo.ground import Deduction, open_ground
from geo.stalls import Layout, LayoutLimits, lay_out, lay_out_many, warm
from tests.geo.laid_out import laid_out
from tests.geo.lots import Lot, formula_lots
from tests.geo.random_compounds import compound
from tests.geo.shaped_lots import grid_lots, shaped_lots
from tests.geo.stall_checker import faults

# Setback of buildings, half the width of roads.
GROWN_M = {"buildings": 1.5, "roads": 3.5, "green": 0.0, "water": 0.0}


def grow(shapes: Any, by_m: float) -> Any:
    """Setback or half a width around a shape or many."""
    return shapely.buffer(shapes, by_m, join_style="mitre", cap_style="flat") if by_m else shapes


def deductions(drawn: Mapping[str, gpd.GeoSeries]) -> list[Deduction]:
    """Grow what is taken off, all at once."""
    return [
        Deduction(
            kind=kind, shapes=gpd.GeoSeries(grow(drawn[kind].to_numpy(), m), crs=drawn[kind].crs)
        )
        for kind, m in GROWN_M.items()
    ]


def one_by_one(
    homes: gpd.GeoSeries, drawn: Mapping[str, gpd.GeoSeries], *, grown: bool
) -> np.ndarray:
    """Open areas by a loop: one difference for each shape near a compound, grown before or as it comes."""
    shapes = {kind: (drawn[kind].to_numpy(), m) for kind, m in GROWN_M.items()}
    if grown:
        shapes = {kind: (grow(all_, m), 0.0) for kind, (all_, m) in shapes.items()}
    trees = {kind: shapely.STRtree(all_) for kind, (all_, _) in shapes.items()}
    areas = np.zeros((len(homes), len(shapes)))
    for number, home in enumerate(homes):
        left = home
        for column, (kind, (all_, m)) in enumerate(shapes.items()):
            for position in trees[kind].query(home, predicate="dwithin", distance=m):
                left = left.difference(grow(all_[position], m))
            areas[number, column] = left.area
    return areas[:, -1]


def ground(compounds: int, runs: int, seed: int) -> None:
    """Print the comparison of open ground."""
    layers = sample_plan(f"city:{compounds}:{seed}").layers
    epsg = plan_zone(layers["compounds"].geometry).epsg
    homes = to_plane(layers["compounds"].geometry, epsg)
    drawn = {kind: to_plane(layers[kind].geometry, epsg) for kind in GROWN_M}
    ours, cuts = [], []
    for _ in range(runs):
        start = time.process_time()
        taken = deductions(drawn)
        middle = time.process_time()
        found = open_ground(homes, taken)
        ours.append(time.process_time() - start)
        cuts.append(time.process_time() - middle)
    loops, apart = [], 0.0
    for grown in (True, False):
        start = time.process_time()
        areas = one_by_one(homes, drawn, grown=grown)
        loops.append(time.process_time() - start)
        apart = max(apart, np.abs(found.areas["open_m2"].to_numpy() - areas).max())
    own, cut = statistics.median(ours), statistics.median(cuts)
    share = found.areas["open_m2"].sum() / found.areas["area_m2"].sum()
    shapes = sum(len(one) for one in drawn.values())
    print("| compounds | shapes | | ours CPU s | loop CPU s | ratio | open | largest gap ㎡ |")
    print("|---|---|---|---|---|---|---|---|")
    head = f"| {compounds:,} | {shapes:,} "
    tail = f"{share:.0%} | {apart:.4f} |"
    whole = f"{own:.2f} | {loops[1]:.1f} | {loops[1] / own:.1f}× | {tail}"
    print(f"{head}| setbacks and differences | {whole}")
    print(
        f"{head}| differences alone | {cut:.2f} | {loops[0]:.1f} | {loops[0] / cut:.1f}× | {tail}"
    )


def made_up(size: int, seed: int) -> tuple[gpd.GeoSeries, gpd.GeoSeries, gpd.GeoSeries]:
    """Ground, roads and streets of compounds with slabs and lanes, of 0.2 to 1.4 ha."""
    made = [compound(seed * 100_000 + number) for number in range(size)]
    columns = (
        [one.ground for one in made],
        [one.roads for one in made],
        [one.streets for one in made],
    )
    grounds, roads, streets = (gpd.GeoSeries(column, crs="EPSG:4547") for column in columns)
    return grounds, roads, streets


def of_the_city(compounds: int, size: int, seed: int) -> GroundOf:
    """Open ground of a sample of the generated city, as the program finds it."""
    layers = sample_plan(f"city:{compounds}:{seed}").layers
    uids = layers["compounds"].index
    if size < len(uids):
        uids = uids[np.sort(np.random.default_rng(seed).choice(len(uids), size, replace=False))]
    return ground_of(layers, list(uids), GroundSettings(), purpose="capacity")


def layouts(name: str, grounds: Any, roads: Any, streets: Any, whole: int) -> None:
    """Print what layouts take and hold."""
    limits = LayoutLimits()
    each, found = [], {}
    for label in grounds.index:
        start = time.process_time()
        found[label] = lay_out(
            grounds[label], roads=roads[label], streets=streets[label], limits=limits
        )
        each.append(time.process_time() - start)
    start = time.perf_counter()
    lay_out_many(grounds, roads=roads, streets=streets, limits=limits)
    wall = time.perf_counter() - start
    stalls = sum(one.count for one in found.values())
    area = sum(one.area_m2 for one in found.values())
    wrong = sum(bool(told(grounds, roads, streets, label, one)) for label, one in found.items())
    print(
        f"| {name} | {len(grounds):,} | {grounds.area.median() / 1e4:.2f} | {stalls:,} | "
        f"{statistics.median(each):.3f} | {np.quantile(each, 0.95):.2f} | {stalls / sum(each):,.0f} | "
        f"{area / max(stalls, 1):.1f} | {wall:.0f} | {wall / len(grounds) * whole / 60:.1f} | {wrong} |"
    )


def told(grounds: Any, roads: Any, streets: Any, label: Any, layout: Layout) -> list[str]:
    """Faults that the independent checker finds."""
    return faults(grounds[label], roads[label], streets[label], layout, LayoutLimits())


def lots(name: str, made: list[Lot]) -> None:
    """Print how many stalls lots hold of those known, and what each takes."""
    shares, seconds, wrong, count, area = [], [], 0, 0, 0.0
    for lot in made:
        start = time.process_time()
        layout = laid_out(lot)
        seconds.append(time.process_time() - start)
        wrong += bool(faults(lot.ground, lot.roads, lot.streets, layout, lot.limits))
        count, area = count + layout.count, area + layout.area_m2
        shares.append(layout.count / lot.known if lot.known else float(layout.count == 0))
    reached = sum(share >= 1.0 for share in shares)
    print(
        f"| {name} | {len(made)} | {reached} | {np.mean(shares):.3f} | {min(shares):.2f} | "
        f"{count:,} | {area / count:.1f} | {statistics.median(seconds):.3f} | {wrong} |"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compounds", type=int, default=5000)
    parser.add_argument("--sample", type=int, default=250)
    parser.add_argument("--full", action="store_true", help="lay out all compounds")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}")
    warm()
    ground(asked.compounds, asked.runs, asked.seed)
    size = asked.compounds if asked.full else asked.sample
    print(
        "\n| compounds | laid out | median ha | stalls | median CPU s | 95 % | stalls / CPU s |",
        end="",
    )
    print(f" ㎡ a stall | s in threads | min for {asked.compounds:,} | with faults |")
    print("|" + "---|" * 11)
    layouts("slabs and lanes", *made_up(size, asked.seed), asked.compounds)
    city = of_the_city(asked.compounds, size, asked.seed)
    layouts("generated city", city.ground.open, city.roads, city.streets, asked.compounds)
    print(
        "\n| lots | | reached | mean | least | stalls | ㎡ a stall | median CPU s | with faults |"
    )
    print("|" + "---|" * 9)
    lots("by formula", formula_lots())
    lots("of many shapes", shaped_lots())
    lots("on the grid of the model", grid_lots())
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
