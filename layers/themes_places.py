"""Themes that are not amounts: build year in policy bands, 片区, where a boundary comes from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers.palettes import NEUTRAL, PIANQU_COLORS, RAMPS, pianqu_color, ramp
from layers.scale import MAX_CLASSES, CategoryScale
from layers.themes_options import PaintOptions
from policy import build_bands

__all__ = [
    "boundary_of",
    "boundary_scale",
    "built_band",
    "built_scale",
    "pianqu_of",
    "pianqu_scale",
]

UNGROUPED = ""
NO_BOUNDARY = "没有边界"
SCHEMATIC = "示意"


def built_band(frame: pd.DataFrame, _: PaintOptions) -> pd.Series:
    """Id of the policy band, None where the date is not known."""
    bands = build_bands.build_band(frame["built_on"].astype(object))
    return bands.where(bands != build_bands.UNKNOWN_BAND, None).astype(object)


def built_scale(_: pd.Series, __: PaintOptions) -> CategoryScale:
    """Older is darker: what the policies take in first."""
    bands = [b for b in build_bands.build_bands() if b.id != build_bands.UNKNOWN_BAND]
    return CategoryScale(
        title="建成年代",
        keys=tuple(band.id for band in bands),
        labels=tuple(band.title for band in bands),
        colors=tuple(reversed(ramp("orange", len(bands)))),
        method="依各方案的时限",
    )


def pianqu_of(frame: pd.DataFrame, _: PaintOptions) -> pd.Series:
    """Uid of the 片区, empty text for compounds without one."""
    uids = frame["pianqu_uid"].astype(object)
    return uids.where(uids.notna(), UNGROUPED)


def pianqu_scale(values: pd.Series, options: PaintOptions) -> CategoryScale:
    """未分组 first and without fill, then the 片区 by name, in the colours stored with them."""
    table = _pianqu_table(values, options.pianqu)
    if len(table) >= MAX_CLASSES:
        return _pianqu_by_color(table)
    return CategoryScale(
        title="所属片区",
        keys=(UNGROUPED, *table.index),
        labels=("未分组", *table["name"]),
        colors=("#ffffff", *(pianqu_color(c) for c in table["color"])),
        patterns={0: "none"},
        unknown_label="片区已不存在",
    )


def _pianqu_by_color(table: pd.DataFrame) -> CategoryScale:
    """More 片区 than classes: one class a colour. The names stand on the map."""
    slots = [0 if pd.isna(c) else int(c) % len(PIANQU_COLORS) for c in table["color"]]
    return CategoryScale(
        title="所属片区",
        keys=(UNGROUPED, *table.index),
        at=(0, *(slot + 1 for slot in slots)),
        labels=("未分组", *(f"片区（颜色 {k + 1}）" for k in range(len(PIANQU_COLORS)))),
        colors=("#ffffff", *PIANQU_COLORS),
        patterns={0: "none"},
        unknown_label="片区已不存在",
    )


def _by_number(names: pd.Series) -> pd.Series:
    """第2片区 before 第10片区: figures in names are compared as figures."""
    return names.astype(str).str.replace(r"\d+", lambda found: found[0].zfill(9), regex=True)


def boundary_of(frame: pd.DataFrame, _: PaintOptions) -> pd.Series:
    """示意, 导入 or 手绘; 没有边界 where there is no geometry."""
    states = frame["boundary_state"].astype(object)
    if "geometry" in frame.columns:
        states = states.where(frame["geometry"].notna().to_numpy(), NO_BOUNDARY)
    return states


def boundary_scale(_: pd.Series, __: PaintOptions) -> CategoryScale:
    """Schematic boundaries stand out: nobody has surveyed them."""
    return CategoryScale(
        title="边界来源",
        keys=("导入", "手绘", SCHEMATIC, NO_BOUNDARY),
        labels=("导入", "手绘", "示意（未测量）", NO_BOUNDARY),
        colors=(RAMPS["blue"][3], RAMPS["green"][2], RAMPS["orange"][2], NEUTRAL),
        patterns={3: "none"},
    )


def _pianqu_table(values: pd.Series, given: pd.DataFrame | None) -> pd.DataFrame:
    """Name and colour of each 片区; made from the uids when the page gives no table."""
    if given is not None:
        return given[["name", "color"]].sort_values("name", kind="stable", key=_by_number)
    uids = sorted(u for u in values.unique() if u != UNGROUPED)
    return pd.DataFrame({"name": uids, "color": np.arange(len(uids))}, index=uids)
