"""Which plan files are live in this process, and the refusal to open one by any other way than the store.

On POSIX systems a process loses *all* its locks on a file as soon as any part of it closes any descriptor
of that file. One read of a live plan file by GDAL, by ``open()`` or by a file copy therefore lets another
program write into our transaction, and in WAL mode it loses later commits without a word. So whoever reads
GIS files asks :func:`refuse_live` first; Python's own ``open`` and everything built on it is stopped by an
audit hook besides, because that mistake is easy to make and makes no noise.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from errors import LivePathError

__all__ = ["is_live", "live_paths", "refuse_live", "register_live", "release_live"]

Identity = tuple[int, int]

_lock = threading.Lock()
_live: dict[str, Identity] = {}
_hook_installed = False
_exempt = threading.local()


def refuse_live(path: str | os.PathLike[str]) -> Path:
    """Refuse a path that this process serves as a plan.

    Parameters
    ----------
    path : path
        File that a reader is about to open. It need not exist.

    Returns
    -------
    Path
        The same path, so that a reader can write ``pyogrio.read_dataframe(refuse_live(path))``.

    Raises
    ------
    LivePathError
        If the path, what it links to, or another hard link of it is a live plan file.
    """
    if is_live(path):
        raise LivePathError(
            f"“{Path(path).name}”是正在使用的实施方案文件，不能当作普通数据文件读取。"
            "请先用“另存快照”得到一份副本，再读取副本。"
        )
    return Path(path)


def is_live(path: str | os.PathLike[str]) -> bool:
    """Whether a path leads to a plan file that this process has open."""
    if not _live:
        return False
    real = os.path.realpath(os.fspath(path))
    with _lock:
        if real in _live:
            return True
        known = set(_live.values())
    identity = _identity(real)
    return identity is not None and identity in known


def live_paths() -> tuple[str, ...]:
    """Real paths of all plan files that this process has open."""
    with _lock:
        return tuple(_live)


def register_live(path: Path) -> None:
    """Note that the store is about to open a plan file. Only the store calls this."""
    real = os.path.realpath(path)
    identity = _identity(real)
    if identity is None:
        raise FileNotFoundError(real)
    with _lock:
        _live[real] = identity
    _install_hook()


def release_live(path: Path) -> None:
    """Note that the store has closed a plan file. Only the store calls this."""
    with _lock:
        _live.pop(os.path.realpath(path), None)


@contextmanager
def _hook_off() -> Iterator[None]:
    """Let one thread open live files, to demonstrate in a test what the hook prevents."""
    _exempt.on = True
    try:
        yield
    finally:
        _exempt.on = False


def _identity(real: str) -> Identity | None:
    # stat takes no descriptor, so it can not drop a lock.
    try:
        found = os.stat(real)  # noqa: PTH116 - a plain string is what the hook gets
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino)


def _install_hook() -> None:
    global _hook_installed
    with _lock:
        if _hook_installed:
            return
        _hook_installed = True
    sys.addaudithook(_refuse_open)


def _refuse_open(event: str, args: tuple[object, ...]) -> None:
    if event != "open" or not _live or getattr(_exempt, "on", False):
        return
    path = args[0]
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    if isinstance(path, str) and is_live(path):
        refuse_live(path)
