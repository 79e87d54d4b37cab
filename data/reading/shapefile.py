"""Shapefiles in a zip: unpacked by our rules, held against what their headers promise, then read."""

from __future__ import annotations

import shutil
import struct
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt
import shapely

from data.reading.archive import unpack
from data.reading.dbf import BYTE_ENCODING, DbfHead, decode_columns, read_head
from data.reading.gdal import read_with_gdal
from data.reading.source import RawLayer, SourceLayer
from data.reading.text import listed
from errors import UploadError

__all__ = ["ShapefileSource", "open_source"]

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED = (".shp", ".shx", ".dbf")
_HEADER_BYTES = 100
_NULL_SHAPE = 0


@dataclass(frozen=True, kw_only=True)
class _Layer:
    name: str
    parts: dict[str, Path]
    head: DbfHead


class ShapefileSource:
    """All Shapefiles of one upload."""

    def __init__(self, layers: list[_Layer]) -> None:
        self._layers = {layer.name: layer for layer in layers}
        self.layers = [SourceLayer(name=layer.name, count=layer.head.records) for layer in layers]

    def read(self, layer: str) -> RawLayer:
        """Read one Shapefile; what its index promises must be there."""
        one = self._layers[layer]
        shp = one.parts[".shp"]
        cpg = _text(one.parts.get(".cpg"))
        types = _shape_types(shp, one.parts[".shx"], one.name)
        if one.head.present < one.head.records or one.head.records != len(types):
            raise UploadError(
                f"“{one.name}”的属性表有 {one.head.present} 条记录，图形有 {len(types)} 个，"
                "对不上，文件可能没有拷贝完整。"
            )
        # GDAL takes a .cpg above all else: ours makes it keep the bytes.
        shp.with_suffix(".cpg").write_text(BYTE_ENCODING, encoding="ascii")
        raw = read_with_gdal(shp, layer=shp.stem, encoding=BYTE_ENCODING)
        _refuse_lost(raw, types)
        decode_columns(raw, head=one.head, cpg=cpg)
        prj = _text(one.parts.get(".prj"))
        raw.crs = prj if prj and prj.strip() else None
        return raw


def open_source(path: Path, folder: Path, *, name: str) -> ShapefileSource:
    """Find the Shapefiles of a zip, or of a .shp with its companions beside it.

    Raises
    ------
    UploadError
        If there is none, or parts are missing.
    """
    with path.open("rb") as file:
        packed = file.read(2) == b"PK"
    members = _unpacked(path, folder, name) if packed else _beside(path, name)
    groups = _grouped(members)
    layers = [
        _layer(key, parts, folder, number) for number, (key, parts) in enumerate(groups.items())
    ]
    if not layers:
        raise UploadError(
            f"压缩包“{name}”里没有 .shp 文件。请把 .shp、.shx、.dbf、.prj 一起压缩后上传。"
        )
    return ShapefileSource(layers)


def _unpacked(path: Path, folder: Path, name: str) -> list[tuple[PurePosixPath, Path]]:
    return unpack(path, folder, name=name, wanted=_PARTS)


def _beside(path: Path, name: str) -> list[tuple[PurePosixPath, Path]]:
    stem = PurePosixPath(name).stem
    found = [(PurePosixPath(f"{stem}.shp"), path)]
    companions = [path.with_name(f"{path.name}{suffix}") for suffix in _PARTS[1:]]
    return found + [
        (PurePosixPath(f"{stem}{one.suffix}"), one) for one in companions if one.exists()
    ]


def _grouped(members: list[tuple[PurePosixPath, Path]]) -> dict[str, dict[str, Path]]:
    """Parts by layer; a layer that lies in a folder is called after both if names repeat."""
    by_path: dict[str, dict[str, Path]] = {}
    for inner, file in members:
        key = str(inner.with_suffix(""))
        same = next((known for known in by_path if known.lower() == key.lower()), key)
        by_path.setdefault(same, {})[inner.suffix.lower()] = file
    shapes = {key: parts for key, parts in by_path.items() if ".shp" in parts}
    stems = [PurePosixPath(key).name for key in shapes]
    return {
        (stem if stems.count(stem) == 1 else key): parts
        for stem, (key, parts) in zip(stems, shapes.items(), strict=True)
    }


def _layer(name: str, parts: dict[str, Path], folder: Path, number: int) -> _Layer:
    missing = [suffix for suffix in _NEEDED if suffix not in parts]
    if missing == [".dbf"]:
        raise UploadError(f"“{name}”缺少 .dbf，属性会全部丢失，请上传完整的 shp 压缩包")
    if missing:
        raise UploadError(f"“{name}”缺少 {'、'.join(missing)}，请上传完整的 shp 压缩包")
    # One folder a layer and one stem for all parts, as GDAL looks for them.
    home = folder / f"shapefile{number}"
    home.mkdir()
    own = {suffix: home / f"layer{suffix}" for suffix in parts}
    for suffix, file in parts.items():
        shutil.move(file, own[suffix])
    return _Layer(name=name, parts=own, head=read_head(own[".dbf"]))


def _text(path: Path | None) -> str | None:
    return None if path is None else path.read_bytes().decode("utf-8", "replace").lstrip("\ufeff")


def _shape_types(shp: Path, shx: Path, name: str) -> npt.NDArray[np.int64]:
    """Type of each record of a .shp by its index; -1 where the file ends too early."""
    index, size = shx.read_bytes(), shp.stat().st_size
    if len(index) < _HEADER_BYTES or size < _HEADER_BYTES:
        raise UploadError(f"“{name}”的 .shp 或 .shx 已损坏，文件可能没有拷贝完整。")
    promised = struct.unpack_from(">i", index, 24)[0] * 2
    if promised > len(index):
        raise UploadError(f"“{name}”的 .shx 不完整，文件可能没有拷贝完整。")
    body = index[_HEADER_BYTES : _HEADER_BYTES + (promised - _HEADER_BYTES) // 8 * 8]
    words = np.frombuffer(body, dtype=">i4").reshape(-1, 2).astype(np.int64)
    starts, lengths = words[:, 0] * 2, words[:, 1] * 2
    whole = (starts >= _HEADER_BYTES) & (starts + 8 + lengths <= size)
    data = np.memmap(shp, dtype=np.uint8, mode="r")
    types = np.full(len(words), -1, dtype=np.int64)
    at = starts[whole, None] + 8 + np.arange(4)
    types[whole] = np.ascontiguousarray(data[at]).view("<i4").ravel()
    return types


def _refuse_lost(raw: RawLayer, types: npt.NDArray[np.int64]) -> None:
    """Stop if a geometry is missing that the file does not itself call empty."""
    missing = np.asarray(shapely.is_missing(raw.geoms))
    lost = np.zeros(len(raw.geoms), dtype=bool)
    lost[: len(types)] = types[: len(raw.geoms)] != _NULL_SHAPE
    numbers = (np.flatnonzero(missing & lost) + 1).tolist()
    if numbers:
        raise UploadError(f"第 {listed(numbers)} 个图形读不出来，文件可能没有拷贝完整")
