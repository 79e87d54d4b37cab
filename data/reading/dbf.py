"""The text of a Shapefile's attribute table: which encoding its bytes really are in.

A .cpg can be missing or wrong, a header name can be cut inside a character. GDAL then gives mojibake
without a word, or fails. So GDAL is told to read the bytes one for one (ISO-8859-1, our own .cpg in the
temp folder) and they are decoded here: strictly UTF-8, else what the file declares, else GB18030, else
Big5 (reliability report 3.1).
"""

from __future__ import annotations

import codecs
import struct
from dataclasses import dataclass
from pathlib import Path

from data.findings import Finding
from data.reading.source import RawLayer
from data.reading.text import clean
from errors import UploadError

__all__ = ["BYTE_ENCODING", "DbfHead", "decode_columns", "read_head"]

# Keeps every byte as one character, there and back.
BYTE_ENCODING = "ISO-8859-1"

# Language driver ids of dBase that occur in China.
_LANGUAGE_DRIVERS = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5"}
_TITLES = {"utf-8": "UTF-8", "gb18030": "GBK", "big5": "Big5"}
# Windows code pages as some programs write them into a .cpg.
_ALIASES = {
    "65001": "utf-8",
    "936": "gb18030",
    "950": "big5",
    "gbk": "gb18030",
    "gb2312": "gb18030",
}

_HEADER_BYTES, _FIELD_BYTES, _NAME_BYTES = 32, 32, 11


@dataclass(frozen=True, kw_only=True)
class DbfHead:
    """What the header of a .dbf says.

    Attributes
    ----------
    records : int
        Number of records that it promises.
    present : int
        Number that the length of the file allows.
    names : tuple of bytes
        Field names as they stand.
    widths : tuple of int
        Bytes of each field.
    language : str or None
        Encoding by the language driver id.
    """

    records: int
    present: int
    names: tuple[bytes, ...]
    widths: tuple[int, ...]
    language: str | None


def read_head(path: Path) -> DbfHead:
    """Read the header of a .dbf.

    Raises
    ------
    UploadError
        If it is damaged.
    """
    data = path.read_bytes()
    if len(data) < _HEADER_BYTES + 1:
        raise UploadError("压缩包里的 .dbf 已损坏，请重新导出后再上传。")
    records, header_bytes, record_bytes = struct.unpack_from("<IHH", data, 4)
    names, widths = [], []
    for at in range(_HEADER_BYTES, min(header_bytes, len(data)) - _FIELD_BYTES + 1, _FIELD_BYTES):
        if data[at] == 0x0D:
            break
        names.append(data[at : at + _NAME_BYTES].split(b"\x00")[0])
        widths.append(data[at + 16])
    present = (len(data) - header_bytes) // record_bytes if record_bytes else 0
    return DbfHead(
        records=records,
        present=min(present, records),
        names=tuple(names),
        widths=tuple(widths),
        language=_LANGUAGE_DRIVERS.get(data[29]),
    )


def decode_columns(raw: RawLayer, *, head: DbfHead, cpg: str | None) -> None:
    """Turn byte-for-byte text of a layer into characters, in place, and say how.

    Parameters
    ----------
    raw : RawLayer
        As GDAL read it with :data:`BYTE_ENCODING`; names, values, encoding and findings are replaced.
    head : DbfHead
        Of the same table.
    cpg : str or None
        Content of the .cpg, if there is one.
    """
    # GDAL keeps the order of the fields; the names are taken from the header, where none is doubled.
    names = list(head.names)
    if len(names) != len(raw.columns):
        names = [name.encode("latin-1", "replace") for name, _ in raw.columns]
    widths = dict(zip(range(len(head.widths)), head.widths, strict=True))
    texts = [
        (value.encode("latin-1"), len(value) >= widths.get(column, 1 << 16) - 3)
        for column, (_, values) in enumerate(raw.columns)
        for value in values
        if isinstance(value, str) and not value.isascii()
    ]
    # A field name holds ten bytes: a longer one was cut, perhaps inside a character.
    samples = texts + [(name, True) for name in names if not name.isascii()]
    declared = _declared(cpg) or head.language
    encoding = _encoding_of(samples, declared)
    titles = [_decode(name, encoding, cut=True) for name in names]
    raw.findings += _findings(encoding, declared, samples, names, titles)
    raw.encoding = _TITLES[encoding]
    raw.columns = [
        (clean(title), [_value(value, encoding) for value in values])
        for title, (_, values) in zip(titles, raw.columns, strict=True)
    ]


def _declared(cpg: str | None) -> str | None:
    if cpg is None:
        return None
    name = cpg.strip().lower().removeprefix("cp").removeprefix("windows-")
    name = _ALIASES.get(name, name)
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return None
    return {"gbk": "gb18030", "gb2312": "gb18030"}.get(found, found)


def _encoding_of(samples: list[tuple[bytes, bool]], declared: str | None) -> str:
    if not samples:
        return declared if declared in _TITLES else "utf-8"
    # UTF-8 first: other text is hardly ever valid UTF-8 by chance, while GB18030 reads nearly anything; that
    # it is something else shows by characters of private use, which no ledger has.
    order = dict.fromkeys(("utf-8", declared or "gb18030", "gb18030", "big5"))
    fitting = [
        encoding
        for encoding in order
        if encoding in _TITLES and all(_fits(data, encoding, cut=cut) for data, cut in samples)
    ]
    if not fitting:
        raise UploadError(
            "属性表的文字编码无法识别（不是 UTF-8、GBK 或 Big5），请用 UTF-8 重新导出。"
        )
    return next((encoding for encoding in fitting if _plausible(samples, encoding)), fitting[0])


def _plausible(samples: list[tuple[bytes, bool]], encoding: str) -> bool:
    texts = (_decode(data, encoding, cut=cut) for data, cut in samples)
    return not any("\ue000" <= char <= "\uf8ff" for text in texts for char in text)


def _fits(data: bytes, encoding: str, *, cut: bool) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(data, final=not cut)
    except UnicodeDecodeError:
        return False
    return True


def _decode(data: bytes, encoding: str, *, cut: bool) -> str:
    # Not final: a character of which the end is cut off is left out.
    return codecs.getincrementaldecoder(encoding)("strict").decode(data, final=not cut)


def _value(value: object, encoding: str) -> object:
    if not isinstance(value, str) or value.isascii():
        return value
    return _decode(value.encode("latin-1"), encoding, cut=True)


def _findings(
    encoding: str,
    declared: str | None,
    samples: list[tuple[bytes, bool]],
    names: list[bytes],
    titles: list[str],
) -> list[Finding]:
    found = []
    title = _TITLES[encoding]
    if samples and declared is None and encoding != "utf-8":
        sample = clean(_decode(max(samples, key=lambda s: len(s[0]))[0], encoding, cut=True))[:12]
        text = f"文件没有编码说明，已按 {title} 读取，请核对：“{sample}…”"
        found.append(Finding(rule="encoding_guessed", severity="提醒", found=title, message=text))
    elif samples and declared is not None and declared != encoding:
        text = f"编码说明与内容不符，已改按 {title} 读取"
        found.append(
            Finding(
                rule="encoding_wrong",
                severity="提醒",
                found=title,
                expected=_TITLES.get(declared, declared),
                message=text,
            )
        )
    cut = [t for name, t in zip(names, titles, strict=True) if not _fits(name, encoding, cut=False)]
    if cut:
        shown = "、".join(f"“{clean(name)}…”" for name in cut)
        text = f"字段名被截断，已恢复为{shown}"
        found.append(Finding(rule="field_name_cut", severity="提醒", message=text))
    return found
