"""The figures of a sheet: totals, sources of money, and the list by compound, 片区 or 街道.

Nothing is guessed: what nobody knows stays out of a sum, and the sheet says of how many compounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from layers.fonts import printable
from layers.palettes import RAMPS, pianqu_color, pianqu_ink
from policy import money
from policy.wording import UNKNOWN, format_per_household, format_wan, format_wan_m2

__all__ = [
    "LIST_AT_MOST",
    "FundingPart",
    "ListRow",
    "ListTable",
    "TotalRow",
    "funding_parts",
    "list_table",
    "total_rows",
]

# With so few compounds each has its line in the list and its number on the map.
LIST_AT_MOST = 12

_PART_NAMES = {
    "grant_central_yuan": ("中央补助", RAMPS["red"][4]),
    "grant_provincial_yuan": ("省级专项", RAMPS["red"][2]),
    "grant_city_yuan": ("市级补助", RAMPS["orange"][2]),
    "grant_district_yuan": ("区县补助", RAMPS["orange"][1]),
    "contribution_residents_yuan": ("居民出资", RAMPS["green"][3]),
    "contribution_utilities_yuan": ("专营单位", RAMPS["teal"][3]),
    "contribution_former_owner_yuan": ("原产权单位", RAMPS["teal"][1]),
    "contribution_private_yuan": ("社会资本", RAMPS["purple"][3]),
    "contribution_bond_yuan": ("专项债", RAMPS["blue"][4]),
}


@dataclass(frozen=True, kw_only=True)
class TotalRow:
    """One line of the totals: words, figure, and how many compounds it does not cover."""

    title: str
    figure: str
    unknown: int = 0


@dataclass(frozen=True, kw_only=True)
class FundingPart:
    """One source of money, or the gap (without colour)."""

    title: str
    yuan: int
    color: str | None


@dataclass(frozen=True, kw_only=True)
class ListRow:
    """One line of the list; ``color`` is a swatch, ``mark`` a number on the map."""

    cells: tuple[str, ...]
    mark: str = ""
    color: str | None = None
    edge: str = "#555555"


@dataclass(frozen=True, kw_only=True)
class ListTable:
    """The list under the totals."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[ListRow, ...]

    @property
    def numbered(self) -> bool:
        """Whether the lines are compounds, found on the map by their number."""
        return any(row.mark for row in self.rows)


def total_rows(frame: pd.DataFrame) -> list[TotalRow]:
    """Totals of the compounds shown.

    Parameters
    ----------
    frame : DataFrame
        Columns of the schema.

    Returns
    -------
    list of TotalRow
        Figures as they are printed: 万元 with one decimal, 元/户 whole, 万㎡ with two decimals.
    """
    grants, contributions = money.grant_yuan(frame), money.contribution_yuan(frame)
    gap, investment = money.funding_gap_yuan(frame), frame["investment_yuan"]
    rows = [
        TotalRow(title="小区数（个）", figure=f"{len(frame):,}"),
        _counted("居民户数（户）", frame["households"]),
        _counted("楼栋数（栋）", frame["building_count"]),
        _summed("住宅建筑面积（万㎡）", frame["floor_area_m2"], format_wan_m2),
        _summed("预计投资额（万元）", investment, _wan),
        _summed("补助资金（万元）", grants, _wan),
    ]
    if contributions.notna().any():
        rows.append(_summed("出资（万元）", contributions, _wan))
    return [
        *rows,
        _summed("资金缺口（万元）", gap, _wan),
        _mean("户均投资（元/户）", investment, frame["households"]),
        _mean("户均补助（元/户）", grants, frame["households"]),
    ]


def funding_parts(frame: pd.DataFrame) -> list[FundingPart]:
    """List sources that give something, in the order of the ledger, and the gap if there is one."""
    parts = [
        FundingPart(title=title, yuan=int(frame[column].sum()), color=color)
        for column, (title, color) in _PART_NAMES.items()
        if column in frame and frame[column].fillna(0).sum() > 0
    ]
    gap = money.funding_gap_yuan(frame).sum(min_count=1)
    if not pd.isna(gap) and gap > 0:
        parts.append(FundingPart(title="资金缺口", yuan=int(gap), color=None))
    return parts


