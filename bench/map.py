"""The map of the product against the same compounds as plain ``folium.GeoJson``, in one run.

    python -m bench.map [--sizes 1000 20000 220000] [--loads 3] [--sessions 10] [--out FILE]

For each size: seconds from opening the address to the painted map, bytes that came, seconds to pan and to
recolour, in a Chromium that has never seen the page, on servers that have already been visited once. For
``--session-size``: median seconds of a rerun when ten sessions ask at once. A peer that has not painted within
``--limit`` seconds is written down as that.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Frame, Page

from bench.browser import FRAME, Watched, opened, painted_twice
from bench.city import write_city
from bench.served import ROOT, served
from bench.visitor import Visitor, together

SEED = 1
PAN = "map => { map.panBy([380, 0], {animate: false}); }"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One way to draw the map, and how one sees in the browser what it has done."""

    name: str
    app: Path
    painted: str
    map_object: str
    panned: str
    label: str
    other_theme: str
    mark: str
    recoloured: str


PRODUCT = Peer(
    name="product",
    app=ROOT / "app.py",
    painted="() => { const a = window.pianqu && window.pianqu.app; return Boolean(a && a.tiles && "
    "a.tiles._classes && !a.tiles.isLoading() && (a.aggregated() || "
    "Object.values(a.tiles._drawn).every(t => t.layers))); }",
    map_object="window.pianqu.map",
    panned="() => { const t = window.pianqu.app.tiles; return !t.isLoading() && "
    "Object.values(t._drawn).every(d => d.layers); }",
    label="按什么着色",
    other_theme="居民户数",
    mark="() => { const a = window.pianqu.app; window.benchPainted = false; "
    "window.benchUrl = a.state.classes_url; a.tiles.on('painted', () => { "
    "window.benchPainted = a.state.classes_url !== window.benchUrl "
    "&& a.classesWanted === a.state.classes_url; }); }",
    recoloured="() => window.benchPainted",
)
PLAIN = Peer(
    name="folium.GeoJson",
    app=ROOT / "bench" / "naive_app.py",
    painted="n => document.querySelectorAll('path.leaflet-interactive').length >= n",
    map_object="window.map",
    panned="() => true",
    label="着色",
    other_theme="投资",
    mark="() => document.querySelectorAll('path.leaflet-interactive')"
    ".forEach(p => { p.benchOld = true; })",
    recoloured="n => { let fresh = 0; document.querySelectorAll('path.leaflet-interactive')"
    ".forEach(p => { fresh += p.benchOld ? 0 : 1; }); return fresh >= n; }",
)


def main() -> None:
    """Measure and print."""
    options = _options()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="pianqu-bench-") as folder:
        for size in options.sizes:
            rows += _measured(Path(folder), size, options)
        crowd = _crowd(Path(folder), options)
    report = {"machine": _machine(), "seed": SEED, "maps": rows, "sessions": crowd}
    text = json.dumps(report, ensure_ascii=False, indent=2)
    if options.out:
        options.out.write_text(text + "\n", "utf-8")
    print(_table(rows, crowd))


