"""A small plan file of the sample, loaded as the server would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data import samples
from ui import loaded, settings, visit
from ui.loaded import LoadedPlan


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    """Nothing open from another test."""
    visit.store.cache_clear()
    yield
    loaded.close_all()
    visit.store.cache_clear()


@pytest.fixture
def plan_path(tmp_path: Path) -> Path:
    """The plan of 云城区: five compounds, all schematic."""
    path = tmp_path / "云城区.gpkg"
    samples.write_sample(path, "yuncheng-2024", "示例").close()
    return path


@pytest.fixture
def plan(plan_path: Path) -> LoadedPlan:
    return loaded.load(plan_path)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of plans of a server that has none yet."""
    monkeypatch.setenv(settings.PLANS, str(tmp_path / "plans"))
    monkeypatch.setenv(settings.STATE, str(tmp_path / "state"))
    return settings.plans_folder()


@pytest.fixture
def sample(folder: Path) -> Path:
    """The plan of 云城区 in that folder."""
    path = folder / "云城区.gpkg"
    samples.write_sample(path, "yuncheng-2024", "示例").close()
    return path
