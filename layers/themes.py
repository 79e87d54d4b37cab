"""Themes: what the compounds are coloured by. The one list of them, and the painting itself.

A theme turns a frame of compounds into one class a compound, with the scale and the legend that web
map, table and sheet share. Breaks are found on all compounds; the legend counts those shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from errors import PlanningError
from layers import themes_parking, themes_places, themes_verdicts, themes_works
from layers.palettes import PLAIN
from layers.scale import (
    CategoryScale,
    ClassScale,
    LegendRow,
    Scale,
    amount_scale,
    count_classes,
    gap_scale,
)
from layers.themes_options import PaintOptions
from policy import money

__all__ = ["THEMES", "PaintOptions", "Painted", "Theme", "paint", "theme_of", "theme_value"]


@dataclass(frozen=True, kw_only=True)
class Painted:
    """A painted frame.

    Attributes
    ----------
    classes : array of uint8
        One a compound, in the order of the frame; 126 is no data.
    scale : Scale
        Pass it back as ``scale=`` to keep colours when records change.
    legend : list of LegendRow
        With counts of the compounds shown.
    title, unit : str
        Heading of the legend.
    settings : str
        How the classes were made, in Chinese, for the sheet.
    """

    classes: npt.NDArray[np.uint8]
    scale: Scale
    legend: list[LegendRow]
    title: str
    unit: str
    settings: str


@dataclass(frozen=True, kw_only=True)
class Theme:
    """One way to colour compounds.

    Attributes
    ----------
    theme_id, title, unit : str
        Title and unit are Chinese, as shown in the choice of themes and over the legend.
    value : callable
        Frame and options to a Series on its index: numbers in ``unit`` times ``per``, or words.
    scale : callable
        Values and options to a scale.
    per : float
        Stored units in one of ``unit`` (10 000 yuan in 万元).
    numeric : bool
        Whether the method, number and breaks of classes are the planner's choice.
    needs : tuple of str
        Options the page has to ask for (``work``, ``rule``).
    column : callable, optional
        What to sort by and to show in the table, where it is not the value itself (the date, not its band).
    """

    theme_id: str
    title: str
    unit: str = ""
    value: Callable[[pd.DataFrame, PaintOptions], pd.Series]
    scale: Callable[[pd.Series, PaintOptions], Scale]
    per: float = 1.0
    numeric: bool = False
    needs: tuple[str, ...] = ()
    column: Callable[[pd.DataFrame, PaintOptions], pd.Series] | None = None


def paint(frame: pd.DataFrame, theme_id: str, **options: Any) -> Painted:
    """Class, scale and legend of every compound.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        Compounds, with the columns of the schema; not changed.
    theme_id : str
        A key of :data:`THEMES`, or ``work:<id>`` for one work, ``verdict:<name>`` for one rule.
    **options
        Fields of :class:`PaintOptions`.

    Returns
    -------
    Painted

    Raises
    ------
    PlanningError
        Unknown theme, method, work or rule.
    """
    theme, chosen = _resolve(theme_id, options)
    values = theme.value(frame, chosen)
    scale = chosen.scale if chosen.scale is not None else theme.scale(values, chosen)
    classes = scale.classes(values)
    return Painted(
        classes=classes,
        scale=scale,
        legend=scale.legend(count_classes(classes, chosen.shown)),
        title=scale.title,
        unit=scale.unit,
        settings=f"{scale.title}，分级：{scale.method}" if scale.method else scale.title,
    )


def theme_value(frame: pd.DataFrame, theme_id: str, **options: Any) -> pd.Series:
    """Give what the theme colours by, one value a compound, to sort by and to show as a column.

    Returns
    -------
    Series
        On the index of ``frame``, named by the theme; amounts in stored units (yuan), NaN unknown.
    """
    theme, chosen = _resolve(theme_id, options)
    return (theme.column or theme.value)(frame, chosen).rename(theme_id)


def theme_of(theme_id: str) -> Theme:
    """Find the theme of an id; ``work:<id>`` is the theme of that work, ``verdict:<name>`` of that rule."""
    prefix, colon, _ = theme_id.partition(":")
    base = _OF_PREFIX.get(prefix, ("", ""))[0] if colon else theme_id
    if base not in THEMES:
        raise PlanningError(f"没有“{theme_id}”这种着色方式。请从着色列表中选择。")
    return THEMES[base]


# Prefix of an id: its theme, and the option that the rest of the id is.
_OF_PREFIX = {"work": ("works", "work"), "verdict": ("verdict", "rule")}


def _resolve(theme_id: str, options: dict[str, Any]) -> tuple[Theme, PaintOptions]:
    theme, (prefix, colon, rest) = theme_of(theme_id), theme_id.partition(":")
    if colon:
        options = {**options, _OF_PREFIX[prefix][1]: rest}
    return theme, PaintOptions(**options)


def _column(name: str) -> Callable[[pd.DataFrame, PaintOptions], pd.Series]:
    def value(frame: pd.DataFrame, _: PaintOptions) -> pd.Series:
        return frame[name]

    return value


def _amount(
    title: str, unit: str, *, per: float = 1.0, ramp: str, zero_label: str | None = None
) -> Callable[[pd.Series, PaintOptions], Scale]:
    def scale(values: pd.Series, options: PaintOptions) -> ClassScale:
        return amount_scale(
            values,
            title=title,
            unit=unit,
            per=per,
            method=options.method,
            class_count=options.class_count,
            breaks=options.breaks,
            ramp_name=ramp,
            zero_label=zero_label,
        )

    return scale


def _amount_theme(
    theme_id: str,
    title: str,
    unit: str,
    value: Callable[[pd.DataFrame, PaintOptions], pd.Series],
    *,
    ramp: str,
    per: float = 1.0,
    zero_label: str | None = None,
) -> Theme:
    return Theme(
        theme_id=theme_id,
        title=title,
        unit=unit,
        value=value,
        scale=_amount(title, unit, per=per, ramp=ramp, zero_label=zero_label),
        per=per,
        numeric=True,
    )


def _per_household(
    amount: Callable[[pd.DataFrame], pd.Series],
) -> Callable[[pd.DataFrame, PaintOptions], pd.Series]:
    def value(frame: pd.DataFrame, _: PaintOptions) -> pd.Series:
        return money.per_household(amount(frame), frame["households"])

    return value


def _gap_value(frame: pd.DataFrame, _: PaintOptions) -> pd.Series:
    return money.funding_gap_yuan(frame)


def _gap_scale(values: pd.Series, _: PaintOptions) -> ClassScale:
    return gap_scale(values, title="资金缺口", unit="万元", per=10_000)


def _plain_value(frame: pd.DataFrame, _: PaintOptions) -> pd.Series:
    return pd.Series("小区", index=frame.index, dtype=object)


def _plain_scale(_: pd.Series, __: PaintOptions) -> CategoryScale:
    return CategoryScale(title="小区", keys=("小区",), labels=("小区",), colors=(PLAIN,))


_LIST = (
    Theme(theme_id="none", title="不着色", value=_plain_value, scale=_plain_scale),
    Theme(
        theme_id="built",
        title="建成年代",
        value=themes_places.built_band,
        scale=themes_places.built_scale,
        column=_column("built_on"),
    ),
    _amount_theme("households", "居民户数", "户", _column("households"), ramp="purple"),
    _amount_theme("floor_area", "住宅建筑面积", "㎡", _column("floor_area_m2"), ramp="teal"),
    _amount_theme(
        "investment",
        "预计投资额",
        "万元",
        _column("investment_yuan"),
        ramp="blue",
        per=10_000,
        zero_label="无投资",
    ),
    _amount_theme(
        "investment_per_household",
        "户均投资",
        "元/户",
        _per_household(lambda frame: frame["investment_yuan"]),
        ramp="blue",
        zero_label="无投资",
    ),
    _amount_theme(
        "grant_per_household",
        "户均补助",
        "元/户",
        _per_household(money.grant_yuan),
        ramp="green",
        zero_label="无补助",
    ),
    Theme(
        theme_id="funding_gap",
        title="资金缺口",
        unit="万元",
        value=_gap_value,
        scale=_gap_scale,
        per=10_000,
    ),
    Theme(
        theme_id="stall_shortage",
        title="车位缺口",
        unit="个",
        value=themes_parking.shortage_of,
        scale=themes_parking.shortage_scale,
    ),
    _amount_theme(
        "stalls_per_household",
        "户均车位",
        "个/户",
        themes_parking.stalls_per_household,
        ramp="teal",
        zero_label="没有车位",
    ),
    Theme(
        theme_id="works",
        title="某项改造内容",
        value=themes_works.work_state,
        scale=themes_works.work_scale,
        needs=("work",),
    ),
    Theme(
        theme_id="works_class",
        title="基础/完善/提升类比重",
        value=themes_works.leading_class,
        scale=themes_works.leading_scale,
    ),
    Theme(
        theme_id="verdict",
        title="政策判定（准入或某条规则）",
        value=themes_verdicts.verdict_of,
        scale=themes_verdicts.verdict_scale,
        column=themes_verdicts.verdict_order,
        needs=("rule",),
    ),
    Theme(
        theme_id="pianqu",
        title="所属片区",
        value=themes_places.pianqu_of,
        scale=themes_places.pianqu_scale,
        needs=("pianqu",),
    ),
    Theme(
        theme_id="boundary_state",
        title="边界来源",
        value=themes_places.boundary_of,
        scale=themes_places.boundary_scale,
    ),
)

THEMES: dict[str, Theme] = {theme.theme_id: theme for theme in _LIST}
