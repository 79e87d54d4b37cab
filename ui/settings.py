"""What the server is told from outside: environment names, folders and Streamlit's own flags.

Streamlit is not imported here, so that the shell's door can read it in no time.
"""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

__all__ = [
    "ACTOR",
    "BASE_PATH",
    "PLAN",
    "PLANS",
    "STATE",
    "base_path",
    "default_actor",
    "opened_plan",
    "plans_folder",
    "state_folder",
    "streamlit_flags",
]

PLANS = "PIANQU_PLANS"  # folder in which plan files are listed and made
PLAN = "PIANQU_PLAN"  # plan file that a new visitor sees first
STATE = "PIANQU_STATE"  # folder of the workspaces (selection, viewport, ...); not the plans
ACTOR = "PIANQU_ACTOR"  # name that edits carry until the planner gives one
BASE_PATH = "PIANQU_BASE_PATH"  # prefix behind a proxy, the same as server.baseUrlPath

MAX_UPLOAD_MB = 200  # reliability.md 5.1: zip rules

# Families of Windows, macOS and UOS/Kylin first; our own font is fetched only where none of them is.
FONT_STACK = (
    '"Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", '
    '"Noto Sans SC", "WenQuanYi Micro Hei", "Pianqu Sans", sans-serif'
)


def plans_folder() -> Path:
    """Folder of the plan files; made if it is not there."""
    folder = Path(os.environ.get(PLANS) or Path.home() / "pianqu").expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def opened_plan() -> Path | None:
    """Plan file that the server was started with, if any."""
    given = os.environ.get(PLAN)
    return Path(given).expanduser().resolve() if given else None


def state_folder() -> Path:
    """Folder of the application's own state; made if it is not there."""
    given = os.environ.get(STATE)
    folder = Path(given).expanduser() if given else _state_home() / "pianqu"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def default_actor() -> str:
    """Name under which edits are recorded until the planner gives another."""
    given = os.environ.get(ACTOR)
    if given:
        return given
    try:
        return getpass.getuser()
    except OSError:
        # No name in the environment and no account database: a container.
        return "规划员"


def base_path() -> str:
    """Prefix of every address, with a leading and without a trailing slash; empty at the root."""
    given = os.environ.get(BASE_PATH, "").strip("/")
    return f"/{given}" if given else ""


def streamlit_flags(
    *, port: int, address: str = "127.0.0.1", open_browser: bool = False
) -> list[str]:
    """Command-line flags under which ``streamlit run app.py`` has to be started.

    Parameters
    ----------
    port : int
        Port to listen on.
    address : str
        Address to listen on; this computer only, unless told otherwise.
    open_browser : bool
        Open the page in the user's browser.

    Returns
    -------
    list of str
        Flags without the command itself.
    """
    options: dict[str, object] = {
        "server.port": port,
        "server.address": address,
        "server.headless": not open_browser,
        "server.baseUrlPath": base_path().strip("/"),
        "server.fileWatcherType": "none",
        "server.maxUploadSize": MAX_UPLOAD_MB,
        "server.enableStaticServing": False,
        # Asks for an e-mail address on the terminal at the first start otherwise.
        "server.showEmailPrompt": False,
        # Calls data.streamlit.io otherwise.
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "runner.magicEnabled": False,
        "logger.hideWelcomeMessage": True,
        "theme.base": "light",
        "theme.primaryColor": "#0f5c7a",
        "theme.backgroundColor": "#ffffff",
        "theme.secondaryBackgroundColor": "#f2f5f8",
        "theme.textColor": "#1c2b39",
        "theme.borderColor": "#d5dde5",
        "theme.baseRadius": "4px",
        "theme.baseFontSize": 14,
        "theme.showWidgetBorder": True,
        "theme.font": FONT_STACK,
        "theme.dataframeHeaderBackgroundColor": "#eaf0f4",
    }
    return [f"--{name}={_flag(value)}" for name, value in options.items()]


def _flag(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _state_home() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
