"""What a planner may choose when colouring compounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy.typing as npt
import pandas as pd

from layers.scale import Scale
from policy.judging import Judgement

__all__ = ["PaintOptions"]


@dataclass(frozen=True, kw_only=True)
class PaintOptions:
    """Choices beside the theme itself; each theme reads the ones it knows.

    Attributes
    ----------
    method : str
        ``quantile``, ``equal`` or ``natural``.
    class_count : int
        Most classes, 2 to 7.
    breaks : sequence of float, optional
        Class limits chosen by the planner, in units of the legend (万元, 元/户).
    work : str, optional
        Id of a work of the catalogue, for ``works``.
    rules : str
        Rule profile whose classes of works are used.
    rule : str, optional
        Name of a rule, for ``verdict``; without one, the rules of 准入 together.
    judgement : callable, optional
        Gives the verdicts on the whole plan, for ``verdict``; only called for it, since judging takes time.
        None if the plan's rules can not be read.
    pianqu : DataFrame, optional
        The plan's 片区 (index uid, columns name, color), for ``pianqu``.
    shortage : callable, optional
        Gives the stalls that each compound is short of, by uid, for ``stall_shortage``.
    shown : array of bool, optional
        Compounds that pass the filters; only they are counted in the legend.
    scale : Scale, optional
        A scale kept from before: same classes whatever the values are now.
    """

    method: str = "quantile"
    class_count: int = 5
    breaks: Sequence[float] | None = None
    work: str | None = None
    rules: str = "yuncheng-2024"
    rule: str | None = None
    judgement: Callable[[], Judgement | None] | None = None
    pianqu: pd.DataFrame | None = None
    shortage: Callable[[], pd.Series] | None = None
    shown: npt.ArrayLike | None = None
    scale: Scale | None = None
