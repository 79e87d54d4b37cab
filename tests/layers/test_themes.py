"""Themes: every one paints the samples, unknown is apart, the legend counts what is shown."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from errors import PlanningError
from layers.scale import MAX_CLASSES, NO_DATA_CLASS
from layers.themes import THEMES, paint, theme_of, theme_value
from policy import catalogue


@pytest.fixture
def town() -> gpd.GeoDataFrame:
    """Six compounds in a row; the last one is known by name only and has no boundary."""
    return gpd.GeoDataFrame(
        {
            "name": list("甲乙丙丁戊己"),
            "built_on": [
                "1985-12-31",
                "2000-06-30",
                "2000-12-31",
                "2005-12-31",
                "2010-01-01",
                None,
            ],
            "households": pd.array([100, 200, 300, 400, 0, None], dtype="Int64"),
            "floor_area_m2": [8e3, 1.6e4, 2.4e4, 3.2e4, 1e3, np.nan],
            "works_text": [
                "地面沥青、消防",
                "外墙修缮、路灯、绿化",
                "外墙修缮、吃火锅",
                "养老设施",
                "",
                None,
            ],
            "investment_yuan": pd.array([10**6, 10**6, 3 * 10**6, 0, 10**5, None], dtype="Int64"),
            "grant_central_yuan": pd.array([10**6, 0, 2 * 10**6, 0, 0, None], dtype="Int64"),
            "contribution_residents_yuan": pd.array(
                [0, 5 * 10**5, 2 * 10**6, 0, 0, None], dtype="Int64"
            ),
            "stalls_existing": pd.array([20, 0, 150, None, 5, 30], dtype="Int64"),
            "pianqu_uid": ["P2", "P1", "P1", None, "gone", None],
            "boundary_state": ["导入", "示意", "手绘", "导入", "导入", None],
        },
        geometry=[*(box(k * 100, 0, k * 100 + 80, 80) for k in range(5)), None],
        index=pd.Index([f"u{k}" for k in range(6)], name="uid"),
        crs="EPSG:4490",
    )


@pytest.fixture
def pianqu() -> pd.DataFrame:
    return pd.DataFrame({"name": ["东片区", "西片区"], "color": [3, 0]}, index=["P1", "P2"])


def labels(frame: pd.DataFrame, theme: str, **options: object) -> list[str]:
    painted = paint(frame, theme, **options)
    words = {row.class_index: row.label for row in painted.legend}
    return [words[int(k)] for k in painted.classes]


@pytest.mark.parametrize("theme_id", THEMES)
def test_every_theme_paints_and_counts_everybody_once(
    town: gpd.GeoDataFrame, pianqu: pd.DataFrame, theme_id: str
) -> None:
    before = town.copy()
    painted = paint(town, theme_id, work="facade", pianqu=pianqu)
    assert painted.classes.dtype == np.uint8
    assert painted.classes.shape == (6,)
    assert ((painted.classes < MAX_CLASSES) | (painted.classes == NO_DATA_CLASS)).all()
    assert sum(row.count or 0 for row in painted.legend) == 6
    assert len({row.label for row in painted.legend}) == len(painted.legend)
    assert THEMES[theme_id].title
    assert THEMES[theme_id].theme_id == theme_id
    pd.testing.assert_frame_equal(pd.DataFrame(before), pd.DataFrame(town))


@pytest.mark.parametrize("theme_id", THEMES)
def test_every_theme_takes_an_empty_plan(town: gpd.GeoDataFrame, theme_id: str) -> None:
    painted = paint(town.iloc[:0], theme_id, work="facade")
    assert painted.classes.shape == (0,)
    assert not any(row.count for row in painted.legend)


@pytest.mark.parametrize("theme_id", THEMES)
def test_value_is_on_the_index_and_named_by_the_theme(
    town: gpd.GeoDataFrame, theme_id: str
) -> None:
    value = theme_value(town, theme_id, work="facade")
    assert value.index.equals(town.index)
    assert value.name == theme_id
    assert theme_value(town, "built").tolist()[0] == "1985-12-31"


def test_build_year_follows_the_policy_dates(town: gpd.GeoDataFrame) -> None:
    assert labels(town, "built") == [
        "2000年以前",
        "2000年",
        "2000年",
        "2001—2005年",
        "2006年及以后",
        "未知",
    ]


def test_amounts_say_unknown_and_none_apart(town: gpd.GeoDataFrame) -> None:
    per_household = labels(town, "investment_per_household")
    assert per_household[3] == "无投资"
    assert per_household[4:] == ["未知", "未知"]  # nobody lives there; nothing is known


def test_gap_of_the_town(town: gpd.GeoDataFrame) -> None:
    said = labels(town, "funding_gap")
    assert said[0] == said[3] == "收支相抵"
    assert said[1].startswith("缺")
    assert said[2].startswith("多筹")
    assert said[5] == "未知"


def test_a_chosen_work_is_there_or_not_or_not_readable(town: gpd.GeoDataFrame) -> None:
    title = catalogue.work_titles()["facade"]
    assert labels(town, "work:facade") == [
        f"无{title}",
        f"有{title}",
        f"有{title}",
        f"无{title}",
        "未填改造内容",
        "未填改造内容",
    ]
    assert labels(town, "works", work="lift")[2] == "有未识别的内容，不能断定"


def test_leading_class_of_works(town: gpd.GeoDataFrame) -> None:
    said = labels(town, "works_class")
    assert said[:2] == ["基础类为主（≥2/3）", "完善类为主（≥2/3）"]
    assert said[3] == "提升类为主（≥2/3）"
    assert said[4] == said[5] == "未填、未识别或未列入"


def test_pianqu_keeps_its_colour_and_ungrouped_is_first_without_fill(
    town: gpd.GeoDataFrame, pianqu: pd.DataFrame
) -> None:
    painted = paint(town, "pianqu", pianqu=pianqu)
    assert [(row.label, row.count, row.pattern) for row in painted.legend] == [
        ("未分组", 2, "none"),
        ("东片区", 2, "solid"),
        ("西片区", 1, "solid"),
        ("片区已不存在", 1, "hatch"),
    ]
    more = pd.concat([pianqu, pd.DataFrame({"name": ["中片区"], "color": [5]}, index=["P3"])])
    again = paint(town, "pianqu", pianqu=more)
    colors = {row.label: row.color for row in again.legend}
    assert all(colors[row.label] == row.color for row in painted.legend)


def test_more_pianqu_than_classes_share_their_colours(town: gpd.GeoDataFrame) -> None:
    uids = [f"P{k}" for k in range(300)]
    table = pd.DataFrame({"name": uids, "color": range(300)}, index=uids)
    many = pd.DataFrame({"pianqu_uid": [*uids, None]})
    painted = paint(many, "pianqu", pianqu=table)
    assert painted.classes.max() == 12
    assert painted.classes[:13].tolist() == [*range(1, 13), 1]
    assert painted.classes[-1] == 0


def test_schematic_and_missing_boundaries_are_said(town: gpd.GeoDataFrame) -> None:
    assert labels(town, "boundary_state") == [
        "导入",
        "示意（未测量）",
        "手绘",
        "导入",
        "导入",
        "没有边界",
    ]


def test_filters_change_the_counts_and_not_the_colours(town: gpd.GeoDataFrame) -> None:
    shown = np.array([True, False, False, True, True, True])
    all_of_them, some = paint(town, "households"), paint(town, "households", shown=shown)
    assert some.classes.tolist() == all_of_them.classes.tolist()
    assert some.scale == all_of_them.scale
    assert sum(row.count or 0 for row in some.legend) == 4


def test_a_kept_scale_is_used_again(town: gpd.GeoDataFrame) -> None:
    first = paint(town, "households")
    changed = town.assign(households=town["households"] * 10)
    assert paint(changed, "households", scale=first.scale).scale is first.scale
    assert paint(town, "households", breaks=[150, 350]).scale.breaks == (150.0, 350.0)


def test_unknown_theme_and_work_are_refused_in_words(town: gpd.GeoDataFrame) -> None:
    with pytest.raises(PlanningError, match="没有“rainbow”"):
        paint(town, "rainbow")
    with pytest.raises(PlanningError, match="请先选择一项改造内容"):
        paint(town, "works")
    assert theme_of("work:facade") is THEMES["works"]


def test_a_province_is_painted_at_once(town: gpd.GeoDataFrame) -> None:
    many = pd.DataFrame(town.drop(columns="geometry")).sample(220_000, replace=True, random_state=1)
    start = time.process_time()
    for theme_id in ("investment_per_household", "works_class", "built", "pianqu"):
        assert len(paint(many, theme_id).classes) == 220_000
    assert time.process_time() - start < 8
