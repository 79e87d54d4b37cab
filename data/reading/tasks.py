"""What the worker process can be asked to do with a file; runs in there and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import shapely

from data.reading.features import declared_system, finish, undeclared
from data.reading.formats import FORMATS, Format
from data.reading.sniff import identify
from data.reading.source import RawLayer, Source
from data.reading.text import clean
from errors import CrsError, UploadError
from geo.system_guess import guess_system

__all__ = ["TASKS"]

_SAMPLE_ROWS = 5
_SHOWN_CHARACTERS = 200
_TYPE_TITLES = {
    "Point": "点",
    "MultiPoint": "点",
    "LineString": "线",
    "LinearRing": "线",
    "MultiLineString": "线",
    "Polygon": "面",
    "MultiPolygon": "面",
    "GeometryCollection": "几何集合",
}

Request = dict[str, Any]


def inspect(request: Request) -> dict[str, Any]:
    """Say what is in a file, without taking it in."""
    kind, path, name = _identified(request)
    if kind.kind == "ledger":
        return {"kind": kind.kind, "format": kind.id, **_grid(kind, path, name)}
    source = _source(kind, path, request)
    return {
        "kind": kind.kind,
        "format": kind.id,
        "layers": [_head(source.read(layer.name), layer.name) for layer in source.layers],
    }


def boundaries(request: Request) -> dict[str, Any]:
    """Read layers of a boundary file into Arrow files."""
    kind, path, name = _identified(request)
    if kind.kind != "boundaries":
        raise UploadError(f"“{name}”是{kind.title}，不是边界文件。请按台账导入。")
    source = _source(kind, path, request)
    options = request["options"]
    wanted = options.get("layers") or [_only_layer(source, kind, set(options.get("prefer") or ()))]
    known = {layer.name for layer in source.layers}
    for layer in wanted:
        if layer not in known:
            raise UploadError(f"“{name}”里没有图层“{layer}”，只有：{'、'.join(sorted(known))}。")
    areal = set(options.get("polygonal") or wanted)
    done = []
    for number, layer in enumerate(wanted):
        raw = source.read(layer)
        target = Path(request["folder"], f"layer{number}.arrow")
        label = name if len(wanted) == 1 else f"{name} 的图层 {layer}"
        done.append(
            _write(
                raw,
                target,
                layer=layer,
                label=label,
                crs=options.get("crs"),
                polygonal=layer in areal,
            )
        )
    return {"format": kind.id, "layers": done}


def layer_names(request: Request) -> dict[str, Any]:
    """List the layers of a boundary file."""
    kind, path, name = _identified(request)
    if kind.kind != "boundaries":
        raise UploadError(f"“{name}”是{kind.title}，不是边界文件。请按台账导入。")
    source = _source(kind, path, request)
    return {"format": kind.id, "layers": [[one.name, one.count] for one in source.layers]}


def ledger(request: Request) -> dict[str, Any]:
    """Read all sheets of a ledger as plain cells."""
    kind, path, name = _identified(request)
    if kind.kind != "ledger":
        raise UploadError(f"“{name}”是 {kind.title}，不是台账。台账请用 Excel 工作簿或 CSV 表格。")
    return {"format": kind.id, **_grid(kind, path, name)}


TASKS: dict[str, Callable[[Request], dict[str, Any]]] = {
    "inspect": inspect,
    "boundaries": boundaries,
    "layer_names": layer_names,
    "ledger": ledger,
}


def _identified(request: Request) -> tuple[Format, Path, str]:
    path, name = Path(request["path"]), request["original_name"]
    found = identify(path, original_name=name)
    return FORMATS[found.id], path, name


def _source(kind: Format, path: Path, request: Request) -> Source:
    module = import_module(f"data.reading.{kind.reader}")
    source: Source = module.open_source(path, Path(request["work"]), name=request["original_name"])
    return source


def _grid(kind: Format, path: Path, name: str) -> dict[str, Any]:
    module = import_module(f"data.reading.{kind.reader}")
    grid: dict[str, Any] = module.sheets(path, name=name)
    return grid


def _only_layer(source: Source, kind: Format, preferred: set[str]) -> str:
    """Name the only layer, or the only one that is called what is wanted."""
    if len(source.layers) == 1:
        return source.layers[0].name
    called = [layer.name for layer in source.layers if layer.name.strip().lower() in preferred]
    if len(called) == 1:
        return called[0]
    names = "、".join(f"“{layer.name}”（{layer.count} 个）" for layer in source.layers)
    where = "压缩包" if kind.id == "shapefile" else "文件"
    raise UploadError(f"{where}内有 {len(source.layers)} 个图层，请选择：{names}")


def _head(raw: RawLayer, layer: str) -> dict[str, Any]:
    """Describe one layer for the question that the page asks."""
    present = raw.geoms[~shapely.is_missing(raw.geoms)]
    box = [float(v) for v in shapely.total_bounds(raw.geoms)] if len(present) else None
    kinds: dict[str, int] = {}
    for geom in present:
        title = _TYPE_TITLES.get(geom.geom_type, geom.geom_type)
        kinds[title] = kinds.get(title, 0) + 1
    return {
        "name": layer,
        "count": len(raw.geoms),
        "geometry": kinds,
        "bounds": box if box and all(map(math.isfinite, box)) else None,
        **_system_of(raw, box),
        "encoding": raw.encoding,
        "columns": [clean(name) for name, _ in raw.columns],
        "sample": [
            [_shown(values[row]) for _, values in raw.columns]
            for row in range(min(_SAMPLE_ROWS, len(raw.geoms)))
        ],
        "findings": [finding.to_dict() for finding in raw.findings],
    }


def _system_of(raw: RawLayer, box: list[float] | None) -> dict[str, Any]:
    asked: dict[str, Any] = {"crs": None, "crs_title": "", "guess": "", "guesses": []}
    if not box or not all(map(math.isfinite, box)):
        return asked
    try:
        system = declared_system(raw)
    except CrsError as err:
        return asked | {"guess": str(err)}
    if system is not None:
        return {"crs": system.text, "crs_title": system.title, "guess": "", "guesses": []}
    guess = guess_system((box[0], box[1], box[2], box[3]))
    return asked | {"guess": undeclared(raw), "guesses": list(guess.systems)}


def _shown(value: Any) -> Any:
    return clean(value)[:_SHOWN_CHARACTERS] if isinstance(value, str) else value


def _write(
    raw: RawLayer, target: Path, *, layer: str, label: str, crs: str | None, polygonal: bool
) -> dict[str, Any]:
    """Finish one layer and write geometry and attributes; text attributes stay text."""
    done = finish(raw, crs=crs, name=label, polygonal=polygonal)
    at = done.geoms.index.to_numpy() - 1
    columns: dict[str, pa.Array] = {
        "row": pa.array(done.geoms.index.to_numpy(), pa.int64()),
        "geometry": pa.array(list(shapely.to_wkb(done.geoms.to_numpy())), pa.large_binary()),
    }
    for number, (_, values) in enumerate(raw.columns):
        columns[f"c{number}"] = _array([values[i] for i in at])
    table = pa.table(columns)
    with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return {
        "layer": layer,
        "file": target.name,
        "columns": [clean(name) for name, _ in raw.columns],
        "crs": done.system,
        "encoding": raw.encoding,
        "repaired": _records(done.repaired),
        "findings": [finding.to_dict() for finding in done.findings],
    }


def _array(values: list[Any]) -> pa.Array:
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) <= 1 or kinds == {int, float}:
        try:
            return pa.array([clean(v) if isinstance(v, str) else v for v in values])
        except (pa.ArrowInvalid, OverflowError):
            pass
    return pa.array(
        [None if value is None else clean(_text(value)) for value in values], pa.string()
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def _records(changes: pd.DataFrame) -> list[list[Any]]:
    """Rows as plain values; JSON knows no infinity, so None stands for it."""
    return [
        [int(row), problem, before, after, share if math.isfinite(share) else None, bool(ask)]
        for row, problem, before, after, share, ask in changes.itertuples()
    ]
