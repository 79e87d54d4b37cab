"""Zip files from outside, unpacked by our own rules (reliability report 5.1).

At most 200 MB, 200 members, 1 GB declared, a ratio of 100, all counted again while inflating; no nested
archives, no ``..``, absolute, symlink, encrypted or duplicate names; only endings that are wanted; and
the unpacked files get names of our own. A user's zip is never handed to GDAL.
"""

from __future__ import annotations

import stat
import unicodedata
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from errors import UploadError

__all__ = ["check_archive", "member_name", "unpack"]

MAX_BYTES = 200 * 1024**2
MAX_MEMBERS = 200
MAX_INFLATED_BYTES = 1024**3
MAX_RATIO = 100
# Below this an enormous ratio does no harm: a page of blanks compresses a thousandfold.
RATIO_MATTERS_FROM_BYTES = 1024**2

_CHUNK = 1024**2
_ENCRYPTED, _UTF8 = 0x1, 0x800
_NESTED = {".zip", ".rar", ".7z", ".gz", ".tar", ".kmz", ".xlsx", ".bz2", ".xz"}
# What operating systems put into archives by themselves.
_LITTER = {"__macosx", ".ds_store", "thumbs.db", "desktop.ini"}


def check_archive(path: Path, *, name: str) -> list[zipfile.ZipInfo]:
    """Hold a zip against the limits before anything is inflated.

    Parameters
    ----------
    path : Path
        The archive.
    name : str
        As the planner knows it.

    Returns
    -------
    list of ZipInfo
        The members that are files.

    Raises
    ------
    UploadError
        At the first rule that is broken.
    """
    if path.stat().st_size > MAX_BYTES:
        raise UploadError(f"压缩包“{name}”超过 200 MB，请拆分后再上传。")
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        UnicodeDecodeError,
        OSError,
        ValueError,
    ) as err:
        raise UploadError(f"压缩包“{name}”已损坏，打不开。请重新压缩后再上传。") from err
    if len(infos) > MAX_MEMBERS:
        raise UploadError(
            f"压缩包“{name}”里有 {len(infos)} 个文件，超过 {MAX_MEMBERS} 个，不能导入。"
        )
    for info in infos:
        _check_member(info, name)
    files = [info for info in infos if not info.is_dir()]
    _check_sizes(files, name, path.stat().st_size)
    names = [member_name(info).lower() for info in files]
    if len(set(names)) != len(names):
        raise UploadError(f"压缩包“{name}”里有重名的文件，不能导入。请重新压缩。")
    return files


def member_name(info: zipfile.ZipInfo) -> str:
    """Name of a member: UTF-8 if the zip says so, else GB18030, as Windows in China writes it."""
    if info.flag_bits & _UTF8:
        return unicodedata.normalize("NFC", info.filename)
    # zipfile has read the bytes as code page 437, which keeps each of them.
    raw = info.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return unicodedata.normalize("NFC", raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return info.filename


def unpack(
    path: Path, folder: Path, *, name: str, wanted: Iterable[str]
) -> list[tuple[PurePosixPath, Path]]:
    """Unpack the wanted members under names of our own.

    Parameters
    ----------
    path : Path
        The archive.
    folder : Path
        Where to put the files.
    name : str
        As the planner knows it.
    wanted : iterable of str
        Endings with dot, lower case; members with another ending are left out.

    Returns
    -------
    list of (PurePosixPath, Path)
        Name in the archive, in the archive's order, and the file that now holds it.

    Raises
    ------
    UploadError
        If a rule is broken, also while inflating.
    """
    endings = set(wanted)
    found = []
    budget = MAX_INFLATED_BYTES
    with zipfile.ZipFile(path) as archive:
        for number, info in enumerate(check_archive(path, name=name)):
            inner = PurePosixPath(member_name(info).replace("\\", "/"))
            if inner.suffix.lower() not in endings or _is_litter(inner):
                continue
            target = folder / f"member{number}{inner.suffix.lower()}"
            budget -= _inflate(archive, info, target, name=name, budget=budget)
            found.append((inner, target))
    return found


def _check_member(info: zipfile.ZipInfo, name: str) -> None:
    inner = member_name(info)
    shown = inner if len(inner) <= 60 else inner[:60] + "…"
    parts = inner.replace("\\", "/").split("/")
    if ".." in parts or inner.startswith(("/", "\\")) or ":" in parts[0] or "\x00" in inner:
        raise UploadError(f"压缩包“{name}”里的“{shown}”想写到别的文件夹，不能导入。")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise UploadError(f"压缩包“{name}”里的“{shown}”是指向别处的链接，不能导入。")
    if info.flag_bits & _ENCRYPTED:
        raise UploadError(f"压缩包“{name}”加了密码，请去掉密码重新压缩。")
    if PurePosixPath(inner).suffix.lower() in _NESTED:
        raise UploadError(f"压缩包“{name}”里还有压缩包“{shown}”，请解开后重新压缩。")


def _check_sizes(files: list[zipfile.ZipInfo], name: str, packed_bytes: int) -> None:
    total = sum(info.file_size for info in files)
    if total > MAX_INFLATED_BYTES:
        raise UploadError(f"压缩包“{name}”解开后超过 1 GB，不能导入。")
    if total > RATIO_MATTERS_FROM_BYTES and total > MAX_RATIO * packed_bytes:
        raise UploadError(f"压缩包“{name}”的压缩比超过 {MAX_RATIO} 倍，像是恶意文件，不能导入。")


def _is_litter(inner: PurePosixPath) -> bool:
    parts = [part.lower() for part in inner.parts]
    return bool(_LITTER.intersection(parts)) or parts[-1].startswith("._")


def _inflate(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, *, name: str, budget: int
) -> int:
    """Write one member, counting what comes out: the declared size may be a lie."""
    written = 0
    allowed = max(MAX_RATIO * info.compress_size, RATIO_MATTERS_FROM_BYTES)
    try:
        with archive.open(info) as source, target.open("xb") as file:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > min(budget, allowed):
                    raise UploadError(f"压缩包“{name}”解开后太大，像是恶意文件，不能导入。")
                file.write(chunk)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError) as err:
        raise UploadError(
            f"压缩包“{name}”里的“{member_name(info)}”已损坏，解不开。请重新压缩后再上传。"
        ) from err
    return written
