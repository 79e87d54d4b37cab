"""Choice of sites against spopt.locate with CBC, on the same distances and to the same optimum.

    python -m bench.siting [--folder pmed] [--cut-off 900] [--only mclp pmed1 "LSCP 5000 200"]

Every measurement is a process of its own, ended after so many CPU seconds; the CPU seconds of the solver that spopt
starts count. Both are given what they ask for: spopt the table of all distances, this tool the points (the
search for who is within the radius is inside its clock). p-median problems are those of the OR-Library, read from
`--folder`; the others are the compounds of `city:N:1`, half of the sites near compounds, half anywhere, 500 m.
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
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from data.samples import sample_plan
from geo.crs import plan_zone, to_plane
from geo.reach import straight_reach
from geo.siting import Choice, cover_all, cover_most, median, warm
from tests.geo.pmed import OPTIMA, pmed

RADIUS_M = 500.0
SEED = 1


class Town(NamedTuple):
    """An instance."""

    clients: np.ndarray
    sites: np.ndarray
    weights: np.ndarray


class Found(NamedTuple):
    """What a tool says: objective, bound, proof."""

    objective: float
    bound: float | None
    proof: str


def town(clients: int, sites: int) -> Town:
    """Make a city and places for facilities."""
    frame = sample_plan(f"city:{clients}:{SEED}").layers["compounds"]
    middle = to_plane(frame.geometry, plan_zone(frame.geometry).epsg).centroid
    points = np.column_stack([middle.x, middle.y])
    rng = np.random.default_rng(SEED)
    half = sites // 2
    anywhere = rng.uniform(points.min(axis=0), points.max(axis=0), (half, 2))
    near = points[rng.integers(0, clients, sites - half)] + rng.normal(0, 150, (sites - half, 2))
    weights = frame["households"].fillna(0).to_numpy(float)
    return Town(points, np.vstack([anywhere, near]), weights)


def told(choice: Choice) -> Found:
    """Take from a choice what the table shows."""
    return Found(choice.objective, choice.bound, choice.proof)


def ours(task: str, made: Town) -> Callable[[], Found]:
    """One of the tasks of a town, from the points on."""
    count = max(1, len(made.sites) // 20)

    def run() -> Found:
        reach = straight_reach(made.clients, made.sites, RADIUS_M)
        if task == "LSCP":
            return told(cover_all(reach, weights=made.weights))
        if task == "MCLP":
            return told(cover_most(reach, weights=made.weights, count=count))
        # Room for all households in 40 sites, were they in the right places.
        capacity = np.full(len(made.sites), made.weights.sum() / 40)
        return told(
            median(reach, weights=made.weights, count=40, capacity=capacity, penalty_m=1000.0)
        )

    return run


def spopt(task: str, made: Town) -> Callable[[], Found]:
    """Hand the same to spopt; clients that no site reaches are left out, or it finds nothing."""
    import pulp
    from spopt.locate import LSCP, MCLP

    ways = cdist(made.clients, made.sites)
    able = ((ways <= RADIUS_M).any(axis=1)) & (made.weights > 0)
    ways, weights = ways[able], made.weights[able]

    def run() -> Found:
        if task == "LSCP":
            model = LSCP.from_cost_matrix(ways, RADIUS_M)
        else:
            model = MCLP.from_cost_matrix(
                ways, weights, RADIUS_M, p_facilities=max(1, len(made.sites) // 20)
            )
        model = model.solve(pulp.PULP_CBC_CMD(msg=False))
        return Found(pulp.value(model.problem.objective), None, pulp.LpStatus[model.problem.status])

    return run


def medians(way: str, number: int, folder: Path) -> Callable[[], Found]:
    """Take a problem of the OR-Library, all shortest ways known."""
    ways, count = pmed(folder, number)
    if way == "ours":
        return lambda: told(median(ways, count=count))
    import pulp
    from spopt.locate import PMedian

    def run() -> Found:
        model = PMedian.from_cost_matrix(ways, np.ones(len(ways)), p_facilities=count)
        model = model.solve(pulp.PULP_CBC_CMD(msg=False))
        return Found(pulp.value(model.problem.objective), None, pulp.LpStatus[model.problem.status])

    return run


def measure(way: str, task: str, folder: Path) -> dict[str, Any]:
    """One measurement in this process."""
    warnings.filterwarnings("ignore")
    name, *sizes = task.split()
    if way == "ours":
        warm()
    if name.startswith("pmed"):
        run = medians(way, int(name[4:]), folder)
    else:
        made = town(*(int(size) for size in sizes))
        run = (ours if way == "ours" else spopt)(name, made)
    wall, cpu = time.perf_counter(), _cpu()
    found = run()
    wall, cpu = time.perf_counter() - wall, _cpu() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"wall": wall, "cpu": cpu, "peak": peak, **found._asdict()}


def _cpu() -> float:
    """CPU seconds of this process and of those that it started."""
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + child.ru_utime + child.ru_stime


def in_a_child(way: str, task: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Measure in a process of its own, ended at the cut-off of CPU seconds."""
    most = int(asked.cut_off)
    command = [sys.executable, "-m", "bench.siting", "--folder", asked.folder, "--one", way, task]
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


