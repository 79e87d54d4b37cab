"""A command of the shell on a plan of its own: which sample and which command, the module says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cli
from data import samples

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def plan_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Plan of the module's `SAMPLE`, written once."""
    path = tmp_path_factory.mktemp("plan") / "plan.gpkg"
    samples.write_sample(path, request.module.SAMPLE, "示例").close()
    return path


@pytest.fixture
def plan(plan_file: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(plan_file, tmp_path / "plan.gpkg"))


@pytest.fixture
def run(request: pytest.FixtureRequest, plan: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the module's `COMMAND` on the plan: the exit code, and what is told."""

    def told(*arguments: object) -> tuple[int, dict[str, Any]]:
        code = cli.main([request.module.COMMAND, str(plan), *map(str, arguments), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return told
