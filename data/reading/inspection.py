"""What is in an uploaded file, before it is taken in: the answer to the page's first question."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from data.findings import Finding
from data.reading.ledger import LedgerSheet, take_apart
from data.reading.process import ask_worker

__all__ = ["Inspection", "LayerHead", "inspect_upload"]


@dataclass(frozen=True, kw_only=True)
class LayerHead:
    """One layer of a boundary file, or one sheet of a workbook.

    Attributes
    ----------
    name : str
    count : int
        Features or rows.
    geometry : dict of str to int
        面, 线, 点 and how many; empty for a sheet.
    crs : str or None
        Text for ``parse_system``, as declared; None has to be asked for.
    crs_title : str
        What the planner reads.
    question : str
        If `crs` is None: the sentence that asks, such as ``缺少坐标系，坐标像是 …，请确认``.
    guesses : tuple of str
        Systems that fit the numbers, likeliest first: choices to offer, never to take.
    bounds : tuple of float or None
        As in the file.
    columns : tuple of str
    sample : tuple of tuple
        The first rows, in the order of `columns`.
    encoding : str
        Of the text, if the format leaves a choice.
    findings : tuple of Finding
    """

    name: str
    count: int
    geometry: dict[str, int]
    crs: str | None
    crs_title: str
    question: str
    guesses: tuple[str, ...]
    bounds: tuple[float, float, float, float] | None
    columns: tuple[str, ...]
    sample: tuple[tuple[Any, ...], ...]
    encoding: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What is in an uploaded file.

    Attributes
    ----------
    kind : {"boundaries", "ledger"}
    format : str
        Key of ``data.reading.formats.FORMATS``.
    layers : tuple of LayerHead
        All layers or sheets; with more than one the planner chooses.
    ledger : LedgerSheet or None
        For a ledger: the sheet taken apart, with the proposed columns.
    """

    kind: Literal["boundaries", "ledger"]
    format: str
    layers: tuple[LayerHead, ...]
    ledger: LedgerSheet | None = None

    @property
    def crs(self) -> str | None:
        """System of the first layer."""
        return self.layers[0].crs if self.layers else None

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the first layer."""
        return self.layers[0].columns if self.layers else ()

    @property
    def sample(self) -> tuple[tuple[Any, ...], ...]:
        """First rows of the first layer."""
        return self.layers[0].sample if self.layers else ()

    @property
    def encoding(self) -> str:
        """Encoding of the first layer."""
        return self.layers[0].encoding if self.layers else ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What there is to say about all layers."""
        return tuple(finding for layer in self.layers for finding in layer.findings)


def inspect_upload(
    path: str | os.PathLike[str], original_name: str | None = None, *, sheet: str | None = None
) -> Inspection:
    """Look into a file in a throw-away process.

    Parameters
    ----------
    path : path
        The file.
    original_name : str, optional
        As the planner knows it.
    sheet : str, optional
        Which sheet of a workbook.

    Returns
    -------
    Inspection

    Raises
    ------
    UploadError, RecordError
        If the file can not be read, or is a ledger without a head.
    """
    name = original_name or Path(path).name
    with ask_worker("inspect", path, original_name=name) as answer:
        data = answer.data
    if data["kind"] == "ledger":
        ledger = take_apart(data, file_name=name, sheet=sheet)
        layers = tuple(_sheet_head(one, ledger) for one in data["sheets"])
        return Inspection(kind="ledger", format=data["format"], layers=layers, ledger=ledger)
    layers = tuple(_layer_head(one) for one in data["layers"])
    return Inspection(kind="boundaries", format=data["format"], layers=layers)


def _sheet_head(one: dict[str, Any], ledger: LedgerSheet) -> LayerHead:
    mine = one["name"] == ledger.sheet
    return LayerHead(
        name=one["name"],
        count=len(ledger.rows) if mine else len(one["rows"]),
        geometry={},
        crs=None,
        crs_title="",
        question="",
        guesses=(),
        bounds=None,
        columns=tuple(column.head for column in ledger.columns) if mine else (),
        sample=tuple(row.cells for row in ledger.rows[:5]) if mine else (),
        encoding=ledger.encoding,
        findings=ledger.findings if mine else (),
    )


def _layer_head(one: dict[str, Any]) -> LayerHead:
    box = one["bounds"]
    return LayerHead(
        name=one["name"],
        count=one["count"],
        geometry=one["geometry"],
        crs=one["crs"],
        crs_title=one["crs_title"],
        question=one["guess"],
        guesses=tuple(one["guesses"]),
        bounds=(box[0], box[1], box[2], box[3]) if box else None,
        columns=tuple(one["columns"]),
        sample=tuple(tuple(row) for row in one["sample"]),
        encoding=one["encoding"],
        findings=tuple(Finding(**finding) for finding in one["findings"]),
    )
