"""Handing a file over: written aside, read back by another process, compared, and only then named.

Whoever looks into the folder sees the old file or the new one, never half of one.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.exporting.content import Content
from data.exporting.metadata import METADATA_SUFFIX, metadata_of, write_metadata
from data.exporting.names import safe_file_name
from data.exporting.process import found_layer, run_step
from data.exporting.registry import Format, Loss, Prepared, format_of
from data.exporting.taking import contents_of
from data.store import Plan, refuse_live
from errors import ExportError

__all__ = ["Exported", "Progress", "export", "export_bytes"]

Progress = Callable[[float, str], None]

_ASIDE = ".pianqu-export-"
# A folder aside that is older than this was left by a process that was killed.
_STALE_S = 3_600
_LOSSES_TOLD = 5
# What a plan needs before a layer can go out.
_IMPORT_IT = "请先导入台账或边界。"
_FIRST = {"pianqu": "请先把小区组成片区，或采用自动方案（pianqu bundle --save）。"}


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What was handed over.

    Attributes
    ----------
    files : tuple of Path
        The file, then its metadata.
    totals : dict
        ``features`` and sums in yuan, ㎡ and so on; of the first layer.
    losses : tuple of Loss
        What was cut or replaced with the planner's consent.
    without_boundary : tuple of str
        Names of rows that went out without a boundary.
    schematic : tuple of str
        Names of rows whose boundary is 示意.
    notes : tuple of str
        Chinese sentences for the planner.
    """

    files: tuple[Path, ...]
    totals: dict[str, int | float | None]
    losses: tuple[Loss, ...] = ()
    without_boundary: tuple[str, ...] = ()
    schematic: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def export(
    plan: Plan,
    format: str,  # noqa: A002 - the word of the shell
    *,
    layer: str | Sequence[str] = "compounds",
    crs: str | None = None,
    out_dir: str | Path,
    actor: str,
    uids: Iterable[str] | None = None,
    accept_losses: bool = False,
    progress: Progress | None = None,
    **options: Any,
) -> Exported:
    """Write a layer of a plan to a file that has been read back and compared.

    Parameters
    ----------
    plan : Plan
        Open plan.
    format : str
        ``geojson``, ``gpkg``, ``shapefile`` or ``xlsx``; see ``formats()``.
    layer : str or sequence of str
        Layer, or several where the format takes them.
    crs : str, optional
        One of the format's choices (GeoJSON: ``4490`` or ``rfc7946``); the first by default.
    out_dir : path
        Folder; made if missing. A file of the same name is replaced.
    actor : str
        Who exports; goes into the metadata and the plan's log.
    uids : iterable of str, optional
        Only these rows.
    accept_losses : bool
        Whether what the format can not hold may be cut or replaced; it is listed either way.
    progress : callable, optional
        Called with a share of 1 and what is being done; an exception from it stops the export.
    **options
        Of the format: ``encoding`` (``gbk`` or ``utf-8``) for Shapefile.

    Returns
    -------
    Exported

    Raises
    ------
    ExportError
        If there is nothing to export, the format can not hold the layer, something would be lost without
        consent, or the file did not read back as it was meant; then no file has been touched.
    """
    tell = progress or (lambda _share, _what: None)
    how = format_of(format)
    layers = [layer] if isinstance(layer, str) else list(layer)
    chosen = _choice(how, crs)
    _require_layers(how, layers)
    tell(0.0, "读取计划")
    contents = contents_of(plan, layers, uids=uids)
    _require_rows(contents, whole=uids is None)
    prepared = [how.prepare(content, chosen, dict(options)) for content in contents]
    _require_consent(prepared, how, accept_losses=accept_losses)
    folder = _folder(out_dir)
    name = _file_name(prepared, how, chosen)
    targets = [refuse_live(folder / name), refuse_live(folder / _metadata_name(name))]
    with _aside(folder) as aside:
        made = _written_and_checked(
            aside / name, prepared, how, crs=chosen, options=dict(options), tell=tell
        )
        sheet = aside / targets[1].name
        write_metadata(sheet, metadata_of(made, how, chosen, prepared, actor=actor))
        # The sheet first: it carries the sum of the file it belongs to.
        _publish(((sheet, targets[1]), (made, targets[0])))
    exported = _summary(targets, prepared)
    plan.audit(
        actor,
        "导出",
        {
            "format": how.id,
            "crs": chosen,
            "layers": layers,
            "file": name,
            "totals": exported.totals,
        },
    )
    tell(1.0, "完成")
    return exported


