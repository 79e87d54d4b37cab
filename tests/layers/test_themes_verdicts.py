"""The theme of verdicts: states with sign and colour, a title that can be defended, the same on a sheet."""

from __future__ import annotations

import itertools
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pypdf import PdfReader
from shapely import box

from errors import PolicyError
from geo.crs import plan_zone
from layers.scale import NO_DATA_CLASS
from layers.sheet import SheetContent, draw_sheet
from layers.themes import paint, theme_of, theme_value
from layers.themes_verdicts import COLORS
from policy.judging import Judgement, judge
from policy.profiles import profiles

CHUXIONG = profiles()["chuxiong-2020"]
REVIEW = profiles()["provincial-review"]
# To CIE Lab by way of linear sRGB; the matrices of colour blindness are Machado, Oliveira, Fernandes 2009.
TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
) / np.array([[0.9505], [1.0], [1.089]])
BLIND = {
    "none": np.eye(3),
    "protan": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deutan": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritan": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


@pytest.fixture
def town() -> gpd.GeoDataFrame:
    """Completed the day before the limit, on it, and nobody knows when; all else is not known."""
    return gpd.GeoDataFrame(
        {
            "name": ["甲", "乙", "丙"],
            "built_on": ["1999-12-31", "2000-01-01", None],
            "kind": ["老旧小区"] * 3,
            "households": pd.array([100, 200, 300], dtype="Int64"),
            "works_text": ["外墙修缮", None, None],
            "extra": [{}, {}, {}],
        },
        geometry=[box(112 + k / 500, 22.9, 112 + k / 500 + 0.0015, 22.9015) for k in range(3)],
        index=pd.Index(["a", "b", "c"], name="uid"),
        crs="EPSG:4490",
    )


@pytest.fixture
def judged(town: gpd.GeoDataFrame) -> Judgement:
    return judge(town, CHUXIONG)


def test_a_rule_paints_its_states_with_their_signs(
    town: gpd.GeoDataFrame, judged: Judgement
) -> None:
    painted = paint(town, "verdict:build_date", judgement=lambda: judged)
    assert painted.classes.tolist() == [0, 2, 1]
    assert [(row.label, row.count, row.mark) for row in painted.legend] == [
        ("✓ 符合", 1, "✓"),
        ("? 需论证", 1, "?"),
        ("✗ 不符合", 1, "✗"),
    ]
    assert painted.title == "建成时间〔楚市政办通〔2020〕5号 三(一)〕，楚雄市2020年方案"
    assert theme_of("verdict:build_date") is theme_of("verdict")
    same = paint(town, "verdict", rule="build_date", judgement=lambda: judged)
    assert (same.classes == painted.classes).all()


def test_without_a_rule_the_worst_of_admission_counts(
    town: gpd.GeoDataFrame, judged: Judgement
) -> None:
    painted = paint(town, "verdict", judgement=lambda: judged)
    # 甲 was built in time, but nobody knows the rest.
    assert painted.classes.tolist() == [1, 2, 1]
    assert painted.title == "准入结论，楚雄市2020年方案"
    assert "取最不利者" in painted.settings
    assert "〔楚市政办通〔2020〕5号 三(一)〕" in painted.settings


def test_the_legend_counts_only_what_is_shown(town: gpd.GeoDataFrame, judged: Judgement) -> None:
    painted = paint(
        town, "verdict:build_date", judgement=lambda: judged, shown=[True, False, False]
    )
    assert [row.count for row in painted.legend] == [1, 0, 0]


def test_part_of_a_plan_is_painted_by_the_verdicts_on_the_whole(
    town: gpd.GeoDataFrame, judged: Judgement
) -> None:
    part = town.iloc[[1, 0]]
    assert paint(part, "verdict:build_date", judgement=lambda: judged).classes.tolist() == [2, 0]


def test_a_table_sorts_the_worst_first(town: gpd.GeoDataFrame, judged: Judgement) -> None:
    order = theme_value(town, "verdict:build_date", judgement=lambda: judged)
    assert order.sort_values(ascending=False).index.tolist() == ["b", "c", "a"]


def test_a_plan_without_such_rules_says_so_instead_of_passing_all(town: gpd.GeoDataFrame) -> None:
    judgement = judge(town, REVIEW)
    painted = paint(town, "verdict", judgement=lambda: judgement)
    assert (painted.classes == NO_DATA_CLASS).all()
    assert painted.legend[-1].label == "本方案没有准入规则"
    assert painted.legend[-1].count == 3


def test_unreadable_rules_paint_nothing_and_say_why(town: gpd.GeoDataFrame) -> None:
    for source in (None, lambda: None):
        painted = paint(town, "verdict", rule="build_date", judgement=source)
        assert (painted.classes == NO_DATA_CLASS).all()
        assert painted.legend[-1].label == "规则方案读不出，不能判定"


def test_an_unknown_rule_is_refused_with_those_that_there_are(
    town: gpd.GeoDataFrame, judged: Judgement
) -> None:
    with pytest.raises(PolicyError, match=r"没有可判定的规则“fairness”.*build_date"):
        paint(town, "verdict:fairness", judgement=lambda: judged)


def test_other_themes_do_not_judge(town: gpd.GeoDataFrame) -> None:
    def judging() -> Judgement:
        raise AssertionError("judged for nothing")

    assert paint(town, "households", judgement=judging).classes.shape == (3,)


@pytest.mark.parametrize("eye", BLIND)
def test_the_three_colours_are_apart_for_every_eye_and_in_grey(eye: str) -> None:
    labs = [lab(color, np.asarray(BLIND[eye])) for color in COLORS]
    for one, other in itertools.combinations(labs, 2):
        assert np.linalg.norm(one - other) > 30
        # Grey print keeps the lightness only.
        assert abs(one[0] - other[0]) > 15


def test_a_sheet_prints_the_signs_beside_the_names(
    town: gpd.GeoDataFrame, judged: Judgement, tmp_path: Path
) -> None:
    import datetime as dt

    compounds = town.assign(
        pianqu_uid=None,
        boundary_state="导入",
        floor_area_m2=1.0,
        building_count=pd.array([1, 1, 1], dtype="Int64"),
        **dict.fromkeys(MONEY, pd.array([0, 0, 0], dtype="Int64")),
    )
    content = SheetContent(
        title="准入图",
        compounds=compounds,
        painted=paint(compounds, "verdict:build_date", judgement=lambda: judged),
        zone=plan_zone(compounds.geometry),
        plan_name="准入图",
        revision=1,
        maker="甲局",
        made_on=dt.date(2026, 11, 21),
    )
    text = PdfReader(draw_sheet(content, tmp_path / "图.pdf").path).pages[0].extract_text()
    for words in ("✓ 符合", "? 需论证", "× 不符合", "✓ 甲", "× 乙", "? 丙", "三(一)"):
        assert words in text, words
    assert "〓" not in text


MONEY = (
    "investment_yuan",
    "grant_central_yuan",
    "grant_provincial_yuan",
    "grant_city_yuan",
    "grant_district_yuan",
    "contribution_residents_yuan",
    "contribution_utilities_yuan",
    "contribution_former_owner_yuan",
    "contribution_private_yuan",
    "contribution_bond_yuan",
)


def lab(color: str, seen: np.ndarray) -> np.ndarray:
    rgb = np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(seen @ linear, 0, 1)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
