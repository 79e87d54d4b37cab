"""Pictures of stalls on real compounds (OpenStreetMap), which are kept outside the repository."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cli
from data.store import open_plan
from docs.space_pictures import lay_out
from tests.browser import steps
from tests.browser.conftest import Window

__all__ = ["REAL"]

# Environment variable with the folder of real data.
FOLDER_WORD = "PIANQU_GEODATA"

Shot = Callable[[Window], bytes]


def _laid_out(source: str, compound: str, *, capacity: bool) -> Callable[[Any, Shot], bytes]:
    """Picture of one compound of a file, as it is imported and laid out with the settings there are."""

    def picture(studio: Any, shot: Shot) -> bytes:
        path = _imported(studio.folder, source)
        with open_plan(path) as plan:
            names = plan.read("compounds")["name"]
        uid = str(names.index[names == compound][0])
        with studio.window() as window:
            pages = {"space": {"tab": "车位"}}
            window.open(path, page="space", actor="张工", selection=[uid], pages=pages)
            lay_out(window, "排布车位")
            if capacity:
                steps.choose(window, "图上：几何容量")
                window.settle()
            _look_at(window, path, uid)
            return shot(window)

    return picture


def _look_at(window: Window, path: Path, uid: str) -> None:
    """Bring the map to the compound, as near as it fits."""
    with open_plan(path) as plan:
        west, south, east, north = plan.read("compounds").geometry[uid].bounds
    window.map.evaluate(
        "b => window.pianqu.map.fitBounds([[b[1], b[0]], [b[3], b[2]]], {animate: false})",
        [west, south, east, north],
    )
    window.settle()


def _imported(folder: Path, source: str) -> Path:
    path = folder / f"{source}.gpkg"
    if not path.exists():
        given = Path(os.environ[FOLDER_WORD]) / f"{source}.gpkg"
        if cli.main(["new", str(path), "--name", "实地试排"]) != 0:
            raise SystemExit(f"cannot make {path.name}")
        cli.main(["import", str(path), str(given), "--accept-far"])
    return path


# Only where the data are: the pictures in the handbook stay as they are elsewhere.
REAL: dict[str, Callable[[Any, Shot], bytes]] = {}
if FOLDER_WORD in os.environ:
    REAL |= {
        "空间-望京": _laid_out("beijing_wangjing", "望京西园三区", capacity=False),
        "空间-望京容量": _laid_out("beijing_wangjing", "望京西园三区", capacity=True),
        "空间-新街口": _laid_out("nanjing", "华侨路二十六号小区", capacity=True),
    }