def _measured(folder: Path, size: int, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Both peers at one size, turn by turn."""
    plan, frozen = _city(folder, size)
    rows = []
    with ExitStack() as servers:
        ports = {
            PRODUCT.name: servers.enter_context(served(PRODUCT.app, _environment(folder, plan))),
            PLAIN.name: servers.enter_context(
                served(PLAIN.app, {"PIANQU_BENCH_FILE": str(frozen)})
            ),
        }
        reruns = {name: _rerun(port) for name, port in ports.items()}
        loads: dict[str, list[dict[str, float | None]]] = {name: [] for name in ports}
        for _ in range(options.loads):
            for peer in (PRODUCT, PLAIN):
                if None not in (load["paint_s"] for load in loads[peer.name]):
                    loads[peer.name].append(_load(peer, ports[peer.name], size, options.limit))
        for peer in (PRODUCT, PLAIN):
            row = {"compounds": size, "peer": peer.name, **reruns[peer.name]}
            row |= _medians(loads[peer.name])
            rows.append(row)
            print(json.dumps(row, ensure_ascii=False), flush=True)
    return rows


def _city(folder: Path, size: int) -> tuple[Path, Path]:
    plan, frozen = folder / f"city{size}.gpkg", folder / f"peer{size}.gpkg"
    if not plan.exists():
        write_city(plan, frozen, compounds=size, seed=SEED)
    return plan, frozen


def _environment(folder: Path, plan: Path) -> dict[str, str]:
    return {
        "PIANQU_PLAN": str(plan),
        "PIANQU_PLANS": str(folder),
        "PIANQU_STATE": str(folder / "state"),
        "PIANQU_ACTOR": "bench",
    }


def _rerun(port: int) -> dict[str, Any]:
    """Visit once, so that all is read and cached, then three reruns of an unchanged page."""
    visitor = Visitor(port)
    first = visitor.run()
    runs = [visitor.run() for _ in range(3)]
    visitor.close()
    return {
        "first_visit_s": round(first.seconds, 2),
        "rerun_s": round(statistics.median(run.seconds for run in runs), 3),
        "rerun_bytes": round(statistics.median(run.received_bytes for run in runs)),
    }


def _load(peer: Peer, port: int, size: int, limit_s: float) -> dict[str, float | None]:
    """Open the page in a fresh browser; pan and recolour once it is painted."""
    with opened(port) as watched:
        try:
            frame = _painted(peer, watched, size, limit_s)
        except Error:
            return {"paint_s": None}
        figures: dict[str, float | None] = {
            "paint_s": time.perf_counter() - watched.began,
            "bytes": watched.received,
        }
        watched.page.wait_for_timeout(1_500)
        figures["pan_s"] = _pan(peer, frame, limit_s)
        figures["recolour_s"] = _recolour(peer, watched.page, frame, size, limit_s)
    return figures


def _painted(peer: Peer, watched: Watched, size: int, limit_s: float) -> Frame:
    frame = watched.map_frame(limit_s)
    _wait(frame, peer.painted, size, limit_s)
    painted_twice(frame)
    return frame


def _pan(peer: Peer, frame: Frame, limit_s: float) -> float:
    began = time.perf_counter()
    frame.evaluate(f"() => ({PAN})({peer.map_object})")
    _wait(frame, peer.panned, 0, limit_s)
    painted_twice(frame)
    return time.perf_counter() - began


def _recolour(peer: Peer, page: Page, frame: Frame, size: int, limit_s: float) -> float | None:
    """Choose another colouring as a planner does, and wait for the last compound."""
    page.get_by_label(peer.label).first.click()
    choice = page.get_by_role("option", name=peer.other_theme, exact=True)
    choice.wait_for()
    frame.evaluate(peer.mark)
    began = time.perf_counter()
    choice.click()
    fresh = _fresh_frame(peer, page, size, began + limit_s)
    if fresh is None:
        return None
    painted_twice(fresh)
    return time.perf_counter() - began


def _fresh_frame(peer: Peer, page: Page, size: int, until: float) -> Frame | None:
    """Return the frame in which the new colours stand; the plain peer mounts its map in a new one."""
    while time.perf_counter() < until:
        for frame in page.frames:
            if FRAME in frame.url:
                # A frame that is just being replaced does not answer.
                with contextlib.suppress(Error):
                    if frame.evaluate(peer.recoloured, size):
                        return frame
        page.wait_for_timeout(20)
    return None


def _wait(frame: Frame, condition: str, argument: int, limit_s: float) -> None:
    frame.wait_for_function(condition, arg=argument, timeout=limit_s * 1000, polling=20)


def _crowd(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Reruns of several sessions that ask at the same moment."""
    plan, frozen = _city(folder, options.session_size)
    result: dict[str, Any] = {"compounds": options.session_size, "sessions": options.sessions}
    ways: tuple[tuple[Peer, dict[str, str]], ...] = (
        (PRODUCT, _environment(folder, plan)),
        (PLAIN, {"PIANQU_BENCH_FILE": str(frozen)}),
    )
    for peer, environment in ways:
        with served(peer.app, environment) as port:
            runs = together(port, sessions=options.sessions, runs=2)
        result[peer.name] = round(statistics.median(run.seconds for run in runs), 2)
    result["ratio"] = round(result[PLAIN.name] / result[PRODUCT.name], 1)
    return result


def _medians(loads: list[dict[str, float | None]]) -> dict[str, float | None]:
    names = ("paint_s", "bytes", "pan_s", "recolour_s")
    medians: dict[str, float | None] = {}
    for name in names:
        values = [value for load in loads if (value := load.get(name)) is not None]
        medians[name] = round(statistics.median(values), 3) if values else None
    return medians


def _table(rows: list[dict[str, Any]], crowd: dict[str, Any]) -> str:
    """Markdown, as it stands in ``bench/README.md``."""
    heads = (
        "compounds",
        "peer",
        "paint_s",
        "bytes",
        "pan_s",
        "recolour_s",
        "rerun_s",
        "rerun_bytes",
    )
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(_cell(row.get(head)) for head in heads) + " |" for row in rows]
    lines.append("")
    lines.append(
        f"{crowd['sessions']} sessions at once, {crowd['compounds']:,} compounds: median rerun "
        f"{crowd[PRODUCT.name]} s against {crowd[PLAIN.name]} s, ratio {crowd['ratio']}"
    )
    return "\n".join(lines)


def _cell(value: object) -> str:
    if value is None:
        return "not within the limit"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _machine() -> dict[str, str]:
    names: dict[str, Callable[[], str]] = {
        "python": platform.python_version,
        "system": platform.platform,
        "processor": platform.machine,
    }
    return {name: ask() for name, ask in names.items()}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 20_000, 220_000])
    parser.add_argument("--loads", type=int, default=3)
    parser.add_argument("--limit", type=float, default=300.0, help="seconds")
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--session-size", type=int, default=5_000)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
