"""`pianqu serve` brings up the pages from anywhere and ends when it is told to."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import cli

PATIENCE_S = 90  # imports on a busy machine


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(address: str, server: subprocess.Popen[str]) -> str:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=10) as reply:
                return reply.read().decode("utf-8")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    return pytest.fail(f"no answer from {address}, exit code {server.poll()}")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_serve_from_another_folder_answers_and_stops(tmp_path: Path, port: int) -> None:
    assert cli.main(["new", str(tmp_path / "云城.gpkg"), "--sample", "yuncheng-2024"]) == 0
    door = Path(sys.executable).with_name("pianqu")
    server = subprocess.Popen(
        [door, "serve", "云城.gpkg", "--port", str(port), "--json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    try:
        assert server.stdout is not None
        address = json.loads(server.stdout.readline())["address"]
        assert address == f"http://127.0.0.1:{port}/"
        assert answer(f"{address}_stcore/health", server) == "ok"
        assert '<html lang="zh-CN">' in answer(address, server)
        # The process that was started is the server itself, not a parent that would leave it behind.
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=30) in (0, -signal.SIGTERM)
    finally:
        server.kill()
        server.communicate()
