"""What every test shares: which tests run, seeded hypothesis, places to write."""

from __future__ import annotations

import os
import shutil
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Seeded, so that a run can be repeated; the first geopandas call alone outlasts the usual deadline, and a
# busy machine is no reason to fail.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")

BROWSER_TESTS = Path(__file__).parent / "browser"
# Said by a wait that ran out or a browser that died; a wrong page fails with an assertion, which is not
# tried again.
RAN_OUT = ("TimeoutError", "did not come", "does not come", "Target crashed", "has been closed")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Run every time: the whole job, every page, hostile texts, the doors. Of the other browser tests a run of
# everything takes a seeded eighth; `--full`, or naming their file, takes them all.
ALWAYS = ("test_whole_job.py", "test_every_page.py", "test_hostile_texts.py", "test_doors.py")
SLICE_SEED, SLICES = b"2026", 8


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="also run what is marked slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out slow suites and real data unless they are asked for; an explicit ``-m`` decides alone."""
    # The browser's driver keeps an event loop running in this thread for as long as its suite lasts:
    # whatever needs a loop of its own comes before, and so does what drives a browser of its own.
    items.sort(key=_turn)
    for item in items:
        if item.path.is_relative_to(BROWSER_TESTS):
            # Again if a wait ran out: the machine may have been busy with other work.
            item.add_marker(pytest.mark.flaky(reruns=2, only_rerun=list(RAN_OUT)))
    if config.option.markexpr:
        return
    left_out = set() if config.getoption("--full") else {"slow"}
    if "PIANQU_GEODATA" not in os.environ:
        left_out.add("realdata")
    deselected = [item for item in items if any(item.get_closest_marker(m) for m in left_out)]
    if not config.getoption("--full") and not config.option.file_or_dir:
        deselected += [item for item in items if _of_another_slice(item)]
    if deselected:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if item not in set(deselected)]


def _of_another_slice(item: pytest.Item) -> bool:
    if not item.path.is_relative_to(BROWSER_TESTS) or item.path.name in ALWAYS:
        return False
    return zlib.crc32(SLICE_SEED + item.nodeid.encode()) % SLICES != 0


def _turn(item: pytest.Item) -> int:
    if BROWSER_TESTS in item.path.parents:
        return 2
    return 1 if item.get_closest_marker("browser") else 0


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser; `make test` brings one where there is none."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("no Chromium: run `make chromium`")
    return found


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the plans and the state of whoever runs them."""
    folder = tmp_path_factory.getbasetemp() / "home"
    monkeypatch.setenv("PIANQU_PLANS", str(folder / "plans"))
    monkeypatch.setenv("PIANQU_STATE", str(folder / "state"))
    monkeypatch.setenv("PIANQU_ACTOR", "测试员")
