"""Shapefile in a zip: ASCII names, explicit schema, GBK or UTF-8 with .cpg, nothing cut without a word.

Written by fiona, whose schema says width and type of each column; fiona carries a GDAL of its own, which
is one more reason for the process of its own.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import math
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio
import shapely

from data.exporting.comparing import differences
from data.exporting.content import Content
from data.exporting.fields import OutField
from data.exporting.names import inert_cell
from data.exporting.registry import Format, Job, Loss, Prepared
from errors import ExportError
from geo.crs import STORED_EPSG

__all__ = ["DICTIONARY_NAME", "ENCODINGS", "FORMAT"]

ENCODINGS = {"gbk": "GBK", "utf-8": "UTF-8"}
DICTIONARY_NAME = "字段对照表.csv"
_MEMBERS_NAME = "片区成员表.csv"
_LOSSES_NAME = "损失清单.csv"

_LONGEST_BYTES = 254
_DECIMALS = 4
# The .shp and .dbf have 32-bit offsets; 1.9 GB leaves room below the 2 GB at which readers fail.
_LARGEST_BYTES = 1_900_000_000
_WIDTHS = {
    # The plan takes counts up to a million million.
    "integer": "int:13",
    # Whole yuan, to the last one.
    "yuan": "int:16",
    "real": f"float:20.{_DECIMALS}",
    "area": f"float:20.{_DECIMALS}",
    # Not int:1: fiona 1.10 takes the width of the first whole number for all others of the row.
    "flag": "bool",
    "date": "str:10",
}
_REPLACEMENT = "？"


def _prepare(content: Content, crs: str, options: dict[str, Any]) -> Prepared:  # noqa: ARG001
    encoding = _encoding(options)
    # A cell can not hold a list: the members go into a table beside the shapes.
    fields = tuple(item for item in content.fields if item.kind != "list")
    frame = content.frame.copy()
    losses: list[Loss] = []
    for item in fields:
        if item.kind == "text":
            frame[item.name], lost = _fitting(frame, item, encoding)
            losses += lost
    _refuse_mixed(content)
    return Prepared(
        content=dataclasses.replace(content, frame=frame, fields=fields), losses=tuple(losses)
    )


def _encoding(options: dict[str, Any]) -> str:
    name = str(options.get("encoding") or "gbk").lower()
    if name not in ENCODINGS:
        raise ExportError(f"Shapefile 的编码只能是 GBK 或 UTF-8，不能是“{name}”。")
    return name


def _fitting(frame: Any, field: OutField, encoding: str) -> tuple[pd.Series[Any], list[Loss]]:
    """Fit the texts of a column into its cells; a record of each that did not fit."""
    kept = frame[field.name].copy()
    losses = []
    for row, value in kept.items():
        if value is None:
            continue
        fits, reason = _fit(value, encoding)
        if reason:
            kept[row] = fits
            losses.append(
                Loss(
                    uid=frame["uid"][row],
                    field=field.title,
                    value=value,
                    becomes=fits,
                    reason=reason,
                )
            )
    return kept, losses


def _fit(value: str, encoding: str) -> tuple[str, str]:
    reasons = []
    written = "".join(c if _encodable(c, encoding) else _REPLACEMENT for c in value)
    if written != value:
        strange = "".join(dict.fromkeys(c for c in value if not _encodable(c, encoding)))
        reasons.append(f"“{strange}”不在{ENCODINGS[encoding]}编码里")
    data = written.encode(encoding)
    if len(data) > _LONGEST_BYTES:
        written = data[:_LONGEST_BYTES].decode(encoding, errors="ignore").rstrip()
        reasons.append(f"超过{_LONGEST_BYTES}字节")
    return written, "，".join(reasons)


def _encodable(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _refuse_mixed(content: Content) -> None:
    kinds = set(shapely.get_dimensions(content.frame.geometry.dropna().to_numpy()).tolist())
    if len(kinds) > 1:
        raise ExportError(
            f"“{content.title}”图层里既有线又有面，Shapefile 放不下。请改用 GeoPackage 或 GeoJSON。"
        )


def _options(contents: Sequence[Content], crs: str, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    (content,) = contents
    shapes = content.frame.geometry.dropna().to_numpy()
    dimension = int(shapely.get_dimensions(shapes).max(initial=-1))
    return {
        "encoding": _encoding(options),
        "stem": {"compounds": "LJXQGZ", "pianqu": "LJXQGZ_PQ"}.get(
            content.layer, f"LJXQGZ_{content.layer.upper()}"
        ),
        "geometry": {0: "Point", 1: "LineString"}.get(dimension, "Polygon"),
        "schema": {item.short: _width(item) for item in content.fields},
        "names": {item.short: item.name for item in content.fields},
        "dictionary": [_described(item) for item in content.fields],
        "stamp": content.stamp,
    }


def _width(field: OutField) -> str:
    return _WIDTHS.get(field.kind, f"str:{_LONGEST_BYTES}")


def _described(field: OutField) -> list[str]:
    notes = {
        "integer": "整数",
        "yuan": "整数元",
        "area": f"保留{_DECIMALS}位小数",
        "real": f"保留{_DECIMALS}位小数",
        "flag": "是或否",
        "date": "年-月-日",
    }
    note = notes.get(field.kind, f"最长{_LONGEST_BYTES}字节")
    return [field.short, field.title, field.name, _width(field), field.unit, note]


def _write(job: Job) -> None:
    # Here and not on top: only the worker process may load the second GDAL.
    import fiona
    from fiona.crs import CRS

    options = job.options
    folder = job.path.with_suffix(".parts")
    folder.mkdir()
    ((_, frame),) = job.frames.items()
    shape_path = folder / f"{options['stem']}.shp"
    with fiona.open(
        shape_path,
        "w",
        driver="ESRI Shapefile",
        crs=CRS.from_epsg(STORED_EPSG),
        encoding=ENCODINGS[options["encoding"]],
        schema={"geometry": options["geometry"], "properties": options["schema"]},
    ) as sink:
        sink.writerecords(_records(frame, options["names"]))
    (folder / f"{options['stem']}.cpg").write_text(ENCODINGS[options["encoding"]], encoding="ascii")
    if max(path.stat().st_size for path in folder.iterdir()) > _LARGEST_BYTES:
        raise ExportError("数据超过 Shapefile 的上限（约 1.9 GB），请改用 GeoPackage，或分批导出。")
    _zip(job, folder, frame)
    shutil.rmtree(folder)


def _records(frame: Any, names: dict[str, str]) -> Any:
    columns = {short: frame[name].tolist() for short, name in names.items()}
    for row, shape in enumerate(frame.geometry):
        yield {
            "geometry": None if shape is None else shapely.geometry.mapping(shape),
            "properties": {short: _cell(values[row]) for short, values in columns.items()},
        }


def _cell(value: Any) -> Any:
    # Missing texts come out of Arrow as NaN.
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    return value


def _zip(job: Job, folder: Path, frame: Any) -> None:
    options = job.options
    with zipfile.ZipFile(job.path, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, part.name)
        heads = ["字段", "中文名", "计划中的名称", "类型", "单位", "说明"]
        archive.writestr(DICTIONARY_NAME, _csv([heads, *options["dictionary"]]))
        if options["losses"]:
            table = [["标识码", "字段", "计划中的值", "写出的值", "原因"]]
            table += [list(loss.values()) for loss in options["losses"]]
            archive.writestr(_LOSSES_NAME, _csv(table))
        if "member_uids" in frame:
            rows = [["片区编号", "片区名称", "小区标识码", "小区名称"]]
            for row in frame.itertuples():
                rows += [
                    [row.uid, row.name, *pair]
                    for pair in zip(row.member_uids, row.member_names, strict=False)
                ]
            archive.writestr(_MEMBERS_NAME, _csv(rows))
        if options["stamp"]:
            archive.writestr("示意说明.txt", options["stamp"].encode("utf-8-sig"))


def _csv(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(
        [inert_cell("" if cell is None else str(cell)) for cell in row] for row in rows
    )
    # The mark tells Excel that it is UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _read(path: Path, options: dict[str, Any]) -> dict[str, Any]:
    source = f"/vsizip/{path}/{options['stem']}.shp"
    found = pyogrio.read_dataframe(source, use_arrow=False)
    return {options["layer_name"]: found.rename(columns=options["names"])}


def _compare(content: Content, found: Any, crs: str) -> list[str]:  # noqa: ARG001
    return differences(content, found, tolerance_deg=0.0, ring_order_kept=False, decimals=_DECIMALS)


FORMAT = Format(
    id="shapefile",
    title="Shapefile（压缩包）",
    extension=".zip",
    crs_choices={"4490": "CGCS2000（EPSG:4490）"},
    prepare=_prepare,
    options=_options,
    write=_write,
    read=_read,
    compare=_compare,
)