def list_table(
    frame: gpd.GeoDataFrame, pianqu: pd.DataFrame | None, drawn: Sequence[bool], *, most: int
) -> ListTable:
    """List of few compounds by number, else by 片区, else by 街道.

    Parameters
    ----------
    frame : GeoDataFrame
        Compounds shown.
    pianqu : DataFrame, optional
        Index uid, columns name and color.
    drawn : sequence of bool
        Which compounds have a boundary.
    most : int
        Lines there is room for; the smallest groups are put together so that the lines still add up.
    """
    if len(frame) <= min(LIST_AT_MOST, most):
        return _by_compound(frame, drawn)
    if pianqu is not None and len(pianqu) and frame["pianqu_uid"].isin(pianqu.index).any():
        return _by_pianqu(frame, pianqu, most)
    keys = frame["subdistrict"].astype(object).map(printable, na_action="ignore")
    return ListTable(
        title="各街道",
        heads=("街道", "小区", "户数", "投资/万元", "元/户"),
        rows=_group_rows(frame, keys.where(keys.notna(), f"街道{UNKNOWN}"), {}, most),
    )


def _by_compound(frame: gpd.GeoDataFrame, drawn: Sequence[bool]) -> ListTable:
    each = money.per_household(frame["investment_yuan"], frame["households"])
    names = [
        printable(name or "未命名") + ("" if on_map else "（未上图）")
        for name, on_map in zip(frame["name"], drawn, strict=True)
    ]
    columns = zip(names, frame["households"], frame["investment_yuan"], each, strict=True)
    return ListTable(
        title="小区一览",
        heads=("小区", "户数", "投资/万元", "元/户"),
        rows=tuple(
            ListRow(
                mark=str(number),
                cells=(name, _count(count), format_wan(invested), format_per_household(mean)),
            )
            for number, (name, count, invested, mean) in enumerate(columns, start=1)
        ),
    )


def _by_pianqu(frame: gpd.GeoDataFrame, pianqu: pd.DataFrame, most: int) -> ListTable:
    known = frame["pianqu_uid"].astype(object)
    keys = known.where(known.isin(pianqu.index), "")
    names = {"": ("未分组", "#ffffff", "#bbbbbb")} | {
        uid: (printable(row.name_), pianqu_color(row.color), pianqu_ink(row.color))
        for uid, row in zip(
            pianqu.index,
            pianqu[["name", "color"]].rename(columns={"name": "name_"}).itertuples(),
            strict=True,
        )
    }
    return ListTable(
        title="各片区",
        heads=("片区", "小区", "户数", "投资/万元", "元/户"),
        rows=_group_rows(frame, keys, names, most),
    )


def _group_rows(
    frame: pd.DataFrame, keys: pd.Series, names: dict[str, tuple[str, str, str]], most: int
) -> tuple[ListRow, ...]:
    """One line a group, 未分组 first, then by households; the rest together in the last line."""
    sizes = frame["households"].astype("Float64").fillna(0).groupby(keys.to_numpy()).sum()
    order = sorted(sizes.index, key=lambda key: (key != "", -float(sizes[key]), str(key)))
    lead = order if len(order) <= most else order[: most - 1]
    rows = []
    for key in lead:
        title, color, edge = names.get(key, (str(key), None, ""))
        rows.append(_group_row(title, frame[(keys == key).to_numpy()], color, edge))
    if len(lead) < len(order):
        rest = frame[~keys.isin(lead).to_numpy()]
        rows.append(_group_row(f"其余 {len(order) - len(lead)} 个", rest))
    return tuple(rows)


def _group_row(
    title: str, members: pd.DataFrame, color: str | None = None, edge: str = ""
) -> ListRow:
    households, invested = members["households"], members["investment_yuan"]
    return ListRow(
        color=color,
        edge=edge,
        cells=(
            title,
            f"{len(members):,}",
            _count(households.sum(min_count=1)),
            _wan(invested.sum(min_count=1)),
            _mean("", invested, households).figure,
        ),
    )


def _counted(title: str, values: pd.Series) -> TotalRow:
    return _summed(title, values, _count)


def _summed(title: str, values: pd.Series, write: object) -> TotalRow:
    total = values.astype("Float64").sum(min_count=1)
    figure = write(None if pd.isna(total) else total)  # type: ignore[operator]
    return TotalRow(title=title, figure=figure, unknown=int(values.isna().sum()))


def _mean(title: str, amounts: pd.Series, households: pd.Series) -> TotalRow:
    """Sum over sum, of the compounds of which both are known and people live in."""
    known = (amounts.notna() & households.notna() & (households > 0).fillna(False)).to_numpy()
    count = households[known].sum()
    mean = float(amounts[known].sum()) / float(count) if known.any() else None
    unknown = int((~known).sum())
    return TotalRow(title=title, figure=format_per_household(mean), unknown=unknown)


def _count(number: object) -> str:
    return UNKNOWN if number is None or pd.isna(number) else f"{round(float(number)):,}"  # type: ignore[call-overload, arg-type]


def _wan(yuan: object) -> str:
    return format_wan(None if pd.isna(yuan) else round(float(yuan)), none="0.0")  # type: ignore[call-overload, arg-type]
