"""Nobody opens a live plan file by another way than the store."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from data.store import Plan, guard, is_live, open_plan, refuse_live
from errors import LivePathError
from tests.data.store.conftest import Child

ROOMS = ("data", "geo", "layers", "policy", "ui")
READERS = frozenset({"pyogrio", "fiona", "rasterio", "sqlite3", "osgeo"})

# Whoever may name a library that opens files, and why it can not meet a live plan.
ALLOWED = {
    "data/reading/gdal.py": "runs in the throw-away process; process.py refuses first",
    "data/reading/geopackage.py": "runs in the throw-away process; process.py refuses first",
    "data/reading/inspecting.py": "runs in the throw-away process; process.py refuses first",
    "data/exporting/formats/geojson.py": "opens drafts only; handover.py refuses live targets",
    "data/exporting/formats/gpkg.py": "opens drafts only; handover.py refuses live targets",
    "data/exporting/formats/shapefile.py": "opens drafts only; handover.py refuses live targets",
    "layers/basemap.py": "may not know the store; whoever hands it a path refuses first",
    "ui/workspace.py": "its own state file, never a plan",
}
GATES = ("data/reading/process.py", "data/exporting/handover.py")


def test_every_name_of_a_live_file_is_refused(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    symbolic, hard = tmp_path / "soft.gpkg", tmp_path / "hard.gpkg"
    symbolic.symlink_to(plan.path)
    os.link(plan.path, hard)
    monkeypatch.chdir(tmp_path)
    roundabout = tmp_path / "x" / ".." / plan.path.name
    names = (plan.path, str(plan.path), symbolic, hard, plan.path.name, roundabout)
    for name in names:
        assert is_live(name)
        with pytest.raises(LivePathError, match=r"正在使用.*副本"):
            refuse_live(name)
    other = tmp_path / "边界.gpkg"
    assert refuse_live(other) == other
    plan.close()
    for name in names:
        refuse_live(name)


def test_a_live_file_is_live_until_its_last_user_leaves(plan: Plan) -> None:
    with open_plan(plan.path):
        assert is_live(plan.path)
    assert is_live(plan.path)
    plan.close()
    assert not is_live(plan.path)


def test_pythons_own_ways_of_opening_are_stopped(plan: Plan, tmp_path: Path) -> None:
    link = tmp_path / "link.gpkg"
    link.symlink_to(plan.path)
    for path in (plan.path, link):
        for attempt in (
            lambda p: p.open("rb"),
            lambda p: p.read_bytes(),
            lambda p: os.open(p, os.O_RDONLY),
            lambda p: shutil.copy(p, tmp_path / "copy.gpkg"),
            lambda p: hashlib.file_digest(p.open("rb"), "sha256"),
            lambda p: open(os.fsencode(p)),  # noqa: SIM115, PTH123
        ):
            with pytest.raises(LivePathError):
                attempt(path)
    # Everything else is left alone.
    (tmp_path / "a.txt").write_text("a")
    assert (tmp_path / "a.txt").read_text() == "a"
    plan.close()
    assert plan.path.read_bytes().startswith(b"SQLite format 3")


WHAT_THE_HOOK_PREVENTS = """
import subprocess, sys
from data.store import open_plan
from data.store.guard import _hook_off
plan = open_plan(sys.argv[1])
with plan.edit("张三", "改") as tx:
    tx.update("compounds", "b", 1, {"households": 6})
    with _hook_off(), open(sys.argv[1], "rb"):
        pass
    subprocess.run([sys.executable, "-c", sys.argv[2], sys.argv[1]])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="locks belong to handles there")
def test_what_the_hook_prevents(plan: Plan, child: Child) -> None:
    from tests.data.store.test_other_programs import WRITE_ONCE

    plan.close()
    done = child(WHAT_THE_HOOK_PREVENTS, plan.path, WRITE_ONCE, check=False)
    # One open() amid our transaction, and another program writes into it.
    assert "written" in done.stdout


def test_who_opens_files_is_known(root: Path) -> None:
    found = {
        str(path.relative_to(root)).replace(os.sep, "/"): names
        for room in ROOMS
        for path in (root / room).rglob("*.py")
        if (names := _readers_named(path)) and "store" not in path.parts
    }
    unknown = found.keys() - ALLOWED.keys()
    assert not unknown, f"call refuse_live first, then say here why it is safe: {unknown}"
    assert found, "the search itself is broken"


@pytest.mark.parametrize("gate", GATES)
def test_the_gates_refuse(root: Path, gate: str) -> None:
    calls = [node for node in ast.walk(_tree(root / gate)) if isinstance(node, ast.Call)]
    assert any(getattr(call.func, "id", "") == "refuse_live" for call in calls)


OPENS_A_PLAN = re.compile(
    r"(open|copy\w*|read_file|read_dataframe|connect|file_digest)\(\s*(str\()?\w*plan\.path\b"
    r"|plan\.path\)?\.(open|read_bytes|read_text|write_bytes|replace|rename|unlink)\("
)


def test_nobody_opens_the_path_of_a_plan(root: Path) -> None:
    files = [
        path
        for room in (*ROOMS, ".")
        for path in ((root / room).glob("*.py") if room == "." else (root / room).rglob("*.py"))
    ]
    guilty = [path.name for path in files if OPENS_A_PLAN.search(path.read_text(encoding="utf-8"))]
    assert not guilty
    # The search finds what it is meant to find.
    assert OPENS_A_PLAN.search("pyogrio.read_dataframe(plan.path)")
    assert OPENS_A_PLAN.search("data = self.plan.path.read_bytes()")


def test_a_file_that_is_gone_can_not_go_live(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        guard.register_live(tmp_path / "没有.gpkg")
    assert str(tmp_path / "没有.gpkg") not in guard.live_paths()


def _readers_named(path: Path) -> set[str]:
    named: set[str] = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            named |= {alias.name.split(".")[0] for alias in node.names} & READERS
        elif isinstance(node, ast.ImportFrom) and node.module:
            named |= {node.module.split(".")[0]} & READERS
        elif isinstance(node, ast.Attribute) and node.attr in {"read_file", "read_layer"}:
            named.add(node.attr)
    return named


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
