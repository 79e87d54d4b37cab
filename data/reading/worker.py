"""The throw-away process that opens one file from outside (reliability report 5.1).

It is started as a script (``python -I worker.py``), so that nothing of the project is imported before the
limits hold: memory, processor time, size of written files, open files, and no network where the system
lets a process leave it. GDAL's driver allow-list is set in the environment by the parent.

The request comes as JSON on standard input; the answer is ``answer.json`` and, for boundaries,
``layer*.arrow`` in the folder that the request names.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import sys
from pathlib import Path
from typing import Any

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


def main() -> None:
    """Set the limits, do the one task, write the answer."""
    request = json.loads(sys.stdin.buffer.read())
    apply_limits(request["limits"])
    leave_network()
    sys.path[:] = request["sys_path"]
    answer = run(request)
    text = json.dumps(answer, ensure_ascii=False, allow_nan=False, default=str)
    Path(request["folder"], "answer.json").write_text(text, encoding="utf-8")


def apply_limits(limits: dict[str, int]) -> None:
    """Cap what this process may use. Windows has no such limits: there the parent's clock alone holds."""
    try:
        import resource
    except ImportError:
        return
    for name, value in limits.items():
        kind = getattr(resource, name, None)
        # Some systems refuse some limits (macOS: RLIMIT_AS); the others still hold.
        with contextlib.suppress(ValueError, OSError):
            if kind is not None:
                resource.setrlimit(kind, (value, value))


def leave_network() -> None:
    """Move into an empty network namespace, where the system permits that."""
    if not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Do the task; every failure becomes a sentence for the planner."""
    from data.reading import tasks
    from errors import PlanningError, RecordError

    name = request["original_name"]
    try:
        return {"done": tasks.TASKS[request["task"]](request)}
    except RecordError as err:
        return {"error": "RecordError", "where": err.where, "problems": list(err.problems)}
    except PlanningError as err:
        return {"error": type(err).__name__, "message": str(err)}
    except MemoryError:
        return {
            "error": "UploadError",
            "message": f"“{name}”太大，读取时内存不够。请拆分后再上传。",
        }
    except Exception as err:  # noqa: BLE001 - 60,000 mutated files gave 30 kinds; all mean "damaged"
        cause = f"{type(err).__name__}: {err}"[:300]
        sys.stderr.write(cause)
        return {
            "error": "UploadError",
            "message": f"“{name}”读不出来，文件可能已损坏。请重新导出后再上传。",
            "cause": cause,
        }


if __name__ == "__main__":
    main()
