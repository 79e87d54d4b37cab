"""What the words of the plan are made of: fields, layers and tables of records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Field", "Kind", "Layer", "RecordTable"]

Kind = Literal["text", "integer", "real", "date", "yuan", "area", "flag", "share", "month", "year"]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One attribute of a layer.

    Attributes
    ----------
    name : str
        Column in code and in the plan file.
    title : str
        Chinese name, as in the ledgers.
    kind : str
        ``yuan`` is a whole number of yuan, ``area`` is in ㎡, ``date`` is an ISO text, ``share`` is 0 to 1,
        ``month`` a text as 2026-11.
    short : str
        ASCII name of at most ten characters, for Shapefile.
    unit : str
        Unit of the stored value, empty if it has none.
    editable : bool
        False for what the tool computes itself.
    """

    name: str
    title: str
    kind: Kind
    short: str
    unit: str = ""
    editable: bool = True


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer of the plan file.

    Attributes
    ----------
    name : str
        Table name.
    title : str
        Chinese name.
    geometry_type : str
        As registered in ``gpkg_geometry_columns``.
    fields : tuple of Field
        Besides ``fid``, ``geom``, ``extra`` (JSON), ``version`` and ``edited_by``, which every layer has.
    """

    name: str
    title: str
    geometry_type: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, kw_only=True)
class RecordTable:
    """A table of records without geometry; they belong to compounds where they have ``compound_uid``.

    Attributes
    ----------
    name : str
        Table name.
    title : str
        Chinese name.
    fields : tuple of Field
        Besides ``fid``, ``extra`` (JSON), ``version`` and ``edited_by``, which every table has.
    called : tuple of str
        Fields that tell one record of a compound from another, where the history names it.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    called: tuple[str, ...]

    @property
    def of_compounds(self) -> bool:
        """Whether each record belongs to a compound."""
        return any(field.name == "compound_uid" for field in self.fields)
