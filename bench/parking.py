"""Open ground against a loop of differences; layouts of stalls: time, stalls, ㎡ each; lots whose count is known.

    python -m bench.parking [--compounds 5000] [--sample 250] [--full] [--runs 3] [--seed 1]

Ground: the generated city, its buildings, their setbacks of 1.5 m, roads as wide as they are, green and water; the peer
is `bench.ground_loop`, one shape after the other with a tree that finds them, and gives areas and pieces. Layouts:
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

from bench.ground_loop import ground_by_loop
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

SETBACK_M = 1.5
TAKEN = ("buildings", "roads", "green", "water")


def deductions(layers: Mapping[str, gpd.GeoDataFrame], epsg: int) -> list[Deduction]:
    """Name what is taken off, in order, grown as it is taken off."""
    plane = {kind: to_plane(layers[kind].geometry, epsg) for kind in TAKEN}
    setbacks = plane["buildings"].buffer(SETBACK_M, join_style="mitre")
    lanes = plane["roads"].buffer(layers["roads"]["width_m"].fillna(7.0) / 2.0, cap_style="flat")
    shapes = {
        "buildings": plane["buildings"],
        "setback": setbacks,
        "carriageway": lanes,
        "green": plane["green"],
        "water": plane["water"],
    }
    return [Deduction(kind=kind, shapes=one) for kind, one in shapes.items()]


def ground(compounds: int, runs: int, seed: int) -> None:
    """Print the comparison of open ground."""
    layers = sample_plan(f"city:{compounds}:{seed}").layers
    epsg = plan_zone(layers["compounds"].geometry).epsg
    homes = to_plane(layers["compounds"].geometry, epsg)
    taken = deductions(layers, epsg)
    open_ground(homes[:300], taken, with_shapes=True)  # brings the kernels
    start = time.process_time()
    _, by_loop, _ = ground_by_loop(homes, taken)
    loop = time.process_time() - start
    print("| compounds | shapes | | ours CPU s | loop CPU s | ratio | open | largest gap ㎡ |")
    print("|---|---|---|---|---|---|---|---|")
    shapes = sum(len(one.shapes) for one in taken)
    for with_shapes in (True, False):
        ours = []
        for _ in range(runs):
            start = time.process_time()
            found = open_ground(homes, taken, with_shapes=with_shapes)
            ours.append(time.process_time() - start)
        own = statistics.median(ours)
        apart = float(np.abs(found.areas - by_loop).to_numpy().max())
        share = found.areas["open_m2"].sum() / found.areas["area_m2"].sum()
        print(
            f"| {compounds:,} | {shapes:,} | {'areas and pieces' if with_shapes else 'areas'} | "
            f"{own:.2f} | {loop:.1f} | {loop / own:.1f}× | {share:.0%} | {apart:.5f} |"
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
