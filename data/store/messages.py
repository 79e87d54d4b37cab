"""What a planner is told when the plan file can not be opened, read or written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from errors import RecordError, StoreError

__all__ = ["telling"]

_KEPT = "这一次修改没有保存，此前已保存的内容都在。"

# Part of SQLite's message, and ours; the first that fits is told.
_MESSAGES = (
    (
        "database is locked",
        "“{name}”正被另一个程序占用（例如在 QGIS 中打开编辑）。" + _KEPT + "请关闭那个程序后重试。",
    ),
    (
        "database or disk is full",
        "磁盘空间不足，“{name}”写不进去。" + _KEPT + "请腾出空间后重试。",
    ),
    (
        "disk I/O error",
        "“{name}”所在的磁盘写不进去（空间不足、超出限额或磁盘故障）。"
        + _KEPT
        + "请检查磁盘后重试。",
    ),
    (
        "readonly database",
        "“{name}”或它所在的文件夹是只读的，不能写入。"
        + _KEPT
        + "请把文件复制到本机可写的文件夹，再打开。",
    ),
    (
        "unable to open database file",
        "打不开“{name}”：文件夹不存在或没有读写权限。请检查路径和权限。",
    ),
    (
        "file is not a database",
        "“{name}”不是实施方案文件。请选择用本工具新建的 .gpkg 文件；数据文件请用“导入”。",
    ),
    (
        "malformed",
        "“{name}”已损坏，不能继续使用。请打开最近的快照或备份。",
    ),
)


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Turn what SQLite reports into one Chinese sentence; what is a bug of ours stays as it is."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _told(path, error.orig) from error
    except sqlite3.Error as error:
        raise _told(path, error) from error


def _told(path: Path, error: BaseException | None) -> Exception:
    text = str(error)
    if isinstance(error, sqlite3.IntegrityError) and "UNIQUE" in text:
        return RecordError(path.name, [f"标识码重复，没有保存（{text}）。"])
    for part, message in _MESSAGES:
        if part in text:
            return StoreError(message.format(name=path.name))
    return StoreError(
        f"“{path.name}”读写出错（{text}）。{_KEPT}请重试；若仍出错，请打开最近的快照。"
    )
