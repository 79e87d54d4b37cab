"""Start the browser's server: which plan, on which address, in a process that can be stopped.

Streamlit is not imported here; it runs as the process that this one turns into.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from errors import StoreError
from ui import settings

__all__ = ["address_of", "become", "server_command", "server_environment"]

APP = Path(__file__).parents[2] / "app.py"


def address_of(host: str, port: int) -> str:
    """Address to open in a browser on this computer.

    Examples
    --------
    >>> address_of("127.0.0.1", 8501)
    'http://127.0.0.1:8501/'
    """
    # What listens everywhere is reached here under this computer's own name.
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{name}:{port}{settings.base_path()}/"


def server_environment(plan: Path | None, given: Mapping[str, str]) -> dict[str, str]:
    """Environment that tells the server which plan, or which folder of plans, to open.

    Parameters
    ----------
    plan : Path or None
        A plan file, a folder of plan files, or nothing: the folder of :func:`ui.settings.plans_folder`.
    given : mapping
        Environment to start from.

    Returns
    -------
    dict

    Raises
    ------
    StoreError
        If there is no such file or folder.
    """
    environment = dict(given)
    if plan is None:
        return environment
    path = plan.expanduser().resolve()
    if path.is_dir():
        return environment | {settings.PLANS: str(path)}
    if not path.is_file():
        raise StoreError(f"没有找到计划文件 {plan}。请检查路径，或用 pianqu new 新建。")
    # The plans beside it are offered too, unless a folder has been named.
    environment.setdefault(settings.PLANS, str(path.parent))
    return environment | {settings.PLAN: str(path)}


def server_command(*, host: str, port: int, open_browser: bool) -> list[str]:
    """Command that serves the pages.

    Parameters
    ----------
    host, port : str and int
        Where to listen.
    open_browser : bool
        Open the page too, if this computer has a desktop.

    Raises
    ------
    StoreError
        If the address can not be listened on.
    """
    _require_free(host, port)
    flags = settings.streamlit_flags(
        port=port, address=host, open_browser=open_browser and _has_desktop()
    )
    return [sys.executable, "-m", "streamlit", "run", str(APP), *flags]


def become(command: list[str], environment: Mapping[str, str]) -> int:
    """Go on as another program; return its exit code where the system does not know that (Windows)."""
    sys.stdout.flush()
    sys.stderr.flush()
    if sys.platform != "win32":
        # The same process goes on, so that whoever started it can stop it.
        os.execve(command[0], command, dict(environment))  # noqa: S606 - a list, no shell
    return subprocess.run(command, env=dict(environment), check=False).returncode


def _require_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        if sys.platform != "win32":
            # An address that was left a moment ago is free; Windows would call a used one free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise StoreError(
                f"不能在 {host}:{port} 上启动（{error}）。请关闭占用它的程序，或用 --host、--port 另选地址。"
            ) from error


def _has_desktop() -> bool:
    return sys.platform in ("win32", "darwin") or any(
        name in os.environ for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
