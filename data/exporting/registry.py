"""The table of formats. A new format is a new file in ``formats/`` that defines ``FORMAT``."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from data.exporting.content import Content
from errors import ExportError

__all__ = ["Format", "Job", "Loss", "Prepared", "format_of", "formats"]


@dataclass(frozen=True, kw_only=True)
class Loss:
    """One cell that a format can not hold as it is.

    Attributes
    ----------
    uid, field : str
        Row, and the field's Chinese title.
    value : str
        The value in the plan.
    becomes : str
        What would be written.
    reason : str
        Chinese.
    """

    uid: str
    field: str
    value: str
    becomes: str
    reason: str

    def to_dict(self) -> dict[str, str]:
        """Return plain values, ready for JSON."""
        return dict(vars(self))


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A layer as it will stand in the file, and what that costs.

    Attributes
    ----------
    content : Content
        With values and coordinates as the file will hold them: the file is compared with this.
    losses : tuple of Loss
        What is cut or replaced; needs the planner's consent.
    notes : tuple of str
        What is worth saying without asking.
    """

    content: Content
    losses: tuple[Loss, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Job:
    """What the worker process is asked to write: plain values, and frames by layer.

    Attributes
    ----------
    path : Path
        File to write.
    frames : dict of DataFrame
        By layer name, columns by field name, geometry where the format has any.
    options : dict
        Of the format; JSON values.
    """

    path: Path
    frames: dict[str, gpd.GeoDataFrame | pd.DataFrame]
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Format:
    """One format of hand-over.

    Attributes
    ----------
    id, title, extension : str
        As in the shell; as the planner reads it; with the dot.
    crs_choices : dict
        Id to Chinese title, the default first; empty if the format has no coordinates.
    layers : tuple of str
        What it can hold; empty for all layers.
    many_layers : bool
        Whether one file may hold several.
    prepare : callable
        ``(content, crs, options) -> Prepared``, in this process.
    options : callable
        ``(contents, crs, options) -> dict`` of JSON values for `write`.
    write, read : callable
        ``(job) -> None`` and ``(path, options) -> {layer: frame}`` with the fields' own names, each in
        a process of its own.
    compare : callable
        ``(content, found, crs) -> [str]``: what came out otherwise than it went in.
    """

    id: str
    title: str
    extension: str
    crs_choices: dict[str, str]
    prepare: Callable[[Content, str, dict[str, Any]], Prepared]
    options: Callable[[Sequence[Content], str, dict[str, Any]], dict[str, Any]]
    write: Callable[[Job], None]
    read: Callable[[Path, dict[str, Any]], dict[str, Any]]
    compare: Callable[[Content, Any, str], list[str]]
    layers: tuple[str, ...] = ()
    many_layers: bool = False


@functools.cache
def formats() -> dict[str, Format]:
    """All formats by id, in the order of their files' names."""
    package = importlib.import_module("data.exporting.formats")
    found = {}
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda one: one.name):
        made = importlib.import_module(f"{package.__name__}.{module.name}")
        if hasattr(made, "FORMAT"):
            found[made.FORMAT.id] = made.FORMAT
    return found


def format_of(name: str) -> Format:
    """Format of an id.

    Raises
    ------
    ExportError
        If there is none.
    """
    if name not in formats():
        known = "、".join(formats())
        raise ExportError(f"没有名为“{name}”的导出格式。可以用：{known}。")
    return formats()[name]
