"""Whether a file holds what it was meant to hold: read-back against the frame that was written."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.exporting.content import Content
from data.exporting.fields import OutField, typed

__all__ = ["differences"]

# Reals come back from text to within one unit of their last binary digit.
_RELATIVE = 1e-12
_TOLD = 3


def differences(
    content: Content,
    found: gpd.GeoDataFrame,
    *,
    tolerance_deg: float,
    ring_order_kept: bool = True,
    decimals: int | None = None,
) -> list[str]:
    """List what came out otherwise than it went in.

    Parameters
    ----------
    content : Content
        As it was to be written.
    found : GeoDataFrame
        As it was read back, columns by field name.
    tolerance_deg : float
        How far a vertex may be off.
    ring_order_kept : bool
        False if the format may begin a ring elsewhere or turn it.
    decimals : int, optional
        Of real numbers, where the format rounds them.

    Returns
    -------
    list of str
        Chinese sentences; empty if all is well.
    """
    expected = content.frame
    if len(found) != len(expected):
        return [f"应有{len(expected)}个要素，文件里有{len(found)}个"]
    lacking = [item.title for item in content.fields if item.name not in found]
    if lacking:
        return [f"文件里缺少字段：{'、'.join(lacking)}"]
    place = pd.Index(typed(found["uid"], content.fields[0]))
    order = place.get_indexer(pd.Index(expected["uid"])) if place.is_unique else np.array([-1])
    if (order < 0).any():
        return ["文件里的标识码与计划不一致"]
    aligned = found.iloc[order].reset_index(drop=True)
    problems = [
        problem
        for item in content.fields
        if (problem := _field_differs(expected, aligned[item.name], item, decimals))
    ]
    shapes = _shapes_differ(
        expected.geometry.to_numpy(),
        aligned.geometry.to_numpy(),
        tolerance_deg=tolerance_deg,
        ring_order_kept=ring_order_kept,
    )
    if shapes.any():
        problems.append(f"{_told(expected, shapes)}的边界与计划不一致")
    return problems


def _field_differs(
    expected: gpd.GeoDataFrame, values: Any, field: OutField, decimals: int | None
) -> str | None:
    want = expected[field.name]
    have = typed(_lists(values) if field.kind == "list" else values, field)
    if field.kind in ("real", "area"):
        a = want.astype("float64").to_numpy()
        b = have.astype("float64").to_numpy()
        rounding = 0.0 if decimals is None else 0.51 * 10.0**-decimals
        wrong = ~np.isclose(a, b, rtol=_RELATIVE, atol=rounding, equal_nan=True)
    elif field.kind == "list":
        wrong = np.array([a != b for a, b in zip(want, have, strict=True)], dtype=bool)
    else:
        both = want.isna().to_numpy() & have.isna().to_numpy()
        one = want.isna().to_numpy() ^ have.isna().to_numpy()
        same = (want == have).fillna(value=False).to_numpy(dtype=bool)
        wrong = one | (~both & ~same)
    if not wrong.any():
        return None
    return f"{_told(expected, wrong)}的{field.title}与计划不一致"


def _lists(values: Any) -> pd.Series[Any]:
    """Read lists of texts, which some formats keep as JSON text."""
    items = [json.loads(value) if isinstance(value, str) else value for value in values]
    lists = np.empty(len(items), dtype=object)
    for i, item in enumerate(items):
        lists[i] = [] if item is None or isinstance(item, float) else list(item)
    return pd.Series(lists, dtype=object)


def _shapes_differ(
    want: Any, have: Any, *, tolerance_deg: float, ring_order_kept: bool
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    if not ring_order_kept:
        want, have = shapely.normalize(_multi(want)), shapely.normalize(_multi(have))
    missing = shapely.is_missing(want) != shapely.is_missing(have)
    same = shapely.equals_exact(want, have, tolerance=tolerance_deg) | (
        shapely.is_missing(want) & shapely.is_missing(have)
    )
    return np.asarray(missing | ~same, dtype=bool)


def _multi(shapes: Any) -> Any:
    """Make single shapes multi-part ones: some formats do not tell them apart."""
    result = np.array(shapes, dtype=object)
    kinds = shapely.get_type_id(result)
    for kind, build in (
        (shapely.GeometryType.POLYGON, shapely.multipolygons),
        (shapely.GeometryType.LINESTRING, shapely.multilinestrings),
    ):
        single = kinds == kind
        if single.any():
            result[single] = build(result[single], indices=np.arange(single.sum()))
    return result


def _told(expected: gpd.GeoDataFrame, wrong: np.ndarray[Any, np.dtype[np.bool_]]) -> str:
    names = expected["name"].where(expected["name"].notna(), expected["uid"])[wrong]
    more = f"等{len(names)}个" if len(names) > _TOLD else ""
    return "“" + "、".join(str(name) for name in names.iloc[:_TOLD]) + f"”{more}"
