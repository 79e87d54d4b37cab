"""Totals of one 片区 as a small table, and what a planner should know about it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd

from policy.wording import UNKNOWN, format_per_household, format_wan_m2
from ui.pianqu_figures import other_kinds
from ui.words import grouped, wan

__all__ = ["CLAUSE", "joined_sign", "joined_words", "totals_html", "warnings_html"]

# The one plan that says what may be in a 片区 and that its compounds need not lie together.
CLAUSE = "柳政规〔2022〕3号 五(一)"
_CLAUSE_HTML = f"<span class='clause'>〔{CLAUSE}〕</span>"
FLAG = (
    "font-size:12px; line-height:18px; color:#7a4a00; background:#fdf6e8; "
    "border-left:3px solid #d9a441; padding:4px 8px; margin-bottom:4px"
)

FIGURES: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("households", "居民户数", lambda v: grouped(v, "户")),
    ("building_count", "楼栋数", lambda v: grouped(v, "栋")),
    ("floor_area_m2", "住宅建筑面积", lambda v: f"{format_wan_m2(v)} 万㎡"),
    ("investment_yuan", "预计投资额", wan),
    ("grant_yuan", "补助合计", wan),
    ("contribution_yuan", "出资合计", wan),
    ("funding_gap_yuan", "资金缺口", lambda v: wan(v, none="0.0 万元")),
    ("investment_per_household", "户均投资", lambda v: f"{format_per_household(v)} 元/户"),
)


def totals_html(figures: pd.Series, *, shaped: bool = True) -> str:
    """Write the totals; members without a figure are counted beside it.

    Parameters
    ----------
    figures : Series
        Row of :func:`ui.pianqu_figures.pianqu_table`.
    shaped : bool
        Whether it is one 片区: 未分组 has neither span nor parts.
    """
    rows = [("小区", f"{int(figures['compounds']):,} 个")]
    rows += [(title, _figure(figures, name, write)) for name, title, write in FIGURES]
    if shaped:
        rows.append(("跨度", _span(figures)))
        rows.append(("紧凑度", _compact(figures)))
        rows.append(("连片", joined_words(figures)))
    body = "".join(f"<tr><td>{head}</td><td>{escape(text)}</td></tr>" for head, text in rows)
    return f"<table class='record'>{body}</table>"


def _figure(figures: pd.Series, name: str, write: Callable[[Any], str]) -> str:
    value, unknown = figures[name], figures[f"{name}_unknown"]
    if pd.isna(value):
        return UNKNOWN
    text = write(value)
    return f"{text}（{int(unknown):,} 个{UNKNOWN}）" if not pd.isna(unknown) and unknown else text


def _span(figures: pd.Series) -> str:
    """Largest distance between two points of the 片区."""
    value = figures.get("span_m")
    return UNKNOWN if pd.isna(value) else f"{value:,.0f} 米"


def _compact(figures: pd.Series) -> str:
    value = figures.get("polsby_popper")
    return UNKNOWN if pd.isna(value) else f"{value:.2f}"


def joined_sign(parts: Any) -> str:
    """✓ for one connected part, ✗ for more, ? where no member has a boundary."""
    if pd.isna(parts):
        return "?"
    return "✓" if parts == 1 else "✗"


def joined_words(figures: pd.Series) -> str:
    """Sign and number of parts."""
    parts = figures["parts"]
    if pd.isna(parts):
        return f"? {UNKNOWN}（没有边界）"
    return "✓ 连片" if parts == 1 else f"✗ 分成 {int(parts):,} 处"


def warnings_html(figures: pd.Series, records: pd.DataFrame, *, gap_m: float) -> str:
    """Say what is allowed but has to be known: parts, other kinds, members without a boundary."""
    told = []
    if not pd.isna(figures["parts"]) and figures["parts"] > 1:
        told.append(
            f"不连片：分成 {int(figures['parts']):,} 处（相邻间距 {gap_m:g} 米），"
            f"柳州 五(一) 允许。{_CLAUSE_HTML}"
        )
    kinds = other_kinds(records)
    if len(kinds):
        counted = "、".join(f"{escape(str(kind))} {count:,} 个" for kind, count in kinds.items())
        told.append(f"含其他类型：{counted}，可以打捆进片区。{_CLAUSE_HTML}")
    if figures["without_boundary"]:
        told.append(f"{int(figures['without_boundary']):,} 个小区没有边界，不参与连片判断。")
    return "".join(f"<div style='{FLAG}'>{line}</div>" for line in told)
