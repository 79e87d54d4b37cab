"""Making a plan file, and looking one over before it goes live."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

from data.store.gpkg_layout import APPLICATION_ID, layout
from data.store.messages import telling
from data.store.paths import local_path
from data.store.sqlite_engine import connect
from data.store.upgrade import upgrade
from errors import StoreError

__all__ = ["SCHEMA_VERSION", "checked_path", "make_file"]

SCHEMA_VERSION = 4

_TRIGGER = re.compile(r'CREATE TRIGGER "(\w+)"')


def make_file(path: str | os.PathLike[str]) -> Path:
    """Make an empty plan file, whole or not at all; an existing file is never replaced.

    Returns
    -------
    Path
        Real path of the new file.

    Raises
    ------
    StoreError
        If the file exists, the folder is missing or read-only, or the path is on a network share.
    """
    real = local_path(path)
    if real.exists():
        raise StoreError(f"“{real.name}”已经存在，没有新建。请换一个文件名，或直接打开它。")
    _require_folder(real)
    draft = real.with_name(f".{real.name}.{uuid.uuid4().hex[:8]}.new")
    try:
        with telling(real), closing(connect(draft, mode="rwc")) as connection:
            _lay_out(connection)
        _publish(draft, real)
    finally:
        draft.unlink(missing_ok=True)
    return real


def checked_path(path: str | os.PathLike[str]) -> Path:
    """Look a plan file over: place, kind, version, state.

    Returns
    -------
    Path
        Real path of the file, ready to go live.

    Raises
    ------
    StoreError
        With one sentence: missing, on a network share, read-only, not a plan file, made by a newer
        version of this tool, damaged, or locked by another program.
    """
    real = local_path(path)
    if not real.exists():
        raise StoreError(f"找不到实施方案文件“{path}”。请检查路径，或新建一个。")
    if not real.is_file() or real.stat().st_size == 0:
        raise StoreError(
            f"“{real.name}”不是实施方案文件。请选择用本工具新建的 .gpkg 文件；数据文件请用“导入”。"
        )
    _require_folder(real)
    if not os.access(real, os.W_OK):
        raise _read_only(real)
    with telling(real), closing(connect(real)) as connection:
        # Until the file is known to be ours, nothing in it may call functions.
        connection.execute("PRAGMA trusted_schema=OFF")
        version = _require_plan(real, connection)
        _require_whole(real, connection)
        upgrade(real, connection, version, SCHEMA_VERSION)
        _restore_triggers(connection)
    return real


def _lay_out(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.execute("BEGIN IMMEDIATE")
    for statement in layout():
        connection.execute(statement)
    connection.execute("INSERT INTO edit_now(id) VALUES (1)")
    connection.executemany(
        "INSERT INTO meta(key, value) VALUES (?, ?)",
        [("schema_version", str(SCHEMA_VERSION)), ("plan_id", str(uuid.uuid4()))],
    )
    connection.execute("COMMIT")


def _publish(draft: Path, real: Path) -> None:
    """Give a finished draft its name, without replacing what came there meanwhile."""
    try:
        os.link(draft, real)
    except FileExistsError as error:
        raise StoreError(f"“{real.name}”已经存在，没有新建。请换一个文件名。") from error
    except OSError:
        # No hard links here (FAT, some USB sticks): a plain rename.
        draft.rename(real)
    _sync_folder(real.parent)


def _sync_folder(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        # Windows can not open a folder, and needs no such call.
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _require_folder(real: Path) -> None:
    if not real.parent.is_dir():
        raise StoreError(f"文件夹“{real.parent}”不存在。请先建立文件夹。")
    if not os.access(real.parent, os.W_OK):
        raise _read_only(real)


def _read_only(real: Path) -> StoreError:
    return StoreError(
        f"“{real.name}”或它所在的文件夹是只读的，不能保存修改。请把文件复制到本机可写的文件夹，再打开。"
    )


def _require_plan(real: Path, connection: sqlite3.Connection) -> int:
    """Refuse what is no plan file of ours; gives the version of its layout."""
    kind = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if kind != APPLICATION_ID or not {"meta", "edit_history", "edit_now"} <= tables:
        raise StoreError(
            f"“{real.name}”不是实施方案文件（是普通的数据文件）。请新建实施方案，再用“导入”读入它。"
        )
    found = connection.execute("SELECT value FROM meta WHERE key='schema_version'").fetchone()
    version = int(found[0]) if found and str(found[0]).isdigit() else 0
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"“{real.name}”由更新版本的工具保存（文件格式 {version}，本工具认识到 {SCHEMA_VERSION}）。"
            "请升级本工具后再打开；文件没有改动。"
        )
    if version < 1:
        raise StoreError(f"“{real.name}”没有注明文件格式的版本，不能打开。请使用快照或备份。")
    return version


def _require_whole(real: Path, connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreError(
            f"“{real.name}”已损坏，没有打开，也没有改动。请打开最近的快照或备份。"
            f"（{' '.join(found.split())[:200]}）"
        )


def _restore_triggers(connection: sqlite3.Connection) -> None:
    """Put back triggers that another program has dropped: without them edits would go unrecorded."""
    expected = {
        match[1]: statement for statement in layout() if (match := _TRIGGER.match(statement))
    }
    present = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger'"))
    wrong = [name for name, statement in expected.items() if present.get(name) != statement]
    if not wrong:
        return
    connection.execute("BEGIN IMMEDIATE")
    for name in wrong:
        connection.execute(f'DROP TRIGGER IF EXISTS "{name}"')
        connection.execute(expected[name])
    connection.execute(
        "INSERT INTO audit_event(actor, action, detail) VALUES ('external', '补回触发器', ?)",
        (json.dumps(wrong),),
    )
    connection.execute("COMMIT")
