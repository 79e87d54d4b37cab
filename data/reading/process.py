"""Start the worker process for one file, wait for it, take its answer, leave nothing behind."""

from __future__ import annotations

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

import errors
from data.reading.formats import DRIVERS
from data.reading.stopping import current_switch, end_process
from data.store.guard import refuse_live
from errors import PlanningError, RecordError, UploadError

__all__ = ["Answer", "ask_worker"]

MAX_UPLOAD_BYTES = 512 * 1024**2
MEMORY_BYTES = 3 * 1024**3
CPU_SECONDS = 60
WRITTEN_FILE_BYTES = 512 * 1024**2
OPEN_FILES = 64
# Wall clock: processor time and then some, for a busy machine.
TIMEOUT_SECONDS = 150.0

_COMPANIONS = (".shx", ".dbf", ".prj", ".cpg")

# All that a worker needs of our environment; no proxy, no key, no path of ours gets through.
_KEPT_ENVIRONMENT = ("SYSTEMROOT", "WINDIR", "LD_LIBRARY_PATH", "PATH")
_FIXED_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PYTHONUTF8": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PROJ_NETWORK": "OFF",
    "GDAL_PAM_ENABLED": "NO",
    # No remote name passes; the drivers that would ask for one are not loaded either.
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the worker said.

    Attributes
    ----------
    data : dict
        The JSON answer.
    folder : Path
        Where its Arrow files lie, as long as the ``with`` block lasts.
    """

    data: dict[str, Any]
    folder: Path

    def table(self, name: str) -> pa.Table:
        """Arrow table that the worker wrote, copied into our memory."""
        with pa.ipc.open_file(pa.BufferReader((self.folder / name).read_bytes())) as reader:
            return reader.read_all()


@contextmanager
def ask_worker(
    task: str,
    path: str | os.PathLike[str],
    *,
    original_name: str,
    options: dict[str, Any] | None = None,
    timeout_s: float = TIMEOUT_SECONDS,
) -> Iterator[Answer]:
    """Have a new process do one task with one file.

    Parameters
    ----------
    task : str
        Key of ``data.reading.tasks.TASKS``.
    path : path
        The file; never a live plan file.
    original_name : str
        As the planner knows it.
    options : dict, optional
        Of the task; plain JSON values.
    timeout_s : float
        Wall-clock limit.

    Yields
    ------
    Answer

    Raises
    ------
    PlanningError
        Whatever the worker found wrong, or that it ran out of time or memory, or was stopped
        (:mod:`data.reading.stopping`).
    """
    source = _checked(path, original_name)
    with tempfile.TemporaryDirectory(prefix="pianqu-upload-") as name:
        folder = Path(name)
        upload = folder / "upload"
        upload.mkdir()
        (folder / "work").mkdir()
        _copy(source, upload)
        request = {
            "task": task,
            "path": str(upload / "file"),
            "original_name": original_name,
            "folder": name,
            "work": str(folder / "work"),
            "options": options or {},
            "sys_path": _search_path(),
            "limits": {
                "RLIMIT_AS": MEMORY_BYTES,
                "RLIMIT_CPU": CPU_SECONDS,
                "RLIMIT_FSIZE": WRITTEN_FILE_BYTES,
                "RLIMIT_NOFILE": OPEN_FILES,
                "RLIMIT_CORE": 0,
            },
        }
        _run(request, folder, original_name, timeout_s)
        yield Answer(data=_answer(folder, original_name), folder=folder)


def _checked(path: str | os.PathLike[str], name: str) -> Path:
    source = refuse_live(path)
    if not source.is_file():
        raise UploadError(f"找不到文件“{name}”，请检查路径。")
    if source.stat().st_size > MAX_UPLOAD_BYTES:
        raise UploadError(f"“{name}”超过 512 MB，请拆分后再上传。")
    return source


def _copy(source: Path, upload: Path) -> None:
    """Copy under a name of our own; of a lone .shp also what lies beside it."""
    shutil.copyfile(source, upload / "file")
    if source.suffix.lower() != ".shp":
        return
    for beside in source.parent.iterdir():
        if beside.stem == source.stem and beside.suffix.lower() in _COMPANIONS:
            shutil.copyfile(beside, upload / f"file{beside.suffix.lower()}")


def _search_path() -> list[str]:
    # The checkout or site-packages that we ourselves came from, then what the parent searches; a relative
    # entry would mean another folder over there.
    own = str(Path(__file__).resolve().parents[2])
    return [own, *(entry for entry in sys.path if Path(entry).is_absolute() and entry != own)]


@functools.cache
def _drivers_to_skip() -> str:
    """Names of all drivers of this GDAL but the allowed ones.

    GDAL knows no allow-list, so it is asked once what it has; the worker checks what is left.
    """
    code = "import sys, json; sys.path[:] = json.loads(sys.argv[1]); import pyogrio; "
    code += "print(json.dumps(list(pyogrio.list_drivers())))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, json.dumps(_search_path())],
        capture_output=True,
        check=True,
        timeout=120,
    )
    return ",".join(sorted(set(json.loads(done.stdout)) - DRIVERS))


def _environment(folder: Path) -> dict[str, str]:
    work = str(folder / "work")
    kept = {key: os.environ[key] for key in _KEPT_ENVIRONMENT if key in os.environ}
    places = dict.fromkeys(("HOME", "TMPDIR", "TEMP", "TMP", "USERPROFILE"), work)
    return kept | _FIXED_ENVIRONMENT | places | {"GDAL_SKIP": _drivers_to_skip()}


def _run(request: dict[str, Any], folder: Path, name: str, timeout_s: float) -> None:
    script = str(Path(__file__).with_name("worker.py"))
    environment = _environment(folder)
    switch = current_switch()
    with (folder / "messages.txt").open("wb") as messages:
        process = switch.start(
            lambda: subprocess.Popen(
                [sys.executable, "-I", script],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=messages,
                cwd=folder / "work",
                env=environment,
                # Its own group, so that the clock or the planner ends all of it.
                start_new_session=True,
            )
        )
        try:
            process.communicate(json.dumps(request).encode(), timeout=timeout_s)
        except subprocess.TimeoutExpired as err:
            raise UploadError(_too_long(name)) from err
        finally:
            end_process(process)
    switch.check()
    if process.returncode in {-_signal("SIGXCPU"), -_signal("SIGKILL")}:
        raise UploadError(_too_long(name))


def _signal(name: str) -> int:
    return int(getattr(signal, name, 0))


def _too_long(name: str) -> str:
    return f"“{name}”太大或太复杂，读取超时，已停止。请拆分或简化后再上传。"


def _answer(folder: Path, name: str) -> dict[str, Any]:
    path = folder / "answer.json"
    try:
        answer = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        raise UploadError(
            f"“{name}”读不出来，读取程序中途停止。文件可能已损坏或过大，请重新导出后再上传。"
        ) from err
    if "error" in answer:
        # The parser's own words are for the log, not for the planner.
        raise _error(answer) from RuntimeError(answer.get("cause", answer["error"]))
    done: dict[str, Any] = answer["done"]
    return done


def _error(answer: dict[str, Any]) -> PlanningError:
    if answer["error"] == "RecordError":
        return RecordError(answer["where"], answer["problems"])
    kind = getattr(errors, answer["error"], UploadError)
    message = answer["message"]
    return kind(message) if kind is not errors.ConflictError else UploadError(message)
