"""Estimate of the central grant by the published factor formula: always labelled 估算.

The formula shares a pool over regions by renovated floor area, households, buildings and compounds, each times
the region's coefficient of fiscal difficulty, and by results. The same formula shares a region's grant over its
compounds, where the coefficient is the same for all. Methods and weights: `standards/central_fund.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from errors import PolicyError, RecordError
from policy.documents import cite
from policy.money import share_exactly
from policy.reader import STANDARDS, check_date, check_keys, check_source, check_text, read_rules
from policy.wording import format_share, format_yuan

__all__ = ["ESTIMATE", "CentralEstimate", "Method", "central_estimate", "factors", "methods"]

ESTIMATE = "估算"
DIFFICULTY, PERFORMANCE = "difficulty", "performance"
_RESULTS = ("score", "score_times_task")
_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Method:
    """One year's way of sharing out.

    Attributes
    ----------
    id, title, text : str
    document, section : str
        Where it stands.
    confidence : str
        高 or 低.
    task_share, performance_share : Fraction
        Parts of the pool, together 1.
    results : str
        ``score`` or ``score_times_task``; empty where results do not count.
    weights : mapping
        Factor to its weight within the task's part.
    """

    id: str
    title: str
    text: str
    document: str
    section: str
    confidence: str
    task_share: Fraction
    performance_share: Fraction
    results: str
    weights: Mapping[str, Fraction]

    @property
    def clause(self) -> str:
        """Reference."""
        return cite(self.document, self.section)


@dataclass(frozen=True, kw_only=True)
class CentralEstimate:
    """What each row might receive.

    Attributes
    ----------
    label : str
        估算.
    method : Method
    pool_yuan : int
    yuan : Series
        Whole yuan of each row; together the pool.
    shares : DataFrame
        Share of the pool of each row by factor (and ``performance``); exact fractions.
    explained : Series
        How each figure came about, one sentence a row.
    notes : tuple of str
        What was assumed.
    """

    label: str
    method: Method
    pool_yuan: int
    yuan: pd.Series[int]
    shares: pd.DataFrame
    explained: pd.Series[str]
    notes: tuple[str, ...]


def central_estimate(
    frame: pd.DataFrame, pool_yuan: int, *, method: str | None = None
) -> CentralEstimate:
    """Share a pool over compounds, or over cities.

    Parameters
    ----------
    frame : DataFrame
        A row is a compound or a city: ``floor_area_m2``, ``households``, ``building_count``; ``compounds``
        (1 if the column is missing); ``difficulty`` (coefficient, the same for all if missing);
        ``performance`` (score, the same for all if missing). ``name`` is used in messages.
    pool_yuan : int
        What is shared out, whole yuan.
    method : str, optional
        Key of `methods`; by default the latest.

    Returns
    -------
    CentralEstimate
        Index of `frame`.

    Raises
    ------
    RecordError
        If a factor is unknown or negative for a row, or the pool is negative: unknown is not 0, and one
        row's gap would shift every other's figure.
    PolicyError
        If there is no such method.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"name": ["甲", "乙"], "floor_area_m2": [3_000, 1_000], "households": [30, 10], "building_count": [3, 1]}
    ... )
    >>> central_estimate(rows, 1_000_000, method="2019").yuan.tolist()
    [725000, 275000]
    """
    chosen = _method(method)
    if pool_yuan < 0:
        raise RecordError("中央补助估算", [f"资金总额 {pool_yuan} 元是负数，请改成正数。"])
    if frame.empty:
        raise RecordError("中央补助估算", ["没有可以分配的小区或地区，请至少选一个。"])
    figures = _figures(frame, chosen)
    shares = _shares(figures, chosen)
    whole = [sum(row, Fraction(0)) for row in zip(*shares.values(), strict=True)]
    yuan = pd.Series(
        share_exactly(pool_yuan, whole), index=frame.index, dtype="Int64", name="central_yuan"
    )
    by_factor = pd.DataFrame(shares, index=frame.index, dtype=object)
    return CentralEstimate(
        label=ESTIMATE,
        method=chosen,
        pool_yuan=pool_yuan,
        yuan=yuan,
        shares=by_factor,
        explained=_explained(by_factor, whole, yuan, chosen),
        notes=_notes(frame, chosen),
    )


@cache
def methods(path: Path = STANDARDS / "central_fund.yaml") -> Mapping[str, Method]:
    """Methods by year, the oldest first.

    Raises
    ------
    PolicyError
        If the file is malformed, or its weights or parts do not add up to 1.

    Examples
    --------
    >>> {key: str(one.weights["households"]) for key, one in methods().items()}
    {'2019': '2/5', '2020': '1/3', '2024': '2/5'}
    """
    file = _file(path)
    return {
        key: _read_method(key, entry, tuple(file["factors"]), f"{path.name}：{key}")
        for key, entry in file["methods"].items()
    }


@cache
def factors(path: Path = STANDARDS / "central_fund.yaml") -> Mapping[str, str]:
    """Factors of the task with their Chinese names."""
    return {
        key: check_text(title, where=f"{path.name}：factors.{key}")
        for key, title in _file(path)["factors"].items()
    }


def _figures(frame: pd.DataFrame, method: Method) -> dict[str, list[Fraction]]:
    """Factors of every row as exact numbers; all that is missing is told at once."""
    wanted = dict.fromkeys(method.weights, "") | dict.fromkeys((DIFFICULTY, PERFORMANCE), "")
    titles = {**factors(), DIFFICULTY: "财政困难程度系数", PERFORMANCE: "绩效评价得分"}
    problems, figures = [], {}
    for name in wanted:
        values = _values(frame, name)
        bad = [k for k, value in enumerate(values) if value is None or value < 0]
        if bad:
            names = "、".join(_name(frame, k) for k in bad[:_NAMED])
            more = f"等{len(bad)}个" if len(bad) > _NAMED else ""
            problems.append(
                f"{names}{more}的{titles[name]}未知或小于 0，请先补填；未知不会按 0 计。"
            )
        figures[name] = [value or Fraction(0) for value in values]
    if problems:
        raise RecordError("中央补助估算", problems)
    return figures


def _values(frame: pd.DataFrame, name: str) -> list[Fraction | None]:
    if name not in frame:
        # The same for all: it cancels out. One row is one compound.
        known = name in (DIFFICULTY, PERFORMANCE, "compounds")
        return [Fraction(1) if known else None] * len(frame)
    return [None if pd.isna(value) else Fraction(str(value)) for value in frame[name]]


def _shares(figures: Mapping[str, list[Fraction]], method: Method) -> dict[str, list[Fraction]]:
    hard = figures[DIFFICULTY]
    shares = {
        name: _parts(
            [value * by for value, by in zip(figures[name], hard, strict=True)],
            weight * method.task_share,
        )
        for name, weight in method.weights.items()
    }
    if method.performance_share:
        scores = figures[PERFORMANCE]
        if method.results == "score_times_task":
            task = [sum(row, Fraction(0)) for row in zip(*shares.values(), strict=True)]
            scores = [score * part for score, part in zip(scores, task, strict=True)]
        shares[PERFORMANCE] = _parts(scores, method.performance_share)
    return shares


def _parts(values: list[Fraction], weight: Fraction) -> list[Fraction]:
    """Each value's part of a weight; evenly where all are 0."""
    whole = sum(values, Fraction(0))
    if not whole:
        return [weight / len(values)] * len(values)
    return [weight * value / whole for value in values]


