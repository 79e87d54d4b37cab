"""What a planner comes back to: plan, page, selection, viewport, colours and filters.

A workspace outlives the session. Its short id stands in the address, its content in a small SQLite file
of the application (not in the plan, which is everybody's), so that F5, a switch of page and a lost
connection find everything as it was. A workspace belongs to one window: whoever opens the same address
while that window is alive gets a copy under an id of its own.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

__all__ = ["Viewport", "Workspace", "WorkspaceStore", "new_id"]

ID_BYTES = 9
KEEP_DAYS = 90
SECONDS_PER_DAY = 86_400
# A workspace with 220,000 selected compounds is about 8 MB of text; nothing sane is larger.
MAX_STATE_CHARS = 16_000_000


@dataclass(frozen=True, kw_only=True)
class Viewport:
    """Where the map looks: middle in degrees and zoom level."""

    lon: float
    lat: float
    zoom: float

    def __post_init__(self) -> None:
        if not (-180 <= self.lon <= 180 and -90 <= self.lat <= 90 and 0 <= self.zoom <= 24):
            raise ValueError("viewport out of range")


@dataclass(kw_only=True)
class Workspace:
    """State of one planner's window.

    Attributes
    ----------
    wid : str
        Id in the address.
    plan : str
        Path of the open plan file, empty if none is open.
    actor : str
        Name under which edits are recorded.
    selection : list of str
        Ids of the selected compounds, in the order of selecting.
    card : str or None
        Compound whose card is open.
    theme : str
        Id of the colouring, empty until the plan is seen or the planner chooses.
    theme_options : dict
        Options of the colouring, e.g. the work that is asked for.
    filters : dict
        See :mod:`ui.filtering`.
    panel : str
        Which tab of the right panel is open.
    table_open : bool
        Whether the table drawer is unfolded.
    pages : dict
        Room for the settings of each page, by page id.
    """

    wid: str
    plan: str = ""
    actor: str = ""
    selection: list[str] = field(default_factory=list)
    card: str | None = None
    theme: str = ""
    theme_options: dict[str, Any] = field(default_factory=dict)
    filters: dict[str, Any] = field(default_factory=dict)
    panel: str = "着色"
    table_open: bool = False
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)

    def open_plan(self, path: str) -> None:
        """Turn to another plan: what belonged to the last one is left behind."""
        if path == self.plan:
            return
        self.plan = path
        self.selection = []
        self.card = None
        self.filters = {}
        self.theme = ""
        self.theme_options = {}

    def to_json(self) -> str:
        """Content as text, the same text for the same content."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Workspace:
        """Workspace of `text`; unknown names of a later version are left out."""
        known = {f.name for f in fields(cls)}
        return cls(**{k: v for k, v in json.loads(text).items() if k in known})


def new_id() -> str:
    """Id that nobody guesses."""
    return secrets.token_urlsafe(ID_BYTES)


class WorkspaceStore:
    """Workspaces in one SQLite file, written when they have changed.

    Parameters
    ----------
    path : Path
        The file; made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._connection() as db:
            db.execute(
                "CREATE TABLE IF NOT EXISTS workspace (wid TEXT PRIMARY KEY, state TEXT NOT NULL, "
                "plan TEXT NOT NULL DEFAULT '', viewport TEXT, seen_at REAL NOT NULL)"
            )
            db.execute(
                "DELETE FROM workspace WHERE seen_at < ?",
                (time.time() - KEEP_DAYS * SECONDS_PER_DAY,),
            )

    def load(self, wid: str) -> Workspace | None:
        """Return the workspace of `wid`, or None."""
        with self._connection() as db:
            row = db.execute("SELECT state FROM workspace WHERE wid = ?", (wid,)).fetchone()
        return Workspace.from_json(row[0]) if row else None

    def save(self, workspace: Workspace) -> None:
        """Keep `workspace`; its viewport stays, unless it now shows another plan."""
        text = workspace.to_json()
        if len(text) > MAX_STATE_CHARS:
            raise ValueError("workspace too large")
        with self._connection() as db:
            db.execute(
                "INSERT INTO workspace (wid, state, plan, seen_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (wid) DO UPDATE SET state = excluded.state, "
                "viewport = CASE WHEN plan = excluded.plan THEN viewport END, "
                "plan = excluded.plan, seen_at = excluded.seen_at",
                (workspace.wid, text, workspace.plan, time.time()),
            )

    def viewport(self, wid: str) -> Viewport | None:
        """Return where the map of `wid` looked last, or None."""
        with self._connection() as db:
            row = db.execute("SELECT viewport FROM workspace WHERE wid = ?", (wid,)).fetchone()
        return Viewport(**json.loads(row[0])) if row and row[0] else None

    def save_viewport(self, wid: str, viewport: Viewport) -> None:
        """Keep where the map looks; the rest of the workspace is not touched."""
        with self._connection() as db:
            db.execute(
                "UPDATE workspace SET viewport = ?, seen_at = ? WHERE wid = ?",
                (json.dumps(asdict(viewport)), time.time(), wid),
            )

    def copy(self, wid: str) -> Workspace | None:
        """Return a workspace of its own with the content of `wid`, or None."""
        workspace = self.load(wid)
        if workspace is None:
            return None
        viewport = self.viewport(wid)
        workspace.wid = new_id()
        self.save(workspace)
        if viewport is not None:
            self.save_viewport(workspace.wid, viewport)
        return workspace

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        # A connection each time: the routes' threads and the scripts' threads come and go.
        with self._lock:
            db = sqlite3.connect(self._path, timeout=10)
            try:
                with db:
                    yield db
            finally:
                db.close()
