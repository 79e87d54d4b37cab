"""One small plan on disk, and children that open it from another process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from shapely.geometry import box

from data.store import Plan, create_plan

ROOT = Path(__file__).parents[3]


@pytest.fixture
def plan(tmp_path: Path) -> Iterator[Plan]:
    """A plan with three compounds in a row, 100 m apart: 甲 and 乙 drawn, 丙 without a boundary."""
    with create_plan(tmp_path / "测试.gpkg", name="测试方案", actor="张三") as made:
        with made.edit("张三", "录入小区") as tx:
            tx.insert(
                "compounds",
                [
                    {"uid": "a", "name": "甲", "households": 120, "geometry": square(0)},
                    {"uid": "b", "name": "乙", "households": 80, "geometry": square(1)},
                    {"uid": "c", "name": "丙", "households": None},
                ],
            )
        yield made


def square(column: int, row: int = 0):
    """A square of 0.001 degrees in 云浮, in a grid of 0.002 degrees."""
    west, south = 112.0 + column * 0.002, 22.9 + row * 0.002
    return box(west, south, west + 0.001, south + 0.001)


Child = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def child() -> Child:
    """Run a piece of Python in another process, from the checkout."""

    def run(code: str, *arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(done.stderr)
        return done

    return run
