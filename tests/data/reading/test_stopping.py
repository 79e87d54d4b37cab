"""Stopping a read: the worker process is gone at once, and nothing is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from data.reading import process as upload_process
from data.reading import read_ledger
from data.reading.stopping import StopSwitch, under
from errors import UploadError

# As a file that takes long: reads what it is asked and says nothing for minutes.
SLEEPS = "import sys, time; sys.stdin.buffer.read(); time.sleep(300)"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[subprocess.Popen[bytes]]:
    """Worker processes that were started; they sleep."""
    temp = tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temp))
    upload_process._drivers_to_skip()
    made: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def sleeping(_: Any, **options: Any) -> subprocess.Popen[bytes]:
        made.append(start([sys.executable, "-c", SLEEPS], **options))
        return made[-1]

    monkeypatch.setattr(upload_process.subprocess, "Popen", sleeping)
    return made


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "台账.csv"
    path.write_text("小区名称,户数\n甲,1\n", "utf-8")
    return path


def read_under(switch: StopSwitch, path: Path) -> Future[Any]:
    """Read in a thread of its own, as the page does."""
    result: Future[Any] = Future()

    def work() -> None:
        try:
            with under(switch):
                result.set_result(read_ledger(path))
        except UploadError as error:
            result.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return result


def test_the_process_is_gone_when_the_stop_returns(started, ledger, tmp_path):
    switch = StopSwitch()
    result = read_under(switch, ledger)
    end = time.monotonic() + 30
    while not started and time.monotonic() < end:
        time.sleep(0.01)
    process = started[0]
    assert process.poll() is None
    switch.press()
    assert process.poll() is not None
    if sys.platform != "win32":
        with pytest.raises(ProcessLookupError):
            os.kill(process.pid, 0)
    with pytest.raises(UploadError, match="已停止读取，计划未改动"):
        result.result(timeout=10)
    assert list((tmp_path / "temp").iterdir()) == []


def test_after_a_stop_nothing_more_is_started(started, ledger):
    switch = StopSwitch()
    switch.press()
    with pytest.raises(UploadError, match="已停止读取"):
        read_under(switch, ledger).result(timeout=30)
    assert started == []


def test_a_stop_ends_only_what_was_started_under_it(started, ledger):
    mine, other = StopSwitch(), StopSwitch()
    first = read_under(mine, ledger)
    second = read_under(other, ledger)
    end = time.monotonic() + 30
    while len(started) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    mine.press()
    with pytest.raises(UploadError):
        first.result(timeout=10)
    assert sorted(process.poll() is None for process in started) == [False, True]
    assert not second.done()
    other.press()