# Task, and whether the peer is asked too.
TASKS = (
    ("pmed1", True),
    ("pmed5", True),
    ("MCLP 5000 200", True),
    ("LSCP 5000 200", True),
    ("capacity 500 200", False),
    ("MCLP 5000 5000", False),
    ("LSCP 5000 5000", False),
    ("pmed10", True),
    ("pmed20", False),
    ("pmed30", False),
    ("pmed38", False),
    ("pmed40", False),
    ("MCLP 50000 5000", False),
    ("LSCP 50000 5000", False),
)


def row_of(task: str, way: str, row: dict[str, Any], own: dict[str, Any] | None) -> str:
    """Write a row of the table."""
    head = f"| {task} | {way} | "
    if "ended" in row:
        return head + f"{row['ended']} |" + " – |" * 5
    ratio = f", **{row['cpu'] / own['cpu']:,.0f}×**" if own and own is not row else ""
    bound = "–" if row["bound"] is None else f"{row['bound']:,.0f}"
    return head + (
        f"{row['cpu']:.3f} | {row['wall']:.2f} | {row['objective']:,.0f} | {bound} | "
        f"{row['peak']:,.0f} | {row['proof']}{ratio} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--folder",
        default=os.environ.get("PIANQU_GEODATA", ".") + "/peers/pmed",
        help="of pmed*.txt",
    )
    parser.add_argument("--cut-off", type=float, default=900.0)
    parser.add_argument(
        "--only", nargs="*", help='tasks by their first word or whole: mclp, "LSCP 5000 200"'
    )
    parser.add_argument("--one", nargs=2, metavar=("WAY", "TASK"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measure(*asked.one, Path(asked.folder)), ensure_ascii=False))
        return
    wanted = {one.lower() for one in asked.only or ()}
    unknown = wanted - {one.lower() for task, _ in TASKS for one in (task, task.split()[0])}
    if unknown:
        parser.error(f"no such task: {', '.join(sorted(unknown))}")
    print(f"load {os.getloadavg()[0]:.1f}")
    print("| task | | CPU s | s | objective | bound | peak MB | |")
    print("|---|---|---|---|---|---|---|---|")
    for task, against in TASKS:
        name = task.split()[0]
        if asked.only and not wanted & {name.lower(), task.lower()}:
            continue
        if name.startswith("pmed") and not Path(asked.folder, f"{name}.txt").exists():
            print(f"| {task} | no {name}.txt in --folder |" + " – |" * 6)
            continue
        own = in_a_child("ours", task, asked)
        print(row_of(task, "ours", own, None), flush=True)
        if name.startswith("pmed") and own.get("objective") != OPTIMA[int(name[4:])]:
            print(f"{task}: the published optimum is {OPTIMA[int(name[4:])]}")
        if against:
            row = in_a_child("spopt", task, asked)
            print(row_of(task, "spopt", row, own if "cpu" in own else None), flush=True)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
