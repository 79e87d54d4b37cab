"""Copies of a plan for QGIS, exports and backups: whole, synced, and under their name only when done."""

from __future__ import annotations

import datetime
import os
import uuid
from pathlib import Path

from data.store.guard import refuse_live
from data.store.sqlite_engine import SqliteEngine

__all__ = ["write_snapshot"]


def write_snapshot(engine: SqliteEngine, to: Path) -> Path:
    """Write the present state of a plan to a file, or under a name of its own into a folder.

    Raises
    ------
    LivePathError
        If the target is a plan that is open.
    StoreError
        If it can not be written there.
    """
    target = to / _name(engine.path) if to.is_dir() else to
    refuse_live(target)
    draft = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.new")
    try:
        engine.copy_into(draft, target=target)
        _sync(draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def _name(plan: Path) -> str:
    now = datetime.datetime.now().astimezone()
    return f"{plan.stem}-{now:%Y%m%d-%H%M%S-%f}{plan.suffix}"


def _sync(path: Path) -> None:
    # A finished snapshot is nobody's live file.
    with path.open("rb+") as file:
        os.fsync(file.fileno())
