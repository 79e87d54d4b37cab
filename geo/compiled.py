"""Machine code for the inner loops of searches that no array operation can express.

Compiled at the first call and kept on disk beside the files (or in the user's cache folder where that is
read-only), in a folder named after what all kernels say: the compiler looks at the file of a kernel only, but
code of the kernels that it calls is in it too, and an office that installs the next version must not run
what is left of the last. The lock of the interpreter is let go, so that other sessions are served meanwhile. No threads
of the compiler's own: its pool dies when two sessions enter it at once.

The compiler takes a second to import and is only brought when a kernel is called: whoever needs the limits
of a 片区, or counts its parts, does not wait for it.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

__all__ = ["compiled", "lean"]

Kernel = TypeVar("Kernel", bound=Callable[..., object])

_waiting: dict[int, tuple[Callable[..., object], Callable[..., object], bool]] = {}
# Machine code by door; the doors are held, or their numbers would be given to something else.
_behind: dict[int, tuple[Callable[..., object], Callable[..., object]]] = {}
_machine: dict[Callable[..., object], Callable[..., object]] = {}
_lock = threading.RLock()

_HERE = Path(__file__).parent
_FOLDER = "kernels-"


def compiled(kernel: Kernel) -> Kernel:
    """Compile a function of arrays, numbers and named tuples of them."""
    return _door(kernel, allocates=True)


def lean(kernel: Kernel) -> Kernel:
    """Compile a function that makes no array and is called by kernels alone, in half the time.

    Nobody counts who holds which array, and there is no way in from outside. Rows of arrays may be handed
    on, but are written number by number. What it calls is lean too.
    """
    return _door(kernel, allocates=False)


def _door(kernel: Kernel, *, allocates: bool) -> Kernel:
    @functools.wraps(kernel)
    def door(*arguments: Any) -> object:
        if not allocates:
            raise TypeError(f"{kernel.__name__} is called by kernels alone")
        return _machine_code(kernel)(*arguments)

    with _lock:
        _waiting[id(door)] = (door, kernel, allocates)
    return cast(Kernel, door)


def _machine_code(kernel: Callable[..., object]) -> Callable[..., object]:
    if _waiting or kernel not in _machine:
        with _lock:
            _bring_all()
    return _machine[kernel]


def _bring_all() -> None:
    """Hand all kernels to the compiler, and show each of them the others behind their doors."""
    _keep_on_disk()
    for key, (door, kernel, allocates) in list(_waiting.items()):
        _machine[kernel] = _handed_over(kernel, allocates=allocates)
        _behind[key] = (door, _machine[kernel])
    for kernel in list(_machine):
        names = kernel.__globals__
        for name, value in list(names.items()):
            if id(value) in _behind:
                names[name] = _behind[id(value)][1]
    _waiting.clear()


def _keep_on_disk() -> None:
    """Name the folder of the machine code after all that it is made from, and drop those of other versions."""
    import numba
    from numba.core import config

    said = hashlib.sha256(numba.__version__.encode())
    for source in sorted(file.read_bytes() for file in _HERE.glob("*.py")):
        if b"from geo.compiled import" in source:
            said.update(source)
    folder = _writable() / f"{_FOLDER}{said.hexdigest()[:16]}"
    for old in folder.parent.glob(f"{_FOLDER}*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]


def _writable() -> Path:
    beside = _HERE / "__pycache__"
    try:
        beside.mkdir(exist_ok=True)
        (beside / f"{_FOLDER}probe").touch()
        (beside / f"{_FOLDER}probe").unlink()
    except OSError:
        return _of_the_user() / "pianqu"
    return beside


def _of_the_user() -> Path:
    # Never a folder that others may write to: what lies there is run.
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _handed_over(kernel: Callable[..., object], *, allocates: bool) -> Callable[..., object]:
    import numba

    # Division by zero is as in arrays. Half of the time to compile goes into ways in that nobody takes.
    options: dict[str, Any] = {"error_model": "numpy", "no_cfunc_wrapper": True, "_nrt": allocates}
    if not allocates:
        options["no_cpython_wrapper"] = True
    made: Callable[..., object] = numba.njit(cache=True, nogil=True, **options)(kernel)
    return made