def export_bytes(
    plan: Plan,
    format: str,  # noqa: A002 - the word of the shell
    *,
    actor: str,
    with_metadata: bool = False,
    **options: Any,
) -> tuple[str, bytes]:
    """Export for a download: the file's name and its bytes, checked like any export.

    Parameters
    ----------
    plan, format, actor, **options
        As for :func:`export`, without ``out_dir``.
    with_metadata : bool
        Whether to give a zip with the file and its metadata instead of the file alone.

    Returns
    -------
    name : str
    content : bytes

    Raises
    ------
    ExportError
        As for :func:`export`.
    """
    with tempfile.TemporaryDirectory(prefix="pianqu-") as folder:
        exported = export(plan, format, out_dir=folder, actor=actor, **options)
        file = exported.files[0]
        if not with_metadata:
            return file.name, file.read_bytes()
        return f"{file.stem}.zip", _packed(exported.files)


def _packed(files: Iterable[Path]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
    return buffer.getvalue()


def _choice(how: Format, crs: str | None) -> str:
    if not how.crs_choices:
        return ""
    if crs is None:
        return next(iter(how.crs_choices))
    if crs not in how.crs_choices:
        known = "、".join(how.crs_choices)
        raise ExportError(f"{how.title}不能用坐标系“{crs}”导出。可以用：{known}。")
    return crs


def _require_layers(how: Format, layers: list[str]) -> None:
    if not layers or (len(layers) > 1 and not how.many_layers):
        raise ExportError(f"{how.title}一个文件只能放一个图层，请分别导出，或改用 GeoPackage。")
    wrong = [layer for layer in layers if how.layers and layer not in how.layers]
    if wrong:
        raise ExportError(f"{how.title}只能导出小区台账，不能导出“{'、'.join(wrong)}”。")


def _require_rows(contents: Sequence[Content], *, whole: bool) -> None:
    if any(len(content.frame) for content in contents):
        return
    what = "、".join(content.title for content in contents)
    if not whole:
        raise ExportError(
            f"筛选后（或所选）的范围里没有{what}，没有导出。请放宽筛选，或把范围换成“全部”。"
        )
    raise ExportError(f"计划里还没有{what}，没有导出。{_FIRST.get(contents[0].layer, _IMPORT_IT)}")


def _require_consent(prepared: Sequence[Prepared], how: Format, *, accept_losses: bool) -> None:
    losses = [loss for one in prepared for loss in one.losses]
    if not losses or accept_losses:
        return
    told = "\n".join(
        f"{loss.uid}的{loss.field}：{loss.reason}，会变成“{loss.becomes[:40]}”"
        for loss in losses[:_LOSSES_TOLD]
    )
    more = f"\n……共{len(losses)}处" if len(losses) > _LOSSES_TOLD else ""
    raise ExportError(
        f"{how.title}放不下以下内容，没有导出：\n{told}{more}\n"
        "请改用 GeoPackage 或 GeoJSON，或换 UTF-8 编码，或确认接受这些损失后再导出。"
    )


def _folder(out_dir: str | Path) -> Path:
    folder = Path(out_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"不能建立文件夹“{folder}”，请换一个位置。") from error
    return folder.resolve()


def _file_name(prepared: Sequence[Prepared], how: Format, crs: str) -> str:
    first = prepared[0].content
    what = first.title if len(prepared) == 1 else "图层"
    tag = {"4490": "CGCS2000", "rfc7946": "RFC7946", "": "台账"}.get(crs, crs)
    # The plan's name gives way before what the file is.
    ending = f"_{what}_{tag}"
    stem = safe_file_name(first.plan_name)[: 80 - len(ending)]
    return f"{stem}{ending}{how.extension}"


def _metadata_name(name: str) -> str:
    return f"{name.rpartition('.')[0]}_{name.rpartition('.')[2]}{METADATA_SUFFIX}"


class _aside:  # noqa: N801 - read as a word: with _aside(folder)
    """A hidden folder on the same disk, gone afterwards."""

    def __init__(self, folder: Path) -> None:
        self._parent = folder

    def __enter__(self) -> Path:
        _remove_stale(self._parent)
        try:
            self._path = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=self._parent))
        except OSError as error:
            raise ExportError(f"不能写入文件夹“{self._parent}”，请换一个位置。") from error
        return self._path

    def __exit__(self, *_error: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)