def _explained(
    shares: pd.DataFrame, whole: list[Fraction], yuan: pd.Series[int], method: Method
) -> pd.Series[str]:
    titles = {**factors(), PERFORMANCE: "绩效"}
    texts = []
    for k, amount in enumerate(yuan):
        parts = "＋".join(
            f"{titles[str(name)]}{format_share(shares.iloc[k][name])}" for name in shares.columns
        )
        texts.append(
            f"{ESTIMATE} {format_yuan(amount, none='0')} 元：{parts}＝资金总额的"
            f"{format_share(whole[k])}{method.clause}。"
        )
    return pd.Series(texts, index=shares.index, dtype=object, name="explained")


def _notes(frame: pd.DataFrame, method: Method) -> tuple[str, ...]:
    notes = [f"{ESTIMATE}，不是下达数：{method.title}，{method.text}。"]
    if DIFFICULTY not in frame:
        notes.append("各行的财政困难程度按相同计；比较不同市县时请填系数。")
    if method.performance_share and PERFORMANCE not in frame:
        notes.append("各行的绩效评价按相同计。")
    if method.confidence != "高":
        notes.append("因素权重办法没有公布，结果只供参考。")
    return tuple(notes)


def _name(frame: pd.DataFrame, at: int) -> str:
    name = frame["name"].iloc[at] if "name" in frame else None
    return f"“{name}”" if isinstance(name, str) and name else f"“{frame.index[at]}”"


def _method(key: str | None) -> Method:
    chosen = key or check_text(
        _file(STANDARDS / "central_fund.yaml")["default"], where="central_fund.yaml：default"
    )
    if chosen not in methods():
        raise PolicyError(f"没有“{chosen}”这种测算办法，可用的有：{'、'.join(methods())}。")
    return methods()[chosen]


@cache
def _file(path: Path) -> dict[str, Any]:
    file = check_keys(
        read_rules(path), where=path.name, required=("checked_on", "factors", "methods", "default")
    )
    check_date(file["checked_on"], where=f"{path.name}：checked_on")
    for key in ("factors", "methods"):
        if not isinstance(file[key], dict) or not file[key]:
            raise PolicyError(f"{path.name}：{key} 应是“名称: 内容”，至少一条。")
    return file


def _read_method(key: str, entry: object, known: tuple[str, ...], where: str) -> Method:
    values = check_keys(
        entry,
        where=where,
        required=(
            *("title", "text", "source", "confidence", "task_share", "performance_share"),
            "weights",
        ),
        optional=("results",),
    )
    document, section = check_source(values["source"], where=f"{where}.source")
    given = check_keys(values["weights"], where=f"{where}.weights", required=known)
    weights = {name: _share(raw, f"{where}.weights.{name}") for name, raw in given.items()}
    task = _share(values["task_share"], f"{where}.task_share")
    results = _share(values["performance_share"], f"{where}.performance_share")
    if sum(weights.values()) != 1 or task + results != 1:
        raise PolicyError(f"{where} 的权重（或任务与绩效两部分）合计应为 100%，请核对。")
    if results and values.get("results") not in _RESULTS:
        raise PolicyError(f"{where}.results 只能是：{'、'.join(_RESULTS)}。")
    return Method(
        id=key,
        title=check_text(values["title"], where=f"{where}.title"),
        text=check_text(values["text"], where=f"{where}.text"),
        document=document,
        section=section,
        confidence=check_text(values["confidence"], where=f"{where}.confidence"),
        task_share=task,
        performance_share=results,
        results=str(values.get("results", "")),
        weights=weights,
    )


def _share(raw: object, where: str) -> Fraction:
    text = check_text(raw, where=where)
    try:
        return Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError) as err:
        raise PolicyError(f'{where} 是 {raw!r}，应写成 40%、"4/9" 的样子。') from err
