"""What a file is, by its first bytes: a name can lie (a VRT called x.geojson reads other files)."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from data.reading.formats import BOUNDARY_TITLES, FORMATS, LEDGER_TITLES, Format
from errors import UploadError

__all__ = ["identify"]

_HEAD_BYTES = 4096
_SQLITE = b"SQLite format 3\x00"
_ZIP, _EMPTY_ZIP = b"PK\x03\x04", b"PK\x05\x06"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_SHP = bytes.fromhex("0000270a")
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")

# What the text of a file that begins with "<" gives away, first match wins.
_MARKUP = (
    (r"<!doctype\s+html|<html|<head|<body|<script", "看起来是网页"),
    (r"<ogrvrt|<vrtdataset|<gdal_", "里面是 GDAL 虚拟文件（VRT），会引到别的文件，不能导入"),
    (r"<ogrwfs|<ogrwms|<gdal_wms", "里面是网络服务的地址，不能导入"),
    (r"<kml", "里面是 KML，目前还不能导入，请先用 QGIS 另存为 GeoPackage"),
    (r"<gml|<wfs:|featurecollection", "里面是 GML，目前还不能导入，请先用 QGIS 另存为 GeoPackage"),
)


def identify(path: Path, *, original_name: str) -> Format:
    """Find the format of a file by its content.

    Parameters
    ----------
    path : Path
        The file, under whatever name.
    original_name : str
        As the planner knows it: used in messages, and its ending only to tell CSV from nonsense.

    Returns
    -------
    Format

    Raises
    ------
    UploadError
        If it is empty, not what its name says, or of a kind that can not come in.
    """
    if path.stat().st_size == 0:
        raise UploadError(f"“{original_name}”是空文件（0 字节），请重新导出后再上传。")
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    known = _by_magic(head, path, original_name)
    if known is not None:
        return known
    text = _text_of(head).lstrip("\ufeff").lstrip()
    if text.startswith("<"):
        raise UploadError(_markup_message(text, original_name))
    if text.startswith(("{", "[")):
        return FORMATS["geojson"]
    return _by_name(head, text, original_name)


def _by_magic(head: bytes, path: Path, name: str) -> Format | None:
    if head.startswith(_EMPTY_ZIP):
        raise UploadError(f"压缩包“{name}”里没有文件，请重新压缩后再上传。")
    if head.startswith(_ZIP):
        return FORMATS["xlsx" if _is_workbook(path, name) else "shapefile"]
    if head.startswith(_SQLITE):
        return FORMATS["geopackage"]
    if head.startswith(_SHP):
        # A lone .shp, or one whose companions the worker was given beside it.
        return FORMATS["shapefile"]
    if head.startswith(_OLE):
        raise UploadError(
            f"“{name}”是旧版 .xls 或加了密码的工作簿，读不了。请在 Excel 中另存为 .xlsx（不设密码）再上传。"
        )
    if re.match(rb"AC10\d\d", head):
        raise UploadError(
            f"“{name}”是 DWG 图纸，不能直接读取。请在 CAD 中另存为 DXF（R2010），再用 QGIS 转成 GeoPackage。"
        )
    if head.startswith((b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        raise UploadError(f"“{name}”是 RAR、7z 或 gz 压缩包，请改用 ZIP 压缩后再上传。")
    return None


def _is_workbook(path: Path, name: str) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            members = set(archive.namelist())
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        UnicodeDecodeError,
        OSError,
        ValueError,
    ) as err:
        raise UploadError(f"压缩包“{name}”已损坏，打不开。请重新压缩后再上传。") from err
    if "[Content_Types].xml" not in members:
        return False
    if any(member.startswith(("word/", "ppt/")) for member in members):
        raise UploadError(f"“{name}”是 Word 或 PowerPoint 文件，不是台账。请另存为 Excel 工作簿。")
    return True


def _text_of(head: bytes) -> str:
    if head.startswith(_BOMS[1:]):
        return head.decode("utf-16", "replace")
    return head.decode("utf-8", "replace")


def _markup_message(text: str, name: str) -> str:
    what = next(
        (words for pattern, words in _MARKUP if re.search(pattern, text, re.IGNORECASE)),
        "里面是 XML 文本",
    )
    claimed = _claimed(name)
    return f"“{name}”{f'不是 {claimed}' if claimed else '不能导入'}，{what}。"


def _claimed(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return {
        ".geojson": "GeoJSON",
        ".json": "GeoJSON",
        ".gpkg": "GeoPackage",
        ".zip": "压缩包",
        ".shp": "Shapefile",
        ".xlsx": "Excel 工作簿",
        ".csv": "CSV 表格",
    }.get(suffix, "")


def _by_name(head: bytes, text: str, name: str) -> Format:
    suffix = Path(name).suffix.lower()
    is_text = head.startswith(_BOMS) or b"\x00" not in head
    if suffix in {".csv", ".txt", ".tsv"} and is_text:
        return FORMATS["csv"]
    if not text.strip("\x00 \t\r\n\ufeff"):
        raise UploadError(f"“{name}”里没有内容，请重新导出后再上传。")
    claimed = _claimed(name)
    if claimed:
        raise UploadError(
            f"“{name}”的内容不是 {claimed}，可能已损坏或改过扩展名。请重新导出后再上传。"
        )
    raise UploadError(
        f"不认识“{name}”的格式。边界可用 {BOUNDARY_TITLES}，台账可用 {LEDGER_TITLES}。"
    )