def _remove_stale(folder: Path) -> None:
    for left in folder.glob(f"{_ASIDE}*"):
        if left.is_dir() and time.time() - left.stat().st_mtime > _STALE_S:
            shutil.rmtree(left, ignore_errors=True)


def _written_and_checked(
    path: Path,
    prepared: Sequence[Prepared],
    how: Format,
    *,
    crs: str,
    options: dict[str, Any],
    tell: Progress,
) -> Path:
    contents = [one.content for one in prepared]
    given = {
        **how.options(contents, crs, options),
        "layer_name": contents[0].layer,
        "losses": [loss.to_dict() for one in prepared for loss in one.losses],
    }
    exchange = path.parent / "exchange"
    exchange.mkdir()
    for content in contents:
        content.frame.to_feather(exchange / f"{content.layer}.arrow")
    names = [content.layer for content in contents]
    for share, step, said in ((0.2, "write", "写文件"), (0.6, "read", "回读核对")):
        tell(share, said)
        run_step(
            step,
            format_id=how.id,
            path=path,
            folder=exchange,
            layers=names,
            options=given,
        )
    tell(0.9, "与计划比较")
    problems = [
        problem for content in contents for problem in _problems(content, exchange, how, crs)
    ]
    if problems:
        raise ExportError(
            "文件写出后与计划不一致，没有交付：\n"
            + "\n".join(problems)
            + "\n请重试；若仍如此，请换一种格式。"
        )
    return path


def _problems(content: Any, exchange: Path, how: Format, crs: str) -> list[str]:
    found = found_layer(exchange, content.layer)
    if found is None:
        return [f"文件里没有“{content.title}”图层"]
    return how.compare(content, found, crs)


def _publish(pairs: Sequence[tuple[Path, Path]]) -> None:
    """Give the finished files their names: on disk first, then by one rename each."""
    for source, _ in pairs:
        with source.open("rb+") as file:
            os.fsync(file.fileno())
    for source, target in pairs:
        try:
            source.replace(target)
        except PermissionError as error:
            # Windows: a spreadsheet program holds the old file.
            raise ExportError(f"“{target.name}”正被其他程序打开，请先关闭文件，再导出。") from error
    _sync_folder(pairs[0][1].parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _summary(targets: Sequence[Path], prepared: Sequence[Prepared]) -> Exported:
    first = prepared[0].content
    missing = tuple(name for one in prepared for name in one.content.without_boundary)
    notes = [note for one in prepared for note in one.notes]
    notes += [one.content.stamp for one in prepared if one.content.stamp]
    if missing:
        notes.append(f"{len(missing)}个没有边界，文件里只有属性：{'、'.join(missing[:5])}")
    return Exported(
        files=tuple(targets),
        totals=first.totals,
        losses=tuple(loss for one in prepared for loss in one.losses),
        without_boundary=missing,
        schematic=tuple(name for one in prepared for name in one.content.schematic),
        notes=tuple(notes),
    )
