"""Stopping a read that is under way: the worker process is ended at once, from another thread."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from errors import UploadError

__all__ = ["StopSwitch", "current_switch", "end_process", "under"]


class StopSwitch:
    """Ends the worker processes that are started under it, and lets no further one start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pressed = False
        self._process: subprocess.Popen[bytes] | None = None

    def press(self) -> None:
        """End what is running; when this returns the process is gone."""
        with self._lock:
            self._pressed = True
            process = self._process
        if process is not None:
            end_process(process)

    def check(self) -> None:
        """Raise :class:`UploadError` if the switch has been pressed."""
        if self._pressed:
            raise UploadError("已停止读取，计划未改动。")

    def start(self, make: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        """Start a process that :meth:`press` will end.

        Raises
        ------
        UploadError
            If the switch has been pressed already.
        """
        # Under the lock: a press comes before the process or finds it.
        with self._lock:
            self.check()
            self._process = make()
            return self._process


_CURRENT: ContextVar[StopSwitch | None] = ContextVar("stop_switch", default=None)


@contextmanager
def under(switch: StopSwitch) -> Iterator[None]:
    """Let a switch end whatever file is read inside, in this thread."""
    token = _CURRENT.set(switch)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current_switch() -> StopSwitch:
    """Switch that this thread works under; one that nobody presses if there is none."""
    return _CURRENT.get() or StopSwitch()


def end_process(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that has a group of its own, with all that it started, and wait for its end."""
    if process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
