"""Where a live plan file may stand: on a local disk, in a folder that can be written to."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from errors import StoreError

__all__ = ["file_system", "local_path"]

# File systems whose locks can not be trusted across machines (SQLite, "How to corrupt", 2.1).
_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "davfs", "lustre"}
    | {"ceph", "glusterfs", "fuse.ceph", "fuse.davfs", "fuse.glusterfs"}
    | {"fuse.rclone", "fuse.sshfs"}
)
_MOUNTS = Path("/proc/mounts")
_OCTAL = re.compile(rb"\\([0-7]{3})")
_WINDOWS_DRIVE_REMOTE = 4


def local_path(path: str | os.PathLike[str]) -> Path:
    """Real path of a plan file, refused if it is on a network share.

    Raises
    ------
    StoreError
        For UNC paths, mapped network drives, and NFS, CIFS or similar mounts.
    """
    text = os.fspath(path)
    if text.startswith(("\\\\", "//")):
        raise _refusal(text)
    real = Path(os.path.realpath(text))
    if str(real).startswith("\\\\") or _is_remote(real):
        raise _refusal(text)
    return real


def file_system(real: Path, *, mounts: str) -> str:
    """Type of the file system that holds a path, by the text of ``/proc/mounts``; "" if not found."""
    best, kind = "", ""
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = _unescaped(fields[1])
        # A later mount on the same point hides the earlier one.
        if len(point) >= len(best) and Path(point) in (real, *real.parents):
            best, kind = point, fields[2]
    return kind


def _unescaped(point: str) -> str:
    """Undo the kernel's octal form of blanks and the like."""
    raw = point.encode("utf-8", "surrogateescape")
    plain = _OCTAL.sub(lambda match: bytes([int(match[1], 8)]), raw)
    return plain.decode("utf-8", "surrogateescape")


def _is_remote(real: Path) -> bool:
    if sys.platform == "win32":
        import ctypes

        kind = ctypes.windll.kernel32.GetDriveTypeW(real.anchor)
        return bool(kind == _WINDOWS_DRIVE_REMOTE)
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        # Not Linux: nothing to ask.
        return False
    return file_system(real, mounts=mounts) in _NETWORK_FILE_SYSTEMS


def _refusal(text: str) -> StoreError:
    return StoreError(
        f"“{text}”在网络共享上。实施方案文件必须放在本机磁盘，否则多人同时写会丢失修改。"
        "请复制到本机文件夹再打开；多人共用请由一台电脑提供服务。"
    )
