"""What every boundary reader gives: the layers of a file, and one of them as geometry and columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from data.findings import Finding

__all__ = ["RawLayer", "Source", "SourceLayer"]


@dataclass(frozen=True, kw_only=True)
class SourceLayer:
    """One layer of a file, before it is read.

    Attributes
    ----------
    name : str
        To be given to ``Source.read``.
    count : int
        Number of features.
    """

    name: str
    count: int


@dataclass(kw_only=True)
class RawLayer:
    """A layer as it stands in the file.

    Attributes
    ----------
    geoms : array of shapely geometry or None
        x = east or longitude as the file holds it.
    columns : list of (str, list)
        Attribute name and one plain value a feature (None, bool, int, float, str).
    crs : str or None
        A text for ``geo.crs.parse_system``, as declared; None if the file says nothing.
    lonlat_if_silent : bool
        True if the format means WGS 84 when it says nothing (GeoJSON).
    encoding : str
        Of the text, for the planner; empty if the format leaves no choice.
    findings : list of Finding
        What there is to say about the file so far.
    """

    geoms: npt.NDArray[np.object_]
    columns: list[tuple[str, list[Any]]]
    crs: str | None = None
    lonlat_if_silent: bool = False
    encoding: str = ""
    findings: list[Finding] = field(default_factory=list)


class Source(Protocol):
    """An opened boundary file."""

    layers: list[SourceLayer]

    def read(self, layer: str) -> RawLayer:
        """Read one layer whole."""
