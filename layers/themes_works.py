"""Themes of the works: who has a chosen work, and which class of works leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from errors import PlanningError
from layers.palettes import NEUTRAL, RAMPS
from layers.scale import CategoryScale
from layers.themes_options import PaintOptions
from policy import catalogue

__all__ = ["leading_class", "leading_scale", "work_scale", "work_state"]

CLASSES = ("基础", "完善", "提升")
# A class leads clearly with two thirds of the items, as two thirds decide elsewhere in these plans.
CLEAR_LEAD = 2 / 3

HAS, HAS_NOT, UNREAD = "有", "无", "未识别"


def work_state(frame: pd.DataFrame, options: PaintOptions) -> pd.Series:
    """Whether the chosen work is among the planned ones: 有, 无, or 未识别 where words were not read."""
    work = _known_work(options.work)

    def state(text: str) -> str:
        reading = catalogue.read_works(text)
        if any(item.work == work for item in reading.items):
            return HAS
        return UNREAD if reading.unread else HAS_NOT

    return by_text(frame["works_text"], state)


def work_scale(_: pd.Series, options: PaintOptions) -> CategoryScale:
    """Legend of one work."""
    name = catalogue.work_titles()[_known_work(options.work)]
    return CategoryScale(
        title=f"改造内容：{name}",
        keys=(HAS, HAS_NOT, UNREAD),
        labels=(f"有{name}", f"无{name}", "有未识别的内容，不能断定"),
        colors=(RAMPS["blue"][4], NEUTRAL, RAMPS["orange"][1]),
        unknown_label="未填改造内容",
    )


def leading_class(frame: pd.DataFrame, options: PaintOptions) -> pd.Series:
    """Class with most items, and whether it leads clearly; ties go to the more basic class."""

    def lead(text: str) -> str | None:
        shares = catalogue.class_shares(text, options.rules)
        found = [float(shares.get(name) or 0.0) for name in CLASSES]
        best = int(np.argmax(found))
        if found[best] <= 0:
            return None
        return f"{CLASSES[best]}{'为主' if found[best] >= CLEAR_LEAD - 1e-9 else '居多'}"

    return by_text(frame["works_text"], lead)


def leading_scale(_: pd.Series, options: PaintOptions) -> CategoryScale:
    """Two strengths for each class of works."""
    hues = {"基础": "blue", "完善": "orange", "提升": "green"}
    kinds = [(name, degree) for name in CLASSES for degree in ("为主", "居多")]
    return CategoryScale(
        title="改造内容类别",
        keys=tuple(f"{name}{degree}" for name, degree in kinds),
        labels=tuple(
            f"{name}类{degree}（{'≥' if degree == '为主' else '<'}2/3）" for name, degree in kinds
        ),
        colors=tuple(RAMPS[hues[name]][4 if degree == "为主" else 1] for name, degree in kinds),
        method=f"按项数，类别依 {options.rules}",
        unknown_label="未填、未识别或未列入",
    )


def by_text(texts: pd.Series, read: Callable[[str], Any]) -> pd.Series:
    """Read each different text once; empty ones stay None."""
    codes, different = pd.factorize(texts)
    found = np.array([read(text) if text.strip() else None for text in different] + [None], object)
    return pd.Series(found[codes], index=texts.index, dtype=object)


def _known_work(work: str | None) -> str:
    if work is None or work not in catalogue.work_titles():
        raise PlanningError(f"改造内容清单里没有“{work or ''}”。请先选择一项改造内容。")
    return work
