"""Fields of what is exported: those of the schema, and what is worked out for the hand-over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from data.schema import LAYERS, Field, Kind

__all__ = ["COMPOUND_EXTRAS", "PIANQU_EXTRAS", "OutField", "fields_of_layer", "typed"]

OutKind = Kind | Literal["list"]


@dataclass(frozen=True, kw_only=True)
class OutField:
    """One attribute of an exported file.

    Attributes
    ----------
    name, title, short, unit : str
        As in ``data.schema.Field``.
    kind : str
        As there, or ``list`` for several texts.
    """

    name: str
    title: str
    kind: OutKind
    short: str
    unit: str = ""


def _yuan(name: str, title: str, short: str) -> OutField:
    return OutField(name=name, title=title, kind="yuan", short=short, unit="元")


_PLANE = OutField(name="area_plane_m2", title="平面面积", kind="area", short="PMMJ", unit="㎡")
_EXTRA = OutField(name="extra", title="自定义字段（JSON）", kind="text", short="ZDY")
_SUMS = (
    _yuan("grant_yuan", "合计补助", "HJBZ"),
    _yuan("contribution_yuan", "合计出资", "HJCZ"),
    _yuan("funding_gap_yuan", "资金缺口", "ZJQK"),
)

COMPOUND_EXTRAS: tuple[OutField, ...] = (
    OutField(name="pianqu_name", title="片区名称", kind="text", short="PQMC"),
    *_SUMS,
    _PLANE,
)

PIANQU_EXTRAS: tuple[OutField, ...] = (
    OutField(name="member_uids", title="成员小区标识码", kind="list", short="CYBSM"),
    OutField(name="member_names", title="成员小区名称", kind="list", short="CYMC"),
    OutField(name="compound_count", title="小区数", kind="integer", short="XQS", unit="个"),
    OutField(name="households", title="居民户数", kind="integer", short="HS", unit="户"),
    OutField(name="building_count", title="楼栋数", kind="integer", short="LDS", unit="栋"),
    OutField(name="floor_area_m2", title="住宅建筑面积", kind="area", short="ZZMJ", unit="㎡"),
    _yuan("investment_yuan", "预计投资额", "YJTZ"),
    *_SUMS,
    # A sum says how many of its members it could not count.
    OutField(
        name="households_unknown", title="户数未知的小区", kind="integer", short="HSWZ", unit="个"
    ),
    OutField(
        name="investment_unknown", title="投资未知的小区", kind="integer", short="TZWZ", unit="个"
    ),
    OutField(
        name="schematic_count", title="示意边界的小区", kind="integer", short="SYGS", unit="个"
    ),
    OutField(name="area_geodesic_m2", title="椭球面积", kind="area", short="TQMJ", unit="㎡"),
    _PLANE,
)


def fields_of_layer(layer: str, *, with_extra: bool) -> tuple[OutField, ...]:
    """Fields of an exported layer, in their order.

    Parameters
    ----------
    layer : str
        Name in ``data.schema.LAYERS``.
    with_extra : bool
        Whether user-defined fields go out too, as one JSON text.
    """
    own = tuple(_out(field) for field in LAYERS[layer].fields)
    more = {"compounds": COMPOUND_EXTRAS, "pianqu": PIANQU_EXTRAS}.get(layer, ())
    return (*own, *more, *((_EXTRA,) if with_extra else ()))


def typed(values: Any, field: OutField) -> pd.Series[Any]:
    """Values of a field in the one type in which they are written and compared.

    Whole numbers become ``Int64``, reals and flags ``Float64`` and ``boolean``, texts objects with None.
    """
    series = pd.Series(values).reset_index(drop=True)
    if field.kind in ("integer", "yuan"):
        return pd.to_numeric(series).astype("Float64").round().astype("Int64")
    if field.kind in ("real", "area"):
        return pd.to_numeric(series).astype("Float64")
    if field.kind == "flag":
        return series.astype("Float64").astype("Int64").astype("boolean")
    objects = np.empty(len(series), dtype=object)
    for i, value in enumerate(series):
        objects[i] = _plain(value, field)
    return pd.Series(objects, dtype=object)


def _plain(value: Any, field: OutField) -> Any:
    if field.kind == "list":
        return [] if value is None or value is pd.NA else [str(item) for item in value]
    if value is None or value is pd.NA or value is pd.NaT or isinstance(value, float):
        return None
    return str(value)


def _out(field: Field) -> OutField:
    return OutField(
        name=field.name, title=field.title, kind=field.kind, short=field.short, unit=field.unit
    )
