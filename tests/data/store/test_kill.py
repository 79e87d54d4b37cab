"""Killing a writer amid edits, and filling the disk: what was acknowledged is there, the file is whole.

``python -m pytest -m slow tests/data/store/test_kill.py`` runs all 200 kills; a seeded slice runs always.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.store import create_plan, open_plan
from tests.data.store.conftest import ROOT, Child, square
from tests.data.store.oracle import assert_whole, value_of

FULL_KILLS = 200
SLICE_KILLS = 15

# Each edit touches three rows, a setting and the boundary of a 片区, and carries its number everywhere, so
# that a torn one shows. Only what the parent has read counts as acknowledged.
# One process has imported everything and forks a new writer for each kill: the imports take longest.
NURSERY = """
import os, sys, tempfile
from shapely.geometry import box
from data.store import create_plan, open_plan

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def write(path):
    plan = open_plan(path)
    number = plan.settings()["number"]
    say("ready", os.getpid())
    while True:
        number += 1
        east = 112.001 + number % 7 * 1e-5
        with plan.edit("写手", f"第{number}次") as tx:
            held = plan.read("compounds", uids=["a", "b", "c"])["version"]
            tx.update("compounds", "a", int(held["a"]), {"households": number,
                      "geometry": box(112, 22.9, east, 22.901), "works_text": "改" * (number % 3000)})
            tx.update("compounds", "b", int(held["b"]), {"households": number})
            tx.insert("compounds", [{"uid": f"n{number}", "households": number,
                      "geometry": box(112.1, 22.9, 112.1 + number * 1e-5, 22.901)}])
            if number % 5 == 0:
                old = tx.read("compounds", uids=[f"n{number - 3}"])["version"]
                tx.delete("compounds", f"n{number - 3}", int(old.iloc[0]))
            tx.set_setting("number", number)
        say("edit", number)
        if number % 11 == 0:
            plan.undo("写手")
            say("undo", number)
            plan.redo("写手")
            say("redo", number)

# Once to the end, so that no writer spends its short life looking up coordinate systems.
with tempfile.TemporaryDirectory() as folder:
    with create_plan(folder + "/warm.gpkg", name="热身", actor="写手") as plan:
        with plan.edit("写手", "热身") as tx:
            tx.insert("pianqu", [{"uid": "p"}])
            shapes = [box(112, 22.9, 112.1, 23), box(112.2, 22.9, 112.3, 23)]
            tx.insert("compounds", [{"pianqu_uid": "p", "geometry": g} for g in shapes])

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        write(line.strip())
    os.waitpid(child, 0)
    say("dead")
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    settings = {"number": 0}
    with create_plan(tmp_path / "杀.gpkg", name="杀", actor="张三", settings=settings) as plan:
        with plan.edit("张三", "录入") as tx:
            tx.insert("pianqu", [{"uid": "p", "name": "一片"}])
            rows = [
                {"uid": u, "pianqu_uid": "p", "geometry": square(i)} for i, u in enumerate("abc")
            ]
            tx.insert("compounds", rows)
        return plan.path


class Nursery:
    """Writers one after another, each killed at a moment of our choice."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", NURSERY],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def killed_after(self, path: Path, steps: int, seconds: float) -> tuple[str, int] | None:
        """Kill a writer some time after it has acknowledged some steps.

        Returns what it acknowledged last: edit, undo or redo, and its number.
        """
        self._say(str(path))
        ready, writer = self._line().split()
        assert ready == "ready"
        heard = [self._line() for _ in range(steps)]
        assert "dead" not in heard, "the writer failed by itself"
        time.sleep(seconds)
        os.kill(int(writer), signal.SIGKILL)
        while (line := self._line()) != "dead":
            heard.append(line)
        if not heard:
            return None
        done, number = heard[-1].split()
        return done, int(number)

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the nursery has failed"
        return line.strip()

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        assert self._process.wait(timeout=60) == 0


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    opened = Nursery()
    yield opened
    opened.close()


def possible_after(last: tuple[str, int] | None, before: int) -> set[int]:
    """Numbers that the file may hold: what was acknowledged, or one step more that nobody heard of."""
    done, number = last or ("edit", before)
    if done == "undo":
        return {number - 1, number}
    # The step after a round number is to undo it, unless that has just been done.
    undoing = done == "edit" and last is not None and number % 11 == 0
    return {number, number - 1} if undoing else {number, number + 1}


def assert_nothing_lost(path: Path, last: tuple[str, int] | None, before: int) -> int:
    """The file holds all that was acknowledged, at most one step more, and no part of a step."""
    # Opening rolls back what the killed writer had begun.
    with open_plan(path) as plan:
        number = int(plan.settings()["number"])
        households = plan.read("compounds")["households"].to_dict()
    assert_whole(path)
    assert number in possible_after(last, before)
    if number:
        assert households["a"] == households["b"] == number
    expected = {n for n in range(1, number + 1) if not _deleted(n, number)}
    assert {int(uid[1:]) for uid in households if uid.startswith("n")} == expected
    return number


def _deleted(n: int, number: int) -> bool:
    return (n + 3) % 5 == 0 and n + 3 <= number


def kill_often(nursery: Nursery, path: Path, kills: int, seed: int) -> None:
    moments = random.Random(seed)
    number = 0
    for _ in range(kills):
        last = nursery.killed_after(path, moments.randrange(6), moments.uniform(0.0, 0.04))
        number = assert_nothing_lost(path, last, number)
    assert number > kills, "the writer was hardly ever amid an edit"


def test_a_seeded_slice_of_kills_loses_nothing(nursery: Nursery, path: Path) -> None:
    kill_often(nursery, path, SLICE_KILLS, seed=20240601)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_200_kills_lose_nothing(nursery: Nursery, path: Path) -> None:
    kill_often(nursery, path, FULL_KILLS, seed=1)


FULL_DISK = """
import json, resource, sys
from pathlib import Path
from data.store import open_plan
from errors import StoreError
path = Path(sys.argv[1])
plan = open_plan(path)
room = path.stat().st_size + 64 * 1024
resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
done, told = 0, None
while told is None:
    try:
        with plan.edit("张三", f"第{done}次") as tx:
            tx.insert("compounds", [{"uid": f"n{done}-{i}", "works_text": "改" * 900} for i in range(5)])
        done += 1
    except StoreError as error:
        told = str(error)
still = plan.count("compounds")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
with plan.edit("张三", "腾出空间以后") as tx:
    tx.insert("compounds", [{"uid": "after"}])
print(json.dumps({"done": done, "told": told, "still": still}))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no RLIMIT_FSIZE there")
def test_a_full_disk_is_said_and_loses_nothing(path: Path, child: Child) -> None:
    seen = json.loads(child(FULL_DISK, path).stdout)
    assert seen["done"] > 0
    assert "写不进去" in seen["told"]
    assert "没有保存" in seen["told"]
    # Readable while full, and edits go on once there is room.
    assert seen["still"] == 3 + 5 * seen["done"]
    assert value_of(path, "SELECT count(*) FROM compounds") == 3 + 5 * seen["done"] + 1
    assert_whole(path)
