"""Starts a Streamlit app on a free port of this machine and stops it again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ui.settings import streamlit_flags

__all__ = ["served"]

ROOT = Path(__file__).resolve().parent.parent
START_S = 120.0


@contextmanager
def served(app: Path, environment: dict[str, str]) -> Iterator[int]:
    """Serve an app while the block runs.

    Parameters
    ----------
    app : Path
        Script that ``streamlit run`` is given.
    environment : dict
        Added to this process's own.

    Yields
    ------
    int
        The port.
    """
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(app), *streamlit_flags(port=port)]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, env=surroundings, cwd=ROOT, stdout=log, stderr=log)
        try:
            _wait(port, server)
            yield port
        finally:
            server.terminate()
            server.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"server ended with {server.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError("server did not start")
